"""The one HTTP application of a hub: under uvicorn and in Lambda alike.

/        what this hub is         /health  is it well
/stac    STAC API                 /docs    the APIs, described
/odata/v1  OData                  /dhus    its older dialects
/download  bytes
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.address import PublicAddress
from api.compression import Compression
from api.database import Database
from api.guard import MOST_ASKED, MOST_WRITTEN, Guard
from api.kept import Kept
from api.pages import docs_page, landing_page
from api.problems import ANSWERS, problem
from api.stac.scans import Scans
from swath.errors import DatabaseUnavailableError
from swath.settings import ApiSettings

HEALTH_WAIT_S = 2.5
# So that a writer who waits for others may try again within the time of a request.
WRITERS_LOCK_S = 2
READ_METHODS = ["GET", "POST"]
WRITE_METHODS = [*READ_METHODS, "PUT", "PATCH", "DELETE"]
SCHEMAS = Path(__file__).parents[1] / "schemas"


def create_app(
    settings: ApiSettings | None = None,
    database: Database | None = None,
    *,
    emulator_url: str = "",
    parts: Iterable[str] = ("/stac", "/odata/v1", "/dhus", "/download"),
) -> Starlette:
    """The application of everything.

    Args:
        settings: of the API; from the environment when not given.
        database: its connections; from the environment when not given. They are opened by the
            first request and closed with the application.
        emulator_url: of the emulator of AWS it runs in, if any.
        parts: which of PARTS it answers; a Lambda function has one.
    """
    settings = settings or ApiSettings()
    database = database or open_database(settings)
    app = Starlette(
        routes=[
            Route("/", _landing),
            Route("/health", _health),
            Route("/docs", docs_page),
            *(route for name in parts for route in _mounted(name, PARTS[name](settings, database))),
        ],
        exception_handlers=ANSWERS,
        lifespan=_closing(database),
        middleware=_middleware(settings, emulator_url),
    )
    app.state.settings = settings
    app.state.database = database
    app.state.documents = Kept()
    app.state.scans = Scans(settings.scan_items)
    return app


def _middleware(settings: ApiSettings, emulator_url: str) -> list[Middleware]:
    """What every request passes, outermost first."""
    return [
        Middleware(
            PublicAddress,
            settings.public_url,
            trusted_hosts=_listed(settings.trusted_hosts),
            emulator_url=emulator_url,
        ),
        Middleware(
            CORSMiddleware,
            allow_origins=_listed(settings.cors_origins),
            allow_methods=WRITE_METHODS if settings.transactions else READ_METHODS,
            allow_headers=["*"],
            expose_headers=["Content-Disposition", "Content-Range", "ETag"],
            max_age=600,
        ),
        Middleware(Compression),
        Middleware(Guard, most_bytes=MOST_WRITTEN if settings.transactions else MOST_ASKED),
    ]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _mounted(prefix: str, app: ASGIApp) -> list[BaseRoute]:
    rooted = Rooted(app, prefix)
    # Not left to a redirect: some gateways take the slash away again.
    return [Route(prefix, rooted), Mount(prefix, rooted)]


def _stac(settings: ApiSettings, database: Database) -> ASGIApp:
    from api.stac.app import create_router

    if not settings.transactions:
        return create_router()
    from api.stac.transactions import Transactions
    from swath import runtime
    from swath.pgstac.catalogue import Catalogue
    from swath.pgstac.connection import connect

    catalogue = Catalogue(lambda: connect(database.url(), lock_timeout_s=WRITERS_LOCK_S))
    database.takes_along(catalogue.close)
    return create_router(Transactions(catalogue, runtime.stores).routes())


def _odata(settings: ApiSettings, database: Database) -> ASGIApp:
    from api.odata.app import create_app
    from api.odata.downloads import Bytes
    from swath import runtime

    return create_app(settings, database, Bytes(runtime.stores, runtime.handout), SCHEMAS)


def _dhus(settings: ApiSettings, database: Database) -> ASGIApp:
    from api.odata.app import create_dhus_app
    from api.odata.downloads import Bytes
    from swath import runtime

    return create_dhus_app(settings, database, Bytes(runtime.stores, runtime.handout), SCHEMAS)


def _download(_settings: ApiSettings, database: Database) -> ASGIApp:
    from api.download.app import create_app
    from swath import runtime

    return create_app(database, runtime.stores, runtime.handout)


# The applications below their prefixes; each is imported where it is served.
PARTS: dict[str, Callable[[ApiSettings, Database], ASGIApp]] = {
    "/stac": _stac,
    "/odata/v1": _odata,
    "/dhus": _dhus,
    "/download": _download,
}


def open_database(settings: ApiSettings) -> Database:
    """The database the environment names. Nothing is asked of it yet."""
    # Here, because those who bring a database of their own need no settings for it.
    from swath.runtime import database_url

    return Database(
        database_url,
        pool_size=settings.pool_size,
        wait_s=settings.pool_wait_s,
        statement_timeout_s=settings.statement_timeout_s,
    )


class Rooted:
    """Lets a mounted application take its mount point for its root, so that its links hold it."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """Wraps an application that is mounted at `prefix`."""
        self._app = app
        self._prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request below the prefix, or at the prefix itself."""
        own = {key: value for key, value in scope.items() if key not in ("app_root_path", "router")}
        root = scope.get("app_root_path", scope.get("root_path", "")) + self._prefix
        path = scope["path"] if scope["path"] != root else f"{root}/"
        await self._app({**own, "root_path": root, "path": path}, receive, send)


def _closing(database: Database) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await database.close()

    return lifespan


async def _landing(request: Request) -> Response:
    return landing_page(request.app.state.settings, request.scope.get("root_path", ""))


async def _health(request: Request) -> Response:
    """Whether the hub can answer questions."""
    try:
        async with asyncio.timeout(HEALTH_WAIT_S), request.app.state.database.connection() as found:
            pgstac = await found.fetchval("SELECT pgstac.get_version()")
    except (DatabaseUnavailableError, TimeoutError):
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, "The catalogue's database does not answer.")
    return JSONResponse({"status": "up", "database": {"status": "up", "pgstac": pgstac}})
