"""Pages of knowledge: what they cost, what they say in odd cases, HTML in every field, and what others harvest."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from highground.accounts.models import User
from highground.knowledge.actions import asking
from highground.knowledge.actions.experts import Suggested, add_expert, add_lines, change_profile, invite, vet
from highground.knowledge.actions.practices import add_practices, set_practice_standing
from highground.knowledge.causes import causes_in
from highground.knowledge.enums import LineKind, LineStatus, Standing
from highground.knowledge.languages import NAMES
from highground.knowledge.models import CauseTable, Expert, Practice, PracticeText, Referral, Shown
from highground.knowledge.words import (
    CHOICES,
    COUNTED,
    COUNTRIES,
    TABLE,
    choice_word,
    country_named,
    language_of,
    own_word,
    words_for,
)
from highground.methods.facts.months import later
from tests.knowledge.conftest import PROFILE
from tests.knowledge.monitored import monitor
from tests.support.places import add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db

NASTY = '"><script>alert(1)</script><img src=x onerror=alert(2)>'
OAI = "{http://www.openarchives.org/OAI/2.0/}"


@pytest.fixture(autouse=True)
def day(monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


@pytest.fixture
def officer(office) -> Client:
    client = Client()
    client.force_login(office.officer)
    return client


def cost(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_pages_cost_the_same_for_thirty_experts_as_for_one(office, practices, officer) -> None:
    pages = ["/knowledge/", "/knowledge/?q=illness", "/knowledge/?cause=illness", "/knowledge/?q=illness&show=people",
             f"/knowledge/experts/{office.expert.code}/", "/knowledge/practices/kh-health-equity-fund/"]  # fmt: skip
    before = {}
    for number in range(30):
        one = add_expert(
            {**PROFILE, "name": f"Expert {number}"},
            by="test",
            today=TODAY,
            basis="t",
            standing=Standing.PUBLISHED,
        )
        line = Suggested(LineKind.PROJECT, f"Health insurance for illness {number}", "p")
        add_lines(one, [line], by="test", today=TODAY, status=LineStatus.CONFIRMED)
        if number == 5:
            before = {page: cost(officer, page) for page in pages}
    assert {page: cost(officer, page) for page in pages} == before
    assert max(before.values()) <= 30


class _Khmer(HTMLParser):
    """Khmer words, each with the language of the nearest element around it that names one."""

    VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.languages: list[str] = [""]
        self.found: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.languages.append(dict(attrs).get("lang") or self.languages[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            self.languages.pop()

    def handle_data(self, data: str) -> None:
        if self.get_starttag_text() != "<title>" and any("\u1780" <= letter <= "\u17ff" for letter in data):
            self.found.append((self.languages[-1], data.strip()))


def test_words_of_another_language_than_the_page_say_so(office, practices, officer) -> None:
    """A screen reader speaks Khmer words in English pages as Khmer, and fonts are chosen for them."""
    project = office.expert.lines.get(kind="project")
    project.text, project.language = "មូលនិធិថ្លៃពេទ្យភូមិ", "km"
    project.save()
    pages = ["/knowledge/?lang=km", "/knowledge/?cause=illness&lang=km", "/knowledge/?q=ជំងឺ&lang=km",
             f"/knowledge/experts/{office.expert.code}/?lang=km",
             f"/knowledge/experts/{office.expert.code}/ask/?cause=illness&lang=km&practice=kh-health-equity-fund",
             "/knowledge/practices/kh-health-equity-fund/?lang=km"]  # fmt: skip
    lines: list[str] = []
    for page in pages:
        shown = officer.get(page)
        assert shown.status_code == 200
        reader = _Khmer()
        reader.feed(shown.content.decode())
        assert len(reader.found) >= 3, page
        assert [words for language, words in reader.found if language != "km"] == [], page
        lines += [page for _language, words in reader.found if words == project.text]
    assert len(lines) == 2
    assert "<span" not in officer.get("/knowledge/?cause=illness&lang=en").context["words"]["why"]


@pytest.mark.parametrize("language", sorted({*NAMES} - {"en", "zh"}))
def test_a_reader_gets_every_word_in_her_language(language: str) -> None:
    for name, word in words_for(language).items():
        assert language_of(name, language) == language, name
        assert sorted(PLACES.findall(word)) == sorted(PLACES.findall(TABLE[name])), name
    for kind in COUNTED:
        assert PLACES.findall(own_word(f"n_{kind}", language)) == ["%(n)s"], kind
    assert len(set(PLACES.findall(own_word("came_line", language)))) == 4
    chosen = [(prefix, one) for prefix, choices in CHOICES.items() for one in choices.values if one]
    assert sorted(set(PLACES.findall(own_word("needs_title", language)))) == [
        "%(all)s", "%(area)s", "%(cause)s", "%(count)s"
    ]  # fmt: skip
    assert [one for one in chosen if choice_word(*one, language)[1] != language] == []
    assert [one for one in COUNTRIES if f'<span lang="{language}">' not in country_named(one, language)] == []


PLACES = re.compile(r"%\(\w+\)s")


def test_a_browser_in_khmer_reads_in_khmer_unless_another_language_was_chosen_for_the_office(
    practices,
) -> None:
    """The office has no Khmer, so its pages come in English; knowledge has."""
    khmer = Client(headers={"accept-language": "fr,km-KH;q=0.9,en;q=0.5"})
    page = khmer.get("/knowledge/").content.decode()
    assert words_for("km")["question"] in page and '<html lang="en"' in page
    assert TABLE["question"] in khmer.get("/knowledge/?lang=en").content.decode()
    khmer.cookies["django_language"] = "en"
    assert TABLE["question"] in khmer.get("/knowledge/").content.decode()


def test_where_when_how_much_and_how_many_are_said_in_the_readers_language(practices, office) -> None:
    Practice.objects.filter(code="kh-health-equity-fund").update(
        since=2006, until=None, cost=833, currency="USD"
    )
    page = Client().get("/knowledge/?cause=illness&lang=vi").content.decode()
    page += Client().get("/knowledge/practices/kh-health-equity-fund/?lang=vi").content.decode()
    page += Client().get(f"/knowledge/experts/{office.expert.code}/?lang=vi").content.decode()
    for said in (
        "Ai thực hiện",
        "chính quyền",
        "nhân rộng được",
        "thôn bản hoặc hợp tác xã",
        "Campuchia",
        "từ năm 2006",
        "8.33 USD mỗi hộ",
        "Tìm thấy ",
        " cách làm",
        "Nước",
    ):
        assert said in page
    with translation.override("en"):
        page = Client().get("/knowledge/?cause=illness&lang=en").content.decode()
    assert "since 2006" in page and "8.33 US dollars per household" in page and "evidence: compared" in page


def test_a_whole_practice_in_lao(practices) -> None:
    page = Client().get("/knowledge/practices/kh-rice-banks-lessons/?lang=lo").content.decode()
    assert words_for("lo")["came"] not in page, "nobody has asked about it"
    words = words_for("lo")
    assert f'<span lang="lo">{words["elsewhere"]}</span>' in page and words["source"] in page
    assert TABLE["elsewhere"] not in page


def test_an_officer_who_reads_khmer_asks_and_records_in_khmer(office, practices, officer) -> None:
    officer.get("/knowledge/?lang=km")
    page = officer.get(f"/knowledge/experts/{office.expert.code}/ask/").content.decode()
    assert words_for("km")["send"] in page and words_for("km")["your_question"] in page
    sent = officer.post(f"/knowledge/experts/{office.expert.code}/ask/", {"text": "ធ្វើយ៉ាងណា?"})
    referral = Referral.objects.everywhere(reason="test").get()
    asking.advise(referral, text="ok", language="en", by=office.dara, today=TODAY)
    page = officer.get(sent.url).content.decode()
    assert f'<option value="works" lang="km">{words_for("km")["outcome_works"]}</option>' in page
    assert words_for("km")["record"] in page and ">បានឆ្លើយ<" in page
    asking.say_outcome(
        referral, months=3, outcome="works", told="第一年收成好。", by=office.officer, today=TODAY
    )
    page = officer.get(sent.url).content.decode()
    assert f'<span lang="km">{words_for("km")["outcome_works"]}</span>' in page
    assert '<span lang="zh" dir="auto">第一年收成好。</span>' in page
    # Another language of the office ends what was chosen for these pages.
    officer.cookies["django_language"] = "zh-hans"
    assert "记录结果" in officer.get(sent.url).content.decode()
    assert "sessionid" not in Client().get("/knowledge/?lang=km").cookies


def test_html_in_every_field_stays_text(office, officer) -> None:
    """Whatever a field holds, no page of knowledge runs it."""
    practice = Practice.objects.create(
        code="nasty", country="LA", place=NASTY, evidence="anecdotal", source=NASTY, source_date="2019",
        standing=Standing.PUBLISHED, by="test", added_on=TODAY, changed_on=TODAY, mark=99, causes=["illness"],
    )  # fmt: skip
    PracticeText.objects.create(
        practice=practice, language="en", status="original",
        **dict.fromkeys(("title", "problem", "done", "results", "failures", "elsewhere"), NASTY),
    )  # fmt: skip
    change_profile(
        office.expert,
        {
            **dict.fromkeys(("name", "place", "institution", "about", "conflicts"), NASTY),
            "shown": ["place", "institution", "about", "conflicts"],
        },
        by=office.dara, today=TODAY,
    )  # fmt: skip
    add_lines(
        office.expert,
        [Suggested(LineKind.PROJECT, NASTY, "x", practice=practice)],
        by="test",
        today=TODAY,
        status=LineStatus.CONFIRMED,
    )
    referral = asking.ask(
        office.expert,
        area=office.places.longhe,
        text=NASTY,
        language="en",
        by=office.officer,
        today=TODAY,
        practice=practice,
    )
    asking.advise(referral, text=NASTY, language="en", by=office.dara, today=TODAY)
    office.expert.refresh_from_db()
    owner, curator = Client(), Client()
    owner.force_login(office.dara)
    curator.force_login(office.curators[0])
    visits = [
        (officer, "/knowledge/"), (officer, "/knowledge/?cause=illness"), (officer, "/knowledge/practices/nasty/"),
        (officer, f"/knowledge/?q={NASTY}"), (officer, f"/knowledge/experts/{office.expert.code}/"),
        (officer, f"/knowledge/experts/{office.expert.code}/ask/?practice=nasty"), (officer, "/knowledge/questions/"),
        (officer, f"/knowledge/questions/{referral.pk}/"), (owner, "/knowledge/mine/"), (owner, "/knowledge/questions/"),
        (curator, "/knowledge/curate/"),
    ]  # fmt: skip
    for client, address in visits:
        text = client.get(address).content.decode()
        assert "<script>alert" not in text and "<img src=x" not in text, address
    harvested = Client().get("/knowledge/oai/?verb=ListRecords&metadataPrefix=oai_dc").content
    assert NASTY in "".join(ElementTree.fromstring(harvested).itertext())
    assert NASTY in Client().get("/knowledge/practices.jsonld").content.decode().encode().decode(
        "unicode_escape"
    )


def test_long_short_and_strange_queries_are_answered(practices) -> None:
    for query in ("a" * 5_000, "ជ", "贫困 " * 3_000, "%00", "'\";--", "<b>"):
        answer = Client().get("/knowledge/", {"q": query})
        assert answer.status_code == 200
        assert ("first 500 characters" in answer.content.decode()) == (len(query) > 500)


def test_what_an_address_cannot_ask_for_is_passed_over(practices) -> None:
    for address in (
        "?cause=fate",
        "?evidence=sure",
        "?country=Laos",
        "?cost=-1",
        "?field=x",
        "?lang=tlh",
        "?page=999",
        "?cost=９",
    ):
        assert Client().get(f"/knowledge/{address}").status_code == 200, address
    for address in ("/knowledge/practices/none/", "/knowledge/experts/none/", "/knowledge/practices.xls"):
        assert Client().get(address).status_code == 404, address


def test_only_what_a_person_shows_is_read_by_everybody(office) -> None:
    address = f"/knowledge/experts/{office.expert.code}/"
    page = Client().get(address).content.decode()
    assert "Battambang" in page and "Health committee" not in page and "woman" not in page
    change_profile(office.expert, {"shown": ["institution"]}, by=office.dara, today=TODAY)
    for answer in (
        Client().get(address),
        Client().get("/knowledge/experts.csv"),
        Client().get(f"{address}jsonld/"),
    ):
        text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
        assert "Health committee" in text and "Battambang" not in text and "2009" not in text


def test_a_waiting_profile_is_nobodys_to_read_and_a_merged_one_leads_on(office) -> None:
    waiting = add_expert({**PROFILE, "name": "Lin Mei"}, by="test", today=TODAY, basis="t")
    assert Client().get(f"/knowledge/experts/{waiting.code}/").status_code == 404
    owner = Client()
    owner.force_login(add_person("linmei"))
    owner.post(f"/knowledge/claim/{invite(waiting, by=office.curators[0], today=TODAY)}/")
    page = owner.get(f"/knowledge/experts/{waiting.code}/")
    assert page.status_code == 200 and "They and its owner read it" in page.content.decode()
    assert not Shown.objects.exists()
    waiting.refresh_from_db()
    waiting.merged_into, waiting.standing = office.expert, Standing.WITHDRAWN
    waiting.save()
    assert Client().get(f"/knowledge/experts/{waiting.code}/").url.endswith(f"{office.expert.code}/")


def test_what_an_expert_knows_about_is_ticked_and_countries_stand_by_their_names(office) -> None:
    dara, curator = Client(), Client()
    dara.force_login(office.dara)
    curator.force_login(office.curators[0])
    page = dara.get("/knowledge/mine/").content.decode()
    assert '<select name="declared"' not in page and 'value="health-insurance"' in page
    for country in ("CN", "TH"):
        made = add_expert({**PROFILE, "country": country}, by="test", today=TODAY, basis="t")
        Expert.objects.filter(pk=made.pk).update(standing=Standing.PUBLISHED)
    shown = dict(curator.get("/knowledge/curate/").context["exposure"])["Country"]
    assert [label for label, _row in shown] == ["Cambodia", "China", "Thailand"]


def test_showing_is_counted_for_those_who_may_ask_and_not_for_robots(office, practices, officer) -> None:
    Client().get("/knowledge/?cause=illness")
    assert not Shown.objects.exists()
    officer.get("/knowledge/?cause=illness")
    officer.get(f"/knowledge/experts/{office.expert.code}/")
    row = Shown.objects.get()
    assert (row.shown, row.opened) == (1, 1)


def test_the_owner_sees_what_became_of_it_changes_it_takes_it_along_and_erases_it(office, officer) -> None:
    client = Client()
    client.force_login(office.dara)
    officer.get("/knowledge/?q=health+insurance")
    page = client.get("/knowledge/mine/").content.decode()
    assert "1 time shown to officers, 0 times asked" in page
    assert "Officers opened your page 0 times. You answered 0 questions; 0 pieces of advice worked." in page
    refused = client.post(
        "/knowledge/mine/", {"do": "save", "name": "Sоk", "kind": "village", "languages": ["km"]}
    )
    assert refused.status_code == 422 and "mixes Cyrillic, Latin" in refused.content.decode()
    client.post(
        "/knowledge/mine/",
        {"do": "save", "name": "Sok Dara", "kind": "village", "languages": ["km"], "shown": []},
    )
    assert Expert.objects.get().shown == []
    kept = json.loads(client.get("/knowledge/mine/export/").content)
    assert kept["profile"]["name"] == "Sok Dara" and len(kept["evidence"]) == 2
    pdf = SimpleUploadedFile("works.pdf", b"%PDF-1.7" + b"x" * 3_000_000)
    assert "This is a PDF" in client.post("/knowledge/mine/", {"do": "import", "file": pdf}).content.decode()
    assert client.post("/knowledge/mine/", {"do": "erase"}).status_code == 422
    page = client.post("/knowledge/mine/", {"do": "erase", "sure": "yes"}, follow=True).content.decode()
    assert "Your profile and your account are erased." in page
    assert client.get("/knowledge/mine/").status_code == 302 and not Client().login(username="dara")
    left = User.objects.get(pk=office.dara.pk)
    assert not left.is_active and "dara" not in f"{left.username}{left.display_name}".lower()


def test_an_officer_who_erases_her_profile_keeps_the_account_of_her_office(office, officer) -> None:
    token = invite(add_expert(PROFILE, by="test", today=TODAY, basis="t"), by=office.curators[0], today=TODAY)
    officer.post(f"/knowledge/claim/{token}/")
    page = officer.post("/knowledge/mine/", {"do": "erase", "sure": "yes"}, follow=True).content.decode()
    assert "Your profile is erased." in page and officer.get("/knowledge/questions/").status_code == 200
    assert User.objects.get(pk=office.officer.pk).username == "weilan"


def test_an_invitation_makes_an_account_that_opens_nothing_else(office) -> None:
    expert = add_expert({**PROFILE, "name": "Lin Mei"}, by="test", today=TODAY, basis="t")
    address = f"/knowledge/claim/{invite(expert, by=office.curators[0], today=TODAY)}/"
    client = Client()
    for sent, said in (
        ({"username": "x", "password": "eleven-terraces"}, "3 to 60"),
        ({"username": "weilan", "password": "eleven-terraces"}, "already exists"),
        ({"username": "linmei", "password": "short"}, "too short"),
    ):
        answer = client.post(address, sent)
        assert answer.status_code == 422 and said in answer.content.decode()
    assert client.post(address, {"username": "linmei", "password": "eleven-terraces"}).status_code == 302
    assert client.get("/knowledge/mine/").status_code == 200
    assert client.get("/cases/").status_code == client.get("/knowledge/curate/").status_code == 403
    again = Client().post(address, {"username": "another", "password": "eleven-terraces"})
    assert "This invitation cannot be used" in again.content.decode()


def test_a_curator_publishes_with_another_one(office) -> None:
    expert = add_expert({**PROFILE, "name": "Lin Mei"}, by="test", today=TODAY, basis="t")
    vet(expert, by=office.curators[0], today=TODAY)
    client = Client()
    client.force_login(office.curators[1])
    assert "1 record waits" in client.get("/knowledge/curate/").content.decode()
    client.post("/knowledge/curate/", {"do": "vet", "expert": expert.code})
    assert Expert.objects.get(pk=expert.pk).standing == Standing.PUBLISHED
    for sent in (
        {"do": "vet", "expert": expert.code},
        {"do": "dance"},
        {"do": "withdraw", "expert": expert.code},
    ):
        assert client.post("/knowledge/curate/", sent).status_code == 422, sent
    client.post("/knowledge/curate/", {"do": "take_back", "expert": expert.code, "reason": "doubts"})
    assert Client().get(f"/knowledge/experts/{expert.code}/").status_code == 404
    assert client.post("/knowledge/curate/", {"do": "undo", "merge": "x"}).status_code == 404


def test_of_a_likely_pair_the_page_names_who_stays_and_takes_two_people_for_two(office) -> None:
    twin = add_expert({**PROFILE, "name": "Dara Sok"}, by="test", today=TODAY, basis="t")
    client = Client()
    client.force_login(office.curators[0])
    page = client.get("/knowledge/curate/").content.decode()
    assert f"One person: {office.expert.code} stays" in page and f"{twin.code} stays" not in page
    assert client.get(f"/knowledge/experts/{twin.code}/").status_code == 200
    client.post("/knowledge/curate/", {"do": "apart", "kept": office.expert.code, "gone": twin.code})
    page = client.get("/knowledge/curate/").content.decode()
    assert "One person or two?" not in page and "Said to be two people" in page
    client.post("/knowledge/curate/", {"do": "merge", "kept": office.expert.code, "gone": twin.code})
    assert "Said to be two people" not in client.get("/knowledge/curate/").content.decode()
    assert Expert.objects.get(pk=twin.pk).merged_into == office.expert


def test_a_curator_brings_practices_and_another_one_publishes_what_is_new_or_changed(
    office, practices
) -> None:
    first, second = Client(), Client()
    first.force_login(office.curators[0])
    second.force_login(office.curators[1])
    table = b"".join(Client().get("/knowledge/practices.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    mine = [{**rows[0], "title": "Another title"}, {**rows[1], "code": "own", "country": "XX"}]
    sent = io.StringIO()
    writer = csv.DictWriter(sent, rows[0])
    writer.writeheader()
    writer.writerows(mine)
    file = SimpleUploadedFile("own.csv", sent.getvalue().encode())
    page = first.post("/knowledge/curate/", {"do": "import", "file": file}, follow=True).content.decode()
    assert "0 new, 1 changed" in page and "Row 3, country" in page and "Another title" in page
    changed = Practice.objects.get(code=rows[0]["code"])
    assert changed.standing == Standing.WAITING
    publish = {"do": "published", "practice": changed.code}
    assert first.post("/knowledge/curate/", publish).status_code == 422
    assert second.post("/knowledge/curate/", publish).status_code == 302
    for name, content, said in (
        ("x.pdf", b"%PDF", "unknown ending"),
        ("x.yaml", b"- a", "under `practices:`"),
        ("x.csv", b"", "empty"),
    ):
        refused = first.post(
            "/knowledge/curate/", {"do": "import", "file": SimpleUploadedFile(name, content)}
        )
        assert refused.status_code == 422 and said in refused.content.decode(), name


def test_practices_and_people_can_be_taken_along_as_files(office, practices, tmp_path) -> None:
    from highground.knowledge.reading import read_practices

    table = b"".join(Client().get("/knowledge/practices.csv").streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(table)))
    assert len(rows) == PracticeText.objects.count()
    (tmp_path / "own.csv").write_text(table, encoding="utf-8")
    read = read_practices(tmp_path / "own.csv")
    assert read.rejects == [] and len(read.records) == 60
    assert add_practices(read.records, by="test", today=TODAY).same == 60
    graph = json.loads(Client().get("/knowledge/practices.jsonld").content)
    assert len(graph["@graph"]) == 60 and isinstance(graph["@context"], dict)
    one = json.loads(Client().get("/knowledge/practices/kh-health-equity-fund/jsonld/").content)["@graph"][0]
    assert {"@value": "A fund that pays the hospital for the poorest fifth", "@language": "en"} in one["name"]
    person = json.loads(Client().get("/knowledge/experts.jsonld").content)["@graph"][0]
    assert person["name"] == "Sok Dara" and "gender" not in person and "nationality" not in person
    assert person["address"]["addressCountry"] == "KH"


def test_another_program_asks_and_is_told_why(office, practices, officer) -> None:
    asked = {"q": "health insurance for medical bills", "lang": "km", "country": "KH"}
    found = json.loads(Client().get("/knowledge/search.json", asked).content)
    assert (found["language"], found["reader"]) == ("en", "km") and found["also_searched"]
    fund = next(one for one in found["practices"] if one["code"] == "kh-health-equity-fund")
    assert fund["title"]["language"] == "km" and fund["failures"]["language"] == "en"
    assert "health-insurance" in fund["why"]["concepts"] and fund["evidence"] == "compared"
    assert {one["country"] for one in found["practices"]} == {"KH"}
    (person,) = found["experts"]
    assert person["name"] == "Sok Dara" and person["evidence"] and "gender" not in person
    assert fund["url"].endswith("/knowledge/practices/kh-health-equity-fund/")
    assert Client().get("/knowledge/search.json").status_code == 400
    officer.get("/knowledge/search.json", asked)
    assert not Shown.objects.exists()


def harvest(**arguments: str) -> ElementTree.Element:
    return ElementTree.fromstring(Client().get("/knowledge/oai/", arguments).content)


def test_all_records_are_harvested_page_by_page_and_withdrawn_ones_as_deleted(office, practices) -> None:
    gone = Practice.objects.get(code="th-village-fund")
    set_practice_standing(gone, Standing.WITHDRAWN, by=office.curators[0], today=TODAY, reason="doubt")
    found, token = [], ""
    for _turn in range(5):
        answer = harvest(
            verb="ListRecords", **({"resumptionToken": token} if token else {"metadataPrefix": "oai_dc"})
        )
        found += answer.findall(f".//{OAI}record")
        resume = answer.find(f".//{OAI}resumptionToken")
        token = (resume.text or "") if resume is not None else ""
        if not token:
            break
    names = [one.find(f".//{OAI}identifier").text for one in found]
    assert len(names) == len(set(names)) == 60
    (deleted,) = [one for one in found if one.find(f"{OAI}header").get("status") == "deleted"]
    assert deleted.find(f"{OAI}metadata") is None
    one = harvest(verb="GetRecord", identifier=names[0], metadataPrefix="oai_dc")
    assert one.find(f".//{OAI}metadata") is not None
    assert (
        harvest(verb="ListIdentifiers", metadataPrefix="oai_dc", **{"from": "2030-01-01"})[2].get("code")
        == "noRecordsMatch"
    )


ASKED_WRONGLY = [
    ({}, "badVerb"),
    ({"verb": "Dance"}, "badVerb"),
    ({"verb": "ListRecords"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "soon"}, "badArgument"),
    ({"verb": "ListRecords", "metadataPrefix": "oai_dc", "set": "x"}, "noSetHierarchy"),
    ({"verb": "ListRecords", "resumptionToken": "x"}, "badResumptionToken"),
    ({"verb": "ListRecords", "resumptionToken": "9999//"}, "badResumptionToken"),
    ({"verb": "GetRecord", "identifier": "x", "metadataPrefix": "oai_dc"}, "idDoesNotExist"),
    ({"verb": "ListSets"}, "noSetHierarchy"),
    ({"verb": "Identify", "x": "y"}, "badArgument"),
]


def test_what_a_harvester_asks_wrongly_is_told_by_its_code(practices) -> None:
    for arguments, code in ASKED_WRONGLY:
        assert harvest(**arguments).find(f"{OAI}error").get("code") == code, arguments


def test_a_harvester_may_post_and_is_not_told_its_own_wrong_arguments(practices) -> None:
    asked = {"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"}
    answer = Client(enforce_csrf_checks=True).post("/knowledge/oai/", asked)
    found = ElementTree.fromstring(answer.content)
    assert len(found.findall(f".//{OAI}header")) == 50
    assert found.find(f"{OAI}request").get("verb") == "ListIdentifiers"
    for wrong in ({**asked, "from": "soon"}, {"verb": "Dance"}):
        assert harvest(**wrong).find(f"{OAI}request").attrib == {}
    assert Client().put("/knowledge/oai/").status_code == 405


def test_needs_are_counted_exactly_at_home_and_in_bands_elsewhere(office, practices, officer) -> None:
    monitor(office.places.baiyun, {"illness": 14, "schooling": 3})
    monitor(office.places.antang_village, {"illness": 23, "schooling": 4})
    found = causes_in(office.places.longhe, office.officer, TODAY)
    assert (found.households, found.counts) == (17, {"illness": 14, "schooling": 3})
    code = office.places.longhe.code
    page = officer.get(f"/areas/{code}/needs/").content.decode()
    assert "Illness: named by 14 of 17 monitored households in Longhe county" in page
    assert officer.get("/needs-near-me/?lang=km").url == f"/areas/{code}/needs/?lang=km"
    assert "Your own areas are told exactly" in page
    khmer = officer.get(f"/areas/{code}/needs/?lang=km").content.decode()
    assert "&lt;span" not in khmer
    assert '<h1 class="headline__title"><span lang="km"><span lang="km">ជំងឺធ្ងន់ធ្ងរ</span>៖ គ្រួសារ 14' in khmer
    officer.get("/knowledge/?lang=en")
    assert "20 to 29" in page and "hidden" in page and ">23<" not in page and ">4<" not in page
    # What changes afterwards does not change what was told of the quarter.
    monitor(office.places.antang_village, {"disability": 40})
    again = officer.get(f"/areas/{code}/needs/").content.decode()
    assert "Disability" not in again and CauseTable.objects.everywhere(reason="test").count() == 1
    assert officer.get(f"/areas/{office.places.pingnan.code}/needs/").status_code == 404
    assert cost(officer, f"/areas/{code}/needs/") <= 60


def test_what_waits_stands_on_the_first_page_of_who_can_do_it(office, officer, monkeypatch) -> None:
    def at(day: datetime.date) -> None:
        monkeypatch.setattr(timezone, "localdate", lambda *_: day)
        nine = datetime.datetime.combine(day, datetime.time(9))
        monkeypatch.setattr(timezone, "localtime", lambda *given: given[0] if given else nine)

    at(TODAY)
    expert, curator = Client(), Client()
    expert.force_login(office.dara)
    curator.force_login(office.curators[0])
    add_expert({**PROFILE, "name": "Lin Mei"}, by="test", today=TODAY, basis="t")
    referral = asking.ask(
        office.expert, area=office.places.longhe, text="How?", language="en", by=office.officer, today=TODAY
    )
    assert "Profiles and practices that wait" in curator.get("/").content.decode()
    first = expert.get("/").content.decode()
    assert "Questions for you" in first and "Your profile" in first
    assert "You do not look after any area yet" not in first
    asking.advise(referral, text="So.", language="en", by=office.dara, today=TODAY)
    assert "Say what came of advice" not in officer.get("/").content.decode()
    at(later(TODAY, 3))
    assert "Say what came of advice" in officer.get("/").content.decode()
    assert "Is your profile still right?" not in expert.get("/").content.decode()
    at(later(TODAY, 13))
    assert "Is your profile still right?" in expert.get("/").content.decode()
    expert.post("/knowledge/mine/", {"do": "confirm"})
    assert "Is your profile still right?" not in expert.get("/").content.decode()
