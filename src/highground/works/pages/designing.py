"""The steps of a design: villages, indicators, theory, assumptions, the frozen plan, files of readings, criteria."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from highground.accounts.queries import names_of_users
from highground.files.tables import TableError
from highground.web.numbers import number as shown
from highground.works.actions import studies as actions
from highground.works.actions.readings import take_readings
from highground.works.design import (
    changed_between,
    content_of,
    design_of,
    hash_of,
    headline_of,
    indicator_words,
    village_words,
)
from highground.works.enums import Criterion, Sides, Wave
from highground.works.forms.studies import (
    MOST_VILLAGES,
    AssumptionsForm,
    CostForm,
    CriterionForm,
    FileForm,
    IndicatorForm,
    TheoryForm,
    VillagesForm,
)
from highground.works.ground import WorksError
from highground.works.models import ReadingFile, Study
from highground.works.pages import door, person, stored
from highground.works.pages.studies import leads, study_or_404
from highground.works.queries.studies import villages_to_choose
from highground.works.spread import spread_of

MOST_REJECTS = 50


def _page(
    request: HttpRequest, study: Study, template: str, title: str, sentence: str, problem: str, **context: Any
) -> HttpResponseBase:
    trail = [
        (_("Studies"), reverse("works:studies")),
        (str(study), reverse("works:study", args=[study.pk])),
        (context.pop("here", title), ""),
    ]
    same = {
        "study": study, "title": title, "sentence": sentence, "trail": trail, "problem": problem,
        "may": leads(request, study),
    }  # fmt: skip
    form = context.get("form")
    wrong = bool(problem or (form and form.errors))
    return render(request, f"works/{template}.html", {**same, **context}, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@door
def villages(request: HttpRequest, number: int) -> HttpResponseBase:
    """Choose the villages, several of one side and one block at once; the design check stands above."""
    user, today = person(request), timezone.localdate()
    found, problem = study_or_404(request, number), ""
    areas = villages_to_choose(user, today, MOST_VILLAGES)
    taken = request.POST.get("remove", "")
    form = VillagesForm(request.POST if request.method == "POST" and not taken else None, areas=areas)
    if request.method == "POST":
        try:
            if taken:
                actions.remove_village(found, taken, by=user, today=today)
                return redirect(request.path)
            if form.is_valid():
                chosen = set(form.cleaned_data["villages"])
                actions.add_villages(
                    found,
                    [one for one in areas if one.code in chosen],
                    treated=form.cleaned_data["side"] == "treated",
                    block=form.cleaned_data["block"],
                    near=form.cleaned_data["near"],
                    by=user,
                    today=today,
                )
                return redirect(request.path)
        except WorksError as error:
            problem = str(error)
    design = design_of(content_of(found))
    rows = found.villages.select_related("area__parent")
    sentence = _("Villages of a block can be exchanged for each other, and for no others.")
    return _page(
        request, found, "study_villages", headline_of(design), sentence, problem, form=form, design=design, rows=rows,
        here=_("Villages"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@door
def indicators(request: HttpRequest, number: int) -> HttpResponseBase:
    """Say what is measured, in which unit, from which source."""
    user, today = person(request), timezone.localdate()
    found, problem = study_or_404(request, number), ""
    form = IndicatorForm(request.POST or None, initial={"main": not found.indicators.exists()})
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_indicator(found, **form.cleaned_data, by=user, today=today)
            return redirect(request.path)
        except WorksError as error:
            problem = str(error)
    sentence = _("Every indicator keeps its unit. One of them decides the study.")
    return _page(
        request, found, "study_indicators", _("What is measured?"), sentence, problem, form=form,
        rows=found.indicators.all(), here=_("Indicators"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@door
def theory(request: HttpRequest, number: int) -> HttpResponseBase:
    """Say what leads to what, with an indicator for each arrow."""
    user, today = person(request), timezone.localdate()
    found, problem = study_or_404(request, number), ""
    form = TheoryForm(request.POST or None, study=found)
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_theory(found, stages=form.stages(), arrows=form.arrows(), by=user, today=today)
            return redirect("works:study", found.pk)
        except WorksError as error:
            problem = str(error)
    sentence = _(
        "From what is put in to what changes in the end. Each arrow has an indicator that could prove it wrong."
    )
    return _page(
        request, found, "form", _("How is the project meant to work?"), sentence, problem, form=form,
        button=_("Save"), here=_("Theory of change"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@door
def assumptions(request: HttpRequest, number: int) -> HttpResponseBase:
    """Say what the design rests on."""
    fields = ("sides", "level", "spread", "spread_source", "attrition", "drawn")
    sentence = _(
        "One rule of sides holds for every test. From the spread follows the smallest effect that can be seen."
    )
    return _state(
        request, number, AssumptionsForm, fields, _assume, _("What does the design rest on?"), sentence,
        here=_("Assumptions"),
    )  # fmt: skip


def _assume(study: Study, *, survey: Any | None, **told: Any) -> None:
    """Keep the assumptions; a survey that was sent says the spread, in place of what was written."""
    if survey is not None:
        actions.only_leads(study, told["by"], told["today"])
        with tempfile.TemporaryDirectory(prefix="highground-works-") as folder:
            try:
                found = spread_of(stored(survey, Path(folder)))
            except TableError as error:
                raise WorksError(str(error).replace(f"{folder}/", "")) from error
        source = told["spread_source"] or _("%(file)s, %(count)s villages") % {
            "file": survey.name, "count": found.villages
        }  # fmt: skip
        told |= {"spread": found.value, "spread_source": source[:200]}
    actions.set_assumptions(study, **told)


@require_http_methods(["GET", "POST"])
@door
def cost(request: HttpRequest, number: int) -> HttpResponseBase:
    """Say what was spent and who was reached, for what the outcome cost."""
    fields = ("cost", "currency", "cost_source", "reached")
    sentence = _("In one currency. What the outcome cost is shown only where an effect was shown.")
    return _state(
        request, number, CostForm, fields, actions.set_cost, _("What was spent, and on how many?"), sentence, here=_("Cost")
    )  # fmt: skip


def _state(
    request: HttpRequest,
    number: int,
    kind: type[Form],
    fields: Sequence[str],
    keep: Callable[..., object],
    title: str,
    sentence: str,
    *,
    here: str,
) -> HttpResponseBase:
    """A step that writes some fields of the study, as they are or anew."""
    user, today = person(request), timezone.localdate()
    found, problem = study_or_404(request, number), ""
    initial = {name: getattr(found, name) for name in fields}
    form = kind(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            keep(found, **form.cleaned_data, by=user, today=today)
            return redirect("works:study", found.pk)
        except WorksError as error:
            problem = str(error)
    return _page(request, found, "form", title, sentence, problem, form=form, button=_("Save"), here=here)


@require_http_methods(["GET", "POST"])
@door
def plan(request: HttpRequest, number: int) -> HttpResponseBase:
    """Freeze the plan, and see every version of it side by side."""
    user, today = person(request), timezone.localdate()
    found, problem = study_or_404(request, number), ""
    if request.method == "POST":
        try:
            made = actions.freeze_plan(found, reason=request.POST.get("reason", ""), by=user, today=today)
            messages.success(
                request, _("The plan is frozen as version %(number)s.") % {"number": made.number}
            )
            return redirect("works:study", found.pk)
        except WorksError as error:
            problem = str(error)
    plans = list(found.plans.all())
    content = content_of(found)
    names = names_of_users([one.by for one in plans])
    versions = [
        {
            "plan": one,
            "by": names.get(one.by, one.by),
            "sides": Sides(one.content["sides"]).label,
            "villages": [(village["code"], village_words(village)) for village in one.content["villages"]],
            "indicators": [(told["code"], indicator_words(told)) for told in one.content["indicators"]],
            "changes": changed_between(plans[place - 1].content, one.content) if place else [],
        }
        for place, one in enumerate(plans)
    ]
    pending = changed_between(plans[-1].content, content) if plans else []
    title = (
        _("Freeze the plan before the endline comes in")
        if not plans
        else ngettext(
            "The plan is frozen in %(count)s version", "The plan is frozen in %(count)s versions", len(plans)
        )
        % {"count": len(plans)}
    )
    sentence = _(
        "What is frozen is kept with its hash. A changed plan is another version: both stay and are shown."
    )
    return _page(
        request, found, "study_plan", title, sentence, problem, versions=versions, pending=pending, content=content,
        hash=hash_of(content), here=_("The plan"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@door
def readings(request: HttpRequest, number: int) -> HttpResponseBase:
    """Take a file of readings in; rows that cannot be used are named with their mend."""
    found, problem, done = study_or_404(request, number), "", None
    if request.method == "POST":
        try:
            if "withdraw" in request.POST:
                return _withdraw(request, found)
            done = _take(request, found)
        except (WorksError, TableError) as error:
            problem = str(error).replace(tempfile.gettempdir(), "")
        else:
            if done.used:
                messages.success(request, _("Taken in: %(count)s readings.") % {"count": shown(done.used)})
    frozen = found.plans.exists()
    title = _("Take readings in") if frozen else _("Baseline only: the plan is not frozen")
    sentence = (
        _("Rows that cannot be used are left out and named; the others are kept.")
        if frozen
        else _("Readings from after the baseline are taken in once the plan is frozen.")
    )
    return _page(
        request, found, "study_readings", title, sentence, problem, form=FileForm(), done=done,
        rejects=done.rejects[:MOST_REJECTS] if done else [],
        rejected=len({one.row for one in done.rejects}) if done else 0,
        more=max(0, len(done.rejects) - MOST_REJECTS) if done else 0,
        files=[(one, [str(Wave(wave).label) for wave in one.waves]) for one in found.files.all()],
        villages=found.villages.select_related("area"), indicators=found.indicators.all(), here=_("Readings"),
    )  # fmt: skip


def _take(request: HttpRequest, found: Study) -> Any:
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile):
        raise WorksError(_("Choose a file."))
    with tempfile.TemporaryDirectory(prefix="highground-works-") as folder:
        return take_readings(
            found, stored(given, Path(folder)), by=person(request), today=timezone.localdate()
        )


def _withdraw(request: HttpRequest, found: Study) -> HttpResponseBase:
    wanted = request.POST["withdraw"]
    file: ReadingFile = get_object_or_404(found.files.select_related("study__made_in", "study__project"), hash=wanted,
                                          withdrawn_on__isnull=True)  # fmt: skip
    actions.withdraw_file(
        file, why=request.POST.get("why", ""), by=person(request), today=timezone.localdate()
    )
    messages.success(request, _("The readings of %(file)s are withdrawn.") % {"file": file.name})
    return redirect(request.path)


@require_http_methods(["GET", "POST"])
@door
def criterion(request: HttpRequest, number: int, name: str) -> HttpResponseBase:
    """Say what was found by one criterion, and what it rests on."""
    user, today = person(request), timezone.localdate()
    found, problem = study_or_404(request, number), ""
    if name not in Criterion.values:
        raise Http404
    note = found.notes.filter(criterion=name).first()
    form = CriterionForm(
        request.POST or None, initial={"text": note.text, "source": note.source} if note else {}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_criterion(found, criterion=name, **form.cleaned_data, by=user, today=today)
            return redirect("works:study_report", found.pk)
        except WorksError as error:
            problem = str(error)
    label = str(Criterion(name).label)
    return _page(
        request,
        found,
        "form",
        label,
        questions()[Criterion(name)],
        problem,
        form=form,
        button=_("Save"),
        here=label,
    )


def questions() -> dict[Criterion, str]:
    """What each criterion asks, in the words of OECD-DAC (2019)."""
    return {
        Criterion.RELEVANCE: _("Is the project doing the right things?"),
        Criterion.COHERENCE: _("How well does the project fit with others?"),
        Criterion.EFFECTIVENESS: _("Is the project achieving its objectives?"),
        Criterion.EFFICIENCY: _("How well are resources being used?"),
        Criterion.IMPACT: _("What difference does the project make?"),
        Criterion.SUSTAINABILITY: _("Will the benefits last?"),
    }
