"""A draft on a line that breaks: what was handed over and did not arrive comes back, and never overwrites what is newer."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from highground.forum import keys
from highground.forum.actions.call import begin_entry, save_draft
from highground.forum.models import Entry
from tests.forum.assembly import add_forum, link
from tests.forum.calling import WORDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entry(transactional_db) -> Entry:
    """A draft of a call that is open now."""
    now = timezone.now()
    day = datetime.timedelta(days=1)
    forum = add_forum(call_opens=now - day, call_closes=now + day)
    return begin_entry(
        forum, now=now, entrant="Souk", email="souk@example.org", organisation="Union", country="LA", language="en",
        time_zone="Asia/Vientiane",
    )  # fmt: skip


def text_of(entry: Entry) -> str:
    return entry.texts.get(language="en").problem


def test_what_was_handed_over_without_a_line_is_not_lost(page, entry, live_server) -> None:
    address = f"/forum/entry/{link(keys.ENTRY, entry)}/"
    page.goto(address)
    cut = "**/forum/entry/**"
    page.route(cut, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_label("What was the problem?").fill("No credit.")
    with page.expect_request(lambda request: request.is_navigation_request()):
        page.get_by_role("button", name="Keep the draft").click(no_wait_after=True)
    page.goto("about:blank")
    assert text_of(entry) == ""
    page.unroute(cut)
    page.goto(address)
    page.get_by_text("Kept here and with the organisers.").wait_for()
    assert page.get_by_label("What was the problem?").input_value() == "No credit."
    assert text_of(entry) == "No credit."
    page.get_by_role("button", name="Keep the draft").click()
    page.wait_for_function("() => localStorage.length === 0")


def test_what_was_saved_elsewhere_since_is_not_overwritten(page, entry, live_server) -> None:
    address = f"/forum/entry/{link(keys.ENTRY, entry)}/"
    page.goto(address)
    page.context.set_offline(True)
    page.get_by_label("What was the problem?").fill("The older words.")
    page.get_by_text("No connection: kept in this browser").wait_for()
    save_draft(entry, {"en": {**WORDS, "problem": "The newer words."}}, version=0, now=timezone.now())
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(address)
    page.get_by_text("This draft was saved elsewhere since.").wait_for()
    assert page.get_by_label("What was the problem?").input_value() == "The newer words."
    assert page.locator("#kept").inner_text() == "The older words."
    page.get_by_label("Title").fill("Cows")
    page.get_by_text("Kept here and with the organisers.").wait_for()
    assert text_of(entry) == "The newer words."


RESTORES = """document.addEventListener('readystatechange', () => {
  const field = document.getElementById('id_problem');
  if (field && sessionStorage.again) field.value = 'No credit.';
  sessionStorage.again = 'yes';
});"""
"""What some browsers do when a page is loaded again: they put back what was typed, before any script of the page runs."""


def test_what_the_browser_put_back_by_itself_is_not_taken_for_what_arrived(page, entry, live_server) -> None:
    page.add_init_script(RESTORES)
    page.goto(f"/forum/entry/{link(keys.ENTRY, entry)}/")
    cut = "**/forum/entry/**"
    page.route(cut, lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_label("What was the problem?").fill("No credit.")
    page.get_by_text("No connection: kept in this browser").wait_for()
    page.unroute(cut)
    page.reload()
    page.get_by_text("Kept here and with the organisers.").wait_for()
    assert text_of(entry) == "No credit."


def test_the_time_zone_of_the_device_is_chosen_first(browser, entry, live_server) -> None:
    there = browser.new_context(base_url=live_server.url, timezone_id="Asia/Saigon", locale="en-GB")
    page = there.new_page()
    zones = {}
    for path in ("call/", "register/", "programme/?zone=Asia/Manila"):
        page.goto(f"/forum/{entry.forum.code}/{path}")
        found = page.locator("select[name=time_zone], select[name=zone]").all()
        zones[path] = [one.input_value() for one in found]
    there.close()
    assert zones == {
        "call/": ["Asia/Ho_Chi_Minh"],
        "register/": ["Asia/Ho_Chi_Minh"],
        "programme/?zone=Asia/Manila": [],
    }
