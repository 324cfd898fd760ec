"""Searches of the shipped API against stock stac-fastapi-pgstac: same database, Items and machine,
one run.

The floor of a page is the plain SQL that reads the same rows, by asyncpg.
"""

import asyncio
import json
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import batched, cycle
from pathlib import Path
from random import Random
from urllib.parse import urlencode, urlsplit

import asyncpg
import httpx

from benchmarks.items import COLLECTION, make_items
from benchmarks.table import Row
from swath.local.postgres import create_database, delete_cluster, start_cluster
from swath.local.sockets import free_port
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect
from swath.pgstac.migrate import migrate

# How many Items are catalogued, all of one size: LOADED by ingestion, the rest copies of them.
ITEMS = int(os.environ.get("SWATH_BENCH_ITEMS", "10000"))
LOADED = 10_000
MULTIPLY = Path(__file__).with_name("multiply.sql")
COPYING = 2
SECONDS = float(os.environ.get("SWATH_BENCH_SECONDS", "2"))
CLIENTS = (4, 16)
# Questions of each scenario, asked again and again.
DRAWN = 200
BATCH = 2_000
PAGE, DEEP = 100, 1000
FLOOR = (
    "SELECT id, collection, content::text, ST_AsGeoJSON(geometry, 20) FROM pgstac.items"
    " WHERE collection = $1 ORDER BY datetime DESC, collection DESC, id DESC LIMIT $2"
)

type Scenario = Callable[[Random], str]


def measure_searching(folder: Path) -> Iterator[Row]:
    """Both APIs over one catalogue."""
    cluster = start_cluster(folder / "postgres")
    try:
        url = create_database(cluster, "searching")
        migrate(url)
        ids = fill(url, ITEMS)
        yield from _cold_starts(url)
        with served("swath", url) as ours, served("stock", url) as stock:
            yield from asyncio.run(_compared(url, ours, stock, scenarios(ids)))
    finally:
        delete_cluster(folder / "postgres")


def scenarios(ids: list[str]) -> dict[str, Scenario]:
    """What is asked for, below the root of an API; the same of both, drawn by number."""
    search = {"collections": COLLECTION}

    def asked(**more: str) -> str:
        return "/search?" + urlencode(search | more)

    return {
        "limit 10": lambda _: asked(limit="10"),
        "limit 100": lambda _: asked(limit="100"),
        "bbox and month": lambda r: asked(limit="10", bbox=_box(r), datetime=_month(r)),
        "bbox and month, a page full": lambda r: asked(
            limit="10", bbox=_box(r, _wide()), datetime=_month(r)
        ),
        "one id": lambda r: asked(ids=r.choice(ids)),
        "Item": lambda r: f"/collections/{COLLECTION}/items/{r.choice(ids)}",
        "CQL2": lambda r: asked(limit="10", filter=f"eo:cloud_cover < {r.uniform(1, 20):.2f}"),
        "CQL2, bbox and month": lambda r: asked(
            limit="10",
            bbox=_box(r),
            datetime=_month(r),
            filter=f"eo:cloud_cover < {r.uniform(5, 40):.2f}",
        ),
        "sorted by cloud cover, bbox": lambda r: asked(
            limit="10", bbox=_box(r), sortby="eo:cloud_cover"
        ),
        "collections": lambda _: "/collections?limit=200",
    }


def _box(random: Random, side: float = 5) -> str:
    west, south = random.uniform(-170, 170 - side), random.uniform(-50, 65 - side)
    return f"{west:.4f},{south:.4f},{west + side:.4f},{south + side:.4f}"


def _wide() -> float:
    """Degrees of a box in which a month has some fifteen Items, however many there are in all."""
    return 5 * math.sqrt(1_200_000 / ITEMS)


def _month(random: Random) -> str:
    year, month = random.randint(2020, 2024), random.randint(1, 12)
    after = f"{year + month // 12}-{month % 12 + 1:02d}"
    return f"{year}-{month:02d}-01T00:00:00Z/{after}-01T00:00:00Z"


