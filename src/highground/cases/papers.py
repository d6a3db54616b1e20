"""What printed papers say, made from what is known: nothing is typed twice, and every blank that is known is filled."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from highground.accounts.queries import names_of_users
from highground.cases.case_page import told_of
from highground.cases.enums import Found
from highground.cases.known import records_on
from highground.cases.models import Case, Comparison
from highground.cases.registers import Register, register_label
from highground.cases.story import risk_words, timeline_of
from highground.methods.facts import load_dictionary
from highground.methods.rules import Rulebook
from highground.methods.rules.explaining import explain
from highground.people.enums import Protected
from highground.people.masking import is_masked, masked, opens_persons
from highground.people.models import Member, ProtectedValue
from highground.people.queries import Known, facts_as_of, names_of
from highground.people.sealed import opened
from highground.signals.figures import picture_of, rule_in
from highground.signals.household_page import value_in_words
from highground.signals.rulebooks import book_of, rule_label, said
from highground.web.numbers import day, listed, number, signed

Json = dict[str, Any]


class Household:
    """The household of a case with its members and what is known of them on a day. Five queries."""

    def __init__(self, case: Case, user: Any, today: datetime.date) -> None:
        self.case, self.today = case, today
        self.opens = opens_persons(user, case.household, today)
        self.book = book_of(case.rulebook_version.hash)
        self.members = list(case.household.members.filter(present=True).order_by("number", "pk"))
        self.known = facts_as_of([case.household], as_of=today)
        values = ProtectedValue.objects.visible_to(user, today).filter(household=case.household)
        self.protected = names_of(
            list(values.filter(member__isnull=True) | values.filter(member__in=self.members))
        )
        self.relations = {
            one.member: one.value for one in self.known if one.fact == "relation" and one.member is not None
        }

    @property
    def head(self) -> Member | None:
        """The head, or the only member; None where nobody knows."""
        if len(self.members) == 1:
            return self.members[0]
        return next((one for one in self.members if self.relations.get(one.pk) == "head"), None)

    def name(self, member: Member | None) -> str:
        """A member's name, or the pseudonym where no name is stored or may be seen."""
        if member is None:
            return self.protected.get((None, Protected.NAME), "")
        return self.protected.get((member.pk, Protected.NAME), member.key)

    def attribute(self, kind: Protected) -> str:
        """A protected attribute of the head, or of the household; empty where it is not known."""
        head = self.head
        own = self.protected.get((head.pk, kind), "") if head else ""
        return own or self.protected.get((None, kind), "")

    def rows(self) -> list[dict[str, Any]]:
        """The members: name, relation, date of birth, identity number."""
        dictionary = load_dictionary()
        born = {one.member: one.value for one in self.known if one.fact == "birth_date" and self.opens}
        return [
            {
                "name": self.name(one),
                "relation": value_in_words(dictionary["relation"], self.relations[one.pk])
                if one.pk in self.relations
                else "",
                "born": day(datetime.date.fromisoformat(str(born[one.pk]))) if one.pk in born else "",
                "identity": self.protected.get((one.pk, Protected.IDENTITY_NUMBER), ""),
            }
            for one in self.members
        ]


def application_of(case: Case, user: Any, today: datetime.date) -> dict[str, Any]:
    """The application with the authorisation to ask other registers: signed already, or ready to be signed."""
    home = Household(case, user, today)
    authorisation = (
        case.household.authorisations.filter(withdrawn_on=None).order_by("-given_on", "-pk").first()
    )
    signer = authorisation.signed_by if authorisation else None
    need = case.household.needs.filter(asked_on__gte=case.discovered_on).order_by("asked_on", "pk").first()
    wrote = _helper(authorisation) if authorisation and home.opens else ""
    return {
        "home": home,
        "head": home.name(home.head),
        "identity": home.attribute(Protected.IDENTITY_NUMBER),
        "phone": home.attribute(Protected.PHONE),
        "account": home.attribute(Protected.BANK_ACCOUNT),
        "members": home.rows(),
        "class": said(rule_label(home.book, case.proposed_class)) if case.proposed_class else "",
        "risks": risk_words(case.risks),
        "words": need,
        "registers": listed([str(one.label) for one in Register]),
        "authorisation": authorisation,
        "signer": home.name(signer or home.head) if authorisation else "",
        "wrote": wrote,
    }


def _helper(authorisation: Any) -> str:
    return opened(authorisation, "helper") if authorisation.helped else ""


