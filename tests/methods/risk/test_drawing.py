"""The draw: the same for the same seed, the right sizes, every household as likely as it says."""

import hashlib
import itertools
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highground.methods.risk import InputError, draw_audit


def frame(sizes: dict[tuple[str | None, bool | None], int]) -> pa.Table:
    rows = [(county, feed) for (county, feed), size in sizes.items() for _ in range(size)]
    return pa.table(
        {
            "household": [f"H{number:05}" for number in range(len(rows))],
            "county": pa.array([county for county, _ in rows], pa.string()),
            "fed": pa.array([feed for _, feed in rows], pa.bool_()),
        }
    )


FRAME = frame({("A", True): 1_000, ("A", False): 100, ("B", True): 30, ("B", None): 3, (None, False): 1})


def test_by_share_each_stratum_gives_its_part_rounded_up_and_at_least_two() -> None:
    draw = draw_audit(FRAME, strata=["county", "fed"], seed=1)
    assert draw.strata.to_pylist() == [
        {"county": None, "fed": False, "population": 1, "drawn": 1, "probability": 1.0},
        {"county": "A", "fed": False, "population": 100, "drawn": 5, "probability": 0.05},
        {"county": "A", "fed": True, "population": 1_000, "drawn": 50, "probability": 0.05},
        {"county": "B", "fed": None, "population": 3, "drawn": 2, "probability": 2 / 3},
        {"county": "B", "fed": True, "population": 30, "drawn": 2, "probability": 2 / 30},
    ]
    assert draw.seed == 1
    assert draw.sample.schema.metadata == {b"seed": b"1"}


def test_a_share_is_what_is_written_not_what_a_computer_makes_of_it() -> None:
    strata = draw_audit(frame({("A", True): 100}), strata=["county"], seed=1, share=0.07).strata
    assert strata.column("drawn").to_pylist() == [7]


def test_the_sample_says_of_every_household_what_its_stratum_says() -> None:
    draw = draw_audit(FRAME, strata=["county", "fed"], seed=1)
    strata = draw.strata.to_pylist()
    home = {row["household"]: row for row in FRAME.to_pylist()}
    drawn = Counter(row["stratum"] for row in draw.sample.to_pylist())
    assert [drawn[place] for place in range(len(strata))] == [one["drawn"] for one in strata]
    for row in draw.sample.to_pylist():
        stratum = strata[row["stratum"]]
        assert {name: row[name] for name in ("county", "fed", "probability")} == {
            name: stratum[name] for name in ("county", "fed", "probability")
        }
        assert home[row["household"]] == {name: row[name] for name in ("household", "county", "fed")}


