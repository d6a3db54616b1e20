"""Typed columns of small tables: each value is read by its column, and what cannot be used is told with row and mend.

For tables of some thousand rows that people fill in by hand. Large imports go set-wise, by a mapping.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from highground.files.rejects import Reject
from highground.files.tables import ROW, Table, TableError

Reader = Callable[[str], Any]
YES, NO = ("yes", "true", "1", "是"), ("no", "false", "0", "否")
LIST_MARKS = ";；、"


class WrongValue(ValueError):
    """A value that cannot be used: the reason and the mend."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.reason, self.mend = reason, mend


@dataclass(frozen=True)
class Column:
    """How a column is read, and what it is without a value; `...` where it must have one."""

    read: Reader
    default: Any = ...


@dataclass(frozen=True)
class Named:
    """What a file calls our columns, and what its values mean, by our name; what is not here goes by our own words."""

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def column(self, name: str) -> str:
        """The file's name of a column of ours."""
        return self.columns.get(name, name)


OURS = Named()


def rows_of(
    table: Table, columns: Mapping[str, Column], reject: Callable[[Reject], None], named: Named = OURS
) -> Iterator[dict[str, Any]]:
    """Every row that can be used, its values by column and its number under `ROW`. Each fault of the others is told.

    Raises TableError for a table that lacks a column which must have a value.
    """
    wanted = [named.column(name) for name, one in columns.items() if one.default is ...]
    lacking = [name for name in wanted if name not in table.columns]
    if lacking:
        raise TableError(
            _("%(file)s: the file has no column %(name)s. It has: %(all)s. Rename the column, or add it.")
            % {"file": table.path.name, "name": lacking[0], "all": ", ".join(table.columns)}
        )
    for batch in table.batches:
        for row in batch.to_pylist():
            if (values := _values(row, columns, reject, named)) is not None:
                yield values


def _values(
    row: dict[str, Any], columns: Mapping[str, Column], reject: Callable[[Reject], None], named: Named
) -> dict[str, Any] | None:
    values: dict[str, Any] = {ROW: row[ROW]}
    usable = True
    for name, column in columns.items():
        given = (row.get(named.column(name)) or "").strip()
        given = named.values.get(name, {}).get(given, given)
        try:
            if not given and column.default is ...:
                raise WrongValue(_("nothing stands here"), _("fill it in; missing is not zero"))
            values[name] = column.read(given) if given else column.default
        except WrongValue as wrong:
            usable = False
            reject(Reject(row[ROW], named.column(name), given, wrong.reason, wrong.mend))
    return values if usable else None


def text(longest: int) -> Reader:
    """Text of at most so many characters."""

    def read(value: str) -> str:
        if len(value) > longest:
            raise WrongValue(_("too long"), _("use at most %(count)s characters") % {"count": longest})
        return value

    return read


def whole(least: int, most: int) -> Reader:
    """A whole number between two others, both included."""

    def read(value: str) -> int:
        if not (value.isascii() and value.isdecimal() and least <= int(value[:18]) <= most):
            raise WrongValue(
                _("not a whole number from %(least)s to %(most)s") % {"least": least, "most": most},
                _("write digits alone"),
            )
        return int(value)

    return read


def words(value: str) -> list[str]:
    """Several words in one cell, with a mark of `LIST_MARKS` between them."""
    for mark in LIST_MARKS:
        value = value.replace(mark, ";")
    return [word.strip() for word in value.split(";") if word.strip()]


def amount(least: Decimal | int | None = None, *, above: int | None = None) -> Reader:
    """A number, at least `least` or more than `above` where given."""

    def read(value: str) -> Decimal:
        try:
            found = Decimal(value)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or not math.isfinite(float(found)):
            raise WrongValue(_("not a number"), _("write digits with a point, such as 1200.50"))
        if least is not None and found < least:
            raise WrongValue(_("below %(least)s") % {"least": least}, _("correct the number"))
        if above is not None and found <= above:
            raise WrongValue(
                _("not above %(least)s") % {"least": above}, _("correct it, or leave the row out")
            )
        return found

    return read


def day(latest: datetime.date) -> Reader:
    """A date up to `latest`."""

    def read(value: str) -> datetime.date:
        try:
            found = datetime.date.fromisoformat(value[:10])
        except ValueError:
            raise WrongValue(_("no date"), _("write it as 2024-06-30")) from None
        if found > latest:
            raise WrongValue(_("lies in the future"), _("write the day on which it was found"))
        return found

    return read


def yes(value: str) -> bool:
    """Yes or no."""
    if value.lower() in YES:
        return True
    if value.lower() in NO:
        return False
    raise WrongValue(_("neither yes nor no"), _("write yes or no"))


def one_of(choices: Collection[str]) -> Reader:
    """One of some words."""

    def read(value: str) -> str:
        if value not in choices:
            raise WrongValue(
                _("not one of the known values"), _("write one of %(all)s") % {"all": ", ".join(choices)}
            )
        return value

    return read
