"""Sentinel-1: on a small product written here, then on the corpus of real ones."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import shape

from swath.domain.item import Item
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.extractors.sentinel1 import create_item
from swath.extractors.sentinel1.product_types import product_type
from tests.folderfiles import FolderFiles
from tests.validation import validate_item

NAME = "S1A_IW_GRDH_1SDV_20220621T075323_20220621T075348_043758_053961_8F3A"
STEM = "s1a-iw-grd-{}-20220621t075323-20220621t075348-043758-053961-{}"
FRAME = "-6.759333,-32.442257 -6.257387,-34.688545 -4.751614,-34.356384 -5.248549,-32.114895"

MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<xfdu:XFDU xmlns:gml="http://www.opengis.net/gml" xmlns:xfdu="urn:ccsds:schema:xfdu:1"
 xmlns:s="http://www.esa.int/safe/sentinel-1.0" xmlns:s1="http://www.esa.int/safe/sentinel-1.0/s1">
<metadataSection>
 <metadataObject><metadataWrap><xmlData>
  <s:processing name="GRD Post Processing" start="2022-06-21T09:50:58.511926">
   <s:facility site="Production Service-SERCO" organisation="ESA">
    <s:software name="Sentinel-1 IPF" version="003.52"/>
   </s:facility>
   <s:resource name="S1A_IW_SL1__1_DV">
    <s:processing name="SLC Processing" start="2022-06-21T09:00:00">
     <s:facility site="Elsewhere"><s:software name="Other" version="001.00"/></s:facility>
    </s:processing>
   </s:resource>
  </s:processing>
 </xmlData></metadataWrap></metadataObject>
 <metadataObject><metadataWrap><xmlData>
  <s:platform>
   <s:nssdcIdentifier>2014-016A</s:nssdcIdentifier>
   <s:familyName>SENTINEL-1</s:familyName>
   <s:number>A</s:number>
   <s:instrument>
    <s:familyName abbreviation="SAR">Synthetic Aperture Radar</s:familyName>
    <s:extension><s1:instrumentMode>
     <s1:mode>IW</s1:mode><s1:swath>IW</s1:swath>
    </s1:instrumentMode></s:extension>
   </s:instrument>
  </s:platform>
 </xmlData></metadataWrap></metadataObject>
 <metadataObject><metadataWrap><xmlData>
  <s:orbitReference>
   <s:orbitNumber type="stop">43759</s:orbitNumber>
   <s:orbitNumber type="start">43758</s:orbitNumber>
   <s:relativeOrbitNumber type="start">111</s:relativeOrbitNumber>
   <s:relativeOrbitNumber type="stop">112</s:relativeOrbitNumber>
   <s:cycleNumber>264</s:cycleNumber>
   <s:extension><s1:orbitProperties>
    <s1:pass>DESCENDING</s1:pass>
    <s1:ascendingNodeTime>2022-06-21T07:02:27.345621</s1:ascendingNodeTime>
   </s1:orbitProperties></s:extension>
  </s:orbitReference>
  <s1:standAloneProductInformation>
   <s1:instrumentConfigurationID>7</s1:instrumentConfigurationID>
   <s1:missionDataTakeID>342369</s1:missionDataTakeID>
   <s1:transmitterReceiverPolarisation>VV</s1:transmitterReceiverPolarisation>
   <s1:transmitterReceiverPolarisation>VH</s1:transmitterReceiverPolarisation>
   <s1:productClass>S</s1:productClass>
   <s1:productComposition>Slice</s1:productComposition>
   <s1:productTimelinessCategory>Fast-24h</s1:productTimelinessCategory>
   <s1:sliceProductFlag>true</s1:sliceProductFlag>
   <s1:segmentStartTime>2022-06-21T07:52:29.663078</s1:segmentStartTime>
   <s1:sliceNumber>3</s1:sliceNumber>
   <s1:totalSlices>7</s1:totalSlices>
  </s1:standAloneProductInformation>
  <s:acquisitionPeriod>
   <s:startTime>2022-06-21T07:53:23.364527</s:startTime>
   <s:stopTime>2022-06-21T07:53:48.363025Z</s:stopTime>
   <s:extension><s1:timeANX>
    <s1:startTimeANX>3.056019e+06</s1:startTimeANX><s1:stopTimeANX>3.081018e+06</s1:stopTimeANX>
   </s1:timeANX></s:extension>
  </s:acquisitionPeriod>
  <s:frameSet>FRAMES</s:frameSet>
 </xmlData></metadataWrap></metadataObject>
</metadataSection>
<dataObjectSection>OBJECTS</dataObjectSection>
</xfdu:XFDU>
"""
FOOTPRINT = "<s:frame><s:footPrint><gml:coordinates>{}</gml:coordinates></s:footPrint></s:frame>"
OBJECT = (
    '<dataObject ID="x"><byteStream mimeType="text/xml" size="{}"><fileLocation href="./{}"/>'
    '<checksum checksumName="MD5">c6f71870fcd0911cda93d7284bac4f35</checksum>'
    "</byteStream></dataObject>"
)
ANNOTATION = """<product>
 <generalAnnotation><productInformation>
  <platformHeading>-1.680057267722176e+02</platformHeading>
 </productInformation></generalAnnotation>
 <imageAnnotation>
  <imageInformation>
   <rangePixelSpacing>1.000000e+01</rangePixelSpacing>
   <azimuthPixelSpacing>1.200000e+01</azimuthPixelSpacing>
   <numberOfSamples>25459</numberOfSamples>
   <numberOfLines>16831</numberOfLines>
   <incidenceAngleMidSwath>3.892792326042692e+01</incidenceAngleMidSwath>
  </imageInformation>
  <processingInformation><swathProcParamsList><swathProcParams>
   <rangeProcessing><numberOfLooks>5</numberOfLooks></rangeProcessing>
   <azimuthProcessing><numberOfLooks>1</numberOfLooks></azimuthProcessing>
  </swathProcParams></swathProcParamsList></processingInformation>
 </imageAnnotation>
 <geolocationGrid>this is never read: <unclosed>
"""

