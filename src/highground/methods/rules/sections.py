"""The sections of a rulebook file, read one by one. Errors name the file, the entry and the mend."""

from __future__ import annotations

import dataclasses
import graphlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from highground.methods.facts import Dictionary, DictionaryError
from highground.methods.rules.rulebook import (
    Cap,
    ClueRule,
    Example,
    HouseholdClass,
    Named,
    Parameter,
    Rank,
    RulebookError,
    Source,
    Text,
    Veto,
    VetoException,
)

if TYPE_CHECKING:
    from highground.methods.rules.bench import Bench

SEVERITIES = ("high", "medium", "low")
VISIT_WITHIN = {"high": 3, "medium": 10, "low": 15}
LANGUAGES = ("en", "zh")
AREAS_RANKED = ("country", "province", "city", "county")
MOST_RANKED = 10**9
# The sections whose entries may name each other, and the key under which each has its expression.
_NAMED = {"derived": "expression", "conditions": "expression", "ranks": "of"}
_RANK = ("within", "per_person", "lowest")
RESERVED = {"age", "persons", "household", "member", "area", "province", "city", "county"}


@dataclass(frozen=True)
class Entry:
    """A mapping somewhere in a rulebook file, which knows where it stands."""

    origin: str
    where: str
    content: Mapping[str, Any]

    def error(self, key: str, message: str) -> RulebookError:
        """A RulebookError that names the file and the place."""
        place = ".".join(part for part in (self.where, key) if part)
        return RulebookError(": ".join(part for part in (self.origin, place, message) if part))

    def only(self, keys: set[str]) -> None:
        """Refuse keys that mean nothing here."""
        for key in self.content:
            if key not in keys:
                raise self.error(str(key), f"unknown key; known are {', '.join(sorted(keys))}")

    def need(self, key: str) -> Any:
        """A key that must be there."""
        if self.content.get(key) in (None, "", [], {}):
            raise self.error(key, "is missing")
        return self.content[key]

    def text(self, key: str, default: str | None = None) -> Text:
        """A text in English and Chinese; one plain text serves for both."""
        value = self.content.get(key, default)
        if isinstance(value, str):
            return dict.fromkeys(LANGUAGES, value)
        if not isinstance(value, Mapping) or set(value) != set(LANGUAGES):
            raise self.error(key, f"needs a text, or one in each of {', '.join(LANGUAGES)}")
        return {language: str(value[language]) for language in LANGUAGES}

    def day(self, key: str) -> date | None:
        """A day, or None where the key is absent."""
        value = self.content.get(key)
        if value is None:
            return None
        try:
            return date.fromisoformat(str(value))
        except ValueError as error:
            raise self.error(key, f"'{value}' is no date; write for example 2021-05-01") from error

    def entries(self, key: str) -> Iterator[tuple[str, Entry]]:
        """The named entries of a section that is a mapping."""
        section = self.content.get(key) or {}
        if not isinstance(section, Mapping):
            raise self.error(key, "is a mapping of names to entries")
        for name, content in section.items():
            if not isinstance(content, Mapping):
                raise self.error(f"{key}.{name}", "is a mapping of keys")
            yield str(name), Entry(self.origin, f"{key}.{name}", content)

    def listed(self, key: str) -> Iterator[Entry]:
        """The entries of a section that is a list; each has an `id`, once."""
        section = self.content.get(key) or []
        if not isinstance(section, list):
            raise self.error(key, "is a list of entries that begin with `- id:`")
        seen: set[str] = set()
        for index, content in enumerate(section):
            if not isinstance(content, Mapping) or not content.get("id"):
                raise self.error(f"{key}[{index + 1}]", "needs an `id`")
            name = str(content["id"])
            if name in seen:
                raise self.error(f"{key}.{name}", "stands twice; ids are unique")
            seen.add(name)
            yield Entry(self.origin, f"{self.where}.{key}.{name}".lstrip("."), content)

    def name_ok(self, name: str, dictionary: Dictionary) -> bool:
        """Refuse a name that is malformed or already means something else."""
        if not name.isidentifier() or not name.islower():
            raise self.error("", "a name has small letters, digits and _")
        if name in dictionary or name in RESERVED:
            raise self.error("", f"'{name}' already means something; choose another name")
        return True


