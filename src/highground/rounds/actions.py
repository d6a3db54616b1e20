"""Draw the audit, and record what the visits found."""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from django.db import transaction
from django.utils.translation import gettext as _

from highground.accounts.enums import Role, Sight
from highground.accounts.models import User
from highground.accounts.queries import holds, may_see
from highground.areas.models import Area
from highground.audit.actions import record
from highground.cases.actions.opening import OPENERS, look_into
from highground.cases.actions.visiting import record_look
from highground.cases.models import Visit
from highground.methods.risk import Draw, draw_audit
from highground.methods.rounds.visits import SHARE
from highground.methods.rules.procedure.graph import Through
from highground.methods.rules.procedure.path import NotAllowed
from highground.rounds.enums import Outcome
from highground.rounds.frame import COLUMNS, STRATA, Frame, frame_of
from highground.rounds.models import AuditDraw, AuditVisit
from highground.signals.models import RulebookVersion
from highground.signals.rulebooks import book_of

BATCH = 2000
LARGEST_SEED = 2**63 - 1


class RoundsError(RuntimeError):
    """Something that cannot be done in the rounds; the message says why and what to do instead."""


@dataclass(frozen=True)
class Prepared:
    """What a draw would take: the households that could be drawn, and the sample that the seed gives."""

    frame: Frame
    drawn: Draw


def prepare(area: Area, *, rulebook: str, seed: int, share: float, today: datetime.date) -> Prepared:
    """Look what a draw would take, without keeping it. The same seed on the same register gives the same sample.

    Raises RoundsError where nothing can be drawn, and `methods.risk.InputError` for a share or seed out of range.
    """
    if not RulebookVersion.objects.filter(rulebook=rulebook).exists():
        raise RoundsError(
            _("The rulebook %(name)s was never used here. Screen by it first.") % {"name": rulebook}
        )
    if seed > LARGEST_SEED:
        raise RoundsError(_("The seed is too large. Give one up to %(most)s.") % {"most": LARGEST_SEED})
    frame = frame_of(area, rulebook=rulebook, today=today)
    if not frame.unflagged.num_rows:
        raise RoundsError(
            _("Something flags every household of %(area)s. There is nobody to draw.") % {"area": area}
        )
    return Prepared(frame, draw_audit(frame.unflagged, strata=STRATA, seed=seed, share=share))


def draw(
    area: Area, *, rulebook: str, seed: int, share: float = SHARE, by: User | str, today: datetime.date
) -> AuditDraw:
    """Draw the households of `area` that are visited although nothing flags them; one event.

    `by` is a county officer of that area, or the name of the command. Raises NotAllowed, and as `prepare` does.
    """
    if isinstance(by, User) and not may_draw(by, area, today):
        raise NotAllowed("role", "the audit is drawn by a county officer of the area")
    prepared = prepare(area, rulebook=rulebook, seed=seed, share=share, today=today)
    frame, drawn = prepared.frame, prepared.drawn
    cells, place = _cells(frame)
    who = str(by.pk) if isinstance(by, User) else by
    facts = {row["household"]: row for row in _drawn(frame, drawn.sample).to_pylist()}
    ids = "\n".join(sorted(facts))
    # Reading a county takes a while: nobody who writes waits for it.
    with transaction.atomic():
        made: AuditDraw = AuditDraw.objects.create(
            area=area,
            rulebook=rulebook,
            drawn_on=today,
            seed=seed,
            share=share,
            population=frame.unflagged.num_rows,
            drawn=drawn.sample.num_rows,
            cells=cells,
            by=who,
        )
        AuditVisit.objects.bulk_create(
            (
                AuditVisit(
                    draw=made,
                    household_id=facts[row["household"]]["pk"],
                    stratum=" / ".join(row[name] or "-" for name in STRATA),
                    cell=place[tuple(facts[row["household"]][name] for name in COLUMNS)],
                    probability=row["probability"],
                )
                for row in drawn.sample.to_pylist()
            ),
            batch_size=BATCH,
        )
        record(
            "rounds.draw",
            by=who,
            subject_kind="audit_draw",
            subject_id=str(made.pk),
            area_path=area.path,
            data={
                "rulebook": rulebook,
                "seed": seed,
                "share": str(share),
                "population": made.population,
                "drawn": made.drawn,
                "content": hashlib.sha256(ids.encode()).hexdigest(),
            },
        )
    return made


def may_draw(user: User, area: Area, today: datetime.date) -> bool:
    """Whether a person draws the audit of an area."""
    return holds(user, today, [Role.COUNTY_OFFICER], area.path) is not None


