"""Many villages at once: townships, households, tallies and clues like those of one real run."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from highground.areas.models import Area
    from highground.signals.models import Run

NAMES = (
    {"en": "Nalong", "zh-hans": "那龙镇"},
    {"en": "Heping with a very long name that goes on", "zh-hans": "和平镇"},
    {"en": "ເມືອງໄຊເສດຖາ", "lo": "ເມືອງໄຊເສດຖາ"},
    {"en": "Dongmu"},
    {"en": "Donaudampfschifffahrtselektrizitäten"},
    {"en": "Shuikou"},
)
RULES = (
    ("sudden_severe", "class", 3),
    ("marginal", "class", 3),
    ("unstable_lifted_out", "class", 3),
    ("dwelling_unsafe", "rule", 2),
    ("medical_spending", "rule", 2),
    ("child_out_of_school", "rule", 1),
)


def add_crowd(run: Run, county: Area, *, townships: int, villages: int, today: datetime.date) -> list[Area]:
    """Townships under `county`, each with so many villages of some households; the villages are returned.

    The numbers repeat in a pattern, so that squares of every darkness, overdue clues, a village that nobody
    screened and one without households all appear.
    """
    from highground.areas.models import Area

    made: list[Area] = []
    for row in range(townships):
        names = {language: f"{name} {row + 1}" for language, name in NAMES[row % len(NAMES)].items()}
        township = _area(county, f"TOWN-{row}", "township", names, 50 + row)
        Area.objects.bulk_create([township])
        made += Area.objects.bulk_create(
            _area(township, f"VILLAGE-{row}-{one}", "village", {"en": f"Village {one + 1}"}, one + 1)
            for one in range(villages)
        )
    _settle(run, made, today)
    return made


def _area(parent: Area, code: str, level: str, names: dict[str, str], place: int) -> Area:
    from highground.areas.models import SEGMENT, Area

    return Area(
        code=code,
        country=parent.country,
        level=level,
        parent=parent,
        path=parent.path + str(place).zfill(SEGMENT),
        depth=parent.depth + 1,
        names=names,
        synthetic=True,
    )


def _settle(run: Run, villages: list[Area], today: datetime.date) -> None:
    from highground.people.models import Household
    from highground.signals.models import AreaTally, Clue

    tallies: list[Any] = []
    clues: list[Any] = []
    for place, village in enumerate(villages):
        many = (place * 7) % 11 if place % 3 else 0
        lived = 0 if place % 13 == 12 else 40 + place % 90
        if place % 17 != 16:
            tallies.append(
                AreaTally(
                    area=village, rulebook=run.rulebook, run=run, households=lived,
                    possible=min(lived, many), cannot_tell=place % 5, unseen=place % 2,
                )
            )  # fmt: skip
        homes = Household.objects.bulk_create(
            [
                Household(key=f"C{place:04}-{one:02}", number=f"{place:04}{one:02}", area=village)
                for one in range(many if lived else 0)
            ]
        )
        for one, home in enumerate(homes):
            rule, kind, severity = RULES[(place + one) % len(RULES)]
            due = today + datetime.timedelta(days=(place + one) % 12 - 3)
            clues.append(
                Clue(
                    household=home, rulebook=run.rulebook, rule=rule, kind=kind, severity=severity,
                    opened_on=due - datetime.timedelta(days=10), due_on=due, run_opened=run, run_last=run,
                )
            )  # fmt: skip
    AreaTally.objects.bulk_create(tallies)
    Clue.objects.bulk_create(clues)
