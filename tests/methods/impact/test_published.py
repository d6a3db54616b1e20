"""Published results: the Handbook on Impact Evaluation (Bangladesh) and Progresa; the data are not part of the project."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from highground.methods.impact import (
    difference_in_differences,
    discontinuity,
    least_squares,
    minimum_detectable_effect,
    placebo_rejections,
    village_changes,
    wild_bootstrap,
)

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"


def table_of(name: str) -> pd.DataFrame:
    path = DATA / name
    if not path.is_file():
        pytest.skip(f"{path} is not there: the data of published studies are not part of the project")
    frame = pd.read_stata(path, convert_categoricals=False)
    if "thanaid" in frame:
        frame["village"] = frame["thanaid"].astype(int) * 10 + frame["villid"]
        frame["spending"] = np.log(1 + frame["exptot"])
    return frame


@pytest.fixture(scope="module")
def waves() -> pd.DataFrame:
    frame = table_of("bangladesh_hh_9198.dta")
    frame["borrowed"] = frame["dfmfd"].where(frame["year"] == 1).groupby(frame["nh"]).transform("max")
    return frame


def test_handbook_placement() -> None:
    frame = table_of("bangladesh_hh_98.dta")
    placed = frame.groupby("village")["dfmfd"].transform("max")
    effect, error = least_squares(frame["spending"], {"placed": placed})["placed"]
    assert effect == pytest.approx(0.130, abs=0.0005) and error == pytest.approx(0.0646, abs=0.0001)


def test_handbook_difference_in_differences(waves: pd.DataFrame) -> None:
    found = difference_in_differences(waves["spending"], waves["borrowed"], waves["year"])
    assert found.effect == pytest.approx(0.1114, abs=0.0001) and found.t == pytest.approx(2.47, abs=0.005)
    within = difference_in_differences(
        waves["spending"], waves["borrowed"], waves["year"], households=waves["nh"], clustered=False
    )
    assert within.effect == pytest.approx(found.effect, abs=1e-10)
    assert within.standard_error == pytest.approx(0.0361, abs=0.0001)


def test_handbook_with_covariates_and_weights(waves: pd.DataFrame) -> None:
    names = ["sexhead", "agehead", "educhead", "vaccess", "pcirr", "rice", "wheat", "milk", "oil", "egg"]
    controls = {name: waves[name] for name in names} | {"land": np.log(1 + waves["hhland"] / 100)}
    found = difference_in_differences(
        waves["spending"], waves["borrowed"], waves["year"], controls=controls, weights=waves["weight"]
    )
    assert found.effect == pytest.approx(0.0515, abs=0.0001) and found.t == pytest.approx(0.97, abs=0.005)


def test_handbook_by_village(waves: pd.DataFrame) -> None:
    found = difference_in_differences(
        waves["spending"], waves["borrowed"], waves["year"], villages=waves["village"]
    )
    assert found.standard_error == pytest.approx(0.0396, abs=0.0001) and found.villages == 87
    assert not found.claims and "82 treated and 5 other villages" in found.warning
    columns = {
        "after": waves["year"],
        "treated": waves["borrowed"],
        "both": waves["year"] * waves["borrowed"],
    }
    assert wild_bootstrap(waves["spending"], columns, "both", waves["village"]) == pytest.approx(
        0.006, abs=0.003
    )


def test_handbook_villages_as_placebos(waves: pd.DataFrame) -> None:
    changes = list(village_changes(waves["spending"], waves["year"], waves["village"]).values())
    spread = float(np.std(changes, ddof=1))
    for others, effect in ((6, 0.43), (12, 0.37), (30, 0.32)):
        assert minimum_detectable_effect(spread, 6, others, normal=True) == pytest.approx(effect, abs=0.03)
        assert minimum_detectable_effect(spread, 6, others) > minimum_detectable_effect(
            spread, 6, others, normal=True
        )
        assert 0.02 < placebo_rejections(changes, 6, others, draws=500) < 0.08


def test_progresa_enrolment() -> None:
    frame = table_of("progresa_children_1997_1999.dta")
    poor = frame[(frame["pov_HH"] == 1) & frame["year"].isin([1997, 1998]) & frame["enroll_child"].notna()]
    assigned = poor[poor["D_assig"].notna()]
    treated = assigned.groupby("villid")["D_assig"].transform("max")
    found = difference_in_differences(
        assigned["enroll_child"], treated, assigned["year"] == 1998, villages=assigned["villid"]
    )
    assert (found.n, found.claims) == (14_177, True)
    assert found.effect == pytest.approx(0.0757, abs=0.0001)
    assert found.standard_error == pytest.approx(0.0153, abs=0.0001)


RDROBUST = {
    40: {
        "jump": (-0.005519132356606449, 0.054457263337809765, 0.056676690506895014),
        "robust": (0.058498243622153834, 0.07943361106854556, 0.07842806818533266),
    },
    80: {
        "jump": (-0.03970405615514028, 0.0392794478745782, 0.0446114625228655),
        "robust": (-0.004712956520521672, 0.05682568085779455, 0.05881797071291756),
    },
}
"""By bandwidth: the jump, its HC1 error, and that by villages."""


@pytest.mark.parametrize("bandwidth", list(RDROBUST))
def test_progresa_discontinuity(bandwidth: int) -> None:
    """As rdrobust 2.1.1 gives it with h = b, triangular kernel, without regard to mass points."""
    jump, error, by_village = RDROBUST[bandwidth]["jump"]
    robust, robust_error, robust_by_village = RDROBUST[bandwidth]["robust"]
    frame = table_of("progresa_children_1997_1999.dta")
    rows = frame[
        (frame["year"] == 1999) & (frame["D_assig"] == 1) & frame["enroll_child"].notna() & frame["z"].notna()
    ]
    found = discontinuity(rows["enroll_child"], rows["z"], cutoff=0, bandwidth=bandwidth)
    assert (found.jump, found.error) == (pytest.approx(jump, abs=1e-9), pytest.approx(error, abs=1e-9))
    assert (found.robust_jump, found.robust_error) == (
        pytest.approx(robust, abs=1e-9),
        pytest.approx(robust_error, abs=1e-9),
    )
    villages = discontinuity(
        rows["enroll_child"], rows["z"], cutoff=0, bandwidth=bandwidth, clusters=rows["villid"].to_numpy()
    )
    assert villages.error == pytest.approx(by_village, abs=1e-9)
    assert villages.robust_error == pytest.approx(robust_by_village, abs=1e-9)
