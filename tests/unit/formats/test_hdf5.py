"""HDF5 headers: what they tell, and what a file can do to their reader."""

import io
import math
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import psutil
import pytest

from swath.domain.ledger import Reason
from swath.errors import ProductError, StoreUnavailableError
from swath.formats.bytesource import FileBytes
from swath.formats.hdf5 import EVERYTHING, READER, Header, Wanted, read_header
from swath.formats.ranges import RangeFile
from swath.formats.worker import Reader, close_idle

# Reads a request as the real program does, then misbehaves.
DOUBLE = """
import ctypes, os, sys, time
from multiprocessing.connection import Connection
requests = Connection(0, writable=False)
answers = Connection(1, readable=False)
requests.recv_bytes()
{deed}
"""


@pytest.fixture(autouse=True)
def no_idle_processes() -> Iterator[None]:
    yield
    close_idle()


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """A NetCDF-4 file as its library writes it: dimensions are datasets, named by references."""
    path = tmp_path / "product.nc"
    with h5py.File(path, "w") as file:
        file.attrs["title"] = np.bytes_(b"Ozone")
        file.attrs["creator"] = "Zoë"
        file.attrs["orbit"] = np.array([12367], dtype="i4")
        file.attrs["levels"] = np.array([1.5, 2.5])
        file.attrs["missing"] = np.nan
        file.attrs["nothing"] = h5py.Empty("f4")
        lat = file.create_dataset("PRODUCT/lat", data=np.array([1.0, np.nan, 3.0], dtype=">f4"))
        lat.make_scale("lat")
        bare = file.create_dataset("PRODUCT/n", data=np.zeros(2, dtype="f4"))
        bare.make_scale("This is a netCDF dimension but not a netCDF variable.         2")
        column = file.create_dataset("PRODUCT/column", shape=(3, 2), dtype="f4", compression="gzip")
        column.attrs["units"] = "mol m-2"
        column.dims[0].attach_scale(lat)
        column.dims[1].attach_scale(bare)
        file.create_dataset("PRODUCT/names", data=[b"a", b"b"])
        file.create_dataset("PRODUCT/large", shape=(1_000_000,), dtype="f8")
        file["PRODUCT/again"] = file["PRODUCT"]
        file["METADATA/ISO/deep"] = 1
    return path


def read(path: Path, wanted: Wanted = EVERYTHING, reader: Reader = READER) -> Header:
    with path.open("rb") as file:
        return read_header(file, path.stat().st_size, path.name, wanted, reader=reader)


def double(deed: str) -> tuple[str, ...]:
    return (sys.executable, "-c", DOUBLE.format(deed=deed))


def test_attributes_are_plain_values(product: Path) -> None:
    assert read(product).attributes["/"] == {
        "title": "Ozone",
        "creator": "Zoë",
        "orbit": 12367,
        "levels": [1.5, 2.5],
    }


def test_variables_tell_shape_type_and_dimensions(product: Path) -> None:
    variables = read(product).variables

    column = variables["/PRODUCT/column"]
    assert (column.shape, column.dtype) == ((3, 2), "float32")
    assert column.dimensions == ("/PRODUCT/lat", "/PRODUCT/n")
    assert variables["/PRODUCT/lat"].dimensions == ("/PRODUCT/lat",)
    assert variables["/PRODUCT/large"].dimensions == ("",)
    assert variables["/PRODUCT/names"].dtype == "other"


def test_a_dimension_without_a_variable_has_no_values(product: Path) -> None:
    variables = read(product).variables

    assert not variables["/PRODUCT/n"].has_values
    assert variables["/PRODUCT/lat"].has_values


def test_small_arrays_are_read_and_others_left_out(product: Path) -> None:
    wanted = ["/PRODUCT/lat", "/PRODUCT/large", "/PRODUCT/names", "/PRODUCT/none"]

    arrays = read(product, Wanted(arrays=wanted)).arrays

    assert list(arrays) == ["/PRODUCT/lat"]
    first, second, third = arrays["/PRODUCT/lat"]
    assert (first, third) == (1.0, 3.0)
    assert isinstance(second, float)
    assert math.isnan(second)


def test_skipped_groups_are_not_looked_into(product: Path) -> None:
    header = read(product, Wanted(skip=["/METADATA/ISO"]))

    assert "/METADATA" in header.attributes
    assert not any("ISO" in path for path in (*header.attributes, *header.variables))


