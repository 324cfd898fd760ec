"""Checksums as Items carry them: a multihash names its function and its length in bytes.

Source: https://multiformats.io/multihash/, whose codes are those of
https://github.com/multiformats/multicodec/blob/master/table.csv
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Function:
    """A hash function: its prefix, its length in bytes, and what Python calls it."""

    code: str
    length: int
    hashlib: str | None


# By the name that OData shows. BLAKE3 is not in Python's library: it is told, not computed.
FUNCTIONS = {
    "MD5": Function("d501", 16, "md5"),
    "SHA1": Function("11", 20, "sha1"),
    "SHA256": Function("12", 32, "sha256"),
    "SHA512": Function("13", 64, "sha512"),
    "SHA3-256": Function("16", 32, "sha3_256"),
    "SHA3-512": Function("14", 64, "sha3_512"),
    "BLAKE3": Function("1e", 32, None),
}

HEXADECIMAL = re.compile("[0-9a-f]*")


def multihash(name: str | None, digest: str | None) -> str | None:
    """A hexadecimal digest with the prefix of its function.

    None for a function that has no prefix here, and for what is not a digest of that function.

    >>> multihash("MD5", "C6F71870FCD0911CDA93D7284BAC4F35")
    'd50110c6f71870fcd0911cda93d7284bac4f35'
    >>> multihash("SHA3-256", "00" * 32)[:4]
    '1620'
    """
    function, digits = _function(name), (digest or "").strip().lower()
    if function is None or not HEXADECIMAL.fullmatch(digits):
        return None
    if len(digits) != 2 * function.length:
        return None
    return f"{_prefix(function)}{digits}"


def split(value: str) -> tuple[str, str] | None:
    """The function and the digest of a multihash; None for one that is not known here.

    >>> split("d50110c6f71870fcd0911cda93d7284bac4f35")
    ('MD5', 'c6f71870fcd0911cda93d7284bac4f35')
    """
    for name, function in FUNCTIONS.items():
        digest = value.removeprefix(_prefix(function))
        if len(digest) == 2 * function.length != len(value):
            return name, digest
    return None


def of_bytes(name: str, content: bytes) -> str | None:
    """The multihash of these bytes; None for a function that cannot be computed here."""
    function = _function(name)
    if function is None or function.hashlib is None:
        return None
    digest = hashlib.new(function.hashlib, content, usedforsecurity=False).hexdigest()
    return f"{_prefix(function)}{digest}"


def agrees(value: str, content: bytes) -> bool:
    """Whether bytes have this multihash; true for what cannot be computed here.

    >>> agrees("d50110d41d8cd98f00b204e9800998ecf8427e", b"")
    True
    """
    return not disagreeing([value], [content])


def disagreeing(values: Iterable[str], pieces: Iterable[bytes]) -> list[str]:
    """Those of the multihashes that bytes, which come in pieces, have not; what cannot be computed
    here is none of them.

    >>> disagreeing(["d50110d41d8cd98f00b204e9800998ecf8427e"], [b"a", b"b"])
    ['d50110d41d8cd98f00b204e9800998ecf8427e']
    """
    names = {value: known[0] for value in values if (known := split(value))}
    hashes = {
        name: hashlib.new(spelt, usedforsecurity=False)
        for name in set(names.values())
        if (spelt := FUNCTIONS[name].hashlib)
    }
    for piece in pieces:
        for running in hashes.values():
            running.update(piece)
    return [
        value
        for value, name in names.items()
        if name in hashes and multihash(name, hashes[name].hexdigest()) != value
    ]


def _prefix(function: Function) -> str:
    return f"{function.code}{function.length:02x}"


def _function(name: str | None) -> Function | None:
    """By any spelling: `SHA3-256`, `sha3_256`, `SHA3256`."""
    return _SPELT.get(_bare(name or ""))


def _bare(name: str) -> str:
    return name.upper().replace("-", "").replace("_", "")


_SPELT = {_bare(name): function for name, function in FUNCTIONS.items()}
