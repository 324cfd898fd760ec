"""The attributes of a product as the mapping tables of the Copernicus Data Space find them.

A table (`<rule>.csv`) says for each attribute of a product type its name, the metadata file, an
XPath and the type. Namespaces are left out of documents and XPaths alike: what a prefix stands for
differs between the versions of the metadata.
"""

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import h5py
from lxml import etree

from swath.domain.item import Item
from swath.formats.values import utc

# Attributes that describe one image or file of the product; Items keep these in their assets.
OF_ASSETS = re.compile(
    r"assets?:.+|.+:(size|checksum|href)|\w+:(\w+:)?(hh|hv|vh|vv)|shape[12]|MTD_\w+"
)
# What a table holds beside attributes: structures, and what no metadata tell.
NO_ATTRIBUTES = re.compile(
    r":?|coordinates|(dimensions|variables)\w*|bbox|centroid|payloadId|created|updated"
)

TILES = {"S2MSI1C": "MSI_L1C", "S2MSI2A": "MSI_L2A"}
LANDSAT = {"L2SP": "LC09_L2ST", "L2SR": "LC09_L2SR"}


@dataclass(frozen=True)
class Told:
    """An attribute, and its value in a product's metadata."""

    name: str
    type: str
    value: Any


def rule_of(item: Item, tables: Path) -> str | None:
    """Which table serves a product, None where none does."""
    kind = str(item["properties"].get("product:type"))
    mission = item["collection"].split("-")[1] if "sentinel" in item["collection"] else ""
    if item["collection"].startswith("landsat"):
        return LANDSAT.get(kind, "LC09_L1")
    if mission == "6":
        return "S6_AMR" if kind.startswith("MW") else "S6_P4"
    if mission == "5p":
        return "S5P_TROPOMI_L2_O3_TCL" if kind == "L2__O3_TCL" else "S5P_TROPOMI_L2"
    return _rules(tables).get(f"S{mission}_{TILES.get(kind, kind)}")


def told_attributes(product: Path, rule: str, tables: Path) -> Iterator[Told]:
    """Every attribute that the product's metadata has a value for."""
    for row in _table(tables / f"{rule}.csv"):
        name, file, path, kind = row[0], row[1], row[2], row[-1]
        if NO_ATTRIBUTES.fullmatch(name) or OF_ASSETS.fullmatch(name) or file == "static":
            continue
        value = _read(product, file, path)
        if value not in (None, ""):
            yield Told(name, kind, typed(value, kind))


def typed(value: Any, kind: str) -> Any:
    """A value of the type that the table gives, the value itself where it is none."""
    text = str(value).strip()
    try:
        if kind.startswith("Int"):
            return int(text)
        if kind in ("Double", "Float"):
            return float(text)
        if kind.startswith("DateTime"):
            return utc(text.removeprefix("UTC="))
    except ValueError:
        return text
    return text.lower() == "true" if kind == "Boolean" else text


def _read(product: Path, file: str, path: str) -> Any:
    if product.suffix == ".nc":
        return _netcdf(product).get(path)
    for found in _files(product, file):
        value = _evaluate(_tree(found), path)
        if value not in (None, ""):
            return value
    return None


def _files(product: Path, file: str) -> list[Path]:
    if product.is_file():
        return [product]
    pattern = (
        re.sub(r"^.*(_MTL\.xml)$", r"*\1", file.lstrip("/")) if "_MTL" in file else file.lstrip("/")
    )
    long_names = {"MTD_TL.xml": "*_OPER_MTD_L*_TL_*.xml"}
    patterns = [pattern.rsplit("/", 1)[-1], long_names.get(pattern, "")]
    return sorted(p for each in patterns if each for p in product.rglob(each))


@cache
def _tree(file: Path) -> etree._Element:
    root = etree.parse(
        file, etree.XMLParser(resolve_entities=False, remove_comments=True)
    ).getroot()
    for element in root.iter(etree.Element):
        element.tag = etree.QName(element).localname
        for name in list(element.attrib):
            element.attrib[etree.QName(name).localname] = element.attrib.pop(name)
    return root


def _evaluate(root: etree._Element, path: str) -> Any:
    bare = re.sub(r"(?<![\w'\"])[A-Za-z][\w-]*:(?=[A-Za-z_])", "", path)
    found: Any = root.xpath(bare)
    while isinstance(found, list):
        found = found[0] if found else None
    return found.text if isinstance(found, etree._Element) else found


@cache
def _netcdf(product: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def keep(name: str, node: Any) -> None:
        for key, value in node.attrs.items():
            full = f"{name}/{key}" if name else key
            found[re.sub(r"[/:]", "_", full)] = (
                value.decode() if isinstance(value, bytes) else value
            )

    with h5py.File(product) as file:
        keep("", file)
        file.visititems(keep)
    return {k: v[0] if getattr(v, "shape", ()) == (1,) else v for k, v in found.items()}


@cache
def _table(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [
            [c.strip() for c in row] for row in list(csv.reader(lines, delimiter=";"))[1:] if row
        ]


@cache
def _rules(tables: Path) -> dict[str, str]:
    return {row[0]: row[1] for row in _table(tables / "ProductTypes2RuleMapping.csv")}


def _text(nodes: Any) -> str:
    first = nodes[0] if isinstance(nodes, list) and nodes else nodes
    return str(getattr(first, "text", first) or "") if not isinstance(first, list) else ""


FUNCTIONS = etree.FunctionNamespace(None)
FUNCTIONS["join"] = lambda _, nodes, glue: glue.join(_text([n]) for n in nodes)
FUNCTIONS["uppercase"] = lambda _, nodes: _text(nodes).upper()
FUNCTIONS["lowercase"] = lambda _, nodes: _text(nodes).lower()
FUNCTIONS["quote"] = lambda _, nodes: _text(nodes)
FUNCTIONS["WKT"] = lambda _, nodes: _text(nodes)
FUNCTIONS["geo_pnt2wkt"] = lambda _, __: ""
FUNCTIONS["map"] = lambda _, nodes, table: json.loads(table).get(
    _text(nodes), json.loads(table)["default"]
)
