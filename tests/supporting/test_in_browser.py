"""The pages of support in a real browser, at 1280 and 390 pixels: pictures, axe, width, console."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.utils import timezone

from highground.signals.actions import screen_register
from highground.support.actions.credits import grant_credit
from highground.support.actions.delivering import deliver
from highground.support.actions.planning import drop_line
from highground.support.actions.reconciling import reconcile
from tests.support.case_path import Office, open_office
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD
from tests.support.register import BOOK, TODAY, add_register
from tests.supporting.test_paying import answer, batch_of, payments, relieve
from tests.supporting.test_planning import budget, line, lines_of, plan

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def office(transactional_db, monkeypatch) -> Office:
    """Plans that are late, under way and done; budgets nearly used up; a batch that partly came back."""
    register = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    held = open_office(register)
    for name in ("contact", "county", "county2"):
        held.staff[name].set_password(PASSWORD)
        held.staff[name].save()
    monkeypatch.setattr(timezone, "localdate", lambda *_: held.today)
    return held


def sign_in(page, username: str) -> None:
    page.goto("/sign-in/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).wait_for()


def look(page, url: str, name: str, console: list[str]) -> None:
    page.goto(url)
    page.get_by_role("heading", level=1).wait_for()
    check_in_browser(page, name)
    assert console == [], url


def test_every_page_of_support(page, office: Office, tmp_path) -> None:
    console: list[str] = []
    page.on("console", lambda message: console.append(message.text) if message.type == "error" else None)
    case = office.recognise()
    who = {"by": office.staff["contact"], "today": office.today}
    budget(office, "social_assistance", 5_000)
    budget(office, "other_education", 4_000)
    budget(office, "public_welfare_post", 20_000)
    sign_in(page, "contact")
    look(page, f"/support/cases/{case.pk}/write/", "support-write", console)
    page.get_by_role("button", name="Keep the plan").click()
    page.get_by_text("Choose at least one measure.").wait_for()
    check_in_browser(page, "support-write-refused")
    console.clear()  # the browser names the answer 422 there
    claim, grant, loan, _training, toilet, post = lines_of(
        plan(
            office,
            case,
            line(office, "medical_assistance", risk="illness", note="The bill of 12 May."),
            line(office, "vocational_grant", quantity=1),
            line(office, "microcredit", amount=Decimal(20_000), responsible=office.staff["worker"]),
            line(office, "training", due_on=office.today + DAY),
            line(office, "toilet"),
            line(office, "public_benefit_job", amount=Decimal(9_600), quantity=12),
        )
    )
    deliver(claim, day=office.today, key="1", evidence="a" * 64, **who)
    deliver(post, day=office.today, key="2", amount=Decimal(800), last=False, **who)
    drop_line(toilet, reason="The family built one itself.", **who)
    grant_credit(
        loan, principal=Decimal(20_000), granted_on=office.today, due_on=office.today + 300 * DAY, **who
    )
    relieve(office, "2231", "300")
    batch = batch_of(office)
    first, _second = payments(batch)
    file = answer(tmp_path, f"{first.pk},800,failed,account closed", "77,5,paid,")
    reconcile(batch, file=file, by=office.staff["county2"], today=office.today)
    office.today += 3 * DAY
    for name, url in {
        "support-plan": f"/support/cases/{case.pk}/",
        "support-case": f"/cases/{case.pk}/",
        "support-measures": "/support/",
        "support-arrived": f"/support/lines/{grant.pk}/arrived/",
        "support-line": f"/support/lines/{loan.pk}/",
        "support-loans": "/support/loans/",
        "support-follow-ups": "/support/follow-ups/",
        "support-automatic": "/support/by-itself/",
    }.items():
        look(page, url, name, console)
    page.context.clear_cookies()
    sign_in(page, "county2")
    for name, url in {
        "support-budgets": "/support/budgets/",
        "support-payments": "/support/payments/",
        "support-batch": f"/support/payments/{batch.pk}/",
    }.items():
        look(page, url, name, console)
    page.get_by_role("button", name="简体中文").click()
    page.get_by_role("heading", level=1).wait_for()
    for name, url in {
        "support-plan-zh": f"/support/cases/{case.pk}/",
        "support-budgets-zh": "/support/budgets/",
        "support-automatic-zh": "/support/by-itself/",
        "support-follow-ups-zh": "/support/follow-ups/",
    }.items():
        look(page, url, name, console)
