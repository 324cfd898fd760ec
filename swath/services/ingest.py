"""Turns dropped objects into Items: one pass per batch of queue messages.

Each object a message names ends with a ledger row: catalogued, quarantined with a reason,
superseded, or received (a directory that is not complete yet). Only messages whose objects could
not be settled come back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from swath.domain.collection import Collection
from swath.domain.events import EventError, read_events
from swath.domain.ledger import DroppedObject, Reason, State
from swath.domain.naming import closes_directory, place_of
from swath.errors import ObjectNotFoundError, ProductError, StoreError, TransientError
from swath.observability import logger
from swath.pgstac.catalogue import Catalogue, Settled
from swath.pgstac.items import key_of
from swath.pgstac.ledger import Entry
from swath.services.batch import Batch, Inbox, ProductKey
from swath.services.entries import as_told, entries_of, entry, last_words, quarantine
from swath.services.ingest_collections import settle_collection
from swath.services.read import Reading, read_product, unreadable_key
from swath.services.removal import settle_removal
from swath.services.reread import read_kept
from swath.services.thumbnail import Gallery, keep_thumbnails
from swath.services.transfer import Transfer, bring, clear_all
from swath.services.whereabouts import whereabouts
from swath.stores.s3 import S3


def ingest_messages(
    messages: Mapping[str, str],
    *,
    inbox: Inbox,
    catalogue: Catalogue,
    gallery: Gallery | None = None,
    transfer: Transfer | None = None,
) -> dict[str, Exception]:
    """Settles every object that the messages (id -> body) name; returns the messages to try again,
    and why. Without a gallery no thumbnails are kept; without a transfer products stay in the
    inbox, and Items tell only where they lie.
    """
    batch = Batch(gallery, transfer, inbox.whole)
    for message_id, body in messages.items():
        _sort(batch, message_id, body, inbox.buckets)
    try:
        _ingest(batch, inbox.store, catalogue)
    except TransientError as error:
        logger.warning("batch not settled", extra={"error": str(error)})
        return dict.fromkeys(messages, error)
    finally:
        catalogue.make_room()
    return batch.failures


def _ingest(batch: Batch, store: S3, catalogue: Catalogue) -> None:
    if not (batch.products or batch.removed or batch.entries):
        return
    _settle_removals(batch, store, catalogue)
    _leave_out_settled(batch, catalogue)
    readings: list[Reading] = []
    for product in list(batch.products):
        readings += _read(batch, product, store, catalogue)
    readings = _without_collections(batch, readings, catalogue)
    readings = _brought(batch, _with_thumbnails(batch, readings), catalogue)
    _settle(batch, readings, catalogue)
    for reading in readings:
        if reading.place.is_directory and reading.result is not None:
            _read_late_parts(batch, reading, store, catalogue)
    if batch.transfer:
        cleared = clear_all(batch.transfer, batch.leftovers, catalogue.connection)
        for left, error in cleared.items():
            batch.fail(left, error)


def _sort(batch: Batch, message_id: str, body: str, inboxes: frozenset[str]) -> None:
    try:
        events = read_events(body)
    except EventError as error:
        thing = DroppedObject("", f"message/{message_id}", "", len(body), datetime.now(UTC))
        batch.entries.append(
            quarantine(thing, thing.key, ProductError(Reason.BAD_EVENT, f"{error}: {body[:500]}"))
        )
        return
    for event in events:
        place = place_of(event.key)
        refused = unreadable_key(event.key)
        if event.bucket not in inboxes:
            refused = ProductError(Reason.FOREIGN_BUCKET, f"{event.bucket} is not an inbox")
        if not event.created:
            if event.bucket in inboxes:
                batch.removed[event.bucket, place].append((message_id, event))
        elif refused:
            batch.entries.append(quarantine(as_told(event), place.key, refused))
        else:
            batch.products[event.bucket, place].append((message_id, event))
            if event.replay:
                batch.again.add((event.bucket, place))


def _settle_removals(batch: Batch, store: S3, catalogue: Catalogue) -> None:
    for product, named in list(batch.removed.items()):
        events = [event for _, event in named]
        try:
            if batch.transfer and whereabouts(catalogue, batch.transfer.stores, *product):
                continue  # it left for its store, or nothing is lost with it
            stands = settle_removal(
                *product, events, store=store, catalogue=catalogue, publish=batch.published
            )
        except TransientError as error:
            batch.fail(product, error)
        else:
            if stands:
                # It lost a part, or was dropped again: what is there now counts.
                batch.products[product] += []
                batch.again.add(product)


def _leave_out_settled(batch: Batch, catalogue: Catalogue) -> None:
    """Drops what needs no look: objects catalogued as they are, parts of directories that are still
    open.
    """
    told = [as_told(event) for named in batch.products.values() for _, event in named]
    catalogued = catalogue.settled(told, {State.CATALOGUED})
    for (bucket, place), named in list(batch.products.items()):
        fresh = [event for _, event in named if as_told(event) not in catalogued]
        if (bucket, place) in batch.again:
            continue
        if not fresh:
            batch.leftovers[bucket, place] = [as_told(event) for _, event in named]
            del batch.products[bucket, place]
        elif place.is_directory and not any(closes_directory(e.key) for e in fresh):
            batch.entries += [entry(as_told(e), place.key, State.RECEIVED) for e in fresh]
            if not catalogue.is_closed(bucket, place.key):
                del batch.products[bucket, place]


def _read(batch: Batch, product: ProductKey, store: S3, catalogue: Catalogue) -> Iterable[Reading]:
    bucket, place = product
    try:
        try:
            return [read_product(store, bucket, place, batch.whole)]
        except ObjectNotFoundError:
            if reading := _read_again(batch, product, catalogue):
                return [reading]
            raise
    except ObjectNotFoundError as error:
        gone = [as_told(event) for _, event in batch.products[product]]
        batch.entries += [
            entry(o, place.key, State.SUPERSEDED, Reason.GONE, str(error)) for o in gone
        ]
    except TransientError as error:
        batch.fail(product, error)
    return []


def _read_again(batch: Batch, product: ProductKey, catalogue: Catalogue) -> Reading | None:
    """What somebody wants to have read once more, and was brought to a store since."""
    if batch.transfer is None or product not in batch.again:
        return None
    return read_kept(catalogue, batch.transfer.stores, *product, batch.whole)


def _without_collections(
    batch: Batch, readings: Iterable[Reading], catalogue: Catalogue
) -> list[Reading]:
    """Settles the Collections among what was read, oldest first; returns the rest."""
    rest: list[Reading] = []
    for reading in sorted(readings, key=_modified):
        if not isinstance(collection := reading.result, Collection):
            rest.append(reading)
            continue
        outdated = list(_outdated(batch, reading))
        try:
            batch.entries += settle_collection(
                reading, collection, outdated, catalogue, batch.sequenced
            )
        except TransientError as error:
            batch.fail((reading.bucket, reading.place), error)
    return rest


def _with_thumbnails(batch: Batch, readings: Iterable[Reading]) -> list[Reading]:
    """Keeps the thumbnails of what was read, before any Item tells of them."""
    read = list(readings)
    if batch.gallery is None:
        return read
    pictured = [r for r in _newest(read).values() if r.picture is not None]
    wanted = [(r.result, r.picture) for r in pictured if isinstance(r.result, dict) and r.picture]
    kept = keep_thumbnails(batch.gallery, wanted)
    for reading, result in zip(pictured, kept, strict=True):
        read.remove(reading)
        if isinstance(result, TransientError):
            batch.fail((reading.bucket, reading.place), result)
        else:
            read.append(replace(reading, result=result))
    return read


def _brought(batch: Batch, readings: Sequence[Reading], catalogue: Catalogue) -> list[Reading]:
    """Copies the newest of what was read to its store, before any Item tells of it."""
    read = list(readings)
    if batch.transfer is None:
        return read
    for reading in _newest(read).values():
        if not isinstance(reading.result, dict) or reading.kept:
            continue
        try:
            item = bring(
                batch.transfer,
                reading.place,
                reading.objects,
                reading.result,
                catalogue.connection,
            )
            read.append(replace(reading, result=item))
        except (ObjectNotFoundError, StoreError, TransientError) as error:
            batch.fail((reading.bucket, reading.place), error)
        read.remove(reading)
    return read


def _newest(readings: Iterable[Reading]) -> dict[tuple[str, str], Reading]:
    """Of several readings of one product the one of the newest bytes, by collection and id."""
    newest: dict[tuple[str, str], Reading] = {}
    for reading in sorted(readings, key=_modified):
        if isinstance(reading.result, dict):
            newest[reading.result["collection"], reading.result["id"]] = reading
    return newest


def _settle(batch: Batch, readings: Sequence[Reading], catalogue: Catalogue) -> None:
    """Writes Items and ledger rows together; an Item that the database refuses does not hold up its
    neighbours.
    """
    newest = _newest(readings)
    read = (one for reading in readings for one in entries_of(reading, newest))
    outdated = (one for reading in readings for one in _outdated(batch, reading))
    entries = [batch.sequenced(e) for e in last_words((*batch.entries, *outdated), read)]
    items = [batch.published(r.result) for r in newest.values() if isinstance(r.result, dict)]
    try:
        settled = catalogue.settle(items, entries)
    except TransientError as error:
        _fail_all(batch, readings, error)
        return
    batch.entries = []
    for reading in readings:
        _log(reading, settled)
        if settled.holds(reading.result) and reading in newest.values():
            batch.leftovers[reading.bucket, reading.place] = reading.objects


def _outdated(batch: Batch, reading: Reading) -> Iterable[Entry]:
    """What was told of versions that others have taken the place of."""
    there = {thing.key: thing.version for thing in reading.objects}
    for _, event in batch.products[reading.bucket, reading.place]:
        if event.version and there.get(event.key, event.version) != event.version:
            detail = "by a newer version"
            yield entry(
                as_told(event), reading.place.key, State.SUPERSEDED, Reason.REPLACED, detail
            )


def _fail_all(batch: Batch, readings: Sequence[Reading], error: TransientError) -> None:
    if batch.entries:
        # Rows that belong to no reading (bad messages, deleted objects) were lost with it, too.
        raise error
    for reading in readings:
        batch.fail((reading.bucket, reading.place), error)


def _read_late_parts(batch: Batch, reading: Reading, store: S3, catalogue: Catalogue) -> None:
    """Reads a directory once more when parts arrived between listing it and settling it."""
    late = catalogue.waiting(reading.bucket, reading.place.key)
    if not late:
        return
    there = _read(batch, (reading.bucket, reading.place), store, catalogue)
    for again in _brought(batch, _with_thumbnails(batch, there), catalogue):
        parts = {(o.key, o.version) for o in again.objects}
        gone = [o for o in late if (o.key, o.version) not in parts]
        batch.entries += [entry(o, reading.place.key, State.SUPERSEDED, Reason.GONE) for o in gone]
        _settle(batch, [again], catalogue)


def _modified(reading: Reading) -> datetime:
    return max(o.modified for o in reading.objects)


def _log(reading: Reading, settled: Settled) -> None:
    where, result = {"bucket": reading.bucket, "key": reading.place.key}, reading.result
    if isinstance(result, dict):
        where |= {"collection": result["collection"], "item": result["id"]}
        key = key_of(result)
        result = settled.refused.get(key, result)
        if key in settled.stale:
            logger.info("product superseded", extra=where)
            return
    if isinstance(result, ProductError):
        extra = {**where, "reason": result.reason, "detail": result.detail}
        logger.warning("product quarantined", extra=extra)
    elif result is not None:
        logger.info("item catalogued", extra=where)
