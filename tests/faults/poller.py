"""Hands messages to functions as Lambda's event source mapping does.

Up to ten at once, one process per concurrent invocation, a timeout enforced by SIGKILL,
partial batches; what failed comes back by its visibility, what was received too often rests in the
dead-letter queue. (The queue itself is the emulator's.)
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.faults.crashes import Crash
from tests.faults.forkserver import Outcome, Worker

INGEST = "functions.ingest_product.app:handler"
AT_ONCE = 10
# Between looks at a queue that is empty, or fails. (A long poll cannot be told to stop.)
FIRST_PAUSE_S, LONGEST_IDLE_S, LONGEST_PAUSE_S = 0.02, 0.4, 5.0
LONGEST_LIFE_S = 1.0


@dataclass(frozen=True)
class Doom:
    """How an invocation is to be killed, if at all."""

    crash: Crash | None = None
    after_s: float | None = None


@dataclass
class Deaths:
    """Deals out `total` kills to invocations, then lets everything live.

    Named ones take their points by turns; the others come at a random moment of an invocation's
    life, which is as long as the lives of those that were spared.
    """

    total: int
    points: Sequence[str] = ()
    seed: int = 0
    odds: float = 0.9
    life_s: float = 0.15
    most_passes: int = 1
    dealt: int = 0

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        self._lock = threading.Lock()

    def next(self) -> Doom:
        """The next invocation's."""
        with self._lock:
            if self.dealt >= self.total or self._random.random() > self.odds:
                return Doom()
            self.dealt += 1
            if not self.points:
                return Doom(after_s=self._random.uniform(0.001, self.life_s))
            point = self.points[self.dealt % len(self.points)]
            return Doom(crash=Crash(point, self._random.randint(1, self.most_passes)))

    @property
    def over(self) -> bool:
        """Whether everybody who was to die has died."""
        return self.dealt >= self.total

    def lived(self, seconds: float) -> None:
        """How long an invocation took that was spared."""
        with self._lock:
            self.life_s += (min(seconds, LONGEST_LIFE_S) - self.life_s) / 10

    def missed(self) -> None:
        """An invocation lived through its doom: it never passed that point, or was faster."""
        with self._lock:
            self.dealt -= 1


@dataclass
class Told:
    """What happened while polling."""

    kills: Counter[str] = field(default_factory=Counter)
    timeouts: int = 0
    invocations: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    receives: Counter[str] = field(default_factory=Counter)  # by message id
    acked: dict[str, str] = field(default_factory=dict)  # message id -> body
    first_ack: float | None = None
    last_ack: float | None = None
    queue_errors: int = 0

    @property
    def most_receives(self) -> int:
        """Of one message."""
        return max(self.receives.values(), default=0)


