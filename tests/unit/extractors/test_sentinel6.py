"""Sentinel-6: on small products written here, then on real ones."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import shapely
from shapely.affinity import translate
from shapely.geometry import shape

from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.extractors.sentinel6 import create_item
from swath.extractors.sentinel6.footprint import along
from swath.extractors.sentinel6.product_types import PRODUCT_TYPES, TIMELINESS, product_type
from tests.folderfiles import FolderFiles
from tests.validation import validate_item

SCHEMAS = Path(__file__).parents[3] / "schemas"
TAIL = "20250220T090208_20250220T095821_20250312T230313_3373_157_228_114_EUM__OPE"
NAME = f"S6A_P4_2__LR______{TAIL}_NT_F09"
AUXILIARY = "S6__P4____SURF_AX_20151008T000000_20991231T235959_20201006T130828_" + "_" * 18
AUXILIARY += "EUM__OPE_AL_001"

# Up over the antimeridian, the band's northern edge first.
BAND = "10.5 178 20.5 -178 30.5 -173 29.5 -172 19.5 -177 9.5 179 10.5 178"

MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<xfdu:XFDU xmlns:xfdu="urn:ccsds:schema:xfdu:1" xmlns:gml="http://www.opengis.net/gml"
 xmlns:s="http://www.esa.int/safe/sentinel/1.1" xmlns:alt="urn:alt" xmlns:s6="urn:s6">
<metadataSection>
 <metadataObject><metadataWrap><xmlData>
  <s:processing name="DataProcessing" outputLevel="2" start="2025-03-12T23:03:13.697746Z">
   <s:facility site="Darmstadt"><s:software name="ALTL2" version="3.6.1"/></s:facility>
   <s:resource name="S6A_MW_2__AMR____"><s:processing start="2025-01-01T00:00:00Z">
    <s:facility site="Elsewhere"><s:software name="Other" version="1"/></s:facility>
   </s:processing></s:resource>
  </s:processing>
  <s:acquisitionPeriod>
   <s:startTime>2025-02-20T09:02:08.509185Z</s:startTime>
   <s:stopTime>2025-02-20T09:58:21.463979Z</s:stopTime>
  </s:acquisitionPeriod>
  <s:platform>
   <s:nssdcIdentifier>2020-086A</s:nssdcIdentifier>
   <s:familyName>Sentinel-6</s:familyName><s:number>A</s:number>
   <s:instrument><s:familyName abbreviation="P4">P4 Radar Altimeter</s:familyName>
    <s:mode identifier="MEA">Measurement</s:mode></s:instrument>
  </s:platform>
  <s6:generalProductInformation>
   <s6:productType>P4_2__LR_____</s6:productType>
   <s6:timeliness>NT</s6:timeliness>
   <s6:baselineCollection>F09</s6:baselineCollection>
   <s6:creationTime>20250312T230313</s6:creationTime>
  </s6:generalProductInformation>
  <s:orbitReference>
   <s:orbitNumber groundTrackDirection="ascending" type="start">19875</s:orbitNumber>
   <s:orbitNumber groundTrackDirection="descending" type="stop">19876</s:orbitNumber>
   <s:relativeOrbitNumber type="start">114</s:relativeOrbitNumber>
   <s:relativeOrbitNumber type="stop">115</s:relativeOrbitNumber>
   <s:passNumber type="start">39750</s:passNumber>
   <s:relativePassNumber type="start">228</s:relativePassNumber>
   <s:cycleNumber>157</s:cycleNumber>
  </s:orbitReference>
  <s:qualityInformation><s:extension><s6:productQuality>
   <s6:onlineQualityCheck>PASSED</s6:onlineQualityCheck>
  </s6:productQuality></s:extension></s:qualityInformation>
  <s:frameSet><s:footPrint srsName="EPSG:4326">
   <gml:posList>BAND</gml:posList>
  </s:footPrint></s:frameSet>
  <alt:altProductInformation>
   <alt:openOceanPercentage>90</alt:openOceanPercentage>
   <alt:landPercentage>9</alt:landPercentage>
   <alt:samplingParameters><alt:alSpatialSampling>5.8</alt:alSpatialSampling>
   </alt:samplingParameters>
   <alt:classificationSummary><s6:coastalPixels percentage="12.5"/>
    <s6:cloudyPixels percentage="31.25"/></alt:classificationSummary>
   <alt:pixelQualitySummary><alt:invalidPixels percentage="0.5"/></alt:pixelQualitySummary>
   <alt:imageSize><s6:rows>3373</s6:rows></alt:imageSize>
   <alt:bandDescriptions bands="2">
    <s6:band name="C-band"><s6:centralFrequency>5410000000.0</s6:centralFrequency>
     <s6:bandwidth>320000000.0</s6:bandwidth></s6:band>
    <s6:band name="Ku-band"><s6:centralFrequency>13575000000.0</s6:centralFrequency>
     <s6:bandwidth>320000000.0</s6:bandwidth></s6:band>
   </alt:bandDescriptions>
  </alt:altProductInformation>
 </xmlData></metadataWrap></metadataObject>
</metadataSection>
<dataObjectSection>OBJECTS</dataObjectSection>
</xfdu:XFDU>
"""
AUXILIARY_MANIFEST = """<XFDU><metadataSection><metadataObject><metadataWrap><xmlData>
 <generalProductInformation>
  <fileType>P4____SURF_AX</fileType><timeliness>AL</timeliness><fileVersion>001</fileVersion>
  <familyName>Sentinel-6</familyName><number>_</number>
  <creationTime>20201006T130828</creationTime>
  <validityStartTime>2015-10-08T00:00:00Z</validityStartTime>
  <validityStopTime>2099-12-31T23:59:59Z</validityStopTime>
 </generalProductInformation>
</xmlData></metadataWrap></metadataObject></metadataSection>
<dataObjectSection>OBJECTS</dataObjectSection></XFDU>
"""
OBJECT = (
    '<dataObject ID="{}"><byteStream mimeType="application/x-netcdf" size="7"><fileLocation '
    'href="{}"/><checksum checksumName="MD5">417853bf47c3d7c29cdc7938038ba83f</checksum>'
    "</byteStream></dataObject>"
)
STANDARD = "S6A_P4_2__LR_STD__NT_157_228_20250220T090208_20250220T095821_F09.nc"
REDUCED = STANDARD.replace("STD", "RED")
LISTED = (("ALTData0", STANDARD), ("ALTData1", REDUCED), ("ALTData2", "W_XX,S6A+P4+L2.bin"))


