"""Answers are compressed on their way, downloads are not: their length is told, and they are packed
already.
"""

from functools import partial
from typing import TYPE_CHECKING

from anyio import to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import (
    DEFAULT_EXCLUDED_CONTENT_TYPES,
    GZipResponder,
    IdentityResponder,
)
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.negotiation import weighted

if TYPE_CHECKING:
    from backports.zstd import ZstdCompressor

MINIMUM_SIZE = 1000
GZIP_LEVEL, ZSTD_LEVEL = 5, 3
# Smaller ones take less time than a change of threads.
IN_THREAD = 128 * 1024
PACKED = (*DEFAULT_EXCLUDED_CONTENT_TYPES, "application/vnd.apache.parquet")
DOWNLOADS = "/download/"
VALUE = "/$value"
# The better one first: it is chosen among those a client likes equally.
CODINGS = ("zstd", "gzip")


class Compression:
    """Middleware: zstd or gzip, as clients prefer."""

    def __init__(self, app: ASGIApp) -> None:
        """Wraps an application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http" or is_download(scope):
            await self._app(scope, receive, send)
            return
        coding = preferred_coding(Headers(scope=scope).get("accept-encoding", ""))
        if coding == "identity":
            await self._app(scope, receive, partial(_told_of, send))
        else:
            await self._responder(coding)(scope, receive, send)

    def _responder(self, coding: str) -> ASGIApp:
        if coding == "zstd":
            return ZstdResponder(self._app, MINIMUM_SIZE, exclude_content_types=PACKED)
        return GZipResponder(self._app, MINIMUM_SIZE, GZIP_LEVEL, exclude_content_types=PACKED)


async def _told_of(send: Send, message: Message) -> None:
    """Sends an answer as it is; others may get it compressed."""
    if message["type"] == "http.response.start":
        MutableHeaders(scope=message).add_vary_header("Accept-Encoding")
    await send(message)


class ZstdResponder(IdentityResponder):
    """Sends an answer compressed by Zstandard.

    Source: https://www.rfc-editor.org/rfc/rfc8878
    """

    content_encoding = "zstd"
    _compressor: "ZstdCompressor | None" = None

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        """The next bytes of the answer; all that were given are in those sent until now."""
        if len(body) < IN_THREAD:
            return self._compressed(body, more_body)
        return await to_thread.run_sync(self._compressed, body, more_body)

    def _compressed(self, body: bytes, more_body: bool) -> bytes:
        from backports.zstd import ZstdCompressor

        if self._compressor is None:
            self._compressor = ZstdCompressor(level=ZSTD_LEVEL)
        if more_body:
            return self._compressor.compress(body, ZstdCompressor.FLUSH_BLOCK)
        return self._compressor.compress(body, ZstdCompressor.FLUSH_FRAME)


def preferred_coding(accepted: str) -> str:
    """The coding to send an answer in, by an Accept-Encoding header; `identity` for none.

    >>> preferred_coding("gzip, zstd;q=0.8"), preferred_coding("*"), preferred_coding("zstd;q=0")
    ('gzip', 'zstd', 'identity')
    """
    weights = dict(weighted(accepted))
    others = weights.get("*", 0.0)
    best = max(CODINGS, key=lambda coding: weights.get(coding, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= weights.get("identity", 0.0) else "identity"


def is_download(scope: Scope) -> bool:
    """Whether a request asks for the bytes of something."""
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path.startswith(DOWNLOADS) or path.endswith(VALUE)
