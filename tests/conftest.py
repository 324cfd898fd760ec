"""What every layer of tests shares: one PostgreSQL cluster per run, a fresh database per test, real
products.
"""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest

from swath.local.emulator import launch_emulator, restore_objects, wait_for_emulator
from swath.local.postgres import (
    Cluster,
    create_database,
    start_cluster,
    stop_cluster,
)
from swath.local.processes import stop_processes
from swath.pgstac.connection import connect
from swath.pgstac.migrate import migrate
from swath.pgstac.partitions import Room, make_partitions
from tests.leftovers import remove

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"
TEMPLATE = "template_swath"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real products and expected Items that lie beside the checkout; not part of the product."""
    if not SHARED_DATA.is_dir():
        pytest.skip(
            "needs the real products of ../shared/data, which lie beside the checkout of "
            "the maintainers only"
        )
    return SHARED_DATA


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make_template(url: str) -> None:
    """A migrated database with the partitions that most tests need: making one takes a while."""
    migrate(url)
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    with connect(url) as connection:
        found = connection.execute("SELECT id FROM pgstac.collections WHERE id ~ '^sentinel-[12]-'")
        make_partitions(connection, [Room(i, moment, moment) for (i,) in found])


@pytest.fixture(scope="session")
def cluster(testrun_uid: str) -> Iterator[Cluster]:
    """One PostgreSQL cluster for all workers of a run: the first starts it, the last stops it."""
    folder = Path(tempfile.gettempdir()) / f"swath-{testrun_uid[:12]}"
    folder.mkdir(exist_ok=True)
    # The server runs as an unprivileged user and must be able to enter.
    folder.chmod(0o711)
    users = folder / "users"
    users.mkdir(exist_ok=True)
    me = users / str(os.getpid())
    with _locked(folder):
        me.touch()
        started = start_cluster(folder / "postgres", durable=False)
        if not (folder / "ready").exists():
            make_template(create_database(started, TEMPLATE))
            (folder / "ready").touch()
    yield started
    with _locked(folder):
        me.unlink()
        last = not any(users.iterdir())
        if last:
            stop_cluster(folder / "postgres")
    if last:
        # Hundreds of databases: nobody waits until the last of their files is gone.
        data = (folder / "postgres" / "data").resolve()
        remove(data, folder)


@pytest.fixture(scope="session")
def new_database(cluster: Cluster) -> Callable[[], str]:
    """Makes databases that are migrated and seeded, each a copy of one template; returns their
    URLs.
    """
    numbers = count()

    def make() -> str:
        # They go with the cluster: dropping one costs a checkpoint, some thousand times its copy.
        return create_database(cluster, f"test_{os.getpid()}_{next(numbers)}", template=TEMPLATE)

    return make


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """A database of this test's own, migrated and seeded."""
    return new_database()


@pytest.fixture(scope="session")
def emulator_endpoint() -> Iterator[str]:
    """An AWS of this worker's own."""
    folder = Path(tempfile.mkdtemp(prefix="swath-aws-"))
    child, endpoint = launch_emulator(folder)
    emulator = wait_for_emulator(child, endpoint, folder / "emulator.log")
    restore_objects(endpoint)
    yield endpoint
    stop_processes([emulator.process])
    shutil.rmtree(folder, ignore_errors=True)
