"""At the office: two values are weighed by a person who sent neither; a lost phone is taken out of service."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from highground.audit.actions import verify
from highground.audit.models import AccessLog
from highground.cases.flow import CaseError
from highground.field.models import Conflict, Submission, SubmissionFile
from highground.field.settling import decide_conflict
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.queries import facts_as_of
from tests.field.test_receiving import photo
from tests.support.phone import everything, form
from tests.support.register import TODAY, learn


def wage(household) -> str:
    return next(one.value for one in facts_as_of([household], as_of=TODAY) if one.fact == "income_wage_12m")


@pytest.fixture
def conflict(village, phone_of) -> Conflict:
    phone, household = phone_of(), village.households["0122"]
    base = phone.card(household)["base"]
    learn({"0122": {"income_wage_12m": "31000"}}, village.register.areas, day=TODAY)
    phone.send(
        form(household, base=base, kind="look", day=TODAY, facts={"income_wage_12m": "18000"}, note="Thin.")
    )
    return everything(Conflict).get()


@pytest.mark.parametrize(("chosen", "holds"), [("door", "18000"), ("office", "31000")])
def test_the_value_that_was_chosen_holds(conflict, village, chosen, holds) -> None:
    liguo = village.staff["liguo"]
    decide_conflict(conflict, chosen=chosen, reason="The pay slip says so.", by=liguo, today=TODAY)
    assert wage(conflict.household) == holds
    assert everything(Submission).get().state == "applied"
    with pytest.raises(CaseError, match="already"):
        decide_conflict(conflict, chosen="door", reason="again", by=liguo, today=TODAY)
    assert verify().sound


def test_who_sent_a_value_does_not_decide_and_neither_does_a_stranger(conflict, village) -> None:
    for name in ("huangmei", "antang"):
        with pytest.raises(NotAllowed):
            decide_conflict(conflict, chosen="door", reason="mine", by=village.staff[name], today=TODAY)
    with pytest.raises(CaseError, match="why"):
        decide_conflict(conflict, chosen="door", reason=" ", by=village.staff["liguo"], today=TODAY)
    assert wage(conflict.household) == "31000"


def test_the_page_shows_both_values_and_the_way_out(conflict, village, client) -> None:
    client.force_login(village.staff["liguo"])
    page = client.get("/phones/").content.decode()
    assert "18,000" in page and "31,000" in page and "Thin." in page
    sent = {"chosen": "door", "reason": "The pay slip says so."}
    client.post(f"/phones/conflicts/{conflict.pk}/", sent)
    assert "Nothing from the phones waits for you" in client.get("/phones/").content.decode()
    client.force_login(village.staff["antang"])
    assert client.post(f"/phones/conflicts/{conflict.pk}/", sent).status_code == 404
    assert "18,000" not in client.get("/phones/").content.decode()


def test_a_lost_phone_is_taken_out_of_service_by_its_owner_or_by_the_office_above(
    village, phone_of, client
) -> None:
    phone = phone_of()
    client.force_login(village.staff["antang"])
    assert client.post("/phones/devices/", {"device": phone.device.pk}).status_code == 404
    client.force_login(village.staff["liguo"])
    assert "Huang Mei" in client.get("/phones/devices/").content.decode()
    assert client.post("/phones/devices/", {"device": phone.device.pk}).status_code == 302
    assert phone.get("/field/bundle").json() == {"error": "revoked", "wipe": True}


def test_what_came_in_is_read_at_the_office_with_its_photos(village, phone_of, client) -> None:
    """A visit that nobody has to look at is there too, and only for its own area."""
    phone, household = phone_of(), village.households["0122"]
    more = {"photo": ["roof.jpg", "wall.jpg"], "signature": "sign.png", "need_audio": "said.ogg"}
    xml = form(household, kind="look", day=TODAY, outcome="calm", note="The roof leaks.", **more)
    phone.send(xml, **{"roof.jpg": photo()})
    client.force_login(village.staff["weilan"])
    with override("en"):
        assert "The roof leaks." not in client.get("/phones/").content.decode()
        page = client.get("/phones/?show=all").content.decode()
        digest = everything(SubmissionFile).get(name="roof.jpg").hash
        assert "The roof leaks." in page and "3 files are still on the phone" in page
        assert (
            f'<img src="/uploads/{digest}/"' in page and client.get(f"/uploads/{digest}/").status_code == 200
        )
        assert "The roof leaks." in client.get("/phones/?show=all&number=0122").content.decode()
        assert "The roof leaks." not in client.get("/phones/?show=all&number=2231").content.decode()
        looks = AccessLog.objects.filter(page="field.from_phones", by=str(village.staff["weilan"].pk))
        assert {one.subject_id for one in looks} == {household.key}
        client.force_login(village.staff["antang"])
        assert "The roof leaks." not in client.get("/phones/?show=all").content.decode()
        assert client.get(f"/uploads/{digest}/").status_code == 404


def test_twenty_forms_cost_as_many_queries_as_one(village, phone_of, client) -> None:
    phone, household = phone_of(), village.households["0122"]
    client.force_login(village.staff["weilan"])
    costs = []
    for count in (1, 20):
        for number in range(count):
            sent = form(household, kind="look", day=TODAY, note=f"{number}", photo=[f"{count}-{number}.jpg"])
            phone.send(sent, **{f"{count}-{number}.jpg": photo()})
        client.get("/phones/?show=all")
        with CaptureQueriesContext(connection) as captured:
            client.get("/phones/?show=all")
        costs.append(len(captured))
    assert costs[0] == costs[1]
