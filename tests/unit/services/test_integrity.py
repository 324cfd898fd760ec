"""What is told of products that are not what their own manifests say."""

import gzip
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import pytest

from benchmarks.products import CountedBytes
from swath.domain.ledger import REMEDIES, Reason
from swath.domain.multihash import of_bytes
from swath.domain.naming import Mission
from swath.errors import ProductError
from swath.formats.archive import open_object
from swath.formats.directory import DirectoryFiles
from swath.formats.integrity import verify_object
from swath.formats.productfiles import ProductFiles
from swath.local.samples.writer import write_samples
from swath.services.read import described

MISSIONS = (Mission.SENTINEL_1, Mission.SENTINEL_2, Mission.SENTINEL_6)
type Contents = dict[str, bytes]


@dataclass(frozen=True)
class MemoryBytes:
    """An object in memory."""

    name: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)

    def read(self, start: int, length: int) -> bytes:
        return self.content[start : start + length]


def sample(folder: Path, mission: Mission) -> Contents:
    """Path, from the top folder on -> bytes."""
    [product] = write_samples(folder, count=1, missions=[mission], seed=7, layout="directory")
    files = sorted(p for p in product.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Mission, Contents]:
    return {m: sample(tmp_path_factory.mktemp(m), m) for m in MISSIONS}


def id_of(files: ProductFiles, versions: Mapping[str, str], whole: int = 0) -> str:
    """The id of the Item that is made of a product, if it is what its own lists say."""
    return str(described(files, versions, whole)[0]["id"])


def named(contents: Contents, item: str) -> bool:
    """Whether an Item bears the name of the product."""
    return PurePosixPath(next(iter(contents))).parts[0].startswith(item)