VV, VH = STEM.format("vv", "001"), STEM.format("vh", "002")
GRD_FILES = (
    f"annotation/{VH}.xml",
    f"annotation/calibration/noise-{VV}.xml",
    f"annotation/calibration/calibration-{VV}.xml",
    f"annotation/rfi/rfi-{VV}.xml",
    f"annotation/{VV}.xml",
    f"measurement/{VH}.tiff",
    f"measurement/{VV}.tiff",
    "preview/quick-look.png",
    "preview/map-overlay.kml",
)


def manifest(*, frames: tuple[str, ...] = (FRAME,), listed: tuple[str, ...] = ()) -> str:
    return MANIFEST.replace("FRAMES", "".join(FOOTPRINT.format(f) for f in frames)).replace(
        "OBJECTS", "".join(OBJECT.format(100, path) for path in listed)
    )


def product(folder: Path, text: str, *, name: str = NAME, **contents: str) -> FolderFiles:
    """A product with a manifest; `contents` are further files, `__` in their names is `/`."""
    root = folder / f"{name}.SAFE"
    for path, content in {"manifest.safe": text, **contents}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    return FolderFiles(root)


def item_of(folder: Path, text: str, *, name: str = NAME) -> Item:
    return create_item(product(folder, text, name=name))


def refusal(folder: Path, text: str) -> ProductError:
    with pytest.raises(ProductError) as refused:
        item_of(folder, text)
    return refused.value


# --- Properties ---


def test_every_property_comes_from_its_place(tmp_path: Path) -> None:
    annotations = {f"annotation/{VV}.xml": ANNOTATION, f"annotation/{VH}.xml": ANNOTATION}

    item = create_item(product(tmp_path, manifest(listed=GRD_FILES), **annotations))

    assert item["id"] == NAME
    assert item["collection"] == "sentinel-1-grd"
    assert item["properties"] == {
        "datetime": "2022-06-21T07:53:23.364527Z",
        "start_datetime": "2022-06-21T07:53:23.364527Z",
        "end_datetime": "2022-06-21T07:53:48.363025Z",
        "proj:code": None,
        "platform": "sentinel-1a",
        "constellation": "sentinel-1",
        "instruments": ["sar"],
        "product:type": "IW_GRDH_1S",
        "product:timeliness": "PT24H",
        "product:timeliness_category": "Fast-24h",
        "processing:level": "L1",
        "processing:lineage": "GRD Post Processing",
        "processing:datetime": "2022-06-21T09:50:58.511926Z",
        "processing:facility": "Production Service-SERCO",
        "processing:software": {"Sentinel-1 IPF": "003.52"},
        "processing:version": "03.52",
        "sat:platform_international_designator": "2014-016A",
        "sat:orbit_state": "descending",
        "sat:orbit_cycle": 264,
        "sat:relative_orbit": 111,
        "sat:absolute_orbit": 43758,
        "sat:anx_datetime": "2022-06-21T07:02:27.345621Z",
        "sar:frequency_band": "C",
        "sar:center_frequency": 5.405,
        "sar:observation_direction": "right",
        "sar:instrument_mode": "IW",
        "sar:polarizations": ["VV", "VH"],
        "swath:polarisationChannels": "VV&VH",
        "swath:instrumentShortName": "SAR",
        "swath:processorName": "Sentinel-1 IPF",
        "swath:processorVersion": "003.52",
        "swath:timeliness": "Fast-24h",
        "swath:datatakeID": 342369,
        "sar:pixel_spacing_range": 10.0,
        "sar:pixel_spacing_azimuth": 12.0,
        "view:incidence_angle": 38.92792326042692,
        "view:azimuth": pytest.approx(191.9942732277824),
        "eopf:datatake_id": "342369",
        "eopf:instrument_configuration_id": 7,
        "swath:startTimeFromAscendingNode": 3056019.0,
        "swath:completionTimeFromAscendingNode": 3081018.0,
        "swath:lastOrbitNumber": 43759,
        "swath:lastRelativeOrbitNumber": 112,
        "swath:swathIdentifier": "IW",
        "swath:productClass": "S",
        "swath:productComposition": "Slice",
        "swath:sliceProductFlag": True,
        "swath:segmentStartTime": "2022-06-21T07:52:29.663078Z",
        "swath:sliceNumber": 3,
        "swath:totalSlices": 7,
    }


