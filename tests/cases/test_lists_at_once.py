"""Many people put the same household on a list at once: it stands on one, and the others are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from highground.cases.actions.meetings import call_meeting
from highground.cases.actions.notices import post_notice
from highground.cases.flow import CaseError
from highground.cases.models import Meeting, MeetingItem, Notice, NoticeItem
from tests.support.case_lists import many

pytestmark = pytest.mark.django_db(transaction=True)
WRITERS = 6


def at_once(act) -> list[object]:
    def run(number: int) -> object:
        try:
            return act(number)
        except CaseError as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(run, range(WRITERS)))


@pytest.mark.parametrize("form", ["meeting", "notice"])
def test_no_household_stands_on_two_lists(transactional_db, office, form) -> None:
    step = "appraise" if form == "meeting" else "notice"
    cases = many(office, 3, to=step)
    common = {
        "area": cases[0].household.area, "rulebook": cases[0].rulebook, "step": step, "day": office.today,
        "by": office.staff["secretary"], "today": office.today,
    }  # fmt: skip

    def put(number: int) -> object:
        # Each takes two of the three in another order: locks are taken in one order all the same.
        mine = [cases[number % 3], cases[(number + 1) % 3]]
        if form == "meeting":
            return call_meeting(cases=mine, entitled=31, **common)
        return post_notice(cases=mine, object_at="Village office", **common)

    found = at_once(put)
    kind = Meeting if form == "meeting" else Notice
    won = [one for one in found if isinstance(one, kind)]
    assert len(won) == 1, "any two of them share a household"
    assert all("already" in str(one) for one in found if isinstance(one, CaseError))
    items = (MeetingItem if form == "meeting" else NoticeItem).objects.everywhere(reason="test")
    assert items.count() == 2
