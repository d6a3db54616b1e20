"""The plan: block by block a flow, prices, teams at those prices and the flow again; then what crosses blocks.

Nothing here looks at the clock or at how many processes there are: every step has a fixed count, blocks are put together in
the order of their places, and ties fall by position. So the same task gives the same plan, bit for bit.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from highground.methods.allocate.arrays import Ints
from highground.methods.allocate.best_team import BestTeams
from highground.methods.allocate.flow import Solved, solve_flow
from highground.methods.allocate.prices import (
    SCALE,
    Prices,
    Search,
    bound,
    no_prices,
    scaled,
    values_at,
    with_scarcity,
)
from highground.methods.allocate.problem import SEAT, Problem, feasible
from highground.methods.allocate.roaming import settle
from highground.methods.allocate.vacancies import fill

PLACES_AT_ONCE = 3_000
PATIENT_UP_TO = 100  # places; so few are quick, and lie further from the bound
THOROUGH_UP_TO = 10_000  # places; beyond, one round comes close enough and a second takes as long again
EVERY = 10  # steps of prices between two marks of the course
MAIN = 0.8  # the share of the work before what crosses blocks
MOST_CROSSING = 0.05  # where more pairs lead from block to block, blocks can't be solved by themselves


Told = Callable[[float], None]


@dataclass(frozen=True)
class Effort:
    """How often each step is done: rounds of prices and flow, steps of the prices in each."""

    rounds: int = 3
    steps: int = 40


def effort_for(places: int) -> Effort:
    """What a task of so many places is worth."""
    if places <= PATIENT_UP_TO:
        return Effort(3, 100)
    return Effort() if places <= THOROUGH_UP_TO else Effort(1, 30)


@dataclass(frozen=True)
class Plan:
    """The chosen pairs, in order, and the prices for the proof; `course` tells worth and bound every ten steps."""

    pairs: Ints
    prices: Prices
    course: tuple[tuple[int, int], ...] = ()


def plan(
    problem: Problem,
    *,
    start: Ints | None = None,
    effort: Effort | None = None,
    workers: int = 1,
    told: Told = lambda share: None,
) -> Plan:
    """A plan that breaks no hard rule, fills as many seats as it can, and scores close to the most that is possible.

    `start` is a plan to improve upon: the answer is worth at least as much. `workers` processes share the blocks. `told` hears
    which share of the work is done. Needs OR-tools.
    """
    effort = effort or effort_for(len(problem.seats))
    blocks = make_blocks(problem)
    home = _homes(problem, blocks)
    begun = None if start is None else np.sort(start)
    made = _together(problem, blocks, home, begun, None, effort, workers, lambda share: told(MAIN * share))
    best, prices = fill(problem, made.pairs), made.prices
    course = made.course
    teams = BestTeams(scaled(problem))
    if len(blocks) > 1:
        block = _block_of(problem, blocks)
        prices, home = settle(problem, block, home, tighter(problem, teams, best, prices))
        made = _together(problem, blocks, home, best, prices, Effort(0, effort.steps // 4), workers)
        best = _better(problem, best, fill(problem, made.pairs))
        prices, _ = settle(problem, block, home, tighter(problem, teams, best, made.prices))
        prices = reprice(problem, best, prices, effort.steps // 6)
    else:
        prices = tighter(problem, teams, best, prices)
    most = bound(teams, problem, prices, len(best)) + SEAT * SCALE * len(best)
    return Plan(best, prices, (*course, (problem.worth(best) * SCALE, most)))


def tighter(problem: Problem, teams: BestTeams, best: Ints, prices: Prices) -> Prices:
    """The prices, or those with whole seats charged where the plan shows them to be scarce: what gives the lower bound."""
    other = with_scarcity(problem, best, prices)
    both = [bound(teams, problem, one, len(best)) for one in (prices, other)]
    return other if both[1] < both[0] else prices


def _crossing(problem: Problem) -> float:
    """The share of pairs that lead a person out of the block of their first pair."""
    of_pair = problem.block[problem.place]
    first = np.zeros(problem.people, dtype=np.int64)
    first[problem.person[::-1]] = of_pair[::-1]
    return float((of_pair != first[problem.person]).mean()) if len(of_pair) else 0.0


def make_blocks(problem: Problem) -> list[Ints]:
    """The places of each block; small blocks that follow one another are put together, and all if many pairs cross."""
    if _crossing(problem) > MOST_CROSSING:
        return [np.arange(len(problem.seats))]
    order = np.unique(problem.block)
    sizes = [int((problem.block == one).sum()) for one in order]
    blocks: list[list[int]] = [[]]
    held = 0
    for one, size in zip(order.tolist(), sizes, strict=True):
        if blocks[-1] and held + size > PLACES_AT_ONCE:
            blocks.append([])
            held = 0
        blocks[-1].append(one)
        held += size
    return [np.flatnonzero(np.isin(problem.block, one)) for one in blocks]


def _block_of(problem: Problem, blocks: list[Ints]) -> Ints:
    """The number of the block of each place."""
    block = np.zeros(len(problem.seats), dtype=np.int64)
    for number, places in enumerate(blocks):
        block[places] = number
    return block


def _homes(problem: Problem, blocks: list[Ints]) -> Ints:
    """The block of each person: where their best pair is, the first of equals."""
    block = _block_of(problem, blocks)
    order = np.argsort(problem.points, kind="stable")[::-1]
    home = np.zeros(problem.people, dtype=np.int64)
    person = problem.person[order]
    _, first = np.unique(person, return_index=True)
    home[person[first]] = block[problem.place[order[first]]]
    return home


@dataclass(frozen=True)
class _Work:
    """What the processes that solve blocks are given."""

    problem: Problem
    blocks: list[Ints]
    home: Ints
    start: Ints | None
    prices: Prices | None
    effort: Effort


_work: _Work | None = None  # set in each process before its first block


def _set_work(work: _Work) -> None:
    global _work
    _work = work


def _run_block(
    number: int, told: Told = lambda share: None
) -> tuple[Ints, Ints, Prices, tuple[tuple[int, int], ...]]:
    """Solve one block: the people who were at home in it, their plan and prices."""
    assert _work is not None
    problem = _work.problem
    people = np.flatnonzero(_work.home == number)
    part, pairs = problem.part(_work.blocks[number], people)
    part = _with_shares(problem, part, _work.home, people, number)
    start = prices = None
    if _work.start is not None:
        new = np.full(len(problem.person), -1, dtype=np.int64)
        new[pairs] = np.arange(len(pairs))
        start = new[_work.start][new[_work.start] >= 0]
        start = start if feasible(part, start) else None
    if _work.prices is not None:
        prices = Prices(_work.prices.person[people], _work.prices.caps)
    solved = solve_block(part, start, prices, _work.effort, told)
    return people, pairs[solved.pairs], solved.prices, solved.course


def _with_shares(problem: Problem, part: Problem, home: Ints, people: Ints, number: int) -> Problem:
    """The part with its share of each cap whose group is at home in several blocks."""
    caps = []
    for whole, mine in zip(problem.caps, part.caps, strict=True):
        inside = whole.group >= 0
        size = np.bincount(whole.group[inside], minlength=len(whole.most))
        before = np.bincount(whole.group[inside & (home < number)], minlength=len(whole.most))
        here = np.bincount(mine.group[mine.group >= 0], minlength=len(whole.most))
        some = np.minimum(whole.most, size).astype(np.int64)
        least = np.maximum(size, 1)
        share = some * (before + here) // least - some * before // least
        caps.append(replace(mine, most=share.astype(np.int32)))
    return replace(part, caps=tuple(caps))


def _together(
    problem: Problem,
    blocks: list[Ints],
    home: Ints,
    start: Ints | None,
    prices: Prices | None,
    effort: Effort,
    workers: int,
    told: Told = lambda share: None,
) -> Plan:
    """Every block by itself, and the plans and prices put together."""
    work = _Work(problem, blocks, home, start, prices, effort)
    together = no_prices(problem)
    chosen, courses = [], []
    for number, (people, pairs, found, course) in enumerate(_solve_all(work, workers, told)):
        told((number + 1) / len(blocks))
        together.person[people] = found.person
        for whole, own in zip(together.caps, found.caps, strict=True):
            np.maximum(whole, own, out=whole)
        chosen.append(pairs)
        courses.append(course)
    steps = zip(*courses, strict=True)
    course = tuple((sum(one[0] for one in step), sum(one[1] for one in step)) for step in steps)
    return Plan(np.sort(np.concatenate(chosen)), together, course)


def _solve_all(
    work: _Work, workers: int, told: Told
) -> Iterator[tuple[Ints, Ints, Prices, tuple[tuple[int, int], ...]]]:
    numbers = range(len(work.blocks))
    if workers > 1 and len(work.blocks) > 1 and "fork" in multiprocessing.get_all_start_methods():
        # A forked process sees the arrays of this one without a copy.
        context = multiprocessing.get_context("fork")
        with ProcessPoolExecutor(workers, context, initializer=_set_work, initargs=(work,)) as pool:
            yield from pool.map(_run_block, numbers)
        return
    _set_work(work)
    if len(work.blocks) == 1:
        yield _run_block(0, told)
        return
    yield from map(_run_block, numbers)


def solve_block(
    problem: Problem,
    start: Ints | None,
    prices: Prices | None,
    effort: Effort,
    told: Told = lambda share: None,
) -> Plan:
    """Rounds of prices and flow over one block; the plan is never worth less than `start`."""
    teams = BestTeams(scaled(problem))
    first = np.zeros(0, dtype=np.int64) if start is None else start
    solved = _flow(problem, first, priced=prices is None)
    best = solved.pairs if start is None else _better(problem, start, solved.pairs)
    search = Search.start(problem, teams, prices or Prices(solved.prices, tuple(solved.caps)))
    course = []
    rounds = max(1, effort.rounds)
    for number in range(rounds):
        search.renew()
        for step in range(effort.steps):
            search.step(problem.worth(best) * SCALE)
            if step % EVERY == 0:
                course.append((problem.worth(best) * SCALE, search.least))
                told((number + step / effort.steps) / rounds)
        if effort.rounds:
            # At good prices a place is often as well off without somebody as with them: of equals, the one who comes.
            _, wanted = teams.teams(values_at(problem, search.best) + 1)
            best = _better(problem, best, _flow(problem, wanted).pairs)
        if number + 1 == effort.rounds:
            best = _better(problem, best, _flow(problem, best).pairs)
        course.append((problem.worth(best) * SCALE, search.least))
    return Plan(np.sort(best), search.best, tuple(course))


def _flow(problem: Problem, teams: Ints, *, priced: bool = False) -> Solved:
    """The flow over all pairs with the slots of these teams."""
    return solve_flow(problem, teams, scale=SCALE, priced=priced)


def _better(problem: Problem, one: Ints, other: Ints) -> Ints:
    return other if problem.worth(other) > problem.worth(one) else one


def reprice(problem: Problem, chosen: Ints, prices: Prices, steps: int = 30) -> Prices:
    """Better prices for the proof of a plan, starting from those of a similar task."""
    search = Search.start(problem, BestTeams(scaled(problem)), prices)
    for _ in range(steps):
        search.step(problem.worth(chosen) * SCALE)
    return search.best
