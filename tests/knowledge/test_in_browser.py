"""In a real browser: what everybody reads, in several languages; and the whole way from a county's cause to an outcome."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests.support.pages import check_in_browser
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db(transaction=True)


def look(page, name: str, console: list[str]) -> None:
    page.locator("main h1").wait_for()
    check_in_browser(page, f"knowledge-{name}")
    assert console == [], name
    page.set_viewport_size({"width": 1280, "height": 900})


def test_everybody_searches_and_reads_without_an_account(page, office, practices, console, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    page.goto("/knowledge/")
    look(page, "start", console)
    page.get_by_label("What is the problem").fill("medical bills push families back into poverty")
    page.get_by_role("button", name="Search").click()
    page.get_by_text("Also searched:").wait_for()
    look(page, "search", console)
    page.get_by_role("link", name="Medical bills of poor families cut").click()
    look(page, "practice", console)
    page.goto("/knowledge/?cause=illness&lang=km")
    page.get_by_text("ហេតុអ្វីបានជាអនុវត្តនេះ៖").first.wait_for()
    look(page, "khmer", console)
    page.get_by_role("link", name="Sok Dara", exact=True).first.click()
    look(page, "expert", console)
