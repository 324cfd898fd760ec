"""A product that lies as many objects below a folder, in a bucket or on disk."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, cast

from swath.domain.ledger import Reason
from swath.domain.naming import CLOSING_MARK, mission_of, without_extension
from swath.errors import ProductError
from swath.formats.bytesource import ByteSource, FileBytes
from swath.formats.content import Content, Span
from swath.formats.layout import lay_out
from swath.formats.productfiles import Allowance, one_by_one
from swath.formats.ranges import RangeFile


class DirectoryFiles:
    """The files below a product's folder. `sizes` maps the path below the folder to bytes."""

    sealed = False

    def __init__(
        self,
        folder: str,
        sizes: Mapping[str, int],
        read: Callable[[str], bytes],
        source: Callable[[str], ByteSource],
    ) -> None:
        # The same rules as inside an archive: no path leaves the folder, not too many files.
        layout = lay_out([f"{folder}/{path}" for path in sizes if path != CLOSING_MARK], folder)
        self._read, self._source = read, source
        self.root = self.folder = folder
        self.name = without_extension(folder) if mission_of(folder) else layout.name
        self.sizes = {path: size for path, size in sizes.items() if path != CLOSING_MARK}
        self._allowance = Allowance(self.name)

    def content(self, path: str) -> Content:
        """The object of the file, as it is now."""
        if path not in self.sizes:
            raise ProductError(Reason.METADATA_MISSING, f"{self.name} has no {path}")
        source = self._source(path)
        return Span(source, 0, source.size)

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """One object after the other."""
        return one_by_one(self, paths)

    def prefetch(self, paths: Iterable[str]) -> None:
        """Nothing to do: each file is an object of its own."""

    def open(self, path: str) -> BinaryIO:
        """The file, read by ranges."""
        if path not in self.sizes:
            raise ProductError(Reason.METADATA_MISSING, f"{self.name} has no {path}")
        return cast("BinaryIO", RangeFile(self._source(path)))

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        if path not in self.sizes:
            raise ProductError(Reason.METADATA_MISSING, f"{self.name} has no {path}")
        self._allowance.take(path, self.sizes[path])
        return self._read(path)


def open_folder(folder: Path) -> DirectoryFiles:
    """A product's folder on disk; links are not followed."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file() and not p.is_symlink()]
    sizes = {p.relative_to(folder).as_posix(): p.stat().st_size for p in files}
    return DirectoryFiles(
        folder.name,
        sizes,
        lambda path: (folder / path).read_bytes(),
        lambda path: FileBytes(folder / path),
    )