def test_a_grd_costs_its_manifest_and_one_annotation(tmp_path: Path) -> None:
    annotations = {f"annotation/{VV}.xml": ANNOTATION, f"annotation/{VH}.xml": ANNOTATION}
    files = product(tmp_path, manifest(listed=GRD_FILES), **annotations)

    create_item(files)

    assert files.files_read == ["manifest.safe", f"annotation/{VV}.xml"]
    assert files.prefetched == [f"annotation/{VV}.xml"]


def test_a_product_without_its_annotations_is_catalogued_without_a_view(tmp_path: Path) -> None:
    properties = item_of(tmp_path, manifest(listed=GRD_FILES))["properties"]

    assert not [name for name in properties if name.startswith("view:")]
    assert properties["sar:polarizations"] == ["VV", "VH"]


def test_a_timeliness_without_a_duration_is_kept_beside_the_extension(tmp_path: Path) -> None:
    properties = item_of(tmp_path, manifest().replace("Fast-24h", "Off-line"))["properties"]

    assert properties["swath:timeliness"] == "Off-line"
    assert not [name for name in properties if name.startswith("product:timeliness")]


def test_a_placeholder_is_no_international_designator(tmp_path: Path) -> None:
    properties = item_of(tmp_path, manifest().replace("2014-016A", "0000-000A"))["properties"]

    assert "sat:platform_international_designator" not in properties


def test_level_0_counts_its_slices_under_another_name(tmp_path: Path) -> None:
    text = manifest().replace("totalSlices", "totalNumberOfSlices").replace(">true<", ">TRUE<")
    name = "S1A_IW_RAW__0SDV_20220621T075319_20220621T075352_043758_053961_3CBB"

    properties = item_of(tmp_path, text, name=name)["properties"]

    assert properties["swath:totalSlices"] == 7
    assert properties["swath:sliceProductFlag"] is True


@pytest.mark.parametrize(
    ("mode", "code", "resolution"),
    [
        ("IW", "IW_SLC__1S", (5, 20)),
        ("EW", "EW_SLC__1S", (20, 40)),
        ("SM", "S3_SLC__1S", (5, 5)),
        ("WV", "WV_SLC__1S", (None, None)),
        ("IW", "IW_GRDH_1S", (None, None)),
    ],
)
def test_only_an_slc_of_one_beam_geometry_has_a_resolution(
    tmp_path: Path, mode: str, code: str, resolution: tuple[int | None, int | None]
) -> None:
    text = manifest().replace("<s1:mode>IW", f"<s1:mode>{mode}")

    properties = item_of(tmp_path, text, name=NAME.replace("IW_GRDH_1S", code))["properties"]

    found = (properties.get("sar:resolution_range"), properties.get("sar:resolution_azimuth"))
    assert found == resolution


# --- Product types ---


@pytest.mark.parametrize(
    ("name", "collection"),
    [
        (NAME, "sentinel-1-grd"),
        (f"{NAME}_COG", "sentinel-1-grd"),
        (NAME.replace("S1A", "S1D"), "sentinel-1-grd"),
        (NAME.replace("S1A", "S1Z"), "sentinel-1-grd"),
        (NAME.replace("IW_GRDH_1S", "EW_GRDM_1A"), "sentinel-1-grd"),
        (NAME.replace("IW_GRDH_1S", "S6_GRDF_1S"), "sentinel-1-grd"),
        (NAME.replace("IW_GRDH_1S", "WV_GRDM_1A"), "sentinel-1-grd"),
        (NAME.replace("IW_GRDH_1S", "EW_SLC__1S"), "sentinel-1-slc"),
        (NAME.replace("IW_GRDH_1S", "S1_SLC__1A"), "sentinel-1-slc"),
        (NAME.replace("IW_GRDH_1S", "IW_SL1__1_"), "sentinel-1-slc"),
        (NAME.replace("IW_GRDH_1S", "WV_SLC__1S"), "sentinel-1-slc-wv"),
        (NAME.replace("IW_GRDH_1S", "WV_SL2__1_"), "sentinel-1-slc-wv"),
        (NAME.replace("IW_GRDH_1S", "IW_RAW__0S"), "sentinel-1-raw"),
        (NAME.replace("IW_GRDH_1S", "EW_RAW__0C"), "sentinel-1-raw"),
        (NAME.replace("IW_GRDH_1S", "WV_RAW__0A"), "sentinel-1-raw"),
        (NAME.replace("IW_GRDH_1S", "N3_RAW__0S"), "sentinel-1-raw"),
        (NAME.replace("IW_GRDH_1S", "EN_RAW__0S"), "sentinel-1-raw"),
        (NAME.replace("IW_GRDH_1S", "RF_RAW__0N"), "sentinel-1-raw"),
        (NAME.replace("IW_GRDH_1S", "IW_OCN__2S"), "sentinel-1-ocn"),
        (NAME.replace("IW_GRDH_1S", "WV_OCN__2A"), "sentinel-1-ocn"),
    ],
)
def test_the_name_chooses_the_collection(name: str, collection: str) -> None:
    assert product_type(name).collection == collection