class Poller:
    """Serves one queue by one function until it is empty, or told to stop."""

    def __init__(
        self,
        sqs: Any,
        queue: str,
        workers: Callable[[], Worker],
        *,
        handler: str = INGEST,
        concurrency: int = 2,
        timeout_s: float = 60,
        deaths: Deaths | None = None,
        hasten: bool = True,
        at_once: tuple[int, int] = (AT_ONCE, AT_ONCE),
        seed: int = 0,
    ) -> None:
        """Starts nothing.

        Args:
            sqs: client of the queue's service.
            queue: URL of the queue.
            workers: makes a process.
            handler: `module:function`.
            concurrency: most invocations at once.
            timeout_s: of the function.
            deaths: who is to be killed.
            hasten: messages of killed invocations are visible again at once, rather than when their
                visibility ends: the same, only sooner.
            at_once: fewest and most messages of a batch; small batches are as many as large ones.
            seed: of the sizes of batches.
        """
        self._sqs, self._queue, self._workers = sqs, queue, workers
        self._handler, self._concurrency, self._timeout_s = handler, concurrency, timeout_s
        self._deaths, self._hasten = deaths or Deaths(0), hasten
        self._at_once, self._random = at_once, Random(seed)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.told = Told()

    def drain(self, *, patience_s: float = 300, until: Callable[[], bool] | None = None) -> Told:
        """Polls until nothing is queued or in flight (and `until` says so too).

        Raises:
            TimeoutError: messages are left after `patience_s`.
        """
        deadline = time.monotonic() + patience_s
        with self.running():
            while self.left() or not (until is None or until()):
                if time.monotonic() > deadline:
                    raise TimeoutError(f"{self.left()} messages are left; {self.told}")
                time.sleep(0.1)
        return self.told

    def running(self) -> "_Running":
        """Polls in the background for the length of a block."""
        return _Running(self)

    def left(self) -> int:
        """Messages that wait or are in flight."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        answer = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=list(names))
        return sum(int(answer["Attributes"][name]) for name in names)

    def stop(self) -> None:
        """Lets every loop end after its present batch."""
        self._stopping.set()

    def loop(self) -> None:
        """What each of the concurrent pollers does."""
        worker: Worker | None = None
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            try:
                messages, longest_s = self._receive(), LONGEST_IDLE_S
            except (BotoCoreError, ClientError):
                self.told.queue_errors += 1
                messages, longest_s = [], LONGEST_PAUSE_S
            if not messages:
                self._stopping.wait(pause_s)
                pause_s = min(pause_s * 2, longest_s)
                continue
            pause_s = FIRST_PAUSE_S
            if worker is None or not worker.alive:
                worker = self._workers()
            self._invoke(worker, messages)
        if worker is not None:
            worker.close()

    def _receive(self) -> list[dict[str, Any]]:
        answer = self._sqs.receive_message(
            QueueUrl=self._queue,
            MaxNumberOfMessages=self._size(),
            AttributeNames=["All"],
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        with self._lock:
            for message in messages:
                self.told.receives[message["MessageId"]] += 1
        return messages

    def _size(self) -> int:
        """Of the next batch: each doubling of it is as likely."""
        fewest, most = self._at_once
        return int(fewest * ((most + 1) / fewest) ** self._random.random())

    def _invoke(self, worker: Worker, messages: Sequence[Mapping[str, Any]]) -> None:
        doom, begun = self._deaths.next(), time.monotonic()
        outcome = worker.invoke(
            self._handler,
            {"Records": [_record(message) for message in messages]},
            crash=doom.crash,
            kill_after_s=doom.after_s,
            timeout_s=self._timeout_s,
        )
        self._note(doom, outcome, time.monotonic() - begun)
        if outcome.died or outcome.error:
            if self._hasten:
                self._make_visible(messages)
            return
        failed = {failure["itemIdentifier"] for failure in outcome.answer["batchItemFailures"]}
        self._delete([m for m in messages if m["MessageId"] not in failed])

    def _note(self, doom: Doom, outcome: Outcome, took_s: float) -> None:
        with self._lock:
            told = self.told
            told.invocations += 1
            if outcome.error:
                told.errors[outcome.error[:200]] += 1
            if outcome.timed_out:
                told.timeouts += 1
            elif outcome.died:
                told.kills[doom.crash.point if doom.crash else "random"] += 1
        if doom == Doom():
            self._deaths.lived(took_s)
        elif not outcome.died:
            self._deaths.missed()

    def _make_visible(self, messages: Sequence[Mapping[str, Any]]) -> None:
        entries = [
            {"Id": str(n), "ReceiptHandle": m["ReceiptHandle"], "VisibilityTimeout": 0}
            for n, m in enumerate(messages)
        ]
        # Otherwise they are visible when their time is up.
        with suppress(BotoCoreError, ClientError):
            self._sqs.change_message_visibility_batch(QueueUrl=self._queue, Entries=entries)

    def _delete(self, messages: Sequence[Mapping[str, Any]]) -> None:
        if not messages:
            return
        entries = [
            {"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)
        ]
        # What was not deleted comes again, as it may on AWS.
        with suppress(BotoCoreError, ClientError):
            self._sqs.delete_message_batch(QueueUrl=self._queue, Entries=entries)
        with self._lock:
            self.told.last_ack = time.monotonic()
            self.told.first_ack = self.told.first_ack or self.told.last_ack
            for message in messages:
                self.told.acked[message["MessageId"]] = message["Body"]


class _Running:
    """The loops of a poller, for a `with` block."""

    def __init__(self, poller: Poller) -> None:
        self._poller = poller
        self._pool = ThreadPoolExecutor(poller._concurrency)

    def __enter__(self) -> Poller:
        self._poller._stopping.clear()
        self._loops = [
            self._pool.submit(self._poller.loop) for _ in range(self._poller._concurrency)
        ]
        return self._poller

    def __exit__(self, *_: object) -> None:
        self._poller.stop()
        self._pool.shutdown()
        for loop in self._loops:
            loop.result()


def _record(message: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "md5OfBody": message.get("MD5OfBody", ""),
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:IngestQueue",
        "awsRegion": "eu-central-1",
    }
