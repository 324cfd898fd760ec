"""What functions depend on goes away, and comes back (F-03 to F-06, F-30)."""

import asyncio
import os
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from swath.local import postgres
from swath.local.postgres import Cluster, create_database, delete_cluster, start_cluster
from swath.local.sockets import LOOPBACK
from tests.api.catalogue import serve
from tests.conftest import TEMPLATE, make_template
from tests.faults.campaign import Drops
from tests.faults.conftest import SEED
from tests.faults.poller import Poller
from tests.faults.products import COLLECTION, ready_item
from tests.faults.proxy import Fault, Kind
from tests.faults.rig import Rig

type Report = Callable[[object], None]

DOWN_S = float(os.environ.get("DOWN_S") or 30)
RATE = 20  # products dropped a second


@pytest.fixture(scope="module")
def own_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster that may be killed. It keeps what it says it has, unlike that of other tests."""
    folder = tmp_path_factory.mktemp("own")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    cluster = start_cluster(folder / "postgres")
    make_template(create_database(cluster, TEMPLATE))
    yield cluster
    delete_cluster(folder / "postgres")


@pytest.fixture
def own_rig(
    own_cluster: Cluster, new_rig: Callable[..., Rig], request: pytest.FixtureRequest
) -> Rig:
    """A hub whose database may be killed."""
    now = postgres.running_cluster(own_cluster.folder) or start_cluster(own_cluster.folder)
    name = f"outage_{abs(hash(request.node.name))}"
    return new_rig(database_url=create_database(now, name, template=TEMPLATE))


@dataclass
class Answers:
    """What the API said, and when."""

    said: list[tuple[float, int, float]] = field(default_factory=list)

    def between(self, start: float, end: float) -> list[tuple[float, int, float]]:
        return [answer for answer in self.said if start <= answer[0] <= end]


@asynccontextmanager
async def asking(rig: Rig) -> AsyncIterator[Answers]:
    """Searches twice a second through the shipped API."""
    answers = Answers()
    url = rig.database.through(rig.database_url)
    async with serve(url, pool_size=4, wait_s=3, statement_timeout_s=10) as client:
        asked = asyncio.create_task(_ask(client, answers))
        try:
            yield answers
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)


async def _ask(client: httpx.AsyncClient, answers: Answers) -> None:
    while True:
        begun = time.monotonic()
        answer = await client.get("/stac/search", params={"limit": 1})
        answers.said.append((begun, answer.status_code, time.monotonic() - begun))
        await asyncio.sleep(0.5)


@contextmanager
def dropping(rig: Rig) -> Iterator[Drops]:
    """Drops products all the while."""
    drops, over = Drops(rig, SEED), threading.Event()

    def drop() -> None:
        while not over.wait(1 / RATE):
            drops.drop(1)

    thread = threading.Thread(target=drop)
    thread.start()
    try:
        yield drops
    finally:
        over.set()
        thread.join()


def kill(cluster: Cluster) -> None:
    """As `pg_ctl stop -m immediate`: no goodbye, no checkpoint."""
    os.kill(cluster.process.pid, signal.SIGQUIT)
    while postgres.running_cluster(cluster.folder) or psutil.pid_exists(cluster.process.pid):
        # A child of this process is there until somebody asks how it ended.
        with suppress(ChildProcessError):
            os.waitpid(cluster.process.pid, os.WNOHANG)
        time.sleep(0.02)


def bring_back(cluster: Cluster, rig: Rig) -> None:
    """The database returns under another port, as one that failed over does elsewhere."""
    now = start_cluster(cluster.folder)
    rig.database_url = now.url(rig.database_url.rsplit("/", 1)[-1])
    rig.database.target = (LOOPBACK, now.port)


def assert_recovered(
    rig: Rig, poller: Poller, drops: Drops, report: Report, returned: float, within_s: float = 30
) -> None:
    told = poller.drain(patience_s=120)
    took = time.monotonic() - returned
    report(
        f"{len(drops.revisions)} products dropped, drained {took:.1f} s after the return,"
        f" at most {told.most_receives} receives, {rig.waiting(rig.dead_queue)} in the DLQ"
    )
    world = rig.assert_whole({(COLLECTION, name) for name in drops.revisions})
    assert world.dead == 0
    assert took < within_s


@pytest.mark.faults
async def test_a_database_that_is_killed_and_comes_back(own_rig: Rig, report: Report) -> None:
    cluster = postgres.running_cluster(_folder(own_rig))
    assert cluster
    poller = own_rig.poller(concurrency=4)
    async with asking(own_rig) as answers:
        with dropping(own_rig) as drops, poller.running():
            await asyncio.sleep(5)
            await asyncio.to_thread(kill, cluster)
            down = time.monotonic()
            await asyncio.sleep(DOWN_S)
            await asyncio.to_thread(bring_back, cluster, own_rig)
            returned = time.monotonic()
        await asyncio.to_thread(assert_recovered, own_rig, poller, drops, report, returned)
        await asyncio.sleep(2)

    assert_answered(answers, down, returned, report)


def _folder(rig: Rig) -> Path:
    with psycopg.connect(rig.database_url) as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    return Path(folder).parent


def assert_answered(answers: Answers, down: float, returned: float, report: Report) -> None:
    """503 while the database is away, and soon; 200 within 10 s of its return."""
    before = answers.between(0, down - 1)
    meanwhile = answers.between(down + 0.5, returned - 15)
    after = answers.between(returned + 10, returned + 1000)
    first = next((at for at, status, _ in answers.said if at > returned and status == 200), 0.0)
    slowest = max((took for _, _, took in meanwhile), default=0.0)
    report(
        f"API: {len(meanwhile)} answers meanwhile, slowest {slowest:.1f} s,"
        f" first 200 {first - returned:.1f} s after the return"
    )
    assert {status for _, status, _ in before} == {200}
    assert {status for _, status, _ in meanwhile} == {503}
    assert slowest < 5
    assert {status for _, status, _ in after} <= {200}
    assert returned < first < returned + 10


@pytest.mark.faults
async def test_a_database_that_no_longer_answers(rig: Rig, report: Report) -> None:
    poller = rig.poller(concurrency=4, timeout_s=20)
    async with asking(rig) as answers:
        with dropping(rig) as drops, poller.running():
            await asyncio.sleep(3)
            rig.database.fault = Fault(Kind.BLACKHOLE)
            down = time.monotonic()
            await asyncio.sleep(DOWN_S)
            rig.database.fault = Fault()
            returned = time.monotonic()
        # Who waits for an answer that does not come holds its messages until its time is up.
        await asyncio.to_thread(assert_recovered, rig, poller, drops, report, returned, 60)

    meanwhile = answers.between(down + 0.5, returned - 15)
    report(f"API: slowest answer {max(took for _, _, took in answers.said):.1f} s")
    # The query that was under way waits for as long as a query may take, those after it for less.
    assert {status for _, status, _ in meanwhile} <= {503}
    assert max(took for _, _, took in answers.said) < 12


@pytest.mark.parametrize("share", [0.5, pytest.param(0.9, marks=pytest.mark.faults)])
def test_commits_whose_answer_is_lost_change_nothing_twice(rig: Rig, share: float) -> None:
    drops = Drops(rig, SEED)
    drops.drop(30)
    poller = rig.poller(concurrency=2, at_once=(1, 5))
    with rig.database.failing(Fault(Kind.LOSE_COMMIT, odds=share)), poller.running():
        while rig.database.hits < 3:
            time.sleep(0.05)
    # Those that failed come back by and by.
    poller.drain()

    rig.assert_whole({(COLLECTION, name) for name in drops.revisions})
    assert rig.database.hits >= 3


def test_a_function_that_times_out_holds_nothing_and_its_messages_return(rig: Rig) -> None:
    rig.put_all({f"{n}.json": ready_item(f"{n}") for n in range(10)})
    poller = rig.poller(concurrency=2, timeout_s=1)
    with psycopg.connect(rig.database_url) as blocker:
        blocker.execute("LOCK TABLE pgstac.items IN EXCLUSIVE MODE")
        with poller.running():
            while poller.told.timeouts < 2:
                time.sleep(0.05)
    deadline = time.monotonic() + 15
    while rig.locks() and time.monotonic() < deadline:
        time.sleep(0.1)

    assert rig.locks() == []
    assert rig.waiting() == 10
    rig.poller(concurrency=2).drain()
    rig.assert_whole({(COLLECTION, f"{n}") for n in range(10)})


@pytest.mark.faults
def test_more_writers_than_connections_wait_their_turn(
    tmp_path_factory: pytest.TempPathFactory,
    new_rig: Callable[..., Rig],
    monkeypatch: pytest.MonkeyPatch,
    report: Report,
) -> None:
    folder = tmp_path_factory.mktemp("few")
    for parent in (folder, *folder.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    monkeypatch.setitem(postgres.SETTINGS, "max_connections", "20")
    cluster = start_cluster(folder / "postgres", durable=False)
    try:
        make_template(create_database(cluster, TEMPLATE))
        rig = new_rig(database_url=create_database(cluster, "few", template=TEMPLATE))
        rig.put_all({f"{n}.json": ready_item(f"{n}") for n in range(400)})

        told = rig.poller(concurrency=40, at_once=(1, 3)).drain(patience_s=240)

        report(f"at most {told.most_receives} receives with 40 writers on 20 connections")
        world = rig.assert_whole({(COLLECTION, f"{n}") for n in range(400)})
        assert world.dead == 0
        assert told.errors == {}
    finally:
        delete_cluster(folder / "postgres")


@pytest.mark.faults
def test_a_queue_and_bucket_that_freeze(rig: Rig, emulator_endpoint: str, report: Report) -> None:
    emulator = _listener(int(emulator_endpoint.rsplit(":", 1)[-1]))
    rig.put_all({f"{n}.json": ready_item(f"{n}") for n in range(200)})
    poller = rig.poller(concurrency=4, timeout_s=60, at_once=(1, 3))
    with poller.running():
        while not poller.told.acked:
            time.sleep(0.05)
        emulator.suspend()
        me, begun = psutil.Process().cpu_times(), time.monotonic()
        time.sleep(DOWN_S)
        now, took = psutil.Process().cpu_times(), time.monotonic() - begun
        emulator.resume()
    busy = (now.user + now.system - me.user - me.system) / took
    told = poller.drain()

    report(f"busy {busy:.1%} while frozen, at most {told.most_receives} receives")
    rig.assert_whole({(COLLECTION, f"{n}") for n in range(200)})
    assert busy < 0.05


def _listener(port: int) -> psutil.Process:
    for found in psutil.net_connections("tcp"):
        _, number, *_ = found.laddr or ("", 0)
        if found.status == psutil.CONN_LISTEN and number == port and found.pid:
            return psutil.Process(found.pid)
    raise LookupError(f"nobody listens on {port}")
