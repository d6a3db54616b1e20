"""Parameters: values that a rule looks up by area and period, shipped with a source or added from a local file."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from highground.methods.facts import Dictionary
from highground.methods.rules.record import ParameterReading
from highground.methods.rules.rulebook import Parameter, ParameterRow, RulebookError
from highground.methods.rules.sections import Entry

LOOKUP_COLUMNS = ("province", "city", "county")
ROW_KEYS = {"parameter", "key", "period", "value", "source", "verified"}
_PROVINCE = re.compile(r"^[A-Z]{2}-[A-Z0-9]{1,3}$")
_TRUE, _FALSE = ("true", "yes", "1"), ("false", "no", "0", "")


def to_minor(value: object, minor_digits: int) -> int:
    """An amount in major units as an integer in minor units, rounded half-up (away from zero).

    Raises ValueError where `value` is no finite number.
    """
    try:
        amount = Decimal(str(value))
        return int(amount.scaleb(minor_digits).to_integral_value(ROUND_HALF_UP))
    except (InvalidOperation, OverflowError) as error:
        raise ValueError(f"'{value}' is no number") from error


def read_parameters(top: Entry, dictionary: Dictionary, minor_digits: int) -> dict[str, Parameter]:
    """The section `parameters` of a rulebook."""
    return {
        name: _parameter(name, entry, dictionary, minor_digits)
        for name, entry in top.entries("parameters")
        if entry.name_ok(name, dictionary)
    }


def _parameter(name: str, entry: Entry, dictionary: Dictionary, minor_digits: int) -> Parameter:
    entry.only({"label", "type", "by", "period", "lag", "minimum", "maximum", "rows"})
    kind = entry.content.get("type", "money")
    if kind not in ("money", "integer"):
        raise entry.error("type", "a parameter is `money` or `integer`")
    by = tuple(entry.content.get("by") or ())
    for column in by:
        fact = dictionary.get(column)
        keyed_by_fact = fact is not None and fact.type == "category" and fact.entity == "household"
        if column not in LOOKUP_COLUMNS and not keyed_by_fact:
            raise entry.error(
                "by",
                f"'{column}' keys no parameter; use {', '.join(LOOKUP_COLUMNS)} or a category fact of households",
            )
    if len(by) > 1:
        raise entry.error(
            "by", "a parameter is keyed by one column; split it, or join conditions with AND and OR"
        )
    period = entry.content.get("period")
    if period not in (None, "year"):
        raise entry.error("period", "a period is `year`, or left out for a value that does not change")
    minimum, maximum = entry.content.get("minimum", 0), entry.content.get("maximum", 10**12)
    if not isinstance(minimum, int) or not isinstance(maximum, int) or minimum > maximum:
        raise entry.error("minimum", "`minimum` and `maximum` are whole numbers, the smaller first")
    lag = entry.content.get("lag", 0)
    if not isinstance(lag, int) or lag < 0:
        raise entry.error("lag", "is a whole number of periods: 1 asks for the year before")
    digits = minor_digits if kind == "money" else 0
    rows = entry.content.get("rows") or []
    if not isinstance(rows, list):
        raise entry.error("rows", "rows are a list")
    read = [
        _row(entry, index, row, bool(by), period, digits, (minimum, maximum))
        for index, row in enumerate(rows)
    ]
    keys = tuple(dictionary[by[0]].values) if by and by[0] in dictionary else ()
    seen: set[tuple[str, str | None]] = set()
    for row in read:
        if keys and row.key not in keys:
            raise entry.error("rows", f"'{by[0]}' has no value '{row.key}'; use one of {', '.join(keys)}")
        if (row.key, row.period) in seen:
            raise entry.error("rows", f"key '{row.key}' stands twice for period {row.period}; keep one")
        seen.add((row.key, row.period))
    return Parameter(
        name=name,
        label=entry.text("label", default=name.replace("_", " ")),
        type=kind,
        by=by,
        period=period,
        lag=lag,
        minimum=minimum,
        maximum=maximum,
        rows=tuple(read),
        keys=keys,
    )


def _row(
    entry: Entry, index: int, row: Any, keyed: bool, period: str | None, digits: int, bounds: tuple[int, int]
) -> ParameterRow:
    where = f"rows[{index + 1}]"
    if not isinstance(row, Mapping) or not set(row) <= ROW_KEYS:
        raise entry.error(where, f"a row has {', '.join(sorted(ROW_KEYS - {'parameter'}))} and nothing else")
    value = row.get("value")
    try:
        minor = to_minor(value, digits)
    except ValueError as error:
        raise entry.error(
            where, f"value '{value}' is no number; a value that is not known is left out"
        ) from error
    if not bounds[0] * 10**digits <= minor <= bounds[1] * 10**digits:
        raise entry.error(where, f"value {value} is outside {bounds[0]} to {bounds[1]}; check its unit")
    if keyed and row.get("key") in (None, ""):
        raise entry.error(where, "the row needs a `key`")
    if (period is not None) != (row.get("period") not in (None, "")):
        mend = "give the year as `period`" if period else "leave out `period`"
        raise entry.error(where, mend)
    given = str(row["period"]) if period is not None else None
    if given is not None and not re.fullmatch(r"\d{4}", given):
        raise entry.error(where, f"period '{given}' is no year; write for example 2024")
    verified = row.get("verified", False)
    if isinstance(verified, str):
        if verified.strip().lower() not in _TRUE + _FALSE:
            raise entry.error(where, f"verified '{verified}' is neither true nor false")
        verified = verified.strip().lower() in _TRUE
    return ParameterRow(
        key=str(row.get("key", "*")),
        period=given,
        value=value if isinstance(value, int | float) else str(value),
        source=str(row["source"]) if row.get("source") else None,
        verified=bool(verified),
        minor=minor,
    )


def read_parameter_file(path: str | Path) -> list[dict[str, Any]]:
    """Rows from a CSV, YAML or JSON file. Raises RulebookError naming the file and the mend."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".csv":
            rows: list[dict[str, Any]] = _csv_rows(text)
        else:
            content = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
            rows = _listed(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        raise RulebookError(f"{path.name}: cannot be read as a parameter table: {error}") from error
    for index, row in enumerate(rows):
        if not isinstance(row, dict) or not set(row) <= ROW_KEYS or "value" not in row:
            raise RulebookError(
                f"{path.name}: row {index + 1}: a parameter row has the columns "
                f"parameter, key, period, value, source, verified"
            )
    return rows


def _csv_rows(text: str) -> list[dict[str, Any]]:
    """Rows of a CSV table, without spaces around its words. A field too many stands under None, which is refused."""
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    return [
        {
            key and key.strip(): value.strip() if isinstance(value, str) else value
            for key, value in row.items()
        }
        for row in reader
    ]


def _listed(content: Any) -> list[dict[str, Any]]:
    """Rows of a YAML or JSON table: a list, or a mapping of parameter to rows (also under `parameters`)."""
    if isinstance(content, Mapping) and set(content) == {"parameters"}:
        content = content["parameters"]
    if isinstance(content, Mapping):
        content = [
            {"parameter": name, **row}
            for name, rows in content.items()
            for row in (rows.get("rows", []) if isinstance(rows, Mapping) else rows)
        ]
    if not isinstance(content, list):
        raise ValueError("write a list of rows")
    return content


def merge_rows(section: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The section `parameters` with rows added; a row replaces the shipped one of the same key and period.

    Raises RulebookError for a parameter that is not there, and for two added rows of one key and period.
    """
    merged = {name: {**entry, "rows": list(entry.get("rows") or [])} for name, entry in section.items()}
    seen: set[tuple[str, str, str]] = set()
    for row in rows:
        if not isinstance(row, Mapping):
            raise RulebookError("parameter table: give a file, or a list of rows as mappings")
        name = row.get("parameter") or _guess(section, str(row.get("key") or ""))
        if name not in merged:
            raise RulebookError(
                f"parameter table: there is no parameter '{name}'; known are {', '.join(merged)}"
            )
        added = {key: value for key, value in row.items() if key != "parameter" and value not in (None, "")}
        place = _place(added)
        if (name, *place) in seen:
            where = " in ".join(part for part in place if part not in ("*", "None")) or "every household"
            raise RulebookError(f"parameter table: '{name}' stands twice for {where}; keep one row")
        seen.add((name, *place))
        kept = [one for one in merged[name]["rows"] if _place(one) != place]
        merged[name]["rows"] = [*kept, added]
    return merged


def _place(row: Mapping[str, Any]) -> tuple[str, str]:
    """Key and period of a row, by which it is looked up."""
    return str(row.get("key", "*")), str(row.get("period"))


def _guess(section: Mapping[str, Any], key: str) -> str:
    """The parameter that a row without a name can only mean."""
    if len(section) == 1:
        return next(iter(section))
    columns = [] if not key else ["province"] if _PROVINCE.match(key) else ["city", "county"]
    fitting = [
        name
        for name, entry in section.items()
        if (not columns and not entry.get("by"))
        or any([one] == list(entry.get("by") or []) for one in columns)
    ]
    if len(fitting) != 1:
        raise RulebookError(
            f"parameter table: the row for '{key}' does not say which parameter it is; "
            f"add a column `parameter` with one of {', '.join(section)}"
        )
    return fitting[0]


def period_of(parameter: Parameter, as_of: date) -> str | None:
    """The period that a look-up on `as_of` asks for."""
    return None if parameter.period is None else str(as_of.year - parameter.lag)


def rows_for(parameter: Parameter, as_of: date) -> dict[str, tuple[int, int, bool]]:
    """Low, high and verified by key, for the period of `as_of`; the empty key is the range for a missing fact."""
    period = period_of(parameter, as_of)
    rows = {row.key: (row.minor, row.minor, row.verified) for row in parameter.rows if row.period == period}
    if parameter.keys:
        unknown = look_up(parameter, as_of, {parameter.by[0]: None})
        if unknown.low is not None and unknown.high is not None:
            rows[""] = (unknown.low, unknown.high, unknown.verified)
    return rows


def look_up(parameter: Parameter, as_of: date, keys: Mapping[str, str | None]) -> ParameterReading:
    """The value of a parameter for one household.

    `keys` maps province, city, county and category facts to this household's value or None. A missing
    row gives a reading without value and with the reason, such as "no monitoring line for CN-GX, 2024".
    """
    period = period_of(parameter, as_of)
    rows = {row.key: row for row in parameter.rows if row.period == period}
    column = parameter.by[0] if parameter.by else None
    key = keys.get(column) if column else "*"
    label = parameter.label["en"]
    if key is None:
        assert column is not None
        if parameter.keys and rows.keys() >= set(parameter.keys):
            values = [row.minor for row in rows.values()]
            return ParameterReading(
                min(values), max(values), period=period, reason=f"{label}: {column} is not known",
                verified=all(row.verified for row in rows.values()),
            )  # fmt: skip
        why = f"{column} is not known" if parameter.keys else f"the household has no {column}"
        return ParameterReading(None, None, period=period, reason=f"no {label}: {why}")
    row = rows.get(key)
    if row is None:
        asked = ", ".join(part for part in (key if column else None, period) if part)
        return ParameterReading(None, None, key=key, period=period, reason=f"no {label} for {asked}".strip())
    return ParameterReading(row.minor, row.minor, key, period, row.source, row.verified)