def zipped(contents: Contents, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for path, content in contents.items():
            archive.writestr(path, content)
    return buffer.getvalue()


def as_zip(contents: Contents, whole: int = 0) -> str:
    return id_of(open_object(MemoryBytes("product.zip", zipped(contents))), {}, whole)


def as_stored_zip(contents: Contents, whole: int = 0) -> str:
    content = zipped(contents, zipfile.ZIP_STORED)
    return id_of(open_object(MemoryBytes("product.zip", content)), {}, whole)


def as_tar(contents: Contents, whole: int = 0) -> str:
    return id_of(open_object(MemoryBytes("product.tar", tarred(contents))), {}, whole)


def as_gzipped_tar(contents: Contents, whole: int = 0) -> str:
    content = gzip.compress(tarred(contents))
    return id_of(open_object(MemoryBytes("product.tar.gz", content)), {}, whole)


def tarred(contents: Contents) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in contents.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def as_parts(contents: Contents, whole: int = 0) -> str:
    """As objects that were uploaded in parts."""
    return as_objects(contents, lambda _: "0" * 32 + "-3", whole)


def as_objects(
    contents: Contents, version: Callable[[bytes], str] | None = None, whole: int = 0
) -> str:
    """As below a prefix of a bucket, each object with its ETag."""
    folder = PurePosixPath(next(iter(contents))).parts[0]
    below = {path.removeprefix(f"{folder}/"): content for path, content in contents.items()}
    files = DirectoryFiles(
        folder,
        {path: len(content) for path, content in below.items()},
        below.__getitem__,
        lambda path: MemoryBytes(path, below[path]),
    )
    etag = version or (lambda content: hashlib.md5(content).hexdigest())  # noqa: S324  as S3 does
    return id_of(files, {path: etag(content) for path, content in below.items()}, whole)


def find(contents: Contents, part: str) -> str:
    return next(path for path in contents if part in path)


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


def reason_of(read: Callable[[Contents], object], contents: Contents) -> tuple[Reason, str]:
    with pytest.raises(ProductError) as refused:
        read(contents)
    return refused.value.reason, refused.value.detail


WHOLE = 1024**2
THOROUGH = pytest.mark.parametrize(
    "read", [as_zip, as_stored_zip, as_tar, as_gzipped_tar, as_parts]
)
FORMS = pytest.mark.parametrize("read", [as_zip, as_tar, as_objects])


@FORMS
@pytest.mark.parametrize("mission", MISSIONS)
def test_a_product_as_it_was_made_passes(
    samples: Mapping[Mission, Contents], mission: Mission, read: Callable[[Contents], str]
) -> None:
    assert named(samples[mission], read(samples[mission]))


@FORMS
@pytest.mark.parametrize(
    ("mission", "part"),
    [
        (Mission.SENTINEL_1, ".tiff"),
        (Mission.SENTINEL_2, "IMG_DATA"),
        (Mission.SENTINEL_6, ".nc"),
    ],
)
def test_a_raster_that_ends_early_is_told(
    samples: Mapping[Mission, Contents],
    mission: Mission,
    part: str,
    read: Callable[[Contents], object],
) -> None:
    contents = dict(samples[mission])
    path = find(contents, part)
    contents[path] = contents[path][:-9]

    reason, detail = reason_of(read, contents)

    assert reason is Reason.SIZE_MISMATCH
    assert PurePosixPath(path).name in detail
    assert str(len(contents[path])) in detail
    assert str(len(contents[path]) + 9) in detail


@FORMS
def test_metadata_that_was_altered_is_told(
    samples: Mapping[Mission, Contents], read: Callable[[Contents], object]
) -> None:
    contents = dict(samples[Mission.SENTINEL_2])
    path = find(contents, "MTD_MSIL")
    contents[path] = contents[path].replace(b"UTF-8", b"utf-8", 1)

    reason, detail = reason_of(read, contents)

    assert reason is Reason.CHECKSUM_MISMATCH
    assert PurePosixPath(path).name in detail


@FORMS
def test_metadata_altered_beyond_reading_are_told_as_altered(
    samples: Mapping[Mission, Contents], read: Callable[[Contents], object]
) -> None:
    contents = dict(samples[Mission.SENTINEL_2])
    path = find(contents, "MTD_MSIL")
    contents[path] = contents[path].replace(b"<", b"[", 1)

    assert reason_of(read, contents)[0] is Reason.CHECKSUM_MISMATCH


@FORMS
def test_a_quicklook_that_was_altered_is_told(
    samples: Mapping[Mission, Contents], read: Callable[[Contents], object]
) -> None:
    contents = dict(samples[Mission.SENTINEL_1])
    path = find(contents, "quick-look.png")
    contents[path] = flipped(contents[path], len(contents[path]) // 2)

    assert reason_of(read, contents)[0] is Reason.CHECKSUM_MISMATCH


@THOROUGH
@pytest.mark.parametrize(
    ("mission", "part"), [(Mission.SENTINEL_1, ".tiff"), (Mission.SENTINEL_2, "IMG_DATA")]
)
def test_a_raster_altered_at_equal_length_is_told_of_products_that_are_read_whole(
    samples: Mapping[Mission, Contents], mission: Mission, part: str, read: Callable[..., str]
) -> None:
    contents = dict(samples[mission])
    path = find(contents, part)
    contents[path] = flipped(contents[path], len(contents[path]) - 1)

    reason, detail = reason_of(partial(read, whole=WHOLE), contents)

    assert reason is Reason.CHECKSUM_MISMATCH
    assert PurePosixPath(path).name in detail
    assert named(contents, read(contents, whole=sum(map(len, contents.values())) - 1))
    assert named(contents, read(samples[mission], whole=WHOLE))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_raster_altered_where_it_lies_in_a_zip_is_told(tmp_path: Path, method: int) -> None:
    contents = sample(tmp_path, Mission.LANDSAT)
    image = find(contents, ".TIF")
    content = zipped(contents, method)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        member = archive.getinfo(image)
    end = member.header_offset + 30 + len(image) + member.compress_size
    altered = open_object(MemoryBytes("product.zip", flipped(content, end - 1)))

    with pytest.raises(ProductError) as refused:
        id_of(altered, {}, WHOLE)

    assert refused.value.reason is Reason.TRUNCATED
    assert f"{PurePosixPath(image).name} is damaged" in refused.value.detail
    assert id_of(open_object(MemoryBytes("product.zip", content)), {}, WHOLE)


def test_a_product_is_read_whole_in_one_request(
    samples: Mapping[Mission, Contents],
) -> None:
    contents = {**samples[Mission.SENTINEL_1]}
    extra = PurePosixPath(find(contents, ".tiff")).with_name("large.tiff").as_posix()
    contents[extra] = bytes(3 * WHOLE)
    source = CountedBytes(MemoryBytes("product.zip", zipped(contents, zipfile.ZIP_STORED)))

    described(open_object(source), {}, 3 * WHOLE)
    few = (source.requests, source.bytes_read)
    described(open_object(source), {}, 4 * WHOLE)

    assert few[1] < WHOLE
    assert source.requests == 2 * few[0] + 1
    assert source.size < source.bytes_read - 2 * few[1] + WHOLE


@pytest.mark.parametrize("function", ["MD5", "SHA256"])
def test_an_object_that_has_not_the_checksum_its_uploader_gave_is_told(function: str) -> None:
    thing = MemoryBytes("S5P.nc", b"a product")
    promised = of_bytes(function, b"a product"), of_bytes(function, b"another")

    verify_object(thing, [str(promised[0])], WHOLE)
    verify_object(thing, [str(promised[1])], thing.size - 1)
    with pytest.raises(ProductError) as refused:
        verify_object(thing, [str(promised[1])], WHOLE)

    assert refused.value.reason is Reason.CHECKSUM_MISMATCH
    assert "S5P.nc" in refused.value.detail


def test_a_raster_whose_object_has_another_md5_is_told(
    samples: Mapping[Mission, Contents],
) -> None:
    contents = dict(samples[Mission.SENTINEL_1])
    path = find(contents, ".tiff")
    contents[path] = flipped(contents[path], 100)

    reason, detail = reason_of(as_objects, contents)

    assert reason is Reason.CHECKSUM_MISMATCH
    assert PurePosixPath(path).name in detail


@pytest.mark.parametrize(
    "etag",
    [lambda content: hashlib.sha256(content).hexdigest()[:32], lambda _: "0" * 32 + "-3"],
    ids=["encrypted by KMS", "uploaded in parts"],
)
def test_an_etag_that_is_no_md5_proves_nothing(
    samples: Mapping[Mission, Contents], etag: Callable[[bytes], str]
) -> None:
    product = samples[Mission.SENTINEL_1]

    assert named(product, as_objects(product, etag))


@FORMS
def test_a_raster_that_was_left_out_is_no_mismatch(
    samples: Mapping[Mission, Contents], read: Callable[[Contents], str]
) -> None:
    contents = dict(samples[Mission.SENTINEL_1])
    del contents[find(contents, ".tiff")]

    assert named(contents, read(contents))


def test_a_list_of_md5_sums_beside_the_files_counts(tmp_path: Path) -> None:
    contents = sample(tmp_path, Mission.LANDSAT)
    metadata = find(contents, "_MTL.json")
    folder, name = PurePosixPath(metadata).parts
    right = hashlib.md5(contents[metadata]).hexdigest()  # noqa: S324  what such lists hold
    sums = f"{folder}/{folder}_MD5.txt"

    as_zip({**contents, sums: f"{right}  {name}\n".encode()})
    reason, detail = reason_of(as_zip, {**contents, sums: f"{'0' * 32}  {name}\n".encode()})

    assert reason is Reason.CHECKSUM_MISMATCH
    assert name in detail
    assert "_MD5.txt" in detail


def test_each_mismatch_has_a_remedy() -> None:
    assert "again" in REMEDIES[Reason.SIZE_MISMATCH]
    assert "again" in REMEDIES[Reason.CHECKSUM_MISMATCH]
