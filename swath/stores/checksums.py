"""Checksums of an object that came with it: in its ETag, and in metadata that uploaders write.

Nothing is computed here.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping

from swath.domain.multihash import multihash

MD5 = re.compile("[0-9a-f]{32}")

# User metadata (`x-amz-meta-…`) -> function. Values are hexadecimal or base64, as rclone's
# `md5chksum`, which it writes when it uploads in parts.
# Source: https://rclone.org/s3/#hashes
METADATA = {
    "md5": "MD5",
    "md5chksum": "MD5",
    "sha256": "SHA256",
    "sha3-256": "SHA3256",
    "blake3": "BLAKE3",
}


def told_checksums(version: str, metadata: Mapping[str, str]) -> tuple[str, ...]:
    """The multihashes of an object, its MD5 first: of the ETag `version`, which is an MD5 when the
    object was uploaded in one part, and of its metadata.
    """
    found = [multihash("MD5", version)] if MD5.fullmatch(version) else []
    found += _written(metadata)
    first: dict[str, str] = {}
    for checksum in filter(None, found):
        # What an uploader wrote does not overrule what the store computed.
        first.setdefault(checksum[:4], checksum)
    return tuple(first.values())


def promised_checksums(version: str, metadata: Mapping[str, str]) -> tuple[str, ...]:
    """The multihashes that whoever uploaded an object gave it, but for the MD5 that its ETag is."""
    return tuple(c for c in _written(metadata) if c and c != multihash("MD5", version))


def _written(metadata: Mapping[str, str]) -> Iterator[str | None]:
    for name, function in METADATA.items():
        value = next((v for k, v in metadata.items() if k.lower() == name), None)
        if value is not None:
            yield multihash(function, value) or multihash(function, _hexadecimal(value))


def _hexadecimal(value: str) -> str | None:
    try:
        return base64.b64decode(value, validate=True).hex()
    except (binascii.Error, ValueError):
        return None
