"""The call: drafts that are not lost, a deadline to the second, reviewers without a conflict and without names, decisions."""

from __future__ import annotations

import datetime
import json
import re

import pytest
from django.core import mail
from django.test import Client

from highground.forum import keys
from highground.forum.actions.call import Elsewhere, Late, decide, hand_in, save_draft
from highground.forum.actions.letters import write_decisions
from highground.forum.actions.opening import set_forum
from highground.forum.actions.reviewing import (
    ask_reviewers,
    declare_conflict,
    propose,
    review,
    withdraw_reviewer,
)
from highground.forum.enums import Criterion, EntryStatus, ReviewStatus
from highground.forum.ground import ForumError
from highground.forum.models import Review
from highground.outbox.actions import release, send_due
from highground.outbox.models import Letter, LetterStatus
from tests.forum.assembly import DAY, NOW, link
from tests.forum.calling import CLOSES, GOOD, OPEN, WORDS, enter, handed_in, reviewer
from tests.support.pages import check_source

pytestmark = pytest.mark.django_db


def test_a_second_after_the_deadline_is_too_late_and_says_so_in_the_entrants_time(call) -> None:
    made = save_draft(enter(call.forum), {"lo": WORDS}, version=0, now=OPEN)
    second = datetime.timedelta(seconds=1)
    with pytest.raises(Late, match=r"closed on .* at 08:00:00, your time \(Asia/Yangon\)"):
        hand_in(made, now=CLOSES)  # 09:30 in Nanning
    with pytest.raises(Late):
        save_draft(made, {"lo": WORDS}, version=1, now=CLOSES + second)
    assert hand_in(made, now=CLOSES - second).status == EntryStatus.SUBMITTED


def test_a_draft_changed_elsewhere_is_not_overwritten(call) -> None:
    made = enter(call.forum)
    save_draft(made, {"lo": WORDS}, version=0, now=OPEN)
    with pytest.raises(Elsewhere, match="changed on another page"):
        save_draft(made, {"lo": {**WORDS, "title": "Old"}}, version=0, now=OPEN)
    assert made.texts.get().title == WORDS["title"]


def test_what_is_missing_is_named(call) -> None:
    with pytest.raises(ForumError, match=r"Still to be written: title, problem, what was done\."):
        hand_in(enter(call.forum), now=OPEN)


def test_three_languages_and_the_page_that_keeps_a_draft(call, monkeypatch) -> None:
    from highground.forum.pages import entry as page

    monkeypatch.setattr(page.timezone, "now", lambda: OPEN)
    made, client = enter(call.forum), Client()
    address = f"/forum/entry/{link(keys.ENTRY, made)}/"
    written = client.get(f"{address}?in=zh")
    check_source(written)
    text = written.content.decode()
    assert re.search(r'<label[^>]*for="id_problem"', text) and not re.search(r'<form[^>]* lang="', text)
    for name in ("title", "problem", "done", "results"):
        assert re.search(rf'name="{name}"[^>]* lang="zh"', text), name
    for version, language in enumerate(("lo", "en", "zh")):
        sent = json.dumps({**WORDS, "title": f"In {language}", "version": version})
        answer = client.post(f"{address}?in={language}", sent, content_type="application/json")
        assert answer.json() == {"version": version + 1}
    old = client.post(address, json.dumps({**WORDS, "version": 0}), content_type="application/json")
    assert old.status_code == 409
    assert {one.language: one.original for one in made.texts.all()} == {"lo": True, "en": False, "zh": False}
    assert client.post(address, {**WORDS, "version": 3, "do": "hand_in"}).status_code == 302
    made.refresh_from_db()
    assert made.status == EntryStatus.SUBMITTED


