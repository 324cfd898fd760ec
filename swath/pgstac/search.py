"""Answers a `Query`: the one way every language reads the catalogue.

The database assembles the JSON of each Item (functions/search.sql); here its bytes are passed on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import asyncpg
import orjson

from swath.domain.item import Item
from swath.domain.query import Query, all_of, area, flat_box
from swath.pgstac.paging import Place, read_token, write_token
from swath.pgstac.statements import statement

# No page is larger unless a single Item is; clients page through the rest.
MOST_BYTES = 64 * 1024**2
# What counting may cost, in units of the planner: about a second.
COUNT_BUDGET = 200_000.0


class Form(StrEnum):
    """How much of each Item is read."""

    ITEM = "item"
    # What there is to say of a product as a whole: not the files inside it.
    PRODUCT = "product"
    # Nothing: only the place of the last one counts.
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Items that a search found, and where it goes on.

    `next` and `prev` are tokens for `Query.token`. `matched` is the number of all Items that match,
    if it was asked for; `estimated` says that it was too many to count.
    """

    items: list[T]
    next: str | None
    prev: str | None
    matched: int | None = None
    estimated: bool = False


async def search(
    connection: asyncpg.Connection, query: Query, root: str, *, most_bytes: int = MOST_BYTES
) -> Page[bytes]:
    """One page of Items, each the bytes of its JSON with links that start with `root`.

    A page holds fewer Items than `query.limit` where more would take more than `most_bytes`.

    Raises:
        QueryError: the query makes no sense in itself.
        asyncpg.PostgresError: the database refused it or failed.
    """
    return await _page(connection, query, root, most_bytes, bytes)


async def find(
    connection: asyncpg.Connection, query: Query, root: str = "", *, form: Form = Form.ITEM
) -> Page[Item]:
    """One page of Items, for languages that write them in another form; see `search`."""
    return await _page(connection, query, root, MOST_BYTES, orjson.loads, form)


async def find_item(
    connection: asyncpg.Connection, collection: str, item_id: str, root: str
) -> bytes | None:
    """The bytes of one Item's JSON; None if there is no such Item."""
    item: bytes | None = await connection.fetchval(statement("item"), collection, item_id, root)
    return item


def feature_collection(page: Page[bytes], links: list[dict[str, Any]]) -> bytes:
    """The GeoJSON of a page with the links of the page itself."""
    rest: dict[str, Any] = {"links": links, "numberReturned": len(page.items)}
    if page.matched is not None:
        rest["numberMatched"] = page.matched
        if page.estimated:
            rest["swath:numberMatched"] = "estimated"
    # Joined once: a page has some megabytes, and to copy them takes longer than all else here.
    parts = page.items or [b""]
    first = b'{"type":"FeatureCollection","features":[' + parts[0]
    end = b"]," + orjson.dumps(rest)[1:]
    return b",".join((first, *parts[1:-1], parts[-1] + end)) if parts[1:] else first + end


async def _page[T](
    connection: asyncpg.Connection,
    query: Query,
    root: str,
    most_bytes: int,
    read: Callable[[bytes], T],
    form: Form = Form.ITEM,
) -> Page[T]:
    place = read_token(query.token, query.sortby)
    asked = orjson.dumps({**asked_of_pgstac(query), "form": form}).decode()
    keys, back = (place.keys, place.back) if place else (None, False)
    rows = await connection.fetch(statement("search_items"), asked, root, most_bytes, keys, back)
    more = bool(rows) and rows[-1]["item"] is None
    rows = rows[:-1] if more else rows
    if back:
        rows.reverse()
    has_next, has_prev = (bool(rows), more) if back else (more, bool(rows and place))
    matched = (
        await connection.fetchrow(statement("count_items"), asked, COUNT_BUDGET)
        if query.counted
        else None
    )
    return Page(
        items=[read(row["item"]) for row in rows],
        next=write_token(Place(rows[-1]["keys"], back=False), query.sortby) if has_next else None,
        prev=write_token(Place(rows[0]["keys"], back=True), query.sortby) if has_prev else None,
        matched=matched["matched"] if matched else None,
        estimated=bool(matched and matched["estimated"]),
    )


def asked_of_pgstac(query: Query) -> dict[str, Any]:
    """The search in pgSTAC's words; what is not asked for is left out."""
    fields = query.fields
    asked = {
        "collections": query.collections,
        "ids": query.ids,
        "datetime": query.datetime,
        "sortby": [
            {"field": key.name, "direction": "desc" if key.descending else "asc"}
            for key in query.sortby
        ],
        "fields": fields and {"include": sorted(fields.include), "exclude": sorted(fields.exclude)},
        "filter": query.filter,
        **_area(query),
    }
    given = {name: value for name, value in asked.items() if value}
    return {**given, "filter-lang": "cql2-json", "limit": query.limit}


def _area(query: Query) -> dict[str, Any]:
    """The area in pgSTAC's words: it takes one box or one geometry, and no box that crosses the
    antimeridian.
    """
    if query.bbox is None:
        return {"intersects": query.intersects}
    if query.intersects is None:
        west, south, east, north = flat_box(query.bbox)
        inside = west <= east
        return {"bbox": [west, south, east, north]} if inside else {"intersects": area(query.bbox)}
    inside_too = {"op": "s_intersects", "args": [{"property": "geometry"}, query.intersects]}
    return {"intersects": area(query.bbox), "filter": all_of(query.filter, inside_too)}
