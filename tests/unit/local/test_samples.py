"""Sample products: the same for the same seed, true to their manifests, read as what they are."""

import binascii
import hashlib
import io
import math
import re
import tarfile
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import shapely
from lxml import etree
from PIL import Image
from shapely.affinity import translate
from shapely.geometry import shape

from swath.domain.item import timestamp
from swath.domain.naming import Mission, mission_of, without_extension
from swath.extractors.sentinel1.item import create_item as create_sentinel1_item
from swath.extractors.sentinel2.item import create_item as create_sentinel2_item
from swath.formats.archive import open_object
from swath.formats.bytesource import FileBytes
from swath.formats.directory import DirectoryFiles, open_folder
from swath.formats.utm import from_utm, to_utm
from swath.local.samples import write_samples
from swath.local.samples.orbit import (
    Position,
    arc_right_of_track,
    beside_track,
    ground_angle,
    is_ascending,
    passes_over,
)
from swath.local.samples.sample import Facts, Sample
from swath.local.samples.satellites import (
    SENTINEL_1,
    SENTINEL_1_ORBIT,
    SENTINEL_2,
    SENTINEL_2_ORBIT,
)
from swath.local.samples.sun import sun_at
from swath.local.samples.tiles import tile_at
from swath.local.samples.writer import Layout, draw_samples

MISSIONS = [Mission.SENTINEL_1, Mission.SENTINEL_2]
EXTRACTORS = {
    Mission.SENTINEL_1: create_sentinel1_item,
    Mission.SENTINEL_2: create_sentinel2_item,
}
NAMES = {
    Mission.SENTINEL_1: r"S1[ACD]_(IW|EW|S[1-6]|WV)_(GRDH|GRDM|SLC_|RAW_|OCN_)_[012]S(SV|SH|DV|DH)"
    r"_\d{8}T\d{6}_\d{8}T\d{6}_\d{6}_[0-9A-F]{6}_[0-9A-F]{4}",
    Mission.SENTINEL_2: r"S2[ABC]_MSIL(1C|2A)_\d{8}T\d{6}_N05(10|11)_R\d{3}_T\d{2}[C-X][A-Z]{2}"
    r"_\d{8}T\d{6}",
}
DIGESTS = {"MD5": hashlib.md5, "SHA3-256": hashlib.sha3_256}
KINDS = {
    "sentinel-1-grd", "sentinel-1-slc", "sentinel-1-slc-wv", "sentinel-1-raw", "sentinel-1-ocn",
    "sentinel-2-l1c", "sentinel-2-l2a",
}  # fmt: skip


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return list(draw_samples(count=400, missions=MISSIONS, seed=7))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# Writing


@pytest.mark.parametrize("layout", ["zip", "directory", "mixed"])
def test_same_seed_gives_same_bytes(tmp_path: Path, layout: Layout) -> None:
    written = [
        list(write_samples(folder, count=18, missions=MISSIONS, seed=11, layout=layout))
        for folder in (tmp_path / "one", tmp_path / "two")
    ]

    assert [p.name for p in written[0]] == [p.name for p in written[1]]
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_other_seed_gives_other_products() -> None:
    names = [
        {s.name for s in draw_samples(count=30, missions=MISSIONS, seed=seed)} for seed in (1, 2)
    ]

    assert not names[0] & names[1]


def test_fewer_are_the_first_of_more() -> None:
    few = [s.name for s in draw_samples(count=5, missions=MISSIONS, seed=4)]
    many = [s.name for s in draw_samples(count=20, missions=MISSIONS, seed=4)]

    assert many[:5] == few


def test_each_path_is_yielded_when_it_is_complete(tmp_path: Path) -> None:
    for path in write_samples(tmp_path, count=9, missions=MISSIONS, seed=2, layout="directory"):
        assert (path / "manifest.safe").is_file()
        assert {p.name for p in tmp_path.iterdir()} >= {path.name}


def test_manifest_is_the_last_file(samples: list[Sample]) -> None:
    assert {list(sample.files)[-1] for sample in samples} == {"manifest.safe"}


def test_mixed_layout_holds_every_kind_of_container(tmp_path: Path) -> None:
    paths = list(write_samples(tmp_path, count=18, missions=MISSIONS, seed=3, layout="mixed"))

    assert {path.name.partition(".SAFE")[2] for path in paths} == {"", ".zip", ".tar", ".tar.gz"}
    for path in paths:
        if path.suffix == ".zip":
            assert zipfile.ZipFile(path).testzip() is None
        elif path.is_file():
            with tarfile.open(path) as archive:
                assert archive.getnames()[-1].endswith("/manifest.safe")


