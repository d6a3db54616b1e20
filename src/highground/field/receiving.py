"""Taking in what a phone sends: kept word for word first, then brought into the record as far as it holds.

Nothing that was sent is thrown away. What cannot be applied (the case moved on, the household moved away, a value
that can be none of its fact) is said in `problems`, and waits for a person at the office. The same submission twice is
one; a fact that changed at the office meanwhile becomes a conflict, and neither value wins by itself.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from highground.accounts.enums import Sight
from highground.accounts.models import Device, User
from highground.accounts.queries import scope_of
from highground.audit.actions import record
from highground.cases.actions.facts import FactValue
from highground.cases.actions.needs import record_need
from highground.cases.actions.opening import look_into
from highground.cases.actions.visiting import follow_up, record_look, record_visit
from highground.cases.flow import CaseError, procedure_for
from highground.cases.forms.base import REFUSED, why_refused
from highground.cases.models import Case, Need, Visit
from highground.field.asking import rulebooks_for
from highground.field.audited import answer_audit
from highground.field.cards import WORRY
from highground.field.forms.answering import answers_of
from highground.field.forms.names import is_visit
from highground.field.instance import Answers, header_of, parsed, read_instance
from highground.field.models import Conflict, State, Submission, SubmissionFile, TakenForm
from highground.field.queries import forms_for
from highground.files.media import UploadRefused
from highground.files.uploads import keep_upload
from highground.methods.facts.entering import NotAValue, canonical
from highground.methods.rules.procedure.graph import Through
from highground.people.enums import HouseholdStatus
from highground.people.models import Household, Member, Observation
from highground.people.queries import register_dictionary


class OtherContent(ValueError):
    """Another form was sent under an instanceID that is known already."""


@dataclass(frozen=True)
class Receipt:
    """What a phone is told: the state, sentences about what was not taken, the values that wait for a decision."""

    state: str
    problems: list[str]
    conflicts: int
    lacking: list[str] = field(default_factory=list)


@dataclass
class _Taken:
    """What became of the answers of one form."""

    visit: Visit | None = None
    need: Need | None = None
    problems: list[str] = field(default_factory=list)
    conflicts: list[Conflict] = field(default_factory=list)


def receive(content: bytes, files: Mapping[str, Any], *, device: Device, today: datetime.date) -> Receipt:
    """Take in one form from a phone, as `receive_from` does."""
    return receive_from(device.user, content, files, device=device, today=today)


def receive_from(
    sender: User,
    content: bytes,
    files: Mapping[str, Any],
    *,
    device: Device | None = None,
    today: datetime.date,
) -> Receipt:
    """Take in one form with the files that came along; later calls with the same form may bring more files.

    Raises BadInstance for what is no form, OtherContent for another form under the same instanceID.
    """
    answers, taken = _read(content, sender, today)
    text = content.decode("utf-8-sig")
    try:
        with transaction.atomic():
            found = _known(answers.instance) or _take_in(answers, taken, text, sender, device, today)
    except IntegrityError:  # the same form came in twice at once, and the other was faster
        if (other := _known(answers.instance)) is None:
            raise
        found = other
    if found.xml != text or found.sender_id != sender.pk:
        raise OtherContent("another form was sent under this instanceID; make a new one")
    _keep_files(found, answers, files, sender, today)
    lacking = sorted(found.files.filter(hash="", problem="").values_list("name", flat=True))
    problems = [*found.problems, *found.files.exclude(problem="").values_list("problem", flat=True)]
    return Receipt(found.state, problems, found.conflicts.count(), lacking)


def _known(instance: str) -> Submission | None:
    rows = Submission.objects.everywhere(reason="whether this form came in before; its sender is compared")
    return rows.filter(instance=instance).first()


def _read(content: bytes, user: User, today: datetime.date) -> tuple[Answers, TakenForm | None]:
    """What the form says, and the form if others wrote it. A form that is not known here is kept for a person to read."""
    header = header_of(parsed(content))
    if is_visit(header.form):
        return read_instance(content), None
    form = forms_for(user, today).filter(form_id=header.form, version=header.version).last()
    if form is not None:
        names = frozenset(one.name for one in register_dictionary().members)
        return answers_of(form, content, names), form
    told = _("This form, or this version of it, is not known here. It is kept; the office looks at it.")
    return Answers(header.instance, header.form, "", 0, about_household=False, problems=(told,)), None


def _take_in(
    answers: Answers,
    form: TakenForm | None,
    text: str,
    user: User,
    device: Device | None,
    today: datetime.date,
) -> Submission:
    household = _household(answers.household)
    taken = _Taken(problems=list(answers.problems))
    scope = scope_of(user, today, Sight.CASES)
    if not answers.about_household:
        pass  # there is nobody of whom it could change anything
    elif household is None:
        taken.problems.append(_("This household is not known here."))
    elif not any(household.area.path.startswith(path) for path in scope):
        taken.problems.append(
            _("This household does not live in your area any more. The office looks at the form.")
        )
    elif household.status != HouseholdStatus.ACTIVE:
        taken.problems.append(
            _("This household is not on the register any more. The office looks at the form.")
        )
    else:
        _apply(answers, household, user, today, taken)
    state = State.FLAGGED if taken.problems else State.CONFLICT if taken.conflicts else State.APPLIED
    submission: Submission = Submission.objects.create(
        instance=answers.instance,
        form=answers.form[:60],
        taken_form=form,
        xml=text,
        sender=user,
        device=device,
        household=household,
        area_path=household.area.path if household else (scope[0] if scope else ""),
        visit=taken.visit,
        need=taken.need,
        state=state,
        problems=taken.problems,
        someone_else=answers.someone_else,
        received_at=timezone.now(),
    )
    for one in taken.conflicts:
        one.submission = submission
    Conflict.objects.bulk_create(taken.conflicts)
    SubmissionFile.objects.bulk_create(
        SubmissionFile(submission=submission, name=name[:120]) for name in dict.fromkeys(answers.files)
    )
    record(
        "field.receive",
        by=str(user.pk),
        subject_kind="submission",
        subject_id=str(submission.pk),
        area_path=submission.area_path,
        data={
            "device": device.pk if device else None,
            "household": household.key if household else "",
            "state": str(state),
            "conflicts": len(taken.conflicts),
            "problems": len(taken.problems),
        },
    )
    return submission


def _household(key: str) -> Household | None:
    rows = Household.objects.everywhere(
        reason="the household of a form; its area is compared with the sender's"
    )
    return rows.select_related("area").filter(key=key).first() if key else None


# --- What was said ---


def _apply(answers: Answers, household: Household, user: User, today: datetime.date, taken: _Taken) -> None:
    """Bring the answers into the record: the facts, the visit or the step of the case, the family's words."""
    day = answers.day or today
    if day > today:
        taken.problems.append(
            _("The form gives a day to come (%(day)s): is the phone's clock right? It counts as of today.")
            % {"day": day}
        )
        day = today
    values = _values(answers, household, user, day, today, taken)
    visitors = list(User.objects.filter(pk__in=[one for one in answers.visitors if one.isdecimal()]))
    try:
        with transaction.atomic():
            taken.visit = _take_step(answers, household, user, day, today, values, visitors)
    except REFUSED as error:
        taken.problems.append(_("The step of the case was not taken: %(why)s") % {"why": why_refused(error)})
    if taken.visit is None:
        taken.visit = _look(answers, household, user, day, today, values, visitors, taken)
    taken.problems += answer_audit(answers, taken.visit, by=user, today=today)
    _hear(answers, household, user, day, today, taken)


