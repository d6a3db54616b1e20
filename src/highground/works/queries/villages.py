"""What is known of villages: services against their standard, works, industry, assets; each set-wise for many villages."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case as Case_
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, When

from highground.accounts.enums import Sight
from highground.accounts.queries import scope_of
from highground.accounts.scoping import within
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.cases.enums import CaseStatus
from highground.cases.models import Case
from highground.people.enums import HouseholdStatus
from highground.people.models import Household
from highground.works.models import Asset, AssetTask, Enterprise, IndustryLink, Photo, ServiceReading, Work
from highground.works.queries.projects import sites_held
from highground.works.standards import Standard, standards_of

REACHED = "villages that the caller has reached in scope"
SEEN = "what lies in scope, and in villages of a project held"


@dataclass(frozen=True)
class ServiceState:
    """A service of a village: its readings, the earliest first, and what is missing; None where nobody has looked."""

    standard: Standard
    readings: list[ServiceReading]
    households: int | None = None

    @property
    def latest(self) -> ServiceReading | None:
        return self.readings[-1] if self.readings else None

    @property
    def gap(self) -> Decimal | None:
        return self.standard.gap(self.latest.value) if self.latest else None

    @property
    def reached(self) -> int | None:
        return self.standard.reached(self.latest.value) if self.latest else None

    @property
    def cost(self) -> tuple[Decimal, str] | None:
        """What closing the gap costs; None where the gap or the price is not known."""
        closing = self.standard.closing
        if closing is None or self.gap is None:
            return None
        amount = closing.cost(self.gap, self.households)
        return None if amount is None else (amount, closing.currency)


def services_of(villages: Sequence[Area]) -> dict[int, list[ServiceState]]:
    """The services of villages that the caller has reached in scope, by village.

    One query, and one more where a price is one for a household.
    """
    found: dict[tuple[int, str], list[ServiceReading]] = defaultdict(list)
    every = ServiceReading.objects.everywhere(reason=REACHED).filter(area__in=villages).order_by("day", "pk")
    for one in every:
        found[one.area_id, one.service].append(one)
    standards = {country: standards_of(country) for country in {one.country for one in villages}}
    prices = [one.closing for each in standards.values() for one in each.values() if one.closing]
    households = households_of(villages) if any(one.per == "household" for one in prices) else {}
    return {
        one.pk: [
            ServiceState(standard, found.get((one.pk, name), []), households.get(one.pk))
            for name, standard in standards[one.country].items()
        ]
        for one in villages
    }


def households_of(villages: Sequence[Area]) -> dict[int, int]:
    """How many households of the register live in villages that the caller has reached in scope. Counts alone; one query."""
    own = Case_(When(area__level=Level.GROUP, then=F("area__parent")), default=F("area"))
    rows = (
        Household.objects.everywhere(reason=REACHED)
        .filter(status=HouseholdStatus.ACTIVE)
        .annotate(village=own)
        .filter(village__in=[one.pk for one in villages])
        .order_by()
        .values("village")
        .annotate(count=Count("pk"))
    )
    return {row["village"]: row["count"] for row in rows}


@dataclass(frozen=True)
class AreaGap:
    """A service over many villages: how many fall short (None where nobody looked at any), how many nobody looked at, and
    what closing the gaps costs.

    `costs` are by currency, of the gaps whose price is known; `unpriced` counts the villages whose gap has none.
    """

    standard: Standard
    short: int | None
    unknown: int
    costs: dict[str, Decimal]
    unpriced: int


def gaps_of(states: Iterable[list[ServiceState]]) -> list[AreaGap]:
    """The gaps of villages together, by service; those in which nothing is missing and nothing unknown are left out."""
    by_service: dict[str, list[ServiceState]] = defaultdict(list)
    for village in states:
        for one in village:
            by_service[one.standard.id].append(one)
    found = []
    for services in by_service.values():
        short = [one for one in services if one.gap]
        costs: dict[str, Decimal] = defaultdict(Decimal)
        for price in (one.cost for one in short):
            if price:
                costs[price[1]] += price[0]
        unknown = sum(one.latest is None for one in services)
        if short or unknown:
            unpriced = sum(one.cost is None for one in short)
            seen = len(short) if unknown < len(services) else None
            found.append(AreaGap(services[0].standard, seen, unknown, dict(costs), unpriced))
    return sorted(found, key=lambda one: (-(one.short or 0), -one.unknown))


@dataclass(frozen=True)
class IndustryShare:
    """Monitored households of a village, and how many of them earn from an enterprise today."""

    monitored: int
    linked: int

    @property
    def share(self) -> float | None:
        return self.linked / self.monitored if self.monitored else None


def _living(today: datetime.date) -> QuerySet[IndustryLink]:
    found: QuerySet[IndustryLink] = IndustryLink.objects.everywhere(reason=REACHED)
    return found.filter(Q(until__isnull=True) | Q(until__gte=today), since__lte=today)


def earning_from(enterprise: Enterprise, today: datetime.date) -> int:
    """How many households earn from an enterprise that the caller has reached in scope, today and each once."""
    return _living(today).filter(enterprise=enterprise).values("household").distinct().count()


def industry_of(villages: Sequence[Area], today: datetime.date) -> dict[int, IndustryShare]:
    """The share of monitored households with a living industry link, by village. Counts alone; one query.

    Households of the groups of a village are households of the village.
    """
    links = _living(today).filter(household=OuterRef("household"))
    own = Case_(
        When(household__area__level=Level.GROUP, then=F("household__area__parent")),
        default=F("household__area"),
    )
    cases = (
        Case.objects.everywhere(reason=REACHED)
        .filter(status=CaseStatus.MONITORED)
        .annotate(village=own, earns=Exists(links))
        .filter(village__in=[one.pk for one in villages])
    )
    rows = (
        cases.order_by()
        .values("village")
        .annotate(
            all=Count("household", distinct=True),
            linked=Count("household", distinct=True, filter=Q(earns=True)),
        )
    )
    found = {row["village"]: IndustryShare(row["all"], row["linked"]) for row in rows}
    return {one.pk: found.get(one.pk, IndustryShare(0, 0)) for one in villages}


def works_of(villages: Sequence[Area]) -> QuerySet[Work]:
    """The works of villages that the caller has reached in scope."""
    found: QuerySet[Work] = Work.objects.everywhere(reason=REACHED).filter(area__in=villages)
    return found.select_related("area").order_by("pk")


def seen_villages(user: Any, today: datetime.date, area: Area | None) -> QuerySet[Area]:
    """The villages that a person sees: in the area in view, or without one those of projects that they hold a role for."""
    villages = Area.objects.filter(level=Level.VILLAGE).select_related("parent").order_by("path")
    if area is None:
        return villages.filter(pk__in=sites_held(user, today).values("area"))
    inside = within("path", scope_of(user, today, Sight.WORKS))
    return villages.filter(inside, path__startswith=area.path)


def _in_sight(user: Any, today: datetime.date) -> Q:
    """A condition: the village lies in an area of the person, or belongs to a project for which they hold a role."""
    held = Q(area__in=sites_held(user, today).values("area"))
    return within("area__path", scope_of(user, today, Sight.WORKS)) | held


def works_seen(user: Any, today: datetime.date) -> QuerySet[Work]:
    """The works that a person sees."""
    found: QuerySet[Work] = Work.objects.everywhere(reason=SEEN)
    return found.filter(_in_sight(user, today)).select_related("area", "project")


def assets_of(user: Any, today: datetime.date, area: Area | None) -> QuerySet[Asset]:
    """The assets that a person sees, in the area in view."""
    found = assets_seen(user, today).order_by("area__path", "code")
    return found.filter(area__path__startswith=area.path) if area else found


def assets_seen(user: Any, today: datetime.date) -> QuerySet[Asset]:
    """The assets that a person sees: of villages in their areas, and of those of a project held."""
    found: QuerySet[Asset] = Asset.objects.everywhere(reason=SEEN)
    return found.filter(_in_sight(user, today)).select_related("area", "project")


def enterprises_seen(user: Any, today: datetime.date) -> QuerySet[Enterprise]:
    """The enterprises that a person sees, as `assets_seen`."""
    found: QuerySet[Enterprise] = Enterprise.objects.everywhere(reason=SEEN)
    return found.filter(_in_sight(user, today)).select_related("area")


def open_tasks(user: Any, today: datetime.date, area: Area | None) -> QuerySet[AssetTask]:
    """Tasks about idle and lost assets that nobody has closed, the oldest first."""
    every: QuerySet[AssetTask] = AssetTask.objects.everywhere(reason=SEEN)
    found = every.filter(closed_on__isnull=True, asset__in=assets_seen(user, today))
    found = found.select_related("asset__area").order_by("raised_on", "pk")
    return found.filter(asset__area__path__startswith=area.path) if area else found


def photos_seen(user: Any, today: datetime.date) -> QuerySet[Photo]:
    """The photos of works that a person sees."""
    found: QuerySet[Photo] = Photo.objects.everywhere(reason="photos of works that the person sees")
    return found.filter(work__in=works_seen(user, today).order_by()).select_related("upload", "work__area")


def enterprises_in(village: Area) -> QuerySet[Enterprise]:
    """The enterprises of a village that the caller has reached in scope."""
    found: QuerySet[Enterprise] = Enterprise.objects.everywhere(reason=REACHED)
    return found.filter(area=village).order_by("name")


def assets_in(*villages: Area) -> QuerySet[Asset]:
    """The assets of villages that the caller has reached in scope."""
    found: QuerySet[Asset] = Asset.objects.everywhere(reason=REACHED)
    return found.filter(area__in=villages).order_by("code")
