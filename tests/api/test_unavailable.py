"""When the database is away, slow or not set up, clients are asked to come back."""

import asyncio
import socket
import time
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest

from api.database import GRACE_S, LEFT_ALONE_S, Database
from api.stac import transactions
from swath.errors import DatabaseUnavailableError
from swath.settings import ApiSettings
from tests.api.catalogue import item, radar, serve
from tests.faults.proxy import HEALTHY, Fault, Kind, Proxy

PATHS = [
    "/health",
    "/stac/",
    "/stac/search",
    "/stac/collections",
    "/stac/collections/sentinel-1-grd",
    "/stac/collections/sentinel-1-grd/items",
    "/stac/collections/sentinel-1-grd/items/x",
    "/stac/queryables",
]


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("path", PATHS)
async def test_nobody_listens(closed_port: int, path: str) -> None:
    async with serve(f"postgresql://postgres@127.0.0.1:{closed_port}/swath") as client:
        assert_unavailable(await client.get(path))


async def test_a_server_that_never_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with serve(f"postgresql://postgres@127.0.0.1:{port}/swath", wait_s=1) as client:
            begun = time.monotonic()
            assert_unavailable(await client.get("/stac/collections"))
            assert_unavailable(await client.get("/health"))
            assert time.monotonic() - begun < 5


@pytest.mark.parametrize("idle_s", [0, LEFT_ALONE_S + 0.1], ids=["in use", "left alone"])
async def test_a_server_that_falls_silent(database_url: str, idle_s: float) -> None:
    proxy = before(database_url)
    async with serve(proxy.through(database_url), wait_s=0.5, statement_timeout_s=0.5) as client:
        assert (await client.get("/stac/search")).status_code == 200
        await asyncio.sleep(idle_s)
        proxy.fault = Fault(Kind.BLACKHOLE)
        begun = time.monotonic()
        assert_unavailable(await client.get("/stac/search"))
        assert time.monotonic() - begun < 0.5 + GRACE_S + 0.4
        proxy.fault = HEALTHY

        assert (await client.get("/stac/search")).status_code == 200
    proxy.close()


async def test_a_server_that_falls_silent_before_a_writer(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transactions, "PATIENCE_S", 0.5)
    proxy, items = before(database_url), "/stac/collections/sentinel-1-grd/items"
    url = proxy.through(database_url)
    async with serve(url, ApiSettings(transactions=True)) as client:
        assert (await client.post(items, json=item("one"))).status_code == 201
        proxy.fault = Fault(Kind.BLACKHOLE)
        begun = time.monotonic()
        answers = await asyncio.gather(*(client.post(items, json=item(n)) for n in "ab"))
        # Whose turn comes at the last moment waits for a new connection, too: three seconds.
        assert time.monotonic() - begun < 5
        proxy.fault = HEALTHY

        assert (await client.post(items, json=item("two"))).status_code == 201
    proxy.close()
    for answer in answers:
        assert_unavailable(answer)


def before(url: str) -> Proxy:
    at = urlsplit(url)
    return Proxy((at.hostname or "", at.port or 0))


async def test_pages_that_need_no_database_are_served_without(closed_port: int) -> None:
    async with serve(f"postgresql://postgres@127.0.0.1:{closed_port}/swath") as client:
        for path in ("/", "/docs", "/stac/conformance", "/stac/api"):
            assert (await client.get(path)).status_code == 200, path


async def test_a_database_without_pgstac(catalogue_url: str) -> None:
    server, _, _ = catalogue_url.rpartition("/")
    async with serve(f"{server}/postgres") as client:
        assert_unavailable(await client.get("/stac/search"))
        assert_unavailable(await client.get("/health"))


async def test_an_unknown_database(catalogue_url: str) -> None:
    async with serve(f"{catalogue_url}_not") as client:
        assert_unavailable(await client.get("/stac/search"))


async def test_a_slow_query_is_ended(database_url: str) -> None:
    with psycopg.connect(database_url) as blocker:
        blocker.execute("LOCK TABLE pgstac.collections")
        async with serve(database_url, statement_timeout_s=0.2) as client:
            answer = await client.get("/stac/collections")
        blocker.rollback()

    assert_unavailable(answer)
    assert "too long" in answer.json()["detail"]


async def test_too_many_at_once_wait_only_so_long(database_url: str) -> None:
    with psycopg.connect(database_url) as blocker:
        blocker.execute("LOCK TABLE pgstac.collections")
        async with serve(database_url, pool_size=1, wait_s=0.2, statement_timeout_s=1) as client:
            answers = await asyncio.gather(*(client.get("/stac/collections") for _ in range(3)))
        blocker.rollback()

    for answer in answers:
        assert_unavailable(answer)


async def test_broken_connections_are_replaced(database_url: str) -> None:
    async with serve(database_url) as client:
        assert (await client.get("/stac/collections")).status_code == 200
        with psycopg.connect(database_url, autocommit=True) as other:
            ended = other.execute(
                "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
                " WHERE application_name = 'swath-api' AND datname = current_database()"
            ).fetchone()
        assert ended
        assert ended[0] >= 1
        await asyncio.sleep(LEFT_ALONE_S)

        assert (await client.get("/stac/collections")).status_code == 200


async def test_a_changed_password_is_asked_for_again(database_url: str) -> None:
    # A role that does not exist is refused as a wrong password is.
    user = psycopg.conninfo.conninfo_to_dict(database_url)["user"]
    urls = iter([database_url.replace(f"//{user}", "//nobody", 1), database_url])
    database = Database(lambda: next(urls), pool_size=1, wait_s=2, statement_timeout_s=5)

    with pytest.raises(DatabaseUnavailableError):
        async with database.connection():
            pass
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await database.close()


async def test_it_is_well(client: httpx.AsyncClient) -> None:
    answer = await client.get("/health")

    assert answer.status_code == 200
    assert answer.json()["database"]["status"] == "up"
    assert (await client.get("/stac/_mgmt/health")).json()["status"] == "UP"


async def test_the_connections_are_kept(client: httpx.AsyncClient, catalogue_url: str) -> None:
    for _ in range(5):
        await client.get(f"/stac/collections/sentinel-1-grd/items/{radar(1)['id']}")

    with psycopg.connect(catalogue_url) as connection:
        (count,) = connection.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE application_name = 'swath-api' AND datname = current_database()"
        ).fetchone() or (0,)
    assert 1 <= count <= 4


def assert_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert int(answer.headers["retry-after"]) > 0
    assert answer.headers["content-type"] == "application/problem+json"
    assert "127.0.0.1" not in answer.text
