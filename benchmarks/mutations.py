"""Damages real products in seeded ways and sees that none gets through, crashes or stalls.

    python -m benchmarks.mutations DIR --count 10000 --seed 1

DIR holds one folder per mission with products in it. Each mutant is read as a zip, a tar or a
folder and must end as an Item that is valid (and may be stored) or as a `ProductError`: never with
another exception, never after more than five seconds, never with much memory: that of reading
alone, as a mutant may itself have hundreds of megabytes. Needs Linux. A schema folder beside DIR
(`../schemas/<host>/…`) adds the schemas of the extensions to that of the core.
"""

import argparse
import io
import random
import re
import sys
import tarfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path, PurePosixPath

import jsonschema
from lxml import etree

from swath.domain.item import Item
from swath.domain.validity import check_item
from swath.errors import ProductError
from swath.extractors import extract
from swath.formats.archive import open_object
from swath.formats.directory import DirectoryFiles
from swath.formats.productfiles import ProductFiles
from tests.validation import CORE, validator

SLOWEST_ALLOWED = 5.0
MEMORY_ALLOWED = 512 * 1024 * 1024
METADATA = (".xml", ".safe", ".json", ".txt", ".eof")

type Files = dict[str, bytes]
type Mutation = Callable[[random.Random, Files], Files]

NUMBERS = ["NaN", "-inf", "1e999", "-1", "0", "", "99999999999999999999999", "0x10", "1" * 5000]
DATES = [
    "0000-01-01T00:00:00", "9999-12-31T23:59:59.999999", "-1-01-01T00:00:00Z",
    "2021-13-01T00:00:00", "2021-02-30T00:00:00Z", "2021-01-01T00:00:60Z", "2021-01-01",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "not a date", "",
]  # fmt: skip
PLACES = ["95 10", "540 0", "nan nan", "10,95 540,0", "0 0 0 0 0 0 0 0", "-181,10", "1e309,1"]
TEXTS = [
    "",
    "\u202e",
    "../../etc/passwd",
    "javascript:alert(1)",
    "x" * 70_000,
    "😀",
    "\n\t",
    "'\"<>&",
]
NAMES = ["x", "S1A_", "S2A_MSIL2A_", "..", "L" * 300, "S9Z_IW_GRDH_1SDV_2021", "download (1)"]


@dataclass(frozen=True)
class Source:
    """Bytes in memory that are read by range."""

    name: str
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, start: int, length: int) -> bytes:
        return self.content[start : start + length]


@dataclass
class Tally:
    """What came of all mutants."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    largest: tuple[int, str] = (0, "")


def find_products(folder: Path) -> list[Path]:
    """Every product below `folder`: two levels down, and below its folders called other or aux."""
    found: list[Path] = []
    for path in sorted(folder.glob("*/*")):
        found += sorted(path.iterdir()) if path.name in ("other", "aux") else [path]
    return [p for p in found if not p.name.startswith((".", "README"))]


@cache
def read_files(product: Path) -> Mapping[str, bytes]:
    """Path below the product's parent folder -> bytes."""
    files = [product] if product.is_file() else [p for p in product.rglob("*") if p.is_file()]
    return {p.relative_to(product.parent).as_posix(): p.read_bytes() for p in sorted(files)}


def _pick(rng: random.Random, files: Files) -> str | None:
    """A metadata file where there is one, most often."""
    paths = sorted(files)
    metadata = [p for p in paths if p.lower().endswith(METADATA)]
    return rng.choice(metadata if metadata and rng.random() < 0.9 else paths) if paths else None


def _changed(change: Callable[[random.Random, bytes], bytes]) -> Mutation:
    def mutate(rng: random.Random, files: Files) -> Files:
        path = _pick(rng, files)
        return files | {path: change(rng, files[path])} if path else files

    return mutate


