"""Screening runs: what each looked at, what it found, what it rests on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.methods.rules import Rulebook
from highground.signals.enums import Change
from highground.signals.models import Run
from highground.signals.queries import changes_of, rule_changes_of, runs_of, sees_whole
from highground.signals.rulebooks import book_of, rule_words, rules_of, said
from highground.web.lists import page_of
from highground.web.pictures import Bar

_NOTICES = {
    "household_gone": gettext_lazy(
        "%(count)s households with a clue are no longer on this register; their clues were not cleared."
    ),
    "household_left": gettext_lazy("%(count)s households without a clue are no longer on this register."),
    "members_without_household": gettext_lazy(
        "%(count)s member rows belong to no household of the register and were left out."
    ),
    "missing_parameter": gettext_lazy(
        "There is no value of “%(label)s” for %(households)s households: they cannot be judged by it."
    ),
    "unverified": gettext_lazy("“%(label)s” has not been verified against a source."),
    "unusable": gettext_lazy("%(count)s values of “%(label)s” cannot be right and count as missing."),
    "assumed": gettext_lazy("Nobody recorded “%(label)s”: it counts as true for every member."),
}


@require_GET
@sees(Sight.RUNS)
def runs(request: HttpRequest) -> HttpResponseBase:
    """The runs over one's areas, the last first, with what changed in one's own."""
    page, today = page_of(request, runs_of(request.user)), timezone.localdate()
    changes = changes_of(request.user, page.rows)
    rows = [
        {"run": run, "changes": changes[run.pk], "whole": sees_whole(request.user, run, today)}
        for run in page.rows
    ]
    return render(request, "signals/runs.html", {"page": page, "rows": rows})


@require_GET
@sees(Sight.RUNS)
def run(request: HttpRequest, number: int) -> HttpResponseBase:
    """One run: its changes by rule; for those who see its whole area also its counts, notices and manifest."""
    found = get_object_or_404(runs_of(request.user).select_related("previous"), pk=number)
    book = book_of(found.rulebook_version.hash)
    changes = [(rule_words(book, rule), counts) for rule, counts in rule_changes_of(request.user, found)]
    whole = sees_whole(request.user, found, timezone.localdate())
    totals = {change: sum(counts[change] for _label, counts in changes) for change in Change}
    context = {
        "run": found,
        "book": book,
        "whole": whole,
        "changes": changes,
        "totals": totals,
        "verdicts": _verdicts(found) if whole else [],
        "notices": _notices(found) if whole else [],
    }
    return render(request, "signals/run.html", context)


def _verdicts(run: Run) -> list[Bar]:
    verdicts = run.counts["verdicts"]
    return [
        Bar(_("Possible class"), verdicts["yes"], "clay"),
        Bar(_("Cannot tell"), verdicts["cannot_tell"], "plum"),
        Bar(_("No class"), verdicts["no"], "green"),
    ]


def _notices(run: Run) -> list[str]:
    """The notices in the reader's language. Those that name households name only how many."""
    found = []
    book = book_of(run.rulebook_version.hash)
    for notice in run.manifest["notices"]:
        text = _notice(notice, book)
        if text not in found:
            found.append(text)
    return found


def _notice(notice: dict[str, Any], book: Rulebook) -> str:
    """One notice; a kind that is not known here in the words of the run."""
    details = notice["details"]
    if notice["kind"] not in _NOTICES:
        return str(notice["message"])
    about = details.get("parameter") or details.get("name") or details.get("column") or ""
    return str(_NOTICES[notice["kind"]]) % {**details, "label": _name(book, about)}


def _name(book: Rulebook, name: str) -> str:
    """What a part of a rulebook, or a fact, is called."""
    if name == "counted":
        return said(book.counted.label)
    labels = {
        **{fact.name: fact.label for fact in book.dictionary.values()},
        **{one.id: one.label for one in book.vetoes},
        **{rule: one.label for rule, one in rules_of(book).items()},
        **{
            key: one.label
            for group in (book.parameters, book.derived, book.conditions)
            for key, one in group.items()
        },
    }
    return said(labels.get(name)) or name
