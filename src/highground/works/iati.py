"""A project as an IATI activity (standard 2.03): who, where, when, how much, with which published results.

Amounts stand in their own currency with their own date. Results are the dated figures of the project page: an indicator with
one period for each figure, no longer than its date is known, and words that say how the source gives it. What is not known is
left out, not made up.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from django.conf import settings
from django.utils.translation import gettext as _

from highground.works.enums import DayKind, DayPrecision, Exactness, FigureKind, MoneyKind, PartnerRole
from highground.works.models import Figure, Money, Project, ProjectSite
from highground.works.models.projects import Dated
from highground.works.queries.projects import Series

VERSION = "2.03"
ROLES = {
    PartnerRole.FUNDING: "1", PartnerRole.ACCOUNTABLE: "2", PartnerRole.EXTENDING: "3", PartnerRole.IMPLEMENTING: "4",
}  # fmt: skip
TRANSACTIONS = {MoneyKind.COMMITMENT: "2", MoneyKind.DISBURSEMENT: "3", MoneyKind.EXPENDITURE: "4"}
RESULTS = {FigureKind.OUTPUT: "1", FigureKind.OUTCOME: "2"}
"""IATI's codes; figures of the place and of inputs are no results."""
COMING, UNDER_WAY, CLOSED = "1", "2", "4"
START, END = ("1", "2"), ("3", "4")
"""Dates that are planned, and dates that have been: a day to come is never an actual one."""
DRAFT = "XX-NOT-SET"
"""Stands where the identifier of a publisher is lacking; it begins with no agency that there is."""
RURAL_DEVELOPMENT = "43040"
XML = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True)
class Reporter:
    """Who publishes: the identifier in the IATI registry, the name, and the kind by IATI's list; empty where not set."""

    ref: str
    name: str
    kind: str


def reporter_set() -> Reporter:
    """Who publishes, by the settings of this installation."""
    return Reporter(settings.IATI_REPORTER, settings.IATI_REPORTER_NAME, settings.IATI_REPORTER_TYPE)


def activity_of(
    project: Project,
    sites: Sequence[ProjectSite],
    series: Sequence[Series],
    *,
    reporter: Reporter,
    today: datetime.date,
) -> bytes:
    """The XML file of a project, with what the caller has scoped.

    Without a `reporter` the file is a draft, and says so where the identifier of a publisher would stand.
    """
    top = ElementTree.Element("iati-activities", version=VERSION)
    if not reporter.ref:
        top.append(ElementTree.Comment(" A draft: no publisher is set (HIGHGROUND_IATI_REPORTER). "))
    made = f"{today.isoformat()}T00:00:00Z"
    top.set("generated-datetime", made)
    one = ElementTree.SubElement(top, "iati-activity", {"last-updated-datetime": made})
    one.set(f"{{{XML}}}lang", "en")
    ElementTree.SubElement(one, "iati-identifier").text = f"{reporter.ref or DRAFT}-{project.code}"
    publisher = ElementTree.SubElement(one, "reporting-org", ref=reporter.ref or DRAFT, type=reporter.kind)
    _told(publisher, {"en": reporter.name or reporter.ref or "not set"})
    _told(ElementTree.SubElement(one, "title"), project.title)
    _told(ElementTree.SubElement(one, "description", type="1"), project.summary or project.title)
    _partners(one, project)
    over = project.handed_over or project.ends
    ElementTree.SubElement(one, "activity-status", code=_status(project, over, today))
    ends = "handed_over" if project.handed_over else "ends"
    for (planned, actual), day, name in ((START, project.starts, "starts"), (END, over, ends)):
        if day:
            kind = actual if day <= today else planned
            at = ElementTree.SubElement(one, "activity-date", {"iso-date": day.isoformat(), "type": kind})
            _told(at, _vague(project.dates.get(name, {}).get("precision", DayPrecision.DAY)))
    ElementTree.SubElement(one, "recipient-country", code=project.country)
    for site in sites:
        place = ElementTree.SubElement(one, "location", ref=site.area.code)
        _told(ElementTree.SubElement(place, "name"), site.area.names)
        if site.area.latitude is not None and site.area.longitude is not None:
            point = ElementTree.SubElement(
                place, "point", srsName="http://www.opengis.net/def/crs/EPSG/0/4326"
            )
            ElementTree.SubElement(point, "pos").text = f"{site.area.latitude} {site.area.longitude}"
    ElementTree.SubElement(one, "sector", vocabulary="1", code=RURAL_DEVELOPMENT)
    for money in project.money.select_related("reference").order_by("day", "pk"):
        _transaction(one, money)
    refs = {site.area_id for site in sites}
    for series_one in series:
        if series_one.kind in RESULTS:
            _result(one, RESULTS[FigureKind(series_one.kind)], series_one, refs)
    ElementTree.indent(top)
    content: bytes = ElementTree.tostring(top, xml_declaration=True, encoding="UTF-8")
    return content


