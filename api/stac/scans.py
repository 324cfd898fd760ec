"""What is known of indexes, for a minute. Only searches that may lack one have it looked up."""

import time

import asyncpg

from swath.domain.query import Query
from swath.pgstac.scans import Indexes, needs_look, read_indexes, refuse_scan

KNOWN_S = 60.0


class Scans:
    """Refuses searches that would look into too many Items."""

    def __init__(self, most_items: int) -> None:
        """Knows of no index yet. `most_items` may be looked into by one search."""
        self._most = most_items
        self._indexes: Indexes | None = None
        self._read = 0.0

    async def check(
        self, connection: asyncpg.Connection, query: Query, filtered_by: str = "filter"
    ) -> None:
        """Lets a query pass, or not; its filter is of the parameter `filtered_by`.

        Raises:
            QueryError: it would look into too many Items; the property without index is named.
        """
        if not needs_look(query):
            return
        now = time.monotonic()
        if self._indexes is None or now - self._read > KNOWN_S:
            self._indexes, self._read = await read_indexes(connection), now
        await refuse_scan(connection, query, self._indexes, filtered_by, most_items=self._most)
