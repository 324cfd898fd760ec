"""A part of the HTTP application in Lambda, behind an HTTP API or a REST API of API Gateway.

Imports are done when the environment starts, where they are cheapest. The application is built and
its connection opened by the first request, not by the import: a snapshot of the environment
(SnapStart) would keep a connection that the server has long closed. Both then stay for as long as
the environment lives, on one event loop.
"""

import asyncio
import os
import random
import time
from functools import cache
from typing import TYPE_CHECKING, Any

from mangum import Mangum
from mangum.adapter import DEFAULT_TEXT_MIME_TYPES

from api.asgi import create_app
from swath.observability import logger

if TYPE_CHECKING:
    from mangum.types import LambdaContext

# Types Mangum would answer in base64, a third longer.
TEXT_TYPES = [
    *DEFAULT_TEXT_MIME_TYPES,
    "application/geo+json",
    "application/geo+json-seq",
    "application/x-ndjson",
    "application/problem+json",
    "application/schema+json",
]


def answer_event(
    parts: tuple[str, ...], event: dict[str, Any], context: "LambdaContext"
) -> dict[str, Any]:
    """Answers one request to the parts of the application that a function has."""
    begun = time.perf_counter()
    answer = adapter(parts)(_readable(event), context)
    logger.info(
        "request answered",
        extra={
            "path": event.get("rawPath") or event.get("path"),
            "status": answer["statusCode"],
            "ms": round(1000 * (time.perf_counter() - begun)),
        },
    )
    return answer


@cache
def adapter(parts: tuple[str, ...]) -> Mangum:
    """The application and its event loop; both as old as the environment."""
    # All environments that are made of one snapshot would draw the same numbers.
    random.seed()
    asyncio.set_event_loop(asyncio.new_event_loop())
    # AWS itself never sets this; emulators do, so that functions find them.
    app = create_app(emulator_url=os.environ.get("AWS_ENDPOINT_URL", ""), parts=parts)
    # Mangum would open and close the connections with every single request.
    return Mangum(app, lifespan="off", text_mime_types=TEXT_TYPES)


def _readable(event: dict[str, Any]) -> dict[str, Any]:
    """The event without the wish for compression where the gateway would not pass it on.

    A REST API answers with bytes only if it was told which media types are binary.
    """
    if event.get("version") == "2.0":
        return event
    kept: dict[str, Any] = {}
    for part in ("headers", "multiValueHeaders"):
        values = event.get(part) or {}
        kept[part] = {k: v for k, v in values.items() if k.lower() != "accept-encoding"}
    return {**event, **kept}
