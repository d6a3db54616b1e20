"""Load and check the fact dictionary (`data/facts.yaml`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, TypeGuard

import yaml

TYPES = ("money", "integer", "boolean", "category", "list", "date")
ENTITIES = ("household", "member")
SENSITIVITIES = ("normal", "sensitive")
LANGUAGES = ("en", "zh")
MAXIMUM_AGE = 130
"""In years. No date that is believed lies farther from the day for which the facts are asked."""

_KEYS = {
    "entity",
    "type",
    "unit",
    "minimum",
    "maximum",
    "fresh_for",
    "sensitivity",
    "in_rules",
    "label",
    "meaning",
    "values",
}


class DictionaryError(ValueError):
    """An entry of a fact dictionary that cannot be used; the message names the fact, the key and the mend."""


@dataclass(frozen=True)
class Fact:
    """One fact: a dated value that can be known of a household or of a member.

    `minimum` and `maximum` are in the units of the door (money in major units); they are None for
    types that are not numbers. `fresh_for` is in days; None means that the fact does not go stale.
    `values` maps each allowed value to its label per language, for `category` and `list`. A fact that is not `in_rules`
    is recorded for statistics alone: no rule may read it, and no snapshot holds it.
    """

    name: str
    entity: str
    type: str
    label: Mapping[str, str]
    meaning: Mapping[str, str]
    unit: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    fresh_for: int | None = None
    sensitivity: str = "normal"
    in_rules: bool = True
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.name)

    def as_entry(self) -> dict[str, Any]:
        """The entry of a dictionary that `parse_fact` reads as this fact."""
        entry = {key: value for key, value in asdict(self).items() if value not in (None, {})}
        del entry["name"]
        if self.in_rules:
            del entry["in_rules"]
        return entry

    def holds_like(self, other: Fact) -> bool:
        """Whether a value of this fact means the same as one of `other`: of whom, of which type, within which bounds."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("entity", "type", "unit", "minimum", "maximum")
        ) and set(self.values) == set(other.values)


class Dictionary(Mapping[str, Fact]):
    """Facts by name, in the order of the file."""

    def __init__(self, facts: Mapping[str, Fact]) -> None:
        self._facts = dict(facts)

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    @property
    def household(self) -> tuple[Fact, ...]:
        """Facts of households."""
        return tuple(fact for fact in self._facts.values() if fact.entity == "household")

    @property
    def members(self) -> tuple[Fact, ...]:
        """Facts of members."""
        return tuple(fact for fact in self._facts.values() if fact.entity == "member")

    def extended(self, entries: Mapping[str, Any], *, where: str) -> Dictionary:
        """This dictionary with a rulebook's own facts added.

        Raises DictionaryError where an entry is malformed or would change a fact that is already there.
        """
        added = dict(self._facts)
        for name, entry in entries.items():
            if name in added:
                raise DictionaryError(
                    f"{where}: fact '{name}' is already in the fact dictionary; give the rulebook's own fact another name"
                )
            added[name] = parse_fact(name, entry, where=where)
        return Dictionary(added)


def _text_by_language(name: str, key: str, value: Any, where: str) -> dict[str, str]:
    if not isinstance(value, Mapping) or set(value) != set(LANGUAGES):
        raise DictionaryError(
            f"{where}: fact '{name}': `{key}` needs a text in each of {', '.join(LANGUAGES)}"
        )
    return {language: str(value[language]) for language in LANGUAGES}


def _is_whole(value: Any) -> TypeGuard[int]:
    """Whether this is a whole number; a yes or no, which Python counts among them, is none."""
    return isinstance(value, int) and not isinstance(value, bool)


def parse_fact(name: str, entry: Any, *, where: str) -> Fact:
    """One entry as a Fact. Raises DictionaryError naming `where`, the fact, the key and the mend."""
    if not isinstance(name, str) or not name.isidentifier() or not name.islower():
        raise DictionaryError(f"{where}: '{name}' cannot be a fact name; use small letters, digits and _")
    if not isinstance(entry, Mapping):
        raise DictionaryError(f"{where}: fact '{name}' needs keys such as entity, type and label")
    for key in entry:
        if key not in _KEYS:
            raise DictionaryError(
                f"{where}: fact '{name}' has an unknown key `{key}`; known are {', '.join(sorted(_KEYS))}"
            )
    for key, allowed in (("entity", ENTITIES), ("type", TYPES)):
        if entry.get(key) not in allowed:
            raise DictionaryError(f"{where}: fact '{name}': `{key}` must be one of {', '.join(allowed)}")
    sensitivity = entry.get("sensitivity", "normal")
    if sensitivity not in SENSITIVITIES:
        raise DictionaryError(
            f"{where}: fact '{name}': `sensitivity` must be one of {', '.join(SENSITIVITIES)}"
        )
    in_rules = entry.get("in_rules", True)
    if not isinstance(in_rules, bool):
        raise DictionaryError(f"{where}: fact '{name}': `in_rules` is true or false")
    minimum, maximum = entry.get("minimum"), entry.get("maximum")
    if entry["type"] in ("money", "integer"):
        if not _is_whole(minimum) or not _is_whole(maximum) or minimum > maximum:
            raise DictionaryError(
                f"{where}: fact '{name}' is a number: give `minimum` and `maximum` as whole numbers"
            )
    elif minimum is not None or maximum is not None:
        raise DictionaryError(f"{where}: fact '{name}' is no number: leave out `minimum` and `maximum`")
    values = entry.get("values", {})
    if (entry["type"] in ("category", "list")) != bool(values):
        raise DictionaryError(
            f"{where}: fact '{name}': `values` belong to category and list, and these need them"
        )
    fresh_for = entry.get("fresh_for")
    if fresh_for is not None and (not _is_whole(fresh_for) or fresh_for < 1):
        raise DictionaryError(f"{where}: fact '{name}': `fresh_for` is a whole number of days, 1 or more")
    label = _text_by_language(name, "label", entry.get("label"), where)
    return Fact(
        name=name,
        entity=entry["entity"],
        type=entry["type"],
        label=label,
        meaning=_text_by_language(name, "meaning", entry.get("meaning", label), where),
        unit=entry.get("unit"),
        minimum=minimum,
        maximum=maximum,
        fresh_for=fresh_for,
        sensitivity=sensitivity,
        in_rules=in_rules,
        values={str(value): _text_by_language(name, "values", text, where) for value, text in values.items()},
    )


@cache
def load_dictionary() -> Dictionary:
    """The fact dictionary that ships with Highground."""
    source = files("highground") / "data" / "facts.yaml"
    entries = yaml.safe_load(source.read_text(encoding="utf-8"))["facts"]
    return Dictionary({name: parse_fact(name, entry, where="facts.yaml") for name, entry in entries.items()})
