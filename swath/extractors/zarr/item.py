"""From a Zarr store to its Item."""

from collections.abc import Mapping
from typing import Any

from swath.domain.item import Asset, Item, new_item
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.extractors.zarr.discovery import (
    discovered_place,
    discovered_properties,
    discovered_times,
    text,
)
from swath.extractors.zarr.footprint import read_footprint, reference_system
from swath.formats.cf import covered_times
from swath.formats.dates import times_in
from swath.formats.geometry import bbox
from swath.formats.productfiles import ProductFiles
from swath.formats.safe import file_fields
from swath.formats.zarr import Store, read_store

COLLECTION = "zarr"


def create_item(files: ProductFiles) -> Item:
    """The Item of a store. Reads its consolidated metadata, or the root's attributes.

    Raises:
        ProductError: `metadata-missing`, `metadata-invalid`, `too-large`, `no-footprint`,
            `unsupported-crs`, `invalid-footprint` or `no-time`; also what `files` raises.
    """
    store = read_store(files)
    told = store.attributes.get("stac_discovery")
    discovery: Mapping[str, Any] = told if isinstance(told, dict) else {}
    geometry = discovered_place(discovery, files.name)
    geometry = geometry or read_footprint(store.attributes, files.name)
    return new_item(
        files.name,
        COLLECTION,
        geometry=geometry,
        bbox=bbox(geometry),
        properties={
            "title": text(store.attributes.get("title")),
            **({"proj:code": code} if (code := reference_system(store.attributes)) else {}),
            **discovered_properties(discovery),
            **_times(store, discovery, files.name),
        },
        assets=_assets(files, store),
    )


def _times(store: Store, discovery: Mapping[str, Any], name: str) -> dict[str, Any]:
    for times in (discovered_times(discovery), covered_times(store.attributes), times_in(name)):
        if times:
            return times
    raise ProductError(Reason.NO_TIME, f"neither {name} nor its attributes tell a time")


def _assets(files: ProductFiles, store: Store) -> dict[str, Asset]:
    """The store as a whole, whose path below its own folder is empty, and what describes it."""
    return {
        "data": {
            "href": "",
            "type": f"application/vnd.zarr; version={store.version}",
            "title": "Zarr store",
            "roles": ["data", "metadata"],
        },
        "metadata": {
            "type": "application/json",
            "title": store.path,
            "roles": ["metadata"],
            **file_fields(files, store.path),
        },
    }
