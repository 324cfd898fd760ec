"""The Transaction extension: Items and Collections written through the API, by the loader.

Source: https://github.com/stac-api-extensions/transaction/tree/v1.0.0

It is there only where `SWATH_API_TRANSACTIONS` says so. What is written is the JSON as it was sent:
no model in between changes a member it does not know.
"""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.stac.links import GEOJSON, JSON, root_of
from api.stac.publishing import COMPACT, with_addresses, without_addresses
from swath.domain.item import Item
from swath.errors import DatabaseUnavailableError, ProductError, QueryError
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.products import ItemKey
from swath.services.edit_collections import (
    create_collection,
    delete_collection,
    patch_collection,
    replace_collection,
)
from swath.services.edit_items import (
    create_items,
    delete_item,
    patch_item,
    replace_item,
    upsert_items,
)
from swath.stores.store import Stores

JSON_PATCH = "application/json-patch+json"
MOST_ITEMS = 2000
# Of one request, its turn to write included, but for a connection that is made at the end: API
# Gateway waits 29 s.
PATIENCE_S = 20.0
COLLECTIONS, COLLECTION = "/collections", "/collections/{collection_id}"
ITEMS, ITEM = f"{COLLECTION}/items", f"{COLLECTION}/items/{{item_id}}"


class Transactions:
    """The endpoints that write. The catalogue has one connection, so writers take turns."""

    def __init__(self, catalogue: Catalogue, stores: Callable[[], Stores]) -> None:
        """Connects to nothing yet."""
        self._catalogue, self._stores = catalogue, stores
        self._turn = anyio.CapacityLimiter(1)

    def routes(self) -> list[Route]:
        """Every route that writes."""
        return [
            Route(path, endpoint, methods=[method])
            for path, method, endpoint in (
                (COLLECTIONS, "POST", self.post_collection),
                (COLLECTION, "PUT", self.put_collection),
                (COLLECTION, "PATCH", self.patch_collection),
                (COLLECTION, "DELETE", self.delete_collection),
                (ITEMS, "POST", self.post_items),
                (f"{COLLECTION}/bulk_items", "POST", self.post_bulk),
                (ITEM, "PUT", self.put_item),
                (ITEM, "PATCH", self.patch_item),
                (ITEM, "DELETE", self.delete_item),
            )
        ]

    async def post_items(self, request: Request) -> Response:
        """Adds one Item, or all Items of a FeatureCollection or none of them."""
        document, collection = await _body(request), request.path_params["collection_id"]
        many = document.get("type") == "FeatureCollection"
        documents = document.get("features") if many else [document]
        if not isinstance(documents, list) or not 0 < len(documents) <= MOST_ITEMS:
            raise QueryError("features", f"a list of 1 to {MOST_ITEMS} Items")
        items = await self._edited(create_items, collection, documents)
        if many:
            return Response(status_code=HTTPStatus.CREATED)
        path = f"collections/{quote(collection)}/items/{quote(items[0]['id'])}"
        return _item_answer(request, items[0], location=_address(request, path))

    async def post_bulk(self, request: Request) -> Response:
        """Adds or replaces many Items; those that cannot be written are named, with the reason."""
        document = await _body(request)
        items = document.get("items")
        if not isinstance(items, dict) or not 0 < len(items) <= MOST_ITEMS:
            raise QueryError("items", f"an object of 1 to {MOST_ITEMS} Items by their ids")
        refused = await self._edited(upsert_items, request.path_params["collection_id"], items)
        reasons = {item_id: str(error) for item_id, error in refused.items()}
        return _answer({"written": len(items) - len(reasons), "refused": reasons}, JSON)

    async def put_item(self, request: Request) -> Response:
        """Replaces an Item."""
        await self._edited(replace_item, _item(request), await _body(request))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def patch_item(self, request: Request) -> Response:
        """Changes members of an Item."""
        patch = await _patch(request)
        item = await self._edited(patch_item, _item(request), patch)
        return _item_answer(request, item)

    async def delete_item(self, request: Request) -> Response:
        """Deletes an Item."""
        await self._written(delete_item, _item(request))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def post_collection(self, request: Request) -> Response:
        """Adds a Collection."""
        made = await self._written(create_collection, await _body(request))
        location = _address(request, f"collections/{quote(made['id'])}")
        return _answer(made, JSON, location=location)

    async def put_collection(self, request: Request) -> Response:
        """Replaces a Collection."""
        await self._written(
            replace_collection, request.path_params["collection_id"], await _body(request)
        )
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def patch_collection(self, request: Request) -> Response:
        """Changes members of a Collection."""
        patch = await _patch(request)
        collection = request.path_params["collection_id"]
        return _answer(await self._written(patch_collection, collection, patch), JSON)

    async def delete_collection(self, request: Request) -> Response:
        """Removes a Collection without Items."""
        await self._written(delete_collection, request.path_params["collection_id"])
        return Response(status_code=HTTPStatus.NO_CONTENT)

    async def _edited(self, service: Callable[..., Any], *arguments: Any) -> Any:
        return await self._written(service, self._stores(), *arguments)

    async def _written(self, service: Callable[..., Any], *arguments: Any) -> Any:
        clock = asyncio.get_running_loop()
        end = clock.time() + PATIENCE_S
        try:
            async with asyncio.timeout_at(end):
                await self._turn.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailableError("those who write take too long") from error
        giving_up = clock.call_at(end, self._catalogue.break_off)
        try:
            return await anyio.to_thread.run_sync(lambda: service(self._catalogue, *arguments))
        except ProductError as error:
            raise QueryError("item", error.detail) from error
        finally:
            giving_up.cancel()
            self._turn.release()


async def _body(request: Request) -> dict[str, Any]:
    document = await _json(request)
    if not isinstance(document, dict):
        raise QueryError("body", "must be a JSON object")
    return document


async def _patch(request: Request) -> Any:
    """Members to merge, or a list of operations, as the media type says."""
    document = await _json(request)
    media_type = request.headers.get("content-type", JSON).partition(";")[0].strip()
    is_list = isinstance(document, list)
    if media_type == JSON_PATCH and not is_list:
        raise QueryError("body", "must be a list of operations")
    if not isinstance(document, dict if not is_list else list) or (
        is_list and not all(isinstance(operation, dict) for operation in document)
    ):
        raise QueryError("body", "must be an object to merge or a list of operations")
    return document


async def _json(request: Request) -> Any:
    content = without_addresses(await request.body(), request)
    # Valid JSON, but PostgreSQL cannot store it.
    if b"\\u0000" in content:
        raise QueryError("body", "a string holds the character NUL")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise QueryError("body", f"is not JSON: {error}") from error


def _answer(content: Mapping[str, Any] | bytes, media_type: str, *, location: str = "") -> Response:
    status = HTTPStatus.CREATED if location else HTTPStatus.OK
    headers = {"Location": location} if location else {}
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return Response(body, status, headers, media_type)


def _item_answer(request: Request, item: Item, *, location: str = "") -> Response:
    (content,) = with_addresses([orjson.dumps(item)], request, COMPACT)
    return _answer(content, GEOJSON, location=location)


def _item(request: Request) -> ItemKey:
    return ItemKey(request.path_params["collection_id"], request.path_params["item_id"])


def _address(request: Request, path: str) -> str:
    return f"{root_of(request)}/{path}"
