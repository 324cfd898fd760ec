"""Images of contributing missions: a scene of an optical or a radar satellite of another operator,
told of by its circulation report. The pixels and pictures are stand-ins.

Source: names in the Copernicus Data Space catalogue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from swath.domain.naming import Mission
from swath.local.samples.imagery import radar_quicklook, tiff_stand_in
from swath.local.samples.orbit import Position
from swath.local.samples.places import LAND
from swath.local.samples.sample import Facts, Sample
from swath.local.samples.template import fill, microseconds


@dataclass(frozen=True)
class Kind:
    """What a satellite delivers. `size` is in degrees, `resolution` in metres."""

    collection: str
    craft: str
    type: str
    metadata: str
    platform: str
    serial: str
    instrument: str
    sensor: str
    mode: str
    size: float
    resolution: int


KINDS = (
    Kind("ccm-optical", "DM02", "HRS_MS4_1B", "opt_metadata", "Deimos", "2", "HiRAIS", "OPTICAL",
         "MS4", 0.12, 4),
    Kind("ccm-optical", "PH1A", "PHR_MS__2A", "opt_metadata", "Pleiades", "1A", "HiRI", "OPTICAL",
         "MS", 0.2, 2),
    Kind("ccm-sar", "TX01", "SAR_WS_GEC", "sar_metadata", "TerraSAR-X", "1", "SAR", "RADAR",
         "WideScan", 2.0, 40),
    Kind("ccm-dem", "TX01", "SAR_DGE_30", "sar_metadata", "TerraSAR-X", "1", "SAR", "RADAR",
         "StripMap", 1.0, 30),
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """One product."""

    kind: Kind
    start: datetime
    stop: datetime
    centre: Position
    orbit: int
    token: str

    @property
    def name(self) -> str:
        """The product's."""
        times = f"{self.start:%Y%m%dT%H%M%S}_{self.stop:%Y%m%dT%H%M%S}"
        return f"{self.kind.craft}_{self.kind.type}_{times}_TOU_{self.orbit}_{self.token}"

    @property
    def corners(self) -> Sequence[Position]:
        """From the south-west, counter-clockwise."""
        (lon, lat), half = self.centre, self.kind.size / 2
        south, north = lat - half, lat + half
        west, east = ((side + 180) % 360 - 180 for side in (lon - half, lon + half))
        return [(west, south), (east, south), (east, north), (west, north)]


def draw_scene(random: Random, since: datetime, until: datetime) -> Scene:
    """A scene over a place on land."""
    kind = random.choice(KINDS)
    start = since + timedelta(seconds=int(random.uniform(0, (until - since).total_seconds())))
    stop = start + timedelta(seconds=random.randint(3, 30))
    longitude, latitude = random.choice(LAND)
    centre = (longitude + random.uniform(-1, 1), latitude + random.uniform(-1, 1))
    orbit, token = random.randint(1_000, 90_000), f"{random.getrandbits(16):04x}"
    return Scene(kind, start, stop, centre, orbit, token)


def build_sample(scene: Scene) -> Sample:
    """The product; its image comes last and closes it."""
    south_west, south_east, north_east, north_west = scene.corners
    raster = tiff_stand_in((north_west, north_east, south_west, south_east), complex_pixels=False)
    files = {
        f"GSC_CR_ESA_{scene.start:%Y%m%d_%H%M%S}.xml": _report(scene),
        f"{scene.name}_browse.png": radar_quicklook(scene.orbit % 4, (96, 96)),
        f"{scene.name}.tif": raster,
    }
    return Sample(scene.name, Mission.CCM, _facts(scene), files, suffix="")


def _facts(scene: Scene) -> Facts:
    kind = scene.kind
    return Facts(
        collection=kind.collection,
        platform=f"{kind.platform}-{kind.serial}".lower(),
        start=scene.start,
        stop=scene.stop,
        processed=scene.stop,
        rings=[[*scene.corners, scene.corners[0]]],
    )


def _report(scene: Scene) -> bytes:
    kind = scene.kind
    return fill(
        "ccm_report.xml",
        kind=kind.metadata, type=kind.type, platform=kind.platform, serial=kind.serial,
        instrument=kind.instrument, sensor=kind.sensor, mode=kind.mode, resolution=kind.resolution,
        start=microseconds(scene.start), stop=microseconds(scene.stop), orbit=scene.orbit,
        delivered=microseconds(scene.stop + timedelta(days=1)),
        places=" ".join(
            f"{lat:.5f} {lon:.5f}" for lon, lat in (*scene.corners, scene.corners[0])
        ),
    )  # fmt: skip
