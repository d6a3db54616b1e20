"""One clue: why, how the figure is made up, on what evidence, what to do, what would clear it, by which rule."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.models import User
from highground.audit.actions import log_access
from highground.methods.rules.statement import facts_of
from highground.people.masking import masked, opens_persons
from highground.people.models import Household
from highground.people.queries import statements_of
from highground.signals.enums import ClueKind
from highground.signals.figures import asked, picture_of, rule_in, value_of
from highground.signals.joined import actions_for
from highground.signals.kept import RunGone, explain_again
from highground.signals.models import Clue, Sighting
from highground.signals.rulebooks import book_of, rule_label, rules_of, said
from highground.signals.trails import area_trail
from highground.web.numbers import day, due, listed, number

Json = dict[str, Any]


@require_GET
@sees(Sight.HOUSEHOLDS)
def clue(request: HttpRequest, number: int) -> HttpResponseBase:
    """A clue with its explanation, as the last run saw it. The look is logged."""
    found = get_object_or_404(
        Clue.objects.visible_to(request.user).select_related(
            "household__area__parent",
            "run_opened",
            "run_last__rulebook_version",
            "run_last__area",
            "cleared_by",
        ),
        pk=number,
    )
    household, today = found.household, timezone.localdate()
    log_access(
        by=str(request.user.pk),
        page="signals.clue",
        subject_kind="household",
        subject_id=household.key,
        area_path=household.area.path,
    )
    book = book_of(found.run_last.rulebook_version.hash)
    label = said(rule_label(book, found.rule))
    context = {
        "clue": found,
        "book": book,
        "label": label,
        "title": _title(found, label),
        "tags": _tags(found, today),
        "today": today,
        "actions": actions_for(found, request.user, today),
        "trail": [
            (_("Clues"), reverse("signals:clues")),
            *area_trail(request.user, household.area, today)[-2:],
            (_("Household %(number)s") % {"number": household.number}, ""),
        ],
        "sightings": Sighting.objects.visible_to(request.user)
        .filter(clue=found)
        .select_related("run")
        .order_by("run"),
        **_explained(found, opens_persons(request.user, household, today)),
    }
    return render(request, "signals/clue.html", context)


def _title(clue: Clue, label: str) -> str:
    """A class is never said as a fact about a family."""
    if clue.kind == ClueKind.CLASS:
        return _("Possible: %(label)s") % {"label": label}
    return _("To look into: %(label)s") % {"label": label}


def _tags(clue: Clue, today: datetime.date) -> list[tuple[str, str]]:
    left = (clue.due_on - today).days
    late = _("visit: %(due)s") % {"due": due(clue.due_on, today)}
    tags = [(late, "clay" if left <= 1 else "gold" if left <= 7 else "water")]
    if clue.run_opened_id == clue.run_last_id:
        tags.append((_("new"), "clay"))
    if clue.cleared_by:
        tags.append((_("cleared since"), "green"))
    if clue.stale:
        tags.append((_("cannot tell any more"), "plum"))
    return tags


def _explained(clue: Clue, opens: bool) -> dict[str, Any]:
    """What the run's folder says, ready for the page; nothing but a note where the folder is gone."""
    try:
        content = explain_again(clue.run_last, clue.household.key).as_dict()
    except (RunGone, KeyError):
        return {"gone": True}
    rule = rule_in(content, clue.rule)
    if rule is None:
        return {"gone": True}
    book = book_of(clue.run_last.rulebook_version.hash)
    wanted = facts_of(book, rules_of(book)[clue.rule].expression.tree)
    entered = _entered(clue.household)
    values = [_row(value, "", entered) for value in content["values"]]
    members = [
        _row(value, member["id"], entered, opens)
        for member in content["members"]
        for value in member["values"]
    ]
    clears = next((one for one in content["clears"] if one["id"] == clue.rule), None)
    return {
        "content": content,
        "rule": rule,
        "picture": picture_of(content, rule),
        "asked": asked(content, rule),
        "asked_note": _asked_note(rule["reason"]["kind"]),
        "rests_on": [row for row in (*values, *members) if row["fact"] in wanted],
        "other_values": [row for row in values if row["fact"] not in wanted],
        "clears": clears["alternatives"] if clears else [],
        "gaps": _gaps(content),
        "vetoes": [veto for veto in content["vetoes"] if veto["reason"]["verdict"] == "yes"],
        "summary": _summary(clue, content, wanted),
        "window_note": _window_note(content),
    }


def _entered(household: Household) -> dict[tuple[str, str, str], str]:
    """Who entered a value, by member's pseudonym (empty for the household's own), fact and day."""
    rows = (
        statements_of(household, household.members.all())
        .order_by("recorded_at", "pk")
        .values_list("member__key", "fact", "valid_from", "by")
    )
    found = {(member or "", fact, day.isoformat()): by for member, fact, day, by in rows}
    ids = {by for by in found.values() if by.isdecimal()}
    names = {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}
    return {key: names.get(by, by) for key, by in found.items()}


def _row(
    value: Json, member: str, entered: dict[tuple[str, str, str], str], opens: bool = True
) -> dict[str, Any]:
    shown = value["said"] or value["stale_said"]
    text = said(shown) if shown else ""
    since = value["day"]
    return {
        "fact": value["fact"],
        "label": said(value["label"]),
        "member": member,
        "value": masked() if text and member and value["sensitive"] and not opens else text,
        "status": value["status"],
        "day": datetime.date.fromisoformat(since) if since and shown else None,
        "stale_since": datetime.date.fromisoformat(value["stale_since"]) if value["stale_since"] else None,
        "source": value["source"] or "",
        "assumed": value["assumed"],
        "by": entered.get((member, value["fact"], since or ""), "") if shown else "",
    }


def _gaps(content: Json) -> list[str]:
    """What is not known and would settle something: what to ask at the door, each once."""
    found: list[str] = []
    for settling in content["settles"]:
        found += [text for gap in settling["gaps"] if (text := said(gap["said"])) not in found]
    return found


def _summary(clue: Clue, content: Json, wanted: set[str]) -> list[tuple[str, str]]:
    persons = content["persons"]
    counted = value_of(persons)
    values = [*content["values"], *(value for member in content["members"] for value in member["values"])]
    open_ones = [
        said(value["label"]) for value in values if value["status"] != "known" and value["fact"] in wanted
    ]
    return [
        (
            _("Counted"),
            _("%(count)s people: %(who)s")
            % {"count": number(counted) if counted is not None else "?", "who": said(persons["said"])},
        ),
        (_("Missing or stale"), listed(list(dict.fromkeys(open_ones))) or _("nothing that this rule reads")),
        (
            _("Opened"),
            _("by the run of %(day)s") % {"day": day(clue.run_opened.as_of)},
        ),
    ]


def _asked_note(kind: str) -> str:
    """How the conditions of a rule hang together."""
    return {
        "all": _("All of it must hold, or the rule says no."),
        "any": _("One of these is enough for the rule to say yes."),
    }.get(kind, "")


def _window_note(content: Json) -> str:
    """For whom and for which months the figures stand."""
    persons = value_of(content["persons"])
    people = (
        _("%(count)s people") % {"count": number(persons)} if persons is not None else _("people not known")
    )
    if not content["window"]:
        return people
    first, last = (day(datetime.date.fromisoformat(one)) for one in content["window"])
    return _("%(people)s, %(first)s to %(last)s") % {"people": people, "first": first, "last": last}
