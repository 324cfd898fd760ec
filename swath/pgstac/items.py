"""Items into pgSTAC by COPY, inside the caller's transaction.

What pgSTAC's own loader does beside copying is done elsewhere or not at all: partitions and their
constraints are there before (partitions.py), statistics are widened instead of counted again, and
what makes one writer wait for another is the row of their Item in swath.products.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import NamedTuple

import psycopg
from psycopg import sql
from psycopg.copy import LibpqWriter

from swath.domain.item import Item, timestamp
from swath.domain.itemevents import ItemEvent, ItemEventType
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.pgstac.binary import copy_data
from swath.pgstac.extent import Extent, widen_extents
from swath.pgstac.ledger import query
from swath.pgstac.outbox import copy_events, event_row
from swath.pgstac.partitions import Homes, Table, widen_statistics
from swath.pgstac.products import AsOf, Claim, ItemKey, claim, left_as_they_are
from swath.pgstac.rows import Row, extent_of, row_of

# How many Items the server takes at once while those after them are made into rows: first few, so
# that it has something to do soon, then more, because each COPY costs something by itself.
FIRST_PART, LARGEST_PART = 50, 400
COPY_LINE = re.compile(r"^COPY .*, line (\d+)", re.MULTILINE)
# What the database says when an Item met another writer or a constraint that can be widened.
CONFLICTS = (
    psycopg.errors.CheckViolation,
    psycopg.errors.ForeignKeyViolation,
    psycopg.errors.UniqueViolation,
)
# What it says of an Item that it will never take.
REFUSALS = (psycopg.DataError, psycopg.IntegrityError, psycopg.InternalError)

type Rows = Mapping[ItemKey, Row]
type Refused = Mapping[ItemKey, ProductError]


class RefusedError(Exception):
    """An Item cannot be stored: the transaction is lost, its neighbours can be written again."""

    def __init__(self, key: ItemKey, error: ProductError) -> None:
        super().__init__(f"{key.collection}/{key.item_id}: {error}")
        self.key, self.error = key, error


class Dated(NamedTuple):
    """An Item, and when and where it is."""

    item: Item
    extent: Extent


@dataclass(frozen=True)
class Loaded:
    """What became of a batch of Items; those in none of these were there already, to the letter."""

    written: Sequence[Claim]
    # Made of something older than what is in the catalogue.
    stale: frozenset[ItemKey]
    # Cannot be stored.
    refused: Refused


def key_of(item: Item) -> ItemKey:
    """What names an Item in the catalogue."""
    return ItemKey(item["collection"], item["id"])


def dated(items: Iterable[Item]) -> tuple[dict[ItemKey, Dated], dict[ItemKey, ProductError]]:
    """The Items that are somewhere in time, in the order that all writers keep; and the others.

    Of Items with one id the last stands; callers put them in the order of their age.
    """
    found: dict[ItemKey, Dated] = {}
    refused: dict[ItemKey, ProductError] = {}
    for key, item in sorted({key_of(item): item for item in items}.items(), key=lambda one: one[0]):
        try:
            found[key] = Dated(item, extent_of(item))
        except ProductError as error:
            refused[key] = error
    return found, refused


def load_items(
    connection: psycopg.Connection,
    items: Mapping[ItemKey, Dated],
    homes: Homes,
    as_of: Mapping[ItemKey, AsOf],
    now: datetime,
) -> Loaded:
    """Writes Items with their events, each in the place of the one with its id, wherever that lies.

    Must run inside a transaction, when their partitions are there. While the server takes some of
    them, the next are made ready.

    Raises:
        RefusedError: the database will never take one of them.
        psycopg.OperationalError: their collection is being partitioned anew: try again later.
    """
    if not items:
        return Loaded((), frozenset(), {})
    parts = (_rows(part, homes.tables) for part in _parts(items.items()))
    written: list[Claim] = []
    stale: set[ItemKey] = set()
    refused: dict[ItemKey, ProductError] = {}
    events: list[bytes] = []
    coming = next(parts, None)
    while coming:
        rows, unfit = coming
        claims, old = _claimed(connection, rows, homes, as_of, now)
        remove_items(connection, {c.key: c.previous for c in claims if c.previous}, homes.tables)
        with _copying(connection, claims, rows, homes.tables, now):
            events += map(event_row, _events(claims, rows, now))
            coming = next(parts, None)
        written += claims
        stale.update(old)
        refused |= unfit
    copy_events(connection, events)
    _widen(connection, [items[found.key].extent for found in written], homes)
    return Loaded(written, frozenset(stale), refused)


def _parts[T](items: Iterable[T]) -> Iterator[tuple[T, ...]]:
    left, size = iter(items), FIRST_PART
    while part := tuple(islice(left, size)):
        yield part
        size = min(2 * size, LARGEST_PART)


def _rows(
    items: Iterable[tuple[ItemKey, Dated]], tables: Mapping[str, Table]
) -> tuple[dict[ItemKey, Row], dict[ItemKey, ProductError]]:
    """The Items as rows, and those that cannot be stored, each with its reason."""
    rows: dict[ItemKey, Row] = {}
    refused: dict[ItemKey, ProductError] = {}
    for key, (item, extent) in items:
        table = tables.get(key.collection)
        if table is None:
            detail = f"there is no collection {key.collection}"
            refused[key] = ProductError(Reason.NO_COLLECTION, detail)
            continue
        try:
            rows[key] = row_of(item, extent, table.stac_version)
        except ProductError as error:
            refused[key] = error
    return rows, refused


def enter_collections(connection: psycopg.Connection, collections: Iterable[str]) -> None:
    """Keeps collections from being partitioned anew until the transaction ends.

    Raises:
        psycopg.OperationalError: one of them is, at this moment: try again later.
    """
    connection.execute(query("collections_enter"), {"collections": sorted(set(collections))})


def _claimed(
    connection: psycopg.Connection,
    rows: Rows,
    homes: Homes,
    as_of: Mapping[ItemKey, AsOf],
    now: datetime,
) -> tuple[list[Claim], Iterable[ItemKey]]:
    """The Items that are to be written, and those that are stale."""
    # All collections at once, when the first Items are taken: partitions were just looked up.
    claims = claim(connection, rows, as_of, now, entering=homes.tables)
    if len(claims) == len(rows):
        return claims, ()
    taken = {found.key for found in claims}
    rest = {key: row for key, row in rows.items() if key not in taken}
    same = left_as_they_are(connection, rest)
    rest = {key: row for key, row in rest.items() if key not in same}
    if not rest:
        return claims, ()
    # Known to the letter, but the Item is gone: somebody deleted it past us.
    lost = claim(connection, rest, as_of, now, again=True)
    return [*claims, *lost], set(rest) - {found.key for found in lost}


def remove_items(
    connection: psycopg.Connection,
    moments: Mapping[ItemKey, datetime],
    tables: Mapping[str, Table],
) -> None:
    """Removes Items from where they lie."""
    groups: dict[str, list[ItemKey]] = defaultdict(list)
    for key in moments:
        groups[key.collection].append(key)
    for collection, keys in groups.items():
        values = {
            "ids": [key.item_id for key in keys],
            "moments": [moments[key] for key in keys],
        }
        connection.execute(naming(tables[collection], "items_remove"), values)


@contextmanager
def _copying(
    connection: psycopg.Connection,
    claims: Iterable[Claim],
    rows: Rows,
    tables: Mapping[str, Table],
    now: datetime,
) -> Iterator[None]:
    """Copies Items; what is done inside is done while the server takes them."""
    groups: dict[str, list[Claim]] = defaultdict(list)
    for found in claims:
        groups[found.key.collection].append(found)
    with ExitStack() as last:
        for collection, group in groups.items():
            last.close()
            last.enter_context(_copy(connection, tables[collection], group, rows, now))
        yield


@contextmanager
def _copy(
    connection: psycopg.Connection, table: Table, claims: Sequence[Claim], rows: Rows, now: datetime
) -> Iterator[None]:
    written = cache(timestamp)
    data = copy_data(rows[c.key].copied(written(c.created), written(now)) for c in claims)
    try:
        with connection.cursor() as cursor:
            # Everything is sent before anything else is done: the server has it to work on.
            writer = LibpqWriter(cursor, flush_threshold=0)
            with cursor.copy(naming(table, "items_copy"), writer=writer) as copy:
                copy.write(data)
                yield
    except CONFLICTS:
        raise
    except REFUSALS as error:
        raise _refused(error, [found.key for found in claims]) from error


def _refused(error: psycopg.Error, keys: Sequence[ItemKey]) -> Exception:
    """Which Item the database speaks of; its own error when it does not say."""
    line = COPY_LINE.search(error.diag.context or "")
    if line is None or not 1 <= int(line[1]) <= len(keys):
        return error
    detail = f"{type(error).__name__}: {error.diag.message_primary}"
    return RefusedError(keys[int(line[1]) - 1], ProductError(Reason.INVALID_ITEM, detail))


def _widen(connection: psycopg.Connection, extents: Sequence[Extent], homes: Homes) -> None:
    if extents:
        widen_statistics(connection, extents, homes.partitions)
        widen_extents(connection, extents)


def naming(table: Table, name: str) -> sql.Composed:
    """A query with the table it is to be run on."""
    text = query(name).decode()
    return sql.SQL(text).format(table=sql.Identifier("pgstac", table.name))


def _events(claims: Iterable[Claim], rows: Rows, now: datetime) -> Iterator[ItemEvent]:
    """What there is to tell about Items that were written."""
    for found in claims:
        row = rows[found.key]
        kind = ItemEventType.CREATED if found.is_new else ItemEventType.MODIFIED
        yield ItemEvent(kind, row.item, row.uuid, found.revision, now)
