"""Collections as operators write them, each with its event in one transaction; seed.py writes those
that ship.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Jsonb

from swath.domain.collection import CollectionEvent
from swath.domain.item import timestamp
from swath.domain.itemevents import ItemEventType
from swath.domain.ledger import Reason
from swath.errors import ConflictError, LostRaceError, MissingError, ProductError
from swath.pgstac import ledger
from swath.pgstac.connection import translated
from swath.pgstac.ledger import Entry, query
from swath.pgstac.outbox import add_events
from swath.pgstac.products import AsOf

type Content = dict[str, Any]
# What swath notes of a collection: its revision, and of which document it was made.
type Marks = dict[str, Any]


class Outcome(StrEnum):
    """What became of a collection that was dropped as a document."""

    WRITTEN = "written"
    # It is what the document says already.
    SAME = "same"
    # It was made of something newer.
    STALE = "stale"


def add_collection(connection: psycopg.Connection, content: Content) -> None:
    """Writes a collection that is new.

    Raises:
        ConflictError: there is one of its id.
        DatabaseUnavailableError: the database failed.
    """
    with translated(), connection.transaction():
        if not _added(connection, content, {}):
            raise ConflictError(f"Collection {content['id']} exists.")


def change_collection(
    connection: psycopg.Connection, collection: str, change: Callable[[Content], Content]
) -> Content:
    """Puts what `change` makes of a collection in its place, and returns that.

    It is the operator's from then on: no later version of Swath writes over it.

    Raises:
        MissingError: there is none.
        DatabaseUnavailableError: the database failed.
    """
    with translated(), connection.transaction():
        stored, marks = _held(connection, collection)
        content = change(stored)
        _changed(connection, content, {"revision": _revision(marks) + 1})
    return content


def settle_collection(
    connection: psycopg.Connection, content: Content, entries: Sequence[Entry], as_of: AsOf
) -> Outcome:
    """Writes a collection that was dropped, with what its ledger is to say unless it is stale.

    Raises:
        ProductError: `invalid-item` when the database will never take it.
        DatabaseUnavailableError: the database failed; nothing was written.
    """
    try:
        with translated(), connection.transaction():
            outcome = _put(connection, content, as_of)
            if outcome is not Outcome.STALE:
                ledger.record(connection, entries)
            return outcome
    except (psycopg.DataError, psycopg.InternalError) as error:
        detail = f"{type(error).__name__}: {error.diag.message_primary}"
        raise ProductError(Reason.INVALID_ITEM, detail) from error


def remove_collection(connection: psycopg.Connection, collection: str) -> None:
    """Removes a collection without Items.

    Raises:
        MissingError: there is none.
        ConflictError: it has Items; removing them is not done in passing.
        DatabaseUnavailableError: the database failed.
    """
    with translated(), connection.transaction():
        # Whoever writes an Item holds a share of its row until the Item is there.
        content, marks = _held(connection, collection)
        if connection.execute(query("collection_in_use"), {"id": collection}).fetchone():
            raise ConflictError(f"Collection {collection} has Items: delete them first.")
        connection.execute("SELECT pgstac.delete_collection(%s)", [collection])
        _tell(connection, ItemEventType.DELETED, content, _revision(marks) + 1)


def _put(connection: psycopg.Connection, content: Content, as_of: AsOf) -> Outcome:
    document = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    moment = timestamp(as_of.modified.replace(microsecond=0))
    marks = {"document": document, "as_of": moment, "sequencer": as_of.sequencer}
    if _added(connection, content, marks):
        return Outcome.WRITTEN
    try:
        _, stored = _held(connection, content["id"])
    except MissingError as error:
        raise LostRaceError(f"{error} It was removed at this moment.") from error
    if _is_newer(stored, marks):
        return Outcome.STALE
    if stored.get("document") == document:
        return Outcome.SAME
    _changed(connection, content, {**marks, "revision": _revision(stored) + 1})
    return Outcome.WRITTEN


def _is_newer(stored: Marks, other: Marks) -> bool:
    """Sequencers, where both are known, tell apart what was written in one second."""
    if stored.get("as_of", "") != other["as_of"]:
        return bool(stored.get("as_of", "") > other["as_of"])
    return bool(other["sequencer"]) and stored["sequencer"] > other["sequencer"]


def _added(connection: psycopg.Connection, content: Content, marks: Marks) -> bool:
    values = {
        "id": content["id"],
        "content": Jsonb(content),
        "marks": Jsonb({**marks, "revision": 1}),
    }
    added = connection.execute(query("collection_add"), values).fetchone() is not None
    if added:
        _tell(connection, ItemEventType.CREATED, content, 1)
    return added


def _changed(connection: psycopg.Connection, content: Content, marks: Marks) -> None:
    values = {"id": content["id"], "content": Jsonb(content), "marks": Jsonb(marks)}
    connection.execute(query("collection_change"), values)
    _tell(connection, ItemEventType.MODIFIED, content, marks["revision"])


def _revision(marks: Marks) -> int:
    """One that ships with Swath is at its first revision until somebody changes it."""
    return int(marks.get("revision", 1))


def _tell(
    connection: psycopg.Connection, what: ItemEventType, content: Content, revision: int
) -> None:
    event = CollectionEvent(
        what, content["id"], content.get("title"), revision, at=datetime.now(UTC)
    )
    add_events(connection, [event])


def _held(connection: psycopg.Connection, collection: str) -> tuple[Content, Marks]:
    found = connection.execute(query("collection_read"), {"id": collection}).fetchone()
    if found is None:
        raise MissingError(f"Collection {collection} does not exist.")
    content, marks = found
    return content, marks