def product(
    folder: Path,
    text: str = MANIFEST,
    *,
    name: str = NAME,
    band: str = BAND,
    listed: tuple[tuple[str, str], ...] = LISTED,
    added: tuple[str, ...] = (),
) -> FolderFiles:
    root = folder / f"{name}.SEN6"
    root.mkdir()
    objects = "".join(OBJECT.format(*item) for item in listed)
    text = text.replace("BAND", band).replace("OBJECTS", objects)
    (root / "xfdumanifest.xml").write_text(text)
    for path in added:
        (root / path).write_text("<x/>")
    return FolderFiles(root)


def reason(files: FolderFiles) -> Reason:
    with pytest.raises(ProductError) as caught:
        create_item(files)
    return caught.value.reason


def test_every_property_of_a_level_2_product(tmp_path: Path) -> None:
    assert create_item(product(tmp_path))["properties"] == {
        "datetime": "2025-02-20T09:02:08.509185Z",
        "start_datetime": "2025-02-20T09:02:08.509185Z",
        "end_datetime": "2025-02-20T09:58:21.463979Z",
        "platform": "sentinel-6a",
        "constellation": "sentinel-6",
        "instruments": ["p4"],
        "gsd": 20_000,
        "altm:instrument_type": "sar",
        "altm:instrument_mode": "LR",
        "proj:code": None,
        "eo:cloud_cover": 31.25,
        "processing:level": "L2",
        "processing:datetime": "2025-03-12T23:03:13.697746Z",
        "processing:facility": "Darmstadt",
        "processing:software": {"ALTL2": "3.6.1"},
        "processing:version": "3.6.1",
        "product:type": "P4_2__LR_____",
        "product:timeliness": "P1M",
        "product:timeliness_category": "NT",
        "sat:absolute_orbit": 19875,
        "sat:relative_orbit": 114,
        "sat:orbit_cycle": 157,
        "sat:orbit_state": "ascending",
        "sat:platform_international_designator": "2020-086A",
        "swath:alSpatialSampling": 5.8,
        "swath:instrumentShortName": "P4",
        "swath:processorName": "ALTL2",
        "swath:timeliness": "NT",
        "swath:baselineCollection": "F09",
        "swath:coastalCover": 12.5,
        "swath:epsg": 4326,
        "swath:imageSize:rows": 3373,
        "swath:invalidPixels": 0.5,
        "swath:landPercentage": 9.0,
        "swath:lastOrbitDirection": "DESCENDING",
        "swath:lastOrbitNumber": 19876,
        "swath:lastRelativeOrbitNumber": 115,
        "swath:onlineQualityCheck": "PASSED",
        "swath:openOceanPercentage": 90.0,
        "swath:operationalMode": "Measurement",
        "swath:passNumber": 39750,
        "swath:relativePassNumber": 228,
    }


