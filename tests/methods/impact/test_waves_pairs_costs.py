"""Event study, matched pairs and cost per outcome, against their definitions, brute force and pyfixest."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import stats

from highground.methods.impact import (
    ImpactError,
    Interval,
    cost_per_outcome,
    effect_interval,
    event_study,
    least_squares,
    matched_pairs,
    randomisation_test,
    village_changes,
)


def followed() -> dict[str, Any]:
    """Twelve villages in three blocks, three households each, four waves; the treatment comes after the second."""
    rows = list(product(range(12), (2018, 2020, 2022, 2024), range(3)))
    village, wave, household = (np.array(column) for column in zip(*rows, strict=True))
    treated = village % 4 < 2
    outcome = (
        0.3 * (village % 5) + 0.01 * (wave - 2018) * (1 + household) + 0.4 * treated * (wave > 2020)
        + 0.2 * np.sin(7 * village + 3 * wave + 11 * household)
    )  # fmt: skip
    return {
        "outcome": outcome,
        "waves": wave,
        "villages": [f"v{one:02}" for one in village],
        "treated": treated,
        "blocks": village // 4,
    }


def test_event_study_is_fixed_effects_of_villages_and_waves() -> None:
    data = {**followed(), "blocks": None}
    found = event_study(**data, base=2020)
    columns = {f"w{wave}": (data["waves"] == wave).astype(float) for wave in (2018, 2022, 2024)}
    columns |= {f"e{wave}": (data["waves"] == wave) * data["treated"] * 1.0 for wave in (2018, 2022, 2024)}
    fit = least_squares(data["outcome"], columns, absorb=data["villages"])
    assert [(one.wave, one.before) for one in found.waves] == [(2018, True), (2022, False), (2024, False)]
    for one in found.waves:
        assert one.test.effect == pytest.approx(fit[f"e{one.wave}"][0], abs=1e-12)
    assert (found.villages, found.treated_villages) == (12, 6)
    assert [one.test.effect for one in found.waves] == pytest.approx(PYFIXEST, abs=1e-9)


PYFIXEST = [0.004942399445339752, 0.39379013891620746, 0.38680749016777816]
"""pyfixest 0.60.0: `outcome ~ i(waves, treated, ref=2020) | villages + waves` on the same rows."""


def test_event_study_of_each_wave_within_blocks() -> None:
    data = followed()
    found = event_study(**data, base=2020, sides="greater")
    for one in found.waves:
        rows = np.isin(data["waves"], (2020, one.wave))
        changes = village_changes(
            data["outcome"][rows],
            data["waves"][rows] == max(2020, one.wave),
            np.array(data["villages"])[rows],
        )
        sign = 1 if one.wave > 2020 else -1
        test = randomisation_test(
            [sign * change for change in changes.values()],
            [int(name[1:]) % 4 < 2 for name in changes],
            blocks=[int(name[1:]) // 4 for name in changes],
            sides="two" if one.before else "greater",
        )
        assert (one.test.effect, one.test.p) == (pytest.approx(test.effect), test.p)
        assert one.test.assignments == 216
    assert found.alike_before == found.waves[0].test.p
    assert event_study(**data, base=2018).alike_before is None


def test_matched_pairs_are_a_paired_t_and_every_change_of_sign() -> None:
    chance = np.random.default_rng(5)
    change, pairs = chance.normal(0.5, 1, 12), [f"p{one // 2}" for one in range(12)]
    treated = [one % 2 == (one // 2) % 2 for one in range(12)]
    found = matched_pairs(change, treated, pairs, sides="greater")
    mine, others = (change[[one == side for one in treated]] for side in (True, False))
    paired = stats.ttest_rel(mine, others)
    assert found.standard_error is not None
    assert found.effect / found.standard_error == pytest.approx(paired.statistic) and found.df == paired.df
    differences = mine - others
    told = [np.mean(differences * signs) for signs in product((1, -1), repeat=6)]
    assert found.test.p == pytest.approx(np.mean(np.array(told) >= differences.mean() - 1e-12))
    assert (found.test.assignments, found.test.smallest_p) == (64, pytest.approx(1 / 64))
    assert list(found.differences.values()) == pytest.approx(differences)
    assert matched_pairs([1, 3], [False, True], "aa").standard_error is None


def test_an_interval_holds_the_effects_that_no_test_rejects() -> None:
    chance = np.random.default_rng(2)
    treated, blocks = np.array([1, 1, 0, 0] * 3, bool), np.repeat([0, 1, 2], 4)
    change = chance.normal(0, 1, 12) + 2 * treated
    found = effect_interval(change, treated, blocks=blocks, share=0.9)
    for end, inside, sides in ((found.low, 1e-6, "greater"), (found.high, -1e-6, "less")):
        within, beyond = (
            randomisation_test(change - effect * treated, treated, blocks=blocks, sides=sides).p
            for effect in (end + inside, end - inside)
        )
        assert beyond <= 0.05 < within
    many = chance.normal(0, 1, 40) + 2 * (np.arange(40) < 15)
    drawn = effect_interval(many, np.arange(40) < 15)
    student = stats.ttest_ind(many[:15], many[15:]).confidence_interval(0.9)
    assert (drawn.low, drawn.high) == (
        pytest.approx(student.low, abs=0.15),
        pytest.approx(student.high, abs=0.15),
    )


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    chance = np.random.default_rng(8)
    treated, blocks = np.array([1, 1, 0, 0] * 3, bool), np.repeat([0, 1, 2], 4)
    held = 0
    for _ in range(300):
        found = effect_interval(chance.normal(0, 1, 12) + 1.5 * treated, treated, blocks=blocks)
        held += found.low <= 1.5 <= found.high
    assert 0.86 < held / 300 < 0.96


def test_cost_per_outcome() -> None:
    found = cost_per_outcome({"LAK": 9_000_000.0}, 300.0, Interval(150.0, 450.0, 0.9), 60)
    assert (found.cost, found.least, found.most) == (500.0, pytest.approx(9_000_000 / 27_000), 1_000.0)
    assert (found.currency, found.outcome) == ("LAK", 18_000)
    assert cost_per_outcome({"LAK": 100.0}, 2.0, Interval(-1.0, 5.0, 0.9), 10).most is None


def changed(**new: Any) -> dict[str, Any]:
    return {**followed(), "base": 2020, **new}


ROW = followed()
SHORT = [
    2018 if (wave, name) == (2024, "v03") else wave
    for wave, name in zip(ROW["waves"], ROW["villages"], strict=True)
]


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: event_study(**changed(waves=np.where(ROW["waves"] > 2020, 2022, 2020))), "an event study needs 3"),
        (lambda: event_study(**changed(base=2024)), "one of 2018, 2020, 2022, not 2024"),
        (lambda: event_study(**changed(base=2019)), "not 2019"),
        (lambda: event_study(**changed(waves=SHORT)), "village v03 has no reading in wave 2024"),
        (lambda: event_study(**changed(treated=ROW["treated"] ^ (ROW["waves"] == 2018))), "village v00 is both treated and not"),
        (lambda: event_study(**changed(blocks=ROW["waves"])), "village v00 is in two blocks"),
        (lambda: event_study(**changed(outcome=np.where(ROW["waves"] == 2018, np.nan, 1))), "missing in 36 rows"),
        (lambda: event_study(**changed(weights=[-1] * 144)), "weights are zero or above"),
        (lambda: event_study(**changed(weights=(ROW["waves"] > 2018) * 1.0)), "village v00 has no reading in wave 2018"),
        (lambda: matched_pairs([1, 2, 3], [True, False, False], "aaa"), "pair a has 1 treated and 2 other villages"),
        (lambda: matched_pairs([1, 2], [True, True], "aa"), "pair a has 2 treated and 0 other"),
        (lambda: matched_pairs([1, 2], [True], "aa"), "different lengths"),
        (lambda: matched_pairs([1, float("nan")], [True, False], "aa"), "1 villages have no change"),
        (lambda: effect_interval([9, 8, 1, 2], [True, True, False, False]), "no effect, however large, is outside"),
        (lambda: effect_interval([9, 8, 1, 2], [True, True, False, False], share=1), "share lies between"),
        (lambda: cost_per_outcome({"LAK": 1.0, "CNY": 2.0}, 1, Interval(0.5, 2, 0.9), 5), "money is in CNY, LAK: bring"),
        (lambda: cost_per_outcome({}, 1, Interval(0.5, 2, 0.9), 5), "no currency"),
        (lambda: cost_per_outcome({"LAK": 0.0}, 1, Interval(0.5, 2, 0.9), 5), "above zero"),
        (lambda: cost_per_outcome({"LAK": 1.0}, -1, Interval(-2, 2, 0.9), 5), "no gain was found"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(ask: Any, said: str) -> None:
    with pytest.raises(ImpactError) as error:
        ask()
    assert said in str(error.value)
