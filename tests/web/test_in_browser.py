"""The pieces in a real browser: pictures, accessibility, width, weight, keyboard."""

import gzip

import pytest

from highground.accounts.enums import Role
from tests.support.pages import check_in_browser
from tests.support.places import PASSWORD, add_person, add_places

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.web.urls")]


@pytest.fixture
def officer(page):
    places = add_places()
    user = add_person("weilan", Role.COUNTY_OFFICER, places.longhe, password=PASSWORD, display_name="Wei Lan")
    page.goto("/sign-in/?next=/styleguide/")
    page.get_by_label("User name").fill("weilan")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Possible: sudden severe difficulty").wait_for()
    return user


def test_every_piece_in_english_and_chinese(page, officer) -> None:
    check_in_browser(page, "styleguide")
    page.get_by_role("button", name="中文").click()
    page.get_by_text("还剩6天").first.wait_for()
    check_in_browser(page, "styleguide-zh")


def test_signing_in_with_a_fault(page) -> None:
    page.goto("/sign-in/")
    check_in_browser(page, "sign-in")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    check_in_browser(page, "sign-in-fault")


def test_a_page_that_is_not_there(page, officer) -> None:
    page.goto("/no-such-page/")
    check_in_browser(page, "not-here")


def test_the_area_is_switched_with_the_keyboard(page, officer) -> None:
    page.locator(".switcher summary").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Nalong").focus()
    page.keyboard.press("Enter")
    page.locator(".switcher summary", has_text="Nalong").wait_for()


def test_the_first_tab_leads_to_the_page(page, officer) -> None:
    page.goto("/no-such-page/")
    page.keyboard.press("Tab")
    link = page.locator(":focus")
    assert link.inner_text() == "Skip to the page"
    assert link.bounding_box()["y"] >= 0


def test_a_small_interaction_works_under_the_strict_policy(page, officer) -> None:
    """HTMX fetches and swaps without eval and without styles of its own (`page` fails on a broken policy)."""
    page.get_by_role("button", name="Fetch the headline").click()
    page.locator("#swapped h1", has_text="Possible: sudden severe difficulty").wait_for()


def test_labels_never_meet_marks(page, officer) -> None:
    """In every picture of rows, the words' boxes keep clear of the bars' boxes and of each other."""
    meetings = """() => {
        const meet = (a, b) => a.left < b.right - 0.5 && b.left < a.right - 0.5
            && a.top < b.bottom - 0.5 && b.top < a.bottom - 0.5;
        const found = [];
        for (const rows of document.querySelectorAll('.rows')) {
            const shown = e => { const r = e.getBoundingClientRect(); return r.width && r.height; };
            const words = [...rows.querySelectorAll('.rows__label, .rows__text, .rows__mark-label, .rows__mark-words')]
                .filter(e => shown(e) && e.textContent.trim());
            const marks = [...rows.querySelectorAll('rect')].filter(shown);
            words.forEach((word, at) => {
                const box = word.getBoundingClientRect();
                for (const other of [...marks, ...words.slice(at + 1)])
                    if (meet(box, other.getBoundingClientRect()))
                        found.push(word.textContent + ' meets ' + (other.textContent || other.outerHTML));
            });
        }
        return found;
    }"""
    for width in (1280, 900, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate(meetings) == []


def test_staff_pages_weigh_little(page, officer) -> None:
    """At most 120 KB gzipped for a first visit in Latin script, fonts included."""
    bodies: dict[str, int] = {}

    def note(response) -> None:
        if response.status == 200:
            bodies[response.url] = len(gzip.compress(response.body(), 6))

    context = page.context.browser.new_context(storage_state=page.context.storage_state())
    fresh = context.new_page()
    fresh.on("response", note)
    fresh.goto(page.url.replace("/styleguide/", "/no-such-page/"))
    fresh.goto(page.url.replace("/styleguide/", "/sign-in/"), wait_until="networkidle")
    context.close()
    assert any(url.endswith("govuk.css") for url in bodies)
    assert sum(bodies.values()) <= 120_000, bodies