def test_only_attributes_of_the_names_that_are_wanted_are_read(product: Path) -> None:
    everything = read(product).attributes
    name = next(iter(everything["/"]))

    header = read(product, Wanted(names={name}))

    assert header.attributes["/"] == {name: everything["/"][name]}
    assert header.attributes.keys() == everything.keys()
    assert header.variables == read(product).variables


def test_groups_that_hold_themselves_are_visited_once(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "loop.nc", "w") as file:
        file.create_group("a")["b"] = file["/"]

    assert sorted(read(tmp_path / "loop.nc").attributes) == ["/", "/a"]


def test_one_process_reads_many_products(product: Path) -> None:
    def processes() -> set[int]:
        return {child.pid for child in psutil.Process().children()}

    read(product)
    before = processes()
    for _ in range(5):
        read(product)

    assert processes() == before


def test_only_blocks_around_the_header_are_fetched(tmp_path: Path) -> None:
    path = tmp_path / "big.nc"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=np.arange(8_000_000, dtype="i4"))
        file.attrs["title"] = "big"
    source = RangeFile(FileBytes(path))

    header = read_header(source, path.stat().st_size, "big.nc")  # type: ignore[arg-type]

    assert header.attributes["/"] == {"title": "big"}
    assert source.fetched <= 1024 * 1024


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.6, 0.95, 0.999])
def test_a_truncated_file_is_refused(product: Path, share: float) -> None:
    content = product.read_bytes()[: int(product.stat().st_size * share)]

    with pytest.raises(ProductError) as caught:
        read_header(io.BytesIO(content), len(content), "cut.nc")

    assert caught.value.reason in (Reason.TRUNCATED, Reason.METADATA_INVALID)
    assert caught.value.detail.startswith("cut.nc: ")


def test_a_file_that_ends_early_says_so(product: Path) -> None:
    content = product.read_bytes()[:-100]

    with pytest.raises(ProductError) as caught:
        read_header(io.BytesIO(content), len(content), "cut.nc")

    assert caught.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize("content", [b"<html>no</html>", b"CDF\x01" + bytes(600), bytes(5000)])
def test_what_is_not_hdf5_is_refused(content: bytes) -> None:
    with pytest.raises(ProductError) as caught:
        read_header(io.BytesIO(content), len(content), "page.nc")

    assert caught.value.reason is Reason.METADATA_INVALID


def test_random_bytes_end_in_a_header_or_a_reason(product: Path) -> None:
    chance = random.Random(5)
    content = product.read_bytes()
    told: list[Reason | None] = []
    for _ in range(150):
        changed = bytearray(content)
        for _ in range(chance.choice([1, 10, 100])):
            changed[chance.randrange(min(len(changed), 12_000))] = chance.randrange(256)
        try:
            read_header(
                io.BytesIO(bytes(changed)),
                len(changed),
                "odd.nc",
                reader=replace(READER, seconds=5),
            )
            told.append(None)
        except ProductError as error:
            told.append(error.reason)

    allowed = (Reason.TRUNCATED, Reason.METADATA_INVALID, Reason.TOO_LARGE, Reason.UNREADABLE)
    assert set(told) - {None} <= set(allowed)
    assert Reason.METADATA_INVALID in told


def _linked(path: Path, secret: Path) -> None:
    with h5py.File(path, "w") as file:
        file["elsewhere"] = h5py.ExternalLink(str(secret), "/")
        file["soft"] = h5py.SoftLink("/elsewhere/secret")