def test_names_are_unique(samples: list[Sample]) -> None:
    assert len({sample.name for sample in samples}) == len(samples)


# What a product holds


def test_names_follow_the_missions_conventions(samples: list[Sample]) -> None:
    for sample in samples:
        assert mission_of(sample.name) is sample.mission
        assert without_extension(f"{sample.name}.SAFE.zip") == sample.name
        assert re.fullmatch(NAMES[sample.mission], sample.name)


def test_every_kind_of_product_is_sampled(samples: list[Sample]) -> None:
    assert {sample.facts.collection for sample in samples} == KINDS


def test_manifests_tell_true_sizes_and_checksums(samples: list[Sample]) -> None:
    for sample in samples:
        listed = set()
        manifest: Any = etree.fromstring(sample.files["manifest.safe"])
        for stream in manifest.iter("byteStream"):
            path = stream.find("fileLocation").get("href").removeprefix("./")
            checksum, content = stream.find("checksum"), sample.files[path]
            assert int(stream.get("size")) == len(content)
            assert DIGESTS[checksum.get("checksumName")](content).hexdigest() == checksum.text
            listed.add(path)

        # A manifest cannot list itself; quicklooks of Sentinel-2 are added by distributors.
        unlisted = sample.files.keys() - listed
        assert unlisted <= {"manifest.safe", f"{sample.name}-ql.jpg"}


def test_sentinel1_name_ends_with_the_manifests_crc(samples: list[Sample]) -> None:
    for sample in samples:
        if sample.mission is Mission.SENTINEL_1:
            crc = binascii.crc_hqx(sample.files["manifest.safe"], 0xFFFF)
            assert sample.name.endswith(f"_{crc:04X}")


def test_metadata_are_well_formed(samples: list[Sample]) -> None:
    for sample in samples[:100]:
        for path, content in sample.files.items():
            if path.endswith((".xml", ".safe", ".kml")):
                etree.fromstring(content)
                assert b"$" not in content


def test_images_can_be_opened(samples: list[Sample]) -> None:
    for sample in samples[:20]:
        for path, content in sample.files.items():
            if path.endswith((".jpg", ".png", ".jp2")):
                with Image.open(io.BytesIO(content)) as image:
                    image.load()
            elif path.endswith(".tiff"):
                assert content[:4] == b"II*\0"


def test_products_are_small(samples: list[Sample]) -> None:
    sizes = [sum(map(len, sample.files.values())) for sample in samples]

    assert max(sizes) < 200_000
    assert sum(sizes) / len(sizes) < 100_000


# Where and when