def test_the_assets_of_a_level_2_product(tmp_path: Path) -> None:
    files = product(tmp_path, added=("manifest.safe", "EOPMetadata.xml"))

    assets = create_item(files)["assets"]

    assert list(assets) == [
        "xfdumanifest", "manifest", "eop_metadata",
        "measurement", "reduced_measurement", "bufr_measurement",
    ]  # fmt: skip
    assert assets["measurement"] == {
        "type": "application/netcdf",
        "title": "Standard Measurement Data Set",
        "description": "Measurements and corrections at 20 Hz and at 1 Hz.",
        "roles": ["data", "standard"],
        "bands": [
            {
                "description": "Corrects the delay in the ionosphere and estimates the roughness "
                "of the surface",
                "sar:frequency_band": "C",
                "sar:center_frequency": 5.41,
                "sar:bandwidth": 0.32,
            },
            {
                "description": "Measures the distance to the surface",
                "sar:frequency_band": "Ku",
                "sar:center_frequency": 13.575,
                "sar:bandwidth": 0.32,
            },
        ],
        "href": STANDARD,
        "file:size": 7,
        "file:checksum": "d50110417853bf47c3d7c29cdc7938038ba83f",
        "file:local_path": f"{NAME}.SEN6/{STANDARD}",
    }
    assert assets["bufr_measurement"]["type"] == "application/x-bufr"
    assert assets["eop_metadata"]["file:size"] == 4
    assert files.files_read == ["xfdumanifest.xml"]


def test_the_radiometer_has_bands_by_wavelength(tmp_path: Path) -> None:
    text = MANIFEST.replace("P4_2__LR_____", "MW_2__AMR____").replace('"P4"', '"AMR-C"')
    name = f"S6A_MW_2__AMR_____{TAIL}_NT_F09"

    item = create_item(product(tmp_path, text, name=name, listed=(("AMRData", "amr.nc"),)))

    assert item["collection"] == "sentinel-6-amr-c-ntc"
    assert item["properties"]["instruments"] == ["amr-c"]
    assert item["properties"]["altm:instrument_type"] == "microwave"
    assert [
        (b["name"], b["eo:center_wavelength"], b["eo:full_width_half_max"])
        for b in item["assets"]["measurement"]["bands"]
    ] == [
        ("band1", 16031.682, 171.462),
        ("band2", 12596.322, 211.703),
        ("band3", 8817.425, 181.535),
    ]


