"""The embedded hub's inbox from outside: upload, list, hand in again."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING

from boto3.s3.transfer import TransferConfig

from swath.domain.ledger import DroppedObject
from swath.domain.naming import (
    ARCHIVES,
    CLOSING_MARK,
    FORMATS,
    MANIFESTS,
    closing_names,
    is_product_folder,
    without_extension,
)
from swath.errors import HubError
from swath.local import aws
from swath.local.state import RunningHub

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

MiB = 1024 * 1024
TRANSFER = TransferConfig(
    multipart_threshold=16 * MiB, multipart_chunksize=16 * MiB, max_concurrency=4
)
QUEUE_BATCH = 10
# A redrive waits while so many messages wait, unless they do not become fewer in that time.
MOST_WAITING = 100
READ_WITHIN_S = 60


@dataclass(frozen=True)
class Upload:
    """One product to drop: its files and the keys they get, the closing one last."""

    name: str
    files: tuple[tuple[Path | None, str], ...]

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(path.stat().st_size for path, _ in self.files if path)

    @property
    def closing_key(self) -> str:
        """The key whose ledger row tells what became of the product."""
        return self.files[-1][1]


def plan_uploads(paths: Iterable[Path], prefix: str = "") -> list[Upload]:
    """What to upload for these paths: archives, single files, product folders, folders of these.

    Raises:
        HubError: a path is not there, or holds nothing to drop.
    """
    return [upload for path in paths for upload in _plan(path, prefix)]


def _plan(path: Path, prefix: str) -> list[Upload]:
    if not path.exists():
        raise HubError(f"{path} is not there.", "check the path")
    if path.is_file():
        return [Upload(path.name, ((path, prefix + path.name),))]
    if is_product_folder(path.resolve().name) or any(
        (path / manifest).is_file() for manifest in MANIFESTS
    ):
        return [_plan_folder(path, prefix)]
    children = [child for child in sorted(path.iterdir()) if _is_product(child)]
    if not children:
        raise HubError(
            f"{path} holds no product.",
            f"give archives ({', '.join(ARCHIVES)}) or product folders (….SAFE)",
        )
    return [upload for child in children for upload in _plan(child, prefix)]


def _is_product(path: Path) -> bool:
    if path.is_dir():
        return is_product_folder(path.name)
    return path.name.lower().endswith(tuple(s.lower() for s in (*ARCHIVES, *FORMATS)))


def _plan_folder(folder: Path, prefix: str) -> Upload:
    name = folder.resolve().name
    paths = {
        file.relative_to(folder).as_posix(): file
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }
    if not paths:
        raise HubError(f"{folder} is empty.", "give a product's folder with its files")
    manifest = next((m for m in closing_names(without_extension(name)) if m in paths), None)
    files: list[tuple[Path | None, str]] = [
        (f, f"{prefix}{name}/{p}") for p, f in paths.items() if p != manifest
    ]
    closing = (
        (paths[manifest], f"{prefix}{name}/{manifest}")
        if manifest
        else (None, f"{prefix}{name}/{CLOSING_MARK}")
    )
    return Upload(name, (*files, closing))


def upload(s3: "S3Client", bucket: str, product: Upload, progress: Callable[[int], None]) -> str:
    """Uploads a product, in parts where it is big, the closing object last.

    `progress` is told bytes as they go. Returns the version (ETag) of the closing object.
    """
    for path, key in product.files:
        if path is None:
            s3.put_object(Bucket=bucket, Key=key, Body=b"")
        else:
            s3.upload_file(str(path), bucket, key, Callback=progress, Config=TRANSFER)
    return s3.head_object(Bucket=bucket, Key=product.closing_key)["ETag"].strip('"')


def list_inbox(hub: RunningHub) -> Iterator[DroppedObject]:
    """Every object in the hub's inbox."""
    pages = (
        aws.client(hub.aws_endpoint, "s3")
        .get_paginator("list_objects_v2")
        .paginate(Bucket=hub.inbox_bucket)
    )
    for page in pages:
        for found in page.get("Contents", ()):
            version = found["ETag"].strip('"')
            yield DroppedObject(
                hub.inbox_bucket, found["Key"], version, found["Size"], found["LastModified"]
            )


def sender(hub: RunningHub) -> Callable[[Sequence[str]], None]:
    """A function that sends messages to the hub's ingest queue."""
    sqs = aws.client(hub.aws_endpoint, "sqs")

    def send(messages: Sequence[str]) -> None:
        for some in batched(messages, QUEUE_BATCH, strict=False):
            entries = [{"Id": str(i), "MessageBody": body} for i, body in enumerate(some)]
            answer = sqs.send_message_batch(QueueUrl=hub.ingest_queue_url, Entries=entries)
            if failed := answer.get("Failed"):
                raise HubError(
                    f"The ingest queue refused {len(failed)} messages: {failed[0]}",
                    "run `swath up` again",
                )

    return send


def redrive_messages(hub: RunningHub) -> int:
    """Moves the messages of the dead letter queue back, as fast as they are read: what is dropped
    meanwhile does not wait behind all of them. Returns how many.

    A message leaves the one queue when it is in the other, so none is lost on the way; one that is
    moved twice changes nothing.

    Raises:
        HubError: nobody reads the ingest queue. What was not moved is still in its own.
    """
    sqs, send, moved = aws.client(hub.aws_endpoint, "sqs"), sender(hub), 0
    while True:
        _await_room(sqs, hub.ingest_queue_url)
        answer = sqs.receive_message(
            QueueUrl=hub.ingest_dlq_url, MaxNumberOfMessages=QUEUE_BATCH, VisibilityTimeout=60
        )
        messages = answer.get("Messages", ())
        if not messages:
            return moved
        send([message["Body"] for message in messages])
        entries = [
            {"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]}
            for i, message in enumerate(messages)
        ]
        sqs.delete_message_batch(QueueUrl=hub.ingest_dlq_url, Entries=entries)
        moved += len(messages)


def _await_room(sqs: "SQSClient", queue_url: str) -> None:
    fewest, deadline = inf, 0.0
    while (waiting := _waiting(sqs, queue_url)) >= MOST_WAITING:
        if waiting < fewest:
            fewest, deadline = waiting, time.monotonic() + READ_WITHIN_S
        elif time.monotonic() > deadline:
            raise HubError(
                f"{waiting} messages wait in the ingest queue, and do not become fewer.",
                "look into emulator.log in the hub's home, then redrive again",
            )
        time.sleep(0.1)


def _waiting(sqs: "SQSClient", queue_url: str) -> int:
    answer = sqs.get_queue_attributes(
        QueueUrl=queue_url, AttributeNames=["ApproximateNumberOfMessages"]
    )
    return int(answer["Attributes"]["ApproximateNumberOfMessages"])
