"""The catalogue as services see it: Items, ledger rows and events commit together, over one
connection that is kept.
"""

import os
import random
import socket
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

import psycopg

from swath.domain.item import Item
from swath.domain.ledger import TERMINAL, DroppedObject, LedgerRow, Reason, State
from swath.errors import DatabaseUnavailableError, LostRaceError, ProductError
from swath.observability import logger
from swath.pgstac import ledger
from swath.pgstac.collection_edits import Content, Outcome, settle_collection
from swath.pgstac.connection import is_crowded, translated
from swath.pgstac.differences import Records, snapshot, take_up
from swath.pgstac.extent import Extent
from swath.pgstac.items import (
    CONFLICTS,
    Loaded,
    RefusedError,
    dated,
    key_of,
    load_items,
)
from swath.pgstac.ledger import Entry, Wanted
from swath.pgstac.outbox import add_events
from swath.pgstac.partitions import (
    Homes,
    Month,
    homes_of,
    make_partitions,
    month_of,
    rooms_for,
    tables,
)
from swath.pgstac.products import (
    AsOf,
    ItemKey,
    Stored,
    adopt_items,
    age_of,
    ages_of,
    stored_items,
)
from swath.pgstac.removals import (
    Removal,
    RemovedObject,
    bury_items,
    copies_of,
    items_of,
    remove_objects,
    reopen_product,
)

type Check = Callable[[Loaded, Mapping[ItemKey, ProductError]], None]

ATTEMPTS = 8
FIRST_PAUSE_S = 0.02


@dataclass(frozen=True)
class Settled:
    """What became of a batch. What is in neither is in the catalogue."""

    refused: Mapping[ItemKey, ProductError]
    # Made of something older than what the catalogue has.
    stale: Set[ItemKey]

    def holds(self, item: object) -> bool:
        """Whether this, if it is an Item of the batch, is what the catalogue has now."""
        if not isinstance(item, dict):
            return False
        return key_of(item) not in self.refused and key_of(item) not in self.stale


