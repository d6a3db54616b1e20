"""Another contact officer: one household, or all of somebody who leaves; what is open goes along."""

from __future__ import annotations

import pytest
from django.test import Client

from highground.accounts.enums import Role
from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.actions.contacts import hand_over, hand_over_all
from highground.cases.case_page import told_of
from highground.cases.flow import CaseError
from highground.cases.inbox import of_person, turns_of
from highground.cases.models import Case
from highground.cases.story import timeline_of
from highground.methods.rules.procedure.path import NotAllowed
from highground.signals.rulebooks import latest_books
from highground.support.actions.planning import NewLine, make_plan
from highground.support.models import PlanLine
from tests.support.case_lists import many
from tests.support.case_path import DAY
from tests.support.places import add_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def successor(office):
    return add_person("successor", Role.CONTACT_OFFICER, office.register.areas["LONGHE"])


def waits_for(user, office, case) -> bool:
    turns = turns_of(user, latest_books(), office.today).filter(of_person(user, office.today), case=case)
    return turns.exists()


def test_a_case_is_handed_over_with_what_is_open_in_it(office, successor):
    former = office.staff["contact"]
    case = office.recognise()
    make_plan(
        case,
        lines=[NewLine("training", responsible=former, due_on=office.today + 10 * DAY)],
        by=former,
        today=office.today,
    )
    assert waits_for(former, office, case)
    hand_over(case, to=successor, by=office.staff["township"], today=office.today, former=str(former.pk))
    case.refresh_from_db()
    assert case.contact == successor
    assert waits_for(successor, office, case)
    assert not waits_for(former, office, case)
    assert PlanLine.objects.everywhere(reason="test").get().responsible == successor
    event = Event.objects.get(kind="cases.hand_over")
    assert (event.data["from"], event.data["contact"]) == (str(former.pk), str(successor.pk))
    told = timeline_of(told_of(case, office.staff["county"], office.today))
    (change,) = [one for one in told if one["title"] == "The contact officer changed"]
    assert f"from Contact to {successor}" in change["text"]
    assert verify().sound


def test_a_contact_officer_is_not_changed_behind_somebody_s_back(office, successor):
    case = office.open()
    with pytest.raises(CaseError, match="Nobody looks after this household yet"):
        hand_over(case, to=successor, by=office.staff["worker"], today=office.today)
    office.assign(case)
    hand_over(case, to=successor, by=office.staff["worker"], today=office.today)
    with pytest.raises(CaseError, match="look again"):
        hand_over(
            case,
            to=office.staff["secretary"],
            by=office.staff["worker"],
            today=office.today,
            former=str(office.staff["contact"].pk),
        )
    with pytest.raises(CaseError, match="looks after the household already"):
        hand_over(case, to=successor, by=office.staff["worker"], today=office.today)
    with pytest.raises(NotAllowed):
        hand_over(case, to=office.staff["secretary"], by=successor, today=office.today)
    case.refresh_from_db()
    office.visit(case, outcome="dismiss")
    with pytest.raises(CaseError, match="This case is over"):
        hand_over(case, to=office.staff["secretary"], by=office.staff["worker"], today=office.today)


@pytest.mark.parametrize("count", [1, 20])
def test_all_cases_of_somebody_who_leaves_go_to_another(
    office, successor, count, django_assert_max_num_queries
):
    cases = many(office, count, to="apply")
    former = office.staff["contact"]
    Case.objects.everywhere(reason="test").update(contact=former)
    area, by = office.register.areas["LONGHE"], office.staff["township"]
    with django_assert_max_num_queries(16):
        assert hand_over_all(area=area, former=former, to=successor, by=by, today=office.today) == count
    assert not Case.objects.everywhere(reason="test").filter(contact=former).exists()
    event = Event.objects.get(kind="cases.hand_over_all")
    assert event.data["cases"] == count
    assert all(case.hand_overs.get().former == former for case in cases)
    assert hand_over_all(area=area, former=former, to=successor, by=by, today=office.today) == 0


def test_all_or_none_are_handed_over(office):
    cases = many(office, 2, to="apply")
    former = office.staff["contact"]
    Case.objects.everywhere(reason="test").update(contact=former)
    with pytest.raises(CaseError, match=r"Household 7\d\d\d: this person holds no role"):
        hand_over_all(
            area=office.register.areas["LONGHE"],
            former=former,
            to=office.staff["neighbour"],
            by=office.staff["township"],
            today=office.today,
        )
    assert not cases[0].hand_overs.exists()


def test_the_page_names_another_and_says_who_was_faster(office, successor, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: office.today)
    case = office.open()
    office.assign(case)
    client = Client()
    client.force_login(office.staff["worker"])
    address = f"/cases/{case.pk}/contact/"
    assert address in client.get(f"/cases/{case.pk}/").content.decode()
    page = client.get(address).content.decode()
    assert "Now it is Contact." in page
    assert "checked" not in page
    seen = str(office.staff["contact"].pk)
    answer = client.post(address, {"seen": seen, "contact": str(successor.pk)})
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.contact == successor
    late = client.post(address, {"seen": seen, "contact": str(office.staff["secretary"].pk)})
    assert late.status_code == 422
    text = late.content.decode()
    assert "look again" in text and f"Now it is {successor}." in text
    form = late.context["form"]
    assert form["contact"].value() == str(office.staff["secretary"].pk)
    assert str(successor.pk) not in form.people
    # Having looked, sending it once more is enough.
    assert (
        client.post(address, {"seen": form["seen"].value(), "contact": form["contact"].value()}).status_code
        == 302
    )
    case.refresh_from_db()
    assert case.contact == office.staff["secretary"]
    same = client.post(address, {"seen": str(case.contact_id), "contact": str(case.contact_id)})
    assert "This person looks after the household already" in same.content.decode()
    client.force_login(office.staff["contact"])
    assert "named by those who name the first" in client.get(address).content.decode()
    assert address not in client.get(f"/cases/{case.pk}/").content.decode()
