"""The verbs for teams from end to end on files: a plan, its proof, what breaks the proof, and repairs."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from highground.cli import cli, main
from highground.methods.allocate.building import build
from highground.methods.allocate.certificate import certify
from highground.methods.allocate.folder import postings_of
from highground.methods.allocate.planning import plan
from highground.methods.allocate.policy import Policy
from highground.methods.allocate.prices import no_prices
from highground.methods.allocate.problem import SEAT
from highground.methods.allocate.repairing import repair
from highground.methods.store.publishing import sha256_of
from tests.methods.allocate.hand import tables


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["teams", *map(str, arguments)], catch_exceptions=False)


def proof(plan: Path, country: Path) -> dict[str, object]:
    return json.loads(run("certify", plan, "--in", country, "--json").output)


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("teams") / "in"
    assert run("generate", "--villages", 150, "--seed", 3, "--out", folder).exit_code == 0
    return folder


@pytest.fixture(scope="module")
def made(country: Path) -> Path:
    out = country.parent / "plan"
    assert run("plan", "--in", country, "--out", out).exit_code == 0
    return out


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "copy"))


def rewrite(plan: Path, table: pa.Table) -> None:
    """Change the postings and claim that it was always so."""
    pq.write_table(table, plan / "plan.parquet")
    manifest = json.loads((plan / "manifest.json").read_text())
    manifest["plan"] = sha256_of(plan / "plan.parquet")
    (plan / "manifest.json").write_text(json.dumps(manifest))


def test_a_plan_is_proven_and_made_alike_twice(country: Path, made: Path, tmp_path: Path) -> None:
    told = run("certify", made, "--in", country)
    assert told.exit_code == 0
    assert "avoidable 0" in told.output
    shown = proof(made, country)
    assert shown["wrong"] == [] and 0 <= shown["gap"] < 0.003
    assert run("plan", "--in", country, "--out", tmp_path / "again", "--workers", 1).exit_code == 0
    for name in ("plan.parquet", "prices.parquet", "manifest.json"):
        assert (tmp_path / "again" / name).read_bytes() == (made / name).read_bytes()


def test_the_same_seed_writes_the_same_country(country: Path, tmp_path: Path) -> None:
    run("generate", "--villages", 150, "--seed", 3, "--out", tmp_path / "same")
    run("generate", "--villages", 150, "--seed", 4, "--out", tmp_path / "other")
    for name in ("people", "units", "villages", "pairs"):
        assert sha256_of(tmp_path / "same" / f"{name}.parquet") == sha256_of(country / f"{name}.parquet")
    assert sha256_of(tmp_path / "other" / "pairs.parquet") != sha256_of(country / "pairs.parquet")


def swapped(table: pa.Table) -> pa.Table:
    """The people of two rows change places."""
    people = table.column("person").to_pylist()
    people[0], people[-1] = people[-1], people[0]
    return table.set_column(0, "person", pa.array(people))


def doubled(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table.slice(0, 1)])


def promoted(table: pa.Table) -> pa.Table:
    """Every member is called first secretary."""
    return table.set_column(2, "role", pa.array(["first_secretary"] * len(table)))


def stranger(table: pa.Table) -> pa.Table:
    return table.set_column(0, "person", pc.add(table.column("person"), 1_000_000))


def shortened(table: pa.Table) -> pa.Table:
    """A posting is taken out: no rule breaks, but the claimed objective is another."""
    return table.slice(1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (swapped, "eligible pair"),
        (doubled, "one post for each person"),
        (promoted, "no more first secretary than seats"),
        (stranger, "eligible pair"),
        (shortened, "the manifest claims"),
    ],
)
def test_a_plan_that_was_tampered_with_fails(country: Path, copy: Path, change: object, said: str) -> None:
    table = pq.read_table(copy / "plan.parquet")
    rewrite(copy, change(table))  # type: ignore[operator]
    told = run("certify", copy, "--in", country)
    assert told.exit_code == 1
    assert said in told.output


@pytest.mark.parametrize("name", ["plan.parquet", "prices.parquet", "policy.yaml"])
def test_a_file_that_is_not_the_one_of_the_manifest_fails(country: Path, copy: Path, name: str) -> None:
    if name == "policy.yaml":
        (copy / name).write_text((copy / name).read_text().replace("no_woman: 60", "no_woman: 10"))
    else:
        pq.write_table(pq.read_table(copy / name).slice(1), copy / name)
    told = run("certify", copy, "--in", country)
    assert told.exit_code == 1
    assert "not what the manifest names" in told.output


def test_limits_of_units_and_couples_are_checked(country: Path, copy: Path, tmp_path: Path) -> None:
    plan = pq.read_table(copy / "plan.parquet")
    other = Path(shutil.copytree(country, tmp_path / "in"))
    people = pq.read_table(country / "people.parquet")
    first, second = plan.column("person").to_pylist()[:2]
    spouse = [
        second if one == first else first if one == second else None
        for one in people.column("person").to_pylist()
    ]
    pq.write_table(people.set_column(12, "spouse", pa.array(spouse, pa.int64())), other / "people.parquet")
    units = pq.read_table(country / "units.parquet")
    pq.write_table(units.set_column(1, "cap", pa.array([0] * len(units))), other / "units.parquet")
    wrong = " ".join(map(str, proof(copy, other)["wrong"]))  # type: ignore[call-overload]
    assert "unit limit" in wrong and "couple limit" in wrong and "input: not what" in wrong


def test_any_prices_give_a_bound_and_good_ones_a_better_one(country: Path, copy: Path) -> None:
    good = proof(copy, country)
    prices = pq.read_table(copy / "prices.parquet")
    pq.write_table(prices.filter(pc.equal(prices.column("kind"), "seat")), copy / "prices.parquet")
    free = proof(copy, country)
    assert free["objective"] == good["objective"]
    assert free["bound"] > good["bound"] >= good["objective"]  # type: ignore[operator]


def test_unreadable_input_ends_with_2(country: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "plan.parquet").write_bytes(b"no table")
    with pytest.raises(SystemExit) as ended:
        main(["teams", "certify", str(copy), "--in", str(country)])
    assert ended.value.code == 2
    assert "plan.parquet: can't be read" in capsys.readouterr().err


@pytest.mark.parametrize("mode", ["local", "resolve"])
def test_a_repair_fills_what_it_can_and_is_proven_too(
    country: Path, made: Path, tmp_path: Path, mode: str
) -> None:
    before = pq.read_table(made / "plan.parquet")
    gone = before.column("person").to_pylist()[::60]
    (tmp_path / "gone.csv").write_text("person\n" + "".join(f"{one}\n" for one in gone))
    told = run("repair", made, "--in", country, "--withdrawn", tmp_path / "gone.csv", "--out", tmp_path / "new",
               "--mode", mode)  # fmt: skip
    assert told.exit_code == 0
    assert f"withdrawn from their posts {len(gone)}" in told.output
    shown = proof(tmp_path / "new", country)
    assert shown["wrong"] == []
    after = pq.read_table(tmp_path / "new" / "plan.parquet")
    assert not set(gone) & set(after.column("person").to_pylist())
    was, now = (
        dict(zip(*(one.column(name).to_pylist() for name in ("person", "village")), strict=True))
        for one in (before, after)
    )
    moved = [one for one in was if one not in gone and now.get(one) != was[one]]
    assert f"others moved {len(moved)}" in told.output
    if mode == "local":
        assert not moved
    else:
        assert shown["avoidable_vacancies"] == 0
        assert len(moved) <= 0.05 * len(was)


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """What is said on stderr by a call that ends with 2."""
    with pytest.raises(SystemExit) as ended:
        main(["teams", *map(str, words)])
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("strange", ["abc", "7.0", "999999"])
def test_nobody_keeps_a_post_unseen_because_an_id_is_wrong(
    country: Path, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], strange: str
) -> None:
    posted = pq.read_table(made / "plan.parquet").column("person")[0]
    file = tmp_path / "gone.csv"
    file.write_text(f"person\n{posted}\n{strange}\n")
    said = refused(capsys, "repair", made, "--in", country, "--withdrawn", file, "--out", tmp_path / "new")
    assert f"gone.csv: person '{strange}' is neither among the people nor in the plan (1 such rows)" in said
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("kind", ["person", "unit", "seat"])
def test_prices_beyond_all_measure_give_a_loose_bound_and_no_false_one(
    country: Path, copy: Path, kind: str
) -> None:
    prices = pq.read_table(copy / "prices.parquet")
    mine = pc.equal(prices.column("kind"), kind)
    huge = pc.if_else(mine, pa.scalar(1 << 61, pa.int64()), prices.column("price"))
    pq.write_table(prices.set_column(2, "price", huge), copy / "prices.parquet")
    shown = proof(copy, country)
    assert shown["bound"] >= shown["objective"]  # type: ignore[operator]


def test_prices_that_are_none_and_a_plan_that_breaks_rules_are_refused(
    country: Path, copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    postings = pq.read_table(copy / "plan.parquet")
    file = tmp_path / "gone.csv"
    file.write_text(f"person\n{postings.column('person')[0]}\n")
    last = postings.slice(len(postings) - 1)
    rewrite(copy, pa.concat_tables([postings, last]))
    said = refused(capsys, "repair", copy, "--in", country, "--withdrawn", file, "--out", tmp_path / "new")
    assert "breaks a rule of this input" in said
    prices = pq.read_table(copy / "prices.parquet")
    empty = pa.array([None] * len(prices), pa.int64())
    pq.write_table(prices.set_column(2, "price", empty), copy / "prices.parquet")
    assert "column 'price': row 1 is empty" in refused(capsys, "certify", copy, "--in", country)


def put(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(column), column, values)


@pytest.mark.parametrize(
    ("name", "column", "value", "said"),
    [
        (
            "plan",
            "person",
            [1],
            "column 'person' is list<element: int64>; it must hold whole numbers or text",
        ),
        ("plan", "village", b"\xff", "column 'village' is binary"),
        ("plan", "role", {"a": 1}, "column 'role' is struct<a: int64>; it must hold text"),
        ("plan", "locked", "no", "column 'locked' is string; it must hold true or false"),
        ("plan", "person", None, "column 'person': row 1 is empty"),
        ("prices", "kind", 3, "column 'kind' is int64; it must hold text"),
        ("prices", "id", [1], "column 'id' is list<element: int64>"),
        ("prices", "price", 1.5, "column 'price' is double; it must hold whole numbers"),
    ],
)
def test_columns_that_hold_something_else_are_told_and_end_with_2(
    country: Path,
    copy: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    column: str,
    value: object,
    said: str,
) -> None:
    table = pq.read_table(copy / f"{name}.parquet")
    kind = table.schema.field(column).type if value is None else None
    pq.write_table(put(table, column, pa.array([value] * len(table), kind)), copy / f"{name}.parquet")
    assert said in refused(capsys, "certify", copy, "--in", country)


def test_what_is_missing_or_no_file_at_all_ends_with_2(
    country: Path, copy: Path, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = {one.name: one.read_bytes() for one in made.iterdir()}
    table = pq.read_table(made / "plan.parquet").drop_columns(["locked"])
    limit = csv.field_size_limit(1_000)
    for name, content, said in (
        ("manifest.json", b"[" * 100_000, "manifest.json: can't be read"),
        ("manifest.json", b'{"seed": "x"}', "manifest.json: 'seed' must be a whole number"),
        ("withdrawn.csv", b"person\n" + b"1" * 2_000, "withdrawn.csv: can't be read"),
        ("plan.parquet", table, "plan.parquet: there is no column 'locked'"),
    ):
        if isinstance(content, bytes):
            (copy / name).write_bytes(content)
        else:
            pq.write_table(content, copy / name)
        assert said in refused(capsys, "certify", copy, "--in", country)
        (copy / name).unlink()
        if name in kept:
            (copy / name).write_bytes(kept[name])
    csv.field_size_limit(limit)


def test_a_policy_that_is_emptied_and_a_count_that_is_forged_are_seen(country: Path, copy: Path) -> None:
    (copy / "policy.yaml").write_text("")
    assert proof(copy, country)["wrong"] == ["policy: not what the manifest names"]
    manifest = json.loads((copy / "manifest.json").read_text())
    filled = manifest["filled"]
    (copy / "manifest.json").write_text(json.dumps(manifest | {"filled": filled + 1}))
    told = proof(copy, country)["wrong"]
    assert f"filled: {filled}, but the manifest claims {filled + 1}" in told  # type: ignore[operator]


def test_a_lock_that_gave_way_does_not_come_to_hold_when_the_other_withdraws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cy and Di are both locked to West, whose one seat for a member Cy gets; Cy withdraws, and Di is posted already."""
    previous = pa.table({"person": ["Cy", "Di"], "village": ["West", "West"], "locked": [True, True]})
    given = tables(previous=previous)
    east = pa.table({"person": ["Di"], "village": ["East"], "points": [100]})
    villages = put(given.villages, "members", pa.array([1, 1]))
    units = put(given.units, "cap", pa.array([2, 2]))
    (tmp_path / "in").mkdir()
    for name, table in (
        ("people", given.people), ("units", units), ("villages", villages), ("previous", previous),
        ("pairs", pa.concat_tables([given.pairs, east])),
    ):  # fmt: skip
        pq.write_table(table, tmp_path / "in" / f"{name}.parquet")
    made, gone = tmp_path / "plan", tmp_path / "gone.csv"
    gone.write_text("person\nCy\n")
    assert (
        "can't hold beside the locks before it" in run("plan", "--in", tmp_path / "in", "--out", made).output
    )
    for mode in ("local", "resolve"):
        words = ("repair", made, "--in", tmp_path / "in", "--withdrawn", gone, "--mode", mode)
        assert run(*words, "--out", tmp_path / mode).exit_code == 0
        assert proof(tmp_path / mode, tmp_path / "in")["wrong"] == []
    where = {
        row["person"]: row["village"]
        for row in pq.read_table(tmp_path / "local" / "plan.parquet").to_pylist()
    }
    assert where["Di"] == "East"
    other = pa.table({"person": ["Di"], "village": ["West"], "locked": [True]})
    pq.write_table(other, tmp_path / "in" / "previous.parquet")
    words = ("repair", made, "--in", tmp_path / "in", "--withdrawn", gone, "--out", tmp_path / "new")
    assert "locks a posting that the plan does not have" in refused(capsys, *words)