def period(top: Entry) -> tuple[date, date]:
    """The assessed period; open ends are the ends of the calendar."""
    content = top.content.get("assessed") or {}
    if not isinstance(content, Mapping):
        raise top.error("assessed", "write `from` and `to`")
    entry = Entry(top.origin, "assessed", content)
    entry.only({"from", "to"})
    first, last = entry.day("from") or date.min, entry.day("to") or date.max
    if first > last:
        raise entry.error("to", f"{last} lies before {first}")
    return first, last


def dictionary(top: Entry, shipped: Dictionary) -> Dictionary:
    """The fact dictionary with the rulebook's own facts, and its own freshness."""
    for key in ("facts", "fresh_for"):
        if not isinstance(top.content.get(key) or {}, Mapping):
            raise top.error(key, "is a mapping of names to entries")
    try:
        extended = shipped.extended(top.content.get("facts") or {}, where=f"{top.origin}: facts")
    except DictionaryError as error:
        raise RulebookError(str(error)) from error
    changed = dict(extended)
    for name, days in (top.content.get("fresh_for") or {}).items():
        if name not in changed:
            raise top.error(f"fresh_for.{name}", "is no fact of the dictionary")
        if days is not None and (not isinstance(days, int) or isinstance(days, bool) or days < 1):
            raise top.error(f"fresh_for.{name}", "is a whole number of days, or empty for never")
        changed[name] = dataclasses.replace(changed[name], fresh_for=days)
    return Dictionary(changed)


def sources(top: Entry) -> dict[str, Source]:
    """Where rules and values come from."""
    found = {}
    for entry in top.listed("sources"):
        entry.only({"id", "title", "verified"})
        found[str(entry.content["id"])] = Source(
            str(entry.content["id"]), str(entry.need("title")), bool(entry.content.get("verified", False))
        )
    return found


def notes(top: Entry) -> tuple[Text, ...]:
    """Remarks for readers, such as where sources contradict each other."""
    if not isinstance(top.content.get("notes") or [], list):
        raise top.error("notes", "is a list of texts")
    return tuple(
        Entry(top.origin, f"notes[{index + 1}]", {"note": note}).text("note")
        for index, note in enumerate(top.content.get("notes") or [])
    )


def income_months(top: Entry) -> int | None:
    """Length of the income window in months."""
    content = top.content.get("income_window")
    if content is None:
        return None
    if (
        not isinstance(content, Mapping)
        or not isinstance(content.get("months"), int)
        or content["months"] < 1
    ):
        raise top.error("income_window", "write `months: 12`")
    return int(content["months"])


def counted(top: Entry, bench: Bench) -> Named:
    """Who is counted as a member of the household."""
    content = top.content.get("counted") or {
        "label": {"en": "people who share the budget", "zh": "共享收支的人员"},
        "expression": "shares_budget",
    }
    entry = Entry(top.origin, "counted", content)
    entry.only({"label", "expression", "source", "verified"})
    expression = bench.read("counted", entry.need("expression"), member=True)
    return Named("counted", entry.text("label"), expression, **origin_of(entry))


def origin_of(entry: Entry) -> dict[str, Any]:
    """Source and verification of an entry; what says nothing counts as verified."""
    return {"source": entry.content.get("source"), "verified": bool(entry.content.get("verified", True))}


