"""The Item's properties, section by section, all but the view from the manifest.

Attributes of the OData interface that no STAC extension has a field for are kept flat as
`swath:<attribute>`, so that both interfaces can filter by them.
"""

import re
from typing import Any

from swath.domain.item import software_fields, timeliness_fields
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.extractors.sentinel1.annotation import Image
from swath.extractors.sentinel1.product_types import ProductType, type_code
from swath.formats.safe import MANIFEST
from swath.formats.values import (
    attribute,
    attribute_moment,
    flag,
    integer,
    moment,
    number,
)
from swath.formats.xml import Element, required_text, text, texts

type Properties = dict[str, Any]

PERIOD = ".//acquisitionPeriod"
PLATFORM = ".//platform"
ORBIT = ".//orbitReference"
PRODUCT = ".//standAloneProductInformation"
POLARISATIONS = frozenset({"HH", "HV", "VH", "VV"})
MODE = f"{PLATFORM}/instrument/extension/instrumentMode"
PASS = f"{ORBIT}/extension/orbitProperties"
ANX = f"{PERIOD}/extension/timeANX"
# Only the last step: the manifest nests the earlier ones inside it.
PROCESSING = ".//xmlData/processing"

CENTER_FREQUENCY = 5.405  # GHz

# Metres in range and azimuth. Source: Sentinel-1 product definition S1-RS-MDA-52-7440.
SLC_RESOLUTIONS = {"IW": (5, 20), "EW": (20, 40), "SM": (5, 5)}

# ISO 8601 durations. `Off-line` and `Reprocessing` promise none.
TIMELINESS = {"NRT-10m": "PT10M", "NRT-1h": "PT1H", "NRT-3h": "PT3H", "Fast-24h": "PT24H"}

# What early manifests say where they do not know the international designator.
NO_DESIGNATOR = "0000-000A"


def read_properties(root: Element, name: str, row: ProductType) -> Properties:
    """Every property that the manifest tells.

    Raises:
        ProductError: `metadata-invalid` when the manifest lacks what every product has, or holds a
            value that cannot be read.
    """
    return {
        **_times(root),
        **_platform(root),
        **_orbit(root),
        **_processing(root, row),
        **_product(root, name),
        **_radar(root, row),
        # Images lie along the satellite's track, in no coordinate reference system.
        **({"proj:code": None} if row.level == "L1" else {}),
        **_attributes(root),
    }


def view_properties(image: Image) -> Properties:
    """How the images of a product were seen, for product types whose images share one grid.

    `view:azimuth` is the platform's heading, as in the Copernicus Data Space.
    """
    return {
        "sar:pixel_spacing_range": image.range_spacing,
        "sar:pixel_spacing_azimuth": image.azimuth_spacing,
        "view:incidence_angle": image.incidence_angle,
        "view:azimuth": image.heading,
    }


def polarisations(root: Element) -> list[str]:
    """The polarisations (transmitted, received) in the manifest's order.

    Raises:
        ProductError: `metadata-invalid` for what is none.
    """
    found = list(dict.fromkeys(texts(root, f"{PRODUCT}/transmitterReceiverPolarisation")))
    if unknown := set(found) - POLARISATIONS:
        detail = f"{MANIFEST} tells of the polarisation {unknown.pop()[:100]!r}"
        raise ProductError(Reason.METADATA_INVALID, detail)
    return found


def _times(root: Element) -> Properties:
    required_text(root, f"{PERIOD}/startTime", MANIFEST)
    required_text(root, f"{PERIOD}/stopTime", MANIFEST)
    start = moment(root, f"{PERIOD}/startTime")
    return {
        "datetime": start,
        "start_datetime": start,
        "end_datetime": moment(root, f"{PERIOD}/stopTime"),
    }


def _platform(root: Element) -> Properties:
    family = required_text(root, f"{PLATFORM}/familyName", MANIFEST).lower()
    unit = required_text(root, f"{PLATFORM}/number", MANIFEST).lower()
    instrument = attribute(root, f"{PLATFORM}/instrument/familyName", "abbreviation")
    designator = text(root, f"{PLATFORM}/nssdcIdentifier")
    return {
        "platform": family + unit,
        "constellation": family,
        "instruments": [instrument.lower()] if instrument else None,
        "swath:instrumentShortName": instrument,
        "sat:platform_international_designator": (
            designator if designator != NO_DESIGNATOR else None
        ),
    }


