"""Published tables: EU-SILC as the R packages convey and survey give it, eSwatini as mpitb and survey do."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.csv
import pytest

from highground.methods.poverty import Design, Estimates, inequality, mpi, poverty, relative

SHARED = Path(__file__).resolve().parents[4] / "shared"
EUSILC, CONVEY = SHARED / "data/eusilc_synthetic_laeken.csv", SHARED / "reference/eusilc_convey_laeken.csv"
ESWATINI, MPITB = SHARED / "data/eswatini_mics2014_mpi.csv", SHARED / "reference/eswatini_mpi_k033.csv"
LINES: dict[str, Any] = {
    "abs z=10000": 10_000,
    "relq 0.6*median": relative(0.6, "median"),
    "relm 0.6*mean": relative(0.6, "mean"),
}
WEIGHTS = {"Nutrition": 1 / 3, "School": 1 / 3, "Water": 1 / 6, "Assets": 1 / 6}


def table_of(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        pytest.skip(f"{path} is not there: the reference tables are not part of the project")
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def asked(survey: Design, row: dict[str, str]) -> Estimates:
    line, _, _ = row["parameter"].partition(" db040=")
    by = ["db040"] if "db040=" in row["parameter"] else []
    match row["measure"]:
        case "Gini" | "QSR":
            return inequality(survey, "eqIncome", [row["measure"].lower()])
        case "GEI":
            return inequality(survey, "eqIncome", ["ge" + row["parameter"].removeprefix("epsilon=")])
        case "ARPR":
            return poverty(survey, "eqIncome", measures=["arpr"])
        case measure:
            return poverty(survey, "eqIncome", line=LINES[line], measures=[measure.lower()], by=by)


def test_eusilc() -> None:
    expected = table_of(CONVEY)
    table = pyarrow.csv.read_csv(EUSILC)
    surveys = {psu: Design(table, weight="rb050", strata="db040", psu=psu) for psu in ("db030", "rb030")}
    for row in expected:
        survey = surveys["db030" if "db030" in row["design"] else "rb030"]
        region = row["parameter"].partition("db040=")[2]
        (found,) = (one for one in asked(survey, row).rows() if one.get("db040", "") == region)
        assert found["estimate"] == pytest.approx(float(row["estimate"]), abs=1e-10), row
        assert found["se"] == pytest.approx(float(row["se"]), abs=1e-9), row
    line = poverty(surveys["db030"], "eqIncome", measures=["arpt"]).rows()[0]
    assert line["estimate"] == pytest.approx(10859.236, abs=1e-3)
    assert line["se"] == pytest.approx(87.947085736, abs=1e-8)
    laeken = inequality(surveys["db030"], "eqIncome", ["gini"], convention="sample").rows()[0]
    assert laeken["estimate"] == pytest.approx(0.2648962, abs=1e-7)
    assert len(expected) == 43


def test_eswatini() -> None:
    expected = table_of(MPITB)
    survey = Design(ESWATINI, weight="Weight", strata="Strata", psu="PSU")
    for row, found in _matched(survey, expected):
        assert found["estimate"] == pytest.approx(float(row["estimate"]), abs=1e-10), row
        assert found["se"] == pytest.approx(float(row["se"]), abs=1e-9), row
        assert found["n_psu"] <= 347
    assert len(expected) == 21


def _matched(
    survey: Design, expected: list[dict[str, str]]
) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    for row in expected:
        part = re.fullmatch(r"(H|M0) (Region|Area)=(.*)", row["measure"])
        measure = part[1] if part else row["measure"].replace(" headcount", "")
        found = mpi(survey, WEIGHTS, k=1 / 3, by=[part[2]] if part else []).rows()
        (one,) = (
            one for one in found if one["measure"] == measure and (part is None or one[part[2]] == part[3])
        )
        yield row, one