def test_samples_spread_over_three_years_and_the_world(samples: list[Sample]) -> None:
    starts = sorted(sample.facts.start for sample in samples)
    places = [ring[0] for sample in samples for ring in sample.facts.rings]

    assert timedelta(days=1000) < starts[-1] - starts[0] < timedelta(days=3 * 366)
    assert len({(lon // 60, lat // 30) for lon, lat in places}) > 25
    assert min(lat for _, lat in places) < -70
    assert max(lat for _, lat in places) > 80
    assert sum(any(_crosses(r) for r in s.facts.rings) for s in samples) > 5


def test_units_are_sampled_while_in_service(samples: list[Sample]) -> None:
    units = Counter(sample.name[:3] for sample in samples)

    assert set(units) == {"S1A", "S1C", "S1D", "S2A", "S2B", "S2C"}
    for sample in samples:
        if sample.name.startswith("S2C"):
            assert sample.facts.start > datetime(2025, 1, 21, tzinfo=UTC)


def test_orbit_numbers_agree_with_each_other_and_with_the_time(samples: list[Sample]) -> None:
    crafts = {f"S1{craft.letter}": craft for craft in SENTINEL_1}
    crafts |= {f"S2{craft.letter}": craft for craft in SENTINEL_2}
    for sample in samples:
        craft, facts = crafts[sample.name[:3]], sample.facts
        after_node_s = (facts.start - craft.node_time(facts.absolute_orbit)).total_seconds()

        assert craft.relative_orbit(facts.absolute_orbit) == facts.relative_orbit
        assert 0 < after_node_s < craft.orbit.period_s
        assert is_ascending(craft.orbit, after_node_s) == facts.ascending


def test_sentinel1_frames_lie_to_the_right_of_the_track(samples: list[Sample]) -> None:
    crafts = {craft.letter: craft for craft in SENTINEL_1}
    for sample in samples:
        if sample.mission is not Mission.SENTINEL_1:
            continue
        node = crafts[sample.name[2]].node_time(sample.facts.absolute_orbit)
        first, last = (sample.facts.start - node), (sample.facts.stop - node)
        middle = (first + last).total_seconds() / 2

        for ring in sample.facts.rings:
            for corner in ring:
                arc = arc_right_of_track(
                    SENTINEL_1_ORBIT, sample.facts.relative_orbit, middle, corner
                )
                assert 1.5 < arc < 6.5  # 170 to 720 km


def test_sentinel2_footprints_lie_in_their_tile_and_swath(samples: list[Sample]) -> None:
    crafts = {craft.letter: craft for craft in SENTINEL_2}
    for sample in samples:
        if sample.mission is not Mission.SENTINEL_2:
            continue
        facts, granule = sample.facts, _granule(sample)
        moment = datetime.fromisoformat(str(granule.findtext(".//SENSING_TIME")))
        node = crafts[sample.name[2]].node_time(facts.absolute_orbit)
        left, top = (float(str(granule.findtext(f".//{corner}"))) for corner in ("ULX", "ULY"))
        code = str(granule.findtext(".//HORIZONTAL_CS_CODE"))

        assert code == f"EPSG:{facts.epsg}"
        assert str(facts.tile) in str(granule.findtext(".//TILE_ID"))
        assert int(code[-2:]) == int(str(facts.tile)[:2])
        for corner in facts.rings[0]:
            easting, northing = to_utm(*corner, int(code[-2:]), south=code.startswith("EPSG:327"))
            assert -0.01 < easting - left < 109_800.01
            assert -0.01 < top - northing < 109_800.01
            arc = arc_right_of_track(
                SENTINEL_2_ORBIT, facts.relative_orbit, (moment - node).total_seconds(), corner
            )
            assert abs(arc) < 1.5  # 148 km, and the track's curve


def test_scene_classes_of_level_2a_make_a_whole(samples: list[Sample]) -> None:
    classes = ("DARK_FEATURES", "CLOUD_SHADOW", "VEGETATION", "NOT_VEGETATED", "WATER",
               "UNCLASSIFIED", "MEDIUM_PROBA_CLOUDS", "HIGH_PROBA_CLOUDS", "THIN_CIRRUS",
               "SNOW_ICE")  # fmt: skip
    for sample in samples:
        if sample.facts.collection == "sentinel-2-l2a":
            granule = _granule(sample)
            shares = [float(str(granule.findtext(f".//{c}_PERCENTAGE"))) for c in classes]
            assert sum(shares) == pytest.approx(100, abs=1e-4)
            assert sum(shares[6:9]) == pytest.approx(sample.facts.cloud_cover, abs=1e-5)


def _granule(sample: Sample) -> Any:
    path = next(path for path in sample.files if path.endswith("/MTD_TL.xml"))
    return etree.fromstring(sample.files[path])


# The models, against published products


def test_orbit_model_finds_a_published_scene() -> None:
    # S1A_IW_GRDH_1SDV_20220621T075323_20220621T075348_043758_053961
    craft = SENTINEL_1[0]
    node = craft.node_time(43758)
    start = datetime(2022, 6, 21, 7, 53, 23, 364527, tzinfo=UTC)
    near, far = (ground_angle(angle, SENTINEL_1_ORBIT.altitude_m) for angle in (30.7, 46.0))
    seconds = (start - node).total_seconds()

    corners = [
        beside_track(SENTINEL_1_ORBIT, 111, seconds + offset, angle)
        for offset, angle in ((25, near), (25, far), (0, far), (0, near))
    ]

    assert abs(node - datetime(2022, 6, 21, 7, 2, 27, 345621, tzinfo=UTC)) < timedelta(seconds=3)
    assert craft.relative_orbit(43758) == 111
    assert craft.cycle(43758) == 264
    published = [(-32.442257, -6.759333), (-34.688545, -6.257387), (-34.356384, -4.751614),
                 (-32.114895, -5.248549)]  # fmt: skip
    for mine, theirs in zip(corners, published, strict=True):
        assert mine == pytest.approx(theirs, abs=0.15)


@pytest.mark.parametrize(
    ("craft", "absolute", "relative"),
    [
        (SENTINEL_1[0], 57287, 165), (SENTINEL_1[1], 1628, 57), (SENTINEL_1[1], 7903, 32),
        (SENTINEL_1[2], 3223, 32), (SENTINEL_2[0], 44743, 130), (SENTINEL_2[0], 41826, 73),
        (SENTINEL_2[1], 26649, 25), (SENTINEL_2[2], 4011, 37),
    ],
)  # fmt: skip
def test_relative_orbits_of_published_products(craft: Any, absolute: int, relative: int) -> None:
    assert craft.relative_orbit(absolute) == relative


@pytest.mark.parametrize("place", [(10.0, 45.0), (-179.9, -17.0), (30.0, -35.0), (-60.0, 75.0)])
def test_passes_hold_the_place_they_were_sought_for(place: Position) -> None:
    passes = passes_over(SENTINEL_1_ORBIT, place, 3.0)

    assert [seen.ascending for seen in passes] == [True, False]
    for seen in passes:
        lon, lat = beside_track(SENTINEL_1_ORBIT, seen.relative_orbit, seen.after_node_s, 3.0)
        assert lat == pytest.approx(place[1], abs=1e-6)
        assert abs((lon - place[0] + 180) % 360 - 180) <= 360 / 175 / 2
        assert is_ascending(SENTINEL_1_ORBIT, seen.after_node_s) == seen.ascending


def test_orbits_on_track_are_in_service_and_in_time() -> None:
    craft = SENTINEL_2[2]
    since, until = datetime(2024, 6, 1, tzinfo=UTC), datetime(2025, 6, 1, tzinfo=UTC)

    orbits = craft.orbits_on_track(51, since, until)

    assert {craft.relative_orbit(orbit) for orbit in orbits} == {51}
    assert all(craft.active_from <= craft.node_time(orbit) <= until for orbit in orbits)
    assert len(orbits) == 13


# Corners as in the granule metadata of published products.
@pytest.mark.parametrize(
    ("tile", "epsg", "left_m", "top_m"),
    [
        ("46UEU", 32646, 499980, 5400000), ("31TDH", 32631, 399960, 4800000),
        ("33XWJ", 32633, 499980, 8900040), ("11SLT", 32611, 300000, 3800040),
        ("34VEL", 32634, 499980, 6600000), ("56JMM", 32756, 399960, 6700000),
        ("48LWP", 32748, 499980, 8900020), ("07HFE", 32707, 600000, 6500020),
        ("37MGS", 32737, 699960, 9700000), ("55JGF", 32755, 699960, 6600040),
        ("10SDG", 32610, 399960, 4200000),
    ],
)  # fmt: skip
def test_tiles_are_where_published_ones_are(tile: str, epsg: int, left_m: int, top_m: int) -> None:
    middle = from_utm(left_m + 50_040, top_m - 50_040, epsg % 100, south=epsg > 32700)

    found = tile_at(middle)

    assert (found.id, found.epsg, found.left_m, found.top_m) == (tile, epsg, left_m, top_m)


def test_utm_agrees_with_a_published_footprint() -> None:
    # T46UEU: north-western and south-eastern corner
    assert from_utm(499_980, 5_400_000, 46, south=False) == pytest.approx(
        (92.99972790410621, 48.7530130044756), abs=1e-8
    )
    assert from_utm(609_780, 5_290_200, 46, south=False) == pytest.approx(
        (94.46478686693989, 47.75581864580811), abs=1e-8
    )


@pytest.mark.parametrize(
    "place", [(92.2, 47.7), (-179.9, -17.3), (179.7, 66.6), (20.0, -77.0), (17.0, 83.5)]
)
def test_utm_there_and_back(place: Position) -> None:
    zone = int((place[0] + 180) // 6) + 1

    back = from_utm(*to_utm(*place, zone, south=place[1] < 0), zone, south=place[1] < 0)

    assert back == pytest.approx(place, abs=1e-8)


def test_sun_agrees_with_published_angles() -> None:
    # S2A_OPER_MSI_L1C_TL_2APS_20230216T063628_A039970_T46UEU_N05.09
    sun = sun_at(datetime(2023, 2, 16, 4, 55, 6, tzinfo=UTC), (93.75, 48.26))

    assert sun.zenith_deg == pytest.approx(62.327, abs=0.05)
    assert sun.azimuth_deg == pytest.approx(162.316, abs=0.05)


# Reading


@dataclass(frozen=True)
class Content:
    """A file of a sample, read by ranges."""

    files: Mapping[str, bytes]
    name: str

    @property
    def size(self) -> int:
        return len(self.files[self.name])

    def read(self, start: int, length: int) -> bytes:
        return self.files[self.name][start : start + length]


def test_every_sample_is_read_as_what_it_was_made_from(samples: list[Sample]) -> None:
    for sample in samples:
        sizes = {path: len(content) for path, content in sample.files.items()}
        files = DirectoryFiles(
            f"{sample.name}.SAFE",
            sizes,
            sample.files.__getitem__,
            partial(Content, sample.files),
        )

        item = EXTRACTORS[sample.mission](files)

        facts = sample.facts
        assert item["id"] == sample.name
        assert item["collection"] == facts.collection
        assert _told(item["properties"]) == _expected(facts), sample.name
        assert _overlap(shape(item["geometry"]), _footprint(facts.rings)) >= 0.99, sample.name
        assert {asset["href"] for asset in item["assets"].values()} <= set(sample.files)


def test_samples_are_read_from_every_container(tmp_path: Path) -> None:
    for path in write_samples(tmp_path, count=18, missions=MISSIONS, seed=5, layout="mixed"):
        files = open_folder(path) if path.is_dir() else open_object(FileBytes(path))
        mission = mission_of(path.name)
        assert mission is not None

        item = EXTRACTORS[mission](files)

        assert item["id"] == without_extension(path.name)


def _told(properties: dict[str, Any]) -> dict[str, Any]:
    names = ("start_datetime", "end_datetime", "platform", "sat:orbit_state", "sat:relative_orbit",
             "sat:absolute_orbit", "sat:orbit_cycle", "processing:datetime", "eo:cloud_cover",
             "grid:code", "proj:code", "sar:polarizations")  # fmt: skip
    return {name: value for name in names if (value := properties.get(name)) is not None}


def _expected(facts: Facts) -> dict[str, Any]:
    expected = {
        "start_datetime": timestamp(facts.start),
        "end_datetime": timestamp(facts.stop),
        "platform": facts.platform,
        "sat:orbit_state": "ascending" if facts.ascending else "descending",
        "sat:relative_orbit": facts.relative_orbit,
        "sat:absolute_orbit": facts.absolute_orbit,
        "sat:orbit_cycle": facts.cycle,
        "processing:datetime": timestamp(facts.processed),
        "eo:cloud_cover": facts.cloud_cover,
        "grid:code": facts.tile and f"MGRS-{facts.tile}",
        "proj:code": facts.epsg and f"EPSG:{facts.epsg}",
        "sar:polarizations": list(facts.polarisations) or None,
    }
    return {name: value for name, value in expected.items() if value is not None}


def _overlap(one: Any, other: Any) -> float:
    return float(one.intersection(other).area / one.union(other).area)


def _footprint(rings: Sequence[Sequence[Position]]) -> Any:
    """The frames, cut at the antimeridian where great circles between the corners cross it."""
    frames = [shapely.Polygon(_with_crossings(ring)) for ring in rings]
    world = shapely.box(-180, -90, 180, 90)
    turned = [translate(frame, turn) & world for frame in frames for turn in (-360, 0, 360)]
    return shapely.union_all(turned)


def _with_crossings(ring: Sequence[Position]) -> list[Position]:
    """The ring, open, without jumps of longitude, with a corner wherever it meets 180."""
    unrolled = [ring[0]]
    for lon, lat in [*(corner for corner in ring[1:] if corner != ring[0]), ring[0]]:
        before = unrolled[-1]
        after = (before[0] + (lon - before[0] + 180) % 360 - 180, lat)
        unrolled += [
            (line, _latitude_at(line, before, after))
            for line in (-180.0, 180.0)
            if (before[0] - line) * (after[0] - line) < 0
        ]
        unrolled.append(after)
    return unrolled[:-1]


def _latitude_at(line: float, one: Position, other: Position) -> float:
    """Where the great circle between two places meets a meridian."""
    (a, tan_one), (b, tan_other) = (
        (math.radians(lon - line), math.tan(math.radians(lat))) for lon, lat in (one, other)
    )
    return math.degrees(
        math.atan((tan_one * math.sin(b) - tan_other * math.sin(a)) / math.sin(b - a))
    )


def _crosses(ring: Sequence[Position]) -> bool:
    longitudes = [lon for lon, _ in ring]
    return max(map(abs, longitudes)) > 180 or any(
        abs(before - after) > 180 for before, after in pairwise(longitudes)
    )
