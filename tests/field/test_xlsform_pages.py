"""At the office: a code that sets Collect up, forms taken in by those who may, and their answers read."""

from __future__ import annotations

import base64
import json
import re
import zlib

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from highground.accounts.models import Device
from highground.field.forms.commands import forms
from highground.field.forms.taking import take_in
from highground.field.models import Submission, TakenForm
from highground.field.openrosa.codes import packed, settings_for
from highground.people.models import Observation
from tests.field.test_receiving import photo
from tests.field.test_xlsform import water
from tests.support.collect import Collect
from tests.support.phone import everything
from tests.support.register import TODAY
from tests.support.workbooks import water_form, workbook


def upload(client, village, content: bytes):
    given = {
        "area": village.register.areas["LONGHE"].pk,
        "workbook": SimpleUploadedFile("water.xlsx", content),
    }
    return client.post("/phones/xlsforms/", given)


def test_a_code_sets_collect_up_is_shown_once_and_is_revoked(village, client) -> None:
    client.force_login(village.staff["huangmei"])
    page = client.post("/phones/devices/", {"do": "connect", "name": "blue phone"}).content.decode()
    address = re.search(r'class="address">([^<]+)<', page)
    assert (
        address
        and "<svg" in page
        and 'class="qr"' in page
        and "style=" not in page.partition("<svg")[2].partition("</svg>")[0]
    )
    collect = Collect(client, address[1])
    assert "visit-demo-cn" in collect.forms()
    token = address[1].rpartition("/")[2]
    assert token not in client.get("/phones/devices/").content.decode()
    device = Device.objects.get(name="blue phone")
    assert token not in repr(vars(device)) and device.user == village.staff["huangmei"]
    client.post("/phones/devices/", {"device": device.pk})
    assert client.get(f"{collect.server}/formList").status_code == 403


def test_the_code_holds_the_settings_of_collect() -> None:
    settings = json.loads(
        zlib.decompress(base64.b64decode(packed(settings_for("https://a.example/field/d/x", "H"))))
    )
    assert settings["general"]["server_url"] == "https://a.example/field/d/x"
    assert settings["general"]["form_update_mode"] == "match_exactly"


def test_a_form_is_taken_in_by_a_county_officer_and_its_answers_are_read_in_the_area(
    village, client, collect_of
) -> None:
    client.force_login(village.staff["weilan"])
    answer = upload(client, village, water_form())
    assert answer.status_code == 302
    assert "Water and school" in client.get("/phones/xlsforms/").content.decode()
    collect_of().send(water(village.households["0122"].key))
    page = client.get(answer.url).content.decode()
    assert "0122" in page and "the old one" in page and "Which well?" in page and "Withdraw" in page
    client.force_login(village.staff["antang"])
    assert client.get(answer.url).status_code == 404
    client.force_login(village.staff["huangmei"])
    assert "Withdraw" not in client.get(answer.url).content.decode()
    assert client.post(answer.url).status_code == 302
    assert everything(TakenForm).get().withdrawn_on is None


def test_a_fault_stands_on_the_page_and_others_take_nothing_in(village, client) -> None:
    broken = workbook(survey=[["type", "name", "label"], ["integr", "a", "A"]], settings=[["form_id"], ["x"]])
    client.force_login(village.staff["weilan"])
    page = upload(client, village, broken).content.decode()
    assert "survey, row 2, column type" in page
    client.force_login(village.staff["liguo"])
    upload(client, village, water_form())
    assert everything(TakenForm).count() == 0


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_flagged_answer_is_read_on_the_list_of_what_waits(village, client, collect_of, language) -> None:
    client.force_login(village.staff["weilan"])
    upload(client, village, water_form())
    collect_of().send(water(village.households["0122"].key, wage="1000000"))
    page = client.get("/phones/", headers={"Accept-Language": language}).content.decode()
    assert ("户" in page) == (language != "en") and (
        "哪口井？" if language != "en" else "Which well?"
    ) in page


