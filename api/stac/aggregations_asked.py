"""Which aggregations a client wants, and how fine.

Source: https://github.com/stac-api-extensions/aggregation/tree/v0.3.0
"""

from collections.abc import Callable, Mapping
from typing import Any

from api.stac.asked import texts
from api.stac.parameters import Members
from swath.domain.aggregation import PRECISIONS, UNITS, Aggregation, Take, Values, Wanted
from swath.errors import QueryError

DEFAULTS = {take: default for take, (_, _, default) in PRECISIONS.items()}


def wanted_by(members: Members, offered: Mapping[str, Aggregation]) -> list[Wanted]:
    """The aggregations that are named, as fine as their parameters say; those of others are looked
    at, too.

    Raises:
        QueryError: there is no such aggregation, or a parameter makes no sense.
    """
    names = texts(members, "aggregations")
    for name in names:
        _offered(name, offered, "aggregations")
    fineness: dict[str, Any] = {}
    for parameter, given in members.items():
        name, _, what = parameter.rpartition("_")
        if name and what in READ:
            aggregation = _offered(name, offered, parameter)
            fineness[parameter] = READ[what](given, aggregation, parameter)
    return [
        Wanted(
            offered[name],
            fineness.get(f"{name}_interval"),
            fineness.get(f"{name}_precision", DEFAULTS.get(offered[name].take)),
        )
        for name in names
    ]


def _offered(name: str, offered: Mapping[str, Aggregation], parameter: str) -> Aggregation:
    if name not in offered:
        raise QueryError(parameter, f"there is no {name!r}; /aggregations lists all")
    return offered[name]


def _interval(given: object, aggregation: Aggregation, parameter: str) -> str | float:
    if aggregation.take is not Take.FREQUENCY or aggregation.values is Values.TEXT:
        raise QueryError(parameter, "it has no intervals")
    if aggregation.values is Values.MOMENT:
        if given not in UNITS:
            raise QueryError(parameter, f"it is one of {', '.join(UNITS)}")
        return str(given)
    return _width(given, parameter)


def _width(given: object, parameter: str) -> float:
    # Beyond, a bucket holds either a single value or all of them.
    if not isinstance(given, int | float) or isinstance(given, bool) or not 1e-6 <= given <= 1e12:
        raise QueryError(parameter, "it is a number between 1e-6 and 1e12")
    return float(given)


def _precision(given: object, aggregation: Aggregation, parameter: str) -> int:
    if aggregation.take not in PRECISIONS:
        raise QueryError(parameter, "only grids have a precision")
    least, most, _ = PRECISIONS[aggregation.take]
    if not isinstance(given, int) or isinstance(given, bool) or not least <= given <= most:
        raise QueryError(parameter, f"it is a whole number between {least} and {most}")
    return given


# What the name of a parameter ends with, after that of its aggregation.
READ: dict[str, Callable[[object, Aggregation, str], str | float]] = {
    "interval": _interval,
    "precision": _precision,
}
