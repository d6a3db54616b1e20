"""At the office: a code that sets Collect up, forms taken in by those who may, and their answers read."""

from __future__ import annotations

import base64
import json
import re
import zlib

import pytest
from click.testing import CliRunner
from django.core.files.uploadedfile import SimpleUploadedFile

from highground.accounts.models import Device
from highground.field.forms.commands import forms
from highground.field.models import TakenForm
from highground.field.openrosa.codes import packed, settings_for
from tests.field.test_xlsform import water
from tests.support.collect import Collect
from tests.support.phone import everything
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
    refused = CliRunner().invoke(forms, ["take-in", str(file), "--area", "LONGHE"])
    assert "water.xlsx: this is no workbook that can be read" in str(refused.exception)
