"""The API's description of itself (OpenAPI), made true to what it answers.

FastAPI writes down the parameters of each route and what it answers when all goes well; it knows
nothing of our problems, nor that a client may ask for a part of an Item (`fields`).
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from api.stac.forms import FORMS, PAGE

type Document = dict[str, Any]

PROBLEM: Document = {
    "title": "Problem",
    "description": "What went wrong, as RFC 9457 and the STAC API say it.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "description"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "description": {"type": "string"},
    },
}
# Status -> when it is answered.
ALWAYS = {
    HTTPStatus.SERVICE_UNAVAILABLE: "The catalogue's database does not answer, or the query took "
    "too long.",
}
WITH_INPUT = {
    HTTPStatus.BAD_REQUEST: "A parameter is not what it should be; the detail names it.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is larger than any question, or an export "
    "than any answer.",
}
NAMED = {HTTPStatus.NOT_FOUND: "There is nothing of this name."}
TEXT: Document = {"type": "string"}
# Members of a search that we read in other forms, too: one text is a list of itself.
ALSO = {
    "collections": TEXT,
    "ids": TEXT,
    "q": TEXT,
    "filter": TEXT,
    "filter-lang": {"const": "cql2-text"},
}
LISTS = frozenset({"collections", "ids"})
# What `fields` may leave out: everything but the envelope.
PARTIAL = {"ItemCollection": "features", "Collections": "collections"}

# Searches whose Items can be had in other forms.
EXPORTED = (
    ("/search", "get"),
    ("/search", "post"),
    ("/collections/{collection_id}/items", "get"),
)
FORM: Document = {
    "name": "f",
    "in": "query",
    "required": False,
    "schema": {"type": "string", "enum": [PAGE, *FORMS], "default": PAGE},
    "description": "The form of the answer, if not told by the Accept header: a page of GeoJSON, "
    "or all Items (no more than `limit`, if given) as lines of JSON or one GeoParquet file.",
}


def described(document: Document) -> Document:
    """The document with our problems, and with parts of Items where clients can ask for those."""
    schemas = document["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for name, members in PARTIAL.items():
        if name in schemas:
            schemas[name]["properties"][members]["items"] = {"type": "object"}
    for path, method in EXPORTED:
        _export(document["paths"][path][method])
    for path, operation in _operations(document):
        _answer_with_problems(path, operation)
        if "parameters" in operation:
            operation["parameters"] = list(map(_read, operation["parameters"]))
    _describe_bodies(schemas)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _describe_bodies(schemas: Document) -> None:
    # Bodies of aggregations share these members.
    body = schemas["SearchPostRequest"]["properties"]
    for name, also in ALSO.items():
        body[name]["anyOf"].append(also)
    # Ascending, unless it is told.
    schemas["SortExtension"]["required"].remove("direction")
    schemas["SortExtension"]["properties"]["direction"]["default"] = "asc"
    for fields in schemas.get("PostFieldsExtension", {}).get("properties", {}).values():
        # Naming a member twice is no mistake.
        fields["anyOf"][0].pop("uniqueItems", None)


def _operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, item in document["paths"].items():
        for operation in item.values():
            yield path, operation


def _export(operation: Document) -> None:
    operation["parameters"] = [*operation.get("parameters", []), FORM]
    content = operation["responses"]["200"]["content"]
    content |= {form.media_type: {} for form in FORMS.values()}


def _read(parameter: Document) -> Document:
    """A parameter as we read it: without a value it asks for nothing, and lists have commas.

    Source: https://api.stacspec.org/v1.0.0/item-search/#tag/Item-Search
    """
    if parameter["in"] != "query":
        return parameter
    listed = {}
    if parameter["name"] in LISTS:
        schema = parameter["schema"]
        schema = {**schema, "anyOf": [{"type": "array", "items": TEXT}, *schema["anyOf"]]}
        listed = {"schema": schema, "style": "form", "explode": False}
    return {**parameter, **listed, "allowEmptyValue": True}


def _answer_with_problems(path: str, operation: Document) -> None:
    answers = operation["responses"]
    takes_input = answers.pop("422", None) is not None
    told = ALWAYS | (WITH_INPUT if takes_input else {}) | (NAMED if "{" in path else {})
    for status, when in told.items():
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        answers.setdefault(str(status.value), {"description": when, "content": content})
