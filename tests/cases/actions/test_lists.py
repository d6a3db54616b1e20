"""Lists of households: no objection is lost, none comes too late to be made, and all cases are locked before a step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from highground.cases import flow
from highground.cases.actions import meetings, notices
from highground.cases.actions.meetings import call_meeting, close_meeting, decide_item
from highground.cases.actions.notices import close_notice, lines_of, post_notice, shown_by, withdraw_notice
from highground.cases.actions.objections import answer_objection, file_objection
from highground.cases.flow import CaseError
from highground.cases.models import Objection
from highground.methods.rules.procedure.graph import NOTICE_FIELDS
from tests.support.case_lists import many
from tests.support.case_path import DAY

pytestmark = pytest.mark.django_db


def hang(office, cases, *, by="secretary", late=0):
    return post_notice(
        area=cases[0].household.area, rulebook=cases[0].rulebook, step="notice", cases=cases,
        object_at="Village office", by=office.staff[by], day=office.today - late * DAY, today=office.today,
    )  # fmt: skip


def object_to(office, item):
    return file_objection(item, text="Not so.", by="public", day=office.today, today=office.today)


def answer(office, objection, *, uphold):
    answer_objection(objection, uphold=uphold, answer="So.", by=office.staff["township2"], today=office.today)


def withdraw(office, notice):
    withdraw_notice(notice, reason="A name was wrong.", by=office.staff["secretary"], today=office.today)


def test_a_notice_with_an_open_objection_is_not_withdrawn(office):
    notice = hang(office, many(office, 2, to="notice"))
    objection = object_to(office, notice.items.get(line=2))
    with pytest.raises(CaseError, match="Objections to line 2 are open: answer them"):
        withdraw(office, notice)
    notice.refresh_from_db()
    assert notice.status == "open"
    answer(office, objection, uphold=False)
    withdraw(office, notice)


def test_a_notice_with_an_upheld_objection_is_closed_not_withdrawn(office):
    (case,) = many(office, 1, to="notice")
    notice = hang(office, [case])
    answer(office, object_to(office, notice.items.get()), uphold=True)
    with pytest.raises(CaseError, match="Close it instead: an objection was upheld to line 1"):
        withdraw(office, notice)
    close_notice(notice, by=office.staff["secretary"], today=notice.ends_on)
    assert case.steps.get(step="notice").outcome == "upheld"


def test_a_notice_is_recorded_when_it_is_hung_up(office):
    cases = many(office, 1, to="notice")
    office.today += 5 * DAY
    for late in (5, 2):
        with pytest.raises(CaseError, match="Record a notice when it is hung up"):
            hang(office, cases, late=late)
    assert hang(office, cases, late=1).posted_on == office.today - DAY


@pytest.mark.parametrize("act", [close_notice, withdraw_notice])
def test_an_objection_filed_until_the_last_moment_counts(office, monkeypatch, act):
    """It comes in while the notice waits for the lock of a case: whoever holds that lock may just have filed it."""
    cases = many(office, 2, to="notice")
    notice = hang(office, cases)
    office.today = notice.ends_on

    def held_up(pk):
        if pk == cases[1].pk and not Objection.objects.everywhere(reason="test").exists():
            object_to(office, notice.items.get(case=pk))
        return flow.locked(pk)

    monkeypatch.setattr(notices, "locked", held_up)
    why = {"reason": "A name was wrong."} if act is withdraw_notice else {}
    with pytest.raises(CaseError, match="to line 2 are"):
        act(notice, by=office.staff["secretary"], today=office.today, **why)


def written_down(monkeypatch, module):
    """What `module` locks and which steps it takes, in this order."""
    found = []

    def lock(pk):
        found.append(("lock", pk))
        return flow.locked(pk)

    def take(case, **rest):
        found.append(("step", case.pk))
        return flow.take_step(case, **rest)

    monkeypatch.setattr(module, "locked", lock)
    monkeypatch.setattr(module, "take_step", take)
    return found


def test_a_notice_locks_all_its_cases_in_order_before_the_first_step(office, monkeypatch):
    cases = many(office, 3, to="notice")
    notice = hang(office, cases[::-1])
    found, ids = written_down(monkeypatch, notices), sorted(case.pk for case in cases)
    close_notice(notice, by=office.staff["secretary"], today=notice.ends_on)
    assert found == [*(("lock", pk) for pk in ids), *(("step", pk) for pk in ids)]


def test_a_meeting_locks_all_its_cases_in_order_before_the_first_step(office, monkeypatch):
    cases, by, today = many(office, 3, to="appraise"), office.staff["secretary"], office.today
    meeting = call_meeting(
        area=cases[0].household.area, rulebook=cases[0].rulebook, step="appraise", day=today, entitled=31,
        cases=cases[::-1], by=by, today=today,
    )  # fmt: skip
    for item in meeting.items.all():
        decide_item(item, outcome="include", in_favour=20, by=by, today=today)
    found, ids = written_down(monkeypatch, meetings), sorted(case.pk for case in cases)
    close_meeting(meeting, present=21, minutes="Read out.", by=by, today=today)
    assert found == [*(("lock", pk) for pk in ids), *(("step", pk) for pk in ids)]


def test_who_hung_the_notice_up_had_a_hand_in_it(office):
    (case,) = many(office, 1, to="notice")
    notice = hang(office, [case], by="worker")
    close_notice(notice, by=office.staff["secretary"], today=notice.ends_on)
    hands = case.steps.get(step="notice").people
    assert hands == [str(office.staff[name].pk) for name in ("secretary", "worker")]


def test_an_objection_is_not_back_dated_further_than_a_visit(office):
    """A notice that nobody took down hangs on; what was said long ago cannot be told from a guess."""
    notice = hang(office, many(office, 1, to="notice"))
    item = notice.items.get()
    office.today += 40 * DAY
    oldest = office.today - 31 * DAY

    def brought(day):
        by = str(office.staff["township2"].pk)
        return file_objection(item, text="Not so.", by=by, day=day, today=office.today)

    with pytest.raises(CaseError, match="entered too late: only the last 31 days count"):
        brought(oldest - DAY)
    assert brought(oldest).filed_on == oldest


def test_a_notice_shows_no_more_than_the_rulebook_allows(office, monkeypatch):
    """A county that hangs up numbers alone: no name is opened, no group and no class stands beside it."""
    (case,) = many(office, 1, to="notice")
    notice = hang(office, [case])
    (usual,) = lines_of(notice)
    assert (usual.group, usual.class_label["en"]) == (
        "Baiyun village",
        "household in sudden severe difficulty",
    )
    monkeypatch.setattr(notices, "shown_by", lambda step: ("days", "object_at"))
    monkeypatch.setattr(notices, "heads_of", lambda households: {one.pk: "Opened" for one in households})
    (line,) = lines_of(notice)
    assert (line.head, line.group, line.class_label) == (case.household.number, "", {})


def test_what_a_rulebook_leaves_open_shows_what_any_notice_may(office):
    (case,) = many(office, 1, to="notice")
    step = flow.procedure_for(case).steps["notice"]
    assert shown_by(replace(step, shows=())) == NOTICE_FIELDS
    assert shown_by(replace(step, shows=("head",))) == ("head",)
