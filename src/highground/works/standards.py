"""What a village is held against: `data/standards/base.yaml`, the country's own file over it, the office's over both.

A country's file names a service of the base with what differs there, or a service of its own with every key.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from django.conf import settings

from highground.files.mapping import Section, load_mapping

BASE = "base.yaml"
FULL = 100
PER = ("unit", "household", "village")
OF_HOUSEHOLDS = "% of households"
"""How the unit begins of a service that a share of the households has: a price for a household goes with no other."""


@dataclass(frozen=True)
class Closing:
    """What it costs to close a gap: a price for each unit that is missing, each household that lacks it, or the village."""

    amount: Decimal
    currency: str
    source: str
    per: str = "unit"

    def cost(self, gap: Decimal, households: int | None) -> Decimal | None:
        """What closing a gap costs. None where the price is one for a household and nobody knows how many live there."""
        if not gap:
            return Decimal(0)
        if self.per == "village":
            return self.amount
        if self.per == "household":
            return (
                None if not households else (self.amount * gap * households / FULL).quantize(Decimal("0.01"))
            )
        return self.amount * gap


@dataclass(frozen=True)
class Standard:
    """What a service should reach, from which source, and what closing the gap would change."""

    id: str
    label: dict[str, str]
    unit: str
    higher: bool
    value: Decimal
    source: str
    verified: bool
    change: dict[str, str]
    closing: Closing | None = None

    def gap(self, value: Decimal) -> Decimal:
        """How much is missing, in the unit of the standard; 0 where it is reached."""
        return max(Decimal(0), self.value - value if self.higher else value - self.value)

    def reached(self, value: Decimal) -> int:
        """How much of the standard is reached, in percent, at most 100."""
        if self.higher:
            return min(FULL, int(FULL * value / self.value)) if self.value else FULL
        return FULL if value <= self.value else int(FULL * self.value / value)


def standards_of(country: str) -> dict[str, Standard]:
    """The standards that hold in a country, by service. Raises MappingError for a file that cannot be used."""
    name = f"{country.lower()}.yaml"
    with as_file(files("highground") / "data" / "standards") as folder:
        found = _read(folder / BASE, {})
        for path in (folder / name, Path(settings.HIGHGROUND_HOME) / "standards" / name):
            if path.is_file():
                found |= _read(path, found)
    return found


def _read(path: Path, known: dict[str, Standard]) -> dict[str, Standard]:
    top = load_mapping(path)
    source, verified = top.required("source", "where these standards are from"), top.flag("verified")
    services = top.section("services")
    if services is None:
        raise top.error("services", "missing; write at least one service")
    found = {}
    for name in services:
        one = services.section(name)
        if one is not None:
            found[name] = _standard(name, one, known.get(name), source, verified)
            one.close()
    top.close()
    return found


def _standard(name: str, one: Section, base: Standard | None, source: str, verified: bool) -> Standard:
    value = one.number("standard")
    if value is None and base is None:
        raise one.error("standard", "missing; write what the service should reach")
    label, change = one.pairs("label"), one.pairs("change")
    reads = one.choice("reads", ("higher", "lower"), "higher" if base is None or base.higher else "lower")
    unit = one.text("unit") or (base.unit if base else one.required("unit", "the unit of the readings"))
    return Standard(
        name,
        label or (base.label if base else {"en": name}),
        unit,
        reads == "higher",
        value if value is not None else base.value if base else Decimal(0),
        one.text("source") or source,
        one.flag("verified", verified),
        change or (base.change if base else {}),
        _closing(one.section("closing"), base, unit),
    )


def _closing(one: Section | None, base: Standard | None, unit: str) -> Closing | None:
    if one is None:
        return base.closing if base else None
    amount: Any = one.number("amount")
    if amount is None:
        raise one.error(
            "amount", "missing; write what closing the gap costs, for each unit, household or village"
        )
    per = one.choice("per", PER, PER[0])
    if per == "household" and not unit.startswith(OF_HOUSEHOLDS):
        raise one.error(
            "per",
            f"a price for a household needs a unit in {OF_HOUSEHOLDS}, not {unit!r}; write `per: village`",
        )
    currency, source = (
        one.required("currency", "its ISO 4217 code"),
        one.required("source", "where it is from"),
    )
    one.close()
    return Closing(amount, currency, source, per)
