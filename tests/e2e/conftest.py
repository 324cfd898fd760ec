"""Folders for hubs, in which nothing runs afterwards."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from swath.local.postgres import stop_cluster
from tests.e2e.hubs import swath
from tests.leftovers import remove


@pytest.fixture
def base() -> Iterator[Path]:
    """A folder for homes that any user may pass; nothing runs in it afterwards."""
    base = Path(tempfile.mkdtemp(prefix="swath-hub-")).resolve()
    base.chmod(0o711)
    yield base
    elsewhere = []
    for home in base.iterdir():
        if home.is_dir():
            swath("down", "--home", home)
            stop_cluster(home / "postgres")
            data = home / "postgres" / "data"
            # Where homes are too deep for another user to pass.
            elsewhere += [data.resolve().parent] if data.is_symlink() else []
    remove(base, *elsewhere)
