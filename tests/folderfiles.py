"""A product's folder on disk, for extractor tests: every read is counted."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

from swath.domain.ledger import Reason
from swath.domain.naming import without_extension
from swath.errors import ProductError
from swath.formats.bytesource import FileBytes
from swath.formats.content import Content, Span
from swath.formats.productfiles import one_by_one


class FolderFiles:
    """The files below a folder; `files_read` and `prefetched` say what was asked for."""

    sealed = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.files_read: list[str] = []
        self.prefetched: list[str] = []

    @property
    def name(self) -> str:
        return without_extension(self._folder.name)

    @property
    def root(self) -> str:
        return self._folder.name

    @property
    def folder(self) -> str:
        return self.root

    @cached_property
    def sizes(self) -> Mapping[str, int]:
        paths = (p for p in sorted(self._folder.rglob("*")) if p.is_file())
        return {p.relative_to(self._folder).as_posix(): p.stat().st_size for p in paths}

    def read(self, path: str) -> bytes:
        if path not in self.sizes:
            raise ProductError(Reason.METADATA_MISSING, f"{self.name} has no {path}")
        self.files_read.append(path)
        return (self._folder / path).read_bytes()

    def open(self, path: str) -> BinaryIO:
        return (self._folder / path).open("rb")

    def content(self, path: str) -> Content:
        return Span(FileBytes(self._folder / path), 0, self.sizes[path])

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        return one_by_one(self, paths)

    def prefetch(self, paths: Iterable[str]) -> None:
        self.prefetched.extend(paths)
