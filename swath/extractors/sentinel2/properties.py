"""The Item's properties, section by section.

Attributes of the catalogue's OData interface that no STAC extension has a field for are kept as
`swath:<attribute>`, so that both interfaces can filter by them.
"""

import re
from datetime import datetime, timedelta
from typing import Any

from swath.extractors.sentinel2.images import SCENE_CLASSES
from swath.extractors.sentinel2.metadata import ProductMetadata
from swath.extractors.sentinel2.product_types import ProductType
from swath.extractors.sentinel2.tile import Grids, mean_azimuth, read_viewing_angles
from swath.formats.values import integer, moment, number
from swath.formats.xml import Element, required_text, text, texts

type Properties = dict[str, Any]

CONSTELLATION = "sentinel-2"
GSD = 10  # metres, of the finest bands

# COSPAR identifiers; the manifests hold a placeholder, 2015-000A.
DESIGNATORS = {
    "sentinel-2a": "2015-028A",
    "sentinel-2b": "2017-013A",
    "sentinel-2c": "2024-157A",
}

# Centres of the ground segment, as datastrips name them. Any other centre stands for itself.
ESA_CENTRES = frozenset(
    {"PDMC", "SGS_", "EPA_", "EPAE", "MPS_", "MTI_", "UPA_", "VGS1", "VGS2", "VGS3", "VGS4"}
    | {"CGS1", "CGS2", "CGS3", "CGS4", "2APS", "2BPS", "2CPS", "2DPS", "S2RP"}
)

DOI = re.compile(r"https://doi\.org/(10\.\d{4,}/\S+)", re.ASCII)

# What the ground segment promises for Level-1C and Level-2A alike.
PROMPT = timedelta(hours=24)


def read_properties(metadata: ProductMetadata, row: ProductType, grids: Grids) -> Properties:
    """Every property that the metadata tells.

    Raises:
        ProductError: `metadata-invalid` when the metadata lacks what every product has, or a value
            cannot be read.
    """
    product, granule = metadata.product, metadata.granule
    times = _times(metadata)
    return {
        **times,
        **_platform(metadata),
        **_orbit(metadata),
        **_processing(metadata, row),
        **_product(product, times["start_datetime"]),
        **view_properties(granule),
        **_image_content(product, granule),
        **_grid(metadata, grids),
        **_attributes(metadata),
    }


def percentage(root: Element, path: str) -> float | None:
    """A share in percent; those that are sums come out a hair above 100."""
    value = number(root, path)
    return None if value is None else min(max(value, 0.0), 100.0)


def scene_shares(product: Element, granule: Element | None) -> dict[str, float]:
    """Scene class -> percentage of the tile it covers; empty for Level-1C."""
    shares = {c.name: _share(product, granule, c.tags) for c in SCENE_CLASSES}
    return {name: share for name, share in shares.items() if share is not None}


def view_properties(granule: Element | None) -> Properties:
    """How the tile was seen and lit, in degrees; nothing without granule metadata."""
    if granule is None:
        return {}
    angles = list(read_viewing_angles(granule).values())
    zenith = number(granule, ".//Mean_Sun_Angle/ZENITH_ANGLE")
    return {
        "view:sun_azimuth": number(granule, ".//Mean_Sun_Angle/AZIMUTH_ANGLE"),
        "view:sun_elevation": None if zenith is None else 90 - zenith,
        "view:azimuth": mean_azimuth([a.azimuth for a in angles]) if angles else None,
        "view:incidence_angle": sum(a.zenith for a in angles) / len(angles) if angles else None,
    }


def _times(metadata: ProductMetadata) -> Properties:
    required_text(metadata.product, ".//PRODUCT_START_TIME", metadata.path)
    start = moment(metadata.product, ".//PRODUCT_START_TIME")
    return {
        "datetime": start,
        "start_datetime": start,
        "end_datetime": moment(metadata.product, ".//PRODUCT_STOP_TIME") or start,
    }


def _platform(metadata: ProductMetadata) -> Properties:
    platform = required_text(metadata.product, ".//SPACECRAFT_NAME", metadata.path).lower()
    return {
        "platform": platform,
        "constellation": CONSTELLATION,
        "instruments": ["msi"],
        "swath:instrumentShortName": "MSI",
        "gsd": GSD,
        "sat:platform_international_designator": DESIGNATORS.get(platform),
    }


def _orbit(metadata: ProductMetadata) -> Properties:
    absolute = re.fullmatch(r"GS2[A-Z]_\d{8}T\d{6}_(\d{6})_.+", metadata.datatake_id or "")
    direction = text(metadata.product, ".//SENSING_ORBIT_DIRECTION")
    return {
        "sat:orbit_state": direction and direction.lower(),
        "sat:relative_orbit": integer(metadata.product, ".//SENSING_ORBIT_NUMBER"),
        "sat:absolute_orbit": int(absolute[1]) if absolute else None,
    }


