"""The rounds as people see them: who is still to be visited, who was never seen, who is missed."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.models import Grant
from highground.accounts.queries import holds, may_see
from highground.areas.models import Area
from highground.areas.queries import ancestor_paths
from highground.cases.actions.visiting import oldest_day
from highground.cases.flow import CaseError
from highground.methods.facts import load_dictionary
from highground.methods.rules.procedure.path import NotAllowed
from highground.rounds.actions import RoundsError, may_draw, record_outcome, visitors_of
from highground.rounds.enums import Outcome
from highground.rounds.models import AuditVisit
from highground.rounds.planning import grants_in
from highground.rounds.queries import audits_in, missed_of, never_seen
from highground.signals.places import areas_of
from highground.signals.rulebooks import said
from highground.web.export import csv_response
from highground.web.lists import Pill, page_of, pill
from highground.web.numbers import number, percent

OPEN = Q(outcome="")
SHOWN = {"open": OPEN, "answered": ~OPEN}


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def visits(request: HttpRequest) -> HttpResponseBase:
    """The households that were drawn: those to visit, or with `?show=answered` what was found."""
    user: Any = request.user
    today = timezone.localdate()
    if request.method == "POST":
        return _answer(request, user, today)
    place = place_of(request, Sight.CASES)
    found = audits_in(place, user, today)
    counts = found.aggregate(**{name: Count("pk", filter=shown) for name, shown in SHOWN.items()})
    show = request.GET.get("show", "open")
    show = show if show in SHOWN else "open"
    listed = found.filter(SHOWN[show]).select_related("draw", "household__area__parent")
    listed = listed.order_by("draw__drawn_on", "household__area__path", "household__number", "pk")
    if request.GET.get("format") == "csv":
        return csv_response("audit.csv", _draw_header(), map(_draw_cells, listed.iterator(chunk_size=2000)))
    page = page_of(request, listed, total=counts[show])
    roles = {name: visitors_of(name) for name in sorted({row.draw.rulebook for row in page.rows})}
    rows = [
        (row, holds(user, today, roles[row.draw.rulebook], row.household.area.path) is not None)
        for row in page.rows
    ]
    labels = {"open": _("To visit"), "answered": _("Visited")}
    context = {
        "page": page,
        "rows": [(row, may and row.outcome in ("", Outcome.CANNOT_TELL)) for row, may in rows],
        "answering": _answering(found, request.GET.get("answer", ""), user, today),
        "may_draw": place is not None and may_draw(user, place, today),
        "pills": [
            Pill(
                label,
                pill(request, label, show=None if name == "open" else name).url,
                counts[name],
                name == show,
            )
            for name, label in labels.items()
        ],
        "counts": counts,
        "show": show,
        "outcomes": Outcome.choices,
        "today": today,
        "tabs": tabs(request, user, today),
    }
    return render(request, "rounds/visits.html", context)


def _answering(
    found: QuerySet[AuditVisit], asked: str, user: Any, today: datetime.date
) -> dict[str, Any] | None:
    """The household whose visit is being recorded, and who may have gone along. Two queries."""
    item = found.select_related("draw", "household__area").filter(pk=_number(asked)).first()
    if item is None or item.outcome not in ("", Outcome.CANNOT_TELL):
        return None
    companions = _companions(item, today)
    if user.pk not in companions:
        return None
    return {
        "item": item,
        "others": [one for pk, one in companions.items() if pk != user.pk],
        "first": max(item.draw.drawn_on, oldest_day(today)),
    }


def _companions(item: AuditVisit, today: datetime.date) -> dict[int, Grant]:
    """Who may visit the household, by the id of the user. One query besides that for the rulebook."""
    roles = visitors_of(item.draw.rulebook)
    reaching = [*ancestor_paths(item.household.area.path), item.household.area.path]
    grants = grants_in(item.household.area, today)
    return {
        grant.user_id: grant
        for grant in sorted(grants, key=lambda grant: str(grant.user))
        if grant.role in roles and grant.area and grant.area.path in reaching
    }


def _number(text: str) -> int:
    """A key that was sent; 0, which none has, for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


