"""A country by its commands alone: made, landed, run, checked, and a county of it handed to its office."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from highground.cli import cli
from highground.methods.rules import load_rulebook
from highground.methods.screening import screen
from highground.methods.screening.nation.running import latest_run
from highground.methods.store import Store
from highground.methods.store.layout import MANIFEST
from highground.methods.store.publishing import read_json
from tests.methods.screening.nation.small import found
from tests.methods.screening.nation.test_agreement import by_screen

KEPT = ("CN-NX", "CN-XZ")
"""Two small provinces of thirty-one: a country has three thousand files of feeds, and the commands are the same."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small synthetic country in `country`."""
    folder = tmp_path_factory.mktemp("nation")
    call(folder, "world", "generate", "--households", 30_000, "--months", 2, "--out", folder / "country")
    for path in (folder / "country").glob("*/*/*"):
        if path.name.removesuffix(".parquet") not in KEPT and "register" in str(path):
            shutil.rmtree(path)
    for path in (folder / "country" / "feeds").glob("*/*/*.parquet"):
        if path.stem not in KEPT:
            path.unlink()
    return folder


def call(folder: Path, *words: object) -> Result:
    """A command with its store in the folder."""
    result = CliRunner().invoke(cli, [str(word) for word in words], env={"HIGHGROUND_HOME": str(folder)})
    assert result.exit_code == 0, result.output
    return result


def test_from_landing_to_the_office_of_a_county(home: Path) -> None:
    call(home, "feed", "use", "demo-nation")
    call(home, "feed", "persons", home / "country/register/2026-11")
    landed = call(home, "feed", "land", home / "country/feeds", "--today", "2026-11-30").output
    assert "rows landed" in landed
    for month, day in (("2026-10", "2026-10-31"), ("2026-11", "2026-11-30")):
        said = call(
            home, "register", "land", home / "country/register" / month, "--month", month, "--as-of", day
        ).output
        assert f"{month}: " in said and "in 2 provinces landed" in said
        call(home, "run", "start", "--rulebook", "demo-nation", "--as-of", day)
    assert "2026-11  as of 2026-11-30" in call(home, "register", "list").output
    store = Store(home / "store")
    run = latest_run(store, "demo-nation")
    assert run is not None and run in call(home, "run", "list").output
    summary = json.loads(call(home, "run", "show", run, "--json").output)
    assert summary["previous"] and sum(summary["verdicts"].values()) == summary["households"]
    assert f"{run}: holds" in call(home, "run", "verify", run).output
    assert "the same content" in call(home, "run", "replay", run).output

    manifest = read_json(store.run(run) / MANIFEST)
    rows = found(store, manifest)
    county = pq.read_table(next(store.run(run).glob("CN-NX/flagged.parquet")))["county"][0].as_py()
    call(home, "run", "snapshot", run, "--county", county, "--out", home / "county")
    households, members = (home / "county" / f"{name}.parquet" for name in ("households", "members"))
    there = set(pq.read_table(households)["household"].to_pylist())
    seen = screen(
        load_rulebook("demo-nation"),
        households=households,
        members=members,
        as_of="2026-11-30",
        ranks=manifest["ranks"],
        from_empty=True,
    )
    names = [name for name in rows[0] if name not in ("held", "stale")]
    of_run = [
        {name: row[name] for name in names}
        for row in rows
        if row["household"] in there and (row["class_verdict"] != "no" or row["fired"] or row["undecided"])
    ]
    assert of_run and of_run == [{name: row[name] for name in names} for row in by_screen(seen)]
    one = of_run[0]["household"]
    assert one in call(home, "run", "show", run, "--household", one).output
    a_cut_off_month_is_named(home)
    what_is_past_its_retention_speaks_against_no_run(home, run)


def a_cut_off_month_is_named(home: Path) -> None:
    path = max(home.glob("store/feeds/*/months/2026-11/*.parquet"))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    words = ["run", "start", "--rulebook", "demo-nation", "--as-of", "2026-11-29"]
    refused = CliRunner().invoke(cli, words, env={"HIGHGROUND_HOME": str(home)})
    assert refused.exit_code == 1
    assert f"{path}: is cut off or damaged; restore it from a backup" in str(refused.exception)
    path.write_bytes(whole)


def what_is_past_its_retention_speaks_against_no_run(home: Path, run: str) -> None:
    before = len(list((home / "store/feeds").glob("*/months/*/*.parquet")))
    call(home, "feed", "retain", "--today", "2040-01-01")
    assert len(list((home / "store/feeds").glob("*/months/*/*.parquet"))) < before
    verified = call(home, "run", "verify", run).output
    assert f"{run}: holds" in verified and "no longer kept (past retention)" in verified
