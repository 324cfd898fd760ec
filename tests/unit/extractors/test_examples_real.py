"""The shape of Items of real products against that of the Copernicus Data Space's."""

from pathlib import Path

from benchmarks.examples import both_sides, differences, why


def test_whatever_differs_from_items_of_the_data_space_has_a_known_reason(
    shared_data: Path,
) -> None:
    ours, theirs = both_sides(shared_data, ())
    kinds = ours.keys() & theirs.keys()

    found = {
        (kind, *row[:3])
        for kind in kinds
        for row in differences(ours[kind], theirs[kind])
        if not why(*row[:3])
    }

    assert len(kinds) > 20
    assert found == set()


def test_a_property_that_is_lost_would_be_told() -> None:
    item = {"collection": "c", "stac_extensions": [], "assets": {}, "properties": {"gsd": 10}}

    [row] = differences([{**item, "properties": {}}], [item])

    assert row == ("property", "gsd", "missing", "10")
    assert why(*row[:3]) == ""