def test_weigh_takes_villages_of_no_county_and_of_unknown_remoteness(country: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(country, tmp_path / "in"))
    villages = pq.read_table(country / "villages.parquet")
    half = len(villages) // 2
    for column in ("county", "remoteness"):
        known = villages.column(column).slice(half).to_pylist()
        villages = put(villages, column, pa.array([None] * half + known, villages.schema.field(column).type))
    pq.write_table(villages, other / "villages.parquet")
    assert run("plan", "--in", other, "--out", tmp_path / "plan").exit_code == 0
    told = json.loads(run("weigh", tmp_path / "plan", "--in", other, "--json").output)
    assert "" in {one["county"] for one in told["counties"]} and told["remote"] > 0


def test_the_proof_stays_tight_where_a_repair_leaves_seats_open() -> None:
    """Bo was the only other one who may lead: a seat stays open, and the bound charges for it once and not again."""
    before = build(tables(), Policy())
    made = plan(before.problem)
    task = build(tables(), Policy(), withdrawn=pa.array(["Bo"]))
    rows = postings_of(before, made.pairs)
    kept = task.pairs_of(rows.column("person"), rows.column("village"))
    mended = repair(task, kept[kept >= 0], no_prices(task.problem), local=True)
    shown = certify(task, postings_of(task, mended.plan.pairs), mended.plan.prices)
    assert (shown.vacancies, shown.avoidable, shown.broken) == (1, 0, ())
    assert 0 <= shown.bound - shown.objective < 1000 < SEAT
