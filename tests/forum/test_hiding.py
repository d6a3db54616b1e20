"""A walk for leaks: an entrant's name is planted wherever a file or a page can hold one, and no reviewer comes upon it."""

from __future__ import annotations

import datetime
import io
import os
import re
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, StreamObject

from highground.files.sweeping import sweep
from highground.files.uploads import path_of
from highground.forum import keys
from highground.forum.actions.attachments import MOST, attach, detach
from highground.forum.actions.call import Late, hand_in, save_draft
from highground.forum.actions.opening import set_forum
from highground.forum.actions.programme import give_talk, release_programme
from highground.forum.actions.reviewing import ask_reviewers
from highground.forum.actions.taking_part import Person, register
from highground.forum.enums import Mode
from highground.forum.ground import ForumError
from highground.forum.leaving import write_site
from highground.forum.models import Attachment
from highground.forum.naming import named_in
from tests.files import samples
from tests.forum.assembly import DAY, NOW, link
from tests.forum.calling import CLOSES, OPEN, WORDS, enter, handed_in, reviewer
from tests.pages.doors import DOORS
from tests.support.pages import check_source

pytestmark = pytest.mark.django_db
NAME, ADDRESS, HOUSE = "Souksavanh Lamavong", "souksavanh@coop.example.org", "Cooperative Muang Namtha"
FILES = {
    f"{NAME} CV.pdf": samples.paper(mark=NAME.encode()),
    f"{NAME}.docx": samples.document(mark=NAME.encode()),
    f"photo by {NAME}.jpg": samples.photo(mark=NAME.encode()),
    f"{NAME}.png": samples.photo("PNG", mark=NAME.encode()),
    f"{NAME}.webp": samples.photo("WEBP", mark=NAME.encode()),
}


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.HIGHGROUND_HOME = tmp_path
    return tmp_path


