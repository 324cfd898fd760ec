"""What a product's name tells: its mission, and which objects belong to it.

Sources: Sentinel-1 product specification S1-RS-MDA-52-7441 (section 4), Sentinel-2 products
specification
document S2-PDGS-TAS-DI-PSD (section 3.4).
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5


class Mission(StrEnum):
    """A mission whose product names Swath knows."""

    SENTINEL_1 = "sentinel-1"
    SENTINEL_2 = "sentinel-2"
    SENTINEL_3 = "sentinel-3"
    SENTINEL_5P = "sentinel-5p"
    SENTINEL_6 = "sentinel-6"
    LANDSAT = "landsat"
    COP_DEM = "cop-dem"
    CCM = "ccm"


# A product name without its extension. Units are any letter: S1E is ingested the day it flies.
PATTERNS: dict[Mission, re.Pattern[str]] = {
    Mission.SENTINEL_1: re.compile(r"S1[A-Z_]_\w[\w.-]*", re.ASCII),
    Mission.SENTINEL_2: re.compile(r"S2[A-Z_]_\w[\w.-]*", re.ASCII),
    Mission.SENTINEL_3: re.compile(r"S3[A-Z_]_\w[\w.-]*", re.ASCII),
    Mission.SENTINEL_5P: re.compile(r"S5P_\w[\w.-]*", re.ASCII),
    Mission.SENTINEL_6: re.compile(r"S6[A-Z_]_\w[\w.-]*", re.ASCII),
    Mission.LANDSAT: re.compile(r"L[A-Z]\d\d_L\w{3}_\d{6}_\d{8}_\w[\w.-]*", re.ASCII),
    Mission.COP_DEM: re.compile(r"Copernicus_DSM_\w[\w.-]*", re.ASCII),
    # Contributing missions: satellite, product type of ten letters, start and stop.
    Mission.CCM: re.compile(r"[A-Z][A-Z0-9]{3}_\w{10}_\d{8}T\d{6}_\d{8}T\d{6}_\w[\w.-]*", re.ASCII),
}

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
FORMATS: tuple[str, ...] = (".SAFE", ".SEN3", ".SEN6", ".EOF", ".xml", ".nc", ".h5", ".zarr")
FORMATS += (".tif", ".tiff", ".json")
_ARCHIVES, _FORMATS = (tuple(map(str.lower, names)) for names in (ARCHIVES, FORMATS))
ZARR = ".zarr"

# The object a writer uploads last. A directory without any of these is closed by an empty
# `_COMPLETE`. `{name}` is the product's name.
MANIFESTS = ("manifest.safe", "xfdumanifest.xml")
METADATA_FILES = (
    *("{name}_MTL.json", "{name}_MTL.xml", "{name}_MTL.txt"),  # Landsat
    *(".zmetadata", "zarr.json"),  # Zarr
    "{name}.tif",  # Copernicus DEM
)
CLOSING_MARK = "_COMPLETE"


def without_extension(name: str) -> str:
    """`S1A_….SAFE.zip` -> `S1A_…`: strips one archive suffix, then one format suffix."""
    for suffixes in (_ARCHIVES, _FORMATS):
        lower = name.lower()
        if lower.endswith(suffixes):
            found = next(suffix for suffix in suffixes if lower.endswith(suffix))
            name = name[: len(name) - len(found)]
    return name


def mission_of(name: str) -> Mission | None:
    """The mission whose naming convention `name` (with or without extension) follows."""
    bare = without_extension(name)
    return next((m for m, pattern in PATTERNS.items() if pattern.fullmatch(bare)), None)


def product_uuid(name: str) -> UUID:
    """The product's identifier when its source gave none: UUIDv5 of the name without extension."""
    return uuid5(NAMESPACE_URL, without_extension(name))


@dataclass(frozen=True)
class Place:
    """Where a product lies in a bucket: one object, or all objects below a folder."""

    key: str
    is_directory: bool

    @property
    def name(self) -> str:
        """The product's name without extension."""
        return without_extension(self.key.rstrip("/").rsplit("/", 1)[-1])


def is_product_folder(folder: str) -> bool:
    """Whether a folder is named like a product: of a known mission, or a Zarr store."""
    if folder.lower().endswith(ARCHIVES):
        return False
    return folder.lower().endswith(ZARR) or mission_of(folder) is not None


def place_of(key: str) -> Place:
    """The product that the object at `key` is, or is a part of.

    The outermost folder that is named like a product owns all objects below it:
    `2024/S1A_….SAFE/measurement/x.tiff` belongs to `2024/S1A_….SAFE/`. Any other object stands for
    itself.
    """
    folders = key.split("/")[:-1]
    for depth, folder in enumerate(folders, start=1):
        if is_product_folder(folder):
            return Place("/".join(folders[:depth]) + "/", is_directory=True)
    return Place(key, is_directory=False)


def closing_names(name: str) -> tuple[str, ...]:
    """Paths below a product's folder, one of which says that the folder is complete, best first."""
    return (*MANIFESTS, *(file.format(name=name) for file in METADATA_FILES), CLOSING_MARK)


def closes_directory(key: str) -> bool:
    """Whether the object at `key` says that its product directory is complete."""
    place = place_of(key)
    return place.is_directory and key[len(place.key) :] in closing_names(place.name)
