"""Reads the headers of HDF5 files, one after the other: a program that `worker` runs.

    python -P hdf5_child.py

It is run by path and imports next to nothing of Swath, so that it starts fast.
"""

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from h5py import h5a, h5d, h5f, h5fd, h5g, h5l, h5o, h5p, h5r, h5s, h5t

from swath.formats.child import RemoteFile, refused, serve

MEMORY = 512 * 1024 * 1024

# Products of Sentinel-5P have some 600 objects with 4 000 attributes, the longest a footprint.
MOST_OBJECTS = 20_000
MOST_ATTRIBUTES = 200_000
LONGEST_ATTRIBUTE = 1024 * 1024
MOST_TEXT = 32 * 1024 * 1024
MOST_VALUES = 200_000

# How HDF5 stores which dimension a dataset is, and which it has; of no use as values.
# Source: https://docs.unidata.ucar.edu/netcdf-c/current/file_format_specifications.html
BOOKKEEPING = frozenset(
    {
        b"DIMENSION_LIST",
        b"REFERENCE_LIST",
        b"CLASS",
        b"NAME",
        b"_Netcdf4Dimid",
        b"_Netcdf4Coordinates",
        b"_NCProperties",
        b"_nc3_strict",
    }
)
NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable"
TEXT, NUMBERS = frozenset({h5t.STRING}), frozenset({h5t.INTEGER, h5t.FLOAT, h5t.ENUM})

# What h5py and NumPy raise for what a file holds; anything else ends the process.
FAULTS = (
    OSError,
    RuntimeError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    MemoryError,
)
# What following a reference raises that copying left pointing nowhere.
STALE = (OSError, RuntimeError, LookupError, ValueError)


class TooLargeError(Exception):
    """More of something than any real file has."""


class Reading:
    """What was read of one file so far."""

    def __init__(self, skip: frozenset[bytes], names: frozenset[bytes]) -> None:
        self.skip, self.names = skip, names
        self.attributes: dict[str, dict[str, Any]] = {}
        self.datasets: dict[str, Any] = {}
        self.paths: dict[int, str] = {}
        self.count = self.text = 0

    def walk(self, file: Any) -> None:
        """Visits every object that lies in this file, each once, however it is linked."""
        waiting = [(b"/", h5o.open(file, b"/"))]
        while waiting:
            path, obj = waiting.pop()
            address = h5o.get_info(obj).addr
            if address in self.paths:
                continue
            name = path.decode("utf-8", "replace")
            self.paths[address] = name
            if len(self.paths) > MOST_OBJECTS:
                raise TooLargeError(f"more than {MOST_OBJECTS} groups and datasets")
            self.attributes[name] = dict(self._attributes(obj))
            if isinstance(obj, h5d.DatasetID):
                self.datasets[name] = obj
            elif isinstance(obj, h5g.GroupID):
                # The last to be found is the first to be visited: keeps the file's order.
                waiting.extend(reversed(list(self._members(path, obj))))

    def _members(self, path: bytes, group: Any) -> Iterator[tuple[bytes, Any]]:
        for link in group:
            below = (b"" if path == b"/" else path) + b"/" + link
            # Hard links alone: the others may name other files.
            if below not in self.skip and group.links.get_info(link).type == h5l.TYPE_HARD:
                yield below, h5o.open(group, link)

    def _attributes(self, obj: Any) -> Iterator[tuple[str, Any]]:
        self.count += h5a.get_num_attrs(obj)
        if self.count > MOST_ATTRIBUTES:
            raise TooLargeError(f"more than {MOST_ATTRIBUTES} attributes")
        names: list[bytes] = []
        h5a.iterate(obj, names.append)
        for name in names:
            wanted = name in self.names if self.names else name not in BOOKKEEPING
            value = _attribute_value(h5a.open(obj, name)) if wanted else None
            if value is not None:
                self.text += len(name) + (len(value) if isinstance(value, str) else 8)
                if self.text > MOST_TEXT:
                    raise TooLargeError(f"more than {MOST_TEXT} bytes of attributes")
                yield name.decode("utf-8", "replace"), value

    def variables(self, file: Any) -> dict[str, Any]:
        """Path -> shape, NumPy's name of the type, dimensions, whether it has values."""
        return {path: self._variable(d, path, file) for path, d in self.datasets.items()}

    def _variable(self, dataset: Any, path: str, file: Any) -> tuple[Any, ...]:
        shape = list(dataset.shape)
        dimensions = self._dimensions(dataset, len(shape), path, file)
        return shape, _dtype(dataset), dimensions, not _is_bare(dataset)

    def _dimensions(self, dataset: Any, rank: int, path: str, file: Any) -> list[str]:
        if not h5a.exists(dataset, b"DIMENSION_LIST"):
            # The values along a dimension are a dataset of their own.
            own = rank == 1 and h5a.exists(dataset, b"CLASS")
            return [path if own else ""] * rank
        attribute = h5a.open(dataset, b"DIMENSION_LIST")
        kind = attribute.get_type()
        if attribute.shape != (rank,) or not isinstance(kind, h5t.TypeVlenID):
            return [""] * rank
        if not kind.get_super().equal(h5t.STD_REF_OBJ):
            return [""] * rank
        lists = np.empty((rank,), dtype=attribute.dtype)
        attribute.read(lists)
        return [self._referenced(references, file) for references in lists]

    def _referenced(self, references: Any, file: Any) -> str:
        if references is None or not len(references) or not references[0]:
            return ""
        try:
            referenced = h5r.dereference(references[0], file)
        except STALE:
            return ""
        return self.paths.get(h5o.get_info(referenced).addr, "")

    def values(self, path: str) -> Any:
        """All values of a dataset; None for what is not a small array of numbers in this file."""
        dataset = self.datasets.get(path)
        if dataset is None or dataset.get_type().get_class() not in NUMBERS:
            return None
        plist = dataset.get_create_plist()
        elsewhere = plist.get_external_count() or plist.get_layout() == h5d.VIRTUAL
        if elsewhere or math.prod(dataset.shape) > MOST_VALUES:
            return None
        array = np.empty(dataset.shape, dtype=dataset.dtype)
        dataset.read(h5s.ALL, h5s.ALL, array)
        return array.tolist()


