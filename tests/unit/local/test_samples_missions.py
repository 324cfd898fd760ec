"""Samples of Sentinel-3, Sentinel-5P, the Copernicus DEM and contributing missions: read as what
they were made from.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from lxml import etree
from shapely.geometry import shape

from swath.domain.item import Item, timestamp
from swath.domain.naming import Mission, mission_of, without_extension
from swath.extractors import extract
from swath.formats.archive import open_object
from swath.formats.bytesource import FileBytes
from swath.formats.directory import open_folder
from swath.local.samples import write_samples
from swath.local.samples.ccm import draw_scene
from swath.local.samples.orbit import arc_right_of_track, beside_track
from swath.local.samples.sample import Sample
from swath.local.samples.satellites import SENTINEL_3, SENTINEL_5P, SENTINEL_5P_ORBIT
from swath.local.samples.sentinel3 import KINDS as SENTINEL_3_KINDS
from swath.local.samples.sentinel3 import OLCI
from swath.local.samples.sentinel5p import KINDS as SENTINEL_5P_KINDS
from swath.local.samples.writer import draw_samples
from tests.validation import validate_item

MISSIONS = (Mission.SENTINEL_3, Mission.SENTINEL_5P, Mission.COP_DEM, Mission.CCM)
COUNT = 30


def drawn(mission: Mission, count: int = 60) -> list[Sample]:
    return list(draw_samples(count=count, missions=[mission], seed=7))


def read(path: Path) -> Item:
    return extract(open_folder(path) if path.is_dir() else open_object(FileBytes(path)))


@pytest.fixture(scope="module", params=MISSIONS)
def pairs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Sample, Item]]:
    """Samples and what is read of them, in every container by turns."""
    folder = tmp_path_factory.mktemp("samples")
    written = write_samples(folder, count=COUNT, missions=[request.param], seed=7, layout="mixed")
    return [
        (sample, read(path))
        for sample, path in zip(drawn(request.param, COUNT), written, strict=True)
    ]


def test_every_sample_is_read_as_what_it_was_made_from(
    pairs: Sequence[tuple[Sample, Item]],
) -> None:
    for sample, item in pairs:
        facts, properties = sample.facts, item["properties"]
        assert mission_of(sample.folder) is sample.mission
        assert item["id"] == sample.name == without_extension(sample.folder)
        assert item["collection"] == facts.collection
        assert properties["platform"] == facts.platform
        assert properties["start_datetime"] == timestamp(facts.start)
        assert properties["end_datetime"] == timestamp(facts.stop)
        if facts.absolute_orbit:
            assert properties["sat:absolute_orbit"] == facts.absolute_orbit
            assert properties["processing:datetime"] == timestamp(facts.processed)
        assert {asset["href"] for asset in item["assets"].values()} == set(sample.files)
        assert sum(map(len, sample.files.values())) < 60_000


def test_items_of_samples_are_valid(
    pairs: Sequence[tuple[Sample, Item]], shared_data: Path
) -> None:
    for _, item in pairs[:20]:
        validate_item(item, shared_data / "schemas")
        assert shape(item["geometry"]).is_valid


@pytest.mark.parametrize("mission", MISSIONS)
def test_the_same_seed_gives_the_same_bytes(mission: Mission) -> None:
    assert [s.files for s in drawn(mission, 6)] == [s.files for s in drawn(mission, 6)]


def test_every_type_is_sampled() -> None:
    assert {s.name[4:15] for s in drawn(Mission.SENTINEL_3)} == {k.type for k in SENTINEL_3_KINDS}
    types = {s.name[9:19] for s in drawn(Mission.SENTINEL_5P)}
    assert types == {k.type for k in SENTINEL_5P_KINDS}
    assert {s.name[19:21] for s in drawn(Mission.COP_DEM)} == {"10", "30"}


def test_manifests_of_sentinel_3_tell_true_sizes_and_checksums() -> None:
    for sample in drawn(Mission.SENTINEL_3, 20):
        assert list(sample.files)[-1] == "xfdumanifest.xml"
        manifest: Any = etree.fromstring(sample.files["xfdumanifest.xml"])
        for stream in manifest.iter("byteStream"):
            content = sample.files[stream.find("fileLocation").get("href").removeprefix("./")]
            assert int(stream.get("size")) == len(content)
            digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
            assert stream.find("checksum").text == digest


def test_the_orbits_of_sentinel_3_are_those_of_published_products() -> None:
    first, second = SENTINEL_3

    # S3A_OL_2_LFR____20210523T003029_…_0179_072_102_1980: its first frame edge to the right.
    assert (first.relative_orbit(27410), first.cycle(27410)) == (102, 72)
    right = arc_right_of_track(first.orbit, 102, 1980, (138.497, 52.4616))
    assert right == pytest.approx(OLCI.right_deg, abs=0.05)
    # S3B_OL_1_EFR____20230311T214926_…_077_100_4320, and the node of its orbit.
    assert (second.relative_orbit(25397), second.cycle(25397)) == (100, 77)
    node = datetime(2023, 3, 11, 20, 37, 26, tzinfo=UTC)
    assert abs((second.node_time(25397) - node).total_seconds()) < 20
    assert beside_track(second.orbit, 100, 0, 0) == pytest.approx((20.73, 0), abs=0.05)


def test_the_swath_of_sentinel_5p_is_that_of_a_published_product() -> None:
    # S5P_OFFL_L2__CH4____20200303T013547_20200303T031717_12367: from 01:57:22 to 02:55:45, its
    # edges cross the equator near 152.9 and 177.7 east.
    middle = datetime(2020, 3, 3, 2, 26, 33, tzinfo=UTC)

    west = beside_track(SENTINEL_5P_ORBIT, SENTINEL_5P.relative_orbit(12367), 0, -11.8)
    east = beside_track(SENTINEL_5P_ORBIT, SENTINEL_5P.relative_orbit(12367), 0, 11.8)

    assert abs((SENTINEL_5P.node_time(12367) - middle).total_seconds()) < 60
    assert (west[0], east[0]) == pytest.approx((153.4, 177.3), abs=1.5)


def test_scenes_across_the_antimeridian_keep_their_corners_in_range() -> None:
    since, until = datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    corners = [draw_scene(Random(seed), since, until).corners for seed in range(400)]
    assert all(abs(longitude) <= 180 for scene in corners for longitude, _ in scene)
    assert any(scene[0][0] > scene[1][0] for scene in corners)
