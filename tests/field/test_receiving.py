"""What comes in from a phone: once, whole, in the right place; what does not fit is kept and said."""

from __future__ import annotations

import datetime
import io
import threading

import pytest
from PIL import Image

from highground.accounts.devices import revoke_device
from highground.audit.actions import verify
from highground.cases.models import Case, Need, Visit
from highground.field.models import Conflict, Submission, SubmissionFile
from highground.people.models import Observation
from highground.people.moves import merge_households, move_household
from tests.support.casework import lead, start
from tests.support.phone import everything, form
from tests.support.register import TODAY, learn


def photo() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (40, 30), "#1f7a5c").save(kept, "JPEG")
    return kept.getvalue()


@pytest.fixture
def visited(village):
    """The household with the hospital bill, its visit due."""
    case = start(village.households["2231"], village.staff["huangmei"])
    return lead(case, village.staff, to="visit")


def visit(case, card, **more) -> str:
    answers = {
        "kind": card["form"]["kind"], "case": case.pk, "step": card["form"]["step"], "day": TODAY.isoformat(),
        "outcome": card["form"]["outcomes"][0]["id"], "class_id": "sudden_severe", "risks": "illness",
        "note": "The father was at home.", **more,
    }  # fmt: skip
    return form(case.household, base=card["base"], **answers)


def test_a_visit_by_phone_is_the_step_of_the_case(visited, phone_of, village) -> None:
    phone = phone_of()
    card = phone.card(visited.household)
    assert card["form"]["kind"] == "visit" and card["form"]["case"] == visited.pk
    companions = " ".join(one for one, _name in card["form"]["companions"])
    answer = phone.send(
        visit(
            visited,
            card,
            visitors=companions,
            facts={"owns_car": "true"},
            need_words="我们需要药",
            need_language="zh",
        )
    )
    assert (answer.status_code, answer.json()["problems"], answer.json()["state"]) == (201, [], "applied")
    step = everything(Case).get(pk=visited.pk).steps.get(step=card["form"]["step"])
    assert step.by == str(phone.user.pk)
    kept = everything(Visit).get()
    assert (kept.step_id, kept.note, kept.asked) == (step.pk, "The father was at home.", 1)
    assert everything(Need).get().words == "我们需要药"
    seen = everything(Observation).filter(fact="owns_car", household=visited.household).latest("pk")
    assert (seen.value, seen.valid_from, seen.source.kind) == ("true", TODAY, "visit")
    assert verify().sound


def test_the_same_form_twice_counts_once(visited, phone_of) -> None:
    phone = phone_of()
    xml = visit(visited, phone.card(visited.household), need_words="bread")
    first, second = phone.send(xml), phone.send(xml)
    assert first.json() == second.json() and first.status_code == second.status_code == 201
    assert everything(Visit).count() == everything(Need).count() == everything(Submission).count() == 1
    assert phone.send(xml.replace("bread", "rice")).status_code == 409
    assert everything(Need).get().words == "bread"


def test_text_first_then_photos_in_later_posts(visited, phone_of) -> None:
    phone = phone_of()
    xml = visit(visited, phone.card(visited.household), photo=["roof.jpg", "wall.jpg"])
    assert phone.send(xml).json()["lacking"] == ["roof.jpg", "wall.jpg"]
    assert phone.send(xml, **{"wall.jpg": photo()}).json()["lacking"] == ["roof.jpg"]
    assert phone.send(xml, **{"roof.jpg": photo(), "other.jpg": photo()}).json()["lacking"] == []
    assert everything(SubmissionFile).exclude(hash="").count() == 2
    assert everything(Visit).count() == 1


def test_a_file_that_is_refused_is_said_and_the_visit_stays(visited, phone_of) -> None:
    phone = phone_of()
    xml = visit(visited, phone.card(visited.household), photo=["roof.jpg"])
    answer = phone.send(xml, **{"roof.jpg": b"MZ" + b"\0" * 500}).json()
    assert answer["lacking"] == [] and "not a kind of file" in answer["problems"][0]
    assert everything(Visit).count() == 1


def test_a_change_at_the_office_meanwhile_is_a_conflict_and_both_are_kept(visited, phone_of, village) -> None:
    phone = phone_of()
    card = phone.card(visited.household)
    learn({"2231": {"income_wage_12m": "31000"}}, village.register.areas, day=TODAY)
    answer = phone.send(visit(visited, card, facts={"income_wage_12m": "18000", "owns_car": "true"})).json()
    assert (answer["state"], answer["conflicts"]) == ("conflict", 1)
    kept = everything(Conflict).get()
    assert (kept.fact, kept.at_the_door, kept.at_the_office.value) == ("income_wage_12m", "18000", "31000")
    held = everything(Observation).filter(household=visited.household, fact="income_wage_12m")
    assert held.latest("pk").value == "31000"
    assert everything(Observation).filter(household=visited.household, fact="owns_car", value="true").exists()


