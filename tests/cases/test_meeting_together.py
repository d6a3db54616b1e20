"""Two people write at one meeting: nothing is overwritten unseen, and it is kept who wrote what."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from highground.cases.actions.meetings import call_meeting, close_meeting, decide_item, mark_of_item
from highground.cases.flow import CaseError
from highground.cases.models import Case, Meeting
from tests.support.case_lists import many

pytestmark = pytest.mark.django_db


class Fields(HTMLParser):
    """What a browser would send of the page as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._text = ""

    def handle_starttag(self, tag, attrs) -> None:
        found = dict(attrs)
        name = found.get("name")
        if tag == "textarea" and name:
            self._text, self.found[name] = name, ""
        if tag == "input" and name and (found.get("type") != "radio" or "checked" in found):
            self.found[name] = found.get("value") or ""

    def handle_data(self, data) -> None:
        if self._text:
            self.found[self._text] += data

    def handle_endtag(self, tag) -> None:
        if tag == "textarea":
            self._text = ""


class Desk:
    """Somebody with the page of the meeting open."""

    def __init__(self, office, name: str, meeting: Meeting) -> None:
        self.client = Client()
        self.client.force_login(office.staff[name])
        self.address = f"/cases/meetings/{meeting.pk}/"
        self.fields: dict[str, str] = {}
        self.read(self.client.get(self.address))

    def read(self, response) -> str:
        page = response.content.decode()
        fields = Fields()
        fields.feed(page)
        self.fields = {name: value.lstrip("\n") for name, value in fields.found.items()}
        return page

    def write(self, item, **typed: str) -> None:
        self.fields |= {f"household-{item.pk}-{name}": value for name, value in typed.items()}

    def send(self, save: str):
        return self.client.post(self.address, {**self.fields, "save": save})


@pytest.fixture
def meeting(office, monkeypatch) -> Meeting:
    monkeypatch.setattr(timezone, "localdate", lambda *_: office.today)
    cases = many(office, 2, to="appraise")
    return call_meeting(
        area=cases[0].household.area, rulebook=cases[0].rulebook, step="appraise", day=office.today, entitled=31,
        cases=cases, by=office.staff["secretary"], today=office.today,
    )  # fmt: skip


def written(item) -> tuple:
    item.refresh_from_db()
    return item.outcome, item.in_favour, item.reason


def test_the_second_sees_what_the_first_wrote_and_overwrites_it_only_knowingly(office, meeting) -> None:
    item = meeting.items.order_by("pk").first()
    first, second = Desk(office, "secretary", meeting), Desk(office, "worker", meeting)
    first.write(item, outcome="include", in_favour="21", reason="Two\nlines.")
    assert first.send(str(item.pk)).status_code == 302
    second.write(item, outcome="exclude", in_favour="3", reason="They moved.")
    refused = second.send(str(item.pk))
    assert refused.status_code == 422
    page = second.read(refused)
    assert "Secretary has written since you opened this page: for including, 21 for" in page
    assert written(item)[:2] == ("include", 21)
    assert second.fields[f"household-{item.pk}-reason"] == "They moved.", "what was typed is still there"
    assert second.send(str(item.pk)).status_code == 302, "now they know"
    assert written(item) == ("exclude", 3, "They moved.")
    assert item.decided_by == str(office.staff["worker"].pk)


def test_what_somebody_did_not_touch_is_not_sent_back(office, meeting) -> None:
    one, other = meeting.items.order_by("pk")
    first, second = Desk(office, "secretary", meeting), Desk(office, "worker", meeting)
    first.write(one, outcome="include", in_favour="21")
    first.fields["minutes"] = "Read out."
    assert first.send("all").status_code == 302
    second.write(other, outcome="include", in_favour="20")
    assert second.send("all").status_code == 302
    assert written(one)[:2] == ("include", 21)
    assert written(other)[:2] == ("include", 20)
    meeting.refresh_from_db()
    assert meeting.minutes == "Read out."


def test_minutes_are_not_overwritten_unseen(office, meeting) -> None:
    first, second = Desk(office, "secretary", meeting), Desk(office, "worker", meeting)
    first.fields |= {"present": "20", "minutes": "Ours."}
    assert first.send("all").status_code == 302
    second.fields |= {"present": "23", "minutes": "Theirs."}
    refused = second.send("all")
    assert refused.status_code == 422
    assert "Somebody else has written attendance or minutes" in second.read(refused)
    meeting.refresh_from_db()
    assert (meeting.present, meeting.minutes) == (20, "Ours.")


def test_nobody_closes_a_meeting_on_verdicts_that_they_did_not_see(office, meeting) -> None:
    one, other = meeting.items.order_by("pk")
    first, second = Desk(office, "secretary", meeting), Desk(office, "worker", meeting)
    for desk, item in ((first, one), (second, other)):
        desk.write(item, outcome="include", in_favour="21")
    first.write(other, outcome="include", in_favour="21")
    first.send("all")
    second.write(one, outcome="", in_favour="")
    second.fields |= {"present": "23", "minutes": "Read out."}
    refused = second.send("close")
    assert refused.status_code == 422
    second.read(refused)
    assert second.fields[f"household-{one.pk}-outcome"] == "include", "it shows what stands"
    meeting.refresh_from_db()
    assert meeting.status == "open"
    assert second.send("close").status_code == 302


def test_whoever_wrote_a_verdict_down_had_a_hand_in_the_step(office, meeting) -> None:
    for item, name in zip(meeting.items.order_by("pk"), ("worker", "secretary"), strict=True):
        decide_item(item, outcome="include", in_favour=20, by=office.staff[name], today=office.today)
    by = office.staff["secretary"]
    steps = close_meeting(meeting, present=23, minutes="Read out.", by=by, today=office.today)
    people = [step.people for step in sorted(steps, key=lambda step: step.case_id)]
    assert people == [[str(by.pk), str(office.staff["worker"].pk)], [str(by.pk)]]


def test_a_verdict_is_refused_where_another_was_written_in_between(office, meeting) -> None:
    item = meeting.items.order_by("pk").first()
    seen, by = mark_of_item(item), office.staff["secretary"]
    decide_item(item, outcome="include", in_favour=20, by=by, today=office.today, seen=seen)
    with pytest.raises(CaseError, match="somebody else has written here since"):
        decide_item(item, outcome="again", reason="Why?", by=by, today=office.today, seen=seen)


def test_the_quorum_of_every_case_on_the_list_is_asked_for(office, meeting, monkeypatch) -> None:
    """The second household was opened when a pack of the county asked for two thirds."""
    from dataclasses import replace
    from fractions import Fraction

    from highground.cases.actions import meetings

    strict = meeting.items.order_by("pk").last().case_id
    usual = meetings.procedure_for

    def by_its_packs(case: Case):
        found = usual(case)
        if case.pk != strict:
            return found
        step = replace(found.steps["appraise"], quorum=Fraction(2, 3))
        return replace(found, steps={**found.steps, "appraise": step})

    monkeypatch.setattr(meetings, "procedure_for", by_its_packs)
    by = office.staff["secretary"]
    for item in meeting.items.all():
        decide_item(item, outcome="include", in_favour=16, by=by, today=office.today)
    with pytest.raises(CaseError, match="the meeting needs 21"):
        close_meeting(meeting, present=20, minutes="Read out.", by=by, today=office.today)
    desk = Desk(office, "secretary", meeting)
    page = desk.client.get(desk.address)
    assert "At least 21 of 31 must be there" in page.content.decode()
    close_meeting(meeting, present=21, minutes="Read out.", by=by, today=office.today)
