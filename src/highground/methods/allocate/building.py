"""From tables and a policy to a problem, with a list of what in them can't hold together.

Bad input does not stop a plan: what contradicts is left out, the finding says what and what to relax, and the rest is
planned as well as it can be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from highground.methods.allocate.arrays import Bools, InputError, Ints, Places, rank_within
from highground.methods.allocate.policy import Finding, Policy
from highground.methods.allocate.problem import (
    BITS,
    FIRST_NEED,
    LANGUAGE,
    LEAD,
    WOMAN,
    Cap,
    Problem,
)
from highground.methods.allocate.tables import Tables, first_of_each, list_rows, place_in

NEEDS = BITS - FIRST_NEED
MOST_NAMES = 62


@dataclass(frozen=True)
class Task:
    """A problem with the tables it came from, their rows cut to what counts; ids are looked up here."""

    problem: Problem
    tables: Tables
    policy: Policy
    findings: tuple[Finding, ...]
    previous: Ints  # the pairs of the plan before, as far as they may be again

    def pairs_of(self, people: pa.ChunkedArray | pa.Array, villages: pa.ChunkedArray | pa.Array) -> Ints:
        """The number of each pair, -1 where a person may not be posted there."""
        person = place_in(people, self.tables.people.column("person"))
        place = place_in(villages, self.tables.villages.column("village"))
        return find_pairs(self.problem, person, place)


def find_pairs(problem: Problem, person: Ints, place: Ints) -> Ints:
    """The number of the pair of each person and place, -1 for none."""
    wanted = np.where((person < 0) | (place < 0), -1, person * len(problem.seats) + place)
    some = np.zeros(problem.people + 1, dtype=np.bool_)
    some[person] = True
    some[-1] = False
    of_these = np.flatnonzero(some[problem.person])
    have = problem.person[of_these].astype(np.int64) * len(problem.seats) + problem.place[of_these]
    order = np.argsort(have, kind="stable")
    have, of_these = have[order], of_these[order]
    if not len(have):
        return np.full(len(wanted), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(have, wanted), len(have) - 1)
    return np.where(have[at] == wanted, of_these[at], -1)


def build(
    tables: Tables,
    policy: Policy,
    *,
    withdrawn: pa.Array | None = None,
    findings: tuple[Finding, ...] = (),
) -> Task:
    """The problem of these tables under this policy, without the people who have withdrawn.

    Raises InputError for what cannot be read as numbers at all; what contradicts becomes a finding.
    """
    said = list(findings)
    people = _unique(tables.people, "person", "people", said)
    villages = _unique(tables.villages, "village", "villages", said)
    units = _unique(tables.units, "unit", "units", said)
    tables = replace(tables, people=people, villages=villages, units=units)
    seats, leads = _seats(villages, said)
    has, needs, weight, wanted = _wants(people, villages, leads, policy, said)
    person, place, points = _pairs(tables, said)
    brings = _brings(people, has, needs, wanted, person, place)
    key = (place << 8 | brings) << 32 | person
    order = np.argsort(key, kind="stable")
    key = key[order]
    twice = np.flatnonzero(key[1:] == key[:-1]) + 1
    if len(twice):
        said.append(
            Finding(
                "pairs", f"{len(twice):,} pairs stand twice; the first of each counts", "keep one row of each"
            )
        )
        order = np.delete(order, twice)
    problem = Problem(
        people=len(people),
        seats=seats.astype(np.int32),
        leads=leads,
        wanted=wanted.astype(np.uint8),
        weight=weight,
        block=np.asarray(villages.column("province").combine_chunks().dictionary_encode().indices).astype(
            np.int32
        ),
        person=person[order].astype(np.int32),
        place=place[order].astype(np.int32),
        brings=brings[order].astype(np.uint8),
        points=points[order].astype(np.int32),
        caps=_caps(people, units, policy, said),
    )
    task = Task(problem, tables, policy, (), np.zeros(0, dtype=np.int64))
    gone = np.zeros(len(people) + 1, dtype=np.bool_)
    if withdrawn is not None:
        gone[place_in(withdrawn, people.column("person"))] = True
    if tables.previous is not None:
        task = _continue(task, tables.previous, gone[:-1], said)
    elif withdrawn is not None:
        task = replace(task, problem=_only(problem, np.flatnonzero(~gone[problem.person])))
    _look(task, said)
    return replace(task, findings=tuple(said))


def _unique(table: pa.Table, column: str, name: str, said: list[Finding]) -> pa.Table:
    kept = first_of_each(table.column(column))
    if kept.all():
        return table
    row = int(np.argmin(kept))
    what = f"'{table.column(column)[row]}' in row {row + 1} stands more than once; the first row counts"
    said.append(Finding(name, what, f"keep one row for each {column}"))
    return table.filter(pa.array(kept))


def _seats(villages: pa.Table, said: list[Finding]) -> tuple[Ints, Bools]:
    leads = villages.column("leads").to_numpy().astype(np.int64)
    members = villages.column("members").to_numpy().astype(np.int64)
    if np.any(leads > 1):
        row = int(np.argmax(leads > 1))
        what = f"village '{villages.column('village')[row]}' asks for {leads[row]} first secretaries; one was planned"
        said.append(Finding("one first secretary", what, "write 0 or 1 under leads"))
        leads = np.minimum(leads, 1)
    if len(members) and members.max() > 20:
        raise InputError(
            f"villages: row {int(np.argmax(members > 20)) + 1}: members is {members.max()}; at most 20"
        )
    return leads + members, leads > 0


def _wants(
    people: pa.Table, villages: pa.Table, leads: Bools, policy: Policy, said: list[Finding]
) -> tuple[Ints, Ints, Ints, Ints]:
    """Skills and languages of each person as bits; each village's needs (-1 for none, the language last); weights; bits."""
    count = len(villages)
    row, needed = list_rows(villages.column("needs"))
    known = pc.unique(needed) if len(needed) else pa.array([], pa.string())
    spoken = villages.column("language").combine_chunks()
    languages = pc.drop_null(pc.unique(spoken))
    if len(known) + len(languages) > MOST_NAMES:
        raise InputError(
            f"villages: {len(known)} needs and {len(languages)} languages; at most {MOST_NAMES} together"
        )
    needs = np.full((count, NEEDS + 1), -1, dtype=np.int64)
    rank = rank_within(row)
    if np.any(rank >= NEEDS):
        first = int(row[rank >= NEEDS][0])
        what = f"village '{villages.column('village')[first]}' names more than {NEEDS} needs; the first {NEEDS} count"
        said.append(Finding("needs", what, "name what matters most first"))
    inside = rank < NEEDS
    needs[row[inside], rank[inside]] = place_in(needed, known)[inside]
    language = place_in(spoken, languages)
    needs[:, NEEDS] = np.where(language >= 0, language + len(known), -1)
    has = _has(people, "skills", known, 0) | _has(people, "languages", languages, len(known))
    for place, name in enumerate([*known.to_pylist(), *languages.to_pylist()]):
        if not np.any(has >> place & 1):
            kind = "need" if place < len(known) else "language"
            what = f"no candidate brings '{name}', which villages ask for; their teams are planned without it"
            said.append(Finding(f"{kind} '{name}'", what, "look for the spelling, or widen the pool"))
    weight = np.zeros((count, BITS), dtype=np.int64)
    weight[:, WOMAN] = policy.no_woman
    weight[:, LANGUAGE] = np.where(language >= 0, policy.missing_language, 0)
    weight[:, FIRST_NEED:] = np.where(needs[:, :NEEDS] >= 0, policy.missing_skill, 0)
    wanted = ((weight > 0).astype(np.int64) << np.arange(BITS)).sum(axis=1) | leads.astype(np.int64)
    return has, needs, weight, wanted


