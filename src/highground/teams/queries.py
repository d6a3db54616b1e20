"""Reading teams: who is in them, what they bring of what their village asked for, what is lacking."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from highground.areas.models import Area
from highground.methods.allocate.norms import Norms, Size
from highground.teams.enums import Became, PostRole
from highground.teams.ground import norms_if_there
from highground.teams.models import Candidate, Plan, Post, Posting, SendingUnit, VillageNeed

WOMAN, LANGUAGE, LEAD = "woman", "language", "lead"
Seat = Posting | Post


@dataclass(frozen=True)
class Team:
    """A village with its people. `has` and `lacks`: its needs by name, and `language`, `woman`, `lead`; `vacant` seats."""

    village: Area
    need: VillageNeed | None
    people: Sequence[Seat]
    has: frozenset[str] = frozenset()
    lacks: tuple[str, ...] = ()
    vacant: int = 0

    @property
    def whole(self) -> bool:
        return not self.lacks and not self.vacant


def team_of(village: Area, need: VillageNeed | None, people: Sequence[Seat]) -> Team:
    """What these people bring of what the village asks for."""
    ordered = sorted(people, key=lambda one: (one.role != PostRole.FIRST_SECRETARY, one.candidate.code))
    if need is None:
        return Team(village, None, ordered)
    brought = {skill for one in people for skill in one.candidate.abilities} & set(need.needs)
    if need.language and any(need.language in one.candidate.languages for one in people):
        brought.add(LANGUAGE)
    if any(one.candidate.woman for one in people):
        brought.add(WOMAN)
    if any(one.role == PostRole.FIRST_SECRETARY for one in people):
        brought.add(LEAD)
    wanted = [
        *([LEAD] if need.first_secretaries else []),
        *need.needs,
        *([LANGUAGE] if need.language else []),
        WOMAN,
    ]
    return Team(
        village,
        need,
        ordered,
        frozenset(brought),
        tuple(one for one in wanted if one not in brought),
        max(0, need.first_secretaries + need.members - len(people)),
    )


def _by_village(seats: Iterable[Seat]) -> dict[int, list[Seat]]:
    found: dict[int, list[Seat]] = defaultdict(list)
    for one in seats:
        found[one.village_id].append(one)
    return found


def plans_of(user: Any, today: datetime.date, area: Area | None) -> QuerySet[Plan]:
    """The plans in an area that a person sees, the newest first."""
    found: QuerySet[Plan] = Plan.objects.visible_to(user, today).select_related("area", "parent")
    return (found.filter(area__path__startswith=area.path) if area else found.none()).order_by("-pk")


def needs_of(plan: Plan, user: Any, today: datetime.date) -> QuerySet[VillageNeed]:
    """The villages that a plan is for."""
    found: QuerySet[VillageNeed] = VillageNeed.objects.visible_to(user, today).select_related(
        "village__parent"
    )
    return found.filter(village__path__startswith=plan.area.path).order_by("village__path")


def needs_below(area: Area, *, reason: str) -> QuerySet[VillageNeed]:
    """The needs of the villages in an area that the caller has reached in scope."""
    return VillageNeed.objects.everywhere(reason=reason).filter(village__path__startswith=area.path)


def posted_elsewhere(area: Area, *, reason: str) -> QuerySet[Post]:
    """The posts outside an area, without an end, of people whom units of the area sent."""
    posts: QuerySet[Post] = Post.objects.everywhere(reason=reason)
    sent = posts.filter(candidate__unit__area__path__startswith=area.path, until__isnull=True)
    return sent.exclude(village__path__startswith=area.path)


def teams_of_plan(plan: Plan, needs: Sequence[VillageNeed]) -> list[Team]:
    """The planned teams of these villages. One query."""
    postings = plan.postings.filter(village__in=[one.village_id for one in needs])
    found = _by_village(postings.select_related("candidate__unit"))
    return [team_of(one.village, one, found[one.village_id]) for one in needs]


def pairings_of(plan: Plan, most: int) -> tuple[list[tuple[SendingUnit, Area | None]], int]:
    """The villages that a plan found for units without one, the first `most`; and how many there are. Two queries."""
    found = dict(plan.pairings[:most])
    reason = "units and villages of a plan that the caller has reached in scope"
    units = SendingUnit.objects.everywhere(reason=reason).filter(code__in=found).order_by("code")
    villages = {one.code: one for one in Area.objects.filter(code__in=found.values())} if found else {}
    return [(one, villages.get(found[one.code])) for one in units], len(plan.pairings)


def with_their_unit(plan: Plan) -> int:
    """How many are posted to the village that their unit is paired with, in the plan or before it. One query."""
    found = dict(plan.pairings)
    rows = plan.postings.values_list(
        "village__code", "candidate__unit__code", "candidate__unit__paired__code"
    )
    return sum(village == (paired or found.get(unit)) for village, unit, paired in rows)


def became_of(plan: Plan, needs: Sequence[VillageNeed]) -> list[tuple[Area, Became]]:
    """What withdrawals did to the team of each village, against the plan that was mended. Two queries."""
    assert plan.parent is not None
    before, after = (
        list(one.postings.values_list("candidate", "candidate__code", "village"))
        for one in (plan.parent, plan)
    )
    gone = set(plan.withdrawn)
    lost = {village for _who, code, village in before if code in gone}
    was, now = ({(who, village) for who, _code, village in rows} for rows in (before, after))
    seats = Counter(village for _who, _code, village in after)
    found = []
    changed = {village for _who, village in was ^ now}
    for need in needs:
        place, full = need.village_id, need.first_secretaries + need.members
        if place in lost:
            what = Became.VACANT if seats[place] < full else Became.FILLED
        else:
            what = Became.OTHERS if place in changed else Became.SAME
        found.append((need.village, what))
    return found


def _held_on(today: datetime.date) -> Q:
    return Q(until__isnull=True) | Q(until__gt=today)


def posts_of(user: Any, today: datetime.date, area: Area | None) -> QuerySet[Post]:
    """The posts held today in an area."""
    found: QuerySet[Post] = Post.objects.visible_to(user, today)
    if area is None:
        return found.none()
    return found.filter(_held_on(today), village__path__startswith=area.path)


def villages_with_posts(user: Any, today: datetime.date, area: Area | None) -> QuerySet[Area]:
    """The villages of an area where somebody is posted today."""
    held = posts_of(user, today, area).values("village")
    return Area.objects.filter(pk__in=held).select_related("parent").order_by("path")


def teams_in(villages: Sequence[Area], user: Any, today: datetime.date) -> list[Team]:
    """The teams in force of these villages, beside what their villages stated. Two queries."""
    posts: QuerySet[Post] = Post.objects.visible_to(user, today)
    posts = posts.filter(_held_on(today), village__in=villages)
    posts = posts.select_related("candidate__unit").annotate(
        days=Sum("months__days", filter=Q(months__month__year=today.year))
    )
    found = _by_village(posts)
    reason = "what villages ask of a team whose people the caller has reached in scope"
    needs = {
        one.village_id: one
        for one in VillageNeed.objects.everywhere(reason=reason).filter(village__in=villages)
    }
    return [team_of(one, needs.get(one.pk), found[one.pk]) for one in villages]


def due_on(post: Post) -> datetime.date | None:
    """The first day on which a post has lasted the least term of its norms; None where these are gone."""
    norms = norms_if_there(post.norms)
    return norms.due(post.since) if norms else None


def rotation(user: Any, today: datetime.date, area: Area | None) -> tuple[int, int]:
    """How many posts of an area are held today, and how many of them have lasted their least term. One query."""
    held = posts_of(user, today, area).values_list("norms", "since").annotate(count=Count("pk")).order_by()
    every = sum(count for _norms, _since, count in held)
    of = {name: norms_if_there(name) for name in {row[0] for row in held}}
    due = sum(count for name, since, count in held if (norms := of[name]) and norms.due(since) <= today)
    return every, due


def too_small(team: Team, norms: Norms | None) -> Size | None:
    """What a team lacks to be as large as its norms ask."""
    if team.need is None or norms is None:
        return None
    leads = sum(one.role == PostRole.FIRST_SECRETARY for one in team.people)
    return norms.understaffed(leads, len(team.people) - leads, team.need.at_risk)


@dataclass(frozen=True)
class Moves:
    """What changed from one plan to another: people by code, with the villages before and after (None: no post)."""

    same: int
    moved: list[tuple[Candidate, Area | None, Area | None]] = field(default_factory=list)


def moves_between(before: Plan, after: Plan, most: int) -> tuple[Moves, int]:
    """Whose village is another one, of them the first `most`, and how many there are. Two queries and one for the names."""
    was, now = (dict(one.postings.values_list("candidate", "village")) for one in (before, after))
    changed = sorted(one for one in was.keys() | now.keys() if was.get(one) != now.get(one))
    shown = changed[:most]
    reason = "names behind postings of plans that the caller has reached in scope"
    people = {
        one.pk: one
        for one in Candidate.objects.everywhere(reason=reason).filter(pk__in=shown).select_related("unit")
    }
    places = Area.objects.in_bulk({plan[one] for plan in (was, now) for one in shown if one in plan})
    moved = [(people[one], places.get(was.get(one, 0)), places.get(now.get(one, 0))) for one in shown]
    return Moves(sum(now.get(one) == village for one, village in was.items()), moved), len(changed)
