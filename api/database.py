"""The API's connections to the catalogue: opened when first needed, and again when broken.

`Database.connection` has the signature stac-fastapi-pgstac asks for; its clients use it as theirs.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
import orjson

from api.problems import RequestError, TooSlowError
from swath.errors import DatabaseUnavailableError, SwathError

# What the database says when it cannot serve anybody now.
UNAVAILABLE: tuple[type[BaseException], ...] = (
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    asyncpg.PostgresSystemError,
    asyncpg.TransactionRollbackError,
    OSError,
    TimeoutError,
)
# What it says when the question makes no sense to it. pgSTAC raises its own words (RaiseError).
REFUSED: tuple[type[BaseException], ...] = (
    asyncpg.DataError,
    asyncpg.FeatureNotSupportedError,
    asyncpg.ProgramLimitExceededError,
    asyncpg.RaiseError,
    asyncpg.SyntaxOrAccessError,
)
# A connection that lay idle while the server, a proxy or the Lambda environment slept.
WENT_STALE = (
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresConnectionError,
    OSError,
)

# A connection that was used in these last seconds is taken to live: asking costs a round trip.
LEFT_ALONE_S = 0.5
# The server ends a query in time; who hears nothing so much later takes the server to be gone.
GRACE_S = 1.0


class Database:
    """A pool of connections to pgSTAC."""

    def __init__(
        self,
        url: Callable[[], str],
        *,
        pool_size: int,
        wait_s: float,
        statement_timeout_s: float,
    ) -> None:
        """Connects to nothing yet.

        Args:
            url: where the database is; asked again when it refuses our password.
            pool_size: most connections.
            wait_s: seconds to wait for a free connection, and for a new one.
            statement_timeout_s: seconds one query may run.
        """
        self.url = url
        self._pool_size = pool_size
        self._wait_s = wait_s
        self._statement_timeout_s = statement_timeout_s
        self._pool: asyncpg.Pool | None = None
        # When each connection was given back, by the number of its server process.
        self._used: dict[int, float] = {}
        self._others: list[Callable[[], None]] = []

    def takes_along(self, close: Callable[[], None]) -> None:
        """Has `close` called when this is closed."""
        self._others.append(close)

    async def close(self) -> None:
        """Closes every connection, also those of others; the next query would open them again."""
        for close in self._others:
            close()
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.close()

    @asynccontextmanager
    async def connection(
        self, _request: object = None, _mode: str = "r"
    ) -> AsyncIterator[asyncpg.Connection]:
        """A connection for the length of the block, waiting for it included: no longer than a query
        may run. Whatever still waits for an answer then is told that the connection ended.

        Raises:
            DatabaseUnavailableError: it cannot be reached, is overloaded, or took too long.
            RequestError: it refused what the client asked for.
        """
        clock = asyncio.get_running_loop()
        end = clock.time() + self._statement_timeout_s + GRACE_S
        with translated():
            pool = await self._opened()
            connection = await self._acquire(pool)
            # Not cancelled, as a task would be: rolling back would wait for that server, too.
            giving_up = clock.call_at(end, connection.terminate)
            try:
                yield connection
            finally:
                giving_up.cancel()
                await pool.release(connection)

    async def _opened(self) -> asyncpg.Pool:
        if self._pool is None:
            try:
                url = self.url()
            except SwathError as error:
                raise DatabaseUnavailableError(str(error)) from error
            self._used.clear()
            self._pool = await asyncpg.create_pool(
                url,
                min_size=0,
                max_size=self._pool_size,
                timeout=self._wait_s,
                # For what has no end of its own, as saying good-bye.
                command_timeout=self._statement_timeout_s + GRACE_S,
                init=self._prepare,
                setup=self._greet,
                reset=self._keep,
            )
        return self._pool

    async def _acquire(self, pool: asyncpg.Pool) -> asyncpg.Connection:
        try:
            return await pool.acquire(timeout=self._wait_s)
        except asyncpg.InvalidAuthorizationSpecificationError:
            # The password was changed: the next request asks for it anew.
            self._pool = None
            pool.terminate()
            raise
        except WENT_STALE:
            await pool.expire_connections()
            return await pool.acquire(timeout=self._wait_s)

    async def _prepare(self, connection: asyncpg.Connection) -> None:
        options = {
            "search_path": "pgstac,public",
            "TimeZone": "UTC",
            "statement_timeout": f"{self._statement_timeout_s}s",
            # Compiling costs more than these short queries do.
            "jit": "off",
            "application_name": "swath-api",
        }
        with _dropped_if_silent(connection):
            # A statement, not start-up options: RDS Proxy refuses those.
            await connection.execute(
                "SELECT set_config(name, value, false) FROM json_each_text($1::text::json)"
                " AS option(name, value)",
                orjson.dumps(options).decode(),
            )
            if not await connection.fetchval("SELECT to_regproc('pgstac.get_version') IS NOT NULL"):
                raise DatabaseUnavailableError("the database has no pgSTAC: run the migration")
            for kind in ("json", "jsonb"):
                await connection.set_type_codec(
                    kind, encoder=_dumps, decoder=orjson.loads, schema="pg_catalog"
                )

    async def _greet(self, connection: asyncpg.Connection) -> None:
        """Finds out whether one that was left alone is still alive. The clock is the one that goes
        on while a Lambda function is frozen.
        """
        if time.time() - self._used.get(connection.get_server_pid(), 0) > LEFT_ALONE_S:
            with _dropped_if_silent(connection):
                await connection.execute("SELECT 1")

    async def _keep(self, connection: asyncpg.Connection) -> None:
        """Returned connections keep their options: no query of ours changes them."""
        self._used[connection.get_server_pid()] = time.time()


@contextmanager
def translated() -> Iterator[None]:
    """Turns what the database says into our errors."""
    try:
        yield
    except asyncpg.QueryCanceledError as error:
        raise TooSlowError(str(error)) from error
    except UNAVAILABLE as error:
        raise DatabaseUnavailableError(f"{type(error).__name__}: {error}".strip()) from error
    except REFUSED as error:
        # The first line is about the question; the rest tells where in our SQL it went wrong.
        raise RequestError(str(error).partition("\n")[0]) from error


@contextmanager
def _dropped_if_silent(connection: asyncpg.Connection) -> Iterator[None]:
    """Cuts off a connection that cannot be made ready: the pool would say good-bye to it, and wait
    for the answer of one that does not answer.
    """
    try:
        yield
    except BaseException:
        connection.terminate()
        raise


def _dumps(value: Any) -> str:
    return orjson.dumps(value).decode()
