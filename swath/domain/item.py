"""STAC Items as Swath writes them: STAC 1.1, in the shape of the Copernicus Data Space catalogue.

An Item is plain JSON (a dict) from extractor to database: nothing between has to know every
extension.
Source: https://github.com/radiantearth/stac-spec/blob/v1.1.0/item-spec/item-spec.md
"""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from typing import Any

type Item = dict[str, Any]
type Asset = dict[str, Any]

STAC_VERSION = "1.1.0"

# Which extension a field belongs to, by its prefix (or whole name).
EXTENSIONS: dict[str, str] = {
    "alternate": "https://stac-extensions.github.io/alternate-assets/v1.2.0/schema.json",
    "altm": "https://stac-extensions.github.io/altimetry/v0.1.0/schema.json",
    "auth": "https://stac-extensions.github.io/authentication/v1.1.0/schema.json",
    "classification": "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
    "cube": "https://stac-extensions.github.io/datacube/v2.3.0/schema.json",
    "eo": "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "eopf": "https://cs-si.github.io/eopf-stac-extension/v1.2.0/schema.json",
    "expires": "https://stac-extensions.github.io/timestamps/v1.1.0/schema.json",
    "file": "https://stac-extensions.github.io/file/v2.1.0/schema.json",
    "grid": "https://stac-extensions.github.io/grid/v1.1.0/schema.json",
    "landsat": "https://stac-extensions.github.io/landsat/v2.0.0/schema.json",
    "mgrs": "https://stac-extensions.github.io/mgrs/v1.0.0/schema.json",
    "processing": "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
    "product": "https://stac-extensions.github.io/product/v1.0.0/schema.json",
    "proj": "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "published": "https://stac-extensions.github.io/timestamps/v1.1.0/schema.json",
    "raster": "https://stac-extensions.github.io/raster/v2.0.0/schema.json",
    "sar": "https://stac-extensions.github.io/sar/v1.3.0/schema.json",
    "sat": "https://stac-extensions.github.io/sat/v1.1.0/schema.json",
    "sci": "https://stac-extensions.github.io/scientific/v1.0.0/schema.json",
    "storage": "https://stac-extensions.github.io/storage/v2.0.0/schema.json",
    "view": "https://stac-extensions.github.io/view/v1.1.0/schema.json",
}


# Properties whose null says something: that data have no coordinate reference system. Nulls of
# assets do not outlive pgSTAC, which takes them for what the Collection says of the asset.
TELLING_NULLS = frozenset({"proj:code"})


def new_item(
    item_id: str,
    collection: str,
    *,
    geometry: dict[str, Any] | None,
    bbox: list[float] | None,
    properties: dict[str, Any],
    assets: dict[str, Asset],
) -> Item:
    """An Item whose `stac_extensions` follow from the fields it uses; fields without a value are
    left out, but for `TELLING_NULLS`.

    `properties` must hold `datetime` (or `start_datetime` and `end_datetime`). Asset hrefs are
    paths relative to the
    product's top folder until `with_hrefs` says where the product lies.
    """
    item: Item = {
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "id": item_id,
        "collection": collection,
        "geometry": geometry,
        "properties": {
            name: value
            for name, value in sorted(properties.items())
            if value is not None or name in TELLING_NULLS
        },
        "links": [],
        "assets": {key: _without_nones(asset) for key, asset in assets.items()},
    }
    if bbox is not None:
        item["bbox"] = bbox
    item["properties"].setdefault("datetime", None)
    return with_extensions(item)


def with_extensions(item: Item) -> Item:
    """The Item with `stac_extensions` listing the schema of every extension one of its fields
    belongs to.
    """
    return {
        **item,
        "stac_extensions": sorted({EXTENSIONS[p] for p in _prefixes(item) if p in EXTENSIONS}),
    }


def with_added_extensions(item: Item, prefixes: Collection[str]) -> Item:
    """The Item that also lists the extensions of those `prefixes` that it uses. What it lists
    already, in whatever version, is its author's.
    """
    listed = item["stac_extensions"]
    known = {_unversioned(url) for url in listed}
    gained = {EXTENSIONS[p] for p in _prefixes(item) if p in prefixes}
    more = {url for url in gained if _unversioned(url) not in known}
    return {**item, "stac_extensions": sorted({*listed, *more})}


def _unversioned(url: str) -> str:
    return url.partition("/v")[0]


def with_hrefs(item: Item, href: Callable[[str], str]) -> Item:
    """The Item with every asset's relative path replaced by `href(path)`."""
    assets = {key: {**asset, "href": href(asset["href"])} for key, asset in item["assets"].items()}
    return {**item, "assets": assets}


def software_fields(name: str | None, version: str | None) -> dict[str, Any]:
    """Which processor made a product: STAC keeps it as name and version, OData its name alone."""
    return {
        "processing:software": {name: version} if name and version else None,
        "swath:processorName": name,
    }


def timeliness_fields(category: str | None, duration: str | None) -> dict[str, Any]:
    """How soon a product is delivered: `category` as the mission calls it, `duration` as ISO 8601
    has it. The product extension allows a category only beside a duration; OData asks for either.
    """
    return {
        "product:timeliness": duration,
        "product:timeliness_category": category if duration else None,
        "swath:timeliness": category or None,
    }


def timestamp(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds, as everywhere in the catalogue."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def _prefixes(item: Item) -> Iterator[str]:
    for fields in (item["properties"], *item["assets"].values(), *item["links"]):
        for name in fields:
            yield name.split(":", 1)[0]
    for asset in item["assets"].values():
        for band in asset.get("bands", ()):
            yield from (name.split(":", 1)[0] for name in band)


def _without_nones(asset: Asset) -> Asset:
    return {name: value for name, value in asset.items() if value is not None}
