"""Who judges what, or who sits on which panel: experts for entries or sessions.

A conflict of interest is never weighed against anything: a pair with a conflict does not exist for the search. Everything an
expert is known by (addresses, employers, former names) counts, so that two names of one person are one person (`merged`).
What else is asked (reading the language, not judging one's own country, being there at the time, at most so many of a
country and so many for one person) can leave seats empty; then the answer says how many each of these demands costs. That
women sit on a panel is a wish, which is weighed. A panel may hold some who need an interpreter, and the answer says who does.
Asked again, it changes no seat that can stay: `before`.

The search: greedy first, hardest entry first; then CP-SAT of OR-tools (extra [solve]) from there, within a time, among the
most promising pairs where there are very many. The better of both is returned with an upper bound of the score over all
pairs, so that a reader sees how much could still be gained.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from highground.methods.allocate.seating import MANY, Seating, Wish, promising, search
from highground.methods.allocate.seating import bound as seating_bound

FILLED = 1000
"""What a filled seat is worth: more than all that can be gained by filling it better."""
FIELD, LANGUAGE, BASE = 30, 20, 1
WOMAN = 40
"""What a woman who is wished for and lacks costs."""
STAYS = 200
"""What it is worth that somebody keeps a seat of before: more than any better fit, less than a filled seat."""
GROUPS = ("load", "own country", "language", "time", "countries")
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
    woman: bool = False
    away: frozenset[str] = frozenset()
    """Times at which the person can't be there."""


@dataclass(frozen=True)
class Demand:
    """An entry or session: who has a part in it (`parties`), and how many experts it wants."""

    code: str
    country: str = ""
    field: str = ""
    languages: frozenset[str] = frozenset()
    parties: frozenset[str] = frozenset()
    seats: int = 3
    time: str = ""
    women: int = 0
    """How many women are wished for."""
    of_country: int | None = None
    """How many of one country at most."""
    interpreted: int = 0
    """How many may sit there who speak none of its languages, with an interpreter."""


@dataclass(frozen=True)
class Panels:
    """`pairs` (demand, expert), the score with its upper bound, seats left empty by demand, and what each demand costs.

    `relief`: how many of the empty seats could be filled without one of the `GROUPS`; empty where no seat is.
    `interpreted`: the pairs of those who need an interpreter. `changed`: how many pairs of before are not kept.
    """

    pairs: frozenset[tuple[str, str]]
    score: int
    bound: int
    empty: Mapping[str, int] = field(default_factory=dict)
    relief: Mapping[str, int] = field(default_factory=dict)
    proven: bool = False
    interpreted: frozenset[tuple[str, str]] = frozenset()
    changed: int = 0


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


def needs_interpreter(expert: Expert, demand: Demand) -> bool:
    """Whether somebody speaks none of the languages that are wanted."""
    return bool(demand.languages) and not demand.languages & expert.languages


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
    before: Iterable[tuple[str, str]] = (),
    affinity: Mapping[tuple[str, str], int] | None = None,
    seconds: float = 10.0,
    bound_seconds: float = 60.0,
    without: frozenset[str] = frozenset(),
) -> Panels:
    """Fill the seats. `kept` pairs stay (their load counts); one with a conflict raises ValueError, naming it. Pairs of
    `before` stay where nothing is in the way and no more seats are filled without them.

    `affinity`: points (0 to 100) by (demand, expert) beside those of `fit`, such as for what the expert has done.
    `without`: demands of `GROUPS` that are not asked. Always an answer, within about `seconds`; the bound over very many
    pairs has a time of its own.
    """
    people, kept, before = merged(experts), frozenset(kept), frozenset(before)
    by_code = {one.code: one for one in people}
    wanted = {one.code: one for one in demands}
    for demand, expert in sorted(kept):
        if conflicted(by_code[expert], wanted[demand]):
            raise ValueError(f"{expert} was kept for {demand} and has a conflict of interest there")
    same = _persons(people)
    points = affinity or {}
    scores = _open_pairs(people, demands, without)
    scores |= {pair: fit(by_code[pair[1]], wanted[pair[0]]) for pair in kept}
    scores = {
        pair: score + points.get(pair, 0) + (STAYS if pair in before else 0) for pair, score in scores.items()
    }
    loads = {one.code: len(demands) if "load" in without else one.most for one in people}
    seating = _seating(by_code, demands, scores, loads, kept, same, without)
    start = _greedy(by_code, demands, scores, loads, kept, same, without)
    bound, few = _upper(demands, scores), seating
    if len(scores) > MANY:
        countries = {one.code: one.country for one in people}
        women = {one.code for one in people if one.woman}
        few = seating.only(promising(seating, countries, women, start))
    best, _proven, sharper = search(few, start, seconds)
    if few is not seating:
        sharper = seating_bound(seating, bound_seconds)
    bound = min(bound, sharper) if sharper is not None else bound
    score = seating.score(best)
    held: dict[str, int] = defaultdict(int)
    for demand, _expert in best:
        held[demand] += 1
    empty = {one.code: one.seats - held[one.code] for one in demands if held[one.code] < one.seats}
    relief = {}
    if empty and not without:
        asked = {"time": any(one.time for one in demands)}
        asked["countries"] = any(one.of_country is not None for one in demands)
        for group in (group for group in GROUPS if asked.get(group, True)):
            again = assign(
                experts,
                demands,
                kept=kept,
                before=before,
                affinity=points,
                seconds=seconds / 5,
                bound_seconds=0,
                without=frozenset({group}),
            )
            relief[group] = sum(empty.values()) - sum(again.empty.values())
    interpreted = {pair for pair in best if needs_interpreter(by_code[pair[1]], wanted[pair[0]])}
    return Panels(
        best,
        score,
        max(bound, score),
        empty,
        relief,
        score >= bound,
        frozenset(interpreted),
        len(before - best),
    )


