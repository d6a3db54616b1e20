"""The methods against their definitions, written out row by row."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest
from scipy import stats

from highground.methods.impact import (
    ImpactError,
    assignments,
    check_design,
    difference_in_differences,
    discontinuity,
    effect_within_blocks,
    effects_under_chance,
    event_study,
    least_squares,
    matched_pairs,
    minimum_detectable_effect,
    placebo_detectable,
    placebo_rejections,
    randomisation_test,
    smallest_p,
    village_changes,
    wild_bootstrap,
)

CHANCE = np.random.default_rng(11)
N = 240
VILLAGE = np.repeat(np.arange(12), 20)
X = CHANCE.normal(size=N)
TREATED = (VILLAGE % 3 == 0).astype(float)
Y = 0.5 * TREATED + 0.3 * X + CHANCE.normal(0, 0.4, 12)[VILLAGE] + CHANCE.normal(size=N)
W = CHANCE.uniform(1, 4, N)


def test_least_squares_against_scipy() -> None:
    fit, other = least_squares(Y, {"x": X}), stats.linregress(X, Y)
    assert fit["x"] == (pytest.approx(other.slope), pytest.approx(other.stderr))
    assert fit["constant"] == (pytest.approx(other.intercept), pytest.approx(other.intercept_stderr))
    assert fit.df == N - 2 and fit.errors == "classical"


def test_clustered_errors_by_their_definition() -> None:
    matrix = np.column_stack([np.ones(N), TREATED, X])
    bread = np.linalg.inv(matrix.T @ (W[:, None] * matrix))
    beta = bread @ matrix.T @ (W * Y)
    meat = np.zeros((3, 3))
    for village in range(12):
        rows = village == VILLAGE
        score = matrix[rows].T @ (W[rows] * (Y[rows] - matrix[rows] @ beta))
        meat += np.outer(score, score)
    variance = bread @ meat @ bread * 12 / 11 * (N - 1) / (N - 3)
    fit = least_squares(Y, {"treated": TREATED, "x": X}, weights=W, clusters=VILLAGE)
    assert fit["treated"] == (pytest.approx(beta[1]), pytest.approx(np.sqrt(variance[1, 1])))
    assert (fit.clusters, fit.df) == (12, 11)


def test_fixed_effects_are_dummies() -> None:
    dummies = {f"v{village}": (village == VILLAGE).astype(float) for village in range(1, 12)}
    within, whole = least_squares(Y, {"x": X}, absorb=VILLAGE), least_squares(Y, {"x": X, **dummies})
    assert within["x"] == (pytest.approx(whole["x"][0]), pytest.approx(whole["x"][1]))


def test_every_assignment_by_brute_force() -> None:
    change, treated = CHANCE.normal(size=8), np.array([1, 1, 0, 0, 1, 0, 0, 0], bool)
    blocks = list("aaaabbbb")
    told = []
    for first, second in product(combinations(range(4), 2), combinations(range(4, 8), 1)):
        effect = 0.0
        for picked, block in ((first, range(4)), (second, range(4, 8))):
            others = [change[one] for one in block if one not in picked]
            effect += sum(change[one] - np.mean(others) for one in picked)
        told.append(effect / 3)
    seen = next(
        effect
        for effect, pair in zip(
            told, product(combinations(range(4), 2), combinations(range(4, 8), 1)), strict=True
        )
        if pair == ((0, 1), (4,))
    )
    for sides, share in (
        ("greater", np.mean(np.array(told) >= seen - 1e-12)),
        ("less", np.mean(np.array(told) <= seen + 1e-12)),
        ("two", np.mean(np.abs(told) >= abs(seen) - 1e-12)),
    ):
        found = randomisation_test(change, treated, blocks=blocks, sides=sides)
        assert (found.effect, found.p) == (pytest.approx(seen), pytest.approx(share))
        assert found.exact and found.assignments == len(told) == 24


def test_more_treated_than_others_are_gone_through_as_well() -> None:
    change, blocks = CHANCE.normal(size=9), list("aaaaabbbb")
    treated = np.array([1, 1, 1, 1, 0, 0, 1, 1, 1], bool)
    by_hand = []
    for first, second in product(range(5), range(5, 9)):
        gains = [one - change[first] for one in np.delete(change[:5], first)]
        gains += [one - change[second] for one in np.delete(change[5:], second - 5)]
        by_hand.append(np.mean(gains))
    told = effects_under_chance(change, treated, blocks=blocks)
    assert sorted(told) == pytest.approx(sorted(by_hand)) and len(told) == 20
    effect = effect_within_blocks(change, treated, blocks=blocks)
    assert (
        effect == pytest.approx(by_hand[4 * 4]) == randomisation_test(change, treated, blocks=blocks).effect
    )


def test_many_assignments_are_all_gone_through() -> None:
    change, treated = np.append(CHANCE.normal(size=19), 5.0), np.arange(20) >= 10
    found = randomisation_test(change, treated, sides="greater")
    assert (found.exact, found.assignments, found.draws) == (True, 184_756, 184_756)
    told = effects_under_chance(change, treated)
    assert np.mean(told) == pytest.approx(0, abs=1e-12)  # over all of them nothing is left of what was done
    assert len(np.unique(told.round(9))) > 184_000


def test_drawn_assignments_come_near_all_of_them() -> None:
    change, treated = CHANCE.normal(size=18), np.arange(18) < 6
    exact = randomisation_test(change, treated)
    assert exact.exact and exact.assignments == 18_564
    many = randomisation_test(np.append(change, CHANCE.normal(size=12)), np.arange(30) < 6)
    assert not many.exact and many.draws == 9_999 and 0 < many.error < 0.006
    again = randomisation_test(np.append(change, CHANCE.normal(size=12)), np.arange(30) < 6, seed=5)
    assert 0 <= again.p <= 1


def test_two_of_four_villages_show_nothing() -> None:
    one = check_design([True, True, False, False])
    assert (one.assignments, one.smallest_p, one.testable) == (6, pytest.approx(1 / 6), False)
    assert "descriptive only" in one.sentence()
    three = check_design([True, True, False, False] * 3, list("aaaabbbbcccc"))
    assert (three.assignments, three.testable) == (216, True)
    assert assignments([True, True, False, False] * 3) == 924
    assert check_design([True, False] * 6, [pair for pair in "abcdef" for _ in range(2)]).assignments == 64
    found = randomisation_test([9, 8, 1, 2], [True, True, False, False], sides="greater")
    assert found.p == found.smallest_p == pytest.approx(1 / 6)
    assert randomisation_test([9, 8, 1, 2], [True, True, False, False]).smallest_p == pytest.approx(1 / 3)


def test_the_wild_bootstrap_refitted_draw_by_draw() -> None:
    columns = {"treated": TREATED, "x": X}
    seen = abs(least_squares(Y, columns, clusters=VILLAGE).t("treated"))
    under = least_squares(Y, {"x": X})
    fitted = under.coefficients[0] + under.coefficients[1] * X
    signs = np.random.default_rng(0).choice((-1.0, 1.0), (399, 12))
    larger = sum(
        abs(least_squares(fitted + sign[VILLAGE] * (Y - fitted), columns, clusters=VILLAGE).t("treated"))
        >= seen
        for sign in signs
    )
    assert wild_bootstrap(Y, columns, "treated", VILLAGE, draws=399) == pytest.approx((larger + 1) / 400)


@pytest.mark.parametrize("seed", range(4))
def test_the_wild_bootstrap_of_few_clusters_goes_through_all_signs(seed: int) -> None:
    """The signs as they were seen, and their mirror image, are as far out as what was seen: 2 of 32 at least."""
    chance = np.random.default_rng(seed)
    village = np.repeat(np.arange(5), 10)
    treated = (village < 2) * 1.0
    outcome = 3 * treated + chance.normal(0, 0.1, 5)[village] + chance.normal(0, 0.1, 50)
    seen = abs(least_squares(outcome, {"treated": treated}, clusters=village).t("treated"))
    rest = outcome - outcome.mean()
    told = [
        abs(
            least_squares(np.array(signs)[village] * rest, {"treated": treated}, clusters=village).t(
                "treated"
            )
        )
        for signs in product((-1, 1), repeat=5)
    ]
    exact = np.mean(np.array(told) >= seen * (1 - 1e-9))
    assert wild_bootstrap(outcome, {"treated": treated}, "treated", village) == exact >= 2 / 32


def test_incomes_and_their_squares_stand_in_one_line() -> None:
    income = CHANCE.lognormal(18, 0.5, N)
    outcome = Y + income / 1e8
    plain = least_squares(outcome, {"income": income, "square": income**2})
    scaled = least_squares(outcome, {"income": income / 1e8, "square": (income / 1e8) ** 2})
    assert plain["income"] == pytest.approx([one / 1e8 for one in scaled["income"]], rel=1e-6)


def test_households_of_treated_villages_do_not_speak_for_themselves() -> None:
    village = np.tile(np.repeat(np.arange(40), 5), 2)
    asked = {"treated": village < 20, "after": np.repeat([0, 1], 200), "villages": village}
    outcome = CHANCE.normal(size=400)
    assert difference_in_differences(outcome, **asked).claims
    alone = difference_in_differences(outcome, **asked, clustered=False)
    assert not alone.claims and "cluster them by village" in alone.warning


def test_changes_of_villages_are_the_difference_in_differences() -> None:
    """Villages of one size: the effect on households is that on the means."""
    village, wave = np.tile(VILLAGE, 2), np.repeat([0.0, 1.0], N)
    outcome = np.concatenate([Y, Y + 0.7 * TREATED + CHANCE.normal(size=N)])
    changes = village_changes(outcome, wave, village)
    found = difference_in_differences(outcome, np.tile(TREATED, 2), wave, villages=village)
    test = randomisation_test(list(changes.values()), [name % 3 == 0 for name in changes])
    assert found.effect == pytest.approx(test.effect)
    assert not found.claims and "use randomisation inference" in found.warning


def test_what_can_be_detected() -> None:
    spread = 0.25
    by_hand = (stats.t.ppf(0.975, 16) + stats.t.ppf(0.8, 16)) * spread * np.sqrt(1 / 6 + 1 / 12)
    assert minimum_detectable_effect(spread, 6, 12) == pytest.approx(by_hand, rel=1e-8)
    paired = (stats.t.ppf(0.975, 5) + stats.t.ppf(0.8, 5)) * spread * np.sqrt(1 / 6 + 1 / 6)
    assert minimum_detectable_effect(spread, 6, 6, blocks=6) == pytest.approx(paired, rel=1e-8)
    changes = CHANCE.normal(0, spread, 60)
    effect = placebo_detectable(changes, 6, 12, draws=100)
    assert effect == pytest.approx(by_hand, rel=0.25)
    assert placebo_rejections(changes, 6, 12, effect=3 * effect, draws=50) == 1


def test_a_jump_is_found_where_it_is() -> None:
    score = CHANCE.uniform(-1, 1, 4_000)
    outcome = score + score**2 + 0.5 * (score >= 0.2) + CHANCE.normal(0, 0.3, 4_000)
    found = discontinuity(outcome, score, cutoff=0.2, bandwidth=0.5)
    assert abs(found.robust_jump - 0.5) < 3 * found.robust_error < 0.3
    nowhere = discontinuity(outcome, score, cutoff=-0.3, bandwidth=0.4)
    assert abs(nowhere.robust_jump) < 3 * nowhere.robust_error


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: randomisation_test([1, 2, 3, 4], [True, True, False, False], blocks=list("aabb")), "in block 'a' is treated"),
        (lambda: check_design([True, True]), "everybody among the villages is treated"),
        (lambda: randomisation_test([1, 2, float("nan")], [True, False, False]), "1 villages have no change"),
        (lambda: randomisation_test([1, 2], [True, False], sides="both"), "sides is one of"),
        (lambda: randomisation_test([1, 2, 3], [True, False]), "3 changes and 2 villages"),
        (lambda: village_changes([1, 2, 3], [0, 1, 0], ["a", "a", "b"]), "a wave is missing for b"),
        (lambda: village_changes([1, float("nan")], [0, 1], ["a", "a"]), "missing in 1 rows"),
        (lambda: difference_in_differences([1, 2], [1, 1], [0, 1]), "`treated` is 0 or 1, and both must be there"),
        (lambda: least_squares([1, 2, 3], {"x": [1, 2, 3], "again": [2, 4, 6]}), "say the same"),
        (lambda: least_squares([1, 2, float("nan")], {"x": [1, 2, 4]}), "the outcome is missing in 1 of 3 rows"),
        (lambda: least_squares([1, 2, 3], {"x": [1, 2]}), "x has 2 rows, the outcome 3"),
        (lambda: least_squares([1, 2], {"x": [1, 3]}), "as many columns as rows"),
        (lambda: least_squares(Y, {"x": X}, weights=-W), "weights are zero or above"),
        (lambda: least_squares([1, 2, float("inf")], {"x": [1, 2, 4]}), "the outcome is infinite in 1 of 3 rows"),
        (lambda: village_changes([1, 2], [0, 1], ["a", "a"], weights=[1, -1]), "weights are zero or above"),
        (lambda: randomisation_test([1, 2, float("inf")], [True, False, False]), "1 villages have an infinite change"),
        (lambda: check_design([True, False, False], ["a", "a", None]), "1 of 3 rows have no cluster or block"),
        (lambda: check_design([]), "there are no villages"),
        (lambda: least_squares(Y, {"x": X}, clusters=[1] * N), "at least two clusters"),
        (lambda: minimum_detectable_effect(0.2, 1, 1), "three at least"),
        (lambda: minimum_detectable_effect(0.2, 3, 3, blocks=5), "two more than there are blocks"),
        (lambda: minimum_detectable_effect(0.2, 6, 6, power=0.3), "power between"),
        (lambda: placebo_rejections([1, 2, 3], 2, 2), "cannot be drawn from 3"),
        (lambda: discontinuity([1, 2], [0, 1], cutoff=0, bandwidth=1), "0 different scores lie below"),
        (lambda: discontinuity([1, 2], [0], cutoff=0, bandwidth=1), "2 outcomes and 1 scores"),
        (lambda: discontinuity([1, 2], [0, 1], cutoff=0, bandwidth=0), "the bandwidth is above zero"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(ask: Any, said: str) -> None:
    with pytest.raises(ImpactError) as error:
        ask()
    assert said in str(error.value)


def test_every_result_says_how_many_by_what_method_and_what_it_assumes() -> None:
    change, treated = [9.0, 8, 1, 2, 4, 3], [True, False] * 3
    test = randomisation_test(change, treated)
    assert (test.villages, test.treated_villages) == (6, 3)
    pairs = matched_pairs(change, treated, list("aabbcc"))
    assert pairs.villages == pairs.test.villages == 6
    waves = [0, 1, 2] * 6
    names = np.repeat(range(6), 3)
    events = event_study(CHANCE.normal(size=18), waves, names, np.repeat(treated, 3), base=1)
    assert (events.villages, events.treated_villages) == (6, 3)
    both = difference_in_differences(
        CHANCE.normal(size=24), np.tile([1, 0], 12), np.repeat([0, 1], 12), villages=np.tile(range(12), 2)
    )
    assert (both.n, both.villages, both.treated_villages) == (24, 12, 6)
    jump = discontinuity(CHANCE.normal(size=60), np.linspace(-1, 1, 60), cutoff=0, bandwidth=0.5)
    assert jump.n == jump.below + jump.above < 60
    for found in (test, pairs, events, both, jump):
        assert found.method and found.assumes
    assert "permutation under exchangeability" in test.assumes


def test_chance_is_every_assignment_and_one_rule_of_sides_holds_throughout() -> None:
    change, treated, blocks = [9, 8, 1, 2, 4, 4, 3, 7], [True, True, False, False] * 2, list("aaaabbbb")
    told = effects_under_chance(change, treated, blocks=blocks)
    by_hand = [
        sum(change[one] for one in first + second) / 4
        - sum(change[one] for one in range(8) if one not in first + second) / 4
        for first in combinations(range(4), 2)
        for second in combinations(range(4, 8), 2)
    ]
    assert sorted(told) == pytest.approx(sorted(by_hand)) and len(told) == 36
    for sides in ("greater", "less", "two"):
        found = randomisation_test(change, treated, blocks=blocks, sides=sides)
        assert found.smallest_p == smallest_p(treated, blocks, sides)
        assert found.smallest_p == check_design(treated, blocks, sides=sides).smallest_p
    assert (
        check_design(treated, blocks, sides="two")
        .sentence()
        .endswith("the smallest two-sided p value is 1 in 18; descriptive only")
    )
