"""Rulebooks to read: what each class asks, in words, with the parameters and the sources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.methods.rules import Rulebook, list_rulebooks, load_rulebook
from highground.methods.rules.describing import say_sustained
from highground.methods.rules.explaining.words import finished
from highground.methods.rules.monitoring import SUSTAINED
from highground.methods.rules.reading import shipped
from highground.methods.rules.sentences import say, say_number
from highground.methods.rules.tree import ConditionValue, DerivedAmount, Node, walk
from highground.methods.screening.price import PricedQuestion
from highground.signals.models import RulebookVersion
from highground.signals.places import areas_of
from highground.signals.pricing import Known, known_of, priced, priced_already, without
from highground.signals.procedures import shown_procedure
from highground.signals.rulebooks import book_of, fact_label, rule_label, said
from highground.web.numbers import in_chinese, listed

Shown = dict[str, Any]

MOST_FLIPS = 3
"""Of the verdicts between which an answer decides the most frequent are named."""


@require_GET
@sees(Sight.RULEBOOKS)
def rulebooks(request: HttpRequest) -> HttpResponseBase:
    """The rulebooks that ship with Highground, and those of one's own that were used here."""
    books = {book.id: book for book in list_rulebooks()}
    used = dict(RulebookVersion.objects.order_by("pk").values_list("rulebook", "hash"))
    for name, version in used.items():
        books[name] = book_of(version)
    ordered = sorted(books.items(), key=lambda item: (item[0] not in used, item[0]))
    rows = [{"book": book, "used": name in used} for name, book in ordered]
    return render(request, "signals/rulebooks.html", {"rows": rows, "used": len(used)})


@require_GET
@sees(Sight.RULEBOOKS)
def rulebook(request: HttpRequest, name: str) -> HttpResponseBase:
    """One rulebook in words, as it was used here last, else as it ships."""
    book, used = _book(name)
    language = "zh" if in_chinese() else "en"
    known = _known(request, book)
    context = {
        "price": priced_already(book, known) if known else None,
        "may_price": known is not None,
        "book": book,
        "used": used,
        "classes": [_rule(book, one, language) for one in book.classes],
        "clues": [_rule(book, one, language) for one in book.clues],
        "vetoes": [
            {
                "label": veto.label,
                "verified": veto.verified,
                "source": veto.source,
                "says": say(veto.expression, book, language),
                "exceptions": listed([said(one.label) for one in veto.exceptions]),
            }
            for veto in book.vetoes
        ],
        "exit": _exit(book, language),
        "checks": book.checks,
        "parameters": book.parameters.values(),
        "procedure": shown_procedure(book.procedure) if book.procedure else None,
        "counted": {
            "label": book.counted.label,
            "says": say(book.counted.expression, book, language),
            "verified": book.counted.verified,
        },
    }
    return render(request, "signals/rulebook.html", context)


@require_GET
@sees(Sight.RUNS)
def rulebook_price(request: HttpRequest, name: str) -> HttpResponseBase:
    """What the questions of a rulebook cost in the area in view; `?without=FACT` (again and again) says what if."""
    book, used = _book(name)
    known = _known(request, book)
    told = priced(book, known) if known else None
    wanted = [one.fact for one in told.facts if one.fact in request.GET.getlist("without")] if told else []
    lost = without(book, known, wanted) if known and wanted else None
    context = {
        "book": book,
        "used": used,
        "known": known,
        "price": told,
        "rows": [_priced_row(book, one, wanted) for one in told.facts] if told else [],
        "lost": lost,
        "lost_names": listed([said(fact_label(book, one)) for one in wanted]),
    }
    return render(request, "signals/price.html", context)


def _priced_row(book: Rulebook, one: PricedQuestion, wanted: Sequence[str]) -> Shown:
    """One fact: how often it is asked, how long that takes, what needs it and between which verdicts it decides."""
    return {
        "fact": one.fact,
        "label": capfirst(said(fact_label(book, one.fact))),
        "asked": round(one.asked),
        "minutes": round(one.minutes),
        "needed_by": listed([said(rule_label(book, rule)) for rule in one.needed_by]),
        "flips": [(_flip(book, flip), count) for flip, count in list(one.flips.items())[:MOST_FLIPS]],
        "more": max(len(one.flips) - MOST_FLIPS, 0),
        "wanted": one.fact in wanted,
    }


def _flip(book: Rulebook, flip: str) -> str:
    """Between which verdicts an answer decides, or which clue rule it fires."""
    words = {"no": _("no class"), "cannot_tell": _("cannot tell"), "yes": _("a class")}
    named = [words.get(side) or said(rule_label(book, side)) for side in flip.split(" / ")]
    return (
        _("%(first)s or %(second)s") % {"first": named[0], "second": named[1]} if len(named) > 1 else named[0]
    )


def _book(name: str) -> tuple[Rulebook, bool]:
    """A rulebook as it was used here last, else as it ships; and whether it was used."""
    versions = RulebookVersion.objects.filter(rulebook=name).order_by("-pk")
    version = versions.values_list("hash", flat=True).first()
    if version is None and name not in shipped():
        raise Http404
    return (book_of(version), True) if version else (load_rulebook(name), False)


def _known(request: HttpRequest, book: Rulebook) -> Known | None:
    """The register by which a price can be told to this person."""
    area, chosen = areas_of(request, Sight.RUNS)
    place = chosen or area
    if place is None or not may_see(request.user, timezone.localdate(), Sight.RUNS, place.path):
        return None
    return known_of(request.user, place, book)


def _rule(book: Rulebook, rule: Any, language: str) -> Shown:
    """A class or clue rule as a sentence, with everything that it names unfolded, deepest last."""
    return {
        "id": rule.id,
        "label": rule.label,
        "severity": rule.severity,
        "visit_within": rule.visit_within,
        "verified": rule.verified,
        "source": book.sources.get(rule.source or ""),
        "says": finished(say(rule.expression, book, language), language),
        "named": list(_unfolded(book, rule.expression.tree, language, set())),
    }


def _exit(book: Rulebook, language: str) -> Shown | None:
    """What must hold before a risk is marked as eliminated, and which way of leaving does not ask all of it."""
    rules = book.exit
    if rules is None:
        return None
    asked: list[Shown] = [
        {"id": one.id, "label": one.label, "verified": one.verified} for one in rules.conditions
    ]
    if rules.sustained is not None:
        held = rules.sustained
        says = say_sustained(held, language)
        asked.append({"id": SUSTAINED, "label": held.label, "verified": held.verified, "says": says})
    labels = {one["id"]: said(one["label"]) for one in asked}
    ways = [
        {
            "label": mode.label,
            "verified": mode.verified,
            "without": listed([labels[name] for name in mode.without]),
        }
        for mode in rules.modes.values()
        if mode.without
    ]
    return {"asked": asked, "ways": ways}


def _unfolded(book: Rulebook, tree: Node, language: str, seen: set[str]) -> list[Shown]:
    """The conditions and amounts that an expression names, and those that these name, each once."""
    found: list[Shown] = []
    for node in walk(tree):
        if not isinstance(node, ConditionValue | DerivedAmount) or node.name in seen:
            continue
        seen.add(node.name)
        amount = isinstance(node, DerivedAmount)
        named = (book.derived if amount else book.conditions)[node.name]
        says = (say_number if amount else say)(named.expression, book, language)
        found.append({"label": named.label, "says": says, "verified": named.verified, "amount": amount})
        found += _unfolded(book, named.expression.tree, language, seen)
    return found
