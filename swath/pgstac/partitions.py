"""Partitions: where the Items of a collection go, made before the first one comes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from swath.pgstac.extent import Extent, union
from swath.pgstac.ledger import query

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended('swath:partitions', 0))"
SHORT_LOCK = "SET LOCAL lock_timeout = '2s'"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Room(NamedTuple):
    """Room for Items of a collection that begin at one moment and end by another."""

    collection: str
    moment: datetime
    until: datetime


class Month(NamedTuple):
    """A month (of UTC) of a collection: no partition is shorter."""

    collection: str
    begin: datetime


@dataclass(frozen=True, slots=True)
class Table:
    """What the Items of a collection are written to: a partition, or what stands above several."""

    name: str
    stac_version: str


@dataclass(frozen=True, slots=True)
class Homes:
    """Where Items go: the table of each collection there is, the partition of each month that has
    one.
    """

    tables: Mapping[str, Table]
    partitions: Mapping[Month, str]


def homes_of(connection: psycopg.Connection, months: Iterable[Month]) -> Homes:
    """Where the Items of these months go."""
    wanted = sorted(set(months))
    if not wanted:
        return Homes({}, {})
    values = {"collections": [m.collection for m in wanted], "months": [m.begin for m in wanted]}
    tables: dict[str, Table] = {}
    partitions: dict[Month, str] = {}
    for collection, begin, home, version, partition in connection.execute(query("homes"), values):
        tables[collection] = Table(home, version or "")
        if partition:
            partitions[Month(collection, begin)] = partition
    return Homes(tables, partitions)


def tables(connection: psycopg.Connection, collections: Iterable[str]) -> Mapping[str, Table]:
    """The tables of those collections that there are."""
    return homes_of(connection, (Month(collection, EPOCH) for collection in collections)).tables


def month_of(collection: str, moment: datetime) -> Month:
    """The month of a collection's Items that begin at this moment."""
    begin = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Month(collection, begin)


def make_partitions(connection: psycopg.Connection, rooms: Iterable[Room]) -> None:
    """Makes the partitions that are missing, and widens the constraints of those that are tight.

    One writer at a time, each partition in a transaction of its own: making one locks the table
    above it, and two loads that do so while they hold locks there wait for each other. For that
    lock it waits briefly, because every search that comes meanwhile waits behind it.
    """
    for room in sorted(rooms):
        with connection.transaction():
            connection.execute(ONE_AT_A_TIME)
            connection.execute(SHORT_LOCK)
            widened = connection.execute(query("make_room"), room._asdict()).fetchone()
        if widened and widened[0]:
            connection.execute("SELECT swath.validate_room(%s)", widened)


def rooms_for(extents: Iterable[Extent]) -> list[Room]:
    """The room that Items need, once for each month."""
    rooms: dict[Month, Room] = {}
    for extent in extents:
        month = month_of(extent.collection, extent.start)
        until = max(extent.end, rooms[month].until) if month in rooms else extent.end
        rooms[month] = Room(extent.collection, extent.start, until)
    return list(rooms.values())


def widen_statistics(
    connection: psycopg.Connection, extents: Iterable[Extent], partitions: Mapping[Month, str]
) -> None:
    """Widens what pgSTAC keeps of the Items in each partition to these, without reading them."""
    groups: dict[str, list[Extent]] = defaultdict(list)
    for extent in extents:
        groups[partitions[month_of(extent.collection, extent.start)]].append(extent)
    ranges = [_range(name, group) for name, group in groups.items()]
    connection.execute(query("widen_statistics"), {"ranges": Jsonb(ranges)})


def _range(partition: str, extents: Sequence[Extent]) -> dict[str, Any]:
    boxes = [extent.box for extent in extents if extent.box]
    box = union(boxes) if boxes else None
    return {
        "partition": partition,
        "first": min(extent.start for extent in extents),
        "last": max(extent.start for extent in extents),
        "first_end": min(extent.end for extent in extents),
        "last_end": max(extent.end for extent in extents),
        "west": box and box.west,
        "south": box and box.south,
        "east": box and box.east,
        "north": box and box.north,
    }