def _stored_outside(path: Path, secret: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("values", (4,), "u1", external=[(str(secret), 0, 4)])


def _virtual(path: Path, secret: Path) -> None:
    layout = h5py.VirtualLayout(shape=(3,), dtype="i8")
    layout[:] = h5py.VirtualSource(str(secret), "secret", shape=(3,))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("values", layout)


@pytest.mark.parametrize("write", [_linked, _stored_outside, _virtual])
def test_nothing_outside_the_file_is_read(
    tmp_path: Path, write: Callable[[Path, Path], None]
) -> None:
    secret = tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["secret"] = [4711, 4711, 4711]
    write(tmp_path / "product.nc", secret)

    header = read(tmp_path / "product.nc", Wanted(["/elsewhere/secret", "/soft", "/values"]))

    assert header.arrays == {}
    assert "4711" not in repr(header)
    assert not any("elsewhere" in path for path in header.variables)


def test_a_bomb_of_one_chunk_costs_its_product_alone(product: Path, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "bomb.nc", "w") as file:
        bomb = file.create_dataset(
            "values", (2,), "f8", maxshape=(None,), chunks=(200_000_000,), compression="gzip"
        )
        # A chunk that says it is compressed and is not: it would have to become 1.6 GB first.
        bomb.id.write_direct_chunk((0,), b"\x78\x9c" + bytes(1000))

    with pytest.raises(ProductError) as caught:
        read(tmp_path / "bomb.nc", Wanted(["/values"]))

    assert caught.value.reason in (Reason.METADATA_INVALID, Reason.UNREADABLE)
    assert read(product).attributes["/"]["title"] == "Ozone"


def test_too_many_attributes_are_too_large(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "wide.nc", "w") as file:
        for group in range(9):
            for number in range(5):
                file.require_group(str(group)).attrs[str(number)] = "x" * 1_000_000

    with pytest.raises(ProductError) as caught:
        read(tmp_path / "wide.nc")

    assert caught.value.reason is Reason.TOO_LARGE


@pytest.mark.parametrize(
    "deed",
    [
        "ctypes.string_at(0)",
        "os._exit(0)",
        "os.write(1, b'noise' * 1000)",
        "answers.send_bytes(b'R' + bytes(16)); os.abort()",
    ],
)
def test_a_reader_that_dies_costs_its_product_alone(product: Path, deed: str) -> None:
    with pytest.raises(ProductError) as caught:
        read(product, reader=Reader(double(deed), "its header"))

    assert caught.value.reason is Reason.UNREADABLE
    assert read(product).attributes["/"]["title"] == "Ozone"


@pytest.mark.parametrize(
    "deed",
    [
        "time.sleep(600)",
        "while True: pass",
        "os.write(1, bytes([0, 0, 0, 9, 72])); time.sleep(600)",
    ],
)
def test_a_reader_that_hangs_is_ended(product: Path, deed: str) -> None:
    started = time.monotonic()

    with pytest.raises(ProductError, match=r"more than 0\.5 seconds") as caught:
        read(product, reader=Reader(double(deed), "its header", seconds=0.5))

    assert caught.value.reason is Reason.UNREADABLE
    assert time.monotonic() - started < 5


def test_a_reader_that_asks_without_end_is_ended(product: Path) -> None:
    deed = (
        "while True: answers.send_bytes(b'R' + bytes(8) + b'\\1' + bytes(7)); requests.recv_bytes()"
    )

    with pytest.raises(ProductError) as caught:
        read(product, reader=Reader(double(deed), "its header", reads=50))

    assert caught.value.reason is Reason.TOO_LARGE


def test_a_store_that_fails_is_not_the_products_fault(product: Path) -> None:
    class Failing(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise StoreUnavailableError("slow down")

    with pytest.raises(StoreUnavailableError):
        read_header(Failing(), product.stat().st_size, "product.nc")

    assert read(product).attributes["/"]["title"] == "Ozone"


def test_the_reader_knows_no_secrets(
    product: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary")
    told = tmp_path / "told"
    deed = f"open({str(told)!r}, 'w').write(repr(dict(os.environ)))"

    with pytest.raises(ProductError):
        read(product, reader=Reader(double(deed), "its header"))

    assert "PYTHONPATH" in told.read_text(encoding="utf-8")
    assert "canary" not in told.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("attempt", "refusal"),
    [
        ("open('/etc/passwd')", "OSError"),
        ("__import__('socket').socket()", "OSError"),
        ("bytearray(700_000_000)", "MemoryError"),
    ],
)
def test_a_confined_reader_opens_nothing_and_does_not_grow(
    product: Path, attempt: str, refusal: str
) -> None:
    deed = f"""
import socket, sys
from swath.formats.child import confine
confine(512 * 1024 * 1024)
try:
    {attempt}
except {refusal}:
    answers.send_bytes(b'E["ambiguous", "refused"]')
"""

    with pytest.raises(ProductError) as caught:
        read(product, reader=Reader(double(deed), "its header"))

    assert caught.value.detail == "product.nc: refused"
