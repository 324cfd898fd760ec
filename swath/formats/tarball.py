"""A product in a tar: plain (read by ranges) or gzipped (one pass from end to end)."""

import io
import tarfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import IO, BinaryIO, Self, cast

from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.formats.bytesource import ByteSource
from swath.formats.content import PIECE, Content, Forward, Span
from swath.formats.layout import MOST_FILES, Layout, lay_out
from swath.formats.picture import LARGEST_PICTURE
from swath.formats.productfiles import Allowance
from swath.formats.ranges import RangeFile

CHUNK = 4 * 1024 * 1024
# In one pass over a gzipped tar nobody knows yet which files will be asked for: these might.
METADATA = (".xml", ".safe", ".json", ".txt", ".eof", ".hdr")
PICTURES = (".png", ".jpg", ".jpeg", ".jp2")
MOST_KEPT = 96 * 1024 * 1024
# Data that tell themselves what they are, where they are small: whole scenes are not.
DATA = (".nc", ".h5", ".tif", ".tiff")
LARGEST_DATA = 16 * 1024 * 1024
# Rasters of nothing but zeros shrink a hundredfold; what shrinks further is a bomb.
LARGEST_RATIO, ALWAYS_UNPACKED = 100, 64 * 1024 * 1024
# Headers that carry a name or a few fields for the member after them, and what these may take.
EXTENSIONS = b"LKxgX"
LARGEST_EXTENSION = 64 * 1024

DAMAGE = (
    tarfile.TarError,
    EOFError,
    zlib.error,
    OSError,
    ValueError,
    ArithmeticError,
    RecursionError,
)


