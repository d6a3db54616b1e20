"""The country under its rulebooks: as many clues as an officer could follow, and runs that differ sensibly."""

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from highground.methods.rules import load_rulebook
from highground.methods.screening import ScreenResult, screen
from highground.methods.world import LAO_LINE, Country

from .conftest import TODAY

CHINESE = ("unstable_lifted_out", "marginal", "sudden_severe")


Register = tuple[pa.Table, pa.Table]
Runs = tuple[ScreenResult, ScreenResult]


def _runs(country: Country, registers: tuple[Register, Register], rulebook: str, province: str) -> Runs:
    """The run of the first day, and that of today compared with it."""
    book = load_rulebook(rulebook)
    previous = None
    results = []
    for day, (households, members) in zip((country.first_run, TODAY), registers, strict=True):
        households = households.filter(pc.equal(households["province"], province))
        members = members.filter(pc.is_in(members["household"], households["household"].combine_chunks()))
        previous = screen(book, households=households, members=members, as_of=day, previous=previous)
        results.append(previous)
    return results[0], results[1]


@pytest.fixture(scope="module")
def china(country: Country, before: Register, today: Register) -> Runs:
    return _runs(country, (before, today), "demo-cn", "CN-ZZ")


@pytest.fixture(scope="module")
def lao(country: Country, before: Register, today: Register) -> Runs:
    return _runs(country, (before, today), "demo-la", "LA-ZZ")


def _share(verdicts: pa.Table, mask: pa.Array | pa.ChunkedArray) -> float:
    return float(pc.sum(mask).as_py() or 0) / verdicts.num_rows


def _fired(verdicts: pa.Table) -> Counter[str]:
    return Counter(rule for rules in verdicts["fired"].to_pylist() for rule in rules)


def test_two_to_four_in_a_hundred_households_are_clues(china: Runs) -> None:
    for run in china:
        verdicts = run.verdicts
        clue = pc.or_(pc.is_valid(verdicts["class"]), pc.greater(pc.list_value_length(verdicts["fired"]), 0))
        assert 0.02 < _share(verdicts, clue) < 0.04
        assert 0.02 < _share(verdicts, pc.equal(verdicts["class_verdict"], "cannot_tell")) < 0.06


def test_each_class_and_flag_has_its_share(china: Runs) -> None:
    verdicts = china[1].verdicts
    classes = Counter(verdicts["class"].to_pylist())
    assert all(10 < classes[one] < 150 for one in CHINESE)
    per_thousand = {rule: count / 20 for rule, count in _fired(verdicts).items()}
    bounds = {
        "dwelling_unsafe": (2, 6),
        "water_unsafe": (2.5, 7),
        "child_out_of_school": (0.7, 3),
        "no_medical_insurance": (4, 9),
        "medical_spending": (4, 11),
    }
    assert set(per_thousand) == set(bounds)
    assert all(low < per_thousand[rule] < high for rule, (low, high) in bounds.items())


def test_new_continuing_and_cleared_all_appear(china: Runs) -> None:
    changes = Counter((row["rule"] in CHINESE, row["change"]) for row in china[1].changes.to_pylist())
    assert changes[True, "new"] >= 10
    assert changes[True, "continuing"] >= 100
    assert changes[True, "cleared"] >= 2
    assert changes[False, "new"] >= 40
    assert changes[False, "cleared"] >= 30


def test_what_was_yes_and_went_stale_is_kept_not_cleared(china: Runs) -> None:
    was = china[0].verdicts.filter(pc.is_valid(china[0].verdicts["class"]))["household"].to_pylist()
    now = {row["household"]: row for row in china[1].verdicts.to_pylist()}
    gone_stale = [key for key in was if now[key]["class_verdict"] == "cannot_tell"]
    assert gone_stale
    assert {now[key]["change"] for key in gone_stale} <= {"continuing", "new"}


def test_nobody_in_no_data_gets_an_answer(country: Country, china: Runs) -> None:
    unseen = country.truth.filter(country.truth["unseen"])["household"]
    verdicts = china[1].verdicts
    asked = verdicts.filter(pc.is_in(verdicts["household"], unseen.combine_chunks()))
    assert asked.num_rows == 60
    assert set(asked["class_verdict"].to_pylist()) == {"cannot_tell"}
    hardship = country.truth.filter(country.truth["hardship"])["household"]
    possible = set(verdicts.filter(pc.is_valid(verdicts["class"]))["household"].to_pylist())
    assert 0 < len(possible & set(hardship.to_pylist())) < len(hardship)


def test_the_lao_like_district_is_screened_by_a_rulebook_of_its_own(
    lao: Runs,
) -> None:
    line = next(row for row in load_rulebook("demo-la").parameters["income_line"].rows if row.key == "rural")
    assert line.value == LAO_LINE
    classes = Counter(lao[1].verdicts["class"].to_pylist())
    assert 40 < classes["poor"] < 130
    assert classes["near_poor"] > 0
    assert 8 <= Counter(lao[1].verdicts["class_verdict"].to_pylist())["cannot_tell"] < 60
    assert {"new", "continuing", "cleared"} <= set(lao[1].changes["change"].to_pylist())