def test_auxiliary_data_have_a_validity_and_no_place(tmp_path: Path) -> None:
    files = product(
        tmp_path, AUXILIARY_MANIFEST, name=AUXILIARY, listed=(("ADFData", "measurement.nc"),)
    )

    item = create_item(files)

    assert item["collection"] == "sentinel-6-aux"
    assert item["geometry"] is None
    assert "bbox" not in item
    assert list(item["assets"]) == ["xfdumanifest", "data"]
    assert item["properties"] == {
        "datetime": "2015-10-08T00:00:00.000000Z",
        "start_datetime": "2015-10-08T00:00:00.000000Z",
        "end_datetime": "2099-12-31T23:59:59.000000Z",
        "constellation": "sentinel-6",
        "processing:datetime": "2020-10-06T13:08:28.000000Z",
        "product:type": "P4____SURF_AX",
        "swath:baselineCollection": "001",
        "swath:timeliness": "AL",
    }


@pytest.mark.parametrize(
    ("code", "collection", "level", "mode"),
    [
        ("P4_0__CAL____", "sentinel-6-p4-0", "L0", None),
        ("P4_1A_HR_____", "sentinel-6-p4-1a-{}", "L1", None),
        ("P4_1B_LR_____", "sentinel-6-p4-1b-{}", "L1", "LR"),
        ("P4_1B_HR_____", "sentinel-6-p4-1b-{}", "L1", "HR"),
        ("P4_2__LR_RED_", "sentinel-6-p4-2-{}", "L2", "LR"),
        ("P4_2__HR_STD_", "sentinel-6-p4-2-{}", "L2", "HR"),
        ("MW_0__AMR____", "sentinel-6-amr-c-0", "L0", None),
        ("MW_2__AMR____", "sentinel-6-amr-c-{}", "L2", None),
        ("AX____RESO_AX", "sentinel-6-aux", None, None),
        ("P4_2__WNDL_AX", "sentinel-6-aux", None, None),
    ],
)
def test_each_type_has_its_collection(
    code: str, collection: str, level: str | None, mode: str | None
) -> None:
    row = product_type(f"S6B_{code}_{TAIL}_NR_F01")

    assert (row.collection, row.level, row.instrument_mode) == (collection, level, mode)


def test_every_collection_of_the_table_ships_with_its_queryables() -> None:
    ids = {row.collection.format(end) for row in PRODUCT_TYPES for end in TIMELINESS.values()}

    assert {file.stem for file in (SCHEMAS / "collections").glob("sentinel-6-*.json")} == ids
    queryables = json.loads((SCHEMAS / "queryables" / "sentinel-6.json").read_text())
    assert set(queryables["x-collections"]) == ids


def test_properties_of_its_own_can_be_filtered_by(tmp_path: Path) -> None:
    files = [SCHEMAS / "queryables" / f"{name}.json" for name in ("common", "sentinel-6")]
    queryables = {name for file in files for name in json.loads(file.read_text())["properties"]}

    own = {name for name in create_item(product(tmp_path))["properties"] if name[:6] == "swath:"}

    assert own <= queryables


@pytest.mark.parametrize(
    ("timeliness", "collection", "duration"),
    [
        ("NR", "sentinel-6-p4-2-nrt", "PT3H"),
        ("ST", "sentinel-6-p4-2-stc", "PT36H"),
        ("NT", "sentinel-6-p4-2-ntc", "P1M"),
    ],
)
def test_timeliness_chooses_the_collection(
    tmp_path: Path, timeliness: str, collection: str, duration: str
) -> None:
    item = create_item(product(tmp_path, MANIFEST.replace(">NT<", f">{timeliness}<")))

    assert item["collection"] == collection
    assert item["properties"]["product:timeliness"] == duration


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (">NT<", ">XX<", Reason.METADATA_INVALID),
        ("P4_2__LR_____", "P4_1B_LR_____", Reason.METADATA_INVALID),
        ("ascending", "sideways", Reason.METADATA_INVALID),
        ("19875", "many", Reason.METADATA_INVALID),
        ("startTime", "beginTime", Reason.METADATA_INVALID),
        ("XFDU", "Product", Reason.METADATA_INVALID),
        ("BAND", "10 20 30", Reason.METADATA_INVALID),
        ("BAND", "north east", Reason.METADATA_INVALID),
        ("BAND", "91 10 92 20 93 30", Reason.INVALID_FOOTPRINT),
        ("BAND", "nan 10 20 20", Reason.INVALID_FOOTPRINT),
        ("BAND", "", Reason.NO_FOOTPRINT),
    ],
)
def test_what_cannot_be_right_is_refused(
    tmp_path: Path, old: str, new: str, expected: Reason
) -> None:
    assert reason(product(tmp_path, MANIFEST.replace(old, new))) is expected


