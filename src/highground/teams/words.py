"""What pages say of teams: chips of a team, words of a plan."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from highground.methods.allocate.norms import Norms
from highground.methods.allocate.policy import LACKS, MOST_WEIGHT
from highground.teams.enums import PlanStatus
from highground.teams.models import Plan
from highground.teams.queries import LANGUAGE, LEAD, WOMAN, Seat, Team
from highground.web.numbers import in_chinese, number, percent

COLOURS: dict[str, str] = {
    PlanStatus.WAITING: "grey",
    PlanStatus.RUNNING: "water",
    PlanStatus.FAILED: "clay",
    PlanStatus.DRAFT: "gold",
    PlanStatus.APPROVED: "green",
    PlanStatus.PUBLISHED: "green",
}
LEAST_GAP = 0.00005
WEIGHTS = ("missing_skill", "missing_language", "no_woman", "keep_bonus")


def title_of(norms: Norms) -> str:
    """What norms are called."""
    return norms.title.get("zh" if in_chinese() else "en") or norms.title["en"]


def weight_label(name: str) -> str:
    """What a weight is for."""
    return {
        "missing_skill": _("A needed skill that nobody in the team has"),
        "missing_language": _("Nobody speaks the language of the village"),
        "no_woman": _("No woman in the team"),
        "keep_bonus": _("Somebody stays where they were"),
    }[name]


def weight_said(name: str, value: int) -> str:
    """A weight as a reader sees it."""
    return _("required") if value == MOST_WEIGHT and name in LACKS else number(value)


def who_of(plan: Plan) -> str:
    """From where a plan takes its people."""
    return (
        _("All candidates in one pool") if plan.pool else _("Units send to the village they are paired with")
    )


def wish(name: str, team: Team) -> str:
    """What a village asks for, in words."""
    if name == LEAD:
        return _("first secretary")
    if name == WOMAN:
        return _("a woman")
    if name == LANGUAGE and team.need:
        return team.need.language
    return name


def chips(team: Team) -> list[tuple[str, str]]:
    """What a team has and lacks of what its village asked for, as tags: text and colour."""
    need = team.need
    if need is None:
        return []
    found = [
        (_("has %(what)s") % {"what": wish(one, team)}, "green") for one in need.needs if one in team.has
    ]
    if LANGUAGE in team.has:
        found.append((_("speaks %(what)s") % {"what": need.language}, "green"))
    found += [(_("lacks %(what)s") % {"what": wish(one, team)}, "clay") for one in team.lacks if one != WOMAN]
    found.append(
        (_("a woman in the team"), "green") if WOMAN in team.has else (_("no woman in the team"), "gold")
    )
    if team.vacant:
        words = ngettext("%(count)s vacant seat", "%(count)s vacant seats", team.vacant)
        found.append((words % {"count": team.vacant}, "clay"))
    return found


def person_chips(seat: Seat, team: Team) -> list[tuple[str, str]]:
    """What one person brings of what the village asked for."""
    need = team.need
    if need is None:
        return []
    found = [(one, "water") for one in need.needs if one in seat.candidate.abilities]
    if need.language and need.language in seat.candidate.languages:
        found.append((_("speaks %(what)s") % {"what": need.language}, "green"))
    if getattr(seat, "locked", False):
        found.append((_("locked by hand"), "plum"))
    return found


def headline_of(plan: Plan, villages: int) -> str:
    """The answer of a plan in one line."""
    shown = plan.certificate
    if not shown:
        return _("Plan %(number)s of %(area)s") % {"number": plan.number, "area": plan.area}
    words = {
        "villages": ngettext("%(count)s village", "%(count)s villages", villages)
        % {"count": number(villages)},
        "seats": ngettext("%(count)s post", "%(count)s posts", shown["seats"])
        % {"count": number(shown["seats"])},
    }
    if not shown["vacancies"]:
        return _("%(villages)s, %(seats)s, nobody missing") % words
    words["vacant"] = ngettext(
        "%(count)s seat stays vacant", "%(count)s seats stay vacant", shown["vacancies"]
    ) % {"count": number(shown["vacancies"])}
    return _("%(villages)s, %(seats)s, %(vacant)s") % words


def proof_of(plan: Plan) -> str:
    """What the certificate says, in words that promise no more than it does."""
    shown = plan.certificate
    if not shown:
        return ""
    if shown["wrong"]:
        return _("The checker found that this plan does not hold.")
    gap: Any = shown["gap"]
    parts = [
        _(
            "For these weights no plan that fills as many seats can be more than %(gap)s better; this is proven."
        )
        % {"gap": percent(gap, 2)}
        if gap is not None and gap >= LEAST_GAP
        else _("For these weights no plan that fills as many seats is better; this is proven.")
        if gap is not None
        else _("How much better another plan could be is not known.")
    ]
    parts.append(_("Every hard rule holds, checked by a second program that does not know the planner."))
    if shown["vacancies"] and not shown["avoidable_vacancies"]:
        parts.append(_("No chain of moves fills a vacant seat: there are too few people who may go there."))
    elif shown["avoidable_vacancies"]:
        words = ngettext(
            "%(count)s vacant seat could be filled by moving others.",
            "%(count)s vacant seats could be filled by moving others.",
            shown["avoidable_vacancies"],
        )
        parts.append(words % {"count": number(shown["avoidable_vacancies"])})
    return (" " if not in_chinese() else "").join(parts)


def steadiness_of(plan: Plan) -> str:
    """How much hangs on the weights, in one sentence; nothing until it is known."""
    same = plan.weighed.get("same")
    if not same:
        return ""
    return _("At least %(share)s of postings stay the same when any weight changes by 20 %%.") % {
        "share": percent(min(one["share"] for one in same), 0)
    }


def steadiness_rows(plan: Plan) -> list[tuple[str, str, str]]:
    """For each weight: how many postings stay when it is a fifth lower, and when it is a fifth higher."""
    found: dict[str, dict[float, str]] = {}
    for one in plan.weighed.get("same", []):
        found.setdefault(one["weight"], {})[one["factor"]] = percent(one["share"], 1)
    return [(weight_label(name), both.get(0.8, ""), both.get(1.2, "")) for name, both in found.items()]


def fairness_rows(plan: Plan) -> list[tuple[str, str]]:
    """How evenly strong teams are spread: strength is what a team is worth for each of its seats."""
    told = plan.weighed
    if not told:
        return []
    rows = [
        (_("Strength of a team, on average (points for each seat)"), number(round(told["mean"]))),
        (_("The weakest five in a hundred counties"), number(round(told["worst"]))),
        (_("Women among those posted"), percent(told["women"], 0)),
    ]
    if lifted := told.get("lifted"):
        rows[2:2] = [
            (
                _("The same, if the weakest were lifted at the cost of %(share)s of all points")
                % {"share": percent(lifted["share"], 2)},
                number(round(lifted["worst"])),
            )
        ]
    if told["remote"] is not None:
        rows.append(
            (
                _("Strength in the remotest quarter of villages, against the others"),
                percent(told["remote"], 0),
            )
        )
    return rows


def coverage_rows(plan: Plan) -> list[tuple[str, str]]:
    """What the teams have, of those whose village asks for it."""
    labels = {
        "lead_share": _("First secretary in place"),
        "skills_share": _("Every skill the village needs"),
        "language_share": _("Somebody who speaks the village's language"),
        "woman_share": _("At least one woman"),
    }
    return [
        (label, percent(plan.certificate[name], 1))
        for name, label in labels.items()
        if name in plan.certificate
    ]