def named(top: Entry, bench: Bench) -> tuple[dict[str, Named], dict[str, Named], dict[str, Rank]]:
    """Derived amounts, conditions and ranks, read in an order in which each only names what came before.

    A rank becomes a parameter of the bench, whose rows each run computes.
    """
    entries: dict[str, tuple[str, Entry]] = {}
    for section, key in _NAMED.items():
        for name, entry in top.entries(section):
            if name in entries:
                raise entry.error("", f"an entry of `{entries[name][0]}` has the same name")
            entry.only({"label", key, "source", "verified", *(_RANK if section == "ranks" else ())})
            entries[name] = (section, entry)
    for name, (_, entry) in entries.items():
        entry.name_ok(name, bench.dictionary)
        if name in bench.parameters:
            raise entry.error("", "a parameter has the same name")
    graph = {
        name: bench.names_in(entry.where, entry.content.get(_NAMED[section])) & set(entries)
        for name, (section, entry) in entries.items()
    }
    try:
        order = list(graphlib.TopologicalSorter(graph).static_order())
    except graphlib.CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise top.error(
            "", f"conditions and derived amounts depend on each other in a circle: {circle}"
        ) from error
    found: dict[str, dict[str, Named]] = {"derived": {}, "conditions": {}}
    ranks: dict[str, Rank] = {}
    hanging: set[str] = set()  # ranks, and what names one
    for name in order:
        section, entry = entries[name]
        if graph[name] & hanging or section == "ranks":
            hanging.add(name)
        if section == "ranks":
            if graph[name] & hanging:
                raise entry.error("of", "what is ranked cannot hang on a rank; name amounts and facts")
            ranks[name] = _rank(name, entry, bench)
            continue
        expression = bench.read(entry.where, entry.need("expression"), number=section == "derived")
        if section == "conditions":
            bench.conditions.add(name)
        label = entry.text("label", default=name.replace("_", " "))
        found[section][name] = Named(name, label, expression, **origin_of(entry))
    return found["derived"], found["conditions"], ranks


def _rank(name: str, entry: Entry, bench: Bench) -> Rank:
    """One rank, which becomes a parameter of the bench: its bounds are those of what is ranked."""
    within, lowest = entry.content.get("within", "country"), entry.need("lowest")
    if within not in AREAS_RANKED:
        raise entry.error("within", f"is one of {', '.join(AREAS_RANKED)}")
    per_person = entry.content.get("per_person", False)
    if not isinstance(per_person, bool):
        raise entry.error("per_person", "is true or false")
    if not isinstance(lowest, Mapping) or len(lowest) != 1 or not set(lowest) <= {"percent", "households"}:
        raise entry.error("lowest", "write `percent: 10` or `households: 1000`")
    ((measure, amount),) = lowest.items()
    most = 100 if measure == "percent" else MOST_RANKED
    if not isinstance(amount, int) or isinstance(amount, bool) or not 1 <= amount <= most:
        raise entry.error(f"lowest.{measure}", f"is a whole number from 1 to {most:,}")
    expression = bench.read(entry.where, entry.need("of"), number=True)
    kind, bounds = bench.derived_kinds.pop(name), bench.derived.pop(name)
    unit = 10**bench.minor_digits if kind == "money" else 1
    bench.parameters[name] = Parameter(
        name=name,
        label=entry.text("label", default=name.replace("_", " ")),
        type="money" if kind == "money" else "integer",
        by=() if within == "country" else (within,),
        period=None,
        lag=0,
        minimum=min(0, math.floor(bounds.low / unit)),
        maximum=max(0, math.ceil(bounds.high / unit)),
        rows=(),
    )
    percent, households = (amount, None) if measure == "percent" else (None, amount)
    return Rank(name, expression, per_person, percent, households, **origin_of(entry))


