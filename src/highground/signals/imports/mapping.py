"""What the columns of a file of households mean.

    source: {name: Household survey 2023, kind: import, day: 2024-02-01}
    rulebook: our-county.yaml                 # for the facts of its own; a shipped one by its id
    file: {format: csv, encoding: gb18030, delimiter: ";", sheet: Sheet1}
    area: {column: village, scheme: nbs}      # or {code: CN-GX} for every row
    date: 2023-12-31                          # or {column: day, form: "%d/%m/%Y"}
                                              # or {column: round, values: {0: 1991-12-31, 1: 1998-12-31}}
    household: {key: [village, number], register: county-7}     # or {row_number: true, register: ...}
    missing: [NA, "-9"]
    facts:
      household_size: people
      income_wage_12m: {column: wages, multiply: 1000}
      income_total_12m:                       # one row, several dated observations
        - {column: income97, date: 1997-12-31}
        - {column: income98, date: 1998-12-31}
      dwelling_unsafe: {column: house, values: {危房: true, 安全: false}}
      risks: {column: causes, separator: ","}
    protected: {phone: tel}
    members:                                  # the file given with --members
      file: {encoding: gb18030}
      household: {key: [village, number]}
      member: {key: line}
      date: 2023-12-31
      facts: {sex: gender, birth_date: {column: born, form: "%Y%m%d"}}
      protected: {name: full_name}

`source` and `household` are required, and a date for every fact. Keys are explained in
`docs/reference/import-mapping.md`.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from highground.files.mapping import Section, load_mapping
from highground.files.tables import Layout
from highground.methods.facts import Dictionary, Fact, load_dictionary
from highground.methods.rules import Rulebook, RulebookError, load_rulebook
from highground.people.enums import Protected, SourceKind

LARGEST_FACTOR = 10**9
FACTOR_PLACES = 4


@dataclass(frozen=True)
class When:
    """The day from which a value holds: fixed, or read from a column (ISO, in a form, or by a value map)."""

    fixed: datetime.date | None = None
    column: str | None = None
    form: str | None = None
    values: tuple[tuple[str, datetime.date], ...] = ()


@dataclass(frozen=True)
class Where:
    """The area: one code for every row, or a column of our own codes or of a scheme's."""

    code: str | None = None
    column: str | None = None
    scheme: str | None = None


@dataclass(frozen=True)
class Entry:
    """One column read as one fact. `section` and `key` are where the mapping names the column."""

    fact: Fact
    column: str
    when: When
    section: Section
    key: str
    multiply: Decimal = Decimal(1)
    values: tuple[tuple[str, str], ...] = ()
    missing: tuple[str, ...] = ()
    form: str | None = None
    separator: str | None = None


@dataclass(frozen=True)
class TableMapping:
    """How one file is read: `key` names the columns of the household's number, empty for the row number."""

    section: Section
    layout: Layout
    key: tuple[str, ...]
    entries: tuple[Entry, ...]
    protected: tuple[tuple[str, str], ...]
    where: Where | None = None
    member_key: tuple[str, ...] = ()
    date: When | None = None

    @property
    def entity(self) -> str:
        return "member" if self.member_key else "household"

    def days(self) -> list[When]:
        """Every day that a row speaks of: the table's own, and those of its facts."""
        own = [] if self.date is None else [self.date]
        return list(dict.fromkeys([*own, *(entry.when for entry in self.entries)]))

    def columns(self) -> dict[str, tuple[Section, str]]:
        """Each column that is needed, and the place in the mapping that asks for it."""
        wanted = dict.fromkeys(self.key, (self.section, "household"))
        wanted |= dict.fromkeys(self.member_key, (self.section, "member"))
        if self.where and self.where.column:
            wanted[self.where.column] = (self.section, "area")
        for entry in self.entries:
            wanted[entry.column] = (entry.section, entry.key)
        for when in self.days():
            if when.column:
                wanted.setdefault(when.column, (self.section, "date"))
        return wanted | {column: (self.section, "protected") for _, column in self.protected}


@dataclass(frozen=True)
class Mapping:
    """A checked mapping of households and, where the file describes them, of their members."""

    section: Section
    source_name: str
    source_kind: str
    source_day: datetime.date | None
    register: str
    households: TableMapping
    members: TableMapping | None
    rulebook: Rulebook | None = None

    @property
    def own_facts(self) -> list[Fact]:
        """The rulebook's own facts among those that are read."""
        shipped = load_dictionary()
        tables = [self.households, *([self.members] if self.members else [])]
        facts = {entry.fact.name: entry.fact for table in tables for entry in table.entries}
        return [fact for name, fact in facts.items() if name not in shipped]