def _seating(
    people: Mapping[str, Expert],
    demands: Sequence[Demand],
    scores: Mapping[tuple[str, str], int],
    loads: Mapping[str, int],
    kept: frozenset[tuple[str, str]],
    same: Mapping[str, str],
    without: frozenset[str],
) -> Seating:
    """What is asked, as sets of pairs. What was kept may go past a limit, and then nothing is added to it."""
    groups: dict[tuple[str, ...], list[tuple[str, str]]] = defaultdict(list)
    most: dict[tuple[str, ...], int] = {}
    wanted = {one.code: one for one in demands}
    for pair in scores:
        demand, person = wanted[pair[0]], people[pair[1]]
        asked = {
            ("seats", demand.code): demand.seats,
            ("load", person.code): loads[person.code],
            ("twice", demand.code, same[person.code]): 1,
        }
        if demand.of_country is not None and "countries" not in without:
            asked["country", demand.code, person.country] = demand.of_country
        if "language" not in without and needs_interpreter(person, demand):
            asked["interpreted", demand.code] = demand.interpreted
        for group, limit in asked.items():
            groups[group].append(pair)
            most[group] = limit
    limits = [
        (pairs, max(most[group], sum(pair in kept for pair in pairs))) for group, pairs in groups.items()
    ]
    wishes = [
        Wish([pair for pair in groups["seats", one.code] if people[pair[1]].woman], one.women, WOMAN)
        for one in demands
        if one.women
    ]
    return Seating({pair: FILLED + score for pair, score in scores.items()}, limits, wishes, kept)


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
            if "language" not in without and not demand.interpreted and needs_interpreter(one, demand):
                continue
            if "time" not in without and demand.time in one.away:
                continue
            found[demand.code, one.code] = fit(one, demand)
    return found


def _upper(demands: Sequence[Demand], scores: Mapping[tuple[str, str], int]) -> int:
    """What the score would be if nobody's time had an end."""
    best: dict[str, list[int]] = defaultdict(list)
    for (demand, _expert), score in scores.items():
        best[demand].append(FILLED + score)
    return sum(sum(sorted(best[one.code], reverse=True)[: one.seats]) for one in demands)


def _greedy(
    people: Mapping[str, Expert],
    demands: Sequence[Demand],
    scores: Mapping[tuple[str, str], int],
    loads: Mapping[str, int],
    kept: frozenset[tuple[str, str]],
    same: Mapping[str, str],
    without: frozenset[str],
) -> frozenset[tuple[str, str]]:
    """The demand with the fewest open experts first; of those the best fit, then the least busy."""
    pairs, load = set(kept), dict.fromkeys(loads, 0)
    at: dict[str, list[str]] = defaultdict(list)
    for demand, expert in kept:
        load[expert] += 1
        at[demand].append(expert)
    open_to: dict[str, list[str]] = defaultdict(list)
    for demand, expert in scores:
        open_to[demand].append(expert)
    for one in sorted(demands, key=lambda one: (len(open_to[one.code]), one.code)):
        of_country = None if "countries" in without else one.of_country
        interpreted = one.seats if "language" in without else one.interpreted
        while len(at[one.code]) < one.seats:
            held = at[one.code]
            sitting = {same[expert] for expert in held}
            full = {
                country
                for country in (people[expert].country for expert in held)
                if of_country is not None
                and sum(people[expert].country == country for expert in held) >= of_country
            }
            alone = interpreted <= sum(needs_interpreter(people[expert], one) for expert in held)
            free = [
                expert
                for expert in open_to[one.code]
                if load[expert] < loads[expert]
                and same[expert] not in sitting
                and people[expert].country not in full
                and not (alone and needs_interpreter(people[expert], one))
            ]
            if not free or of_country == 0:
                break
            lacking = one.women - sum(people[expert].woman for expert in held)
            worth = {
                expert: scores[one.code, expert] + (WOMAN if lacking > 0 and people[expert].woman else 0)
                for expert in free
            }
            chosen = min(free, key=lambda expert: (-worth[expert], load[expert], expert))
            pairs.add((one.code, chosen))
            load[chosen] += 1
            held.append(chosen)
    return frozenset(pairs)