def assessment_of(case: Case, user: Any, today: datetime.date) -> dict[str, Any]:
    """The assessment: each fact with its date and source, the reckoning of income, the rulebook's verdict."""
    home = Household(case, user, today)
    content = explain(records_on(case.household, home.book, {today})[today], home.book).as_dict()
    verdict = content["verdict"]
    rule = rule_in(content, verdict["class"] or home.book.classes[0].id)
    picture = picture_of(content, rule) if rule else None
    return {
        "home": home,
        "head": home.name(home.head),
        "members": home.rows(),
        "facts": list(_facts(home, None)),
        "of_members": [(home.name(one), list(_facts(home, one))) for one in home.members],
        "reckoning": _reckoning(picture) if picture and picture.steps else None,
        "verdict": said(verdict["headline"]),
        "why": said(verdict["why"]),
        "unverified": bool(content["unverified"]),
        "vetoes": [said(one["label"]) for one in content["vetoes"] if one["reason"]["verdict"] == "yes"],
        "visits": _visits(case),
        "registers": _registers(case, user, today, home.book),
    }


def _facts(home: Household, member: Member | None) -> Iterator[dict[str, Any]]:
    """What is known of the household, or of a member, in the order of the dictionary."""
    dictionary = load_dictionary()
    mine: dict[str, Known] = {
        one.fact: one for one in home.known if one.member == (member.pk if member else None)
    }
    for fact in dictionary.members if member else dictionary.household:
        known = mine.get(fact.name)
        if known is None or fact.name in ("relation", "birth_date"):
            continue
        fresh = fact.fresh_for is None or (home.today - known.date).days <= fact.fresh_for
        yield {
            "label": capfirst(said(fact.label)),
            "value": masked()
            if is_masked(fact, home.opens)
            else value_in_words(fact, known.value, home.book.currency),
            "day": known.date,
            "source": known.source,
            "stale": not fresh,
        }


def _reckoning(picture: Any) -> dict[str, Any]:
    """The steps of an amount as rows with the sum so far, and the line that it is held against."""
    rows, total = [], None
    for step in picture.steps:
        if step.total:
            rows.append((step.label, number(total) if total is not None else _("not known"), True))
            continue
        rows.append((step.label, signed(step.amount), False))
        total = (
            None if step.amount is None or (total is None and len(rows) > 1) else (total or 0) + step.amount
        )
    return {"label": picture.label, "rows": rows, "line": picture.mark.label if picture.mark else ""}


def _visits(case: Case) -> list[tuple[Any, str]]:
    visits = list(case.visits.order_by("day", "pk"))
    names = names_of_users(person for visit in visits for person in visit.visitors)
    return [(visit, listed([names.get(one, one) for one in visit.visitors])) for visit in visits]


def _registers(case: Case, user: Any, today: datetime.date, book: Rulebook) -> list[dict[str, Any]]:
    """What other registers answered, with the veto raised and what excepts it."""
    vetoes = {veto.id: veto for veto in book.vetoes}
    found = []
    for one in Comparison.objects.visible_to(user, today).filter(case=case).order_by("pk"):
        veto = vetoes.get(one.veto)
        excepted = (
            [said(rule.label) for rule in veto.exceptions if rule.id in one.excepted_by] if veto else []
        )
        found.append(
            {
                "register": capfirst(register_label(one.register)),
                "answer": str(Found(one.found).label),
                "veto": said(veto.label) if veto else one.veto,
                "excepted": listed(excepted),
                "note": one.note,
                "day": one.day,
            }
        )
    return found


def file_of(case: Case, user: Any, today: datetime.date) -> dict[str, Any]:
    """The case file: everything that happened with its reasons, the decisions, what registers and notices said."""
    home = Household(case, user, today)
    told = told_of(case, user, today)
    events = [event for event in timeline_of(told) if event.get("state", "done") in ("done", "fallen")]
    return {
        "home": home,
        "head": home.name(home.head),
        "events": events,
        "classes": list(_classes(case, home.book)),
        "registers": _registers(case, user, today, home.book),
        "deadlines": [(_title(told.procedure, one.step), one) for one in told.deadlines],
        "needs": list(case.household.needs.order_by("asked_on", "pk")),
        "members": home.rows(),
    }


def _title(procedure: Any, name: str) -> str:
    step = procedure.steps.get(name)
    return capfirst(said(step.label)) if step else name


def _classes(case: Case, book: Rulebook) -> Iterator[tuple[str, str]]:
    """What the visit proposed, the people recognised and the rulebook said; none takes the other's place."""
    if case.proposed_class:
        yield _("The visit proposed"), said(rule_label(book, case.proposed_class))
    if case.class_id:
        words = {"class": said(rule_label(book, case.class_id)), "day": day(case.recognised_on)}
        yield _("People recognised"), _("%(class)s, on %(day)s") % words
        rule = said(rule_label(book, case.rule_class)) if case.rule_class else _("no class")
        yield _("The rulebook said then"), rule if case.differs is not None else _("cannot tell")
    if case.risks:
        yield _("Risks"), risk_words(case.risks)
    if case.first_recognised_on:
        yield _("First recognised"), day(case.first_recognised_on)
    if case.exited_on:
        yield _("Exited"), f"{day(case.exited_on)}, {case.get_exit_mode_display()}"