def _take_step(
    answers: Answers,
    household: Household,
    user: User,
    day: datetime.date,
    today: datetime.date,
    values: list[FactValue],
    visitors: list[User],
) -> Visit | None:
    """The step of the case for which the visit was made; None where it was made for none, or decided nothing yet."""
    undecided = answers.kind == "visit" and not answers.outcome
    if answers.case is None or answers.kind == "look" or undecided:
        return None
    case = Case.objects.visible_to(user, today).filter(pk=answers.case, household=household).first()
    if case is None:
        raise CaseError(_("this case is not one of this household"))
    if answers.kind == "follow_up":
        step = follow_up(
            case, by=user, day=day, today=today, visitors=visitors, values=values, note=answers.note
        )
    else:
        known = procedure_for(case).steps.get(answers.step)
        if known is None or known.through != Through.VISIT:
            raise CaseError(_("the form names no visit of this procedure"))
        step = record_visit(
            case,
            step=answers.step,
            outcome=answers.outcome,
            by=user,
            day=day,
            today=today,
            visitors=visitors,
            values=values,
            note=answers.note,
            proposed_class=answers.class_id,
            risks=answers.risks,
            reason=answers.reason,
        )
    return step.visit


def _look(
    answers: Answers,
    household: Household,
    user: User,
    day: datetime.date,
    today: datetime.date,
    values: list[FactValue],
    visitors: list[User],
    taken: _Taken,
) -> Visit | None:
    """A visit without a step: what was seen counts all the same. A worry opens a case."""
    try:
        with transaction.atomic():
            visit = record_look(
                household, by=user, day=day, today=today, visitors=visitors, values=values, note=answers.note
            )
            worried = answers.kind == "look" and answers.outcome == WORRY
            version = rulebooks_for([household]).get(household.pk) if worried else None
            if version is not None:
                visit.case = look_into(household, version.rulebook, by=user, day=day, today=today)
                visit.save(update_fields=["case"])
    except REFUSED as error:
        taken.problems.append(_("The visit was not recorded: %(why)s") % {"why": why_refused(error)})
        return None
    return visit


