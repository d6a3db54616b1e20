"""A project as an IATI activity (standard 2.03): who, where, when, how much, with which published results.

Amounts stand in their own currency with their own date. Results are the dated figures of the project page: an indicator with
one period for each figure. What is not known is left out, not made up.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from xml.etree import ElementTree

from django.utils.translation import gettext as _

from highground.works.enums import FigureKind, MoneyKind, PartnerRole
from highground.works.models import Project, ProjectSite
from highground.works.queries.projects import Series

VERSION = "2.03"
ROLES = {
    PartnerRole.FUNDING: "1", PartnerRole.ACCOUNTABLE: "2", PartnerRole.EXTENDING: "3", PartnerRole.IMPLEMENTING: "4",
}  # fmt: skip
TRANSACTIONS = {MoneyKind.COMMITMENT: "2", MoneyKind.DISBURSEMENT: "3", MoneyKind.EXPENDITURE: "4"}
RESULTS = {FigureKind.OUTPUT: "1", FigureKind.OUTCOME: "2"}
"""IATI's codes; figures of the place and of inputs are no results."""
UNDER_WAY, CLOSED = "2", "4"
RURAL_DEVELOPMENT = "43040"
XML = "http://www.w3.org/XML/1998/namespace"


def activity_of(
    project: Project,
    sites: Sequence[ProjectSite],
    series: Sequence[Series],
    *,
    reporter: str,
    today: datetime.date,
) -> bytes:
    """The XML file of a project, with what the caller has scoped. `reporter` is the IATI identifier of who publishes it."""
    top = ElementTree.Element("iati-activities", version=VERSION)
    made = f"{today.isoformat()}T00:00:00Z"
    top.set("generated-datetime", made)
    one = ElementTree.SubElement(
        top, "iati-activity", {"last-updated-datetime": made, "default-currency": "CNY"}
    )
    one.set(f"{{{XML}}}lang", "en")
    ElementTree.SubElement(one, "iati-identifier").text = f"{reporter}-{project.code}"
    _told(ElementTree.SubElement(one, "reporting-org", ref=reporter, type="10"), {"en": "Highground"})
    _told(ElementTree.SubElement(one, "title"), project.title)
    _told(ElementTree.SubElement(one, "description", type="1"), project.summary or project.title)
    _partners(one, project)
    over = project.handed_over or project.ends
    ElementTree.SubElement(one, "activity-status", code=CLOSED if over and over <= today else UNDER_WAY)
    for kind, day in (("2", project.starts), ("4", over)):
        if day:
            ElementTree.SubElement(one, "activity-date", {"iso-date": day.isoformat(), "type": kind})
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
    for money in project.money.order_by("day", "pk"):
        _transaction(one, TRANSACTIONS[MoneyKind(money.kind)], money.day, f"{money.amount:f}", money.currency)
    for series_one in series:
        if series_one.kind in RESULTS:
            _result(one, RESULTS[FigureKind(series_one.kind)], series_one)
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
        organisation = ElementTree.SubElement(
            one, "participating-org", {"role": ROLES[PartnerRole(partner.role)], "type": partner.kind}
        )
        _told(organisation, partner.name)


def _transaction(one: ElementTree.Element, kind: str, day: datetime.date, amount: str, currency: str) -> None:
    transaction = ElementTree.SubElement(one, "transaction")
    ElementTree.SubElement(transaction, "transaction-type", code=kind)
    ElementTree.SubElement(transaction, "transaction-date", {"iso-date": day.isoformat()})
    value = ElementTree.SubElement(
        transaction, "value", {"currency": currency, "value-date": day.isoformat()}
    )
    value.text = amount


def _result(one: ElementTree.Element, kind: str, series: Series) -> None:
    result = ElementTree.SubElement(one, "result", {"type": kind, "aggregation-status": "false"})
    _told(ElementTree.SubElement(result, "title"), series.label)
    indicator = ElementTree.SubElement(result, "indicator", measure="1")
    _told(ElementTree.SubElement(indicator, "title"), {
        language: f"{text} ({series.unit.get(language, series.unit.get('en', ''))})" for language, text in series.label.items()
    })  # fmt: skip
    for figure in series.figures:
        period = ElementTree.SubElement(indicator, "period")
        start = figure.day.replace(month=1, day=1)
        ElementTree.SubElement(period, "period-start", {"iso-date": start.isoformat()})
        ElementTree.SubElement(period, "period-end", {"iso-date": figure.day.isoformat()})
        actual = ElementTree.SubElement(period, "actual", value=f"{figure.value.normalize():f}")
        _told(
            ElementTree.SubElement(actual, "comment"),
            {"en": f"{figure.reference.title} {figure.reference.published}".strip()},
        )