def _answer(request: HttpRequest, user: Any, today: datetime.date) -> HttpResponseBase:
    """Record what a visit found; what cannot be recorded is said on the list."""
    sent = request.POST
    item = get_object_or_404(
        AuditVisit.objects.visible_to(user, today).select_related("draw", "household__area"),
        pk=_number(sent.get("item", "")),
    )
    companions = _companions(item, today)
    also = [companions[pk].user for pk in map(_number, sent.getlist("visitors")) if pk in companions]
    try:
        record_outcome(
            item,
            outcome=sent.get("outcome", ""),
            by=user,
            day=datetime.date.fromisoformat(sent.get("day", "")),
            today=today,
            visitors=also,
            note=sent.get("note", ""),
        )
    except NotAllowed:
        messages.error(request, _("Your role does not visit there. Ask somebody whose role does."))
    except (RoundsError, CaseError) as error:
        messages.error(request, capfirst(str(error)))
    except ValueError:
        messages.error(request, _("This is no date; write for example 2024-06-30."))
    else:
        messages.success(request, _("Saved."))
    return redirect("rounds:visits")


@require_GET
@sees(Sight.CASES)
def unseen(request: HttpRequest) -> HttpResponseBase:
    """The households that nobody visited and no department told of for twelve months."""
    user: Any = request.user
    today = timezone.localdate()
    found = never_seen(user, place_of(request, Sight.CASES), today).select_related("area__parent")
    page = page_of(request, found.order_by("area__path", "number", "pk"))
    context = {"page": page, "tabs": tabs(request, user, today)}
    return render(request, "rounds/never_seen.html", context)


@require_GET
@sees(Sight.COUNTS)
def who_is_missed(request: HttpRequest) -> HttpResponseBase:
    """How many families in difficulty nothing flags, as a range, and who they are by group."""
    user: Any = request.user
    today = timezone.localdate()
    area = place_of(request, Sight.COUNTS)
    assert area is not None  # who sees counts sees them somewhere
    estimate = missed_of(area, user, today)
    groups = estimate.result.groups.to_pylist() if estimate.result else []
    if request.GET.get("format") == "csv":
        return csv_response("missed.csv", _estimate_header(), map(_estimate_cells, _rows(groups)))
    whole = groups[0] if groups and groups[0]["missed"] is not None else None
    context = {
        "area": area,
        "estimate": estimate,
        "title": _title(whole, bool(groups)),
        "sentence": _sentence(whole),
        "whole": whole,
        "rows": _rows(groups),
        "under_way": [(one, one.drawn - one.open, one.drawn) for one in estimate.under_way],  # type: ignore[attr-defined]
        "tabs": tabs(request, user, today),
    }
    return render(request, "rounds/missed.html", context)


def _title(whole: dict[str, Any] | None, drawn: bool) -> str:
    if whole is None:
        return _("Too few answers to say who is missed") if drawn else _("Nobody knows yet who is missed")
    return _("Between %(low)s and %(high)s families in difficulty are missed") % {
        "low": number(round(whole["missed_low"])),
        "high": number(round(whole["missed_high"])),
    }


def _sentence(whole: dict[str, Any] | None) -> str:
    if whole is None:
        return _("Only visits to households that nothing flags can tell.")
    told = _("The range is the answer, not its middle (%(middle)s).") % {
        "middle": number(round(whole["missed"]))
    }
    if whole["share"] is None:
        return told
    share = _("Of all families in difficulty these are %(low)s to %(high)s.") % {
        "low": percent(whole["share_low"]),
        "high": percent(whole["share_high"]),
    }
    return f"{told} {share}"


