"""What a phone is told costs as many queries for twenty households as for one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from highground.audit.models import AccessLog
from highground.cases.actions.opening import open_case
from highground.cases.forms.questions import RISKS, questions_of
from highground.cases.models import Case
from highground.field.asking import asked_of, effort_of
from highground.field.forms.names import HOUSEHOLDS
from highground.field.openrosa.lists import lists_for
from highground.people.actions import receive, source_of
from highground.people.models import Household
from highground.rounds.models import MovedVisit
from highground.rounds.planning import plan_of
from highground.signals.actions import screen_register
from highground.signals.models import Clue
from tests.support.casework import add_staff, lead, start
from tests.support.phone import everything
from tests.support.register import BILLS, BOOK, KNOWN, LONG_AGO, TODAY, add_register, learn

pytestmark = pytest.mark.django_db
PLACES = {f"B{n:02}": ("BAIYUN", BILLS) for n in range(40)}


def add_members(numbers: list[str]) -> None:
    """Two members of each household, of whom something is known."""
    text = pa.string()
    people = [(f"{number}-{nth}", number) for number in numbers for nth in (1, 2)]
    receive(
        register="main",
        members=pa.table(
            {
                "number": pa.array([one for one, _ in people], text),
                "household": pa.array([home for _, home in people], text),
                "day": pa.array([LONG_AGO] * len(people), pa.date32()),
            }
        ),
        observations=pa.table(
            {
                "household": pa.array([home for _, home in people], text),
                "member": pa.array([one for one, _ in people], text),
                "fact": pa.array(["medical_insurance"] * len(people), text),
                "value": pa.array(["true"] * len(people), text),
                "valid_from": pa.array([KNOWN] * len(people), pa.date32()),
            }
        ),
        source=source_of(kind="department", name="Insurance", day=KNOWN),
        by="test",
        today=KNOWN,
    )


def learn_of(member: str, household: str, facts: dict[str, str]) -> None:
    """Receive facts of one member."""
    text = pa.string()
    receive(
        register="main",
        members=pa.table(
            {
                "number": pa.array([member], text),
                "household": pa.array([household], text),
                "day": pa.array([LONG_AGO], pa.date32()),
            }
        ),
        observations=pa.table(
            {
                "household": pa.array([household] * len(facts), text),
                "member": pa.array([member] * len(facts), text),
                "fact": pa.array(list(facts), text),
                "value": pa.array(list(facts.values()), text),
                "valid_from": pa.array([KNOWN] * len(facts), pa.date32()),
            }
        ),
        source=source_of(kind="department", name="Police", day=KNOWN),
        by="test",
        today=KNOWN,
    )


@pytest.fixture
def village(monkeypatch):
    """Forty households with members and a hospital bill: of every four one has only a clue, one a case that has just
    been opened, one a visit that is due, and one is monitored."""
    from django.utils import timezone

    from tests.field.conftest import Village

    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    register = add_register(PLACES)
    add_members(list(PLACES))
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    village = Village(register, add_staff(register))
    pattern: dict[int, Case] = {}
    for nth, to in ((1, ""), (2, "visit"), (3, "follow_up")):
        case = start(register.households[f"B{nth:02}"], village.staff["huangmei"])
        pattern[nth] = lead(case, village.staff, to=to) if to else case
    for place in range(4, 40):
        if place % 4:
            copy(pattern[place % 4], register.households[f"B{place:02}"], village.staff["huangmei"])
    return village


def copy(case: Case, household: Household, by: Any) -> None:
    """The same case in another household: its steps, its turns and where it stands."""
    other = open_case(household=household, rulebook=BOOK, by=by, today=TODAY)
    other.turns.all().delete()
    for row in (*case.steps.order_by("sequence"), *case.turns.all()):
        row.pk, row.case = None, other
        row.save()
    fields = ("status", "class_id", "proposed_class", "risks", "recognised_on", "contact_id", "next_step")
    everything(Case).filter(pk=other.pk).update(**{name: getattr(case, name) for name in fields})


def costs(phone: Any, address: str) -> tuple[int, dict[str, Any]]:
    """Queries of one request, once what is read only the first time has been read; and the answer."""
    phone.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = phone.get(address)
    assert answer.status_code == 200
    return len(captured), answer.json()


def test_twenty_cards_cost_as_much_as_one(village, phone_of) -> None:
    phone = phone_of("qinhao")
    for nth in range(4):
        keys = [village.households[f"B{place:02}"].key for place in range(nth, 40, 4)]
        few, one = costs(phone, f"/field/cards?keys={keys[0]}")
        many, ten = costs(phone, f"/field/cards?keys={','.join(keys)}")
        assert (len(one["cards"]), len(ten["cards"])) == (1, 10)
        assert many == few
    assert AccessLog.objects.filter(page="field.cards").count() == 4 * 2 * (1 + 10)
    keys = [village.households[f"B{place:02}"].key for place in range(20)]
    few, four = costs(phone, f"/field/cards?keys={','.join(keys[:4])}")
    many, twenty = costs(phone, f"/field/cards?keys={','.join(keys)}")
    assert (len(four["cards"]), len(twenty["cards"])) == (4, 20)
    assert many == few


def move_next_door(village: Any, places: range) -> None:
    """Let these households live in the next county."""
    gone = [village.households[f"B{place:02}"].pk for place in places]
    Household.objects.everywhere(reason="test").filter(pk__in=gone).update(
        area=village.register.areas["ANTANG-1"]
    )


def give_every_kind(village: Any, user: Any) -> None:
    """Let somebody be the contact officer of every case, and go to the first household, into which no case looks."""
    everything(Case).update(contact=user)
    home = village.households["B00"]
    clue = everything(Clue).get(household=home)
    MovedVisit.objects.create(
        task=f"clue:{clue.pk}", household=home, visitor=user, day=TODAY, set_on=TODAY, by="test"
    )


def test_the_phone_lists_what_the_plan_of_the_office_gives_its_holder(village, phone_of) -> None:
    county = village.register.areas["LONGHE"]
    planned = plan_of(county, TODAY)
    told = {name: phone_of(name).get("/field/bundle").json()["due"] for name in village.staff}
    for name, due in told.items():
        rounds = planned.of(str(village.staff[name].pk))
        assert [(one["household"], one["day"], one["kind"]) for one in due] == [
            (one.call.key, one.planned.day.isoformat(), str(one.call.kind)) for one in rounds if one.planned
        ]
        assert all(one["why"] for one in due)
    assert sum(map(len, told.values())) == sum(one.planned is not None for one in planned.rounds) >= 20
    assert told["chenxi"] == told["antang"] == [], (
        "who works elsewhere, or above the counties, is sent nowhere"
    )


def test_a_long_due_list_costs_as_much_as_a_short_one(village, phone_of) -> None:
    phone = phone_of("qinhao")
    give_every_kind(village, village.staff["qinhao"])
    many, long = costs(phone, "/field/bundle")
    move_next_door(village, range(4, 40))
    few, short = costs(phone, "/field/bundle")
    assert len(long["due"]) > 5 * len(short["due"]) > 0
    assert many == few
    for one in long["due"]:
        assert one["minutes"] == -(-one["questions"] // 2), "half a minute each, rounded up"


def test_lists_for_other_apps_cost_a_constant_for_each_twenty_households(village, phone_of) -> None:
    user = village.staff["qinhao"]
    give_every_kind(village, user)

    def cost() -> tuple[int, int]:
        lists_for(user, TODAY)
        with CaptureQueriesContext(connection) as captured:
            made = lists_for(user, TODAY)
        return len(captured), len(made[HOUSEHOLDS].keys)

    two_chunks, forty = cost()
    move_next_door(village, range(20, 40))
    many, twenty = cost()
    move_next_door(village, range(4, 20))
    few, four = cost()
    assert (forty, twenty, four) == (40, 20, 4)
    assert many == few
    assert two_chunks - many < 40, "the plan is worked out once, not for each chunk"


def test_set_wise_asks_what_one_by_one_asks(village, phone_of) -> None:
    user = village.staff["qinhao"]
    everything(Case).update(contact=user)
    homes = list(Household.objects.visible_to(user, TODAY).select_related("area").order_by("pk"))
    kinds = set()
    for asked in asked_of(homes, user, TODAY):
        assert asked.by is not None and asked.found is not None
        alone = questions_of(asked.by, user, TODAY)
        assert [one.key for one in asked.found.asked] == [one.key for one in alone.asked]
        assert [one.needed_by for one in asked.found.asked] == [one.needed_by for one in alone.asked]
        assert [(one.key, one.known) for one in asked.found.fresh] == [
            (one.key, one.known) for one in alone.fresh
        ]
        assert asked.questions == [one for one in asked.found.asked if one.fact.name != RISKS]
        assert effort_of(asked.questions)["questions"] == len(asked.questions)
        kinds.add((asked.case is None, asked.step.id if asked.step else ""))
    assert len(kinds) >= 3, kinds
    phone = phone_of("qinhao")
    due = {one["household"]: one for one in phone.get("/field/bundle").json()["due"]}
    form = phone.card(homes[2])["form"]
    assert (due[homes[2].key]["questions"], due[homes[2].key]["minutes"]) == (
        len(form["questions"]),
        form["minutes"],
    )


def test_a_card_says_who_is_who_even_of_those_without_a_name(village, phone_of) -> None:
    learn_of("B00-1", "B00", {"relation": "head", "sex": "female", "birth_date": "1980-03-11"})
    learn_of("B00-2", "B00", {"relation": "parent"})
    first, second = phone_of("qinhao").card(village.households["B00"])["members"]
    assert first["note"] == "Head · Female · 45"  # the day before her birthday
    assert second == {"key": second["key"], "name": second["key"], "note": "Parent"}


def test_an_empty_list_is_said_to_be_none(village, phone_of) -> None:
    learn({"B00": {"risks": ""}}, village.register.areas, PLACES, day=TODAY)
    known = phone_of("qinhao").card(village.households["B00"])["known"]
    assert {one["label"]: one["value"] for one in known}["Risks"] == "none"
