"""Verbs on messages from the public: send, take up, answer, say what it is about. One transaction and one event each."""

from __future__ import annotations

import datetime
import itertools
import json
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.accounts.queries import holds
from highground.areas.models import Area
from highground.audit.actions import record
from highground.cases.actions.objections import answer_objection, file_objection
from highground.cases.actions.opening import open_case
from highground.cases.enums import Channel, MessageKind, MessageStatus
from highground.cases.flow import CaseError
from highground.cases.models import Case, Message, NoticeItem, Objection
from highground.cases.public import brake, codes
from highground.cases.public.queries import is_for_all, line_named, may_answer
from highground.cases.public.service import service_times
from highground.cases.roles import OFFICE
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.models import Household
from highground.people.sealed import seal

PUBLIC = "public"
"""Who acts in the log where nobody signed in."""


@dataclass(frozen=True)
class Letter:
    """What somebody sends. `notice_code` and `notice_line` are as typed; all but `kind` and `area` may be empty."""

    kind: MessageKind
    area: Area
    trouble: str = ""
    words: str = ""
    language: str = ""
    name: str = ""
    phone: str = ""
    for_county: bool = False
    notice_code: str = ""
    notice_line: str = ""


@dataclass(frozen=True)
class Receipt:
    """What the sender gets: the code to ask with, and the last day in time for an answer."""

    code: str
    due_on: datetime.date


def send_message(letter: Letter, *, ticket: str, address: str, today: datetime.date) -> Receipt:
    """Keep a message; one event. The same letter with the same ticket is kept once.

    An objection to a line of a notice that hangs is filed and stops the clocks of that case; with any other number it is
    kept in the same way, for the county to look the line up. Raises brake.TooMany.
    """
    due_on = service_times()[letter.kind].due(today)
    for turn in itertools.count():
        code = codes.code_of(ticket, turn)
        held = _held(code)
        if held is None:
            break
        if _same(held, letter):
            return Receipt(code, held.due_on)
    brake.use(
        [(brake.SENT_FROM, address), (brake.SENT_FOR, letter.area.path)],
        now=timezone.now(),
    )
    try:
        with transaction.atomic():
            _keep(letter, code, due_on, today)
    except IntegrityError:
        # The same form was sent twice at once; the other one was kept.
        if _held(code) is None:
            raise
    return Receipt(code, due_on)


def _held(code: str) -> Message | None:
    messages = Message.objects.everywhere(reason="whether this form was sent before")
    return messages.filter(code_hash__in=codes.code_hashes(code)).first()


def _same(message: Message, letter: Letter) -> bool:
    return (message.kind, message.words, message.trouble, message.notice_code, message.notice_line) == (
        letter.kind,
        letter.words,
        letter.trouble,
        letter.notice_code,
        letter.notice_line,
    )


def _keep(letter: Letter, code: str, due_on: datetime.date, today: datetime.date) -> None:
    item = (
        line_named(letter.notice_code, letter.notice_line) if letter.kind == MessageKind.OBJECTION else None
    )
    area = item.notice.area if item else letter.area
    message = Message(
        kind=letter.kind,
        area=area,
        trouble=letter.trouble,
        words=letter.words,
        language=letter.language,
        code_hash=codes.code_hash(code),
        for_county=letter.for_county,
        notice_code=letter.notice_code,
        notice_line=letter.notice_line,
        sent_on=today,
        due_on=due_on,
    )
    reach = {name: text for name, text in (("name", letter.name), ("phone", letter.phone)) if text}
    seal(message, "sender", json.dumps(reach, ensure_ascii=False) if reach else "")
    message.save(force_insert=True)
    if item is not None:
        _try_to_file(item, message, today)
    _event("cases.message", message, PUBLIC, kind=message.kind, for_county=message.for_county)


def _try_to_file(item: NoticeItem, message: Message, today: datetime.date) -> None:
    """File the objection. Where the notice does not take one any more, the county reads the message as it is."""
    try:
        with transaction.atomic():
            file_objection(item, text=message.words, by=PUBLIC, day=today, today=today, message=message)
    except CaseError:
        return


# --- In the office ------------------------------------------------------------------------------


@transaction.atomic
def take_up(message: Message, *, by: User, today: datetime.date) -> Message:
    """Say that somebody looks into it. Raises NotAllowed, and CaseError once it is taken up or answered."""
    message = _locked(message, by, today)
    if message.status != MessageStatus.RECEIVED:
        raise CaseError(_("Somebody looks into this message already."))
    _mark_taken_up(message, by, today)
    _event("cases.take_up_message", message, str(by.pk))
    return message


@transaction.atomic
def answer_message(message: Message, *, answer: str, by: User, today: datetime.date) -> Message:
    """Answer in words that the sender reads. Raises NotAllowed, and CaseError for an objection that was filed."""
    message = _locked(message, by, today)
    if _objection_of(message) is not None:
        raise CaseError(_("This objection was filed: uphold it or do not, with an answer."))
    _answer(message, answer, by, today)
    _event("cases.answer_message", message, str(by.pk))
    return message


