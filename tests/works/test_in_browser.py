"""A study in a real browser: designed, two of four villages are not enough, blocks added, frozen, read in, reported, printed."""

from __future__ import annotations

import pytest

from highground.works.models import Study
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD, enter
from tests.works.studied import add_blocks, readings, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def county(page, transactional_db, office, console):
    for name in ("weilan", "mofang"):
        office.staff[name].set_password(PASSWORD)
        office.staff[name].save()
    return office


def look(page, name: str, console: list[str]) -> None:
    page.locator("main h1").wait_for()
    check_in_browser(page, f"works-{name}")
    assert console == [], name
    page.set_viewport_size({"width": 1280, "height": 900})


def take(page, villages, *, treated: bool, block: str) -> None:
    page.get_by_label("treated: the project works there" if treated else "comparison", exact=True).check()
    page.get_by_label("Block").fill(block)
    for village in villages:
        page.get_by_role("checkbox", name=str(village)).check()
    page.get_by_role("button", name="Add").click()
    page.get_by_role("button", name=f"Take out {villages[-1]}").wait_for()


def test_a_study_from_the_design_to_the_printed_report(page, county, console, tmp_path) -> None:
    blocks = add_blocks(county.area("LONGHE"))
    enter(page, "weilan")
    page.get_by_role("link", name="Villages", exact=True).first.click()
    page.get_by_role("link", name="Studies").click()
    page.get_by_role("link", name="Design a study").click()
    page.get_by_label("Title").fill("Village groups")
    page.get_by_label("Question").fill("Has the income of households risen because of the groups?")
    page.get_by_role("button", name="Begin the design").click()
    page.get_by_role("link", name="Choose the villages").click()
    take(page, blocks["North"][:2], treated=True, block="North")
    take(page, blocks["North"][2:], treated=False, block="North")
    assert "cannot carry this question" in page.locator("h1").inner_text()
    page.get_by_text("describe only").first.wait_for()
    look(page, "two-of-four", console)
    for block in ("Middle", "South"):
        take(page, blocks[block][:2], treated=True, block=block)
        take(page, blocks[block][2:], treated=False, block=block)
    assert page.locator("h1").inner_text().endswith("6 treated villages can carry this question, 2 cannot")
    page.get_by_role("link", name="Back to the study").click()
    page.get_by_role("link", name="Say what is measured").click()
    for name, text in (
        ("Name", "Income of a household"),
        ("Code", "income"),
        ("Unit", "yuan"),
        ("Source", "survey"),
    ):
        page.get_by_label(name, exact=True).fill(text)
    page.get_by_role("button", name="Add").click()
    page.get_by_text("main outcome").first.wait_for()
    look(page, "indicators", console)
    page.get_by_role("link", name="Back to the study").click()
    page.get_by_role("link", name="Draw the theory of change").click()
    for stage, text in {
        "Inputs": "200,000 yuan, two trainers", "Activities": "groups founded, members trained",
        "Outputs": "12 groups at work", "Outcomes": "more sold, income risen", "Impact": "fewer families fall back",
    }.items():  # fmt: skip
        page.get_by_label(stage, exact=True).fill(text)
    page.get_by_label("Indicator of the arrow from Outputs").select_option("income")
    page.get_by_label("What must hold for the arrow from Outputs").fill("buyers come to the village")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Say what the design rests on").click()
    page.get_by_label("Spread between villages").fill("300")
    page.get_by_label("Where the spread is from").fill("a survey of 2022")
    page.get_by_label("Households that will be lost").fill("5")
    page.get_by_role("button", name="Save").click()
    look(page, "design", console)
    page.goto(page.url + "readings/")
    last = write(tmp_path / "endline.csv", readings(blocks, "endline", rise=400))
    page.get_by_label("File (CSV, XLSX or Parquet)").set_input_files(last)
    page.get_by_role("button", name="Take in").click()
    page.get_by_text("Freeze the plan first").wait_for()
    assert all("422" in one for one in console)
    console.clear()
    page.get_by_role("link", name="Back to the study").click()
    page.get_by_role("link", name="Freeze the plan").click()
    page.get_by_role("button", name="Freeze the plan").click()
    page.get_by_text("The plan is frozen as version 1").wait_for()
    page.get_by_role("link", name="Take readings in").click()
    bad = readings({"North": blocks["North"][:1]}, "baseline", households=1)
    first = write(tmp_path / "baseline.csv", [*readings(blocks, "baseline"), {**bad[0], "unit": "USD"}])
    for file in (first, last):
        page.get_by_label("File (CSV, XLSX or Parquet)").set_input_files(file)
        page.get_by_role("button", name="Take in").click()
        page.get_by_text("Taken in: 120 readings.").wait_for()
        if file == first:
            page.get_by_text("units and currencies are not mixed").wait_for()
            look(page, "readings", console)
    page.get_by_role("link", name="Back to the study").click()
    page.get_by_text("ways to pick the villages give as much or more").first.wait_for()
    look(page, "study", console)
    page.get_by_role("link", name="Read the report").click()
    page.get_by_role("link", name="Relevance").or_(page.get_by_role("link", name="Write").first).first.click()
    page.get_by_label("What was found").fill("The county's plan of 2023 names groups of this kind.")
    page.get_by_label("What it rests on").fill("the county's plan of 2023")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Rests on: the county's plan of 2023").wait_for()
    look(page, "report", console)
    page.emulate_media(media="print")
    assert len(page.pdf()) > 20_000
    assert not page.get_by_role("link", name="Write").first.is_visible()
    page.emulate_media(media="screen")
    study = Study.objects.everywhere(reason="test").get()
    page.goto(f"/studies/{study.pk}/assumptions/")
    page.get_by_label("a change either way").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="See what differs").click()
    page.get_by_label("Why it was changed").fill("a fall would matter as well")
    page.get_by_role("button", name="Freeze the plan").click()
    page.get_by_role("link", name="Versions of the plan").click()
    page.get_by_text("after the endline was known").first.wait_for()
    look(page, "plan", console)


