"""A product in a zip: the central directory and the metadata files, never the rasters."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import IO, BinaryIO, cast

from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.formats.bytesource import ByteSource
from swath.formats.content import Content, Forward, Inflated, Sealed, Span
from swath.formats.layout import Layout, lay_out
from swath.formats.productfiles import LARGEST_METADATA, Allowance
from swath.formats.ranges import RangeFile
from swath.formats.zipdirectory import Directory, find_directory

# A member's local header repeats its name and may carry other extra fields than the central
# directory's.
HEADER = 30
LOCAL_HEADER = HEADER + 512
ENCRYPTED = 0x1
IN_UTF8 = 0x800
STREAMED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError)


class ZipFiles:
    """The files of a product in a zip."""

    sealed = True

    def __init__(
        self, archive: zipfile.ZipFile, file: RangeFile, layout: Layout, source: ByteSource
    ) -> None:
        self._archive, self._file, self._layout, self._source = archive, file, layout, source
        self._allowance = Allowance(layout.name)
        self.name, self.root, self.folder = layout.name, layout.root, layout.folder
        self.sizes: Mapping[str, int] = {
            p: archive.getinfo(full).file_size for p, full in layout.paths.items()
        }

    def prefetch(self, paths: Iterable[str]) -> None:
        """Fetches the compressed bytes of these files, neighbours in one request."""
        members = (self._archive.getinfo(self._layout.paths[p]) for p in paths if p in self.sizes)
        self._file.fetch(self._range(m) for m in members if m.compress_size <= LARGEST_METADATA)

    def open(self, path: str) -> BinaryIO:
        """The file, seekable; going back in a compressed one starts over."""
        member = self._member(path)
        with _damage_told(path, self.name):
            return cast("BinaryIO", _Opened(self._archive.open(member), path, self.name))

    def read(self, path: str) -> bytes:
        """The file's bytes, checked against the CRC of the archive."""
        member = self._member(path)
        self._allowance.take(path, max(member.file_size, member.compress_size))
        self._file.fetch([self._range(member)])
        with _damage_told(path, self.name):
            return self._archive.read(member)

    def content(self, path: str) -> Content:
        """The file as it lies in the archive, or unpacked on the way."""
        member = self._member(path)
        if member.compress_type not in STREAMED:
            raise ProductError(
                Reason.UNREADABLE,
                f"{path} in {self.name} is packed by method {member.compress_type}",
            )
        return _Packed(self._source, member, path)

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The files as they lie, each compared with the CRC of the archive."""
        source = Forward(self._source)
        listed = ((self._archive.getinfo(self._layout.paths[path]), path) for path in paths)
        for member, path in sorted(listed, key=lambda one: one[0].header_offset):
            if member.compress_type in STREAMED and not member.flag_bits & ENCRYPTED:
                yield path, _Packed(source, member, path).stream(0, member.file_size)

    def _member(self, path: str) -> zipfile.ZipInfo:
        if path not in self.sizes:
            raise ProductError(Reason.METADATA_MISSING, f"{self.name} has no {path}")
        member = self._archive.getinfo(self._layout.paths[path])
        if member.flag_bits & ENCRYPTED:
            raise ProductError(Reason.ENCRYPTED, f"{path} in {self.name} is encrypted")
        return member

    def _range(self, member: zipfile.ZipInfo) -> tuple[int, int]:
        return member.header_offset, LOCAL_HEADER + _name_length(member) + member.compress_size


class _Packed:
    """A member that is sent; only its local header says where its bytes begin."""

    def __init__(self, source: ByteSource, member: zipfile.ZipInfo, path: str) -> None:
        self._source, self._member, self._path = source, member, path
        self.size = member.file_size

    def stream(self, start: int, length: int) -> Iterator[bytes]:
        """Its unpacked bytes, by one request for the header and one for what is asked."""
        if stored := self.located():
            length = min(length, self.size - start)
            return Sealed(stored, self._path, self._member.CRC).stream(start, length)
        return Inflated(self._lies(), self._path, self.size, self._member.CRC).stream(start, length)

    def located(self) -> Span | None:
        """Where it lies, unless it is packed."""
        return self._lies() if self._member.compress_type == zipfile.ZIP_STORED else None

    def _lies(self) -> Span:
        header = self._source.read(self._member.header_offset, HEADER)
        if len(header) < HEADER or not header.startswith(b"PK\x03\x04"):
            raise ProductError(Reason.TRUNCATED, f"{self._path} is not where the directory says")
        name, extra = struct.unpack_from("<2H", header, 26)
        return Span(
            self._source,
            self._member.header_offset + HEADER + name + extra,
            self._member.compress_size,
        )


class _Opened(io.RawIOBase):
    """A member that is read here and there; what is damaged is told as damage of the product."""

    def __init__(self, member: IO[bytes], path: str, name: str) -> None:
        self._member, self._path, self._name = member, path, name

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._member.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        with _damage_told(self._path, self._name):
            return self._member.seek(offset, whence)

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with _damage_told(self._path, self._name):
            content = self._member.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)


@contextmanager
def _damage_told(path: str, name: str) -> Iterator[None]:
    try:
        yield
    except DAMAGE as error:
        raise ProductError(Reason.TRUNCATED, f"{path} in {name} is damaged: {error}") from error


def open_zip(source: ByteSource) -> ZipFiles:
    """The product in a zip, from its central directory.

    Raises:
        ProductError: `not-an-archive`, `truncated`, `unsafe-path`, `ambiguous` or `too-large`.
    """
    file = RangeFile(source)
    directory = find_directory(file, source.size, source.name)
    try:
        archive = zipfile.ZipFile(file)
    except UnicodeDecodeError as error:
        raise ProductError(
            Reason.UNSAFE_PATH, f"{source.name} holds a path that is not UTF-8: {error}"
        ) from error
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise ProductError(Reason.TRUNCATED, f"{source.name}: {error}") from error
    members = archive.infolist()
    _check_members(members, directory, source.name)
    files = [m.filename for m in members if not m.is_dir()]
    return ZipFiles(archive, file, lay_out(files, source.name), source)


def _check_members(members: list[zipfile.ZipInfo], directory: Directory, name: str) -> None:
    if len(members) != directory.members:
        detail = f"{name} says it has {directory.members} members and lists {len(members)}"
        raise ProductError(Reason.TRUNCATED, detail)
    for member in members:
        # zipfile ends a name at its first NUL.
        if stat.S_ISLNK(member.external_attr >> 16) or "\0" in member.orig_filename:
            raise ProductError(
                Reason.UNSAFE_PATH, f"{name} holds the link {member.orig_filename[:200]!r}"
            )
    _check_overlaps(members, directory, name)


def _check_overlaps(members: list[zipfile.ZipInfo], directory: Directory, name: str) -> None:
    """Members that share bytes are how a small zip holds a petabyte."""
    spans = sorted((m.header_offset, HEADER + _name_length(m) + m.compress_size) for m in members)
    for (start, length), (following, _) in pairwise([*spans, (directory.start, 0)]):
        if start + length > following:
            raise ProductError(
                Reason.TRUNCATED, f"{name} has members that share the bytes from {following} on"
            )


def _name_length(member: zipfile.ZipInfo) -> int:
    return len(member.orig_filename.encode("utf-8" if member.flag_bits & IN_UTF8 else "cp437"))
