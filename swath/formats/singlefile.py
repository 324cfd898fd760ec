"""A product that is one file: a NetCDF, a GeoTIFF, an orbit file, a STAC Item."""

from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from swath.domain.ledger import Reason
from swath.domain.naming import without_extension
from swath.errors import ProductError
from swath.formats.bytesource import ByteSource
from swath.formats.content import Content, Span
from swath.formats.productfiles import LARGEST_METADATA, one_by_one
from swath.formats.ranges import RangeFile


class SingleFile:
    """The one file of a product; its path is its name."""

    sealed = False

    def __init__(self, source: ByteSource) -> None:
        self._file = RangeFile(source)
        self._source = source
        self.name = without_extension(source.name)
        self.root = self.folder = ""
        self.sizes = {source.name: source.size}

    def open(self, path: str) -> BinaryIO:
        """The file, read by ranges."""
        self._check(path)
        self._file.seek(0)
        return cast("BinaryIO", self._file)

    def read(self, path: str) -> bytes:
        """All its bytes."""
        self._check(path)
        if self._source.size > LARGEST_METADATA:
            detail = f"{self._source.name} has {self._source.size} bytes"
            raise ProductError(Reason.TOO_LARGE, detail)
        return self._source.read(0, self._source.size)

    def content(self, path: str) -> Content:
        """The whole object."""
        self._check(path)
        return Span(self._source, 0, self._source.size)

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The one file, if it is asked for."""
        return one_by_one(self, paths)

    def prefetch(self, paths: Iterable[str]) -> None:
        """Nothing to do: ranges are fetched where they are read."""

    def _check(self, path: str) -> None:
        if path not in self.sizes:
            raise ProductError(Reason.METADATA_MISSING, f"{self.name} has no {path}")
