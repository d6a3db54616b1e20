"""How evenly a plan treats counties, what lifting the weakest would cost, and how much hangs on the weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from highground.methods.allocate.arrays import Floats, Ints
from highground.methods.allocate.building import Task, build
from highground.methods.allocate.planning import Effort, effort_for, plan
from highground.methods.allocate.policy import LACKS, Policy
from highground.methods.allocate.problem import Problem

WORST = 0.05
REMOTE = 0.75  # villages beyond this share of all, by remoteness, are remote
MOST_WEIGHT = 1.3
STEP = 0.1


@dataclass(frozen=True)
class Fairness:
    """Strength is what a team is worth for each of its seats. `counties` has a row for each county."""

    counties: pa.Table
    mean: float
    spread: float  # standard deviation between counties
    worst: float  # the mean strength of the worst five in a hundred counties, at least one
    gini: float
    women: float  # share of those posted
    remote: float  # strength of remote villages, as a share of the others'


def fairness(task: Task, chosen: Ints) -> Fairness:
    """How the strength of teams is spread over counties, and who got the remote villages."""
    problem, villages = task.problem, task.tables.villages
    number, names = _counties(task)
    count = len(names)
    strength = _strength(problem, chosen, number, count)
    women = task.tables.people.column("woman").to_numpy(zero_copy_only=False)[problem.person[chosen]]
    at = number[problem.place[chosen]]
    filled = np.bincount(at, minlength=count)
    by_county = np.divide(
        np.bincount(at, weights=women, minlength=count), filled, out=np.zeros(count), where=filled > 0
    )
    seats = np.bincount(number, weights=problem.seats, minlength=count).astype(np.int64)
    table = pa.table(
        {
            "county": names,
            "villages": np.bincount(number, minlength=count),
            "seats": seats,
            "vacancies": seats - filled,
            "strength": np.round(strength, 2),
            "women_share": np.round(by_county, 4),
        }
    )
    ordered = np.sort(strength)
    lowest = ordered[: max(1, int(np.ceil(WORST * count)))]
    each = problem.values(chosen) / np.maximum(problem.seats, 1)
    return Fairness(
        table,
        float(strength.mean()),
        float(strength.std()),
        float(lowest.mean()),
        _gini(ordered),
        float(women.mean()) if len(women) else 0.0,
        _of_remote(each, villages.column("remoteness").cast(pa.float64()).to_numpy(zero_copy_only=False)),
    )


def _of_remote(each: Floats, remoteness: Floats) -> float:
    """Strength of remote villages as a share of the others'; villages whose remoteness is not known are neither."""
    known = ~np.isnan(remoteness)
    if not known.any():
        return float("nan")
    far = known & (remoteness >= np.quantile(remoteness[known], REMOTE))
    others = known & ~far if (known & ~far).any() else known
    near = each[others].mean()
    return float(each[far].mean() / near) if near else float("nan")


def _counties(task: Task) -> tuple[Ints, pa.Array]:
    """The county of each village as a number, and what the counties are called; those of no county are one without a name."""
    named = pc.fill_null(task.tables.villages.column("county").cast(pa.string()), "")
    coded = named.combine_chunks().dictionary_encode()
    return np.asarray(coded.indices).astype(np.int64), coded.dictionary


def _strength(problem: Problem, chosen: Ints, number: Ints, count: int) -> Floats:
    value = np.bincount(number, weights=problem.values(chosen), minlength=count)
    seats = np.bincount(number, weights=problem.seats, minlength=count)
    found: Floats = value / np.maximum(seats, 1)
    return found


def _gini(ordered: Floats) -> float:
    """Of values in rising order; 0 where all are alike. Strengths below 0 count as 0."""
    values = np.maximum(ordered, 0)
    total = values.sum()
    if not total:
        return 0.0
    rank = np.arange(1, len(values) + 1)
    return float((2 * (rank * values).sum() / total - len(values) - 1) / len(values))


@dataclass(frozen=True)
class Lifted:
    """A plan with the weakest counties lifted: its pairs, the strength of the worst before and after, points given up."""

    pairs: Ints
    worst_before: float
    worst_after: float
    cost: int


def lift(
    task: Task, chosen: Ints, *, rounds: int = 3, workers: int = 1, effort: Effort | None = None
) -> Lifted:
    """Give counties below the worst five in a hundred up to 30 % more weight, and plan again.

    Each round raises the weight of what is still weak; the plan with the strongest worst counties is kept. Nothing is lost in
    seats. Needs OR-tools.
    """
    problem = task.problem
    number, names = _counties(task)
    weight = np.ones(len(names))
    before = fairness(task, chosen).worst
    best, worst = chosen, before
    current = chosen
    for _ in range(rounds):
        strength = _strength(problem, current, number, len(names))
        weight = np.where(
            strength <= np.quantile(strength, 2 * WORST), np.minimum(weight + STEP, MOST_WEIGHT), weight
        )
        factor = weight[number]
        heavier = replace(
            problem,
            points=np.rint(problem.points * factor[problem.place]).astype(np.int32),
            weight=np.rint(problem.weight * factor[:, None]).astype(np.int64),
        )
        current = plan(heavier, start=current, effort=effort or Effort(1, 30), workers=workers).pairs
        now = fairness(task, current).worst
        if now > worst and len(current) >= len(best):
            best, worst = current, now
    return Lifted(best, before, worst, problem.score(chosen) - problem.score(best))


@dataclass(frozen=True)
class Same:
    """When one weight is changed by a factor: the share of postings that stay the same."""

    weight: str
    factor: float
    share: float


def stability(
    task: Task,
    chosen: Ints,
    *,
    workers: int = 1,
    withdrawn: pa.Array | None = None,
    told: Callable[[Same], None] | None = None,
) -> list[Same]:
    """How many postings stay where they are when each weight is a fifth lower or higher. Needs OR-tools.

    It is planned again from the plan itself, so that nobody moves for a plan that is worth no more.
    """
    found = []
    before = _keys(task.problem, chosen)
    effort = replace(effort_for(len(task.problem.seats)), rounds=1)
    for name, factor, policy in _varied(task.policy):
        other = build(task.tables, policy, withdrawn=withdrawn).problem
        standing = np.flatnonzero(np.isin(_keys(other, np.arange(len(other.person))), before))
        again = plan(other, start=standing, effort=effort, workers=workers).pairs
        same = np.isin(_keys(other, again), before).sum()
        found.append(Same(name, factor, float(same / max(1, len(before)))))
        if told:
            told(found[-1])
    return found


def _varied(policy: Policy) -> Iterator[tuple[str, float, Policy]]:
    for name in LACKS:
        value = getattr(policy, name)
        if value and name not in policy.required():
            for factor in (0.8, 1.2):
                yield name, factor, policy.but(**{name: round(value * factor)})


def _keys(problem: Problem, chosen: Ints) -> Ints:
    return problem.person[chosen].astype(np.int64) * len(problem.seats) + problem.place[chosen]