@pytest.mark.parametrize(
    "name",
    [
        "S1A_HK_RAW__0____20191203T051837_20191203T051842_030187_0372F4_4C5D",
        "S1A_GP_RAW__0____20191203T051837_20191203T051842_030187_0372F4_4C5D",
        "S1A_IW_ETA__AXDV_20230806T211729_20230806T211757_049760_05FBCB_9DD6",
        NAME.replace("GRDH_1", "GRDH_2"),
    ],
)
def test_other_types_wait_for_their_turn(tmp_path: Path, name: str) -> None:
    with pytest.raises(ProductError) as refused:
        item_of(tmp_path, manifest(), name=name)

    assert refused.value.reason is Reason.UNSUPPORTED_TYPE


# --- Footprint ---


def test_a_footprint_keeps_the_manifests_digits_and_turns_counter_clockwise(
    tmp_path: Path,
) -> None:
    item = item_of(tmp_path, manifest())

    assert item["geometry"] == {
        "type": "Polygon",
        "coordinates": [
            [
                [-32.442257, -6.759333],
                [-32.114895, -5.248549],
                [-34.356384, -4.751614],
                [-34.688545, -6.257387],
                [-32.442257, -6.759333],
            ]
        ],
    }
    assert item["bbox"] == [-34.688545, -6.759333, -32.114895, -4.751614]


def test_a_footprint_across_the_antimeridian_is_cut_in_two(tmp_path: Path) -> None:
    item = item_of(tmp_path, manifest(frames=("-17,179 -16.5,-178.7 -15,-179 -15.5,178.7",)))

    west, east = shape(item["geometry"]).geoms
    assert (west.bounds[2], east.bounds[0]) in {(180, -180), (-178.7, 178.7)}
    assert item["bbox"] == [178.7, -17.0, -178.7, -15.0]


def test_each_image_of_wave_mode_is_a_polygon_of_its_own(tmp_path: Path) -> None:
    frames = (
        "10,179.5 10,179.7 10.2,179.7 10.2,179.5",
        "11,-179.9 11,179.9 11.2,179.9 11.2,-179.9",
        "12,-179.5 12,-179.3 12.2,-179.3 12.2,-179.5",
        "13,178.5 13,178.7 13.2,178.7 13.2,178.5",
    )

    item = item_of(tmp_path, manifest(frames=frames))

    assert item["geometry"]["type"] == "MultiPolygon"
    assert len(item["geometry"]["coordinates"]) == 5
    assert item["bbox"] == [178.5, 10.0, -179.3, 13.2]


def test_overlapping_frames_become_one_shape(tmp_path: Path) -> None:
    item = item_of(tmp_path, manifest(frames=("0,0 0,2 2,2 2,0", "1,1 1,3 3,3 3,1")))

    assert item["geometry"]["type"] == "Polygon"
    assert shape(item["geometry"]).area == pytest.approx(7)


def test_corners_in_the_wrong_order_still_cover_their_place(tmp_path: Path) -> None:
    item = item_of(tmp_path, manifest(frames=("0,0 2,2 2,0 0,2",)))

    assert shape(item["geometry"]).is_valid
    assert item["bbox"] == [0.0, 0.0, 2.0, 2.0]


def test_level_0_of_wave_mode_is_a_track(tmp_path: Path) -> None:
    item = item_of(tmp_path, manifest(frames=("-62.2900,108.5909 -65.5655,105.8055",)))

    assert item["geometry"] == {
        "type": "LineString",
        "coordinates": [[108.5909, -62.29], [105.8055, -65.5655]],
    }
    assert item["bbox"] == [105.8055, -65.5655, 108.5909, -62.29]


