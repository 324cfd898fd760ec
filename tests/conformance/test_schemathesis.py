"""Requests made from the API's own description: every answer is one that it describes, and none is
a fault of ours.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

# Requests to each operation, the same in each run of the suite. `make conformance` makes thousands,
# others each time, in every phase that schemathesis has.
EXAMPLES = os.environ.get("SWATH_TEST_EXAMPLES", "30")
SUITE = EXAMPLES == "30"
PHASES = "fuzzing" if SUITE else "examples,coverage,fuzzing,stateful"
SEED = ["--seed", "1"] if SUITE else []
SETTINGS = Path(__file__).with_name("schemathesis.toml")
MADE = re.compile(r"^ +(\d+) generated", re.MULTILINE)


def test_every_answer_is_as_described(
    hub_url: str, tmp_path: Path, record_testsuite_property: Callable[[str, object], None]
) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(SETTINGS)),
        *("run", f"{hub_url}/stac/api", "--checks", "all", "--max-examples", EXAMPLES),
        *("--phases", PHASES),
        *SEED,
        *("--continue-on-failure", "--no-color"),
    ]
    run = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=3000
    )
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr[-2000:]
    record_testsuite_property("requests", max(map(int, MADE.findall(run.stdout))))
