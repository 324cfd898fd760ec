"""What Items have in common, by GET and by POST, of all and of one collection."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from swath.settings import ApiSettings
from tests.api.catalogue import PER_COLLECTION, item, load, optical, radar, serve

GRD, L2A = "sentinel-1-grd", "sentinel-2-l2a"


async def told(
    client: httpx.AsyncClient, *names: str, below: str = "", **asked: Any
) -> list[dict[str, Any]]:
    """The aggregations by GET and by POST, which must agree."""
    got = await client.get(
        f"/stac{below}/aggregate", params={"aggregations": ",".join(names), **asked}
    )
    posted = await client.post(f"/stac{below}/aggregate", json={"aggregations": names, **asked})
    assert (got.status_code, posted.status_code) == (200, 200), (got.text, posted.text)
    assert got.json()["type"] == "AggregationCollection"
    assert got.json()["aggregations"] == posted.json()["aggregations"]
    found: list[dict[str, Any]] = got.json()["aggregations"]
    return found


def frequencies(aggregation: dict[str, Any]) -> dict[str, int]:
    return {bucket["key"]: bucket["frequency"] for bucket in aggregation["buckets"]}


async def test_counts_and_ends(client: httpx.AsyncClient) -> None:
    names = ("total_count", "datetime_min", "datetime_max", "cloud_cover_max", "eo:cloud_cover_min")

    found = await told(client, *names)

    assert [aggregation["name"] for aggregation in found] == list(names)
    assert [aggregation["value"] for aggregation in found] == [
        *(2 * PER_COLLECTION, "2024-01-01T00:00:00Z", "2024-01-30T12:00:00Z"),
        *(3.0 * (PER_COLLECTION - 1), 0),
    ]
    assert [aggregation["data_type"] for aggregation in found] == [
        *("integer", "datetime", "datetime", "numeric", "numeric"),
    ]


async def test_terms_the_most_frequent_first(client: httpx.AsyncClient) -> None:
    names = ("collection_frequency", "sar:polarizations_frequency", "grid_code_frequency")

    collections, polarizations, tiles = await told(client, *names)

    assert frequencies(collections) == {GRD: PER_COLLECTION, L2A: PER_COLLECTION}
    assert frequencies(polarizations) == {"VH": 15, "VV": 15, "HH": 15}
    assert frequencies(tiles) == {"MGRS-32TQM": PER_COLLECTION}
    assert collections["overflow"] == polarizations["overflow"] == tiles["overflow"] == 0


async def test_ranges(client: httpx.AsyncClient) -> None:
    (by_schema,) = await told(client, "cloud_cover_frequency")
    (asked,) = await told(client, "cloud_cover_frequency", cloud_cover_frequency_interval=30)

    covers = [optical(n)["properties"]["eo:cloud_cover"] for n in range(PER_COLLECTION)]
    assert frequencies(by_schema) == Counter(
        f"{c // 5 * 5:.0f}-{c // 5 * 5 + 5:.0f}" for c in covers
    )
    assert frequencies(asked) == {"0-30": 10, "30-60": 10, "60-90": 10}
    middle = asked["buckets"][1]
    assert (middle["data_type"], middle["from"], middle["to"]) == ("numeric", 30, 60)


async def test_ranges_of_what_has_no_known_span(client: httpx.AsyncClient) -> None:
    (orbits,) = await told(client, "sat:relative_orbit_frequency")

    assert frequencies(orbits) == {f"{n}-{n + 2}": 2 for n in range(2, 30, 2)} | {
        "0-2": 1,
        "30-32": 1,
    }


async def test_times(client: httpx.AsyncClient) -> None:
    (found,) = await told(client, "datetime_frequency")
    (weekly,) = await told(client, "datetime_frequency", datetime_frequency_interval="week")

    assert found["data_type"] == "interval_day"
    assert frequencies(found) == {f"2024-01-{day:02d}T00:00:00Z": 2 for day in range(1, 31)}
    assert weekly["data_type"] == "interval_week"
    assert [bucket["frequency"] for bucket in weekly["buckets"]] == [14, 14, 14, 14, 4]


async def test_grids(client: httpx.AsyncClient) -> None:
    hashes, tiles = await told(
        client,
        *("centroid_geohash_grid_frequency", "centroid_geotile_grid_frequency"),
        centroid_geohash_grid_frequency_precision=1,
        centroid_geotile_grid_frequency_precision=1,
    )

    assert sum(frequencies(hashes).values()) == 2 * PER_COLLECTION
    # Every footprint's centre by hand: west of Greenwich or not, north of the equator or not.
    columns = [int(-60 + 4.0 * n + 0.5 >= 0) for n in range(PER_COLLECTION)]
    assert frequencies(tiles) == Counter(f"1/{x}/{y}" for x in columns for y in (0, 1))


async def test_a_footprint_across_the_antimeridian_lies_there(
    new_database: Callable[[], str],
) -> None:
    url = new_database()
    two = [[[[w, 10], [w + 1, 10], [w + 1, 11], [w, 11], [w, 10]]] for w in (179, -180)]
    cut = item("cut") | {"geometry": {"type": "MultiPolygon", "coordinates": two}}
    load(url, [cut, item("placeless") | {"geometry": None}])

    async with serve(url) as client:
        (tiles,) = await told(
            client, "centroid_geotile_grid_frequency", centroid_geotile_grid_frequency_precision=5
        )

    assert list(frequencies(tiles)) in (["5/31/15"], ["5/0/15"])
    assert sum(frequencies(tiles).values()) == 1


async def test_of_what_a_search_finds(client: httpx.AsyncClient) -> None:
    asked = {
        "filter": "eo:cloud_cover < 10",
        "filter-lang": "cql2-text",
        "datetime": "2024-01-02T00:00:00Z/..",
    }

    (count,) = await told(client, "total_count", **asked)
    (words,) = await told(client, "total_count", q="0003")
    (none,) = await told(client, "cloud_cover_frequency", ids="nothing")
    (highest,) = await told(client, "cloud_cover_max", ids="nothing")

    assert (count["value"], words["value"]) == (3, 2)
    assert (none["buckets"], none["overflow"]) == ([], 0)
    assert highest["value"] is None


async def test_below_a_collection(client: httpx.AsyncClient) -> None:
    (count,) = await told(client, "total_count", below=f"/collections/{GRD}")
    foreign = await client.get(
        f"/stac/collections/{GRD}/aggregate", params={"aggregations": "cloud_cover_frequency"}
    )
    offered = (await client.get(f"/stac/collections/{L2A}/aggregations")).json()
    everything = (await client.post("/stac/aggregations")).json()

    assert count["value"] == PER_COLLECTION
    assert foreign.status_code == 400
    assert "'cloud_cover_frequency'" in foreign.json()["detail"]
    names = {aggregation["name"] for aggregation in offered["aggregations"]}
    assert {"total_count", "grid_code_frequency", "platform_frequency"} <= names
    assert names < {aggregation["name"] for aggregation in everything["aggregations"]}


async def test_everything_that_is_offered_is_answered(client: httpx.AsyncClient) -> None:
    offered = (await client.get("/stac/aggregations")).json()["aggregations"]
    names = [aggregation["name"] for aggregation in offered]

    for first in range(0, len(names), 20):
        some = names[first : first + 20]
        found = (await client.post("/stac/aggregate", json={"aggregations": some})).json()
        assert [aggregation["name"] for aggregation in found["aggregations"]] == some


async def test_the_rest_of_many_values_is_told(new_database: Callable[[], str]) -> None:
    url = new_database()
    load(url, [item(f"{n}", more={"product:type": f"T{n // 2 or 1}"}) for n in range(2006)])

    async with serve(url) as client:
        (types,) = await told(client, "product:type_frequency")

    assert len(types["buckets"]) == 1000
    assert types["buckets"][0] == {"key": "T1", "data_type": "string", "frequency": 4}
    assert types["overflow"] == 4


HASHES = "centroid_geohash_grid_frequency"


@pytest.mark.parametrize(
    ("aggregation", "parameter", "value"),
    [
        ("nothing_count", "aggregations", ""),
        (",".join(f"a{n}" for n in range(21)), "aggregations", ""),
        ("platform_frequency", "platform_frequency_interval", "5"),
        ("datetime_frequency", "datetime_frequency_interval", "5"),
        ("cloud_cover_frequency", "cloud_cover_frequency_interval", "-1"),
        ("cloud_cover_frequency", "cloud_cover_frequency_interval", "nan"),
        ("total_count", "total_count_precision", "1"),
        (HASHES, f"{HASHES}_precision", "13"),
        ("total_count", "bbox", "1,2"),
        ("total_count", "filter", "eo:cloud_cover < 'x'"),
        # Of aggregations that are not asked for.
        ("", "datetime_frequency_interval", "5"),
        ("total_count", "cloud_cover_frequency_interval", "wide"),
        ("total_count", f"{HASHES}_precision", "0"),
        ("total_count", "nothing_frequency_interval", "5"),
    ],
)
async def test_what_makes_no_sense_is_named(
    client: httpx.AsyncClient, aggregation: str, parameter: str, value: str
) -> None:
    asked = {"aggregations": aggregation} | ({parameter: value} if value else {})
    answer = await client.get("/stac/aggregate", params=asked)

    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter


@pytest.mark.parametrize("below", ["", f"/collections/{L2A}"])
@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("aggregations", 5),
        ("datetime_frequency_interval", 5),
        ("datetime_frequency_interval", ["year"]),
        ("cloud_cover_frequency_interval", "5"),
        ("cloud_cover_frequency_interval", True),
        ("cloud_cover_frequency_interval", 1e13),
        (f"{HASHES}_precision", "3"),
        (f"{HASHES}_precision", 2.5),
        ("total_count_interval", 1),
    ],
)
async def test_members_that_make_no_sense_are_named(
    client: httpx.AsyncClient, below: str, parameter: str, value: Any
) -> None:
    path = f"/stac{below}/aggregate"
    answer = await client.post(path, json={parameter: value})
    nothing = await client.post(path, json={parameter: None})

    assert answer.status_code == 400
    assert answer.json()["parameter"] == parameter
    assert nothing.status_code == 200


async def test_too_many_items_are_refused_with_what_to_do(catalogue_url: str) -> None:
    # Of thirty and more Items: twenty whose properties are looked at, or twenty times as many.
    async with serve(catalogue_url, ApiSettings(scan_items=20)) as client:
        refused = await client.get("/stac/aggregate?aggregations=platform_frequency")
        narrowed = await client.get(
            "/stac/aggregate?aggregations=platform_frequency&ids=" + radar(1)["id"]
        )
        (count,) = await told(client, "total_count")

    assert refused.status_code == 400
    assert "narrow the search" in refused.json()["detail"]
    assert narrowed.status_code == 200
    assert count["value"] == 2 * PER_COLLECTION


async def test_they_are_linked(client: httpx.AsyncClient) -> None:
    for path in ("/stac/", f"/stac/collections/{GRD}"):
        links = (await client.get(path)).json()["links"]
        for rel in ("aggregate", "aggregations"):
            (href,) = {link["href"] for link in links if link["rel"] == rel}
            assert (await client.get(href)).status_code == 200
