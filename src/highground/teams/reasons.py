"""Why somebody is where a plan posts them, and why not elsewhere, in the reader's words.

The reasons come from `methods.allocate`, which knows codes; here they become sentences with names. Points belong to the plan
as a whole; they are never what a person is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from highground.methods.allocate.explaining import Explainer, Reason
from highground.methods.allocate.folder import read_plan
from highground.methods.allocate.pairing import why_forbidden
from highground.methods.allocate.tables import read_tables
from highground.teams.enums import PostRole
from highground.teams.ground import norms_of
from highground.teams.models import Plan
from highground.teams.planning import folder_of
from highground.web.numbers import number

RULES = {
    "home": gettext_lazy("it is the home village, and nobody is sent home"),
    "kin": gettext_lazy("kin of theirs hold office there"),
    "distance": gettext_lazy("it lies further from home than the family can bear"),
    "health": gettext_lazy("it is too remote for their health"),
    "occupation": gettext_lazy("people of this occupation are not sent"),
    "age": gettext_lazy("older than the norm allows"),
}


@dataclass(frozen=True)
class Names:
    """What people and villages are called, by code."""

    people: Mapping[str, str]
    villages: Mapping[str, str]


@lru_cache(maxsize=4)
def _explainer(folder: str, made: float) -> Explainer:
    kept = read_plan(Path(folder) / "plan")
    task = kept.task(Path(folder) / "in")
    pairs = task.pairs_of(kept.postings.column("person"), kept.postings.column("village"))
    return Explainer(task, pairs[pairs >= 0])


def explainer_of(plan: Plan) -> Explainer:
    """What answers questions about a plan: read once from its folder, and kept for the next ones."""
    folder = folder_of(plan)
    return _explainer(str(folder), (folder / "plan" / "manifest.json").stat().st_mtime)


def why(plan: Plan, code: str, names: Names) -> str:
    """Why this person is posted where they are, in one sentence."""
    told = explainer_of(plan).explain(code).reasons
    parts = [said(one, names) for one in told if one.kind not in ("posted", "locked")]
    return capfirst(_("; ").join(part for part in parts if part)) or _("Fills a seat that nobody else could.")


def why_not(plan: Plan, code: str, village: str, names: Names) -> list[str]:
    """Why this person is not posted to this village."""
    told = explainer_of(plan).why_not(code, village)
    if told and told[0].kind == "not_eligible":
        folder = folder_of(plan) / "in"
        tables = read_tables(folder)
        rule = why_forbidden(
            tables.people, tables.villages, tables.units, norms_of(plan.norms), code, village,
            year=plan.made_on.year,
        )  # fmt: skip
        if rule:
            return [capfirst(str(RULES[rule]))]
        return [capfirst(_("too many other villages fit better: it was not looked at"))]
    return [capfirst(said(one, names)) for one in told]


def said(reason: Reason, names: Names) -> str:
    """One reason as part of a sentence."""
    values = reason.values
    points = {"points": number(abs(reason.points))}
    first = values[0] if values else ""
    village = names.villages.get(first, first)
    if reason.kind == "needs":
        words = {"met": first, "all": values[1], "which": _listed(values[2])}
        return _("meets %(met)s of %(all)s needs (%(which)s)") % words if first != "0" else ""
    if reason.kind == "only":
        return _("the only one in the team for: %(what)s") % {"what": _listed(first)}
    if reason.kind == "loses":
        words = {"village": village, "what": _listed(values[1]), **points}
        if values[1] == "points":
            return _("%(village)s would be worse off by %(points)s points") % words
        return _("%(village)s would lose %(what)s (%(points)s points)") % words
    if reason.kind == "displaces":
        words = {
            "person": names.people.get(first, first),
            "village": names.villages.get(values[1], values[1]),
        }
        return _("%(person)s would have to leave %(village)s") % words
    plain = {
        "posted": "",
        "no_post": _("has no post in this plan"),
        "language": _("speaks the language of the village (%(what)s)") % {"what": first},
        "distance": _("lives %(far)s km away") % {"far": first},
        "paired": _("the unit is paired with this village"),
        "stays": _("is there already"),
        "locked": _("was posted by hand"),
        "locked_elsewhere": _("was posted by hand to %(village)s") % {"village": village},
        "there": _("is posted there"),
        "unit_full": _("the unit releases as many as it may already"),
        "spouse": _("the spouse is posted, and couples do not go together"),
        "better_alone": _("scores %(points)s points more there by themselves") % points,
        "worse_alone": _("scores %(points)s points fewer there") % points,
        "vacancy": _("%(village)s would be left with a vacant seat") % {"village": village},
    }
    if reason.kind == "net":
        if reason.points < 0:
            return _("in all the plan would lose %(points)s points") % points
        return _("in all the plan would change by %(points)s points") % points
    return plain.get(reason.kind, str(reason))


def _listed(words: str) -> str:
    """A list of skills, with what the methods call by an English name in the reader's words."""
    known = {
        "a woman": _("a woman"),
        "a first secretary": str(PostRole.FIRST_SECRETARY.label),
        "none": pgettext("needs met", "none"),
    }
    return _(", ").join(known.get(one, one) for one in words.split(", "))


def names_of(people: Iterable[tuple[str, str]], villages: Iterable[tuple[str, str]]) -> Names:
    """Names from pairs of code and name."""
    return Names(dict(people), dict(villages))
