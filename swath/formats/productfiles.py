"""A product's files, the same to an extractor whether they lie in a zip, a tar or a directory."""

from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, Protocol

from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.formats.content import Content

# Larger than any metadata file of any mission (MTD_DS.xml of Sentinel-2 reaches 25 MB), smaller
# than any bomb.
LARGEST_METADATA = 64 * 1024 * 1024
# What the metadata of one product may unpack to in all: hundreds of annotations are a few
# hundred kilobytes each.
MOST_READ = 256 * 1024 * 1024


class Allowance:
    """What may still be read of one product, in bytes: many bombs are stopped like one."""

    def __init__(self, name: str) -> None:
        self._name, self._left = name, MOST_READ

    def take(self, path: str, size: int) -> None:
        """Accounts for the reading of a file of `size` bytes.

        Raises:
            ProductError: `too-large` when the file, or all files so far, are larger than metadata.
        """
        self._left -= size
        if size > LARGEST_METADATA:
            raise ProductError(Reason.TOO_LARGE, f"{path} in {self._name} has {size} bytes")
        if self._left < 0:
            raise ProductError(
                Reason.TOO_LARGE, f"{self._name} has more than {MOST_READ} bytes of metadata"
            )


class ProductFiles(Protocol):
    """The files of one product."""

    @property
    def name(self) -> str:
        """The product's name without extension: that of its top folder, else of the object it came
        in.
        """
        ...

    @property
    def root(self) -> str:
        """The top folder as it stands in the product (`S1A_….SAFE`); `""` where there is none."""
        ...

    @property
    def folder(self) -> str:
        """Where the top folder lies in the archive (`in/S1A_….SAFE`); `""` where there is none."""
        ...

    @property
    def sizes(self) -> Mapping[str, int]:
        """Path relative to the top folder -> bytes, for every file."""
        ...

    @property
    def sealed(self) -> bool:
        """Whether what they came in carries a checksum of each, which `content` and `passing`
        compare.
        """
        ...

    def read(self, path: str) -> bytes:
        """The file's bytes.

        Raises:
            ProductError: `metadata-missing`, `truncated`, `encrypted` or `too-large`.
        """
        ...

    def open(self, path: str) -> BinaryIO:
        """The file, seekable, without reading it: for formats that are read here and there.

        Raises:
            ProductError: `metadata-missing`.
        """
        ...

    def content(self, path: str) -> Content:
        """The file's bytes for whoever wants them all, however many they are. Reads nothing yet.

        Raises:
            ProductError: `metadata-missing`, `encrypted` or `unreadable`.
        """
        ...

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """These files in the order they lie in, each in pieces to be taken before the next file:
        an archive is read once from end to end, in bounded memory. What is encrypted, or packed in
        a way that cannot be streamed, is left out.

        Raises:
            ProductError: `truncated`, also for what is not as sealed.
            StoreUnavailableError: their store failed.
        """
        ...

    def prefetch(self, paths: Iterable[str]) -> None:
        """Tells which files will be read next, so that neighbours come in one range request."""
        ...


def one_by_one(files: ProductFiles, paths: Iterable[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """`ProductFiles.passing` of files that lie in places of their own."""
    for path in sorted(paths):
        content = files.content(path)
        yield path, content.stream(0, content.size)


def require(files: ProductFiles, path: str) -> bytes:
    """The bytes of a file that every product of this type has.

    Raises:
        ProductError: `metadata-missing` when the product does not have it.
    """
    if path not in files.sizes:
        raise ProductError(Reason.METADATA_MISSING, f"{files.name} has no {path}")
    return files.read(path)
