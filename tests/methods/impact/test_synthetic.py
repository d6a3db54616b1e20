"""Synthetic control and synthetic difference in differences: the published study of California's tobacco programme, the
weights found again by another solver, and what is refused."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from highground.methods.impact import ImpactError, synthetic
from highground.methods.impact.published import tobacco

UNITS, TIMES, BEFORE = 9, 8, 5
TIME = [2000 + one % TIMES for one in range(UNITS * TIMES)]


@pytest.mark.parametrize(("method", "effect"), [("sdid", -15.60), ("sc", -19.62), ("did", -27.35)])
def test_tobacco(method: str, effect: float) -> None:
    """Arkhangelsky and others 2021, table 1; 39 states, 1970 to 2000, California's programme from 1989 on."""
    panel = tobacco()
    found = synthetic(**panel, method=method)
    assert found.effect == pytest.approx(effect, abs=0.05)
    assert (found.units, found.treated_units, found.before, found.after) == (39, 1, 19, 12)
    assert found.p is None and found.smallest_p == pytest.approx(1 / 39)
    if method == "sc":
        assert list(found.weights)[:4] == ["Utah", "Montana", "Nevada", "Connecticut"]


def invented(treated: int = 1) -> dict[str, Any]:
    """A panel of nine units and eight times, the last units treated from the sixth time on."""
    chance = np.random.default_rng(treated)
    y = chance.normal(0, 1, (UNITS, 1)) + np.cumsum(chance.normal(0, 0.4, (UNITS, TIMES)), axis=1)
    unit, time = np.divmod(np.arange(UNITS * TIMES), TIMES)
    return {
        "outcome": y.ravel(),
        "units": [f"u{one}" for one in unit],
        "times": TIME,
        "treated": (unit >= UNITS - treated) & (time >= BEFORE),
    }


def on_simplex(matrix: Any, aim: Any, ridge: float, intercept: bool) -> Any:
    """The weights that bring the columns of a matrix nearest to an aim, by scipy's SLSQP."""
    if intercept:
        matrix, aim = matrix - matrix.mean(axis=0), aim - aim.mean()
    size = matrix.shape[1]
    found = minimize(
        lambda w: ((matrix @ w - aim) ** 2).sum() / len(aim) + ridge * (w @ w),
        np.full(size, 1 / size),
        jac=lambda w: 2 * matrix.T @ (matrix @ w - aim) / len(aim) + 2 * ridge * w,
        bounds=[(0, 1)] * size,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"maxiter": 2_000, "ftol": 1e-14},
    )
    return found.x


@pytest.mark.parametrize("treated", [1, 2])
def test_weights_by_another_solver(treated: int) -> None:
    """The two convex problems of the paper's section I, solved by SLSQP; both solvers stop a little before the end."""
    panel = invented(treated)
    y = panel["outcome"].reshape(UNITS, TIMES)
    others = UNITS - treated
    old, mine = y[:others, :BEFORE], y[others:].mean(axis=0)
    noise = np.diff(old, axis=1).std(ddof=1)
    ridge = ((treated * (TIMES - BEFORE)) ** 0.25 * noise) ** 2
    omega = on_simplex(old.T, mine[:BEFORE], ridge, intercept=True)
    late = y[:others, BEFORE:].mean(axis=1)
    moments = on_simplex(old, late, (1e-6 * noise) ** 2, intercept=True)
    by_hand = (mine[BEFORE:].mean() - mine[:BEFORE] @ moments) - omega @ (late - old @ moments)
    found = synthetic(**panel)
    assert found.effect == pytest.approx(by_hand, abs=5e-3)
    assert [found.weights.get(f"u{one}", 0) for one in range(others)] == pytest.approx(omega, abs=2e-2)
    alone = on_simplex(old.T, mine[:BEFORE], (1e-6 * noise) ** 2, intercept=False)
    assert synthetic(**panel, method="sc").effect == pytest.approx(
        (mine[BEFORE:] - alone @ y[:others, BEFORE:]).mean(), abs=5e-3
    )
    change = y[:, BEFORE:].mean(axis=1) - y[:, :BEFORE].mean(axis=1)
    assert synthetic(**panel, method="did").effect == pytest.approx(
        change[others:].mean() - change[:others].mean()
    )


def test_placebos_take_every_other_for_the_treated() -> None:
    panel = invented()
    panel["outcome"] = panel["outcome"] + 6 * panel["treated"]
    found = synthetic(**panel, method="did", placebos=True)
    assert found.p == found.smallest_p == pytest.approx(1 / 9)
    still = invented()
    y = still["outcome"].reshape(UNITS, TIMES)
    change = y[:, BEFORE:].mean(axis=1) - y[:, :BEFORE].mean(axis=1)
    told = []
    for one in range(UNITS):
        rest = [other for other in range(UNITS - 1) if other != one]
        told.append(abs(change[one] - change[rest].mean()))
    assert synthetic(**still, method="did", placebos=True).p == pytest.approx(
        np.mean(np.array(told) >= told[-1] - 1e-12)
    )


def changed(**new: Any) -> dict[str, Any]:
    return {**invented(), **new}


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: synthetic(**invented(), method="scm"), "the method is one of sdid, sc, did"),
        (lambda: synthetic(**invented(2), placebos=True), "2 units are treated; placebos stand in for a single one"),
        (lambda: synthetic(**{name: values[1:] for name, values in invented().items()}), "the outcome of u0 at 2000 is missing"),
        (lambda: synthetic(**changed(times=[2000, 2000, *TIME[2:]])), "u0 at 2000 is there twice"),
        (lambda: synthetic(**changed(treated=[0] * UNITS * TIMES)), "0 of 9 units are treated"),
        (lambda: synthetic(**invented(8)), "8 of 9 units are treated"),
        (lambda: synthetic(**changed(treated=[one in (70, 71, 61) for one in range(72)])), "begin at different times, or end"),
        (lambda: synthetic(**changed(treated=[one == 69 for one in range(72)])), "begin at different times, or end"),
        (lambda: synthetic(**changed(treated=[one >= 66 for one in range(72)])), "there are 2 times before the treatment"),
        (lambda: synthetic(**changed(treated=[2] * 72)), "`treated` is 0 or 1"),
        (lambda: synthetic(**changed(treated=[1])), "different lengths"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(ask: Any, said: str) -> None:
    with pytest.raises(ImpactError) as error:
        ask()
    assert said in str(error.value)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "synthdid", None)
    with pytest.raises(ImpactError, match=r"pip install 'highground\[models\]'"):
        synthetic(**invented())
