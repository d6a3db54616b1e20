"""The verbs for teams from end to end on files: a plan, its proof, what breaks the proof, and repairs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from highground.cli import cli, main
from highground.methods.store.publishing import sha256_of


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
