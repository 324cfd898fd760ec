"""Many writers at once: on one partition, over new months, on one Item (F-13)."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from swath.domain.ledger import State
from swath.pgstac.connection import connect
from tests.faults.invariants import (
    each_event_is_told_once,
    ids_are_unique,
    lost_and_duplicated,
    products_are_the_items,
    the_outbox_tells_what_is,
)
from tests.faults.loading import AGAIN, HANDLER
from tests.faults.products import COLLECTION
from tests.faults.rig import Rig

ITEMS = int(os.environ.get("ITEMS") or 50_000)
WRITERS = 8
BATCH = 100
CHECKS = (
    ids_are_unique,
    products_are_the_items,
    the_outbox_tells_what_is,
    each_event_is_told_once,
)


def write(rig: Rig, events: Sequence[dict[str, Any]], handler: str = HANDLER) -> list[str]:
    """Has eight processes write; returns the errors that came out of them."""
    rest, lock, errors = iter(events), threading.Lock(), list[str]()

    def serve() -> None:
        worker = rig.worker()
        while True:
            with lock:
                event = next(rest, None)
            if event is None:
                break
            outcome = worker.invoke(handler, event, timeout_s=120)
            if outcome.error or outcome.died:
                errors.append(outcome.error or "died")
                worker = worker if worker.alive else rig.worker()
        worker.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        for served in [pool.submit(serve) for _ in range(WRITERS)]:
            served.result()
    return errors


@pytest.fixture
def rig(new_rig: Callable[..., Rig]) -> Rig:
    """Nothing fails but by what the writers do to each other."""
    return new_rig(proxied=False)


@contextmanager
def searching(rig: Rig) -> Iterator[list[str]]:
    """Searches all the while; what went wrong is in the list."""
    errors, over = list[str](), threading.Event()

    def search() -> None:
        with connect(rig.database_url) as connection:
            while not over.wait(0.05):
                try:
                    connection.execute("SELECT pgstac.search('{\"limit\": 5}')").fetchone()
                except psycopg.Error as error:
                    errors.append(f"{type(error).__name__}: {error}")

    with ThreadPoolExecutor(1) as pool:
        searched = pool.submit(search)
        yield errors
        over.set()
        searched.result()


def batches(count: int, months: int) -> list[dict[str, Any]]:
    return [
        {"first": first, "count": BATCH, "months": months, "revision": 1}
        for first in range(0, count, BATCH)
    ]


def assert_loaded(rig: Rig, count: int) -> None:
    world = rig.world()
    assert [said for check in CHECKS for said in check(world)] == []
    expected = {(COLLECTION, f"n{number:06d}") for number in range(count)}
    assert lost_and_duplicated(world, expected) == (0, 0)
    assert len(world.ledger) == len(world.items) == count


@pytest.mark.parametrize(
    ("count", "months"),
    [
        pytest.param(ITEMS, 0, id="one partition", marks=pytest.mark.faults),
        pytest.param(ITEMS, 60, id="60 new months", marks=pytest.mark.faults),
        pytest.param(800, 3, id="few"),
    ],
)
def test_writers_lose_nothing_and_fail_nowhere(
    rig: Rig, report: Callable[[object], None], count: int, months: int
) -> None:
    begun = time.monotonic()
    with searching(rig) as failed_searches:
        errors = write(rig, batches(count, months))
    took = time.monotonic() - begun

    each = f"{count / took:.0f} Items/s, {len(errors)} errors"
    report(f"{count} Items over {months or 1} months by {WRITERS} writers: {each}")
    assert errors == []
    assert failed_searches == []
    assert_loaded(rig, count)


@pytest.mark.parametrize(
    "count",
    # They write one after another, each in a transaction of its own.
    [pytest.param(80, id="few"), pytest.param(ITEMS // 5, marks=pytest.mark.faults)],
)
def test_writers_of_one_item_leave_the_newest(
    rig: Rig, report: Callable[[object], None], count: int
) -> None:
    each = min(BATCH, count // WRITERS)
    events = [{"count": each, "revision": first} for first in range(1, count + 1, each)]
    begun = time.monotonic()
    errors = write(rig, events, AGAIN)
    took = time.monotonic() - begun

    report(f"one Item {count} times by {WRITERS} writers: {count / took:.0f}/s")
    world = rig.world()
    assert errors == []
    assert [said for check in CHECKS for said in check(world)] == []
    (item,) = world.items
    assert item["properties"]["rig:revision"] == count
    assert Counter(row.state for row in world.ledger) == {
        State.CATALOGUED: 1,
        State.SUPERSEDED: count - 1,
    }


@pytest.mark.faults
def test_writers_of_the_same_items_leave_the_newest_of_each(
    rig: Rig, report: Callable[[object], None]
) -> None:
    """Each batch moves them to another month, and says something else of them."""
    events = [
        {"first": 0, "count": BATCH, "months": revision % 7, "revision": revision}
        for revision in range(1, ITEMS // BATCH + 1)
    ]
    begun = time.monotonic()
    errors = write(rig, events)
    took = time.monotonic() - begun

    report(f"{BATCH} Items {len(events)} times by {WRITERS} writers: {ITEMS / took:.0f} Items/s")
    world = rig.world()
    assert errors == []
    assert [said for check in CHECKS for said in check(world)] == []
    assert {item["properties"]["rig:revision"] for item in world.items} == {len(events)}
    assert len(world.items) == BATCH
