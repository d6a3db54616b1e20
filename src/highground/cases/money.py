"""What is known of a household's money per person over time, against the line of each year.

The amount and the line are those that the rulebook asks for at the exit. Each day on which somebody observed a part of
the amount gives a point, with what was known of that day; what departments deliver stands below as columns. A day for
which the amount cannot be told gives no point.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from highground.cases.known import records_on
from highground.cases.models import Case
from highground.methods.rules import Rulebook
from highground.methods.rules.oracle import evaluate, persons
from highground.methods.rules.record import Record
from highground.methods.rules.rulebook import Sustained
from highground.methods.rules.statement import facts_of
from highground.people.enums import SourceKind
from highground.people.models import Observation
from highground.signals.rulebooks import book_of, said
from highground.web.over_time import Column, Level, OverTime, Point, draw_over_time

SHOWN = datetime.timedelta(days=730)
LEAST = datetime.timedelta(days=180)
MOST_POINTS = 8


def money_of(case: Case, today: datetime.date) -> OverTime | None:
    """The picture for the page of a case; None where the rulebook asks for no amount, or none was ever observed.

    A fixed number of queries, however much is known. The caller answers for the scope of `case`.
    """
    book = book_of(case.rulebook_version.hash)
    held = book.exit.sustained if book.exit else None
    if held is None:
        return None
    wanted = facts_of(book, book.derived[held.amount].expression.tree)
    own = list(
        case.household.observations.filter(member=None, fact__in=wanted, valid_from__lte=today)
        .exclude(value=None)
        .select_related("source")
        .order_by("valid_from", "recorded_at", "pk")
    )
    if not own:
        return None
    first = min(max(own[0].valid_from, today - SHOWN), today - LEAST).replace(day=1)
    seen = [one for one in own if one.valid_from >= first]
    days = {one.valid_from: one for one in seen if one.source.kind != SourceKind.DEPARTMENT}
    years = [datetime.date(year, 12, 31) for year in range(first.year, today.year + 1)]
    records = records_on(case.household, book, [*days, *years])
    columns = _columns(seen, book)
    return draw_over_time(
        list(_points(days, records, book, held))[-MOST_POINTS:],
        list(_levels(years, records, book, held)),
        columns,
        first=first,
        last=today,
        name=_("%(amount)s per person, against the %(line)s")
        % {"amount": said(book.derived[held.amount].label), "line": said(book.parameters[held.above].label)},
        caption=_("%(fact)s of the whole household, as delivered") % {"fact": columns[0].label}
        if columns
        else "",
    )


def _points(
    days: Mapping[datetime.date, Observation],
    records: Mapping[datetime.date, Record],
    book: Rulebook,
    held: Sustained,
) -> Iterator[Point]:
    """The amount per person on each day on which a part of it was observed by somebody, not only delivered."""
    for day, one in sorted(days.items()):
        amount = evaluate(book.derived[held.amount].expression.tree, records[day], book)
        size = persons(records[day], book)
        if amount.known and size.known:
            each = Fraction(amount.lo) / Fraction(size.lo) / 10**book.minor_digits
            yield Point(
                str(one.source.get_kind_display()), day, round(Decimal(each.numerator) / each.denominator)
            )


def _levels(
    years: Sequence[datetime.date], records: Mapping[datetime.date, Record], book: Rulebook, held: Sustained
) -> Iterator[Level]:
    """The line of each year where the household lives; a year without one has none."""
    for day in years:
        line = records[day].parameters[held.above]
        if line.low is not None and line.low == line.high:
            value = Decimal(line.low) / 10**book.minor_digits
            yield Level(said(book.parameters[held.above].label), day.replace(month=1, day=1), day, value)


def _columns(seen: Sequence[Observation], book: Rulebook) -> list[Column]:
    """What departments delivered of the amount of which they delivered most."""
    fed = [one for one in seen if one.source.kind == SourceKind.DEPARTMENT]
    most = Counter(one.fact for one in fed if book.dictionary[one.fact].type == "money").most_common(1)
    if not most:
        return []
    (fact, _count) = most[0]
    label = said(book.dictionary[fact].label)
    return [Column(label, one.valid_from, Decimal(one.value or 0)) for one in fed if one.fact == fact]
