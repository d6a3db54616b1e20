"""What to ask at the door: only what is missing or too old and could change the answer, each once.

What is known and fresh is shown and not asked. What is known but too old is asked with the old value filled in, so
that it need only be confirmed.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from highground.cases.actions.exits import Lacking, lacking_for_exits
from highground.cases.actions.facts import FactValue, counts_on
from highground.cases.forms.base import why_refused
from highground.cases.known import records_of
from highground.cases.models import Case
from highground.methods.facts import Fact
from highground.methods.facts.entering import NotAValue, canonical
from highground.methods.rules import Rulebook
from highground.methods.rules.asking import Asking
from highground.methods.rules.rulebook import Text
from highground.methods.rules.statement import SCREENED, facts_of
from highground.people.enums import Protected
from highground.people.masking import is_masked, opens_persons
from highground.people.models import Member, ProtectedValue
from highground.people.queries import Known, facts_as_of, names_of
from highground.signals.household_page import value_in_words
from highground.signals.rulebooks import book_of, rule_label, said
from highground.web.numbers import day, listed

RISKS = "risks"
"""Asked by the form's own question about risks, never twice."""


@dataclass(frozen=True)
class Question:
    """One fact to ask, of the household or of a member; `known` is what was known, if anything.

    `needed_by` are the rules that need it. `again` asks for a new reading of what is known and still counts: an
    income is told over time.
    """

    fact: Fact
    member: Member | None
    who: str
    known: Known | None
    needed_by: tuple[str, ...] = ()
    again: bool = False

    @property
    def name(self) -> str:
        """The name of its field."""
        return f"fact_{self.fact.name}" + (f"_{self.member.pk}" if self.member else "")

    @property
    def key(self) -> tuple[str, str]:
        """The fact, and the key of the member whose it is ("" of the household)."""
        return self.fact.name, self.member.key if self.member else ""


@dataclass(frozen=True)
class Questions:
    """What is asked, what is fresh and may only be corrected, and what rows to show of it."""

    asked: list[Question]
    fresh: list[Question]

    @property
    def correctable(self) -> list[Question]:
        """Fresh facts of the household itself, which somebody may find to be wrong."""
        return [one for one in self.fresh if one.member is None and one.fact.name != RISKS]


def questions_of(case: Case, user: Any, today: datetime.date) -> Questions:
    """What to ask of the household of a case: what could change the class, once it is monitored what could let it leave.

    A constant number of queries, however much is known.
    """
    return questions_of_all([case], user, today)[0]


def questions_of_all(cases: Sequence[Case], user: Any, today: datetime.date) -> list[Questions]:
    """`questions_of` many cases of different households, in their order. A constant number of queries, however many."""
    homes = {case.household.pk: case.household for case in cases}
    known: dict[int, dict[tuple[int | None, str], Known]] = {pk: {} for pk in homes}
    for one in facts_as_of(homes.values(), as_of=today):
        known[one.household][one.member, one.fact] = one
    members: dict[int, list[Member]] = {pk: [] for pk in homes}
    present = Member.objects.everywhere(reason="members of households that the caller has scoped")
    for member in present.filter(household__in=homes, present=True).order_by("number", "pk"):
        assert member.household_id is not None
        members[member.household_id].append(member)
    names = _names(homes, user)
    lacking = lacking_for_exits(cases, today=today)
    needed = _needed([case for case, lacks in zip(cases, lacking, strict=True) if not lacks.reads], today)
    return [
        _asked_and_fresh(
            book_of(case.rulebook_version.hash),
            known[case.household.pk],
            members[case.household.pk],
            names,
            opens_persons(user, case.household, today),
            lacks,
            {} if lacks.reads else needed[case.household.pk],
            today,
        )
        for case, lacks in zip(cases, lacking, strict=True)
    ]


def _asked_and_fresh(
    book: Rulebook,
    known: Mapping[tuple[int | None, str], Known],
    members: Sequence[Member],
    names: Mapping[tuple[int | None, str], str],
    opens: bool,
    lacking: Lacking,
    needed: Mapping[tuple[str, str], tuple[str, ...]],
    today: datetime.date,
) -> Questions:
    """What of one household is to be asked, and what is fresh and decides."""
    decides = _deciding(book) | lacking.reads
    asked: list[Question] = []
    fresh: list[Question] = []
    for fact in book.dictionary.values():
        if is_masked(fact, opens):
            continue
        whose: list[Member | None] = [None] if fact.entity == "household" else list(members)
        for member in whose:
            one = known.get((member.pk if member else None, fact.name))
            who = names.get((member.pk, Protected.NAME), member.key) if member else ""
            counts = one is not None and is_fresh(fact, one, today)
            key = (fact.name, member.key if member else "")
            asks = lacking.wants(*key) or (not counts and (key in needed or fact.name in lacking.parts))
            if asks and not (fact.name == "household_size" and members):
                asked.append(Question(fact, member, who, one, needed.get(key, ()), again=counts))
            elif counts and fact.name in decides:
                fresh.append(Question(fact, member, who, one))
    order = {key: place for place, key in enumerate(needed)}
    asked.sort(key=lambda one: order.get(one.key, len(order)))
    return Questions(asked, fresh)


def _needed(cases: Sequence[Case], today: datetime.date) -> dict[int, dict[tuple[str, str], tuple[str, ...]]]:
    """By household the facts that could still change its verdict, the soonest settling first, with the rules that need each."""
    asking = {case.rulebook_version.hash: Asking(book_of(case.rulebook_version.hash)) for case in cases}
    records = records_of(
        [(case.household, asking[case.rulebook_version.hash].book, [today]) for case in cases], SCREENED
    )
    return {
        case.household.pk: {
            one.key: one.needed_by
            for one in asking[case.rulebook_version.hash].all(record[today], soonest_first=True)
        }
        for case, record in zip(cases, records, strict=True)
    }