def test_nobody_reviews_with_a_conflict(call) -> None:
    entry = handed_in(call.forum)
    for number, barred in enumerate(
        [
            {"organisation": "COOPERATIVE 1"},
            {"ties": {"kin": ["Entrant1@example.org"]}},
            {"country": "LA"},
            {"languages": ["vi"]},
        ]
    ):
        reviewer(call, number, **barred)
    free = [reviewer(call, number) for number in (10, 11)]
    found = propose(call.forum, by=call.organiser, today=DAY, seconds=2)
    assert {expert for _entry, expert in found.pairs} == {str(one.pk) for one in free}
    assert found.empty == {str(entry.pk): 1}
    assert found.relief["own country"] == found.relief["language"] == 1
    own = call.forum.reviewers.get(organisation="COOPERATIVE 1")
    with pytest.raises(ForumError, match="conflict of interest with entry 1"):
        ask_reviewers(call.forum, [(str(entry.pk), str(own.pk))], by=call.organiser, today=DAY)


def test_a_reviewer_who_withdraws_half_way_leaves_what_is_done_and_others_take_the_rest(call) -> None:
    entries = [handed_in(call.forum, number) for number in (1, 2)]
    people = [reviewer(call, number) for number in range(4)]
    pairs = [(str(entry.pk), str(one.pk)) for entry in entries for one in people[:3]]
    ask_reviewers(call.forum, pairs, by=call.organiser, today=DAY)
    review(people[0], entries[0], GOOD, "Clear", now=NOW)
    assert withdraw_reviewer(people[0], by="test", now=NOW) == 1
    found = propose(call.forum, by=call.organiser, today=DAY, seconds=2)
    fresh = found.pairs - set(pairs)
    assert (str(entries[1].pk), str(people[3].pk)) in fresh
    assert ask_reviewers(call.forum, sorted(found.pairs), by=call.organiser, today=DAY) == len(fresh)
    kept = Review.objects.everywhere(reason="test").get(entry=entries[0], reviewer=people[0])
    assert kept.status == ReviewStatus.DONE
    assert Client().get(f"/forum/review/{link(keys.REVIEWER, people[0])}/").status_code == 404


def test_a_conflict_that_a_reviewer_declares_is_never_given_back(call) -> None:
    entry, one = handed_in(call.forum), reviewer(call, 1)
    ask_reviewers(call.forum, [(str(entry.pk), str(one.pk))], by=call.organiser, today=DAY)
    declare_conflict(one, entry)
    assert propose(call.forum, by=call.organiser, today=DAY, seconds=2).pairs == frozenset()
    with pytest.raises(ForumError, match="not asked"):
        review(one, entry, GOOD, "x", now=NOW)


@pytest.mark.parametrize(
    ("scores", "why", "words"),
    [
        ({"practical": 3}, "x", "each of the four"),
        ({**GOOD, "practical": 4}, "x", "0, 1, 2 or 3"),
        (GOOD, " ", "Say why"),
    ],
)
def test_half_a_review_is_none(call, scores, why, words) -> None:
    entry, one = handed_in(call.forum), reviewer(call, 1)
    ask_reviewers(call.forum, [(str(entry.pk), str(one.pk))], by=call.organiser, today=DAY)
    with pytest.raises(ForumError, match=words):
        review(one, entry, scores, why, now=NOW)


def test_a_reviewer_sees_no_name_of_an_entrant_anywhere(call) -> None:
    entry, one = handed_in(call.forum), reviewer(call, 1)
    ask_reviewers(call.forum, [(str(entry.pk), str(one.pk))], by=call.organiser, today=DAY)
    client, base = Client(), f"/forum/review/{link(keys.REVIEWER, one)}/"
    for address in (base, f"{base}1/"):
        page = client.get(address)
        check_source(page)
        text = page.content.decode() + str(page.headers)
        assert WORDS["title"] in text
        for mark in (entry.entrant, entry.email, entry.organisation, entry.key):
            assert mark not in text, (address, mark)
    typed = {**dict.fromkeys(Criterion.values, "3"), "why": "Done with own means", "do": "review"}
    assert client.post(f"{base}1/", typed).status_code == 302
    assert entry.reviews.get().scores == dict.fromkeys(Criterion.values, 3)
    # An open call shows the name.
    call.forum.anonymous = False
    call.forum.save()
    assert entry.entrant in client.get(f"{base}1/").content.decode()


