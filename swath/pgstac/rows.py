"""Items as rows of pgSTAC's table.

What is stored is what pgSTAC's own loader stores for a Collection without `item_assets`: the Item
without its id, collection, type and geometry, and without the `stac_version` it shares with its
Collection.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from swath.domain.item import EXTENSIONS, Item
from swath.domain.ledger import Reason
from swath.domain.naming import product_uuid
from swath.errors import ProductError
from swath.formats.ewkb import NotGeometryError, ewkb
from swath.pgstac import binary
from swath.pgstac.extent import Extent, box_of

# Columns of the row itself, and what Items have from the catalogue rather than from their product.
APART = ("id", "collection", "type", "geometry", "properties", "stac_extensions", "stac_version")
GIVEN = ("created", "published", "updated")
TIMESTAMPS = EXTENSIONS["published"]
# What Python says of an Item that is none.
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, NotGeometryError)


@dataclass(frozen=True, slots=True)
class Row:
    """An Item ready to be written, but for the times the catalogue gives it."""

    item: Item
    item_id: str
    uuid: UUID
    extent: Extent
    geometry: bytes | None
    head: bytes
    properties: bytes
    # Sixteen bytes, in hexadecimal digits.
    digest: str

    def copied(self, created: str, updated: str) -> bytes:
        """The row as COPY takes it."""
        return binary.row(
            binary.text(self.item_id),
            binary.text(self.extent.collection),
            binary.raw(self.geometry),
            binary.moment(self.extent.start),
            binary.moment(self.extent.end),
            binary.jsonb(self.content(created, updated)),
        )

    def content(self, created: str, updated: str) -> bytes:
        """What is stored of the Item, as JSON."""
        times = f'"created":"{created}","published":"{created}","updated":"{updated}"'.encode()
        rest = b"," + self.properties[1:] if len(self.properties) > 2 else b"}"
        return b"".join((self.head[:-1], b',"properties":{', times, rest, b"}"))


def row_of(item: Item, extent: Extent, stac_version: str) -> Row:
    """The row of an Item whose Collection has this `stac_version`.

    Raises:
        ProductError: `invalid-item`, when it cannot be stored: it has a geometry that is none, or
            text that is not Unicode.
    """
    try:
        geometry = None if item.get("geometry") is None else ewkb(item["geometry"])
        head, properties = _head(item, stac_version), _properties(item["properties"])
        uuid = _uuid(item)
    except MALFORMED as error:
        raise _invalid(error) from error
    digest = hashlib.blake2b(head + properties + (geometry or b""), digest_size=16)
    return Row(
        item=item,
        item_id=item["id"],
        uuid=uuid,
        extent=extent,
        geometry=geometry,
        head=head,
        properties=properties,
        digest=digest.hexdigest(),
    )


def extent_of(item: Item) -> Extent:
    """When and where an Item is.

    Raises:
        ProductError: `invalid-item`, when it has no time, or a bbox that is none.
    """
    try:
        return Extent(item["collection"], *_interval(item["properties"]), box_of(item))
    except MALFORMED as error:
        raise _invalid(error) from error


def _invalid(error: Exception) -> ProductError:
    return ProductError(Reason.INVALID_ITEM, f"{type(error).__name__}: {error}".strip())


def _interval(properties: Mapping[str, Any]) -> tuple[datetime, datetime]:
    start, end = properties.get("start_datetime"), properties.get("end_datetime")
    if start is None or end is None:
        start = end = properties.get("datetime")
    if start is None or end is None:
        raise ValueError("the Item has no datetime, nor start_datetime with end_datetime")
    begun, ended = _moment(start), _moment(end)
    if begun > ended:
        raise ValueError(f"the Item starts at {start} and ends at {end}")
    return begun, ended


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _head(item: Item, stac_version: str) -> bytes:
    extensions = item.get("stac_extensions") or []
    if TIMESTAMPS not in extensions:
        extensions = sorted([*extensions, TIMESTAMPS])
    head: dict[str, Any] = {"stac_extensions": extensions}
    head |= {name: value for name, value in item.items() if name not in APART}
    if item.get("stac_version") != stac_version:
        head["stac_version"] = item.get("stac_version")
    return orjson.dumps(head)


def _properties(properties: Mapping[str, Any]) -> bytes:
    return orjson.dumps({name: v for name, v in properties.items() if name not in GIVEN})


def _uuid(item: Item) -> UUID:
    """The product's own, or made of its name."""
    own = item["properties"].get("swath:uuid")
    return UUID(own) if own else product_uuid(item["id"])
