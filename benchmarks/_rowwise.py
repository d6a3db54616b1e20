"""The same rulebook one household at a time, as other systems do it: a prefetched ORM row loop, and a rules engine.

They see the same households from the store: the register and every row that departments sent. The loop gives what a
run gives, yes and cannot tell, once; and once, as the engine, it gets easier work: what is missing counts as nothing.
All get ranks that somebody else has computed, keep no evidence and write nothing. Their answers are compared with the
run's: of every household those of the loop, of the households of which nothing is missing the others.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb

from benchmarks._translated import kleene_rules, zen_rules
from highground.methods.facts import Fact
from highground.methods.facts.months import complete_months
from highground.methods.feeds.definitions import FedFact
from highground.methods.feeds.windows import first_day, month_number
from highground.methods.rules.intervals import UNKNOWN
from highground.methods.rules.judging import judge
from highground.methods.rules.parameters import look_up
from highground.methods.rules.record import Member, Record
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening.nation.columns import facts_of_entity

Answers = dict[str, tuple[list[str], list[str]]]
"""The rules that are yes for each household, and those that cannot be told."""

CHUNK = 1_000
"""Households that the loop fetches at once."""


@dataclass(frozen=True)
class Sample:
    """Households of a province with their members and feed rows, and what they need: files of the store."""

    households: str
    members: str
    feeds: Mapping[str, str]
    as_of: date
    county: str


def tables(
    book: Rulebook, sample: Sample, own: Sequence[Fact], fed: Mapping[str, Sequence[FedFact]]
) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """The columns and rows of each table of the baseline: `household` with its `own` facts, `member`, and each feed."""
    with duckdb.connect() as connection:
        known = [
            row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {sample.households}").fetchall()
        ]
        columns = [
            "household",
            "province",
            *(one for fact in own for one in (fact.name, f"{fact.name}__date") if one in known),
        ]
        where = f"county = '{sample.county}'"
        chosen = f"(SELECT household FROM {sample.households} WHERE {where})"
        names = [one.replace("__date", "_on") for one in columns]  # a model's field has no double underscore
        found = {
            "household": (
                names,
                connection.execute(
                    f"SELECT {', '.join(columns)} FROM {sample.households} WHERE {where}"
                ).fetchall(),
            )
        }
        columns = ["household", "member", *(fact.name for fact in facts_of_entity(book, "member"))]
        found["member"] = (
            columns,
            connection.execute(
                f"SELECT {', '.join(columns)} FROM {sample.members} WHERE household IN {chosen}"
            ).fetchall(),
        )
        for feed, facts in fed.items():
            columns = ["household", *_of_feed(facts)]
            rows = connection.execute(
                f"SELECT regexp_extract(filename, 'landed/([0-9-]+)/', 1), {', '.join(columns)} FROM {sample.feeds[feed]}"
                f" WHERE household IN {chosen}"
            ).fetchall()
            numbered = [(month_number(first_day(month)), *row) for month, *row in rows]
            found[feed] = (["month", *columns], numbered)
    return found


def _of_feed(facts: Sequence[FedFact]) -> list[str]:
    whose = ["member"] if any(one.open for one in facts) else []
    when = ["day"] if any(one.needs_day for one in facts) else []
    return [*whose, *when, *sorted({name for one in facts for name in one.fields} - {"day"})]


class RowLoop:
    """A Django row loop over a database of rows: `values_list`, members and feed rows prefetched a chunk at a time."""

    def __init__(
        self, book: Rulebook, path: Path, sample: Sample, fed: Mapping[str, Sequence[FedFact]]
    ) -> None:
        self.book = book
        self.sample = sample
        self.fed = fed
        self.of_households = [
            fact
            for fact in facts_of_entity(book, "household")
            if all(fact.name != one.name for some in fed.values() for one in some)
        ]
        self.rows = tables(book, sample, self.of_households, fed)
        self.models = _models(path, {name: (columns, rows) for name, (columns, rows) in self.rows.items()})
        self.rules = kleene_rules(book)
        self.of_members = facts_of_entity(book, "member")
        self.readings = {
            province: {
                name: look_up(
                    one, sample.as_of, {"province": province, "city": None, "county": sample.county}
                )
                for name, one in book.parameters.items()
            }
            for province in {row[1] for row in self.rows["household"][1]}
        }
        self.parameters = {
            province: {name: one.low for name, one in readings.items()}
            for province, readings in self.readings.items()
        }

    def read(self) -> Iterator[Seen]:
        """Each household, fetched by the ORM."""
        columns = self.rows["household"][0]
        everybody = self.models["household"].objects
        keys = list(everybody.order_by("household").values_list("household", flat=True))
        for start in range(0, len(keys), CHUNK):
            chunk = keys[start : start + CHUNK]
            beside = {name: self._grouped(name, chunk) for name in self.models if name != "household"}
            for row in everybody.filter(household__in=chunk).values_list(*columns):
                yield self._seen(dict(zip(columns, row, strict=True)), beside)

    def _grouped(self, name: str, chunk: list[str]) -> dict[str, list[dict[str, Any]]]:
        columns = self.rows[name][0]
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self.models[name].objects.filter(household__in=chunk).values_list(*columns):
            one = dict(zip(columns, row, strict=True))
            found[one["household"]].append(one)
        return found

    def _seen(self, row: dict[str, Any], beside: Mapping[str, Mapping[str, list[dict[str, Any]]]]) -> Seen:
        key, as_of = row["household"], self.sample.as_of
        facts: dict[str, Any] = {}
        for fact in self.of_households:
            value, day = row.get(fact.name), row.get(f"{fact.name}_on")
            if day is not None and fact.fresh_for and day < as_of - timedelta(days=fact.fresh_for):
                value = None
            if fact.type == "list" and value is not None:
                value = tuple(value.split(",")) if value else ()
            facts[fact.name] = value
        for feed, some in self.fed.items():
            for one in some:
                value = _windowed(one, beside[feed].get(key, []), as_of)
                facts[one.name] = (
                    False if value is None and one.absent == "zero" and one.open is None else value
                )
                if isinstance(value, date):
                    facts[f"months_since_{one.name}"] = complete_months(value, as_of)
                elif one.open is not None:
                    facts[f"months_since_{one.name}"] = None
        members = [self._member(one) for one in beside["member"].get(key, [])]
        counted = [one for one in members if one["counted"]]
        size = len(counted) if members and all(one["sure"] for one in counted) else None
        return Seen(key, row["province"], facts, members, size)

    def _member(self, row: dict[str, Any]) -> dict[str, Any]:
        born, as_of = row["birth_date"], self.sample.as_of
        row["age"] = born and as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
        shares, either = row["shares_budget"], (row["on_register"], row["lives_with"])
        row["sure"] = shares is True and True in either
        row["counted"] = shares is not False and either != (False, False)
        return row

    def interpreted(self) -> Answers:
        """The rulebook as it is, by Highground's own row evaluator: the same answers as a run, whatever is missing."""
        found = {}
        for one in self.read():
            members = tuple(Member(each["member"], each) for each in one.members)
            record = Record(one.key, self.sample.as_of, one.facts, members, self.readings[one.province])
            said = judge(record, self.book)
            unclear = [name for name, answer in said.classes.items() if answer == UNKNOWN]
            found[one.key] = (
                [*([said.class_id] if said.class_id else []), *said.fired],
                [*unclear, *said.undecided],
            )
        return found

    def compiled(self) -> Answers:
        """The rulebook as one Python function: the fastest that a loop can be."""
        return {
            one.key: self.rules(one.facts, one.members, one.size, self.parameters[one.province])
            for one in self.read()
        }

    def by_engine(self) -> tuple[float, dict[str, list[str]]]:
        """The rules engine, which is given facts that are ready: its processor seconds, and the rules that are yes."""
        decision = zen_rules(self.book)
        given = [(one.key, one.plain(self.parameters[one.province], self)) for one in self.read()]
        began = time.process_time()
        answers = [(key, decision.evaluate(context)["result"]) for key, context in given]
        seconds = time.process_time() - began
        return seconds, {key: [name for name, so in answer.items() if so is True] for key, answer in answers}


