"""All settings: environment variables `SWATH_*`, one class per concern.

Every field's description is its documentation: `docs/configuration.md` is generated from here.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


def _prefixed(prefix: str) -> SettingsConfigDict:
    return SettingsConfigDict(env_prefix=prefix, extra="ignore")


class DatabaseSettings(BaseSettings):
    """The catalogue's PostgreSQL database. Give a URL, or a secret with the host of a proxy."""

    model_config = _prefixed("SWATH_DATABASE_")

    url: SecretStr | None = Field(
        default=None,
        description=(
            "`postgresql://user:password@host:port/name`. Needs PostgreSQL 15 or later with "
            "PostGIS 3."
        ),
    )
    secret_arn: str | None = Field(
        default=None,
        description=(
            "Secrets Manager secret with `username` and `password`; used when no URL is given."
        ),
    )
    host: str | None = Field(
        default=None, description="Host of the database (or RDS Proxy) the secret is for."
    )
    port: int = Field(default=5432, description="Port of that host.")
    name: str = Field(default="swath", description="Name of the database on that host.")
    partitions: dict[str, Literal["none", "year", "month"]] = Field(
        default_factory=dict,
        description="How Items of collections are partitioned, by id or pattern, as JSON: "
        '`{"sentinel-2-*": "month", "*": "none"}`. Of several that fit the first counts; '
        "collections that none names are not partitioned. Holds for collections without Items; "
        "`swath partitions` changes the others.",
    )
    connect_timeout_s: int = Field(default=3, description="Seconds to wait for a connection.")
    turn_s: float = Field(
        default=20,
        description="Seconds a function waits for its turn where all connections are taken.",
    )
    statement_timeout_s: int = Field(
        default=50, description="Seconds one ingest statement may run."
    )
    lock_timeout_s: int = Field(
        default=10, description="Seconds one ingest statement may wait for a lock."
    )


class IngestSettings(BaseSettings):
    """How dropped objects become Items."""

    model_config = _prefixed("SWATH_INGEST_")

    buckets: str = Field(
        default="",
        description=(
            "Inbox buckets of this hub, separated by commas. Events of any other bucket are "
            "quarantined."
        ),
    )

    queue_url: str = Field(
        default="",
        description="The queue the events come from; messages that fail are postponed there. "
        "Without it they return when their visibility times out.",
    )

    verify_bytes: int = Field(
        default=128 * 1024**2,
        ge=0,
        description="Products of at most so many bytes, unpacked, are read whole when they are "
        "dropped, and every file is compared with the checksums that the product's manifest, its "
        "archive or its uploader give. Of larger ones only what describes them is read and "
        "compared, beside the sizes of all files. A function reads some 50 MB in a second, by "
        "estimate.",
    )

    @property
    def bucket_names(self) -> frozenset[str]:
        """The inbox buckets."""
        return frozenset(name.strip() for name in self.buckets.split(",") if name.strip())


class RelaySettings(BaseSettings):
    """How subscribers are told about Items."""

    model_config = _prefixed("SWATH_RELAY_")

    topic_arn: str = Field(default="", description="SNS topic that events are published to.")
    queue_url: str = Field(
        default="",
        description="The queue that wakes the relay when events were written. Without it they "
        "are published when the relay next looks by itself, every minute.",
    )
    retention_days: int = Field(
        default=14, ge=1, description="Days that published events are kept."
    )


class StoreSettings(BaseSettings):
    """Where the hub keeps bytes of its own."""

    model_config = _prefixed("SWATH_STORE_")

    bucket: str = Field(
        default="",
        description="Bucket that thumbnails are kept in, below `thumbnails/`. Without it Items "
        "have no thumbnail but the product's own.",
    )


