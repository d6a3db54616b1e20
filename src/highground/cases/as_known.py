"""What the rules say of a household with what is known by now: a change at the door shows on its page at once.

The last run said what it knew. Where something was recorded since, the page asks the same rules of this household again,
row by row; clues open and clear by the next screening.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from highground.cases.known import records_on
from highground.methods.rules.judging import Judgement, judge
from highground.methods.rules.statement import SCREENED
from highground.people.models import Household, Observation
from highground.signals.joined import HouseholdCard
from highground.signals.models import HouseholdVerdict
from highground.signals.rulebooks import book_of


def card_of_household(household: Household, user: Any, today: datetime.date) -> HouseholdCard | None:
    """By each rulebook what is said by now, where something was recorded since its run. None where nothing was.

    One query where nothing was; else four more for each rulebook.
    """
    since = Observation.objects.everywhere(reason="facts of a household that the caller has scoped").filter(
        Q(household=household, member__isnull=True) | Q(member__household=household, member__present=True),
        recorded_at__gt=OuterRef("run__created_at"),
    )
    verdicts = HouseholdVerdict.objects.visible_to(user, today).filter(Exists(since), household=household)
    rows = [
        row
        for verdict in verdicts.select_related("run__rulebook_version").order_by("rulebook")
        if (row := _row(household, verdict, today)) is not None
    ]
    if not rows:
        return None
    return HouseholdCard(
        title=_("By what is known now"),
        note=_(
            "Something was recorded since the last run. The rules were asked again, of this household alone."
        ),
        template="cases/as_known.html",
        context={"rows": rows},
        accent="gold" if any(row["changed"] for row in rows) else "",
    )


def _row(household: Household, verdict: HouseholdVerdict, today: datetime.date) -> dict[str, Any] | None:
    run = verdict.run
    book = book_of(run.rulebook_version.hash)
    first, last = book.assessed
    if not first <= today <= last:
        return None
    ranked = book.ranked(run.manifest.get("ranks", {}))
    now = judge(records_on(household, ranked, [today], SCREENED)[today], ranked)
    return {
        "book": book,
        "run": run,
        "now": now,
        "changed": _said(now) != (verdict.class_verdict, verdict.class_id, sorted(verdict.fired)),
    }


def _said(now: Judgement) -> tuple[str, str, list[str]]:
    return now.class_verdict, now.class_id or "", sorted(now.fired)
