"""What a country or a province asks of its work teams: small YAML files with a source beside every rule.

norms = load_norms("cn-yn-2021")
norms.size_for(201)              # Size(first_secretaries=1, members=4)
norms.understaffed(1, 2, 201)    # Size(first_secretaries=0, members=2): what is lacking
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.policy import MOST_WEIGHT, Policy, policy_of
from highground.methods.facts.months import later

FOLDER = Path(__file__).resolve().parents[2] / "data" / "teams"
RULES = ("age", "not_sent", "home", "kin", "distance", "health")
"""The rules on who may not be sent, or not there: each forbids, or costs points where `minus` says how many."""
PARTS = ("base", "each_need", "language", "paired", "near", "near_kilometres", "remote")


@dataclass(frozen=True)
class Size:
    """How many first secretaries and members a team has."""

    first_secretaries: int
    members: int


@dataclass(frozen=True)
class Norms:
    """The rules of one file. `points`: what a person brings to a village (`pairing.py`); `sources` by id: title, verified.

    `soft`: the rules among `RULES` that cost points and do not forbid.
    """

    id: str
    title: dict[str, str]
    sources: dict[str, tuple[str, bool]]
    sizes: tuple[tuple[int, Size], ...]
    term_months: int
    days_a_year: int
    age: int
    not_sent: tuple[str, ...]
    too_remote: float  # for people whose health keeps them from remote villages
    soft: dict[str, int]
    couples_together: bool
    points: dict[str, int]
    weights: Policy
    of: dict[str, str]  # each rule's source

    def size_for(self, at_risk: int) -> Size:
        """The least team of a village with so many people at risk."""
        return next(size for over, size in reversed(self.sizes) if at_risk > over)

    def understaffed(self, first_secretaries: int, members: int, at_risk: int) -> Size | None:
        """What a team lacks to be as large as the norm asks, None where it is large enough."""
        wanted = self.size_for(at_risk)
        short = max(0, wanted.first_secretaries - first_secretaries)
        lacking = Size(short, max(0, wanted.members - members))
        return lacking if lacking != Size(0, 0) else None

    def due(self, since: datetime.date) -> datetime.date:
        """The first day on which somebody has served the least term."""
        return later(since, self.term_months)

    def below_term(self, since: datetime.date, until: datetime.date) -> bool:
        """Whether a post from `since` to `until` (the day after its last) is shorter than the norm."""
        return until < self.due(since)


@cache
def load_norms(name: str) -> Norms:
    """A shipped file by its id. Raises InputError for an unknown id or a file that lacks a rule."""
    path = FOLDER / f"{name}.yaml"
    if name not in shipped():
        raise InputError(f"there are no norms '{name}'; choose one of {', '.join(shipped())}")
    return read_norms(path)


@cache
def shipped() -> tuple[str, ...]:
    """The ids of the files that come with the program."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def read_norms(path: Path) -> Norms:
    """Norms from a YAML file. Raises InputError naming the file and the key."""
    given = yaml.safe_load(path.read_text(encoding="utf-8"))
    rules = (
        "team_size",
        "term_months",
        "days_a_year",
        *RULES,
        "couples_together",
        "weights",
        "points",
    )
    for key in ("id", "title", "sources", *rules):
        if key not in given:
            raise InputError(f"{path}: there is no `{key}`; write it")
    sources = {one["id"]: (one["title"], bool(one["verified"])) for one in given["sources"]}
    of = {rule: given[rule].get("source", "") for rule in rules}
    for rule, source in of.items():
        if source not in sources:
            raise InputError(f"{path}: `{rule}`: the source '{source}' is not listed under `sources`")
    rows = sorted(given["team_size"]["rows"], key=lambda row: row["over"])
    if not rows or rows[0]["over"] >= 0:
        raise InputError(f"{path}: `team_size`: the first row must hold for every village; write `over: -1`")
    return Norms(
        id=given["id"],
        title=given["title"],
        sources=sources,
        sizes=tuple((row["over"], Size(row["first_secretaries"], row["members"])) for row in rows),
        term_months=given["term_months"]["least"],
        days_a_year=given["days_a_year"]["least"],
        age=given["age"]["most"],
        not_sent=tuple(given["not_sent"]["occupations"]),
        too_remote=given["health"]["remoteness"],
        soft=_soft(path, given),
        couples_together=given["couples_together"]["allowed"],
        points={name: given["points"][name] for name in PARTS},
        weights=_weights(path, given["weights"], couples=not given["couples_together"]["allowed"]),
        of=of,
    )


def _soft(path: Path, given: dict[str, Any]) -> dict[str, int]:
    found = {rule: given[rule]["minus"] for rule in RULES if "minus" in given[rule]}
    for rule, minus in found.items():
        if type(minus) is not int or not 0 < minus <= MOST_WEIGHT:
            raise InputError(
                f"{path}: `{rule}`: `minus` is {minus!r}; write a whole number from 1 to {MOST_WEIGHT}, or leave it"
                " out if the rule forbids"
            )
    return found


def _weights(path: Path, given: dict[str, Any], *, couples: bool) -> Policy:
    policy, findings = policy_of(path, {name: value for name, value in given.items() if name != "source"})
    for finding in findings:
        raise InputError(f"{path}: {finding}")
    return policy.but(couples=couples)
