"""Whether a product's files are those that its own lists tell of: their sizes, their checksums.

Sizes are compared of every file that is there. Checksums are compared of files that were read to
describe the product, and of objects whose store tells their MD5; of all other files, too, where the
product is small enough to be read whole. Files that a list names and that are not there are no
mismatch: products are kept without their rasters, and what a description needs its extractor asks
for.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from swath.domain.ledger import Reason
from swath.domain.multihash import agrees, disagreeing, multihash
from swath.errors import ProductError
from swath.formats.bytesource import ByteSource
from swath.formats.content import Content, Span
from swath.formats.productfiles import ProductFiles
from swath.formats.safe import MANIFEST, XFDU_MANIFEST, read_manifest

# Lists as `md5sum` and `sha256sum` write them, beside the files.
# Source: https://www.gnu.org/software/coreutils/manual/html_node/md5sum-invocation.html
SUMS = re.compile(r"(?:[^/]*[._-])?(?P<name>md5|sha256)(?:sums?)?(?:\.txt)?", re.IGNORECASE)
SUM = re.compile(r"\\?(?P<digest>[0-9a-fA-F]{32,64}) [ *](?:\./)?(?P<path>\S.*?)\s*")
LARGEST_SUMS = 1024 * 1024

MD5 = re.compile("[0-9a-f]{32}")

# What describes a product of Sentinel-2, datastrip included, has some 30 MB at most.
MOST_WITNESSED = 64 * 1024 * 1024


@dataclass(frozen=True)
class Claim:
    """What the list at `source` says of the file at `path`."""

    source: str
    path: str
    size: int | None
    checksum: str | None


class WitnessedFiles:
    """A product's files, passed on; remembers the bytes of those that were read, as long as there
    are no more of them than any product's metadata have.
    """

    def __init__(self, files: ProductFiles) -> None:
        self._files = files
        self.name, self.root, self.folder = files.name, files.root, files.folder
        self.sizes, self.sealed = files.sizes, files.sealed
        self.witnessed: dict[str, bytes] = {}
        self._room = MOST_WITNESSED

    def read(self, path: str) -> bytes:
        """The file's bytes, read once."""
        if path in self.witnessed:
            return self.witnessed[path]
        content = self._files.read(path)
        if len(content) <= self._room:
            self._room -= len(content)
            self.witnessed[path] = content
        return content

    def open(self, path: str) -> BinaryIO:
        """The file, seekable."""
        return self._files.open(path)

    def content(self, path: str) -> Content:
        """The file's bytes for whoever wants them all."""
        return self._files.content(path)

    def passing(self, paths: Iterable[str]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Files in the order they lie in; they are not remembered."""
        return self._files.passing(paths)

    def prefetch(self, paths: Iterable[str]) -> None:
        """Tells which files will be read next."""
        self._files.prefetch(path for path in paths if path not in self.witnessed)


def verify(files: WitnessedFiles, versions: Mapping[str, str], whole: int = 0) -> None:
    """Compares a product with the lists it carries. `versions` are the ETags of files that are
    objects of their own. A product of at most `whole` bytes is read whole for it.

    Raises:
        ProductError: `size-mismatch` or `checksum-mismatch`, naming the file, the list and both
            values; `truncated` for what is not as its archive has sealed it.
        StoreUnavailableError: the store failed while the product was read.
    """
    digests = _told_digests(files.witnessed, versions)
    claims = list(_claims(files))
    for claim in claims:
        _check_size(claim, files.sizes[claim.path])
        _check_checksum(claim, files.witnessed.get(claim.path), digests.get(claim.path))
    if sum(files.sizes.values()) <= whole:
        _verify_unread(files, [c for c in claims if not _is_told(c, digests)])


def verify_object(source: ByteSource, promised: Collection[str], whole: int) -> None:
    """Compares an object of at most `whole` bytes with the checksums that whoever uploaded it gave
    it.

    Raises:
        ProductError: `checksum-mismatch`.
        StoreUnavailableError: the store failed while it was read.
    """
    if not promised or source.size > whole:
        return
    for checksum in disagreeing(promised, Span(source, 0, source.size).stream(0, source.size)):
        raise ProductError(
            Reason.CHECKSUM_MISMATCH,
            f"{source.name} has not the checksum {checksum} that its metadata say",
        )


def _verify_unread(files: WitnessedFiles, claims: Iterable[Claim]) -> None:
    """Reads what was not read yet and of which a checksum is known."""
    claimed: dict[str, dict[str, Claim]] = defaultdict(dict)
    for claim in claims:
        if claim.checksum:
            claimed[claim.path][claim.checksum] = claim
    known = files.sizes.keys() if files.sealed else claimed.keys()
    for path, pieces in files.passing(known - files.witnessed.keys()):
        for checksum in disagreeing(claimed.get(path, ()), pieces):
            raise _other_checksum(claimed[path][checksum])


def _claims(files: WitnessedFiles) -> Iterator[Claim]:
    """What is said of files that are there."""
    for path in sorted(files.sizes):
        if path in (MANIFEST, XFDU_MANIFEST):
            found = _listed(files, path)
        elif SUMS.fullmatch(path) and files.sizes[path] <= LARGEST_SUMS:
            found = _summed(files, path)
        else:
            continue
        yield from (claim for claim in found if claim.path in files.sizes)


def _listed(files: WitnessedFiles, path: str) -> list[Claim]:
    try:
        objects = read_manifest(files, path).objects
    except ProductError:
        # Whoever needs the manifest says what is wrong with it; to others it tells nothing.
        return []
    return [Claim(path, o.path, o.size, o.multihash) for o in objects]


def _summed(files: WitnessedFiles, path: str) -> list[Claim]:
    kind = SUMS.fullmatch(path)
    lines = map(SUM.fullmatch, files.read(path).decode("utf-8", "replace").splitlines())
    return [
        Claim(path, line["path"], None, multihash(kind["name"], line["digest"]))
        for line in lines
        if kind and line
    ]


def _check_size(claim: Claim, size: int) -> None:
    if claim.size not in (None, size):
        raise ProductError(
            Reason.SIZE_MISMATCH,
            f"{claim.path} has {size} bytes, {claim.source} says {claim.size}",
        )


def _check_checksum(claim: Claim, content: bytes | None, digest: str | None) -> None:
    if claim.checksum is None:
        return
    if content is not None and not agrees(claim.checksum, content):
        raise _other_checksum(claim)
    if _is_told(claim, {claim.path: digest}) and claim.checksum != digest:
        raise ProductError(
            Reason.CHECKSUM_MISMATCH,
            f"{claim.path} has the checksum {digest}, {claim.source} says {claim.checksum}",
        )


def _is_told(claim: Claim, digests: Mapping[str, str | None]) -> bool:
    """Whether a store told the checksum that a list speaks of."""
    is_md5 = claim.checksum is not None and claim.checksum.startswith("d501")
    return is_md5 and digests.get(claim.path) is not None


def _other_checksum(claim: Claim) -> ProductError:
    return ProductError(
        Reason.CHECKSUM_MISMATCH,
        f"{claim.path} has not the checksum {claim.checksum} that {claim.source} says",
    )


def _told_digests(witnessed: Mapping[str, bytes], versions: Mapping[str, str]) -> dict[str, str]:
    """Path -> MD5 as the store tells it; none where ETags are something else.

    That they are MD5s shows in the files that were read: an ETag is none of an object encrypted by
    a key of KMS, and looks the same.
    """
    read = [(content, versions[path]) for path, content in witnessed.items() if path in versions]
    told = [(content, etag) for content, etag in read if MD5.fullmatch(etag)]
    if not told or any(_md5(content) != etag for content, etag in told):
        return {}
    return {path: f"d50110{etag}" for path, etag in versions.items() if MD5.fullmatch(etag)}


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