def given(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def opened(content: bytes) -> Iterator[bytes]:
    """A file and everything inside it: the parts of a zip, the objects of a PDF with their streams unpacked."""
    yield content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            yield source.comment
            for one in source.infolist():
                yield one.filename.encode() + one.comment + one.extra
                yield from opened(source.read(one.filename))
    if content.startswith(b"%PDF"):
        reader = PdfReader(io.BytesIO(content))
        yield str(reader.trailer).encode()
        for number in range(1, int(reader.trailer["/Size"])):
            yield from _of_object(reader.get_object(number))


def _of_object(found: object) -> Iterator[bytes]:
    yield str(found).encode()
    if isinstance(found, StreamObject):
        yield found._data
        yield found.get_data()
    if isinstance(found, DictionaryObject | ArrayObject):
        inside = found.values() if isinstance(found, DictionaryObject) else found
        for one in inside:
            if isinstance(one, DictionaryObject | ArrayObject):
                yield from _of_object(one)


def finds(content: bytes, marks: tuple[str, ...]) -> list[str]:
    """Which marks stand in a file, in any of the encodings that files use, case aside."""
    return [
        mark
        for mark in marks
        for coding in ("utf-8", "utf-16-le", "utf-16-be")
        for part in opened(content)
        if mark.casefold().encode(coding) in part.lower()
    ]


def body_of(response) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


@pytest.fixture
def planted(call, settings):
    """An entry with files under its entrant's name, who also takes part; a reviewer who was asked."""
    forum = call.forum
    entry = enter(
        forum, entrant=NAME, email=ADDRESS, organisation=HOUSE, parties=["Lao Fund of Luang Namtha"]
    )
    for name, content in FILES.items():
        attach(entry, given(name, content), now=OPEN)
    entry = hand_in(save_draft(entry, {"lo": WORDS}, version=0, now=OPEN), now=OPEN)
    who = Person(NAME, HOUSE, "LA", email=ADDRESS, latin=NAME)
    register(forum, who, days={DAY: Mode.ROOM})
    one = reviewer(call, 1)
    ask_reviewers(forum, [(str(entry.pk), str(one.pk))], by=call.organiser, today=DAY)
    release_programme(forum, by=call.organiser, today=DAY, now=NOW)
    return call, entry, one


def addresses(call, one) -> list[str]:
    """All that a reviewer can open: the own pages with what they link to, and every public page and file of the forum."""
    base, client = f"/forum/review/{link(keys.REVIEWER, one)}/", Client()
    found, waiting = [], [base]
    while waiting:
        address = waiting.pop()
        found.append(address)
        answer = client.get(address)
        if answer.streaming:
            continue
        linked = re.findall(r'href="(/forum/review/[^"#?]+)"', answer.content.decode())
        waiting += [one for one in dict.fromkeys(linked) if one not in found and one not in waiting]
    public = [
        door.partition("  ")[0].format(forum=call.forum.code)
        for door in DOORS.splitlines()
        if door.startswith("/forum/") and door.endswith("  open")
    ]
    return [*found, *public]


def test_no_reviewer_comes_upon_a_name(planted, home) -> None:
    call, entry, one = planted
    hashes = [one.original for one in entry.attachments.all()]
    marks = (NAME, "Souksavanh", "Lamavong", ADDRESS, HOUSE, "Lao Fund of", entry.key, *hashes)
    walked = addresses(call, one)
    assert len([address for address in walked if re.search(r"/1/\d$", address)]) == len(FILES)
    assert len(walked) >= 2 + len(FILES) + 10
    for address in walked:
        answer = Client().get(address)
        assert answer.status_code == 200, address
        content = body_of(answer)
        assert finds(content, marks) == [], address
        assert finds(str(answer.headers).encode() + str(answer.cookies).encode(), marks) == [], address
    write_site(home / "stick")
    for file in (home / "stick").rglob("*"):
        if file.is_file():
            assert finds(file.read_bytes(), marks) == [], file


def test_the_walk_would_find_it_in_what_the_organisers_keep(planted) -> None:
    """The same eyes see every planted name in the originals, as the organisers get them back, byte for byte."""
    call, entry, _one = planted
    office = Client()
    office.force_login(call.organiser)
    for number, (name, content) in enumerate(FILES.items(), start=1):
        answer = office.get(f"/forum/office/{call.forum.code}/entries/{entry.number}/{number}")
        assert body_of(answer) == content
        assert finds(content, (NAME,)), name
        assert "Souksavanh" in answer["Content-Disposition"]
        shown = office.get(f"/forum/office/{call.forum.code}/entries/{entry.number}/{number}?shown=1")
        assert finds(body_of(shown), (NAME,)) == []
    page = office.get(f"/forum/office/{call.forum.code}/entries/{entry.number}/")
    check_source(page)
    assert f"{NAME} CV.pdf" in page.content.decode()


def test_a_reviewer_opens_files_of_the_own_entries_alone(planted) -> None:
    call, _entry, one = planted
    other = handed_in(call.forum, 2)
    Attachment.objects.create(
        entry=other, number=1, name="x", media="application/pdf", size=1, original="0" * 64, shown="0" * 64, given_at=OPEN
    )  # fmt: skip
    base = f"/forum/review/{link(keys.REVIEWER, one)}"
    for address in (
        f"{base}/2/1",
        f"{base}/1/9",
        f"/forum/review/{link(keys.REVIEWER, reviewer(call, 5))}/1/1",
    ):
        assert Client().get(address).status_code == 404
    assert Client().get(f"/forum/office/{call.forum.code}/entries/1/1").status_code == 302


def test_an_entry_under_review_does_not_come_into_the_programme(planted) -> None:
    call, entry, _one = planted
    with pytest.raises(ForumError, match="Only an accepted entry"):
        give_talk(entry, call.session, call.people[0], by=call.organiser, today=DAY)


@pytest.mark.parametrize("where", ["file", "title", "translation"])
def test_a_name_in_the_words_is_said_before_a_reviewer_reads_it(call, home, where) -> None:
    """No author field: what is written cannot be cut out, so the entrant is asked to."""
    entry = enter(call.forum, entrant=NAME, email=ADDRESS)
    if where == "file":
        text = b"""<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p>
        <w:r><w:t>by souksavanh</w:t></w:r><w:r><w:t> LAMAVONG</w:t></w:r></w:p></w:body></w:document>"""
        file = given("a.docx", samples.document(parts={"word/document.xml": text}))
        with pytest.raises(ForumError, match="“Souksavanh Lamavong” stands in the text of this file"):
            attach(entry, file, now=OPEN)
        assert not list(home.rglob("uploads/*"))
        return
    words = {"lo": WORDS, "en": {**WORDS, "done": f"Write to {ADDRESS.upper()}"}}
    if where == "title":
        words = {"lo": {**WORDS, "title": "Cows of Souksavanh\u200b  Lamavong"}}
    entry = save_draft(entry, words, version=0, now=OPEN)
    with pytest.raises(ForumError, match="Reviewers must not read it"):
        hand_in(entry, now=OPEN)
    fine = hand_in(save_draft(entry, dict.fromkeys(words, WORDS), version=1, now=OPEN), now=OPEN)
    with pytest.raises(ForumError, match="Reviewers must not read it"):
        save_draft(fine, words, version=2, now=OPEN)


def test_an_open_call_that_becomes_anonymous_looks_at_files_again(call) -> None:
    more = {"status": "open", "call_theme": "", "by": call.organiser, "today": DAY}
    set_forum(call.forum, anonymous=False, **more)
    entry = enter(call.forum, entrant="the roof leaks")  # the words of the note in the paper
    attach(entry, given("a.pdf", samples.paper()), now=OPEN)
    set_forum(call.forum, anonymous=True, **more)
    entry = save_draft(entry, {"lo": WORDS}, version=0, now=OPEN)
    with pytest.raises(ForumError, match=r"stands in the text of the file a\.pdf"):
        hand_in(entry, now=OPEN)
    detach(entry, 1, now=OPEN)
    hand_in(entry, now=OPEN)
    set_forum(call.forum, anonymous=True, **more)


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("Cows of Li Na", "Li Na", True),
        ("the Carolina case", "Li Na", False),
        ("WEI-LAN was here", "Wei Lan", True),
        ("by souksavanh\nlamavong", NAME, True),
        ("Souk savanhLamavong", NAME, True),
        ("由覃浩写", "覃浩", True),
        ("ขวัญใจสุขสันต์เขียน", "ขวัญใจ สุขสันต์", True),
        ("ខ្ញុំ\u200bសុខា\u200bសរសេរ", "ខ្ញុំ សុខា", True),
        ("ＬＩ　ＮＡ wrote", "Li Na", True),
        ("Al is short", "Al", False),
    ],
)
def test_names_are_found_in_any_script(text, name, found) -> None:
    assert bool(named_in(text, [name])) is found


