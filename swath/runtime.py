"""The only place that builds adapters from settings. Each is built once per process, when first
asked for, and loaded then: no function carries an adapter that it does not use.
"""

import json
import os
import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from swath.errors import DatabaseUnavailableError, SecretUnavailableError, SwathError
from swath.settings import (
    DatabaseSettings,
    DownloadSettings,
    IngestSettings,
    RelaySettings,
    StoreSettings,
    StoresSettings,
)

if TYPE_CHECKING:
    import psycopg

    from swath.notifiers.sns import Topic
    from swath.pgstac.catalogue import Catalogue
    from swath.pgstac.outbox import Outbox
    from swath.services.batch import Inbox
    from swath.services.handout import Handout
    from swath.services.thumbnail import Gallery
    from swath.services.transfer import Transfer
    from swath.stores.configuration import Configuration
    from swath.stores.queue import Bell, Queue
    from swath.stores.s3 import S3
    from swath.stores.schemes import Schemes
    from swath.stores.store import Stores


class SettingsError(SwathError):
    """A setting that is needed is missing, or makes no sense."""


def database_url(settings: DatabaseSettings | None = None) -> str:
    """The catalogue's database: the URL as given, or built from its secret.

    Raises:
        DatabaseUnavailableError: the secret cannot be read.
        SettingsError: neither SWATH_DATABASE_URL nor SWATH_DATABASE_SECRET_ARN with
        SWATH_DATABASE_HOST is set.
    """
    settings = settings or DatabaseSettings()
    if settings.url:
        return settings.url.get_secret_value()
    if not (settings.secret_arn and settings.host):
        raise SettingsError(
            "set SWATH_DATABASE_URL, or SWATH_DATABASE_SECRET_ARN and SWATH_DATABASE_HOST"
        )
    try:
        secret = _secret(settings.secret_arn)
    except SecretUnavailableError as error:
        raise DatabaseUnavailableError(f"the database's login: {error}") from error
    user, password = quote(secret["username"], safe=""), quote(secret["password"], safe="")
    where = f"{settings.host}:{settings.port}/{settings.name}"
    return f"postgresql://{user}:{password}@{where}?sslmode=require"


def _secret(arn: str) -> dict[str, Any]:
    # Half a second of import, for those with a secret only.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = boto3.client("secretsmanager").get_secret_value(SecretId=arn)
    except (BotoCoreError, ClientError) as error:
        raise SecretUnavailableError(f"a secret cannot be read: {error}") from error
    secret: dict[str, Any] = json.loads(answer["SecretString"])
    return secret


@cache
def catalogue() -> "Catalogue":
    """The catalogue; a secret that was rotated is read again with the next connection."""
    from swath.pgstac.catalogue import Catalogue

    wake = bell()
    return Catalogue(_connection, told=wake.ring if wake else None)


@cache
def outbox() -> "Outbox":
    """The events that wait to be published."""
    from swath.pgstac.outbox import Outbox

    return Outbox(_connection)


def _connection() -> "psycopg.Connection":
    from swath.pgstac.connection import connect

    settings = DatabaseSettings()
    return connect(
        database_url(settings),
        connect_timeout_s=settings.connect_timeout_s,
        statement_timeout_s=settings.statement_timeout_s,
        lock_timeout_s=settings.lock_timeout_s,
        turn_s=settings.turn_s,
    )


@cache
def store() -> "S3":
    """The buckets; AWS_ENDPOINT_URL(_S3) says where they are when they are not AWS's own."""
    from swath.stores.s3 import S3

    return S3(_region(), _endpoint())


def storage() -> "Schemes":
    """How clients reach the buckets, as the storage extension of STAC says it."""
    from swath.stores.schemes import storage_schemes

    return storage_schemes(_region(), _endpoint())


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", "us-east-1")


def _endpoint() -> str | None:
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


@cache
def gallery() -> "Gallery | None":
    """Where thumbnails are kept, if anywhere."""
    from swath.services.thumbnail import Gallery

    bucket = StoreSettings().bucket
    return Gallery(store(), bucket) if bucket else None


@cache
def inboxes() -> frozenset[str]:
    """The inbox buckets of this hub."""
    return IngestSettings().bucket_names


@cache
def inbox() -> "Inbox":
    """Where products are dropped, and how thoroughly they are verified."""
    from swath.services.batch import Inbox

    return Inbox(store(), inboxes(), IngestSettings().verify_bytes)


@cache
def queue() -> "Queue | None":
    """The queue that drops wait in, if it was named."""
    from swath.stores.queue import Queue

    url = IngestSettings().queue_url
    return Queue(url) if url else None


@cache
def store_configuration() -> "Configuration":
    """What the operator says of stores; nothing, unless told otherwise.

    Raises:
        SecretUnavailableError: its secret cannot be read.
        SettingsError: it cannot be understood; says what is wrong, without its keys.
    """
    return read_store_configuration(StoresSettings())


def read_store_configuration(settings: StoresSettings) -> "Configuration":
    """What these settings say of stores; raises as `store_configuration`."""
    from pydantic import ValidationError

    from swath.stores.configuration import Configuration

    try:
        return Configuration.model_validate(_described_stores(settings))
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise SettingsError(f"SWATH_STORES_*: {'; '.join(wrong)}") from None
    except (OSError, ValueError) as error:
        raise SettingsError(f"SWATH_STORES_*: {error}") from error


def _described_stores(settings: StoresSettings) -> Any:
    if settings.secret_arn:
        return _secret(settings.secret_arn)
    if settings.config:
        return json.loads(settings.config.get_secret_value())
    if settings.file is None:
        return {}
    text = settings.file.read_text()
    if settings.file.suffix != ".toml":
        return json.loads(text)
    import tomllib

    return tomllib.loads(text)


@cache
def stores() -> "Stores":
    """Every store of this hub, its inboxes among them."""
    from swath.stores.building import build_stores

    kept = StoreSettings().bucket
    return build_stores(store_configuration(), store(), inboxes(), [kept] if kept else [])


@cache
def transfer() -> "Transfer":
    """Where products go from the inbox: nowhere, unless targets are described."""
    from swath.services.transfer import Target, Transfer

    described = store_configuration()
    targets = [(re.compile(t.pattern), stores().named(t.store)) for t in described.targets]
    found = tuple(Target(pattern, store) for pattern, store in targets if store is not None)
    return Transfer(stores(), found, described.keep_inbox)


@cache
def handout() -> "Handout":
    """How downloads reach their clients."""
    from swath.services.handout import Handout
    from swath.stores.building import bucket_store

    settings, prefix = DownloadSettings(), "downloads"
    bucket = settings.scratch_bucket
    return Handout(
        settings.links,
        settings.link_seconds,
        settings.largest_answer,
        bucket_store("scratch", bucket, store(), prefix=prefix) if bucket else None,
        settings.largest_copy,
    )


@cache
def bell() -> "Bell | None":
    """What wakes the relay, if it was named."""
    from swath.stores.queue import Bell

    url = RelaySettings().queue_url
    return Bell(url) if url else None


@cache
def topic() -> "Topic":
    """Where events are published.

    Raises:
        SettingsError: SWATH_RELAY_TOPIC_ARN is not set.
    """
    from swath.notifiers.sns import Topic

    arn = RelaySettings().topic_arn
    if not arn:
        raise SettingsError("set SWATH_RELAY_TOPIC_ARN to the topic that events are published to")
    return Topic(arn)
