"""Footprints: from the corner lists of product metadata to valid GeoJSON.

Rings are closed, right-handed (RFC 7946 section 3.1.6) and split at the antimeridian (section
3.1.9). Coordinates stay as the metadata has them unless a shape must be cut.
"""

import math
from itertools import pairwise
from typing import Any

import antimeridian
import numpy as np
import shapely
from shapely.geometry import mapping, shape
from shapely.geometry.base import BaseGeometry

from swath.domain.ledger import Reason
from swath.errors import ProductError

type Position = tuple[float, float]
type Geometry = dict[str, Any]

# More corners than this are thinned: first those less than TOLERANCE (of a degree, some 100 metres)
# off the line between their neighbours, then further ones.
MOST_CORNERS = 2_000
TOLERANCE, COARSEST = 0.001, 0.1
# What no outline of a product has; thinning so many takes seconds.
TOO_MANY_CORNERS = 50_000
PIECE = 500
# A ring that crosses itself more often is no outline. Mending takes time that grows with the cube.
MOST_CROSSING_CORNERS, MOST_CROSSINGS = 500, 1_000
# Around the Earth; an orbit is one turn, and a bit.
MOST_TURNS = 3
# Of so few corners none goes around more often, as an edge is half a turn at most, or crosses
# itself often: frames of wave mode, of which a product has hundreds, need no look.
NEVER_TANGLED = 2 * MOST_TURNS
# What cutting raises for rings that cross themselves too often.
UNCUTTABLE = (ValueError, IndexError, RecursionError, shapely.errors.ShapelyError)
# Of a degree, about a tenth of a metre: what is left of the noise of cutting.
DECIMALS = 6


def footprint(rings: list[list[Position]], name: str) -> Geometry:
    """The geometry that covers all `rings`, each a list of corners (longitude, latitude) in order.

    Raises:
        ProductError: `invalid-footprint` for coordinates that are not finite, out of range, or
            span no area.
    """
    polygons = [_polygon(corners, name) for corners in rings]
    if len(polygons) == 1:
        return _to_geojson(polygons[0])
    together = shapely.multipolygons(shapely.get_parts(polygons))
    return _to_geojson(together if together.is_valid else shapely.union_all(polygons))


def swath(corners: list[Position], name: str) -> Geometry:
    """The footprint of a swath up to an orbit long: the smaller of the two parts of the Earth that
    the ring of `corners` parts.

    On a map, the outline of a swath with both poles inside is the outline of all the rest.

    Raises:
        ProductError: `invalid-footprint` for coordinates that are not finite, out of range, or
            span no area.
    """
    corners = _checked(corners, name)
    if not _crosses_antimeridian([*corners, *corners[:1]]):
        return footprint([corners], name)
    folded = _folded(_unwrapped(corners))
    if _share_of_earth(folded) > 0.5:
        folded = shapely.difference(shapely.box(-180, -90, 180, 90), folded)
    # Rounds as the rest of the module, but keeps the shape valid.
    folded = shapely.set_precision(folded, 10**-DECIMALS)
    if folded.geom_type not in ("Polygon", "MultiPolygon") or folded.is_empty:
        detail = f"{name} has a footprint without an area ({folded.geom_type})"
        raise ProductError(Reason.INVALID_FOOTPRINT, detail)
    return _to_geojson(
        shapely.get_geometry(folded, 0) if shapely.get_num_geometries(folded) == 1 else folded
    )


def smaller_part(geometry: Geometry) -> Geometry:
    """The polygons, or all the Earth without them where that is less.

    On a map the outline of a strip with a pole inside may as well be that of all the rest.
    """
    if _share_of_earth(shape(geometry)) <= 0.5:
        return geometry
    return _to_geojson(shapely.difference(shapely.box(-180, -90, 180, 90), shape(geometry)))