def test_what_cannot_be_attached_is_said_on_the_page(call, monkeypatch) -> None:
    from highground.forum.pages import entry as page

    monkeypatch.setattr(page.timezone, "now", lambda: OPEN)
    entry, client = enter(call.forum), Client()
    address = f"/forum/entry/{link(keys.ENTRY, entry)}/"

    def send(name: str, content: bytes):
        return client.post(address, {"do": "attach", "file": given(name, content)})

    assert send("cows.pdf", samples.paper()).status_code == 302
    shown = client.get(address)
    check_source(shown)
    assert "cows.pdf" in shown.content.decode()
    assert finds(body_of(client.get(f"{address}1")), (samples.MARK.decode(),)) == []
    for name, content, words in [
        ("a.exe", b"MZ\x90", "not a kind of file"),
        ("a.pdf", samples.paper(password="x"), "locked with a password"),
        ("a.docx", samples.document(relation=("vbaProject", "v.bin", "")), "holds a program"),
        ("a.zip", b"", "empty"),
    ]:
        answer = send(name, content)
        assert answer.status_code == 422 and words in answer.content.decode(), name
    assert client.post(address, {"do": "attach"}).status_code == 422
    for number in range(1, MOST):
        assert send(f"{number}.png", samples.photo("PNG")).status_code == 302
    assert "at most 5 files" in send("more.png", samples.photo("PNG")).content.decode()
    assert client.post(address, {"do": "detach", "number": "1"}).status_code == 302
    assert client.post(address, {"do": "detach", "number": "1"}).status_code == 422
    assert client.get(f"{address}1").status_code == 404
    assert [one.number for one in entry.attachments.order_by("number")] == [2, 3, 4, 5]
    too_large = client.post(address, {"do": "attach", "file": given("a.png", bytes(10_200_000))})
    assert too_large.status_code == 413
    monkeypatch.setattr(page.timezone, "now", lambda: CLOSES)
    assert "The call closed on" in send("late.png", samples.photo("PNG")).content.decode()
    with pytest.raises(Late):
        detach(entry, 2, now=CLOSES)


