"""Rulebooks to read: what each class asks, in words, with the parameters and the sources."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.methods.rules import Rulebook, list_rulebooks, load_rulebook
from highground.methods.rules.describing import say_sustained
from highground.methods.rules.explaining.words import finished
from highground.methods.rules.monitoring import SUSTAINED
from highground.methods.rules.reading import shipped
from highground.methods.rules.sentences import say, say_number
from highground.methods.rules.tree import ConditionValue, DerivedAmount, Node, walk
from highground.signals.models import RulebookVersion
from highground.signals.procedures import shown_procedure
from highground.signals.rulebooks import book_of, said
from highground.web.numbers import in_chinese, listed

Shown = dict[str, Any]


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
    version = (
        RulebookVersion.objects.filter(rulebook=name).order_by("-pk").values_list("hash", flat=True).first()
    )
    if version is None and name not in shipped():
        raise Http404
    book = book_of(version) if version else load_rulebook(name)
    language = "zh" if in_chinese() else "en"
    context = {
        "book": book,
        "used": version is not None,
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