def test_a_track_across_the_antimeridian_is_cut_in_two(tmp_path: Path) -> None:
    item = item_of(tmp_path, manifest(frames=("0,179 0,-179",)))

    assert item["geometry"] == {
        "type": "MultiLineString",
        "coordinates": [[[179.0, 0.0], [180.0, 0.0]], [[-180.0, 0.0], [-179.0, 0.0]]],
    }
    assert item["bbox"] == [179.0, 0.0, -179.0, 0.0]


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ((), Reason.NO_FOOTPRINT),
        (("",), Reason.NO_FOOTPRINT),
        (("0,0 1,1 2,2 3,3",), Reason.INVALID_FOOTPRINT),
        (("0,0 0,400 1,400 1,0",), Reason.INVALID_FOOTPRINT),
        (("0,170 0,-170 0,-175 0,175",), Reason.INVALID_FOOTPRINT),
        (("nan,0 0,1 1,1 1,0",), Reason.INVALID_FOOTPRINT),
        (("5,5",), Reason.INVALID_FOOTPRINT),
        (("5,5 5,5",), Reason.INVALID_FOOTPRINT),
        (("95,5 5,5",), Reason.INVALID_FOOTPRINT),
        (("0 0 1 1",), Reason.METADATA_INVALID),
        (("a,b c,d e,f",), Reason.METADATA_INVALID),
    ],
)
def test_what_is_not_a_place_on_earth_is_refused(
    tmp_path: Path, frames: tuple[str, ...], reason: Reason
) -> None:
    assert refusal(tmp_path, manifest(frames=frames)).reason is reason


# --- Assets ---


def test_assets_follow_polarisation_then_kind(tmp_path: Path) -> None:
    assets = item_of(tmp_path, manifest(listed=GRD_FILES))["assets"]

    assert list(assets) == [
        "safe_manifest",
        "thumbnail",
        "schema-product-vv",
        "schema-calibration-vv",
        "schema-noise-vv",
        "schema-rfi-vv",
        "vv",
        "schema-product-vh",
        "vh",
    ]


def test_a_measurement_says_what_it_is_and_where(tmp_path: Path) -> None:
    files = product(tmp_path, manifest(listed=GRD_FILES), **{f"annotation/{VV}.xml": ANNOTATION})

    assert create_item(files)["assets"]["vh"] == {
        "type": "image/tiff; application=geotiff",
        "title": "VH: Vertical transmit, horizontal receive",
        "description": "Amplitude of vertically polarized signal received horizontally.",
        "roles": ["data"],
        "data_type": "uint16",
        "nodata": 0,
        "proj:shape": [16831, 25459],
        "sar:polarizations": ["VH"],
        "href": f"measurement/{VH}.tiff",
        "file:size": 100,
        "file:checksum": "d50110c6f71870fcd0911cda93d7284bac4f35",
        "file:local_path": f"{NAME}.SAFE/measurement/{VH}.tiff",
    }


def test_an_slc_image_has_a_beam_and_a_geometry_of_its_own(tmp_path: Path) -> None:
    stem = "s1a-iw1-slc-vv-20220621t075323-20220621t075348-043758-053961-004"
    listed = (f"annotation/{stem}.xml", f"measurement/{stem}.tiff")
    files = product(
        tmp_path,
        manifest(listed=listed),
        name=NAME.replace("GRDH", "SLC_"),
        **{f"annotation/{stem}.xml": ANNOTATION},
    )

    item = create_item(files)

    assert item["assets"]["schema-product-iw1-vv"]["roles"] == ["metadata", "iw1"]
    assert item["assets"]["iw1-vv"] == {
        "type": "image/tiff; application=geotiff",
        "title": "VV: Vertical transmit, vertical receive",
        "description": "Amplitude and phase of vertically polarized signal received vertically.",
        "roles": ["data", "iw1"],
        "data_type": "cint16",
        "proj:shape": [16831, 25459],
        "sar:polarizations": ["VV"],
        "sar:looks_range": 5,
        "sar:looks_azimuth": 1,
        "sar:pixel_spacing_range": 10.0,
        "sar:pixel_spacing_azimuth": 12.0,
        "view:incidence_angle": 38.92792326042692,
        "view:azimuth": pytest.approx(191.9942732277824),
        "href": f"measurement/{stem}.tiff",
        "file:size": 100,
        "file:checksum": "d50110c6f71870fcd0911cda93d7284bac4f35",
        "file:local_path": f"{files.root}/measurement/{stem}.tiff",
    }
    assert "view:incidence_angle" not in item["properties"]


TIMES = "20220621t075323-20220621t075348-043758-053961"


@pytest.mark.parametrize(
    ("path", "key", "media_type"),
    [
        (
            f"measurement/{VV}-cog.tiff",
            "vv",
            "image/tiff; application=geotiff; profile=cloud-optimized",
        ),
        (f"annotation/{VV}-cog.xml", "schema-product-vv", "application/xml"),
        (f"measurement/s1c-s3-grd-hh-{TIMES}-001.tiff", "hh", "image/tiff; application=geotiff"),
        (f"measurement/s1a-s3-slc-hh-{TIMES}-001.tiff", "s3-hh", "image/tiff; application=geotiff"),
        (
            f"measurement/s1a-wv1-slc-vv-{TIMES}-003.tiff",
            "wv1-vv-003",
            "image/tiff; application=geotiff",
        ),
        (f"measurement/s1a-wv2-ocn-hh-{TIMES}-002.nc", "wv2-hh-002", "application/netcdf"),
        (f"measurement/s1a-iw-ocn-vv-{TIMES}-001.nc", "vv", "application/netcdf"),
        (f"s1a-iw-raw-s-vh-{TIMES}.dat", "vh", "application/octet-stream"),
        (f"s1a-iw-raw-s-vh-{TIMES}-annot.dat", "annotation-vh", "application/octet-stream"),
        (f"s1a-iw-raw-s-vh-{TIMES}-index.dat", "index-vh", "application/octet-stream"),
    ],
)
def test_a_file_name_gives_key_and_media_type(
    tmp_path: Path, path: str, key: str, media_type: str
) -> None:
    assets = item_of(tmp_path, manifest(listed=(path,)))["assets"]

    assert list(assets) == ["safe_manifest", key]
    assert assets[key]["type"] == media_type


