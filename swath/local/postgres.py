"""A private PostgreSQL cluster in a folder: made, started, mended after a crash, stopped.

It listens on the loopback address alone, on a free port, and asks everyone for the password that is
kept in `<folder>/cluster.json` (mode 0600). Started by root it runs as an unprivileged user, as
PostgreSQL demands.
"""

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from swath.errors import HubError
from swath.local.postgres_site import (
    USER,
    Site,
    environment,
    make_data,
    read_access,
    refusal,
    site_in,
    write_access,
)
from swath.local.postmaster import (
    forget_dead_postmaster,
    postmaster,
    recorded_pid,
    reported_status,
)
from swath.local.processes import ProcessId, disown, identify, start_child, stop_processes
from swath.local.sockets import LOOPBACK, free_port

START_PATIENCE_S = 60.0
LOG_LIMIT_BYTES = 16 * 1024**2

# A laptop's share of memory; locks for years of monthly partitions touched in one transaction; no
# compiled plans, which over many partitions take far longer to compile than to run.
SETTINGS = {
    "shared_buffers": "256MB",
    "max_connections": "100",
    "max_locks_per_transaction": "512",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "default_toast_compression": "lz4",
    "jit": "off",
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "lc_messages": "C",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "logging_collector": "off",
    "cluster_name": "swath",
}
# For tests: a crash of the machine may lose everything; thousands of short connections are made,
# none of which has to load PostGIS by itself.
FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_preload_libraries": "postgis-3",
}


@dataclass(frozen=True)
class Cluster:
    """A running cluster."""

    folder: Path
    port: int
    password: str
    process: ProcessId

    def url(self, database: str = "postgres") -> str:
        """How to connect to one of its databases."""
        return f"postgresql://{USER}:{self.password}@{LOOPBACK}:{self.port}/{database}"


def start_cluster(folder: Path, *, durable: bool = True, ends_with_parent: bool = False) -> Cluster:
    """Make the cluster in `folder` if it is not there, start it, and wait until it answers.

    A cluster that runs already is returned as it is. Not `durable`: much faster writes, for tests.
    `ends_with_parent`: stopped when this process ends, however it ends.

    Raises:
        HubError: No server is installed, the folder cannot be used, or PostgreSQL refuses to start.
    """
    running = running_cluster(folder)
    if running:
        return running
    site = site_in(folder.absolute())
    if not site.is_made:
        make_data(site)
    forget_dead_postmaster(site.data)
    settings = SETTINGS if durable else SETTINGS | FORGETFUL
    return _start(site, settings, signal.SIGINT if ends_with_parent else 0)


def running_cluster(folder: Path) -> Cluster | None:
    """The cluster that runs in `folder`; None when none does."""
    process = postmaster(folder / "data")
    if not process or reported_status(folder / "data") != "ready":
        return None
    access = read_access(folder)
    return Cluster(folder, access["port"], access["password"], process)


def stop_cluster(folder: Path) -> None:
    """Stop the cluster in `folder`, ending its sessions. Stopping what does not run is no error."""
    process = postmaster(folder / "data")
    if process and stop_processes([process], polite=signal.SIGINT, patience_s=20):
        raise HubError(
            f"PostgreSQL (process {process.pid}) does not end.", f"kill -9 {process.pid}"
        )


def delete_cluster(folder: Path) -> None:
    """Stop the cluster and remove its folder with everything in it."""
    stop_cluster(folder)
    data = folder / "data"
    if data.is_symlink():
        shutil.rmtree(data.resolve().parent, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


def create_database(cluster: Cluster, name: str, template: str | None = None) -> str:
    """Create a database unless it is there, as a copy of `template` if given; returns its URL."""
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if not known:
            copied = (
                # As files: block by block through the log it takes twice as long.
                sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
                if template
                else sql.SQL("")
            )
            connection.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), copied))
    return cluster.url(name)


def drop_database(cluster: Cluster, name: str) -> None:
    """Remove a database if it is there, ending the sessions in it."""
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        connection.execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )


def _start(site: Site, settings: dict[str, str], end_signal: int) -> Cluster:
    port = free_port()
    password = read_access(site.folder)["password"]
    write_access(site.folder, port, password)
    if site.log.exists() and site.log.stat().st_size > LOG_LIMIT_BYTES:
        site.log.unlink()
    said_before = site.log.stat().st_size if site.log.exists() else 0
    switches = _switches({**settings, "port": str(port)})
    child = start_child(
        [site.server.program("postgres"), "-D", os.path.realpath(site.data), *switches],
        log=site.log,
        environment=environment(),
        folder=Path("/"),
        owner=site.owner,
        end_signal=end_signal,
    )
    process = _wait_until_ready(child, site.data)
    if not process:
        child.kill()
        raise refusal("PostgreSQL does not start", site.log, said_before)
    disown(child)
    return Cluster(site.folder, port, password, process)


def _wait_until_ready(child: subprocess.Popen[bytes], data: Path) -> ProcessId | None:
    deadline = time.monotonic() + START_PATIENCE_S
    while child.poll() is None and time.monotonic() < deadline:
        if recorded_pid(data) == child.pid and reported_status(data) == "ready":
            return identify(child.pid)
        time.sleep(0.01)
    return None


def _switches(settings: dict[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
