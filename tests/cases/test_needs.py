"""Needs: in the family's words, open until the family says that they are solved."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.audit.actions import verify
from highground.audit.models import AccessLog, Event
from highground.cases.actions.needs import answer_need, family_says, record_need
from highground.cases.flow import CaseError
from highground.cases.models import Need
from highground.cases.needs.queries import LISTS, needs_seen_by, waits
from highground.files.models import Upload
from highground.methods.rules.procedure.path import NotAllowed
from tests.files.samples import ogg, photo
from tests.support.pages import check_source
from tests.support.places import add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
WORDS = "ຂໍໝໍ້ໃຫຍ່ໜຶ່ງ ແລະ ລູກໝູ"


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def worker(office) -> User:
    return add_person("village", Role.VILLAGE_WORKER, office.register.areas["BAIYUN"], display_name="Wei Lan")


@pytest.fixture
def need(office, worker) -> Need:
    return record_need(
        office.household(), words=WORDS, language="lo", by=worker, day=TODAY - 9 * DAY, today=TODAY
    )


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def listed(user: User, name: str) -> list[int]:
    return list(needs_seen_by(user).filter(LISTS[name]).values_list("pk", flat=True))


def test_only_the_family_closes_a_need(office, worker, need) -> None:
    assert waits(need, TODAY) == 9
    assert listed(worker, "answer") == listed(worker, "open") == [need.pk]
    answer_need(need, answer="A pot comes on Monday.", by=office.staff["county"], today=TODAY)
    assert waits(need, TODAY) == 9
    assert listed(worker, "family") == listed(worker, "open") == [need.pk]
    family_says(need, says="partly", by=worker, today=TODAY + DAY)
    assert listed(worker, "again") == listed(worker, "open") == [need.pk]
    assert listed(worker, "family") == listed(worker, "solved") == []
    family_says(need, says="solved", by=worker, today=TODAY + 2 * DAY)
    need.refresh_from_db()
    assert (need.said_on, need.said_to, waits(need, TODAY)) == (TODAY + 2 * DAY, str(worker.pk), None)
    assert listed(worker, "open") == []
    family_says(need, says="not_solved", by=worker, today=TODAY + 3 * DAY)
    assert listed(worker, "open") == [need.pk]
    said = Event.objects.filter(kind="cases.family_says").order_by("sequence")
    assert [event.data["says"] for event in said] == ["partly", "solved", "not_solved"]
    assert WORDS not in str(list(Event.objects.values()))
    assert "Monday" not in str(list(Event.objects.values()))
    assert verify().sound


@pytest.mark.parametrize("name", ["neighbour", "analyst"])
def test_who_does_not_work_there_writes_nothing_down(office, need, name) -> None:
    stranger = office.staff[name]
    for act in (
        lambda: record_need(office.household(), words="x", by=stranger, day=TODAY, today=TODAY),
        lambda: answer_need(need, answer="x", by=stranger, today=TODAY),
        lambda: family_says(need, says="solved", by=stranger, today=TODAY),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert Need.objects.everywhere(reason="test").count() == 1


@pytest.mark.parametrize(
    "typed",
    [
        {"words": "  "},
        {"words": "x", "day": TODAY + DAY},
        {"audio": "photo.jpg"},
        {"audio": "A" * 64},
    ],
)
def test_what_cannot_be_written_down(office, worker, typed) -> None:
    with pytest.raises(CaseError):
        record_need(office.household(), **{"by": worker, "day": TODAY, "today": TODAY, **typed})


@pytest.mark.parametrize("says", ["", "yes", "answered"])
def test_the_family_says_one_of_three_things(need, worker, says) -> None:
    with pytest.raises(CaseError):
        family_says(need, says=says, by=worker, today=TODAY)
    with pytest.raises(CaseError):
        answer_need(need, answer="  ", by=worker, today=TODAY)


# --- Pages --------------------------------------------------------------------------------------


def page_of(office, number: str = "2231") -> str:
    return f"/households/{office.household(number).key}/needs/"


def test_a_need_is_written_down_answered_and_solved_on_its_page(office, worker) -> None:
    client, address = signed_in(worker), page_of(office)
    page = client.get(address)
    check_source(page)
    assert "nothing is open" in page.content.decode()
    typed = {"do": "record", "words": WORDS, "language": "lo", "day": "2026-03-01"}
    assert client.post(address, typed).status_code == 302
    (need,) = needs_seen_by(worker)
    assert (need.words, need.language, need.asked_on) == (WORDS, "lo", datetime.date(2026, 3, 1))
    text = client.get(address).content.decode()
    assert f'lang="lo">“{WORDS}”' in text
    assert "waits for 9 days" in text
    assert client.post(address, {"do": "answer", "need": need.pk, "answer": "On Monday."}).status_code == 302
    assert client.post(address, {"do": "says", "need": need.pk, "says": "solved"}).status_code == 302
    text = client.get(address).content.decode()
    assert "the family says: solved" in text
    assert "This is the person who answered." in text
    looks = AccessLog.objects.filter(page="needs.household_needs", subject_id=office.household().key)
    assert looks.count() == 3


def test_a_recording_is_kept_and_handed_out(office, worker) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client, address = signed_in(worker), page_of(office)
    recording = SimpleUploadedFile("wei lan.ogg", ogg(), content_type="audio/ogg")
    response = client.post(address, {"do": "record", "day": "2026-03-01", "audio": recording})
    assert response.status_code == 302
    (need,) = needs_seen_by(worker)
    assert Upload.objects.within([""], behind="cases").get().hash == need.audio
    assert f'href="/uploads/{need.audio}/"' in client.get(address).content.decode()
    assert client.get(f"/uploads/{need.audio}/").status_code == 200
    assert signed_in(office.staff["neighbour"]).get(f"/uploads/{need.audio}/").status_code == 404


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"MZ\x90\x00 a programme", "not a kind of file"), (photo(), "Choose a recording of sound.")],
)
def test_what_is_no_recording_is_refused(office, worker, content, says) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("voice.ogg", content, content_type="audio/ogg")
    response = signed_in(worker).post(page_of(office), {"do": "record", "day": "2026-03-01", "audio": file})
    assert response.status_code == 422
    assert says in response.content.decode()
    assert not needs_seen_by(worker).exists()


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"do": "record", "day": "2026-03-01"}, "Write what the family said"),
        ({"do": "record", "words": "x", "day": "2026-03-11"}, "This day lies in the future"),
        ({"do": "record", "words": "x", "day": "the first"}, "Enter a valid date"),
        ({"do": "record", "words": "x", "day": "2026-03-01", "language": "tlh"}, "valid choice"),
        ({"do": "record", "words": "x" * 2_001, "day": "2026-03-01"}, "at most 2000"),
        ({"do": "answer", "answer": " "}, "Write the answer."),
        ({"do": "says", "says": "fine"}, "valid choice"),
        ({"do": "says"}, "Choose what the family says."),
    ],
)
def test_what_is_wrong_with_a_form_is_said(office, worker, need, typed, says) -> None:
    about = {"need": need.pk} if typed["do"] != "record" else {}
    response = signed_in(worker).post(page_of(office), {**typed, **about})
    assert response.status_code == 422
    assert says in response.content.decode()
    need.refresh_from_db()
    assert (need.answer, need.family_says) == ("", "")
    assert needs_seen_by(worker).count() == 1


@pytest.mark.parametrize("number", ["0", "x", "9" * 30, "-1", "۱"])
def test_a_need_that_is_none(office, worker, number) -> None:
    response = signed_in(worker).post(page_of(office), {"do": "says", "need": number, "says": "solved"})
    assert response.status_code == 404


def test_a_need_of_another_household_is_none(office, need, worker) -> None:
    other = office.register.areas["BAIYUN"]
    assert other.pk == office.household("3096").area_id
    response = signed_in(worker).post(
        page_of(office, "3096"), {"do": "says", "need": need.pk, "says": "solved"}
    )
    assert response.status_code == 404
    need.refresh_from_db()
    assert need.family_says == ""


def test_the_list_begins_with_who_waits_longest(office, worker, need) -> None:
    record_need(
        office.household("0874"), words="a school bag", by=office.staff["county"], day=TODAY, today=TODAY
    )
    client = signed_in(office.staff["county"])
    page = client.get("/needs/")
    check_source(page)
    text = re.sub(r"\s+", " ", page.content.decode())
    assert "2 needs are open" in text
    assert [row["need"].words for row in page.context["rows"]] == [WORDS, "a school bag"]
    assert "9 days" in text
    assert [row["need"].words for row in client.get("/needs/?area=DATANG").context["rows"]] == [
        "a school bag"
    ]
    assert client.get("/needs/?show=solved").context["rows"] == []
    assert client.get("/needs/?show=nonsense&page=-1").status_code == 200
    assert [row["need"].words for row in signed_in(worker).get("/needs/").context["rows"]] == [WORDS]


def test_a_neighbour_finds_nothing(office, need) -> None:
    client = signed_in(office.staff["neighbour"])
    assert client.get(page_of(office)).status_code == 404
    assert WORDS not in client.get("/needs/?area=BAIYUN").content.decode()
    assert signed_in(office.staff["analyst"]).get("/needs/").status_code == 403


def test_open_needs_stand_on_the_page_of_the_household(office, worker, need) -> None:
    text = signed_in(worker).get(f"/households/{office.household().key}/").content.decode()
    assert WORDS in text
    assert page_of(office) in text
    family_says(need, says="solved", by=worker, today=TODAY)
    text = signed_in(worker).get(f"/households/{office.household().key}/").content.decode()
    assert WORDS not in text


def test_the_pages_cost_the_same_for_one_and_for_fifty(office, worker, need) -> None:
    client = signed_in(office.staff["county"])
    addresses = ["/needs/", page_of(office), f"/households/{office.household().key}/"]
    costs = []
    for more in (0, 49):
        for number in range(more):
            record_need(office.household(), words=str(number), by=worker, day=TODAY, today=TODAY)
        found = []
        for address in addresses:
            client.get(address)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(address).status_code == 200
            found.append(len(captured))
        costs.append(found)
    assert costs[0] == costs[1]
