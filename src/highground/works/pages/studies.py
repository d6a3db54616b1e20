"""The list of studies, and one study from the design check to what was found."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from highground.accounts.shell import area_in_view
from highground.areas.models import Area
from highground.web.lists import page_of
from highground.web.numbers import day, number
from highground.web.pdf import can_print, pdf_response
from highground.web.pictures import Bar
from highground.works.actions.studies import start_study
from highground.works.design import content_of, design_of, hash_of, headline_of, risks_of
from highground.works.enums import Criterion, Wave
from highground.works.findings import Findings, Found, findings_of
from highground.works.forms.studies import StartForm
from highground.works.further import cost_of
from highground.works.grading import grade_of
from highground.works.ground import WorksError, may_lead
from highground.works.models import FrozenPlan, Study
from highground.works.pages import door, form_page, person, tabs
from highground.works.pictures import draw_chance, draw_theory
from highground.works.queries.projects import projects_of, sites_held
from highground.works.queries.studies import plan_of, studies_of
from highground.works.words import (
    chance_words,
    cost_words,
    effect_words,
    interval_words,
    midline_words,
    spread_words,
)


def study_or_404(request: HttpRequest, number: int) -> Study:
    """A study that the person may see."""
    found = studies_of(person(request), timezone.localdate()).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def leads(request: HttpRequest, study: Study) -> bool:
    """Whether the person changes this study."""
    project = study.project.code if study.project else ""
    return may_lead(person(request), study.made_in, timezone.localdate(), project)


@require_safe
@door
def studies(request: HttpRequest) -> HttpResponseBase:
    """The studies that somebody sees, with how far each has come."""
    user, today = person(request), timezone.localdate()
    page = page_of(request, studies_of(user, today).prefetch_related("plans", "villages", "files"))
    place = _place(request)
    context = {
        "page": page,
        "rows": [(one, *_state(one)) for one in page.rows],
        "title": ngettext("%(count)s study", "%(count)s studies", page.total) % {"count": number(page.total)}
        if page.total
        else _("No study yet"),
        "may": bool(place and may_lead(user, place, today)) or bool(projects_of(user, today)),
        "tabs": tabs(request),
    }
    return render(request, "works/studies.html", context)


def _state(one: Study) -> tuple[str, str]:
    plans = list(one.plans.all())
    waves = {wave for file in one.files.all() if not file.withdrawn_on for wave in file.waves}
    if plans and {Wave.BASELINE, Wave.ENDLINE} <= waves:
        return _("both waves are there"), "green"
    if plans:
        return _("plan frozen on %(day)s") % {"day": day(plans[-1].frozen_on)}, "water"
    return _("being designed"), "gold"


def _place(request: HttpRequest) -> Area | None:
    """Where a study is made: the area in view, else the first village of a project for which the person holds a role."""
    if (area := area_in_view(request)) is not None:
        return area
    site = sites_held(person(request), timezone.localdate()).select_related("area").first()
    return site.area if site else None


@require_http_methods(["GET", "POST"])
@door
def start(request: HttpRequest) -> HttpResponseBase:
    """Begin a study: its title, its question, its project."""
    user, today = person(request), timezone.localdate()
    projects = list(projects_of(user, today))
    form, problem = StartForm(request.POST or None, projects=projects), ""
    place = _place(request)
    if request.method == "POST" and form.is_valid() and place is not None:
        wanted = form.cleaned_data["project"]
        try:
            made = start_study(
                place,
                title=form.cleaned_data["title"],
                question=form.cleaned_data["question"],
                project=next((one for one in projects if one.code == wanted), None),
                by=user,
                today=today,
            )
            return redirect("works:study", made.pk)
        except WorksError as error:
            problem = str(error)
    return form_page(
        request,
        form,
        problem,
        title=_("What shall be found out?"),
        sentence=_("A study is designed before its data come in. The design check says what it can show."),
        button=_("Begin the design"),
        trail=[(_("Studies"), reverse("works:studies")), (_("New study"), "")],
    )


@require_safe
@door
def study(request: HttpRequest, number: int) -> HttpResponseBase:
    """A study: what its villages can show, its theory, its plan, what was found, and how far the evidence goes."""
    found = study_or_404(request, number)
    return render(request, "works/study.html", {**study_context(request, found), "tabs": tabs(request)})


@require_safe
@door
def report(request: HttpRequest, number: int) -> HttpResponseBase:
    """The report by the criteria of OECD-DAC, to read and to print."""
    found = study_or_404(request, number)
    return render(request, "works/report.html", {**study_context(request, found), "can_print": can_print()})


@require_safe
@door
def report_pdf(request: HttpRequest, number: int) -> HttpResponseBase:
    """The report as a PDF file, where the extra that makes one is installed."""
    found = study_or_404(request, number)
    if not can_print():
        raise Http404
    html = render_to_string("works/report.html", {**study_context(request, found), "may": False}, request)
    return pdf_response(html, f"{slugify(found.title) or found.pk}-report.pdf")


def study_context(request: HttpRequest, found: Study) -> dict[str, Any]:
    """Everything that the page of a study and its report show."""
    today = timezone.localdate()
    live = content_of(found)
    plan = plan_of(found)
    content = plan.content if plan else live
    design = design_of(content)
    told = findings_of(found, plan) if plan else None
    main = told.main if told else None
    names = {one.area.code: str(one.area) for one in found.villages.select_related("area")}
    labels = {one["code"]: one["label"] for one in content["indicators"]}
    grade = grade_of(told, plan)
    read = {one.code: one for one in main.villages} if main else {}
    unit = next((one["unit"] for one in content["indicators"] if one["main"]), "")
    return {
        "study": found,
        "headline": headline_of(design),
        "sentence": sentence_of(found, plan),
        "design": design,
        "unit": unit,
        "spread": spread_words(content, unit),
        "interval": interval_words(main) if main else "",
        "many": _many(told),
        "risks": risks_of(found, content),
        "theory": draw_theory(content["theory"], labels),
        "plan": plan,
        "plans": list(found.plans.all()),
        "changed": bool(plan and hash_of(live) != plan.hash),
        "villages": [
            {**one, "name": names.get(one["code"], one["code"]), "read": read.get(one["code"])}
            for one in content["villages"]
        ],
        "indicators": content["indicators"],
        "findings": told,
        "main": main,
        "results": [_result(one, plan, names) for one in told.found] if told and plan else [],
        "chance": draw_chance(main) if main else None,
        "chance_words": chance_words(main, plan) if main and plan else "",
        "changes": _changes(main, names) if main else [],
        "cost": cost_words(cost_of(found, main, content), main, found),
        "grade": grade,
        "criteria": criteria_of(found, told, grade),
        "files": list(found.files.all()),
        "next": _next(found, plan, told),
        "may": leads(request, found),
        "today": today,
    }


def _many(told: Findings | None) -> str:
    """That several outcomes were tested, which makes one small p value less telling; empty for one alone."""
    count = sum(one.p is not None for one in told.found) if told else 0
    if count < 2:
        return ""
    return _(
        "%(count)s outcomes were tested, and their p values are not adjusted for that: the main outcome decides."
    ) % {"count": number(count)}


def sentence_of(found: Study, plan: FrozenPlan | None) -> str:
    """How the plan stands, and how the villages came to be chosen."""
    drawn = (
        _("The treated villages were drawn by lot.")
        if (plan.content["drawn"] if plan else found.drawn)
        else _("Villages were not drawn by lot: permutation under exchangeability.")
    )
    if plan is None:
        return " ".join((_("The plan is not frozen yet."), drawn))
    words = {"day": day(plan.frozen_on), "hash": f"{plan.hash[:4]}…{plan.hash[-2:]}", "number": plan.number}
    kind = (
        _("Retrospective plan (the project was over), frozen on %(day)s (%(hash)s).")
        if plan.retrospective
        else _("Plan frozen on %(day)s (%(hash)s).")
    )
    late = _("This version was frozen after the endline was known.") if plan.after_endline else ""
    return " ".join(part for part in (kind % words, late, drawn) if part)


def _result(one: Found, plan: FrozenPlan, names: dict[str, str]) -> dict[str, Any]:
    return {
        "found": one,
        "effect": effect_words(one),
        "chance": chance_words(one, plan),
        "interval": interval_words(one),
        "midline": midline_words(one, names),
        "left_out": [(names.get(code, code), why) for code, why in one.left_out],
    }


def _changes(main: Found, names: dict[str, str]) -> list[Bar]:
    """The change of every village of the main outcome, the treated ones of each block first."""
    return [
        Bar(
            names.get(one.code, one.code),
            None if one.change is None else round(one.change, 2),
            "green" if one.treated else "grey",
            note=_("treated") if one.treated else _("comparison"),
        )
        for one in sorted(main.villages, key=lambda one: (one.block, not one.treated, one.code))
    ]


def criteria_of(found: Study, told: Findings | None, grade: Any) -> list[dict[str, Any]]:
    """Each criterion with what was written, and what its evidence is: tested where something was tested, else documents."""
    notes = {one.criterion: one for one in found.notes.all()}
    rows = []
    for criterion in Criterion:
        note = notes.get(criterion.value)
        by_data = criterion in (Criterion.EFFECTIVENESS, Criterion.IMPACT) and told is not None and told.main
        if by_data:
            state = (grade.name, grade.colour)
        elif note:
            state = (_("documents"), "water")
        else:
            state = (_("nothing yet"), "plum")
        rows.append(
            {"criterion": criterion, "label": criterion.label, "note": note, "state": state, "data": by_data}
        )
    return rows


def _next(found: Study, plan: FrozenPlan | None, told: Findings | None) -> tuple[str, str]:
    """What comes next: its words and its address."""

    def to(name: str) -> str:
        return reverse(f"works:study_{name}", args=[found.pk])

    if plan is None:
        if not found.villages.exists():
            return _("Choose the villages"), to("villages")
        if not found.indicators.filter(main=True).exists():
            return _("Say what is measured"), to("indicators")
        if not found.theory:
            return _("Draw the theory of change"), to("theory")
        if found.spread is None and not found.spread_source:
            return _("Say what the design rests on"), to("assumptions")
        return _("Freeze the plan"), to("plan")
    if told is None or Wave.ENDLINE not in told.waves or Wave.BASELINE not in told.waves:
        return _("Take readings in"), to("readings")
    return _("Read the report"), to("report")
