"""Published tables: EU-SILC as the R packages convey and survey give it, eSwatini as mpitb and survey do."""

from __future__ import annotations

from pathlib import Path

import pytest

from highground.methods.impact.surveys import ESWATINI, EUSILC, FILES, Pair, pairs_of
from highground.methods.poverty import Design, inequality, poverty

SHARED = Path(__file__).resolve().parents[4] / "shared"


def published(source: str) -> list[Pair]:
    """The pairs of a table, each checked: estimates to 1e-10, standard errors to 1e-9."""
    survey, table = SHARED / "data" / FILES[source][0], SHARED / "reference" / FILES[source][1]
    for path in (survey, table):
        if not path.is_file():
            pytest.skip(f"{path} is not there: the reference tables are not part of the project")
    pairs = pairs_of(source, survey, table)
    for row, found in pairs:
        assert found["estimate"] == pytest.approx(float(row["estimate"]), abs=1e-10), row
        assert found["se"] == pytest.approx(float(row["se"]), abs=1e-9), row
    return pairs


def test_eusilc() -> None:
    assert len(published(EUSILC)) == 43
    survey = Design(SHARED / "data" / FILES[EUSILC][0], weight="rb050", strata="db040", psu="db030")
    line = poverty(survey, "eqIncome", measures=["arpr", "arpt"]).rows()[-1]
    assert line["measure"] == "arpt"
    assert line["estimate"] == pytest.approx(10859.236, abs=1e-3)
    assert line["se"] == pytest.approx(87.947085736, abs=1e-8)
    laeken = inequality(survey, "eqIncome", ["gini"], convention="sample").rows()[0]
    assert laeken["estimate"] == pytest.approx(0.2648962, abs=1e-7)


def test_eswatini() -> None:
    pairs = published(ESWATINI)
    assert len(pairs) == 21 and all(found["n_psu"] <= 347 for _row, found in pairs)
