"""Reading clues, queues and runs. Everything starts from what a person may see."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Left

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.areas.models import SEGMENT, Area
from highground.signals.enums import ClueStatus, Queue
from highground.signals.models import AreaTally, Clue, HouseholdVerdict, Run, Sighting

WEEK = datetime.timedelta(days=7)


def open_clues(user: Any, area: Area | None) -> QuerySet[Clue]:
    """The open clues that `user` may see in `area` (anywhere without it)."""
    found = Clue.objects.visible_to(user).filter(status=ClueStatus.OPEN)
    return found.filter(household__area__path__startswith=area.path) if area else found


def queue_of(user: Any, area: Area | None, queue: Queue) -> QuerySet[HouseholdVerdict]:
    """The households that wait in a queue."""
    found = HouseholdVerdict.objects.visible_to(user).filter(queue=queue)
    return found.filter(household__area__path__startswith=area.path) if area else found


def queue_counts(user: Any, area: Area | None) -> Mapping[str, dict[str, int]]:
    """How many households wait in each queue, by the path of the part of `area` (see `part_of`). One query."""
    found = HouseholdVerdict.objects.visible_to(user).exclude(queue=Queue.NONE)
    if area:
        found = found.filter(household__area__path__startswith=area.path)
    counted = found.order_by().values_list("queue", part_of(area)).annotate(count=Count("pk"))
    waiting: dict[str, dict[str, int]] = defaultdict(dict)
    for queue, place, count in counted:
        waiting[queue][place] = count
    return waiting  # a queue without anybody is an empty dict


def part_of(area: Area | None) -> Left:
    """An expression: the path of the area right below `area` in which a household lives; `area`'s own path for
    those who live in none of them."""
    return Left("household__area__path", (len(area.path) if area else 0) + SEGMENT)


def shown(kind: str, today: datetime.date) -> Q:
    """The condition behind a filter of the list of clues: overdue, week, new, cleared; else all."""
    return {
        "overdue": Q(due_on__lt=today),
        "week": Q(due_on__gte=today, due_on__lt=today + WEEK),
        "new": Q(run_opened=F("run_last")),
        "cleared": Q(cleared_by__isnull=False),
    }.get(kind, Q())


KINDS = ("overdue", "week", "new", "cleared")


class ClueCounts:
    """How many clues stand behind each filter of their list: which (`shown`), where and by which rule, in any mixture.

    `rows` are rulebook, rule, path of a place, how many in all and as each of `KINDS`.
    """

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._rows = [
            (book, rule, place, dict(zip(("all", *KINDS), many, strict=True)))
            for book, rule, place, *many in rows
        ]

    def count(self, kind: str = "all", *, place: str = "", rule: tuple[str, str] | None = None) -> int:
        """How many of a kind (all for a word that is none) in a place (a path) and by a rule (rulebook and rule)."""
        kind = kind if kind in KINDS else "all"
        return sum(
            many[kind]
            for book, name, path, many in self._rows
            if path.startswith(place) and rule in (None, (book, name))
        )

    def by_kind(self) -> dict[str, int]:
        """All, and behind each filter."""
        return {kind: self.count(kind) for kind in ("all", *KINDS)}

    def by_rule(self) -> list[tuple[str, str, int]]:
        """Rulebook, rule and how many, most first."""
        found: Counter[tuple[str, str]] = Counter()
        for book, rule, _place, many in self._rows:
            found[book, rule] += many["all"]
        return most_first(found)


def most_first(counts: Mapping[tuple[str, str], int]) -> list[tuple[str, str, int]]:
    """Rulebook, rule and how many, the most first."""
    rows = [(rulebook, rule, count) for (rulebook, rule), count in counts.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def count_clues(clues: QuerySet[Clue], area: Area | None, today: datetime.date) -> ClueCounts:
    """Count the clues of `area` for every filter at once, by the parts of it (see `part_of`). One query."""
    rows = clues.order_by().values_list("rulebook", "rule", part_of(area))
    kinds = {kind: Count("pk", filter=shown(kind, today)) for kind in KINDS}
    return ClueCounts(rows.annotate(all=Count("pk"), **kinds))


def tallies(user: Any, area: Area) -> QuerySet[AreaTally]:
    """The tallies in and below `area`."""
    return AreaTally.objects.visible_to(user).filter(area__path__startswith=area.path)


def counted_clues(user: Any, area: Area) -> QuerySet[Clue]:
    """The open clues in and below `area` for sums alone: counts are seen by more people than households are."""
    found = Clue.counted.visible_to(user).filter(status=ClueStatus.OPEN)
    return found.filter(household__area__path__startswith=area.path)


def last_run_of(user: Any, area: Area) -> Run | None:
    """The last run that looked at `area` or a part of it, for saying when that was."""
    around = Q(area__path__startswith=area.path) | Q(
        area__path__in=[area.path[:end] for end in range(4, len(area.path), 4)]
    )
    return Run.dated.visible_to(user).filter(around).order_by("-pk").first()


def runs_of(user: Any) -> QuerySet[Run]:
    """The runs that `user` may see, the last first."""
    found = Run.objects.visible_to(user).select_related("area", "rulebook_version")
    return found.defer("rulebook_version__content").order_by("-pk")


def sees_whole(user: Any, run: Run, today: datetime.date) -> bool:
    """Whether the run's area lies within what `user` may see, so that its totals say nothing of other areas."""
    return may_see(user, today, Sight.RUNS, run.area.path)


def changes_of(user: Any, runs: Iterable[Run]) -> dict[int, Counter[str]]:
    """New, continuing and cleared clues per run, in the areas whose counts `user` may see. One query."""
    found: dict[int, Counter[str]] = {run.pk: Counter() for run in runs}
    rows = Sighting.counted.visible_to(user).filter(run__in=list(found)).order_by()
    for run, change, count in rows.values_list("run", "change").annotate(count=Count("pk")):
        found[run][change] = count
    return found


def rule_changes_of(user: Any, run: Run) -> list[tuple[str, Counter[str]]]:
    """The changes of one run by rule, in the areas whose counts `user` may see. One query."""
    found: dict[str, Counter[str]] = {}
    rows = Sighting.counted.visible_to(user).filter(run=run).order_by()
    for rule, change, count in rows.values_list("clue__rule", "change").annotate(count=Count("pk")):
        found.setdefault(rule, Counter())[change] = count
    return sorted(found.items(), key=lambda item: (-sum(item[1].values()), item[0]))
