"""What a plan leaves open: pure, so that a form can ask before anything is stored.

A finding never blocks: people decide. It says what the rules would hold against the plan later.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from highground.support.catalogue import Catalogue

SECURITY = "comprehensive_security"


class Kind(StrEnum):
    """What was found."""

    UNMATCHED = "unmatched"  # no measure of the plan answers the risk
    SECURITY_ONLY = "security_only"  # people able to work, and nothing but comprehensive security
    NOT_DEVELOPMENTAL = "not_developmental"  # people able to work, and nothing that lets them earn more
    LABOUR_UNKNOWN = (
        "labour_unknown"  # whether anybody can work is not known, so the two above cannot be told
    )


@dataclass(frozen=True)
class Finding:
    """One thing that a plan leaves open. `families` would mend it; `verified` is whether a source says so."""

    kind: Kind
    risk: str = ""
    families: tuple[str, ...] = ()
    verified: bool = True


@dataclass(frozen=True)
class Answered:
    """A risk of the case and the families that answer it, of those planned and of those delivered."""

    risk: str
    families: tuple[str, ...]
    planned: tuple[str, ...]
    delivered: tuple[str, ...]


def answers(
    risks: Sequence[str], planned: Iterable[str], delivered: Iterable[str], catalogue: Catalogue
) -> list[Answered]:
    """For each risk, what answers it. `planned` and `delivered` are families."""
    held, given = set(planned), set(delivered)
    found = []
    for risk in risks:
        families = catalogue.answering(risk)
        found.append(
            Answered(
                risk,
                families,
                tuple(name for name in families if name in held),
                tuple(name for name in families if name in given),
            )
        )
    return found


def findings_of(
    risks: Sequence[str], families: Iterable[str], without_labour: bool | None, catalogue: Catalogue
) -> list[Finding]:
    """What a plan with measures of these families leaves open for a household with these risks.

    `without_labour` is whether the whole household cannot work; None is not known.
    """
    held = set(families)
    found = [
        Finding(Kind.UNMATCHED, one.risk, one.families, verified=_verified(one.risk, catalogue))
        for one in answers(risks, held, (), catalogue)
        if not one.planned
    ]
    developmental = tuple(one.id for one in catalogue.families.values() if one.developmental)
    if without_labour or not held or held.intersection(developmental):
        return found
    if without_labour is None:
        return [*found, Finding(Kind.LABOUR_UNKNOWN, families=developmental, verified=False)]
    kind = Kind.SECURITY_ONLY if held == {SECURITY} else Kind.NOT_DEVELOPMENTAL
    return [*found, Finding(kind, families=developmental, verified=kind == Kind.SECURITY_ONLY)]


def _verified(risk: str, catalogue: Catalogue) -> bool:
    match = catalogue.matches.get(risk)
    return match is not None and match.verified