def lacks_for_iati(project: Project) -> list[str]:
    """What the standard cannot do without and is not known: a partner, a date."""
    lacking = []
    if not project.partners.exists():
        lacking.append(_("a partner"))
    if not (project.starts or project.handed_over or project.ends):
        lacking.append(_("a date"))
    return lacking


def _told(parent: ElementTree.Element, words: dict[str, str]) -> None:
    for language, text in sorted(words.items()):
        narrative = ElementTree.SubElement(parent, "narrative")
        if language != "en":
            narrative.set(f"{{{XML}}}lang", language)
        narrative.text = text


def _partners(one: ElementTree.Element, project: Project) -> None:
    for partner in project.partners.order_by("role", "pk"):
        known = {"type": partner.kind} if partner.kind else {}
        organisation = ElementTree.SubElement(
            one, "participating-org", {"role": ROLES[PartnerRole(partner.role)], **known}
        )
        _told(organisation, partner.name)


def _status(project: Project, over: datetime.date | None, today: datetime.date) -> str:
    if over and over <= today:
        return CLOSED
    return COMING if project.starts and project.starts > today else UNDER_WAY


def _vague(precision: str) -> dict[str, str]:
    """Words for a date of which not the day is known; none where it is."""
    return {} if precision == DayPrecision.DAY else {"en": f"known to the {precision}"}


def _transaction(one: ElementTree.Element, money: Money) -> None:
    transaction = ElementTree.SubElement(one, "transaction")
    ElementTree.SubElement(transaction, "transaction-type", code=TRANSACTIONS[MoneyKind(money.kind)])
    ElementTree.SubElement(transaction, "transaction-date", {"iso-date": money.day.isoformat()})
    value = ElementTree.SubElement(
        transaction, "value", {"currency": money.currency, "value-date": money.day.isoformat()}
    )
    value.text = f"{money.amount:f}"
    note = money.note.get("en", "")
    _told(ElementTree.SubElement(transaction, "description"), {"en": _sourced(money, note)})


def _result(one: ElementTree.Element, kind: str, series: Series, places: set[int]) -> None:
    result = ElementTree.SubElement(one, "result", {"type": kind, "aggregation-status": "false"})
    _told(ElementTree.SubElement(result, "title"), series.label)
    indicator = ElementTree.SubElement(result, "indicator", measure="1")
    _told(ElementTree.SubElement(indicator, "title"), {
        language: f"{text} ({series.unit.get(language, series.unit.get('en', ''))})" for language, text in series.label.items()
    })  # fmt: skip
    for figure in series.figures:
        first, last = _period(figure)
        period = ElementTree.SubElement(indicator, "period")
        ElementTree.SubElement(period, "period-start", {"iso-date": first.isoformat()})
        ElementTree.SubElement(period, "period-end", {"iso-date": last.isoformat()})
        actual = ElementTree.SubElement(period, "actual", value=f"{figure.value.normalize():f}")
        if series.place and series.place.pk in places:
            ElementTree.SubElement(actual, "location", ref=series.place.code)
        how = EXACTNESS[Exactness(figure.exactness)]
        where = series.place.names.get("en", series.place.code) if series.place else ""
        text = ", ".join(part for part in (where, how, figure.note.get("en", "")) if part)
        _told(ElementTree.SubElement(actual, "comment"), {"en": _sourced(figure, text)})


EXACTNESS = {
    Exactness.EXACT: "", Exactness.ABOUT: "about this many", Exactness.MORE_THAN: "more than this many",
}  # fmt: skip
DAYS = {
    DayKind.STATED: "as of this date", DayKind.PUBLISHED: "published on this date",
    DayKind.READ: "date not known, read on this date",
}  # fmt: skip


def _sourced(one: Dated, text: str) -> str:
    """Words about a figure or a sum: what is told of it, what its date is the date of, and where it was read."""
    source = f"{one.reference.title} {one.reference.published}".strip()
    return "; ".join(part for part in (text, DAYS[DayKind(one.day_kind)], source) if part)


def _period(figure: Figure) -> tuple[datetime.date, datetime.date]:
    """The days that the date of a figure may mean: a day, a month or a year, and no more than that."""
    if figure.day_precision == DayPrecision.YEAR:
        return figure.day.replace(month=1, day=1), figure.day
    if figure.day_precision == DayPrecision.MONTH:
        return figure.day.replace(day=1), figure.day
    return figure.day, figure.day