@transaction.atomic
def answer_filed_objection(
    message: Message, *, uphold: bool, answer: str, by: User, today: datetime.date
) -> Message:
    """Answer an objection that was filed; its sender reads the same answer. Raises NotAllowed and CaseError."""
    message = _locked(message, by, today)
    objection = _objection_of(message)
    if objection is None:
        raise CaseError(_("This objection names no line of a notice yet; say which one it is about."))
    answer_objection(objection, uphold=uphold, answer=answer, by=by, today=today)
    message.refresh_from_db()
    return message


@transaction.atomic
def match_objection(
    message: Message, *, notice_code: str, notice_line: str, by: User, today: datetime.date
) -> Objection:
    """Say which line of which notice an objection is about, and file it. Raises NotAllowed and CaseError.

    A notice outside the message's county is answered like one that does not exist.
    """
    message = _locked(message, by, today)
    item = line_named(notice_code, notice_line)
    if message.kind != MessageKind.OBJECTION or _objection_of(message) is not None:
        raise CaseError(_("Only an objection that names no line yet can be matched with one."))
    if item is None or not may_answer(by, _moved(message, item.notice.area), today):
        raise CaseError(_("No notice that hangs in your area has this number and line."))
    objection = file_objection(item, text=message.words, by=PUBLIC, day=today, today=today, message=message)
    message.area = item.notice.area
    message.save(update_fields=["area"])
    _mark_taken_up(message, by, today)
    _event("cases.match_objection", message, str(by.pk), notice=item.notice_id, line=item.line)
    return objection


@transaction.atomic
def say_about_whom(message: Message, *, about: User | None, by: User, today: datetime.date) -> Message:
    """Keep who is complained about: from then on this person neither reads nor answers it. Raises NotAllowed."""
    message = _locked(message, by, today)
    if about is not None and about.pk == by.pk:
        raise NotAllowed(
            "own_step", _("Whoever is complained about does not look into it: hand it to somebody else.")
        )
    if about is not None and holds(about, today, OFFICE, message.area.path) is None:
        raise CaseError(_("This person holds no role in that place."))
    if about is not None:
        message.for_county = True
    message.about = about
    message.save(update_fields=["about", "for_county"])
    _event("cases.message_about", message, str(by.pk), about=str(about.pk) if about else "")
    return message


@transaction.atomic
def link_household(message: Message, *, household: Household, by: User, today: datetime.date) -> Message:
    """Say which household a self-report is from. The caller reached the household in scope. Raises NotAllowed."""
    message = _locked(message, by, today)
    if message.kind != MessageKind.REPORT:
        raise CaseError(_("Only a self-report comes from a household."))
    message.household = household
    message.save(update_fields=["household"])
    _mark_taken_up(message, by, today)
    _event("cases.link_message", message, str(by.pk), household=household.key)
    return message


@transaction.atomic
def open_case_from(message: Message, *, rulebook: str, by: User, today: datetime.date) -> Case:
    """Open a case of the linked household: the household itself said so. Raises NotAllowed and CaseError."""
    message = _locked(message, by, today)
    if message.household is None:
        raise CaseError(_("Say first which household the report is from."))
    case = open_case(
        household=message.household,
        rulebook=rulebook,
        by=by,
        today=today,
        message=message,
        channel=Channel.HOUSEHOLD,
    )
    _mark_taken_up(message, by, today)
    return case


def _locked(message: Message, by: User, today: datetime.date) -> Message:
    """The message, locked, for somebody who may act on it. Raises NotAllowed."""
    messages = Message.objects.everywhere(reason="a message reached in scope is locked by its id")
    found: Message = (
        messages.select_for_update(of=("self",)).select_related("area", "household__area").get(pk=message.pk)
    )
    if not may_answer(by, found, today):
        whose = (
            "those who work there" if is_for_all(found) else "the county, by nobody who works in the village"
        )
        raise NotAllowed("role", _("this message is looked into by %(whose)s") % {"whose": whose})
    return found


def _moved(message: Message, area: Area) -> Message:
    """The message as if it came from `area`, not saved."""
    return Message(kind=message.kind, for_county=message.for_county, about_id=message.about_id, area=area)


def _objection_of(message: Message) -> Objection | None:
    objections = Objection.objects.everywhere(reason="the objection of a message reached in scope")
    return objections.filter(message=message).select_related("item").first()


def _mark_taken_up(message: Message, by: User, today: datetime.date) -> None:
    if message.status == MessageStatus.RECEIVED:
        message.status, message.taken_up_on, message.taken_up_by = MessageStatus.TAKEN_UP, today, str(by.pk)
        message.save(update_fields=["status", "taken_up_on", "taken_up_by"])


def _answer(message: Message, answer: str, by: User, today: datetime.date) -> None:
    if message.status == MessageStatus.ANSWERED:
        raise CaseError(_("This message was answered already."))
    if not answer.strip():
        raise CaseError(_("Write the answer."))
    message.status, message.answer = MessageStatus.ANSWERED, answer.strip()
    message.answered_on, message.answered_by = today, str(by.pk)
    message.save(update_fields=["status", "answer", "answered_on", "answered_by"])


def _event(what: str, message: Message, by: str, **data: int | str | bool) -> None:
    record(
        what,
        by=by,
        subject_kind="message",
        subject_id=str(message.pk),
        area_path=message.area.path,
        data=dict(data),
    )
