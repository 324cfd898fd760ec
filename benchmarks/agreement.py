"""Whether Items agree with what others make of the same products.

`python -m benchmarks.agreement DATA`. DATA holds `products`, `expected` (Items of stactools and
USGS, attributes of reference extractions) and `cdse-attribute-mapping`. The first table has a row
for each product, the second one for each kind of difference between its attributes and the mapping.
"""

import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from shapely import make_valid
from shapely.geometry import shape

from benchmarks.mapping import Told, rule_of, told_attributes, typed
from benchmarks.products import find_products
from swath.domain.attributes import attribute_value, family_of, read_families
from swath.domain.item import Item
from swath.errors import ProductError
from swath.extractors import extract
from swath.formats.archive import open_object
from swath.formats.bytesource import FileBytes
from swath.formats.directory import open_folder
from swath.formats.values import utc

FAMILIES = Path(__file__).parents[1] / "schemas" / "odata" / "attributes.json"
# Property of ours -> those of others that say the same.
SAME = {
    "platform": ("platform",),
    "sat:absolute_orbit": ("sat:absolute_orbit",),
    "sat:relative_orbit": ("sat:relative_orbit",),
    "sat:orbit_state": ("sat:orbit_state",),
    "eo:cloud_cover": ("eo:cloud_cover",),
    "processing:version": ("s2:processing_baseline",),
}
# Groups that reference extractions put names in.
GROUP = re.compile(r"^(eop|opt|s2msi|properties)[:/]")
TIMES = ("datetime", "start_datetime", "end_datetime")


@dataclass
class Row:
    """What one product came to. `missing` are attributes that the Item lacks, `other` those it
    differs in.
    """

    name: str
    outcome: str
    collection: str = ""
    overlap: float | None = None
    differences: list[str] = field(default_factory=list)
    compared: bool = False
    equal: int = 0
    missing: list[Told] = field(default_factory=list)
    other: list[tuple[Told, Any]] = field(default_factory=list)


def compare(product: Path, data: Path) -> Row:
    """One product, with whatever is expected of it."""
    try:
        opened = open_folder(product) if product.is_dir() else open_object(FileBytes(product))
        item = extract(opened)
    except ProductError as error:
        return Row(product.name, f"{error.reason}: {error.detail}")
    row = Row(product.name, "catalogued", item["collection"])
    expected = _expected(product.name, data / "expected")
    if expected:
        _compare_items(item, expected, row)
    _compare_attributes(item, _told(product, item, data), row)
    return row


def _told(product: Path, item: Item, data: Path) -> Iterator[Told]:
    rule = rule_of(item, data / "cdse-attribute-mapping")
    if rule:
        yield from told_attributes(product, rule, data / "cdse-attribute-mapping")
    reference = data / "expected" / "odata-attributes" / f"{product.name.removesuffix('.nc')}.json"
    if reference.is_file():
        for name, told in json.loads(reference.read_text()).items():
            yield Told(f"{name} (reference)", told["Type"], typed(told["Value"], told["Type"]))


def _expected(name: str, folder: Path) -> Item | None:
    for file in sorted(folder.rglob("*.json")):
        if "odata-attributes" in file.parts or "cdse-examples" in file.parts:
            continue
        if _is_of(file.stem.removesuffix("_SR_stac").removesuffix("_stac"), name):
            item: Item = json.loads(file.read_text())
            if item.get("type") == "Feature":
                return item
    return None


def _is_of(stem: str, name: str) -> bool:
    """Sentinel-1 and -3 Items of stactools leave out the time of production."""
    bare = name.split(".")[0]
    if stem.startswith("S3"):
        parts = bare.replace("____", "_").replace("___", "_").split("_")
        return all(part in parts for part in stem.split("_") if part)
    return stem.split(".")[0] == bare or (stem.startswith("S1") and bare.startswith(f"{stem}_"))


