"""Files of assistance projects: `data/projects/*.yaml`, and others of the same form.

    code: la-2017
    country: LA
    title: {en: ..., zh: ...}
    starts: {day: 2017-09, source: some-source}
    areas:
      - {code: LA-XOR, level: village, parent: LA-VT, names: {en: Ban Xor}, site: true}
    indicators:
      rebuilt: {label: {en: Houses rebuilt}, unit: {en: houses}, kind: output}
    figures:
      - {indicator: rebuilt, value: 42, source: some-source}

Each figure names a source of `sources.yaml` beside the file. A day may be given as far as it is known (2020, 2020-11,
2020-11-28). A figure without a day of its own is dated by its source; where the source bears no date either, by the day on
which it was read. Errors name the file, the line and the key.
"""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from highground.areas.enums import Level
from highground.files.mapping import Section, load_mapping
from highground.works.enums import (
    ORGANISATIONS,
    DayKind,
    DayPrecision,
    Exactness,
    FigureKind,
    MoneyKind,
    PartnerRole,
)

SOURCES = "sources.yaml"
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")


@dataclass(frozen=True)
class Day:
    """A date as far as it is known; `day` is the last one that it can mean."""

    day: datetime.date
    precision: DayPrecision
    kind: DayKind


@dataclass(frozen=True)
class Source:
    """Where a figure was read."""

    code: str
    title: str
    published: str
    verified: bool
    day: Day


@dataclass(frozen=True)
class Place:
    """An area of the project; `site` where the project works in it."""

    code: str
    level: str
    parent: str
    names: dict[str, str]
    site: bool


@dataclass(frozen=True)
class FigureRow:
    """One figure, with what its indicator says."""

    indicator: str
    kind: str
    label: dict[str, str]
    unit: dict[str, str]
    area: str
    component: str
    value: Decimal
    exactness: str
    note: dict[str, str]
    day: Day
    source: str


@dataclass(frozen=True)
class MoneyRow:
    """Money pledged, paid out or spent."""

    kind: str
    amount: Decimal
    currency: str
    note: dict[str, str]
    day: Day
    source: str


@dataclass(frozen=True)
class PartnerRow:
    """Somebody who takes part; `kind` by IATI's list of organisation types, empty if not known."""

    name: dict[str, str]
    country: str
    role: str
    source: str
    kind: str = ""


@dataclass
class ProjectFile:
    """A project as its file tells it. `dates` says how the days of the project itself are known."""

    code: str
    country: str
    title: dict[str, str]
    summary: dict[str, str]
    days: dict[str, datetime.date] = field(default_factory=dict)
    dates: dict[str, Any] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    partners: list[PartnerRow] = field(default_factory=list)
    components: dict[str, dict[str, str]] = field(default_factory=dict)
    money: list[MoneyRow] = field(default_factory=list)
    figures: list[FigureRow] = field(default_factory=list)
    gaps: list[dict[str, str]] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)


def shipped_projects() -> list[ProjectFile]:
    """The projects that come with Highground."""
    with as_file(files("highground") / "data" / "projects") as folder:
        return [read_project(path) for path in sorted(folder.glob("*.yaml")) if path.name != SOURCES]


def read_project(path: Path) -> ProjectFile:
    """Read a project's file and the sources beside it. Raises MappingError."""
    return _Reader(path).read()


