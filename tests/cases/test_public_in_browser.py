"""The public page and the office's side of it in a real browser, at 1280 and 390 pixels."""

from __future__ import annotations

import pytest
from django.utils import timezone

from highground.accounts.enums import Role
from highground.cases.actions.needs import answer_need, record_need
from highground.cases.models import Message
from highground.cases.public import codes
from highground.cases.public.actions import (
    Letter,
    answer_message,
    send_message,
    take_up,
)
from highground.signals.actions import screen_register
from tests.cases.test_public import hang_notice
from tests.support.case_path import Office, open_office
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD, add_person
from tests.support.register import BOOK, TODAY, add_register

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(transactional_db, monkeypatch, page, console) -> Office:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    register = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return open_office(register)


def look(page, name: str, console: list[str]) -> None:
    page.get_by_role("heading", level=1).wait_for()
    check_in_browser(page, name)
    assert console == [], name


def plain_page(page):
    """A page of the same server on a phone without scripts."""
    context = page.context.browser.new_context(
        base_url=page.url.split("/report")[0],
        viewport={"width": 390, "height": 800},
        java_script_enabled=False,
        locale="en-GB",
    )
    return context.new_page()


def test_a_family_tells_and_asks_without_a_script(page, office, console) -> None:
    page.goto("/report/")
    phone = plain_page(page)
    phone.goto("/report/")
    phone.get_by_role("link", name="We are in difficulty").click()
    for place in ("Longhe county", "Nalong", "Baiyun village"):
        phone.get_by_role("link", name=place, exact=True).click()
    phone.get_by_label("Somebody is ill").check()
    phone.get_by_label("In your own words").fill("ລູກເຈັບ ແລະ ພວກເຮົາບໍ່ມີເງິນ")
    phone.get_by_label("Phone or another way").fill("+86 771 555")
    phone.get_by_role("button", name="Send").click()
    phone.get_by_role("heading", name="We have received it").wait_for()
    code = phone.locator(".code").inner_text()
    assert codes.tidy(code) == code
    cookies = phone.context.cookies()
    assert [cookie["name"] for cookie in cookies] == ["csrftoken"]
    phone.get_by_role("link", name="Ask what became of it").click()
    phone.get_by_label("Your code").fill(code.lower())
    phone.get_by_role("button", name="Ask").click()
    phone.get_by_role("heading", name="Received, and waiting").wait_for()
    message = Message.objects.everywhere(reason="test").get()
    answer_message(message, answer="We come on Friday.", by=office.staff["township"], today=TODAY)
    phone.get_by_label("Your code").fill(code)
    phone.get_by_role("button", name="Ask").click()
    phone.get_by_text("We come on Friday.").wait_for()
    phone.context.close()


def test_targets_are_large_and_the_trap_is_out_of_reach(page, office) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    for address in ("/report/", "/report/report/?in=NALONG", "/report/report/?place=BAIYUN"):
        page.goto(address)
        page.get_by_role("heading", level=1).wait_for()
        small = page.evaluate(
            """() => ['a.door', 'button', '.choices label', 'textarea', 'input.govuk-input:not([name=website])']
                .flatMap(one => [...document.querySelectorAll(`main ${one}`)])
                .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect().height])
                .filter(([, height]) => height < 44)"""
        )
        assert small == [], address
    page.goto("/report/report/?place=BAIYUN")
    names = []
    for _step in range(40):
        page.keyboard.press("Tab")
        names.append(page.evaluate("() => document.activeElement.name || ''"))
    assert "phone" in names
    assert "website" not in names
    assert page.get_by_label("Leave this field empty").count() == 1
    assert page.get_by_role("textbox", name="Leave this field empty").count() == 0


def public_pages(office) -> dict[str, str]:
    return {
        "report": "/report/",
        "report-poster": "/report/?place=BAIYUN",
        "report-place": "/report/report/",
        "report-place-unknown": "/report/report/?place=NOWHERE",
        "report-village": "/report/report/?in=NALONG",
        "report-form": "/report/report/?place=BAIYUN",
        "report-objection": "/report/objection/?place=BAIYUN",
        "report-complaint": "/report/grievance/?place=BAIYUN",
        "report-status": "/report/status/",
    }


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_public_page(page, office, console, language) -> None:
    page.goto("/report/")
    if language != "en":
        page.get_by_role("button", name="中文").click()
        page.locator("html[lang=zh-hans]").wait_for()
    ending = "" if language == "en" else "-zh"
    for name, address in public_pages(office).items():
        page.goto(address)
        look(page, f"{name}{ending}", console)