def test_names_that_were_promised_to_be_hidden_stay_hidden(call) -> None:
    given = {"status": "open", "call_theme": "", "by": call.organiser, "today": DAY}
    set_forum(call.forum, anonymous=False, **given)
    set_forum(call.forum, anonymous=True, **given)
    handed_in(call.forum)
    with pytest.raises(ForumError, match="cannot be changed now"):
        set_forum(call.forum, anonymous=False, **given)


def test_a_decision_has_a_reason_and_its_letter_is_looked_at_first(call, settings) -> None:
    entry, one = handed_in(call.forum, language="en"), reviewer(call, 1)
    with pytest.raises(ForumError, match="Nobody has reviewed"):
        decide(entry, status="accepted", reason="Good", by=call.organiser, today=DAY)
    ask_reviewers(call.forum, [(str(entry.pk), str(one.pk))], by=call.organiser, today=DAY)
    review(one, entry, GOOD, "Say what a cow costs", now=NOW)
    with pytest.raises(ForumError, match="Say why"):
        decide(entry, status="accepted", reason=" ", by=call.organiser, today=DAY)
    decide(entry, status="accepted", reason="It lasts", by=call.organiser, today=DAY)
    for expected in (1, 0):
        done = write_decisions(call.forum, site="https://example.org", by=call.organiser, now=NOW, today=DAY)
        assert done == expected
    letter = Letter.objects.get()
    assert "It lasts" in letter.body and "Say what a cow costs" in letter.body
    assert one.name not in letter.body and letter.to == entry.email
    assert send_due(now=NOW) == (0, 0)
    office = Client()
    office.force_login(call.organiser)
    preview = office.get("/forum/office/nanning-2027/letters/")
    assert "It lasts" in preview.content.decode()
    release(Letter.objects.all(), by="test", now=NOW)
    assert send_due(now=NOW) == (1, 0)
    assert send_due(now=NOW) == (0, 0)
    assert [(one.to, one.subject) for one in mail.outbox] == [([entry.email], letter.subject)]
    for address in ("entries/", "entries/1/", "reviewers/"):
        assert office.get(f"/forum/office/nanning-2027/{address}").status_code == 200


def test_a_letter_that_does_not_go_is_tried_again_and_given_up_at_last(call) -> None:
    Letter.objects.create(
        key="x",
        about_kind="forum",
        about_id="x",
        to="a@example.org",
        subject="s",
        body="b",
        made_at=NOW,
        by="t",
    )
    release(Letter.objects.all(), by="test", now=NOW)
    broken = "tests.forum.broken_mail.Backend"
    now = NOW
    for _time in range(6):
        assert send_due(now=now, backend=broken) == (0, 1)
        assert send_due(now=now, backend=broken) == (0, 0)
        now += datetime.timedelta(days=1)
    letter = Letter.objects.get()
    assert (letter.status, letter.tries, letter.problem) == (LetterStatus.FAILED, 6, "ConnectionRefusedError")
    assert send_due(now=now, backend=broken) == (0, 0)


def test_an_accepted_entry_is_given_to_a_session(call) -> None:
    entry, one = handed_in(call.forum), reviewer(call, 1)
    ask_reviewers(call.forum, [(str(entry.pk), str(one.pk))], by=call.organiser, today=DAY)
    review(one, entry, GOOD, "Clear", now=NOW)
    office, address = Client(), "/forum/office/nanning-2027/entries/1/"
    office.force_login(call.organiser)
    typed = {"do": "talk", "session": str(call.session.pk), "speaker": str(call.people[0].pk)}
    early = office.post(address, typed)
    assert early.status_code == 422 and "Only an accepted entry" in early.content.decode()
    decide(entry, status="accepted", reason="It lasts", by=call.organiser, today=DAY)
    nobody = office.post(address, {**typed, "speaker": ""})
    assert nobody.status_code == 422 and "Choose who speaks." in nobody.content.decode()
    assert office.post(address, typed).status_code == 302
    duty = call.session.duties.get()
    assert (duty.entry, duty.talk, duty.participant) == (entry, "Cattle banks", call.people[0])
