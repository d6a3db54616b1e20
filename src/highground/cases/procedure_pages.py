"""The procedure of a county: which packs it chose, what each changes and by which source, its lists of holidays."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Role, Sight
from highground.accounts.models import User
from highground.accounts.queries import holds, names_of_users
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.areas.queries import ancestor_paths, at_level
from highground.cases.actions.opening import packs_of
from highground.cases.actions.settings import choose_packs, set_holidays
from highground.cases.flow import CaseError
from highground.cases.forms.base import text_field
from highground.cases.holidays import BadDays, lists_around, read_days
from highground.cases.list_forms import Together, day_field
from highground.cases.models import ProcedureChoice
from highground.methods.rules import Rulebook
from highground.methods.rules.procedure.clock import WorkCalendar
from highground.methods.rules.procedure.path import NotAllowed
from highground.methods.rules.reading import procedure_of
from highground.signals.models import RulebookVersion
from highground.signals.places import areas_of
from highground.signals.procedures import shown_procedure, words_of
from highground.signals.rulebooks import book_of, said
from highground.web.numbers import listed

LARGEST = 64 * 2**10
"""Bytes of an uploaded list; a year takes one of them in ten."""


class PacksForm(forms.Form):
    """Which packs, for cases opened from which day on."""

    since = day_field(gettext_lazy("For cases opened from"))
    packs = forms.MultipleChoiceField(
        label=gettext_lazy("Packs"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, book: Rulebook, chosen: list[str], today: datetime.date) -> None:
        initial = {"packs": chosen, "since": today.isoformat()}
        super().__init__(data, prefix=f"packs-{book.id}", initial=initial)
        assert book.procedure
        self.book, self.today = book, today
        packs: Any = self.fields["packs"]
        packs.choices = [(name, said(pack.label)) for name, pack in book.procedure.available.items()]
        self.fields["since"].widget.attrs["min"] = today.isoformat()

    def clean_since(self) -> datetime.date:
        """Packs are chosen for what is still to come."""
        since: datetime.date = self.cleaned_data["since"]
        if since < self.today:
            raise forms.ValidationError(_("This day has gone by; open cases keep the packs that they have."))
        return since

    def rows(self) -> list[dict[str, Any]]:
        """Each pack with what it changes and by which source."""
        assert self.book.procedure
        words, ticked = words_of(self.book.procedure), set(self["packs"].value() or ())
        return [
            {
                "id": name,
                "label": said(pack.label),
                "ticked": name in ticked,
                "changes": words.changes(pack),
                "source": self.book.sources.get(pack.source or ""),
                "verified": pack.verified,
            }
            for name, pack in self.book.procedure.available.items()
        ]


class HolidaysForm(forms.Form):
    """A list of one year, typed in or uploaded."""

    year = forms.TypedChoiceField(label=gettext_lazy("Year"), coerce=int, widget=forms.Select)
    source = forms.CharField(
        label=gettext_lazy("Where does the list come from?"),
        help_text=gettext_lazy(
            "For example the notice of the General Office of the State Council, with its date."
        ),
        max_length=200,
        error_messages={"required": gettext_lazy("Say where the list comes from.")},
    )
    days = text_field(
        gettext_lazy("The days"),
        gettext_lazy("One per line: the day, a comma, “off” or “worked”. For example 2026-10-01,off."),
        rows=6,
    )
    file = forms.FileField(label=gettext_lazy("Or a CSV file with the same"), required=False)

    def __init__(self, data: Any, files: Any, *, today: datetime.date) -> None:
        super().__init__(data, files, prefix="holidays", initial={"year": today.year})
        year: Any = self.fields["year"]
        year.choices = [(number, str(number)) for number in range(today.year - 1, today.year + 3)]

    def clean(self) -> dict[str, Any]:
        """Read the list; each fault names its row."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        text = cleaned.get("days", "")
        if (file := cleaned.get("file")) is not None:
            text = self._text(file)
        if "file" in self.errors or "year" in self.errors:
            return cleaned
        if not text.strip():
            self.add_error("days", _("Write the days, or choose a file."))
            return cleaned
        try:
            cleaned["read"] = read_days(text, cleaned["year"])
        except BadDays as bad:
            for fault in bad.faults[:5]:
                self.add_error("file" if file is not None else "days", fault)
        return cleaned

    def _text(self, file: Any) -> str:
        if file.size > LARGEST:
            self.add_error("file", _("This file is too large for a list of holidays."))
            return ""
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", _("This is no text file in UTF-8; save the list as CSV in UTF-8."))
            return ""


