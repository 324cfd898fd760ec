"""What the ground segment says of a product as a whole, kept as properties of its Item.

So the STAC interface and OData filter by the same values. What an Item says already (its source may
know better) is kept.
"""

from dataclasses import dataclass
from datetime import datetime

from swath.domain.item import Item, timestamp, with_added_extensions
from swath.domain.naming import product_uuid

UNKNOWN_TYPE = "application/octet-stream"
# What stays with a product, whatever happens to its bytes, and what is true of these bytes alone.
OF_PRODUCT = ("swath:name", "swath:origin", "eopf:origin_datetime")
OF_BYTES = (
    "swath:size",
    "swath:content_type",
    "swath:s3_path",
    "swath:online",
    "swath:checksums",
)


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product as it lies in a store: `name` with its extension, `path` with its bucket."""

    name: str
    size: int
    origin: datetime
    path: str
    content_type: str = UNKNOWN_TYPE


def with_facts(item: Item, facts: ProductFacts) -> Item:
    """The Item with the facts of its product."""
    told = {
        "swath:name": facts.name,
        "swath:size": facts.size,
        "swath:content_type": facts.content_type,
        "swath:origin": timestamp(facts.origin),
        "eopf:origin_datetime": timestamp(facts.origin),
        "swath:s3_path": facts.path,
        "swath:online": True,
    }
    return with_added_extensions(_with_properties(item, told), ("eopf",))


def without_product(item: Item, origin: datetime) -> Item:
    """The Item of a product that lies elsewhere: it is known here, but cannot be had here."""
    told = {"swath:name": item["id"], "swath:origin": timestamp(origin), "swath:online": False}
    return _with_properties(item, told)


def _with_properties(item: Item, told: dict[str, object]) -> Item:
    named = {"swath:uuid": str(product_uuid(item["id"])), **told}
    return {**item, "properties": {**named, **item["properties"]}}
