"""What is known of a household's money per person over time, against the line of each year.

The amount and the line are those of the rulebook: the ones that its exit asks for, else the last amount that a
condition compares with a parameter. Each day on which somebody observed a part of the amount gives a point, with what
was known on that day; what departments deliver stands below as columns. A day on which the amount cannot be told
gives no point.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from highground.areas.models import Area
from highground.areas.queries import ancestors
from highground.cases.models import Case
from highground.methods.facts import Fact
from highground.methods.rules import Rulebook
from highground.methods.rules.oracle import evaluate, persons
from highground.methods.rules.parameters import look_up
from highground.methods.rules.record import Member as MemberRow
from highground.methods.rules.record import ParameterReading, Record, Value
from highground.methods.rules.statement import facts_of
from highground.methods.rules.tree import Compare, DerivedAmount, ParameterValue, PerPerson, walk
from highground.people.enums import SourceKind
from highground.people.models import Observation
from highground.people.queries import statements_of
from highground.signals.rulebooks import book_of, said
from highground.web.over_time import Column, Level, OverTime, Point, draw_over_time

ASSUMED = ("on_register", "lives_with", "shares_budget")
"""Facts of members that count as true where nobody has ever said otherwise, as in a screening."""

SHOWN = datetime.timedelta(days=730)
MOST_POINTS = 8


@dataclass(frozen=True)
class Held:
    """An amount of the rulebook and the parameter that it is held against, per person."""

    amount: str
    line: str


def held_against(book: Rulebook) -> Held | None:
    """The amount that decides, with its line; None where no rule compares one."""
    if book.exit and book.exit.sustained:
        return Held(book.exit.sustained.amount, book.exit.sustained.above)
    found = None
    for condition in book.conditions.values():
        for node in walk(condition.expression.tree):
            if isinstance(node, Compare) and isinstance(node.left, PerPerson):
                amount, line = node.left.operand, node.right
                if isinstance(amount, DerivedAmount) and isinstance(line, ParameterValue):
                    found = Held(amount.name, line.name)
    return found


def money_of(case: Case, today: datetime.date) -> OverTime | None:
    """The picture for the page of a case; None where the rulebook has no line, or nothing was ever observed.

    Four queries, however much is known. The caller answers for the scope of `case`.
    """
    book = book_of(case.rulebook_version.hash)
    held = held_against(book)
    if held is None:
        return None
    wanted = facts_of(book, book.derived[held.amount].expression.tree)
    counted = facts_of(book, book.counted.expression.tree)
    statements = list(
        statements_of(case.household, case.household.members.filter(present=True))
        .filter(fact__in=[*wanted, *counted, "household_size"])
        .filter(valid_from__lte=today)
        .select_related("source")
        .order_by("valid_from", "recorded_at", "pk")
    )
    own = [one for one in statements if one.member_id is None and one.fact in wanted]
    if not own:
        return None
    first = max(min(one.valid_from for one in own), today - SHOWN)
    first = min(first, today - datetime.timedelta(days=180)).replace(day=1)
    columns = _columns(own, book, first)
    points = list(_points(statements, own, book, held, case.household.key, first))[-MOST_POINTS:]
    return draw_over_time(
        points,
        list(_levels(book, held.line, case.household.area, first, today)),
        columns,
        first=first,
        last=today,
        name=_("%(amount)s per person, against the %(line)s")
        % {
            "amount": said(book.derived[held.amount].label),
            "line": said(book.parameters[held.line].label),
        },
        caption=_("%(fact)s, for the whole household, as delivered") % {"fact": columns[0].label}
        if columns
        else "",
    )


def _points(
    statements: Sequence[Observation],
    own: Sequence[Observation],
    book: Rulebook,
    held: Held,
    key: str,
    first: datetime.date,
) -> Iterator[Point]:
    """The amount per person on each day on which a part of it was observed by somebody, not only delivered."""
    days: dict[datetime.date, Observation] = {}
    for one in own:
        if one.valid_from >= first and one.source.kind != SourceKind.DEPARTMENT:
            days[one.valid_from] = one
    minor = 10**book.minor_digits
    for day, seen in sorted(days.items()):
        record = record_on(day, statements, book, key)
        amount = evaluate(book.derived[held.amount].expression.tree, record, book)
        size = persons(record, book)
        if amount.known and size.known and size.lo:
            each = Fraction(amount.lo) / Fraction(size.lo) / minor
            yield Point(
                str(seen.source.get_kind_display()), day, round(Decimal(each.numerator) / each.denominator)
            )


def record_on(day: datetime.date, statements: Sequence[Observation], book: Rulebook, key: str) -> Record:
    """The household as the rules saw it on `day`, from statements in the order of their days."""
    latest: dict[int | None, dict[str, Observation]] = defaultdict(dict)
    for one in statements:
        if one.valid_from <= day:
            latest[one.member_id][one.fact] = one
    members = sorted({one.member_id for one in statements if one.member_id is not None})
    return Record(
        household=key,
        as_of=day,
        facts=_facts(latest[None], book, day),
        members=tuple(
            MemberRow(str(member), {**dict.fromkeys(ASSUMED, True), **_facts(latest[member], book, day)})
            for member in members
        ),
        parameters={name: ParameterReading(None, None) for name in book.parameters},
    )


def _facts(rows: Mapping[str, Observation], book: Rulebook, day: datetime.date) -> dict[str, Value]:
    """Values in the units of the engine; what has ended, was withdrawn or is stale on `day` is missing."""
    found: dict[str, Value] = {}
    for name, row in rows.items():
        fact = book.dictionary[name]
        ended = row.valid_to is not None and row.valid_to < day
        stale = fact.fresh_for is not None and (day - row.valid_from).days > fact.fresh_for
        if row.value is not None and not ended and not stale:
            found[name] = _value(fact, row.value, book.minor_digits)
    return found


def _value(fact: Fact, text: str, minor_digits: int) -> Value:
    match fact.type:
        case "money":
            return int((Decimal(text) * 10**minor_digits).to_integral_value())
        case "integer":
            return int(text)
        case "boolean":
            return text == "true"
        case "date":
            return datetime.date.fromisoformat(text)
        case "list":
            return () if text == "[]" else tuple(text.split(";"))
        case _:
            return text


def _columns(own: Sequence[Observation], book: Rulebook, first: datetime.date) -> list[Column]:
    """What departments delivered of the fact of which they delivered most."""
    fed = [
        one
        for one in own
        if one.source.kind == SourceKind.DEPARTMENT and one.value is not None and one.valid_from >= first
    ]
    most = Counter(one.fact for one in fed if book.dictionary[one.fact].type == "money").most_common(1)
    if not most:
        return []
    label = said(book.dictionary[most[0][0]].label)
    return [Column(label, one.valid_from, Decimal(str(one.value))) for one in fed if one.fact == most[0][0]]


def _levels(
    book: Rulebook, name: str, area: Area, first: datetime.date, last: datetime.date
) -> Iterator[Level]:
    """The line of each year where the household lives; a year without one has none. One query."""
    parameter, keys = book.parameters[name], places_of(area)
    for year in range(first.year, last.year + 1):
        found = look_up(parameter, datetime.date(year, 7, 1), keys)
        if found.low is not None and found.low == found.high:
            value = Decimal(found.low) / 10**book.minor_digits
            yield Level(said(parameter.label), datetime.date(year, 1, 1), datetime.date(year, 12, 31), value)


def places_of(area: Area) -> dict[str, str | None]:
    """By what parameters are looked up for a household in `area`: province (its ISO code), city, county. One query."""
    found: dict[str, str | None] = {"province": None, "city": None, "county": None}
    for one in (*ancestors(area), area):
        if one.level in found:
            found[one.level] = (one.iso or one.code) if one.level == "province" else one.code
    return found
