"""The OpenAPI description of the STAC API: stac-fastapi's own routes and models, as we serve them.

Requests are not answered by stac-fastapi: importing it takes longer than most answers, so nothing
but this module does, when the description is asked for. A test holds both to the same routes.
"""

from enum import StrEnum
from functools import cache
from importlib.metadata import version
from typing import Annotated, Any

import attr
from fastapi import FastAPI, Query
from pydantic import BaseModel, Field
from stac_fastapi.api.app import StacApi
from stac_fastapi.api.models import (
    ItemCollectionUri,
    create_get_request_model,
    create_post_request_model,
)
from stac_fastapi.extensions.collection_search import CollectionSearchExtension
from stac_fastapi.extensions.fields import FieldsExtension
from stac_fastapi.extensions.filter import (
    CollectionSearchFilterExtension,
    ItemCollectionFilterExtension,
    SearchFilterExtension,
)
from stac_fastapi.extensions.pagination import OffsetPaginationExtension, TokenPaginationExtension
from stac_fastapi.extensions.query import QueryExtension
from stac_fastapi.extensions.sort import (
    CollectionSearchSortExtension,
    ItemCollectionSortExtension,
    SearchSortExtension,
)
from stac_fastapi.pgstac.core import CoreCrudClient
from stac_fastapi.pgstac.extensions import FreeTextExtension
from stac_fastapi.types.config import ApiSettings as StacSettings
from stac_fastapi.types.extension import ApiExtension
from stac_fastapi.types.search import APIRequest, BaseSearchPostRequest

from api.stac.aggregations_described import add_aggregations
from api.stac.collections import SCHEMA
from api.stac.description import described
from api.stac.links import JSON
from swath.domain.item import STAC_VERSION
from swath.settings import ApiSettings

COUNT = "Whether to tell how many Items match in all, as `numberMatched`; many are estimated."
# Routes that stac-fastapi does not know: what they are, and what they answer with.
MORE = {
    "/sortables": ("What all Items can be sorted by.", SCHEMA),
    "/collections/{collection_id}/sortables": (
        "Properties that its Items can be sorted by.",
        SCHEMA,
    ),
    "/collections/{collection_id}/browse": ("Its Items by time, as a Catalog.", JSON),
    "/collections/{collection_id}/browse/{period}": ("Its Items of a period, by links.", JSON),
    "/children": ("The collections, as the children of the root.", JSON),
}


class Operator(StrEnum):
    """Operators of the Query extension.

    Source: https://github.com/stac-api-extensions/query#query-operators
    """

    EQ = "eq"
    NE = "ne"
    NEQ = "neq"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    CONTAINS = "contains"
    IN = "in"


@attr.s
class CountByUrl(APIRequest):
    """The `count` parameter."""

    count: Annotated[bool | None, Query(description=COUNT)] = attr.ib(default=None)


class QueryByBody(BaseModel):
    """The `query` member."""

    query: dict[str, dict[Operator, Any]] | None = None


class FullQueryExtension(QueryExtension):
    """The Query extension with every operator of its specification."""

    POST = QueryByBody


class CountByBody(BaseModel):
    """The `count` member."""

    count: bool | None = Field(default=None, description=COUNT)


class CountExtension(ApiExtension):
    """Asks for the number of all matches."""

    GET = CountByUrl
    POST = CountByBody

    def register(self, app: FastAPI) -> None:
        """Adds no route."""


def describe(settings: ApiSettings, root_path: str) -> dict[str, Any]:
    """The description, for clients that reach the API below this path."""
    return {**_described(settings.title, settings.description), "servers": [{"url": root_path}]}


@cache
def _described(title: str, description: str) -> dict[str, Any]:
    search, items, collections = _extensions()
    collection_search = CollectionSearchExtension.from_extensions(collections)
    search_body = create_post_request_model(search, base_model=BaseSearchPostRequest)
    app = FastAPI(title=title, description=description, version=version("swath"))
    StacApi(
        app=app,
        settings=StacSettings(
            _env_file=None,
            stac_fastapi_title=title,
            stac_fastapi_description=description,
            stac_fastapi_version=version("swath"),
            stac_fastapi_landing_id="swath",
            enable_response_models=False,
        ),
        extensions=[*search, *items, collection_search],
        client=CoreCrudClient(pgstac_search_model=search_body, landing_page_id="swath"),
        stac_version=STAC_VERSION,
        search_get_request_model=create_get_request_model(search),
        search_post_request_model=search_body,
        items_get_request_model=create_get_request_model(items, base_model=ItemCollectionUri),
        collections_get_request_model=collection_search.GET,
        middlewares=[],
    )
    found: dict[str, Any] = app.openapi()
    # Who asks for nothing in particular needs no body.
    found["paths"]["/search"]["post"]["requestBody"]["required"] = False
    add_aggregations(found)
    found = described(found)
    template = found["paths"]["/collections/{collection_id}/queryables"]["get"]
    for path, (summary, media_type) in MORE.items():
        found["paths"][path] = {"get": _like(template, path, summary, media_type)}
    return found


PERIOD: dict[str, Any] = {
    "name": "period",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "examples": ["2024", "2024-01", "2024-01-31", "2024-01-31T12"]},
}


def _like(template: dict[str, Any], path: str, summary: str, media_type: str) -> dict[str, Any]:
    parameters = template["parameters"] if "{" in path else []
    parameters = [*parameters, PERIOD] if "{period}" in path else parameters
    name = path.strip("/").replace("/", "_").translate({ord("{"): None, ord("}"): None})
    return {
        **template,
        "responses": {
            **template["responses"],
            "200": {"description": summary, "content": {media_type: {}}},
        },
        "summary": summary,
        "description": summary,
        "operationId": f"get_{name}",
        "parameters": parameters,
    }


def _extensions() -> tuple[list[ApiExtension], list[ApiExtension], list[ApiExtension]]:
    """What searches, lists of a Collection's Items, and lists of Collections can be asked."""
    search: list[ApiExtension] = [
        FullQueryExtension(),
        SearchSortExtension(),
        FieldsExtension(),
        SearchFilterExtension(),
        FreeTextExtension(),
        TokenPaginationExtension(),
        CountExtension(),
    ]
    items: list[ApiExtension] = [
        FullQueryExtension(),
        ItemCollectionSortExtension(),
        FieldsExtension(),
        ItemCollectionFilterExtension(),
        FreeTextExtension(),
        TokenPaginationExtension(),
        CountExtension(),
    ]
    collections: list[ApiExtension] = [
        CollectionSearchSortExtension(),
        FieldsExtension(),
        CollectionSearchFilterExtension(),
        FreeTextExtension(),
        OffsetPaginationExtension(),
    ]
    return search, items, collections
