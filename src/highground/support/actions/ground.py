"""What all actions of support share: the error, who may act, money in whole minor units."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.conf import settings

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.cases.flow import CaseError, procedure_for
from highground.cases.models import Case
from highground.methods.rules.procedure.graph import Through
from highground.methods.rules.procedure.path import NotAllowed
from highground.signals.rulebooks import book_of
from highground.support.catalogue import Catalogue, CatalogueError, catalogue_of

COUNTY_ROLES = (Role.COUNTY_OFFICER, Role.PROVINCE_OFFICER)
"""Who sets budgets and pays."""

MOST = 10**15
"""Minor units: no amount is larger."""


class SupportError(CaseError):
    """Something that cannot be done for a family as it was asked. `why` is a word for programs."""

    def __init__(self, why: str, message: str) -> None:
        super().__init__(message)
        self.why = why


def acting(user: User, roles: Collection[Role], path: str, today: datetime.date, what: str) -> Role:
    """The role in which `user` does `what` in the area at `path`. Raises NotAllowed."""
    found = holds(user, today, roles, path)
    if found is None:
        raise NotAllowed("role", f"{what} is done by: {', '.join(str(role.label) for role in roles)}")
    return found


def roles_of(case: Case, through: Through) -> list[Role]:
    """Who takes the steps of this form by the case's procedure."""
    return [Role(name) for step in procedure_for(case).through(through) for name in step.roles]


def catalogue_for(country: str) -> Catalogue:
    """The catalogue of a country in this office. Raises SupportError where there is none."""
    try:
        return catalogue_of(country, Path(settings.HIGHGROUND_HOME))
    except CatalogueError as problem:
        raise SupportError("catalogue", str(problem)) from problem


def catalogue_for_case(case: Case) -> Catalogue:
    """The catalogue of the country whose rulebook the case runs by."""
    return catalogue_for(book_of(case.rulebook_version.hash).country)


def county_of(area: Area) -> Area:
    """The county in which an area lies. Raises SupportError where the tree has none above it."""
    paths = [*ancestor_paths(area.path), area.path]
    found = Area.objects.filter(path__in=paths, level=Level.COUNTY).first()
    if found is None:
        raise SupportError("county", f"{area.code} lies in no county, so no budget can pay for it")
    return found


def to_minor(value: Decimal | int | str, catalogue: Catalogue) -> int:
    """An amount in major units as whole minor units. Raises SupportError for one that is no exact amount."""
    try:
        exact = Decimal(str(value))
    except InvalidOperation:
        exact = Decimal("NaN")
    if not exact.is_finite():
        raise SupportError("amount", f"'{value}' is no amount; write digits with a point, such as 1200.50")
    minor = exact.scaleb(catalogue.minor_digits)
    if minor != minor.to_integral_value():
        raise SupportError(
            "amount",
            f"{value} has more decimals than {catalogue.currency}, which has {catalogue.minor_digits}",
        )
    if not 0 <= minor <= MOST:
        raise SupportError("amount", f"{value} is below zero or too large")
    return int(minor)


def to_major(amount: int | None, digits: int) -> Decimal | None:
    """Minor units as an amount in major units; None stays None."""
    return None if amount is None else Decimal(amount).scaleb(-digits)


def happened(day: datetime.date, today: datetime.date) -> None:
    """Raise SupportError for a day to come."""
    if day > today:
        raise SupportError("future", f"{day} lies after {today}; record it when it has happened")
