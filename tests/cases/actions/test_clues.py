"""A clue that fires while a case is under way belongs to that case, and a re-entry begins after the exit."""

from __future__ import annotations

import pytest

from highground.audit.models import Event
from highground.cases.actions.facts import FactValue, write_facts
from highground.cases.actions.opening import open_case
from highground.cases.actions.visiting import follow_up
from highground.cases.case_page import told_of
from highground.cases.models import Case, Deadline, Turn
from highground.cases.story import timeline_of
from highground.people.enums import SourceKind
from highground.signals.actions import screen_register
from highground.signals.models import Clue
from tests.support.case_lists import lead
from tests.support.case_path import DAY
from tests.support.register import BOOK

pytestmark = pytest.mark.django_db


def roof_falls_in(office, household) -> Clue:
    """The next screening finds that the dwelling is not safe any more; the clue."""
    write_facts(
        household,
        [FactValue("dwelling_unsafe", "true")],
        kind=SourceKind.VISIT,
        source="Village office",
        day=office.today,
        by=office.staff["worker"],
        today=office.today,
    )
    screen_register(rulebook=BOOK, as_of=office.today, by="test", today=office.today)
    clues = Clue.objects.everywhere(reason="test").filter(household=household, status="open")
    return clues.latest("pk")


@pytest.fixture
def monitored(office) -> Case:
    case = office.recognise("2231")
    office.today += DAY
    return lead(office, case, "follow_up")


def due(model, case):
    found = model.objects.everywhere(reason="test").filter(case=case, step="follow_up")
    return (found.filter(met_on=None, dropped_on=None) if model is Deadline else found).first().due_on


def test_a_clue_that_fires_while_the_household_is_monitored_brings_its_follow_up_forward(office, monitored):
    usual = due(Deadline, monitored)
    office.today += 2 * DAY
    clue = roof_falls_in(office, monitored.household)
    monitored.refresh_from_db()
    assert monitored.clue_links.filter(clue=clue).exists()
    assert clue.due_on < usual
    assert due(Deadline, monitored) == due(Turn, monitored) == clue.due_on
    assert monitored.due_on <= clue.due_on
    event = Event.objects.filter(kind="cases.attach_clues").get()
    assert event.data["clues"] == 1

    told = timeline_of(told_of(monitored, office.staff["contact"], office.today))
    fired = next(one for one in told if one.get("url", "").endswith(f"/clues/{clue.pk}/"))
    before = told.index(fired) - 1
    assert told[before]["day"] <= clue.opened_on, "it stands where it fired, not at the beginning"
    assert "Follow-up" in "".join(
        str(one["title"]) for one in told if "asked for by the clue" in str(one["text"])
    )


def test_a_follow_up_answers_the_clue_and_the_clock_goes_on(office, monitored):
    clue = roof_falls_in(office, monitored.household)
    follow_up(monitored, by=office.staff["contact"], day=office.today, today=office.today)
    clue.refresh_from_db()
    assert clue.status == "closed"
    assert due(Deadline, monitored) > clue.due_on
    # What was answered does not fire again while nothing changes.
    office.today += DAY
    screen_register(rulebook=BOOK, as_of=office.today, by="test", today=office.today)
    assert not Clue.objects.everywhere(reason="test").filter(household=monitored.household, status="open")


def test_a_clue_that_fires_while_the_household_is_being_verified_is_closed_with_the_decision(office):
    case = office.open()
    office.today += DAY
    clue = roof_falls_in(office, case.household)
    assert case.clue_links.count() == 3
    lead(office, case, "plan")
    clue.refresh_from_db()
    assert clue.status == "closed"


def test_a_screening_of_another_place_attaches_nothing_and_again_attaches_nothing(office, monitored):
    roof_falls_in(office, monitored.household)
    links = monitored.clue_links.count()
    screen_register(rulebook=BOOK, as_of=office.today, by="test", today=office.today)
    assert monitored.clue_links.count() == links
    assert Event.objects.filter(kind="cases.attach_clues").count() == 1


def test_nothing_is_discovered_before_the_exit_of_the_earlier_case(office, monitored):
    """A clue that nobody answered is left over at the exit: the new case begins that day, with no deadline overdue."""
    fired = roof_falls_in(office, monitored.household)
    office.today += 40 * DAY
    Case.objects.everywhere(reason="test").filter(pk=monitored.pk).update(
        status="exited", exited_on=office.today, exit_mode="assistance"
    )
    again = open_case(
        household=monitored.household, rulebook=BOOK, by=office.staff["worker"], today=office.today
    )
    assert fired.opened_on < again.discovered_on == office.today
    assert again.first_recognised_on == monitored.first_recognised_on
    running = Deadline.objects.everywhere(reason="test").filter(case=again, met_on=None, dropped_on=None)
    assert running and all(one.due_on >= office.today for one in running)
