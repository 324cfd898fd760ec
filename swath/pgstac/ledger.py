"""The ledger table: what became of each dropped object."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from swath.domain.ledger import DroppedObject, LedgerRow, Reason, State
from swath.domain.naming import Place, closing_names

# Paths below a product's folder that close it, as a pattern for LIKE.
CLOSING = [name.replace("_", "\\_") for name in closing_names("%")]
QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class Entry:
    """A ledger row to write, with the key of the product its object is (a part of)."""

    row: LedgerRow
    product: str


@dataclass(frozen=True)
class Wanted:
    """Which ledger rows are asked for; what is None is no condition.

    `keys` names objects or products. Without `parts`, a directory product is one row.
    """

    bucket: str | None = None
    keys: list[str] | None = None
    state: State | None = None
    reason: Reason | None = None
    parts: bool = True
    limit: int | None = None


@cache
def query(name: str) -> bytes:
    """The text of `queries/<name>.sql`."""
    return (QUERIES / f"{name}.sql").read_bytes()


def record(connection: psycopg.Connection, entries: Sequence[Entry]) -> None:
    """Writes what became of objects, and marks what those that were catalogued replace: other
    objects of the same Item, older versions of the same object.
    """
    if entries:
        connection.execute(query("ledger_record"), {"rows": Jsonb(list(map(_as_json, entries)))})


def select(connection: psycopg.Connection, wanted: Wanted) -> list[LedgerRow]:
    """Rows, newest first."""
    values = {**asdict(wanted), "closing": CLOSING}
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_as_row(found) for found in cursor.execute(query("ledger_select"), values)]


def replayed(connection: psycopg.Connection, objects: Iterable[DroppedObject]) -> None:
    """Notes that somebody asked for objects to be read once more."""
    asked = [{"bucket": o.bucket, "key": o.key, "version": o.version} for o in objects]
    connection.execute(query("ledger_replayed"), {"objects": Jsonb(asked)})


def standing(
    connection: psycopg.Connection, objects: Iterable[DroppedObject], states: Set[State]
) -> set[tuple[str, str, str]]:
    """Those of the objects' (bucket, key, version) that stand in one of `states`."""
    asked = [{"bucket": o.bucket, "key": o.key, "version": o.version} for o in objects]
    values = {"objects": Jsonb(asked), "states": list(states)}
    return set(connection.execute(query("ledger_standing"), values).fetchall())


def is_closed(connection: psycopg.Connection, bucket: str, product: str) -> bool:
    """Whether an object that closes a product folder was read."""
    place = Place(product, is_directory=True)
    keys = [product + name for name in closing_names(place.name)]
    found = connection.execute(query("ledger_closed"), {"bucket": bucket, "keys": keys})
    return found.fetchone() == (True,)


def waiting(connection: psycopg.Connection, bucket: str, product: str) -> list[DroppedObject]:
    """Parts of a product that arrived but that nobody has read yet."""
    found = connection.execute(query("ledger_waiting"), {"bucket": bucket, "product": product})
    return [DroppedObject(*row) for row in found]


def _as_json(entry: Entry) -> dict[str, Any]:
    row, thing = entry.row, entry.row.object
    return {
        "bucket": thing.bucket,
        "key": thing.key,
        "version": thing.version,
        "size": thing.size,
        "modified": thing.modified,
        "sequencer": thing.sequencer,
        "product": entry.product,
        "state": row.state,
        "reason": row.reason,
        "detail": row.detail,
        "collection": row.collection,
        "item_id": row.item_id,
    }


def _as_row(found: dict[str, Any]) -> LedgerRow:
    thing = DroppedObject(
        found["bucket"],
        found["key"],
        found["version"],
        found["size"],
        found["modified"],
        found["sequencer"],
    )
    return LedgerRow(
        object=thing,
        state=State(found["state"]),
        reason=Reason(found["reason"]) if found["reason"] else None,
        detail=found["detail"],
        collection=found["collection"],
        item_id=found["item_id"],
        first_seen=found["first_seen"],
        updated=found["updated"],
        replays=found["replays"],
        last_replay=found["last_replay"],
    )