@dataclass
class _Reader:
    """What is the same while one table's keys are read."""

    dictionary: Dictionary
    entity: str
    date: When | None
    missing: tuple[str, ...]
    today: datetime.date
    entries: list[Entry] = field(default_factory=list)


def load_household_mapping(path: Path | str, *, today: datetime.date) -> Mapping:
    """Read and check a mapping. Raises MappingError naming the file, the line, the key and the mend."""
    section = load_mapping(path)
    source = section.section("source")
    if source is None:
        raise section.error("source", "missing; write {name: where the file comes from}")
    name = source.required("name", "where the file comes from, such as 'Household survey 2023'")
    kind = source.choice("kind", [str(one) for one in SourceKind.values], "import")
    day = source.day("day")
    source.close()
    book = _rulebook(section)
    dictionary = book.dictionary if book else load_dictionary()
    where = _where(section)
    households, register = _household_key(section, with_register=True)
    table = _table(section, "household", households, dictionary, today, where=where)
    members = _members(section, dictionary, today)
    section.close()
    if not table.entries and not (members and members.entries):
        raise section.error("facts", "missing; name at least one fact and its column")
    return Mapping(section, name, kind, day, register, table, members, book)


def _rulebook(section: Section) -> Rulebook | None:
    """The rulebook whose own facts the mapping may name: a file beside the mapping, or the id of a shipped one."""
    if (named := section.text("rulebook")) is None:
        return None
    beside = section.file.parent / named
    try:
        return load_rulebook(beside if beside.is_file() else named)
    except RulebookError as error:
        raise section.error("rulebook", str(error)) from error


def _members(section: Section, dictionary: Dictionary, today: datetime.date) -> TableMapping | None:
    inner = section.section("members")
    if inner is None:
        return None
    key, _ = _household_key(inner, with_register=False)
    member = inner.section("member")
    if member is None:
        raise inner.error("member", "missing; write {key: COLUMN}, the member's number within the household")
    member_key = tuple(member.texts("key"))
    member.close()
    if not key or not member_key:
        raise inner.error("member", "members need `household: {key: ...}` and `member: {key: ...}`")
    table = _table(inner, "member", key, dictionary, today, member_key=member_key)
    inner.close()
    return table


def _table(
    section: Section,
    entity: str,
    key: tuple[str, ...],
    dictionary: Dictionary,
    today: datetime.date,
    *,
    where: Where | None = None,
    member_key: tuple[str, ...] = (),
) -> TableMapping:
    file = section.section("file")
    layout = file.layout() if file else Layout()
    if file:
        file.close()
    date = _when(section, "date", today) if section.has("date") else None
    reader = _Reader(dictionary, entity, date, tuple(section.texts("missing")), today)
    facts = section.section("facts")
    for name in facts or ():
        _read_fact(facts, name, reader)  # type: ignore[arg-type]
    protected = section.pairs("protected")
    for kind in protected:
        if kind not in Protected.values:
            raise section.error("protected", f"{kind!r} is not one of {', '.join(Protected.values)}")
    if date is None and not reader.entries:
        raise section.error("date", "missing; write the day from which the rows hold")
    return TableMapping(
        section, layout, key, tuple(reader.entries), tuple(protected.items()), where, member_key, date
    )


def _household_key(section: Section, *, with_register: bool) -> tuple[tuple[str, ...], str]:
    inner = section.section("household")
    if inner is None:
        raise section.error(
            "household", "missing; write {key: COLUMN}, or {row_number: true, register: NAME}"
        )
    columns, by_row = tuple(inner.texts("key")), inner.flag("row_number") if with_register else False
    register = (inner.text("register") if with_register else None) or "main"
    if bool(columns) == by_row:
        raise section.error("household", "write either `key: COLUMN` or `row_number: true`")
    if by_row and not inner.has("register"):
        raise inner.error(
            "register", "row numbers mean nothing outside this file; give them a register of their own"
        )
    if len(register) > 40:
        raise inner.error("register", "at most 40 characters")
    inner.close()
    return columns, register