def _is_bare(dataset: Any) -> bool:
    """Whether the dataset is but the length of a NetCDF dimension."""
    if not h5a.exists(dataset, b"NAME"):
        return False
    value = _attribute_value(h5a.open(dataset, b"NAME"))
    return isinstance(value, str) and value.startswith(NO_VARIABLE)


def _attribute_value(attribute: Any) -> Any:
    """Text, numbers, or None for what is neither, or is longer than any real attribute."""
    kind, space = attribute.get_type(), attribute.get_space()
    count = space.get_simple_extent_npoints()
    if kind.get_class() not in TEXT | NUMBERS:
        return None
    if space.get_simple_extent_type() == h5s.NULL or count * kind.get_size() > LONGEST_ATTRIBUTE:
        return None
    array = np.empty(space.shape, dtype=kind.dtype)
    # Every identifier that h5py makes costs as much as reading a number: no second ones.
    attribute.read(array, kind if kind.get_class() in NUMBERS else None)
    values = [_plain(value) for value in array.ravel().tolist()]
    if None in values:
        return None
    return values[0] if len(values) == 1 else values


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value[:LONGEST_ATTRIBUTE].decode("utf-8", "replace").replace("\0", "")
    if isinstance(value, str):
        return value[:LONGEST_ATTRIBUTE].encode("utf-8", "replace").decode().replace("\0", "")
    return value if isinstance(value, int | float) and math.isfinite(value) else None


def _dtype(dataset: Any) -> str:
    kind = dataset.get_type()
    return str(kind.dtype.newbyteorder("=").name) if kind.get_class() in NUMBERS else "other"


def read(file: RemoteFile, request: dict[str, Any]) -> dict[str, Any]:
    """The header of the file, as the request wants it."""
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fileobj_driver(h5fd.fileobj_driver, file)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    opened = h5f.open(b"product", h5f.ACC_RDONLY, fapl=access)
    try:
        skip, names = (frozenset(n.encode() for n in request[k]) for k in ("skip", "names"))
        reading = Reading(skip, names)
        reading.walk(opened)
        arrays = {path: reading.values(path) for path in request["arrays"]}
        return {
            "attributes": reading.attributes,
            "variables": reading.variables(opened),
            "arrays": {path: values for path, values in arrays.items() if values is not None},
        }
    finally:
        opened.close()


def answer(file: RemoteFile, request: dict[str, Any]) -> bytes:
    """What to send back: the header, or what is wrong with the file."""
    try:
        return b"H" + json.dumps(read(file, request)).encode()
    except TooLargeError as error:
        reason, detail = "too-large", str(error)
    except MemoryError:
        reason, detail = "unreadable", "its header needs too much memory"
    except FAULTS as error:
        detail = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
        reason = "truncated" if "truncated file" in detail else "metadata-invalid"
    return refused(reason, detail)


if __name__ == "__main__":
    serve(answer, MEMORY)