def test_files_outside_the_product_are_refused(tmp_path: Path) -> None:
    files = product(tmp_path, listed=(("ALTData", "../../secret.nc"),))

    assert reason(files) is Reason.UNSAFE_PATH


def test_unknown_types_and_absent_manifests_are_refused(tmp_path: Path) -> None:
    assert reason(product(tmp_path, name=f"S6A_HK_0__OPER____{TAIL}_NT_F09")) is (
        Reason.UNSUPPORTED_TYPE
    )
    files = product(tmp_path)
    (tmp_path / f"{NAME}.SEN6" / "xfdumanifest.xml").unlink()
    assert reason(files) is Reason.METADATA_MISSING


def test_level_0_may_have_no_frame(tmp_path: Path) -> None:
    text = MANIFEST.replace("P4_2__LR_____", "P4_0__CAL____").replace("BAND", "")

    item = create_item(product(tmp_path, text, name=f"S6A_P4_0__CAL_____{TAIL}_NR_F09"))

    assert item["collection"] == "sentinel-6-p4-0"
    assert item["geometry"] is None


def test_a_band_is_split_at_the_antimeridian(tmp_path: Path) -> None:
    item = create_item(product(tmp_path))

    band = shape(item["geometry"])
    assert item["bbox"] == [178, 9.5, -172, 30.5]
    assert band.is_valid
    assert band.geom_type == "MultiPolygon"
    assert not band.intersects(shapely.box(-171, -90, 177, 90))


def test_a_band_around_the_earth_keeps_what_it_does_not_touch_outside() -> None:
    longitudes = [*range(0, 180, 20), *range(-180, 20, 20)]
    north = [(float(lon), 60.5) for lon in longitudes]
    south = [(float(lon), 59.5) for lon in reversed(longitudes)]

    band = shape(along([*north, *south, north[0]], "a ring"))

    assert band.is_valid
    assert band.area == pytest.approx(360, rel=0.01)
    assert not band.contains(shapely.Point(10, 80))
    assert not band.contains(shapely.Point(10, -80))


def test_a_band_that_crosses_itself_is_whole() -> None:
    middle = [(float(x), float(y)) for x, y in [(0, 0), (20, 20), (40, 0), (20, -20), (5, 15)]]
    ring = [(x, y + 0.5) for x, y in middle] + [(x, y - 0.5) for x, y in reversed(middle)]

    band = shape(along([*ring, ring[0]], "a ring"))

    assert band.is_valid
    assert band.buffer(1e-9).covers(shapely.LineString(middle))
    assert not band.contains(shapely.Point(25, 0))


def test_a_line_stays_a_line() -> None:
    line = along([(170.0, 10.0), (170.0, 10.0), (175.0, 20.0), (-175.0, 30.0)], "a track")

    assert line["type"] == "MultiLineString"


def test_a_ring_that_is_no_band_is_the_area_inside() -> None:
    corners = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0), (-5.0, 10.0), (0.0, 0.0)]

    assert shape(along(corners, "a ring")).area == 450


def test_items_are_valid_by_their_schemas(tmp_path: Path, shared_data: Path) -> None:
    for number, row in enumerate(PRODUCT_TYPES):
        code = re.sub(
            r"\\w\{(\d+)\}", lambda m: "LR"[: int(m[1])].ljust(int(m[1]), "_"), row.pattern
        )
        text = MANIFEST.replace("P4_2__LR_____", code)
        (tmp_path / f"{number}").mkdir()
        files = product(tmp_path / f"{number}", text, name=f"S6A_{code}_{TAIL}_NT_F09")
        validate_item(create_item(files), shared_data / "schemas")


