"""The Item's properties, section by section.

Attributes of the catalogue's OData interface that no STAC extension has a field for are kept as
`swath:<attribute>`, so that both interfaces can filter by them.
"""

import re
from collections.abc import Mapping
from typing import Any

from swath.domain.item import software_fields, timeliness_fields
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.extractors.sentinel3.product_types import INSTRUMENTS, TIMELINESS, ProductType
from swath.formats.values import (
    attribute,
    attribute_moment,
    attribute_number,
    integer,
    moment,
    number,
)
from swath.formats.xml import Element, text

type Properties = dict[str, Any]

CONSTELLATION = "sentinel-3"

FOR_EVER = "9999-12-31"

PRODUCT = ".//generalProductInformation"
ORBIT = ".//orbitReference"
PLATFORM = ".//platform"
INSTRUMENT = f"{PLATFORM}/instrument/familyName"
METADATA = "metadataSection/metadataObject/metadataWrap/xmlData"
PROCESSING = f"{METADATA}/processing"
CLASSES = ".//classificationSummary"
QUALITY = ".//pixelQualitySummary"

# OData attribute -> element with a percentage, and its name among the Item's statistics. An SLSTR
# product tells it for each of its grids, that of 1 km first.
SHARES = {
    "salineWaterCover": (f"{CLASSES}/salineWaterPixels", "saline_water"),
    "coastalCover": (f"{CLASSES}/coastalPixels", "coastal"),
    "freshInlandWaterCover": (f"{CLASSES}/freshInlandWaterPixels", "fresh_inland_water"),
    "tidalRegionCover": (f"{CLASSES}/tidalRegionPixels", "tidal_region"),
    "landCover": (f"{CLASSES}/landPixels", "land"),
    "brightCover": (f"{CLASSES}/brightPixels", "bright"),
    "brightPixels": (f"{CLASSES}/brightPixels", "bright"),
    "invalidPixels": (f"{QUALITY}/invalidPixels", "invalid"),
    "cosmeticPixels": (f"{QUALITY}/cosmeticPixels", "cosmetic"),
    "duplicatedPixels": (f"{QUALITY}/duplicatedPixels", "duplicated"),
    "saturatedPixels": (f"{QUALITY}/saturatedPixels", "saturated"),
    "dubiousSamples": (f"{QUALITY}/dubiousSamples", "dubious_samples"),
}

# The same for the altimeter, whose elements hold whole percentages as text.
SURFACES = {
    "landCover": (".//landPercentage", "land"),
    "closedSeaCover": (".//closedSeaPercentage", "closed_sea"),
    "continentalIceCover": (".//continentalIcePercentage", "continental_ice"),
    "openOceanCover": (".//openOceanPercentage", "open_ocean"),
}


def read_properties(root: Element, code: str, row: ProductType) -> Properties:
    """Every property that the manifest tells; `code` is the product type.

    Raises:
        ProductError: `metadata-invalid` when the manifest lacks what every product has, or holds a
            value that cannot be read.
    """
    return {
        **_times(root),
        **_platform(root, code, row),
        **_orbit(root),
        **_processing(root, code, row),
        **_product(root, code),
        **_content(root, row),
        **_altimeter(root),
        **_attributes(root),
    }


def percentage(root: Element, path: str) -> float | None:
    """The share in percent that the first element at `path` has as an attribute.

    Raises:
        ProductError: `metadata-invalid` when it is not a number.
    """
    value = attribute_number(root, path, "percentage")
    return None if value is None else min(max(value, 0.0), 100.0)


def _times(root: Element) -> Properties:
    """Sensing, or the validity of an auxiliary file.

    STAC wants both ends or none: what is valid for ever has a start alone.
    """
    acquired = ".//acquisitionPeriod"
    start = moment(root, f"{acquired}/startTime") or moment(root, f"{PRODUCT}/validityStartTime")
    end = moment(root, f"{acquired}/stopTime") or moment(root, f"{PRODUCT}/validityStopTime")
    if start is None or end is None:
        raise ProductError(Reason.METADATA_INVALID, "the manifest does not say from when to when")
    ends = {} if end.startswith(FOR_EVER) else {"start_datetime": start, "end_datetime": end}
    return {"datetime": start, **ends}


def _platform(root: Element, code: str, row: ProductType) -> Properties:
    """An auxiliary file may be common to all units."""
    unit = text(root, f"{PLATFORM}/number") or text(root, f"{PRODUCT}/number") or ""
    known = re.fullmatch(r"[A-Z]", unit)
    if not known and row.level:
        raise ProductError(Reason.METADATA_INVALID, f"the platform's number is {unit!r}")
    return {
        "platform": f"{CONSTELLATION}{unit.lower()}" if known else None,
        "constellation": CONSTELLATION,
        "instruments": list(INSTRUMENTS.get(code[:2], ())) or None,
        "swath:instrumentShortName": attribute(root, INSTRUMENT, "abbreviation"),
        "gsd": row.gsd,
        "sat:platform_international_designator": text(root, f"{PLATFORM}/nssdcIdentifier"),
    }


