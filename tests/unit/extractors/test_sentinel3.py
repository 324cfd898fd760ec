"""Sentinel-3: on small manifests written here."""

import json
import math
from pathlib import Path
from typing import Any

import pytest
from shapely import contains_xy
from shapely.geometry import shape

from swath.domain.item import Item
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.extractors.sentinel3 import create_item
from swath.extractors.sentinel3.assets import asset_key
from swath.extractors.sentinel3.product_types import PRODUCT_TYPES, product_type
from tests.folderfiles import FolderFiles

NAME = (
    "S3A_OL_2_WFR____20240701T000118_20240701T000418_20240702T073235_0179_114_116_1800_MAR_O_NT_003"
)
SCHEMAS = Path(__file__).parents[3] / "schemas"
SQUARE = "10 20 10 30 20 30 20 20 10 20"

MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<xfdu:XFDU xmlns:xfdu="urn:ccsds:schema:xfdu:1" xmlns:gml="http://www.opengis.net/gml"
 xmlns:s="http://www.esa.int/safe/sentinel/1.1" xmlns:s3="http://www.esa.int/safe/sentinel-3"
 xmlns:ol="http://www.esa.int/safe/sentinel/sentinel-3/olci/1.0">
<metadataSection>
 <metadataObject><metadataWrap><xmlData>
  <s:acquisitionPeriod>
   <s:startTime>2024-07-01T00:01:18.5Z</s:startTime>
   <s:stopTime>2024-07-01T00:04:18.5Z</s:stopTime>
  </s:acquisitionPeriod>
 </xmlData></metadataWrap></metadataObject>
 <metadataObject><metadataWrap><xmlData>
  <s:platform>
   <s:nssdcIdentifier>2016-011A</s:nssdcIdentifier>
   <s:familyName>Sentinel-3</s:familyName>
   <s:number>A</s:number>
   <s:instrument>
    <s:familyName abbreviation="OLCI">Ocean Land Colour Instrument</s:familyName>
    <s:mode identifier="EO">Earth Observation</s:mode>
   </s:instrument>
  </s:platform>
 </xmlData></metadataWrap></metadataObject>
 <metadataObject><metadataWrap><xmlData>
  <s:frameSet><s:footPrint><gml:posList>{footprint}</gml:posList></s:footPrint></s:frameSet>
 </xmlData></metadataWrap></metadataObject>
 <metadataObject><metadataWrap><xmlData>
  <s3:generalProductInformation>
   <s3:productType>{type}</s3:productType>
   <s3:timeliness>{timeliness}</s3:timeliness>
   <s3:baselineCollection>003</s3:baselineCollection>
   <s3:processingBaseline>OL__L2M.003.05.01</s3:processingBaseline>
  </s3:generalProductInformation>
 </xmlData></metadataWrap></metadataObject>
 <metadataObject><metadataWrap><xmlData>{content}</xmlData></metadataWrap></metadataObject>
 <metadataObject><metadataWrap><xmlData>
  <s:orbitReference>
   <s:orbitNumber type="start" groundTrackDirection="descending">43561</s:orbitNumber>
   <s:orbitNumber type="stop" groundTrackDirection="ascending">43562</s:orbitNumber>
   <s:relativeOrbitNumber type="start">116</s:relativeOrbitNumber>
   <s:cycleNumber>114</s:cycleNumber>
  </s:orbitReference>
 </xmlData></metadataWrap></metadataObject>
 <metadataObject><metadataWrap><xmlData>
  <s:processing name="DataProcessing" outputLevel="2" start="2024-07-02T07:35:00.000000">
   <s:facility name="Marine Centre [MAR]" site="Darmstadt">
    <s:software name="PUG" version="03.51"/>
   </s:facility>
   <s:resource name="S3A_OL_1_EFR">
    <s:processing name="OL_1" start="2024-07-02T01:00:00">
     <s:facility name="Elsewhere" site="Elsewhere"><s:software name="IPF" version="06"/>
     </s:facility>
    </s:processing>
   </s:resource>
  </s:processing>
 </xmlData></metadataWrap></metadataObject>
