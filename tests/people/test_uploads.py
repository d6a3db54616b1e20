"""Who may have a photo, a paper or a recording: those who see what it was given for, in its area, and no one else."""

from __future__ import annotations

import io

import pytest
from django.test import Client

from highground.accounts.enums import Role
from highground.areas.actions import AreaRow, import_areas
from highground.audit.models import AccessLog
from highground.files.models import Upload
from highground.files.uploads import keep_upload, path_of
from tests.files import samples
from tests.people.conftest import TODAY
from tests.support.places import Places, add_person, add_places

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path, settings) -> None:
    settings.HIGHGROUND_HOME = tmp_path


@pytest.fixture
def places() -> Places:
    return add_places()


def keep(area, content: bytes, behind: str = "households") -> Upload:
    return keep_upload(
        io.BytesIO(content), area_path=area.path, kind="grievance", behind=behind, by="7", today=TODAY
    )


def status(user, upload: Upload) -> int:
    client = Client()
    client.force_login(user)
    response = client.get(f"/uploads/{upload.hash}/")
    b"".join(response.streaming_content if response.streaming else [])
    return response.status_code


def test_a_photo_is_handed_to_those_of_its_area_and_the_look_is_logged(places) -> None:
    upload = keep(places.baiyun, samples.photo())
    village = add_person("village", Role.VILLAGE_WORKER, places.baiyun)
    client = Client()
    client.force_login(village)
    response = client.get(f"/uploads/{upload.hash}/")
    assert b"".join(response.streaming_content) == path_of(upload.hash).read_bytes()
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "private, no-store")
    look = AccessLog.objects.get(page="people.upload")
    assert (look.by, look.subject_id, look.area_path) == (str(village.pk), str(upload.pk), places.baiyun.path)
    assert status(add_person("beside", Role.VILLAGE_WORKER, places.datang), upload) == 404
    assert status(add_person("pingnan", Role.COUNTY_OFFICER, places.pingnan), upload) == 404
    assert status(add_person("analyst", Role.ANALYST, places.longhe), upload) == 403
    assert status(add_person("nobody"), upload) == 403
    assert AccessLog.objects.count() == 1


def test_what_an_objector_gave_is_hidden_from_the_village_and_the_township(places) -> None:
    upload = keep(places.baiyun, samples.mp3(), behind="objectors")
    answers = {
        role: status(add_person(f"a {role}", role, places.longhe), upload)
        for role in Role
        if role not in (Role.ANALYST, Role.AUDITOR, Role.OPERATOR, Role.CURATOR, Role.ORGANISER)
    }
    assert {role for role, answer in answers.items() if answer == 200} == {
        Role.COUNTY_OFFICER,
        Role.PROVINCE_OFFICER,
    }
    assert set(answers.values()) == {200, 404}


def test_the_same_file_in_two_villages_opens_for_both_and_says_nothing_of_the_other(places) -> None:
    one, other = keep(places.baiyun, samples.wav()), keep(places.datang, samples.wav())
    assert one.hash == other.hash
    assert status(add_person("datang", Role.VILLAGE_WORKER, places.datang), one) == 200
    assert AccessLog.objects.get().area_path == places.datang.path
    assert status(add_person("heping", Role.VILLAGE_WORKER, places.heping_village), one) == 404


def test_an_upload_goes_along_with_a_village_that_moves_to_another_county(places) -> None:
    upload = keep(places.baiyun, samples.photo())
    stays = keep(places.datang, samples.mp3())
    longhe = add_person("longhe", Role.COUNTY_OFFICER, places.longhe)
    pingnan = add_person("pingnan", Role.COUNTY_OFFICER, places.pingnan)
    assert (status(longhe, upload), status(pingnan, upload)) == (200, 404)
    row = AreaRow(1, places.baiyun.code, "village", places.antang.code)
    assert import_areas([row], by="command:test", today=TODAY, move=True).moved == 1
    assert (status(longhe, upload), status(pingnan, upload)) == (404, 200)
    assert (status(longhe, stays), status(pingnan, stays)) == (200, 404)


def test_what_is_gone_or_never_was_is_not_there(places) -> None:
    upload = keep(places.baiyun, samples.photo())
    village = add_person("village", Role.VILLAGE_WORKER, places.baiyun)
    path_of(upload.hash).unlink()
    assert status(village, upload) == 404
    assert status(village, Upload(hash="..%2f..%2fsecret_key")) == 404
