"""A stream of drops while processes die: new products, new versions of old ones, removals, repeated
messages.

What is dropped is remembered, so that at rest every Item can be held against it.
"""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from swath.domain.events import event_message
from tests.faults.invariants import Named, World, lost_and_duplicated, violations
from tests.faults.poller import Deaths, Poller, Told
from tests.faults.products import COLLECTION, moments, ready_item
from tests.faults.rig import Rig

# Messages kept waiting while somebody is still to die.
BACKLOG = 120
PRODUCTS = 20_000
# Between looks at the backlog, which are work for the emulator.
LOOK_S = 0.2
# Kills between two looks at everything.
BLOCK = 500


@dataclass
class Drops:
    """Drops things on a hub, by chance; `revisions` is what lies in the bucket, `gone` what did."""

    rig: Rig
    seed: int
    revisions: dict[str, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    events: int = 0

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._moments = moments(PRODUCTS)
        self._messages: dict[str, str] = {}

    def drop(self, count: int) -> None:
        """Mostly new products; some new versions, some removals, some messages twice."""
        actions = (self._new, self._again, self._remove, self._return, self._repeat)
        for _ in range(count):
            self._random.choices(actions, (12, 4, 2, 1, 2))[0]()
            self.events += 1

    def _new(self) -> None:
        self._put(f"p{len(self._messages):05d}", 1)

    def _again(self) -> None:
        if self.revisions:
            name = self._random.choice(list(self.revisions))
            self._put(name, self.revisions[name] + 1)

    def _remove(self) -> None:
        if self.revisions:
            name = self._random.choice(list(self.revisions))
            self.rig.s3.delete_object(Bucket=self.rig.bucket, Key=f"{name}.json")
            self.gone[name] = self.revisions.pop(name)

    def _return(self) -> None:
        if self.gone:
            name = self._random.choice(list(self.gone))
            self._put(name, self.gone.pop(name) + 1)

    def _repeat(self) -> None:
        if self._messages:
            # Perhaps of something that is gone meanwhile.
            self.rig.send([self._messages[self._random.choice(list(self._messages))]])

    def _put(self, name: str, revision: int) -> None:
        when = self._moments[int(name[1:])]
        content = ready_item(name, revision=revision, moment=when)
        self.rig.put(f"{name}.json", content)
        self.revisions[name] = revision
        version = hashlib.md5(content, usedforsecurity=False).hexdigest()
        self._messages[name] = event_message(
            self.rig.bucket, f"{name}.json", version, len(content), datetime.now(UTC)
        )


@dataclass(frozen=True)
class Result:
    """What a campaign did, and what came of it."""

    seed: int
    events: int
    products: int
    kills: dict[str, int]
    invocations: int
    most_receives: int
    seconds: float
    drained_s: float
    lost: int
    duplicated: int
    stale: int
    resurrected: int
    violations: list[str]

    @property
    def whole(self) -> bool:
        """Whether everything is as it must be."""
        wrong = self.lost, self.duplicated, self.stale, self.resurrected, len(self.violations)
        return not any(wrong)

    def __str__(self) -> str:
        """For people."""
        killed = sum(self.kills.values())
        return (
            f"injected / lost / duplicated = {killed} / {self.lost} / {self.duplicated} kills"
            f" (95 % upper bound of a loss: {3 / max(killed, 1):.2%}); stale {self.stale};"
            f" resurrected {self.resurrected}; violations {len(self.violations)}\n"
            f"  seed {self.seed}, {self.events} events on {self.products} products,"
            f" {self.invocations} invocations, at most {self.most_receives} receives,"
            f" {self.seconds:.0f} s ({self.seconds / max(killed, 1) * 1000:.0f} ms a kill),"
            f" drained at most {self.drained_s:.1f} s after the last kill of a block\n"
            f"  {', '.join(f'{point} {n}' for point, n in sorted(self.kills.items()))}"
        )


def run_campaign(
    rig: Rig, *, kills: int, points: Sequence[str], seed: int, concurrency: int = 2
) -> Result:
    """Drops and kills until `kills` processes have died; after each BLOCK of them lets the queue
    run dry and looks whether everything holds, so that what does not is found where it broke.
    """
    deaths = Deaths(0, points, seed=seed, odds=0.85, most_passes=1)
    drops, drained = Drops(rig, seed), 0.0
    poller = rig.poller(concurrency=concurrency, deaths=deaths, at_once=(1, 10), seed=seed)
    begun = time.monotonic()
    for total in (*range(BLOCK, kills, BLOCK), kills):
        deaths.total = total
        _kill(deaths, drops, poller)
        last = time.monotonic()
        told = poller.drain()
        drained = max(drained, time.monotonic() - last)
        result = _judged(rig, drops, told, time.monotonic() - begun, drained)
        if not result.whole:
            break
    return result


def _kill(deaths: Deaths, drops: Drops, poller: Poller) -> None:
    with poller.running():
        while not deaths.over:
            backlog = min(BACKLOG, 3 * (deaths.total - deaths.dealt))
            drops.drop(max(0, backlog - poller.left()))
            time.sleep(LOOK_S)


def _judged(rig: Rig, drops: Drops, told: Told, seconds: float, drained: float) -> Result:
    world = rig.world()
    expected = {(COLLECTION, name): revision for name, revision in drops.revisions.items()}
    lost, duplicated = lost_and_duplicated(world, set(expected))
    return Result(
        seed=drops.seed,
        events=drops.events,
        products=len(expected),
        kills=dict(told.kills),
        invocations=told.invocations,
        most_receives=told.most_receives,
        seconds=seconds,
        drained_s=drained,
        lost=lost,
        duplicated=duplicated,
        stale=len(_stale(world, expected)),
        resurrected=len({(i["collection"], i["id"]) for i in world.items} - set(expected)),
        violations=violations(world),
    )


def _stale(world: World, expected: dict[Named, int]) -> list[Named]:
    """I-4, by the mark that each version of a product carries."""
    found = {
        (item["collection"], item["id"]): item["properties"].get("rig:revision")
        for item in world.items
    }
    return [
        name for name, revision in expected.items() if name in found and found[name] != revision
    ]
