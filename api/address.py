"""Under which address the client sees us: every link we write starts with it.

SWATH_API_PUBLIC_URL says it, or API Gateway in its event. Otherwise the client does, in its
headers, and might say anything: what it says is believed where the host is our own or one that the
operator trusts. Proxies are believed in the same way: `Forwarded` and `X-Forwarded-*` count only
where the host they lead to is trusted.
"""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from stac_fastapi.api.middleware import ProxyHeaderMiddleware
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

# What reaches only the machine it is said on.
OWN = ("localhost", "127.0.0.1", "[::1]")
FORWARDED = (b"forwarded", b"x-forwarded-host", b"x-forwarded-port", b"x-forwarded-proto")
STANDARD = {"http": 80, "https": 443}
SAID = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?")


class PublicAddress:
    """Middleware that makes the request look as the client sent it, wherever it passed through."""

    def __init__(
        self,
        app: ASGIApp,
        public_url: str = "",
        *,
        trusted_hosts: Iterable[str] = (),
        emulator_url: str = "",
    ) -> None:
        """Wraps an application.

        Args:
            app: the application.
            public_url: the address of the application's root; empty to find it by the request.
            trusted_hosts: names of hosts that clients and proxies may say; `*` stands for any part.
            emulator_url: of the emulator of AWS we run in, which serves API Gateway under a path.
        """
        self._app = app
        self._trusted = [host.lower() for host in trusted_hosts]
        self._public_url = public_url.rstrip("/")
        self._emulator_url = emulator_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif self._public_url:
            await self._app(_at(self._public_url, scope), receive, send)
        elif "aws.event" in scope:
            await self._app(self._behind_gateway(scope), receive, send)
        elif self._trusted and Headers(scope=scope).get("host"):
            await self._forwarded(scope, receive, send)
        else:
            await self._at_trusted_host(scope, receive, send)

    async def _forwarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers at the host a proxy says, if that is trusted; else as if none had said any."""

        async def believed(seen: Scope, receive: Receive, send: Send) -> None:
            trusted = _named(Headers(scope=seen).get("host", ""), self._trusted)
            await self._at_trusted_host(seen if trusted else scope, receive, send)

        await ProxyHeaderMiddleware(believed)(dict(scope), receive, send)

    async def _at_trusted_host(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers at the host that was said; at the one we listen as, if that is not trusted."""
        said = Headers(scope=scope).get("host", "")
        name, port = scope.get("server") or ("localhost", None)
        listened = name if port in (None, STANDARD.get(scope["scheme"])) else f"{name}:{port}"
        trusted = said.lower() == listened or _named(said, (*OWN, *self._trusted))
        if not trusted or any(name in FORWARDED for name, _ in scope["headers"]):
            scope = {**scope, "headers": _said(scope, said if trusted else listened)}
        await self._app(scope, receive, send)

    def _behind_gateway(self, scope: Scope) -> Scope:
        emulated, event = bool(self._emulator_url), scope["aws.event"]
        root, path = gateway_paths(event, scope["path"], emulated=emulated)
        # API Gateway always says; an emulator that does not is asked as it was named to us.
        scheme = urlsplit(self._emulator_url).scheme if emulated else "https"
        said = Headers(scope=scope).get("host", "")
        host = said if emulated else event["requestContext"].get("domainName") or said
        headers = _said(scope, host)
        return {
            **scope,
            "scheme": scheme,
            "headers": headers,
            "root_path": root,
            "path": root + path,
        }


def _named(host: str, patterns: Iterable[str]) -> bool:
    """Whether a host, with or without a port, is one of these."""
    found = SAID.fullmatch(host)
    name = found[1].lower() if found else ""
    return bool(name) and any(fnmatchcase(name, one) for one in patterns)


def _said(scope: Scope, host: str) -> list[tuple[bytes, bytes]]:
    """The headers with this host, and without what proxies say of another."""
    others = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
    kept = [pair for pair in others if pair[0] not in (b"host", *FORWARDED)]
    return [*kept, (b"host", host.encode("latin-1"))]


def gateway_paths(event: Mapping[str, Any], path: str, *, emulated: bool) -> tuple[str, str]:
    """The public root path of an API Gateway event, and the path below it.

    HTTP APIs put a named stage in front of the path; REST APIs take it away, except behind a custom
    domain, where the path keeps what the domain maps to the stage. Emulators serve every API below
    `/_aws/execute-api/<id>` as well, because `<id>.execute-api.localhost` resolves nowhere.
    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    context = event["requestContext"]
    stage = "" if context.get("stage") in (None, "$default") else f"/{context['stage']}"
    if event.get("version") == "2.0":
        root, below = stage, _without(stage, path)
    elif str(context.get("path", "")).startswith(f"{stage}/"):
        root, below = stage, path
    else:
        root, below = _mapped(event, path)
    host = {name.lower(): value for name, value in event.get("headers", {}).items()}.get("host", "")
    if emulated and not str(host).startswith(f"{context.get('apiId')}."):
        root = f"/_aws/execute-api/{context.get('apiId')}{root}"
    return root, below


def _mapped(event: Mapping[str, Any], path: str) -> tuple[str, str]:
    proxy = (event.get("pathParameters") or {}).get("proxy") or ""
    below = str(event.get("resource") or "/{proxy+}").replace("{proxy+}", proxy)
    return (path.removesuffix(below), below) if path.endswith(below) else ("", path)


def _without(prefix: str, path: str) -> str:
    inside = path == prefix or path.startswith(f"{prefix}/")
    return (path.removeprefix(prefix) or "/") if prefix and inside else path


def _at(url: str, scope: Scope) -> Scope:
    address = urlsplit(url)
    below = _without(scope.get("root_path", ""), scope["path"])
    if "aws.event" in scope:
        _, below = gateway_paths(scope["aws.event"], scope["path"], emulated=False)
    return {
        **scope,
        "scheme": address.scheme,
        "headers": _said(scope, address.netloc),
        "root_path": address.path,
        "path": address.path + below,
    }