def _rule(entry: Entry, bench: Bench) -> dict[str, Any]:
    entry.only({"id", "label", "when", "severity", "visit_within", "source", "verified"})
    severity = entry.content.get("severity", "medium")
    if severity not in SEVERITIES:
        raise entry.error("severity", f"is one of {', '.join(SEVERITIES)}")
    within = entry.content.get("visit_within", VISIT_WITHIN[severity])
    if not isinstance(within, int) or within < 0:
        raise entry.error("visit_within", "is a whole number of days")
    name = str(entry.content["id"])
    return {
        "id": name,
        "label": entry.text("label", default=name.replace("_", " ")),
        "expression": bench.read(entry.where, entry.need("when")),
        "severity": severity,
        "visit_within": within,
        **origin_of(entry),
    }


def classes(top: Entry, bench: Bench) -> tuple[HouseholdClass, ...]:
    """Classes in their order of precedence."""
    return tuple(HouseholdClass(**_rule(entry, bench)) for entry in top.listed("classes"))


def clues(top: Entry, bench: Bench, class_ids: set[str]) -> tuple[ClueRule, ...]:
    """Clue rules; their ids differ from those of the classes."""
    found = []
    for entry in top.listed("clues"):
        if str(entry.content["id"]) in class_ids:
            raise entry.error("", "a class has the same id")
        found.append(ClueRule(**_rule(entry, bench)))
    return tuple(found)


def vetoes(top: Entry, bench: Bench) -> tuple[Veto, ...]:
    """Reasons against, with what may except each."""
    found = []
    for entry in top.listed("vetoes"):
        entry.only({"id", "label", "when", "except", "source", "verified"})
        exceptions = []
        for inner in entry.listed("except"):
            inner.only({"id", "label", "when"})
            name = str(inner.content["id"])
            label = inner.text("label", default=name.replace("_", " "))
            exceptions.append(VetoException(name, label, bench.read(inner.where, inner.need("when"))))
        name = str(entry.content["id"])
        label = entry.text("label", default=name.replace("_", " "))
        expression = bench.read(entry.where, entry.need("when"))
        found.append(Veto(name, label, expression, tuple(exceptions), **origin_of(entry)))
    return tuple(found)


def caps(
    top: Entry, bench: Bench, parameters: Mapping[str, Parameter], class_ids: set[str]
) -> tuple[Cap, ...]:
    """Shares above which a notice is given."""
    found = []
    for entry in top.listed("caps"):
        entry.only({"id", "label", "by", "classes", "of", "percent", "parameter", "source", "verified"})
        by = entry.content.get("by", "county")
        if by not in ("province", "city", "county"):
            raise entry.error("by", "is province, city or county")
        chosen = tuple(entry.content.get("classes") or sorted(class_ids))
        for one in chosen:
            if one not in class_ids:
                raise entry.error("classes", f"'{one}' is no class of this rulebook")
        parameter = entry.content.get("parameter")
        if parameter is not None and (parameter not in parameters or parameters[parameter].by != (by,)):
            raise entry.error("parameter", f"must be a parameter by {by}")
        percent = entry.need("percent")
        if not isinstance(percent, int) or not 0 <= percent <= 100:
            raise entry.error("percent", "is a whole number from 0 to 100")
        name = str(entry.content["id"])
        if not name.isidentifier() or not name.islower():  # it names a column of the SQL
            raise entry.error("id", "has small letters, digits and _")
        label = entry.text("label", default=name.replace("_", " "))
        of = bench.read(entry.where, entry.need("of"))
        found.append(Cap(name, label, by, chosen, of, percent, parameter, **origin_of(entry)))
    return tuple(found)


def examples(top: Entry) -> tuple[Example, ...]:
    """Households with the verdict that the rulebook expects."""
    found = []
    for entry in top.listed("examples"):
        entry.only({"id", "as_of", "household", "members", "expect"})
        as_of = entry.day("as_of")
        if as_of is None:
            raise entry.error("as_of", "is missing")
        members = entry.content.get("members")
        found.append(
            Example(
                str(entry.content["id"]),
                as_of,
                dict(entry.need("household")),
                None if members is None else tuple(dict(member) for member in members),
                dict(entry.need("expect")),
            )
        )
    return tuple(found)
