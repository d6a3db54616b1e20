"""A household that stays monitored: the answer came in time, and its deadline says so."""

from __future__ import annotations

import pytest

from highground.cases.flow import take_step
from highground.cases.models import Deadline
from tests.support.case_lists import lead
from tests.support.case_path import DAY

pytestmark = pytest.mark.django_db


def test_an_answer_that_keeps_the_household_monitored_meets_its_deadline(office):
    case = lead(office, office.open(), "family")
    common = {"day": office.today, "today": office.today, "reason": "They say so."}
    take_step(case, step="family", outcome="disagrees", by=office.staff["contact"], **common)
    office.today += 2 * DAY
    common |= {"day": office.today, "today": office.today}
    take_step(case, step="answer_family", outcome="keep", by=office.staff["township2"], **common)
    deadline = Deadline.objects.everywhere(reason="test").get(case=case, step="answer_family")
    assert (deadline.met_on, deadline.dropped_on) == (office.today, None)
    case.refresh_from_db()
    assert case.status == "monitored"