def timed(loop: Callable[[], Answers], times: int = 3) -> tuple[float, Answers]:
    """The median processor seconds of a loop, and what it found."""
    seconds = []
    for _ in range(times):
        began = time.process_time()
        found = loop()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds), found


@dataclass(frozen=True)
class Seen:
    """One household as the loops see it; None is what is missing. `size` is how many members are counted."""

    key: str
    province: str
    facts: dict[str, Any]
    members: list[dict[str, Any]]
    size: int | None

    @property
    def whole(self) -> bool:
        """Whether nothing is missing that the loop has columns for."""
        sure = self.size is not None
        return sure and None not in [value for one in self.members for value in one.values()]

    def plain(self, parameters: Mapping[str, Any], loop: RowLoop) -> dict[str, Any]:
        """For the rules engine: nothing in place of what is missing, and no dates."""
        households = {fact.name: fact.type for fact in loop.of_households}
        members = {fact.name: fact.type for fact in loop.of_members}
        return {
            "f": {
                name: _NOTHING.get(households.get(name, ""), -1) if value is None else value
                for name, value in self.facts.items()
                if not isinstance(value, date)
            },
            "members": [
                {
                    name: _NOTHING.get(members.get(name, ""), -1) if value is None else value
                    for name, value in one.items()
                    if not isinstance(value, date)
                }
                for one in self.members
                if one["counted"]
            ],
            "size": self.size or 0,
            "p": dict(parameters),
        }


