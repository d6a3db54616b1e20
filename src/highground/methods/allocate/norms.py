"""What a country or a province asks of its work teams: small YAML files with a source beside every rule.

norms = load_norms("cn-yn-2021")
norms.size_for(201)              # Size(first_secretaries=1, members=4)
norms.understaffed(1, 2, 201)    # Size(first_secretaries=0, members=2): what is lacking
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.policy import MOST_WEIGHT, Policy, policy_of
from highground.methods.facts.months import later

OWN = "norms"
"""The folder, in the home of an office, for norms of its own."""
MOST_POINTS = 2000
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


def load_norms(name: str, home: Path | None = None) -> Norms:
    """Norms by their id: a shipped file, or one of the office whose files lie in `home`.

    A file is read anew once it was changed. Raises InputError for an unknown id and for a file that cannot be used.
    """
    paths = norms_files(home)
    if name not in paths:
        own = f", or write {home / OWN / f'{name}.yaml'}" if home else ""
        raise InputError(f"there are no norms '{name}'; choose one of {', '.join(paths)}{own}")
    return _cached(paths[name], paths[name].stat().st_mtime_ns)


def norms_files(home: Path | None = None) -> dict[str, Path]:
    """The files by id: those that come with the program, and the office's own, of which one may replace a shipped one."""
    folders = [FOLDER, *([home / OWN] if home else [])]
    found = {path.stem: path for folder in folders for path in folder.glob("*.yaml")}
    return dict(sorted(found.items()))


@lru_cache(maxsize=64)
def _cached(path: Path, _changed: int) -> Norms:
    found = read_norms(path)
    if found.id != path.stem:
        raise InputError(f"{path}: `id` is '{found.id}'; write the name of the file, {path.stem}")
    return found


def read_norms(path: Path) -> Norms:
    """Norms from a YAML file. Raises InputError naming the file and the key."""
    file = _File(path, _content(path))
    name, title = file.given.get("id"), file.part("title")
    if not isinstance(name, str):
        raise InputError(f"{path}: `id` is {name!r}; write the name of the file, {path.stem}")
    if not all(isinstance(one, str) for one in title.values()) or not title.get("en"):
        raise InputError(f"{path}: `title`: write one for each language, `en` among them")
    sources = file.sources()
    rules = ("team_size", "term_months", "days_a_year", *RULES, "couples_together", "weights", "points")
    of = {rule: file.part(rule).get("source", "") for rule in rules}
    for rule, source in of.items():
        if source not in sources:
            raise InputError(f"{path}: `{rule}`: the source '{source}' is not listed under `sources`")
    return Norms(
        id=name,
        title=title,
        sources=sources,
        sizes=file.sizes(),
        term_months=file.whole("term_months", "least", 600),
        days_a_year=file.whole("days_a_year", "least", 366),
        age=file.whole("age", "most", 150),
        not_sent=file.texts("not_sent", "occupations"),
        too_remote=file.number("health", "remoteness", 1),
        soft=_soft(path, file.given),
        couples_together=file.flag("couples_together", "allowed"),
        points={
            one: file.whole("points", one, MOST_POINTS, least=int(one == "near_kilometres")) for one in PARTS
        },
        weights=_weights(path, file.part("weights"), couples=not file.flag("couples_together", "allowed")),
        of=of,
    )


def _content(path: Path) -> dict[str, Any]:
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a YAML file ({str(error).splitlines()[0]})") from error
    if not isinstance(given, dict):
        raise InputError(f"{path}: write one `name:` with its values below it for each rule")
    return given


@dataclass(frozen=True)
class _File:
    """What a file of norms says, read key by key; what cannot be used is an InputError that names the file and the key."""

    path: Path
    given: dict[str, Any]

    def part(self, rule: str) -> dict[str, Any]:
        if rule not in self.given:
            raise InputError(f"{self.path}: there is no `{rule}`; write it")
        if not isinstance(self.given[rule], dict):
            raise InputError(f"{self.path}: `{rule}`: write keys below it, each with its value")
        found: dict[str, Any] = self.given[rule]
        return found

    def _value(self, rule: str, key: str, fits: Callable[[Any], bool], wanted: str) -> Any:
        value = self.part(rule).get(key)
        if not fits(value):
            raise InputError(f"{self.path}: `{rule}`: `{key}` is {value!r}; write {wanted}")
        return value

    def whole(self, rule: str, key: str, most: int, *, least: int = 0) -> int:
        value: int = self._value(
            rule,
            key,
            lambda one: type(one) is int and least <= one <= most,
            f"a whole number from {int(least)} to {most}",
        )
        return value

    def number(self, rule: str, key: str, most: float) -> float:
        def fits(one: Any) -> bool:
            return type(one) in (int, float) and 0 <= one <= most

        return float(self._value(rule, key, fits, f"a number from 0 to {most}"))

    def flag(self, rule: str, key: str) -> bool:
        return bool(self._value(rule, key, lambda one: isinstance(one, bool), "true or false"))

    def texts(self, rule: str, key: str) -> tuple[str, ...]:
        def fits(some: Any) -> bool:
            return isinstance(some, list) and all(isinstance(one, str) for one in some)

        return tuple(self._value(rule, key, fits, "a list of texts in square brackets"))

    def sources(self) -> dict[str, tuple[str, bool]]:
        given = self.given.get("sources")
        if not isinstance(given, list) or not given:
            raise InputError(
                f"{self.path}: there is no `sources`; write a list of `id`, `title` and `verified`"
            )
        found = {}
        for one in given:
            if not isinstance(one, dict) or {type(one.get("id")), type(one.get("title"))} != {str}:
                raise InputError(
                    f"{self.path}: `sources`: {one!r} lacks a text under `id` or `title`; write it"
                )
            if not isinstance(one.get("verified"), bool):
                raise InputError(f"{self.path}: `sources`: `verified` of '{one['id']}': write true or false")
            found[one["id"]] = (one["title"], one["verified"])
        return found

    def sizes(self) -> tuple[tuple[int, Size], ...]:
        rows = self.part("team_size").get("rows")
        if not isinstance(rows, list) or not rows:
            raise InputError(f"{self.path}: `team_size`: `rows` is {rows!r}; write a list of sizes")
        for row in rows:
            least = {"over": -1, "first_secretaries": 0, "members": 0}
            wrong = [
                key for key in least
                if not isinstance(row, dict) or type(row.get(key)) is not int or row[key] < least[key]
            ]  # fmt: skip
            if wrong:
                raise InputError(
                    f"{self.path}: `team_size`: {row!r}: write a whole number under `{wrong[0]}`"
                )
        rows = sorted(rows, key=lambda row: row["over"])
        if rows[0]["over"] >= 0:
            raise InputError(
                f"{self.path}: `team_size`: the first row must hold for every village; write `over: -1`"
            )
        return tuple((row["over"], Size(row["first_secretaries"], row["members"])) for row in rows)


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
