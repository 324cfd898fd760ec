"""Children end with their parent, are known by more than their number, and stop for certain."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from swath.local.processes import (
    ProcessId,
    disown,
    identify,
    is_alive,
    start_child,
    stop_processes,
    uninterrupted,
)

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('deaf', flush=True); time.sleep(60)"
    ),
]
PARENT = (
    "import sys, time; from pathlib import Path; from swath.local.processes import start_child; "
    "print(start_child(sys.argv[2:], log=Path(sys.argv[1])).pid, flush=True); time.sleep(60)"
)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log"), *SLEEP]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        child = identify(int(parent.stdout.readline()))
        assert child
        parent.kill()

    wait_until(lambda: not is_alive(child))
    assert not is_alive(child)


def test_a_process_is_not_the_one_that_had_its_number_before() -> None:
    myself = identify(os.getpid())
    assert myself

    assert is_alive(myself)
    assert not is_alive(ProcessId(myself.pid, myself.started - 60))


def test_an_ended_child_that_nobody_asked_after_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    started = time.time()
    wait_until(lambda: identify(child.pid) is None)

    assert not is_alive(ProcessId(child.pid, started))
    child.wait()


def test_a_process_that_will_not_end_is_killed_with_what_it_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = "import subprocess, sys; subprocess.run(sys.argv[1:])"
    child = start_child([sys.executable, "-c", code, *STUBBORN], log=log)
    wait_until(lambda: b"deaf" in log.read_bytes())
    process = identify(child.pid)
    assert process
    disown(child)

    left = stop_processes([process], polite=signal.SIGUSR2, patience_s=0.2)

    assert left == []
    assert not is_alive(process)


def test_stopping_what_ended_long_ago_is_no_error() -> None:
    assert stop_processes([ProcessId(2**22 + 1, 0.0)]) == []


def test_a_signal_waits_until_what_was_started_is_noted() -> None:
    noted = []

    def start() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            noted.append("a child")

    # A shell that starts the tests in the background has them ignore the signal.
    inherited = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            start()
    finally:
        signal.signal(signal.SIGINT, inherited)
    assert noted == ["a child"]