_NOTHING: Mapping[str, Any] = {"boolean": False, "category": "", "list": []}


def _windowed(fact: FedFact, rows: Sequence[Mapping[str, Any]], as_of: date) -> Any:
    """The value of a fed fact from the rows of one household."""
    last, field = month_number(as_of), fact.field or ""
    if fact.open is not None:
        newest: dict[str, Mapping[str, Any]] = {}
        for row in sorted(rows, key=lambda row: row["day"]):
            if row["day"] <= as_of:
                newest[row["member"]] = row
        rows = [row for row in newest.values() if row[field] == fact.open]
        if fact.how == "count":
            return len(rows)
        return max((row["day"] for row in rows), default=None)
    rows = [
        row
        for row in rows
        if last - fact.months < row["month"] <= last and all(row[name] == value for name, value in fact.where)
    ]
    if fact.how == "count":
        return len(rows)
    if fact.how == "sum":
        return sum(row[field] or 0 for row in rows)
    told = [row for row in sorted(rows, key=lambda row: row["day"]) if row[field] is not None]
    return told[-1][field] if told else None


def _models(path: Path, tables: Mapping[str, tuple[list[str], list[tuple[Any, ...]]]]) -> dict[str, Any]:
    """A SQLite database with the tables, as models of Django."""
    from django.conf import settings

    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}},
        INSTALLED_APPS=[],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
    )
    import django

    django.setup()
    from django.db import connection, models

    def field(name: str, values: list[Any]) -> models.Field[Any, Any]:
        if name == "household":
            return models.CharField(max_length=40, db_index=True)
        sample = next((value for value in values if value is not None), "")
        if isinstance(sample, bool):
            return models.BooleanField(null=True)
        if isinstance(sample, int):
            return models.BigIntegerField(null=True)
        if isinstance(sample, date):
            return models.DateField(null=True)
        return models.TextField(null=True)

    found: dict[str, Any] = {}
    for name, (columns, rows) in tables.items():
        fields: dict[str, Any] = {
            column: field(column, [row[place] for row in rows]) for place, column in enumerate(columns)
        }
        fields |= {"__module__": __name__, "Meta": type("Meta", (), {"app_label": "bench"})}
        found[name] = type(name.capitalize(), (models.Model,), fields)
        with connection.schema_editor() as editor:
            editor.create_model(found[name])
        made = (
            found[name](
                **{
                    column: ",".join(value) if isinstance(value, list) else value
                    for column, value in zip(columns, row, strict=True)
                }
            )
            for row in rows
        )
        found[name].objects.bulk_create(made, batch_size=500)
    return found
