"""What became of each dropped object, and why.

Every object dropped in the inbox ends in exactly one of CATALOGUED, QUARANTINED, SUPERSEDED or
DELETED;
until then it is RECEIVED (or its message still waits in the queue).
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a dropped object stands."""

    RECEIVED = "RECEIVED"
    CATALOGUED = "CATALOGUED"
    QUARANTINED = "QUARANTINED"
    SUPERSEDED = "SUPERSEDED"
    DELETED = "DELETED"


TERMINAL = frozenset({State.CATALOGUED, State.QUARANTINED, State.SUPERSEDED, State.DELETED})


class Reason(StrEnum):
    """Why an object is not in the catalogue: one code per remedy."""

    EMPTY = "empty"
    UNKNOWN_PRODUCT = "unknown-product"
    UNSUPPORTED_TYPE = "unsupported-type"
    NOT_AN_ARCHIVE = "not-an-archive"
    TRUNCATED = "truncated"
    SIZE_MISMATCH = "size-mismatch"
    CHECKSUM_MISMATCH = "checksum-mismatch"
    ENCRYPTED = "encrypted"
    UNSAFE_PATH = "unsafe-path"
    AMBIGUOUS = "ambiguous"
    TOO_LARGE = "too-large"
    METADATA_MISSING = "metadata-missing"
    METADATA_INVALID = "metadata-invalid"
    UNREADABLE = "unreadable"
    NO_TIME = "no-time"
    NO_FOOTPRINT = "no-footprint"
    INVALID_FOOTPRINT = "invalid-footprint"
    UNSUPPORTED_CRS = "unsupported-crs"
    NOT_AN_ITEM = "not-an-item"
    NOT_A_COLLECTION = "not-a-collection"
    INVALID_ITEM = "invalid-item"
    NO_COLLECTION = "no-collection"
    BAD_EVENT = "bad-event"
    FOREIGN_BUCKET = "foreign-bucket"
    EXTRACTOR_FAILED = "extractor-failed"
    REPLACED = "replaced"
    GONE = "gone"
    REMOVED = "removed"


REMEDIES: dict[Reason, str] = {
    Reason.EMPTY: "The object has no bytes, or the archive no files: upload it again.",
    Reason.UNKNOWN_PRODUCT: (
        "The name belongs to no product Swath knows: check the name, or add the mission "
        "(CONTRIBUTING, 'add a mission')."
    ),
    Reason.UNSUPPORTED_TYPE: (
        "The mission is known but this product type is not catalogued yet: keep the object "
        "and drop it again when the type is supported."
    ),
    Reason.NOT_AN_ARCHIVE: (
        "The name says archive but the bytes do not: upload the original zip or tar."
    ),
    Reason.TRUNCATED: "The archive is damaged or ends early: upload it again, completely.",
    Reason.SIZE_MISMATCH: (
        "A file is longer or shorter than the product's manifest says, so part of it is missing "
        "or it was changed: fetch the product again from its source."
    ),
    Reason.CHECKSUM_MISMATCH: (
        "A file is not the one that the product's manifest lists: fetch the product again from "
        "its source."
    ),
    Reason.ENCRYPTED: "Members are encrypted: upload an archive without a password.",
    Reason.UNSAFE_PATH: (
        "A path leaves the product's folder or cannot be read as a path: upload the original "
        "product under a plain key."
    ),
    Reason.AMBIGUOUS: (
        "The archive holds the same path twice, or more than one product: upload one product "
        "per object."
    ),
    Reason.TOO_LARGE: (
        "A metadata file or the list of members is larger than any real product's, or data that "
        "tell themselves what they are lie packed in an archive: rebuild the product, or put such "
        "data into a zip that only stores them."
    ),
    Reason.METADATA_MISSING: (
        "A metadata file that every product of this type has is not there: upload the "
        "complete product."
    ),
    Reason.METADATA_INVALID: (
        "A metadata file cannot be read: fetch the product again from its source."
    ),
    Reason.NO_TIME: (
        "Nothing in the file or its name says when it was acquired: write the time into the "
        "file's metadata or name, or describe it by a STAC Item in JSON."
    ),
    Reason.UNREADABLE: (
        "Reading the file crashed its reader, or took too long or too much memory: fetch the "
        "product again from its source; report it when the new copy fails too."
    ),
    Reason.NO_FOOTPRINT: (
        "The metadata holds no footprint, so the product cannot be found by place: fetch the "
        "complete product from its source."
    ),
    Reason.INVALID_FOOTPRINT: (
        "The footprint is not a valid shape on Earth: fetch the product again from its source."
    ),
    Reason.UNSUPPORTED_CRS: (
        "The file's coordinates are in a reference system that Swath cannot turn into longitude "
        "and latitude: warp it to EPSG:4326, EPSG:3857 or UTM, or describe it by a STAC Item in "
        "JSON."
    ),
    Reason.NOT_AN_ITEM: (
        "The JSON is not a STAC Item as the specification asks for: mend what the detail names "
        "and drop it again."
    ),
    Reason.NOT_A_COLLECTION: (
        "The JSON says it is a STAC Collection, but is none as the specification asks for: mend "
        "what the detail names and drop it again."
    ),
    Reason.INVALID_ITEM: (
        "The catalogue refused the Item or Collection: report the detail with the product's name."
    ),
    Reason.NO_COLLECTION: (
        "The Item names a collection that the catalogue does not have: drop the collection "
        "in the inbox or add it by the API, then drop the object again."
    ),
    Reason.BAD_EVENT: "The message is not an S3 event: send a list of Records as S3 does.",
    Reason.FOREIGN_BUCKET: (
        "The event names a bucket that is not an inbox of this hub: check the bucket's "
        "notification."
    ),
    Reason.EXTRACTOR_FAILED: (
        "A fault in Swath, not in the product: report the detail with the product's name; the "
        "object is kept and can be dropped again when the fault is mended."
    ),
    Reason.REPLACED: "A newer object describes the same product: nothing to do.",
    Reason.REMOVED: "The object was removed from its bucket: drop it again if not meant.",
    Reason.GONE: "The object was deleted before it was read: drop it again if that was not meant.",
}


@dataclass(frozen=True)
class DroppedObject:
    """One version of one object in an inbox. `version` is its ETag: it names the bytes.

    `sequencer` is S3's word on which of two events of a key came later, where an event told it.
    """

    bucket: str
    key: str
    version: str
    size: int
    modified: datetime
    sequencer: str = field(default="", compare=False)


@dataclass(frozen=True)
class LedgerRow:
    """What became of one dropped object."""

    object: DroppedObject
    state: State
    reason: Reason | None = None
    detail: str | None = None
    collection: str | None = None
    item_id: str | None = None
    first_seen: datetime | None = None
    updated: datetime | None = None
    replays: int = 0
    last_replay: datetime | None = None

    @property
    def remedy(self) -> str | None:
        """What to do about it."""
        return REMEDIES[self.reason] if self.reason else None
