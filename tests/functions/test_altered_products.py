"""What becomes of products that are not what their manifests say."""

import io
import zipfile
from pathlib import Path
from typing import Literal

import pytest

from swath import runtime
from swath.domain.ledger import Reason, State
from swath.domain.naming import Mission
from swath.local.samples.writer import write_samples
from swath.pgstac.ledger import Wanted
from swath.services.replay import replay
from tests.functions.inbox import Inbox


def sample(folder: Path, layout: Literal["zip", "directory"]) -> Path:
    missions = (Mission.SENTINEL_1,)
    (path,) = write_samples(folder, count=1, missions=missions, seed=5, layout=layout)
    return path


@pytest.mark.parametrize(
    ("cut", "reason"), [(7, Reason.SIZE_MISMATCH), (0, Reason.CHECKSUM_MISMATCH)]
)
def test_an_archive_that_was_packed_again_with_another_file_is_quarantined(
    inbox: Inbox, tmp_path: Path, cut: int, reason: Reason
) -> None:
    path, buffer = sample(tmp_path, "zip"), io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            if "/annotation/s1" in member.filename:
                content = content[: len(content) - 1 - cut] + b" "
            new.writestr(member, content)

    assert inbox.ingest(inbox.put(path.name, buffer.getvalue())) == []

    row = inbox.row(path.name)
    assert (row.state, row.reason) == (State.QUARANTINED, reason)
    assert "annotation/s1" in str(row.detail)
    assert "again" in str(row.remedy)
    assert inbox.items() == {}


def test_a_raster_altered_in_an_archive_is_noticed_when_the_product_is_read_whole(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, buffer = sample(tmp_path, "zip"), io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(buffer, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            is_raster = member.filename.endswith(".tiff")
            new.writestr(member, content[:-1] + b"?" if is_raster else content)
    monkeypatch.setenv("SWATH_INGEST_VERIFY_BYTES", "1000")
    assert inbox.ingest(inbox.put(path.name, buffer.getvalue())) == []
    assert inbox.row(path.name).state is State.CATALOGUED

    monkeypatch.delenv("SWATH_INGEST_VERIFY_BYTES")
    runtime.inbox.cache_clear()
    again: list[str] = []
    replay(Wanted(keys=[path.name]), catalogue=inbox.catalogue, send=again.extend)
    assert inbox.ingest(*again) == []

    row = inbox.row(path.name)
    assert (row.state, row.reason) == (State.QUARANTINED, Reason.CHECKSUM_MISMATCH)
    assert ".tiff" in str(row.detail)
    assert len(inbox.items()) == 1


def test_a_folder_is_catalogued_when_its_damaged_file_is_put_right(
    inbox: Inbox, tmp_path: Path
) -> None:
    folder = sample(tmp_path, "directory")
    raster = next((folder / "measurement").iterdir())
    whole = raster.read_bytes()
    raster.write_bytes(whole[:-10])
    inbox.ingest(*inbox.put_folder(folder))
    key = f"{folder.name}/measurement/{raster.name}"
    assert inbox.row(key).reason is Reason.SIZE_MISMATCH

    assert inbox.ingest(inbox.put(key, whole)) == []

    assert inbox.row(key).state is State.CATALOGUED
    assert inbox.row(f"{folder.name}/manifest.safe").state is State.CATALOGUED
    assert len(inbox.items()) == 1
