"""Sentinel-5P: products of our own, with as little metadata as makes an Item."""

import math
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from shapely.geometry import Point, shape

from swath.domain.item import Item
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.extractors.sentinel5p import create_item
from swath.extractors.sentinel5p.product_types import PRODUCT_TYPES
from swath.formats.archive import open_object
from swath.formats.bytesource import FileBytes
from swath.formats.geometry import swath
from tests.validation import validate_item

NO2 = "S5P_OFFL_L2__NO2____20211211T104909_20211211T123039_21566_02_020301_20211213T011704"
COLLECTIONS = Path(__file__).parents[3] / "schemas" / "collections"
RING = "50 10 50 30 40 30 40 10 50 10"
ROOT = {
    "time_reference": b"2021-12-11T00:00:00Z",
    "time_coverage_start": b"2021-12-11T11:10:44Z",
    "time_coverage_end": b"2021-12-11T12:09:07Z",
    "date_created": b"2021-12-13T01:20:00Z",
    "orbit": np.array([21566], dtype="i4"),
}
PROPERTY = {
    "eop:acquisitionType": b"NOMINAL",
    "eop:parentIdentifier": b"urn:ogc:def:EOP:ESA:SENTINEL.S5P_TROP_L2__NO2___",
}
PROCESSING = {
    "eop:processingCenter": b"PDGS-OP",
    "eop:processorName": b"TROPNLL2DP",
    "eop:processorVersion": b"2.3.1",
    "eop:processingDate": b"2021-12-13",
}
EXTERIOR = "om:featureOfInterest/eop:multiExtentOf/gml:surfaceMembers/gml:exterior"


def _name(code: str, stream: str = "OFFL") -> str:
    return NO2.replace("OFFL_L2__NO2___", f"{stream}_{code}")


def _write(
    folder: Path,
    name: str = NO2,
    ring: str | None = RING,
    dimensions: tuple[str, str] = ("scanline", "ground_pixel"),
    **root: Any,
) -> Path:
    path = folder / f"{name}.nc"
    with h5py.File(path, "w") as file:
        for attribute, value in {**ROOT, **root}.items():
            if value is not None:
                file.attrs[attribute] = np.bytes_(value) if isinstance(value, bytes) else value
        eop = file.create_group("METADATA/EOP_METADATA")
        for group, fields in (
            ("eop:metaDataProperty", PROPERTY),
            ("eop:metaDataProperty/eop:processing", PROCESSING),
        ):
            for attribute, text in fields.items():
                eop.require_group(group).attrs[attribute] = np.bytes_(text)
        if ring is not None:
            eop.require_group(EXTERIOR).attrs["gml:posList"] = np.bytes_(ring.encode())
        _write_variables(file.create_group("PRODUCT"), dimensions)
    return path


def _write_variables(group: h5py.Group, dimensions: tuple[str, str]) -> None:
    scales = []
    for name, length in (("time", 1), (dimensions[0], 7), (dimensions[1], 450)):
        scale = group.create_dataset(name, data=np.arange(length, dtype="i4"))
        scale.make_scale(name)
        scales.append(scale)
    column = group.create_dataset("column", (1, 7, 450), dtype="f4")
    column.attrs["long_name"] = np.bytes_(b"Vertical column")
    column.attrs["units"] = np.bytes_(b"mol m-2")
    column.attrs["_FillValue"] = np.array([9.96921e36], dtype="f4")
    for number, scale in enumerate(scales):
        column.dims[number].attach_scale(scale)


def _item(path: Path) -> Item:
    return create_item(open_object(FileBytes(path)))


def test_a_product_becomes_an_item(tmp_path: Path) -> None:
    item = _item(_write(tmp_path))

    assert (item["id"], item["collection"]) == (NO2, "sentinel-5p-l2-no2-offl")
    assert item["bbox"] == [10, 40, 30, 50]
    properties = {k: v for k, v in item["properties"].items() if not k.startswith("cube:")}
    assert properties == {
        "datetime": "2021-12-11T11:10:44.000000Z",
        "start_datetime": "2021-12-11T11:10:44.000000Z",
        "end_datetime": "2021-12-11T12:09:07.000000Z",
        "platform": "sentinel-5p",
        "constellation": "sentinel-5p",
        "instruments": ["tropomi"],
        "gsd": 3500,
        "proj:code": "EPSG:4326",
        "proj:shape": [7, 450],
        "sat:absolute_orbit": 21566,
        "sat:platform_international_designator": "2017-064A",
        "processing:level": "L2",
        "processing:facility": "PDGS-OP",
        "processing:datetime": "2021-12-13T01:20:00.000000Z",
        "processing:software": {"TROPNLL2DP": "2.3.1"},
        "processing:version": "2.3.1",
        "product:type": "L2__NO2___",
        "product:timeliness": "PT12H",
        "product:timeliness_category": "OFFL",
        "swath:acquisitionType": "NOMINAL",
        "swath:collectionIdentifier": "02",
        "swath:parentIdentifier": "urn:ogc:def:EOP:ESA:SENTINEL.S5P_TROP_L2__NO2___",
        "swath:instrumentShortName": "TROPOMI",
        "swath:processorName": "TROPNLL2DP",
        "swath:timeliness": "OFFL",
        "swath:productClass": "OFFL",
    }


