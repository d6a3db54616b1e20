"""The conditions of an exit as a page tells them: members by the name that the page uses, and what the family still asks."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from highground.cases.actions.exits import exit_verdicts_of
from highground.cases.models import Case
from highground.cases.needs.queries import OPEN
from highground.methods.rules.exiting import ConditionVerdict
from highground.people.enums import Protected
from highground.people.masking import opens_persons
from highground.people.models import ProtectedValue
from highground.people.queries import names_of


def conditions_of(case: Case, user: Any, today: datetime.date) -> list[ConditionVerdict]:
    """The exit conditions with verdicts, told with the names of members to whoever sees them. Two queries on top at most."""
    found = exit_verdicts_of(case, today=today)
    names = _names(case, found, user, today)
    if not names:
        return found
    keys = re.compile("|".join(rf"(?<!\w){re.escape(key)}(?!\w)" for key in names))
    return [
        replace(
            one,
            sentence={
                language: keys.sub(lambda match: names[match.group()], text)
                for language, text in one.sentence.items()
            },
        )
        for one in found
    ]


def open_needs(case: Case) -> int:
    """How many things the family asks for that it has not called solved. One query."""
    return case.household.needs.filter(OPEN).count()


def _names(case: Case, found: Sequence[ConditionVerdict], user: Any, today: datetime.date) -> dict[str, str]:
    """The names of the members that a condition reads, by their key in the sentences."""
    keys = {str(value["member"]) for one in found for value in one.values if value.get("member")}
    if not keys or not opens_persons(user, case.household, today):
        return {}
    values = ProtectedValue.objects.visible_to(user).filter(household=case.household, kind=Protected.NAME)
    rows = list(values.filter(member__key__in=keys).select_related("member"))
    opened = names_of(rows)
    named = ((row.member, opened[row.member_id, row.kind]) for row in rows)
    return {member.key: name for member, name in named if member and name}
