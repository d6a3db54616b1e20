"""The inbox: which cases wait for whom, how many in each list, and what a row says.

A step calls for somebody unless it may be taken at any time (help in an emergency, the proposal of an exit) or is a
follow-up that is not due within a week. A case is mine when a step calls for a role that I hold where the household
lives; as a contact officer, only for the households that are mine.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from highground.accounts.enums import Role, Sight
from highground.accounts.queries import held_grants, scope_of
from highground.accounts.scoping import common
from highground.areas.models import Area
from highground.cases.enums import RUNNING, CaseStatus
from highground.cases.flow import past_due, procedure_for, today_for
from highground.cases.models import Case, CaseClue, CaseStep, Turn
from highground.methods.rules import Rulebook
from highground.methods.rules.procedure.graph import Step
from highground.signals.queries import part_of
from highground.signals.rulebooks import book_of, rule_label, rule_words, said
from highground.web.numbers import listed

WEEK = datetime.timedelta(days=7)
Books = Mapping[str, Rulebook]


def calling(books: Books) -> Q:
    """The condition on turns whose step calls for somebody now."""
    free = Q(pk__in=[])
    for name, book in books.items():
        steps = list(book.procedure.steps.values()) if book.procedure else []
        at_will = [step.id for step in steps if step.expedited]
        at_will += [book.procedure.first_exit.id] if book.procedure and book.procedure.first_exit else []
        free |= Q(case__rulebook=name, step__in=at_will)
        if book.procedure and (again := [step.id for step in steps if step.repeats]):
            soon = today_for(book.procedure) + WEEK
            free |= Q(case__rulebook=name, step__in=again, due_on__gt=soon)
    return ~free


def of_person(user: Any, today: datetime.date) -> Q:
    """The condition on turns that this person sees and may take: roles held where the household lives."""
    mine = Q(pk__in=[])
    scope = scope_of(user, today, Sight.CASES)
    for grant in held_grants(user, today):
        if grant.area and not grant.target_kind:
            held = Q(role=grant.role)
            if common(scope, grant.area.path) != scope:  # else all that they see lies there
                held &= Q(case__household__area__path__startswith=grant.area.path)
            if grant.role == Role.CONTACT_OFFICER:
                held &= Q(case__contact=user) | Q(case__contact=None)
            mine |= held
    return mine


def turns_of(user: Any, books: Books, today: datetime.date) -> QuerySet[Turn]:
    """The turns that call for somebody, in the cases that `user` sees."""
    return Turn.objects.visible_to(user, today).filter(calling(books))


def cases_of(user: Any, area: Area | None, books: Books, today: datetime.date) -> QuerySet[Any]:
    """The cases that `user` sees in `area`: `called` when a step calls for somebody, `mine` when it calls for them.

    `my_due` is the first day on which one of the steps that call for them is due.
    """
    turns = turns_of(user, books, today).filter(case=OuterRef("pk"))
    found = Case.objects.visible_in(area.path if area else "", user, today)
    mine = turns.filter(of_person(user, today))
    first = mine.order_by().values("case").annotate(first=Min("due_on")).values("first")
    annotated: QuerySet[Any] = found.annotate(called=Exists(turns), mine=Exists(mine), my_due=Subquery(first))
    return annotated


def tabs(books: Books, today: datetime.date) -> dict[str, Q]:
    """The lists of the inbox as conditions on `cases_of`; `late` is a part of the first."""
    late = Q(status__in=RUNNING) & past_due(books, today, due="due_on", rulebook="rulebook")
    mine_late = past_due(books, today, due="my_due", rulebook="rulebook")
    return {
        "mine": Q(mine=True),
        "overdue": late,
        "others": Q(called=True, mine=False),
        "monitored": Q(status=CaseStatus.MONITORED),
        "exited": Q(status=CaseStatus.EXITED),
        "closed": Q(status=CaseStatus.CLOSED),
        "late": Q(mine=True) & mine_late,
    }


def count_cases(
    cases: QuerySet[Any], area: Area | None, books: Books, today: datetime.date
) -> dict[str, Counter[str]]:
    """How many cases each list has, by the path of the part of `area` (see `part_of`). One query."""
    lists = tabs(books, today)
    counts = {f"in_{name}": Count("pk", filter=condition) for name, condition in lists.items()}
    found: dict[str, Counter[str]] = {name: Counter() for name in lists}
    rows: Iterable[Any] = cases.order_by().values_list(part_of(area)).annotate(**counts)
    for place, *many in rows:
        for name, count in zip(lists, many, strict=True):
            found[name][place] += count
    return found


def count_steps(turns: QuerySet[Turn], cases: QuerySet[Any]) -> list[tuple[str, str, int]]:
    """Rulebook, step and in how many of these cases it can be taken, the most first. One query."""
    rows = (
        turns.filter(case__in=cases.order_by().values("pk"))
        .order_by()
        .values_list("case__rulebook", "step")
        .annotate(count=Count("case", distinct=True))
    )
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


@dataclass(frozen=True)
class Row:
    """One case as the inbox shows it, on `today` where its procedure is followed.

    `barred`: this person had a hand in a step that this one checks.
    """

    case: Case
    step: str
    taken_by: str
    why: str
    tag: tuple[str, str] | None
    since: datetime.date
    due: datetime.date | None
    today: datetime.date
    barred: bool


def rows_of(cases: Sequence[Case], user: Any, today: datetime.date, turns: QuerySet[Turn]) -> list[Row]:
    """What stands beside each case. Three queries, whatever the number of cases.

    `turns` says which steps count: those of this person, or all.
    """
    ids = [case.pk for case in cases]
    waiting: dict[int, list[Turn]] = defaultdict(list)
    for turn in turns.filter(case__in=ids).order_by("case", F("due_on").asc(nulls_last=True), "-leads", "pk"):
        waiting[turn.case_id].append(turn)
    taken: dict[int, list[CaseStep]] = defaultdict(list)
    steps = CaseStep.objects.visible_to(user, today).filter(case__in=ids)
    for one in steps.only("case_id", "step", "people", "day").order_by("case", "sequence"):
        taken[one.case_id].append(one)
    clues: dict[int, list[str]] = defaultdict(list)
    links = CaseClue.objects.visible_to(user, today).filter(case__in=ids)
    for link in links.select_related("clue").order_by("case", "-clue__severity", "clue__kind", "clue"):
        clues[link.case_id].append(said(link.clue.evidence.get("short")))
    return [_row(case, waiting[case.pk], taken[case.pk], clues[case.pk], str(user.pk)) for case in cases]


def _row(case: Case, turns: list[Turn], taken: list[CaseStep], clues: list[str], me: str) -> Row:
    procedure = procedure_for(case)
    step = procedure.steps.get(turns[0].step if turns else case.next_step)
    roles = [turn.role for turn in turns if step and turn.step == step.id] or (step.roles if step else ())
    due = turns[0].due_on if turns else None
    return Row(
        case=case,
        step=said(step.label) if step else "",
        taken_by=listed([str(Role(role).label) for role in roles]),
        why=next((text for text in clues if text), ""),
        tag=class_tag(case),
        since=taken[-1].day if taken else case.discovered_on,
        due=due or case.due_on,
        today=today_for(procedure),
        barred=step is not None and me in hands_in(taken, step),
    )


def hands_in(taken: Iterable[CaseStep], step: Step) -> set[str]:
    """The ids of those who had a hand in a step that `step` checks, sent back or not."""
    return {person for one in taken if one.step in step.not_by for person in one.people}


def class_tag(case: Case) -> tuple[str, str] | None:
    """The class of a case with its colour: recognised by people, or no more than possible."""
    book = book_of(case.rulebook_version.hash)
    if case.class_id:
        return said(rule_label(book, case.class_id)), "green" if case.status == CaseStatus.EXITED else "water"
    return (rule_words(book, case.proposed_class), "clay") if case.proposed_class else None


def csv_rows(
    cases: QuerySet[Case], user: Any, today: datetime.date, turns: QuerySet[Turn]
) -> Iterator[list[Any]]:
    """The rows of the list as a table, made in portions."""
    portion: list[Case] = []
    for case in cases.iterator(chunk_size=500):
        portion.append(case)
        if len(portion) == 500:
            yield from map(_cells, rows_of(portion, user, today, turns))
            portion = []
    yield from map(_cells, rows_of(portion, user, today, turns))


def _cells(row: Row) -> list[Any]:
    household = row.case.household
    parent = household.area.parent
    return [
        row.case.pk,
        household.number,
        household.key,
        str(parent) if parent else "",
        str(household.area),
        row.case.get_status_display(),
        row.step,
        row.taken_by,
        _("yes") if row.barred else "",
        row.why,
        row.tag[0] if row.tag else "",
        row.case.discovered_on,
        row.since,
        row.due,
    ]


def csv_header() -> list[str]:
    """The columns of the list as a table."""
    return [
        _("Case"), _("Household"), _("Pseudonym"), _("Township"), _("Village"), _("Status"), _("Next step"),
        _("Taken by"), _("Somebody else must take it"), _("Why"), _("Class"), _("Discovered"), _("Waiting since"),
        _("Due"),
    ]  # fmt: skip