</metadataSection>
<dataObjectSection>{objects}</dataObjectSection>
</xfdu:XFDU>
"""

WATER = """<ol:olciProductInformation>
 <ol:classificationSummary>
  <s3:salineWaterPixels percentage="12.000000"/>
  <s3:coastalPixels percentage="0.003900"/>
  <s3:landPixels percentage="77.000000"/>
  <s3:cloudyPixels percentage="100.000001"/>
 </ol:classificationSummary>
 <ol:imageSize><s3:rows>4091</s3:rows><s3:columns>4865</s3:columns></ol:imageSize>
 <ol:pixelQualitySummary>
  <ol:invalidPixels value="741704" percentage="4.000000"/>
 </ol:pixelQualitySummary>
 <ol:samplingParameters>
  <ol:alSpatialSampling>294</ol:alSpatialSampling>
  <ol:acSpatialSampling>270</ol:acSpatialSampling>
 </ol:samplingParameters>
 <ol:bandDescriptions bands="1"><s3:band name="Oa09">
  <s3:centralWavelength>673.75</s3:centralWavelength><s3:bandwidth>7.5</s3:bandwidth>
 </s3:band></ol:bandDescriptions>
</ol:olciProductInformation>"""

ALTIMETER = """<s3:sralProductInformation>
 <s3:lrmModePercentage>{lrm}</s3:lrmModePercentage>
 <s3:sarModePercentage>{sar}</s3:sarModePercentage>
 <s3:landPercentage>3</s3:landPercentage>
 <s3:openOceanPercentage>97</s3:openOceanPercentage>
 <s3:bandDescriptions bands="2">
  <s3:band name="C">
   <s3:centralFrequency>5410000000.0</s3:centralFrequency><s3:bandwidth>290000000.0</s3:bandwidth>
  </s3:band>
  <s3:band name="Ku">
   <s3:centralFrequency>13575000000.0</s3:centralFrequency><s3:bandwidth>320000000.0</s3:bandwidth>
  </s3:band>
 </s3:bandDescriptions>
</s3:sralProductInformation>"""

SYNERGY = """<s3:synProductInformation><s3:bandDescriptions bands="2">
 <s3:band name="SYN01">
  <s3:centralWavelength>400</s3:centralWavelength><s3:bandwidth>15</s3:bandwidth>
  <s3:olciChannels>Oa01</s3:olciChannels>
  <s3:slstrNadirChannels>-</s3:slstrNadirChannels>
  <s3:slstrObliqueChannels>-</s3:slstrObliqueChannels>
 </s3:band>
 <s3:band name="SYN22">
  <s3:centralWavelength>555</s3:centralWavelength><s3:bandwidth>20</s3:bandwidth>
  <s3:olciChannels>-</s3:olciChannels>
  <s3:slstrNadirChannels>-</s3:slstrNadirChannels>
  <s3:slstrObliqueChannels>S1</s3:slstrObliqueChannels>
 </s3:band>
</s3:bandDescriptions></s3:synProductInformation>
<ol:olciProductInformation><ol:bandDescriptions bands="1"><s3:band name="Oa01">
 <s3:centralWavelength>999</s3:centralWavelength>
</s3:band></ol:bandDescriptions></ol:olciProductInformation>"""

AUXILIARY = """<?xml version="1.0" encoding="UTF-8"?>
<xfdu:XFDU xmlns:xfdu="urn:ccsds:schema:xfdu:1" xmlns:a="http://www.esa.int/safe/sentinel-3/aux">
<metadataSection><metadataObject><metadataWrap><xmlData>
 <a:generalProductInformation>
  <a:fileType>{type}</a:fileType>
  <a:timeliness>AL</a:timeliness>
  <a:familyName>Sentinel-3</a:familyName>
  <a:number>{unit}</a:number>
  <a:validityStartTime>2016-02-16T19:24:04.000000Z</a:validityStartTime>
  <a:validityStopTime>9999-12-31T23:59:59.000000Z</a:validityStopTime>
 </a:generalProductInformation>
