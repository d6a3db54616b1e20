"""Choosing on files: measures under budgets, visitors for visits."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from highground.cli import cli, say
from highground.methods.allocate.arrays import InputError


def run(*words: object) -> str:
    done = CliRunner().invoke(cli, [str(one) for one in words])
    if isinstance(done.exception, InputError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_measures_under_budgets(tmp_path: Path) -> None:
    (tmp_path / "options.csv").write_text(
        "household,measure,county,value,cost\n001,loan,0510,50,400\n001,roof,0510,80,900\n002,roof,0510,70,900\n003,loan,0520,9,1\n"
    )
    (tmp_path / "budgets.csv").write_text("county,budget\n0510,1300\n0530,5\n")
    files = (tmp_path / "options.csv", tmp_path / "budgets.csv")
    told = run("choose", "measures", *files, "--out", tmp_path / "out")
    assert told.startswith("2 households   objective 120 ")
    assert "note: budgets: county '0520' has no budget (1 rows)" in told
    chosen = (tmp_path / "out" / "chosen.csv").read_text().splitlines()
    assert chosen[1:] == ['"001","loan","0510",50,400', '"002","roof","0510",70,900']
    prices = (tmp_path / "out" / "prices.csv").read_text().splitlines()
    assert prices[0] == '"county","budget","price","spent","households"'
    assert prices[1].startswith('"0510",1300,') and prices[1].endswith(",1300,2")
    assert prices[2] == '"0530",5,0,0,0'
    with pytest.raises(InputError, match="already holds files"):
        run("choose", "measures", *files, "--out", tmp_path / "out")
    (tmp_path / "options.csv").write_text("household,measure,county,value,cost\n1,loan,0510,50,-4\n")
    with pytest.raises(InputError, match=r"options\.csv: column 'cost': row 1 is below 0") as caught:
        run("choose", "measures", *files, "--out", tmp_path / "new")
    assert say(caught.value) and not (tmp_path / "new").exists()


def test_visitors_for_visits(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").write_text(
        "visit,due,rank\n007,2026-03-09,0\n008,2026-03-09,1\n009,,0\n010,,0\n"
    )
    (tmp_path / "ways.csv").write_text("visit,visitor,minutes\n007,An,40\n008,An,5\n009,An,10\n009,Bo,20\n")
    (tmp_path / "days.csv").write_text(
        "visitor,day,capacity\nAn,2026-03-09,1\nAn,2026-03-10,1\nBo,2026-03-09,3\n"
    )
    files = [tmp_path / f"{one}.csv" for one in ("visits", "ways", "days")]
    told = run("choose", "visitors", *files, "--out", tmp_path / "out")
    assert told.startswith("3 of 4 visits, 1 of them too late ") and "gap 0.0000%" in told
    assert "note: visits: nobody may make '010' (1 visits)" in told
    assert (tmp_path / "out" / "chosen.csv").read_text().splitlines()[1:] == [
        '"007","An",2026-03-09,40,true', '"008","An",2026-03-10,5,false', '"009","Bo",2026-03-09,20,',
    ]  # fmt: skip
    (tmp_path / "ways.csv").write_text("visit,visitor\n007,An\n")
    with pytest.raises(InputError, match=r"ways\.csv: there is no column 'minutes'"):
        run("choose", "visitors", *files, "--out", tmp_path / "new")
    (tmp_path / "days.csv").unlink()
    with pytest.raises(InputError, match=r"days\.csv: can't be read"):
        run("choose", "visitors", *files, "--out", tmp_path / "new")
