"""What remains of a forum: what was said, practices and evidence from talks, what people learned, what is to be done."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from highground.forum.actions import note
from highground.forum.enums import Consent, EntryStatus, Gender, PromiseStatus, Used
from highground.forum.enums import Duty as DutyKind
from highground.forum.ground import ForumError, only_organisers
from highground.forum.models import Attendance, Duty, Entry, FollowUp, Forum, Learner, Learning, Session
from highground.knowledge.actions.experts import Suggested, add_lines
from highground.knowledge.actions.practices import add_practices
from highground.knowledge.enums import LineKind, Outcome
from highground.knowledge.models import Expert, Practice, Referral
from highground.knowledge.reading import check
from highground.teams.learning import note_learned


@transaction.atomic
def keep_summary(session: Session, *, words: str, by: Any, today: datetime.date) -> None:
    """What was said and agreed in a session, as the proceedings keep it; one event."""
    only_organisers(by, session.forum, today)
    session.summary = words.strip()
    session.save(update_fields=["summary"])
    note("forum.summary", session.forum, str(by.pk), session=session.pk)


@transaction.atomic
def note_talk(duty: Duty, *, words: str, by: Any, today: datetime.date) -> None:
    """What a talk said: the problem, an empty line, what was done. It is the practice's text where no entry stands behind it."""
    only_organisers(by, duty.session.forum, today)
    if duty.practice:
        raise ForumError(_("This talk is a practice already."))
    duty.told = words.strip()[:20_000]
    duty.save(update_fields=["told"])
    note("forum.told", duty.session.forum, str(by.pk), duty=duty.pk)


@transaction.atomic
def answer_consent(duty: Duty, *, agrees: bool, by: str) -> None:
    """A speaker says whether the talk may live on; one event. It can be taken back until it has become a practice."""
    if duty.practice:
        raise ForumError(_("This talk is a practice already. Ask the curators to withdraw it."))
    duty.consent = Consent.GIVEN if agrees else Consent.REFUSED
    duty.save(update_fields=["consent"])
    note("forum.consent", duty.session.forum, by, duty=duty.pk, agrees=agrees)


@transaction.atomic
def make_practice(
    duty: Duty, *, field: str, expert: Expert | None = None, by: Any, today: datetime.date
) -> Practice:
    """A practice draft from a talk with the speaker's consent, and a suggested line on the speaker's profile.

    The words are those of the entry behind the talk, else what was noted of it. A curator decides what is published.
    """
    forum = duty.session.forum
    only_organisers(by, forum, today)
    if duty.consent != Consent.GIVEN:
        raise ForumError(_("The speaker has not agreed that the talk becomes a practice."))
    if duty.practice:
        raise ForumError(_("This talk is a practice already."))
    texts = _texts(duty)
    if not texts:
        raise ForumError(_("Note what the talk said first: the problem and what was done."))
    person = duty.participant
    code = f"{forum.code}-{duty.pk}"
    row = {
        "code": code, "country": person.country, "fields": [field], "evidence": "anecdotal",
        "source": f"{forum.name}: {duty.talk or duty.session.title}", "source_date": str(today), "texts": texts,
    }  # fmt: skip
    try:
        made = check(row, code)
    except ValueError as error:
        raise ForumError(str(error)) from error
    add_practices([made], by=str(by.pk), today=today, synthetic=forum.synthetic)
    practice: Practice = Practice.objects.get(code=code)
    duty.practice = code
    duty.save(update_fields=["practice"])
    if duty.entry_id:
        Entry.objects.visible_to(by, today).filter(pk=duty.entry_id).update(practice=code)
    if expert is not None:
        line = Suggested(
            LineKind.SESSION, f"{forum.name}: {duty.talk or duty.session.title}", f"forum:{duty.pk}", year=forum.year,
            source="forum", practice=practice,
        )  # fmt: skip
        add_lines(expert, [line], by=str(by.pk), today=today)
    note("forum.practice", forum, str(by.pk), duty=duty.pk, practice=code)
    return practice


def _texts(duty: Duty) -> dict[str, dict[str, str]]:
    if duty.entry is not None:
        return {
            one.language: {
                "status": "original" if one.original else "draft",
                "title": one.title,
                "problem": one.problem,
                "done": one.done,
                **({"results": one.results} if one.results else {}),
            }
            for one in duty.entry.texts.all()
            if one.title and one.problem and one.done
        }
    language = (duty.session.languages or ["en"])[0]
    if not duty.told.strip():
        return {}
    problem, _blank, done = duty.told.strip().partition("\n\n")
    title = duty.talk or duty.session.title
    return {language: {"status": "original", "title": title, "problem": problem, "done": done or problem}}


@transaction.atomic
def record_learning(
    forum: Forum, *, by: Any, today: datetime.date, learners: list[dict[str, str]], **fields: Any
) -> Learning:
    """A course, study visit or exchange, and who learned; one event."""
    only_organisers(by, forum, today)
    if fields["ends_on"] < fields["begins_on"]:
        raise ForumError(_("It cannot end before it begins."))
    codes = {one["expert"] for one in learners if one.get("expert")}
    if unknown := codes - set(Expert.objects.filter(code__in=codes).values_list("code", flat=True)):
        raise ForumError(_("No expert has the code %(code)s.") % {"code": sorted(unknown)[0]})
    made = Learning.objects.create(forum=forum, **fields)
    Learner.objects.bulk_create(Learner(learning=made, **one) for one in learners)
    note("forum.learning", forum, str(by.pk), learning=made.pk, learners=len(learners))
    return made


