"""What the measurement files hold, as the datacube extension describes it.

The Item is made of the manifest; this is more than it says, and is left out where it cannot be had
for little: of a file packed in an archive, or one whose header lies scattered over it.
"""

import io
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from swath.domain.item import Asset
from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.formats import hdf5
from swath.formats.content import Span, lying
from swath.formats.cube import DESCRIBING, base, described, lengths, named, variables
from swath.formats.productfiles import ProductFiles
from swath.formats.ranges import RangeFile
from swath.formats.worker import Reader
from swath.observability import logger

NETCDF = "application/netcdf"
SIGNATURE = b"\x89HDF\r\n\x1a\n"
# Of one file. Reduced measurements have some 1.4 MB, the others up to hundreds.
MOST_READS, MOST_BYTES = 4, 512 * 1024
LARGEST_PACKED = 1536 * 1024
READER = Reader(hdf5.READER.command, hdf5.READER.what, seconds=5.0)
WANTED = hdf5.Wanted(names=DESCRIBING)
AUXILIARY = frozenset({"time", "time_tai", "latitude", "longitude"})


def with_cubes(
    assets: dict[str, Asset], files: ProductFiles, period: tuple[str, str]
) -> dict[str, Asset]:
    """The assets, those of measurements with their dimensions and variables."""
    return {
        key: {**asset, **_cube(files, str(asset["href"]), period)}
        if asset.get("type") == NETCDF
        else asset
        for key, asset in assets.items()
    }


def _cube(files: ProductFiles, path: str, period: tuple[str, str]) -> Asset:
    try:
        file = _opened(files, path)
        if file is None or file.read(len(SIGNATURE)) != SIGNATURE:
            return {}
        file.seek(0)
        size = files.sizes[path]
        header = hdf5.read_header(file, size, files.name, WANTED, reader=READER)
    except ProductError as error:
        extra = {"product": files.name, "file": path, "reason": error.reason}
        logger.info("cube not described", extra={**extra, "detail": error.detail})
        return {}
    dimensions = named(
        (path, _dimension(header, path, length, period)) for path, length in lengths(header).items()
    )
    if not dimensions:
        return {}
    return {"cube:dimensions": dimensions, "cube:variables": variables(header, AUXILIARY)}


def _dimension(
    header: hdf5.Header, path: str, length: int, period: tuple[str, str]
) -> dict[str, Any]:
    if base(path) == "time":
        return {"type": "temporal", **described(header, path), "extent": list(period)}
    return {"type": "other", **described(header, path), "extent": [0, length]}


def _opened(files: ProductFiles, path: str) -> BinaryIO | None:
    """The file, to be read here and there; None for one that would have to be unpacked."""
    size = files.sizes.get(path, 0)
    if not size:
        return None
    if span := lying(files.content(path)):
        return cast("BinaryIO", RangeFile(_Window(span)))
    return io.BytesIO(files.read(path)) if size <= LARGEST_PACKED else None


@dataclass
class _Window:
    """A file as it lies in its source, of which little may be read."""

    span: Span
    reads: int = 0
    read_bytes: int = 0

    @property
    def name(self) -> str:
        """That of the source."""
        return self.span.source.name

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.span.size

    def read(self, start: int, length: int) -> bytes:
        """Bytes of the file.

        Raises:
            ProductError: `too-large` for more than a header should take.
        """
        self.reads, self.read_bytes = self.reads + 1, self.read_bytes + length
        if self.reads > MOST_READS or self.read_bytes > MOST_BYTES:
            raise ProductError(Reason.TOO_LARGE, f"the header of {self.name} lies scattered")
        return self.span.source.read(self.span.offset + start, length)
