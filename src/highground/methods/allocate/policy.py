"""What a plan is asked to weigh: the policy of a province as a small YAML file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from highground.methods.allocate.arrays import InputError


@dataclass(frozen=True)
class Finding:
    """Something in the input that can't hold: which rule, what is wrong, and what to relax or mend."""

    rule: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.what}; {self.mend}"


MOST_WEIGHT = 2000
LACKS = ("missing_skill", "missing_language", "no_woman")
REQUIRED = "required"
"""Written in place of a weight: the most that one can be, so that it comes before all points of pairs."""


@dataclass(frozen=True)
class Policy:
    """Points that a team loses for what it lacks, points for staying, and which hard rules hold.

    What a team must have if anybody at all can bring it is `required`: it loses `MOST_WEIGHT` points without. The points are
    the working choice of this project, beside pairs of about 100 to 800 points; a province sets its own.
    """

    missing_skill: int = 150
    missing_language: int = 200
    no_woman: int = 60
    keep_bonus: int = 10
    unit_caps: bool = True
    couples: bool = True
    written: str = field(default="", compare=False, repr=False)  # the file it was read from

    def text(self) -> str:
        """The policy as YAML, as it was written where it was read from a file."""
        return self.written or yaml.safe_dump(self.values(), sort_keys=False)

    def values(self) -> dict[str, Any]:
        """The keys of a policy's file."""
        return {one: getattr(self, one) for one in KEYS}

    def but(self, **values: Any) -> Policy:
        """The policy with other values of some keys."""
        return replace(self, written="", **values)

    def required(self) -> tuple[str, ...]:
        """The weights of what every team must have that can."""
        return tuple(name for name in LACKS if getattr(self, name) == MOST_WEIGHT)

    @property
    def hash(self) -> str:
        """The SHA-256 of its text."""
        return hashlib.sha256(self.text().encode()).hexdigest()


KEYS = tuple(one.name for one in fields(Policy) if one.name != "written")


def read_policy(path: Path) -> tuple[Policy, list[Finding]]:
    """A policy from a YAML file, with what could not be taken as it stands.

    Raises InputError for a file that is no mapping, an unknown key or a value of the wrong kind. A weight below 0 would
    reward a team for what it lacks: it is taken as 0, and the finding says so.
    """
    try:
        written = path.read_text(encoding="utf-8")
        given = yaml.safe_load(written) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a YAML file ({str(error).splitlines()[0]})") from error
    if not isinstance(given, dict):
        raise InputError(f"{path}: write one `name: value` on each line")
    policy, findings = policy_of(path, given)
    return replace(policy, written=written), findings


def policy_of(path: Path, given: dict[str, Any]) -> tuple[Policy, list[Finding]]:
    """A policy from the mapping of a file, as in `read_policy`."""
    mended: dict[str, Any] = {
        name: MOST_WEIGHT if value == REQUIRED and name in LACKS else value for name, value in given.items()
    }
    findings = list(_mend(path, mended))
    return Policy(**mended), findings


def _mend(path: Path, given: dict[str, Any]) -> Iterator[Finding]:
    known = {one.name: type(one.default) for one in fields(Policy) if one.name in KEYS}
    for name, value in given.items():
        if name not in known:
            raise InputError(f"{path}: unknown key '{name}'; known are {', '.join(known)}")
        if type(value) is not known[name]:
            kind = "true or false" if known[name] is bool else "a whole number"
            kind += f", or {REQUIRED}" * (name in LACKS)
            raise InputError(f"{path}: {name} is {value!r}; write {kind}")
        if isinstance(value, int) and not -MOST_WEIGHT <= value <= MOST_WEIGHT:
            raise InputError(f"{path}: {name} is {value}; a weight is at most {MOST_WEIGHT} points")
    for name, value in list(given.items()):
        if known[name] is int and value < 0:
            given[name] = 0
            what = f"a weight of {value} would reward a team for what it lacks, so 0 was used"
            yield Finding(f"policy {name}", what, "write 0 or more")
