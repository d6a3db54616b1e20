"""Published tables of poverty in surveys computed again: EU-SILC as R's convey gives it, eSwatini as mpitb does."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.csv

from highground.methods.impact.results import Published
from highground.methods.poverty import Design, Estimates, inequality, mpi, poverty, relative

EUSILC, ESWATINI = "eusilc: R packages convey and survey", "eswatini: mpitb and survey"
FILES = {
    EUSILC: ("eusilc_synthetic_laeken.csv", "eusilc_convey_laeken.csv"),
    ESWATINI: ("eswatini_mics2014_mpi.csv", "eswatini_mpi_k033.csv"),
}
"""By source the file of the survey and that of the published table."""

LINES: dict[str, Any] = {
    "abs z=10000": 10_000,
    "relq 0.6*median": relative(0.6, "median"),
    "relm 0.6*mean": relative(0.6, "mean"),
}
WEIGHTS = {"Nutrition": 1 / 3, "School": 1 / 3, "Water": 1 / 6, "Assets": 1 / 6}
Pair = tuple[dict[str, str], dict[str, Any]]


def tables_again(source: str, survey: Path, table: Path) -> Iterator[Published]:
    """The largest difference of any estimate and of any standard error from the published table."""
    pairs = pairs_of(source, survey, table)
    for column, words, within in (("estimate", "estimates", 1e-10), ("se", "standard errors", 1e-9)):
        apart = max(abs(found[column] - float(row[column])) for row, found in pairs)
        yield Published(source, f"largest difference of {len(pairs)} {words}", 0.0, apart, within)


def pairs_of(source: str, survey: Path, table: Path) -> list[Pair]:
    """Each row of the published table with the row that is found here."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return list(_eusilc(survey, rows) if source == EUSILC else _eswatini(survey, rows))


def _eusilc(file: Path, rows: list[dict[str, str]]) -> Iterator[Pair]:
    table = pyarrow.csv.read_csv(file)
    surveys = {psu: Design(table, weight="rb050", strata="db040", psu=psu) for psu in ("db030", "rb030")}
    for row in rows:
        survey = surveys["db030" if "db030" in row["design"] else "rb030"]
        region = row["parameter"].partition("db040=")[2]
        (found,) = (one for one in _asked(survey, row).rows() if one.get("db040", "") == region)
        yield row, found


def _asked(survey: Design, row: dict[str, str]) -> Estimates:
    line, _, domain = row["parameter"].partition(" db040=")
    match row["measure"]:
        case "Gini" | "QSR":
            return inequality(survey, "eqIncome", [row["measure"].lower()])
        case "GEI":
            return inequality(survey, "eqIncome", ["ge" + row["parameter"].removeprefix("epsilon=")])
        case "ARPR":
            return poverty(survey, "eqIncome", measures=["arpr"])
        case measure:
            by = ["db040"] if domain else []
            return poverty(survey, "eqIncome", line=LINES[line], measures=[measure.lower()], by=by)


def _eswatini(file: Path, rows: list[dict[str, str]]) -> Iterator[Pair]:
    survey = Design(file, weight="Weight", strata="Strata", psu="PSU")
    for row in rows:
        part = re.fullmatch(r"(H|M0) (Region|Area)=(.*)", row["measure"])
        measure = part[1] if part else row["measure"].replace(" headcount", "")
        found = mpi(survey, WEIGHTS, k=1 / 3, by=[part[2]] if part else []).rows()
        (one,) = (
            one for one in found if one["measure"] == measure and (part is None or one[part[2]] == part[3])
        )
        yield row, one
