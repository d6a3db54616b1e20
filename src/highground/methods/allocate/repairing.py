"""When people withdraw: fill their seats without moving anybody else, or plan again and stay close to the plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from highground.methods.allocate.arrays import Ints
from highground.methods.allocate.best_team import BestTeams
from highground.methods.allocate.building import Task
from highground.methods.allocate.planning import (
    Effort,
    Plan,
    effort_for,
    plan,
    reprice,
    solve_block,
    tighter,
)
from highground.methods.allocate.prices import Prices, scaled
from highground.methods.allocate.problem import Cap, Problem
from highground.methods.allocate.vacancies import avoidable, fill

KEEP_BONUS = 40


@dataclass(frozen=True)
class Repair:
    """The plan after a repair; how many of those who stayed have moved; what is open, and what of it moves could fill."""

    plan: Plan
    moved: int
    open: int
    could_be_filled: int


def repair(
    task: Task, kept: Ints, prices: Prices, *, local: bool, keep: int = KEEP_BONUS, workers: int = 1
) -> Repair:
    """Repair a plan; `kept` are the pairs of it that still can be, in a task that no longer knows who withdrew.

    `local` moves nobody: vacant seats go to people without a post. Otherwise everybody may move, and staying is worth `keep`
    points. Needs OR-tools.
    """
    problem = task.problem
    if local:
        chosen = _local(problem, kept)
        found = Plan(chosen, tighter(problem, BestTeams(scaled(problem)), chosen, prices))
    else:
        points = problem.points.copy()
        points[kept] += keep
        sticky = plan(replace(problem, points=points), start=kept, effort=Effort(1, 30), workers=workers)
        found = Plan(sticky.pairs, reprice(problem, sticky.pairs, sticky.prices))
    before, now = (_places(problem, one) for one in (kept, found.pairs))
    stayed = before >= 0
    return Repair(
        found,
        int((stayed & (now != before)).sum()),
        problem.total_seats - len(found.pairs),
        avoidable(problem, found.pairs),
    )


def _places(problem: Problem, chosen: Ints) -> Ints:
    place = np.full(problem.people, -1, dtype=np.int64)
    place[problem.person[chosen]] = problem.place[chosen]
    return place


def _local(problem: Problem, kept: Ints) -> Ints:
    """The plan with the vacant seats filled from those who have no post, everybody else held where they are."""
    count = len(problem.seats)
    places = np.flatnonzero(np.bincount(problem.place[kept], minlength=count) < problem.seats)
    place = _places(problem, kept)
    hit = np.zeros(count + 1, dtype=np.bool_)
    hit[places] = True
    people = np.flatnonzero((place < 0) | hit[place])
    caps = []
    for cap in problem.caps:
        group = cap.group[np.flatnonzero((place >= 0) & ~hit[place])]
        caps.append(
            Cap(
                cap.name,
                cap.group,
                cap.most - np.bincount(group[group >= 0], minlength=len(cap.most)).astype(np.int32),
            )
        )
    staying = kept[hit[problem.place[kept]]]
    own = place[problem.person]
    free = replace(problem, caps=tuple(caps), locked=np.zeros(0, dtype=np.int64))
    part, pairs = free.part(places, people)
    elsewhere = (own[pairs] >= 0) & (own[pairs] != problem.place[pairs])
    usable = np.flatnonzero(~elsewhere)
    part = replace(
        part,
        person=part.person[usable],
        place=part.place[usable],
        brings=part.brings[usable],
        points=part.points[usable],
    )
    pairs = pairs[usable]
    locked = (
        np.searchsorted(pairs, staying)
        if np.all(np.diff(pairs) > 0)
        else np.flatnonzero(np.isin(pairs, staying))
    )
    part = replace(part, locked=np.sort(locked))
    solved = solve_block(part, None, None, effort_for(len(places)))
    others = kept[~hit[problem.place[kept]]]
    return np.sort(np.concatenate([others, pairs[fill(part, solved.pairs)]]))