def test_two_files_of_one_key_are_both_kept(tmp_path: Path) -> None:
    listed = tuple(f"measurement/s1a-iw-ocn-vv-{TIMES}-{n}.nc" for n in ("001", "002"))

    assets = item_of(tmp_path, manifest(listed=listed))["assets"]

    assert {assets["vv"]["href"], assets["vv-002"]["href"]} == set(listed)


def test_a_thumbnail_is_preferred_to_the_quick_look(tmp_path: Path) -> None:
    files = product(tmp_path, manifest(listed=GRD_FILES), **{"preview/thumbnail.png": "PNG"})

    assert create_item(files)["assets"]["thumbnail"] == {
        "type": "image/png",
        "title": "Thumbnail",
        "roles": ["thumbnail"],
        "href": "preview/thumbnail.png",
        "file:size": 3,
        "file:local_path": f"{NAME}.SAFE/preview/thumbnail.png",
    }


def test_files_renamed_on_aws_are_found_under_their_new_names(tmp_path: Path) -> None:
    names = {f"annotation/{VV}.xml": "annotation/iw-vv.xml"}
    files = product(
        tmp_path,
        manifest(listed=GRD_FILES),
        **{"productInfo.json": json.dumps({"filenameMap": names})},
        **{"annotation/iw-vv.xml": ANNOTATION},
    )

    item = create_item(files)

    assert item["assets"]["schema-product-vv"]["href"] == "annotation/iw-vv.xml"
    assert item["properties"]["sar:pixel_spacing_range"] == 10.0


# --- Refusals ---


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        ("<s:startTime>2022-06-21T07:53:23.364527</s:startTime>", "", "startTime"),
        ("2022-06-21T07:53:23.364527", "yesterday", "startTime is 'yesterday'"),
        ("2022-06-21T09:50:58.511926", "soon", "processing/@start is 'soon'"),
        (">264<", ">many<", "cycleNumber is 'many'"),
        (">true<", ">perhaps<", "sliceProductFlag is 'perhaps'"),
        ("DESCENDING", "sideways", "sideways"),
        ("<s:number>A</s:number>", "", "platform/number"),
        ("</xfdu:XFDU>", "", "manifest.safe is not readable XML"),
    ],
)
def test_an_unreadable_manifest_says_what_is_wrong(
    tmp_path: Path, old: str, new: str, detail: str
) -> None:
    assert old in manifest()

    refused = refusal(tmp_path, manifest().replace(old, new))

    assert refused.reason is Reason.METADATA_INVALID
    assert detail in refused.detail


@pytest.mark.parametrize("annotation", ["", "<product>", "<product/>", "not XML"])
def test_an_unreadable_annotation_is_refused(tmp_path: Path, annotation: str) -> None:
    files = product(tmp_path, manifest(listed=GRD_FILES), **{f"annotation/{VV}.xml": annotation})

    with pytest.raises(ProductError, match=re.escape(VV)) as refused:
        create_item(files)

    assert refused.value.reason is Reason.METADATA_INVALID


@pytest.mark.parametrize("info", ["{", "[]", '{"filenameMap": []}'])
def test_an_unreadable_list_of_names_is_refused(tmp_path: Path, info: str) -> None:
    files = product(tmp_path, manifest(), **{"productInfo.json": info})

    with pytest.raises(ProductError, match=r"productInfo\.json") as refused:
        create_item(files)

    assert refused.value.reason is Reason.METADATA_INVALID


def test_a_product_without_a_manifest_is_incomplete(tmp_path: Path) -> None:
    (tmp_path / f"{NAME}.SAFE").mkdir()

    with pytest.raises(ProductError) as refused:
        create_item(FolderFiles(tmp_path / f"{NAME}.SAFE"))

    assert refused.value.reason is Reason.METADATA_MISSING


# --- Real products: each is in the corpus for the reason given ---

