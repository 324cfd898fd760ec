"""How fast ready Items are loaded: against pypgstac's loader and raw COPY, as the catalogue grows,
and by many writers at once.
"""

import cProfile
import pstats
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from psycopg import sql

from benchmarks.database import (
    count_items,
    empty,
    median,
    new_database,
    own_cluster,
    server_cpu_s,
)
from benchmarks.items import COLLECTION, SINCE, make_items
from benchmarks.loaders import PARTITION, Load, pypgstac_loader, raw_copy, swath_loader
from benchmarks.table import Row
from swath.domain.item import Item
from swath.local.postgres import Cluster
from swath.pgstac.connection import connect

ITEMS = 10_000
RUNS = 3
BATCH = 100
SIZES = (10_000, 100_000, 1_000_000)
WRITERS = (1, 2, 4, 8)
BATCHES_EACH = 10
FILL = Path(__file__).with_name("fill.sql")
# Where the loader's time goes, by the functions that spend it; what is left is the commit. Rows and
# events are made while COPY runs.
STAGES = {
    "_rows": "Items into rows",
    "claim": "products claimed",
    "_copying": "COPY",
    "event_row": "events",
    "copy_events": "outbox",
    "record": "ledger",
    "_widen": "statistics and extents",
    "_homes": "partitions looked up",
}


def measure_loading(folder: Path) -> Iterator[Row]:
    """Rates, and what limits them."""
    items = list(make_items(ITEMS, months=1))
    with own_cluster(folder) as cluster:
        yield from _rates(cluster, items)
        yield from _limits(cluster, items)


def measure_writers(folder: Path) -> Iterator[Row]:
    """Several at once."""
    with own_cluster(folder) as cluster:
        yield from _concurrency(cluster, "one partition", list(make_items(ITEMS, months=1)))
        yield from _concurrency(cluster, "60 months", list(make_items(ITEMS, months=60)))


def measure_growth(folder: Path) -> Iterator[Row]:
    """From ten thousand to a million Items."""
    with own_cluster(folder) as cluster:
        yield from _growth(cluster, list(make_items(1_000, months=1)))


def _rates(cluster: Cluster, items: Sequence[Item]) -> Iterator[Row]:
    """Each contender in turn, several times; every run begins without Items."""
    ours, theirs = (new_database(cluster, name) for name in ("rates_swath", "rates_pypgstac"))
    runs: dict[str, Callable[[], float]] = {
        "raw COPY": lambda: _copied(ours, items),
        "swath": lambda: _loaded(ours, items, *swath_loader(ours, ITEMS)),
        "pypgstac": lambda: _loaded(theirs, items, *pypgstac_loader(theirs, ITEMS)),
        "swath by 100": lambda: _loaded(ours, items, *swath_loader(ours, BATCH)),
        "pypgstac by 100": lambda: _loaded(theirs, items, *pypgstac_loader(theirs, BATCH)),
    }
    _warm(ours, theirs, items)
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(RUNS):
        for name, run in runs.items():
            taken[name].append(run())
    rate = {name: ITEMS / median(seconds) for name, seconds in taken.items()}
    yield Row(f"{ITEMS} Items into one partition, raw COPY", f"{rate['raw COPY']:.0f} Items/s")
    for size, how in (("", "one batch"), (" by 100", "batches of 100")):
        us, them = rate[f"swath{size}"], rate[f"pypgstac{size}"]
        yield Row(f"the same by pypgstac (upsert), {how}", f"{them:.0f} Items/s")
        ratios = f"{us / them:.2f} of pypgstac, {us / rate['raw COPY']:.2f} of raw COPY"
        what = f"the same by Swath with ledger and outbox, {how}"
        yield Row(what, f"{us:.0f} Items/s: {ratios}")


def _warm(ours: str, theirs: str, items: Sequence[Item]) -> None:
    """Makes the partitions."""
    for url, make in ((ours, swath_loader), (theirs, pypgstac_loader)):
        load, connection = make(url, ITEMS)
        load(items[:BATCH], 1)
        connection.close()


def _loaded(url: str, items: Sequence[Item], load: Load, connection: object) -> float:
    empty(url)
    begun = time.perf_counter()
    load(items, 1)
    took = time.perf_counter() - begun
    connection.close()  # type: ignore[attr-defined]
    _check(url, len(items))
    return took


def _copied(url: str, items: Sequence[Item]) -> float:
    empty(url)
    load, connection = raw_copy(url, items)
    begun = time.perf_counter()
    load()
    took = time.perf_counter() - begun
    connection.close()
    _check(url, len(items))
    return took


def _check(url: str, expected: int) -> None:
    if (found := count_items(url)) != (expected, expected):
        raise RuntimeError(f"{found} Items instead of {expected}")