class _Header(tarfile.TarInfo):
    """A member's header; one that is damaged does not count as the end of the archive."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        try:
            header = super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf.count(0) == tarfile.BLOCKSIZE:
                raise
            raise tarfile.ReadError(f"a header is damaged: {error}") from error
        if header.type in (bytes([t]) for t in EXTENSIONS) and header.size > LARGEST_EXTENSION:
            raise ProductError(Reason.TOO_LARGE, f"a header of {header.size} bytes")
        return header

    def _block(self, count: int) -> int:
        # A negative size would lead back to where the reader came from, for ever.
        if count < 0:
            raise tarfile.ReadError(f"a member of {count} bytes")
        return super()._block(count)  # type: ignore[misc, no-any-return]


class TarFiles:
    """The files of a product in a tar: `read` gets a member's bytes, `send` what streams them,
    `pass_` the bytes of many in the order they lie in, `seek` opens one in place.
    """

    sealed = False

    def __init__(
        self,
        members: Mapping[str, tarfile.TarInfo],
        layout: Layout,
        read: Callable[[tarfile.TarInfo], bytes],
        send: Callable[[tarfile.TarInfo], Content],
        pass_: Callable[[Collection[str]], Iterator[tuple[str, Iterator[bytes]]]],
        seek: Callable[[tarfile.TarInfo], BinaryIO] | None = None,
    ) -> None:
        self._members, self._layout, self._read, self._seek = members, layout, read, seek
        self._send, self._pass = send, pass_
        self._allowance = Allowance(layout.name)
        self.name, self.root, self.folder = layout.name, layout.root, layout.folder
        self.sizes: Mapping[str, int] = {p: members[full].size for p, full in layout.paths.items()}

    def prefetch(self, paths: Iterable[str]) -> None:
        """Nothing to do: a tar has no directory that would make it cheaper."""

    def open(self, path: str) -> BinaryIO:
        """The file: in place, or in memory out of a gzipped tar."""
        if self._seek is None or path not in self.sizes:
            return io.BytesIO(self.read(path))
        return self._seek(self._members[self._layout.paths[path]])

    def content(self, path: str) -> Content:
        """The file in place, or found again in a gzipped tar."""
        if path not in self.sizes:
            raise ProductError(Reason.METADATA_MISSING, f"{self.name} has no {path}")
        return self._send(self._members[self._layout.paths[path]])

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """The files as they lie, in one pass."""
        wanted = {self._layout.paths[path]: path for path in paths}
        for name, pieces in self._pass(wanted):
            yield wanted[name], pieces

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        if path not in self.sizes:
            raise ProductError(Reason.METADATA_MISSING, f"{self.name} has no {path}")
        self._allowance.take(path, self.sizes[path])
        return self._read(self._members[self._layout.paths[path]])


class _Opened(io.RawIOBase):
    """The bytes of a file from `start` on, `size` of them."""

    def __init__(self, file: RangeFile, start: int, size: int) -> None:
        self._file, self._start, self._size, self._position = file, start, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        self._file.seek(self._start + self._position)
        content = self._file.read(max(0, min(len(buffer), self._size - self._position)))
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)


def _opened(file: RangeFile, member: tarfile.TarInfo) -> BinaryIO:
    return cast("BinaryIO", _Opened(file, member.offset_data, member.size))


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    try:
        file = archive.extractfile(member)
        content = file.read() if file else b""
    except DAMAGE as error:
        raise ProductError(Reason.TRUNCATED, f"{member.name} is damaged: {error}") from error
    if len(content) < member.size:
        raise ProductError(
            Reason.TRUNCATED, f"{member.name} ends after {len(content)} of {member.size} bytes"
        )
    return content


def _kept(contents: Mapping[str, bytes], member: tarfile.TarInfo) -> bytes:
    if member.name not in contents:
        raise ProductError(
            Reason.TOO_LARGE,
            f"{member.name} cannot be read inside a gzipped tar: put it in a zip or a plain tar",
        )
    return contents[member.name]


def open_tar(source: ByteSource) -> TarFiles:
    """The product in a plain tar.

    Raises:
        ProductError: `not-an-archive`, `truncated`, `unsafe-path`, `ambiguous` or `too-large`.
    """
    file = RangeFile(source)
    try:
        archive = tarfile.open(fileobj=file, mode="r:", tarinfo=_Header)  # noqa: SIM115  lives as long as its files
        members = {m.name: m for m in _files(archive, source.name)}
    except DAMAGE as error:
        raise _unreadable(source, error) from error
    return TarFiles(
        members,
        lay_out([m.name for m in members.values()], source.name),
        partial(_content, archive),
        lambda member: Span(source, member.offset_data, member.size),
        partial(_passing, source, members),
        partial(_opened, file),
    )


def open_gzipped_tar(source: ByteSource) -> TarFiles:
    """The product in a gzipped tar, read once from end to end in bounded memory.

    Raises:
        ProductError: as `open_tar`.
    """
    members: dict[str, tarfile.TarInfo] = {}
    contents: dict[str, bytes] = {}
    kept = 0
    most = LARGEST_RATIO * source.size + ALWAYS_UNPACKED
    try:
        with _gunzipped(source) as archive:
            for member in _files(archive, source.name):
                if member.offset_data + member.size > most:
                    detail = f"{source.name} unpacks to more than {most} bytes"
                    raise ProductError(Reason.TOO_LARGE, detail)
                members[member.name] = member
                if _is_wanted(member, kept):
                    contents[member.name] = _content(archive, member)
                    kept += member.size
    except DAMAGE as error:
        raise _unreadable(source, error) from error
    return TarFiles(
        members,
        lay_out(list(members), source.name),
        partial(_kept, contents),
        partial(_Gunzipped, source),
        partial(_gunzipped_passing, source),
    )


def _is_wanted(member: tarfile.TarInfo, kept: int) -> bool:
    """Whether it may be metadata, as small as a quicklook, or data that tell what they are."""
    name = member.name.lower()
    if name.endswith(PICTURES) and member.size > LARGEST_PICTURE:
        return False
    # Data leave room for the metadata that may follow.
    most = LARGEST_DATA if name.endswith(DATA) else MOST_KEPT
    return name.endswith((*METADATA, *PICTURES, *DATA)) and kept + member.size <= most


def _gunzipped(source: ByteSource) -> tarfile.TarFile:
    return tarfile.open(
        fileobj=io.BufferedReader(_Sequential(source), CHUNK), mode="r|gz", tarinfo=_Header
    )


def _passing(
    source: ByteSource, members: Mapping[str, tarfile.TarInfo], names: Collection[str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    forward = Forward(source)
    for member in sorted((members[name] for name in names), key=lambda m: m.offset_data):
        yield member.name, Span(forward, member.offset_data, member.size).stream(0, member.size)


def _gunzipped_passing(
    source: ByteSource, names: Collection[str]
) -> Iterator[tuple[str, Iterator[bytes]]]:
    try:
        with _gunzipped(source) as archive:
            for member in archive:
                if member.name in names:
                    file = cast("IO[bytes]", archive.extractfile(member))
                    yield member.name, _pieces(file, 0, member.size)
    except DAMAGE as error:
        raise _unreadable(source, error) from error


class _Gunzipped:
    """A member of a gzipped tar; everything before it is unpacked on the way to it."""

    def __init__(self, source: ByteSource, member: tarfile.TarInfo) -> None:
        self._source, self._name, self.size = source, member.name, member.size

    def stream(self, start: int, length: int) -> Iterator[bytes]:
        """Its bytes, in one pass over the archive up to its end."""
        try:
            with _gunzipped(self._source) as archive:
                found = next(member for member in archive if member.name == self._name)
                file = cast("IO[bytes]", archive.extractfile(found))
                yield from _pieces(file, start, min(start + length, self.size))
        except (StopIteration, *DAMAGE) as error:
            raise ProductError(Reason.TRUNCATED, f"{self._name} is damaged: {error}") from error


def _pieces(file: IO[bytes], start: int, stop: int) -> Iterator[bytes]:
    at = 0
    while at < stop:
        piece = file.read(min(PIECE, stop - at))
        if not piece:
            raise EOFError(f"it ends after {at} bytes")
        if wanted := piece[max(0, start - at) :]:
            yield wanted
        at += len(piece)


def _files(archive: tarfile.TarFile, name: str) -> Iterator[tarfile.TarInfo]:
    seen: set[str] = set()
    for member in archive:
        if member.isdir():
            continue
        if not member.isfile() or member.issparse():
            raise ProductError(
                Reason.UNSAFE_PATH, f"{name} holds {member.name[:200]!r}, which is no plain file"
            )
        if member.name in seen:
            raise ProductError(Reason.AMBIGUOUS, f"{name} holds {member.name[:200]!r} twice")
        seen.add(member.name)
        if len(seen) > MOST_FILES:
            raise ProductError(Reason.TOO_LARGE, f"{name} holds more than {MOST_FILES} files")
        yield member


def _unreadable(source: ByteSource, error: Exception) -> ProductError:
    head = source.read(0, 512)
    is_tar = head[257:262] == b"ustar" or head[:2] == b"\x1f\x8b"
    return ProductError(
        Reason.TRUNCATED if is_tar else Reason.NOT_AN_ARCHIVE, f"{source.name}: {error}"
    )


class _Sequential(io.RawIOBase):
    """The source from end to end, without keeping what was read."""

    def __init__(self, source: ByteSource) -> None:
        self._source, self._position = source, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        content = self._source.read(
            self._position, min(len(buffer), self._source.size - self._position)
        )
        buffer[: len(content)] = content
        self._position += len(content)
        return len(content)