def test_an_idle_asset_raises_a_task_that_somebody_closes(page, county, console) -> None:
    enter(page, "weilan")
    page.goto("/villages/BAIYUN/")
    page.locator("summary", has_text="Write down").click()
    page.get_by_role("link", name="Enter an asset").click()
    for name, text in {
        "Number in the register": "A-1", "Name": "Drying shed", "Source of funds": "county 2023", "Cost": "50000",
        "Currency (ISO 4217)": "CNY", "Owner": "the village", "Keeper": "tea cooperative", "Since": "2023-05-01",
    }.items():  # fmt: skip
        page.get_by_label(name, exact=True).fill(text)
    page.get_by_role("button", name="Enter an asset").click()
    page.get_by_text("What became of it").first.click()
    page.get_by_label("State", exact=True).select_option("idle")
    page.get_by_label("What was found").fill("no buyer since June")
    page.get_by_role("button", name="Write down").and_(page.locator("[open] button")).last.click()
    page.get_by_text("Written down.", exact=True).wait_for()
    page.get_by_role("link", name="Assets").first.click()
    assert page.locator("h1").inner_text() == "1 asset is idle or lost"
    look(page, "assets", console)
    page.get_by_role("link", name="Drying shed").first.click()
    page.get_by_label("What was done").fill("let to another cooperative")
    page.get_by_label("The asset is now").select_option("in_use")
    look(page, "asset", console)
    page.get_by_role("button", name="Close the task").click()
    page.get_by_text("let to another cooperative").first.wait_for()
    page.goto("/assets/")
    assert page.locator("h1").inner_text() == "No asset is idle or lost"
    page.goto("/villages/")
    look(page, "villages", console)
    page.goto("/villages/BAIYUN/")
    look(page, "village", console)
