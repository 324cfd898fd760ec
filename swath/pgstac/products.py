"""The products table: which Items there are, which revision of each, and where it lies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import batched
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from swath.domain.item import Item
from swath.domain.ledger import DroppedObject, State
from swath.domain.naming import product_uuid
from swath.pgstac.ledger import Entry, query
from swath.pgstac.rows import Row

PAGE = 5000


class ItemKey(NamedTuple):
    """Names one Item of the catalogue."""

    collection: str
    item_id: str


class AsOf(NamedTuple):
    """How new the objects are that an Item was made of: the greater, the newer.

    The time of an object has whole seconds; S3's sequencer tells apart what was written in one.
    """

    modified: datetime
    sequencer: str = ""


class Stored(NamedTuple):
    """An Item as the catalogue has it."""

    item: Item
    revision: int
    uuid: UUID


@dataclass(frozen=True, slots=True)
class Claim:
    """An Item that this transaction alone may write."""

    key: ItemKey
    revision: int
    created: datetime
    previous: datetime | None

    @property
    def is_new(self) -> bool:
        """Whether the catalogue had no such Item."""
        return self.previous is None


def age_of(thing: DroppedObject) -> AsOf:
    """How new an object is."""
    return AsOf(thing.modified.replace(microsecond=0), thing.sequencer)


def ages_of(entries: Iterable[Entry]) -> dict[ItemKey, AsOf]:
    """How new each Item is: as new as the newest object it was made of."""
    ages: dict[ItemKey, AsOf] = {}
    for entry in entries:
        row = entry.row
        if row.state is State.CATALOGUED and row.collection and row.item_id:
            key, age = ItemKey(row.collection, row.item_id), age_of(row.object)
            ages[key] = max(age, ages.get(key, age))
    return ages


def claim(
    connection: psycopg.Connection,
    rows: Mapping[ItemKey, Row],
    as_of: Mapping[ItemKey, AsOf],
    now: datetime,
    *,
    entering: Iterable[str] = (),
    again: bool = False,
) -> list[Claim]:
    """Takes the Items that are to be written; leaves out what would change nothing or go back.

    `again` also takes Items that are there as they are. The collections of `entering` are not
    partitioned anew until the transaction ends.

    Raises:
        psycopg.OperationalError: a collection is, at this moment: try again later.
    """
    values = {
        "collections": list(entering),
        "rows": Jsonb(_as_json(rows, as_of)),
        "now": now,
        "again": again,
    }
    found = connection.execute(query("products_claim"), values)
    return [Claim(ItemKey(c, i), *rest) for c, i, *rest in found]


def left_as_they_are(connection: psycopg.Connection, rows: Mapping[ItemKey, Row]) -> set[ItemKey]:
    """Those of the Items that the catalogue has already, to the letter."""
    found = connection.execute(query("products_left"), {"rows": Jsonb(_as_json(rows, {}))})
    return {ItemKey(*names) for names in found}


def stored_items(
    connection: psycopg.Connection, collection: str, ids: Iterable[str]
) -> dict[str, Stored]:
    """Those Items of a collection that are there, by id."""
    found = connection.execute(query("items_stored"), {"collection": collection, "ids": list(ids)})
    return {item_id: Stored(*rest) for item_id, *rest in found}


def adopt_items(connection: psycopg.Connection, keys: Iterable[ItemKey] | None = None) -> int:
    """Makes rows for Items that were written past the loader; returns how many.

    Of all collections when `keys` is None, which reads every Item.
    """
    some = None if keys is None else list(keys)
    values = {
        "collections": None if some is None else [key.collection for key in some],
        "ids": None if some is None else [key.item_id for key in some],
    }
    adopted = 0
    with connection.transaction(), connection.cursor("unknown_products") as cursor:
        for page in batched(cursor.execute(query("products_unknown"), values), PAGE, strict=False):
            adopted += connection.execute(
                query("products_adopt"), {"rows": Jsonb(list(map(_adopted, page)))}
            ).rowcount
    return adopted


def _as_json(rows: Mapping[ItemKey, Row], as_of: Mapping[ItemKey, AsOf]) -> list[dict[str, Any]]:
    return [
        {
            "collection": key.collection,
            "item_id": key.item_id,
            "uuid": row.uuid,
            "datetime": row.extent.start,
            "digest": row.digest,
            **age_as_json(as_of.get(key)),
        }
        for key, row in rows.items()
    ]


def age_as_json(as_of: AsOf | None) -> dict[str, Any]:
    """For a query; the time of an object has whole seconds."""
    if as_of is None:
        return {"sequencer": ""}
    return {"as_of": as_of.modified.replace(microsecond=0), "sequencer": as_of.sequencer}


def _adopted(found: tuple[Any, ...]) -> dict[str, Any]:
    collection, item_id, moment, uuid, created = found
    return {
        "collection": collection,
        "item_id": item_id,
        "uuid": uuid or product_uuid(item_id),
        "datetime": moment,
        "created": created or moment,
    }
