"""Variables of a NetCDF file as the datacube extension describes them.

Groups are left out of names, as in the Copernicus Data Space catalogue: of variables of the same
name the first counts.

Source: https://github.com/stac-extensions/datacube/blob/v2.3.0/README.md
"""

from collections.abc import Iterable, Mapping
from typing import Any

from swath.formats.hdf5 import Header, Value, Variable

# The attributes of variables that are read here.
DESCRIBING = frozenset({"long_name", "comment", "units", "valid_min", "valid_max", "_FillValue"})
# What units are said to be of what has none.
NO_UNIT = ("1", "")


def named[T](found: Iterable[tuple[str, T]]) -> dict[str, T]:
    """By their names without groups, the first of each name."""
    by_name: dict[str, T] = {}
    for path, value in found:
        by_name.setdefault(base(path), value)
    return by_name


def base(path: str) -> str:
    """The name without groups."""
    return path.rpartition("/")[2]


def lengths(header: Header) -> dict[str, int]:
    """Path of a dimension -> its length."""
    variables = header.variables
    return {
        path: variable.shape[0]
        for path, variable in variables.items()
        if variable.dimensions == (path,)
    }


def text(header: Header, path: str, attribute: str) -> str | None:
    """An attribute as text; None when absent or empty."""
    value = header.attributes.get(path, {}).get(attribute)
    return (str(value).strip() or None) if isinstance(value, str | int | float) else None


def described(header: Header, path: str) -> dict[str, str]:
    """What a dimension or variable is, if the file says so."""
    description = text(header, path, "long_name")
    return {"description": description} if description else {}


def variables(header: Header, auxiliary: frozenset[str]) -> dict[str, dict[str, Any]]:
    """`cube:variables`: every variable along dimensions; those of the names in `auxiliary` only
    place the others.
    """
    return named(
        (path, _variable(header, path, variable, auxiliary))
        for path, variable in header.variables.items()
        if variable.has_values and all(variable.dimensions)
    )


def _variable(
    header: Header, path: str, variable: Variable, auxiliary: frozenset[str]
) -> dict[str, Any]:
    attributes: Mapping[str, Value] = header.attributes.get(path, {})
    unit = text(header, path, "units") or ""
    fields = {
        "dimensions": [base(dimension) for dimension in variable.dimensions],
        "type": "auxiliary" if base(path) in auxiliary else "data",
        "description": text(header, path, "long_name") or text(header, path, "comment"),
        "extent": _range(attributes.get("valid_min"), attributes.get("valid_max")),
        "unit": None if unit in NO_UNIT else unit,
        "nodata": _number(attributes.get("_FillValue")),
        "data_type": variable.dtype,
    }
    return {field: value for field, value in fields.items() if value is not None}


def _range(least: Value | None, most: Value | None) -> list[float] | None:
    low, high = _number(least), _number(most)
    return None if low is None or high is None else [low, high]


def _number(value: Value | None) -> float | None:
    return value if isinstance(value, int | float) else None