def test_ones_own_second_visit_and_the_same_value_are_no_conflict(visited, phone_of, village) -> None:
    phone = phone_of()
    card = phone.card(visited.household)
    assert phone.send(visit(visited, card, facts={"income_wage_12m": "18000"})).json()["conflicts"] == 0
    again = form(
        visited.household, base=card["base"], kind="look", day=TODAY, facts={"income_wage_12m": "19000"}
    )
    assert phone.send(again).json()["state"] == "applied"
    learn({"2231": {"owns_car": "true"}}, village.register.areas, day=TODAY)
    same = form(visited.household, base=card["base"], kind="look", day=TODAY, facts={"owns_car": "yes"})
    assert phone.send(same).json()["conflicts"] == 0


def test_a_case_that_moved_on_loses_nothing_of_the_visit(visited, phone_of, village) -> None:
    phone = phone_of()
    xml = visit(visited, phone.card(visited.household), facts={"owns_car": "true"}, need_words="a doctor")
    lead(visited, village.staff, to="apply")
    answer = phone.send(xml).json()
    assert answer["state"] == "flagged" and "step of the case was not taken" in answer["problems"][0]
    assert everything(Visit).filter(note="The father was at home.", step=None).count() == 1
    assert everything(Need).get().words == "a doctor"
    assert everything(Observation).filter(fact="owns_car", value="true", valid_from=TODAY).exists()


def test_a_visit_of_which_nothing_is_decided_yet_is_a_visit_and_flags_nothing(visited, phone_of) -> None:
    phone = phone_of()
    xml = visit(visited, phone.card(visited.household), outcome="", class_id="", risks="")
    answer = phone.send(xml).json()
    assert (answer["state"], answer["problems"]) == ("applied", [])
    assert everything(Visit).get().note == "The father was at home."
    assert phone.card(visited.household)["form"]["kind"] == "visit"  # it is still to be decided


def test_a_look_asks_for_more_and_opens_a_case(village, phone_of) -> None:
    phone, household = phone_of(), village.households["0122"]
    card = phone.card(household)
    assert (card["form"]["kind"], card["form"]["case"]) == ("look", None)
    assert (
        phone.send(form(household, base=card["base"], kind="look", outcome="calm", day=TODAY)).json()["state"]
        == "applied"
    )
    assert not everything(Case).filter(household=household).exists()
    phone.send(form(household, kind="look", outcome="worry", day=TODAY, note="No smoke from the kitchen."))
    assert everything(Case).get(household=household).channel == "visit"
    assert everything(Visit).filter(household=household).count() == 2


def test_a_clock_two_days_wrong_and_a_value_that_cannot_be(village, phone_of) -> None:
    household = village.households["0122"]
    later = TODAY + datetime.timedelta(days=2)
    answer = phone_of().send(
        form(
            household,
            kind="look",
            day=later,
            facts={"household_size": "4000", "owns_car": "true", "nonsense": "1"},
        )
    )
    problems = answer.json()["problems"]
    assert answer.status_code == 201 and len(problems) == 3
    assert any("clock" in one for one in problems) and any("4000" in one for one in problems)
    assert everything(Visit).get().day == TODAY
    assert (
        everything(Observation).filter(household=household, fact="owns_car", valid_from=TODAY).get().value
        == "true"
    )


def test_a_household_of_another_county_or_of_nobody_is_kept_and_not_applied(village, phone_of) -> None:
    phone = phone_of()
    for household in (village.households["9001"], "HUNKNOWN"):
        answer = phone.send(form(household, kind="look", day=TODAY, facts={"owns_car": "false"}))
        assert (answer.status_code, answer.json()["state"]) == (201, "flagged")
    assert everything(Visit).count() == 0
    assert not everything(Observation).filter(valid_from=TODAY).exists()
    assert phone.card(village.households["9001"]) == {}


def test_a_visit_to_a_household_that_moved_away_or_was_merged_is_kept_and_changes_nothing(
    village, phone_of
) -> None:
    phone, moved, merged = phone_of(), village.households["0122"], village.households["2231"]
    cards = {one: phone.card(one) for one in (moved, merged)}
    assert all(cards.values()), "the phone had the cards before"
    move_household(moved, to=village.register.areas["ANTANG-1"], day=TODAY, by="test", today=TODAY)
    merge_households(village.households["3096"], [merged], day=TODAY, by="test", today=TODAY)
    for household in (moved, merged):
        visit = form(household, kind="look", day=TODAY, facts={"owns_car": "true"}, note="Sold it.")
        answer = phone.send(visit)
        assert (answer.status_code, answer.json()["state"]) == (201, "flagged")
        kept = everything(Submission).order_by("pk").last()
        assert kept.problems and "Sold it." in kept.xml
    assert everything(Visit).count() == 0
    assert not everything(Observation).filter(fact="owns_car", value="true", valid_from=TODAY).exists()


