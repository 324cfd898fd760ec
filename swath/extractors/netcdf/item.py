"""From a NetCDF file to its Item."""

from pathlib import PurePosixPath
from typing import Any

from swath.domain.item import Item, new_item
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.extractors.netcdf.coordinates import find_axis, read_axis
from swath.extractors.netcdf.footprint import coordinates_footprint
from swath.formats.cf import Attributes, covered_box, covered_times, decoded_times
from swath.formats.dates import times_in
from swath.formats.geometry import Geometry, bbox
from swath.formats.hdf5 import Header, Wanted, read_header
from swath.formats.productfiles import ProductFiles
from swath.formats.safe import file_fields

COLLECTION = "netcdf"
MEDIA_TYPES = {
    ".nc": "application/netcdf",
    ".h5": "application/x-hdf5",
    ".hdf5": "application/x-hdf5",
    ".he5": "application/x-hdf5",
}


def create_item(files: ProductFiles) -> Item:
    """The Item of a file. Reads its header, and the coordinates where the attributes do not tell
    time and place.

    Raises:
        ProductError: `metadata-missing`, `metadata-invalid`, `truncated`, `too-large`,
            `unreadable`, `no-footprint`, `invalid-footprint` or `no-time`; also what `files`
            raises.
    """
    path = next((p for p in files.sizes if PurePosixPath(p).suffix.lower() in MEDIA_TYPES), None)
    if path is None:
        raise ProductError(Reason.METADATA_MISSING, f"{files.name} has no NetCDF file")
    header = _read(files, path)
    attributes = header.attributes.get("/", {})
    geometry = covered_box(attributes, files.name) or _place(header, files.name)
    times = covered_times(attributes) or _times(header, files.name)
    return new_item(
        files.name,
        COLLECTION,
        geometry=geometry,
        bbox=bbox(geometry),
        properties={**_described(attributes), **times},
        assets={
            "data": {
                "type": MEDIA_TYPES[PurePosixPath(path).suffix.lower()],
                "title": path.rsplit("/", 1)[-1],
                "roles": ["data"],
                **file_fields(files, path),
            }
        },
    )


def _read(files: ProductFiles, path: str) -> Header:
    """The header, read once more with the coordinates where it alone is not enough."""
    header = read_header(files.open(path), files.sizes[path], path)
    attributes = header.attributes.get("/", {})
    if covered_box(attributes, files.name) and covered_times(attributes):
        return header
    axes = (find_axis(header, axis) for axis in ("time", "latitude", "longitude"))
    wanted = [axis for axis in axes if axis]
    return read_header(files.open(path), files.sizes[path], path, Wanted(arrays=wanted))


def _place(header: Header, name: str) -> Geometry:
    latitude = read_axis(header, find_axis(header, "latitude"))
    longitude = read_axis(header, find_axis(header, "longitude"))
    if latitude is None or longitude is None:
        detail = f"{name} has neither geospatial_lat_min… nor readable latitudes and longitudes"
        raise ProductError(Reason.NO_FOOTPRINT, detail)
    return coordinates_footprint(latitude, longitude, name)


def _times(header: Header, name: str) -> dict[str, Any]:
    axis = read_axis(header, find_axis(header, "time"))
    if axis:
        attributes = header.attributes.get(axis.path, {})
        if times := decoded_times(axis.values, attributes, name):
            return times
    if times := times_in(name):
        return times
    raise ProductError(Reason.NO_TIME, f"neither {name} nor its attributes tell a time")


def _described(attributes: Attributes) -> dict[str, Any]:
    """What the file says of itself, in the words of STAC."""
    told = {name: value for name, value in attributes.items() if isinstance(value, str) and value}
    platform, instrument = told.get("platform"), told.get("instrument")
    return {
        "title": told.get("title"),
        "description": told.get("summary"),
        "platform": platform.lower() if platform else None,
        "instruments": [instrument.lower()] if instrument else None,
        "processing:level": told.get("processing_level"),
        "processing:facility": told.get("institution"),
    }
