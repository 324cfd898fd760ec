"""Whether Items have the shape of those of the Copernicus Data Space.

`python -m benchmarks.examples DATA [FOLDER …]`. DATA holds `products` and the Items of other
products that the Data Space answers with, `expected/*/cdse-examples`; further folders hold more
products, such as samples. Both sides are put together by type, which is the collection without its
timeliness. A row is printed for each extension, property, asset and field of an asset that one
side has and the other lacks, and for each property whose values have nothing in common.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.products import find_products
from swath.domain.item import Item
from swath.domain.ledger import DroppedObject
from swath.errors import ProductError
from swath.extractors import extract
from swath.formats.archive import open_object
from swath.formats.bytesource import FileBytes
from swath.formats.directory import open_folder
from swath.services.placement import in_object
from swath.services.publish import with_downloads
from swath.stores.building import build_stores
from swath.stores.configuration import Configuration
from swath.stores.s3 import S3
from swath.stores.store import Stores

TIMELINESS = re.compile("-(nrt|nrti|stc|ntc|offl|rpro)$")
# The loader writes these, with the extension that they are of.
LOADED = {"created": "", "published": "", "updated": ""}
TIMESTAMPS = "https://stac-extensions.github.io/timestamps/v1.1.0/schema.json"
OWN = "swath:"
# What differs, by (what, name) and how, as patterns -> why ours is right.
EXPLAINED = {
    r"extension .*/(mgrs|scientific|file|product|eopf-stac-extension)/.* extra": "more is told",
    r"property .* extra": "more is told",
    r"asset .* extra": "files of other modes, or of more kinds, and what the product lies in",
    r"field of assets .* extra": "more is told",
    r"property auth:schemes other": "downloads ask for no login yet",
    r"property storage:schemes other": "the hub's own buckets",
    r"field of assets (alternate:name|auth:refs|storage:refs) missing": "the href is the hub's "
    "download; where it lies, with how it is reached there, is the alternate",
    r"property expires missing": "written when a product is to be evicted; theirs say 9999",
    r"property processing:software (missing|other)": "theirs is the tool that read the product",
    r"asset product missing": "spelt Product for all missions, as theirs is for two of them",
    r"asset thumbnail missing": "made and listed when the product is ingested, or not in it",
    r"asset (manifest|eop_metadata|acquisition_data) missing": "added by their archive",
    r"asset .* missing": "a file that these products do not have",
    r"field of assets (proj:code) missing": "null, which pgSTAC drops: it is in the properties",
    r"field of assets (proj:shape|sar:\w+|view:\w+) missing": "in a hundred annotations and more "
    "of wave mode, which would cost more than the rest of the ingest",
    r"field of assets file:checksum missing": "no list in the product tells it",
    r"(extension|field of assets) .*(datacube|cube:).* missing": "of NetCDF files that were left "
    "out of these products",
    r"property sat:platform_international_designator missing": "a placeholder in early manifests",
    r"property (eo|view|sar|processing):\w+ missing": "not in these products' metadata",
    r"extension .*/(eo|view|processing)/.* missing": "not in these products' metadata",
    r"property (platform|constellation|grid:code|processing:version|processing:facility) other": (
        "of other products"
    ),
    r"property (product:timeliness(_category)?|sat:\w+|sar:instrument_mode) other": (
        "of other products"
    ),
    r"property (statistics|cube:\w+|proj:shape) other": "of other products, some of them trimmed",
}
# What is another of every product: times, numbers of orbits, names, checksums.
SINGULAR = re.compile("datetime|created|updated|published|_id$|_orbit$|orbit_cycle")
BUCKET = "inbox"


def kind_of(item: Item) -> str:
    """The type of product that an Item is of."""
    return TIMELINESS.sub("", item["collection"])


def published_items(folder: Path) -> Iterator[Item]:
    """The Items of the products below a folder, as they are catalogued when dropped in a zip."""
    stores = build_stores(Configuration(), S3("eu-central-1"), [BUCKET])
    for product in find_products(folder):
        try:
            files = open_folder(product) if product.is_dir() else open_object(FileBytes(product))
            yield _published(extract(files), product, files.folder, stores)
        except ProductError:
            continue


def _published(item: Item, product: Path, folder: str, stores: Stores) -> Item:
    key = f"{product.name}.zip" if product.is_dir() else product.name
    thing = DroppedObject(BUCKET, key, "0" * 32, 1, datetime.now(UTC))
    published = with_downloads(in_object(item, thing, folder, [f"d50110{'0' * 32}"]), stores)
    return {
        **published,
        "properties": {**published["properties"], **LOADED},
        "stac_extensions": [*published["stac_extensions"], TIMESTAMPS],
    }


def example_items(data: Path) -> Iterator[Item]:
    """The Items of the Data Space."""
    for file in sorted(data.glob("expected/*/cdse-examples/*/*.json")):
        item: Item = json.loads(file.read_text())
        yield item


def differences(ours: list[Item], theirs: list[Item]) -> Iterator[tuple[str, str, str, str]]:
    """What (extension, property, …), its name, `missing`, `extra` or `other`, and the values."""
    yield from _names("extension", _extensions(ours), _extensions(theirs))
    told, wanted = _values(i["properties"] for i in ours), _values(i["properties"] for i in theirs)
    yield from _names("property", told, wanted)
    for name in sorted(told.keys() & wanted.keys()):
        alike = told[name] & wanted[name] or not _is_word(told[name] | wanted[name])
        if not alike and not SINGULAR.search(name):
            yield "property", name, "other", f"{_few(wanted[name])}, ours {_few(told[name])}"
    yield from _names("asset", _assets(ours), _assets(theirs))
    yield from _names("field of assets", _fields(ours, theirs), _fields(theirs, ours))


def why(what: str, name: str, how: str) -> str:
    """Why ours is right; empty where nobody knows."""
    told = f"{what} {name} {how}"
    reasons = (reason for pattern, reason in EXPLAINED.items() if re.fullmatch(pattern, told))
    return next(reasons, "")


def _names(
    what: str, ours: dict[str, set[str]], theirs: dict[str, set[str]]
) -> Iterator[tuple[str, str, str, str]]:
    for name in sorted(theirs.keys() - ours.keys()):
        yield what, name, "missing", _few(theirs[name])
    for name in sorted(ours.keys() - theirs.keys()):
        if not name.startswith(OWN):
            yield what, name, "extra", _few(ours[name])


def _extensions(items: Iterable[Item]) -> dict[str, set[str]]:
    return {url: set() for item in items for url in item["stac_extensions"]}


def _values(things: Iterable[dict[str, Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for thing in things:
        for name, value in thing.items():
            found[name].add(json.dumps(value, sort_keys=True))
    return found


def _assets(items: Iterable[Item]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for key, asset in item["assets"].items():
            found[key].add(asset.get("title", ""))
    return found


def _fields(items: Iterable[Item], others: Iterable[Item]) -> dict[str, set[str]]:
    """Role and field -> keys of assets, of those that both sides have."""
    shared = {key for item in others for key in item["assets"]}
    found: dict[str, set[str]] = defaultdict(set)
    for item in items:
        for key, asset in item["assets"].items():
            for field in asset if key in shared else ():
                found[field].add(key)
    return found


def _is_word(values: set[str]) -> bool:
    return all(value[:1] in '"[{tfn' for value in values)


def _few(values: set[str]) -> str:
    shown = sorted(values)[:3]
    return " ".join(shown)[:160] + (f" (of {len(values)})" if len(values) > len(shown) else "")


def both_sides(
    data: Path, folders: Iterable[Path]
) -> tuple[dict[str, list[Item]], dict[str, list[Item]]]:
    """Our Items and theirs, by type."""
    places = (data / "products", *folders)
    ours = (item for folder in places for item in published_items(folder))
    return _by_kind(ours), _by_kind(example_items(data))


def _by_kind(items: Iterable[Item]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        found[kind_of(item)].append(item)
    return found


def main(arguments: list[str]) -> int:
    """Prints the table."""
    if not arguments or not Path(arguments[0], "products").is_dir():
        print("usage: python -m benchmarks.examples DATA [FOLDER …]", file=sys.stderr)
        return 2
    ours, theirs = both_sides(Path(arguments[0]), map(Path, arguments[1:]))
    print("| type | ours | examples | what | name | | values | why |")
    print("|---|--:|--:|---|---|---|---|---|")
    unexplained = 0
    for kind in sorted(ours.keys() & theirs.keys()):
        here, there = ours[kind], theirs[kind]
        for what, name, how, values in differences(here, there):
            reason = why(what, name, how)
            unexplained += not reason
            row = f"{len(here)} | {len(there)} | {what} | {name} | {how} | {values} | {reason}"
            print(f"| {kind} | {row} |")
    print(f"\n{unexplained} differences without a reason")
    print(f"\nwithout examples: {', '.join(sorted(ours.keys() - theirs.keys()))}")
    print(f"\nwithout products: {', '.join(sorted(theirs.keys() - ours.keys()))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
