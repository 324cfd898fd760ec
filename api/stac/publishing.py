"""Items name downloads without an address (`/download/…`); answers put the hub's before it, and it
is taken off again what clients send back.

Answers are finished JSON by then, up to some megabytes of it: replacing text costs a millisecond
where reading and writing it again would cost a hundred.
"""

from collections.abc import Iterable

from starlette.requests import Request

from api.stac.links import root_of
from swath.domain.address import DOWNLOAD

# Before an address, as PostgreSQL writes JSON and as others do. In a text the quotes are escaped.
POSTGRES, COMPACT = b'"href": "', b'"href":"'
MOUNT = "/stac"


def with_addresses(
    contents: Iterable[bytes], request: Request, form: bytes = POSTGRES
) -> list[bytes]:
    """Each JSON in this form, with downloads that begin with the hub's address."""
    bare, full = form + DOWNLOAD.encode(), form + _at(request)
    return [content.replace(bare, full) for content in contents]


def without_addresses(content: bytes, request: Request) -> bytes:
    """JSON in any form whose downloads begin with no address."""
    for form in (POSTGRES, COMPACT):
        content = content.replace(form + _at(request), form + DOWNLOAD.encode())
    return content


def _at(request: Request) -> bytes:
    return (root_of(request).removesuffix(MOUNT) + DOWNLOAD).encode()