</xmlData></metadataWrap></metadataObject></metadataSection>
<dataObjectSection/></xfdu:XFDU>
"""


def data_object(path: str, title: str) -> str:
    return (
        f'<dataObject ID="{path}"><byteStream mimeType="application/x-netcdf" size="12">'
        f'<fileLocation locatorType="URL" textInfo="{title}" href="./{path}"/>'
        '<checksum checksumName="MD5">b35469e134850b9edb49917a683a6c2e</checksum>'
        "</byteStream></dataObject>"
    )


def manifest(**changes: str) -> str:
    values = {"type": "OL_2_WFR___", "timeliness": "NT", "footprint": SQUARE, "content": WATER}
    return MANIFEST.format(**({"objects": ""} | values | changes))


def item_of(folder: Path, content: str, name: str = NAME) -> Item:
    product = folder / f"{name}.SEN3"
    product.mkdir()
    (product / "xfdumanifest.xml").write_text(content, encoding="utf-8")
    return create_item(FolderFiles(product))


def refused(folder: Path, content: str, name: str = NAME) -> ProductError:
    with pytest.raises(ProductError) as refusal:
        item_of(folder, content, name)
    return refusal.value


def test_an_olci_product_becomes_an_item(tmp_path: Path) -> None:
    item = item_of(tmp_path, manifest())

    assert item["id"] == NAME
    assert item["collection"] == "sentinel-3-olci-2-wfr-ntc"
    assert item["bbox"] == [20, 10, 30, 20]
    assert item["properties"] == {
        "datetime": "2024-07-01T00:01:18.500000Z",
        "start_datetime": "2024-07-01T00:01:18.500000Z",
        "end_datetime": "2024-07-01T00:04:18.500000Z",
        "platform": "sentinel-3a",
        "constellation": "sentinel-3",
        "instruments": ["olci"],
        "gsd": 300,
        "sat:platform_international_designator": "2016-011A",
        "sat:orbit_state": "descending",
        "sat:absolute_orbit": 43561,
        "sat:relative_orbit": 116,
        "sat:orbit_cycle": 114,
        "processing:level": "L2",
        "processing:datetime": "2024-07-02T07:35:00.000000Z",
        "processing:facility": "Darmstadt",
        "processing:software": {"PUG": "03.51"},
        "processing:version": "03.51",
        "product:type": "OL_2_WFR___",
        "product:timeliness": "P1M",
        "product:timeliness_category": "NT",
        "eo:cloud_cover": 100.0,
        "proj:code": None,
        "proj:shape": [4091, 4865],
        "swath:imageSize:rows": 4091,
        "swath:imageSize:columns": 4865,
        "swath:instrumentShortName": "OLCI",
        "swath:processorName": "PUG",
        "swath:timeliness": "NT",
        "statistics": {"saline_water": 12.0, "coastal": 0.0039, "land": 77.0, "invalid": 4.0},
        "swath:salineWaterCover": 12.0,
        "swath:coastalCover": 0.0039,
        "swath:landCover": 77.0,
        "swath:invalidPixels": 4.0,
        "swath:operationalMode": "Earth Observation",
        "swath:baselineCollection": "003",
        "swath:processingBaseline": "OL__L2M.003.05.01",
        "swath:lastOrbitNumber": 43562,
        "swath:lastOrbitDirection": "ASCENDING",
        "swath:alSpatialSampling": 294.0,
        "swath:acSpatialSampling": 270.0,
    }


def test_only_the_manifest_is_read(tmp_path: Path) -> None:
    product = tmp_path / f"{NAME}.SEN3"
    product.mkdir()
    (product / "xfdumanifest.xml").write_text(manifest(objects=data_object("iwv.nc", "Vapour")))
    (product / "iwv.nc").write_bytes(b"")
    files = FolderFiles(product)

    create_item(files)

    assert files.files_read == ["xfdumanifest.xml"]


@pytest.mark.parametrize(
    ("code", "timeliness", "collection", "gsd"),
    [
        ("OL_1_EFR___", "NR", "sentinel-3-olci-1-efr-nrt", 300),
        ("OL_1_ERR___", "NT", "sentinel-3-olci-1-err-ntc", 1200),
        ("SL_1_RBT___", "NR", "sentinel-3-sl-1-rbt-nrt", 1000),
        ("SL_2_AOD___", "NR", "sentinel-3-sl-2-aod-nrt", 9500),
        ("SR_1_SRA_A_", "ST", "sentinel-3-sr-1-sra-a-stc", 300),
        ("SR_2_LAN_SI", "NT", "sentinel-3-sr-2-lan-si-ntc", 1640),
        ("MW_1_MWR___", "ST", "sentinel-3-mw-1-mwr-stc", None),
        ("SY_2_VG1___", "ST", "sentinel-3-syn-2-vg1-stc", 1000),
        ("SR_0_SRA___", "NR", "sentinel-3-l0", None),
        ("TM_0_HKM2__", "NR", "sentinel-3-l0", None),
        ("OL_1_RAC___", "NT", "sentinel-3-cal", None),
        ("SR_2_PCPPAX", "AL", "sentinel-3-aux", None),
        ("AX___FRO_AX", "AL", "sentinel-3-aux", None),
    ],
)
def test_type_and_timeliness_name_the_collection(
    code: str, timeliness: str, collection: str, gsd: int | None
) -> None:
    row = product_type(code, NAME)

    assert row.collection_of(timeliness, NAME) == collection
    assert row.gsd == gsd


def test_each_type_and_timeliness_has_its_collection() -> None:
    shipped = {file.stem for file in (SCHEMAS / "collections").glob("sentinel-3-*.json")}
    queried = json.loads((SCHEMAS / "queryables" / "sentinel-3.json").read_text(encoding="utf-8"))

    made = {
        row.collection_of(timeliness, NAME)
        for row in PRODUCT_TYPES
        for timeliness in row.timeliness or (None,)
    }

    assert made == shipped == set(queried["x-collections"])


def test_every_attribute_can_be_filtered_by(tmp_path: Path) -> None:
    queryables = [SCHEMAS / "queryables" / f"{name}.json" for name in ("common", "sentinel-3")]
    queried = {name for file in queryables for name in json.loads(file.read_text())["properties"]}
    contents = (WATER, ALTIMETER.format(lrm=0, sar=100))

    for number, content in enumerate(contents):
        (tmp_path / str(number)).mkdir()
        told = item_of(tmp_path / str(number), manifest(content=content))["properties"]
        ours = {name for name in told if name.startswith(("swath:", "altm:", "eo:"))}

        assert ours <= queried


@pytest.mark.parametrize(
    ("changes", "reason", "word"),
    [
        ({"type": "OL_3_XXX___"}, Reason.UNSUPPORTED_TYPE, "OL_3_XXX___"),
        ({"timeliness": "ST"}, Reason.UNSUPPORTED_TYPE, "NR or NT"),
        ({"footprint": ""}, Reason.NO_FOOTPRINT, NAME),
        ({"footprint": "10 20 30"}, Reason.INVALID_FOOTPRINT, NAME),
        ({"footprint": "10 20 10 x"}, Reason.METADATA_INVALID, "10 x"),
        ({"footprint": "91 20 10 30 20 30"}, Reason.INVALID_FOOTPRINT, "91"),
    ],
)
def test_what_cannot_be_catalogued_is_refused(
    tmp_path: Path, changes: dict[str, str], reason: Reason, word: str
) -> None:
    error = refused(tmp_path, manifest(**changes))

    assert error.reason == reason
    assert word in error.detail


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<s:number>A<", "<s:number>dummy-text<"),
        ('Direction="descending"', 'Direction="sideways"'),
        ('percentage="12.000000"', 'percentage="many"'),
        ("2024-07-01T00:04:18.5Z", ""),
        ("2024-07-01T00:01:18.5Z", "yesterday"),
        (">43561<", ">about 43561<"),
    ],
)
def test_values_that_cannot_be_true_are_refused(tmp_path: Path, old: str, new: str) -> None:
    assert old in manifest()

    error = refused(tmp_path, manifest().replace(old, new))

    assert error.reason == Reason.METADATA_INVALID


def test_a_product_without_its_manifest_is_refused(tmp_path: Path) -> None:
    product = tmp_path / f"{NAME}.SEN3"
    product.mkdir()

    with pytest.raises(ProductError) as refusal:
        create_item(FolderFiles(product))

    assert refusal.value.reason == Reason.METADATA_MISSING
    assert "xfdumanifest.xml" in refusal.value.detail


def test_shares_that_are_not_finite_are_left_out(tmp_path: Path) -> None:
    item = item_of(tmp_path, manifest().replace('percentage="12.000000"', 'percentage="NaN"'))

    assert "swath:salineWaterCover" not in item["properties"]
    assert "saline_water" not in item["properties"]["statistics"]


def test_a_new_unit_is_ingested(tmp_path: Path) -> None:
    name = NAME.replace("S3A", "S3E")

    item = item_of(tmp_path, manifest().replace("<s:number>A<", "<s:number>E<"), name)

    assert item["properties"]["platform"] == "sentinel-3e"


def test_files_become_assets_as_the_manifest_lists_them(tmp_path: Path) -> None:
    listed = data_object("Oa09_reflectance.nc", "Reflectance of Oa09") + data_object("x.dat", "")

    assets = item_of(tmp_path, manifest(objects=listed))["assets"]

    assert list(assets) == ["xfdumanifest", "Oa09_reflectanceData", "x"]
    assert assets["xfdumanifest"]["roles"] == ["metadata"]
    assert assets["xfdumanifest"]["file:checksum"].startswith("d50110")
    assert assets["Oa09_reflectanceData"] == {
        "href": "Oa09_reflectance.nc",
        "type": "application/netcdf",
        "title": "Reflectance of Oa09",
        "roles": ["data"],
        "bands": [
            {"name": "Oa09", "eo:center_wavelength": 0.67375, "eo:full_width_half_max": 0.0075}
        ],
        "file:size": 12,
        "file:checksum": "d50110b35469e134850b9edb49917a683a6c2e",
        "file:local_path": f"{NAME}.SEN3/Oa09_reflectance.nc",
    }
    assert (assets["x"]["type"], assets["x"]["title"]) == ("application/octet-stream", "x")


def test_what_the_archive_added_is_an_asset_too(tmp_path: Path) -> None:
    product = tmp_path / f"{NAME}.SEN3"
    product.mkdir()
    (product / "xfdumanifest.xml").write_text(manifest())
    for path in (f"{NAME}-ql.jpg", "EOPMetadata.xml", "leftover.tmp"):
        (product / path).write_bytes(b"123")

    assets = create_item(FolderFiles(product))["assets"]

    assert set(assets) == {"xfdumanifest", "thumbnail", "eop_metadata"}
    assert assets["thumbnail"]["type"] == "image/jpeg"
    assert assets["thumbnail"]["roles"] == ["thumbnail"]
    assert assets["thumbnail"]["file:size"] == 3


@pytest.mark.parametrize(
    ("stem", "key"),
    [
        ("Oa01_radiance_unc", "Oa01_radiance_uncData"),
        ("tie_geo_coordinates", "tie-geo-coordinates"),
        ("qualityFlags", "quality-flags"),
        ("rc_ogvi", "rc-gifapar"),
        ("chl_oc4me", "chl-Oc4me"),
        ("S1_radiance_an", "S1_radiance_an"),
        ("20200401012416-MAR-L2P_GHRSST-SSTskin-SLSTRA-20200402124259-v02.0-fv01.0", "L2P"),
        ("measurement", "measurement_data"),
        ("reduced_measurement", "reduced_measurement"),
        ("Syn_AOT550", "syn_aot550"),
        ("Syn_Oa01_reflectance", "syn_Oa01_reflectance"),
        ("Syn_S1N_reflectance", "syn_S1N_reflectance"),
        ("NDVI", "NDVI"),
        ("TOA_NDVI", "toa_ndvi"),
    ],
)
def test_keys_are_those_of_the_data_space(stem: str, key: str) -> None:
    assert asset_key(stem) == key


@pytest.mark.parametrize(("lrm", "sar", "mode"), [(0, 100, "sar"), (100, 0, "lrm")])
def test_the_altimeter_tells_its_mode_surfaces_and_bands(
    tmp_path: Path, lrm: int, sar: int, mode: str
) -> None:
    files = ("standard_measurement", "reduced_measurement")
    content = manifest(
        type="SR_2_LAN___",
        timeliness="ST",
        content=ALTIMETER.format(lrm=lrm, sar=sar),
        objects="".join(data_object(f"{file}.nc", file) for file in files),
    )

    item = item_of(tmp_path, content)

    told = item["properties"]
    assert item["collection"] == "sentinel-3-sr-2-lan-stc"
    assert told["altm:instrument_mode"] == mode
    assert (told["swath:lrmMode"], told["swath:sarMode"]) == (lrm, sar)
    assert told["statistics"] == {"land": 3, "open_ocean": 97}
    assert told["processing:facility"] == "Marine Centre [MAR]"
    assert told["product:timeliness"] == "PT48H"
    bands = {key: [b["name"] for b in item["assets"][key]["bands"]] for key in files}
    assert bands == {"standard_measurement": ["C", "Ku"], "reduced_measurement": ["Ku"]}
    assert item["assets"]["reduced_measurement"]["bands"][0]["sar:center_frequency"] == 13.575


def test_synergy_bands_are_named_by_their_channels(tmp_path: Path) -> None:
    files = ("Syn_Oa01_reflectance", "Syn_S1O_reflectance", "Syn_S1N_reflectance")
    content = manifest(
        type="SY_2_SYN___",
        content=SYNERGY,
        objects="".join(data_object(f"{file}.nc", file) for file in files),
    )

    item = item_of(tmp_path, content)

    bands = {key: asset.get("bands") for key, asset in item["assets"].items()}
    assert bands["syn_Oa01_reflectance"] == [
        {"name": "SYN01", "eo:center_wavelength": 0.4, "eo:full_width_half_max": 0.015}
    ]
    assert [band["name"] for band in bands["syn_S1O_reflectance"] or ()] == ["SYN22"]
    assert bands["syn_S1N_reflectance"] is None
    assert item["properties"]["instruments"] == ["olci", "slstr"]


def test_the_step_before_names_the_facility_where_the_last_does_not(tmp_path: Path) -> None:
    content = manifest().replace(
        '<s:facility name="Marine Centre [MAR]" site="Darmstadt">', "<s:facility>"
    )

    assert item_of(tmp_path, content)["properties"]["processing:facility"] == "Elsewhere"


@pytest.mark.parametrize(("unit", "platform"), [("B", "sentinel-3b"), ("_", None)])
def test_an_auxiliary_file_has_a_validity_and_no_place(
    tmp_path: Path, unit: str, platform: str | None
) -> None:
    name = "S3B_AX___OSF_AX_20160216T192404_99991231T235959_20200826T081958_EUM_O_AL_001"

    item = item_of(tmp_path, AUXILIARY.format(type="AX___OSF_AX", unit=unit), name)

    assert item["collection"] == "sentinel-3-aux"
    assert item["geometry"] is None
    assert "bbox" not in item
    told = item["properties"]
    assert told["datetime"] == "2016-02-16T19:24:04.000000Z"
    assert "end_datetime" not in told
    assert told.get("platform") == platform
    assert (told["product:type"], told["swath:timeliness"]) == ("AX___OSF_AX", "AL")
    assert "product:timeliness_category" not in told


def test_the_name_tells_the_type_where_the_manifest_does_not(tmp_path: Path) -> None:
    name = "S3A_AX___BA__AX_20040702T223000_20040704T042158_20171130T082116_WER_D_AL____"

    content = AUXILIARY.format(type="", unit="A").replace("9999-", "2026-")

    told = item_of(tmp_path, content, name)["properties"]

    assert told["product:type"] == "AX___BA__AX"
    assert told["end_datetime"] == "2026-12-31T23:59:59.000000Z"


def orbit(minutes: float, left: float, right: float, node: float, start: float = 0) -> str:
    """The outline of a swath, as manifests give it; it begins `start` minutes after the ascending
    node at longitude `node`.

    `left` and `right` are its sides as degrees of arc from the track.
    """
    inclination, period, day = math.radians(98.65), 101.0, 1440.0

    def corner(minute: float, aside: float) -> tuple[float, float]:
        u, a = math.tau * minute / period, math.radians(aside)
        x = math.cos(a) * math.cos(u)
        y = math.cos(a) * math.sin(u) * math.cos(inclination) - math.sin(a) * math.sin(inclination)
        z = math.cos(a) * math.sin(u) * math.sin(inclination) + math.sin(a) * math.cos(inclination)
        lon = math.degrees(math.atan2(y, x)) + node - 360 * minute / day
        return math.degrees(math.asin(z)), (lon + 180) % 360 - 180

    steps = [start + minutes * i / 60 for i in range(61)]
    across = [left - (left + right) * i / 20 for i in range(1, 20)]
    ring = [
        *(corner(step, left) for step in steps),
        *(corner(start + minutes, aside) for aside in across),
        *(corner(step, -right) for step in reversed(steps)),
        *(corner(start, aside) for aside in reversed(across)),
    ]
    return " ".join(f"{lat:.5f} {lon:.5f}" for lat, lon in [*ring, ring[0]])


def sphere_share(geometry: dict[str, Any]) -> float:
    """The part of the Earth's surface that lies within, by points spread evenly over it."""
    golden, count = (1 + math.sqrt(5)) / 2, 4000
    steps = range(count)
    eastings = [(360 * i / golden) % 360 - 180 for i in steps]
    northings = [math.degrees(math.asin(1 - (2 * i + 1) / count)) for i in steps]
    return int(contains_xy(shape(geometry), eastings, northings).sum()) / count