def _has(people: pa.Table, column: str, known: pa.Array, shift: int) -> Ints:
    row, name = list_rows(people.column(column))
    bit = place_in(name, known) if len(known) else np.full(len(name), -1)
    found = np.zeros(len(people), dtype=np.int64)
    np.bitwise_or.at(found, row[bit >= 0], np.int64(1) << (bit[bit >= 0] + shift))
    return found


def _pairs(tables: Tables, said: list[Finding]) -> tuple[Ints, Ints, Ints]:
    person = place_in(tables.pairs.column("person"), tables.people.column("person"))
    place = place_in(tables.pairs.column("village"), tables.villages.column("village"))
    points = tables.pairs.column("points").to_numpy()
    kept = (person >= 0) & (place >= 0)
    if not kept.all():
        row = int(np.argmin(kept))
        what = f"row {row + 1} names a person or a village that is not in the other files ({int((~kept).sum()):,} rows)"
        said.append(Finding("pairs", what, "take the row out, or add the person or the village"))
    return person[kept], place[kept], points[kept]


def _brings(people: pa.Table, has: Ints, needs: Ints, wanted: Ints, person: Ints, place: Ints) -> Ints:
    """The wanted bits that each pair brings."""
    own = people.column("first_secretary_ok").to_numpy().astype(np.int64) << LEAD
    own |= people.column("woman").to_numpy().astype(np.int64) << WOMAN
    brings = own[person]
    skills = has[person]
    for column in range(NEEDS + 1):
        if not np.any(needs[:, column] >= 0):
            continue
        need = needs[place, column]
        bit = LANGUAGE if column == NEEDS else FIRST_NEED + column
        brings |= np.where(need >= 0, skills >> np.maximum(need, 0) & 1, 0) << bit
    found: Ints = brings & wanted[place]
    return found


