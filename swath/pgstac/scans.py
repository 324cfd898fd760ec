"""Searches that no index answers: how many Items the database would have to look into, one by one.

Properties lie compressed, and looking into one Item takes some hundredths of a millisecond. That is
nothing for a month of a collection, and minutes for a catalogue of millions.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import orjson

from swath.domain.query import Filter, Query, all_of
from swath.errors import QueryError
from swath.pgstac.search import asked_of_pgstac
from swath.pgstac.statements import statement

# Columns of their own, not properties that have to be taken out first.
COLUMNS = frozenset(
    {"id", "collection", "geometry", "datetime", "start_datetime", "end_datetime", "bbox"}
)
# What is computed from a property no index knows.
COMPUTING = frozenset({"+", "-", "*", "/", "casei", "accenti", "upper", "lower"})
PREFIX = "properties."
WILDCARDS = ("%", "_")
# So many columns are looked into in the time that it takes to take out the properties of one Item.
COLUMNS_PER_ITEM = 20


@dataclass(frozen=True, slots=True)
class Indexes:
    """Which properties are indexed: by name, in which collections, None for all."""

    collections: Mapping[str, frozenset[str] | None]

    def missing(self, name: str, collections: Iterable[str]) -> bool:
        """Whether a search of these collections (of all, if none are named) needs one more."""
        if name not in self.collections:
            return True
        indexed = self.collections[name]
        wanted = frozenset(collections)
        return indexed is not None and not (wanted and wanted <= indexed)

    def everywhere(self, names: Iterable[str]) -> frozenset[str]:
        """The collections in which each of these is indexed, if only in some."""
        found = [self.collections.get(name, frozenset()) for name in names]
        some = [one for one in found if one is not None]
        return frozenset.intersection(*some) if some else frozenset()


async def read_indexes(connection: asyncpg.Connection) -> Indexes:
    """The indexes that there are now."""
    found: dict[str, frozenset[str] | None] = {}
    for name, collections in await connection.fetch(statement("indexed")):
        others = found.get(name, frozenset())
        found[name] = (
            others | frozenset(collections) if collections and others is not None else None
        )
    return Indexes(found)


def needs_look(query: Query) -> bool:
    """Whether a query may need more than the columns of Items: most do not."""
    return not query.ids and any(name not in COLUMNS for name, _ in _touched(query))


async def refuse_scan(
    connection: asyncpg.Connection,
    query: Query,
    indexes: Indexes,
    filtered_by: str,
    *,
    most_items: int,
) -> None:
    """Refuses a query that would have the database look into more Items than `most_items`; where
    only columns are looked into, into more than COLUMNS_PER_ITEM as many.

    Raises:
        QueryError: it would; the property without an index is named.
    """
    missing = {
        name: parameter
        for name, parameter in _touched(query)
        if name not in COLUMNS and indexes.missing(name, query.collections)
    }
    if not missing or query.ids:
        return
    narrowed = orjson.dumps(asked_of_pgstac(_answered(query, indexes, missing))).decode()
    expected = await connection.fetchval(statement("estimate"), narrowed)
    if all(map(_is_column, missing)):
        most_items *= COLUMNS_PER_ITEM
    if expected > most_items:
        name, parameter = next(iter(missing.items()))
        parameter = filtered_by if parameter == "filter" else parameter
        raise QueryError(
            parameter,
            f"no index answers {name} here: about {expected:.0f} Items would be looked into one by "
            f"one, and no more than {most_items} may be. Narrow the search by collection, time or "
            "area, or use a property that the collection's /sortables lists",
        )


def _answered(query: Query, indexes: Indexes, missing: Mapping[str, str]) -> Query:
    """The part of a query that indexes answer: what it finds has to be looked into."""
    kept = [part for part in _parts(query.filter) if not missing.keys() & set(_names(part))]
    indexed = indexes.everywhere(missing)
    if indexed:
        inside = {"op": "in", "args": [{"property": "collection"}, sorted(indexed)]}
        kept.append({"op": "not", "args": [inside]})
    return replace(query, filter=all_of(*kept), sortby=(), fields=None, token=None)


def _touched(query: Query) -> Iterator[tuple[str, str]]:
    """The properties of a query, with the parameter each is in. One that is computed with, or
    compared with a pattern, is told as an expression: no index has that name.
    """
    for name in _names(query.filter):
        yield name, "filter"
    for key in query.sortby:
        yield key.name.removeprefix(PREFIX), "sortby"


def _parts(condition: Filter | None) -> Iterator[Filter]:
    """Conditions that hold together."""
    if condition is None:
        return
    if condition.get("op") == "and":
        for part in condition["args"]:
            yield from _parts(part)
    else:
        yield condition


def _names(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for member in node:
            yield from _names(member)
    elif isinstance(node, dict) and "property" in node:
        yield str(node["property"]).removeprefix(PREFIX)
    elif isinstance(node, dict) and "op" in node:
        inner = list(_names(node["args"]))
        told = node["op"] in COMPUTING or _is_open(node)
        yield from (f"{node['op']}({name})" if told else name for name in inner)


def _is_open(node: Filter) -> bool:
    """Whether a text is compared with a pattern that begins with anything: an index is in the order
    of how texts begin.
    """
    pattern = node["args"][-1] if node["op"] == "like" else ""
    while isinstance(pattern, dict):
        pattern = pattern["args"][0]
    return str(pattern).startswith(WILDCARDS)


def _is_column(expression: str) -> bool:
    """Whether what is computed, if anything is, is a column."""
    return expression.rpartition("(")[2].rstrip(")") in COLUMNS
