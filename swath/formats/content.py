"""Bytes of a known number that can be sent from anywhere on, in bounded memory: an object, a file
inside an archive.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from swath.domain.ledger import Reason
from swath.errors import ProductError
from swath.formats.bytesource import ByteSource

PIECE = 1024 * 1024
# One request of a source that cannot be streamed.
LARGEST_READ = 8 * PIECE


class Content(Protocol):
    """What a client downloads."""

    @property
    def size(self) -> int:
        """Bytes in all."""
        ...

    def stream(self, start: int, length: int) -> Iterator[bytes]:
        """Bytes `start` to `start + length` in pieces.

        Raises:
            ProductError: the bytes are damaged.
            StoreUnavailableError: their store failed, or they were replaced meanwhile.
        """
        ...


@runtime_checkable
class StreamedSource(ByteSource, Protocol):
    """A source that sends a long range in one request."""

    def stream(self, start: int, length: int) -> Iterator[bytes]:
        """Bytes `start` to `start + length` in pieces."""
        ...


@dataclass(frozen=True)
class Span:
    """Bytes as they lie in a source: an object, or a member of an archive that is not packed."""

    source: ByteSource
    offset: int
    size: int

    def stream(self, start: int, length: int) -> Iterator[bytes]:
        """Bytes of the source."""
        at, stop = self.offset + start, self.offset + min(start + length, self.size)
        if isinstance(self.source, StreamedSource):
            yield from self.source.stream(at, stop - at)
            return
        while at < stop:
            piece = self.source.read(at, min(LARGEST_READ, stop - at))
            if not piece:
                raise ProductError(Reason.TRUNCATED, f"{self.source.name} ends before byte {stop}")
            yield piece
            at += len(piece)


@runtime_checkable
class Locatable(Protocol):
    """Bytes that may lie in a source as they are, where a request has to find out."""

    def located(self) -> Span | None:
        """Where they lie; None for those that have to be unpacked."""
        ...


def lying(content: Content) -> Span | None:
    """Where bytes lie that can be read here and there; None for those that have to be unpacked."""
    if isinstance(content, Span):
        return content
    return content.located() if isinstance(content, Locatable) else None


class Forward:
    """A source that is read from front to back: what is asked for comes out of one request, as long
    as little is left out on the way.
    """

    def __init__(self, source: ByteSource) -> None:
        self._source = source
        self.name, self.size = source.name, source.size
        self._at, self._held = -1, memoryview(b"")
        self._pieces: Iterator[bytes] = iter(())

    def read(self, start: int, length: int) -> bytes:
        """Bytes `start` to `start + length`."""
        return b"".join(self.stream(start, length))

    def stream(self, start: int, length: int) -> Iterator[bytes]:
        """Bytes `start` to `start + length` in pieces, each to be taken before the next request."""
        stop = min(start + length, self.size)
        if self._at < 0 or not 0 <= start - self._at <= PIECE:
            self._at, self._held = start, memoryview(b"")
            self._pieces = Span(self._source, start, self.size - start).stream(0, self.size)
        while self._at < stop:
            if not self._held:
                self._held = memoryview(next(self._pieces, b""))
            if not self._held:
                raise ProductError(Reason.TRUNCATED, f"{self.name} ends before byte {stop}")
            ahead = max(start, self._at) - self._at
            wanted = self._held[ahead : stop - self._at]
            taken = min(len(self._held), ahead + len(wanted))
            self._at, self._held = self._at + taken, self._held[taken:]
            if wanted:
                yield bytes(wanted)


@dataclass(frozen=True)
class Sealed:
    """A member of an archive that is not packed, compared with its CRC-32 by whoever takes it
    whole.
    """

    lying: Span
    name: str
    crc: int

    def stream(self, start: int, length: int) -> Iterator[bytes]:
        """Bytes of the member."""
        at = crc = 0
        for piece in self.lying.stream(start, length):
            yield piece
            at, crc = at + len(piece), zlib.crc32(piece, crc)
        if at == self.lying.size and crc != self.crc:
            raise ProductError(
                Reason.TRUNCATED,
                f"{self.name} is damaged: its checksum is {crc:08x}, its archive says "
                f"{self.crc:08x}",
            )


@dataclass(frozen=True)
class Inflated:
    """A deflated member of an archive: unpacked on the way, from its beginning."""

    packed: Span
    name: str
    size: int
    crc: int

    def stream(self, start: int, length: int) -> Iterator[bytes]:
        """Unpacked bytes; those before `start` are unpacked and left out."""
        at, stop, crc = 0, min(start + length, self.size), 0
        for piece in self._unpacked(stop):
            crc = zlib.crc32(piece, crc)
            before, at = at, at + len(piece)
            if at > self.size:
                raise self._damage(f"more than {self.size} bytes")
            if wanted := piece[max(0, start - before) : max(0, stop - before)]:
                yield wanted
            if stop <= at < self.size:
                return
        if at < self.size or crc != self.crc:
            raise self._damage(f"{at} of {self.size} bytes, checksum {crc:08x}")

    def _unpacked(self, wanted: int) -> Iterator[bytes]:
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            for packed in self._packed(wanted):
                yield unpacker.decompress(packed, PIECE)
                while left := unpacker.unconsumed_tail:
                    yield unpacker.decompress(left, PIECE)
            yield unpacker.flush()
        except zlib.error as error:
            raise self._damage(str(error)) from error

    def _packed(self, wanted: int) -> Iterator[bytes]:
        """The packed bytes; those that hold the `wanted` first ones in a request of their own."""
        # Deflate makes nothing longer by more than a few bytes in 16 000.
        likely = min(self.packed.size, wanted + wanted // 1000 + 1024)
        yield from self.packed.stream(0, likely)
        if likely < self.packed.size:
            yield from self.packed.stream(likely, self.packed.size - likely)

    def _damage(self, what: str) -> ProductError:
        return ProductError(Reason.TRUNCATED, f"{self.name} is damaged: {what}")
