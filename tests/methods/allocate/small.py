"""Small tasks of allocation drawn by chance, and their answers by trying everything: nothing here comes from what is tested."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from highground.methods.allocate.problem import Cap, Problem


def make_problem(
    chance: np.random.Generator,
    *,
    people: int,
    places: int,
    density: float = 0.7,
    bits: int = 4,
    most: int = 3,
    caps: bool = True,
    locks: float = 0.0,
    spread: int = 300,
) -> Problem:
    """A task with every kind of rule in it."""
    seats = chance.integers(0, most + 1, places)
    leads = (chance.random(places) < 0.8) & (seats > 0)
    wanted = chance.integers(0, 1 << bits, places).astype(np.uint8) & np.uint8(254) | leads
    weight = chance.integers(0, spread, (places, 8))
    weight[:, 0] = 0
    weight *= (wanted[:, None] >> np.arange(8)) & 1
    has = chance.integers(0, 1 << bits, people)
    person, place = (one.ravel() for one in np.meshgrid(np.arange(people), np.arange(places)))
    kept = chance.random(len(person)) < density
    person, place = person[kept], place[kept]
    brings = (has[person] & wanted[place]).astype(np.uint8)
    order = np.lexsort((person, brings, place))
    person, place, brings = person[order], place[order], brings[order]
    points = chance.integers(-50, spread, len(person))
    rules: tuple[Cap, ...] = ()
    if caps:
        unit = chance.integers(-1, max(1, people // 3), people)
        couple = np.full(people, -1)
        couple[: people // 4 * 2] = np.repeat(np.arange(people // 4), 2)
        rules = (
            Cap("unit", unit.astype(np.int32), chance.integers(1, 3, max(1, people // 3)).astype(np.int32)),
            Cap("couple", couple.astype(np.int32), np.ones(max(1, people // 4), dtype=np.int32)),
        )
    problem = Problem(
        people,
        seats.astype(np.int32),
        leads,
        wanted,
        weight,
        np.zeros(places, np.int32),
        person.astype(np.int32),
        place.astype(np.int32),
        brings,
        points.astype(np.int32),
        rules,
    )
    if locks:
        problem = with_locks(problem, chance, locks)
    return problem


def with_locks(problem: Problem, chance: np.random.Generator, share: float) -> Problem:
    """Some pairs locked, as far as no rule is broken by that."""
    locked: list[int] = []
    for pair in chance.permutation(len(problem.person)).tolist():
        if chance.random() < share and holds(problem, [*locked, pair]):
            locked.append(pair)
    fixed = dict(zip(problem.person[locked].tolist(), locked, strict=True))
    kept = np.array(
        [fixed.get(one, pair) == pair for pair, one in enumerate(problem.person.tolist())], dtype=bool
    )
    new = np.cumsum(kept) - 1
    return Problem(
        problem.people,
        problem.seats,
        problem.leads,
        problem.wanted,
        problem.weight,
        problem.block,
        problem.person[kept],
        problem.place[kept],
        problem.brings[kept],
        problem.points[kept],
        problem.caps,
        np.sort(new[np.array(locked, dtype=int)]),
    )


def holds(problem: Problem, chosen: list[int]) -> bool:
    """Whether these pairs break no rule, each rule in its plainest form."""
    people = [int(problem.person[one]) for one in chosen]
    if len(set(people)) < len(people):
        return False
    for place in range(len(problem.seats)):
        team = [one for one in chosen if problem.place[one] == place]
        lead = any(problem.brings[one] & 1 for one in team)
        if len(team) > problem.seats[place] - (bool(problem.leads[place]) and not lead):
            return False
    for cap in problem.caps:
        groups = [int(cap.group[one]) for one in people]
        if any(groups.count(one) > cap.most[one] for one in set(groups) - {-1}):
            return False
    return True


def team_value(problem: Problem, place: int, team: tuple[int, ...], values: np.ndarray) -> int:
    """What a team is worth to its place."""
    brought = 0
    for one in team:
        brought |= int(problem.brings[one])
    lost = sum(int(problem.weight[place, bit]) for bit in range(8) if not brought >> bit & 1)
    return int(sum(values[one] for one in team)) - lost


def teams_of(problem: Problem, place: int) -> list[tuple[int, ...]]:
    """Every team that a place could have by itself."""
    pairs = np.flatnonzero(problem.place == place).tolist()
    locked = {one for one in problem.locked.tolist() if problem.place[one] == place}
    found = []
    for size in range(int(problem.seats[place]) + 1):
        for team in combinations(pairs, size):
            lead = any(problem.brings[one] & 1 for one in team)
            if size <= problem.seats[place] - (bool(problem.leads[place]) and not lead) and locked <= set(
                team
            ):
                found.append(team)
    return found


def best_plan(problem: Problem) -> tuple[int, int, set[int]]:
    """The most seats that can be filled, then the best score, and every number of filled seats that can be, by trying."""
    best, counts = (-1, 0), set()
    for teams in product(*(teams_of(problem, place) for place in range(len(problem.seats)))):
        chosen = [one for team in teams for one in team]
        if holds(problem, chosen):
            score = sum(team_value(problem, place, team, problem.points) for place, team in enumerate(teams))
            counts.add(len(chosen))
            best = max(best, (len(chosen), score))
    return (*best, counts)
