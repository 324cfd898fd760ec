"""The embedded hub: PostgreSQL, AWS and the API, children of one process that watches over them.

up    emulator   ─▶ stack ─▶ objects return to their buckets ┬─▶ what nobody settled is
      PostgreSQL ─▶ migrations ───────────────────────▶ API ─┘   handed in again
down  API, emulator, PostgreSQL; the same when the watching process is killed
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from swath.errors import DatabaseUnavailableError, HubError
from swath.local import aws
from swath.local.control import answers
from swath.local.deployer import deploy
from swath.local.emulator import launch_emulator, restore_objects, wait_for_emulator
from swath.local.home import clear_leftovers, explained, prepare_home
from swath.local.inbox import list_inbox, sender
from swath.local.postgres import create_database, start_cluster, stop_cluster
from swath.local.processes import (
    ENDING,
    ProcessId,
    disown,
    identify,
    is_alive,
    start_child,
    stop_processes,
    uninterrupted,
)
from swath.local.progress import Report, timed
from swath.local.sockets import LOOPBACK, is_free, listener
from swath.local.state import SUPERVISOR, Plan, RunningHub, describe, forget, locked
from swath.local.stores import store_settings
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect
from swath.pgstac.migrate import migrate
from swath.services.reconcile import requeue_unsettled
from swath.settings import DatabaseSettings, IngestSettings

CHECKOUT = Path(__file__).parents[2]
TEMPLATE = CHECKOUT / "iac" / "template.yaml"
STACK = "swath"
INBOX = "swath-inbox"
STORE = "swath-store"
DATABASE = "swath"
API_PATIENCE_S = 30.0
WATCH_S = 0.5


def run_hub(plan: Plan, report: Report, ready: Callable[[RunningHub], None]) -> None:
    """Run a hub until this process is told to stop; `ready` is called once it can be used.

    Raises:
        HubError: It cannot start, or one of its parts ended.
    """
    with started_hub(plan, report) as hub:
        ready(hub)
        _watch(hub)


@contextmanager
def started_hub(plan: Plan, report: Report) -> Iterator[RunningHub]:
    """A hub that runs inside the `with`. Call from the main thread."""
    home = plan.home
    prepare_home(home)
    with explained(home), locked(home), ExitStack() as running:
        clear_leftovers(home)
        _check(plan)
        running.callback(forget, home)
        try:
            hub = _start(plan, report, running)
            describe(hub)
            yield hub
        finally:
            _ignore_signals()


def _check(plan: Plan) -> None:
    if not TEMPLATE.exists():
        raise HubError(f"{TEMPLATE} is missing.", "Run swath from a checkout of its repository.")
    if not is_free(plan.port):
        who = listener(plan.port)
        raise HubError(
            f"Port {plan.port} is taken{f' by {who}' if who else ''}.",
            f"swath up --port {plan.port + 1}, or stop what holds the port",
        )


def _start(plan: Plan, report: Report, running: ExitStack) -> RunningHub:
    """Start all parts, as many at a time as do not wait for each other."""
    home, processes = plan.home, {SUPERVISOR: _this_process()}
    # Waited for last: a migration that is interrupted ends when its database does.
    beside = running.enter_context(ThreadPoolExecutor(1))
    with uninterrupted():
        emulator_child, endpoint = launch_emulator(home / "aws")
        running.callback(_stop, emulator_child.pid, signal.SIGKILL)
    database_url = plan.database_url or _start_database(home, report, running, processes)
    # Once more: functions end before the database they write to.
    running.callback(_stop, emulator_child.pid, signal.SIGKILL)
    with uninterrupted():
        api_child = _launch_api(plan, database_url, endpoint)
        running.callback(_stop, api_child.pid, signal.SIGTERM)
    migrated = beside.submit(_migrate, database_url, report)
    with timed(report, "AWS emulator"):
        emulator = wait_for_emulator(emulator_child, endpoint, home / "aws" / "emulator.log")
    with timed(report, "Stack"):
        outputs = _deploy(endpoint, database_url)
    with timed(report, "Objects"):
        restore_objects(endpoint)
    migrated.result()
    with timed(report, "API"):
        processes["api"] = _wait_for_api(api_child, plan)
    processes["emulator"] = emulator.process
    hub = RunningHub(
        home=home,
        port=plan.port,
        api_url=_api_url(plan),
        aws_endpoint=endpoint,
        region=aws.REGION,
        inbox_bucket=outputs["InboxBucketName"],
        ingest_queue_url=outputs["IngestQueueUrl"],
        ingest_dlq_url=outputs["IngestDlqUrl"],
        database_url=database_url,
        catalogue_topic_arn=outputs["CatalogueTopicArn"],
        stores=store_settings(),
        processes=processes,
    )
    with timed(report, "Unsettled products"):
        _recover(hub)
    return hub


def _start_database(
    home: Path, report: Report, running: ExitStack, processes: dict[str, ProcessId]
) -> str:
    with timed(report, "PostgreSQL"):
        with uninterrupted():
            cluster = start_cluster(home / "postgres", ends_with_parent=True)
            running.callback(stop_cluster, cluster.folder)
        processes["postgres"] = cluster.process
        return create_database(cluster, DATABASE)


def _migrate(database_url: str, report: Report) -> None:
    try:
        with timed(report, "Catalogue"):
            migrate(database_url, partitions=DatabaseSettings().partitions)
    except DatabaseUnavailableError as error:
        raise HubError(
            f"The catalogue's database cannot be used: {error}",
            "Check the server, and SWATH_DATABASE_URL if you set it.",
        ) from error


def _deploy(endpoint: str, database_url: str) -> dict[str, str]:
    parameters = {
        "Stage": "local",
        "DatabaseUrl": database_url,
        "InboxName": INBOX,
        "StoreName": STORE,
        "RequireTls": "false",
        # Publishing versions would start functions that nobody asks: the API is served by uvicorn.
        "SnapStart": "false",
        "VerifyBytes": str(IngestSettings().verify_bytes),
    }
    return deploy(endpoint, TEMPLATE, stack=STACK, parameters=parameters)


def _launch_api(plan: Plan, database_url: str, endpoint: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "uvicorn", "--factory", "api.asgi:create_app",
        "--host", LOOPBACK, "--port", str(plan.port),
        "--no-access-log", "--timeout-graceful-shutdown", "2",
    ]  # fmt: skip
    environment = {
        **aws.without_aws(dict(os.environ)),
        **aws.environment(endpoint),
        "SWATH_DATABASE_URL": database_url,
        "SWATH_INGEST_BUCKETS": INBOX,
        # The API lies beside the package, not in it.
        "PYTHONPATH": os.pathsep.join([str(CHECKOUT), os.environ.get("PYTHONPATH", "")]),
    }
    log = plan.home / "api.log"
    log.unlink(missing_ok=True)
    return start_child(command, log=log, environment=environment, folder=plan.home)


def _wait_for_api(child: subprocess.Popen[bytes], plan: Plan) -> ProcessId:
    deadline = time.monotonic() + API_PATIENCE_S
    while time.monotonic() < deadline and child.poll() is None:
        process = identify(child.pid)
        if process and answers(f"{_api_url(plan)}/health"):
            disown(child)
            return process
        time.sleep(0.02)
    log = plan.home / "api.log"
    said = log.read_text(errors="replace").strip().splitlines()[-1:]
    raise HubError(f"The API does not start: {''.join(said)}", f"See {log}.")


def _recover(hub: RunningHub) -> None:
    """Hand in again what a killed hub forgot."""
    requeue_unsettled(
        list_inbox(hub),
        catalogue=Catalogue(lambda: connect(hub.database_url)),
        send=sender(hub),
    )


def _watch(hub: RunningHub) -> None:
    parts = {name: p for name, p in hub.processes.items() if name != SUPERVISOR}
    while True:
        for name, process in parts.items():
            if not is_alive(process):
                raise HubError(
                    f"The hub's {name} ended unexpectedly; the hub stops.",
                    f"See the logs in {hub.home}, then run `swath up` again.",
                )
        time.sleep(WATCH_S)


def _this_process() -> ProcessId:
    found = identify(os.getpid())
    if not found:
        raise HubError("This process cannot be looked up.", "Mount /proc.")
    return found


def _stop(pid: int, polite: int) -> None:
    found = identify(pid)
    if found:
        stop_processes([found], polite=polite, patience_s=5)


def _ignore_signals() -> None:
    """Stop in peace: a second Ctrl-C must not leave a process behind."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)


def _api_url(plan: Plan) -> str:
    return f"http://{LOOPBACK}:{plan.port}"