def test_a_flood_of_files_is_braked(call, monkeypatch) -> None:
    from highground.forum.pages import entry as page

    monkeypatch.setattr(page.timezone, "now", lambda: OPEN)
    monkeypatch.setattr(page, "FILES_FROM", replace(page.FILES_FROM, most=2))
    address = f"/forum/entry/{link(keys.ENTRY, enter(call.forum))}/"
    answers = [
        Client().post(address, {"do": "attach", "file": given("a.png", samples.photo("PNG"))})
        for _time in range(3)
    ]
    assert [one.status_code for one in answers] == [302, 302, 422]
    assert "Too many files came from here" in answers[2].content.decode()


def test_an_entry_that_is_withdrawn_loses_its_files_and_its_reviews(call, home, monkeypatch) -> None:
    from highground.forum.pages import entry as page

    one = enter(call.forum)
    attach(one, given("cows.pdf", samples.paper()), now=OPEN)
    names = one.attachments.values_list("original", "shown").get()
    hand_in(save_draft(one, {"lo": WORDS}, version=0, now=OPEN), now=OPEN)
    who = reviewer(call, 1)
    ask_reviewers(call.forum, [(str(one.pk), str(who.pk))], by=call.organiser, today=DAY)
    monkeypatch.setattr(page.timezone, "now", lambda: CLOSES + datetime.timedelta(days=9))
    address, client = f"/forum/entry/{link(keys.ENTRY, one)}/", Client()
    assert "Withdraw the entry" in client.get(address).content.decode()
    assert client.post(address, {"do": "withdraw"}).status_code == 302
    one.refresh_from_db()
    assert one.status == "withdrawn" and not one.attachments.exists()
    assert one.reviews.get().status == "withdrawn"
    assert client.post(address, {"do": "withdraw"}).status_code == 422
    assert (
        "Nothing waits for you" in client.get(f"/forum/review/{link(keys.REVIEWER, who)}/").content.decode()
    )
    for digest in names:
        then = time.time() - 2 * 24 * 60 * 60
        os.utime(path_of(digest), (then, then))
    assert sweep().files == len(set(names)) and not any(path_of(one).exists() for one in names)


@pytest.mark.parametrize(
    "body",
    ["[]", "7", "{", "[" * 50_000, '{"version": [1], "title": {}}'],
    ids=["list", "number", "cut", "deep", "odd"],
)
def test_a_draft_that_is_none_is_refused(call, monkeypatch, body) -> None:
    from highground.forum.pages import entry as page

    monkeypatch.setattr(page.timezone, "now", lambda: OPEN)
    address = f"/forum/entry/{link(keys.ENTRY, enter(call.forum))}/"
    answer = Client().post(address, body, content_type="application/json")
    assert answer.status_code == (200 if "version" in body else 422), answer.content