class StoresSettings(BaseSettings):
    """Where products are kept beside the inbox: see docs/stores.md for what a description holds.
    Give a file, a text, or a secret; none for a hub that leaves products in the inbox.
    """

    model_config = _prefixed("SWATH_STORES_")

    file: Path | None = Field(default=None, description="File in JSON or TOML (`.toml`).")
    config: SecretStr | None = Field(default=None, description="The description itself, in JSON.")
    secret_arn: str | None = Field(
        default=None, description="Secrets Manager secret that holds the description, in JSON."
    )


class DownloadSettings(BaseSettings):
    """How products and their files are handed out."""

    model_config = _prefixed("SWATH_DOWNLOAD_")

    links: bool = Field(
        default=True,
        description="Send clients to the store, by a link that expires, where the store can make "
        "one. Otherwise everything passes through the API.",
    )
    link_seconds: int = Field(
        default=300, ge=1, le=300, description="Seconds after which a link expires."
    )
    largest_answer: int | None = Field(
        default=None,
        ge=1,
        description="Bytes that the API streams at most; what is larger and has no link is copied "
        "to the scratch bucket. An answer of a Lambda function may have 6 MB, a third of it lost "
        "to its encoding.",
    )
    scratch_bucket: str = Field(
        default="",
        description="Bucket for such copies; its lifecycle should delete them after a day.",
    )
    largest_copy: int = Field(
        default=1024**3,
        ge=1,
        description="Bytes that are copied through the API at most; there must be time for it in "
        "one request. What lies unpacked in S3 is cut out by S3 itself, however large.",
    )


class ReconcileSettings(BaseSettings):
    """How the records of a hub are compared."""

    model_config = _prefixed("SWATH_RECONCILE_")

    grace_minutes: int = Field(
        default=30,
        description="What is younger may still be under way, and is passed over.",
    )


class ApiSettings(BaseSettings):
    """The HTTP API."""

    model_config = _prefixed("SWATH_API_")

    title: str = Field(default="Swath", description="Title of the STAC catalogue.")
    description: str = Field(
        default="Satellite products, catalogued as they arrive.",
        description="Description of the STAC catalogue.",
    )
    pool_size: int = Field(
        default=4,
        description="Most database connections of one API process; 1 in a Lambda function.",
    )
    pool_wait_s: float = Field(
        default=3, description="Seconds a query waits for a free or a new database connection."
    )
    statement_timeout_s: int = Field(default=10, description="Seconds one query may run.")
    page_limit: int = Field(default=10_000, description="Most Items of one page.")
    page_bytes: int = Field(
        default=32 * 1024**2,
        description="Most bytes of one page, before compression; it is cut there, and the rest is "
        "on the next. An answer of a Lambda function may have 6 MB in all.",
    )
    export_bytes: int | None = Field(
        default=None,
        ge=1,
        description="Bytes that an export has at most, which then is made before it is sent; what "
        "is larger is refused. An answer of a Lambda function may have 6 MB in all.",
    )
    export_rows: int = Field(
        default=500_000,
        ge=1,
        description="Most Items of one GeoParquet file, which is made on disk before it is sent.",
    )
    scan_items: int = Field(
        default=100_000,
        ge=1,
        description="Most Items that one question may have the database look into one by one, "
        "where no index answers it: some seconds. What would take more is refused.",
    )
    public_url: str = Field(
        default="",
        description="Address users reach the API at, such as `https://hub.example.org`; links "
        "start with it. Needed behind a custom domain or a proxy; empty to take it from API "
        "Gateway, or from requests to hosts that are trusted.",
    )
    trusted_hosts: str = Field(
        default="",
        description="Names of hosts that requests may say they reach the API at, in `Host`, "
        "`Forwarded` or `X-Forwarded-Host`, separated by commas; `*.example.org` for many. Links "
        "start with no other, but for the machine's own.",
    )
    transactions: bool = Field(
        default=False,
        description="Whether clients may write Items and Collections. There are no roles yet: "
        "whoever reaches the API could, so the template does not offer it. Needs what ingestion "
        "needs to be installed.",
    )
    cors_origins: str = Field(
        default="*", description="Origins that browsers may call the API from, separated by commas."
    )
