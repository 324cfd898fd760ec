"""What failed too often rests in the dead-letter queue, until somebody drives it back."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from swath.domain.ledger import State
from tests.faults.poller import Deaths
from tests.faults.products import COLLECTION, ready_item
from tests.faults.rig import Rig


def swath(home: Path, *arguments: str) -> Any:
    command = [sys.executable, "-m", "swath.cli", *arguments, "--home", str(home), "--json"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def test_dead_letters_are_driven_back_and_catalogued_and_poison_among_them_named(
    new_rig: Callable[..., Rig], tmp_path: Path
) -> None:
    rig = new_rig(most_receives=2, proxied=False)
    rig.hub(tmp_path)
    names = {f"d{n}" for n in range(9)}
    rig.put_all({f"{name}.json": ready_item(name) for name in names})
    rig.put("spoilt.json", b'{"type": "Feature"}')
    rig.send(["no event at all"])
    killing = rig.poller(deaths=Deaths(1000, ["before_commit"], odds=1))
    with killing.running():
        while rig.waiting(rig.dead_queue) < 11:
            time.sleep(0.05)
    assert rig.world().items == ()

    assert swath(tmp_path, "ledger", "redrive") == {"moved": 11}
    rig.poller().drain()

    world = rig.assert_whole({(COLLECTION, name) for name in names})
    assert world.dead == 0
    quarantined = {row.object.key for row in world.ledger if row.state is State.QUARANTINED}
    assert len(quarantined) == 2
    assert "spoilt.json" in quarantined
