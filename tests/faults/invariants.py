"""What must hold of a hub at rest, whatever happened to it: pure functions over what is seen of its
bucket, ledger, catalogue, outbox and queue. Each returns its violations, one sentence each.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from swath.domain.events import EventError, read_events
from swath.domain.item import Item
from swath.domain.ledger import TERMINAL, DroppedObject, LedgerRow, State

type Named = tuple[str, str]  # collection, item id
type Version = tuple[str, str, str]  # bucket, key, version
# What the catalogue itself writes into an Item, at the time it does.
OWN = frozenset({"created", "published", "updated"})


@dataclass(frozen=True)
class Notice:
    """One row of the outbox."""

    seq: int
    id: str
    item: Named
    revision: int
    type: str


@dataclass(frozen=True)
class World:
    """Everything that is seen of a hub at one moment."""

    objects: tuple[DroppedObject, ...]
    ledger: tuple[LedgerRow, ...]
    items: tuple[Item, ...]
    outbox: tuple[Notice, ...] = ()
    # Live Items as the loader's own table knows them, with their revisions.
    products: Mapping[Named, int] | None = None
    queued: int = 0
    dead: int = 0
    # Bodies of messages that were acknowledged, by id.
    acked: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> dict[Version, LedgerRow]:
        """Ledger rows by the version of the object they are of."""
        return {_version(row.object): row for row in self.ledger}


def every_object_is_accounted_for(world: World) -> Iterator[str]:
    """I-1: each object version in the inbox is in one terminal state, or still has a message."""
    if world.queued or world.dead:
        return
    rows = world.rows
    for thing in world.objects:
        row = rows.get(_version(thing))
        if row is None:
            yield f"{thing.key} ({thing.version}) is in no ledger row and in no queue"
        elif row.state not in TERMINAL:
            yield f"{thing.key} ({thing.version}) is {row.state} and in no queue"


def catalogued_means_one_item(world: World) -> Iterator[str]:
    """I-2: CATALOGUED if and only if exactly one Item, whose object is there."""
    there = {_version(thing) for thing in world.objects}
    count = Counter(_named(item) for item in world.items)
    told: set[Named] = set()
    for row in world.ledger:
        if row.state is not State.CATALOGUED:
            continue
        item = (row.collection or "", row.item_id or "")
        told.add(item)
        if count[item] != 1:
            yield f"{row.object.key} is catalogued as {item}, of which there are {count[item]}"
        if _version(row.object) not in there:
            yield f"{row.object.key} ({row.object.version}) is catalogued but not in the bucket"
    for item in count.keys() - told:
        yield f"{item} is in the catalogue, but no object is catalogued as it"


def ids_are_unique(world: World) -> Iterator[str]:
    """I-3: one Item for each collection and id."""
    for item, times in Counter(_named(item) for item in world.items).items():
        if times > 1:
            yield f"{item} is there {times} times"


def acknowledged_means_settled(world: World) -> Iterator[str]:
    """I-7: no acknowledged message without a committed ledger row for each object it names."""
    # An event is a hint: what is settled is the object as it is then, perhaps a newer version.
    known = {(row.object.bucket, row.object.key) for row in world.ledger}
    for message, body in world.acked.items():
        for bucket, key in _created_by(body):
            if (bucket, key) not in known:
                yield f"message {message} on {key} was acknowledged, but nothing tells"


def products_are_the_items(world: World) -> Iterator[str]:
    """I-9: an Item and what the loader knows of it are there together or not at all."""
    if world.products is None:
        return
    live = {_named(item) for item in world.items}
    for item in live - world.products.keys():
        yield f"{item} is in the catalogue, but not among the products"
    for item in world.products.keys() - live:
        yield f"{item} is among the products, but not in the catalogue"


def the_outbox_tells_what_is(world: World) -> Iterator[str]:
    """I-9: an Item's last event says what became of it, and of which revision."""
    if world.products is None:
        return
    last = {notice.item: notice for notice in sorted(world.outbox, key=lambda notice: notice.seq)}
    live = {_named(item) for item in world.items}
    for item in live:
        notice = last.get(item)
        if notice is None or notice.type == "deleted":
            yield f"{item} is in the catalogue, but the outbox says {notice and notice.type}"
        elif notice.revision != world.products.get(item):
            yield f"{item} has revision {world.products.get(item)}, told was {notice.revision}"
    for item in last.keys() - live:
        if last[item].type != "deleted":
            yield f"{item} was told to be {last[item].type}, but is not in the catalogue"


def each_event_is_told_once(world: World) -> Iterator[str]:
    """I-5, of the outbox: one row for each revision of an Item and each event."""
    for (item, revision, kind), times in Counter(
        (notice.item, notice.revision, notice.type) for notice in world.outbox
    ).items():
        if times > 1:
            yield f"{item} revision {revision} was told to be {kind} {times} times"
    for event, times in Counter(notice.id for notice in world.outbox).items():
        if times > 1:
            yield f"event {event} has {times} rows"


ALWAYS: tuple[Callable[[World], Iterator[str]], ...] = (
    every_object_is_accounted_for,
    catalogued_means_one_item,
    ids_are_unique,
    acknowledged_means_settled,
    products_are_the_items,
    the_outbox_tells_what_is,
    each_event_is_told_once,
)


def violations(world: World) -> list[str]:
    """Of every invariant that must always hold."""
    return [f"{_number(check)} {said}" for check in ALWAYS for said in check(world)]


def _number(check: Callable[[World], Iterator[str]]) -> str:
    return (check.__doc__ or "").partition(":")[0].partition(",")[0]


def differences(before: World, after: World) -> list[str]:
    """I-5: what a replay changed. Nothing is expected to."""
    return [
        f"{name} changed: {len(old)} before, {len(new)} after; "
        f"{[x for x in new if x not in old][:2]} instead of {[x for x in old if x not in new][:2]}"
        for name, old, new in (
            ("items", _sorted(before.items), _sorted(after.items)),
            ("ledger", _sorted(before.ledger), _sorted(after.ledger)),
            ("outbox", _sorted(before.outbox), _sorted(after.outbox)),
        )
        if old != new
    ]


def stale_items(world: World, newest: Mapping[Named, Item]) -> list[str]:
    """I-4: Items that are not what is extracted of the newest version of their object."""
    found = {_named(item): item for item in world.items}
    return [
        f"{name} is not what its newest object says"
        for name, item in newest.items()
        if name not in found or _words(found[name]) != _words(item)
    ]


def lost_and_duplicated(world: World, expected: set[Named]) -> tuple[int, int]:
    """How many of the Items expected are not there, and how many are there more than once."""
    count = Counter(_named(item) for item in world.items)
    return len(expected - count.keys()), sum(times - 1 for times in count.values())


def _words(item: Item) -> tuple[dict[str, object], dict[str, object]]:
    """What an Item says, without what the catalogue writes into it."""
    properties = {k: v for k, v in item["properties"].items() if k not in OWN}
    return properties, item["assets"]


def _created_by(body: str) -> Iterator[tuple[str, str]]:
    try:
        for event in read_events(body):
            if event.created:
                yield event.bucket, event.key
    except EventError:
        return  # it names no object; what became of it is told under the message's id


def _version(thing: DroppedObject) -> Version:
    return thing.bucket, thing.key, thing.version


def _named(item: Item) -> Named:
    return item["collection"], item["id"]


def _sorted(things: tuple[object, ...]) -> list[str]:
    return sorted(map(repr, things))
