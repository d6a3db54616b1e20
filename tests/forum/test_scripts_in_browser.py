"""Every page of the forum in a real browser, with its people and words in four scripts: accessible, and no wider than a phone."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from highground.forum import keys, urls
from highground.forum.actions.attachments import attach
from highground.forum.actions.call import begin_entry, hand_in, save_draft
from highground.forum.actions.commitments import add_partner, bring_evidence, promise
from highground.forum.actions.door import open_door
from highground.forum.actions.live import take_live
from highground.forum.actions.programme import keep_session, release_programme
from highground.forum.actions.remaining import add_follow_up, keep_summary, record_learning
from highground.forum.actions.reviewing import add_reviewer, ask_reviewers, review
from highground.forum.actions.taking_part import Person, answer_requests, nominate
from highground.forum.enums import Mode
from highground.forum.models import Participant
from highground.outbox.models import Letter
from tests.files.samples import photo
from tests.forum.assembly import assemble, link
from tests.forum.calling import GOOD
from tests.support.pages import PICTURES, violations
from tests.support.places import PASSWORD, enter

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = {
    "en": ("Sok Chanthavong-Phommachanh", "Who pays for the road when the project is over, and who mends it?", "en"),
    "zh": ("欧阳娜仁托雅", "项目结束以后，谁来出钱修路，谁来养护？", "zh-hans"),
    "km": ("សុខ ចាន់ដារ៉ាវឌ្ឍនៈ", "តើអ្នកណាបង់ថ្លៃផ្លូវនៅពេលគម្រោងចប់ហើយអ្នកណាជួសជុលវា?", "en"),
    "my": ("ဒေါ်ခင်မာလာဝင်းမောင်", "စီမံကိန်းပြီးဆုံးသောအခါ လမ်းအတွက် မည်သူပေးပြီး မည်သူပြင်သနည်း", "en"),
}  # fmt: skip
NO_PAGES = {
    "door_people", "door_scans", "door_part", "live", "calendar", "frab", "json_ld", "entry_file", "review_file", "office_file",
}  # fmt: skip
"""What is no page: data for scripts and files."""


def fill(name: str, words: str, language: str) -> dict[str, list[Any]]:
    """A forum in which every page shows these words; what the address of each page needs."""
    made = assemble(2, password=PASSWORD)
    forum, by, today, now = made.forum, made.organiser, timezone.localdate(), timezone.now()
    who: dict[str, Any] = {"by": by, "today": today}
    forum.names, forum.themes, forum.call_theme = {"en": words}, {"en": words}, words
    forum.first_day, forum.last_day = today, today + datetime.timedelta(days=1)
    forum.call_opens, forum.call_closes = now - datetime.timedelta(days=1), now + datetime.timedelta(days=1)
    forum.save()
    person = Person(
        name, words[:120], "KH", latin=name, email="a@example.org", position=words[:120], consents=True
    )
    guest = nominate(made.delegation, person, days={today: Mode.ROOM}, by="test", today=today)
    waiting = Person(name, words[:120], "KH", email="b@example.org", language=language)
    nominate(made.delegation, waiting, days={today: Mode.ONLINE}, by="test", today=today)
    answer_requests(forum, [guest.pk], accept=True, **who)
    guest = Participant.objects.everywhere(reason="test").select_related("forum").get(pk=guest.pk)
    session = keep_session(
        forum, code="talks", titles={"en": words}, abstract=words, room=made.rooms[0], starts=now, languages=[language],
        channels=["zh"], duties={(guest.pk, "speaker"): {"talk": words, "online": True}}, fixed=True, **who,
    )  # fmt: skip
    made.session.starts = now + datetime.timedelta(hours=3)
    made.session.save()
    release_programme(forum, now=now, words=words, **who)
    take_live(session, guest, [{"ask": "question-0001", "text": words}], now=now)
    told = {"title": words, "problem": words, "done": words, "results": words}
    entries = []
    for number in range(2):
        entry = begin_entry(
            forum, now=now, entrant=name, email=f"e{number}@example.org", organisation=words, country="LA",
            language=language, time_zone="Asia/Phnom_Penh", field="finance",
        )  # fmt: skip
        attach(entry, SimpleUploadedFile(f"{words}.png", photo("PNG")), now=now)
        entries.append(hand_in(save_draft(entry, {language: told}, version=0, now=now), now=now))
    reviewer = add_reviewer(
        forum, name=f"{name} 2", email="r@example.org", country="TH", organisation=f"2 {words}", languages=[language],
        fields=["finance"], ties={"funder": [f"3 {words}"]}, **who,
    )  # fmt: skip
    ask_reviewers(forum, [(str(one.pk), str(reviewer.pk)) for one in entries], **who)
    review(reviewer, entries[1], GOOD, words, now=now)
    Letter.objects.create(
        key="x",
        about_kind="forum",
        about_id=forum.code,
        to="a@example.org",
        subject=words,
        body=words,
        made_at=now,
        by="t",
    )
    commitment = promise(
        forum,
        who=words,
        what=words,
        countries=["LA"],
        places=[words],
        promised_on=today,
        session=session,
        **who,
    )
    partner = add_partner(commitment, country="LA", organisation=words, **who)
    bring_evidence(commitment, day=today, text=words, source=words, status="kept", by=str(by.pk), today=today)
    keep_summary(session, words=words, **who)
    add_follow_up(forum, text=words, owner=name, due_on=today, **who)
    learner = {"name": name, "country": "LA", "organisation": words, "taught_by": name}
    record_learning(
        forum, kind="course", title=words, host=words, country="LA", skills=[words[:40]], begins_on=today, ends_on=today,
        learners=[learner], **who,
    )  # fmt: skip
    door = open_door(forum, name=words[:60], by=by, today=today)
    me, entry = link(keys.PERSON, guest), entries[0]
    return {
        "link": {
            "delegation": link(keys.DELEGATION, made.delegation), "person": me, "badge": me, "session": me,
            "entry": link(keys.ENTRY, entry), "reviewer": link(keys.REVIEWER, reviewer), "review": link(keys.REVIEWER, reviewer),
            "partner": link(keys.PARTNER, partner),
        },
        "door": [link(keys.DOOR, door)],
        "numbers": {"entry_number": entry.number, "number": entry.number, "commitment": commitment.number},
    }  # fmt: skip


def addresses(known: dict[str, Any]) -> dict[str, str]:
    """Every page of the forum, by its name."""
    found = {}
    for one in urls.urlpatterns:
        if one.name in NO_PAGES:
            continue
        given = {name: known["numbers"].get(name) for name in one.pattern.converters}
        code = "talks" if one.name == "session" else "nanning-2027"
        given |= {"link": known["link"].get(one.name), "code": code, "session": "talks"}
        wanted = {name: value for name, value in given.items() if name in one.pattern.converters}
        assert all(value is not None for value in wanted.values()), (one.name, wanted)
        route = str(one.pattern)
        for name in wanted:
            kind = (
                type(one.pattern.converters[name])
                .__name__.removesuffix("Converter")
                .lower()
                .replace("string", "str")
            )
            route = route.replace(f"<{kind}:{name}>", str(wanted[name]))
        assert "<" not in route, route
        found[one.name] = f"/{route}" + (f"#{known['door'][0]}" if one.name == "door" else "")
    return found


@pytest.mark.parametrize("script", WORDS)
def test_every_page(page, transactional_db, settings, tmp_path, script) -> None:
    name, words, shown = WORDS[script]
    settings.HIGHGROUND_HOME = tmp_path
    known = fill(name, words, script)
    enter(page, "qinfang")
    page.context.add_cookies([{"name": "django_language", "value": shown, "url": page.url}])
    page.set_viewport_size({"width": 390, "height": 900})
    session, faults = page.context.new_cdp_session(page), []
    PICTURES.mkdir(parents=True, exist_ok=True)
    for title, address in addresses(known).items():
        answer = page.goto(address)
        assert answer is None or answer.status == 200, (title, address, answer.status)
        page.locator("main, #app, h1").first.wait_for()
        page.screenshot(path=PICTURES / f"forum-script-{script}-{title}.png", full_page=True)
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        faults += [f"{title}: {wide} pixels wide"] if wide > 390 and title != "badges" else []
        faults += [f"{title}: {one}" for one in violations(page, session)]
        assert page.locator("html").get_attribute("lang") == shown, title
    assert faults == []
