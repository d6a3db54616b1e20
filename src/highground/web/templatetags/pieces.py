"""The pieces that pages are made of. `{% load pieces %}`; see them all at /styleguide/ (in DEBUG and tests).

Page       {% extends "web/base.html" %}, blocks `title`, `crumbs`, `main`. `i18n` and `static` tags are built in.
           A page that works without JavaScript and is smoother with HTMX puts {% include "web/htmx.html" %} into its
           block `scripts`; the others load no script at all.
Head       {% crumbs trail %}                       trail: [(label, url), ..., (label, "")]
           {% headline title sentence tags %}       title answers or asks; sentence says what stands behind it
                                                    tags (optional): [(text, colour), ...]
           {% callout "clay" %}…{% endcallout %}    the reason, in large type with a coloured edge
Cards      {% card title note="…" accent="clay" %}…{% endcard %}      accent is optional
           {% figure_card "Visits overdue" 4 "oldest: …" accent="clay" url=u button="See the four" primary=True %}
           inside <div class="figures">; other cards inside
           <div class="columns"><div class="column">…</div><div class="column">…</div></div> (3 to 2), or
           <div class="flow">…</div> (cards of unlike heights flow in two columns and leave no holes)
Words      {% tag "Cannot tell" "plum" %}           colours: clay gold plum water green grey
           {% empty "Nothing is waiting." "New clues appear after the next screening." %}
           {% error_summary form %}                 first thing in a page with a form; {{ field.as_field_group }}
           {% summary rows %}                       [(label, value), ...]; value may be safe HTML
           {% timeline events %}                    [{"day": date|text, "title", "text", "state": done|now|next|fallen, "url"}]
Lists      {% filters pills %}                      web.lists.pill(request, label, count=…, kind="…")
           {% pill_menu "Township" pills %}         the same in a disclosure
           <table class="table"> … {% sort_header "Household" "key" sort %}   sort from web.lists.order_of
           {% pager page %}                         web.lists.page_of(request, queryset): rows, total; two queries
           <div class="scroll">…</div> around a table that is wide on a phone, or <table class="table table--stack">
           with <td data-label="…"> to stack its rows
Deadlines  {% deadline opened due today %}          words and a bar; {% progress 3 10 "water" %} for a job
Pictures   {% squares groups "label of the picture" unit="open clues" %}   [SquareGroup(label, [Square(label, value, url)])]
           {% waterfall steps mark %}               [Step(label, amount), ..., Step(label, total=True)], Mark(label, value)
           {% bars bars "label" %}                  [Bar(label, value, colour, url)]
           {% over_time drawn %}                    web.over_time.draw_over_time(points, levels, columns, …)
           the classes are in web.pictures; each picture draws its table twin
Filters    number, signed, money:"CNY", percent, day, short_day, moment   (None is "not known", never zero)
"""

import datetime
from collections.abc import Sequence
from typing import Any

from django import template
from django.forms import BoundField, Form
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from highground.web import numbers, pictures
from highground.web.lists import ListPage, Pill
from highground.web.over_time import OverTime

register = template.Library()

register.filter("number", numbers.number)
register.filter("signed", numbers.signed)
register.filter("money", numbers.money)
register.filter("percent", numbers.percent)
register.filter("day", numbers.day)
register.filter("short_day", numbers.short_day)
register.filter("moment", numbers.moment)


def _draw(piece: str, **context: Any) -> SafeString:
    return mark_safe(render_to_string(f"web/pieces/{piece}.html", context))  # noqa: S308  (rendered by a template)


def _colour(name: str) -> str:
    if name and name not in pictures.COLOURS:
        raise template.TemplateSyntaxError(
            f"unknown colour {name!r}; one of {', '.join(sorted(pictures.COLOURS))}"
        )
    return name


# --- Head of a page -----------------------------------------------------------------------------


@register.inclusion_tag("web/pieces/crumbs.html")
def crumbs(trail: Sequence[tuple[Any, str]]) -> dict[str, Any]:
    """The way here: [(label, url), ..., (label, "")]."""
    return {"trail": trail}


