"""Two doors without a network take 40 people in, some at both; when the network comes back nothing is lost and nobody doubled."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from highground.forum import keys
from highground.forum.actions.door import open_door
from highground.forum.models import Scan
from highground.forum.queries import came_twice, day_counts
from tests.forum.assembly import assemble, link
from tests.support.pages import check_in_browser

pytestmark = pytest.mark.django_db(transaction=True)


def check_in(page, badge: str) -> str:
    page.get_by_label("Code of the badge").fill(badge)
    page.keyboard.press("Enter")
    said = page.locator("#answer .said")
    said.wait_for()
    return said.inner_text()


def test_two_doors_offline_reconcile(page, transactional_db, live_server) -> None:
    today = timezone.localdate()
    assembly = assemble(40)
    doors = [
        open_door(assembly.forum, name=name, by=assembly.organiser, today=today)
        for name in ("North", "South")
    ]
    badges = [one.badge for one in assembly.people]
    second = page.context.browser.new_context(base_url=live_server.url)
    pages = [page, second.new_page()]
    for door, one in zip(doors, pages, strict=True):
        one.goto(f"/forum/door/#{link(keys.DOOR, door)}")
        one.locator("body[data-ready]").wait_for()
        one.evaluate("navigator.serviceWorker.ready.then(() => true)")
        one.get_by_text("Came today: 0").wait_for()
    check_in_browser(page, "forum-door")
    for one in pages:
        one.context.set_offline(True)
        one.reload()
        one.locator("body[data-ready]").wait_for()
    for number, badge in enumerate(badges):
        assert f"Guest {number}" in check_in(pages[number % 2], badge)
    for badge in badges[:6]:
        check_in(pages[1], badge)
    assert "Came in before" in check_in(pages[0], badges[0])
    assert "no code of a badge" in check_in(pages[0], "K7MP-3XQA-8")
    assert pages[0].locator("#state").inner_text() == "without a network · 21 wait to be sent"
    assert not Scan.objects.everywhere(reason="test").exists()
    for one in pages:
        one.context.set_offline(False)
        one.get_by_text("everything is sent").wait_for()
    assert Scan.objects.everywhere(reason="test").count() == 47
    assert day_counts(assembly.forum, [today], assembly.organiser, today)[0].came == 40
    assert len(came_twice(assembly.forum, assembly.organiser, today)) == 6
    second.close()


KEPT_YESTERDAY = """([code, at]) => new Promise((resolve, reject) => {
  const asked = indexedDB.open('highground-door', 1);
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => {
    const writing = asked.result.transaction('scans', 'readwrite');
    writing.objectStore('scans').put({ key: 'kept-yesterday', code, at });
    writing.oncomplete = () => resolve(true);
  };
})"""


def test_what_waits_counts_for_people_who_are_expected_on_the_day_on_which_they_came(
    page, transactional_db, live_server
) -> None:
    now = timezone.now()
    assembly = assemble(3)
    door = open_door(assembly.forum, name="North", by=assembly.organiser, today=timezone.localdate())
    page.route("**/forum/door/scans", lambda route: route.abort())
    page.goto(f"/forum/door/#{link(keys.DOOR, door)}")
    page.locator("body[data-ready]").wait_for()
    yesterday = (now - datetime.timedelta(days=1)).isoformat()
    page.evaluate(KEPT_YESTERDAY, [assembly.people[0].badge, yesterday])
    check_in(page, assembly.people[1].badge)
    assert "Nobody has this code" in check_in(page, "2222-2222-2")
    page.reload()
    page.locator("body[data-ready]").wait_for()
    assert "3 wait to be sent" in page.locator("#state").inner_text()
    assert page.locator("#came").inner_text() == "Came today: 1"
    assert "Come in" in check_in(page, assembly.people[0].badge)
