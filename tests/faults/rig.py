"""A hub to be maltreated: a bucket, its queue, a database, a proxy before each, and processes that
serve them. All but the processes that are killed is what the product runs on.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import batched, count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from swath.domain.ledger import DroppedObject
from swath.local import aws
from swath.local.processes import identify
from swath.local.state import SUPERVISOR, RunningHub, describe
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect
from swath.pgstac.ledger import Wanted
from tests.faults.forkserver import ForkServer, Worker
from tests.faults.invariants import Notice, World, violations
from tests.faults.poller import Poller, Told
from tests.faults.proxy import Proxy

ITEMS = "SELECT collection, id, content FROM pgstac.items"
OUTBOX = "SELECT seq, id::text, collection, item_id, revision, type FROM swath.outbox"
PRODUCTS = "SELECT collection, item_id, revision FROM swath.products WHERE deleted IS NULL"
_numbers = count()


@dataclass
class Rig:
    """One hub. `database` and `buckets` are the proxies its processes work through."""

    server: ForkServer
    endpoint: str
    database_url: str
    database: Proxy
    buckets: Proxy
    bucket: str
    queue: str
    dead_queue: str
    s3: Any
    sqs: Any
    proxied: bool = True
    told: list[Told] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """What a process of this hub sees."""
        buckets, database = self.endpoint, self.database_url
        if self.proxied:
            buckets, database = self.buckets.through(buckets), self.database.through(database)
        return {
            **aws.environment(buckets),
            "SWATH_DATABASE_URL": database,
            "SWATH_INGEST_BUCKETS": self.bucket,
            "SWATH_INGEST_QUEUE_URL": self.queue,
        }

    def worker(self) -> Worker:
        """A process of this hub."""
        return self.server.worker(self.environment())

    def poller(self, **options: Any) -> Poller:
        """Hands what is queued to IngestProduct; options as Poller takes them."""
        poller = Poller(self.sqs, self.queue, self.worker, **options)
        self.told.append(poller.told)
        return poller

    def put(self, key: str, content: bytes) -> None:
        """Drops one object."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def put_all(self, objects: Mapping[str, bytes], *, at_once: int = 4) -> None:
        """Drops many."""
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(self.put, objects.keys(), objects.values()))

    def send(self, bodies: Iterable[str]) -> None:
        """Queues messages as they are."""
        for batch in batched(bodies, 10, strict=False):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(batch)]
            self.sqs.send_message_batch(QueueUrl=self.queue, Entries=entries)

    def take(self) -> list[str]:
        """Takes every message out of the queue: what S3 sent."""
        bodies: list[str] = []
        while messages := self._received(self.queue):
            bodies += [message["Body"] for message in messages]
        return bodies

    def _received(self, queue: str) -> list[dict[str, Any]]:
        answer = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        if messages:
            entries = [
                {"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(messages)
            ]
            self.sqs.delete_message_batch(QueueUrl=queue, Entries=entries)
        return messages

    def waiting(self, queue: str | None = None) -> int:
        """Messages in a queue, in flight ones too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=queue or self.queue, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def hub(self, home: Path) -> RunningHub:
        """This hub as the command line sees one that runs in `home`."""
        me = identify(os.getpid())
        assert me
        hub = RunningHub(
            home=home,
            port=0,
            api_url="",
            aws_endpoint=self.endpoint,
            region=aws.REGION,
            inbox_bucket=self.bucket,
            ingest_queue_url=self.queue,
            ingest_dlq_url=self.dead_queue,
            database_url=self.database_url,
            processes={SUPERVISOR: me},
        )
        describe(hub)
        return hub

    def objects(self) -> Iterator[DroppedObject]:
        """What lies in the bucket, past the proxy."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
        for page in pages:
            for found in page.get("Contents", []):
                version = found["ETag"].strip('"')
                yield DroppedObject(
                    self.bucket, found["Key"], version, found["Size"], found["LastModified"]
                )

    def world(self) -> World:
        """Everything there is, past the proxies."""
        catalogue = Catalogue(lambda: connect(self.database_url))
        try:
            with connect(self.database_url) as connection:
                return World(
                    objects=tuple(self.objects()),
                    ledger=tuple(catalogue.ledger(Wanted())),
                    items=tuple(
                        {**content, "collection": collection, "id": item}
                        for collection, item, content in connection.execute(ITEMS)
                    ),
                    **_events(connection),
                    queued=self.waiting(),
                    dead=self.waiting(self.dead_queue),
                    acked={i: body for told in self.told for i, body in told.acked.items()},
                )
        finally:
            catalogue.close()

    def locks(self) -> Sequence[tuple[Any, ...]]:
        """Locks and open transactions that sessions of this hub's functions hold."""
        with connect(self.database_url) as connection:
            return connection.execute(
                "SELECT a.pid, a.state, l.locktype, l.mode FROM pg_stat_activity AS a"
                " JOIN pg_locks AS l USING (pid)"
                " WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()"
                " AND a.backend_type = 'client backend'"
            ).fetchall()

    def assert_whole(self, expected: Iterable[tuple[str, str]] = ()) -> World:
        """Everything that must hold at rest does, and the Items expected are there."""
        world = self.world()
        assert violations(world) == []
        missing = set(expected) - {(item["collection"], item["id"]) for item in world.items}
        assert not missing
        return world


def _events(connection: psycopg.Connection) -> dict[str, Any]:
    if connection.execute("SELECT to_regclass('swath.outbox')").fetchone() == (None,):
        return {}
    return {
        "outbox": tuple(
            Notice(seq, event, (collection, item), revision, kind)
            for seq, event, collection, item, revision, kind in connection.execute(OUTBOX)
        ),
        "products": {
            (collection, item): revision
            for collection, item, revision in connection.execute(PRODUCTS)
        },
    }


@contextmanager
def open_rig(
    server: ForkServer,
    endpoint: str,
    database_url: str,
    *,
    most_receives: int = 10,
    visibility_s: int = 360,
    seed: int = 0,
    proxied: bool = True,
) -> Iterator[Rig]:
    """A hub whose bucket tells its queue what is dropped; gone after the block. Where nothing but
    processes fails, the proxies cost time for nothing.
    """
    name = f"rig-{uuid4().hex[:8]}-{next(_numbers)}"
    s3, sqs = aws.client(endpoint, "s3"), aws.client(endpoint, "sqs")
    dead = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    redrive = {"deadLetterTargetArn": _arn(sqs, dead), "maxReceiveCount": most_receives}
    attributes = {"VisibilityTimeout": str(visibility_s), "RedrivePolicy": json.dumps(redrive)}
    queue = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    events = {"QueueArn": _arn(sqs, queue), "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"QueueConfigurations": [events]}
    )
    database, buckets = (Proxy(_address(url), seed) for url in (database_url, endpoint))
    rig = Rig(
        server, endpoint, database_url, database, buckets, name, queue, dead, s3, sqs, proxied
    )
    _forget_test_event(rig)
    try:
        yield rig
    finally:
        database.close()
        buckets.close()


def _forget_test_event(rig: Rig) -> None:
    """S3 sends one when it is told where to send events."""
    rig.take()


def _arn(sqs: Any, queue: str) -> str:
    answer = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    arn: str = answer["Attributes"]["QueueArn"]
    return arn


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0
