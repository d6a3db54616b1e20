"""Local industry and assets: enterprises, who earns from them, what assets bring in, and tasks about idle or lost ones."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.areas.models import Area
from highground.people.models import Household
from highground.web.numbers import day as shown
from highground.works.actions.recording import record_in
from highground.works.enums import AssetKind, AssetState, EnterpriseKind, LinkKind
from highground.works.ground import WorksError, may_approve, may_keep
from highground.works.models import (
    Asset,
    AssetIncome,
    AssetTask,
    Earning,
    Enterprise,
    IndustryLink,
    LinkYear,
    Project,
)

REACHED = "an enterprise that the caller has reached in scope"
MOST_FOUND = 1000
RAISES = (AssetState.IDLE, AssetState.LOST)
"""States about which somebody must do something."""

GONE = (AssetState.SOLD, AssetState.WORN_OUT)
"""States after which an asset is no longer there."""


def _only_keepers(by: User, village: Area, today: datetime.date) -> None:
    if not may_keep(by, village, today):
        raise WorksError(
            _("Industry and assets are written down by a first secretary or an officer of the area.")
        )


@transaction.atomic
def add_enterprise(
    village: Area, *, name: str, kind: str, owner: str, since: datetime.date, by: User, today: datetime.date
) -> Enterprise:
    """Write an enterprise of a village down; one event."""
    _only_keepers(by, village, today)
    if kind not in EnterpriseKind.values or not name.strip() or not owner.strip():
        raise WorksError(_("Give its name, its kind and its owner."))
    if Enterprise.objects.visible_to(by, today).filter(area=village, name=name.strip()).exists():
        raise WorksError(_("%(name)s is known in this village already.") % {"name": name.strip()})
    one: Enterprise = Enterprise.objects.create(
        area=village,
        name=name.strip()[:120],
        kind=kind,
        owner=owner.strip()[:120],
        since=since,
        by=str(by.pk),
    )
    record_in("works.enterprise", village, by, "enterprise", str(one.pk), kind=str(kind))
    return one


@transaction.atomic
def link_household(
    enterprise: Enterprise,
    *,
    number: str,
    kind: str,
    since: datetime.date,
    until: datetime.date | None = None,
    by: User,
    today: datetime.date,
) -> IndustryLink:
    """A household earns from an enterprise. One event.

    Raises WorksError for one that the person does not see, and for one that earns in this way already.
    """
    _only_keepers(by, enterprise.area, today)
    household = Household.objects.visible_to(by, today).filter(number=number.strip()).first()
    if household is None:
        raise WorksError(_("No household of this number is known in your area."))
    if kind not in LinkKind.values:
        raise WorksError(_("Choose how the household earns."))
    if until and until < since:
        raise WorksError(_("The last day comes after the first."))
    still = Q(until__isnull=True) | Q(until__gte=since)
    if IndustryLink.objects.visible_to(by, today).filter(
        still, enterprise=enterprise, household=household, kind=kind
    ).exists():  # fmt: skip
        raise WorksError(_("This household earns in this way already. End that link first."))
    link: IndustryLink = IndustryLink.objects.create(
        enterprise=enterprise, household=household, kind=kind, since=since, until=until, by=str(by.pk)
    )
    record_in(
        "works.link", household.area, by, "household", household.key, enterprise=enterprise.pk, kind=str(kind)
    )
    return link


@transaction.atomic
def end_link(link: IndustryLink, *, until: datetime.date, by: User, today: datetime.date) -> None:
    """A household earns from an enterprise until a day, and no longer. One event."""
    _only_keepers(by, link.enterprise.area, today)
    if link.until is not None and link.until <= until:
        raise WorksError(_("This link has ended already."))
    if until < link.since:
        raise WorksError(_("The last day comes after the first."))
    link.until = until
    link.save(update_fields=["until"])
    household = link.household
    record_in(
        "works.end_link",
        household.area,
        by,
        "household",
        household.key,
        link=link.pk,
        until=until.isoformat(),
    )


@transaction.atomic
def write_link_year(
    link: IndustryLink, *, year: int, amount: Decimal, currency: str, by: User, today: datetime.date
) -> None:
    """What a household earned from an enterprise in a year; what was written before is replaced. One event.

    Raises WorksError for a year in which the link did not hold, and for another currency than the enterprise's.
    """
    _only_keepers(by, link.enterprise.area, today)
    if not link.since.year <= year <= min(today, link.until or today).year:
        raise WorksError(_("The household did not earn from it in this year."))
    if amount < 0:
        raise WorksError(_("Write zero or more."))
    currency = currency.strip().upper()[:3]
    other = link.enterprise.years.exclude(currency=currency).first() or (
        LinkYear.objects.everywhere(reason=REACHED)
        .filter(link__enterprise=link.enterprise)
        .exclude(currency=currency)
        .exclude(link=link, year=year)
        .first()
    )
    if other:
        raise WorksError(
            _("The other years are in %(currency)s. Currencies are not mixed: convert the amount.")
            % {"currency": other.currency}
        )
    LinkYear.objects.everywhere(reason=REACHED).update_or_create(
        link=link, year=year, defaults={"amount": amount, "currency": currency, "by": str(by.pk)}
    )
    household = link.household
    record_in("works.link_year", household.area, by, "household", household.key, link=link.pk, year=year)


@transaction.atomic
def write_earning(
    enterprise: Enterprise,
    *,
    year: int,
    revenue: Decimal,
    to_households: Decimal,
    currency: str,
    by: User,
    today: datetime.date,
) -> None:
    """What an enterprise earned in a year and paid to households; what was written before is replaced. One event.

    Raises WorksError for a year to come, for more paid than earned, and for another currency than that of other years.
    """
    _only_keepers(by, enterprise.area, today)
    if not 1990 <= year <= today.year:
        raise WorksError(_("Write a year that has begun."))
    if revenue < 0 or not 0 <= to_households <= revenue:
        raise WorksError(_("What went to households is part of what was earned."))
    currency = currency.strip().upper()
    other = enterprise.years.exclude(year=year).exclude(currency=currency).first()
    if other:
        raise WorksError(
            _("The other years are in %(currency)s. Currencies are not mixed: convert the amount.")
            % {"currency": other.currency}
        )
    Earning.objects.everywhere(reason=REACHED).update_or_create(
        enterprise=enterprise,
        year=year,
        defaults={
            "revenue": revenue,
            "to_households": to_households,
            "currency": currency[:3],
            "by": str(by.pk),
        },
    )
    record_in("works.earning", enterprise.area, by, "enterprise", str(enterprise.pk), year=year)


@transaction.atomic
def add_asset(
    village: Area,
    *,
    code: str,
    name: str,
    kind: str,
    funds: str,
    cost: Decimal,
    currency: str,
    owner: str,
    keeper: str,
    since: datetime.date,
    contract: str = "",
    contract_until: datetime.date | None = None,
    project: Project | None = None,
    by: User,
    today: datetime.date,
) -> Asset:
    """Enter an asset into the register of a village; one event.

    Raises WorksError for a number that is taken, and for a project that does not work in the village.
    """
    _only_keepers(by, village, today)
    needed = (code, name, funds, owner, keeper)
    if kind not in AssetKind.values or not all(part.strip() for part in needed):
        raise WorksError(_("An asset has a number, a name, a source of funds, an owner and a keeper."))
    if (
        Asset.objects.everywhere(reason="whether a number is free in the whole register")
        .filter(code=code.strip())
        .exists()
    ):
        raise WorksError(
            _("The number %(code)s is taken. An asset is entered once.") % {"code": code.strip()}
        )
    if since > today or cost < 0:
        raise WorksError(_("Write a cost of zero or more, and a day that has been."))
    if project is not None and not project.sites.filter(area=village).exists():
        raise WorksError(_("The project does not work in this village."))
    one: Asset = Asset.objects.create(
        area=village, code=code.strip()[:40], name=name.strip()[:160], kind=kind, funds=funds.strip()[:160], cost=cost,
        currency=currency.strip().upper()[:3], owner=owner.strip()[:120], keeper=keeper.strip()[:120], since=since,
        contract=contract.strip()[:160], contract_until=contract_until, project=project,
        state_since=since, by=str(by.pk),
    )  # fmt: skip
    record_in("works.asset", village, by, "asset", str(one.pk), kind=str(kind))
    return one


def _locked(asset: Asset) -> Asset:
    found: Asset = (
        Asset.objects.everywhere(reason="an asset reached in scope is locked by its id")
        .select_for_update()
        .get(pk=asset.pk)
    )
    return found


def _only_while_there(asset: Asset) -> None:
    if asset.state in GONE:
        words = {"state": asset.get_state_display(), "asset": asset}
        raise WorksError(_("%(asset)s is %(state)s already, so nothing more can become of it.") % words)


def _only_approvers_sell(asset: Asset, state: str, by: User, today: datetime.date) -> None:
    if state == AssetState.SOLD and not may_approve(by, asset.area, today):
        raise WorksError(
            _("That an asset is sold is written down by a county officer or a province officer.")
        )


@transaction.atomic
def set_state(asset: Asset, *, state: str, why: str, by: User, today: datetime.date) -> AssetTask | None:
    """Say what became of an asset; idle or lost raises a task that stays open until somebody closes it. One event.

    What is found while a task is open is written into that task; None comes back then.

    Raises WorksError for an asset that is sold or worn out already: nothing is sold twice.
    """
    _only_keepers(by, asset.area, today)
    asset = _locked(asset)
    _only_while_there(asset)
    if state not in AssetState.values or state == asset.state:
        raise WorksError(_("Choose another state than the one it is in."))
    if not why.strip():
        raise WorksError(_("Say what was found."))
    _only_approvers_sell(asset, state, by, today)
    asset.state, asset.state_since = state, today
    asset.save(update_fields=["state", "state_since"])
    task, open_one = None, asset.tasks.filter(closed_on__isnull=True).first()
    if open_one is not None:
        found = f"{open_one.why}; {shown(today)}, {asset.get_state_display()}: {why.strip()[:300]}"
        open_one.why, open_one.state = found[:MOST_FOUND], state if state in RAISES else open_one.state
        open_one.save(update_fields=["why", "state"])
    elif state in RAISES:
        task = AssetTask.objects.create(
            asset=asset, state=state, raised_on=today, raised_by=str(by.pk), why=why.strip()[:300]
        )
    record_in(
        "works.asset_state",
        asset.area,
        by,
        "asset",
        str(asset.pk),
        state=str(state),
        task=task.pk if task else None,
    )
    return task


@transaction.atomic
def close_task(task: AssetTask, *, done: str, state: str, by: User, today: datetime.date) -> None:
    """Close the task about an asset with what was done and what the asset is now. One event.

    Raises WorksError while it is still idle or lost without anything done, for a task that is closed, for another state
    of an asset that is sold or worn out already, and for a sale that no officer writes down.
    """
    _only_keepers(by, task.asset.area, today)
    asset = _locked(task.asset)
    task.refresh_from_db(fields=["closed_on"])
    if task.closed_on:
        raise WorksError(_("This task was closed already."))
    if not done.strip():
        raise WorksError(_("Say what was done."))
    if state not in AssetState.values or state in RAISES:
        raise WorksError(
            _("The asset is still idle or lost. Close the task when it is in use again, sold or written off.")
        )
    if state != asset.state:
        _only_while_there(asset)
        _only_approvers_sell(asset, state, by, today)
        asset.state, asset.state_since = state, today
        asset.save(update_fields=["state", "state_since"])
    task.closed_on, task.closed_by, task.done = today, str(by.pk), done.strip()[:300]
    task.save(update_fields=["closed_on", "closed_by", "done"])
    record_in("works.close_task", asset.area, by, "asset", str(asset.pk), task=task.pk, state=str(state))


@transaction.atomic
def write_income(
    asset: Asset,
    *,
    year: int,
    amount: Decimal,
    shares: Sequence[tuple[str, Decimal]],
    published_on: datetime.date | None,
    by: User,
    today: datetime.date,
) -> None:
    """What an asset brought in in a year and to whom it went. One event.

    Raises WorksError where the shares do not add up to the income: what is published must add up.
    """
    _only_keepers(by, asset.area, today)
    if not 1990 <= year <= today.year or amount < 0:
        raise WorksError(_("Write a year that has begun and an income of zero or more."))
    if any(share < 0 for _to, share in shares):
        raise WorksError(_("Write zero or more."))
    if published_on is not None and published_on > today:
        raise WorksError(_("This day lies in the future; write it down when it has happened."))
    if sum((share for _to, share in shares), Decimal(0)) != amount:
        raise WorksError(_("What it went to must add up to the income."))
    AssetIncome.objects.everywhere(reason="an asset that the caller has reached in scope").update_or_create(
        asset=asset,
        year=year,
        defaults={
            "amount": amount, "shares": [[to[:120], str(share)] for to, share in shares], "published_on": published_on,
            "by": str(by.pk),
        },
    )  # fmt: skip
    record_in("works.asset_income", asset.area, by, "asset", str(asset.pk), year=year)
