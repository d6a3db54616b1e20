"""Who judges what, or who sits on which panel: experts for entries or sessions.

A conflict of interest is never weighed against anything: a pair with a conflict does not exist for the search. Everything an
expert is known by (addresses, employers, former names) counts, so that two names of one person are one person (`merged`).
What else is asked (reading the language, not judging one's own country, at most so many) can leave seats empty; then the
answer says how many each of these demands costs.

The search: greedy first, hardest entry first; then CP-SAT of OR-tools (extra [solve]) from there, within a time. The better
of both is returned with an upper bound of the score, so that a reader sees how much could still be gained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

FILLED = 1000
"""What a filled seat is worth: more than all that can be gained by filling it better."""
FIELD, LANGUAGE, BASE = 30, 20, 1
GROUPS = ("load", "own country", "language")
"""Demands that can be relaxed. A conflict of interest is not among them."""


@dataclass(frozen=True)
class Expert:
    """`known_as`: everything that names the person or the employer; `must_not`: whom the person must not judge."""

    code: str
    country: str = ""
    fields: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    known_as: frozenset[str] = frozenset()
    must_not: frozenset[str] = frozenset()
    most: int = 8


@dataclass(frozen=True)
class Demand:
    """An entry or session: who has a part in it (`parties`), and how many experts it wants."""

    code: str
    country: str = ""
    field: str = ""
    languages: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    seats: int = 3


@dataclass(frozen=True)
class Panels:
    """`pairs` (demand, expert), the score with its upper bound, seats left empty by demand, and what each demand costs.

    `relief`: how many of the empty seats could be filled without one of the `GROUPS`; empty where no seat is.
    """

    pairs: frozenset[tuple[str, str]]
    score: int
    bound: int
    empty: Mapping[str, int] = field(default_factory=dict)
    relief: Mapping[str, int] = field(default_factory=dict)
    proven: bool = False


def merged(experts: Iterable[Expert]) -> list[Expert]:
    """Experts with what they are known by, joined where two are known by the same e-mail address or id (holding an `@`).

    Each keeps its code and its load; all of one person carry the conflicts of all.
    """
    rows = list(experts)
    parent = list(range(len(rows)))

    def root(place: int) -> int:
        while parent[place] != place:
            parent[place] = parent[parent[place]]
            place = parent[place]
        return place

    owner: dict[str, int] = {}
    for place, one in enumerate(rows):
        for name in one.known_as:
            if "@" in name:
                parent[root(place)] = root(owner.setdefault(name.casefold(), place))
    known: dict[int, set[str]] = defaultdict(set)
    barred: dict[int, set[str]] = defaultdict(set)
    for place, one in enumerate(rows):
        known[root(place)] |= one.known_as
        barred[root(place)] |= one.must_not
    return [
        replace(one, known_as=frozenset(known[root(place)]), must_not=frozenset(barred[root(place)]))
        for place, one in enumerate(rows)
    ]


def conflicted(expert: Expert, demand: Demand) -> bool:
    """Whether the person, the employer, or somebody the person must not judge has a part in it. Case does not count."""
    own = {one.casefold() for one in (expert.code, *expert.known_as, *expert.must_not)}
    return bool(own & {one.casefold() for one in demand.parties})


def fit(expert: Expert, demand: Demand) -> int:
    """How well somebody fits: field and language."""
    return (
        BASE
        + (FIELD if demand.field and demand.field in expert.fields else 0)
        + (LANGUAGE if demand.languages & expert.languages else 0)
    )


def assign(
    experts: Sequence[Expert],
    demands: Sequence[Demand],
    *,
    kept: Iterable[tuple[str, str]] = (),
    seconds: float = 10.0,
    without: frozenset[str] = frozenset(),
) -> Panels:
    """Fill the seats. `kept` pairs stay (their load counts); one with a conflict raises ValueError, naming it.

    `without`: demands of `GROUPS` that are not asked. Always an answer, within about `seconds`.
    """
    people, kept = merged(experts), frozenset(kept)
    by_code = {one.code: one for one in people}
    wanted = {one.code: one for one in demands}
    for demand, expert in sorted(kept):
        if conflicted(by_code[expert], wanted[demand]):
            raise ValueError(f"{expert} was kept for {demand} and has a conflict of interest there")
    same = _persons(people)
    scores = _open_pairs(people, demands, without)
    scores |= {pair: fit(by_code[pair[1]], wanted[pair[0]]) for pair in kept}
    loads = {one.code: len(demands) if "load" in without else one.most for one in people}
    found = _greedy(demands, scores, loads, kept, same)
    bound = _upper(demands, scores)
    best, proven, sharper = _search(demands, scores, loads, kept, same, found, seconds)
    bound = min(bound, sharper) if sharper is not None else bound
    score = _worth(best, scores)
    held: dict[str, int] = defaultdict(int)
    for demand, _expert in best:
        held[demand] += 1
    empty = {one.code: one.seats - held[one.code] for one in demands if held[one.code] < one.seats}
    relief = {}
    if empty and not without:
        for group in GROUPS:
            again = assign(experts, demands, kept=kept, seconds=seconds / 5, without=frozenset({group}))
            relief[group] = sum(empty.values()) - sum(again.empty.values())
    return Panels(best, score, max(bound, score), empty, relief, proven or score == bound)


def _persons(people: Sequence[Expert]) -> dict[str, str]:
    """The same word for the codes of one person, so that nobody sits twice at one table."""
    seen: dict[frozenset[str], str] = {}
    return {
        one.code: seen.setdefault(addresses, one.code) if (addresses := _addresses(one)) else one.code
        for one in people
    }


def _addresses(one: Expert) -> frozenset[str]:
    return frozenset(name.casefold() for name in one.known_as if "@" in name)


def _open_pairs(
    people: Sequence[Expert], demands: Sequence[Demand], without: frozenset[str]
) -> dict[tuple[str, str], int]:
    found = {}
    for demand in demands:
        for one in people:
            if conflicted(one, demand):
                continue
            if "own country" not in without and demand.country and one.country == demand.country:
                continue
            if "language" not in without and demand.languages and not demand.languages & one.languages:
                continue
            found[demand.code, one.code] = fit(one, demand)
    return found


def _worth(pairs: Iterable[tuple[str, str]], scores: Mapping[tuple[str, str], int]) -> int:
    return sum(FILLED + scores[pair] for pair in pairs)


def _upper(demands: Sequence[Demand], scores: Mapping[tuple[str, str], int]) -> int:
    """What the score would be if nobody's time had an end."""
    best: dict[str, list[int]] = defaultdict(list)
    for (demand, _expert), score in scores.items():
        best[demand].append(FILLED + score)
    return sum(sum(sorted(best[one.code], reverse=True)[: one.seats]) for one in demands)


