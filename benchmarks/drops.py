"""From dropped to searchable: one product at a time, and many at once."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import psycopg

from benchmarks.table import Row, spread
from swath.domain.naming import without_extension
from swath.local import aws
from swath.local.samples.writer import SAMPLED, write_samples
from swath.local.state import RunningHub
from swath.stores.s3 import S3

SINGLE = 50
AT_ONCE = 1000
PATIENCE_S = 300


def measure_drops(hub: RunningHub, folder: Path) -> Iterator[Row]:
    """Two rows; the hub is warmed by the first products, which do not count."""
    warm = 10
    paths = list(
        write_samples(
            folder / "drops",
            count=warm + SINGLE + AT_ONCE,
            missions=SAMPLED,
            seed=2,
            layout="zip",
        )
    )
    _drop_together(hub, paths[:warm])
    singles = [_drop_ms(hub, path) for path in paths[warm : warm + SINGLE]]
    yield spread(f"dropped to searchable, {SINGLE} single products", singles)
    before = _cpu_s(hub)
    took = _drop_together(hub, paths[warm + SINGLE :])
    yield Row(f"{AT_ONCE} products at once", f"{AT_ONCE / took:.0f} products/s ({took:.1f} s)")
    spent = {name: (after - before[name]) / AT_ONCE for name, after in _cpu_s(hub).items()}
    told = ", ".join(f"{name} {seconds * 1000:.1f}" for name, seconds in spent.items())
    cores = psutil.cpu_count() or 1
    busy = f"{sum(spent.values()) * AT_ONCE / took / cores:.0%} of {cores} cores"
    yield Row("a core's ms per product", f"{told}: {busy}")


def _cpu_s(hub: RunningHub) -> dict[str, float]:
    """Seconds of a core that each part of the hub has taken, and its client."""
    emulator, functions = psutil.Process(hub.processes["emulator"].pid), 0.0
    for worker in emulator.children(recursive=True):
        functions += _taken_s(worker)
    database = psutil.Process(hub.processes["postgres"].pid)
    return {
        "functions": functions,
        "database": sum(map(_taken_s, (database, *database.children(recursive=True)))),
        "emulator": _taken_s(emulator),
        "client": _taken_s(psutil.Process()),
    }


def _taken_s(process: psutil.Process) -> float:
    """Its own, and that of children that have ended."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _drop_ms(hub: RunningHub, path: Path) -> float:
    inbox, content, item = _inbox(hub), path.read_bytes(), _item_id(path)
    with httpx.Client() as http:
        begun = time.perf_counter()
        inbox.put(hub.inbox_bucket, path.name, content, "application/zip")
        while not _is_found(http, hub, item):
            if time.perf_counter() - begun > PATIENCE_S:
                raise TimeoutError(f"{path.name} was not found")
            time.sleep(0.005)
        return (time.perf_counter() - begun) * 1000


def _is_found(http: httpx.Client, hub: RunningHub, item: str) -> bool:
    page = http.get(f"{hub.api_url}/stac/search", params={"ids": item}).json()
    return bool(page["features"])


def _drop_together(hub: RunningHub, paths: Sequence[Path]) -> float:
    """Seconds from the first byte sent until all are in the catalogue."""
    inbox = _inbox(hub)

    def drop(path: Path) -> None:
        inbox.put(hub.inbox_bucket, path.name, path.read_bytes(), "application/zip")

    ids = [_item_id(path) for path in paths]
    begun = time.perf_counter()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(drop, paths))
    with psycopg.connect(hub.database_url, autocommit=True) as connection:
        query = "SELECT count(*) FROM pgstac.items WHERE id = ANY (%s)"
        while connection.execute(query, [ids]).fetchone() != (len(ids),):
            if time.perf_counter() - begun > PATIENCE_S:
                raise TimeoutError("some products were not catalogued")
            time.sleep(0.02)
    return time.perf_counter() - begun


def _inbox(hub: RunningHub) -> S3:
    """A client that costs the machine little: none of a real hub's clients run on it."""
    return S3(hub.region, hub.aws_endpoint, access_key=aws.ACCESS_KEY, secret_key=aws.ACCESS_KEY)


def _item_id(path: Path) -> str:
    return without_extension(path.name)