def _compare_items(item: Item, expected: Item, row: Row) -> None:
    row.compared = True
    if item["geometry"] and expected["geometry"]:
        ours, theirs = (make_valid(shape(i["geometry"])) for i in (item, expected))
        row.overlap = ours.intersection(theirs).area / ours.union(theirs).area
    told, wanted = item["properties"], expected["properties"]
    for name in TIMES:
        if told.get(name) and wanted.get(name) and utc(told[name]) != utc(wanted[name]):
            row.differences.append(f"{name}: {told[name]}, expected {wanted[name]}")
    for name, others in SAME.items():
        value = next((wanted[o] for o in others if o in wanted), None)
        if value is not None and not _same(told.get(name), value):
            row.differences.append(f"{name}: {told.get(name)}, expected {value}")


def _compare_attributes(item: Item, told: Iterator[Told], row: Row) -> None:
    family = family_of(item["collection"], read_families(FAMILIES))
    attributes = family.attributes if family else {}
    for attribute in told:
        full = attribute.name.removesuffix(" (reference)")
        known = attributes.get(full, attributes.get(GROUP.sub("", full)))
        value = attribute_value(known, item) if known else None
        if value is None:
            row.missing.append(attribute)
        elif _same(value, attribute.value):
            row.equal += 1
        else:
            row.other.append((attribute, value))


def _same(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return math.isclose(ours, theirs, rel_tol=1e-6, abs_tol=1e-6)
    try:
        return str(ours).lower() == str(theirs).lower() or utc(str(ours)) == utc(str(theirs))
    except ValueError:
        return False


def print_rows(rows: list[Row]) -> None:
    """A row for each product."""
    print(
        "| product | outcome | collection | footprint IoU | differs from expected "
        "| attributes equal | other | missing |"
    )
    print("|---|---|---|--:|---|--:|--:|--:|")
    for r in rows:
        overlap = "" if r.overlap is None else f"{r.overlap:.4f}"
        differs = "; ".join(r.differences) if r.compared else "(nothing expected)"
        print(
            f"| {r.name} | {r.outcome} | {r.collection} | {overlap} | {differs or 'none'} "
            f"| {r.equal} | {len(r.other)} | {len(r.missing)} |"
        )


def print_attributes(rows: list[Row]) -> None:
    """Attributes that differ or lack, each with one product as an example."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for r in rows:
        mission = "-".join(r.collection.split("-")[:2])
        for told in r.missing:
            found[mission, told.name, "missing"].append(f"{told.value!r} ({r.name})")
        for told, value in r.other:
            found[mission, told.name, "other"].append(f"{told.value!r}, ours {value!r} ({r.name})")
    print("\n| mission | attribute | | products | for example |\n|---|---|---|--:|---|")
    for (mission, name, what), cases in sorted(found.items()):
        print(f"| {mission} | {name} | {what} | {len(cases)} | {cases[0][:200]} |")


def summary(rows: list[Row]) -> Mapping[str, int]:
    """How many there are of everything."""
    overlaps = [r.overlap for r in rows if r.overlap is not None]
    return {
        "products": len(rows),
        "catalogued": sum(r.outcome == "catalogued" for r in rows),
        "compared with expected Items": sum(r.compared for r in rows),
        "footprints compared": len(overlaps),
        "of IoU 0.99 or better": sum(o >= 0.99 for o in overlaps),
        "values that differ from expected Items": sum(len(r.differences) for r in rows),
        "attributes equal": sum(r.equal for r in rows),
        "attributes other": sum(len(r.other) for r in rows),
        "attributes missing": sum(len(r.missing) for r in rows),
    }


def main(arguments: list[str]) -> int:
    """Prints both tables."""
    if len(arguments) != 1 or not Path(arguments[0], "products").is_dir():
        print("usage: python -m benchmarks.agreement DATA", file=sys.stderr)
        return 2
    data = Path(arguments[0])
    rows = [compare(product, data) for product in find_products(data / "products")]
    print_rows(rows)
    print_attributes(rows)
    print()
    for what, number in summary(rows).items():
        print(f"{number} {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