def _limits(cluster: Cluster, items: Sequence[Item]) -> Iterator[Row]:
    """Where the time of one load goes."""
    url = new_database(cluster, "limits")
    load, catalogue = swath_loader(url, ITEMS)
    load(items[:BATCH], 1)
    empty(url)
    server, client, begun = server_cpu_s(catalogue.connection), time.process_time(), time.time()
    load(items, 1)
    wall = time.time() - begun
    server = server_cpu_s(catalogue.connection) - server
    client = time.process_time() - client
    each = 1e6 / ITEMS
    cpu = f"client {client * each:.0f}, server {server * each:.0f}"
    yield Row("a core's µs per Item, Swath", f"{cpu}; {wall * each:.0f} passed")
    empty(url)
    profile = cProfile.Profile()
    profile.runcall(load, items, 1)
    catalogue.close()
    yield Row("where they pass", ", ".join(_shares(profile)))


def _shares(profile: cProfile.Profile) -> Iterator[str]:
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    whole = sum(own for _, _, own, _, _ in stats.values())
    for function, stage in STAGES.items():
        spent = sum(
            total for (file, _, name), (_, _, _, total, _) in stats.items()
            if name == function and "swath" in file
        )  # fmt: skip
        if spent / whole >= 0.01:
            yield f"{stage} {spent / whole:.0%}"


def _growth(cluster: Cluster, items: Sequence[Item]) -> Iterator[Row]:
    """What a batch of 100 new Items costs as their partition grows."""
    url = new_database(cluster, "growth")
    load, catalogue = swath_loader(url, BATCH)
    load(items[:1000], 1)
    costs, filled, fresh = [], 1000, 2_000_000
    for size in SIZES:
        _fill(url, filled, size - filled)
        filled = size
        taken = []
        for _ in range(21):
            batch = list(make_items(BATCH, first=fresh, months=1))
            fresh += BATCH
            begun = time.perf_counter()
            load(batch, 1)
            taken.append((time.perf_counter() - begun) * 1000)
        costs.append(median(taken))
    catalogue.close()
    told = ", ".join(f"{ms:.0f} ms at {n}" for ms, n in zip(costs, SIZES, strict=True))
    ratio = costs[-1] / costs[0]
    yield Row("a batch of 100 Items, all in one partition", f"{told}: {ratio:.2f} times")


def _fill(url: str, first: int, count: int) -> None:
    with connect(url, statement_timeout_s=600) as connection:
        found = connection.execute(PARTITION, [COLLECTION, SINCE]).fetchone() or ("",)
        statement = sql.SQL(FILL.read_text()).format(partition=sql.Identifier(found[0]))
        connection.execute("SET synchronous_commit = off")
        for start in range(first, first + count, 100_000):
            copies = min(100_000, first + count - start)
            connection.execute(statement, {"first": start, "copies": copies})
        connection.execute(
            "VACUUM (ANALYZE) pgstac.items, swath.products, swath.ledger, swath.outbox"
        )
        connection.execute("CHECKPOINT")


def _concurrency(cluster: Cluster, where: str, items: Sequence[Item]) -> Iterator[Row]:
    """So many processes, each with batches of its own, all at once."""
    ours, theirs = (
        new_database(cluster, f"{name}_{where.replace(' ', '_')}") for name in ("swath", "pypgstac")
    )
    _warm(ours, theirs, items)
    told = []
    for writers in WRITERS:
        took, failed = _together(_write_swath, ours, items, writers)
        _check(ours, writers * BATCHES_EACH * BATCH)
        told.append(f"{writers}: {writers * BATCHES_EACH * BATCH / took:.0f}")
        if failed:
            raise RuntimeError(f"{failed} batches failed")
    what = f"Items/s by writers of batches of 100, {where}, Swath (nothing lost)"
    yield Row(what, ", ".join(told))
    took, failed = _together(_write_pypgstac, theirs, items, WRITERS[-1])
    stored, distinct = count_items(theirs)
    lost = WRITERS[-1] * BATCHES_EACH * BATCH - distinct
    yield Row(
        f"the same by {WRITERS[-1]} of pypgstac",
        f"{stored / took:.0f}; {failed} batches failed, {lost} Items lost",
    )


def _together(
    write: Callable[[str, Sequence[Item]], int], url: str, items: Sequence[Item], writers: int
) -> tuple[float, int]:
    """Seconds until the last is done, and how many batches failed."""
    empty(url)
    shares = [items[n * BATCHES_EACH * BATCH :][: BATCHES_EACH * BATCH] for n in range(writers)]
    with ProcessPoolExecutor(writers, mp_context=get_context("fork")) as pool:
        list(pool.map(_ready, range(writers)))
        begun = time.perf_counter()
        failed = sum(pool.map(write, [url] * writers, shares))
        return time.perf_counter() - begun, failed


def _ready(number: int) -> int:
    """Starts a process."""
    time.sleep(0.1)
    return number


def _write_swath(url: str, items: Sequence[Item]) -> int:
    load, catalogue = swath_loader(url, BATCH)
    load(items, 1)
    catalogue.close()
    return 0


def _write_pypgstac(url: str, items: Sequence[Item]) -> int:
    """Batches that pypgstac's own trying again did not save."""
    load, database = pypgstac_loader(url, BATCH)
    failed = 0
    for start in range(0, len(items), BATCH):
        try:
            load(items[start : start + BATCH], 1)
        except Exception:  # noqa: BLE001  what its users would see
            failed += 1
    database.close()
    return failed