def is_fresh(fact: Fact, known: Known, today: datetime.date) -> bool:
    """Whether a value still counts today."""
    return counts_on(fact, known.date, today)


def _deciding(book: Rulebook) -> set[str]:
    """The facts behind the classes of a rulebook, but for those that the office writes itself."""
    nodes = [one.expression.tree for one in book.classes]
    return {name for node in nodes for name in facts_of(book, node)} - {"monitored"}


def _names(households: Iterable[int], user: Any) -> dict[tuple[int | None, str], str]:
    values = ProtectedValue.objects.visible_to(user).filter(
        household__in=list(households), kind=Protected.NAME
    )
    return names_of(list(values))


def rows_of(questions: Iterable[Question], currency: str) -> list[dict[str, Any]]:
    """What is known and not asked, for reading."""
    return [
        {
            "label": capfirst(said(one.fact.label)),
            "who": one.who,
            "value": value_in_words(one.fact, one.known.value, currency),
            "since": one.known.date,
            "source": one.known.source,
        }
        for one in questions
        if one.known
    ]


def field_of(
    question: Question, currency: str, *, correcting: bool = False, reasons: str = ""
) -> forms.Field:
    """The field in which a fact is asked, with what was known filled in; empty where it may only be corrected.

    `reasons` names the rules that need it.
    """
    fact, known = question.fact, question.known
    label = capfirst(said(fact.label))
    options: dict[str, Any] = {
        "label": f"{label}: {question.who}" if question.who else label,
        "required": False,
        "help_text": " ".join(
            part for part in (_hint(question, currency, correcting=correcting), reasons) if part
        ),
        "initial": known.value if known and not correcting else None,
    }
    match fact.type:
        case "boolean":
            choices = [("", _("not asked")), ("true", capfirst(_("yes"))), ("false", capfirst(_("no")))]
            return forms.ChoiceField(choices=choices, widget=forms.Select, **options)
        case "category":
            values = [
                ("", _("not asked")),
                *((name, capfirst(said(text))) for name, text in fact.values.items()),
            ]
            return forms.ChoiceField(choices=values, widget=forms.Select, **options)
        case "list":
            options["initial"] = known.value.split(";") if known and not correcting else None
            values = [(name, capfirst(said(text))) for name, text in fact.values.items()]
            boxes = forms.CheckboxSelectMultiple(attrs={"class": "choices--many"})
            return forms.MultipleChoiceField(choices=values, widget=boxes, **options)
        case "date":
            return forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), **options)
        case _:
            attributes = {"inputmode": "decimal", "class": "govuk-input--width-10", "autocomplete": "off"}
            return forms.CharField(widget=forms.TextInput(attrs=attributes), **options)


def reasons_of(
    question: Question,
    book: Rulebook,
    *,
    named: Callable[[Text], str] = said,
    words: Callable[[str], str] = _,
) -> str:
    """ "Needed for: ...", naming the rules that wait for the answer. `named` and `words` say both in other languages."""
    if not question.needed_by:
        return ""
    rules = [named(rule_label(book, name)) for name in question.needed_by]
    return words(gettext_noop("Needed for: %(outcomes)s.")) % {"outcomes": listed(rules)}


def _hint(question: Question, currency: str, *, correcting: bool) -> str:
    fact, known = question.fact, question.known
    if known is None:
        return said(fact.meaning)
    words = {
        "value": value_in_words(fact, known.value, currency),
        "day": day(known.date),
        "source": known.source,
    }
    if correcting:
        return _("Known: %(value)s, since %(day)s, %(source)s. Fill this in only if it is wrong.") % words
    if question.again:
        return (
            _("Known: %(value)s on %(day)s, %(source)s. How much is it now? Confirm it or correct it.")
            % words
        )
    return _("Too old: %(value)s on %(day)s, %(source)s. Confirm it or correct it.") % words


def values_of(form: forms.Form, questions: Questions, today: datetime.date) -> Iterator[FactValue]:
    """The facts that were answered, from a form that was cleaned: confirmed, corrected or new.

    What was left empty is not answered. A fresh fact counts only where something else was typed.
    """
    for one in questions.asked:
        if (typed := _typed(form, one.name)) is not None:
            value = canonical(one.fact, typed, today=today)
            yield FactValue(
                one.fact.name, value, one.member, confirmed=bool(one.known and one.known.value == value)
            )
    for one in questions.correctable:
        if (typed := _typed(form, f"fix_{one.fact.name}")) is not None:
            value = canonical(one.fact, typed, today=today)
            if one.known is None or one.known.value != value:
                yield FactValue(one.fact.name, value, one.member)


def _typed(form: forms.Form, name: str) -> Any:
    value = form.cleaned_data.get(name)
    return None if value in (None, "", []) else value


def check_values(form: forms.Form, questions: Questions, today: datetime.date) -> None:
    """Put an error beside each field whose value cannot be one of its fact."""
    named = [(one.name, one.fact) for one in questions.asked]
    named += [(f"fix_{one.fact.name}", one.fact) for one in questions.correctable]
    for name, fact in named:
        typed = _typed(form, name)
        if typed is None:
            continue
        try:
            canonical(fact, typed, today=today)
        except NotAValue as error:
            form.add_error(name, capfirst(why_refused(error)))
