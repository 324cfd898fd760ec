"""Items: searches, lists of a collection's Items, and single ones.

The database's bytes are passed on; nothing here looks into an Item.
"""

from dataclasses import replace
from functools import partial
from typing import Any

import asyncpg
import orjson
from starlette.requests import Request
from starlette.responses import Response

from api.problems import NotFoundError, RequestError
from api.stac.answers import answer
from api.stac.asked import Asked, asked_by_body, asked_by_url, below
from api.stac.export import export
from api.stac.filters import text_filter
from api.stac.forms import wanted_form
from api.stac.links import GEOJSON, JSON, Link, link, page_link, root_of, self_link
from api.stac.publishing import with_addresses
from swath.domain.query import Query, all_of
from swath.errors import QueryError
from swath.pgstac.collections import find_by_words, find_collection
from swath.pgstac.search import Page, feature_collection, find_item, search

# No catalogue has more.
EVERY = 2**40

type Body = dict[str, Any]


async def get_search(request: Request) -> Response:
    """GET /search."""
    asked = asked_by_url(request.query_params, most_items=_most(request))
    if form := wanted_form(request):
        return await export(request, asked, form, partial(_page, request))
    page = await _page(request, asked)
    return _answer(request, feature_collection(page, _links(request, page)))


async def post_search(request: Request) -> Response:
    """POST /search."""
    body = await request.body()
    asked = asked_by_body(body, most_items=_most(request))
    if form := wanted_form(request):
        return await export(request, asked, form, partial(_page, request))
    page = await _page(request, asked)
    links = _links(request, page, orjson.loads(body or b"{}"))
    return _answer(request, feature_collection(page, links))


async def get_items(request: Request) -> Response:
    """GET /collections/{collection_id}/items."""
    collection_id = request.path_params["collection_id"]
    asked = below(
        asked_by_url(request.query_params, most_items=_most(request)),
        collection_id,
    )
    if form := wanted_form(request):
        await _demand_collection(request, collection_id)
        return await export(request, asked, form, partial(_page, request))
    page = await _page(request, asked)
    if not page.items:
        await _demand_collection(request, collection_id)
    at = f"{root_of(request)}/collections/{collection_id}"
    links = [*_links(request, page), link("parent", at), link("collection", at)]
    return _answer(request, feature_collection(page, links))


async def get_item(request: Request) -> Response:
    """GET /collections/{collection_id}/items/{item_id}."""
    collection_id, item_id = request.path_params["collection_id"], request.path_params["item_id"]
    async with request.app.state.database.connection() as connection:
        item = await find_item(connection, collection_id, item_id, root_of(request))
    if item is None:
        raise NotFoundError(f"There is no Item {item_id} in collection {collection_id}.")
    (published,) = with_addresses([item], request)
    return answer(request, published, GEOJSON)


def _answer(request: Request, page: bytes) -> Response:
    found = answer(request, page, GEOJSON)
    found.headers.add_vary_header("Accept")
    return found


def _most(request: Request) -> int:
    """Items of a page; exports go on and on, as far as the client says."""
    most: int = request.app.state.settings.page_limit
    return most if wanted_form(request) is None else EVERY


async def _page(request: Request, asked: Asked) -> Page[bytes]:
    state = request.app.state
    try:
        async with state.database.connection() as connection:
            query = await with_terms(connection, asked)
            by_words = asked.terms and not asked.query.filter
            await state.scans.check(connection, query, "q" if by_words else "filter")
            page = await search(
                connection, query, root_of(request), most_bytes=state.settings.page_bytes
            )
    except RequestError as error:
        raise QueryError(suspect(asked.query), str(error)) from error
    return replace(page, items=with_addresses(page.items, request))


async def with_terms(connection: asyncpg.Connection, asked: Asked) -> Query:
    """The query with its free text as part of the filter."""
    if not asked.terms:
        return asked.query
    collections = await find_by_words(connection, asked.terms)
    found = text_filter(asked.terms, collections)
    return replace(asked.query, filter=all_of(asked.query.filter, found))


def suspect(query: Query) -> str:
    """The parameter that the database refused: all others were looked at before."""
    if query.filter:
        return "filter"
    return "sortby" if query.sortby else "token"


async def _demand_collection(request: Request, collection_id: str) -> None:
    async with request.app.state.database.connection() as connection:
        if await find_collection(connection, collection_id) is None:
            raise NotFoundError(f"There is no collection {collection_id}.")


def _links(request: Request, page: Page[bytes], body: Body | None = None) -> list[Link]:
    pages = {"next": page.next, "prev": page.prev}
    return [
        link("root", f"{root_of(request)}/", JSON),
        self_link(request, GEOJSON),
        *(page_link(request, rel, token, body) for rel, token in pages.items() if token),
    ]
