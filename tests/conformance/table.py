"""docs/conformance.md from a run of tests: each class the API conforms to, and what proves it.

python -m tests.conformance.table RESULTS.xml docs/conformance.md
"""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from xml.etree.ElementTree import parse

from api.stac.conformance import CONFORMANCE, TRANSACTIONS

VALIDATOR = "conformance.test_stac_api_validator::test_no_error_in[{}]"
DESCRIBED = "conformance.test_schemathesis::*"
SEARCH, SAME = "api.test_search::test_{}*", "search.test_differential::*"
COLLECTIONS = "api.test_collections::test_{}*"
TEXT = "api.test_search::test_text_filters[*{}*"
FILTERS = (SEARCH.format("text_filters"), SEARCH.format("by_filter"), SAME)
# Classes, by the end of their address, and the tests whose success proves them; the first fits.
PROOFS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("/core", (VALIDATOR.format("core"), DESCRIBED)),
    ("v1.0.0/collections", (VALIDATOR.format("collections"), DESCRIBED)),
    ("v1.0.0/ogcapi-features", (VALIDATOR.format("features"), DESCRIBED)),
    ("v1.0.0/item-search", (VALIDATOR.format("item-search"), SAME, DESCRIBED)),
    ("/browseable", (VALIDATOR.format("browseable"), "api.test_browse::test_every_item*")),
    ("/children", (VALIDATOR.format("children"),)),
    ("collection-search#*", (COLLECTIONS.format("collection"),)),
    ("/collection-search", (COLLECTIONS.format("collection"),)),
    ("*#sort", (VALIDATOR.format("item-search#sort"), SAME)),
    ("*#fields", (VALIDATOR.format("item-search#fields"), SAME)),
    ("aggregation*", ("api.test_aggregations::*", DESCRIBED)),
    ("*#query", (VALIDATOR.format("item-search#query"), SEARCH.format("by_query"))),
    ("*#free-text", (SEARCH.format("by_words"),)),
    ("*filter", (VALIDATOR.format("filter"), *FILTERS)),
    ("/conf/simple-query", (COLLECTIONS.format("collection"),)),
    ("/geojson", (VALIDATOR.format("features"),)),
    ("/oas30", (DESCRIBED,)),
    ("/cql2-text", (TEXT.format(""),)),
    ("/cql2-json", (SEARCH.format("by_filter"), SAME)),
    ("/basic-cql2", FILTERS),
    ("/advanced-comparison-operators", (*map(TEXT.format, ("LIKE", "BETWEEN", "IN (")), SAME)),
    ("/case-insensitive-comparison", (TEXT.format("CASEI"),)),
    ("/accent-insensitive-comparison", (TEXT.format("ACCENTI"),)),
    ("spatial-functions*", (TEXT.format("S_"), SAME)),
    ("/temporal-functions", (TEXT.format("T_"), SAME)),
    ("/array-functions", (TEXT.format("A_"), SAME)),
    ("/simpletx", ("api.test_transactions::*",)),
    ("*/transaction", ("api.test_transactions::*",)),
)


@dataclass(frozen=True, slots=True)
class Proof:
    """A class, and how many of the tests that prove it passed."""

    address: str
    passed: int
    failed: int

    @property
    def result(self) -> str:
        """In a word."""
        if self.failed:
            return f"**fails** ({self.failed} of {self.passed + self.failed} tests)"
        return f"passes ({self.passed} tests)" if self.passed else "not tested"


def proving(address: str) -> tuple[str, ...]:
    """Patterns of the tests that prove a class."""
    return next((tests for end, tests in PROOFS if fnmatchcase(address, f"*{end}")), ())


def prove(addresses: Iterable[str], results: Mapping[str, bool]) -> list[Proof]:
    """What a run of tests, by name, says of each class."""
    found = []
    for address in addresses:
        patterns = [pattern.replace("[", "[[]") for pattern in proving(address)]
        passed = [r for name, r in results.items() if any(fnmatchcase(name, p) for p in patterns)]
        found.append(Proof(address, passed.count(True), passed.count(False)))
    return found


def read_results(file: Path) -> dict[str, bool]:
    """Whether each test passed, from a report in the form of JUnit; skipped ones are left out."""
    cases = parse(file).getroot().iter("testcase")  # noqa: S314  pytest wrote it a moment ago
    return {
        f"{case.get('classname', '').removeprefix('tests.')}::{case.get('name')}": not any(
            case.find(wrong) is not None for wrong in ("failure", "error")
        )
        for case in cases
        if case.find("skipped") is None
    }


def read_requests(file: Path) -> int:
    """How many requests were made from the API's description."""
    found = parse(file).getroot().iterfind(".//property[@name='requests']")  # noqa: S314  as above
    return sum(int(told.get("value", "")) for told in found)


def written(proofs: Iterable[Proof], requests: int) -> str:
    """The page."""
    rows = "\n".join(f"| `{p.address}` | {p.result} |" for p in proofs)
    return (
        "# Conformance\n\n"
        "What the STAC API conforms to, and how the tests of each class ended: those of\n"
        f"stac-api-validator, {requests} requests made from the API's description (schemathesis),\n"
        "searches compared with `pgstac.search()`, and what each extension's specification says.\n"
        "pystac-client and rustac search the same API. `make conformance` writes this page.\n\n"
        "The last three are offered where `SWATH_API_TRANSACTIONS` allows them.\n\n"
        f"| class | result |\n|---|---|\n{rows}\n"
    )


if __name__ == "__main__":
    report, page = map(Path, sys.argv[1:])
    proofs = prove([*CONFORMANCE, *TRANSACTIONS], read_results(report))
    page.write_text(written(proofs, read_requests(report)))
