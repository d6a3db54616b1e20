"""Sending units, candidates and the needs of villages from files, by a mapping.

Without a mapping the columns are called as in `COLUMNS`. A mapping says what a file calls them, and what its values mean:

    people:
      columns: {code: 工号, name: 姓名, unit: 单位, woman: 性别}
      values: {woman: {女: yes, 男: no}}
      file: {encoding: gb18030}

A row that cannot be used is left out and told with its number, its column, and what to mend; the others are kept.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.audit.actions import record
from highground.files.columns import (
    OURS,
    Column,
    Named,
    WrongValue,
    one_of,
    rows_of,
    text,
    whole,
    words,
    yes,
)
from highground.files.mapping import Section, load_mapping
from highground.files.rejects import Reject
from highground.files.tables import ROW, Layout, open_table
from highground.teams.enums import UnitLevel, VillageType
from highground.teams.ground import TeamsError, may_plan
from highground.teams.models import Candidate, SendingUnit, VillageNeed

BATCH = 1000
FIELDS = {"withdrawn": "withdrawn_on"}
"""Columns that are called otherwise in the database."""
SEXES = {"女": "yes", "男": "no"}


@dataclass
class _Known:
    """What values are looked up in: the areas of the office, and the units known so far."""

    area: Area
    areas: dict[str, Area]
    units: dict[str, SendingUnit]

    def place(self, value: str) -> Area:
        if found := self.areas.get(value):
            return found
        raise WrongValue(
            _("no area of %(area)s has this code") % {"area": self.area},
            _("write the code of an area in it, or import areas first"),
        )

    def village(self, value: str) -> Area:
        found = self.place(value)
        if found.level not in (Level.VILLAGE, Level.GROUP):
            raise WrongValue(_("%(area)s is no village") % {"area": found}, _("write the code of a village"))
        return found

    def villages(self, value: str) -> list[str]:
        return [self.village(word).code for word in words(value)]

    def unit(self, value: str) -> SendingUnit:
        if found := self.units.get(value):
            return found
        raise WrongValue(_("no sending unit has this code"), _("import the unit first, or correct the code"))


def _share(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise WrongValue(_("not a number from 0 to 1"), _("write 0 for the nearest and 1 for the remotest"))
    return number


def _woman(value: str) -> bool:
    return yes(SEXES.get(value, value))


def _types(value: str) -> list[str]:
    return [one_of(VillageType.values)(word) for word in words(value)]


def _units(known: _Known) -> dict[str, Column]:
    return {
        "code": Column(text(40)),
        "name": Column(text(120)),
        "area": Column(known.place),
        "level": Column(one_of(UnitLevel.values), UnitLevel.COUNTY.value),
        "cap": Column(whole(0, 10_000)),
        "paired": Column(known.village, None),
    }


def _people(known: _Known) -> dict[str, Column]:
    return {
        "code": Column(text(40)),
        "name": Column(text(80)),
        "unit": Column(known.unit),
        "area": Column(known.place, None),
        "home": Column(known.village, None),
        "woman": Column(_woman),
        "born": Column(whole(1930, 2020), None),
        "occupation": Column(text(80), ""),
        "skills": Column(words, []),
        "languages": Column(words, []),
        "may_lead": Column(yes),
        "frail": Column(yes, False),
        "limit": Column(whole(0, 5000), None),
        "kin": Column(known.villages, []),
        "spouse": Column(text(40), ""),
        "withdrawn": Column(yes, None),
    }


def _villages(known: _Known) -> dict[str, Column]:
    return {
        "village": Column(known.village),
        "types": Column(_types, []),
        "first_secretaries": Column(whole(0, 1), 1),
        "members": Column(whole(0, 20)),
        "needs": Column(words, []),
        "language": Column(text(40), ""),
        "remoteness": Column(_share, 0.0),
        "at_risk": Column(whole(0, 100_000)),
    }


KINDS: dict[str, Callable[[_Known], dict[str, Column]]] = {
    "units": _units,
    "people": _people,
    "villages": _villages,
}
COLUMNS = {kind: tuple(columns(_Known(Area(), {}, {}))) for kind, columns in KINDS.items()}
"""The columns of each kind of file, the key first."""
REQUIRED, OPTIONAL = (
    {
        kind: tuple(
            name for name, one in columns(_Known(Area(), {}, {})).items() if (one.default is ...) is must
        )
        for kind, columns in KINDS.items()
    }
    for must in (True, False)
)
"""Those that must be there, and those that may be."""

MODELS: dict[str, tuple[type[models.Model], str]] = {
    "units": (SendingUnit, "code"),
    "people": (Candidate, "code"),
    "villages": (VillageNeed, "village"),
}


@dataclass
class Imported:
    """What became of a file; `unread` are columns of it that nothing asks for."""

    kind: str
    used: int = 0
    unread: tuple[str, ...] = ()
    rejects: list[Reject] = field(default_factory=list)


def import_table(
    kind: str, file: Path, mapping: Path | None, *, area: Area, by: User, today: datetime.date
) -> Imported:
    """Read a file of `units`, `people` or `villages` of an area, in one transaction with one event.

    Known codes are brought up to date; who has withdrawn stays so unless the file says otherwise. Raises TeamsError for
    somebody who may not plan there, TableError and MappingError for a file or a mapping that cannot be used at all.
    """
    if not may_plan(by, area, today):
        raise TeamsError(_("Candidates and needs are imported by a county officer or a province officer."))
    done = Imported(kind)
    named, layout = _named(kind, load_mapping(mapping)) if mapping else (OURS, Layout())
    table = open_table(file, layout, on_reject=done.rejects.append)
    known = _Known(
        area,
        {one.code: one for one in Area.objects.filter(path__startswith=area.path)},
        {one.code: one for one in SendingUnit.objects.visible_to(by, today)} if kind == "people" else {},
    )
    asked = {named.column(name) for name in COLUMNS[kind]}
    done.unread = tuple(name for name in table.columns if name not in asked)
    found: dict[str, dict[str, Any]] = {}
    for values in rows_of(table, KINDS[kind](known), done.rejects.append, named):
        _take(values, named, kind, found, done)
    taken = _taken_elsewhere(kind, found, by, today)
    for key in taken:
        done.rejects.append(
            Reject(
                found.pop(key)[ROW],
                "code",
                key,
                _("this code is used outside your area"),
                _("give it another code"),
            )
        )
    done.used = len(found)
    done.rejects.sort(key=lambda one: one.row)
    _save(kind, found, area, by, done, today)
    return done


def _named(kind: str, mapping: Section) -> tuple[Named, Layout]:
    """What a mapping says of the columns and values of one kind of file, and of the file. Raises MappingError."""
    section = {one: mapping.section(one) for one in KINDS}[kind]
    mapping.close()
    if section is None:
        return OURS, Layout()
    own, columns = COLUMNS[kind], section.pairs("columns")
    for unknown in sorted(columns.keys() - set(own)):
        raise section.error("columns", f"`{unknown}` is no column of {kind}; known are {', '.join(own)}")
    told = section.section("values")
    values = {name: told.pairs(name) for name in told} if told else {}
    file = section.section("file")
    layout = file.layout() if file else Layout()
    for one in (file, section):
        if one:
            one.close()
    return Named(columns, values), layout


def _take(
    values: dict[str, Any], named: Named, kind: str, found: dict[str, dict[str, Any]], done: Imported
) -> None:
    """One row, unless its key stood in a row before."""
    key = COLUMNS[kind][0]
    code = values[key].code if isinstance(values[key], Area) else values[key]
    if code in found:
        first = found[code][ROW]
        done.rejects.append(
            Reject(
                values[ROW], named.column(key), code, _("stands in row %(row)s already") % {"row": first},
                _("keep one row"),
            )
        )  # fmt: skip
        return
    found[code] = values


def _taken_elsewhere(
    kind: str, found: dict[str, dict[str, Any]], by: User, today: datetime.date
) -> list[str]:
    """Codes that stand for somebody or something outside what the person sees."""
    if kind == "villages":
        return []
    model: Any = MODELS[kind][0]
    every = model.objects.everywhere(reason="whether a code is free in the whole installation")
    known = set(every.filter(code__in=list(found)).values_list("code", flat=True))
    own = model.objects.visible_to(by, today).filter(code__in=known).values_list("code", flat=True)
    return sorted(known - set(own))


def _rows(
    kind: str, found: dict[str, dict[str, Any]], by: User, today: datetime.date
) -> Iterator[models.Model]:
    model = MODELS[kind][0]
    gone = _withdrawn(found, by, today) if kind == "people" else {}
    for key, values in found.items():
        fields = {name: value for name, value in values.items() if name != ROW}
        if kind == "people":
            fields["area"] = fields["area"] or fields["unit"].area
            withdrawn = fields.pop("withdrawn")
            if withdrawn is None or withdrawn:
                fields["withdrawn_on"] = gone.get(key) or (today if withdrawn else None)
        yield model(**fields)


def _withdrawn(
    found: dict[str, dict[str, Any]], by: User, today: datetime.date
) -> dict[str, datetime.date | None]:
    """The day on which each of these candidates withdrew. One query."""
    every = Candidate.objects.visible_to(by, today).filter(code__in=list(found))
    return dict(every.values_list("code", "withdrawn_on"))


@transaction.atomic
def _save(
    kind: str, found: dict[str, dict[str, Any]], area: Area, by: User, done: Imported, today: datetime.date
) -> None:
    model, key = MODELS[kind]
    manager: Any = model.objects  # type: ignore[attr-defined]
    manager.bulk_create(
        list(_rows(kind, found, by, today)),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=[key],
        update_fields=[FIELDS.get(name, name) for name in COLUMNS[kind] if name != key],
    )
    record(
        "teams.import",
        by=str(by.pk),
        subject_kind="area",
        subject_id=area.code,
        area_path=area.path,
        data={
            "kind": kind,
            "rows": done.used,
            "rejected": len({one.row for one in done.rejects}),
            "content": hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest(),
        },
    )