def _processing(metadata: ProductMetadata, row: ProductType) -> Properties:
    return {
        "processing:level": row.level,
        "processing:datetime": moment(metadata.product, ".//GENERATION_TIME"),
        "processing:version": text(metadata.product, ".//PROCESSING_BASELINE"),
        "processing:facility": text(metadata.product, ".//PROCESSING_CENTER")
        or _facility(metadata.datastrip_ids),
        "eopf:datastrip_id": _common(metadata.datastrip_ids),
        "eopf:datatake_id": metadata.datatake_id,
        "eopf:instrument_mode": text(metadata.product, ".//DATATAKE_TYPE"),
    }


def _facility(datastrip_ids: list[str]) -> str | None:
    """`S2A_OPER_MSI_L1C_DS_2APS_…` -> `ESA`."""
    centre = _common([name.split("_DS_")[-1][:4] for name in datastrip_ids])
    return "ESA" if centre in ESA_CENTRES else centre


def _common(values: list[str]) -> str | None:
    return values[0] if len(set(values)) == 1 else None


def _product(product: Element, start: str) -> Properties:
    """The promise of delivery holds for what was processed at once, not for what was made again."""
    made = moment(product, ".//GENERATION_TIME")
    doi = DOI.fullmatch(text(product, ".//PRODUCT_DOI") or "")
    prompt = made and datetime.fromisoformat(made) - datetime.fromisoformat(start) < PROMPT
    return {
        "product:type": text(product, ".//PRODUCT_TYPE"),
        "product:timeliness": "PT24H" if prompt else None,
        "product:timeliness_category": "NRT" if prompt else None,
        "sci:doi": doi and doi[1],
    }


def _image_content(product: Element, granule: Element | None) -> Properties:
    shares = scene_shares(product, granule)
    return {
        "eo:cloud_cover": percentage(product, ".//Cloud_Coverage_Assessment"),
        # Level-1C tells it since baseline 05.09.
        "eo:snow_cover": shares.get("snow", percentage(product, ".//Snow_Coverage_Assessment")),
        "statistics": {
            c.statistic: shares[c.name] for c in SCENE_CLASSES if c.statistic and c.name in shares
        }
        or None,
    }


def _share(product: Element, granule: Element | None, tags: tuple[str, ...]) -> float | None:
    """Both files tell it, but the product metadata not in every version."""
    roots = [root for root in (product, granule) if root is not None]
    shares = (percentage(root, f".//Image_Content_QI/{tag}") for root in roots for tag in tags)
    return next((share for share in shares if share is not None), None)


def _grid(metadata: ProductMetadata, grids: Grids) -> Properties:
    """Nothing for a product of many tiles."""
    tile, code = _common(metadata.tiles), _common([grid.code for grid in grids.values()])
    projection = {"proj:code": code} if code else {}
    return {"grid:code": tile and f"MGRS-{tile}", **mgrs_fields(tile), **projection}


def mgrs_fields(tile: str | None) -> Properties:
    """The parts of a tile's name, `31TDH`."""
    if tile is None:
        return {}
    return {
        "mgrs:utm_zone": int(tile[:2]),
        "mgrs:latitude_band": tile[2],
        "mgrs:grid_square": tile[3:],
    }


def _attributes(metadata: ProductMetadata) -> Properties:
    product, granule = metadata.product, metadata.granule
    archived = None if granule is None else granule.find(".//Archiving_Info")
    checks = list(texts(product, ".//quality_check"))
    preview = None if granule is None else text(granule, ".//PVI_FILENAME")
    return {
        "swath:acquisitionDate": moment(product, ".//DATATAKE_SENSING_START"),
        "swath:acquisitionStation": metadata.reception_station,
        "swath:archivingCenter": None if archived is None else text(archived, "ARCHIVING_CENTRE"),
        "swath:archivingDate": None if archived is None else moment(archived, "ARCHIVING_TIME"),
        "swath:cloudyPixelPercentage": None
        if granule is None
        else percentage(granule, ".//CLOUDY_PIXEL_PERCENTAGE"),
        "swath:browse": preview and f"#{preview}",
        "swath:degraded_msi_data_percentage": None
        if granule is None
        else percentage(granule, ".//Image_Content_QI/DEGRADED_MSI_DATA_PERCENTAGE"),
        "swath:degradedANCdataPercentage": percentage(product, ".//DEGRADED_ANC_DATA_PERCENTAGE"),
        "swath:degradedMSIdataPercentage": percentage(product, ".//DEGRADED_MSI_DATA_PERCENTAGE"),
        "swath:granuleIdentifier": _common(metadata.granule_ids),
        "swath:nativeProductFormat": text(product, ".//PRODUCT_FORMAT"),
        "swath:processingLevel": (text(product, ".//PROCESSING_LEVEL") or "").removeprefix("Level-")
        or None,
        "swath:productUri": text(product, ".//PRODUCT_URI") or text(product, ".//PRODUCT_URI_2A"),
        "swath:productionDEMtype": text(product, ".//PRODUCTION_DEM_TYPE"),
        "swath:qualityFlags": "+".join(checks) or None,
        "swath:qualityStatus": _quality(checks),
        "swath:reflectanceConversion": number(product, ".//Reflectance_Conversion/U"),
        "swath:srs": text(product, ".//Coordinate_Reference_System/GEO_TABLES"),
    }


def _quality(checks: list[str]) -> str | None:
    if not checks:
        return None
    return "NOMINAL" if set(checks) == {"PASSED"} else "DEGRADED"
