"""What a rulebook is, once read and checked. `reading.py` makes it from YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from highground.methods.facts import Dictionary
from highground.methods.rules.procedure.graph import Procedure
from highground.methods.rules.tree import Node

Text = Mapping[str, str]


class RulebookError(ValueError):
    """A rulebook that cannot be used; the message names the file, the entry, the position and the mend."""


class OutsidePeriod(RulebookError):
    """The as-of day lies outside the assessed period; the message names the period and the successor."""


@dataclass(frozen=True)
class Source:
    """Where a rule or value comes from."""

    id: str
    title: str
    verified: bool


@dataclass(frozen=True)
class Expression:
    """A checked expression: its text without comments, its tree, and its static bounds (numbers only)."""

    text: str
    tree: Node
    money: bool = False
    bounds: tuple[int, int] | None = None


@dataclass(frozen=True)
class ParameterRow:
    """One value of a parameter, for one key and period. `value` is in major units, as written."""

    key: str
    period: str | None
    value: int | float | str
    source: str | None
    verified: bool
    minor: int


@dataclass(frozen=True)
class Parameter:
    """A value that a rule looks up by area and period.

    `by` names what keys it (province, city, county, or a category fact); empty means one value for all. `keys` are
    the values of the category fact, each of which is possible where the fact is missing.
    `lag` is in periods: 1 asks for the year before.
    """

    name: str
    label: Text
    type: str
    by: tuple[str, ...]
    period: str | None
    lag: int
    minimum: int
    maximum: int
    rows: tuple[ParameterRow, ...]
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rank:
    """The value up to which a household is among the lowest of its area: a parameter that each run computes.

    Of the households of one area whose `expression` is certain (per person where `per_person`; money rounded down to
    whole major units), the lowest `percent` per hundred, or the lowest `households`. Who stands level with the last
    of them counts too. Who is not certain is not ranked, and is compared with the value like everybody else.
    """

    name: str
    expression: Expression
    per_person: bool
    percent: int | None
    households: int | None
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class Named:
    """A named expression: a derived amount or a condition."""

    name: str
    label: Text
    expression: Expression
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class Rule:
    """What a household is looked at for: a class or a clue rule. `visit_within` is in days."""

    id: str
    label: Text
    expression: Expression
    severity: str
    visit_within: int
    source: str | None = None
    verified: bool = True


class HouseholdClass(Rule):
    """A class that people may recognise a household as. Order in the rulebook is order of precedence."""


class ClueRule(Rule):
    """A reason to knock that is not a class."""


@dataclass(frozen=True)
class VetoException:
    """What may except a veto."""

    id: str
    label: Text
    expression: Expression


@dataclass(frozen=True)
class Veto:
    """A reason against that people weigh; it never changes a verdict."""

    id: str
    label: Text
    expression: Expression
    exceptions: tuple[VetoException, ...]
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class Cap:
    """A share of households, per area, above which a notice is given. It never blocks.

    A notice is due where households of `classes` number more than `percent` (or the parameter's value for
    the area) per hundred of the households for which `of` is true.
    """

    id: str
    label: Text
    by: str
    classes: tuple[str, ...]
    of: Expression
    percent: int
    parameter: str | None
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class Check:
    """What is wrong with a record where `expression` is yes and one of the facts in `blank` is missing or stale.

    One of the two may be absent. With `each_member` both are asked of each counted member, and one is enough.
    `once_known` names a fact of the household: the check concerns only records in which it is known.
    """

    id: str
    label: Text
    expression: Expression | None
    blank: tuple[str, ...]
    each_member: bool
    once_known: str | None
    mend: Text
    severity: str
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class ExitCondition:
    """What must be yes before a risk is marked as eliminated."""

    id: str
    label: Text
    expression: Expression
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class Sustained:
    """Every `amount` dated within `months` calendar months is above the parameter `above` of today, per person.

    At least `points` of them, the oldest at least `oldest` calendar months old.
    """

    label: Text
    amount: str
    above: str
    months: int
    points: int
    oldest: int
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class ExitMode:
    """A way to leave: a value of the fact `exit_mode`, and the conditions that it does not ask."""

    id: str
    label: Text
    without: tuple[str, ...]
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class ExitRules:
    """The section `exit:` of a rulebook."""

    conditions: tuple[ExitCondition, ...]
    sustained: Sustained | None
    modes: Mapping[str, ExitMode]


@dataclass(frozen=True)
class Example:
    """A household with the verdict that the rulebook expects for it."""

    id: str
    as_of: date
    household: Mapping[str, Any]
    members: tuple[Mapping[str, Any], ...] | None
    expect: Mapping[str, Any]


@dataclass(frozen=True)
class Rulebook:
    """A rulebook, read and checked. `hash` is over its canonical content, added parameters included."""

    id: str
    version: str
    title: Text
    country: str
    currency: str
    minor_digits: int
    issued: date | None
    in_force: date | None
    assessed: tuple[date, date]
    predecessor: str | None
    successor: str | None
    synthetic: bool
    sources: Mapping[str, Source]
    notes: tuple[Text, ...]
    dictionary: Dictionary
    parameters: Mapping[str, Parameter]
    ranks: Mapping[str, Rank]
    counted: Named
    income_months: int | None
    derived: Mapping[str, Named]
    conditions: Mapping[str, Named]
    classes: tuple[HouseholdClass, ...]
    clues: tuple[ClueRule, ...]
    vetoes: tuple[Veto, ...]
    caps: tuple[Cap, ...]
    checks: tuple[Check, ...]
    exit: ExitRules | None
    examples: tuple[Example, ...]
    procedure: Procedure | None
    content: Mapping[str, Any]
    hash: str
    warnings: tuple[str, ...] = field(default=())
    origin: str = ""

    def income_window(self, as_of: date | str) -> tuple[date, date]:
        """First and last day of the income window for an identification on `as_of`: whole months, up to the last.

        A new object identified in 2021-06 is assessed on 2020-06-01 to 2021-05-31 (Nankang district, 2024).
        Raises RulebookError where the rulebook states no window.
        """
        if self.income_months is None:
            raise RulebookError(f"{self.id}: the rulebook states no `income_window`")
        day = as_of if isinstance(as_of, date) else date.fromisoformat(as_of)
        last = date.fromordinal(day.replace(day=1).toordinal() - 1)
        months = last.year * 12 + (last.month - 1) - (self.income_months - 1)
        return date(months // 12, months % 12 + 1, 1), last

    def ranked(self, values: Mapping[str, Mapping[str, int]]) -> Rulebook:
        """The same rulebook, of the same hash, with what a run computed: rank to area to value in minor units.

        The area of a rank over the whole register is `*`.
        """
        parameters = dict(self.parameters)
        for name, by_area in values.items():
            unit = 10**self.minor_digits if parameters[name].type == "money" else 1
            rows = tuple(
                ParameterRow(area, None, value if unit == 1 else value / unit, None, True, value)
                for area, value in sorted(by_area.items())
            )
            parameters[name] = replace(parameters[name], rows=rows)
        return replace(self, parameters=parameters)

    def rank_values(self, name: str) -> dict[str, int]:
        """What a run computed for a rank: area to value in minor units."""
        return {row.key: row.minor for row in self.parameters[name].rows}
