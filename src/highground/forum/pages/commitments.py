"""Commitments that everybody reads, the page of a partner in one initiative, and the proceedings."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from highground.cases.public.pages import small
from highground.forum.actions.commitments import bring_evidence, overlaps, standing_of
from highground.forum.actions.remaining import Numbers, numbers_of
from highground.forum.enums import ForumStatus, PromiseStatus
from highground.forum.forms import day_field
from highground.forum.ground import ForumError, country_name, today_at
from highground.forum.links import partner_by
from highground.forum.models import Commitment, Forum, Partner
from highground.forum.pages import forum_or_404, held, trail
from highground.knowledge.enums import Field
from highground.web.export import csv_response
from highground.web.numbers import day, money
from highground.web.numbers import number as shown

COLOURS = {
    "promised": "grey",
    "under_way": "water",
    "kept": "green",
    "partly": "gold",
    "not_kept": "clay",
    "withdrawn": "grey",
}
SPEAKS_FOR = [(one.value, one.label) for one in PromiseStatus if one != PromiseStatus.WITHDRAWN]


class EvidenceForm(forms.Form):
    """What was seen of a commitment."""

    day = day_field(gettext_lazy("Day"))
    text = forms.CharField(label=gettext_lazy("What was seen"), widget=forms.Textarea, max_length=4000)
    source = forms.CharField(label=gettext_lazy("Where it can be looked up"), max_length=300)
    status = forms.ChoiceField(label=gettext_lazy("It speaks for"), choices=SPEAKS_FOR)


def rows_of(commitments: list[Commitment]) -> list[dict[str, object]]:
    """Commitments as a table shows them."""
    return [
        {
            "one": one,
            "where": ", ".join([*(country_name(code) for code in one.countries), *one.places]),
            "since": _since(one),
            "sum": money(one.amount / 100, one.currency) if one.amount is not None else "",
            "tag": (one.get_status_display(), COLOURS[one.status]),
            "evidence": [seen for seen in one.evidence.all() if seen.accepted],
        }
        for one in commitments
    ]


def _since(one: Commitment) -> str:
    """When and in which session something was promised, when it begins, and in which field."""
    words = {"day": day(one.promised_on), "session": one.session}
    parts = [_("promised %(day)s, in “%(session)s”") if one.session else _("promised %(day)s")]
    parts = [part % words for part in parts]
    if one.begins_on:
        parts.append(_("begins %(day)s") % {"day": day(one.begins_on)})
    if one.field:
        parts.append(str(dict(Field.choices).get(one.field, one.field)))
    return " · ".join(parts)


def listed(forum: Forum) -> list[Commitment]:
    """What was promised at a forum, with its evidence and sessions. Two queries."""
    return list(forum.commitments.select_related("session").prefetch_related("evidence").order_by("number"))


def before(forum: Forum) -> Forum | None:
    """The forum before this one, if something was promised there."""
    earlier = Forum.objects.filter(year__lt=forum.year, commitments__isnull=False, synthetic=forum.synthetic)
    return earlier.order_by("-year", "code").first()


def _table(forum: Forum, commitments: list[Commitment]) -> HttpResponseBase:
    header = [_("Number"), _("Who promises"), _("What"), _("Countries"), _("Places"), _("Sum"), _("Currency"),
              pgettext("a promise", "Promised"), _("Session"), _("Field"), _("Begins"), _("By when"),
              _("State"), _("Evidence")]  # fmt: skip
    rows = (
        [one.number, one.who, one.what, " ".join(one.countries), "; ".join(one.places),
         "" if one.amount is None else f"{one.amount / 100:.2f}", one.currency, one.promised_on,
         one.session or "", one.field, one.begins_on or "", one.due_on or "",
         one.get_status_display(),
         "; ".join(f"{seen.day} {seen.text} ({seen.source})" for seen in one.evidence.all() if seen.accepted)]
        for one in commitments
    )  # fmt: skip
    return csv_response(f"{forum.code}-commitments.csv", header, rows)


@login_not_required
@require_safe
def commitments(request: HttpRequest, code: str) -> HttpResponseBase:
    """What was promised at a forum and what became of it; before that, what became of the last one's."""
    forum = forum_or_404(code)
    mine = listed(forum)
    if request.GET.get("format") == "csv":
        return _table(forum, mine)
    last = before(forum)
    old = listed(last) if last else []
    places = {one.pk for one in mine}
    context = {
        "forum": forum,
        "last": last,
        "old": rows_of(old),
        "old_standing": standing_of(old),
        "rows": rows_of(mine),
        "overlaps": [(place, ones) for place, ones in overlaps() if any(one.pk in places for one in ones)],
        "trail": trail(forum, (_("Commitments"), "")),
    }
    return render(request, "forum/commitments.html", context)


