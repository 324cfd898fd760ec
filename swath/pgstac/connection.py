"""One way to reach the database: short timeouts, UTC, pgSTAC on the search path; its errors become
ours.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
from psycopg.types.json import Json, set_json_dumps

from swath.errors import DatabaseUnavailableError, LostRaceError

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
PARTITION_RACE = "greater than the partition size"


def connect(
    url: str, *, connect_timeout_s: int = 3, statement_timeout_s: int = 50, lock_timeout_s: int = 10
) -> psycopg.Connection:
    """An autocommit connection.

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
        connection = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=connect_timeout_s,
            application_name="swath",
            prepare_threshold=None,
            **SILENCE,
        )
        set_json_dumps(orjson.dumps, connection)
        # One statement, not start-up options: RDS Proxy refuses those.
        connection.execute(
            "SELECT set_config(name, value, false) FROM json_each_text(%s) AS option(name, value)",
            [Json(options)],
        )
    return connection


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
