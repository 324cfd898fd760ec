"""Reads a product once more that left the inbox for a store."""

from collections.abc import Sequence

from swath.domain.item import Item
from swath.domain.ledger import DroppedObject, State
from swath.domain.multihash import multihash
from swath.domain.naming import Place
from swath.errors import ProductError
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.ledger import Wanted
from swath.services.nodes import open_product
from swath.services.placement import in_directory, in_object
from swath.services.read import Reading, described
from swath.services.transfer import moved
from swath.services.whereabouts import whereabouts
from swath.stores.checksums import told_checksums
from swath.stores.store import Stores


def read_kept(
    catalogue: Catalogue, stores: Stores, bucket: str, place: Place, whole: int = 0
) -> Reading | None:
    """A product that left the inbox `bucket`, read where it is now; None when that is nowhere. One
    of at most `whole` bytes is read whole, to verify it.

    Raises:
        ObjectNotFoundError: it went away meanwhile.
        TransientError: the database or a store failed.
    """
    found = whereabouts(catalogue, stores, bucket, place)
    wanted = Wanted(bucket=bucket, keys=[place.key], state=State.CATALOGUED)
    objects = tuple(sorted((r.object for r in catalogue.ledger(wanted)), key=lambda o: o.key))
    if found is None or not objects:
        return None
    location, before = found
    try:
        files = open_product(stores, location).files
        versions = {o.key[len(place.key) :]: o.version for o in objects if place.is_directory}
        item, picture = described(files, versions, whole)
        if place.is_directory:
            item = in_directory(item, place, objects)
        else:
            item = in_object(item, objects[0], files.folder, _checksums(objects, before))
    except ProductError as error:
        return Reading(bucket, place, objects, error, kept=True)
    item = moved(item, f"s3://{bucket}/{place.key}", location.url)
    return Reading(bucket, place, objects, item, picture, kept=True)


def _checksums(objects: Sequence[DroppedObject], before: Item | None) -> list[str]:
    """Those that came with the object: a store need not have kept them, its Item has."""
    told = before["properties"].get("swath:checksums", ()) if before else ()
    kept = [multihash(one["Algorithm"], one["Value"]) for one in told]
    return [one for one in kept if one] or list(told_checksums(objects[0].version, {}))
