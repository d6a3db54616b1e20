"""Sending units, candidates and the needs of villages from files, by a mapping.

Without a mapping the columns are called as in `COLUMNS`. A mapping says what a file calls them, and what its values mean:

    people:
      columns: {code: 工号, name: 姓名, unit: 单位, woman: 性别}
      values: {woman: {女: yes, 男: no}}

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
from highground.files import columns
from highground.files.columns import WrongValue
from highground.files.mapping import Section, load_mapping
from highground.files.rejects import Reject
from highground.files.tables import ROW, Table, open_table
from highground.teams.enums import UnitLevel, VillageType
from highground.teams.ground import TeamsError, may_plan
from highground.teams.models import Candidate, SendingUnit, VillageNeed

BATCH = 1000
YES, NO = (*columns.YES, "女"), (*columns.NO, "男")
LIST_MARKS = ";；、"


@dataclass
class _Read:
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

    def unit(self, value: str) -> SendingUnit:
        if found := self.units.get(value):
            return found
        raise WrongValue(_("no sending unit has this code"), _("import the unit first, or correct the code"))


Reader = Callable[[_Read, str], Any]


def _text(longest: int) -> Reader:
    def read(_read: _Read, value: str) -> str:
        if len(value) > longest:
            raise WrongValue(_("too long"), _("use at most %(count)s characters") % {"count": longest})
        return value

    return read


def _whole(least: int, most: int) -> Reader:
    def read(_read: _Read, value: str) -> int:
        if not (value.isascii() and value.isdecimal() and least <= int(value) <= most):
            raise WrongValue(
                _("not a whole number from %(least)s to %(most)s") % {"least": least, "most": most},
                _("write digits alone"),
            )
        return int(value)

    return read


def _share(_read: _Read, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise WrongValue(_("not a number from 0 to 1"), _("write 0 for the nearest and 1 for the remotest"))
    return number


def _yes(_read: _Read, value: str) -> bool:
    if value.lower() in YES:
        return True
    if value.lower() in NO:
        return False
    raise WrongValue(_("neither yes nor no"), _("write yes or no, or give the meaning in the mapping"))


def _words(_read: _Read, value: str) -> list[str]:
    for mark in LIST_MARKS:
        value = value.replace(mark, ";")
    return [word.strip() for word in value.split(";") if word.strip()]


def _one_of(choices: type[models.TextChoices]) -> Reader:
    def read(_read: _Read, value: str) -> str:
        if value not in choices.values:
            raise WrongValue(
                _("not one of the known values"),
                _("write one of %(all)s") % {"all": ", ".join(choices.values)},
            )
        return value

    return read


def _types(read: _Read, value: str) -> list[str]:
    return [_one_of(VillageType)(read, word) for word in _words(read, value)]


@dataclass(frozen=True)
class Column:
    """How a column is read, and what it is without a value; `...` where it must have one."""

    read: Reader
    default: Any = ...


COLUMNS: dict[str, dict[str, Column]] = {
    "units": {
        "code": Column(_text(40)),
        "name": Column(_text(120)),
        "area": Column(_Read.place),
        "level": Column(_one_of(UnitLevel), UnitLevel.COUNTY.value),
        "cap": Column(_whole(0, 10_000)),
        "paired": Column(_Read.village, None),
    },
    "people": {
        "code": Column(_text(40)),
        "name": Column(_text(80)),
        "unit": Column(_Read.unit),
        "area": Column(_Read.place, None),
        "home": Column(_Read.village, None),
        "woman": Column(_yes),
        "born": Column(_whole(1930, 2020), None),
        "occupation": Column(_text(80), ""),
        "skills": Column(_words, []),
        "languages": Column(_words, []),
        "may_lead": Column(_yes),
        "frail": Column(_yes, False),
        "limit": Column(_whole(0, 5000), None),
        "spouse": Column(_text(40), ""),
    },
    "villages": {
        "village": Column(_Read.village),
        "types": Column(_types, []),
        "first_secretaries": Column(_whole(0, 1), 1),
        "members": Column(_whole(0, 20)),
        "needs": Column(_words, []),
        "language": Column(_text(40), ""),
        "remoteness": Column(_share, 0.0),
        "at_risk": Column(_whole(0, 100_000)),
    },
}
MODELS: dict[str, tuple[type[models.Model], str]] = {
    "units": (SendingUnit, "code"),
    "people": (Candidate, "code"),
    "villages": (VillageNeed, "village"),
}


@dataclass
class Imported:
    """What became of a file."""

    kind: str
    used: int = 0
    rejects: list[Reject] = field(default_factory=list)


def import_table(
    kind: str, file: Path, mapping: Path | None, *, area: Area, by: User, today: datetime.date
) -> Imported:
    """Read a file of `units`, `people` or `villages` of an area, in one transaction with one event.

    Known codes are brought up to date. Raises TeamsError for somebody who may not plan there, TableError and MappingError
    for a file or a mapping that cannot be used at all.
    """
    if not may_plan(by, area, today):
        raise TeamsError(_("Candidates and needs are imported by a county officer or a province officer."))
    done = Imported(kind)
    table = open_table(file, on_reject=done.rejects.append)
    named = _named(kind, load_mapping(mapping) if mapping else None, table)
    read = _Read(
        area,
        {one.code: one for one in Area.objects.filter(path__startswith=area.path)},
        {one.code: one for one in SendingUnit.objects.visible_to(by, today)} if kind == "people" else {},
    )
    found: dict[str, dict[str, Any]] = {}
    for batch in table.batches:
        for row in batch.to_pylist():
            _take(row, named, read, kind, found, done)
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
    _save(kind, found, area, by, done)
    return done


@dataclass(frozen=True)
class _Named:
    """The file's column for each of ours, and what its values mean."""

    columns: dict[str, str]
    values: dict[str, dict[str, str]]


