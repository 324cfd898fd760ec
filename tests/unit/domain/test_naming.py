import pytest

from swath.domain.naming import (
    Mission,
    Place,
    closes_directory,
    mission_of,
    place_of,
    product_uuid,
    without_extension,
)

GRD = "S1A_IW_GRDH_1SDV_20210809T173953_20210809T174018_039156_049F13_6FF8"
L2A = "S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126"


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        (GRD, GRD),
        (f"{GRD}.SAFE", GRD),
        (f"{GRD}.SAFE.zip", GRD),
        (f"{L2A}.zip", L2A),
        (f"{L2A}.tar.gz", L2A),
        (f"{L2A}.SAFE.TGZ", L2A),
        ("İstanbul.tif", "İstanbul"),
        ("S2A_OPER_MSI_L0__DS_SGS__20200420T205828_S20200322T173347_N02.08", None),
    ],
)
def test_extensions_are_stripped_and_dots_of_a_name_are_kept(name: str, bare: str | None) -> None:
    assert without_extension(name) == (bare or name)


@pytest.mark.parametrize(
    ("name", "mission"),
    [
        (GRD, Mission.SENTINEL_1),
        (
            "S1E_IW_GRDH_1SDV_20300101T000000_20300101T000025_000001_000001_ABCD.SAFE",
            Mission.SENTINEL_1,
        ),
        ("S1__AUX_WAV_V20110801T000000_G20111026T141850.SAFE", Mission.SENTINEL_1),
        (f"{L2A}.SAFE.zip", Mission.SENTINEL_2),
        ("holiday.zip", None),
        ("S1A", None),
        ("", None),
    ],
)
def test_a_name_tells_its_mission(name: str, mission: Mission | None) -> None:
    assert mission_of(name) == mission


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (f"{GRD}.zip", Place(f"{GRD}.zip", is_directory=False)),
        (f"in/2024/{GRD}.SAFE.zip", Place(f"in/2024/{GRD}.SAFE.zip", is_directory=False)),
        (f"{L2A}.SAFE/manifest.safe", Place(f"{L2A}.SAFE/", is_directory=True)),
        (f"a/{L2A}.SAFE/GRANULE/S2X_b/c.jp2", Place(f"a/{L2A}.SAFE/", is_directory=True)),
        (f"{GRD}/measurement/x.tiff", Place(f"{GRD}/", is_directory=True)),
        ("notes/readme.txt", Place("notes/readme.txt", is_directory=False)),
    ],
)
def test_an_object_belongs_to_the_outermost_product_folder(key: str, place: Place) -> None:
    assert place_of(key) == place


def test_a_manifest_closes_its_own_directory_and_no_other() -> None:
    assert closes_directory(f"x/{L2A}.SAFE/manifest.safe")
    assert closes_directory(f"{L2A}/_COMPLETE")
    assert not closes_directory(f"{L2A}.SAFE/GRANULE/manifest.safe")
    assert not closes_directory("manifest.safe")


def test_the_uuid_follows_from_the_name_alone() -> None:
    assert product_uuid(f"{GRD}.SAFE.zip") == product_uuid(GRD)
    assert product_uuid(GRD) != product_uuid(L2A)
    assert product_uuid(GRD).version == 5
