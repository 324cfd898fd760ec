"""Much at once: a herd of drops, a full dead-letter queue, a bucket of a million keys (F-26, F-27,
I-30).
"""

import os
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from swath.domain.ledger import DroppedObject
from swath.local.inbox import redrive_messages
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect
from swath.services.reconcile import requeue_unsettled
from tests.faults.invariants import differences
from tests.faults.products import COLLECTION, moments, ready_item
from tests.faults.proxy import Fault, Kind
from tests.faults.rig import Rig

type Report = Callable[[object], None]

HERD = int(os.environ.get("HERD") or 5_000)
DEAD = int(os.environ.get("DEAD") or 10_000)
KEYS = int(os.environ.get("KEYS") or 1_000_000)


@pytest.mark.faults
def test_a_herd_of_products_is_catalogued(rig: Rig, report: Report) -> None:
    when = moments(HERD)
    names = [f"h{n:05d}" for n in range(HERD)]
    objects = {f"{n}.json": ready_item(n, moment=m) for n, m in zip(names, when, strict=True)}
    poller = rig.poller(concurrency=4)

    begun = time.monotonic()
    with poller.running():
        rig.put_all(objects, at_once=8)
        dropped = time.monotonic() - begun
    told = poller.drain(patience_s=600)
    took = (told.last_ack or begun) - begun

    report(f"{HERD} products dropped in {dropped:.0f} s, all searchable after {took:.0f} s")
    world = rig.assert_whole({(COLLECTION, name) for name in names})
    assert world.dead == 0


@pytest.mark.faults
def test_messages_that_died_of_an_outage_are_driven_back(
    new_rig: Callable[..., Rig], report: Report, tmp_path: Path
) -> None:
    rig = new_rig(most_receives=1, visibility_s=1)
    when = moments(DEAD)
    names = [f"d{n:05d}" for n in range(DEAD)]
    objects = {f"{n}.json": ready_item(n, moment=m) for n, m in zip(names, when, strict=True)}
    with rig.database.failing(Fault(Kind.REFUSE)):
        rig.put_all(objects, at_once=8)
        poller = rig.poller(concurrency=4)
        with poller.running():
            while rig.waiting(rig.dead_queue) < DEAD:
                time.sleep(0.5)

    # Who was slow because of the outage shall not be taken for dead again.
    rig.sqs.set_queue_attributes(QueueUrl=rig.queue, Attributes={"VisibilityTimeout": "360"})
    live, fresh = rig.poller(concurrency=4), list[float]()
    begun = time.monotonic()
    with live.running(), ThreadPoolExecutor(1) as pool:
        driven = pool.submit(redrive_messages, rig.hub(tmp_path))
        while live.left() or not driven.done():
            fresh.append(_seconds_to_searchable(rig, f"live{len(fresh)}"))
    took = time.monotonic() - begun

    report(
        f"{driven.result()} driven back and settled in {took:.0f} s;"
        f" {len(fresh)} products dropped meanwhile took at most {max(fresh):.1f} s"
    )
    assert driven.result() == DEAD
    assert max(fresh) < 10
    world = rig.assert_whole({(COLLECTION, name) for name in names})
    assert world.dead == 0


def _seconds_to_searchable(rig: Rig, name: str) -> float:
    begun = time.monotonic()
    rig.put(f"{name}.json", ready_item(name))
    with connect(rig.database_url) as connection:
        query = "SELECT count(*) FROM pgstac.items WHERE id = %s"
        while connection.execute(query, [name]).fetchone() == (0,):
            time.sleep(0.05)
    return time.monotonic() - begun


def _keys(count: int) -> Iterator[DroppedObject]:
    when = datetime(2024, 1, 1, tzinfo=UTC)
    for n in range(count):
        yield DroppedObject("inbox", f"k{n:08d}.json", f"{n:032x}", 1, when)


@pytest.mark.parametrize(
    "count", [pytest.param(5_000, id="few"), pytest.param(KEYS, marks=pytest.mark.faults)]
)
def test_comparing_a_bucket_with_the_ledger_takes_little_memory_and_writes_nothing(
    rig: Rig, report: Report, count: int
) -> None:
    catalogue = Catalogue(lambda: connect(rig.database_url))
    before, sent = rig.world(), 0

    def send(messages: Sequence[str]) -> None:
        nonlocal sent
        sent += len(messages)

    tracemalloc.start()
    requeue_unsettled(_keys(count), catalogue=catalogue, send=send)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    catalogue.close()

    report(f"{count} keys, {peak / 1e6:.1f} MB at most")
    assert sent == count
    assert peak < 20_000_000
    assert differences(before, rig.world()) == []
