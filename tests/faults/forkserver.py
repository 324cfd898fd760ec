"""Processes for invocations, forked from one that has every import behind it: some milliseconds a
process, so that ten thousand may be killed.

`ForkServer` starts `python -m tests.faults.forkserver SOCKET`; each connection to that socket is a
process of its own, which answers invocations until it is killed or the connection ends.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from swath.local import aws
from swath.local.leash import end_with_parent
from swath.local.processes import identify, start_child, stop_processes
from tests.faults.crashes import AFTER_RECEIVE, BEFORE_ACK, Crash, Fuse, install

PRELOADED = (
    "functions.ingest_product.app",
    "functions.relay_events.app",
    "swath.extractors.stac",
    "swath.notifiers.sns",
    "swath.pgstac.catalogue",
    "swath.pgstac.outbox",
    "swath.services.handout",
    "swath.services.transfer",
    "swath.stores.building",
    "swath.stores.configuration",
    "swath.stores.queue",
    "swath.stores.s3",
)
CLIENTS = ("sqs", "sns")
START_PATIENCE_S = 60
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """What became of an invocation: an answer, an error, or the death of its process."""

    answer: Any = None
    error: str | None = None
    died: bool = False
    timed_out: bool = False
    passed: Mapping[str, int] | None = None


class ForkServer:
    """A process that forks."""

    def __init__(self, folder: Path) -> None:
        self._socket = folder / "fork.sock"
        self.log = folder / "invocations.log"
        self._child = start_child(
            [sys.executable, "-m", "tests.faults.forkserver", str(self._socket)],
            log=self.log,
            environment=_quiet(),
            folder=ROOT,
            end_signal=signal.SIGKILL,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + START_PATIENCE_S
        while not self._socket.exists():
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no fork server: {self.log.read_text()[-2000:]}")
            time.sleep(0.01)

    def worker(self, environment: Mapping[str, str]) -> "Worker":
        """A new process, which sees these variables too."""
        return Worker(self._socket, environment)

    def stop(self) -> None:
        """Ends it and every process it forked."""
        if process := identify(self._child.pid):
            stop_processes([process], polite=signal.SIGKILL)
        self._child.wait()


class Worker:
    """One process that answers invocations, as one environment of a Lambda function does."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(str(path))
        self._connection.sendall(json.dumps(dict(environment)).encode() + b"\n")
        self._unread = b""
        self.pid = int(self._line())
        self.alive = True

    def invoke(
        self,
        handler: str,
        event: Any,
        *,
        crash: Crash | None = None,
        kill_after_s: float | None = None,
        timeout_s: float = 60,
    ) -> Outcome:
        """Runs `module:function` on an event; kills the process at `kill_after_s` or `timeout_s`,
        whichever is first.
        """
        asked = {
            "handler": handler,
            "event": event,
            "crash": asdict(crash) if crash else None,
            "timeout_s": timeout_s,
        }
        self._connection.settimeout(min(timeout_s, kill_after_s or timeout_s))
        try:
            self._connection.sendall(json.dumps(asked).encode() + b"\n")
            told = json.loads(self._line())
        except TimeoutError:
            self.kill()
            return Outcome(died=True, timed_out=kill_after_s is None or kill_after_s > timeout_s)
        except (EOFError, ConnectionError):
            self.close()
            return Outcome(died=True)
        return Outcome(**told)

    def kill(self) -> None:
        """Ends the process by SIGKILL, and waits until it is gone."""
        if self.alive:
            os.kill(self.pid, signal.SIGKILL)
            self._connection.settimeout(10)
            try:
                while self._connection.recv(65536):
                    pass
            except ConnectionError:
                pass  # it went before it read what was sent
        self.close()

    def close(self) -> None:
        """Lets the process end."""
        self.alive = False
        self._connection.close()

    def _line(self) -> bytes:
        while b"\n" not in self._unread:
            read = self._connection.recv(1 << 20)
            if not read:
                raise EOFError
            self._unread += read
        line, _, self._unread = self._unread.partition(b"\n")
        return line


def _quiet() -> dict[str, str]:
    """The environment without the user's AWS; an address that nobody answers at, until told."""
    theirs = aws.without_aws(dict(os.environ))
    return {**theirs, **aws.environment("http://127.0.0.1:9"), "POWERTOOLS_LOG_LEVEL": "WARNING"}


def main(path: Path) -> None:
    """Imports, then forks for every connection."""
    for module in PRELOADED:
        importlib.import_module(module)
    _load_clients()
    _read_settings()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path.with_suffix(".new")))
    listener.listen(128)
    path.with_suffix(".new").rename(path)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    me = os.getpid()
    gc.collect()
    gc.freeze()
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            end_with_parent(signal.SIGKILL, me)
            _serve(connection)
            os._exit(0)
        connection.close()


def _load_clients() -> None:
    """Descriptions of services, which boto3 reads for a tenth of a second; nothing connects."""
    import boto3

    for service in CLIENTS:
        boto3.client(service)  # type: ignore[call-overload]


def _read_settings() -> None:
    """Once for all: how each class reads the environment is found out by the first of its kind."""
    from swath import settings

    for kind in (
        settings.DatabaseSettings,
        settings.DownloadSettings,
        settings.IngestSettings,
        settings.RelaySettings,
        settings.StoreSettings,
        settings.StoresSettings,
    ):
        kind()


def _serve(connection: socket.socket) -> None:
    fuse = Fuse()
    install(fuse)
    with connection.makefile("rwb") as stream:
        os.environ.update(json.loads(stream.readline()))
        stream.write(f"{os.getpid()}\n".encode())
        stream.flush()
        for line in stream:
            stream.write(json.dumps(_answer(json.loads(line), fuse)).encode() + b"\n")
            stream.flush()


def _answer(asked: dict[str, Any], fuse: Fuse) -> dict[str, Any]:
    module, _, name = asked["handler"].partition(":")
    handler = getattr(importlib.import_module(module), name)
    fuse.arm(Crash(**asked["crash"]) if asked["crash"] else None)
    fuse.passing(AFTER_RECEIVE)
    try:
        told = {"answer": handler(asked["event"], _context(asked["timeout_s"]))}
    except Exception as error:  # noqa: BLE001  what a function raises, Lambda reports
        told = {"error": f"{type(error).__name__}: {error}"}
    fuse.passing(BEFORE_ACK)
    return {**told, "passed": fuse.passed}


def _context(timeout_s: float) -> Any:
    deadline = time.monotonic() + timeout_s
    return SimpleNamespace(
        function_name="Rig",
        memory_limit_in_mb=1024,
        invoked_function_arn="arn:aws:lambda:eu-central-1:000000000000:function:Rig",
        aws_request_id="rig",
        get_remaining_time_in_millis=lambda: int((deadline - time.monotonic()) * 1000),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