def _cut(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _flipped(rng: random.Random, content: bytes) -> bytes:
    damaged = bytearray(content)
    for _ in range(rng.choice([1, 3, 30])):
        if damaged:
            damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _on_nodes(change: Callable[[random.Random, etree._Element], None]) -> Mutation:
    def in_xml(rng: random.Random, content: bytes) -> bytes:
        with suppress(etree.XMLSyntaxError, ValueError):
            root = etree.fromstring(content)
            nodes = list(root.iter(etree.Element))
            for _ in range(rng.choice([1, 1, 5])):
                change(rng, rng.choice(nodes))
            return etree.tostring(root)
        return _flipped(rng, content)

    return _changed(in_xml)


def _drop(_: random.Random, node: etree._Element) -> None:
    if (parent := node.getparent()) is not None:
        parent.remove(node)


def _double(_: random.Random, node: etree._Element) -> None:
    if (parent := node.getparent()) is not None:
        parent.append(etree.fromstring(etree.tostring(node)))


def _rename(_: random.Random, node: etree._Element) -> None:
    node.tag = "renamed"


def _write(values: list[str]) -> Callable[[random.Random, etree._Element], None]:
    def write(rng: random.Random, node: etree._Element) -> None:
        with suppress(ValueError):
            if node.attrib and rng.random() < 0.3:
                node.set(rng.choice(sorted(map(str, node.attrib))), rng.choice(values))
            else:
                node.text = rng.choice(values)

    return write


def _write_wide(rng: random.Random, node: etree._Element) -> None:
    """Into every element of the same name: the one that is read is among them."""
    value = rng.choice(NUMBERS + DATES + PLACES + TEXTS)
    for same in node.getroottree().getroot().iter(node.tag):
        if not len(same):
            same.text = value


def _on_lines(rng: random.Random, content: bytes) -> bytes:
    """Of metadata in text or JSON, a line or a value between commas."""
    text = content.decode("utf-8", "replace")
    parts = re.split(r"(\n|,)", text)
    for _ in range(rng.choice([1, 1, 5])):
        at = rng.randrange(len(parts))
        name = re.match(r"\s*[^=:]*[=:]\s*", parts[at])
        value = rng.choice(NUMBERS + DATES + PLACES + TEXTS)
        parts[at] = f'{name[0]}"{value}"' if name and rng.random() < 0.7 else ""
    return "".join(parts).encode("utf-8", "replace")


def _remove(rng: random.Random, files: Files) -> Files:
    path = _pick(rng, files)
    return {p: c for p, c in files.items() if p != path}


def _emptied(_: random.Random, __: bytes) -> bytes:
    return b""


def _renamed(rng: random.Random, files: Files) -> Files:
    name = rng.choice(NAMES)
    return {"/".join([name, *p.split("/")[1:]]): c for p, c in files.items()}


def _moved(rng: random.Random, files: Files) -> Files:
    path = _pick(rng, files)
    return {(f"{p}.moved" if p == path else p): c for p, c in files.items()}


IN_FILES: dict[str, Mutation] = {
    "metadata truncated": _changed(_cut),
    "metadata bytes flipped": _changed(_flipped),
    "metadata emptied": _changed(_emptied),
    "node dropped": _on_nodes(_drop),
    "node doubled": _on_nodes(_double),
    "node renamed": _on_nodes(_rename),
    "number absurd": _on_nodes(_write(NUMBERS)),
    "date absurd": _on_nodes(_write(DATES)),
    "coordinates absurd": _on_nodes(_write(PLACES)),
    "text absurd": _on_nodes(_write(TEXTS)),
    "value absurd in all of a name": _on_nodes(_write_wide),
    "line dropped or written anew": _changed(_on_lines),
    "file removed": _remove,
    "file moved": _moved,
    "product renamed": _renamed,
}
IN_ARCHIVE = {"archive truncated": _cut, "archive bytes flipped": _flipped}
KINDS = [*IN_FILES, *IN_ARCHIVE]


def _zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, content in files.items():
            archive.writestr(zipfile.ZipInfo(path), content)
    return buffer.getvalue()


def _tarred(files: Files) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


ARCHIVES = {".zip": _zipped, ".tar": _tarred}


def _in_folder(files: Files) -> ProductFiles:
    folder = next(iter(files), "nothing/").split("/")[0]
    below = {p[len(folder) + 1 :]: content for p, content in files.items()}
    sizes = {p: len(content) for p, content in below.items()}
    return DirectoryFiles(
        folder, sizes, below.__getitem__, lambda path: Source(PurePosixPath(path).name, below[path])
    )


def _mutant(rng: random.Random, product: Path, kind: str) -> Callable[[], ProductFiles]:
    files = dict(read_files(product))
    suffix = rng.choice([".zip", ".tar"] if kind in IN_ARCHIVE else [".zip", ".tar", "folder"])
    if kind in IN_FILES:
        files = IN_FILES[kind](rng, files)
    alone = product.is_file() and len(files) == 1
    if suffix == "folder" and alone:
        [(name, content)] = files.items()
        return lambda: open_object(Source(name, content))
    if suffix == "folder":
        return lambda: _in_folder(files)
    content = ARCHIVES[suffix](files)
    if kind in IN_ARCHIVE:
        content = IN_ARCHIVE[kind](rng, content)
    name = next(iter(files), product.name).split("/")[0] + suffix
    return lambda: open_object(Source(name, content))


def _violations(item: Item, schemas: Path) -> Iterator[str]:
    check_item(item)
    document = item | {"links": [{"rel": "collection", "href": "x"}]}
    for uri in (CORE, *item["stac_extensions"]):
        if uri == CORE or (schemas / uri.removeprefix("https://")).is_file():
            try:
                validator(uri, schemas).validate(document)
            except jsonschema.ValidationError as error:
                yield f"{uri}: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def _try(make: Callable[[], ProductFiles], schemas: Path) -> tuple[str, float, list[str]]:
    """What became of a mutant, after how many seconds, and which rules it broke."""
    begun = time.perf_counter()
    try:
        item = extract(make())
    except ProductError as error:
        return str(error.reason), time.perf_counter() - begun, []
    except Exception as error:  # noqa: BLE001  that there is none is what is measured
        where = traceback.extract_tb(error.__traceback__)[-1]
        line = f"{Path(where.filename).name}:{where.lineno}"
        crash = f"{type(error).__name__} at {line}: {str(error)[:200]}"
        return "CRASHED", time.perf_counter() - begun, [crash]
    took = time.perf_counter() - begun
    return "catalogued", took, list(_violations(item, schemas))


def run(folder: Path, count: int, seed: int) -> Tally:
    """`count` mutants of the products below `folder`; the same seed makes the same ones."""
    products, tally = find_products(folder), Tally()
    for number in range(count):
        product, kind = products[number % len(products)], KINDS[(number // 7) % len(KINDS)]
        rng = random.Random(f"{seed}/{number}")  # noqa: S311  damage, no secret
        mutant, before = _mutant(rng, product, kind), _memory_reset()
        outcome, took, violations = _try(mutant, folder.parent / "schemas")
        grown = _memory("VmHWM") - before
        if took > SLOWEST_ALLOWED:
            violations.append(f"took {took:.1f} s")
        if grown > MEMORY_ALLOWED:
            violations.append(f"took {grown / 2**20:.0f} MB")
        label = f"#{number} {kind}: {product.name}"
        tally.outcomes[kind, "INVALID" if violations and outcome == "catalogued" else outcome] += 1
        tally.violations += [f"{label}: {violation}" for violation in violations]
        tally.slowest = max(tally.slowest, (took, label))
        tally.largest = max(tally.largest, (grown, label))
    return tally


def _print(tally: Tally) -> None:
    outcomes = sorted({outcome for _, outcome in tally.outcomes})
    print(f"| mutation | {' | '.join(outcomes)} |\n|---|{'--:|' * len(outcomes)}")
    for kind in KINDS:
        print(f"| {kind} | {' | '.join(str(tally.outcomes[kind, o] or '') for o in outcomes)} |")
    totals = (sum(n for (_, o), n in tally.outcomes.items() if o == each) for each in outcomes)
    print(f"| all | {' | '.join(map(str, totals))} |\n")
    print(f"slowest {tally.slowest[0] * 1000:.0f} ms ({tally.slowest[1]})")
    print(f"reading took {tally.largest[0] / 2**20:.0f} MB at most ({tally.largest[1]})")
    print(f"{len(tally.violations)} violations")
    print(*tally.violations[:200], sep="\n")


def _memory_reset() -> int:
    """What this process holds now; its greatest from now on is told by `VmHWM`.

    Source: https://man7.org/linux/man-pages/man5/proc_pid_clear_refs.5.html
    """
    Path("/proc/self/clear_refs").write_text("5")
    return _memory("VmRSS")


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) * 1024


def main() -> None:
    """Prints what became of the mutants; fails when one broke a rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tally = run(arguments.folder, arguments.count, arguments.seed)
    _print(tally)
    sys.exit(1 if tally.violations else 0)


if __name__ == "__main__":
    main()