REAL: dict[str, dict[str, Any]] = {
    "S6A_P4_0__ACQ_____20210414T001438_20210414T002150_20200429T143331_0432_002_127_063_"
    "EUM__OPE_NR_TST.SEN6": {
        "collection": "sentinel-6-p4-0",
        "start": "2021-04-14T00:14:38.000000Z",
        "orbit": (191, 63, 2, "ascending"),
        "assets": ["xfdumanifest", "source_packets_annotation", "source_packets"],
        "area": 0.0413,
    },
    "S6A_P4_1__ECHO_AX_20170304T025713_20210411T232934_20200505T141849__________________"
    "EUM__OPE_NR_TST.SEN6": {
        "collection": "sentinel-6-aux",
        "start": "2017-03-04T02:57:13.000000Z",
        "orbit": (None, None, None, None),
        "assets": ["xfdumanifest", "data"],
        "area": None,
    },
    "S6A_P4_2__LR_RED__NR_002_085_20180627T061817_20180627T081400_F00.SEN6": {
        "collection": "sentinel-6-p4-2-nrt",
        "start": "2018-06-27T06:18:17.597692Z",
        "orbit": (170, 43, 2, "ascending"),
        "assets": ["xfdumanifest", "measurement", "reduced_measurement", "bufr_measurement"],
        "area": 485.1467,
    },
    "S6A_P4_2__LR_STD__ST_022_132_20210619T002429_20210619T012042_F02.SEN6": {
        "collection": "sentinel-6-p4-2-stc",
        "start": "2021-06-19T00:24:29.521891Z",
        "orbit": (2682, 66, 22, "descending"),
        "assets": ["xfdumanifest", "measurement", "reduced_measurement"],
        "area": 231.1047,
    },
}


@pytest.mark.parametrize("name", REAL)
def test_real_products_are_catalogued(name: str, shared_data: Path) -> None:
    expected = REAL[name]

    item = create_item(FolderFiles(shared_data / "products" / "sentinel-6" / name))

    validate_item(item, shared_data / "schemas")
    properties = item["properties"]
    assert item["collection"] == expected["collection"]
    assert properties["start_datetime"] == expected["start"]
    assert (
        properties.get("sat:absolute_orbit"),
        properties.get("sat:relative_orbit"),
        properties.get("sat:orbit_cycle"),
        properties.get("sat:orbit_state"),
    ) == expected["orbit"]
    assert list(item["assets"]) == expected["assets"]
    area = item["geometry"] and shape(item["geometry"]).area
    assert area == pytest.approx(expected["area"], abs=1e-3)


def test_a_real_half_orbit_is_as_its_ring_unrolled(shared_data: Path) -> None:
    """Half an orbit does not cross itself: where longitudes are let run on, its ring is valid.

    Of the piece that crosses the antimeridian only the cut differs, which is on a great circle.
    """
    name = "S6A_P4_2__LR_STD__ST_022_132_20210619T002429_20210619T012042_F02.SEN6"
    files = FolderFiles(shared_data / "products" / "sentinel-6" / name)
    found = re.search(r"<gml:posList>(.*)</gml:posList>", files.read("xfdumanifest.xml").decode())
    assert found
    numbers = [float(number) for number in found[1].split()]
    corners = [(lon % 360, lat) for lat, lon in zip(numbers[::2], numbers[1::2], strict=True)]
    unrolled = shapely.Polygon(corners)

    band = shape(create_item(files)["geometry"])

    assert unrolled.is_valid
    assert band.area == pytest.approx(unrolled.area, rel=0.01)
    for part in (shapely.box(140, -90, 167, 90), shapely.box(189, -90, 360, 90)):
        seen = shapely.union_all([translate(band, 360), band]) & part
        assert seen.symmetric_difference(unrolled & part).area < 1e-4
