"""What one batch of queue messages asks for, and what came of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from swath.domain.events import ObjectEvent
from swath.domain.item import Item
from swath.domain.ledger import DroppedObject
from swath.domain.naming import Place
from swath.observability import logger
from swath.pgstac.ledger import Entry
from swath.services.publish import with_downloads
from swath.services.thumbnail import Gallery
from swath.services.transfer import Transfer
from swath.stores.s3 import S3

type ProductKey = tuple[str, Place]


@dataclass(frozen=True)
class Inbox:
    """Where products are dropped. Those of at most `whole` bytes are read whole, to verify them."""

    store: S3
    buckets: frozenset[str]
    whole: int = 0


@dataclass
class Batch:
    """What the messages of one batch ask for, and what came of it."""

    gallery: Gallery | None
    transfer: Transfer | None
    whole: int = 0
    leftovers: dict[ProductKey, Sequence[DroppedObject]] = field(default_factory=dict)
    products: dict[ProductKey, list[tuple[str, ObjectEvent]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    removed: dict[ProductKey, list[tuple[str, ObjectEvent]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    entries: list[Entry] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)
    # Products to be read whatever the ledger says of what was told.
    again: set[ProductKey] = field(default_factory=set)

    def published(self, item: Item) -> Item:
        """The Item as it is catalogued: downloaded from the hub, if its stores are known."""
        return with_downloads(item, self.transfer.stores) if self.transfer else item

    def fail(self, product: ProductKey, error: Exception) -> None:
        """Marks the messages that named a product as to be tried again."""
        bucket, place = product
        logger.warning(
            "product not settled", extra={"bucket": bucket, "key": place.key, "error": str(error)}
        )
        for message_id, _ in (*self.products[product], *self.removed[product]):
            self.failures[message_id] = error

    def sequenced(self, told_or_read: Entry) -> Entry:
        """The entry with the greatest sequencer that was told of these very bytes."""
        thing = told_or_read.row.object
        names = (thing.bucket, thing.key, thing.version)
        told = (event for named in self.products.values() for _, event in named)
        told_of_it = (e.sequencer for e in told if (e.bucket, e.key, e.version) == names)
        sequencer = max(told_of_it, default=thing.sequencer)
        row = replace(told_or_read.row, object=replace(thing, sequencer=sequencer))
        return replace(told_or_read, row=row)