def _orbit(root: Element) -> Properties:
    state = text(root, f"{PASS}/pass")
    if state and state.upper() not in ("ASCENDING", "DESCENDING"):
        raise ProductError(Reason.METADATA_INVALID, f"the orbit's pass is {state!r}")
    return {
        "sat:orbit_state": state.lower() if state else None,
        "sat:orbit_cycle": integer(root, f"{ORBIT}/cycleNumber"),
        "sat:relative_orbit": integer(root, f"{ORBIT}/relativeOrbitNumber[@type='start']"),
        "sat:absolute_orbit": integer(root, f"{ORBIT}/orbitNumber[@type='start']"),
        "sat:anx_datetime": moment(root, f"{PASS}/ascendingNodeTime"),
    }


def _processing(root: Element, row: ProductType) -> Properties:
    processor = attribute(root, f"{PROCESSING}/facility/software", "name")
    version = attribute(root, f"{PROCESSING}/facility/software", "version")
    return {
        "processing:level": row.level,
        "processing:lineage": attribute(root, PROCESSING, "name"),
        "processing:datetime": attribute_moment(root, PROCESSING, "start"),
        "processing:facility": attribute(root, f"{PROCESSING}/facility", "site"),
        **software_fields(processor, version),
        "processing:version": _baseline(version),
        "swath:processorVersion": version,
    }


def _baseline(version: str | None) -> str | None:
    """`003.52` -> `03.52`, as baselines are written in product names and announcements."""
    return version and re.sub(r"^0(\d\d\.\d\d)$", r"\1", version)


def _product(root: Element, name: str) -> Properties:
    category = text(root, f"{PRODUCT}/productTimelinessCategory")
    return {
        "product:type": type_code(name),
        **timeliness_fields(category, TIMELINESS.get(category or "")),
        "eopf:datatake_id": text(root, f"{PRODUCT}/missionDataTakeID"),
        "swath:datatakeID": integer(root, f"{PRODUCT}/missionDataTakeID"),
        "eopf:instrument_configuration_id": integer(root, f"{PRODUCT}/instrumentConfigurationID"),
    }


def _radar(root: Element, row: ProductType) -> Properties:
    mode = text(root, f"{MODE}/mode")
    beams = [s.lower() for s in texts(root, f"{MODE}/swath") if s[-1].isdigit()]
    # Of detected images the pixel spacing is told instead; wave mode has no one resolution.
    found = polarisations(root)
    known = SLC_RESOLUTIONS if row.collection == "sentinel-1-slc" else {}
    across, along = known.get(mode or "", (None, None))
    return {
        "sar:frequency_band": "C",
        "sar:center_frequency": CENTER_FREQUENCY,
        "sar:observation_direction": "right",
        "sar:instrument_mode": mode,
        "sar:beam_ids": beams or None,
        "sar:polarizations": found or None,
        "swath:polarisationChannels": "&".join(found) or None,
        "sar:resolution_range": across,
        "sar:resolution_azimuth": along,
    }


def _attributes(root: Element) -> Properties:
    total = integer(root, f"{PRODUCT}/totalSlices")
    return {
        "swath:startTimeFromAscendingNode": number(root, f"{ANX}/startTimeANX"),
        "swath:completionTimeFromAscendingNode": number(root, f"{ANX}/stopTimeANX"),
        "swath:lastOrbitNumber": integer(root, f"{ORBIT}/orbitNumber[@type='stop']"),
        "swath:lastRelativeOrbitNumber": integer(
            root, f"{ORBIT}/relativeOrbitNumber[@type='stop']"
        ),
        "swath:swathIdentifier": ", ".join(texts(root, f"{MODE}/swath")) or None,
        "swath:productClass": text(root, f"{PRODUCT}/productClass"),
        "swath:productComposition": text(root, f"{PRODUCT}/productComposition"),
        "swath:productConsolidation": text(root, f"{PRODUCT}/productConsolidation"),
        "swath:sliceProductFlag": flag(root, f"{PRODUCT}/sliceProductFlag"),
        "swath:segmentStartTime": moment(root, f"{PRODUCT}/segmentStartTime"),
        "swath:sliceNumber": integer(root, f"{PRODUCT}/sliceNumber"),
        # Level 0 has another word for it.
        "swath:totalSlices": total or integer(root, f"{PRODUCT}/totalNumberOfSlices"),
    }