@pytest.mark.parametrize(
    ("minutes", "left", "right", "node", "share"),
    [
        pytest.param(44, 2.6, 9.0, 10.0, 0.044, id="half an orbit"),
        pytest.param(44, 2.6, 9.0, -178.0, 0.044, id="half an orbit over the antimeridian"),
        pytest.param(101, 8.1, 4.9, 60.0, 0.113, id="an orbit"),
    ],
)
def test_an_orbit_is_a_strip_and_not_the_world(
    tmp_path: Path, minutes: float, left: float, right: float, node: float, share: float
) -> None:
    content = manifest(footprint=orbit(minutes, left, right, node))

    item = item_of(tmp_path, content)

    geometry = shape(item["geometry"])
    assert geometry.is_valid
    assert sphere_share(item["geometry"]) == pytest.approx(share, abs=0.006)


@pytest.mark.parametrize("node", range(-180, 180, 30))
def test_an_orbit_whose_ends_overlap_at_a_pole_is_a_strip(tmp_path: Path, node: int) -> None:
    content = manifest(footprint=orbit(101, 8.1, 4.9, node, start=75))

    geometry = item_of(tmp_path, content)["geometry"]

    assert shape(geometry).is_valid
    assert sphere_share(geometry) == pytest.approx(0.112, abs=0.012)


def test_the_track_of_the_altimeter_is_a_thin_strip(tmp_path: Path) -> None:
    content = manifest(type="SR_1_SRA___", footprint=orbit(50, 0.003, 0.003, 30.0))

    item = item_of(tmp_path, content)

    _west, south, _east, north = item["bbox"]
    assert (south, north) == pytest.approx((-2, 81.4), abs=2.5)
    assert shape(item["geometry"]).area < 5


def test_a_composite_of_a_region_keeps_its_outline(tmp_path: Path) -> None:
    name = "S3A_SY_2_V10____20210911T000000_20210920T235959_20210928T121452_EUROPE____LN2_O_NT_002"
    content = manifest(type="SY_2_V10___", footprint="75 -11 75 62 25 62 25 -11 75 -11")

    item = item_of(tmp_path, content, name)

    assert item["bbox"] == [-11, 25, 62, 75]
    assert shape(item["geometry"]).area == 73 * 50
