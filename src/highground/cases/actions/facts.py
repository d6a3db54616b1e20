"""Facts that the path of a case writes into the register, so that rules read them like any other fact."""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

import pyarrow as pa

from highground.accounts.models import User
from highground.cases.models import Case
from highground.methods.facts import Fact, load_dictionary
from highground.methods.facts.entering import canonical
from highground.people.actions import record_observations, source_of
from highground.people.bulk import OBSERVATIONS
from highground.people.enums import SourceKind
from highground.people.models import Household, Member, Observation
from highground.people.queries import facts_as_of

OFFICE = "The case's own record"


@dataclass(frozen=True)
class FactValue:
    """A fact as it was said or seen at the door; `confirmed` where what was known was only confirmed.

    `value` is what was typed (`methods/facts/entering.py` brings it into its form); None withdraws what was known.
    """

    fact: str
    value: object
    member: Member | None = None
    confirmed: bool = False


def write_facts(
    household: Household,
    values: Iterable[FactValue],
    *,
    kind: SourceKind,
    source: str,
    day: datetime.date,
    by: User,
    today: datetime.date,
) -> int:
    """Record these facts as of `day`; how many say something new. Raises NotAValue and RegisterError."""
    dictionary = load_dictionary()
    rows = [
        {
            "household": household.pk,
            "member": one.member.pk if one.member else None,
            "fact": one.fact,
            "value": None if one.value is None else canonical(dictionary[one.fact], one.value, today=today),
            "valid_from": day,
            "valid_to": None,
        }
        for one in values
    ]
    if not rows:
        return 0
    table = pa.Table.from_pylist(rows, schema=OBSERVATIONS)
    found = record_observations(
        table,
        by=str(by.pk),
        source=source_of(kind=kind, name=source, day=day),
        today=today,
        area_path=household.area.path,
    )
    return found.stored


def asked_again(
    household: Household,
    values: Iterable[FactValue],
    *,
    dictionary: Mapping[str, Fact],
    day: datetime.date,
    due: Container[str] = (),
) -> int:
    """How many of these were known on `day`, still counted, and were only said again. Two queries.

    A value that turned out to be another one was worth the question, and so was one of `due`: facts of the household
    of which a new reading was wanted. Raises NotAValue.
    """
    asked = list(values)
    known = {(one.member, one.fact): one for one in facts_as_of([household], as_of=day)} if asked else {}
    return sum(
        one.value is not None
        and not (one.member is None and one.fact in due)
        and (held := known.get((one.member.pk if one.member else None, one.fact))) is not None
        and counts_on(fact := dictionary[one.fact], held.date, day)
        and held.value == canonical(fact, one.value, today=day)
        for one in asked
    )


def counts_on(fact: Fact, since: datetime.date, day: datetime.date) -> bool:
    """Whether a value that somebody saw on `since` still counts on `day`."""
    return fact.fresh_for is None or since + datetime.timedelta(days=fact.fresh_for) >= day


def write_record(
    case: Case, values: dict[str, object], *, day: datetime.date, by: User, today: datetime.date
) -> None:
    """Record what the case itself decided: monitored since, in which class, with which risks."""
    dictionary = load_dictionary()
    known = [
        FactValue(name, value)
        for name, value in values.items()
        # A class of another country's rulebook is no value of the fact; the case still holds it.
        if not (
            dictionary[name].type == "category" and value is not None and value not in dictionary[name].values
        )
    ]
    write_facts(case.household, known, kind=SourceKind.VISIT, source=OFFICE, day=day, by=by, today=today)


def income_days(household: Household, facts: Iterable[str], since: datetime.date) -> list[datetime.date]:
    """The days from `since` on for which somebody told or saw one of these facts of the household. One query.

    What a department delivers on its own is no reading: a bill that arrives every month says nothing of an income.
    """
    return income_days_of([(household, facts, since)])[0]


def income_days_of(
    wanted: Iterable[tuple[Household, Iterable[str], datetime.date]],
) -> list[list[datetime.date]]:
    """`income_days` of many households, in their order. One query, none for none."""
    asked = [(household.pk, frozenset(facts), since) for household, facts, since in wanted]
    if not asked:
        return []
    rows = Observation.objects.everywhere(reason="observations of a household that the caller has scoped")
    told = list(
        rows.filter(
            household__in={home for home, _facts, _since in asked},
            member=None,
            fact__in=frozenset().union(*(facts for _home, facts, _since in asked)),
            valid_from__gte=min(since for _home, _facts, since in asked),
        )
        .exclude(value=None)
        .exclude(source__kind=SourceKind.DEPARTMENT)
        .values_list("household", "fact", "valid_from")
        .distinct()
    )
    return [
        sorted({day for home, fact, day in told if home == pk and fact in facts and day >= since})
        for pk, facts, since in asked
    ]
