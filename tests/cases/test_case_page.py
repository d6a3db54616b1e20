"""The page of a case: the question, the timeline, the money, what people and the rulebook say."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from highground.accounts.enums import Role
from highground.audit.models import AccessLog
from highground.cases.actions.deciding import decide
from highground.cases.actions.meetings import call_meeting, close_meeting, decide_item
from highground.cases.actions.notices import post_notice
from highground.cases.actions.objections import file_objection
from highground.cases.flow import procedure_for, today_for
from highground.cases.models import Case
from highground.methods.rules import load_rulebook
from highground.signals.actions import screen_register
from tests.support.casework import add_staff, lead, start, who
from tests.support.pages import check_source
from tests.support.places import add_person
from tests.support.register import BOOK, TODAY, add_register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("on_the_day")]
REAL_LOCALDATE = timezone.localdate


@pytest.fixture
def register(db):
    found = add_register()
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    return found


@pytest.fixture
def staff(register):
    return add_staff(register)


def open_page(user, case: Case):
    client = Client()
    client.force_login(user)
    response = client.get(f"/cases/{case.pk}/")
    assert response.status_code == 200
    check_source(response)
    return response


def proposed(register, staff, *, to: str) -> Case:
    """The case of household 2231, with a class proposed, led on to a step."""
    case = lead(start(register.households["2231"], staff["huangmei"]), staff, to=to)
    Case.objects.everywhere(reason="test").filter(pk=case.pk).update(
        proposed_class="sudden_severe", risks=["illness"]
    )
    case.refresh_from_db()
    return case


def test_the_county_is_asked_and_sees_its_buttons(register, staff) -> None:
    case = proposed(register, staff, to="decide")
    response = open_page(who(case, "decide", staff, TODAY), case)
    page = response.content.decode()
    assert response.context["title"] == "Decide: include as “household in sudden severe difficulty”?"
    assert [one.label for one in response.context["buttons"]] == [
        "Include",
        "Send back, with a reason",
        "Do not include, with a reason",
        "Help first: emergency aid",
    ]
    assert response.context["buttons"][0].url == f"/cases/{case.pk}/steps/decide/?outcome=include"
    assert "Democratic appraisal: for including; township review: agree" in page
    assert "You have not taken part in an earlier step." in page
    assert AccessLog.objects.filter(page="cases.case", subject_id=case.household.key).exists()


def test_who_had_a_hand_in_it_is_told_that_somebody_else_decides(register, staff) -> None:
    case = proposed(register, staff, to="decide")
    compared = case.steps.get(step="compare")
    (barred,) = [user for user in staff.values() if str(user.pk) == compared.by]
    response = open_page(barred, case)
    assert response.context["buttons"] == []
    assert "Somebody else must take this step" in response.content.decode()


def test_the_timeline_tells_every_step_what_is_due_and_what_comes(register, staff) -> None:
    case = proposed(register, staff, to="decide")
    response = open_page(staff["chenxi"], case)
    events = response.context["events"]
    done = [one["title"] for one in events if one.get("state", "done") == "done"]
    assert done == [
        "Clue: high medical spending of one's own",
        "Clue: possible: household in sudden severe difficulty",
        "A contact officer is named",
        "Visit: propose the household",
        "Application and authorisation: the family applied",
        "Data comparison",
        "Democratic appraisal: for including",
        "Public notice: no objection stands",
        "Township review: agree",
    ]
    (now,) = [one for one in events if one.get("state") == "now"]
    assert (now["title"], now["day"], now["text"]) == (
        "County decision",
        "due 25 March: 15 days left",
        "day 0 of 15",
    )
    assert [one["title"] for one in events if one.get("state") == "next"] == [
        "Support plan",
        "First measure delivered",
        "Follow-up",
    ]
    assert "Huang Mei" in response.content.decode()


def test_a_step_that_was_sent_back_is_marked(register, staff) -> None:
    case = proposed(register, staff, to="review")
    decide(
        case, step="review", outcome="send_back", by=who(case, "review", staff, TODAY), today=TODAY,
        reason="the quorum is not written down",
    )  # fmt: skip
    response = open_page(staff["huangmei"], case)
    fallen = [one["title"] for one in response.context["events"] if one.get("state") == "fallen"]
    assert fallen == ["Democratic appraisal: for including", "Public notice: no objection stands"]
    page = response.content.decode()
    assert "no longer stands" in page
    assert "the quorum is not written down" in page


def test_the_village_reads_of_an_objection_only_that_there_is_one(register, staff) -> None:
    case = proposed(register, staff, to="notice")
    notice = post_notice(
        area=case.household.area, rulebook=BOOK, step="notice", cases=[case], object_at="township office",
        by=staff["huangmei"], day=TODAY, today=TODAY,
    )  # fmt: skip
    file_objection(notice.items.get(), text="They own a lorry", by="public", day=TODAY, today=TODAY)
    village = open_page(staff["huangmei"], case).content.decode()
    assert "An objection" in village
    assert "being looked into" in village
    assert "lorry" not in village
    assert "lorry" in open_page(staff["weilan"], case).content.decode()
    case.refresh_from_db()
    assert "the clock stands still until the objection is answered" in village


def test_a_meeting_is_told_with_its_votes(register, staff) -> None:
    case = proposed(register, staff, to="compare")
    village = case.household.area
    meeting = call_meeting(
        area=village, rulebook=BOOK, step="appraise", day=TODAY, entitled=31, cases=[case],
        by=staff["huangmei"], today=TODAY,
    )  # fmt: skip
    decide_item(
        meeting.items.get(), outcome="include", in_favour=21, abstained=2, by=staff["huangmei"], today=TODAY
    )
    close_meeting(meeting, present=23, minutes="All was said.", by=staff["huangmei"], today=TODAY)
    page = open_page(staff["huangmei"], case).content.decode()
    assert "23 of 31 were there; 21 for, 0 against, 2 abstained" in page


def test_the_money_stands_against_the_line(register, staff) -> None:
    response = open_page(staff["huangmei"], start(register.households["2231"], staff["huangmei"]))
    drawn = response.context["money"]
    assert ("a visit", datetime.date(2026, 2, 1), "6,150") in drawn.rows
    assert ("monitoring line", datetime.date(2026, 1, 1), "8,300") in drawn.rows


def test_people_and_rulebook_stand_side_by_side(register, staff) -> None:
    case = proposed(register, staff, to="decide")
    decide(
        case, step="decide", outcome="include", by=who(case, "decide", staff, TODAY), today=TODAY,
        class_id="marginal", risks=["illness"],
    )  # fmt: skip
    response = open_page(staff["weilan"], case)
    rows = dict(response.context["classes"]["rows"])
    assert rows["People recognised"].startswith("marginal household")
    assert rows["The rulebook said then"] == "household in sudden severe difficulty"
    assert "people and rulebook differ" in response.content.decode()
    # A class that people recognised is no possibility any more.
    assert "possible: marginal" not in response.content.decode()


def test_what_lies_elsewhere_is_not_found(register, staff) -> None:
    case = start(register.households["9001"], staff["antang"])
    client = Client()
    client.force_login(staff["weilan"])
    assert client.get(f"/cases/{case.pk}/").status_code == 404
    auditor = Client()
    auditor.force_login(add_person("auditor", Role.AUDITOR))
    assert auditor.get(f"/cases/{case.pk}/").status_code == 403


def test_today_is_the_day_where_the_procedure_is_followed(register, staff, monkeypatch, settings) -> None:
    """Half past midnight in China is still the day before in Viet Nam, and where the server stands."""
    settings.TIME_ZONE = "Europe/Lisbon"
    now = datetime.datetime(2026, 3, 10, 16, 30, tzinfo=datetime.UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr(timezone, "localdate", REAL_LOCALDATE)
    case = start(register.households["2231"], staff["huangmei"])
    assert today_for(procedure_for(case)) == datetime.date(2026, 3, 11)
    assert today_for(load_rulebook("vn-2022").procedure) == datetime.date(2026, 3, 10)
    assert open_page(staff["huangmei"], case).context["today"] == datetime.date(2026, 3, 11)
    client = Client()
    client.force_login(staff["huangmei"])
    step = client.get(f"/cases/{case.pk}/steps/assign/")
    assert step.context["form"].visited.today == datetime.date(2026, 3, 11)
