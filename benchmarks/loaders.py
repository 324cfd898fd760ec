"""Who loads Items: Swath's loader, pypgstac's, and COPY into the partition, the ceiling of both."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

import psycopg
from psycopg import sql
from pypgstac.db import PgstacDB
from pypgstac.load import Loader, Methods

from swath.domain.item import Item
from swath.domain.ledger import DroppedObject, LedgerRow, State
from swath.pgstac.binary import copy_data
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect
from swath.pgstac.ledger import Entry, query
from swath.pgstac.rows import extent_of, row_of

BUCKET = "swath-inbox"
EPOCH = datetime(2025, 1, 1, tzinfo=UTC)
PARTITION = "SELECT (pgstac.partition_name(%s, %s)).partition_name"

# Takes Items, and what number of their versions they are.
type Load = Callable[[Sequence[Item], int], None]


def swath_loader(url: str, batch: int) -> tuple[Load, Catalogue]:
    """Items, ledger rows and outbox rows, a transaction for each batch."""
    catalogue = Catalogue(lambda: connect(url, statement_timeout_s=600))

    def load(items: Sequence[Item], version: int) -> None:
        for group in batched(items, batch, strict=False):
            settled = catalogue.settle(group, [entry(item, version) for item in group])
            if settled.refused or settled.stale:
                raise RuntimeError(f"Items were not stored: {settled}")

    return load, catalogue


def entry(item: Item, version: int) -> Entry:
    """That an Item's product was catalogued."""
    key = f"{item['id']}.zip"
    modified = EPOCH + timedelta(seconds=version)
    thing = DroppedObject(BUCKET, key, f"v{version}", 1_000, modified)
    named = {"collection": item["collection"], "item_id": item["id"]}
    return Entry(LedgerRow(thing, State.CATALOGUED, **named), key)


def pypgstac_loader(url: str, batch: int) -> tuple[Load, PgstacDB]:
    """Items alone; a transaction for each partition of each batch."""
    database = PgstacDB(dsn=url)
    loader = Loader(database)

    def load(items: Sequence[Item], _version: int) -> None:
        for group in batched(items, batch, strict=False):
            loader.load_items(iter(group), insert_mode=Methods.upsert)

    return load, database


def raw_copy(url: str, items: Sequence[Item]) -> tuple[Callable[[], None], psycopg.Connection]:
    """The same rows, made beforehand, in one COPY into the partition they all lie in."""
    connection = connect(url, statement_timeout_s=600)
    rows = [row_of(item, extent_of(item), item["stac_version"]) for item in items]
    stamp = "2025-01-01T00:00:00.000000Z"
    data = copy_data(row.copied(stamp, stamp) for row in rows)
    found: tuple[Any, ...] = connection.execute(
        PARTITION, [items[0]["collection"], rows[0].extent.start]
    ).fetchone() or ("",)
    table = sql.Identifier("pgstac", found[0])
    statement = sql.SQL(query("items_copy").decode()).format(table=table)

    def load() -> None:
        with (
            connection.transaction(),
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            copy.write(data)

    return load, connection