def test_the_pages_after_a_form_was_sent(page, office, console) -> None:
    page.goto("/report/grievance/?place=BAIYUN")
    page.locator("main form button").last.click()
    page.get_by_text("There is something to mend").wait_for()
    console.clear()  # The browser says on the console that the form came back with 422.
    look(page, "report-mend", console)
    page.get_by_label("I am not sure").check()
    page.get_by_label("What happened?").fill("Our form was lost twice.")
    page.locator("main form button").last.click()
    page.locator(".code").wait_for()
    look(page, "report-sent", console)
    code = page.locator(".code").inner_text()
    message = Message.objects.everywhere(reason="test").get()

    def ask(name: str) -> None:
        page.goto("/report/status/")
        page.get_by_label("Your code").fill(code)
        page.get_by_role("button", name="Ask").click()
        page.wait_for_load_state()
        look(page, name, console)

    ask("report-waiting")
    take_up(message, by=office.staff["county"], today=TODAY)
    ask("report-taken-up")
    answer_message(
        message,
        answer="We found your form.\n\nThe village office hands it over on Monday; bring your card.",
        by=office.staff["county"],
        today=TODAY,
    )
    ask("report-answered")


@pytest.fixture
def busy(office) -> dict[str, str]:
    """An office with messages of every kind and needs in every state; the addresses to look at, by name."""
    case, notice = hang_notice(office)
    village, letters = office.register.areas["BAIYUN"], {}
    for name, letter in {
        "report": Letter(
            kind="report",
            area=village,
            trouble="illness",
            words="The child is ill and we sold the pig.",
            language="en",
            name="Wei Lan",
            phone="+86 771 555",
        ),
        "whisper": Letter(kind="report", area=village, trouble="other", for_county=True),
        "filed": Letter(
            kind="objection",
            area=village,
            words="They own two shops.",
            notice_code=notice.code,
            notice_line="1",
            name="Lan",
        ),
        "lost": Letter(
            kind="objection",
            area=village,
            words="Not poor at all.",
            notice_code="the red one",
            notice_line="3",
        ),
        "complaint": Letter(
            kind="grievance", area=village, words="The form was lost twice.", for_county=True, name="Mo"
        ),
    }.items():
        receipt = send_message(letter, ticket=codes.new_ticket(), address=name, today=TODAY)
        letters[name] = Message.objects.everywhere(reason="test").get(code_hash=codes.code_hash(receipt.code))
    worker = office.staff["worker"]
    home = case.household
    for words, language in (
        ("a cooking pot and a piglet", "en"),
        ("ຂໍໝໍ້ໃຫຍ່ໜຶ່ງ", "lo"),
        ("孩子的校服", "zh-hans"),
    ):
        need = record_need(home, words=words, language=language, by=worker, day=TODAY, today=TODAY)
    answer_need(need, answer="The school gives one on Monday.", by=worker, today=TODAY)
    return {
        "messages": "/messages/",
        **{f"message-{name}": f"/messages/{message.pk}/" for name, message in letters.items()},
        "message-search": f"/messages/{letters['report'].pk}/?household={home.number}",
        "messages-empty": "/messages/?show=answered",
        "needs": "/needs/",
        "needs-household": f"/households/{home.key}/needs/",
        "needs-none": f"/households/{office.household('0874').key}/needs/",
        "household-with-needs": f"/households/{home.key}/",
    }


def sign_in(page, username: str) -> None:
    page.goto("/sign-in/?next=/messages/")
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", level=1).wait_for()


def test_every_page_of_the_office(page, office, busy, console) -> None:
    areas = office.register.areas
    add_person("weilan", Role.COUNTY_OFFICER, areas["LONGHE"], password=PASSWORD, display_name="Wei Lan")
    sign_in(page, "weilan")
    for name, address in busy.items():
        page.goto(address)
        look(page, name, console)
    page.goto(busy["message-complaint"])
    page.get_by_role("button", name="Send the answer").click()
    page.get_by_text("Write the answer.").first.wait_for()
    page.goto(busy["needs-household"])
    for summary in page.locator("details.twin > summary").all():
        summary.click()
    console.clear()
    look(page, "needs-household-open", console)


def test_what_the_village_sees(page, office, busy, console) -> None:
    areas = office.register.areas
    add_person("village", Role.VILLAGE_WORKER, areas["BAIYUN"], password=PASSWORD, display_name="Lan")
    sign_in(page, "village")
    page.goto("/messages/")
    look(page, "messages-village", console)
    text = page.locator("main").inner_text()
    assert "The child is ill" in text
    assert "Objections to public notices" in text
    for hidden in ("two shops", "lost twice", "Not poor", "Mo"):
        assert hidden not in text


def test_in_chinese(page, office, busy, console) -> None:
    areas = office.register.areas
    add_person("weilan", Role.COUNTY_OFFICER, areas["LONGHE"], password=PASSWORD, display_name="韦兰")
    sign_in(page, "weilan")
    page.get_by_role("button", name="中文").click()
    page.locator("html[lang=zh-hans]").wait_for()
    for name in ("messages", "message-report", "message-filed", "message-lost", "needs", "needs-household"):
        page.goto(busy[name])
        look(page, f"{name}-zh", console)
