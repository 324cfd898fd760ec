"""Writers without a bucket: a handler for processes of the rig that gives ready Items to the
catalogue, as many and as fast as it can.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from swath import runtime
from swath.domain.ledger import DroppedObject, LedgerRow, State
from swath.pgstac.ledger import Entry
from tests.faults.products import COLLECTION, moments, months, ready_item

HANDLER = "tests.faults.loading:load"
AGAIN = "tests.faults.loading:load_again"
COPIES = 50
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)


def load(event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Settles Items number `first` to `first + count`, spread over `months`, as of `revision`."""
    every = months(event["months"]) if event["months"] else moments(event["count"])
    revision = event["revision"]
    names = [f"n{event['first'] + n:06d}" for n in range(event["count"])]
    items = [
        json.loads(ready_item(name, revision=revision, moment=every[n % len(every)]))
        for n, name in enumerate(names)
    ]
    runtime.catalogue().settle(items, [_entry(name, revision) for name in names])
    return {"count": len(names)}


def load_again(event: dict[str, Any], _context: Any) -> dict[str, int]:
    """Settles one Item so many times, each time anew, from `revision` on; COPIES products describe
    it by turns.
    """
    for revision in range(event["revision"], event["revision"] + event["count"]):
        item = json.loads(ready_item("one", revision=revision))
        key = f"copy{revision % COPIES}/one.json"
        runtime.catalogue().settle([item], [_entry("one", revision, key)])
    return {"count": event["count"]}


def _entry(name: str, revision: int, key: str = "") -> Entry:
    modified = EPOCH + timedelta(seconds=revision)
    thing = DroppedObject("rig", key or f"{name}.json", f"r{revision}", 1, modified)
    row = LedgerRow(thing, State.CATALOGUED, collection=COLLECTION, item_id=name)
    return Entry(row, thing.key)