@register.inclusion_tag("web/pieces/headline.html")
def headline(title: Any, sentence: Any = "", tags: Sequence[tuple[Any, str]] = ()) -> dict[str, Any]:
    """The page's h1 with the sentence under it."""
    return {"title": title, "sentence": sentence, "tags": tags}


@register.simple_block_tag
def callout(content: str, colour: str = "water") -> SafeString:
    """A statement in large type with a coloured edge."""
    return _draw("callout", content=content, colour=_colour(colour))


# --- Cards and words ----------------------------------------------------------------------------


@register.simple_block_tag
def card(content: str, title: Any = "", note: Any = "", accent: str = "") -> SafeString:
    """A white card with an h2."""
    return _draw("card", content=content, title=title, note=note, accent=_colour(accent))


@register.inclusion_tag("web/pieces/figure_card.html")
def figure_card(
    title: Any,
    figure: Any,
    sentence: Any = "",
    *,
    accent: str = "",
    url: str = "",
    button: Any = "",
    primary: bool = False,
) -> dict[str, Any]:
    """A card with one large figure and what to do about it."""
    return {
        "title": title,
        "figure": figure if isinstance(figure, str) else numbers.number(figure),
        "sentence": sentence,
        "accent": _colour(accent),
        "url": url,
        "button": button,
        "primary": primary,
    }


@register.inclusion_tag("web/pieces/tag.html")
def tag(text: Any, colour: str = "grey") -> dict[str, Any]:
    """A short state in words on its colour."""
    return {"text": text, "colour": _colour(colour)}


@register.inclusion_tag("web/pieces/empty.html")
def empty(text: Any, advice: Any = "", url: str = "", button: Any = "") -> dict[str, Any]:
    """What a list says when it has no rows: that it has none, and what comes next."""
    return {"text": text, "advice": advice, "url": url, "button": button}


@register.inclusion_tag("web/pieces/error_summary.html")
def error_summary(form: Form) -> dict[str, Any]:
    """Every error of a form with a link to its field; nothing if there is none."""
    found: list[tuple[str, str]] = [(str(error), "") for error in form.non_field_errors()]
    for field in form:
        target = field.id_for_label or field.auto_id
        between = " " if str(field.label).endswith("?") else ": "
        found += [(f"{field.label}{between}{error}", target) for error in field.errors]
    return {"errors": found}


@register.inclusion_tag("web/pieces/summary.html")
def summary(rows: Sequence[tuple[Any, Any]]) -> dict[str, Any]:
    """Labels and values."""
    return {"rows": rows}


