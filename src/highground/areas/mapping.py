"""Areas from a file: what its columns mean, and the rows that come of it.

file: {encoding: gb18030}
code: VILLAGE_CODE
parent: {column: TOWN_CODE}          # empty or absent for a country
level: {column: LEVEL, values: {村: village}}   # or {fixed: village}
names: {zh: NAME_ZH, en: NAME_EN}
latitude: LAT
longitude: LON
valid_from: BEGIN
valid_to: {fixed: 2025-06-30}
codes: {nbs: NBS_CODE}
synthetic: false
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from highground.areas.actions import AreaRow
from highground.files.mapping import Section, load_mapping
from highground.files.rejects import Reject
from highground.files.tables import ROW, Layout, open_table


@dataclass(frozen=True)
class Value:
    """Where a value comes from: a column, with translations, or one value for every row."""

    key: str
    column: str | None
    fixed: str | None
    values: dict[str, str]

    def of(self, row: dict[str, str | None]) -> str:
        if self.column is None:
            return self.fixed or ""
        text = (row[self.column] or "").strip()
        return self.values.get(text, text)


@dataclass(frozen=True)
class AreaMapping:
    """A checked mapping of a file of areas."""

    section: Section
    layout: Layout
    values: dict[str, Value]
    names: dict[str, str]
    codes: dict[str, str]
    synthetic: bool


def load_area_mapping(path: Path | str) -> AreaMapping:
    """Read and check a mapping of areas. Raises MappingError."""
    section = load_mapping(path)
    file = section.section("file")
    layout = file.layout() if file else Layout()
    if file:
        file.close()
    fields = ("code", "parent", "level", "latitude", "longitude", "valid_from", "valid_to", "iso")
    values = {key: value for key in fields if (value := _value(section, key))}
    for key in ("code", "level"):
        if key not in values:
            raise section.error(key, f"missing; write the column of the {key}, or {{fixed: VALUE}}")
    mapping = AreaMapping(
        section, layout, values, section.pairs("names"), section.pairs("codes"), section.flag("synthetic")
    )
    section.close()
    return mapping


def _value(section: Section, key: str) -> Value | None:
    raw = section.take(key)
    if raw is None:
        return None
    if isinstance(raw, str):
        return Value(key, raw, None, {})
    inner = section.section(key)
    if inner is None:
        return None
    value = Value(key, inner.text("column"), inner.text("fixed"), inner.pairs("values"))
    inner.close()
    if (value.column is None) == (value.fixed is None):
        raise section.error(key, "write either `column` or `fixed`")
    return value


def read_areas(
    path: Path | str, mapping: AreaMapping, on_reject: Callable[[Reject], None]
) -> Iterator[AreaRow]:
    """The areas of a file. Raises TableError and MappingError; bad rows go to `on_reject`."""
    table = open_table(path, mapping.layout, on_reject=on_reject)
    wanted = {value.key: value.column for value in mapping.values.values() if value.column}
    wanted |= {f"names.{language}": column for language, column in mapping.names.items()}
    wanted |= {f"codes.{scheme}": column for scheme, column in mapping.codes.items()}
    for key, column in wanted.items():
        if column not in table.columns:
            has = ", ".join(table.columns)
            raise mapping.section.error(key.split(".")[0], f"the file has no column {column!r}; it has {has}")
    for batch in table.batches:
        for row in batch.to_pylist():
            number = row.pop(ROW)
            try:
                yield _area(number, row, mapping)
            except _BadValue as problem:
                column, value, reason, mend = problem.args
                on_reject(Reject(number, column, value, reason, mend, row))


class _BadValue(ValueError):
    """Column, value, reason and mend."""


def _area(number: int, row: dict[str, str | None], mapping: AreaMapping) -> AreaRow:
    text = {key: value.of(row) for key, value in mapping.values.items()}

    def point(key: str) -> float | None:
        try:
            return float(text[key]) if text.get(key) else None
        except ValueError:
            raise _BadValue(key, text[key], "not a number", "write degrees with a decimal point") from None

    def day(key: str) -> datetime.date | None:
        try:
            return datetime.date.fromisoformat(text[key]) if text.get(key) else None
        except ValueError:
            raise _BadValue(key, text[key], "not a date", "write it as YYYY-MM-DD") from None

    return AreaRow(
        row=number,
        code=text["code"],
        level=text["level"],
        parent=text.get("parent", ""),
        names={language: name for language, column in mapping.names.items() if (name := row[column])},
        iso=text.get("iso", ""),
        latitude=point("latitude"),
        longitude=point("longitude"),
        valid_from=day("valid_from"),
        valid_to=day("valid_to"),
        synthetic=mapping.synthetic,
        codes={scheme: code for scheme, column in mapping.codes.items() if (code := row[column])},
    )
