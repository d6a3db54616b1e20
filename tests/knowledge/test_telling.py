"""A practice told on a page, by a practitioner without papers, with what failed and a PDF; a curator reads and publishes it."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation

from highground.knowledge.actions.experts import add_expert, withdraw
from highground.knowledge.actions.telling import publish, tell_practice
from highground.knowledge.enums import Standing
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.matching import Wanted, look_for
from highground.knowledge.models import Line, Practice, PracticeText
from tests.knowledge.conftest import PROFILE
from tests.knowledge.test_attachments import pdf
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db

TOLD = {
    "title": "ធនាគារស្រូវភូមិ", "language": "km", "problem": "គ្មានស្រូវនៅរដូវខ្វះខាត", "done": "យើងខ្ចីស្រូវគ្នា",
    "failures": "ឃ្លាំងត្រូវទឹកជំនន់ពីរដង", "country": "KH", "place": "Battambang", "fields_of_work": ["finance"],
    "causes": ["disaster"], "amount": "41.50", "currency": "USD", "since": "2012", "evidence": "anecdotal",
    "source": "Told by who did it",
}  # fmt: skip


@pytest.fixture(autouse=True)
def day(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(office, **changes) -> Practice:
    sent = {**TOLD, **changes}
    assert client_of(office.dara).post("/knowledge/mine/practices/new/", sent).status_code == 302
    return Practice.objects.order_by("pk").last()


def test_a_practitioner_tells_a_practice_and_it_speaks_for_her_once_a_curator_has_published_it(
    office,
) -> None:
    file = SimpleUploadedFile("Rice bank.pdf", pdf("Ledger of the rice bank"), content_type="application/pdf")
    made = told(office, file=file)
    assert (made.standing, made.cost, made.since, made.by) == ("waiting", 4150, 2012, str(office.dara.pk))
    assert made.texts.get().failures == TOLD["failures"] and made.attachments.get().name == "Rice bank"
    address = f"/knowledge/practices/{made.code}/"
    readers = [(Client(), 404), (client_of(office.officer), 404), (client_of(office.dara), 200),
               (client_of(office.curators[0]), 200)]  # fmt: skip
    for client, status in readers:
        assert client.get(address).status_code == status
        assert client.get(f"{address}files/{made.attachments.get().pk}/").status_code == status
    assert TOLD["title"] in client_of(office.dara).get("/knowledge/mine/").content.decode()
    curator = client_of(office.curators[0])
    with translation.override("en"):
        assert f'href="{address}"' in curator.get("/knowledge/curate/").content.decode()
        assert ">Publish<" in curator.get(address).content.decode()
    assert not office.expert.lines.filter(kind="practice").exists()
    curator.post("/knowledge/curate/", {"do": "published", "practice": made.code})
    line = office.expert.lines.get(kind="practice")
    assert (line.text, line.practice, line.status) == (TOLD["title"], made, "confirmed")
    assert made.code in [one.practice.code for one in look_for(Wanted(text=TOLD["title"]), "km").practices]
    assert "Sok Dara" in Client().get(address).content.decode()
    publish(made, by=office.curators[1], today=TODAY)
    assert office.expert.lines.filter(kind="practice").count() == 1


def test_what_was_told_is_said_anew_and_waits_again_and_keeps_its_other_texts(office) -> None:
    made = told(office)
    publish(made, by=office.curators[0], today=TODAY)
    PracticeText.objects.create(
        practice=made, language="en", status="reviewed", title="A rice bank", problem="p", done="d"
    )
    dara = client_of(office.dara)
    address = f"/knowledge/mine/practices/{made.code}/"
    assert TOLD["failures"] in dara.get(address).content.decode()
    assert dara.post(address, {**TOLD, "results": "ល្អ"}).status_code == 302
    made.refresh_from_db()
    assert made.standing == Standing.WAITING
    assert {one.language: one.status for one in made.texts.all()} == {"km": "original", "en": "reviewed"}
    dara.post(address, {**TOLD, "language": "vi", "title": "Ngân hàng gạo"})
    assert made.texts.get(language="vi").status == "reviewed" and made.texts.count() == 3
    for user, status in ((office.officer, 403), (office.curators[0], 404)):
        assert client_of(user).get(address).status_code == status
    with pytest.raises(KnowledgeError, match="by a curator, or by whoever owns"):
        tell_practice({}, {}, language="km", by=office.officer, today=TODAY, told=made)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"done": ""}, "required"),
        ({"amount": "5", "currency": ""}, "both the cost and its currency"),
        ({"since": "2020", "until": "2010"}, "ends before it begins"),
        ({"url": "javascript:alert(1)"}, "valid URL"),
        ({"fields_of_work": ["cooking"]}, "cooking"),
        ({"title": "x" * 201}, "at most 200"),
        ({"file": SimpleUploadedFile("a.pdf", b"no pdf at all")}, "file"),
    ],
)
def test_what_cannot_be_told_is_said_and_nothing_is_kept(office, changes, said) -> None:
    answer = client_of(office.dara).post("/knowledge/mine/practices/new/", {**TOLD, **changes})
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Practice.objects.exists()


def test_two_of_one_title_have_two_codes_and_latin_titles_are_in_them(office) -> None:
    assert [told(office).code, told(office).code] == ["kh-practice", "kh-practice-2"]
    assert told(office, title="Rice_bank, of us!", language="en").code == "kh-rice-bank-of-us"


def test_whoever_has_no_profile_or_a_withdrawn_one_tells_nothing(office) -> None:
    withdraw(office.expert, by=office.curators[0], today=TODAY, reason="doubt")
    for user in (office.dara, office.officer):
        assert client_of(user).post("/knowledge/mine/practices/new/", TOLD).status_code == 403
    assert client_of(office.curators[0]).get("/knowledge/mine/practices/new/").status_code == 200


def test_what_one_told_is_in_the_file_of_ones_data_and_stays_without_one(office) -> None:
    made, dara = told(office), client_of(office.dara)
    kept = json.loads(dara.get("/knowledge/mine/export/").content)
    assert kept["practices"][0]["code"] == made.code
    assert kept["practices"][0]["texts"][0]["failures"] == TOLD["failures"]
    dara.post("/knowledge/mine/", {"do": "erase", "sure": "yes"})
    assert Practice.objects.filter(pk=made.pk).exists()
    publish(made, by=office.curators[0], today=TODAY)
    assert not Line.objects.exists()


def test_what_is_taken_back_says_why_and_can_be_said_anew(office) -> None:
    made, dara = told(office), client_of(office.dara)
    curator = client_of(office.curators[0])
    take = {"do": "withdrawn", "practice": made.code}
    assert curator.post("/knowledge/curate/", {**take, "reason": "x" * 301}).status_code == 422
    curator.post("/knowledge/curate/", {**take, "reason": "Say how many households <took part>."})
    page = dara.get(f"/knowledge/practices/{made.code}/").content.decode()
    assert "Say how many households &lt;took part&gt;." in page and f"/mine/practices/{made.code}/" in page
    # What to do next stands on her first page, beside the practice in her list, and above the form.
    with translation.override("en"):
        assert "Practices to say anew" in dara.get("/").content.decode()
    mine = dara.get("/knowledge/mine/").content.decode()
    assert "Say how many" in mine and f'href="/knowledge/mine/practices/{made.code}/"' in mine
    assert "Say how many" in dara.get(f"/knowledge/mine/practices/{made.code}/").content.decode()
    assert Client().get(f"/knowledge/practices/{made.code}/").status_code == 404
    anew = dara.post(f"/knowledge/mine/practices/{made.code}/", {**TOLD, "results": "Twelve took part."})
    assert anew.status_code == 302
    made.refresh_from_db()
    assert made.standing == Standing.WAITING and made.taken_back_because
    with translation.override("en"):
        assert "Practices to say anew" not in dara.get("/").content.decode()
        queue = client_of(office.curators[1]).get("/knowledge/curate/").content.decode()
        assert "Said anew after a curator took it back:" in queue and "Say how many households" in queue
    publish(made, by=office.curators[0], today=TODAY)
    made.refresh_from_db()
    assert made.standing == Standing.PUBLISHED and not made.taken_back_because


def test_what_was_taken_back_by_mistake_is_found_and_published_after_all(office) -> None:
    made, curator = told(office), client_of(office.curators[0])
    publish(made, by=office.curators[0], today=TODAY)
    curator.post("/knowledge/curate/", {"do": "withdrawn", "practice": made.code, "reason": "值得怀疑"})
    with translation.override("en"):
        queue = client_of(office.curators[1]).get("/knowledge/curate/").content.decode()
        assert "Practices taken back lately" in queue and f"/knowledge/practices/{made.code}/" in queue
        assert '<span lang="zh">值得怀疑</span>' in queue
        page = client_of(office.curators[1]).get(f"/knowledge/practices/{made.code}/").content.decode()
        assert "Publish it after all" in page and "Give it back" not in page
        assert (
            "Publish" not in client_of(office.dara).get(f"/knowledge/practices/{made.code}/").content.decode()
        )
    curator.post("/knowledge/curate/", {"do": "published", "practice": made.code})
    assert Client().get(f"/knowledge/practices/{made.code}/").status_code == 200


def test_whose_profile_was_taken_off_is_told_so(office) -> None:
    dara = client_of(office.dara)
    withdraw(office.expert, by=office.curators[0], today=TODAY, reason="doubt")
    with translation.override("en"):
        page = dara.get("/knowledge/mine/").content.decode()
    assert "took your profile off" in page and "must agree to it" not in page


def test_a_curator_reads_what_waits_and_does_not_publish_it(office) -> None:
    made, curator = told(office), client_of(office.curators[0])
    curator.post("/knowledge/curate/", {"do": "withdrawn", "practice": made.code, "reason": "doubt"})
    assert Practice.objects.get().standing == Standing.WITHDRAWN
    waiting = add_expert({**PROFILE, "name": "Lin Mei"}, by="test", today=TODAY, basis="t")
    page = curator.get(f"/knowledge/experts/{waiting.code}/")
    assert page.status_code == 200 and "waits for two curators" in page.content.decode()
    assert "/ask/" not in page.content.decode()
    curator.post("/knowledge/curate/", {"do": "take_back", "expert": waiting.code, "reason": "unknown"})
    waiting.refresh_from_db()
    assert waiting.standing == Standing.WITHDRAWN
    line = Line.objects.create(expert=office.expert, kind="practice", text="Gone", key="g", practice=made)
    assert (
        f"/practices/{made.code}/"
        not in Client().get(f"/knowledge/experts/{office.expert.code}/").content.decode()
    )
    assert line.text in Client().get(f"/knowledge/experts/{office.expert.code}/").content.decode()
