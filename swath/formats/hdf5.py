"""Headers of HDF5 and NetCDF-4 files: attributes, variables and small coordinate arrays.

The C library that reads them runs in a process of its own, which is kept and used again: a file
that crashes, hangs or swells it costs that file alone.

Source: https://docs.hdfgroup.org/hdf5/develop/_f_m_t3.html
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from swath.formats.worker import Reader, ask, program

READER = Reader(program("hdf5_child.py"), "its header")

type Value = str | int | float | list[Value]


@dataclass(frozen=True)
class Variable:
    """What a dataset looks like.

    `dtype` is NumPy's name (`float32`), `other` where it has none. `dimensions` are the paths of
    the NetCDF dimensions, `""` for one without. A NetCDF dimension that nothing is stored along is
    a dataset without values.
    """

    shape: tuple[int, ...]
    dtype: str
    dimensions: tuple[str, ...]
    has_values: bool = True


@dataclass(frozen=True)
class Header:
    """What a file tells of itself. Paths begin with `/`; the root group is `/`."""

    attributes: Mapping[str, Mapping[str, Value]]
    variables: Mapping[str, Variable]
    arrays: Mapping[str, list[Value]]


@dataclass(frozen=True)
class Wanted:
    """What of a header is read. `arrays` are paths of datasets whose values are read, groups and
    datasets in `skip` are not looked into. With `names`, attributes of these names alone are read:
    each costs a tenth of a millisecond.
    """

    arrays: Sequence[str] = ()
    skip: Sequence[str] = ()
    names: Collection[str] = ()


EVERYTHING = Wanted()


def read_header(
    file: BinaryIO, size: int, name: str, wanted: Wanted = EVERYTHING, *, reader: Reader = READER
) -> Header:
    """The attributes of groups and datasets, all datasets, and the values of some.

    Attributes that are not text or finite numbers are left out, so are those larger than any real
    one. An array that is not there, is not made of numbers, lies in another file or has more than
    200 000 values is left out. NaN stays NaN. Links to other files are not followed.

    Raises:
        ProductError: `truncated`, `metadata-invalid` for what is not HDF5 or is damaged,
            `too-large` for a header larger than any real one, `unreadable` when reading it
            crashed, took too long or too much memory.
    """
    request = {"size": size, **{name: [*which] for name, which in vars(wanted).items()}}
    answer: dict[str, Any] = json.loads(ask(file, name, request, reader))
    return Header(
        attributes=answer["attributes"],
        variables={
            path: Variable(tuple(shape), dtype, tuple(dimensions), has_values)
            for path, (shape, dtype, dimensions, has_values) in answer["variables"].items()
        },
        arrays=answer["arrays"],
    )
