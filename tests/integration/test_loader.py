"""Items into pgSTAC: what is stored and told, and what others that write at once cannot break."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods

from swath.domain.item import timestamp
from swath.domain.ledger import Reason, State
from swath.errors import ConflictError
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect
from swath.pgstac.items import Loaded
from swath.pgstac.ledger import Wanted
from swath.pgstac.products import ItemKey, adopt_items
from tests.integration.loading import (
    FIRST,
    GRD,
    entry,
    events,
    item,
    partitioned,
    searched,
    square,
    without_times,
)

POLICIES = (None, "month", "year")


@pytest.mark.parametrize("policy", POLICIES)
def test_stock_search_answers_alike_for_our_loader_and_for_pgstacs(
    new_database: Callable[[], str], policy: str | None
) -> None:
    items = [
        item(f"S1A_{n}", FIRST + timedelta(days=40 * n), number=n, nothing=None) for n in range(12)
    ]
    items.append({**item("S1A_world"), "geometry": None})
    items[1]["geometry"] = {
        "type": "MultiPolygon",
        "coordinates": [square(3)["coordinates"], square(8)["coordinates"]],
    }
    items[2]["geometry"] = {"type": "Point", "coordinates": [1.5, 2, 30]}
    items[3]["geometry"] = {
        "type": "GeometryCollection",
        "geometries": [square(20), {"type": "LineString", "coordinates": [[0, 1], [2, 3]]}],
    }
    answers = []
    for ours in (True, False):
        url = new_database()
        with connect(url) as database:
            partitioned(database, policy)
            if ours:
                Catalogue(lambda: database).settle(items, [])
            else:
                Loader(PgstacDB(connection=database)).load_items(iter(items), Methods.upsert)
            answers.append(
                [
                    [without_times(found) for found in searched(database, **asked)]
                    for asked in (
                        {},
                        {"sortby": [{"field": "datetime", "direction": "asc"}]},
                        {"datetime": "2024-03-01T00:00:00Z/2024-09-01T00:00:00Z"},
                        {"bbox": [9.5, 44, 12, 47]},
                        {"filter": {"op": ">", "args": [{"property": "number"}, 6]}},
                        {"ids": ["S1A_3"]},
                    )
                ]
            )

    assert answers[0] == answers[1]
    assert [len(found) for found in answers[0]][:2] == [13, 13]


def test_item_ledger_row_product_and_event_are_written_together(catalogue: Catalogue) -> None:
    made = item("S1A_X")
    made["properties"]["swath:uuid"] = "f64f1f7c-1d5f-4b3e-8b5c-3f8a5f3f6a11"

    catalogue.settle([made], [entry(made)])

    database = catalogue.connection
    assert [found["id"] for found in searched(database)] == ["S1A_X"]
    assert catalogue.ledger(Wanted())[0].state is State.CATALOGUED
    assert events(database) == [("S1A_X", "created", 1)]
    found = database.execute("SELECT uuid::text, revision, datetime FROM swath.products").fetchone()
    assert found == ("f64f1f7c-1d5f-4b3e-8b5c-3f8a5f3f6a11", 1, FIRST)


def test_the_same_again_changes_nothing_and_tells_nobody(catalogue: Catalogue) -> None:
    made = item("S1A_X")
    catalogue.settle([made], [entry(made)])
    before = searched(catalogue.connection)

    settled = catalogue.settle([made], [entry(made)])

    assert not settled.refused
    assert not settled.stale
    assert searched(catalogue.connection) == before
    assert events(catalogue.connection) == [("S1A_X", "created", 1)]


def test_an_item_that_somebody_deleted_past_us_is_written_again(catalogue: Catalogue) -> None:
    made = item("S1A_X")
    catalogue.settle([made], [])
    catalogue.connection.execute("DELETE FROM pgstac.items")

    catalogue.settle([made], [])

    assert [found["id"] for found in searched(catalogue.connection)] == ["S1A_X"]


def test_an_item_that_moves_to_another_partition_is_one_item(catalogue: Catalogue) -> None:
    partitioned(catalogue.connection, "month")
    for months in range(3):
        catalogue.settle([item("S1A_X", FIRST + timedelta(days=60 * months))], [])

    (found,) = searched(catalogue.connection)
    assert found["properties"]["datetime"] == timestamp(FIRST + timedelta(days=120))
    assert [event[1:] for event in events(catalogue.connection)] == [
        ("created", 1),
        ("modified", 2),
        ("modified", 3),
    ]


def test_an_item_made_of_older_objects_does_not_take_the_place_of_a_newer(
    catalogue: Catalogue,
) -> None:
    new, old = item("S1A_X", note="new"), item("S1A_X", note="old")
    catalogue.settle([new], [entry(new, FIRST + timedelta(seconds=5), "two.zip")])

    settled = catalogue.settle([old], [entry(old, FIRST, "one.zip")])

    assert settled.stale == {ItemKey(GRD, "S1A_X")}
    assert searched(catalogue.connection)[0]["properties"]["note"] == "new"
    (row,) = catalogue.ledger(Wanted(keys=["one.zip"]))
    assert (row.state, row.reason) == (State.SUPERSEDED, Reason.REPLACED)
    (row,) = catalogue.ledger(Wanted(keys=["two.zip"]))
    assert row.state is State.CATALOGUED


BAD: dict[str, dict[str, Any]] = {
    "nul": {"properties": {"datetime": timestamp(FIRST), "title": "a\0b"}},
    "surrogate": {"properties": {"datetime": timestamp(FIRST), "title": "\ud800"}},
    "no-time": {"properties": {"datetime": None}},
    "backwards": {
        "properties": {
            "start_datetime": timestamp(FIRST + timedelta(1)),
            "end_datetime": timestamp(FIRST),
        }
    },
    "open-ring": {
        "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 1]]]}
    },
    "nan": {"geometry": {"type": "Point", "coordinates": [float("nan"), 1]}},
    "no-shape": {"geometry": {"type": "Circle", "coordinates": [1, 2]}},
    "nobody": {"collection": "no-such-collection"},
    "cloudy": {"properties": {"datetime": timestamp(FIRST), "sat:relative_orbit": "many"}},
}


def test_items_that_cannot_be_stored_are_named_and_their_neighbours_are_stored(
    catalogue: Catalogue,
) -> None:
    good = [item(f"S1A_{n}") for n in range(20)]
    bad = [{**item(name), **broken} for name, broken in BAD.items()]
    items = [*good, *bad]
    items.sort(key=lambda i: str(i["id"])[::-1])

    settled = catalogue.settle(items, [entry(i) for i in items])

    named = {key.item_id: error for key, error in settled.refused.items()}
    assert named.keys() == BAD.keys()
    assert {
        name: error.reason for name, error in named.items() if name != "nobody"
    } == dict.fromkeys(BAD.keys() - {"nobody"}, Reason.INVALID_ITEM)
    assert named["nobody"].reason is Reason.NO_COLLECTION
    assert {found["id"] for found in searched(catalogue.connection)} == {i["id"] for i in good}
    rows = catalogue.ledger(Wanted(state=State.QUARANTINED))
    assert {row.object.key for row in rows} == {f"{name}.zip" for name in BAD}
    assert all(row.detail for row in rows)


def test_a_large_batch_is_taken_in_parts_and_yet_all_or_nothing(catalogue: Catalogue) -> None:
    items = [item(f"S1A_{n:03}") for n in range(180)]
    refused = {**item("S1A_999"), "properties": BAD["cloudy"]["properties"]}

    def never(_loaded: Loaded, _refused: object) -> None:
        raise ConflictError("said at the end")

    with pytest.raises(ConflictError):
        catalogue.settle(items, [], check=never)
    assert searched(catalogue.connection) == []
    assert events(catalogue.connection) == []

    settled = catalogue.settle([*items, refused], [entry(i) for i in [*items, refused]])

    assert {key.item_id for key in settled.refused} == {"S1A_999"}
    assert {found["id"] for found in searched(catalogue.connection)} == {i["id"] for i in items}
    assert events(catalogue.connection) == [(i["id"], "created", 1) for i in items]


def test_an_item_that_was_written_past_us_is_replaced_and_not_doubled(catalogue: Catalogue) -> None:
    database = catalogue.connection
    stock = item("S1A_X", created="2020-01-01T00:00:00Z")
    database.execute("SELECT pgstac.create_item(%s)", [json.dumps(stock)])

    catalogue.settle([item("S1A_X", note="ours")], [])

    (found,) = searched(database)
    assert found["properties"]["note"] == "ours"
    assert found["properties"]["created"] == "2020-01-01T00:00:00.000000Z"


def test_items_that_were_written_past_us_are_adopted(catalogue: Catalogue) -> None:
    database = catalogue.connection
    partitioned(database, "month")
    for n in range(3):
        stock = item(f"S1A_{n}", FIRST + timedelta(days=40 * n))
        database.execute("SELECT pgstac.create_item(%s)", [json.dumps(stock)])

    assert adopt_items(database) == 3
    assert adopt_items(database) == 0
    catalogue.settle([item("S1A_0", FIRST + timedelta(days=200))], [])

    assert len(searched(database)) == 3


@pytest.mark.parametrize("spread_days", [0, 40])
def test_writers_of_the_same_and_of_new_months_lose_and_double_nothing(
    database_url: str, spread_days: int
) -> None:
    writers, batches, size = 4, 4, 6
    with connect(database_url) as database:
        partitioned(database, "month")

    def write(writer: int) -> int:
        catalogue = Catalogue(lambda: connect(database_url))
        for batch in range(batches):
            # One id of each batch is everybody's, each time in another month.
            shared = item(
                "S1A_shared", FIRST + timedelta(days=spread_days * (writer + batch)), by=writer
            )
            own = [
                item(
                    f"S1A_{writer}_{batch}_{n}", FIRST + timedelta(days=spread_days * n), by=writer
                )
                for n in range(size)
            ]
            catalogue.settle([*own, shared], [entry(i) for i in own])
        catalogue.close()
        return batches * size

    with ThreadPoolExecutor(writers) as pool:
        written = sum(pool.map(write, range(writers)))

    with connect(database_url) as database:
        query = "SELECT count(*), count(DISTINCT id) FROM pgstac.items"
        assert database.execute(query).fetchone() == (written + 1, written + 1)
        told = database.execute("SELECT count(*) FROM swath.outbox WHERE type = 'created'")
        assert told.fetchone() == (written + 1,)
        assert len(searched(database)) == written + 1