def _caps(people: pa.Table, units: pa.Table, policy: Policy, said: list[Finding]) -> tuple[Cap, ...]:
    unit = place_in(people.column("unit"), units.column("unit"))
    if np.any(unit < 0):
        row = int(np.argmax(unit < 0))
        what = (
            f"unit '{people.column('unit')[row]}' of person '{people.column('person')[row]}' is not in units"
        )
        said.append(Finding("unit caps", f"{what}; no limit holds for it", "add the unit with its cap"))
    _, village = list_rows(units.column("paired_villages"))
    of_unit, _ = list_rows(units.column("paired_villages"))
    twice = np.flatnonzero(np.bincount(of_unit, minlength=len(units)) > 1)
    if len(twice) and len(village):
        what = f"unit '{units.column('unit')[int(twice[0])]}' is paired with more than one village"
        said.append(
            Finding("pairing", f"{what} ({len(twice):,} such units)", "keep one village for each unit")
        )
    caps = []
    if policy.unit_caps and len(units):
        caps.append(Cap("unit", unit.astype(np.int32), _whole_cap(units)))
    if policy.couples:
        group, count = _couples(people, said)
        if count:
            caps.append(Cap("couple", group.astype(np.int32), np.ones(count, dtype=np.int32)))
    return tuple(caps)


def _whole_cap(units: pa.Table) -> Places:
    """How many each unit may release; nobody has more than all people."""
    caps: Places = np.minimum(units.column("cap").to_numpy(), np.iinfo(np.int32).max).astype(np.int32)
    return caps


def _couples(people: pa.Table, said: list[Finding]) -> tuple[Ints, int]:
    """The number of each person's couple, -1 for none."""
    own = np.arange(len(people))
    spouse = place_in(people.column("spouse"), people.column("person"))
    married = np.flatnonzero(spouse >= 0)
    one_sided = married[spouse[spouse[married]] != married]
    if len(one_sided):
        row = int(one_sided[0])
        what = f"person '{people.column('person')[row]}' names a spouse who does not name them back"
        said.append(
            Finding("couples", f"{what} ({len(one_sided):,} people)", "write the spouse on both rows")
        )
    agreed = married[(spouse[spouse[married]] == married) & (spouse[married] > married)]
    group = np.full(len(people), -1, dtype=np.int64)
    group[agreed] = group[spouse[agreed]] = own[: len(agreed)]
    return group, len(agreed)


def _continue(task: Task, previous: pa.Table, gone: Bools, said: list[Finding]) -> Task:
    """The points for staying, and the locks, as far as they can hold together; without the pairs of those who are `gone`.

    Which locks hold is settled before anybody is gone: else one that gave way to another would come to hold when that person
    withdraws, and a repair that moves nobody could not keep it.
    """
    problem = task.problem
    kept = first_of_each(previous.column("person"))
    locks = np.zeros(len(previous), dtype=np.bool_)
    if "locked" in previous.column_names:
        locks = pc.fill_null(previous.column("locked").cast(pa.bool_()), False).to_numpy()
        repeated = locks & ~kept
        if repeated.any():
            row = int(np.argmax(repeated))
            what = f"person '{previous.column('person')[row]}' stands twice, once in row {row + 1}; the first row counts"
            said.append(Finding("locks", what, "lock a person to one village"))
    pair = task.pairs_of(previous.column("person"), previous.column("village"))
    allowed = _hold(problem, previous, np.flatnonzero(locks & kept), pair, said)
    allowed = allowed[~gone[problem.person[allowed]]]
    stays = pair[kept & (pair >= 0)]
    stays = stays[~gone[problem.person[stays]]]
    points = problem.points.copy()
    points[stays] += task.policy.keep_bonus
    fixed = np.full(problem.people, -1, dtype=np.int64)
    fixed[problem.person[allowed]] = allowed
    own = fixed[problem.person]
    left = np.flatnonzero(((own < 0) | (own == np.arange(len(own)))) & ~gone[problem.person])
    new = np.full(len(own), -1, dtype=np.int64)
    new[left] = np.arange(len(left))
    smaller = replace(_only(replace(problem, points=points), left), locked=np.sort(new[allowed]))
    return replace(task, problem=smaller, previous=new[stays][new[stays] >= 0])