def _named(kind: str, mapping: Section | None, table: Table) -> _Named:
    own = COLUMNS[kind]
    columns, values = {name: name for name in own}, {}
    section = mapping.section(kind) if mapping else None
    if section is not None:
        columns |= section.pairs("columns")
        for unknown in sorted(columns.keys() - own.keys()):
            raise section.error("columns", f"`{unknown}` is no column of {kind}; known are {', '.join(own)}")
        told = section.section("values")
        values = {name: told.pairs(name) for name in told} if told else {}
        section.close()
    lacking = [
        name for name, column in own.items() if column.default is ... and columns[name] not in table.columns
    ]
    if lacking:
        raise TeamsError(
            _(
                "The file has no column %(name)s. It has: %(all)s. Rename the column, or say in a mapping what it is called."
            )
            % {"name": columns[lacking[0]], "all": ", ".join(table.columns)}
        )
    return _Named(columns, values)


def _take(
    row: dict[str, Any],
    named: _Named,
    read: _Read,
    kind: str,
    found: dict[str, dict[str, Any]],
    done: Imported,
) -> None:
    """One row: its values under our names, or what is wrong with it."""
    values: dict[str, Any] = {ROW: row[ROW]}
    rejects = []
    for name, column in COLUMNS[kind].items():
        given = (row.get(named.columns[name]) or "").strip()
        given = named.values.get(name, {}).get(given, given)
        try:
            if not given and column.default is ...:
                raise WrongValue(_("nothing stands here"), _("fill it in; missing is not zero"))
            values[name] = column.read(read, given) if given else column.default
        except WrongValue as wrong:
            rejects.append(Reject(row[ROW], named.columns[name], given, wrong.reason, wrong.mend))
    if rejects:
        done.rejects.extend(rejects)
        return
    key = next(iter(COLUMNS[kind]))
    code = values[key].code if isinstance(values[key], Area) else values[key]
    if code in found:
        first = found[code][ROW]
        done.rejects.append(
            Reject(
                row[ROW], named.columns[key], code, _("stands in row %(row)s already") % {"row": first},
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


def _rows(kind: str, found: dict[str, dict[str, Any]]) -> Iterator[models.Model]:
    model = MODELS[kind][0]
    for values in found.values():
        fields = {name: value for name, value in values.items() if name != ROW}
        if kind == "people" and fields["area"] is None:
            fields["area"] = fields["unit"].area
        yield model(**fields)


@transaction.atomic
def _save(kind: str, found: dict[str, dict[str, Any]], area: Area, by: User, done: Imported) -> None:
    model, key = MODELS[kind]
    manager: Any = model.objects  # type: ignore[attr-defined]
    manager.bulk_create(
        list(_rows(kind, found)),
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=[key],
        update_fields=[name for name in COLUMNS[kind] if name != key],
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
