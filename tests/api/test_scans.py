"""Searches that no index answers are refused where too many Items would have to be looked into."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from swath.settings import ApiSettings
from tests.api.catalogue import PER_COLLECTION, optical, serve

GRD, L2A = "sentinel-1-grd", "sentinel-2-l2a"
TEN_DAYS = "2024-01-01T00:00:00Z/2024-01-10T23:00:00Z"
MOST = PER_COLLECTION - 5


@pytest.fixture
async def strict(catalogue_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """An API that looks into fewer Items than a collection has."""
    async with serve(catalogue_url, ApiSettings(scan_items=MOST)) as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "parameter", "name"),
    [
        ({"filter": "gsd = 10"}, "filter", "gsd"),
        ({"filter": "properties.gsd = 10", "collections": L2A}, "filter", "gsd"),
        ({"filter": "gsd = 10 OR id = 'x'", "collections": L2A}, "filter", "gsd"),
        ({"filter": "unheard:of = 10", "collections": L2A}, "filter", "unheard:of"),
        ({"filter": "eo:cloud_cover * 2 < 10", "collections": L2A}, "filter", "*(eo:cloud_cover)"),
        ({"query": '{"gsd":{"eq":10}}', "collections": L2A}, "filter", "gsd"),
        ({"sortby": "gsd", "collections": L2A}, "sortby", "gsd"),
        # Indexed for Sentinel-2, and the Items of Sentinel-1 have to be looked into.
        ({"filter": "eo:cloud_cover < 10"}, "filter", "eo:cloud_cover"),
        ({"sortby": "-eo:cloud_cover"}, "sortby", "eo:cloud_cover"),
    ],
)
async def test_the_property_without_an_index_is_named(
    strict: httpx.AsyncClient, asked: dict[str, str], parameter: str, name: str
) -> None:
    answers = [
        await strict.get("/stac/search", params=asked),
        await strict.get("/stac/search", params={**asked, "f": "ndjson"}),
    ]
    if parameter == "filter":
        counted = {**asked, "aggregations": "total_count"}
        answers.append(await strict.get("/stac/aggregate", params=counted))

    for answer in answers:
        told = answer.json()
        assert (answer.status_code, told["parameter"]) == (400, parameter)
        assert f"no index answers {name} here" in told["detail"]
        assert "Narrow the search" in told["detail"]


@pytest.fixture
async def strictest(catalogue_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """An API that looks into one Item, or into the columns of twenty."""
    async with serve(catalogue_url, ApiSettings(scan_items=1)) as client:
        yield client


@pytest.mark.parametrize(
    ("asked", "parameter", "name"),
    [
        ({"q": "grd"}, "q", "like(lower(id))"),
        ({"q": "grd", "filter": "collection <> 'x'"}, "filter", "like(lower(id))"),
        ({"filter": "id LIKE '%0001'"}, "filter", "like(id)"),
        ({"filter": "CASEI(id) = CASEI('x')"}, "filter", "casei(id)"),
        ({"filter": "platform LIKE '_entinel-2b'"}, "filter", "like(platform)"),
    ],
)
async def test_texts_in_the_midst_of_texts_are_looked_for_in_some_items_only(
    strictest: httpx.AsyncClient, asked: dict[str, str], parameter: str, name: str
) -> None:
    answer = await strictest.get("/stac/search", params=asked)

    told = answer.json()
    assert (answer.status_code, told["parameter"]) == (400, parameter)
    assert f"no index answers {name} here" in told["detail"]


@pytest.mark.parametrize("asked", [{"filter": "id LIKE 'S1A%'"}, {"q": "grd", "ids": "x"}])
async def test_how_texts_begin_is_not_looked_for_one_by_one(
    strictest: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    assert (await strictest.get("/stac/search", params=asked)).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"sortby": "id"},
        {"filter": "id LIKE '%1%' AND collection = 'x'"},
        {"filter": "eo:cloud_cover < 10", "collections": L2A},
        {"filter": "platform = 'sentinel-2b'"},
        {"sortby": "-eo:cloud_cover", "collections": L2A},
        {"filter": "gsd = 10", "collections": L2A, "datetime": TEN_DAYS},
        {"filter": "gsd = 10 AND eo:cloud_cover < 30", "collections": L2A},
        {"filter": "gsd = 10", "bbox": "-60,-21,-40,-19"},
        {"filter": "gsd = 10", "ids": optical(1)["id"]},
        {"sortby": "gsd", "collections": L2A, "datetime": TEN_DAYS},
    ],
)
async def test_what_an_index_answers_or_narrows_is_answered(
    strict: httpx.AsyncClient, asked: dict[str, Any]
) -> None:
    answer = await strict.get("/stac/search", params=asked)

    assert answer.status_code == 200, answer.text


async def test_nobody_is_refused_where_there_are_few_items(client: httpx.AsyncClient) -> None:
    answer = await client.get("/stac/search", params={"filter": "gsd = 10", "sortby": "gsd"})

    assert answer.status_code == 200
