"""The manifest of a SAFE product: which files it has, and the metadata that describes all of them.

A `manifest.safe` is an XFDU package map (CCSDS 661.0-B-1). Its `dataObjectSection` lists every
file with size and checksum; its `metadataSection` holds platform, orbit, times, footprint and
provenance.
"""

import hashlib
import re
from dataclasses import dataclass, field, replace
from posixpath import normpath
from typing import Any
from weakref import WeakKeyDictionary

from swath.domain.ledger import Reason
from swath.domain.multihash import multihash
from swath.errors import ProductError
from swath.formats.productfiles import ProductFiles, require
from swath.formats.xml import Element, parse, text

MANIFEST = "manifest.safe"
XFDU_MANIFEST = "xfdumanifest.xml"  # what Sentinel-3 and Sentinel-6 call it
# Source: https://github.com/stac-extensions/file/blob/v2.1.0/json-schema/schema.json
LOCAL_PATH = re.compile(r"[^\r\n\t\\:'\"]+")

# Of so many files at least one has so many bytes.
MANY, LEAST = 20, 1024


@dataclass(frozen=True)
class DataObject:
    """One file as the manifest lists it. `path` is relative to the product's top folder."""

    id: str
    path: str
    size: int | None = None
    media_type: str | None = None
    checksum_name: str | None = None
    checksum: str | None = None
    representation: str | None = None

    @property
    def multihash(self) -> str | None:
        """The checksum as `file:checksum` wants it; None when absent or of an unknown kind."""
        return multihash(self.checksum_name, self.checksum)


@dataclass(frozen=True)
class Manifest:
    """A parsed manifest: `file` is itself, `objects` are the files it lists.

    Tags below `root` have no namespace.
    """

    root: Element = field(repr=False)
    file: DataObject
    objects: tuple[DataObject, ...]


# Who describes a product and who verifies it ask for the same manifest.
_manifests: WeakKeyDictionary[ProductFiles, dict[str, Manifest]] = WeakKeyDictionary()


def read_manifest(files: ProductFiles, path: str = MANIFEST) -> Manifest:
    """Reads and parses the product's manifest, which some missions call other than `manifest.safe`.

    Raises:
        ProductError: `metadata-missing` without a manifest; `metadata-invalid` for one that is not
            an XFDU package map, or lists a file without saying where it is; `unsafe-path` for one
            that lists a file outside the product.
    """
    read = _manifests.setdefault(files, {})
    if path not in read:
        read[path] = _read(require(files, path), path)
    return read[path]


def _read(content: bytes, path: str) -> Manifest:
    root = parse(content, path)
    if root.tag != "XFDU":
        detail = f"{path} is a <{root.tag}>, not an XFDU package map"
        raise ProductError(Reason.METADATA_INVALID, detail)
    objects = tuple(_data_object(e, path) for e in root.iterfind("dataObjectSection/dataObject"))
    return Manifest(root, _itself(content, path), _without_made_up(objects))


def file_fields(files: ProductFiles, item: DataObject | str) -> dict[str, Any]:
    """The Asset fields of any file: `href`, `file:size`, `file:checksum`, `file:local_path`.

    `item` is an object of the manifest, or the path of a file that the manifest does not list.
    """
    if isinstance(item, str):
        item = DataObject("", item, size=files.sizes.get(item))
    path = f"{files.root}/{item.path}" if files.root else item.path
    return {
        "href": item.path,
        "file:size": item.size,
        "file:checksum": item.multihash,
        # The extension has no word for a path with a quotation mark or a colon.
        "file:local_path": path if LOCAL_PATH.fullmatch(path) else None,
    }


def _without_made_up(objects: tuple[DataObject, ...]) -> tuple[DataObject, ...]:
    """Objects without sizes and checksums, where these cannot be true.

    Some converters write manifests that tell of their own working memory: each of a hundred files,
    images among them, has some hundred bytes.
    """
    stated = [o.size for o in objects if o.size is not None]
    if len(stated) < MANY or max(stated) >= LEAST:
        return objects
    return tuple(replace(o, size=None, checksum_name=None, checksum=None) for o in objects)


def _itself(content: bytes, path: str) -> DataObject:
    # Nothing lists the manifest, so its checksum is taken here; MD5 as for the files it lists.
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return DataObject("manifest", path, len(content), "text/xml", "MD5", digest)


def _data_object(element: Element, manifest: str) -> DataObject:
    object_id = element.get("ID", "")
    stream = element.find("byteStream")
    if stream is None:
        raise ProductError(Reason.METADATA_INVALID, f"{manifest} has no byteStream of {object_id}")
    checksum = stream.find("checksum")
    return DataObject(
        id=object_id,
        path=_path(_attribute(stream.find("fileLocation"), "href"), object_id, manifest),
        size=_size(stream.get("size")),
        media_type=stream.get("mimeType"),
        checksum_name=_attribute(checksum, "checksumName"),
        checksum=None if checksum is None else text(checksum, "."),
        representation=element.get("repID"),
    )


def _attribute(element: Element | None, name: str) -> str | None:
    return None if element is None else element.get(name)


def _path(href: str | None, object_id: str, manifest: str) -> str:
    if not href:
        raise ProductError(Reason.METADATA_INVALID, f"{manifest} does not say where {object_id} is")
    path = normpath(href)
    if path.startswith(("/", "..")):
        raise ProductError(Reason.UNSAFE_PATH, f"{manifest} lists {href}")
    return path


def _size(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None
