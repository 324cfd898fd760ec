"""Parameters of an address, read into what a body of JSON would hold."""

import re
from collections.abc import Callable
from typing import Any

import orjson
from starlette.datastructures import QueryParams

from swath.errors import QueryError

type Members = dict[str, Any]

NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?", re.ASCII)


def members_of_url(given: QueryParams) -> Members:
    """What the parameters of an address ask for; those without a value ask for nothing.

    Raises:
        QueryError: a value cannot be read.
    """
    members: Members = {"filter-lang": "cql2-text"}
    for name, value in _joined(given).items():
        read = FROM_URL.get(name) or FROM_URL.get(f"…_{name.rpartition('_')[2]}")
        if value.strip(" ,") and read:
            members[name] = read(value, name)
    if members["filter-lang"] == "cql2-json" and "filter" in members:
        members["filter"] = json_of(members["filter"], "filter")
    return members


def json_of(text: str | bytes, name: str) -> Any:
    """The value that a text of JSON is.

    Raises:
        QueryError: it is none.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise QueryError(name, f"it is no JSON: {error}") from error


def _joined(given: QueryParams) -> dict[str, str]:
    """Parameters by name; those given twice are one list."""
    found: dict[str, list[str]] = {}
    for name, value in given.multi_items():
        found.setdefault(name.replace("filter_", "filter-"), []).append(value)
    return {name: ",".join(values) for name, values in found.items()}


def _listed(text: str, _name: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _numbers(text: str, name: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise QueryError(name, "it is a list of numbers") from error


def _whole(text: str, name: str) -> int:
    if not re.fullmatch(r"-?\d{1,18}", text.strip(), re.ASCII):
        raise QueryError(name, "it is a whole number")
    return int(text)


def _keys(text: str, name: str) -> list[dict[str, str]]:
    # A plus is a space where an address was not encoded.
    return [
        {"field": key.lstrip("+- "), "direction": "desc" if key.startswith("-") else "asc"}
        for key in _listed(text, name)
    ]


def _signed(text: str, name: str) -> dict[str, list[str]]:
    names = _listed(text, name)
    include = [name.lstrip("+ ") for name in names if not name.startswith("-")]
    exclude = [name[1:] for name in names if name.startswith("-")]
    return {"exclude": exclude} | ({"include": include} if include else {})


def _truth(text: str, name: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise QueryError(name, "it is true or false")
    return text.lower() == "true"


def _width(text: str, _name: str) -> float | str:
    """A number, or a unit of time."""
    return float(text) if NUMBER.fullmatch(text.strip()) else text


def _text(text: str, _name: str) -> str:
    return text


FROM_URL: dict[str, Callable[[str, str], Any]] = {
    "collections": _listed,
    "ids": _listed,
    "bbox": _numbers,
    "intersects": json_of,
    "datetime": _text,
    "limit": _whole,
    "fields": _signed,
    "sortby": _keys,
    "query": json_of,
    "filter": _text,
    "filter-lang": _text,
    "filter-crs": _text,
    "q": _listed,
    "token": _text,
    "count": _truth,
    "offset": _whole,
    "aggregations": _listed,
    # Of one aggregation, whose name stands before.
    "…_precision": _whole,
    "…_interval": _width,
}