def test_the_netcdf_file_is_the_asset(tmp_path: Path) -> None:
    path = _write(tmp_path)

    assert _item(path)["assets"] == {
        "netcdf": {
            "href": path.name,
            "type": "application/netcdf",
            "title": "Nitrogen Dioxide Concentration",
            "roles": ["data"],
            "data_type": "float32",
            "nodata": 9.969209968386869e36,
            "file:size": path.stat().st_size,
            "file:local_path": path.name,
        }
    }


def test_dimensions_and_variables_are_a_cube(tmp_path: Path) -> None:
    properties = _item(_write(tmp_path))["properties"]

    reference = "2021-12-11T00:00:00.000000Z"
    assert properties["cube:dimensions"] == {
        "time": {"type": "temporal", "extent": [reference, reference], "values": [reference]},
        "scanline": {"type": "spatial", "axis": "y", "extent": [0, 7]},
        "ground_pixel": {"type": "spatial", "axis": "x", "extent": [0, 450]},
    }
    assert properties["cube:variables"]["column"] == {
        "dimensions": ["time", "scanline", "ground_pixel"],
        "type": "data",
        "description": "Vertical column",
        "unit": "mol m-2",
        "nodata": 9.969209968386869e36,
        "data_type": "float32",
    }
    assert properties["cube:variables"]["scanline"]["type"] == "auxiliary"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("folder", ["", f"{NO2}/"])
def test_an_archived_product_is_the_same(tmp_path: Path, method: int, folder: str) -> None:
    path = _write(tmp_path)
    archive = tmp_path / f"{NO2}.zip"
    with zipfile.ZipFile(archive, "w", method) as written:
        written.write(path, f"{folder}{path.name}")

    item = _item(archive)

    assert item["assets"]["netcdf"]["href"] == path.name
    assert item["assets"]["netcdf"]["file:local_path"] == f"{folder}{path.name}"
    assert item["properties"] == _item(path)["properties"]


@pytest.mark.parametrize("code", PRODUCT_TYPES)
def test_every_type_and_stream_has_its_collection(tmp_path: Path, code: str) -> None:
    for stream in PRODUCT_TYPES[code].streams:
        item = _item(_write(tmp_path, _name(code, stream)))

        assert (COLLECTIONS / f"{item['collection']}.json").is_file()
        assert item["properties"]["product:type"] == code


def test_radiances_tell_their_band_and_no_projection(tmp_path: Path) -> None:
    item = _item(_write(tmp_path, _name("L1B_RA_BD7")))

    assert item["collection"] == "sentinel-5p-l1-ra-bd7-offl"
    assert item["properties"]["gsd"] == 5500
    assert item["properties"]["proj:shape"] == [7, 450]
    assert item["properties"]["proj:code"] is None
    assert item["assets"]["netcdf"]["bands"] == [
        {
            "name": "BD7",
            "description": "Band 7 (SWIR)",
            "eo:center_wavelength": 2.325,
            "eo:full_width_half_max": 0.04,
        }
    ]


def test_a_reprocessing_promises_no_time(tmp_path: Path) -> None:
    properties = _item(_write(tmp_path, _name("L2__NO2___", "RPRO")))["properties"]

    assert properties["swath:timeliness"] == "RPRO"
    assert "product:timeliness" not in properties
    assert "product:timeliness_category" not in properties


def test_tropospheric_ozone_covers_the_tropics(tmp_path: Path) -> None:
    dimensions = ("latitude_ccd", "longitude_ccd")
    path = _write(tmp_path, _name("L2__O3_TCL"), None, dimensions, orbit=None)

    item = _item(path)

    assert item["bbox"] == [-180, -20, 180, 20]
    assert item["properties"]["sat:absolute_orbit"] == 21566
    assert item["properties"]["product:timeliness"] == "P5D"
    assert item["properties"]["proj:shape"] == [7, 450]
    latitude = item["properties"]["cube:dimensions"]["latitude_ccd"]
    assert latitude == {
        "type": "spatial",
        "axis": "y",
        "extent": [-20.0, 20.0],
        "reference_system": 4326,
    }


