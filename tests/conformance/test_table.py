"""The page of conformance tells of every class, and only what a run has shown."""

from pathlib import Path

import pytest

from api.stac.conformance import CONFORMANCE, TRANSACTIONS
from tests.conformance.table import Proof, prove, proving, read_requests, written

CORE = "https://api.stacspec.org/v1.0.0/core"


@pytest.mark.parametrize("address", [*CONFORMANCE, *TRANSACTIONS])
def test_every_class_has_tests(address: str) -> None:
    assert proving(address)


def test_a_result_is_that_of_its_tests() -> None:
    right, wrong = "test_no_error_in[core]", "test_every_answer_is_as_described"
    results = {
        f"conformance.test_stac_api_validator::{right}": True,
        f"conformance.test_schemathesis::{wrong}": False,
        "api.test_aggregations::test_times": False,
    }

    (found,) = prove([CORE], results)

    assert found == Proof(CORE, passed=1, failed=1)
    assert found.result == "**fails** (1 of 2 tests)"
    assert prove([CORE], {})[0].result == "not tested"


def test_requests_are_those_of_the_run(tmp_path: Path) -> None:
    report = tmp_path / "results.xml"
    told = '<properties><property name="requests" value="20123"/></properties>'
    report.write_text(f"<testsuites><testsuite>{told}</testsuite></testsuites>")

    assert read_requests(report) == 20123
    assert "20123 requests" in written([], read_requests(report))
