"""The Item's properties, section by section, all from the manifest.

Attributes of the OData interface that no STAC extension has a field for are kept flat as
`swath:<attribute>`, so that both interfaces can filter by them.
"""

import re
from typing import Any

from swath.domain.item import software_fields, timeliness_fields
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.extractors.sentinel6.product_types import COMMON, ProductType, type_code
from swath.formats.safe import XFDU_MANIFEST
from swath.formats.values import (
    attribute,
    attribute_moment,
    attribute_number,
    integer,
    moment,
    number,
)
from swath.formats.xml import Element, required_text, text

type Properties = dict[str, Any]

PERIOD = ".//acquisitionPeriod"
PLATFORM = ".//platform"
ORBIT = ".//orbitReference"
PRODUCT = ".//generalProductInformation"
ALTIMETER = ".//altProductInformation"
# Only the last step: the manifest nests the earlier ones inside it.
PROCESSING = ".//xmlData/processing"

# ISO 8601 durations. `AL`, of static auxiliary data, promises none.
TIMELINESS = {"NR": "PT3H", "ST": "PT36H", "NT": "P1M"}

# What early manifests say where they do not know the international designator.
NO_DESIGNATOR = "0000-000A"

STATES = ("ascending", "descending")

# Attribute -> element with a percentage of all measurements, in text.
PERCENTAGES = (
    "lrmModePercentage",
    "sarModePercentage",
    "openOceanPercentage",
    "landPercentage",
    "continentalWatersPercentage",
    "aquaticVegetationPercentage",
    "continentalIceSnowPercentage",
    "floatingIcePercentage",
    "saltedBasinPercentage",
)

# Attribute -> element with a percentage in an attribute, below `altProductInformation`.
COVERS = {
    "brightCover": "classificationSummary/brightPixels",
    "salineWaterCover": "classificationSummary/salineWaterPixels",
    "coastalCover": "classificationSummary/coastalPixels",
    "freshInlandWaterCover": "classificationSummary/freshInlandWaterPixels",
    "tidalRegionCover": "classificationSummary/tidalRegionPixels",
    "brightPixels": "classificationSummary/brightPixels",
    "landCover": "classificationSummary/landPixels",
    "invalidPixels": "pixelQualitySummary/invalidPixels",
    "cosmeticPixels": "pixelQualitySummary/cosmeticPixels",
    "duplicatedPixels": "pixelQualitySummary/duplicatedPixels",
    "saturatedPixels": "pixelQualitySummary/saturatedPixels",
    "dubiousSamples": "pixelQualitySummary/dubiousSamples",
}


def read_properties(root: Element, name: str, row: ProductType) -> Properties:
    """Every property that the manifest tells.

    Raises:
        ProductError: `metadata-invalid` when the manifest lacks what every product has, holds a
            value that cannot be read, or describes a product of another type than `name`.
    """
    return {
        **_times(root),
        **_platform(root),
        **_orbit(root),
        **_processing(root, row),
        **_product(root, name),
        **_altimetry(row),
        **_measured(root),
        **_attributes(root),
    }


def timeliness(root: Element) -> str | None:
    """`NR`, `ST` or `NT`; `AL` for static auxiliary data."""
    return text(root, f"{PRODUCT}/timeliness")


def _times(root: Element) -> Properties:
    start, stop = f"{PERIOD}/startTime", f"{PERIOD}/stopTime"
    if root.find(PERIOD) is None:  # auxiliary data are not acquired, they are valid
        start, stop = f"{PRODUCT}/validityStartTime", f"{PRODUCT}/validityStopTime"
    required_text(root, start, XFDU_MANIFEST)
    required_text(root, stop, XFDU_MANIFEST)
    first = moment(root, start)
    return {"datetime": first, "start_datetime": first, "end_datetime": moment(root, stop)}


def _platform(root: Element) -> Properties:
    described = PLATFORM if root.find(PLATFORM) is not None else PRODUCT
    family = required_text(root, f"{described}/familyName", XFDU_MANIFEST).lower()
    unit = (text(root, f"{described}/number") or "").lower()
    instrument = attribute(root, f"{PLATFORM}/instrument/familyName", "abbreviation")
    designator = text(root, f"{PLATFORM}/nssdcIdentifier")
    return {
        "platform": family + unit if unit.isalpha() else None,
        "constellation": family,
        "instruments": [instrument.lower()] if instrument else None,
        "swath:instrumentShortName": instrument,
        "sat:platform_international_designator": (
            designator if designator != NO_DESIGNATOR else None
        ),
    }


