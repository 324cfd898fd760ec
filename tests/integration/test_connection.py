"""Functions take turns where the server's connections are all taken."""

import threading
from urllib.parse import urlsplit

import psycopg
import pytest

from swath.errors import DatabaseUnavailableError
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect


@pytest.fixture
def narrow_url(database_url: str) -> str:
    """A login that may have one connection."""
    parts = urlsplit(database_url)
    role = f"narrow_{parts.path.strip('/')}"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'narrow' CONNECTION LIMIT 1")
    return parts._replace(netloc=f"{role}:narrow@{parts.hostname}:{parts.port}").geturl()


def test_who_cannot_wait_is_told_that_all_are_taken(narrow_url: str) -> None:
    with connect(narrow_url), pytest.raises(DatabaseUnavailableError, match="too many connections"):
        connect(narrow_url)


def test_who_can_wait_has_the_connection_that_another_gives_back(narrow_url: str) -> None:
    taken = connect(narrow_url)
    threading.Timer(0.2, taken.close).start()

    with connect(narrow_url, turn_s=10) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_connection_is_kept_unless_most_of_the_servers_are_taken(database_url: str) -> None:
    catalogue = Catalogue(lambda: connect(database_url))
    kept = catalogue.connection
    catalogue.make_room()
    assert catalogue.connection is kept

    # As if the server had few.
    kept.execute("CREATE FUNCTION swath.current_setting(text) RETURNS text LANGUAGE sql RETURN '1'")
    kept.execute("SET search_path = swath, pg_catalog")
    catalogue.make_room()
    assert kept.closed
