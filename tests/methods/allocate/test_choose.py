"""One choice for each item under limits, beside HiGHS and beside every choice tried by itself."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.choose import Options, choose, prove
from highground.methods.allocate.measures import choose_measures


def some_options(
    chance: np.random.Generator, items: int, each: int, resources: int, *, unit: bool
) -> Options:
    item = np.repeat(np.arange(items), each)
    resource = (
        chance.integers(0, resources, len(item))
        if unit
        else np.repeat(chance.integers(0, resources, items), each)
    )
    cost = np.ones(len(item), dtype=np.int64) if unit else chance.integers(0, 60, len(item))
    capacity = chance.integers(0, max(2, items // resources) if unit else 25 * items // resources, resources)
    return Options(item, chance.integers(-5, 100, len(item)), cost, resource, capacity, items)


def best_by_trying(options: Options) -> int:
    best = 0
    own = [[-1, *np.flatnonzero(options.item == one).tolist()] for one in range(options.items)]
    for choice in product(*own):
        chosen = [one for one in choice if one >= 0]
        used = np.zeros(len(options.capacity), dtype=np.int64)
        for one in chosen:
            used[options.resource[one]] += options.cost[one]
        if (used <= options.capacity).all():
            best = max(best, sum(int(options.value[one]) for one in chosen))
    return best


@pytest.mark.parametrize("unit", [True, False])
def test_no_choice_passes_the_bound_and_unit_costs_give_the_best(unit: bool) -> None:
    chance = np.random.default_rng([7, unit])
    for _ in range(150):
        options = some_options(chance, int(chance.integers(1, 6)), 3, 2, unit=unit)
        made = choose(options)
        best = best_by_trying(options)
        assert made.objective <= best <= made.bound
        if unit:
            assert made.objective == best == pytest.approx(made.bound, abs=1e-3)
        anyhow = prove(options, made.chosen, chance.uniform(-1, 5, len(options.capacity)))
        assert anyhow.bound >= best


def test_highs_agrees_under_budgets() -> None:
    options = some_options(np.random.default_rng(8), 400, 5, 4, unit=False)
    made = choose(options)
    rows = np.zeros((options.items + len(options.capacity), len(options.item)))
    rows[options.item, np.arange(len(options.item))] = 1
    rows[options.items + options.resource, np.arange(len(options.item))] = options.cost
    most = np.concatenate([np.ones(options.items), options.capacity])
    done = milp(-options.value, integrality=np.ones(len(options.item)), bounds=Bounds(0, 1),
                constraints=LinearConstraint(rows, -np.inf, most), options={"mip_rel_gap": 0.0})  # fmt: skip
    assert made.objective <= -done.fun + 1e-6 <= made.bound + 1e-6
    assert made.gap < 0.01


def test_many_households_are_close_to_the_best() -> None:
    chance = np.random.default_rng(9)
    households, each, counties = 20_000, 5, 30
    household = np.repeat(np.arange(households), each)
    county = np.repeat(chance.integers(0, counties, households), each)
    cost = chance.integers(50_000, 2_000_000, len(household))
    value = np.round(cost**0.7 * chance.uniform(0.2, 2, len(household)) / 100).astype(np.int64)
    budgets = pa.table({"county": np.arange(counties), "budget": chance.integers(10**7, 4 * 10**8, counties)})
    table = pa.table({"household": household, "measure": np.tile(np.arange(each), households), "county": county,
                      "value": value, "cost": cost})  # fmt: skip
    rows, made, findings = choose_measures(table, budgets)
    assert not findings
    assert made.gap < 0.002
    assert len(rows.column("household").unique()) == len(rows)
    spent = np.bincount(
        rows.column("county").to_numpy(), weights=rows.column("cost").to_numpy(), minlength=counties
    )
    assert (spent <= budgets.column("budget").to_numpy()).all()


def test_a_county_without_a_budget_is_named_and_bad_costs_are_refused() -> None:
    table = pa.table(
        {
            "household": ["A", "B"],
            "measure": ["m", "m"],
            "county": ["X", "Y"],
            "value": [5, 5],
            "cost": [7, 7],
        }
    )
    rows, made, findings = choose_measures(table, pa.table({"county": ["X"], "budget": [7]}))
    assert rows.column("household").to_pylist() == ["A"]
    assert made.objective == 5
    assert "county 'Y' has no budget" in str(findings[0])
    with pytest.raises(InputError, match="column 'cost': row 2 is below 0"):
        choose_measures(
            table.set_column(4, "cost", pa.array([7, -7])), pa.table({"county": ["X"], "budget": [7]})
        )