@transaction.atomic
def record_outcome(
    item: AuditVisit,
    *,
    outcome: str,
    by: User,
    day: datetime.date,
    today: datetime.date,
    visitors: Sequence[User] = (),
    note: str = "",
) -> AuditVisit:
    """What a visit to a drawn household found; `yes` opens its case where none is under way.

    `visitors` went besides `by`. Who may visit there by the rulebook's procedure may say so. "Cannot tell" can be
    followed by an answer, an answer stands. Raises NotAllowed, RoundsError, CaseError.
    """
    household, path = item.household, item.household.area.path
    if not may_see(by, today, Sight.CASES, path):
        raise NotAllowed("role", "the household lies outside your area")
    roles = visitors_of(item.draw.rulebook)
    if holds(by, today, roles, path) is None:
        raise NotAllowed("role", f"a visit is made by: {', '.join(str(role.label) for role in roles)}")
    if outcome not in Outcome.values:
        raise RoundsError(_("This is no outcome. Choose one of those offered."))
    if not item.draw.drawn_on <= day <= today:
        raise RoundsError(
            _("Give a day from the day of the draw, %(day)s, up to today.") % {"day": item.draw.drawn_on}
        )
    visits = AuditVisit.objects.everywhere(reason="a visit of the audit reached in scope is locked")
    kept: AuditVisit = visits.select_for_update().get(pk=item.pk)
    kept.household = household
    if kept.outcome not in ("", Outcome.CANNOT_TELL):
        raise RoundsError(_("This visit has its answer already."))
    case = None
    if outcome == Outcome.YES:
        case = look_into(household, item.draw.rulebook, by=by, day=day, today=today)
    visit = record_look(household, by=by, day=day, today=today, visitors=visitors, note=note)
    if case is not None:
        visit.case = case
        visit.save(update_fields=["case"])
    _keep(kept, visit, outcome, by)
    return kept


@transaction.atomic
def record_from_visit(visit: Visit, *, outcome: Outcome, by: User, today: datetime.date) -> list[AuditVisit]:
    """Record what a visit found that was made anyway, in every draw of its household that waits for an answer.

    `yes` opens the case by the rulebook of the draw where none is under way. A draw after the day of the visit, and one
    by a rulebook by which `by` does not visit, go on waiting. One query where none waits. Raises as `look_into` does.
    """
    audits = AuditVisit.objects.everywhere(reason="the audit of a household that was visited in scope")
    waiting = audits.filter(
        household=visit.household_id, outcome__in=["", Outcome.CANNOT_TELL], draw__drawn_on__lte=visit.day
    )
    found = []
    for item in (
        waiting.select_related("draw", "household__area").select_for_update(of=["self"]).order_by("pk")
    ):
        rulebook = item.draw.rulebook
        if holds(by, today, visitors_of(rulebook), item.household.area.path) is None:
            continue
        if outcome == Outcome.YES and visit.case is None:
            visit.case = look_into(item.household, rulebook, by=by, day=visit.day, today=today)
            visit.save(update_fields=["case"])
        _keep(item, visit, outcome, by)
        found.append(item)
    return found


def _keep(item: AuditVisit, visit: Visit, outcome: str, by: User) -> None:
    """Write the outcome beside the household that was drawn; one event."""
    item.visit, item.outcome, item.day, item.by = visit, outcome, visit.day, str(by.pk)
    item.save(update_fields=["outcome", "day", "visit", "by"])
    record(
        "rounds.outcome",
        by=str(by.pk),
        subject_kind="audit_draw",
        subject_id=str(item.draw_id),
        area_path=item.household.area.path,
        data={
            "household": item.household.key,
            "outcome": str(outcome),
            "day": visit.day.isoformat(),
            "case": visit.case_id,
        },
    )


def visitors_of(rulebook: str) -> list[Role]:
    """The roles that visit by the procedure of a rulebook; those that open cases where it has none."""
    version = RulebookVersion.objects.filter(rulebook=rulebook).order_by("-pk").first()
    procedure = book_of(version.hash).procedure if version else None
    named = {name for step in procedure.through(Through.VISIT) for name in step.roles} if procedure else set()
    return [role for role in Role if role in named] or list(OPENERS)


def _cells(frame: Frame) -> tuple[list[dict[str, str | int | None]], dict[tuple[str | None, ...], int]]:
    """The totals of the estimate, cell by cell, and the place of each cell."""
    rows = zip(*(frame.unflagged.column(name).to_pylist() for name in COLUMNS), strict=True)
    unflagged: Counter[tuple[str | None, ...]] = Counter(rows)
    known = sorted({*unflagged, *frame.found}, key=lambda cell: [(one is None, one or "") for one in cell])
    cells = [
        {**dict(zip(COLUMNS, cell, strict=True)), "unflagged": unflagged[cell], "found": frame.found[cell]}
        for cell in known
    ]
    return cells, {cell: place for place, cell in enumerate(known)}


def _drawn(frame: Frame, sample: pa.Table) -> pa.Table:
    """The rows of the frame that were drawn."""
    return frame.unflagged.join(sample.select(["household"]), keys="household", join_type="inner")
