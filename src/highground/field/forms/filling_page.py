"""A form by others on Highground's own page: filled in at the office, or in a phone's browser, with a network.

The page needs no script. What is asked follows from what was answered whenever the form is looked at again: by `next`, by
another turn of a repeat, and when it is sent.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.audit.actions import log_accesses
from highground.field.forms.answering import words_of
from highground.field.forms.filling import Asked, Filling, NeverSettles, table
from highground.field.forms.model import FILES, Form, read_form
from highground.field.forms.names import LISTS
from highground.field.models import State, TakenForm
from highground.field.openrosa.lists import lists_for
from highground.field.queries import forms_for
from highground.field.receiving import OtherContent, receive_from

MOST_RADIOS = 8
INPUTS = {"integer": "numeric", "decimal": "decimal"}


@dataclass(frozen=True)
class Shown:
    """A question as the page draws it."""

    name: str
    kind: str
    label: str
    hint: str = ""
    value: str = ""
    choices: list[tuple[str, str, bool]] = field(default_factory=list)
    error: str = ""
    input_mode: str = ""
    turn: int = 0

    @property
    def is_long(self) -> bool:
        """Whether there are too many choices to stand side by side."""
        return len(self.choices) > MOST_RADIOS


@sees(Sight.CASES)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def fill(request: HttpRequest, number: int) -> HttpResponseBase:
    """Fill a form in. A look at the households whose values it may show is logged."""
    user, today = request.user, timezone.localdate()
    taken = get_object_or_404(forms_for(user, today), pk=number)
    if taken.beyond or taken.withdrawn_on:
        raise Http404
    form = read_form(taken.xml)
    filling = _open(request, taken, form)
    do = request.POST.get("do", "")
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            _answer(filling, request, do)
        except (KeyError, NeverSettles):
            messages.warning(request, _("This form has changed since you opened it. Start again."))
            return redirect("field:fill", number)
        if do == "send":
            errors = dict(_errors(filling, form))
            if not errors:
                return _send(request, taken, filling)
    shown = list(_shown(filling, form, errors))
    context = {
        "form": taken,
        "shown": shown,
        "errors": [one for one in shown if one.error],
        "repeats": [
            (name, words_of(form, control.label), filling.count(name))
            for name, control in filling.open_repeats()
        ],
        "id": filling.instance_id,
    }
    return render(request, "field/fill.html", context)


def _id_of(request: HttpRequest) -> str:
    """The instanceID, kept from one look to the next: sent twice, the form counts once."""
    given = request.POST.get("instance", "")
    return given if given.startswith("uuid:") and len(given) == 41 else f"uuid:{uuid.uuid4()}"


def _open(request: HttpRequest, taken: TakenForm, form: Form) -> Filling:
    user, today = request.user, timezone.localdate()
    wanted = [name for name in LISTS if name in form.tables]
    lists = lists_for(user, today) if wanted else {}  # type: ignore[arg-type]
    if request.method == "GET":
        log_accesses(
            by=str(user.pk),
            page="field.fill",
            subject_kind="household",
            subjects=dict(pair for name in wanted for pair in lists[name].keys).items(),
        )
    tables = {name: lists[name].content.decode() for name in wanted}
    tables |= {one.name: one.content for one in taken.files.order_by("name")}
    instances = {name: table(content) for name, content in tables.items()}
    return Filling(form, instances, now=timezone.localtime(), instance_id=_id_of(request))


def _answer(filling: Filling, request: HttpRequest, do: str) -> None:
    """Bring what was typed into the form, in its order, and reckon again."""
    for name, answers in request.POST.lists():
        if name.startswith("turns "):
            filling.turns(name.removeprefix("turns "), int(answers[0]) if answers[0].isdecimal() else 1)
    if do.startswith("add "):
        repeat = do.removeprefix("add ")
        filling.turns(repeat, 1 + filling.count(repeat))
    for name, answers in request.POST.lists():
        if filling.asks(name):
            filling.put(name, " ".join(filter(None, answers)).strip())
    for name, file in request.FILES.items():
        if filling.asks(name):
            filling.put(name, file_name(name, str(getattr(file, "name", ""))))
    filling.settle()


def file_name(question: str, given: str) -> str:
    """What a file of a question is called in the instance; nothing of what its maker called it but the ending."""
    ending = given.rpartition(".")[2].lower()
    stem = "".join(letter if letter.isalnum() else "-" for letter in question.strip("/"))
    return f"{stem}.{ending if ending.isalnum() and len(ending) < 6 else 'bin'}"


def _errors(filling: Filling, form: Form) -> Iterator[tuple[str, str]]:
    for one in filling.asked():
        match filling.wrong(one):
            case "required":
                yield one.name, _("Answer this question.")
            case "constraint":
                bind = form.binds[one.control.path]
                yield one.name, words_of(form, bind.message) or _("This answer does not fit the form's rule.")


def _send(request: HttpRequest, taken: TakenForm, filling: Filling) -> HttpResponseBase:
    files = {
        file_name(name, str(getattr(file, "name", ""))): file
        for name, file in request.FILES.items()
        if filling.asks(name)
    }
    content, today = filling.xml().encode(), timezone.localdate()
    try:
        receipt = receive_from(request.user, content, files, today=today)  # type: ignore[arg-type]
    except OtherContent:
        messages.warning(request, _("This form was sent already. Start a new one for other answers."))
        return redirect("field:fill", taken.pk)
    for problem in receipt.problems:
        messages.warning(request, problem)
    messages.success(
        request, _("Taken in.") if receipt.state == State.APPLIED else _("Kept. The office looks at it.")
    )
    return redirect("field:form", taken.pk)


def _shown(filling: Filling, form: Form, errors: dict[str, str]) -> Iterator[Shown]:
    for one in filling.asked():
        control = one.control
        yield Shown(
            name=one.name,
            kind=_kind(control.kind),
            label=_words(filling, form, control.label, one) or one.name.rpartition("/")[2],
            hint=_words(filling, form, control.hint, one),
            value=(one.node.text or "").strip(),
            choices=_choices(filling, form, one),
            error=errors.get(one.name, ""),
            input_mode=INPUTS.get(control.kind, ""),
            turn=one.turn,
        )


def _kind(kind: str) -> str:
    return "file" if kind in FILES else kind


def _choices(filling: Filling, form: Form, one: Asked) -> list[tuple[str, str, bool]]:
    chosen = (one.node.text or "").split()
    return [
        (choice.value, words_of(form, choice.label) or choice.label, choice.value in chosen)
        for choice in filling.choices(one)
    ]


def _words(filling: Filling, form: Form, name: str, one: Asked) -> str:
    """A text with the answers that it shows."""
    return words_of(form, name, lambda source: filling.text_of(source, one.node)) if name else ""