CORPUS = {
    "S1A_EW_GRDM_1SDH_20221130T014342_20221130T014446_046117_058549_BB15": "sentinel-1-grd",  # AWS
    "S1A_EW_RAW__0CDV_20180227T144704_20180227T144706_020793_023A68_401B.SAFE": "sentinel-1-raw",
    "S1A_IW_GRDH_1ADV_20180227T145413_20180227T145438_020794_023A69_632A.SAFE": "sentinel-1-grd",
    "S1A_IW_GRDH_1SDV_20180227T145344_20180227T145413_020794_023A69_C0B5.SAFE": "sentinel-1-grd",
    "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.SAFE": "sentinel-1-grd",
    "S1A_IW_GRDH_1SDV_20220621T075323_20220621T075348_043758_053961_0000.SAFE": "sentinel-1-grd",
    "S1A_IW_RAW__0ADV_20171213T121123_20171213T121947_019684_021735_51B1.SAFE": "sentinel-1-raw",
    "S1A_IW_RAW__0SVH_20200120T124746_20200120T125111_030884_038B5E_9470.SAFE": "sentinel-1-raw",
    "S1A_IW_SL1__1_SH_20141031T095929_20141031T100002_003072_003842_91FC.SAFE": "sentinel-1-slc",
    "S1A_IW_SLC__1SDH_20220414T102209_20220414T102236_042768_051AA4_E677.SAFE": "sentinel-1-slc",
    "S1A_S3_SLC__1SDV_20210401T152855_20210401T152914_037258_04638E_6001.SAFE": "sentinel-1-slc",
    "S1A_S6_SLC__1SDV_20210402T115512_20210402T115535_037271_046407_39FD.SAFE": "sentinel-1-slc",
    "S1A_WV_GRDM_1ASV_20180913T214338_20180913T214410_023685_0294F4_70D1.SAFE": "sentinel-1-grd",
    "S1A_WV_OCN__2ASV_20190518T160559_20190518T161434_027284_0313A0_2960.SAFE": "sentinel-1-ocn",
    "S1A_WV_RAW__0SSV_20180913T214325_20180913T214422_023685_0294F4_41D5.SAFE": "sentinel-1-raw",
    "S1B_IW_RAW__0SDV_20171213T121623_20171213T121656_019684_021735_C6DS.SAFE": "sentinel-1-raw",
    "S1B_IW_SLC__1SDV_20210401T052622_20210401T052650_026269_032297_EFA4.SAFE": "sentinel-1-slc",
    "S1B_WV_OCN__2SSH_20170702T130912_20170702T133355_006309_00B17D_3B01.SAFE": "sentinel-1-ocn",
    "S1B_WV_RAW__0ASV_20181001T115404_20181001T115416_012958_017EEF_95EE.SAFE": "sentinel-1-raw",
    "S1B_WV_SLC__1SSH_20170702T130912_20170702T133355_006309_00B17D_BC10.SAFE": "sentinel-1-slc-wv",
    "S1B_WV_SLC__1SSV_20210403T083025_20210403T084452_026300_032390_D542.SAFE": "sentinel-1-slc-wv",
}
# Their tests are in test_sentinel1_aux.py.
ELSEWHERE = (
    "S1A_20200103_17RMJ_ASC",
    "S1B_20161121_12SYJ_ASC",
    "S1A_AUX_CAL_V20171017T080000_G20171013T101200.SAFE",
    "S1__AUX_ICE_V20160501T120000_G20160502T043607.SAFE",
    "S1__AUX_TEC_V20190805T000000_20190805T235959_G20200210T102615.SAFE",
    "S1__AUX_TRO_V20190805T180000_20190805T235959_G20200518T084534.SAFE",
    "S1__AUX_WAV_V20110801T000000_G20111026T141850.SAFE",
)
EXAMPLES = (
    ("grd", "S1A_EW_GRDM_1SDH_20221130T014342_20221130T014446_046117_058549"),
    ("grd", "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13"),
    ("slc", "S1A_IW_SL1__1_SH_20141031T095929_20141031T100002_003072_003842"),
)
# Attribute of the reference extraction -> where the Item has it.
ATTRIBUTES = {
    "beginningDateTime": "start_datetime",
    "endingDateTime": "end_datetime",
    "cycleNumber": "sat:orbit_cycle",
    "orbitNumber": "sat:absolute_orbit",
    "relativeOrbitNumber": "sat:relative_orbit",
    "platformIdentifier": "sat:platform_international_designator",
    "operationalMode": "sar:instrument_mode",
    "instrumentConfigurationID": "eopf:instrument_configuration_id",
    "processingCenter": "processing:facility",
    "processingDate": "processing:datetime",
    "processingName": "processing:lineage",
    "productType": "product:type",
    "timeliness": "product:timeliness_category",
    "startTimeFromAscendingNode": "swath:startTimeFromAscendingNode",
    "completionTimeFromAscendingNode": "swath:completionTimeFromAscendingNode",
    "lastOrbitNumber": "swath:lastOrbitNumber",
    "lastRelativeOrbitNumber": "swath:lastRelativeOrbitNumber",
    "productClass": "swath:productClass",
    "productComposition": "swath:productComposition",
    "segmentStartTime": "swath:segmentStartTime",
    "sliceNumber": "swath:sliceNumber",
    "swathIdentifier": "swath:swathIdentifier",
    "totalSlices": "swath:totalSlices",
}