@pytest.mark.parametrize("code", ["L2__NO2___", "L1B_RA_BD1", "L2__O3_TCL"])
def test_items_are_valid(tmp_path: Path, shared_data: Path, code: str) -> None:
    validate_item(_item(_write(tmp_path, _name(code))), shared_data / "schemas")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ring": None}, Reason.NO_FOOTPRINT),
        ({"ring": "50 10 50"}, Reason.METADATA_INVALID),
        ({"ring": "north"}, Reason.METADATA_INVALID),
        ({"ring": "50 10 nan 30 40 30 50 10"}, Reason.INVALID_FOOTPRINT),
        ({"ring": "50 10 95 30 40 30 50 10"}, Reason.INVALID_FOOTPRINT),
        ({"ring": "50 10 50 10 50 10"}, Reason.INVALID_FOOTPRINT),
        ({"time_coverage_start": None}, Reason.METADATA_INVALID),
        ({"time_coverage_end": b"soon"}, Reason.METADATA_INVALID),
        ({"name": _name("L2__FRESCO")}, Reason.UNSUPPORTED_TYPE),
        ({"name": _name("L1B_IR_UVN")}, Reason.UNSUPPORTED_TYPE),
        ({"name": _name("L2__CH4___", "NRTI")}, Reason.UNSUPPORTED_TYPE),
        ({"name": "S5P_OFFL_L2__NO2"}, Reason.UNSUPPORTED_TYPE),
    ],
)
def test_what_cannot_be_catalogued_has_a_reason(
    tmp_path: Path, changes: dict[str, Any], reason: Reason
) -> None:
    path = _write(tmp_path, **changes)

    with pytest.raises(ProductError) as caught:
        _item(path)

    assert caught.value.reason is reason


def test_a_folder_of_several_files_is_ambiguous(tmp_path: Path) -> None:
    content = _write(tmp_path).read_bytes()
    archive = tmp_path / f"{NO2}.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr(f"{NO2}/a.nc", content)
        written.writestr(f"{NO2}/b.nc", content)

    with pytest.raises(ProductError) as caught:
        _item(archive)

    assert caught.value.reason is Reason.AMBIGUOUS


def test_an_archive_without_netcdf_lacks_metadata(tmp_path: Path) -> None:
    archive = tmp_path / f"{NO2}.zip"
    with zipfile.ZipFile(archive, "w") as written:
        written.writestr(f"{NO2}/readme.txt", "no")

    with pytest.raises(ProductError) as caught:
        _item(archive)

    assert caught.value.reason is Reason.METADATA_MISSING


def test_half_a_product_is_truncated(tmp_path: Path) -> None:
    path = _write(tmp_path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with pytest.raises(ProductError) as caught:
        _item(path)

    assert caught.value.reason is Reason.TRUNCATED


# Places on the ground track of an orbit that is inclined by 98.7 degrees, and beside it.
def _place(phase: float, across: float, node: float) -> tuple[float, float]:
    """Longitude and latitude at `phase` of the orbit, `across` degrees of arc to its right."""
    inclination = math.radians(98.7)
    u, x = math.radians(phase), math.radians(across)
    ahead = (math.cos(u), math.sin(u) * math.cos(inclination), math.sin(u) * math.sin(inclination))
    right = (0.0, math.sin(inclination), -math.cos(inclination))
    at = [math.cos(x) * a + math.sin(x) * r for a, r in zip(ahead, right, strict=True)]
    lon = math.degrees(math.atan2(at[1], at[0])) + node
    return (lon + 180) % 360 - 180, math.degrees(math.asin(at[2]))


@pytest.mark.parametrize("node", range(-170, 190, 40))
@pytest.mark.parametrize("span", [(-110, 110), (-100, 100), (-80, 110), (-60, 60), (70, 110)])
def test_an_orbit_long_footprint_holds_its_track_and_nothing_else(
    span: tuple[int, int], node: int
) -> None:
    first, last = span
    phases = range(first, last + 1, 2)
    ring = [
        *(_place(first, across, node) for across in range(-11, 11)),
        *(_place(phase, 11.7, node) for phase in phases),
        *(_place(last, across, node) for across in range(10, -12, -1)),
        *(_place(phase, -11.7, node) for phase in reversed(phases)),
    ]

    covered = shape(swath(ring, "orbit"))

    assert covered.is_valid
    inside = [_place(p, x, node) for p in range(first + 3, last - 2, 5) for x in (-9, 0, 9)]
    outside = [_place(p, x, node) for p in range(0, 360, 10) for x in (-40, -16, 16, 40)]
    beyond = [_place(p, 0, node) for p in range(last + 5, first + 355, 10)]
    assert all(covered.contains(Point(place)) for place in inside)
    if span == (-60, 60):
        assert not any(covered.contains(Point(place)) for place in (*outside, *beyond))
    assert not any(covered.contains(Point(place)) for place in beyond)


def test_an_unreadable_file_object_is_told_with_the_products_name(tmp_path: Path) -> None:
    path = tmp_path / f"{NO2}.nc"
    path.write_bytes(b"<html>")

    with pytest.raises(ProductError, match=NO2):
        _item(path)
