"""The outbox table: events about Items and Collections, written with them, published later."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Jsonb

from swath.domain.collection import CollectionEvent
from swath.domain.itemevents import ItemEvent
from swath.pgstac import binary
from swath.pgstac.connection import translated
from swath.pgstac.ledger import query


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that is to be published now."""

    seq: int
    event: dict[str, Any]


class Outbox:
    """Over one connection, opened when first needed and again after it broke."""

    def __init__(self, connect: Callable[[], psycopg.Connection]) -> None:
        self._connect = connect
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

    @contextmanager
    def due(self, limit: int) -> Iterator[list[Waiting]]:
        """The events to publish next, one of each Item at most: nobody else gets them meanwhile.

        What was marked inside the `with` is kept when it ends well.
        """
        with translated(), self.connection.transaction():
            found = self.connection.execute(query("outbox_due"), {"limit": limit})
            yield [Waiting(*row) for row in found]

    def mark(self, sent: Sequence[int], failed: Mapping[int, str]) -> None:
        """Says which events were published, and why others were not: those are due again later."""
        if sent:
            self.connection.execute(query("outbox_sent"), {"sent": list(sent)})
        if failed:
            errors = [{"seq": seq, "error": error[:500]} for seq, error in failed.items()]
            self.connection.execute(query("outbox_failed"), {"errors": Jsonb(errors)})

    def sweep(self, age: timedelta) -> int:
        """Forgets events that were published longer ago than `age`; returns how many."""
        with translated():
            return self.connection.execute(query("outbox_sweep"), {"age": age}).rowcount


def add_events(
    connection: psycopg.Connection, events: Sequence[ItemEvent | CollectionEvent]
) -> None:
    """Writes events; those of one Item or Collection in the order they are given."""
    copy_events(connection, [event_row(event) for event in events])


def copy_events(connection: psycopg.Connection, rows: Sequence[bytes]) -> None:
    """Writes events that were made into rows before."""
    if not rows:
        return
    with connection.cursor() as cursor, cursor.copy(query("outbox_add")) as copy:
        copy.write(binary.copy_data(rows))


def event_row(event: ItemEvent | CollectionEvent) -> bytes:
    """An event as COPY takes it."""
    return binary.row(
        binary.uuid(event.id),
        binary.text(event.collection),
        binary.text(event.item_id),
        binary.integer(event.revision),
        binary.text(event.type),
        binary.jsonb(orjson.dumps(event.as_json())),
    )
