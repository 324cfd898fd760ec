"""How many Items match, by what the database knows of its tables, or does not know yet."""

from collections.abc import Callable
from datetime import timedelta

import asyncpg
import orjson
import pytest

from swath.domain.query import Query
from swath.pgstac.connection import connect
from swath.pgstac.search import asked_of_pgstac
from swath.pgstac.statements import statement
from tests.api.catalogue import FIRST, item, load

MANY = 1500


@pytest.mark.parametrize("analysed", [False, True])
async def test_many_are_estimated_whether_the_table_was_analysed_or_not(
    new_database: Callable[[], str], *, analysed: bool
) -> None:
    url = new_database()
    load(url, [item(f"{n}", west=-170 + 340 * n / MANY) for n in range(MANY)])
    if analysed:
        with connect(url) as connection:
            connection.execute("ANALYZE pgstac.items")
    asked = orjson.dumps(asked_of_pgstac(Query(bbox=(-180.0, -90.0, 0.0, 90.0)))).decode()

    asking = await asyncpg.connect(url)
    found = await asking.fetchrow(statement("count_items"), asked, 0.0)
    exact = await asking.fetchrow(statement("count_items"), asked, 1e9)
    await asking.close()

    assert (exact["estimated"], found["estimated"]) == (False, True)
    assert found["matched"] == pytest.approx(exact["matched"], rel=0.2)


async def test_a_period_is_found_by_one_index_with_an_area_and_expected_as_one_range(
    new_database: Callable[[], str],
) -> None:
    url = new_database()
    moments = [FIRST + timedelta(hours=7919 * n % MANY) for n in range(MANY)]
    load(
        url,
        [item(f"{n}", west=-170 + 340 * n / MANY, moment=at) for n, at in enumerate(moments)],
    )
    with connect(url) as connection:
        connection.execute("ANALYZE pgstac.items")
    until = (FIRST + timedelta(hours=100)).isoformat()
    query = Query(bbox=(10.0, 40.0, 50.0, 50.0), datetime=f"{FIRST.isoformat()}/{until}")
    asked = orjson.dumps(asked_of_pgstac(query)).decode()

    middle = (FIRST + timedelta(hours=at) for at in (700, 800))
    month = Query(datetime="/".join(moment.isoformat() for moment in middle))
    period = orjson.dumps(asked_of_pgstac(month)).decode()

    asking = await asyncpg.connect(url)
    condition = await asking.fetchval("SELECT swath.condition($1::text::jsonb)", asked)
    await asking.execute("SET search_path = pgstac, public")
    plan = await asking.fetch(f"EXPLAIN SELECT FROM pgstac.items WHERE {condition}")
    exact = await asking.fetchrow(statement("count_items"), period, 1e9)
    expected = await asking.fetchval(statement("estimate"), period)
    await asking.close()

    assert exact["matched"] == 101
    assert expected == pytest.approx(exact["matched"], rel=0.3)
    assert any("geometry_tstzrange_idx" in line for (line,) in plan), plan
