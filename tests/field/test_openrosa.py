"""What ODK Collect does, by a scripted client: list, download, manifest, lists, submit, submit again, files in portions."""

from __future__ import annotations

import io
import logging
from xml.etree import ElementTree as ET

import pytest

from highground.accounts.devices import revoke_device
from highground.audit.models import AccessLog, Event
from highground.cases.models import Need, Visit
from highground.field.models import Submission, SubmissionFile
from highground.people.models import Observation
from tests.field.test_receiving import photo, visit
from tests.support.casework import lead, start
from tests.support.collect import HEADERS, said
from tests.support.phone import everything, form
from tests.support.register import TODAY, learn


@pytest.fixture
def visited(village):
    """The household with the hospital bill, its visit due."""
    return lead(start(village.households["2231"], village.staff["huangmei"]), village.staff, to="visit")


def test_the_whole_way_of_a_visit(visited, collect_of, phone_of) -> None:
    collect = collect_of()
    listed = collect.forms()["visit-demo-cn"]
    assert listed["name"].startswith("Visit") and listed["hash"].startswith("md5:")
    xform = collect.get(listed["downloadUrl"]).content.decode()
    assert f'id="visit-demo-cn" version="{listed["version"]}"' in xform
    files = collect.files("visit-demo-cn")
    assert {name: one["type"] for name, one in files.items()} == {
        "households.csv": "entityList", "household_members.csv": "entityList", "companions.csv": "",
    }  # fmt: skip
    row = collect.table("visit-demo-cn", "households.csv")[visited.household.key]
    assert (row["kind"], row["step"], row["case"]) == ("visit", "visit", str(visited.pk))
    assert row["rulebook"] == "demo-cn" and int(row["__version"]) > 0 and row["why"]
    companions = collect.table("visit-demo-cn", "companions.csv")
    head = collect.client.head(f"{collect.server}/submission", headers=HEADERS)
    assert head.status_code == 204 and int(head.headers["X-OpenRosa-Accept-Content-Length"]) > 1_000_000
    assert head.headers["Location"].endswith("/submission")
    outcome = phone_of().card(visited.household)["form"]["outcomes"][0]["id"]
    card = {
        "base": row["__version"],
        "form": {"kind": row["kind"], "step": row["step"], "outcomes": [{"id": outcome}]},
    }
    xml = visit(visited, card, visitors=" ".join(companions), facts={"owns_car": "true"}, photo="roof.jpg")
    answer = collect.send(xml)
    assert (answer.status_code, said(answer)) == (201, "Taken in. Thank you. Still to come: roof.jpg.")
    answer = collect.send(xml, **{"roof.jpg": photo()})
    assert (answer.status_code, said(answer)) == (201, "Taken in. Thank you.")
    assert everything(Visit).get().asked == 1 and everything(SubmissionFile).exclude(hash="").count() == 1
    assert collect.send(xml.replace("at home", "away")).status_code == 409
    assert everything(Submission).count() == 1


def test_what_is_asked_stands_in_the_list_with_what_is_known(village, collect_of, phone_of) -> None:
    household = village.households["3096"]
    asked = {one["name"] for one in phone_of().card(household)["form"]["questions"]}
    row = collect_of().table("visit-demo-cn", "households.csv")[household.key]
    assert set(row["ask"].split()) == {name for name in asked if "@" not in name} != set()


def test_only_ones_own_area_is_listed_and_the_look_is_logged(village, collect_of) -> None:
    mine = collect_of().table("visit-demo-cn", "households.csv")
    assert village.households["9001"].key not in mine and village.households["1410"].key not in mine
    assert village.households["0122"].key in mine
    looks = AccessLog.objects.filter(page="field.list")
    assert set(looks.values_list("subject_id", flat=True)) == set(mine)
    neighbours = collect_of("antang").table("visit-demo-cn", "households.csv")
    assert set(neighbours).isdisjoint(mine)


def test_a_list_changes_its_hash_when_a_household_does_and_only_then(village, collect_of) -> None:
    collect = collect_of()
    before = collect.files("visit-demo-cn")
    assert collect.files("visit-demo-cn") == before
    learn({"0122": {"income_wage_12m": "31000"}}, village.register.areas, day=TODAY)
    after = collect.files("visit-demo-cn")
    assert after["households.csv"]["hash"] != before["households.csv"]["hash"]
    assert after["companions.csv"]["hash"] == before["companions.csv"]["hash"]


