"""From a clue to its case: the button on the page of a clue, the case of a household on its page."""

from __future__ import annotations

import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from highground.accounts.access import sees
from highground.accounts.enums import Sight
from highground.accounts.queries import holds
from highground.cases.actions.opening import OPENERS, open_case
from highground.cases.enums import RUNNING
from highground.cases.flow import CaseError, procedure_for, state_of
from highground.cases.inbox import class_tag
from highground.cases.models import Case
from highground.cases.next_step import address_of, may_take
from highground.methods.rules.procedure import path
from highground.people.models import Household
from highground.signals.enums import ClueStatus
from highground.signals.joined import ClueAction, HouseholdCard
from highground.signals.models import Clue


def button_of_clue(clue: Clue, user: Any, today: datetime.date) -> ClueAction | None:
    """The case that looks into the household, or a button that starts one. One query."""
    running = _running(user, clue, today).first()
    if running is not None:
        return ClueAction(_("Open the case"), reverse("cases:case", args=[running.pk]))
    if clue.status != ClueStatus.OPEN or holds(user, today, OPENERS, clue.household.area.path) is None:
        return None
    return ClueAction(_("Start the case"), reverse("cases:open", args=[clue.pk]), sends=True)


def _running(user: Any, clue: Clue, today: datetime.date) -> Any:
    found = Case.objects.visible_to(user, today).filter(household=clue.household_id, rulebook=clue.rulebook)
    return found.filter(status__in=RUNNING).order_by("-pk")


@sees(Sight.CASES)
@require_POST
def open_from_clue(request: HttpRequest, clue: int) -> HttpResponseBase:
    """Open the case of the household with all its open clues, and go on to its first step."""
    user: Any = request.user
    today = timezone.localdate()
    clues = Clue.objects.visible_to(user).select_related("household__area")
    found: Clue = get_object_or_404(clues, pk=clue)
    running = _running(user, found, today).first()
    if running is not None:  # pressed twice, or somebody was faster
        return redirect("cases:case", running.pk)
    try:
        case = open_case(household=found.household, rulebook=found.rulebook, by=user, today=today)
    except (CaseError, path.NotAllowed) as error:
        messages.warning(request, capfirst(str(error)))
        return redirect("signals:clue", found.pk)
    procedure, state = procedure_for(case), state_of(case)
    first = path.next_step(procedure, state)
    if first is not None and may_take(case, first, state, user, today) == (True, False):
        return redirect(address_of(case, first) or reverse("cases:case", args=[case.pk]))
    return redirect("cases:case", case.pk)


def card_of_household(household: Household, user: Any, today: datetime.date) -> HouseholdCard | None:
    """The cases of a household, the last first. One query."""
    cases = Case.objects.visible_to(user, today).filter(household=household)
    rows = list(cases.select_related("rulebook_version").defer("rulebook_version__content").order_by("-pk"))
    if not rows:
        return None
    return HouseholdCard(
        title=_("Cases"),
        template="cases/of_household.html",
        context={
            "rows": [
                {
                    "case": case,
                    "tag": class_tag(case),
                    "open": case.status in RUNNING,
                }
                for case in rows
            ],
            "today": today,
        },
    )