def _rows(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows of the table; a group with too few answers has no figure, only its name."""
    names = {one["group"] for one in groups if one["by"] == "county"}
    counties = {area.code: str(area) for area in Area.objects.filter(code__in=names - {None})}
    told = {name: load_dictionary()[name].values for name in ("sex", "ethnicity")}
    fed = fed_words()
    kinds = {
        "all": "",
        "county": _("county"),
        "sex": _("sex of the head"),
        "ethnicity": _("ethnicity"),
        "fed": _("data"),
    }
    rows = []
    for one in groups:
        by, group = one["by"], one["group"]
        if by == "all":
            label = _("everybody")
        elif group is None:
            label = _("not recorded")
        elif by == "county":
            label = counties.get(group, group)
        elif by in told:
            label = said(told[by][group]) if group in told[by] else group
        else:
            label = fed[group] if by == "fed" else group
        known = one["suppressed"] is None and one["missed_low"] is not None
        middle, low, high = (one[f"missed{end}"] for end in ("", "_low", "_high"))
        rows.append(
            {
                "kind": kinds[by],
                "label": label,
                "known": known,
                "range": f"{number(round(low))} – {number(round(high))}" if known else "",
                "middle": number(round(middle)) if known else "",
                "share": _share(one) if known else "",
                "answered": one["answered"],
                "figures": [round(one[name]) for name in ("missed", "missed_low", "missed_high")]
                if known
                else [],
                "shares": [one[name] for name in ("share", "share_low", "share_high")] if known else [],
            }
        )
    return rows


def fed_words() -> dict[str, str]:
    """Whether some department's data cover a household, in words."""
    return {"yes": _("in the data of a department"), "no": _("in no department's data")}


def _estimate_header() -> list[str]:
    return [
        _("Group"), _("What groups"), _("Middle"), _("Missed, at least"), _("Missed, at most"),
        _("Share, middle"), _("Share, at least"), _("Share, at most"), _("Answers"),
    ]  # fmt: skip


def _estimate_cells(row: dict[str, Any]) -> list[Any]:
    """One group; one with too few answers has its name and nothing else."""
    if not row["known"]:
        return [row["label"], row["kind"], *[None] * 7]
    return [row["label"], row["kind"], *row["figures"], *row["shares"], row["answered"]]


def _draw_header() -> list[str]:
    return [
        _("Draw"), _("Drawn on"), _("Seed"), _("Stratum"), _("Probability"), _("Household"), _("Pseudonym"),
        _("Village"), _("What the visit found"), _("Day"),
    ]  # fmt: skip


def _draw_cells(row: AuditVisit) -> list[Any]:
    """One household that was drawn, with all that repeats the draw."""
    draw, household = row.draw, row.household
    return [
        draw.pk, draw.drawn_on, draw.seed, row.stratum, row.probability, household.number, household.key,
        str(household.area), row.get_outcome_display(), row.day,
    ]  # fmt: skip


def _share(one: dict[str, Any]) -> str:
    if one["share_low"] is None or one["share_high"] is None:
        return ""
    return f"{percent(one['share_low'])} – {percent(one['share_high'])}"


def place_of(request: HttpRequest, sight: Sight) -> Area | None:
    """The area that a page of the rounds is of."""
    area, chosen = areas_of(request, sight)
    return chosen or area


def tabs(request: HttpRequest, user: Any, today: datetime.date) -> list[Pill]:
    """The pages of the rounds that this person may open."""
    sees_cases = may_see(user, today, Sight.CASES)
    doors = [
        ("rounds:plan", _("Plan"), sees_cases),
        ("rounds:visits", _("Drawn by lot"), sees_cases),
        ("rounds:never_seen", _("Never seen"), sees_cases),
        ("rounds:missed", _("Who is missed"), may_see(user, today, Sight.COUNTS)),
    ]
    return [
        Pill(label, reverse(name), current=reverse(name) == request.path) for name, label, may in doors if may
    ]
