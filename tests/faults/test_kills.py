"""Processes that die at every point of their work (F-01, F-02)."""

import os
from collections.abc import Callable

import pytest

from tests.faults.campaign import Result, run_campaign
from tests.faults.conftest import SEED
from tests.faults.crashes import INGEST
from tests.faults.poller import INGEST as HANDLER
from tests.faults.products import ready_item
from tests.faults.rig import Rig

type Report = Callable[[object], None]

KILLS = int(os.environ.get("KILLS") or 1000)


def test_every_point_is_passed_by_an_invocation_that_lives(rig: Rig) -> None:
    rig.put_all({f"{n}.json": ready_item(f"{n}") for n in "abc"})
    records = [
        {"messageId": str(n), "receiptHandle": "", "attributes": {}, "body": body}
        for n, body in enumerate(rig.take())
    ]

    worker = rig.worker()
    outcome = worker.invoke(HANDLER, {"Records": records})
    worker.close()

    assert outcome.error is None
    assert set(outcome.passed or ()) == set(INGEST)


@pytest.mark.parametrize("points", [tuple(INGEST), ()], ids=["named", "random"])
def test_a_few_kills_lose_nothing(
    new_rig: Callable[..., Rig], report: Report, points: tuple[str, ...]
) -> None:
    rig = new_rig(most_receives=1000, proxied=False)

    result = run_campaign(rig, kills=12, points=points, seed=SEED)
    report(result)
    assert_nothing_lost(result)


@pytest.mark.faults
@pytest.mark.parametrize(("concurrency", "share"), [(1, 0.1), (8, 0.4)], ids=["alone", "eight"])
@pytest.mark.parametrize("points", [tuple(INGEST), ()], ids=["named", "random"])
def test_many_kills_lose_nothing(
    new_rig: Callable[..., Rig],
    report: Report,
    points: tuple[str, ...],
    concurrency: int,
    share: float,
) -> None:
    rig = new_rig(most_receives=1000, proxied=False)

    result = run_campaign(
        rig,
        kills=round(KILLS * share),
        points=points,
        seed=SEED + concurrency,
        concurrency=concurrency,
    )
    report(result)
    assert_nothing_lost(result)


def assert_nothing_lost(result: Result) -> None:
    assert result.violations == []
    assert (result.lost, result.duplicated) == (0, 0)
    assert (result.stale, result.resurrected) == (0, 0)