def _hear(
    answers: Answers,
    household: Household,
    user: User,
    day: datetime.date,
    today: datetime.date,
    taken: _Taken,
) -> None:
    """Keep the family's words. A recording alone becomes a need once it has arrived."""
    if answers.need_words:
        taken.need = record_need(
            household, words=answers.need_words, language=answers.need_language, by=user, day=day, today=today
        )


def _values(
    answers: Answers,
    household: Household,
    user: User,
    day: datetime.date,
    today: datetime.date,
    taken: _Taken,
) -> list[FactValue]:
    """The facts that can be written; what cannot is a problem or a conflict. Three queries, however many."""
    dictionary = register_dictionary()
    members = {one.key: one for one in household.members.filter(present=True)}
    newer = _newer(household, answers.base, str(user.pk))
    found = []
    for key, name, typed in answers.values:
        fact, member = dictionary.get(name), members.get(key)
        if fact is None or (fact.entity == "member") != bool(key):
            taken.problems.append(_("'%(fact)s' is no fact that can be answered here.") % {"fact": name[:60]})
        elif key and member is None:
            taken.problems.append(
                _("%(member)s is not a member of this household any more.") % {"member": key[:20]}
            )
        else:
            given = typed.split() if fact.type == "list" else typed
            try:
                value = canonical(fact, given, today=today)
            except NotAValue as error:
                taken.problems.append(_("%(fact)s: %(why)s") % {"fact": name, "why": why_refused(error)})
                continue
            other = newer.get((member.pk if member else None, name))
            if other is not None and other.value != value:
                taken.conflicts.append(_conflict(household, member, name, value, day, other))
            else:
                found.append(FactValue(name, value, member, confirmed=(key, name) in answers.confirmed))
    return found


def _newer(household: Household, base: int, sender: str) -> dict[tuple[int | None, str], Observation]:
    """What somebody else recorded of the household since the phone was told. One query; none without a base."""
    if not base:
        return {}
    rows = Observation.objects.everywhere(
        reason="what changed of a household in scope since a phone was told"
    )
    later = (
        rows.filter(household=household, pk__gt=base).exclude(by=sender).exclude(value=None).order_by("pk")
    )
    return {(one.member_id, one.fact): one for one in later}


def _conflict(
    household: Household, member: Member | None, fact: str, value: str, day: datetime.date, other: Observation
) -> Conflict:
    return Conflict(
        household=household, member=member, fact=fact, at_the_door=value, day=day, at_the_office=other
    )


# --- Files ---


def _keep_files(
    submission: Submission, answers: Answers, files: Mapping[str, Any], user: User, today: datetime.date
) -> None:
    """Keep the files that came and were still lacking. One that is refused is a problem, not an end."""
    lacking = {one.name: one for one in submission.files.filter(hash="", problem="")}
    for name, file in files.items():
        row = lacking.get(name[:120])
        if row is None:
            continue
        try:
            kept = keep_upload(
                file,
                area_path=submission.area_path,
                kind="visit",
                by=str(user.pk),
                today=today,
                behind="cases",
            )
        except UploadRefused as error:
            row.problem = str(error)
            row.save(update_fields=["problem"])
            continue
        row.hash = kept.hash
        row.save(update_fields=["hash"])
        if name == answers.need_audio:
            _add_recording(submission, kept.hash, answers, user, today)


def _add_recording(
    submission: Submission, digest: str, answers: Answers, user: User, today: datetime.date
) -> None:
    """The recording of the family's words joins its need, or becomes one."""
    if submission.need is not None:
        submission.need.audio = digest
        submission.need.save(update_fields=["audio"])
    elif submission.household is not None and submission.visit is not None:
        day = min(answers.day or today, today)
        submission.need = record_need(
            submission.household, language=answers.need_language, audio=digest, by=user, day=day, today=today
        )
        submission.save(update_fields=["need"])
