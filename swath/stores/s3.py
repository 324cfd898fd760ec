"""Buckets of S3: objects read by range, written, handed out; folders listed. Every read is of one
version of the object, or fails.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import BaseError, NotFoundError, PreconditionError
from obstore.store import S3Store

from swath.domain.ledger import DroppedObject
from swath.errors import ObjectNotFoundError, StoreUnavailableError
from swath.formats.bytesource import ByteSource
from swath.formats.content import PIECE
from swath.stores.checksums import promised_checksums, told_checksums
from swath.stores.s3control import S3Control
from swath.stores.schemes import AUTH, storage_schemes
from swath.stores.store import TAIL, Access, Attachment, OpenedObject, StoredObject
from swath.stores.streaming import resumed
from swath.stores.verify import Digest, check_written, md5_of

if TYPE_CHECKING:
    from obstore import ObjectMeta

# A part of an upload: S3 allows ten thousand, and none but the last below 5 MiB.
PART = 8 * 1024 * 1024
MOST_PARTS = 9_000
# Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
LARGEST_COPY = 5 * 1024**3


class S3Object:
    """One version of an object. Its last `tail` bytes come with its size, in one request, and with
    the `checksums` (multihashes) of its bytes that it carries, of which its uploader `promised`
    some.
    """

    def __init__(self, store: S3Store, bucket: str, key: str, tail: int = TAIL) -> None:
        self._store, self._key = store, key
        self.account: S3 | None = None
        with translated(bucket, key):
            meta, self._tail, attributes = (
                _meta_and_tail(store, key, tail) if tail else (obstore.head(store, key), b"", {})
            )
        self.dropped = _dropped(bucket, key, meta)
        self.checksums = told_checksums(self.dropped.version, attributes)
        self.promised = promised_checksums(self.dropped.version, attributes)
        self.stored = stored(self.dropped)
        self.name = key.rsplit("/", 1)[-1]
        self.size = self.dropped.size

    def read(self, start: int, length: int) -> bytes:
        """Bytes of this version.

        Raises:
            StoreUnavailableError: the store failed, or the object was replaced meanwhile: try
            again.
            ObjectNotFoundError: the object was deleted meanwhile.
        """
        length = min(length, self.size - start)
        tail_start = self.size - len(self._tail)
        if start >= tail_start:
            return self._tail[start - tail_start :][:length]
        with translated(self.dropped.bucket, self._key):
            return bytes(self._get(start, start + length).bytes())

    def stream(self, start: int, length: int) -> Iterator[bytes]:
        """Bytes of this version in pieces, by one request unless it breaks off.

        Raises:
            StoreUnavailableError: the store failed, or the object was replaced meanwhile.
            ObjectNotFoundError: the object was deleted meanwhile.
        """
        if start >= self.size - len(self._tail):
            return iter([self.read(start, length)])
        return resumed(self._pieces, start, min(start + length, self.size))

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        with translated(self.dropped.bucket, self._key):
            for piece in self._get(start, stop).stream(min_chunk_size=PIECE):
                yield bytes(piece)

    def _get(self, start: int, stop: int) -> "obstore.GetResult":
        wanted: Any = {"range": (start, stop), "if_match": f'"{self.dropped.version}"'}
        return obstore.get(self._store, self._key, options=wanted)


class S3:
    """The buckets of one account and region. `endpoint` is given for anything but AWS itself; the
    keys are the environment's (a role's) unless given.
    """

    root = "s3://"

    def __init__(
        self,
        region: str,
        endpoint: str | None = None,
        *,
        access_key: str | None = None,
        secret_key: str | None = None,
    ) -> None:
        self.region, self.endpoint = region, endpoint
        self.access = Access("S3", storage_schemes(region, endpoint), AUTH)
        self._keys: dict[str, Any] = (
            {"access_key_id": access_key, "secret_access_key": secret_key} if access_key else {}
        )
        self._bucket = cache(self._open_bucket)
        self._control = S3Control(region, endpoint, access_key, secret_key)
        self.ensure = cache(self._control.ensure)
        self.delete = self._control.delete

    def _open_bucket(self, bucket: str) -> S3Store:
        plain = bool(self.endpoint and self.endpoint.startswith("http://"))
        return S3Store(
            bucket,
            region=self.region,
            endpoint=self.endpoint,
            virtual_hosted_style_request=False,
            client_options={"allow_http": plain, "connect_timeout": "3s", "timeout": "30s"},
            retry_config={"max_retries": 3},
            **self._keys,
        )

    def open(self, bucket: str, key: str, tail: int = TAIL) -> S3Object:
        """The object as it is now, its last `tail` bytes in the same request.

        Raises:
            ObjectNotFoundError: there is none.
            StoreUnavailableError: the store failed.
        """
        opened = S3Object(self._bucket(bucket), bucket, key, tail)
        opened.account = self
        return opened

    def list(self, bucket: str, prefix: str) -> Iterator[DroppedObject]:
        """The objects below a prefix that ends in `/`, in no particular order.

        Raises:
            StoreUnavailableError: the store failed.
        """
        with translated(bucket, prefix):
            for page in obstore.list(self._bucket(bucket), prefix.rstrip("/") or None):
                # A folder placeholder (`prefix/`, without bytes) loses its slash on the way: it is
                # no file.
                found = (meta for meta in page if meta["path"].startswith(prefix))
                yield from (_dropped(bucket, meta["path"], meta) for meta in found)

    def put(self, bucket: str, key: str, content: bytes, media_type: str) -> None:
        """Writes an object in one request, over the one that is there.

        Raises:
            StoreUnavailableError: the store failed, or there is no such bucket.
        """
        attributes = {"Content-Type": media_type}
        try:
            with translated(bucket, key):
                obstore.put(
                    self._bucket(bucket), key, content, attributes=attributes, use_multipart=False
                )
        except ObjectNotFoundError as error:
            raise StoreUnavailableError(f"there is no bucket {bucket}") from error

    def read(self, bucket: str, key: str) -> bytes:
        """All bytes of an object.

        Raises:
            ObjectNotFoundError: there is none.
            StoreUnavailableError: the store failed.
        """
        with translated(bucket, key):
            return bytes(obstore.get(self._bucket(bucket), key).bytes())

    def write(self, bucket: str, key: str, pieces: Iterable[bytes], size: int) -> DroppedObject:
        """Writes an object; it is there whole or not at all, and what was sent.

        Raises:
            StoreUnavailableError: the store failed, or keeps other bytes than were sent.
        """
        part = max(PART, -(-size // MOST_PARTS))
        digest = Digest(size, part)
        sent = digest.checked(pieces)
        body: Any = b"".join(sent) if size <= part else sent
        with translated(bucket, key):
            obstore.put(
                self._bucket(bucket), key, body, use_multipart=size > part, chunk_size=part,
                max_concurrency=2,
            )  # fmt: skip
        written = self.open(bucket, key, tail=0)
        check_written(written, digest)
        return written.dropped

    def copied(self, source: OpenedObject, bucket: str, key: str) -> DroppedObject | None:
        """Copies an object of ours inside S3; None for one of another account, or one that S3 does
        not copy in one request.

        Raises:
            StoreUnavailableError: the store failed, or the copy is not equal.
        """
        if not isinstance(source, S3Object) or source.account is not self:
            return None
        if source.size > LARGEST_COPY:
            return None
        told = self._control.copy(source.dropped, bucket, key)
        copy = self.open(bucket, key, tail=0)
        if copy.size != source.size:
            raise StoreUnavailableError(f"{copy.stored.url} has {copy.size} bytes")
        # S3 copies without an error or not at all; its checksums, where both are told, say so, too.
        same = told or copy.dropped.version == source.dropped.version
        if not same and md5_of(copy) != md5_of(source):
            raise StoreUnavailableError(f"{copy.stored.url} does not hold what was copied")
        return copy.dropped

    def cut(
        self, source: ByteSource, start: int, length: int, bucket: str, key: str
    ) -> DroppedObject | None:
        """Copies a part of an object of ours inside S3; None for one of another account, or a part
        that is too small for it.

        Raises:
            ObjectNotFoundError: the object is gone.
            StoreUnavailableError: the store failed, or it was replaced.
        """
        if not isinstance(source, S3Object) or source.account is not self or length < PART:
            return None
        self._control.cut(source.dropped, start, length, bucket, key)
        copy = self.open(bucket, key, tail=0)
        if copy.size != length:
            raise StoreUnavailableError(f"{copy.stored.url} has {copy.size} bytes")
        return copy.dropped

    def presign(self, bucket: str, key: str, attachment: Attachment, seconds: int) -> str | None:
        """Where anybody may fetch the object for so many seconds."""
        return self._control.presign(bucket, key, attachment, seconds)


def stored(thing: DroppedObject) -> StoredObject:
    """An object of a bucket of S3 under its address."""
    return StoredObject(
        f"s3://{thing.bucket}/{thing.key}", thing.version, thing.size, thing.modified
    )


def is_plain(key: str) -> bool:
    """Whether a key can be read as a path: no empty, `.` or `..` part, no folder placeholder."""
    return not {"", ".", ".."} & set(key.split("/"))


@contextmanager
def translated(bucket: str, key: str) -> Iterator[None]:
    """Turns the store's errors into ours."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise ObjectNotFoundError(f"s3://{bucket}/{key} is not there") from error
    except PreconditionError as error:
        raise StoreUnavailableError(
            f"s3://{bucket}/{key} was replaced while it was read"
        ) from error
    except BaseError as error:
        raise StoreUnavailableError(f"s3://{bucket}/{key}: {error}") from error


def _meta_and_tail(
    store: S3Store, key: str, tail: int
) -> tuple["ObjectMeta", bytes, Mapping[str, str]]:
    try:
        result = obstore.get(store, key, options={"range": {"suffix": tail}})
        return result.meta, bytes(result.bytes()), result.attributes
    except (NotFoundError, FileNotFoundError):
        raise
    except BaseError:
        # An object without bytes has no last bytes, which stores say in different ways.
        meta = obstore.head(store, key)
        if meta["size"] > 0:
            raise
        return meta, b"", {}


def _dropped(bucket: str, key: str, meta: "ObjectMeta") -> DroppedObject:
    return DroppedObject(
        bucket, key, (meta["e_tag"] or "").strip('"'), meta["size"], meta["last_modified"]
    )