@login_not_required
@small
@require_http_methods(["GET", "HEAD", "POST"])
def partner_page(request: HttpRequest, link: str) -> HttpResponseBase:
    """One initiative, for whoever has a part in it: how it stands, and a form for evidence."""
    partner: Partner = held(partner_by(link))
    one, now, status = partner.commitment, timezone.now(), 200
    form = EvidenceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                today = today_at(one.forum, now)
                bring_evidence(one, **form.cleaned_data, by=f"partner:{partner.pk}", today=today)
                messages.success(request, _("Thank you. It counts once an organiser has looked at it."))
                return redirect(request.path)
            except ForumError as error:
                form.add_error(None, str(error))
    context = {
        "partner": partner,
        "row": rows_of([one])[0],
        "evidence": one.evidence.order_by("-day", "-pk"),
        "form": form,
        "forum": one.forum,
        "trail": trail(one.forum, (one.what[:60], "")),
    }
    return render(request, "forum/partner.html", context, status=status)


@login_not_required
@require_safe
def proceedings(request: HttpRequest, code: str) -> HttpResponseBase:
    """What was said in each session, and the forum in numbers."""
    forum = forum_or_404(code)
    numbers = numbers_of(forum)
    context = {
        "forum": forum,
        "sessions": forum.sessions.exclude(summary="").order_by("starts", "code"),
        "figures": figures_of(numbers),
        "lines": numbers_in_words(numbers),
        "over": forum.status == ForumStatus.CLOSED,
        "trail": trail(forum, (_("Proceedings"), "")),
    }
    return render(request, "forum/proceedings.html", context)


def figures_of(numbers: Numbers) -> list[tuple[str, int]]:
    """The large figures of a forum; none of what nobody wrote down here, which is not 0."""
    found = []
    if numbers.people:
        found += [(pgettext("a forum", "People"), numbers.people), (_("Countries"), numbers.countries)]
    if numbers.speakers:
        found += [(_("Speakers"), numbers.speakers), (_("Practices from talks"), numbers.practices)]
    return found


def numbers_in_words(numbers: Numbers) -> list[tuple[str, str]]:
    """The numbers behind them, each with what it is part of; none of what nobody wrote down here."""
    found = []
    if numbers.attended:
        found.append((_("People who were in a session"), shown(numbers.attended)))
    if numbers.speakers:
        women = shown(numbers.women)
        if numbers.unstated:
            words = {"count": women, "unstated": shown(numbers.unstated)}
            women = _("%(count)s (%(unstated)s did not say)") % words
        countries = [
            f"{country_name(one)} {shown(count)}" for one, count in numbers.speaker_countries.items()
        ]
        found += [(_("Women among the speakers"), women), (_("Speakers by country"), ", ".join(countries))]
    for label, said, whole, part in (
        (_("Practices from talks"), _("%(all)s, of them tried elsewhere and found to work: %(some)s"),
         numbers.practices, numbers.adopted),
        (_("Entries"), _("%(all)s, of them accepted: %(some)s"), numbers.entries, numbers.accepted),
        (_("Promises"), _("%(all)s, of them kept: %(some)s"), numbers.commitments, numbers.kept),
    ):  # fmt: skip
        if whole:
            found.append((label, said % {"all": shown(whole), "some": shown(part)}))
    return found