def test_the_smallest_hashes_are_drawn() -> None:
    """Worked out anew with the standard library."""
    draw = draw_audit(FRAME, strata=["county", "fed"], seed=20_240_101)
    expected = set()
    rows = sorted(FRAME.to_pylist(), key=lambda row: (str(row["county"]), str(row["fed"])))
    for _, stratum in itertools.groupby(rows, key=lambda row: (row["county"], row["fed"])):
        ids = [row["household"] for row in stratum]
        ids.sort(key=lambda one: hashlib.sha256(f"20240101/{one}".encode()).hexdigest())
        expected |= set(ids[: min(len(ids), max(2, -(-len(ids) // 20)))])
    assert set(draw.sample.column("household").to_pylist()) == expected


def test_the_order_of_the_rows_and_of_other_columns_changes_nothing() -> None:
    whole = draw_audit(FRAME, strata=["county", "fed"], seed=5)
    order = np.random.default_rng(1).permutation(len(FRAME))
    shuffled = FRAME.take(pa.array(order)).append_column("other", pa.array(order))
    again = draw_audit(
        shuffled.select(["other", "fed", "household", "county"]), strata=["county", "fed"], seed=5
    )
    assert again.sample.equals(whole.sample)
    assert again.strata.equals(whole.strata)


def test_another_seed_draws_others() -> None:
    first, second = (
        set(draw_audit(FRAME, strata=["county", "fed"], seed=seed).sample.column("household").to_pylist())
        for seed in (1, 2)
    )
    assert len(first & second) < len(first) / 2


def test_every_household_and_every_pair_is_as_likely_as_it_should_be() -> None:
    """3 of 8 in each of 4,000 strata: frequencies by place within 4.5 standard errors of the probabilities."""
    draws, size = 4_000, 8
    many = frame({(f"C{number:04}", True): size for number in range(draws)})
    drawn = draw_audit(many, strata=["county"], seed=3, share=0.3).sample.column("household").to_pylist()
    places: dict[int, list[int]] = {}
    for one in drawn:
        number = int(one[1:])
        places.setdefault(number // size, []).append(number % size)
    assert {len(one) for one in places.values()} == {3}
    seen = Counter(place for one in places.values() for place in one)
    pairs = Counter(pair for one in places.values() for pair in itertools.combinations(sorted(one), 2))
    for counts, keys, expected in (
        (seen, range(size), 3 / 8),
        (pairs, itertools.combinations(range(size), 2), 3 / 8 * 2 / 7),
    ):
        for key in keys:
            assert abs(counts[key] / draws - expected) < 4.5 * (expected * (1 - expected) / draws) ** 0.5


@settings(deadline=None, max_examples=40)
@given(
    sizes=st.lists(st.integers(1, 300), min_size=1, max_size=8),
    part=st.floats(0, 1),
    minimum=st.integers(1, 4),
)
def test_a_size_is_kept_and_shared_out_in_proportion(sizes: list[int], part: float, minimum: int) -> None:
    whole, least = sum(sizes), sum(min(size, minimum) for size in sizes)
    size = least + round(part * (whole - least))
    table = frame({(f"C{place}", True): one for place, one in enumerate(sizes)})
    strata = draw_audit(table, strata=["county"], seed=1, size=size, minimum=minimum).strata.to_pylist()
    assert sum(one["drawn"] for one in strata) == size
    rates = []
    for one in strata:
        assert min(one["population"], minimum) <= one["drawn"] <= one["population"]
        if one["drawn"] > min(one["population"], minimum):
            rates.append((one["drawn"] - 1, one["drawn"] + 1, one["population"]))
    # One rate fits all strata above the minimum, but for rounding.
    if rates:
        assert max(low / size for low, _, size in rates) < min(high / size for _, high, size in rates)


def test_a_stratum_taken_whole_has_probability_one() -> None:
    draw = draw_audit(frame({("A", True): 4}), strata=["county"], seed=1, minimum=10)
    assert draw.sample.column("probability").to_pylist() == [1.0] * 4


def test_without_strata_everything_is_one() -> None:
    assert draw_audit(FRAME, strata=[], seed=1, size=11).strata.to_pylist() == [
        {"population": 1_134, "drawn": 11, "probability": 11 / 1_134}
    ]


@pytest.mark.parametrize(
    ("table", "given_", "message"),
    [
        ([1], {}, "frame: a list is no Arrow table"),
        (
            FRAME.drop_columns(["fed"]),
            {},
            "frame: there is no column 'fed'; add or name it (columns: household, county)",
        ),
        (FRAME.slice(0, 0), {}, "frame: there is no household in it"),
        (FRAME, {"strata": "county"}, "strata: give a list of columns, such as ['county']"),
        (FRAME, {"strata": ["fed", "fed"]}, "strata: 'fed' stands twice"),
        (FRAME, {"strata": ["household"]}, "name no stratum"),
        (FRAME, {"seed": -1}, "seed: -1 is no seed"),
        (FRAME, {"seed": True}, "seed: True is no seed"),
        (FRAME, {"share": 0}, "share: 0 is no share"),
        (FRAME, {"share": 1.1}, "share: 1.1 is no share"),
        (FRAME, {"minimum": 0}, "minimum: 0 is too small"),
        (FRAME, {"size": 1_135}, "size: 1135 cannot be drawn from 1134 households; give 1 to 1134"),
        (FRAME, {"size": 8}, "size: 8 is too few for 5 strata with at least 2 each; give 9 or more"),
        (pa.concat_tables([FRAME, FRAME.slice(7, 1)]), {}, "household 'H00007' stands more than once"),
        (
            pa.table({"household": ["a", None], "county": ["A", "A"], "fed": [True, True]}),
            {},
            "row 2: 'household' is missing",
        ),
        (
            pa.table({"household": ["a"], "county": [["A"]], "fed": [True]}),
            {},
            "column 'county' is list<item: string>, which names no group",
        ),
    ],
)
def test_what_cannot_be_drawn_is_named_with_its_mend(table: object, given_: dict, message: str) -> None:
    with pytest.raises(InputError) as caught:
        draw_audit(table, **{"strata": ["county", "fed"], "seed": 1, **given_})
    assert message in str(caught.value)