@pytest.mark.parametrize(
    ("xml", "says"),
    [
        ("", "no XML"),
        ("<data", "no XML"),
        ("<data/>", "instanceID"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><data/>', "document type"),
        ("<data>" + "x" * 500_000 + "</data>", "bytes"),
    ],
)
def test_what_is_no_form_is_refused_with_the_reason(village, phone_of, xml, says) -> None:
    answer = phone_of().send(xml)
    assert answer.status_code == 400 and says in answer.json()["error"]
    assert everything(Submission).count() == 0


def test_a_revoked_phone_is_told_to_erase_itself(village, phone_of) -> None:
    phone = phone_of()
    assert phone.get("/field/bundle").status_code == 200
    revoke_device(phone.device, by="7", today=TODAY)
    for answer in (phone.get("/field/bundle"), phone.send(form("H1"))):
        assert (answer.status_code, answer.json()) == (401, {"error": "revoked", "wipe": True})
        assert "WWW-Authenticate" not in answer.headers
    phone.token = "nothing"
    assert phone.get("/field/bundle").json() == {"error": "unknown_device"}


def test_enrolment_takes_a_password_once(village, client) -> None:
    from tests.support.places import PASSWORD

    def enrol(password: str):
        given = {"username": "huangmei", "password": password, "name": "blue phone"}
        return client.post("/field/enrol", given, content_type="application/json")

    assert enrol("wrong").json() == {"error": "wrong_password"}
    answer = enrol(PASSWORD)
    assert answer.status_code == 201 and "sessionid" not in answer.cookies
    bundle = client.get("/field/bundle", headers={"Authorization": f"Bearer {answer.json()['token']}"})
    assert bundle.json()["user"]["name"] == "Huang Mei"


def test_the_bundle_names_what_is_due_and_changes_its_versions(visited, phone_of, village) -> None:
    phone = phone_of()
    told = phone.get("/field/bundle").json()
    due = {one["household"]: one for one in told["due"]}
    assert due[visited.household.key]["kind"] == "visit" and due[visited.household.key]["why"]
    before = {one["key"]: one["version"] for one in told["households"]}
    assert village.households["9001"].key not in before
    learn({"2231": {"owns_car": "true"}}, village.register.areas, day=TODAY)
    after = {one["key"]: one["version"] for one in phone.get("/field/bundle").json()["households"]}
    assert {key for key in after if after[key] != before[key]} == {visited.household.key}


@pytest.mark.django_db(transaction=True)
def test_the_same_form_from_eight_posts_at_once_counts_once(village, phone_of) -> None:
    from django.db import connection
    from django.test import Client

    phone, household = phone_of(), village.households["0122"]
    xml = form(household, kind="look", outcome="worry", day=TODAY, need_words="bread")
    answers = []

    def send() -> None:
        other = type(phone)(Client(), phone.token, phone.user, phone.device)
        answers.append(other.send(xml).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert answers == [201] * 8
    assert everything(Visit).count() == everything(Need).count() == everything(Case).count() == 1


def test_word_of_somebody_else_is_a_task_for_the_office_and_flags_nothing(village, phone_of, client) -> None:
    from django.test import Client

    phone = phone_of()
    household = village.households["0122"]
    sent = form(
        household, kind="look", day=TODAY, note="All quiet.", someone_else="The old couple by the mill"
    )
    assert phone.send(sent).json() == {"state": "applied", "problems": [], "conflicts": 0, "lacking": []}
    office = Client()
    office.force_login(village.staff["liguo"])
    page = office.get("/phones/").content.decode()
    assert "1 form from a phone needs a person" in page and "The old couple by the mill" in page
    kept = everything(Submission).get()
    office.post(f"/phones/forms/{kept.pk}/")
    assert "Nothing from the phones waits for you" in office.get("/phones/").content.decode()


def test_what_was_found_still_right_is_confirmed_and_the_rest_corrected(village, phone_of) -> None:
    phone, household = phone_of(), village.households["0122"]
    facts = {"income_wage_12m": "30000", "owns_car": "true", "claims_12m": "0"}
    xml = form(
        household, kind="look", day=TODAY, facts=facts, confirmed="income_wage_12m claims_12m nonsense@M1"
    )
    assert phone.send(xml).json()["state"] == "applied"
    visit = everything(Visit).get()
    assert (visit.asked, visit.confirmed, visit.corrected) == (3, 2, 1)
