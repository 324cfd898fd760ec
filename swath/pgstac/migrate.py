"""Brings a database up to date: pgSTAC, then our own schema, then the collections that ship with
Swath.
"""

import hashlib
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import psycopg
from pypgstac import __version__ as pgstac_version

from swath.errors import DatabaseUnavailableError
from swath.pgstac.connection import connect, translated
from swath.pgstac.policy import Policy, apply_policies
from swath.pgstac.products import adopt_items
from swath.pgstac.seed import Schemes, seed

MIGRATIONS = Path(__file__).parent / "migrations"
FUNCTIONS = Path(__file__).parent / "functions"
SCHEMAS = Path(__file__).parents[2] / "schemas"
PGSTAC = f"pgstac {pgstac_version}"
# Any number will do as long as nobody else takes it: one migration at a time per database.
MIGRATION_LOCK = 0x5761_7468
OLDEST_POSTGRESQL = 150000
# Who waits for a table has everybody else wait behind: a migration steps aside soon, and returns.
LOCK_TIMEOUT_S = 1
STEP_ASIDE_S = 2.0
PATIENCE_S = 300.0
# Its table tells of every Item; what a UUID of version 5 is, SQL cannot say.
PRODUCTS = "0004_products"


def migrate(
    url: str,
    *,
    connect_timeout_s: int = 3,
    partitions: Mapping[str, str] | None = None,
    storage: Schemes | None = None,
) -> list[str]:
    """Applies what is missing, in order, and returns the names of what was applied. Running it
    again changes nothing. `partitions` says how new collections are partitioned,
    `storage` how the buckets are reached that their Items lie in.

    Raises:
        DatabaseUnavailableError: the server cannot be reached, is too old, or has no PostGIS; or
            others held what a step needs for `PATIENCE_S`.
    """
    applied: list[str] = []
    with _connect(url, connect_timeout_s) as connection:
        wanted = {name: Policy(policy) for name, policy in (partitions or {}).items()}
        for step in (
            lambda: _take_turn(connection),
            lambda: _migrate_pgstac(connection, url, connect_timeout_s),
            lambda: _migrate_swath(connection),
            lambda: _replace_functions(connection, after_pgstac=PGSTAC in applied),
            lambda: seed(connection, SCHEMAS, storage),
            lambda: apply_policies(connection, wanted),
        ):
            _persist(step, applied)
    return applied


def _connect(url: str, connect_timeout_s: int) -> psycopg.Connection:
    return connect(
        url,
        connect_timeout_s=connect_timeout_s,
        statement_timeout_s=600,
        lock_timeout_s=LOCK_TIMEOUT_S,
    )


def _persist(step: Callable[[], Iterable[str]], applied: list[str]) -> None:
    """Takes a step again while others are in its way, adding what it did to `applied`."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            for name in step():
                applied.append(name)  # noqa: PERF402 - what was done before an error counts
        except psycopg.Error as error:
            if not _is_in_the_way(error) or time.monotonic() > deadline:
                with translated():
                    raise
            time.sleep(STEP_ASIDE_S)
        else:
            return


def _is_in_the_way(error: psycopg.Error) -> bool:
    """Whether somebody holds what was wanted, or changed the roles, which all databases of a server
    share, at the same moment.
    """
    match error:
        case psycopg.errors.LockNotAvailable() | psycopg.errors.DeadlockDetected():
            return True
        case psycopg.errors.UniqueViolation():
            return error.diag.schema_name == "pg_catalog"
        case psycopg.errors.InternalError_():
            return "concurrently" in str(error)
        case _:
            return False


def _take_turn(connection: psycopg.Connection) -> Iterable[str]:
    connection.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
    _check_server(connection)
    return ()


def _check_server(connection: psycopg.Connection) -> None:
    version = connection.info.server_version
    if version < OLDEST_POSTGRESQL:
        raise DatabaseUnavailableError(
            f"PostgreSQL 15 or later is needed, this server is {version / 10000:.0f}"
        )
    query = "SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'"
    if connection.execute(query).fetchone() is None:
        raise DatabaseUnavailableError(
            "this PostgreSQL server has no PostGIS extension: install it on the server"
        )


def _migrate_pgstac(
    connection: psycopg.Connection, url: str, connect_timeout_s: int
) -> Iterator[str]:
    # A look of our own first: pypgstac takes a second to find that nothing is to be done.
    if _installed_pgstac(connection) == pgstac_version:
        return
    # Nor is it imported before, which takes a third of one.
    from psycopg_pool import ConnectionPool
    from pypgstac.db import PgstacDB
    from pypgstac.migrate import Migrate

    # A connection of ours, and a pool that never opens: its own waits half a minute for a server
    # that is gone, and its threads hold up the end of the process.
    with _connect(url, connect_timeout_s) as own:
        pool = ConnectionPool(url, open=False)
        Migrate(PgstacDB(pool=pool, connection=own)).run_migration()
    yield PGSTAC


def _installed_pgstac(connection: psycopg.Connection) -> str | None:
    if connection.execute("SELECT to_regproc('pgstac.get_version')").fetchone() == (None,):
        return None
    row = connection.execute("SELECT pgstac.get_version()").fetchone()
    return row[0] if row else None


def _migrate_swath(connection: psycopg.Connection) -> Iterator[str]:
    connection.execute((MIGRATIONS / "0000_migrations.sql").read_bytes())
    applied = {name for (name,) in connection.execute("SELECT name FROM swath.migrations")}
    for file in sorted(MIGRATIONS.glob("[0-9]*.sql")):
        if re.match(r"0000_", file.name) or file.stem in applied:
            continue
        with connection.transaction():
            connection.execute(file.read_bytes())
            if file.stem == PRODUCTS:
                adopt_items(connection)
            connection.execute("INSERT INTO swath.migrations (name) VALUES (%s)", [file.stem])
        yield file.stem


def _replace_functions(connection: psycopg.Connection, *, after_pgstac: bool) -> Iterator[str]:
    """Functions hold no data: their files say how they are now, and are run when they change, and
    after pgSTAC was migrated, which brings back its own of those that replace one.
    """
    found = connection.execute("SELECT name FROM swath.migrations")
    applied = set() if after_pgstac else {name for (name,) in found}
    for file in sorted(FUNCTIONS.glob("*.sql")):
        text = file.read_bytes()
        name = f"functions/{file.stem} {hashlib.sha256(text).hexdigest()[:12]}"
        if name in applied:
            continue
        with connection.transaction():
            connection.execute(text)
            connection.execute(
                "DELETE FROM swath.migrations WHERE starts_with(name, %s)",
                [f"functions/{file.stem} "],
            )
            connection.execute("INSERT INTO swath.migrations (name) VALUES (%s)", [name])
        yield name