def _where(section: Section) -> Where:
    inner = section.section("area")
    if inner is None:
        raise section.error("area", "missing; write {code: CODE} for every row, or {column: COLUMN}")
    where = Where(inner.text("code"), inner.text("column"), inner.text("scheme"))
    inner.close()
    if (where.code is None) == (where.column is None):
        raise section.error("area", "write either `code` or `column`")
    return where


def _when(section: Section, key: str, today: datetime.date) -> When:
    raw = section.take(key)
    if isinstance(raw, str):
        return When(fixed=_past(section, key, section.as_day(key, raw), today))
    inner = section.section(key)
    if inner is None:
        raise section.error(key, "empty; write a date as YYYY-MM-DD, or {column: COLUMN}")
    column, form, values = (
        inner.required("column", "the column of the date"),
        inner.text("form"),
        inner.pairs("values"),
    )
    inner.close()
    if form and values:
        raise section.error(key, "write either `form` or `values`")
    days = tuple((text, _past(section, key, section.as_day(key, day), today)) for text, day in values.items())
    return When(column=column, form=form, values=days)


def _past(section: Section, key: str, day: datetime.date, today: datetime.date) -> datetime.date:
    if day > today:
        raise section.error(key, f"{day} lies in the future; a fact cannot hold from a day that has not come")
    return day


def _read_fact(facts: Section, name: str, reader: _Reader) -> None:
    fact = reader.dictionary.get(name)
    if fact is None:
        raise facts.error(
            name,
            "there is no such fact in the fact dictionary (docs/reference/fact-dictionary.md); name the `rulebook` "
            "whose own fact it is, if it is one",
        )
    if fact.entity != reader.entity:
        raise facts.error(name, f"this is a fact of a {fact.entity}; write it under {_place_of(fact.entity)}")
    raw = facts.take(name)
    parts = raw if isinstance(raw, list) else [raw]
    for part in parts:
        if isinstance(part, str):
            entry = _entry(facts, name, fact, part, None, reader)
        elif isinstance(part, Section):
            entry = _entry(facts, name, fact, part.required("column", "the column of the fact"), part, reader)
            part.close()
        else:
            raise facts.error(name, "write the column, or {column: COLUMN, ...}")
        reader.entries.append(entry)
    own: Sequence[When] = [entry.when for entry in reader.entries if entry.fact is fact]
    if len(set(own)) < len(own):
        raise facts.error(name, "two columns for one fact on one date; give each its own `date`")


def _place_of(entity: str) -> str:
    return "`facts`" if entity == "household" else "`members.facts`"


def _entry(
    facts: Section, name: str, fact: Fact, column: str, part: Section | None, reader: _Reader
) -> Entry:
    when = _when(part, "date", reader.today) if part and part.has("date") else reader.date
    if when is None:
        raise facts.error(name, "no date; write `date` for the whole table or for this fact")
    if part is None:
        return Entry(fact, column, when, facts, name, missing=reader.missing)
    values = tuple(part.pairs("values").items())
    empty = ("", "[]") if fact.type == "list" else ("",)
    for text, value in values:
        if fact.values and value not in fact.values and value not in empty:
            raise part.error(
                "values", f"{text!r} becomes {value!r}, which is not one of {', '.join(fact.values)}"
            )
        if fact.type == "boolean" and value not in ("true", "false", ""):
            raise part.error("values", f"{text!r} becomes {value!r}; write true or false")
    multiply = part.number("multiply")
    if multiply is not None:
        if fact.type not in ("money", "integer"):
            raise part.error("multiply", f"a {fact.type} cannot be multiplied; leave it out")
        if not 0 < multiply <= LARGEST_FACTOR or -int(multiply.as_tuple().exponent) > FACTOR_PLACES:
            raise part.error(
                "multiply", "write a number above 0 with at most four decimals, such as 1000 or 0.01"
            )
    if part.has("separator") and fact.type != "list":
        raise part.error("separator", f"only lists are separated, and this is a {fact.type}; leave it out")
    if part.has("form") and fact.type != "date":
        raise part.error("form", f"only dates have a form, and this is a {fact.type}; leave it out")
    return Entry(
        fact,
        column,
        when,
        part,
        "column",
        multiply or Decimal(1),
        values,
        reader.missing + tuple(part.texts("missing")),
        part.text("form"),
        part.text("separator"),
    )