def test_integrity_says_which_rows_to_forget(village, collect_of) -> None:
    collect = collect_of()
    ours, theirs = village.households["0122"].key, village.households["9001"].key
    address = collect.files("visit-demo-cn")["households.csv"]["integrityUrl"]
    root = ET.fromstring(collect.get(f"{address}?id={ours},{theirs},HNOBODY").content)
    states = {one.get("id"): one.findtext("deleted") for one in root.iter("entity")}
    assert states == {ours: "false", theirs: "true", "HNOBODY": "true"}


def test_a_change_at_the_office_meanwhile_is_a_conflict(village, collect_of) -> None:
    collect, household = collect_of(), village.households["0122"]
    row = collect.table("visit-demo-cn", "households.csv")[household.key]
    learn({"0122": {"income_wage_12m": "31000"}}, village.register.areas, day=TODAY)
    xml = form(household, base=row["__version"], kind="look", day=TODAY, facts={"income_wage_12m": "18000"})
    answer = collect.send(xml)
    assert answer.status_code == 201 and "office" in said(answer)
    assert everything(Submission).get().state == "conflict"


def test_a_household_of_another_county_is_kept_and_changes_nothing(village, collect_of) -> None:
    answer = collect_of().send(
        form(village.households["9001"], kind="look", day=TODAY, facts={"owns_car": "false"})
    )
    assert answer.status_code == 202 and "does not live in your area" in said(answer)
    assert not everything(Observation).filter(valid_from=TODAY).exists()
    assert everything(Submission).get().state == "flagged"


def test_a_large_photo_is_refused_with_its_limit_and_the_text_is_kept(village, collect_of) -> None:
    xml = form(village.households["0122"], kind="look", day=TODAY, photo="roof.jpg", need_words="a roof")
    answer = collect_of().send(xml, **{"roof.jpg": photo() + b"\0" * 30_000_000})
    assert answer.status_code == 201 and "at most 10 MB" in said(answer)
    assert everything(Need).get().words == "a roof" and everything(Visit).count() == 1


def test_tokens_that_open_nothing_get_words_and_no_question_for_a_password(village, client, phone_of) -> None:
    phone = phone_of()
    address = "http://testserver/field/d/{}/formList"
    assert "not known" in said(client.get(address.format("nothing")))
    by_header = client.get(address.format("-"), headers={"Authorization": f"Bearer {phone.token}"})
    assert by_header.status_code == 200
    revoke_device(phone.device, by="7", today=TODAY)
    for answer in (
        client.get(address.format(phone.token)),
        client.post(f"/field/d/{phone.token}/submission", {"xml_submission_file": io.BytesIO(b"<data/>")}),
    ):
        assert answer.status_code == 403 and "out of service" in said(answer)
        assert "WWW-Authenticate" not in answer.headers


def test_no_token_stands_in_a_log(village, collect_of, caplog, client) -> None:
    collect = collect_of()
    token = collect.server.rpartition("/")[2]
    client.raise_request_exception = False
    lines: list[str] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    from highground.web.logs import WithoutPersonalData

    handler = Kept()
    handler.addFilter(WithoutPersonalData())
    handler.setFormatter(logging.Formatter("{message} {exc_text}", style="{"))
    logging.getLogger("django").addHandler(handler)
    try:
        collect.client.get(f"{collect.server}/nothing-here")
        collect.client.get(f"{collect.server}/forms/none.xml")
        collect.client.post(f"{collect.server}/submission", {})
        collect.client.put(f"{collect.server}/formList")
        logging.getLogger("django.server").info('"%s %s" 200', "GET", f"{collect.server}/formList?a=b")
    finally:
        logging.getLogger("django").removeHandler(handler)
    assert len(lines) >= 4 and "/field/d/…/formList" in " ".join(lines)
    assert token not in " ".join(lines)
    assert not [row for row in AccessLog.objects.values_list() if token in str(row)]
    assert not [row for row in Event.objects.values_list() if token in str(row)]
