"""At the office: the unsent work of a phone that can send no more, handed in as the file that the phone gave out.

The file is taken in as if the phone had sent it: the same visit counts once, whether it came by file, by the phone, or by both.
Only the person whose work it is hands it in: a file can be written by anybody, and a visit stands under its visitor's name.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.models import User
from highground.field.instance import BadInstance
from highground.field.models import State
from highground.field.receiving import OtherContent, receive_from
from highground.web.numbers import number

MOST_BYTES = 200_000_000
"""Of a file from a phone: some hundred visits with their photos."""


class BadFile(ValueError):
    """This is no file of unsent work, or not one of this person; the message says why and what to do."""


class HandInForm(forms.Form):
    """The file that a phone gave out."""

    file = forms.FileField(
        label=gettext_lazy("The file from the phone"),
        help_text=gettext_lazy(
            "Its name begins with highground-unsent. It holds what families said: delete it afterwards."
        ),
    )


@dataclass
class HandedIn:
    """How many visits of a file are in the record now, and sentences about those that a person has to look at."""

    taken: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Visit:
    """One visit of the file: where it stands there, what it is called, the instance and the files that go with it."""

    place: int
    household: str
    xml: bytes
    files: Mapping[str, SimpleUploadedFile]


@sees(Sight.CASES)
@require_http_methods(["GET", "POST"])
def hand_in(request: HttpRequest) -> HttpResponseBase:
    """Take in the unsent work of one's own phone from its file."""
    form = HandInForm(request.POST, request.FILES) if request.method == "POST" else HandInForm()
    if form.is_valid():
        try:
            done = take_file(form.cleaned_data["file"].read(MOST_BYTES + 1), request.user)  # type: ignore[arg-type]
        except BadFile as error:
            form.add_error("file", str(error))
        else:
            for problem in done.problems:
                messages.warning(request, problem)
            told = ngettext("%(count)s visit is here now.", "%(count)s visits are here now.", done.taken)
            messages.success(request, told % {"count": number(done.taken)})
            return redirect("field:from_phones")
    return render(request, "field/hand_in.html", {"form": form})


def take_file(content: bytes, user: User) -> HandedIn:
    """Take in every visit of a file. Raises BadFile before anything is taken in where the file cannot be one of `user`."""
    today, done = timezone.localdate(), HandedIn()
    for one in list(_visits(content, user)):
        where = _("Visit %(place)s, household %(number)s: %(why)s")
        said = {"place": number(one.place), "number": one.household}
        try:
            receipt = receive_from(user, one.xml, one.files, today=today)
        except BadInstance as error:
            done.problems.append(where % {**said, "why": error})
            continue
        except OtherContent:
            why = _("another version of it came in before, and stands")
            done.problems.append(where % {**said, "why": why})
            continue
        done.taken += 1
        if receipt.state == State.FLAGGED:
            done.problems += [where % {**said, "why": why} for why in receipt.problems]
    return done


def _visits(content: bytes, user: User) -> Iterator[_Visit]:
    if len(content) > MOST_BYTES:
        raise BadFile(
            _("This file has more than %(most)s bytes. Ask who runs the machine.")
            % {"most": number(MOST_BYTES)}
        )
    try:
        told = json.loads(content)
        found = [(place, one, str(one["user"])) for place, one in enumerate(told["visits"], start=1)]
    except (ValueError, KeyError, TypeError) as error:
        raise BadFile(
            _("This is no file of unsent work. Choose the one that the phone gave out under “Export”.")
        ) from error
    if any(who != str(user.pk) for _place, _one, who in found):
        raise BadFile(_("This file holds the work of somebody else. They sign in and hand it in themselves."))
    for place, one, _who in found:
        try:
            files = {
                str(file["name"]): SimpleUploadedFile(
                    str(file["name"]), base64.b64decode(file["base64"], validate=True)
                )
                for file in one.get("files", [])
            }
            yield _Visit(place, str(one.get("number", "")), str(one["xml"]).encode(), files)
        except (KeyError, TypeError, AttributeError, binascii.Error) as error:
            raise BadFile(
                _(
                    "Visit %(place)s of this file cannot be read: the file is damaged. Export it on the phone once more."
                )
                % {"place": number(place)}
            ) from error
