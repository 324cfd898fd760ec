"""Where Items lie: partitions, their constraints and statistics, collections of others."""

import json
import re
from datetime import timedelta

from swath.domain.item import timestamp
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect
from tests.integration.loading import FIRST, GRD, item, partitioned, searched


def test_a_constraint_that_pgstac_tightened_is_widened(catalogue: Catalogue) -> None:
    database = catalogue.connection
    partitioned(database, "month")
    catalogue.settle([item("S1A_0")], [])
    partition, *_ = (
        database.execute(
            "SELECT partition FROM pgstac.partition_stats WHERE collection = %s", [GRD]
        ).fetchone()
        or ()
    )
    database.execute("SELECT pgstac.update_partition_stats(%s)", [partition])

    late = item("S1A_2")
    late["properties"]["end_datetime"] = timestamp(FIRST + timedelta(days=200))
    catalogue.settle([item("S1A_1", FIRST + timedelta(days=3)), late], [])

    assert len(searched(database)) == 3
    assert len(searched(database, datetime="2024-06-01T00:00:00Z/..")) == 1
    found = database.execute(
        "SELECT convalidated FROM pg_constraint WHERE conname = %s", [f"{partition}_dt"]
    )
    assert found.fetchall() == [(True,)]


def test_a_search_leaves_out_partitions_that_end_before_its_time(catalogue: Catalogue) -> None:
    database = catalogue.connection
    partitioned(database, "month")
    catalogue.settle([item(f"S1A_{n}", FIRST + timedelta(days=31 * n)) for n in range(12)], [])

    plan = database.execute("""
        EXPLAIN SELECT FROM pgstac.items WHERE collection = 'sentinel-1-grd'
        AND datetime <= '2024-09-30' AND end_datetime >= '2024-09-01'
    """).fetchall()

    read = {name for (line,) in plan for name in re.findall(r"on (_items_\d+_\d{6})\b", line)}
    # September, and August, which reaches into it.
    assert {name[-2:] for name in read} == {"08", "09"}, plan


def test_statistics_of_partitions_say_what_pgstac_would_count(catalogue: Catalogue) -> None:
    database = catalogue.connection
    partitioned(database, "month")
    for n in range(5):
        catalogue.settle([item(f"S1A_{n}", FIRST + timedelta(days=20 * n))], [])
    query = """
        SELECT partition, dtrange, edtrange, st_astext(st_envelope(spatial))
        FROM pgstac.partition_stats WHERE collection = 'sentinel-1-grd' ORDER BY partition
    """
    ours = database.execute(query).fetchall()

    database.execute("SELECT pgstac.collection_extent('sentinel-1-grd', true)")

    assert ours == database.execute(query).fetchall()


def test_collections_of_others_lead_to_no_base_items(catalogue: Catalogue) -> None:
    database = catalogue.connection
    content = {
        "type": "Collection",
        "id": "theirs",
        "stac_version": "1.0.0",
        "description": "x",
        "license": "other",
        "links": [],
        "item_assets": {"data": {"title": "the collection's"}, "more": {"title": "none has it"}},
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]]},
            "temporal": {"interval": [[None, None]]},
        },
    }
    database.execute("SELECT pgstac.create_collection(%s)", [json.dumps(content)])
    catalogue.settle([item("X", collection="theirs")], [])
    database.execute(
        "SELECT pgstac.update_collection(%s)", [json.dumps({**content, "stac_version": "1.1.0"})]
    )
    catalogue.settle([item("Y", collection="theirs")], [])

    for found in searched(database, collections=["theirs"]):
        assert found["stac_version"] == "1.1.0"
        assert found["assets"].keys() == {"data"}
        assert found["assets"]["data"]["title"].startswith('a "b"')
    kept = database.execute(
        "SELECT private #> '{swath,item_assets,more}' FROM pgstac.collections WHERE id = 'theirs'"
    )
    assert kept.fetchone() == ({"title": "none has it"},)


def test_a_collection_takes_the_traces_of_its_items_along(catalogue: Catalogue) -> None:
    catalogue.settle([item("S1A_X")], [])

    catalogue.connection.execute("SELECT pgstac.delete_collection(%s)", [GRD])

    assert catalogue.connection.execute("SELECT FROM swath.products").fetchall() == []


def test_the_quicker_reference_index_is_pgstacs_own_in_all_it_says(database_url: str) -> None:
    own = (
        "SELECT DISTINCT ON (q.id) q.id, i.indexrelid"
        " FROM pgstac.queryables AS q JOIN pg_index AS i"
        " ON i.indrelid = 'pgstac.queryable_index_template'::regclass"
        " JOIN pg_class AS c ON c.oid = i.indexrelid"
        " LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
        " WHERE c.relname = pgstac.reference_index_name(q) OR a.attname = q.name"
        " ORDER BY q.id, i.indnatts"
    )
    quicker = (
        "SELECT q.id, pgstac.reference_index(q)::oid FROM pgstac.queryables AS q"
        " WHERE pgstac.reference_index(q) IS NOT NULL"
    )
    with connect(database_url) as connection:
        found = connection.execute(quicker).fetchall()

        assert len(found) > 10
        assert set(found) == set(connection.execute(own).fetchall())
