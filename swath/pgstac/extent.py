"""Extents of collections follow the Items that arrive.

Source:
https://github.com/radiantearth/stac-spec/blob/v1.1.0/collection-spec/collection-spec.md#extent-object
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import psycopg
from psycopg.types.json import Jsonb

from swath.domain.item import Item
from swath.pgstac.ledger import query


class Box(NamedTuple):
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float


class Extent(NamedTuple):
    """When an Item of a collection is, and where, if that is known."""

    collection: str
    start: datetime
    end: datetime
    box: Box | None


def widen_extents(connection: psycopg.Connection, extents: Iterable[Extent]) -> None:
    """Widens the extents of collections to those of Items, with one statement and only where they
    grow.

    Rows of collections that grow stay locked until the transaction ends: call it last. Items
    without a box are passed over.
    """
    groups: dict[str, list[Extent]] = defaultdict(list)
    for extent in extents:
        if extent.box:
            groups[extent.collection].append(extent)
    if groups:
        rows = [_row(collection, group) for collection, group in sorted(groups.items())]
        connection.execute(query("widen_extents"), {"extents": Jsonb(rows)})


def box_of(item: Item) -> Box | None:
    """Where an Item is, if it has a bbox.

    One that crosses the antimeridian (its west is east of its east, RFC 7946 section 5.2) spans all
    longitudes, because the one box of a Collection cannot say less.
    """
    bbox = item.get("bbox")
    if not bbox:
        return None
    half = len(bbox) // 2
    west, south, east, north = bbox[0], bbox[1], bbox[half], bbox[half + 1]
    return Box(-180.0, south, 180.0, north) if west > east else Box(west, south, east, north)


def union(boxes: Sequence[Box]) -> Box:
    """The smallest box that holds all of these; there must be one at least."""
    west, south, east, north = zip(*boxes, strict=True)
    return Box(min(west), min(south), max(east), max(north))


def _row(collection: str, extents: Sequence[Extent]) -> dict[str, str | float]:
    box = union([extent.box for extent in extents if extent.box])
    start, end = min(e.start for e in extents), max(e.end for e in extents)
    times = {"start": start.isoformat(), "end": end.isoformat()}
    return {"id": collection, **box._asdict(), **times}
