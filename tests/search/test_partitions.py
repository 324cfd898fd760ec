"""Partitions: searches look into those that may hold what is asked for, and into no other."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from swath.domain.item import timestamp
from swath.domain.query import Query, SortKey
from swath.pgstac.migrate import MIGRATIONS
from swath.pgstac.search import find, find_item
from tests.api.catalogue import FIRST, item
from tests.search.conftest import ALL, MONTHLY

# Partitions of Items that this transaction has looked into, or made ready to.
LOOKED_INTO = """
    SELECT array_agg(DISTINCT c.relname::text)
    FROM pg_locks AS l JOIN pg_class AS c ON c.oid = l.relation
    WHERE l.pid = pg_backend_pid() AND c.relkind = 'r' AND c.relname ~ '^_items_'
"""


@pytest.fixture
async def changing(connection: asyncpg.Connection) -> AsyncIterator[asyncpg.Connection]:
    """The connection in a transaction that is undone."""
    transaction = connection.transaction()
    await transaction.start()
    yield connection
    await transaction.rollback()


@pytest.mark.parametrize("order", [(), (SortKey("datetime"),), (SortKey("eo:cloud_cover"),)])
async def test_a_month_is_looked_for_in_its_partition(
    changing: asyncpg.Connection, order: tuple[SortKey, ...]
) -> None:
    march = "2024-03-01T00:00:00Z/2024-03-31T00:00:00Z"
    query = Query(collections=(MONTHLY,), datetime=march, sortby=order)

    found = (await find(changing, query)).items

    assert found
    (looked_into,) = await changing.fetchval(LOOKED_INTO)
    assert looked_into.endswith("_202403")


@pytest.mark.parametrize("descending", [True, False])
async def test_a_short_page_is_looked_for_in_few_partitions(
    changing: asyncpg.Connection, descending: bool
) -> None:
    order = (SortKey("datetime", descending=descending),)

    await find(changing, Query(collections=(MONTHLY,), sortby=order, limit=2))

    (looked_into,) = await changing.fetchval(LOOKED_INTO)
    assert looked_into.endswith("_202405" if descending else "_202401")


async def test_an_item_is_looked_for_in_its_partition(changing: asyncpg.Connection) -> None:
    # Often enough for plans to be kept.
    for number in (3, 4, 5, 3, 4, 5, 3, 4, 5):
        assert await find_item(changing, MONTHLY, f"S2A_MSIL1C_{number:04d}", "https://hub.test")

    assert len(await changing.fetchval(LOOKED_INTO)) == 1


async def test_an_item_that_reaches_into_a_period_is_found_whoever_wrote_it(
    changing: asyncpg.Connection,
) -> None:
    long = item("long", MONTHLY, moment=FIRST)
    long["properties"]["end_datetime"] = timestamp(FIRST + timedelta(days=400))
    await changing.execute("SELECT pgstac.create_item($1::text::jsonb)", json.dumps(long))
    after_all_others = Query(collections=(MONTHLY,), datetime="2025-01-01T00:00:00Z/..")

    found = (await find(changing, after_all_others)).items

    assert [each["id"] for each in found] == ["long"]


async def test_how_far_items_reach_that_were_there_before(changing: asyncpg.Connection) -> None:
    reach = "SELECT partition, dtrange, edtrange FROM pgstac.partition_stats ORDER BY 1"
    told = await changing.fetch(reach)
    _, _, looking = (MIGRATIONS / "0032_reach_of_partitions.sql").read_text().partition("\nDO ")

    await changing.execute("UPDATE pgstac.partition_stats SET dtrange = NULL, edtrange = NULL")
    await changing.execute(f"DO {looking}")

    assert told
    assert await changing.fetch(reach) == told


async def test_a_period_in_which_there_is_nothing(connection: asyncpg.Connection) -> None:
    before = Query(datetime="1990-01-01T00:00:00Z/1991-01-01T00:00:00Z")
    monthly = Query(collections=(MONTHLY,), datetime=before.datetime)

    assert (await find(connection, before)).items == []
    assert (await find(connection, monthly)).items == []


async def test_partitions_of_all_sizes_in_one_search(connection: asyncpg.Connection) -> None:
    newest = await find(connection, Query(collections=tuple(ALL), limit=1000))
    oldest = await find(connection, Query(sortby=(SortKey("datetime"),), limit=1000))

    moments = [each["properties"]["datetime"] for each in newest.items]
    assert moments == sorted(moments, reverse=True)
    assert {each["id"] for each in newest.items} == {each["id"] for each in oldest.items}
