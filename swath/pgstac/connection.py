"""One way to reach the database: short timeouts, UTC, pgSTAC on the search path; its errors become
ours.
"""

import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Json, set_json_dumps

from swath.errors import DatabaseUnavailableError, LostRaceError
from swath.pgstac.statements import statement

# The server is absent, restarts, or is too slow.
UNAVAILABLE: tuple[type[psycopg.Error], ...] = (psycopg.OperationalError, psycopg.InterfaceError)
# Races that are lost between writers, and pgSTAC's own while it creates a partition.
LOST_RACES: tuple[type[psycopg.Error], ...] = (
    psycopg.errors.CheckViolation,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.LockNotAvailable,
    psycopg.errors.ObjectInUse,
    psycopg.errors.SerializationFailure,
    psycopg.errors.UndefinedObject,
    psycopg.errors.UndefinedTable,
)
# A server that went without a word is taken for gone after some ten seconds, rather than when the
# function's time is up.
SILENCE: dict[str, Any] = {
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# What a server says whose connections are all taken; libpq passes no code.
ALL_TAKEN = re.compile("too many clients|too many connections|remaining connection slots")
BETWEEN_TRIES_S = 0.1, 0.5
PARTITION_RACE = "greater than the partition size"


def connect(
    url: str,
    *,
    connect_timeout_s: int = 3,
    statement_timeout_s: int = 50,
    lock_timeout_s: int = 10,
    turn_s: float = 0,
) -> psycopg.Connection:
    """An autocommit connection. `turn_s` is how long to wait for one where all are taken: who fails
    at once takes the next message and fails again, while those who have one are at work.

    Raises:
        DatabaseUnavailableError: the server does not answer within `connect_timeout_s` or refuses.
    """
    options = {
        "search_path": "pgstac,public",
        "TimeZone": "UTC",
        "statement_timeout": f"{statement_timeout_s}s",
        "lock_timeout": f"{lock_timeout_s}s",
        "idle_in_transaction_session_timeout": "30s",
    }
    with translated():
        connection = _awaited(url, connect_timeout_s, time.monotonic() + turn_s)
        set_json_dumps(orjson.dumps, connection)
        # One statement, not start-up options: RDS Proxy refuses those.
        connection.execute(
            "SELECT set_config(name, value, false) FROM json_each_text(%s) AS option(name, value)",
            [Json(options)],
        )
    return connection


def _awaited(url: str, timeout_s: int, until: float) -> psycopg.Connection:
    while True:
        try:
            return psycopg.connect(
                url,
                autocommit=True,
                connect_timeout=timeout_s,
                application_name="swath",
                prepare_threshold=None,
                **SILENCE,
            )
        except psycopg.OperationalError as error:
            if time.monotonic() > until or not ALL_TAKEN.search(str(error)):
                raise
        time.sleep(random.uniform(*BETWEEN_TRIES_S))  # noqa: S311  no secret


def is_crowded(connection: psycopg.Connection) -> bool:
    """Whether most of the server's connections are taken."""
    (crowded,) = connection.execute(statement("crowded")).fetchone() or (False,)
    return bool(crowded)


@contextmanager
def translated() -> Iterator[None]:
    """Turns what may go away by itself into DatabaseUnavailableError; everything else passes."""
    try:
        yield
    except LOST_RACES as error:
        raise LostRaceError(_told(error)) from error
    except UNAVAILABLE as error:
        raise DatabaseUnavailableError(_told(error)) from error
    except psycopg.errors.RaiseException as error:
        if PARTITION_RACE in str(error):
            raise LostRaceError(_told(error)) from error
        raise


def _told(error: psycopg.Error) -> str:
    return f"{type(error).__name__}: {error}".strip()
