"""The real handler over a real bucket (the emulator's) and a real database."""

import os
from collections.abc import Iterator

import boto3
import pytest

from swath import runtime
from swath.local import aws
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect
from tests.functions.inbox import Inbox


@pytest.fixture
def inbox(
    emulator_endpoint: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Inbox]:
    for name, value in aws.environment(emulator_endpoint).items():
        monkeypatch.setenv(name, value)
    bucket = f"inbox-{os.getpid()}-{database_url.rsplit('_', 1)[-1]}"
    shelf = bucket.replace("inbox", "store")
    s3 = boto3.client("s3")
    for name in (bucket, shelf):
        s3.create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
    monkeypatch.setenv("SWATH_DATABASE_URL", database_url)
    monkeypatch.setenv("SWATH_INGEST_BUCKETS", bucket)
    monkeypatch.setenv("SWATH_STORE_BUCKET", shelf)
    adapters = (
        runtime.catalogue,
        runtime.store,
        runtime.gallery,
        runtime.inbox,
        runtime.inboxes,
        runtime.queue,
        runtime.store_configuration,
        runtime.stores,
        runtime.transfer,
    )
    for adapter in adapters:
        adapter.cache_clear()
    told = Catalogue(lambda: connect(database_url))
    yield Inbox(s3, bucket, shelf, database_url, told)
    told.close()
    if runtime.catalogue.cache_info().currsize:
        runtime.catalogue().close()
    for adapter in adapters:
        adapter.cache_clear()