def real_item(shared_data: Path, name: str) -> Item:
    return create_item(FolderFiles(shared_data / "products" / "sentinel-1" / name))


def test_the_corpus_is_all_there_is(shared_data: Path) -> None:
    folders = {f.name for f in (shared_data / "products" / "sentinel-1").glob("S1*")}

    assert folders == {*CORPUS, *ELSEWHERE}


@pytest.mark.parametrize("name", CORPUS)
def test_a_real_product_makes_a_valid_item(shared_data: Path, name: str) -> None:
    item = real_item(shared_data, name)

    assert item["collection"] == CORPUS[name]
    assert item["id"] == name.removesuffix(".SAFE")
    validate_item(item, shared_data / "schemas")


@pytest.mark.parametrize(("kind", "name"), EXAMPLES)
def test_a_real_product_is_where_and_when_stactools_says(
    shared_data: Path, kind: str, name: str
) -> None:
    folder = shared_data / "expected" / "sentinel-1" / "stactools" / "examples" / kind / name
    expected = json.loads((folder / f"{name}.json").read_text())

    item = real_item(shared_data, next(n for n in CORPUS if n.startswith(name)))

    ours, theirs = shape(item["geometry"]), shape(expected["geometry"])
    assert ours.intersection(theirs).area / ours.union(theirs).area >= 0.99
    for field in (
        "start_datetime",
        "end_datetime",
        "platform",
        "constellation",
        "sat:absolute_orbit",
        "sat:relative_orbit",
        "sat:orbit_state",
        "sar:polarizations",
        "sar:instrument_mode",
    ):
        assert item["properties"][field] == expected["properties"][field], field


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8.SAFE", 10),
        ("S1A_EW_GRDM_1SDH_20221130T014342_20221130T014446_046117_058549_BB15", 40),
    ],
)
def test_a_real_grd_tells_its_pixel_spacing(shared_data: Path, name: str, expected: int) -> None:
    properties = real_item(shared_data, name)["properties"]

    assert properties["sar:pixel_spacing_range"] == expected
    assert properties["sar:pixel_spacing_azimuth"] == expected


def test_a_real_product_has_every_reference_attribute(shared_data: Path) -> None:
    name = "S1A_IW_GRDH_1SDV_20220621T075323_20220621T075348_043758_053961_0000.SAFE"
    reference = json.loads((shared_data / "expected/odata-attributes" / f"{name}.json").read_text())
    expected = {a: value["Value"] for a, value in reference.items()}

    properties = real_item(shared_data, name)["properties"]

    assert {a: properties[field] for a, field in ATTRIBUTES.items()} == {
        a: expected[a] for a in ATTRIBUTES
    }
    assert from_item(properties) == {a: str(expected[a]) for a in from_item(properties)}
    elsewhere = {"Collection", "coordinates", "filename", "filepath", "identifier"}
    assert set(expected) == {*ATTRIBUTES, *from_item(properties), *elsewhere}


def from_item(properties: dict[str, Any]) -> dict[str, str]:
    """The attributes that the Item writes in STAC's way."""
    (software,) = properties["processing:software"].items()
    return {
        "datatakeID": properties["eopf:datatake_id"],
        "instrumentShortName": properties["instruments"][0].upper(),
        "orbitDirection": properties["sat:orbit_state"].upper(),
        "platformSerialIdentifier": properties["platform"][-1].upper(),
        "platformShortName": properties["constellation"].upper(),
        "polarisationChannels": ", ".join(properties["sar:polarizations"]),
        "processorName": software[0],
        "processorVersion": software[1],
        "sliceProductFlag": str(properties["swath:sliceProductFlag"]).upper(),
    }


@pytest.mark.parametrize(
    "example",
    [
        ("sentinel-1-slc", "S1A_IW_SLC__1SDV_20250104T000000_20250104T000027_057287_070C52_C1A6"),
        (
            "sentinel-1-slc-wv",
            "S1A_WV_SLC__1SSV_20221101T034802_20221101T035539_045695_057704_0FB9",
        ),
    ],
    ids=lambda example: example[0],
)
def test_properties_have_the_names_of_the_data_space(
    shared_data: Path, example: tuple[str, str]
) -> None:
    collection, name = example
    folder = shared_data / "expected" / "sentinel-1" / "cdse-examples" / collection
    theirs = set(json.loads((folder / f"{name}.json").read_text())["properties"])
    product = next(n for n, c in CORPUS.items() if c == collection and "_91FC" not in n)

    ours = set(real_item(shared_data, product)["properties"])

    of_ingest = {"auth:schemes", "storage:schemes", "created", "updated", "published", "expires"}
    assert theirs - ours == {*of_ingest, "eopf:origin_datetime"}
    more = {name for name in ours - theirs if not name.startswith("swath:")}
    assert more == {"sar:observation_direction", "processing:lineage", "proj:code"}