def _only(problem: Problem, pairs: Ints) -> Problem:
    """The task with some of its pairs, none of them locked."""
    return replace(
        problem,
        person=problem.person[pairs],
        place=problem.place[pairs],
        brings=problem.brings[pairs],
        points=problem.points[pairs],
    )


def _hold(problem: Problem, previous: pa.Table, rows: Ints, pair: Ints, said: list[Finding]) -> Ints:
    """The locks that can hold together: the first of two that contradict."""
    filled = np.zeros(len(problem.seats), dtype=np.int64)
    leading = np.zeros(len(problem.seats), dtype=np.bool_)
    used = [np.zeros(len(cap.most), dtype=np.int64) for cap in problem.caps]
    allowed: list[int] = []
    for row in rows.tolist():
        one = int(pair[row])
        said_of = f"'{previous.column('person')[row]}' to '{previous.column('village')[row]}' (row {row + 1})"
        if one < 0:
            said.append(
                Finding(
                    "locks", f"{said_of} is no eligible pair, so it was not held", "make the pair eligible"
                )
            )
            continue
        person, place = int(problem.person[one]), int(problem.place[one])
        leads = bool(leading[place]) or bool(problem.brings[one] & 1)
        over = filled[place] + 1 > problem.seats[place] - (bool(problem.leads[place]) and not leads)
        full = [
            cap.name
            for cap, taken in zip(problem.caps, used, strict=True)
            if cap.group[person] >= 0 and taken[cap.group[person]] >= cap.most[cap.group[person]]
        ]
        if over or full:
            why = "the seats it needs are taken" if over else f"it would break the {full[0]} rule"
            said.append(
                Finding(
                    "locks", f"{said_of} can't hold beside the locks before it: {why}", "unlock one of them"
                )
            )
            continue
        filled[place] += 1
        leading[place] = leads
        for cap, taken in zip(problem.caps, used, strict=True):
            if cap.group[person] >= 0:
                taken[cap.group[person]] += 1
        allowed.append(one)
    return np.array(allowed, dtype=np.int64)


def _look(task: Task, said: list[Finding]) -> None:
    """What the numbers show: too few people, a county where nobody may lead."""
    problem = task.problem
    able = len(np.unique(problem.person))
    if able < problem.total_seats:
        what = f"{problem.total_seats:,} seats and {able:,} people who may be posted; some seats stay vacant"
        said.append(Finding("every seat filled", what, "widen the pool, or ask for fewer members"))
    _look_for_leads(task, said)


def _look_for_leads(task: Task, said: list[Finding]) -> None:
    """Counties that ask for more first secretaries than there are qualified people who may go there."""
    problem = task.problem
    codes = task.tables.villages.column("county").cast(pa.string())
    county = pc.fill_null(codes, "").combine_chunks().dictionary_encode()
    number = np.asarray(county.indices).astype(np.int64)
    asked = np.bincount(number[problem.leads], minlength=len(county.dictionary))
    able = np.flatnonzero((problem.brings & 1) > 0)
    who = np.unique(number[problem.place[able]] * problem.people + problem.person[able]) // problem.people
    there = np.bincount(who, minlength=len(county.dictionary))
    for lacking, what in (
        ((asked > 0) & (there == 0), "no qualified person may go to any village of county {names}"),
        (
            (asked > there) & (there > 0),
            "more first secretaries are asked for than qualified people may go to county {names}",
        ),
    ):
        some = np.flatnonzero(lacking)
        if len(some):
            names = ", ".join(f"'{county.dictionary[one]}'" for one in some[:5].tolist())
            words = f"{what.format(names=names)} ({len(some):,} counties)"
            mend = "qualify people there, or open the county to others"
            said.append(Finding("one first secretary", words, mend))
