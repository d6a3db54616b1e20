"""The measure catalogue: what can be given to a family, by whom, and which risk it answers. Data, no database.

A country's catalogue is `data/measures/<country>.yaml`. An office changes or adds entries in a file of the same name
under `HIGHGROUND_HOME/measures/`: an entry with the same id replaces the shipped one, any other is added. The 14
families are fixed, because the fact `measures_delivered` names them; so are their names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from highground.files.mapping import MappingError, Section, load_mapping
from highground.methods.facts import load_dictionary
from highground.methods.rules.reading import MINOR_DIGITS

Text = Mapping[str, str]
LANGUAGES = ("en", "zh")


class CatalogueError(ValueError):
    """There is no catalogue, or no such entry; the message says where and what to write."""


@dataclass(frozen=True)
class Family:
    """One of the 14 families. `developmental` measures let a family earn more; the others make up for what it lacks."""

    id: str
    label: Text
    developmental: bool
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class Match:
    """The families that answer a risk: one of them must be delivered before the risk can count as answered."""

    risk: str
    label: Text
    families: tuple[str, ...]
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class CreditTerms:
    """Bounds of a loan: at most so much (major units) for so many months; None is not known."""

    most: Decimal | None = None
    months: int | None = None


@dataclass(frozen=True)
class Measure:
    """One measure. `unit_cost` is in major units; None is not known, which is not zero.

    `cash` is paid to the household, and comes into payment batches. `credit` is a loan that must be paid back, `claim`
    a claim that somebody else pays.
    """

    id: str
    family: str
    label: Text
    unit: Text
    delivered_by: Text
    unit_cost: Decimal | None = None
    cash: bool = False
    credit: CreditTerms | None = None
    claim: bool = False
    source: str | None = None
    verified: bool = True


@dataclass(frozen=True)
class Catalogue:
    """The measures of one country, with what an office changed."""

    id: str
    currency: str
    families: Mapping[str, Family]
    matches: Mapping[str, Match]
    measures: Mapping[str, Measure]
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def minor_digits(self) -> int:
        """How many decimals the currency has (ISO 4217)."""
        return MINOR_DIGITS.get(self.currency, 2)

    def family_of(self, measure: str) -> Family:
        """The family of a measure. Raises CatalogueError for an unknown one."""
        return self.families[self.measure(measure).family]

    def measure(self, measure: str) -> Measure:
        """The measure with this id. Raises CatalogueError with the ids there are."""
        try:
            return self.measures[measure]
        except KeyError:
            raise CatalogueError(
                f"the catalogue '{self.id}' has no measure '{measure}'; it has {', '.join(self.measures)}"
            ) from None

    def answering(self, risk: str) -> tuple[str, ...]:
        """The families that answer a risk; none for a risk that the catalogue does not match."""
        match = self.matches.get(risk)
        return match.families if match else ()

    def measures_of(self, family: str) -> list[Measure]:
        """The measures of a family, in the order of the file."""
        return [measure for measure in self.measures.values() if measure.family == family]


def read_catalogue(path: Path, own: Path | None = None) -> Catalogue:
    """The catalogue in `path` with the entries of `own` on top.

    Raises MappingError naming the file, the line, the entry and the mend.
    """
    catalogue = _read(load_mapping(path), None)
    return _read(load_mapping(own), catalogue) if own else catalogue


def catalogue_of(country: str, home: Path) -> Catalogue:
    """The catalogue of a country (ISO 3166-1) in the office whose files lie in `home`; each version is read once.

    Raises CatalogueError where the country has none.
    """
    name = f"{country.lower()}.yaml"
    shipped, own = Path(str(files("highground.data") / "measures" / name)), home / "measures" / name
    there = [path for path in (shipped, own) if path.is_file()]
    if not there:
        raise CatalogueError(f"there is no measure catalogue for {country}; write one as {own}")
    return _cached(tuple((path, path.stat().st_mtime_ns) for path in there))


@lru_cache(maxsize=16)
def _cached(versions: tuple[tuple[Path, int], ...]) -> Catalogue:
    paths = [path for path, _changed in versions]
    return read_catalogue(paths[0], paths[1] if len(paths) > 1 else None)


def _read(top: Section, under: Catalogue | None) -> Catalogue:
    names = load_dictionary()["measures_delivered"].values
    risks = load_dictionary()["risks"].values
    sources = dict(under.sources) if under else {}
    if section := top.section("sources"):
        for name in section:
            sources[name] = _source(section, name)
    families = dict(under.families) if under else {}
    if section := top.section("families"):
        for name in section:
            if name not in names:
                raise section.error(name, f"is no family of measures; these are {', '.join(names)}")
            families[name] = _family(_inner(section, name), name, names[name], sources)
    if missing := [name for name in names if name not in families]:
        raise top.error("families", f"missing; add {', '.join(missing)}")
    matches = dict(under.matches) if under else {}
    if section := top.section("matches"):
        for name in section:
            if name not in risks:
                raise section.error(name, f"is no risk; the risks are {', '.join(risks)}")
            matches[name] = _match(_inner(section, name), name, risks[name], families, sources)
    found = Catalogue(
        id=top.required("id", "a short name, such as the country's code"),
        currency=top.text("currency") or (under.currency if under else ""),
        families=families,
        matches=matches,
        measures=dict(under.measures) if under else {},
        sources=sources,
    )
    if not found.currency:
        raise top.error("currency", "missing; write the ISO 4217 code, such as CNY")
    found = _with_measures(top, found)
    top.close()
    return found


def _with_measures(top: Section, found: Catalogue) -> Catalogue:
    entries, measures = top.take("measures") or [], dict(found.measures)
    if not isinstance(entries, list) or not all(isinstance(entry, Section) for entry in entries):
        raise top.error("measures", "write a list of entries, each with `id`, `family` and `label`")
    here: set[str] = set()
    for entry in entries:
        measure = _measure(entry, found)
        if measure.id in here:
            raise entry.error("id", f"'{measure.id}' stands here twice; give one of them another id")
        here.add(measure.id)
        measures[measure.id] = measure
    return replace(found, measures=measures)


def _inner(section: Section, name: str) -> Section:
    inner = section.section(name)
    if inner is None:
        raise section.error(name, "is empty; write its keys, such as {verified: false}")
    return inner


def _source(section: Section, name: str) -> str:
    inner = _inner(section, name)
    title = inner.required("title", "where it can be read")
    inner.flag("verified", default=True)
    inner.close()
    return title


def _origin(entry: Section, sources: Mapping[str, str]) -> tuple[str | None, bool]:
    """Source and whether it is verified: what names no source is not."""
    source = entry.text("source")
    if source and source not in sources:
        raise entry.error("source", f"there is no source '{source}'; add it under `sources`")
    verified = entry.flag("verified", default=source is not None)
    if verified and not source:
        raise entry.error("verified", "what is verified names its `source`")
    return source, verified


def _family(entry: Section, name: str, label: Text, sources: Mapping[str, str]) -> Family:
    developmental = entry.flag("developmental")
    source, verified = _origin(entry, sources)
    entry.close()
    return Family(name, label, developmental, source, verified)


def _match(
    entry: Section, risk: str, label: Text, families: Mapping[str, Family], sources: Mapping[str, str]
) -> Match:
    named = entry.texts("families")
    if unknown := [name for name in named if name not in families]:
        raise entry.error("families", f"{', '.join(unknown)}: no family; these are {', '.join(families)}")
    if not named:
        raise entry.error("families", "missing; name the families that answer this risk")
    source, verified = _origin(entry, sources)
    entry.close()
    return Match(risk, label, tuple(named), source, verified)


def _text(entry: Section, key: str) -> Text:
    section = entry.section(key)
    if section is None:
        raise entry.error(key, "missing; write {en: ..., zh: ...}")
    found = {name: section.required(name, f"the text in '{name}'") for name in LANGUAGES}
    section.close()
    return found


def _measure(entry: Section, catalogue: Catalogue) -> Measure:
    name = entry.required("id", "a short name in small letters")
    if not name.isidentifier() or not name.islower():
        raise entry.error("id", f"'{name}': use small letters, digits and _")
    family = entry.choice("family", tuple(catalogue.families), "")
    cost = entry.number("unit_cost")
    if cost is not None and cost < 0:
        raise entry.error("unit_cost", f"{cost} is below zero; leave it out where it is not known")
    credit = entry.section("credit")
    source, verified = _origin(entry, catalogue.sources)
    found = Measure(
        id=name,
        family=family,
        label=_text(entry, "label"),
        unit=_text(entry, "unit"),
        delivered_by=_text(entry, "delivered_by"),
        unit_cost=cost,
        cash=entry.flag("cash"),
        credit=_credit(credit) if credit else None,
        claim=entry.flag("claim"),
        source=source,
        verified=verified,
    )
    entry.close()
    return found


def _credit(entry: Section) -> CreditTerms:
    most, months = entry.number("most"), entry.number("months")
    if most is not None and most <= 0:
        raise entry.error("most", f"{most} is no loan; write an amount above zero")
    if months is not None and (months <= 0 or months != months.to_integral_value()):
        raise entry.error("months", f"{months}: write whole months, such as 36")
    entry.close()
    return CreditTerms(most, int(months) if months is not None else None)


__all__ = [
    "Catalogue",
    "CatalogueError",
    "CreditTerms",
    "Family",
    "MappingError",
    "Match",
    "Measure",
    "catalogue_of",
    "read_catalogue",
]