def track(ends: list[Position], name: str) -> Geometry:
    """The line through `ends`: the footprint of a product that tells no width.

    Raises:
        ProductError: `invalid-footprint` for coordinates that are not finite, out of range, or all
            the same.
    """
    _check_range(ends, name)
    if len(set(ends)) < 2:
        raise ProductError(Reason.INVALID_FOOTPRINT, f"{name} has a track through {ends}")
    line = antimeridian.fix_line_string(shapely.LineString(ends), great_circle=True)
    return _listed(mapping(_rounded(line)))


def bbox(geometry: Geometry) -> list[float]:
    """West, south, east, north: the narrowest box that holds every part.

    West is greater than east when that box crosses the antimeridian (RFC 7946 section 5.2), which
    the parts of one product may do although none of them touches it.
    """
    bounds = _bounds(geometry)
    west, east = _longitudes(sorted((b[0], b[2]) for b in bounds))
    return [west, min(b[1] for b in bounds), east, max(b[3] for b in bounds)]


def _bounds(geometry: Geometry) -> list[tuple[float, float, float, float]]:
    """Of every part."""
    if geometry["type"] != "MultiPolygon":
        return [part.bounds for part in shapely.get_parts(shape(geometry))]
    # Without making shapes of hundreds of frames, which takes ten times as long.
    outlines = (list(zip(*polygon[0], strict=True)) for polygon in geometry["coordinates"])
    return [(min(o[0]), min(o[1]), max(o[0]), max(o[1])) for o in outlines]


def _unwrapped(corners: list[Position]) -> BaseGeometry:
    """The ring on an endless map, where no edge is longer than half way around."""
    ring = [corners[0]]
    for lon, lat in (*corners[1:], corners[0]):
        before = ring[-1][0]
        ring.append((before + (lon - before + 180) % 360 - 180, lat))
    if abs(ring[-1][0] - ring[0][0]) > 180:
        # It goes around the Earth: either pole will do, the other one is in the other part.
        ring += [(ring[-1][0], 90.0), (ring[0][0], 90.0)]
    polygon: BaseGeometry = shapely.Polygon(ring)
    return polygon if polygon.is_valid else shapely.make_valid(polygon)


def _folded(unwrapped: BaseGeometry) -> BaseGeometry:
    """A shape on the endless map, back on the one of 360 degrees."""
    west, _, east, _ = unwrapped.bounds
    turns = range(math.floor((west + 180) / 360), math.floor((east + 180) / 360) + 1)
    parts = [
        shapely.transform(
            unwrapped.intersection(shapely.box(360 * n - 180, -90, 360 * n + 180, 90)),
            lambda xy, n=n: xy - [360 * n, 0],
        )
        for n in turns
    ]
    return shapely.union_all(parts)


def _share_of_earth(geometry: BaseGeometry) -> float:
    """By Lambert's cylinder, whose areas are those of the sphere."""
    flat = shapely.transform(
        geometry, lambda xy: np.column_stack((xy[:, 0], np.sin(np.radians(xy[:, 1]))))
    )
    return float(flat.area) / (360 * 2)


def _polygon(corners: list[Position], name: str) -> BaseGeometry:
    corners = _checked(corners, name)
    ring = [corner for i, corner in enumerate(corners) if i == 0 or corner != corners[i - 1]]
    if len(set(ring)) < 3:
        detail = f"{name} has a footprint of {len(set(ring))} distinct corners"
        raise ProductError(Reason.INVALID_FOOTPRINT, detail)
    polygon: BaseGeometry = shapely.Polygon(ring)
    if _crosses_antimeridian([*ring, ring[0]]):
        try:
            polygon = _rounded(shape(antimeridian.fix_polygon(polygon, fix_winding=True)))
        except UNCUTTABLE as error:
            raise ProductError(Reason.INVALID_FOOTPRINT, f"{name}: {error}") from error
    valid = polygon if polygon.is_valid else _areas(shapely.make_valid(polygon))
    if valid.geom_type not in ("Polygon", "MultiPolygon") or valid.area == 0:
        detail = f"{name} has a footprint without an area ({valid.geom_type})"
        raise ProductError(Reason.INVALID_FOOTPRINT, detail)
    return valid