def fill(url: str, count: int) -> list[str]:
    """Loads the Items as ingestion does, up to LOADED; returns some of their ids."""
    catalogue = Catalogue(lambda: connect(url))
    for batch in batched(make_items(min(count, LOADED)), BATCH, strict=False):
        catalogue.settle(batch, [])
    catalogue.close()
    with connect(url) as connection:
        connection.execute("ANALYZE pgstac.items")
    with ThreadPoolExecutor(COPYING) as pool:
        list(pool.map(lambda copy: _multiply(url, copy), range(1, count // LOADED)))
    with connect(url, statement_timeout_s=600) as connection:
        connection.execute("VACUUM (ANALYZE) pgstac.items, swath.products")
        rows = connection.execute(
            "SELECT id FROM pgstac.items WHERE collection = %s ORDER BY md5(id) LIMIT 500",
            [COLLECTION],
        ).fetchall()
    return [item_id for (item_id,) in rows]


def _multiply(url: str, copy: int) -> None:
    with connect(url, statement_timeout_s=600) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute(MULTIPLY.read_text(), {"copy": copy})


@contextmanager
def served(which: str, url: str) -> Iterator[str]:
    """The address of one API, served by one worker of uvicorn."""
    port = free_port()
    found = urlsplit(url)
    app, root = {
        "swath": ("api.asgi:create_app", "/stac"),
        "stock": ("stac_fastapi.pgstac.app:create_app", ""),
    }[which]
    settings = {
        "SWATH_DATABASE_URL": url,
        "PGUSER": found.username or "",
        "PGPASSWORD": found.password or "",
        "PGHOST": found.hostname or "",
        "PGPORT": str(found.port),
        "PGDATABASE": found.path[1:],
        "DB_MIN_CONN_SIZE": "1",
        "DB_MAX_CONN_SIZE": "4",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", app, "--port", str(port)]
    server = subprocess.Popen([*command, "--log-level", "error"], env=os.environ | settings)
    address = f"http://127.0.0.1:{port}{root}"
    try:
        _wait_for(f"{address}/conformance")
        yield address
    finally:
        server.terminate()
        server.wait()


def _wait_for(address: str) -> None:
    for _ in range(600):
        try:
            httpx.get(address).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


async def _compared(url: str, ours: str, stock: str, asked: dict[str, Scenario]) -> list[Row]:
    rows = []
    for name, scenario in asked.items():
        paths = _drawn(scenario)
        _ask_each(ours, paths)
        mine, theirs = _alone(ours, paths), _alone(stock, paths)
        faster = statistics.median(theirs) / statistics.median(mine)
        rows.append(
            Row(f"{name}, p50 / p95", f"{_told(mine)}; stock {_told(theirs)}: {faster:.1f}x")
        )
        for clients in CLIENTS:
            pace, other = _pace(ours, paths, clients), _pace(stock, paths, clients)
            rows.append(
                Row(
                    f"{name}, {clients} clients",
                    f"{pace:.0f}/s; stock {other:.1f}/s: {pace / other:.1f}x",
                )
            )
    return [
        *rows,
        *await _floors(url, ours),
        _deep(ours),
        *_aggregated(ours),
        *await _exported(ours),
    ]


def _drawn(scenario: Scenario) -> list[str]:
    random = Random(7)  # noqa: S311  benchmarks, not secrets
    return [scenario(random) for _ in range(DRAWN)]


def _ask_each(root: str, paths: list[str]) -> None:
    """Has the database read what answers them: who is asked second would find it in memory."""
    ask = _asker(root)
    for path in dict.fromkeys(paths):
        ask(path)


def _asker(root: str) -> Callable[[str], bytes]:
    """Asks for what lies below a root, over one connection. The client and the server share a
    machine: one that is convenient takes as long as the fastest answers.
    """
    parts = urlsplit(root)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def ask(path: str) -> bytes:
        connection.request("GET", parts.path + path)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{answer.status} for {path}: {body[:200]!r}")
        return body

    return ask


def _alone(root: str, paths: list[str]) -> list[float]:
    """Milliseconds of one request after another."""
    taken: list[float] = []
    ask, asked = _asker(root), cycle(paths)
    for _ in range(3):
        ask(next(asked))
    until = time.perf_counter() + SECONDS
    while time.perf_counter() < until or len(taken) < 5:
        path = next(asked)
        begun = time.perf_counter()
        ask(path)
        taken.append(1000 * (time.perf_counter() - begun))
    return taken


def _pace(root: str, paths: list[str], clients: int) -> float:
    """Answers per second with so many clients at once."""
    begun = time.perf_counter()

    def count(number: int) -> int:
        random, ask, done = Random(number), _asker(root), 0  # noqa: S311
        while time.perf_counter() < begun + SECONDS:
            ask(random.choice(paths))
            done += 1
        return done

    with ThreadPoolExecutor(clients) as pool:
        done = sum(pool.map(count, range(clients)))
    return done / (time.perf_counter() - begun)


async def _floors(url: str, ours: str) -> list[Row]:
    """Pages against the plain SQL that reads the same rows."""
    rows = []
    connection = await asyncpg.connect(url)
    for limit in (10, PAGE):
        plain = []
        for _ in range(40):
            begun = time.perf_counter()
            await connection.fetch(FLOOR, COLLECTION, limit + 1)
            plain.append(1000 * (time.perf_counter() - begun))
        mine = _alone(ours, [f"/search?collections={COLLECTION}&limit={limit}"])
        ratio = statistics.median(mine) / statistics.median(plain)
        rows.append(
            Row(
                f"limit {limit} against plain SQL",
                f"{_told(mine)}; SQL {_told(plain)}: {ratio:.2f}x",
            )
        )
    await connection.close()
    return rows


def _deep(root: str) -> Row:
    """A page deep in a long listing against the first, in turn."""
    ask = _asker(root)
    first = f"/search?collections={COLLECTION}&limit=10"
    deep, number = first, 1
    while number < DEEP and (following := _next(root, ask(deep))):
        deep, number = following, number + 1
    taken: dict[str, list[float]] = {first: [], deep: []}
    for _ in range(60):
        for path, found in taken.items():
            begun = time.perf_counter()
            ask(path)
            found.append(1000 * (time.perf_counter() - begun))
    one, last = (statistics.median(found) for found in taken.values())
    return Row(
        f"page {number} against page 1, limit 10",
        f"{last:.1f} ms; {one:.1f} ms: {last / one:.2f}x",
    )


def _next(root: str, page: bytes) -> str | None:
    links = json.loads(page)["links"]
    href = next((link["href"] for link in links if link["rel"] == "next"), None)
    return href and href.removeprefix(root)


def _aggregated(root: str) -> list[Row]:
    """What all Items of the collection have in common, and those of a month; stock cannot tell."""
    names = "total_count,datetime_frequency,cloud_cover_frequency,centroid_geohash_grid_frequency"
    path = f"/collections/{COLLECTION}/aggregate?"
    asked: dict[str, Scenario] = {
        "count and histogram of time": lambda _: (
            path + urlencode({"aggregations": "total_count,datetime_frequency"})
        ),
        "four aggregations of a month": lambda r: (
            path + urlencode({"aggregations": names, "datetime": _month(r)})
        ),
    }
    return [
        Row(f"{name}, p50 / p95", _told(_alone(root, _drawn(scenario))))
        for name, scenario in asked.items()
    ]


async def _exported(root: str) -> list[Row]:
    """Many Items in each form but a page; stock has pages only."""
    rows, count = [], min(ITEMS, LOADED)
    async with _client() as client:
        for form in ("ndjson", "parquet"):
            asked = {"collections": COLLECTION, "f": form, "limit": str(count)}
            path = f"{root}/search?{urlencode(asked)}"
            first, size, begun = 0.0, 0, time.perf_counter()
            async with client.stream("GET", path, timeout=None) as answer:
                answer.raise_for_status()
                async for chunk in answer.aiter_raw():
                    first = first or time.perf_counter() - begun
                    size += len(chunk)
            taken = time.perf_counter() - begun
            rows.append(
                Row(
                    f"export of {count} Items, {form}",
                    f"{count / taken:.0f} Items/s, {size / 1e6:.1f} MB, first after {first:.2f} s",
                )
            )
    return rows


def _cold_starts(url: str) -> Iterator[Row]:
    """Import to first answer, in fresh processes, one after the other."""
    taken: dict[str, list[tuple[float, float]]] = {"swath": [], "stock": []}
    for _ in range(5):
        for which, found in taken.items():
            command = [sys.executable, "-m", "benchmarks.cold_start", which, url, COLLECTION]
            run = subprocess.run(command, capture_output=True, text=True, check=True)
            wall, cpu = run.stdout.split()[-2:]
            found.append((float(wall), float(cpu)))
    ours, stock = (
        [statistics.median(column) for column in zip(*found, strict=True)]
        for found in taken.values()
    )
    for place, kind in enumerate(("wall", "processor")):
        yield Row(
            f"import to first answer, {kind} time",
            f"{ours[place]:.0f} ms; stock {stock[place]:.0f} ms: {ours[place] / stock[place]:.2f}x",
        )


@asynccontextmanager
async def _client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=60, headers={"Accept-Encoding": "identity"}) as client:
        yield client


def _told(milliseconds: list[float]) -> str:
    ordered = sorted(milliseconds)
    p95 = ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))]
    return f"{statistics.median(ordered):.1f} / {p95:.1f} ms"