class Catalogue:
    """One connection, opened when first needed and again after it broke."""

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection],
        told: Callable[[], None] | None = None,
    ) -> None:
        """`told` is called after each commit that wrote events."""
        self._connect = connect
        self._told = told
        self._open: psycopg.Connection | None = None

    @property
    def connection(self) -> psycopg.Connection:
        """The open connection.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        if self._open is None or self._open.closed or self._open.broken:
            self._open = self._connect()
        return self._open

    def close(self) -> None:
        """Closes the connection, if it is open."""
        if self._open is not None:
            self._open.close()

    def break_off(self) -> None:
        """Ends the connection under a thread that waits for an answer: it is told that the database
        is gone.
        """
        if self._open is not None and not self._open.closed:
            with socket.socket(fileno=os.dup(self._open.fileno())) as held, suppress(OSError):
                held.shutdown(socket.SHUT_RDWR)  # fails when it is gone already

    def make_room(self) -> None:
        """Closes the connection where most of the server's are taken. A function that waits for
        work keeps its own otherwise, while others wait for one.
        """
        if self._open is None or self._open.closed:
            return
        try:
            with translated():
                crowded = is_crowded(self._open)
        except DatabaseUnavailableError:
            crowded = True
        if crowded:
            self._open.close()

    def settle(
        self,
        items: Sequence[Item],
        entries: Sequence[Entry],
        *,
        check: Check | None = None,
        since: Mapping[ItemKey, AsOf] | None = None,
    ) -> Settled:
        """Writes Items, what became of their objects and what is to be told, all or nothing.

        Items that cannot be stored are named, and their objects quarantined; the others are stored.
        Those made of older objects than the catalogue's are superseded. Of Items with one id the
        last stands. A race lost with another writer is run again at once. `check` looks at what was
        loaded and refused before it is kept, and raises what is to undo it. `since` is how new an
        Item counts as, where that is not the age of its objects.

        Raises:
            DatabaseUnavailableError: the database failed; nothing was written.
        """
        as_of = {**ages_of(entries), **(since or {})}
        refused: dict[ItemKey, ProductError] = {}
        once = partial(self._settle_once, entries=entries, as_of=as_of, check=check)
        while True:
            left = [item for item in items if key_of(item) not in refused]
            try:
                return _retried(partial(once, left, refused))
            except RefusedError as error:
                refused[error.key] = error.error

    def _settle_once(
        self,
        items: Sequence[Item],
        refused_before: Mapping[ItemKey, ProductError],
        *,
        entries: Sequence[Entry],
        as_of: Mapping[ItemKey, AsOf],
        check: Check | None,
    ) -> Settled:
        found, refused = dated(items)
        with translated():
            homes = self._homes([one.extent for one in found.values()])
            try:
                with self.connection.transaction():
                    loaded = load_items(self.connection, found, homes, as_of, datetime.now(UTC))
                    refused |= {**loaded.refused, **refused_before}
                    if check:
                        check(loaded, refused)
                    settled = Settled(refused, loaded.stale)
                    ledger.record(self.connection, [_word(entry, settled) for entry in entries])
            except CONFLICTS as conflict:
                # Somebody wrote past us, or tightened a constraint.
                adopt_items(self.connection, found)
                known = [one.extent for key, one in found.items() if key.collection in homes.tables]
                make_partitions(self.connection, rooms_for(known))
                raise LostRaceError(f"{type(conflict).__name__}: {conflict}") from conflict
        if loaded.written and self._told:
            self._told()
        return settled

    def _homes(self, extents: Sequence[Extent]) -> Homes:
        """Where Items go; partitions that are missing are made."""
        months: dict[Month, list[Extent]] = defaultdict(list)
        for extent in extents:
            months[month_of(extent.collection, extent.start)].append(extent)
        homes = homes_of(self.connection, months)
        without = [m for m in months if m.collection in homes.tables and m not in homes.partitions]
        if not without:
            return homes
        make_partitions(self.connection, rooms_for(e for month in without for e in months[month]))
        return homes_of(self.connection, months)

    def settle_collection(self, content: Content, entries: Sequence[Entry]) -> Outcome:
        """Writes a Collection, what became of its objects and what is to be told, all or nothing.

        Raises:
            ProductError: `invalid-item` when the database will never take it.
            DatabaseUnavailableError: the database failed; nothing was written.
        """
        as_of = max(age_of(e.row.object) for e in entries if e.row.state is State.CATALOGUED)
        once = partial(settle_collection, content=content, entries=entries, as_of=as_of)
        outcome = _retried(lambda: once(self.connection))
        if outcome is Outcome.WRITTEN and self._told:
            self._told()
        return outcome

    def item(self, key: ItemKey) -> Stored | None:
        """An Item as it is stored; None when there is none."""
        return self.items(key.collection, [key.item_id]).get(key.item_id)

    def items(self, collection: str, ids: Iterable[str]) -> dict[str, Stored]:
        """Those Items of a collection that are there, by id."""
        with translated():
            return stored_items(self.connection, collection, ids)

    def remove(
        self,
        removals: Sequence[Removal],
        objects: Sequence[RemovedObject] = (),
        *,
        reopened: tuple[str, str] | None = None,
    ) -> list[ItemKey]:
        """Deletes Items, with tombstones and events, and says in the ledger which objects went;
        returns the Items that are gone. `reopened` is the (bucket, product) of a folder that lost
        its manifest alone.

        Raises:
            DatabaseUnavailableError: the database failed; nothing was written.
        """
        return _retried(partial(self._remove_once, removals, objects, reopened))

    def _remove_once(
        self,
        removals: Sequence[Removal],
        objects: Sequence[RemovedObject],
        reopened: tuple[str, str] | None,
    ) -> list[ItemKey]:
        with translated():
            homes = tables(self.connection, (removal.key.collection for removal in removals))
            known = [removal for removal in removals if removal.key.collection in homes]
            with self.connection.transaction():
                events = bury_items(self.connection, known, homes, datetime.now(UTC))
                add_events(self.connection, events)
                remove_objects(self.connection, objects)
                if reopened:
                    reopen_product(self.connection, *reopened)
        if events and self._told:
            self._told()
        return [ItemKey(event.collection, event.item_id) for event in events]

    def items_of(self, bucket: str, product: str) -> list[ItemKey]:
        """The Items that were catalogued from a product."""
        with translated():
            return items_of(self.connection, bucket, product)

    def copies_of(self, key: ItemKey, bucket: str, product: str) -> list[tuple[str, str]]:
        """(bucket, product) of others that describe the same Item, newest first."""
        with translated():
            return copies_of(self.connection, key, bucket, product)

    def replayed(self, objects: Iterable[DroppedObject]) -> None:
        """Notes that somebody asked for objects to be read once more."""
        with translated():
            ledger.replayed(self.connection, objects)

    def snapshot(self) -> AbstractContextManager[Records]:
        """All records as they are at one moment, to be compared."""
        return snapshot(self._connect)

    def take_up(self, keys: Iterable[ItemKey]) -> None:
        """Takes up Items that were written past the loader, or without an event."""
        take_up(self.connection, keys, self.item)

    def settled(
        self, objects: Iterable[DroppedObject], states: Set[State] = TERMINAL
    ) -> set[DroppedObject]:
        """Those objects (these very versions) that stand in one of `states`."""
        asked = list(objects)
        with translated():
            known = ledger.standing(self.connection, asked, states)
        return {o for o in asked if (o.bucket, o.key, o.version) in known}

    def is_closed(self, bucket: str, product: str) -> bool:
        """Whether the object that closes a product folder was read."""
        with translated():
            return ledger.is_closed(self.connection, bucket, product)

    def ledger(self, wanted: Wanted) -> list[LedgerRow]:
        """Ledger rows, newest first."""
        with translated():
            return ledger.select(self.connection, wanted)

    def waiting(self, bucket: str, product: str) -> list[DroppedObject]:
        """Parts of a directory product that arrived but were not there when it was read."""
        with translated():
            return ledger.waiting(self.connection, bucket, product)


def _retried[T](run: Callable[[], T]) -> T:
    """Runs a transaction again that lost a race."""
    for attempt in range(1, ATTEMPTS):
        try:
            return run()
        except LostRaceError as lost:
            logger.info("race lost", extra={"attempt": attempt, "error": str(lost)})
            time.sleep(random.uniform(0, FIRST_PAUSE_S * 2**attempt))  # noqa: S311  no secret
    return run()


def _word(entry: Entry, settled: Settled) -> Entry:
    """The entry, or what it turned into because its Item was not written."""
    row = entry.row
    if row.state is not State.CATALOGUED or not (row.collection and row.item_id):
        return entry
    key = ItemKey(row.collection, row.item_id)
    if error := settled.refused.get(key):
        return replace(
            entry, row=LedgerRow(row.object, State.QUARANTINED, error.reason, error.detail)
        )
    if key in settled.stale:
        detail = "by what the catalogue has already"
        word = replace(row, state=State.SUPERSEDED, reason=Reason.REPLACED, detail=detail)
        return replace(entry, row=word)
    return entry
