"""Reads one product where it lies in a bucket: looks at the object itself, never at what an event
said of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from swath.domain.collection import Collection
from swath.domain.item import Item
from swath.domain.ledger import DroppedObject, Reason
from swath.domain.naming import Place, closing_names
from swath.errors import ObjectNotFoundError, ProductError, QueryError, SwathError
from swath.extractors import extract, extract_collection
from swath.formats.archive import open_object
from swath.formats.directory import DirectoryFiles
from swath.formats.integrity import WitnessedFiles, verify, verify_object
from swath.formats.picture import Picture
from swath.formats.productfiles import ProductFiles
from swath.observability import logger
from swath.services.placement import collection_at, in_directory, in_object
from swath.services.thumbnail import picture_of
from swath.stores.s3 import S3, is_plain

# What may be wrong with metadata because they were altered: then that is told instead.
CONSEQUENCES = frozenset(
    {
        Reason.METADATA_MISSING,
        Reason.METADATA_INVALID,
        Reason.NO_TIME,
        Reason.NO_FOOTPRINT,
        Reason.INVALID_FOOTPRINT,
        Reason.EXTRACTOR_FAILED,
    }
)


@dataclass(frozen=True)
class Reading:
    """A product as it lies in its bucket.

    `objects` are all its objects; `result` is its Item (or the Collection that it is), or why it
    has none, or None while its directory is still open. `picture` is what its thumbnail will be.
    `kept` says that it was read in its store, which it was brought to before.
    """

    bucket: str
    place: Place
    objects: tuple[DroppedObject, ...]
    result: Item | Collection | ProductError | None
    picture: Picture | None = None
    kept: bool = False


def read_product(store: S3, bucket: str, place: Place, whole: int = 0) -> Reading:
    """The product at a place. One of at most `whole` bytes is read whole, to verify it.

    Raises:
        ObjectNotFoundError: nothing lies there (any more).
        TransientError: the store failed.
    """
    return (
        _read_directory(store, bucket, place, whole)
        if place.is_directory
        else _read_object(store, bucket, place, whole)
    )


def _read_object(store: S3, bucket: str, place: Place, whole: int) -> Reading:
    thing = store.open(bucket, place.key)
    try:
        files = open_object(thing)
        if found := _collection_in(files, place):
            return Reading(bucket, place, (thing.dropped,), collection_at(found, thing.dropped))
        item, picture = described(files, {}, whole)
        verify_object(thing, thing.promised, whole)
        placed = in_object(item, thing.dropped, files.folder, thing.checksums)
    except ProductError as error:
        return Reading(bucket, place, (thing.dropped,), error)
    return Reading(bucket, place, (thing.dropped,), placed, picture)


def _read_directory(store: S3, bucket: str, place: Place, whole: int) -> Reading:
    objects = tuple(sorted(store.list(bucket, place.key), key=lambda o: o.key))
    if not objects:
        raise ObjectNotFoundError(f"s3://{bucket}/{place.key} holds nothing")
    if closing_key(place, {o.key for o in objects}) is None:
        return Reading(bucket, place, objects, None)
    sizes = {o.key[len(place.key) :]: o.size for o in objects}
    folder = place.key.rstrip("/").rsplit("/", 1)[-1]
    try:
        files = DirectoryFiles(
            folder,
            sizes,
            lambda path: store.read(bucket, place.key + path),
            lambda path: store.open(bucket, place.key + path),
        )
        versions = {o.key[len(place.key) :]: o.version for o in objects}
        item, picture = described(files, versions, whole)
        placed = in_directory(item, place, objects)
    except ProductError as error:
        return Reading(bucket, place, objects, error)
    return Reading(bucket, place, objects, placed, picture)


def closing_key(place: Place, keys: set[str]) -> str | None:
    """The key that says that the directory is complete, or None while it is not there."""
    candidates = (place.key + name for name in closing_names(place.name))
    return next((key for key in candidates if key in keys), None)


def unreadable_key(key: str) -> ProductError | None:
    """Why an object can never be read under its key, if so."""
    if is_plain(key):
        return None
    return ProductError(Reason.UNSAFE_PATH, f"the key {key[:200]!r} has an empty, `.` or `..` part")


def described(
    files: ProductFiles, versions: Mapping[str, str], whole: int = 0
) -> tuple[Item, Picture | None]:
    """The Item and its picture, when the product is what its own lists say: every file of it, if it
    has at most `whole` bytes.
    """
    witnessed = WitnessedFiles(files)
    try:
        item = _guarded(extract, witnessed)
        picture = picture_of(witnessed, item)
    except ProductError as error:
        if error.reason in CONSEQUENCES:
            verify(witnessed, versions)
        raise
    verify(witnessed, versions, whole)
    return item, picture


def _collection_in(files: ProductFiles, place: Place) -> Collection | None:
    """The Collection that an object is, if it is one."""
    if not place.key.lower().endswith(".json"):
        return None
    found = _guarded(extract_collection, files)
    if found is None:
        return None
    # Models that no function needs until a Collection arrives.
    from swath.services.edit_collections import checked_collection

    try:
        return Collection(checked_collection(found.content))
    except QueryError as error:
        raise ProductError(Reason.NOT_A_COLLECTION, f"{files.name}: {error}") from error


def _guarded[T](extract_from: Callable[[ProductFiles], T], files: ProductFiles) -> T:
    try:
        return extract_from(files)
    except SwathError:
        raise
    except Exception as error:
        # Extraction is a function of the product's bytes: what fails once fails always, and must
        # not hold up others.
        logger.exception("extractor failed", extra={"product": files.name})
        raise ProductError(Reason.EXTRACTOR_FAILED, f"{type(error).__name__}: {error}") from error
