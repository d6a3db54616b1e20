"""Bad input: the run says which rules can't hold together and what to relax, and plans the rest as well as it can."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.building import Task, build
from highground.methods.allocate.certificate import certify
from highground.methods.allocate.folder import postings_of
from highground.methods.allocate.planning import plan
from highground.methods.allocate.policy import Policy, read_policy
from highground.methods.allocate.tables import read_tables
from tests.methods.allocate.hand import TEXTS, tables


def planned(task: Task) -> set[tuple[str, str]]:
    """The postings; the plan is proven on the way, and it is the best there is."""
    made = plan(task.problem)
    rows = postings_of(task, made.pairs)
    shown = certify(task, rows, made.prices)
    assert shown.broken == ()
    assert shown.avoidable == 0
    assert shown.bound == pytest.approx(shown.objective, abs=0.5)
    return {(row["person"], row["village"]) for row in rows.to_pylist()}


def put(table: pa.Table, column: str, values: pa.Array | list[object]) -> pa.Table:
    place = table.column_names.index(column)
    return table.set_column(place, column, values if isinstance(values, pa.Array) else pa.array(values))


def said(task: Task) -> str:
    return "\n".join(map(str, task.findings))


def test_good_input_has_no_findings() -> None:
    task = build(tables(), Policy())
    assert task.findings == ()
    assert planned(task) == {("An", "East"), ("Bo", "West"), ("Cy", "West")}


def test_more_seats_than_people() -> None:
    villages = put(tables().villages, "members", [0, 9])
    task = build(tables(villages=villages), Policy())
    assert "11 seats and 4 people who may be posted" in said(task)
    assert len(planned(task)) == 3  # the unit of Cy and Di may release one


def test_a_county_without_anyone_who_may_lead() -> None:
    people = put(tables().people, "first_secretary_ok", [False, True, False, False])
    task = build(tables(people=people), Policy())
    assert "no qualified person may go to any village of county 'C1'" in said(task)
    assert planned(task) == {("Bo", "West"), ("An", "West")}


def test_a_county_with_too_few_who_may_lead() -> None:
    villages = pa.concat_tables([tables().villages, put(tables().villages, "village", ["North", "South"])])
    pairs = pa.concat_tables([tables().pairs, put(tables().pairs, "village", ["North"] * 5).slice(0, 1)])
    task = build(tables(villages=villages, pairs=pairs), Policy())
    words = "more first secretaries are asked for than qualified people may go to county 'C1' (1 counties)"
    assert words in said(task)  # An alone for East and North; Bo and An for West and South
    assert "'C2'" not in said(task)


def test_what_is_required_comes_before_all_points_and_the_run_says_where_it_is_not(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("no_woman: required\n")
    policy, _ = read_policy(tmp_path / "policy.yaml")
    assert policy.required() == ("no_woman",) and policy.text() == "no_woman: required\n"
    pairs = put(tables().pairs, "points", [300, 340, 250, -900, 900])
    task = build(tables(pairs=pairs), policy)
    assert planned(task) == {("An", "East"), ("Bo", "West"), ("Cy", "West")}
    made = plan(task.problem)
    (note,) = certify(task, postings_of(task, made.pairs), made.prices).notes
    assert "no_woman required: 1 teams go without; to 1 of them nobody may go who brings it" in str(note)
    task = build(tables(pairs=pairs), Policy())
    assert ("Di", "West") in planned(task)
    made = plan(task.problem)
    assert certify(task, postings_of(task, made.pairs), made.prices).notes == ()


def test_a_plan_that_says_wrongly_what_is_locked() -> None:
    previous = pa.table({"person": ["An"], "village": ["West"], "locked": [True]})
    task = build(tables(previous=previous), Policy())
    made = plan(task.problem)
    rows = postings_of(task, made.pairs)
    assert certify(task, rows, made.prices).broken == ()
    lies = put(rows, "locked", [False] * len(rows))
    (told,) = certify(task, lies, made.prices).broken
    assert told.startswith("locked says what is locked: 1 rows")


def test_locks_that_contradict() -> None:
    previous = pa.table(
        {
            "person": ["Cy", "Di", "An", "Bo"],
            "village": ["West", "West", "West", "East"],
            "locked": [True] * 4,
        }
    )
    task = build(tables(previous=previous), Policy())
    assert (
        "'Di' to 'West' (row 2) can't hold beside the locks before it: the seats it needs are taken"
        in said(task)
    )
    task = build(tables(previous=previous, villages=put(tables().villages, "members", [0, 2])), Policy())
    assert (
        "'Di' to 'West' (row 2) can't hold beside the locks before it: it would break the unit rule"
        in said(task)
    )
    assert "'Bo' to 'East' (row 4) is no eligible pair" in said(task)
    assert planned(task) >= {("Cy", "West"), ("An", "West")}


def test_a_lock_holds_against_a_better_plan() -> None:
    previous = pa.table({"person": ["An"], "village": ["West"], "locked": [True]})
    task = build(tables(previous=previous), Policy())
    assert ("An", "West") in planned(task)


def test_a_candidate_listed_twice() -> None:
    people = pa.concat_tables([tables().people, tables().people.slice(0, 1)])
    task = build(tables(people=people), Policy())
    assert "'An' in row 5 stands more than once" in said(task)
    assert len(planned(task)) == 3


def test_a_language_that_nobody_speaks() -> None:
    villages = put(tables().villages, "language", pa.array(["Dungan", None], pa.string()))
    task = build(tables(villages=villages), Policy())
    assert "language 'Dungan': no candidate brings 'Dungan'" in said(task)
    assert len(planned(task)) == 3


def test_a_weight_below_nothing(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("no_woman: -1\n")
    policy, findings = read_policy(tmp_path / "policy.yaml")
    assert policy.no_woman == 0
    assert "policy no_woman: a weight of -1" in str(findings[0])
    (tmp_path / "policy.yaml").write_text("no_women: 1\n")
    with pytest.raises(InputError, match="unknown key 'no_women'"):
        read_policy(tmp_path / "policy.yaml")
    (tmp_path / "policy.yaml").write_text("no_woman: much\n")
    with pytest.raises(InputError, match="no_woman is 'much'; write a whole number"):
        read_policy(tmp_path / "policy.yaml")


def test_a_unit_paired_with_two_villages() -> None:
    units = put(tables().units, "paired_villages", pa.array([["East", "West"], []], TEXTS))
    task = build(tables(units=units), Policy())
    assert "unit 'U1' is paired with more than one village" in said(task)
    assert len(planned(task)) == 3


def test_pairs_of_nobody_and_pairs_that_stand_twice() -> None:
    more = pa.table({"person": ["Nobody", "An"], "village": ["East", "East"], "points": [1, 900]})
    task = build(tables(pairs=pa.concat_tables([tables().pairs, more])), Policy())
    assert "row 6 names a person or a village that is not in the other files" in said(task)
    assert "1 pairs stand twice" in said(task)
    assert task.problem.score(plan(task.problem).pairs) < 900


def test_a_couple_of_whom_one_names_the_other() -> None:
    people = put(tables().people, "spouse", pa.array([None, "Cy", None, None], pa.string()))
    assert "names a spouse who does not name them back" in said(build(tables(people=people), Policy()))


@pytest.mark.parametrize(
    ("name", "column", "values", "message"),
    [
        ("villages", "members", [0, -1], "column 'members': row 2 is -1"),
        ("villages", "members", [0, None], "column 'members': row 2 is empty"),
        ("pairs", "points", [1, 2, 3, 4, 99_999], "column 'points': row 5 is 99999"),
        (
            "people",
            "woman",
            ["no", "no", "yes", "no"],
            "column 'woman' is string; it must hold true or false",
        ),
        (
            "people",
            "skills",
            [[1.5], [], [], []],
            "column 'skills' is list<element: double>; it must hold lists",
        ),
        (
            "people",
            "spouse",
            [[1], [], [], []],
            "column 'spouse' is list<element: int64>; it must hold whole",
        ),
        (
            "villages",
            "language",
            [1.5, None],
            "column 'language' is double; it must hold whole numbers or text",
        ),
        ("villages", "remoteness", ["far", "near"], "column 'remoteness' is string; it must hold numbers"),
    ],
)
def test_a_file_that_can_not_be_read(
    tmp_path: Path, name: str, column: str, values: list[object], message: str
) -> None:
    given = tables()
    for one in ("people", "units", "villages", "pairs"):
        table = getattr(given, one)
        pq.write_table(put(table, column, values) if one == name else table, tmp_path / f"{one}.parquet")
    with pytest.raises(InputError, match=message):
        read_tables(tmp_path)
    pq.write_table(given.people.drop_columns(["skills"]), tmp_path / "people.parquet")
    with pytest.raises(InputError, match="there is no column 'skills'"):
        read_tables(tmp_path)
    (tmp_path / "people.parquet").unlink()
    with pytest.raises(InputError, match="this file is missing"):
        read_tables(tmp_path)


def test_a_limit_without_end_is_no_limit() -> None:
    given = tables()
    free = put(given.units, "cap", [1 << 32, 1])
    assert planned(build(tables(units=free), Policy())) == planned(build(given, Policy()))


def test_ids_of_another_kind_are_the_same_ids() -> None:
    """A spouse written as text where people have numbers still counts."""
    given = tables()
    number = {"An": 1, "Bo": 2, "Cy": 3, "Di": 4}
    people = put(given.people, "person", [number[one] for one in given.people.column("person").to_pylist()])
    pairs = put(given.pairs, "person", [number[one] for one in given.pairs.column("person").to_pylist()])
    for spouse in (pa.array([None, "3", "2", None]), pa.array([None, 3, 2, None], pa.int64())):
        task = build(tables(people=put(people, "spouse", spouse), pairs=pairs), Policy())
        assert [cap.name for cap in task.problem.caps] == ["unit", "couple"]


def test_tables_without_rows_and_locks_that_are_numbers_are_refused(tmp_path: Path) -> None:
    given = tables()
    for one in ("people", "units", "villages", "pairs"):
        pq.write_table(getattr(given, one), tmp_path / f"{one}.parquet")
    previous = pa.table({"person": ["An"], "village": ["East"], "locked": [1]})
    pq.write_table(previous, tmp_path / "previous.parquet")
    with pytest.raises(InputError, match="column 'locked' is int64; it must hold true or false"):
        read_tables(tmp_path)
    pq.write_table(given.villages.slice(0, 0), tmp_path / "villages.parquet")
    with pytest.raises(InputError, match=r"villages\.parquet: there are no rows"):
        read_tables(tmp_path)


def test_a_village_of_no_county_is_planned_too() -> None:
    given = tables()
    lost = put(given.villages, "county", pa.array(["C1", None], pa.string()))
    assert planned(build(tables(villages=lost), Policy())) == planned(build(given, Policy()))