def _orbit(root: Element) -> Properties:
    state = attribute(root, f"{ORBIT}/orbitNumber", "groundTrackDirection")
    if state and state.lower() not in ("ascending", "descending"):
        raise ProductError(Reason.METADATA_INVALID, f"the orbit's direction is {state!r}")
    return {
        "sat:orbit_state": state.lower() if state else None,
        "sat:orbit_cycle": integer(root, f"{ORBIT}/cycleNumber"),
        "sat:relative_orbit": integer(root, f"{ORBIT}/relativeOrbitNumber"),
        "sat:absolute_orbit": integer(root, f"{ORBIT}/orbitNumber"),
    }


def _processing(root: Element, code: str, row: ProductType) -> Properties:
    """The last step; those before it lie deeper in the manifest, below its resources."""
    processor = f"{PROCESSING}/facility/software"
    version = attribute(root, processor, "version")
    return {
        "processing:level": row.level,
        "processing:datetime": attribute_moment(root, PROCESSING, "start"),
        "processing:facility": _facility(root, code),
        **software_fields(attribute(root, processor, "name"), version),
        "processing:version": version,
    }


def _facility(root: Element, code: str) -> str | None:
    """The centre's name for the altimeter, else its site, as in the Copernicus Data Space.

    Where the last step does not tell it, the step before does.
    """
    kind = "name" if code.startswith("SR_") else "site"
    steps = root.iterfind(f"{METADATA}//processing/facility")
    return next((step.get(kind) for step in steps if step.get(kind)), None)


def _product(root: Element, code: str) -> Properties:
    category = text(root, f"{PRODUCT}/timeliness") or ""
    known = TIMELINESS.get(category)
    return {
        "product:type": code,
        **timeliness_fields(category, known.duration if known else None),
    }


def _content(root: Element, row: ProductType) -> Properties:
    told = _told(root)
    size = [
        integer(root, f".//imageSize/{side}") or integer(root, f".//nadirImageSize/{side}")
        for side in ("rows", "columns")
    ]
    return {
        "eo:cloud_cover": percentage(root, f"{CLASSES}/cloudyPixels"),
        "eo:snow_cover": percentage(root, f"{CLASSES}/snowOrIcePixels"),
        # Swaths and tracks lie in no coordinate reference system.
        **({"proj:code": None} if row.located else {}),
        "proj:shape": size if all(size) else None,
        "swath:imageSize:rows": size[0],
        "swath:imageSize:columns": size[1],
        "statistics": _statistics(told) or None,
        **{f"swath:{name}": value for name, value in told.items()},
    }


def _told(root: Element) -> dict[str, float]:
    """The attributes that the manifest has a share for; none of the altimeter is an optical one."""
    shares = {name: percentage(root, path) for name, (path, _) in SHARES.items()}
    surfaces = {name: _rounded(root, path) for name, (path, _) in SURFACES.items()}
    both = [*shares.items(), *surfaces.items()]
    return {name: value for name, value in both if value is not None}


def _statistics(told: Mapping[str, float]) -> Properties:
    names = {name: statistic for name, (_, statistic) in [*SHARES.items(), *SURFACES.items()]}
    return {names[name]: value for name, value in told.items()}


def _rounded(root: Element, path: str) -> int | None:
    value = number(root, path)
    return None if value is None else round(value)


def _altimeter(root: Element) -> Properties:
    low, high = _rounded(root, ".//lrmModePercentage"), _rounded(root, ".//sarModePercentage")
    if low is None or high is None:
        return {}
    return {
        "altm:instrument_mode": "sar" if high >= low else "lrm",
        "swath:lrmMode": low,
        "swath:sarMode": high,
    }


def _attributes(root: Element) -> Properties:
    last = attribute(root, f"{ORBIT}/orbitNumber[2]", "groundTrackDirection")
    sampling = ".//samplingParameters"
    return {
        "swath:operationalMode": text(root, f"{PLATFORM}/instrument/mode"),
        "swath:baselineCollection": text(root, f"{PRODUCT}/baselineCollection"),
        "swath:processingBaseline": text(root, f"{PRODUCT}/processingBaseline"),
        "swath:lastOrbitNumber": integer(root, f"{ORBIT}/orbitNumber[2]"),
        "swath:lastOrbitDirection": last.upper() if last else None,
        "swath:alSpatialSampling": number(root, f"{sampling}/alSpatialSampling"),
        "swath:acSpatialSampling": number(root, f"{sampling}/acSpatialSampling"),
    }
