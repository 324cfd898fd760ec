"""Clients of the hub's own AWS, deaf to the user's profiles, keys and addresses."""

import os
from functools import cache
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config

# Ministack knows its caller's account by the access key; any other key is account 000000000000.
ACCESS_KEY = "swath"
REGION = "eu-central-1"
_making = Lock()


def client(endpoint: str, service: str) -> Any:
    """A client of `service` at the emulator's `endpoint`."""
    config = Config(
        retries={"max_attempts": 3},
        max_pool_connections=16,
        s3={"addressing_style": "path"},
        proxies={},
    )
    # Sessions make one client at a time.
    with _making:
        session: Any = _deaf_session()
        return session.client(
            service,
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=ACCESS_KEY,
            config=config,
        )


def environment(endpoint: str) -> dict[str, str]:
    """Variables that send every AWS client of a process to the emulator."""
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": ACCESS_KEY,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def without_aws(variables: dict[str, str]) -> dict[str, str]:
    """The variables without any that AWS clients or emulators read."""
    theirs = ("AWS_", "BOTO_", "LAMBDA_", "LOCALSTACK_", "MINISTACK_", "S3_")
    return {name: value for name, value in variables.items() if not name.startswith(theirs)}


@cache
def _deaf_session() -> boto3.Session:
    """A session that reads no file and no variable of the user's. It keeps the descriptions of
    services that it has read, some 0.2 s for each.
    """
    deaf = botocore.session.Session(
        session_vars={
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    return boto3.Session(botocore_session=deaf)
