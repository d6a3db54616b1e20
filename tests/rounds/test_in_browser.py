"""The pages of the rounds in a real browser, at 1280 and 390 pixels: pictures, axe, width, console, other hosts."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from highground.cases.actions.needs import record_need
from highground.cases.models import Case
from highground.rounds.actions import draw
from highground.rounds.models import Absence, AuditVisit
from highground.rounds.planning import plan_of
from tests.support.casework import lead, start
from tests.support.pages import check_in_browser
from tests.support.places import enter
from tests.support.register import BOOK, TODAY

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def office(page, transactional_db, settled, console, monkeypatch):
    """A county with every kind of visit: a case, clues, a need, an audit, and somebody who is away."""
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    staff, households = settled.staff, settled.households
    case = lead(start(households["F0"], staff["weilan"]), staff, to="visit")
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(contact=staff["qinhao"])
    record_need(
        households["Q007"], words="The roof leaks since the flood, and nobody here can climb.",
        by=staff["huangmei"], day=TODAY - DAY, today=TODAY,
    )  # fmt: skip
    draw(settled.register.areas["LONGHE"], rulebook=BOOK, seed=5, share=0.6, by="test", today=TODAY)
    Absence.objects.create(user=staff["tangyu"], first=TODAY, last=TODAY + 20 * DAY, set_on=TODAY, by="test")
    return settled


def enter_as(page, name: str) -> None:
    page.locator("summary", has_text="·").last.click()
    page.get_by_role("button", name="Sign out").click()
    enter(page, name)


def look(page, url: str, name: str, console: list[str]) -> None:
    page.goto(url)
    page.locator("main h1").wait_for()
    check_in_browser(page, f"rounds-{name}")
    assert console == [], url


def answer(settled, yes: int) -> None:
    """Every household of the draw was visited; the first `yes` are in difficulty."""
    visits = AuditVisit.objects.everywhere(reason="test")
    visits.update(outcome="no", day=TODAY)
    first = list(visits.order_by("pk").values_list("pk", flat=True)[:yes])
    visits.filter(pk__in=first).update(outcome="yes")


def test_every_page_of_the_rounds(page, office, console) -> None:
    enter(page, "weilan")
    found = plan_of(office.register.areas["LONGHE"], TODAY)
    task = next(one.call.task for one in found.rounds if one.call.number == "F1")
    pages = {
        "plan": "/rounds/plan/?show=all",
        "plan-late": "/rounds/plan/?show=late",
        "plan-move": f"/rounds/plan/?show=all&move={task}",
        "plan-person": f"/rounds/plan/?show=all&visitor={office.staff['tangyu'].pk}",
        "visits": "/rounds/",
        "never-seen": "/rounds/never-seen/",
        "missed-under-way": "/rounds/missed/",
    }
    for name, url in pages.items():
        look(page, url, name, console)
    item = AuditVisit.objects.everywhere(reason="test").order_by("pk").first()
    assert item is not None
    look(page, "/rounds/draw/?rulebook=demo-cn&seed=7&percent=10", "draw", console)
    enter_as(page, "huangmei")
    look(page, f"/rounds/?answer={item.pk}", "answer", console)
    enter_as(page, "weilan")
    answer(office, 4)
    look(page, "/rounds/missed/", "missed", console)
    look(page, "/rounds/?show=answered", "visits-answered", console)


def test_in_chinese(page, office, console) -> None:
    enter(page, "weilan")
    page.get_by_role("button", name="中文").click()
    page.locator("html[lang=zh-hans]").wait_for()
    look(page, "/rounds/plan/?show=all", "plan-zh", console)
    look(page, f"/rounds/plan/?visitor={office.staff['tangyu'].pk}", "plan-person-zh", console)


def test_a_leader_moves_a_visit_with_the_page(page, office) -> None:
    enter(page, "weilan")
    page.goto("/rounds/plan/?show=all")
    page.get_by_role("row", name="Household F1").get_by_role("link", name="Move").click()
    page.get_by_role("heading", name="Who goes to household F1?").wait_for()
    page.get_by_label("Visitor").select_option(
        label=page.get_by_label("Visitor").locator("option").last.inner_text()
    )
    page.get_by_role("button", name="Save").first.click()
    page.get_by_text("The other visits were planned around it").wait_for()
    page.get_by_role("row", name="Household F1").get_by_text("set by hand").wait_for()
