"""What a plan is asked to weigh: the policy of a province as a small YAML file."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
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


@dataclass(frozen=True)
class Policy:
    """Points that a team loses for what it lacks, points for staying, and which hard rules hold.

    The points are the working choice of this project, beside pairs of about 100 to 800 points; a province sets its own.
    """

    missing_skill: int = 150
    missing_language: int = 200
    no_woman: int = 60
    keep_bonus: int = 10
    unit_caps: bool = True
    couples: bool = True

    def text(self) -> str:
        """The policy as YAML."""
        return yaml.safe_dump(asdict(self), sort_keys=False)

    @property
    def hash(self) -> str:
        """The SHA-256 of its text."""
        return hashlib.sha256(self.text().encode()).hexdigest()


def read_policy(path: Path) -> tuple[Policy, list[Finding]]:
    """A policy from a YAML file, with what could not be taken as it stands.

    Raises InputError for a file that is no mapping, an unknown key or a value of the wrong kind. A weight below 0 would
    reward a team for what it lacks: it is taken as 0, and the finding says so.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: not a YAML file ({str(error).splitlines()[0]})") from error
    if not isinstance(given, dict):
        raise InputError(f"{path}: write one `name: value` on each line")
    findings = list(_mend(path, given))
    return Policy(**given), findings


def _mend(path: Path, given: dict[str, Any]) -> Iterator[Finding]:
    known = {one.name: type(one.default) for one in fields(Policy)}
    for name, value in given.items():
        if name not in known:
            raise InputError(f"{path}: unknown key '{name}'; known are {', '.join(known)}")
        if type(value) is not known[name]:
            kind = "true or false" if known[name] is bool else "a whole number"
            raise InputError(f"{path}: {name} is {value!r}; write {kind}")
        if isinstance(value, int) and not -2000 <= value <= 2000:
            raise InputError(f"{path}: {name} is {value}; a weight is at most 2000 points")
    for name, value in list(given.items()):
        if known[name] is int and value < 0:
            given[name] = 0
            what = f"a weight of {value} would reward a team for what it lacks, so 0 was used"
            yield Finding(f"policy {name}", what, "write 0 or more")