def test_the_command_takes_a_form_in(village, tmp_path) -> None:
    file = tmp_path / "water.xlsx"
    file.write_bytes(water_form())
    done = CliRunner().invoke(forms, ["take-in", str(file), "--area", "LONGHE"])
    assert done.exit_code == 0
    assert done.output == "water 2026-1: taken in for LONGHE; 6 of its questions land in the register\n"
    file.write_bytes(b"nothing")
    with translation.override("en"):  # pages asked for before may have left another language
        refused = CliRunner().invoke(forms, ["take-in", str(file), "--area", "LONGHE"])
    assert "water.xlsx: this is no workbook that can be read" in str(refused.exception)


@pytest.fixture
def filled(village, client):
    """The survey of water, and what a village worker's browser sends of it."""
    taken = take_in(water_form(), area=village.register.areas["LONGHE"], by="test", today=TODAY)
    household = village.households["0122"]
    member = household.members.create(key="M-PUPIL", number="0122-1")
    client.force_login(village.staff["huangmei"])
    address = f"/phones/xlsforms/{taken.pk}/fill/"
    page = client.get(address).content.decode()
    given = {
        "instance": re.search(r'name="instance" value="([^"]+)"', page)[1],  # type: ignore[index]
        "/data/home": household.key,
        "/data/water/unsafe": "yes",
        "/data/water/wage": "1200",
        "turns /data/pupil": "1",
        "/data/pupil[1]/who": member.key,
        "/data/pupil[1]/school": "out_of_school",
        "/data/said": "The pump <is> broken.",
    }
    return address, given, household


def test_a_form_is_filled_in_without_a_script_and_asks_by_what_was_answered(filled, client) -> None:
    address, given, household = filled
    first = client.get(address).content.decode()
    assert "Which well?" not in first and household.key in first and "M-PUPIL" not in first
    then = client.post(address, {**given, "do": "next"}).content.decode()
    assert "Which well?" in then and "M-PUPIL" in then and given["instance"] in then
    more = client.post(address, {**given, "do": "add /data/pupil"}).content.decode()
    assert "/data/pupil[2]/who" in more and "/data/pupil[3]/who" not in more
    assert everything(Submission).count() == 0


def test_what_is_sent_lands_like_any_answer_and_counts_once(filled, client) -> None:
    address, given, household = filled
    sent = {**given, "do": "send", "/data/picture": SimpleUploadedFile("My photo of Huang.jpg", photo())}
    assert client.post(address, sent).status_code == 302
    kept = everything(Submission).get()
    assert (kept.device, kept.state, kept.household) == (None, "applied", household)
    facts = dict(everything(Observation).filter(valid_from=TODAY).values_list("fact", "value"))
    assert facts == {"water_unsafe": "true", "income_wage_12m": "1200", "school_status": "out_of_school"}
    assert [one.name for one in kept.files.all()] == ["data-picture.jpg"] and "Huang" not in kept.xml
    assert client.post(address, {**given, "/data/said": "other", "do": "send"}).status_code == 302
    assert everything(Submission).count() == 1


def test_what_breaks_a_rule_is_not_sent_and_what_nobody_asked_is_not_taken(filled, client) -> None:
    address, given, _household = filled
    page = client.post(address, {**given, "/data/water/wage": "1000000", "do": "send"}).content.decode()
    assert "Nothing was sent yet" in page and "Between 0 and a million." in page
    page = client.post(address, {**given, "/data/home": "", "do": "send"}).content.decode()
    assert "Answer this question." in page
    assert everything(Submission).count() == 0
    strange = {"/data/meta/instanceID": "uuid:stolen", "/data/nothing": "1", "turns /data/home": "9"}
    answer = client.post(address, {**given, **strange, "do": "send"})
    assert answer.status_code == 302 and answer.url == address
    del strange["turns /data/home"]
    client.post(address, {**given, **strange, "do": "send"})
    assert everything(Submission).get().instance == given["instance"]


def test_a_form_beyond_our_page_is_for_collect_alone(village, client) -> None:
    survey = [["type", "name", "label"], ["geotrace", "fence", "Fence"]]
    content = workbook(survey=survey, settings=[["form_id", "version"], ["x", "1"]])
    taken = take_in(content, area=village.register.areas["LONGHE"], by="test", today=TODAY)
    client.force_login(village.staff["huangmei"])
    assert client.get(f"/phones/xlsforms/{taken.pk}/fill/").status_code == 404
    page = client.get(f"/phones/xlsforms/{taken.pk}/").content.decode()
    assert "not shown on our page" in page and "Fill it in here" not in page