HALF_A_YEAR = 182
"""Days after which it is asked whether something learned is used."""


@transaction.atomic
def ask_learner(learner: Learner, *, used: str, told: str, by: Any, today: datetime.date) -> None:
    """Whether what was learned is used; asked once half a year has gone. One event.

    Where it is used, the skills flow on: to the learner's profile as a suggested line, and to the pool of work teams.
    """
    learning = learner.learning
    only_organisers(by, learning.forum, today)
    if used not in Used.values:
        raise ForumError(_("Say whether it is used, partly used or not used."))
    if (today - learning.ends_on).days < HALF_A_YEAR:
        raise ForumError(_("This is asked half a year after the end: before that nobody can know."))
    learner.used, learner.told, learner.asked_on = used, told.strip(), today
    learner.save(update_fields=["used", "told", "asked_on"])
    expert = Expert.objects.filter(code=learner.expert).first() if learner.expert else None
    if used != Used.NO and learner.candidate:
        note_learned(learner.candidate, learning.skills, source=f"forum:{learning.forum.code}", by=str(by.pk))
    if expert is not None and used != Used.NO:
        line = Suggested(
            LineKind.SESSION,
            f"{learning.title} ({', '.join(learning.skills)})" if learning.skills else learning.title,
            f"learned:{learner.pk}",
            year=learning.ends_on.year,
            source="forum",
        )
        add_lines(expert, [line], by=str(by.pk), today=today)
    note("forum.learned", learning.forum, str(by.pk), learner=learner.pk, used=str(used))


@transaction.atomic
def add_follow_up(
    forum: Forum, *, text: str, owner: str, due_on: datetime.date, by: Any, today: datetime.date
) -> FollowUp:
    """Something to be done after the forum, with an owner and a day; one event."""
    only_organisers(by, forum, today)
    if not text.strip() or not owner.strip():
        raise ForumError(_("Say what is to be done, and who sees to it."))
    made: FollowUp = FollowUp.objects.create(
        forum=forum, text=text.strip(), owner=owner.strip(), due_on=due_on
    )
    note("forum.follow_up", forum, str(by.pk), follow_up=made.pk)
    return made


@transaction.atomic
def close_follow_up(follow_up: FollowUp, *, outcome: str, by: Any, today: datetime.date) -> None:
    """It is done, with what came of it; one event."""
    only_organisers(by, follow_up.forum, today)
    if not outcome.strip():
        raise ForumError(_("Say what came of it."))
    follow_up.done_on, follow_up.outcome = today, outcome.strip()[:300]
    follow_up.save(update_fields=["done_on", "outcome"])
    note("forum.followed_up", follow_up.forum, str(by.pk), follow_up=follow_up.pk)


NEVER_IN = (EntryStatus.DRAFT, EntryStatus.WITHDRAWN)


@dataclass(frozen=True)
class Numbers:
    """A forum in numbers. `unstated` speakers said nothing of their gender; `adopted` practices were asked about and tried
    elsewhere, and they work there, at least in part.
    """

    people: int
    countries: int
    speakers: int
    women: int
    unstated: int
    speaker_countries: Mapping[str, int]
    entries: int
    accepted: int
    practices: int
    adopted: int
    attended: int
    commitments: int
    kept: int


def numbers_of(forum: Forum) -> Numbers:
    """Countries, speakers by gender and country, entries, practices, commitments. Constant queries; no names."""
    people = list(forum.participants.filter(status="accepted").values_list("country", flat=True))
    speakers = {
        pk: (gender, country)
        for pk, gender, country in forum.participants.filter(duties__duty=DutyKind.SPEAKER).values_list(
            "pk", "gender", "country"
        )
    }
    entries = Counter(forum.entries.values_list("status", flat=True))
    commitments = Counter(forum.commitments.values_list("status", flat=True))
    reason = "how many people were in the sessions of a forum, without names"
    attended = Attendance.objects.everywhere(reason=reason).filter(session__forum=forum)
    duties = Duty.objects.everywhere(reason=reason).filter(session__forum=forum).exclude(practice="")
    codes = set(duties.values_list("practice", flat=True))
    good = [Outcome.WORKS, Outcome.PARTLY]
    worked = Referral.objects.everywhere(reason=reason).filter(question__practice__code__in=codes)
    worked = worked.filter(Q(works_3__in=good) | Q(works_12__in=good))
    return Numbers(
        people=len(people),
        countries=len(set(people)),
        speakers=len(speakers),
        women=sum(gender == "woman" for gender, _country in speakers.values()),
        unstated=sum(gender == Gender.UNSTATED for gender, _country in speakers.values()),
        speaker_countries=dict(Counter(country for _gender, country in speakers.values()).most_common()),
        entries=sum(count for status, count in entries.items() if status not in NEVER_IN),
        accepted=entries[EntryStatus.ACCEPTED],
        practices=len(codes),
        adopted=worked.values("question__practice").distinct().count(),
        attended=attended.values("participant").distinct().count(),
        commitments=sum(commitments.values()),
        kept=commitments[PromiseStatus.KEPT],
    )
