"""Extents of collections follow Items: replaced by the first, widened by all later ones."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from swath.domain.item import Item
from swath.pgstac.connection import connect
from swath.pgstac.extent import box_of, widen_extents
from swath.pgstac.rows import extent_of
from tests.api.catalogue import FIRST, item
from tests.api.test_seed import collection, collection_of_an_operator

GRD = "sentinel-1-grd"


def at(west: float, south: float, day: int = 0, collection_id: str = GRD) -> Item:
    return item(
        f"{west}_{south}_{day}", collection_id, moment=FIRST + timedelta(days=day),
        west=west, south=south,
    )  # fmt: skip


def widen(connection: psycopg.Connection, items: Iterable[Item]) -> None:
    widen_extents(connection, map(extent_of, items))


def extent(connection: psycopg.Connection, collection_id: str = GRD) -> tuple[Any, Any]:
    found = collection(connection, collection_id)["extent"]
    return found["spatial"]["bbox"], found["temporal"]["interval"]


def test_the_first_items_replace_the_extent_of_the_mission(database_url: str) -> None:
    with connect(database_url) as connection:
        assert extent(connection) == ([[-180, -90, 180, 90]], [["2014-10-03T00:00:00Z", None]])

        widen(connection, [at(10, 45), at(20, 50, 3)])

        assert extent(connection) == (
            [[10, 45, 21, 51]],
            [["2024-01-01T00:00:00.000000Z", "2024-01-04T00:00:00.000000Z"]],
        )


def test_later_items_widen_it(database_url: str) -> None:
    with connect(database_url) as connection:
        widen(connection, [at(10, 45)])
        widen(connection, [at(8, 46, -1)])
        widen(connection, [at(9, 45)])

        assert extent(connection) == (
            [[8, 45, 11, 47]],
            [["2023-12-31T00:00:00.000000Z", "2024-01-01T00:00:00.000000Z"]],
        )


def test_one_statement_widens_several_collections(database_url: str) -> None:
    with connect(database_url) as connection:
        widen(connection, [at(1, 1), at(2, 2, 0, "sentinel-2-l2a"), at(3, 3)])

        assert extent(connection)[0] == [[1, 1, 4, 4]]
        assert extent(connection, "sentinel-2-l2a")[0] == [[2, 2, 3, 3]]


def test_nothing_is_written_when_it_does_not_grow(database_url: str) -> None:
    query = "SELECT xmin::text FROM pgstac.collections WHERE id = %s"
    with connect(database_url) as connection:
        widen(connection, [at(10, 45), at(20, 50, 3)])
        before = connection.execute(query, [GRD]).fetchone()

        widen(connection, [at(15, 47, 2)])

        assert connection.execute(query, [GRD]).fetchone() == before


def test_nobody_waits_when_it_does_not_grow(database_url: str) -> None:
    with connect(database_url) as one, connect(database_url, lock_timeout_s=1) as other:
        widen(one, [at(0, 0), at(20, 20, 3)])
        with one.transaction():
            widen(one, [at(-5, 0)])
            # The row is locked now; an Item within its extent does not care.
            widen(other, [at(5, 5, 1)])


def test_an_extent_of_an_operator_is_widened_but_open_ends_stay_open(database_url: str) -> None:
    with connect(database_url) as connection:
        own = collection_of_an_operator("mine")
        connection.execute("SELECT pgstac.create_collection(%s)", [Jsonb(own)])

        widen(connection, [at(5, 5, 100, "mine"), at(-1, 0, -1, "mine")])

        assert extent(connection, "mine") == (
            [[-1, 0, 6, 6]],
            [["2023-12-31T00:00:00.000000Z", None]],
        )


def test_a_box_across_the_antimeridian_spans_all_longitudes(database_url: str) -> None:
    crossing = at(179.5, 10) | {"bbox": [179.5, 10, -179.5, 11]}

    with connect(database_url) as connection:
        widen(connection, [crossing, at(10, 45)])

        assert extent(connection)[0] == [[-180, 10, 180, 46]]


def test_heights_are_left_out() -> None:
    assert box_of(at(1, 2) | {"bbox": [1, 2, -100, 3, 4, 5000]}) == (1, 2, 3, 4)


def test_items_that_are_nowhere_are_passed_over(database_url: str) -> None:
    with connect(database_url) as connection:
        before = extent(connection)
        widen(connection, [at(1, 1) | {"bbox": None}])

        assert extent(connection) == before


def test_unknown_collections_are_passed_over(database_url: str) -> None:
    with connect(database_url) as connection:
        widen(connection, [at(1, 1, 0, "nobody-knows")])


def test_eight_writers_lose_nothing(database_url: str) -> None:
    """Each widens two collections, in the order that would make them wait for each other."""
    orders = ([GRD, "sentinel-1-slc"], ["sentinel-1-slc", GRD])

    def write(writer: int) -> None:
        with connect(database_url) as connection:
            for step in range(10):
                reach = writer * 10 + step
                names = orders[writer % 2]
                with connection.transaction():
                    widen(connection, [at(-reach, 0, -reach, name) for name in names])
                    widen(connection, [at(reach, 0, reach, name) for name in names])

    run_at_once(write, 8)

    with connect(database_url) as connection:
        for name in orders[0]:
            days = [
                (FIRST + timedelta(days=n)).strftime("%Y-%m-%dT%H:%M:%S.%fZ") for n in (-79, 79)
            ]
            assert extent(connection, name) == ([[-79, 0, 80, 1]], [days])


def run_at_once(work: Callable[[int], None], workers: int) -> None:
    with ThreadPoolExecutor(workers) as pool:
        for finished in [pool.submit(work, worker) for worker in range(workers)]:
            finished.result()


def test_an_extent_grows_while_another_writer_loads_items_of_the_collection(
    database_url: str,
) -> None:
    with connect(database_url) as loader, connect(database_url, lock_timeout_s=1) as widener:
        with loader.transaction():
            # What the foreign key of its Items holds until the writer commits.
            loader.execute("SELECT FROM pgstac.collections WHERE id = %s FOR KEY SHARE", [GRD])

            widen(widener, [at(10, 45)])

        assert extent(widener)[0] == [[10, 45, 11, 46]]
