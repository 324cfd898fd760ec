"""The AWS emulator of the embedded hub: ministack, with object bodies on disk.

Run as `python -m swath.local.emulator_main`; `swath.local.emulator` sets the environment it needs.
"""

import asyncio
import importlib.metadata
import os
from pathlib import Path
from typing import Any

from swath.local.diskbody import DISK_FULL, Spool
from swath.local.emulator_bodies import (
    FULL_MESSAGE,
    Handler,
    Receive,
    Send,
    for_s3,
    keep_bodies_on_disk,
    receive_to_disk,
)

# What is amended in it is amended line by line: another version may read otherwise.
MINISTACK = "1.5.33"
# Asked for when the stack is deployed: objects on disk then return to their buckets.
RESTORE_PATH = "/_swath/restore-objects"


def main() -> None:
    """Serve until told to stop."""
    found = importlib.metadata.version("ministack")
    if found != MINISTACK:
        raise SystemExit(f"ministack {found} is installed; this hub fits {MINISTACK} alone.")
    objects = Path(os.environ["S3_DATA_DIR"])
    spool = Spool(objects.with_name(f"{objects.name}-spool"))
    spool.clear()

    # Objects are read from disk when the stack is there, not at import: their buckets come with it.
    os.environ["S3_PERSIST"] = "0"
    import uvloop
    from ministack import app
    from ministack.services import s3

    s3.S3_PERSIST = True
    keep_bodies_on_disk(s3, spool)
    receive_to_disk(app, spool)
    app.app = answer_for_hub(app.app, s3)
    # A fifth less time for each request.
    uvloop.install()
    app.main()


def answer_for_hub(app: Handler, s3: Any) -> Handler:
    """Ministack's application, which also brings objects back and says when the disk is full."""

    async def answer(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            for_s3.set(_names_s3(scope))
            if scope["path"] == RESTORE_PATH:
                await asyncio.to_thread(s3._load_persisted_data)
                await _send_text(send, 200, "text/plain", "restored\n")
                return
        try:
            await app(scope, receive, send)
        except OSError as error:
            if error.errno not in DISK_FULL:
                raise
            status, headers, body = s3._error("InsufficientStorage", FULL_MESSAGE, 507)
            await _send_text(send, status, headers["Content-Type"], body.decode())

    return answer


def _names_s3(scope: dict[str, Any]) -> bool:
    """Whether the request is signed for S3, in its header or (as a presigned URL) in its query."""
    signed = dict(scope["headers"]).get(b"authorization", b"") + scope.get("query_string", b"")
    return b"/s3/aws4_request" in signed or b"%2Fs3%2Faws4_request" in signed


async def _send_text(send: Send, status: int, kind: str, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    main()
