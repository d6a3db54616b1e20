"""Budgets of a county for a family of measures in a year: set, promised, spent, never exceeded.

Every change of `committed` and `spent` is one conditional UPDATE, so that of many who promise at once none can pass
the amount; the table refuses it besides.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import F, QuerySet

from highground.accounts.models import User
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.audit.actions import record
from highground.support.actions.ground import (
    COUNTY_ROLES,
    SupportError,
    acting,
    catalogue_for,
    to_major,
    to_minor,
)
from highground.support.catalogue import Catalogue
from highground.support.models import Budget


@transaction.atomic
def set_budget(
    *, area: Area, family: str, year: int, amount: Decimal, by: User, today: datetime.date
) -> Budget:
    """Set what a county may spend on a family of measures in a year (`amount` in major units); one event.

    Raises SupportError for an area that is no county, an unknown family, or less than is promised and spent already.
    """
    if area.level != Level.COUNTY:
        raise SupportError("county", f"a budget is a county's; {area.code} is a {area.get_level_display()}")
    acting(by, COUNTY_ROLES, area.path, today, "setting a budget")
    catalogue = catalogue_for(area.country)
    if family not in catalogue.families:
        raise SupportError("family", f"'{family}' is no family of measures")
    minor = to_minor(amount, catalogue)
    fresh = {"amount": minor, "currency": catalogue.currency}
    budget, new = _everywhere().get_or_create(area=area, family=family, year=year, defaults=fresh)
    if not new:
        kept = _everywhere().filter(pk=budget.pk, committed__lte=minor - F("spent")).update(amount=minor)
        budget.refresh_from_db()
        if not kept:
            used = to_major(budget.committed + budget.spent, catalogue.minor_digits)
            raise SupportError(
                "overspent", f"{used} {budget.currency} are promised or spent already; set at least that"
            )
    record(
        "support.budget",
        by=str(by.pk),
        subject_kind="budget",
        subject_id=str(budget.pk),
        area_path=area.path,
        data={"family": family, "year": year, "amount": minor},
    )
    return budget


def find_budget(county: Area, family: str, year: int) -> Budget:
    """The budget of a county. Raises SupportError where none was set: nothing is promised out of what nobody gave."""
    found: Budget | None = _everywhere().filter(area=county, family=family, year=year).first()
    if found is None:
        raise SupportError(
            "no_budget",
            f"{county.code} has no budget for '{family}' in {year}; a county officer sets one first, "
            "or the line is planned without an amount",
        )
    return found


def commit(budget: Budget, amount: int, catalogue: Catalogue) -> None:
    """Promise `amount` (minor units; below zero gives back). Raises SupportError when it is not there."""
    room = _everywhere().filter(pk=budget.pk, amount__gte=F("committed") + F("spent") + amount)
    if not room.update(committed=F("committed") + amount):
        raise _overspent(budget, amount, catalogue)


def spend(budget: Budget, amount: int, catalogue: Catalogue, *, release: int = 0) -> None:
    """Spend `amount`, of which `release` was promised before. Raises SupportError when it is not there."""
    room = _everywhere().filter(pk=budget.pk, amount__gte=F("committed") - release + F("spent") + amount)
    if not room.update(committed=F("committed") - release, spent=F("spent") + amount):
        raise _overspent(budget, amount - release, catalogue)


def _overspent(budget: Budget, amount: int, catalogue: Catalogue) -> SupportError:
    budget.refresh_from_db()
    left = to_major(budget.amount - budget.committed - budget.spent, catalogue.minor_digits)
    wanted = to_major(amount, catalogue.minor_digits)
    return SupportError(
        "overspent",
        f"the budget for '{budget.family}' in {budget.year} has {left} {budget.currency} left, not {wanted}",
    )


def _everywhere() -> QuerySet[Budget]:
    found: QuerySet[Budget] = Budget.objects.everywhere(
        reason="plans of villages are paid by their county's budget, which the village does not see"
    )
    return found
