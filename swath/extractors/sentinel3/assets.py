"""The Item's Assets: the manifest, a thumbnail, and every file that the manifest lists."""

import re
from pathlib import PurePosixPath

from swath.domain.item import Asset
from swath.extractors.sentinel3.bands import bands_of, read_bands
from swath.formats.productfiles import ProductFiles
from swath.formats.safe import Manifest, file_fields
from swath.formats.values import attribute
from swath.formats.xml import Element

MEDIA_TYPES = {
    ".nc": "application/netcdf",
    ".xml": "application/xml",
    ".csv": "text/csv",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
}
ANY = "application/octet-stream"

# Keys that do not follow from the file's name.
KEYS = {
    "ogvi": "gifapar",
    "rc_ogvi": "rc-gifapar",
    "rc_gifapar": "rc-gifapar",
    "chl_nn": "chl-Nn",
    "chl_oc4me": "chl-Oc4me",
    "iop_nn": "iop-Nn",
    "tsm_nn": "tsm-Nn",
    "w_aer": "w-Aer",
    "qualityFlags": "quality-flags",
    "measurement": "measurement_data",
    "measurement_l1a": "measurement_data",
    "measurement_l1bs": "measurement_data",
    "acquisition": "acquisition_data",
    "NRT_AOD": "nrt_aod",
    "NTC_AOD": "ntc_aod_data",
    "TOA_NDVI": "toa_ndvi",
}
# OLCI annotations: `geo_coordinates` -> `geo-coordinates`.
HYPHENATED = re.compile(
    r"(tie_)?geo_coordinates|tie_geometries|tie_meteo|time_coordinates|instrument_data"
    r"|removed_pixels"
)
CHANNEL = re.compile(r"Oa\d\d_(radiance|radiance_unc|reflectance)")
SYNERGY_CHANNEL = re.compile(r"Syn_(Oa\d\d|S\d[NO])_reflectance")
SEA_SURFACE = re.compile(r"\d{14}-\w+-L2P_GHRSST-.+")

# Key -> spectral bands that a measurement is derived from, by the Copernicus Data Space.
INPUTS = {
    "gifapar": "Oa03, Oa10, Oa17",
    "otci": "Oa10, Oa11, Oa12",
    "iwv": "Oa18, Oa19",
    "trsp": "Oa04, Oa06",
    "chl-Nn": "Oa01, Oa02, Oa03, Oa04, Oa05, Oa06, Oa07, Oa08, Oa09, Oa10, Oa11, Oa12, Oa16, Oa17, "
    "Oa18, Oa21",
    "chl-Oc4me": "Oa03, Oa04, Oa05, Oa06",
    "iop-Nn": "Oa01, Oa12, Oa16, Oa17, Oa21",
    "tsm-Nn": "Oa01, Oa02, Oa03, Oa04, Oa05, Oa06, Oa07, Oa08, Oa09, Oa10, Oa11, Oa12, Oa16, Oa17, "
    "Oa18, Oa21",
    "w-Aer": "Oa05, Oa06, Oa17",
    "nrt_aod": "S2, S3, S5, S6",
    "LST_in": "S8, S9",
    "FRP_an": "S5, S6, S7, F1",
    "FRP_bn": "S5, S6, S7, F1",
    "FRP_in": "S5, S6, S7, F1",
    "L2P": "S7, S8, S9",
    "NDVI": "B2, B3",
    "toa_ndvi": "B2, B3",
}

# Files beside those of the manifest, added by the archive: pattern -> key.
ADDED = {
    r"(.+-ql|browse|quicklook)\.jpe?g|.+-ql\.png": "thumbnail",
    r"EOPMetadata\.xml": "eop_metadata",
    r"manifest\.xml": "manifest",
}


def read_assets(files: ProductFiles, manifest: Manifest) -> dict[str, Asset]:
    """Every Asset by its key; hrefs are relative to the product's top folder."""
    assets = {"xfdumanifest": _manifest(files, manifest), **_added(files, manifest)}
    bands, titles = read_bands(manifest.root), _titles(manifest.root)
    for item in manifest.objects:
        stem = PurePosixPath(item.path).stem
        key = asset_key(stem)
        assets[key if key not in assets else f"{key}-{len(assets)}"] = {
            "type": _media_type(item.path),
            "title": titles.get(item.id) or stem,
            "roles": ["data"],
            "bands": bands_of(stem, bands),
            "processing:lineage": f"Input bands: {INPUTS[key]}" if key in INPUTS else None,
            **file_fields(files, item),
        }
    return assets


def asset_key(stem: str) -> str:
    """The key of a file, by its name without extension, as in the Copernicus Data Space."""
    if stem in KEYS:
        return KEYS[stem]
    if CHANNEL.fullmatch(stem):
        return f"{stem}Data"
    if HYPHENATED.fullmatch(stem):
        return stem.replace("_", "-")
    if SYNERGY_CHANNEL.fullmatch(stem):
        return f"s{stem[1:]}"
    if SEA_SURFACE.fullmatch(stem):
        return "L2P"
    return stem.lower() if stem.startswith("Syn_") else stem


def _manifest(files: ProductFiles, manifest: Manifest) -> Asset:
    return {
        "type": MEDIA_TYPES[".xml"],
        "title": "Product manifest",
        "roles": ["metadata"],
        **file_fields(files, manifest.file),
    }


def _added(files: ProductFiles, manifest: Manifest) -> dict[str, Asset]:
    listed: set[str] = {item.path for item in manifest.objects}
    assets: dict[str, Asset] = {}
    for path in sorted(files.sizes.keys() - listed):
        key = next((key for pattern, key in ADDED.items() if re.fullmatch(pattern, path)), None)
        if key and key not in assets:
            role = "thumbnail" if key == "thumbnail" else "metadata"
            fields = {"type": _media_type(path), "title": path, "roles": [role]}
            assets[key] = fields | file_fields(files, path)
    return assets


def _titles(root: Element) -> dict[str, str]:
    """Identifier of a file -> what the manifest calls it."""
    elements = root.iterfind("dataObjectSection/dataObject")
    titles = {
        e.get("ID", ""): attribute(e, "byteStream/fileLocation", "textInfo") for e in elements
    }
    return {key: title for key, title in titles.items() if title}


def _media_type(path: str) -> str:
    return MEDIA_TYPES.get(PurePosixPath(path).suffix.lower(), ANY)
