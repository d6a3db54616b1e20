"""`highground impact`: published results by command, and a panel of one's own from a file."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from highground.methods.impact import ImpactError
from highground.methods.impact import published as published_module
from highground.methods.impact.commands import impact
from highground.methods.impact.published import TOBACCO, tobacco

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def test_published_handbook_tobacco_progresa_eusilc_eswatini() -> None:
    if not DATA.is_dir():
        pytest.skip(f"{DATA} is not there: the data of published studies are not part of the project")
    done = CliRunner().invoke(
        impact, ["published", "--data", str(DATA), "--tables", str(DATA.parent / "reference"), "--json"]
    )
    told = json.loads(done.stdout)
    assert done.exit_code == 0 and told["left_out"] == []
    assert len(told["figures"]) == 19 and all(row["agrees"] for row in told["figures"])
    assert {row["source"].partition(":")[0] for row in told["figures"]} == {
        "handbook",
        "tobacco",
        "progresa",
        "eusilc",
        "eswatini",
    }


def test_published_without_data(tmp_path: Path) -> None:
    done = CliRunner().invoke(impact, ["published", "--data", str(tmp_path)])
    assert done.exit_code == 0 and TOBACCO in done.stdout and "-15.604" in done.stdout
    assert f"left out: progresa: {tmp_path} has no progresa_children_1997_1999.dta" in done.stderr


def test_a_figure_that_differs_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = published_module.Published("x", "y", 1.0, 2.0, 0.5)
    monkeypatch.setattr(published_module, "FILES", {})
    monkeypatch.setattr(published_module, "_STUDIES", [("x", (), lambda: iter([wrong]))])
    done = CliRunner().invoke(impact, ["published"])
    assert done.exit_code == 1 and "DIFFERS by more than 0.5" in done.stdout


@pytest.fixture
def panel(tmp_path: Path) -> Path:
    pq.write_table(pa.table(tobacco()), tmp_path / "panel.parquet")
    return tmp_path / "panel.parquet"


COLUMNS = ["--outcome", "outcome", "--unit", "units", "--time", "times", "--treated", "treated"]


def test_tobacco_from_a_file(panel: Path) -> None:
    done = CliRunner().invoke(impact, ["synthetic", str(panel), *COLUMNS])
    assert "synthetic difference in differences: -15.60" in done.output
    assert "1 of 39 units treated, 19 times before, 12 after" in done.output
    done = CliRunner().invoke(
        impact, ["synthetic", str(panel), *COLUMNS, "--method", "did", "--placebos", "--json"]
    )
    told = json.loads(done.output)
    assert told["effect"] == pytest.approx(-27.349, abs=0.001) and told["p"] >= told["smallest_p"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unit,year,y\na,1,2\n", r"has no column 'treated'; it has unit, year, y"),
        ("unit,year,y,treated\na,1,two,0\n", r"column y: this is string; give numbers"),
        ("unit,year,y,treated\na,1,2,0\n,2,3,0\nb,,3,1\n", r"column year: row 4 is empty"),
        ("unit,year,y,treated\na,1,2,0\na,2,3,\n", r"column treated: row 3 is empty; give 0 or 1"),
        ("unit,year\na,1,2\n", r"give a CSV or Parquet file"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "panel.csv"
    file.write_text(text)
    done = CliRunner().invoke(
        impact, ["synthetic", str(file), "--outcome", "y", "--unit", "unit", "--time", "year", "--treated", "treated"]
    )  # fmt: skip
    assert isinstance(done.exception, ImpactError) and said in str(done.exception)