def _orbit(root: Element) -> Properties:
    state = attribute(root, f"{ORBIT}/orbitNumber", "groundTrackDirection")
    if state and state.lower() not in STATES:
        raise ProductError(Reason.METADATA_INVALID, f"the orbit's direction is {state!r}")
    return {
        "sat:orbit_state": state and state.lower(),
        "sat:orbit_cycle": integer(root, f"{ORBIT}/cycleNumber"),
        "sat:relative_orbit": integer(root, f"{ORBIT}/relativeOrbitNumber"),
        "sat:absolute_orbit": integer(root, f"{ORBIT}/orbitNumber"),
    }


def _processing(root: Element, row: ProductType) -> Properties:
    processor = attribute(root, f"{PROCESSING}/facility/software", "name")
    version = attribute(root, f"{PROCESSING}/facility/software", "version")
    started = attribute_moment(root, PROCESSING, "start")
    return {
        "processing:level": row.level,
        "processing:datetime": started or moment(root, f"{PRODUCT}/creationTime"),
        "processing:facility": attribute(root, f"{PROCESSING}/facility", "site"),
        **software_fields(processor, version),
        "processing:version": version,
    }


def _product(root: Element, name: str) -> Properties:
    code = text(root, f"{PRODUCT}/productType") or text(root, f"{PRODUCT}/fileType")
    named = type_code(name) or ""
    if code is not None and code[:COMMON] != named[:COMMON]:
        detail = f"the manifest of {name} describes a product of type {code}"
        raise ProductError(Reason.METADATA_INVALID, detail)
    category = timeliness(root)
    return {
        "product:type": code or named,
        **timeliness_fields(category, TIMELINESS.get(category or "")),
    }


def _altimetry(row: ProductType) -> Properties:
    return {
        "altm:instrument_type": row.instrument_type,
        "altm:instrument_mode": row.instrument_mode,
        "gsd": row.gsd,
        # Tracks lie in no coordinate reference system.
        **({"proj:code": None} if row.located else {}),
    }


def _measured(root: Element) -> Properties:
    """What part of the measurements is of which kind, in per cent."""
    return {
        **{f"swath:{name}": number(root, f"{ALTIMETER}/{name}") for name in PERCENTAGES},
        **{f"swath:{name}": _percentage(root, path) for name, path in COVERS.items()},
        "eo:cloud_cover": _percentage(root, "classificationSummary/cloudyPixels"),
    }


def _percentage(root: Element, path: str) -> float | None:
    return attribute_number(root, f"{ALTIMETER}/{path}", "percentage")


def _attributes(root: Element) -> Properties:
    direction = attribute(root, f"{ORBIT}/orbitNumber[2]", "groundTrackDirection")
    baseline = text(root, f"{PRODUCT}/baselineCollection") or text(root, f"{PRODUCT}/fileVersion")
    sampling, size = f"{ALTIMETER}/samplingParameters", f"{ALTIMETER}/imageSize"
    return {
        "swath:baselineCollection": baseline,
        "swath:operationalMode": text(root, f"{PLATFORM}/instrument/mode"),
        "swath:lastOrbitNumber": integer(root, f"{ORBIT}/orbitNumber[2]"),
        "swath:lastOrbitDirection": direction and direction.upper(),
        "swath:lastRelativeOrbitNumber": integer(root, f"{ORBIT}/relativeOrbitNumber[2]"),
        "swath:passNumber": integer(root, f"{ORBIT}/passNumber"),
        "swath:relativePassNumber": integer(root, f"{ORBIT}/relativePassNumber"),
        "swath:onlineQualityCheck": text(root, ".//productQuality/onlineQualityCheck")
        or text(root, ".//adfQuality/adfQualityCheck"),
        "swath:epsg": _epsg(attribute(root, ".//frameSet/footPrint", "srsName")),
        "swath:alSpatialSampling": number(root, f"{sampling}/alSpatialSampling"),
        "swath:acSpatialSampling": number(root, f"{sampling}/acSpatialSampling"),
        "swath:imageSize:rows": integer(root, f"{size}/rows"),
        "swath:imageSize:columns": integer(root, f"{size}/columns"),
    }


def _epsg(system: str | None) -> int | None:
    """`EPSG:4326` and `http://www.opengis.net/def/crs/EPGS/0/4326` (so misspelt) -> 4326."""
    found = re.search(r"[:/](\d{4,5})$", system or "")
    return int(found[1]) if found else None
