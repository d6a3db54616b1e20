"""`./run bench teams --villages N`: a synthetic country planned and proven, beside how it is done without a planner.

The seconds and the memory are those of reading, planning and proving together. `gap` is how much better, at most, any other
plan that fills as many seats could be; of the others it is measured to the same bound, so their vacancies count as lost points.
With `--curve` the weight of a woman in the team goes up step by step; with `--draws N` one person in a hundred withdraws, N
times over; with `--weights` every weight goes up and down by a fifth.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench, cpu_seconds
from benchmarks._teams import Memory, by_county, greedy, in_turn, left_alone
from highground.methods.allocate.building import Task, build
from highground.methods.allocate.certificate import Certificate, certify, coverage
from highground.methods.allocate.folder import postings_of
from highground.methods.allocate.generating import generate
from highground.methods.allocate.planning import Plan, plan
from highground.methods.allocate.policy import Policy
from highground.methods.allocate.problem import LANGUAGE, Problem, feasible
from highground.methods.allocate.repairing import repair
from highground.methods.allocate.tables import read_tables
from highground.methods.allocate.vacancies import fill

HUNGARIAN_UP_TO = 25_000


def most_with_language(problem: Problem) -> int:
    """How many teams could have their language at most: a matching of places and speakers and nothing else."""
    speaks = (problem.brings >> LANGUAGE & 1) > 0
    count = len(problem.seats)
    alone = replace(
        problem,
        seats=np.ones(count, dtype=np.int32),
        leads=np.zeros(count, dtype=np.bool_),
        person=problem.person[speaks],
        place=problem.place[speaks],
        brings=np.zeros(int(speaks.sum()), dtype=np.uint8),
        points=problem.points[speaks],
        caps=(),
        locked=np.zeros(0, dtype=np.int64),
    )
    # Begin with a speaker for each place as far as none is taken twice; chains of moves make it the most.
    _, first = np.unique(alone.place, return_index=True)
    person = alone.person[first]
    start = first[np.unique(person, return_index=True)[1]]
    return len(fill(alone, np.sort(start), most_rounds=10_000))


def figures(shown: Certificate, problem: Problem, most: int) -> dict[str, Any]:
    """What is told of the plan."""
    wanted = int((problem.wanted >> LANGUAGE & 1).sum())
    language = shown.shares.get("language", 1.0) * wanted / most if most else 1.0
    return {
        "seats": shown.seats,
        "gap": shown.gap,
        "vacancies": shown.vacancies,
        "avoidable_vacancies": shown.avoidable,
        "hard_rules_broken": len(shown.broken),
        "language_share": language,
        "woman_share": shown.shares.get("woman", 1.0),
        "skills_share": shown.shares.get("skills", 1.0),
        "objective": shown.objective,
        "bound": shown.bound,
    }


def add_others(bench: Bench, task: Task, bound: float, options: argparse.Namespace) -> dict[str, float]:
    """The plans of those who have no planner; their gaps."""
    problem, gaps = task.problem, {}
    made = {
        "greedy pairs": lambda: greedy(problem),
        "villages pick in turn": lambda: in_turn(problem, options.seed),
        "previous plan": lambda: left_alone(problem, options.seed),
    }
    if options.villages <= HUNGARIAN_UP_TO or options.all_baselines:
        made["Hungarian by county"] = lambda: by_county(task)
    for name, make in made.items():
        began = time.perf_counter()
        chosen = make()
        assert feasible(problem, chosen)
        score = problem.score(chosen)
        gaps[name] = (bound - score) / score
        told = coverage(problem, chosen)
        bench.add(
            name,
            seconds=round(time.perf_counter() - began, 1),
            gap_percent=round(100 * gaps[name], 3),
            vacancies=problem.total_seats - len(chosen),
            **{f"{one}_percent": round(100 * share, 2) for one, share in told.items()},
        )
    return gaps


def add_curve(bench: Bench, task: Task, workers: int) -> None:
    """More weight on a woman in the team: how many teams have one, and what it costs in points of pairs."""
    for weight in (0, 30, 60, 120, 240):
        other = build(task.tables, replace(task.policy, no_woman=weight))
        made = plan(other.problem, workers=workers)
        shown = certify(other, postings_of(other, made.pairs), made.prices)
        points = int(other.problem.points[made.pairs].sum())
        wanted = coverage(task.problem, task.pairs_of(*_columns(other, made.pairs)))
        bench.add(
            f"no woman costs {weight}",
            gap_percent=round(100 * shown.gap, 3),
            woman_percent=round(100 * wanted["woman"], 2),
            points_of_pairs=points,
        )


def _columns(task: Task, chosen: np.ndarray) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    table = postings_of(task, chosen)
    return table.column("person"), table.column("village")


def add_draws(bench: Bench, task: Task, made: Plan, options: argparse.Namespace) -> None:
    """One in a hundred withdraws: who else moves, and what is lost against planning anew with nobody kept."""
    people, villages = _columns(task, made.pairs)
    ids = task.tables.people.column("person")
    for draw in range(options.draws):
        chance = np.random.default_rng([options.seed, draw])
        gone = np.sort(
            chance.choice(task.problem.person[made.pairs], round(len(made.pairs) / 100), replace=False)
        )
        rest = build(task.tables, task.policy, withdrawn=ids.take(pa.array(gone)))
        kept = rest.pairs_of(people, villages)
        kept = kept[kept >= 0]
        free = plan(rest.problem, workers=options.workers)
        for mode in ("resolve", "local"):
            mended = repair(rest, kept, made.prices, local=mode == "local", workers=options.workers)
            score = rest.problem.score(mended.plan.pairs)
            best = rest.problem.score(free.pairs)
            bench.add(
                f"withdrawals {draw + 1}, {mode}",
                moved_percent=round(100 * mended.moved / len(kept), 3),
                loss_percent=round(100 * (best - score) / best, 4),
                vacancies=mended.open,
            )


def add_weights(bench: Bench, task: Task, made: Plan, workers: int) -> None:
    """How many postings stay the same when a weight is a fifth higher or lower."""
    before = {
        (one, two)
        for one, two in zip(*(column.to_pylist() for column in _columns(task, made.pairs)), strict=True)
    }
    for field in fields(Policy):
        value = getattr(task.policy, field.name)
        if isinstance(value, bool) or field.name == "keep_bonus":
            continue
        for factor in (0.8, 1.2):
            other = build(task.tables, replace(task.policy, **{field.name: round(value * factor)}))
            again = plan(other.problem, workers=workers)
            now = zip(*(column.to_pylist() for column in _columns(other, again.pairs)), strict=True)
            same = sum(one in before for one in now) / len(before)
            bench.add(f"{field.name} x {factor}", same_percent=round(100 * same, 2))


def main() -> None:
    parser = argparse.ArgumentParser(prog="./run bench teams", description=__doc__)
    parser.add_argument("--villages", type=int, default=2_500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--all-baselines", action="store_true", help="the Hungarian method beyond 25,000 villages, too"
    )
    parser.add_argument("--no-baselines", action="store_true")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--weights", action="store_true")
    parser.add_argument("--draws", type=int, default=0)
    options = parser.parse_args()
    bench = Bench("teams", villages=options.villages, seed=options.seed, workers=options.workers)
    with tempfile.TemporaryDirectory(prefix="highground-bench-") as home:
        folder = generate(options.villages, options.seed, Path(home) / "in")
        wall, cpu = time.perf_counter(), cpu_seconds()
        with Memory() as memory:
            task = build(read_tables(folder), Policy())
            made = plan(task.problem, workers=options.workers)
            shown = certify(task, postings_of(task, made.pairs), made.prices)
    used: dict[str, Any] = {
        "wall_seconds": round(time.perf_counter() - wall, 1),
        "cpu_seconds": round(cpu_seconds() - cpu, 1),
        "peak_gib": round(memory.most / 2**30, 2),
    }
    told = figures(shown, task.problem, most_with_language(task.problem))
    bench.add(
        "plan",
        seconds=used["wall_seconds"],
        gap_percent=round(100 * shown.gap, 4),
        vacancies=shown.vacancies,
        **{f"{one}_percent": round(100 * share, 2) for one, share in shown.shares.items()},
    )
    gaps = {} if options.no_baselines else add_others(bench, task, shown.bound, options)
    if options.draws:
        add_draws(bench, task, made, options)
    if options.weights:
        add_weights(bench, task, made, options.workers)
    if options.curve:
        add_curve(bench, task, options.workers)
    bench.finish(pairs=len(task.problem.person), **told, **used, baseline_gaps=gaps)


if __name__ == "__main__":
    main()
