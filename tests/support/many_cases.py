"""Many cases at once, as an office of years would hold them: for boards, which count them, and for benchmarks.

Each household has cases one after the other: past ones that were closed or came to an exit, and perhaps one that is
under way at any step. Rows are written in bulk and hold what the constraints ask; steps follow the procedure, some
are entered late, incomes change before decisions, and some households come back.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from highground.cases.changes import EXIT, RECOGNITION, deciding_facts, remember_changes
from highground.cases.enums import CaseStatus, Channel
from highground.cases.models import Case, CaseClue, CaseStep, Deadline, Turn, Visit
from highground.methods.facts.months import later
from highground.methods.rules.procedure.graph import Effect, Procedure, Status, Step, Through
from highground.people.actions import source_of
from highground.people.models import Household, Observation
from highground.signals.models import Clue, Run
from highground.signals.rulebooks import book_of

CLASSES = ("sudden_severe", "marginal", "unstable_lifted_out")
FACTS = ("income_wage_12m", "income_business_12m", "out_of_pocket_12m", "relocated")
DAY = datetime.timedelta(days=1)


@dataclass
class Rows:
    """What will be written, in the order in which it may be."""

    cases: list[Case] = field(default_factory=list)
    clues: list[Clue] = field(default_factory=list)
    links: list[CaseClue] = field(default_factory=list)
    steps: list[CaseStep] = field(default_factory=list)
    deadlines: list[Deadline] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    facts: list[Observation] = field(default_factory=list)
    after: list[tuple[Case, Case]] = field(default_factory=list)

    def write(self) -> None:
        """Store all of it: a statement per thousand rows."""
        for model, rows in (
            (Case, self.cases),
            (Clue, self.clues),
            (CaseClue, self.links),
            (CaseStep, self.steps),
            (Deadline, self.deadlines),
            (Turn, self.turns),
            (Visit, self.visits),
            (Observation, self.facts),
        ):
            model.objects.bulk_create(rows, batch_size=1000)
        for case, earlier in self.after:
            case.earlier = earlier
        cases = Case.objects.everywhere(reason="test")
        cases.bulk_update([case for case, _earlier in self.after], ["earlier"], batch_size=500)
        if self.cases:
            facts = deciding_facts(book_of(self.cases[0].rulebook_version.hash))
            written = cases.filter(pk__gte=min(case.pk for case in self.cases))
            remember_changes({RECOGNITION: written, EXIT: written}, facts)


class Office:
    """Makes the cases of households one by one, by the procedure of the run's rulebook."""

    def __init__(self, run: Run, today: datetime.date, people: Sequence[str], rng: random.Random) -> None:
        self.run, self.today, self.people, self.rng = run, today, people, rng
        book = book_of(run.rulebook_version.hash)
        assert book.procedure
        self.procedure: Procedure = book.procedure
        self.source = source_of(kind="visit", name="Visit", day=today)
        self.rows = Rows()
        in_order = [self.procedure.steps[name] for name in self.procedure.order()]
        leading = [step for step in in_order if step.once and not step.expedited and not step.only_if]
        self.early = [step for step in leading if step.phase == "recognition"]
        self.late = [step for step in leading if step.phase != "recognition"]

    def add(self, household: Household, *, past: int, under_way: Status | None) -> None:
        """Past cases of a household, the last of them ended before one that is under way in this status (or none)."""
        end = self.today - self.rng.randrange(30) * DAY
        ends = [Status.EXITED if self.rng.random() < 0.7 else Status.CLOSED for _number in range(past)]
        before: list[Case] = []
        for status in [*([under_way] if under_way else []), *ends]:
            before.insert(0, self._case(household, status, end))
            end = before[0].discovered_on - self.rng.randrange(5, 900) * DAY
        for earlier, case in zip([None, *before], before, strict=False):
            self.rows.cases.append(case)
            if earlier:
                self.rows.after.append((case, earlier))

    def _case(self, household: Household, status: Status, end: datetime.date) -> Case:
        """One case that came to `status`, with its last step on `end` or before."""
        taken = self._steps(status)
        days = [0]
        for _step in taken:
            days.append(days[-1] + self.rng.choice((0, 0, 1, 1, 2, 3, 5, 9)))
        first = end - days[-1] * DAY
        case = Case(
            household=household,
            rulebook=self.run.rulebook,
            rulebook_version=self.run.rulebook_version,
            packs=list(self.procedure.packs),
            channel=self.rng.choice(Channel.values),
            status=str(status),
            discovered_on=first,
            opened_on=first,
            version=len(taken),
            questions=self.rng.randrange(12),
        )
        for place, (step, effect) in enumerate(taken, start=1):
            self._take(case, place, step, effect, first + days[place] * DAY)
        self._time(case, taken)
        self._facts(case)
        return case

    def _steps(self, status: Status) -> list[tuple[Step, Effect]]:
        """Which steps were taken, and what each brought about."""
        if status == Status.CLOSED:
            until = self.rng.choice([step for step in self.early if Effect.CLOSE in _effects(step)])
            before = self.early[: self.early.index(until)]
            return [*((step, Effect.NEXT) for step in before), (until, Effect.CLOSE)]
        early = [
            (step, Effect.RECOGNISE if Effect.RECOGNISE in _effects(step) else Effect.NEXT)
            for step in self.early
        ]
        if status == Status.OPEN:
            return early[: self.rng.randrange(len(early))]
        late = [(step, Effect.EXIT if Effect.EXIT in _effects(step) else Effect.NEXT) for step in self.late]
        return early + (late if status == Status.EXITED else late[: self.rng.randrange(len(late))])

    def _take(self, case: Case, place: int, step: Step, effect: Effect, day: datetime.date) -> None:
        outcome = next(one.id for one in step.outcomes.values() if one.effect == effect)
        late = self.rng.randrange(1, 12) if self.rng.random() < 0.15 else 0
        by = self.rng.sample(self.people, 2)
        taken = CaseStep(
            case=case, sequence=place, step=step.id, outcome=outcome, effect=str(effect), day=day,
            recorded_at=self._moment(day + late * DAY), entered_on=day + late * DAY, by=by[0], people=by,
            role=step.roles[0],
        )  # fmt: skip
        self.rows.steps.append(taken)
        if effect == Effect.RECOGNISE:
            case.recognised_on = case.first_recognised_on = day
            case.class_id, case.risks = self.rng.choice(CLASSES), ["illness"]
            case.differs = self.rng.choice((False, False, False, True, None))
            others = ("", *(one for one in CLASSES if one != case.class_id))
            case.rule_class = case.class_id if case.differs is False else ""
            case.rule_class = self.rng.choice(others) if case.differs else case.rule_class
        elif effect == Effect.EXIT:
            case.exited_on, case.exit_mode = day, "assistance"
        elif effect == Effect.CLOSE:
            case.closed_on = day
            if self.rng.random() < 0.6:
                self._clue(case)
        if step.through == Through.DELIVERY:
            case.supported_on = day
        if step.through == Through.VISIT:
            asked, fresh = self.rng.randrange(9), self.rng.choice((0, 0, 0, 1, None))
            self.rows.visits.append(
                Visit(
                    household=case.household,
                    case=case,
                    step=taken,
                    day=day,
                    visitors=by,
                    asked=asked,
                    asked_fresh=fresh,
                    recorded_at=taken.recorded_at,
                    by=by[0],
                )
            )

    def _clue(self, case: Case) -> None:
        """The case began with a clue; of some, the rulebook had said that a class is possible."""
        kind = self.rng.choice(("class", "rule"))
        clue = Clue(
            household=case.household, rulebook=case.rulebook, kind=kind, severity=2, status="closed",
            rule=self.rng.choice(CLASSES) if kind == "class" else "dwelling_unsafe", opened_on=case.discovered_on,
            due_on=case.discovered_on, run_opened=self.run, run_last=self.run,
        )  # fmt: skip
        self.rows.clues.append(clue)
        self.rows.links.append(CaseClue(case=case, clue=clue))

    def _time(self, case: Case, taken: list[tuple[Step, Effect]]) -> None:
        """Deadlines, whose turn it is, and what is due next."""
        due = case.discovered_on + 15 * DAY
        met = case.recognised_on
        self.rows.deadlines.append(
            Deadline(
                case=case,
                step=self._recognising,
                since=case.discovered_on,
                days=15,
                unit="calendar",
                due_on=due,
                met_on=met,
                dropped_on=case.closed_on,
            )
        )
        if met:
            help_due = later(met, 1)
            done = case.exited_on or (case.supported_on if case.supported_on else None)
            self.rows.deadlines.append(
                Deadline(
                    case=case,
                    step="deliver",
                    since=met,
                    days=1,
                    unit="months",
                    due_on=help_due,
                    met_on=case.supported_on or done,
                )
            )
        if case.status not in (CaseStatus.OPEN, CaseStatus.MONITORED):
            return
        done_steps = {step.id for step, _effect in taken}
        step = next(one for one in [*self.early, *self.late] if one.id not in done_steps)
        case.next_step = step.id
        case.due_on = due if case.status == CaseStatus.OPEN else self.today + self.rng.randrange(-9, 30) * DAY
        if self.rng.random() < 0.1:
            case.due_on = None
        self.rows.turns += [
            Turn(case=case, step=step.id, role=role, leads=True, due_on=case.due_on) for role in step.roles
        ]

    @property
    def _recognising(self) -> str:
        return next(step.id for step in self.early if Effect.RECOGNISE in _effects(step))

    def _facts(self, case: Case) -> None:
        """What was known before, and what changed around the decisions; some of it entered late, some withdrawn."""
        for fact in FACTS:
            values = ("true", "false") if fact == "relocated" else ("0", "900", "12000", "30000.5")
            for decided in filter(None, (case.recognised_on, case.exited_on)):
                for days in (self.rng.randrange(31, 200), self.rng.randrange(-3, 33)):
                    if self.rng.random() < 0.4:
                        continue
                    day = decided - days * DAY
                    lasts = self.rng.randrange(40) * DAY if self.rng.random() < 0.1 else None
                    self.rows.facts.append(
                        Observation(
                            household=case.household,
                            fact=fact,
                            valid_from=day,
                            value=None if self.rng.random() < 0.05 else self.rng.choice(values),
                            valid_to=None if lasts is None else day + lasts,
                            recorded_at=self._moment(day + self.rng.choice((0, 0, 0, 1, 9)) * DAY),
                            source=self.source,
                            by=self.people[0],
                        )
                    )

    def _moment(self, day: datetime.date) -> datetime.datetime:
        """Some minute of a local day, its first and last among them."""
        minute = self.rng.choice((0, 1, 1439, self.rng.randrange(1440)))
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time(minute // 60, minute % 60)))


def _effects(step: Step) -> set[Effect]:
    return {outcome.effect for outcome in step.outcomes.values()}


def add_cases(
    run: Run,
    households: Sequence[Household],
    *,
    today: datetime.date,
    people: Sequence[str] = ("1", "2", "3"),
    seed: int = 0,
    **how: Any,
) -> None:
    """Cases of each of these households; `how` fixes what is otherwise drawn: `past` and `under_way`."""
    rng = random.Random(seed)
    office = Office(run, today, people, rng)
    for household in households:
        drawn: dict[str, Any] = {
            "past": rng.choice((0, 0, 1, 1, 2)),
            "under_way": rng.choice((None, Status.OPEN, Status.MONITORED)),
        }
        office.add(household, **{**drawn, **how})
    office.rows.write()