def _areas(geometry: BaseGeometry) -> BaseGeometry:
    """Without the lines that are left where the two ends of an orbit overlap."""
    if geometry.geom_type != "GeometryCollection":
        return geometry
    parts = [part for part in shapely.get_parts(geometry) if part.area > 0]
    return shapely.union_all(parts) if parts else geometry


def _checked(corners: list[Position], name: str) -> list[Position]:
    """The corners of a ring that can be worked on in reasonable time, thinned."""
    _check_range(corners[: TOO_MANY_CORNERS + 1], name)
    ring = _thinned(corners, name)
    if len(ring) > NEVER_TANGLED and _is_tangled(ring):
        raise ProductError(Reason.INVALID_FOOTPRINT, f"{name} has a footprint that is a tangle")
    return ring


def _is_tangled(ring: list[Position]) -> bool:
    """Whether a ring crosses itself so often that mending it would take seconds."""
    line = shapely.LineString(_endless([*ring, ring[0]]))
    west, _, east, _ = line.bounds
    if east - west > 360 * MOST_TURNS:
        return True
    if line.is_simple:
        return False
    if len(ring) > MOST_CROSSING_CORNERS:
        return True
    return bool(shapely.get_num_geometries(shapely.node(line)) > len(ring) + MOST_CROSSINGS)


def _endless(ring: list[Position]) -> list[Position]:
    """The ring on an endless map, where no edge is longer than half way around."""
    longitudes = np.unwrap([longitude for longitude, _ in ring], period=360)
    return [(float(lon), lat) for lon, (_, lat) in zip(longitudes, ring, strict=True)]


def _thinned(corners: list[Position], name: str) -> list[Position]:
    """The corners: as they are, or at most `MOST_CORNERS` of them."""
    if len(corners) <= MOST_CORNERS:
        return corners
    tolerance = TOLERANCE
    while MOST_CORNERS < len(corners) <= TOO_MANY_CORNERS and tolerance <= COARSEST:
        # In pieces: the library calls itself once per corner that it keeps, down to a crash.
        pieces = [corners[at : at + PIECE + 1] for at in range(0, len(corners) - 1, PIECE)]
        lines = shapely.simplify(
            [shapely.LineString(p) for p in pieces], tolerance, preserve_topology=False
        )
        corners = [corners[0], *(c for line in lines for c in line.coords[1:])]
        tolerance *= 10
    if len(corners) > MOST_CORNERS:
        detail = f"{name} has a footprint of {len(corners)} corners"
        raise ProductError(Reason.INVALID_FOOTPRINT, detail)
    return corners


def _check_range(positions: list[Position], name: str) -> None:
    for lon, lat in positions:
        if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
            detail = f"{name} has a corner at longitude {lon}, latitude {lat}"
            raise ProductError(Reason.INVALID_FOOTPRINT, detail)


def _crosses_antimeridian(ring: list[Position]) -> bool:
    """Whether an edge is shorter the other way around the Earth; a ring around a pole has one."""
    return any(abs(a[0] - b[0]) > 180 for a, b in pairwise(ring))


def _rounded(geometry: BaseGeometry) -> BaseGeometry:
    return shapely.transform(geometry, lambda xy: xy.round(DECIMALS))


def _to_geojson(geometry: BaseGeometry) -> Geometry:
    return _listed(mapping(shapely.orient_polygons(geometry, exterior_cw=False)))


def _listed(geometry: dict[str, Any]) -> Geometry:
    """Coordinates as lists, as JSON has them."""
    return {"type": geometry["type"], "coordinates": _lists(geometry["coordinates"])}


def _lists(coordinates: Any) -> Any:
    return (
        [_lists(c) for c in coordinates] if isinstance(coordinates, tuple | list) else coordinates
    )


def _longitudes(intervals: list[tuple[float, float]]) -> tuple[float, float]:
    """West and east of what is left of the circle without its widest gap."""
    west, east = intervals[0]
    gaps = []
    for start, end in intervals[1:]:
        if start > east:
            gaps.append((start - east, start, east))
        east = max(east, end)
    width, after, before = max(gaps, default=(0.0, west, east))
    return (after, before) if width > 360 - (east - west) else (west, east)
