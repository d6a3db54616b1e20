"""In a real browser: what everybody reads; and in Khmer and in Chinese the whole way from a county's cause to an outcome."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from highground.accounts.models import User
from highground.knowledge.actions.experts import add_expert
from highground.knowledge.models import Line, Referral
from tests.knowledge.conftest import PROFILE
from tests.knowledge.monitored import monitor
from tests.knowledge.test_importing import BIBTEX
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD, enter
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def day(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture(autouse=True)
def passwords(office) -> None:
    """Everybody signs in through the form here; elsewhere they do without, because hashing is slow."""
    hashed = make_password(PASSWORD)
    User.objects.update(password=hashed)


def look(page, name: str, console: list[str]) -> None:
    page.locator("main h1").wait_for()
    check_in_browser(page, f"knowledge-{name}")
    assert console == [], name
    page.set_viewport_size({"width": 1280, "height": 900})


def enter_as(page, name: str) -> None:
    page.locator("summary", has_text="").last.wait_for()
    page.context.clear_cookies()
    enter(page, name)


def test_everybody_searches_and_reads_without_an_account(page, office, practices, console) -> None:
    page.goto("/knowledge/")
    look(page, "start", console)
    page.get_by_label("What is the problem").fill("health insurance for medical bills")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("Also searched:").wait_for()
    look(page, "search", console)
    page.get_by_role("link", name="Medical bills of poor families cut").click()
    look(page, "practice", console)
    page.goto("/knowledge/?cause=illness&lang=km")
    page.get_by_text("ហេតុអ្វីបង្ហាញការអនុវត្តនេះ៖").first.wait_for()
    look(page, "khmer", console)
    page.get_by_role("link", name="Sok Dara", exact=True).first.click()
    look(page, "expert", console)


QUESTIONS = {
    "km": "តើមូលនិធិបង់ថ្លៃពេទ្យចាប់ផ្ដើមយ៉ាងដូចម្ដេច?",
    "zh": "医疗公平基金怎么起步？",
}
ANSWERS = {"km": "ចាប់ផ្ដើមពីគណៈកម្មការភូមិ។", "zh": "先从村委员会开始。"}


@pytest.mark.parametrize("language", ["km", "zh"])
def test_from_a_countys_cause_to_an_outcome(page, office, practices, console, language) -> None:
    """An officer starts from her most common cause, finds a practice in another language, sees why, asks, records."""
    monitor(office.places.baiyun, {"illness": 14, "schooling": 11})
    monitor(office.places.antang_village, {"illness": 23, "schooling": 4})
    enter(page, "weilan")
    if language == "zh":
        page.get_by_role("button", name="简体中文").click()
        page.locator("html[lang=zh-hans]").wait_for()
    page.goto("/needs-near-me/")
    if language == "km":
        page.locator("summary", has_text="English").last.click()
        page.get_by_role("link", name="ខ្មែរ").click()
    page.locator("main h1", has_text="14").wait_for()
    look(page, f"needs-{language}", console)
    need = page.locator("section.need").first
    cause = {"km": "ជំងឺធ្ងន់ធ្ងរ", "zh": "因病"}[language]
    assert cause in need.inner_text()
    need.locator(".actions a").click()
    # A practice in another language than the reader's, with why and its grade of evidence beside it.
    other = page.locator("article.practice-card", has_text="Free care that the poor do use")
    assert cause in other.inner_text()
    other.get_by_role("link").first.click()
    look(page, f"found-{language}", console)
    page.go_back()
    page.get_by_role("link", name="Sok Dara", exact=True).first.click()
    page.locator(".actions a.govuk-button").first.click()
    page.locator("textarea#text").fill(QUESTIONS[language])
    look(page, f"ask-{language}", console)
    page.locator("textarea#text").fill(QUESTIONS[language])
    page.locator("main form button").click()
    page.get_by_text(QUESTIONS[language]).wait_for()
    referral = Referral.objects.everywhere(reason="test").select_related("question").get()
    assert (referral.question.cause, referral.question.language) == ("illness", language)
    enter_as(page, "dara")
    page.goto("/knowledge/questions/")
    look(page, f"asked-{language}", console)
    page.get_by_role("link", name=QUESTIONS[language]).click()
    page.locator("textarea#text").fill(ANSWERS[language])
    page.locator("button[value=advise]").click()
    page.get_by_text(ANSWERS[language]).wait_for()
    enter_as(page, "weilan")
    page.goto(f"/knowledge/questions/{referral.pk}/")
    page.get_by_text(ANSWERS[language]).wait_for()
    page.locator("select#outcome").select_option("works")
    look(page, f"outcome-{language}", console)
    page.locator("select#outcome").select_option("works")
    page.locator("button[value=outcome]").click()
    page.locator(".note--success").wait_for()
    referral.refresh_from_db()
    assert referral.works_3 == "works"
    assert Line.objects.get(expert=office.expert, kind="answer").status == "confirmed"


def test_a_curators_day(page, office, practices, console) -> None:
    """A curator makes a profile with a line of evidence, agrees to it, invites its owner, merges two; the owner takes over."""
    add_expert({**PROFILE, "name": "Dara Sok"}, by="test", today=TODAY, basis="a forum's list")
    enter(page, "mei")
    page.goto("/knowledge/curate/")
    page.get_by_role("link", name="A new profile").click()
    page.get_by_label("Name", exact=True).fill("Lin Mei")
    page.get_by_label("Country").select_option("CN")
    page.get_by_label("Why it may be here").fill("asked by letter and agreed")
    page.get_by_label("中文").check()
    look(page, "new-profile", console)
    page.get_by_role("button", name="Make the profile").click()
    page.get_by_label("What was done, in one line").fill("健康扶贫与医疗保险理赔服务")
    page.get_by_role("button", name="Add the line").click()
    page.locator(".bullets").get_by_text("健康扶贫与医疗保险理赔服务").wait_for()
    works = {"name": "works.bib", "mimeType": "text/plain", "buffer": BIBTEX.encode()}
    page.locator("input[type=file]").set_input_files(works)
    page.get_by_role("button", name="Take in as suggestions").click()
    page.get_by_role("heading", name="Suggested by a file").wait_for()
    look(page, "keep-profile", console)
    page.goto("/knowledge/curate/")
    look(page, "curate", console)
    page.get_by_role("button", name="I agree Lin Mei").click()
    page.locator(".note--success").wait_for()
    page.get_by_role("button", name="Invite Lin Mei").click()
    address = page.locator("code.wrap").inner_text()
    page.goto("/knowledge/curate/")
    page.get_by_role("button", name="One person: kh-sok-dara stays").click()
    page.get_by_role("button", name="Undo Dara Sok").wait_for()
    page.context.clear_cookies()
    page.goto(address)
    look(page, "claim", console)
    page.get_by_label("Choose a user name").fill("linmei")
    page.get_by_label("Choose a password").fill("eleven-terraces")
    page.get_by_role("button", name="This profile is mine").click()
    page.get_by_role("heading", name="Are these yours?").wait_for()
    look(page, "mine", console)
    page.locator(".govuk-checkboxes__label").first.click()
    page.get_by_role("button", name="These are mine").click()
    page.get_by_text("2 lines are confirmed.").wait_for()
    page.goto(address)
    page.get_by_role("heading", name="This invitation cannot be used").wait_for()
