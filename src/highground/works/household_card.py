"""What stands of works and industry on the page of a household: its village's gaps and works, and where it earns."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.translation import gettext as _

from highground.areas.enums import Level
from highground.people.models import Household
from highground.signals.joined import HouseholdCard
from highground.works.enums import WorkStage
from highground.works.models import IndustryLink, told
from highground.works.queries.projects import seen_village
from highground.works.queries.villages import services_of, works_of
from highground.works.words import work_words

DONE = (WorkStage.HANDED_OVER, WorkStage.GIVEN_UP)


def card_of_household(household: Household, user: Any, today: datetime.date) -> HouseholdCard | None:
    """The village of a household and the enterprises from which it earns; None where the village is not seen. Seven queries."""
    area = household.area
    place = area.parent if area.level == Level.GROUP and area.parent else area
    village = seen_village(user, place.code, today)
    if village is None:
        return None
    services = [one for one in services_of([village])[village.pk] if one.latest]
    links = IndustryLink.objects.visible_to(user, today).filter(household=household)
    context = {
        "village": village,
        "short": [told(one.standard.label) for one in services if one.gap],
        "known": len(services),
        "works": [
            (one, *work_words(one, today)) for one in works_of([village]) if WorkStage(one.stage) not in DONE
        ],
        "links": [
            (one, one.until is None or one.until >= today)
            for one in links.select_related("enterprise").prefetch_related("years").order_by("-since", "pk")
        ],
    }
    return HouseholdCard(_("Its village, and where it earns"), "works/household.html", context)