def _greedy(
    demands: Sequence[Demand],
    scores: Mapping[tuple[str, str], int],
    loads: Mapping[str, int],
    kept: frozenset[tuple[str, str]],
    same: Mapping[str, str],
) -> frozenset[tuple[str, str]]:
    """The demand with the fewest open experts first; of those the best fit, then the least busy."""
    pairs, load = set(kept), dict.fromkeys(loads, 0)
    at: dict[str, set[str]] = defaultdict(set)
    for demand, expert in kept:
        load[expert] += 1
        at[demand].add(same[expert])
    open_to: dict[str, list[str]] = defaultdict(list)
    for demand, expert in scores:
        open_to[demand].append(expert)
    for one in sorted(demands, key=lambda one: (len(open_to[one.code]), one.code)):
        while len(at[one.code]) < one.seats:
            free = [
                expert
                for expert in open_to[one.code]
                if load[expert] < loads[expert] and same[expert] not in at[one.code]
            ]
            if not free:
                break
            chosen = min(free, key=lambda expert: (-scores[one.code, expert], load[expert], expert))
            pairs.add((one.code, chosen))
            load[chosen] += 1
            at[one.code].add(same[chosen])
    return frozenset(pairs)


def _search(
    demands: Sequence[Demand],
    scores: Mapping[tuple[str, str], int],
    loads: Mapping[str, int],
    kept: frozenset[tuple[str, str]],
    same: Mapping[str, str],
    start: frozenset[tuple[str, str]],
    seconds: float,
) -> tuple[frozenset[tuple[str, str]], bool, int | None]:
    """The best pairs that CP-SAT finds, whether that is proven, and its bound; the start where OR-tools is not installed."""
    try:
        from ortools.sat.python import cp_model
    except ImportError:
        return start, False, None
    model = cp_model.CpModel()
    seat = {pair: model.new_bool_var("") for pair in scores}
    by_demand: dict[str, list[tuple[str, str]]] = defaultdict(list)
    by_expert: dict[str, list[tuple[str, str]]] = defaultdict(list)
    twice: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for pair in scores:
        by_demand[pair[0]].append(pair)
        by_expert[pair[1]].append(pair)
        twice[pair[0], same[pair[1]]].append(pair)
    for one in demands:
        most = max(one.seats, sum(pair[0] == one.code for pair in kept))
        model.add(sum(seat[pair] for pair in by_demand[one.code]) <= most)
    for expert, pairs in by_expert.items():
        most = max(loads[expert], sum(pair[1] == expert for pair in kept))
        model.add(sum(seat[pair] for pair in pairs) <= most)
    for pairs in twice.values():
        if len(pairs) > 1:
            model.add_at_most_one(seat[pair] for pair in pairs)
    for pair in kept:
        model.add(seat[pair] == 1)
    for pair, variable in seat.items():
        model.add_hint(variable, pair in start)
    model.maximize(sum((FILLED + score) * seat[pair] for pair, score in scores.items()))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return start, False, None
    found = frozenset(pair for pair, variable in seat.items() if solver.value(variable))
    best = max(start, found, key=lambda pairs: _worth(pairs, scores))
    return best, status == cp_model.OPTIMAL, int(solver.best_objective_bound)
