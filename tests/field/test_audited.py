"""A household that was drawn for the random audit has its answer once a phone's visit to it has come in."""

from __future__ import annotations

import datetime

import pytest

from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.models import Case, Visit
from highground.rounds.actions import draw
from highground.rounds.enums import Kind
from highground.rounds.models import AuditDraw, AuditVisit
from highground.rounds.planning import plan_of
from tests.support.casework import lead, start
from tests.support.phone import everything, form
from tests.support.register import BOOK, TODAY

DAY = datetime.timedelta(days=1)


@pytest.fixture
def drawn(village) -> AuditDraw:
    """Every household that nothing flags was drawn, those of the phone's holder and others."""
    return draw(village.register.areas["LONGHE"], rulebook=BOOK, seed=3, share=1, by="test", today=TODAY)


def answer_of(number: str) -> AuditVisit:
    return everything(AuditVisit).select_related("visit").get(household__number=number)


def look(village, number: str, **more) -> str:
    return form(village.households[number], **{"kind": "look", "outcome": "calm", "day": TODAY, **more})


def test_a_calm_look_is_a_no_and_the_plan_sends_nobody_again(drawn, village, phone_of) -> None:
    phone, home = phone_of(), village.households["0122"]
    plan = plan_of(village.register.areas["LONGHE"], TODAY)
    assert Kind.AUDIT in {one.call.kind for one in plan.rounds if one.call.household == home.pk}
    xml = look(village, "0122")
    assert [phone.send(xml).json()["problems"] for _ in range(2)] == [[], []]
    kept = answer_of("0122")
    assert (kept.outcome, kept.day, kept.by) == ("no", TODAY, str(phone.user.pk))
    assert kept.visit == everything(Visit).get() and not everything(Case).exists()
    assert Event.objects.filter(kind="rounds.outcome").count() == 1
    plan = plan_of(village.register.areas["LONGHE"], TODAY)
    assert home.pk not in {one.call.household for one in plan.rounds}
    assert verify().sound


def test_a_worry_is_a_yes_with_the_case_that_it_opens(drawn, village, phone_of) -> None:
    phone_of().send(look(village, "0122", outcome="worry"))
    kept, case = answer_of("0122"), everything(Case).get()
    assert kept.outcome == "yes" and kept.visit and kept.visit.case == case
    assert (case.rulebook, case.channel, case.household_id) == (BOOK, "visit", kept.household_id)


def test_where_nothing_was_decided_somebody_goes_again(drawn, village, phone_of) -> None:
    phone = phone_of()
    phone.send(look(village, "0122", outcome=""))
    assert answer_of("0122").outcome == ""
    phone.send(look(village, "0122", outcome="worry"))
    assert answer_of("0122").outcome == "yes"
    phone.send(look(village, "0122", outcome="calm"))
    assert answer_of("0122").outcome == "yes", "an answer stands"


def test_a_visit_before_the_draw_and_one_next_door_are_no_answer(drawn, village, phone_of) -> None:
    phone_of().send(look(village, "0122", day=TODAY - DAY))
    assert everything(Visit).get().day == TODAY - DAY
    phone_of("antang").send(look(village, "0122"))
    assert set(everything(AuditVisit).values_list("outcome", flat=True)) == {""}


def test_the_visit_of_a_case_that_was_opened_since_is_the_answer(drawn, village, phone_of) -> None:
    """The household was flagged after the draw: what its case's visit proposes counts."""
    case = lead(start(village.households["0122"], village.staff["weilan"]), village.staff, to="visit")
    phone = phone_of()
    card = phone.card(case.household)
    sent = phone.send(
        form(
            case.household, base=card["base"], kind="visit", case=case.pk, step=card["form"]["step"], day=TODAY,
            outcome=card["form"]["outcomes"][0]["id"], class_id="sudden_severe", risks="illness", note="ill",
            visitors=" ".join(one for one, _name in card["form"]["companions"]),
        )
    )  # fmt: skip
    assert sent.json()["problems"] == []
    kept = answer_of("0122")
    assert kept.outcome == "yes" and kept.visit and kept.visit.case == case


def test_a_case_that_the_visit_closes_is_a_no(drawn, village, phone_of) -> None:
    case = lead(start(village.households["0122"], village.staff["weilan"]), village.staff, to="visit")
    phone = phone_of()
    card = phone.card(case.household)
    dismissed = next(one["id"] for one in card["form"]["outcomes"] if not one["needs_class"])
    sent = phone.send(
        form(
            case.household, base=card["base"], kind="visit", case=case.pk, step=card["form"]["step"], day=TODAY,
            outcome=dismissed, reason="Nothing lacks.", note="well",
            visitors=" ".join(one for one, _name in card["form"]["companions"]),
        )
    )  # fmt: skip
    assert sent.json()["problems"] == []
    assert everything(Case).get().status == "closed" and answer_of("0122").outcome == "no"
