"""The proof: a plan checked against every hard rule, its objective worked out anew, and a bound from any prices.

Nothing here trusts who made the plan or the prices, and nothing but NumPy is needed. The bound holds for any prices that are
not below zero (`prices.py` says why); good ones only make it tight.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from highground.methods.allocate.arrays import Bools, Ints
from highground.methods.allocate.best_team import BestTeams
from highground.methods.allocate.building import Task
from highground.methods.allocate.policy import Finding
from highground.methods.allocate.prices import SCALE, Prices, bound, scaled
from highground.methods.allocate.problem import BITS, FIRST_NEED, LANGUAGE, WOMAN, Problem
from highground.methods.allocate.tables import first_of_each, place_in
from highground.methods.allocate.vacancies import avoidable

MOST_PRICE = 1 << 28
"""In hundredths of a point: a hundred seats and more. Three such prices on one person leave a pair within the 30 bits that
`best_team.py` has for its worth, and sums over a country within 64."""
ROLES = ("first_secretary", "member")


@dataclass(frozen=True)
class Certificate:
    """What holds of a plan.

    `objective` are the points of its pairs less what its teams lack; no plan that fills as many seats has more than `bound`.
    `broken` has a line for each broken rule with an example; the figures then tell of the pairs that are eligible.
    `shares`: of the teams that want something, how many have it. `notes`: what the policy requires and not every team has.
    """

    objective: int
    bound: float
    seats: int
    filled: int
    avoidable: int
    shares: dict[str, float]
    broken: tuple[str, ...]
    notes: tuple[Finding, ...] = ()

    @property
    def vacancies(self) -> int:
        """Seats that nobody fills."""
        return self.seats - self.filled

    @property
    def gap(self) -> float:
        """How much better, at most, another plan could be, as a share of the objective; not a number at 0 or below."""
        return (self.bound - self.objective) / self.objective if self.objective > 0 else float("nan")


def certify(task: Task, plan: pa.Table, prices: Prices | None = None) -> Certificate:
    """Check a plan (columns person, village, role) of a task, and bound what any other could reach.

    Without prices the bound takes everybody as free, which is valid and loose.
    """
    problem = task.problem
    pairs = task.pairs_of(plan.column("person"), plan.column("village"))
    broken = tuple(_broken(task, plan, pairs))
    chosen = np.unique(pairs[pairs >= 0])
    sane = _sane(problem, prices)
    if broken:
        return Certificate(
            problem.score(chosen), float("nan"), problem.total_seats, len(chosen), 0, {}, broken
        )
    most = bound(BestTeams(scaled(problem)), problem, sane, len(chosen)) / SCALE
    score = problem.score(chosen)
    if most < score:
        broken = (f"bound: {most:,.2f} lies below the objective, which no bound can",)
    return Certificate(
        score,
        most,
        problem.total_seats,
        len(chosen),
        avoidable(problem, chosen),
        coverage(problem, chosen),
        broken,
        tuple(lacking(task, chosen)),
    )


def _sane(problem: Problem, prices: Prices | None) -> Prices:
    """The prices, none below zero and none beyond `MOST_PRICE`: any such prices give a bound that holds."""
    if prices is None:
        caps = tuple(np.zeros(len(cap.most), dtype=np.int64) for cap in problem.caps)
        return Prices(np.zeros(problem.people, dtype=np.int64), caps)
    return Prices(
        np.clip(prices.person, 0, MOST_PRICE),
        tuple(np.clip(one, 0, MOST_PRICE) for one in prices.caps),
        min(max(prices.seat, 0), MOST_PRICE),
    )


def _broken(task: Task, plan: pa.Table, pairs: Ints) -> Iterator[str]:
    """A line for each rule that the rows of a plan break."""
    problem, people, villages = task.problem, plan.column("person"), plan.column("village")

    def told(rule: str, wrong: Bools) -> Iterator[str]:
        if wrong.any():
            row = int(np.argmax(wrong))
            yield f"{rule}: {int(wrong.sum()):,} rows, first row {row + 1} (person {people[row]}, village {villages[row]})"

    yield from told("eligible pair", pairs < 0)
    yield from told("one post for each person", ~first_of_each(people))
    role = place_in(plan.column("role"), pa.array(ROLES))
    yield from told("role is first_secretary or member", role < 0)
    person, place = (place_in(column, task.tables.__getattribute__(name).column(key)) for column, name, key in (
        (people, "people", "person"), (villages, "villages", "village")))  # fmt: skip
    able = task.tables.people.column("first_secretary_ok").to_numpy()
    yield from told("a first secretary is qualified", (role == 0) & (person >= 0) & ~able[person])
    for name, number, column in (("first secretary", 0, "leads"), ("members", 1, "members")):
        most = task.tables.villages.column(column).to_numpy().astype(np.int64)
        if number == 0:
            most = np.minimum(most, 1)
        mine = (role == number) & (place >= 0)
        count = np.bincount(place[mine], minlength=len(most))
        yield from told(f"no more {name} than seats", mine & (count[place] > most[place]))
    known = np.unique(person[person >= 0])
    for cap in problem.caps:
        group = cap.group[known]
        count = np.bincount(group[group >= 0], minlength=len(cap.most))
        over = (person >= 0) & (cap.group[person] >= 0)
        over &= count[cap.group[person]] > cap.most[cap.group[person]]
        yield from told(f"{cap.name} limit", over)
    if "locked" in plan.column_names:
        flag = pc.fill_null(plan.column("locked"), False).to_numpy()
        yield from told("locked says what is locked", flag != np.isin(pairs, problem.locked))
    absent = problem.locked[~np.isin(problem.locked, pairs)]
    if len(absent):
        ids = task.tables.people.column("person"), task.tables.villages.column("village")
        one = int(absent[0])
        named = f"person {ids[0][int(problem.person[one])]}, village {ids[1][int(problem.place[one])]}"
        yield f"locks: {len(absent):,} are not kept, first {named}"


def coverage(problem: Problem, chosen: Ints) -> dict[str, float]:
    """Of the places that want it, the share whose team has it: a lead, every need, the language, a woman."""
    covered = np.zeros(len(problem.seats), dtype=np.int64)
    np.bitwise_or.at(covered, problem.place[chosen], problem.brings[chosen].astype(np.int64))
    needs = ((1 << (BITS - FIRST_NEED)) - 1) << FIRST_NEED
    asked = {"lead": 1, "skills": needs, "language": 1 << LANGUAGE, "woman": 1 << WOMAN}
    found = {}
    for name, bits in asked.items():
        want = problem.wanted.astype(np.int64) & bits
        if want.any():
            found[name] = float(((covered & want) == want)[want > 0].mean())
    return found


def lacking(task: Task, chosen: Ints) -> Iterator[Finding]:
    """For each thing that the policy requires: how many teams go without it, and for how many nobody could bring it."""
    problem = task.problem
    needs = ((1 << (BITS - FIRST_NEED)) - 1) << FIRST_NEED
    bits = {"missing_skill": needs, "missing_language": 1 << LANGUAGE, "no_woman": 1 << WOMAN}
    covered, possible = (np.zeros(len(problem.seats), dtype=np.uint8) for _ in range(2))
    np.bitwise_or.at(covered, problem.place[chosen], problem.brings[chosen])
    for name in task.policy.required():
        if not possible.any():
            np.bitwise_or.at(possible, problem.place, problem.brings)
        wanted = problem.wanted & np.uint8(bits[name])
        without = (covered & wanted) != wanted
        nobody = without & ((possible & wanted) != wanted)
        if without.any():
            what = f"{int(without.sum()):,} teams go without; to {int(nobody.sum()):,} of them nobody may go who brings it"
            yield Finding(
                f"{name} required", what, "widen the pool there, or give it a weight in place of `required`"
            )


def roles(task: Task, chosen: Ints) -> pa.Array:
    """The role of each chosen pair: in each village the qualified person with the most points leads."""
    problem = task.problem
    may = (problem.brings[chosen] & 1) > 0
    order = np.lexsort((chosen, -problem.points[chosen], ~may, problem.place[chosen]))
    first = np.diff(problem.place[chosen][order], prepend=-1) != 0
    leads = np.zeros(len(chosen), dtype=np.bool_)
    leads[order[first]] = True
    return pc.if_else(pa.array(leads & may), *ROLES)
