"""What a client asks for, as a `Query`: from an address or from a body, by the same rules.

Source: https://api.stacspec.org/v1.0.0/item-search/#tag/Item-Search
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from starlette.datastructures import QueryParams

from api.stac import filters
from api.stac.geometry import check_box, check_geometry
from api.stac.parameters import Members, json_of, members_of_url
from swath.domain.query import DEFAULT_LIMIT, Fields, Filter, Query, SortKey, all_of
from swath.errors import QueryError

# More than anybody needs; less than what keeps the database busy for seconds.
MOST = {"ids": 1000, "collections": 200, "sortby": 10, "fields": 200, "aggregations": 20}
MAX_NAME = 256
# Source: https://www.rfc-editor.org/rfc/rfc3339#section-5.6
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
OPEN = ("", "..")
# Members an Item has whatever is asked for, and those that make one.
# Source: https://github.com/stac-api-extensions/fields#includeexclude-semantics
ALWAYS = frozenset({"type", "stac_version", "id", "collection"})
WHOLE = frozenset({"geometry", "bbox", "links", "assets", "properties.datetime"})
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
READ_FILTER = {"cql2-text": filters.from_text, "cql2-json": filters.check_filter}


@dataclass(frozen=True, slots=True)
class Asked:
    """A query, and the words of a free-text search that must hold as well. `limited` says that the
    client chose its limit.
    """

    query: Query
    terms: tuple[str, ...] = ()
    limited: bool = False


def asked_by_url(given: QueryParams, *, most_items: int) -> Asked:
    """The query in an address.

    Raises:
        QueryError: a parameter makes no sense.
    """
    return asked_by_members(members_of_url(given), most_items=most_items)


def asked_by_body(body: bytes, *, most_items: int) -> Asked:
    """The query in a body of JSON.

    Raises:
        QueryError: it is no JSON, or a member makes no sense.
    """
    return asked_by_members(members_of_body(body), most_items=most_items)


def below(asked: Asked, collection: str) -> Asked:
    """The same within one collection."""
    return replace(asked, query=replace(asked.query, collections=(collection,)))


def members_of_body(body: bytes) -> Members:
    """What a body asks for; members that are null ask for nothing.

    Raises:
        QueryError: it is no object of JSON.
    """
    members = json_of(body or b"{}", "body")
    if not isinstance(members, dict):
        raise QueryError("body", "a search is a JSON object")
    if "fields" in members and members["fields"] is None:
        raise QueryError("fields", "it is an object with include and exclude")
    return {name: value for name, value in members.items() if value is not None}


def asked_by_members(members: Members, *, most_items: int) -> Asked:
    """What members of a body ask for; the parameters of an address are read into the same.

    Raises:
        QueryError: a member makes no sense.
    """
    for name in members:
        without_nul(members[name], name)
    if "bbox" in members and "intersects" in members:
        raise QueryError("intersects", "either a box or a geometry can be asked for")
    query = Query(
        collections=texts(members, "collections"),
        ids=texts(members, "ids"),
        bbox=check_box(members["bbox"], "bbox") if "bbox" in members else None,
        intersects=check_geometry(members["intersects"], "intersects")
        if "intersects" in members
        else None,
        datetime=interval(members.get("datetime")),
        filter=all_of(filter_of(members), *filters.query_filters(members.get("query", {}))),
        sortby=sort_keys(members),
        limit=min(_limit(members), most_items),
        token=_token(members),
        fields=fields_of(members),
        counted=_flag(members, "count"),
    )
    terms = filters.check_terms(members.get("q", []))
    return Asked(query, terms, limited="limit" in members)


def texts(members: Members, name: str) -> tuple[str, ...]:
    """A list of texts, each once; one text is a list of itself."""
    given = members.get(name, [])
    given = [given] if isinstance(given, str) else given
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise QueryError(name, "it is a list of texts")
    if len(given) > MOST[name]:
        raise QueryError(name, f"no more than {MOST[name]} are allowed")
    if any(len(text) > MAX_NAME for text in given):
        raise QueryError(name, f"none has more than {MAX_NAME} characters")
    return tuple(dict.fromkeys(given))


def interval(given: Any) -> str | None:
    """A moment, or an interval that is open at one end at most.

    Source: https://docs.ogc.org/is/17-069r4/17-069r4.html#_parameter_datetime
    """
    if given is None:
        return None
    ends = given.split("/") if isinstance(given, str) else []
    if not 1 <= len(ends) <= 2 or all(end in OPEN for end in ends):
        raise QueryError("datetime", "it is a moment, or two with a slash between them")
    moments = [None if len(ends) == 2 and end in OPEN else _moment(end) for end in ends]
    if moments[0] and moments[-1] and moments[0] > moments[-1]:
        raise QueryError("datetime", "an interval ends after it begins")
    return "/".join(end or ".." for end in ends).upper()


def _moment(text: str) -> datetime:
    if not MOMENT.fullmatch(text):
        raise QueryError("datetime", f"{text!r} is no date and time of RFC 3339")
    try:
        return datetime.fromisoformat(text.upper())
    except ValueError as error:
        raise QueryError("datetime", f"{text!r}: {error}") from error


def filter_of(members: Members) -> Filter | None:
    """The filter, whichever of its languages it is in."""
    if members.get("filter-crs", CRS84) != CRS84:
        raise QueryError("filter-crs", f"geometries are in {CRS84}")
    read = READ_FILTER.get(str(members.get("filter-lang", "cql2-json")))
    if read is None:
        raise QueryError("filter-lang", "it is cql2-text or cql2-json")
    return read(members["filter"]) if "filter" in members else None


def sort_keys(members: Members) -> tuple[SortKey, ...]:
    """The keys to sort by."""
    given = members.get("sortby", [])
    if not isinstance(given, list) or len(given) > MOST["sortby"]:
        raise QueryError("sortby", f"it is a list of no more than {MOST['sortby']} keys")
    return tuple(map(_sort_key, given))


def _sort_key(given: Any) -> SortKey:
    name, direction = (
        (given.get("field"), given.get("direction", "asc")) if isinstance(given, dict) else (0, 0)
    )
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME:
        raise QueryError("sortby", "each key has a field")
    if direction not in ("asc", "desc"):
        raise QueryError("sortby", f"{name}: the direction is asc or desc")
    return SortKey(name.strip(), descending=direction == "desc")


def _limit(members: Members) -> int:
    limit = members.get("limit", DEFAULT_LIMIT)
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 1:
        raise QueryError("limit", "it is a whole number, 1 or more")
    return limit


def _token(members: Members) -> str | None:
    token = members.get("token")
    if token is not None and not isinstance(token, str):
        raise QueryError("token", "it is a text")
    return token


def fields_of(members: Members) -> Fields | None:
    """The members that answers shall have; None for all.

    What is included wins over what is excluded, and an Item always says what it is. An `include`
    that is there but empty stands for the members that make an Item.
    """
    given = members.get("fields", {})
    if not isinstance(given, dict):
        raise QueryError("fields", "it is an object with include and exclude")
    include, exclude = _names(given, "include"), _names(given, "exclude")
    if len(include) + len(exclude) > MOST["fields"]:
        raise QueryError("fields", f"no more than {MOST['fields']} are allowed")
    if not include and not exclude:
        return None
    if not include and "include" in given:
        include = frozenset(name for name in WHOLE if not _below(name, exclude))
        exclude = frozenset()
    kept = frozenset(name for name in exclude if not any(_below(i, {name}) for i in include))
    return Fields(include | (ALWAYS if include else include), kept)


def _below(name: str, others: Collection[str]) -> bool:
    """Whether the member is one of these, or a part of one."""
    return any(f"{name}.".startswith(f"{other}.") for other in others)


def _names(given: dict[str, Any], part: str) -> frozenset[str]:
    names = given.get(part)
    names = [] if names is None else names
    if not isinstance(names, list) or not all(isinstance(n, str) and n.strip() for n in names):
        raise QueryError("fields", f"{part} is a list of names")
    return frozenset(names)


def _flag(members: Members, name: str) -> bool:
    flag = members.get(name, False)
    if not isinstance(flag, bool):
        raise QueryError(name, "it is true or false")
    return flag


def without_nul(value: Any, name: str) -> None:
    """PostgreSQL cannot even be asked for one."""
    if isinstance(value, str):
        if "\0" in value:
            raise QueryError(name, "it holds a NUL")
    elif isinstance(value, dict):
        for part in chain(value, value.values()):
            without_nul(part, name)
    elif isinstance(value, list):
        for part in value:
            without_nul(part, name)
