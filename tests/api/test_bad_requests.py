"""Whatever a client sends, it is never our fault: a table of requests and the status they get."""

import json
from typing import Any

import httpx
import pytest

GRD = "sentinel-1-grd"
URL_TABLE: list[tuple[str, int]] = [
    ("search?limit=0", 400),
    ("search?limit=-1", 400),
    ("search?limit=abc", 400),
    ("search?limit=99999999999", 200),
    ("search?datetime=2024-13-01T00:00:00Z", 400),
    ("search?datetime=2024-02-01T00:00:00Z/2024-01-01T00:00:00Z", 400),
    ("search?datetime=0000-01-01T00:00:00Z", 400),
    ("search?datetime=../..", 400),
    ("search?bbox=1,2,3,4,5", 400),
    ("search?bbox=0,10,5,-10", 400),
    ("search?bbox=0,0,10,1000", 400),
    ("search?bbox=a,b,c,d", 400),
    ("search?bbox=nan,0,1,1", 400),
    ('search?bbox=0,0,1,1&intersects={"type":"Point","coordinates":[0,0]}', 400),
    ("search?intersects={bad", 400),
    ("search?intersects=5", 400),
    ('search?intersects={"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1]]]}', 400),
    ("search?filter=foo(bar)=1", 400),
    ("search?filter=((((", 400),
    ("search?filter=id", 400),
    ("search?filter-lang=cql2-json&filter={bad", 400),
    ('search?filter-lang=cql2-json&filter={"op":"bogus","args":[1,2]}', 400),
    ("search?filter-lang=nope&filter=a=1", 400),
    ("search?filter-lang=nope", 400),
    ("search?ids=a%00b", 400),
    ("search?ids=" + ",".join(["x"] * 1001), 400),
    ("search?fields=" + ",".join(f"f{n}" for n in range(5000)), 400),
    ("search?fields=,&sortby=,", 200),
    ("search?sortby=-", 400),
    ("search?sortby=id;select 1", 200),
    ("search?q=((((", 400),
    ("search?q=%26 | !", 400),
    ("search?q=" + "x" * 101, 400),
    ("search?token=abc", 400),
    ("search?token=next:zz:yy", 400),
    ("search?token=next:61:62", 400),
    ("search?query={bad", 400),
    ("search?query=5", 400),
    ('search?query={"eo:cloud_cover":{"bogus":1}}', 400),
    ('search?query={"eo:cloud_cover":{"in":1}}', 400),
    ('search?query={"eo:cloud_cover":{"lt":"abc"}}', 400),
    ("collections?limit=0", 400),
    ("collections?offset=-5", 400),
    ("collections?bbox=1,2", 400),
    ("collections?filter=bogus(", 400),
    ("collections?q=((((", 400),
    ("collections/a%00b", 404),
    ("collections/a%00b/items/x", 404),
    ("collections/nope", 404),
    ("collections/nope/items", 404),
    ("collections/nope/items/x", 404),
    ("collections/nope/queryables", 404),
    ("collections/sentinel-1-grd/items/nope", 404),
    ("collections/sentinel-1-grd/items?limit=0", 400),
    ("nope", 404),
]

BODY_TABLE: list[tuple[Any, int]] = [
    ("not json", 400),
    (b"\xff\xfe", 400),
    ("[]", 400),
    ("5", 400),
    ("[" * 20_000 + "]" * 20_000, 400),
    ('{"limit":1e400}', 400),
    ('{"ids":["\\ud800"]}', 400),
    ({"ids": ["a\0b"]}, 400),
    ({"collections": "sentinel-1-grd"}, 200),
    ({"collections": 5}, 400),
    ({"fields": None}, 400),
    ({"bbox": [0, 0, 1, True]}, 400),
    ({"datetime": 5}, 400),
    ({"conf": 5}, 200),
    ({"bbox": [0, 0, 1]}, 400),
    ({"bbox": [float("inf")] * 4}, 400),
    ({"filter": []}, 400),
    ({"filter": {"a": 1}}, 400),
    ({"filter": {"op": "bogus", "args": [1, 2]}}, 400),
    ({"filter": {"op": "="}}, 400),
    ({"filter": {"op": "=", "args": []}}, 400),
    ({"filter": {"op": "=", "args": [{"property": "platform"}]}}, 400),
    ({"filter": {"op": 5, "args": [1]}}, 400),
    ({"filter": {"op": "and", "args": 5}}, 400),
    ({"filter": {"op": "in", "args": [{"property": "id"}, ["a"] * 2000]}}, 400),
    ({"filter": {"op": "<", "args": [{"property": "eo:cloud_cover"}, "abc"]}}, 400),
    ({"filter": {"op": "like", "args": [{"property": "eo:cloud_cover"}, "a%"]}}, 400),
    ({"filter": {"op": "=", "args": [{"property": ""}, 1]}}, 400),
    ({"sortby": [{"field": "id", "direction": "asc, (select pg_sleep(2))"}]}, 400),
    ({"sortby": [{"field": "id; select pg_sleep(2)", "direction": "asc"}]}, 200),
    ({"query": {"": {"eq": 1}}}, 400),
    ({"query": {"platform": {"in": []}}}, 400),
    ({"q": ["a"] * 50}, 400),
    ({"filter-lang": ["cql2-json"]}, 400),
    ({"count": 0}, 400),
    ({"count": 1.0}, 400),
    ({"count": None}, 200),
    ({"fields": ["id"]}, 400),
    ({"fields": {"include": False}}, 400),
    ({"fields": {"exclude": ""}}, 400),
    ({"fields": {"include": None, "exclude": ["assets"]}}, 200),
    ({"sortby": [{"field": "id"}]}, 200),
    ({"ids": "a", "q": "b"}, 200),
    ({"intersects": {"type": "Point", "coordinates": [[0] * 9] * 150_000}}, 413),
]


@pytest.mark.parametrize(("path", "status"), URL_TABLE, ids=lambda value: str(value)[:60])
async def test_by_url(client: httpx.AsyncClient, path: str, status: int) -> None:
    assert_answer(await client.get(f"/stac/{path}"), status)


@pytest.mark.parametrize(("body", "status"), BODY_TABLE, ids=lambda value: str(value)[:60])
async def test_by_body(client: httpx.AsyncClient, body: Any, status: int) -> None:
    content = body if isinstance(body, str | bytes) else json.dumps(body)

    answer = await client.post(
        "/stac/search", content=content, headers={"Content-Type": "application/json"}
    )

    assert_answer(answer, status)


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/stac/collections"), ("PUT", "/stac/search")]
)
async def test_nothing_can_be_written(client: httpx.AsyncClient, method: str, path: str) -> None:
    assert_answer(await client.request(method, path, json={}), 405)


@pytest.mark.parametrize("path", ["/nope", "/a%00b", "/stac/nope"])
async def test_unknown_addresses(client: httpx.AsyncClient, path: str) -> None:
    assert_answer(await client.get(path), 404)


async def test_a_parameter_without_a_value_asks_for_nothing(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/stac/api")).json()["paths"]
    for path, operations in paths.items():
        names = [p["name"] for p in operations["get"].get("parameters", []) if p["in"] == "query"]
        address = f"/stac{path}".format(collection_id=GRD, item_id="", period="")
        for name in names:
            assert_answer(await client.get(address, params={name: ""}), 200)


def assert_answer(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status, answer.text
    if status < 400:
        return
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["status"] == status
    assert body["detail"]
    assert body["code"]
    assert "SELECT" not in answer.text
    assert "Traceback" not in answer.text
