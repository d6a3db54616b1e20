"""The whole way in a real browser: import, plan, lock two postings, withdraw three people, mend, approve, publish, print."""

from __future__ import annotations

import datetime
import threading

import pytest
from django.utils import timezone

from highground.teams import planning
from highground.teams.models import Plan, Post
from tests.support.pages import check_in_browser
from tests.support.places import enter
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db(transaction=True)
PLANNER = 120_000
"""Milliseconds that a plan of a county may take on a machine that has other work."""


@pytest.fixture
def county(page, transactional_db, office, console, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    # What hangs on the weights is looked at in test_actions.py: six plans more for each.
    monkeypatch.setattr(planning, "WEIGHED_UP_TO", 0)
    yield office
    for thread in threading.enumerate():
        if thread.name.startswith("plan-"):
            thread.join()


def enter_as(page, name: str) -> None:
    page.locator("summary", has_text="·").last.click()
    page.get_by_role("button", name="Sign out").click()
    enter(page, name)


def worked_out(page) -> None:
    """Wait until the page of a plan shows what was found."""
    page.get_by_role("heading", name="What the teams have").wait_for(timeout=PLANNER)
    # The progress was replaced by the plan: by its page, not by a page within the page.
    assert page.get_by_role("link", name="Highground", exact=True).count() == 1


def look(page, name: str, console: list[str]) -> None:
    page.locator("main h1").wait_for()
    check_in_browser(page, f"teams-{name}")
    assert console == [], name
    page.set_viewport_size({"width": 1280, "height": 900})


def import_all(page, county, console) -> None:
    page.get_by_role("link", name="Teams", exact=True).first.click()
    look(page, "nobody", console)
    page.get_by_role("link", name="Plans").click()
    page.get_by_role("link", name="Candidates and needs").first.click()
    for kind, label in (
        ("units", "Sending units"),
        ("people", "Candidates"),
        ("villages", "Needs of villages"),
    ):
        page.get_by_label(label, exact=True).check()
        page.get_by_label("File (CSV, XLSX or Parquet)").set_input_files(county.files[kind])
        page.get_by_role("button", name="Import").click()
        page.get_by_text("Imported:").wait_for()
    bad = county.files["units"].with_name("bad.csv")
    bad.write_text("code,name,area,cap\nX,Office without a place,NOWHERE,many\n")
    page.get_by_label("Sending units", exact=True).check()
    page.get_by_label("File (CSV, XLSX or Parquet)").set_input_files(bad)
    page.get_by_role("button", name="Import").click()
    page.get_by_text("no area of Longhe county has this code").wait_for()
    look(page, "import", console)


def lock_two(page, console) -> list[str]:
    page.get_by_role("link", name="Baiyun village").click()
    names = []
    for _number in range(2):
        row = page.get_by_role("row").filter(has=page.get_by_role("button", name="Lock here")).first
        names.append(row.locator("th").evaluate("(head) => head.firstChild.textContent.trim()"))
        row.get_by_role("button", name="Lock here").click()
        page.get_by_role("row").filter(has_text=names[-1]).get_by_role("button", name="Unlock").wait_for()
    page.get_by_label("Name or code of a candidate").fill("LONGHE-P000")
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("It is the home village, and nobody is sent home").wait_for()
    look(page, "planned-team", console)
    page.get_by_role("button", name="Plan again around the locks").click()
    worked_out(page)
    return names


def withdraw_three(page, county, console) -> list[str]:
    page.get_by_role("link", name="Somebody withdrew").click()
    page.get_by_role("heading", name="Who has withdrawn?").wait_for()
    boxes = page.get_by_role("checkbox").all()[-3:]
    for box in boxes:
        box.check()
    chosen = [box.get_attribute("value") for box in boxes]
    look(page, "withdraw", console)
    page.get_by_role("button", name="Mend the plan").click()
    worked_out(page)
    return [one for one in chosen if one]


def draw_a_course(plan: Plan) -> None:
    """Three villages are planned at once; a county takes some steps, as here."""
    score = plan.certificate["objective"]
    course = [[score * (1 - 0.04 / 2**step), score * (1 + 0.05 / 2**step)] for step in range(8)]
    Plan.objects.everywhere(reason="test").filter(pk=plan.pk).update(course=course)


def test_from_import_to_the_printed_sheet(page, county, console) -> None:
    enter(page, "weilan")
    import_all(page, county, console)
    page.get_by_role("link", name="Plans", exact=True).click()
    look(page, "plans", console)
    page.get_by_role("button", name="Work out a plan").click()
    page.get_by_text("is being worked out").or_(page.get_by_text("What the teams have")).first.wait_for()
    worked_out(page)
    assert "nobody missing" in page.locator("h1").inner_text()
    assert "better; this is proven" in page.locator(".headline__sentence").inner_text()
    look(page, "plan", console)
    names = lock_two(page, console)
    text = page.locator("main").inner_text()
    assert all(name in text for name in names), (names, text[:1800])
    assert text.count("locked by hand") == 2
    gone = withdraw_three(page, county, console)
    mended = Plan.objects.everywhere(reason="test").order_by("-pk")[0]
    assert mended.withdrawn == sorted(gone)
    page.get_by_role("link", name="Compare").click()
    look(page, "compare", console)
    page.go_back()
    assert page.get_by_role("button", name="Approve").count() == 0
    enter_as(page, "mofang")
    page.goto(f"/teams/plans/{mended.pk}/")
    page.get_by_role("button", name="Approve").click()
    page.get_by_text("The plan is approved").wait_for()
    page.get_by_label("Holds from").fill("2026-03-01")
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("Published: 9 posts begin").wait_for()
    assert Post.objects.everywhere(reason="test").filter(since=datetime.date(2026, 3, 1)).count() == 9
    page.get_by_role("link", name="Teams", exact=True).first.click()
    look(page, "in-force", console)
    page.get_by_role("link", name="Baiyun village").click()
    page.get_by_label("Days", exact=True).fill("8")
    page.get_by_role("button", name="Write down").click()
    page.get_by_text("Written down.", exact=True).wait_for()
    page.get_by_label("Skill that was learned").fill("e-commerce")
    page.get_by_label("Ended on").fill("2026-03-09")
    page.get_by_label("Days of training").fill("5")
    page.get_by_role("button", name="Add the training").click()
    page.get_by_role("cell", name="e-commerce").wait_for()
    look(page, "village", console)
    page.get_by_role("link", name="Hand-over sheet to print").click()
    look(page, "handover", console)
    page.go_back()
    page.get_by_role("link", name="Team sheet to print").click()
    look(page, "sheet", console)
    assert all(name in page.locator("main").inner_text() for name in names)
    draw_a_course(mended)
    page.goto(f"/teams/plans/{mended.pk}/")
    look(page, "plan-with-course", console)
    page.goto("/teams/")
    page.get_by_role("button", name="中文").click()
    page.locator("html[lang=zh-hans]").wait_for()
    page.goto(f"/teams/plans/{mended.pk}/")
    look(page, "plan-zh", console)