def parse_day(text: str, kind: DayKind) -> Day | None:
    """A date known to the day, the month or the year; None for what is none."""
    found = _DAY.fullmatch(text)
    if not found:
        return None
    year, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        if day:
            return Day(datetime.date(year, month, day), DayPrecision.DAY, kind)
        if month:
            last = calendar.monthrange(year, month)[1]
            return Day(datetime.date(year, month, last), DayPrecision.MONTH, kind)
        return Day(datetime.date(year, 12, 31), DayPrecision.YEAR, kind)
    except ValueError:
        return None


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.top = load_mapping(path)

    @cached_property
    def sources(self) -> dict[str, Source]:
        top = load_mapping(self.path.with_name(SOURCES))
        read_on = top.day("read_on")
        if read_on is None:
            raise top.error("read_on", "missing; write the day on which the sources were read")
        found = {}
        told = top.section("sources")
        for code in told or ():
            one = told.section(code) if told else None
            if one is None:
                continue
            published = one.text("published", "") or ""
            day = parse_day(published, DayKind.PUBLISHED) if published else None
            if published and day is None:
                raise one.error("published", "write a date as 2020-11-28, 2020-11 or 2020, or leave it empty")
            found[code] = Source(
                code,
                one.required("title", "what was read"),
                published,
                one.flag("verified"),
                day or Day(read_on, DayPrecision.DAY, DayKind.READ),
            )
            one.close()
        return found

    def read(self) -> ProjectFile:
        top = self.top
        project = ProjectFile(
            code=top.required("code", "a code of your own"),
            country=top.required("country", "the country's ISO 3166 code"),
            title=top.pairs("title"),
            summary=top.pairs("summary"),
            sources=self.sources,
        )
        for name in ("starts", "ends", "handed_over"):
            if told := top.section(name):
                day = self._day(told, "day")
                project.days[name] = day.day
                project.dates[name] = {"precision": day.precision, "source": self._source(told).code}
                if note := told.pairs("note"):
                    project.dates[name]["note"] = note
                told.close()
        project.places = [self._place(one) for one in _parts(top, "areas")]
        project.partners = [self._partner(one) for one in _parts(top, "partners")]
        components = top.section("components")
        project.components = {code: components.pairs(code) for code in components} if components else {}
        project.money = [self._money(one) for one in _parts(top, "money")]
        kinds = top.section("indicators")
        project.figures = [self._figure(one, kinds, project) for one in _parts(top, "figures")]
        project.gaps = [{name: one.text(name) or "" for name in one} for one in _parts(top, "gaps")]
        top.close()
        if not any(place.site for place in project.places):
            raise top.error("areas", "no village is marked `site: true`; a project works somewhere")
        return project

    def _source(self, one: Section) -> Source:
        code = one.required("source", f"a source of {SOURCES}")
        if code not in self.sources:
            raise one.error("source", f"{code!r} is no source of {SOURCES}; add it there first")
        return self.sources[code]

    def _day(self, one: Section, key: str) -> Day:
        found = parse_day(text, DayKind.STATED) if (text := one.text(key)) else None
        if text and found is None:
            raise one.error(key, f"{text!r} is no date; write 2020-11-28, 2020-11 or 2020")
        return found or self._source(one).day

    def _place(self, one: Section) -> Place:
        place = Place(
            one.required("code", "the code of the area"),
            one.choice("level", Level.values, Level.VILLAGE),
            one.text("parent", "") or "",
            one.pairs("names"),
            one.flag("site"),
        )
        one.close()
        return place

    def _partner(self, one: Section) -> PartnerRow:
        row = PartnerRow(
            one.pairs("name"),
            one.required("country", "the partner's country"),
            one.choice("role", PartnerRole.values, PartnerRole.IMPLEMENTING),
            self._source(one).code,
            one.choice("kind", ("", *ORGANISATIONS), ""),
        )
        one.close()
        return row

    def _money(self, one: Section) -> MoneyRow:
        row = MoneyRow(
            one.choice("kind", MoneyKind.values, MoneyKind.COMMITMENT),
            _number(one, "amount"),
            one.required("currency", "its ISO 4217 code"),
            one.pairs("note"),
            self._day(one, "day"),
            self._source(one).code,
        )
        one.close()
        return row

    def _figure(self, one: Section, kinds: Section | None, project: ProjectFile) -> FigureRow:
        name = one.required("indicator", "an indicator of this file")
        told = kinds.section(name) if kinds and kinds.has(name) else None
        if told is None:
            raise one.error("indicator", f"{name!r} is not under `indicators`; add it with label and unit")
        area, component = one.text("area", "") or "", one.text("component", "") or ""
        if area and area not in {place.code for place in project.places}:
            raise one.error("area", f"{area!r} is not under `areas`")
        if component and component not in project.components:
            raise one.error("component", f"{component!r} is not under `components`")
        row = FigureRow(
            name,
            told.choice("kind", FigureKind.values, FigureKind.OUTPUT),
            told.pairs("label"),
            told.pairs("unit"),
            area,
            component,
            _number(one, "value"),
            one.choice("exactness", Exactness.values, Exactness.EXACT),
            one.pairs("note"),
            self._day(one, "day"),
            self._source(one).code,
        )
        one.close()
        return row


def _parts(top: Section, key: str) -> Iterator[Section]:
    for one in top.take(key) or ():
        if not isinstance(one, Section):
            raise top.error(key, "write a list of keys and values, each after a dash")
        yield one


def _number(one: Section, key: str) -> Decimal:
    found = one.number(key)
    if found is None:
        raise one.error(key, "missing; write a number, or leave the whole figure out and name the gap")
    return found