@require_http_methods(["GET", "POST"])
@sees(Sight.CASES)
def procedure(request: HttpRequest) -> HttpResponseBase:
    """The procedure of the county in view (or `?area=`): packs, holidays, and the picture of both."""
    user: Any = request.user
    today = timezone.localdate()
    in_view, chosen = areas_of(request, Sight.CASES)
    area = chosen or in_view
    county = _county_of(area) if area else None
    if county is None:
        counties = list(at_level(area, Level.COUNTY)) if area else []
        return render(request, "cases/counties.html", {"counties": counties, "area": area})
    may = holds(user, today, [Role.COUNTY_OFFICER], county.path) is not None
    pressed = request.POST.get("do", "") if request.method == "POST" and may else ""
    shown = [_shown(county, version, pressed, request, today) for version in _versions()]
    holidays = HolidaysForm(
        request.POST if pressed == "holidays" else None,
        request.FILES if pressed == "holidays" else None,
        today=today,
    )
    page_forms: list[Any] = [*(one["form"] for one in shown), holidays]
    sent = next((form for form in page_forms if form.is_bound), None)
    if sent is not None and sent.is_valid() and _set(request, county, sent, user, today):
        return redirect(f"{reverse('cases:procedure')}?area={county.code}")
    country = next((one["procedure"].holidays for one in shown if one["procedure"].holidays), None)
    together = Together(page_forms)
    context = {
        "county": county,
        "books": shown,
        "holidays": holidays,
        "years": _years(county, country, today),
        "may": may,
        "together": together,
        "today": today,
    }
    wrong = sent is not None and bool(sent.errors)
    return render(request, "cases/procedure.html", context, status=422 if wrong else 200)


def _county_of(area: Area) -> Area | None:
    """The county that an area is or lies in; None above counties. One query at most."""
    if area.level == Level.COUNTY:
        return area
    return Area.objects.filter(path__in=ancestor_paths(area.path), level=Level.COUNTY).first()


def _versions() -> list[RulebookVersion]:
    """The rulebooks that were used here, each in the version used last, with a procedure."""
    latest = {one.rulebook: one for one in RulebookVersion.objects.order_by("pk").defer("content")}
    return [one for one in latest.values() if book_of(one.hash).procedure]


def _shown(
    county: Area, version: RulebookVersion, pressed: str, request: HttpRequest, today: datetime.date
) -> dict[str, Any]:
    """One rulebook: the packs in force today, those chosen for later, the form, the picture with them applied."""
    book = book_of(version.hash)
    assert book.procedure
    packs = packs_of(county, book.id, today, version)
    known = [name for name in packs if name in book.procedure.available]
    applied = procedure_of(book, known)
    choices = ProcedureChoice.objects.visible_to(request.user, today).filter(area=county, rulebook=book.id)
    rows = list(choices.order_by("since"))
    names = names_of_users(row.by for row in rows)
    labels = {name: said(pack.label) for name, pack in book.procedure.available.items()}
    data = request.POST if pressed == f"packs-{book.id}" else None
    return {
        "book": book,
        "title": said(book.title),
        "form": PacksForm(data, book=book, chosen=known, today=today),
        "packs": [labels[name] for name in known],
        "own": any(row.since <= today for row in rows),
        "choices": [
            (row, listed([labels.get(name, name) for name in row.packs]), names.get(row.by, row.by))
            for row in rows
        ],
        "procedure": applied,
        "picture": shown_procedure(applied),
    }


def _set(request: HttpRequest, county: Area, form: Any, user: User, today: datetime.date) -> bool:
    """Do what was sent; whether it was done."""
    typed: Mapping[str, Any] = form.cleaned_data
    try:
        if isinstance(form, PacksForm):
            choose_packs(
                area=county,
                rulebook=form.book.id,
                packs=typed["packs"],
                since=typed["since"],
                by=user,
                today=today,
            )
            messages.success(request, _("The packs are chosen. Open cases keep theirs."))
        else:
            set_holidays(
                area=county,
                year=typed["year"],
                days=typed["read"],
                source=typed["source"],
                by=user,
                today=today,
            )
            messages.success(request, _("The list is kept; deadlines in working days were counted again."))
    except (CaseError, NotAllowed) as error:
        form.add_error(None, capfirst(str(error)))
        return False
    return True


def _years(county: Area, country: str | None, today: datetime.date) -> list[dict[str, Any]]:
    """For each year around now: the county's own list, the published one, or none."""
    own = lists_around(county)
    names = names_of_users(one.by for one in own.values())
    calendar = WorkCalendar(country)
    found = []
    for year in sorted({today.year - 1, today.year, today.year + 1, *own}):
        kept, published = own.get(year), calendar.list_of(year)
        off = kept.off if kept else sorted(day.isoformat() for day in published.off) if published else []
        worked = (
            kept.worked if kept else sorted(day.isoformat() for day in published.worked) if published else []
        )
        found.append(
            {
                "year": str(year),
                "own": kept,
                "by": names.get(kept.by, kept.by) if kept else "",
                "published": published is not None,
                "off": [datetime.date.fromisoformat(day) for day in off],
                "worked": [datetime.date.fromisoformat(day) for day in worked],
            }
        )
    return found
