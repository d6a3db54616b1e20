"""Reading clues, queues and runs. Everything starts from what a person may see."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Min, Q, QuerySet, Sum

from highground.accounts.enums import Sight
from highground.accounts.queries import may_see
from highground.areas.models import Area
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


def queue_counts(user: Any, area: Area | None) -> dict[str, int]:
    """How many households wait in each queue. One query."""
    found = HouseholdVerdict.objects.visible_to(user).exclude(queue=Queue.NONE)
    if area:
        found = found.filter(household__area__path__startswith=area.path)
    return dict(found.order_by().values_list("queue").annotate(count=Count("pk")))


def shown(kind: str, today: datetime.date) -> Q:
    """The condition behind a filter of the list of clues: overdue, week, new, cleared; else all."""
    return {
        "overdue": Q(due_on__lt=today),
        "week": Q(due_on__gte=today, due_on__lt=today + WEEK),
        "new": Q(run_opened=F("run_last")),
        "cleared": Q(cleared_by__isnull=False),
    }.get(kind, Q())


KINDS = ("overdue", "week", "new", "cleared")


def clue_counts(clues: QuerySet[Clue], today: datetime.date) -> dict[str, Any]:
    """How many clues there are, and behind each filter; the earliest deadline as `first_due`. One query."""
    counts: dict[str, Any] = clues.aggregate(
        all=Count("pk"),
        first_due=Min("due_on"),
        **{kind: Count("pk", filter=shown(kind, today)) for kind in KINDS},
    )
    return counts


def rule_counts(clues: QuerySet[Clue]) -> list[tuple[str, str, int]]:
    """Rulebook, rule and how many clues, most first. One query."""
    rows = clues.order_by().values_list("rulebook", "rule").annotate(count=Count("pk"))
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def counts_by_path(rows: QuerySet[Any], path: str = "household__area__path") -> dict[str, int]:
    """How many rows there are per path of an area. One query."""
    return dict(rows.order_by().values_list(path).annotate(count=Count("pk")))


def fold(counts: Mapping[str, int], areas: Iterable[Area]) -> dict[str, int]:
    """The counts of each of these areas with everything below it, by path. `areas` are of one level."""
    folded: Counter[str] = Counter()
    lengths = {len(area.path) for area in areas}
    for path, count in counts.items():
        for length in lengths:
            folded[path[:length]] += count
    return {area.path: folded[area.path] for area in areas}


@dataclass(frozen=True)
class Tally:
    """Households that the last runs looked at, and in how many of them what was found."""

    households: int = 0
    possible: int = 0
    cannot_tell: int = 0
    unseen: int = 0

    @property
    def no_class(self) -> int:
        return max(0, self.households - self.possible - self.cannot_tell - self.unseen)


def tallies(user: Any, area: Area) -> QuerySet[AreaTally]:
    """The tallies in and below `area`."""
    return AreaTally.objects.visible_to(user).filter(area__path__startswith=area.path)


def tally_of(user: Any, area: Area) -> Tally:
    """The sum of the tallies in and below `area`. One query."""
    names = ("households", "possible", "cannot_tell", "unseen")
    sums = tallies(user, area).aggregate(**{name: Sum(name) for name in names})
    return Tally(**{name: sums[name] or 0 for name in names})


def clues_by_path(user: Any, area: Area) -> dict[str, int]:
    """Open clues per path of an area in and below `area`, for pictures: whoever sees counts may have them."""
    found = Clue.counted.visible_to(user).filter(status=ClueStatus.OPEN)
    return counts_by_path(found.filter(household__area__path__startswith=area.path))


def clues_by_rule(user: Any, area: Area) -> list[tuple[str, str, int]]:
    """Open clues per rule in and below `area`, for pictures."""
    found = Clue.counted.visible_to(user).filter(status=ClueStatus.OPEN)
    return rule_counts(found.filter(household__area__path__startswith=area.path))


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
