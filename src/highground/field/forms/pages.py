"""At the office: which forms by others there are, taking one in, and reading what was answered."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import held_grants
from highground.areas.models import Area
from highground.audit.actions import log_accesses
from highground.field.forms.answering import label_of, said_in
from highground.field.forms.mapping import PARTS, FormError
from highground.field.forms.model import Form, read_form
from highground.field.forms.taking import TAKES_IN, check_size, read_table, take_in, withdraw
from highground.field.models import Submission, TakenForm
from highground.field.queries import forms_for
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.queries import register_dictionary
from highground.signals.rulebooks import said
from highground.web.lists import page_of


class UploadForm(forms.Form):
    """An XLSForm for the people of one of the areas where somebody may take forms in."""

    area = forms.ModelChoiceField(
        Area.objects.none(), label=gettext_lazy("For the people of which area?"), empty_label=None
    )
    workbook = forms.FileField(label=gettext_lazy("The XLSForm, a workbook (.xlsx)"))
    tables = forms.FileField(
        label=gettext_lazy("A table that the form reads (CSV), if it needs one"), required=False
    )

    def __init__(self, *arguments: Any, areas: list[Area], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fields["area"].queryset = Area.objects.filter(pk__in=[one.pk for one in areas])  # type: ignore[attr-defined]


def areas_to_take_in_for(user: Any) -> list[Area]:
    """The areas whose people somebody may give a form today."""
    return [
        one.area
        for one in held_grants(user, timezone.localdate())
        if one.area and not one.target_kind and one.role in TAKES_IN
    ]


@sees(Sight.CASES)
@require_http_methods(["GET", "POST"])
def forms_by_others(request: HttpRequest) -> HttpResponseBase:
    """The forms that the phones here list, the newest version of each; a county officer takes another one in."""
    user, today = request.user, timezone.localdate()
    areas = areas_to_take_in_for(user)
    upload = UploadForm(request.POST or None, request.FILES or None, areas=areas) if areas else None
    if request.method == "POST" and upload is not None and upload.is_valid():
        try:
            taken = _take_in(request, upload)
        except FormError as error:
            upload.add_error("workbook", str(error))
        else:
            messages.success(request, _("Taken in. Phones show it at their next contact."))
            return redirect("field:form", taken.pk)
    newest = {one.form_id: one for one in forms_for(user, today)}
    context = {"page": page_of(request, sorted(newest.values(), key=lambda one: one.title)), "upload": upload}
    return render(request, "field/forms.html", context)


def _take_in(request: HttpRequest, upload: UploadForm) -> TakenForm:
    workbook, table = upload.cleaned_data["workbook"], upload.cleaned_data["tables"]
    check_size(workbook.name, workbook.size)
    tables = {table.name.removesuffix(".csv"): read_table(table.name, table.read())} if table else {}
    return take_in(
        workbook.read(),
        area=upload.cleaned_data["area"],
        by=str(request.user.pk),
        today=timezone.localdate(),
        tables=tables,
    )


@sees(Sight.CASES)
@require_http_methods(["GET", "POST"])
def form(request: HttpRequest, number: int) -> HttpResponseBase:
    """One form: what its questions answer, what our own page cannot do, and what was sent. Each look is logged."""
    user, today = request.user, timezone.localdate()
    found = get_object_or_404(forms_for(user, today), pk=number)
    if request.method == "POST":
        try:
            withdraw(found, by=user, today=today)  # type: ignore[arg-type]
            messages.success(request, _("Phones do not show it any more. What was filled in still comes in."))
        except NotAllowed as error:
            messages.warning(request, str(error))
        return redirect("field:form", number)
    sent = Submission.objects.visible_to(user, today).filter(taken_form=found)
    page = page_of(request, sent.select_related("household", "sender").order_by("-received_at", "-pk"))
    log_accesses(
        by=str(user.pk),
        page="field.form",
        subject_kind="household",
        subjects=[(row.household.key, row.area_path) for row in page.rows if row.household],
    )
    context = {
        "form": found,
        "mapped": _mapped(found, read_form(found.xml)),
        "page": page,
        "rows": [{"submission": one, "said": said_in(found, one.xml.encode())} for one in page.rows],
        "may": found.withdrawn_on is None
        and any(found.area.path.startswith(one.path) for one in areas_to_take_in_for(user)),
    }
    return render(request, "field/form.html", context)


def _mapped(taken: TakenForm, read: Form) -> list[tuple[str, str]]:
    """The questions that land in the register, with the fact or the part of the visit."""
    dictionary = register_dictionary()
    return [
        (label_of(read, path), said(dictionary[name].label) if name in dictionary else str(PARTS[name]))
        for path, name in taken.mapping.items()
    ]
