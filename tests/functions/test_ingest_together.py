"""Many workers at once, every message twice, in any order: nothing is lost and nothing doubled."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import batched
from pathlib import Path
from random import Random

import pytest

from swath import runtime
from swath.domain.ledger import State
from swath.local.samples.writer import write_samples
from swath.pgstac.catalogue import Catalogue
from swath.pgstac.connection import connect
from swath.services.ingest import ingest_messages
from tests.functions.inbox import MISSIONS, Inbox

WORKERS = 4
ROUNDS = 5


def drops(inbox: Inbox, folder: Path) -> Iterator[str]:
    """Messages of products in every layout; directories with their manifest somewhere inside."""
    for path in write_samples(folder, count=12, missions=MISSIONS, seed=8, layout="mixed"):
        if path.is_dir():
            yield from inbox.put_folder(path)
        else:
            yield inbox.put(path.name, path.read_bytes())


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_workers_that_race_for_the_same_products_lose_none(
    inbox: Inbox, tmp_path: Path, seed: int
) -> None:
    messages = list(drops(inbox, tmp_path)) * 2
    Random(seed).shuffle(messages)
    catalogues = [Catalogue(lambda: connect(inbox.database_url)) for _ in range(WORKERS)]

    def work(share: int) -> list[str]:
        left = messages[share::WORKERS]
        for _ in range(ROUNDS):
            left = [
                m
                for batch in batched(left, 10, strict=False)
                for m in failed(batch, catalogues[share])
            ]
        return left

    def failed(batch: tuple[str, ...], catalogue: Catalogue) -> list[str]:
        failures = ingest_messages(
            dict(enumerate_as_text(batch)),
            inbox=runtime.inbox(),
            catalogue=catalogue,
        )
        return [batch[int(number)] for number in failures]

    with ThreadPoolExecutor(WORKERS) as pool:
        left = [message for share in pool.map(work, range(WORKERS)) for message in share]
    for catalogue in catalogues:
        catalogue.close()

    assert left == []
    assert {row.state for row in inbox.rows()} == {State.CATALOGUED}
    assert len(inbox.items()) == 12


def enumerate_as_text(batch: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    return ((str(number), message) for number, message in enumerate(batch))
