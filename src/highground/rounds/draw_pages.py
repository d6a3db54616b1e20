"""Drawing the audit: a county officer sees the strata and what the seed would take of each, then draws."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.areas.models import Area
from highground.methods.risk import InputError
from highground.methods.rounds.visits import SHARE
from highground.methods.rules.procedure.path import NotAllowed
from highground.rounds.actions import Prepared, RoundsError, draw, may_draw, prepare
from highground.rounds.pages import fed_words, place_of, tabs
from highground.signals.rulebooks import latest_books, said
from highground.web.numbers import number, percent


@dataclass(frozen=True)
class _Wanted:
    """What was typed, as it was typed: the form shows it again."""

    rulebook: str
    seed: str
    percent: str

    @classmethod
    def of(cls, sent: Mapping[str, Any], today: datetime.date) -> _Wanted:
        return cls(
            sent.get("rulebook", ""),
            sent.get("seed", f"{today:%Y%m%d}"),
            sent.get("percent", f"{SHARE * 100:g}"),
        )

    def settings(self) -> dict[str, Any]:
        """As the draw takes them. Raises RoundsError for what is no number."""
        try:
            return {"rulebook": self.rulebook, "seed": int(self.seed), "share": float(self.percent) / 100}
        except ValueError:
            raise RoundsError(
                _("Write the seed as a whole number and the share as a number, such as 5.")
            ) from None


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def draw_audit(request: HttpRequest) -> HttpResponseBase:
    """The form, and with `?rulebook=&seed=&percent=` the strata; drawing itself is a form that is sent."""
    user: Any = request.user
    today = timezone.localdate()
    area = place_of(request, Sight.CASES)
    if area is None or not may_draw(user, area, today):
        raise PermissionDenied
    wanted = _Wanted.of(request.POST or request.GET, today)
    problem, prepared = "", None
    try:
        if request.method == "POST":
            made = draw(area, by=user, today=today, **wanted.settings())
            words = {"drawn": number(made.drawn), "all": number(made.population), "seed": made.seed}
            messages.success(
                request, _("Drawn: %(drawn)s of %(all)s households, with the seed %(seed)s.") % words
            )
            return redirect("rounds:visits")
        if wanted.rulebook:
            prepared = prepare(area, today=today, **wanted.settings())
    except (RoundsError, InputError, NotAllowed) as error:
        problem = capfirst(str(error))
    context = {
        "area": area,
        "wanted": wanted,
        "books": [(name, said(book.title)) for name, book in latest_books().items()],
        "problem": problem,
        "rows": _rows(prepared) if prepared else [],
        "drawn": prepared.drawn.sample.num_rows if prepared else 0,
        "population": prepared.frame.unflagged.num_rows if prepared else 0,
        "tabs": tabs(request, user, today),
    }
    return render(request, "rounds/draw.html", context)


def _rows(prepared: Prepared) -> list[dict[str, str]]:
    strata = prepared.drawn.strata.to_pylist()
    codes = {one["county"] for one in strata} - {None}
    counties = {area.code: str(area) for area in Area.objects.filter(code__in=codes)}
    return [
        {
            "county": counties.get(one["county"], one["county"] or _("no county")),
            "fed": fed_words()[one["fed"]],
            "population": number(one["population"]),
            "drawn": number(one["drawn"]),
            "probability": percent(one["probability"], 1),
        }
        for one in strata
    ]
