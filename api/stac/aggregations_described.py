"""The Aggregation extension in the API's description of itself: like searches, but for pages."""

from typing import Any

from api.stac.asked import MOST
from api.stac.links import JSON
from swath.domain.aggregation import PRECISIONS, UNITS, Take

type Document = dict[str, Any]

# What says how pages look, not which Items are meant.
OF_PAGES = frozenset({"limit", "token", "fields", "sortby", "count"})
NAMES = "Names of aggregations, as `/aggregations` lists them."
DIGITS = "Characters of a geohash: the more, the smaller its cells."
ZOOM = "Zoom of the tiles: the more, the smaller."


def _precision(take: Take, description: str) -> Document:
    least, most, default = PRECISIONS[take]
    return {
        "type": "integer",
        "minimum": least,
        "maximum": most,
        "default": default,
        "description": description,
    }


# Others are named after their aggregation in the same way.
FINENESS: Document = {
    "datetime_frequency_interval": {
        "type": "string",
        "enum": list(UNITS),
        "description": "How long the intervals are; chosen by the Items when not given.",
    },
    "cloud_cover_frequency_interval": {
        "type": "number",
        "minimum": 1e-6,
        "maximum": 1e12,
        "description": "How wide the ranges are.",
    },
    "centroid_geohash_grid_frequency_precision": _precision(Take.GEOHASH, DIGITS),
    "centroid_geotile_grid_frequency_precision": _precision(Take.GEOTILE, ZOOM),
}
BY_URL: list[Document] = [
    {"name": name, "in": "query", "required": False, "schema": schema}
    for name, schema in (
        {"aggregations": {"type": "string", "description": NAMES}} | FINENESS
    ).items()
]
TEXT: Document = {"type": "string"}
LIST: Document = {"type": "array", "items": TEXT, "maxItems": MOST["aggregations"]}
# One text is a list of itself, and null asks for nothing.
BY_BODY: Document = {
    "aggregations": {"anyOf": [LIST, TEXT, {"type": "null"}], "description": NAMES},
    **{name: {"anyOf": [schema, {"type": "null"}]} for name, schema in FINENESS.items()},
}
BUCKET: Document = {
    "type": "object",
    "required": ["key", "data_type", "frequency"],
    "properties": {
        "key": {"type": "string"},
        "data_type": {"type": "string"},
        "frequency": {"type": "integer"},
        "from": {"type": "number"},
        "to": {"type": "number"},
    },
}
COLLECTION: Document = {
    "title": "AggregationCollection",
    "type": "object",
    "required": ["type", "aggregations", "links"],
    "properties": {
        "type": {"const": "AggregationCollection"},
        "aggregations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "data_type"],
                "properties": {
                    "name": {"type": "string"},
                    "data_type": {"type": "string"},
                    "buckets": {"type": "array", "items": BUCKET},
                    "overflow": {"type": "integer"},
                    "value": {},
                },
            },
        },
        "links": {"type": "array", "items": {"type": "object"}},
    },
}


def add_aggregations(document: Document) -> None:
    """Adds the routes of the extension to a description of searches."""
    schemas, paths = document["components"]["schemas"], document["paths"]
    schemas["AggregationCollection"] = COLLECTION
    body = schemas["SearchPostRequest"]
    kept = {name: found for name, found in body["properties"].items() if name not in OF_PAGES}
    schemas["AggregatePostRequest"] = {
        **body,
        "title": "AggregatePostRequest",
        "properties": {**kept, **BY_BODY},
    }
    named = [
        parameter
        for parameter in paths["/collections/{collection_id}/queryables"]["get"]["parameters"]
        if parameter["in"] == "path"
    ]
    for prefix, parameters in (("", []), ("/collections/{collection_id}", named)):
        paths[f"{prefix}/aggregate"] = _aggregate(paths["/search"], parameters)
        paths[f"{prefix}/aggregations"] = _aggregations(parameters)


def _aggregate(search: Document, named: list[Document]) -> Document:
    what = "What Items of a Collection have in common" if named else "What Items have in common"
    kept = [p for p in search["get"]["parameters"] if p["name"] not in OF_PAGES]
    told = {"summary": what, "description": what, "responses": _answer(what)}
    body = {"$ref": "#/components/schemas/AggregatePostRequest"}
    return {
        "get": {
            **told,
            "operationId": _id("get_aggregate", named),
            "parameters": [*named, *kept, *BY_URL],
        },
        "post": {
            **told,
            "operationId": _id("post_aggregate", named),
            "parameters": named,
            "requestBody": {"required": False, "content": {JSON: {"schema": body}}},
        },
    }


def _aggregations(named: list[Document]) -> Document:
    what = "Which aggregations there are"
    told = {"summary": what, "description": what, "parameters": named, "responses": _answer(what)}
    return {
        method: {**told, "operationId": _id(f"{method}_aggregations", named)}
        for method in ("get", "post")
    }


def _id(name: str, named: list[Document]) -> str:
    return f"{name}_of_collection" if named else name


def _answer(description: str) -> Document:
    schema = {"$ref": "#/components/schemas/AggregationCollection"}
    # What FastAPI tells of every route with input: problems of ours take its place.
    return {
        "200": {"description": description, "content": {JSON: {"schema": schema}}},
        "422": {"description": "Unprocessable"},
    }