@register.inclusion_tag("web/pieces/timeline.html")
def timeline(events: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What happened, in order: done, now, next; fallen is what was done and no longer stands."""
    drawn = []
    for event in events:
        when = event.get("day", "")
        drawn.append(
            {**event, "when": numbers.day(when) if isinstance(when, datetime.date) else when, "day": ""}
        )
    return {"events": drawn}


# --- Lists --------------------------------------------------------------------------------------


@register.inclusion_tag("web/pieces/filters.html")
def filters(pills: Sequence[Pill], label: Any = "") -> dict[str, Any]:
    """Filter pills with counts. What is put between `<div class="filters-row">` tags stands beside them."""
    return {"pills": pills, "label": label}


@register.inclusion_tag("web/pieces/pill_menu.html")
def pill_menu(label: Any, pills: Sequence[Pill]) -> dict[str, Any]:
    """Filters behind one pill; its label names the one that is chosen."""
    chosen = next((pill for pill in pills if pill.current), None)
    return {"label": label, "pills": pills, "chosen": chosen}


@register.inclusion_tag("web/pieces/sort_header.html", takes_context=True)
def sort_header(context: template.Context, label: Any, key: str, sort: str, kind: str = "") -> dict[str, Any]:
    """A column header that sorts by `key`, backwards if the list is sorted by it already. kind: "figure"."""
    now = {key: "ascending", f"-{key}": "descending"}.get(sort, "")
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = f"-{key}" if now == "ascending" else key
    return {"label": label, "now": now, "url": f"?{query.urlencode()}", "kind": kind}


@register.inclusion_tag("web/pieces/pager.html", takes_context=True)
def pager(context: template.Context, page: ListPage) -> dict[str, Any]:
    """1 to 25 of 38 · Next."""

    def url(number: int | None) -> str:
        query = context["request"].GET.copy()
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    return {
        "page": page,
        "previous_url": url(page.previous_number) if page.previous_number else "",
        "next_url": url(page.next_number) if page.next_number else "",
    }


# --- Deadlines and pictures ---------------------------------------------------------------------


@register.inclusion_tag("web/pieces/deadline.html")
def deadline(
    opened: datetime.date, due: datetime.date | None, today: datetime.date, colour: str = ""
) -> dict[str, Any]:
    """How long is left, and how much of the time has gone."""
    if due is None:
        return {"words": numbers.due(None, today), "width": "", "colour": "grey"}
    whole, left = max((due - opened).days, 1), (due - today).days
    gone = min(max(1 - left / whole, 0.04), 1.0)
    urgent = "clay" if left <= 1 else "gold" if left <= 7 else "green"
    return {
        "words": numbers.due(due, today),
        "width": f"{100 * gone:.0f}%",
        "colour": "clay" if left < 0 else _colour(colour) or urgent,
    }


@register.inclusion_tag("web/pieces/progress.html")
def progress(done: float, whole: float, colour: str = "water", label: Any = "") -> dict[str, Any]:
    """How far a job is."""
    share = min(max(done / whole, 0.0), 1.0) if whole else 0.0
    return {
        "words": numbers.percent(share),
        "width": f"{100 * share:.0f}%",
        "now": f"{100 * share:.0f}",
        "colour": _colour(colour),
        "label": label,
    }


@register.inclusion_tag("web/pieces/squares.html")
def squares(
    groups: Sequence[pictures.SquareGroup],
    label: Any,
    *,
    unit: Any = "",
    most: numbers.Amount | None = None,
    each: Any = "",
    grouped: Any = "",
) -> dict[str, Any]:
    """One square per village, grouped by township; `each` and `grouped` name other kinds of places."""
    return {
        "groups": pictures.draw_squares(groups, most),
        "label": label,
        "unit": unit,
        "each": each or gettext("village"),
        "grouped": grouped or gettext("township"),
    }


@register.inclusion_tag("web/pieces/waterfall.html")
def waterfall(
    steps: Sequence[pictures.Step], mark: pictures.Mark | None = None, label: Any = ""
) -> dict[str, Any]:
    """How a figure is made up, with a line drawn in."""
    return {"drawn": pictures.draw_waterfall(steps, mark, str(label)), "running": True}


@register.inclusion_tag("web/pieces/bars.html")
def bars(
    bars: Sequence[pictures.Bar], label: Any = "", mark: pictures.Mark | None = None, heading: Any = ""
) -> dict[str, Any]:
    """One bar per row. `heading` is the first column of the table twin."""
    return {"drawn": pictures.draw_bars(bars, mark, str(label)), "heading": heading}


@register.inclusion_tag("web/pieces/over_time.html")
def over_time(drawn: OverTime) -> dict[str, Any]:
    """Amounts over time against a line, with columns of what a feed said."""
    return {"drawn": drawn}


# --- Forms --------------------------------------------------------------------------------------

_CLASSES = {
    "Textarea": "govuk-textarea",
    "Select": "govuk-select",
    "SelectMultiple": "govuk-select",
    "ClearableFileInput": "govuk-file-upload",
    "CheckboxInput": "checkbox",
    "RadioSelect": "choices",
    "CheckboxSelectMultiple": "choices",
}


@register.simple_tag
def widget(field: BoundField) -> SafeString:
    """A form's widget with its classes, and with its errors named for screen readers."""
    name = _CLASSES.get(type(field.field.widget).__name__, "govuk-input")
    if field.errors and name.startswith("govuk"):
        name = f"{name} {name}--error"
    attributes: dict[str, str | bool] = {
        "class": f"{name} {field.field.widget.attrs.get('class', '')}".strip()
    }
    return field.as_widget(attrs=attributes)
