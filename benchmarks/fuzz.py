"""`./run bench fuzz --minutes N`: the language of rules, attacked for N minutes.

Each round writes random conditions and mangles them and other texts: words cut, doubled, swapped and torn, brackets and
operators piled up, SQL and strange characters put in. Every text must be read as a tree of ours that names only what the
dictionary has, or be refused with its place and mend. What was read is said as a sentence, compiled, and asked of random
households with nulls, ties and the largest and smallest values; the SQL must say what the row-by-row oracle says. A round
is made again from its number: `--round N`. Ends with 1 where something was found.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import re
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from benchmarks._harness import Bench
from highground.methods.facts import load_dictionary
from highground.methods.rules import Rulebook, RulebookError, expressions, list_rulebooks, read_rulebook, tree
from highground.methods.rules.parsing import TRUTH, ExpressionError, Scope, canonical, parse_expression
from highground.methods.rules.sentences import LANGUAGES, say, say_not
from highground.methods.rules.statement import statement
from highground.methods.screening import screen
from tests.methods.screening.random_world import AS_OF, Expressions, Tables
from tests.methods.screening.test_agreement import by_oracle, by_sql

PER_ROUND, HOUSEHOLDS = 24, 40
SLOW = 5.0
"""Seconds of processor time that no text of at most 4,000 characters may take to be read or refused."""
PARAMETERS = {"line": "money"}
DERIVED = {"net": "money"}
CONDITIONS = frozenset({"poor"})
DICTIONARY = load_dictionary()
SCOPE = Scope(DICTIONARY, 2, PARAMETERS, DERIVED, CONDITIONS)
_SIGNS = "( ) , = <> < <= > >= + - * / % ; -- /* */ :: ? $1 [ ] { } . \" ' -> : || ~ ! \\ \x00 \u202e 工资"
_WORDS = "AND OR NOT IN BETWEEN IS NULL TRUE FALSE SELECT FROM CASE WHEN THEN END lambda COLLATE INTERVAL DATE CAST AS EXISTS"
_ATTACKS = "read_csv('x') getenv('HOME') COLUMNS('.*') (SELECT 1) '; DROP TABLE households; -- ATTACH PRAGMA COPY WITH UNION"
_NUMBERS = "0 1 0.5 .5 5. 1e400 0x7f 1_000 9223372036854775807 9223372036854775808 99999999999999999999 0.0000000000000001"
_NAMES = "relocated stratum 'rural' income_wage_12m household_size risks 'illness' age persons line net poor birth_date ethnicity"
_CALLS = "has( has_any( is_empty( any_member( all_members( count_members( share_members( sum_members( per_person( count_true("
PIECES = " ".join(
    (_SIGNS, _WORDS, _ATTACKS, _NUMBERS, _NAMES, _CALLS, "months_since( days_since( recognised_on")
).split()
NUMBERS = "0 1 2 3 4 0.5 1.25 0.333 5000 8300.5 1000000 9007199254740993 92233720368547758 0.000001 1000000.000001".split()  # noqa: SIM905
COMPARISONS = ["=", "<>", "<", "<=", ">", ">="]
AMOUNTS = [
    one.name
    for one in DICTIONARY.values()
    if one.type == "money" and one.entity == "household" and one.in_rules
]
FLAGS = [
    one.name
    for one in DICTIONARY.values()
    if one.type == "boolean" and one.entity == "household" and one.in_rules
]


class Extremes(Tables):
    """Random tables in which half of the amounts and numbers are at a bound, or the same as others'."""

    def value(self, name: str) -> Any:
        fact = self.dictionary[name]
        if fact.type in ("money", "integer") and self.random.random() < 0.5:
            edges = [fact.minimum, fact.maximum, 0, 1, 8300, None]
            bounds = [
                one for one in edges if one is None or (fact.minimum or 0) <= one <= (fact.maximum or one)
            ]
            return self.random.choice(bounds)
        return super().value(name)


class Mangler:
    """Texts that nobody would write."""

    def __init__(self, seed: int, whole: list[str]) -> None:
        self.random = random.Random(seed)
        self.whole = whole

    def text(self, start: str) -> str:
        """A text after one to four changes, or pieces in any order."""
        if self.random.random() < 0.15:
            return " ".join(self.random.choices(PIECES, k=self.random.randint(1, 14)))
        if self.random.random() < 0.2:
            return self.exchange(start)
        ways = [self.cut, self.put, self.swap, self.double, self.tear, self.character, self.pile, self.splice]
        for _ in range(self.random.randint(1, 4)):
            start = self.random.choice(ways)(start)
        return start

    def exchange(self, text: str) -> str:
        """Numbers, comparisons and names for others of their kind: most of these can be read."""
        for kind in (NUMBERS, COMPARISONS, AMOUNTS, FLAGS):
            found = list(re.finditer("|".join(rf"(?<![\w.]){re.escape(one)}(?![\w.])" for one in kind), text))
            if found:
                where = self.random.choice(found)
                text = f"{text[: where.start()]}{self.random.choice(kind)}{text[where.end() :]}"
        return text

    def cut(self, text: str) -> str:
        words = text.split(" ")
        del words[self.random.randrange(len(words))]
        return " ".join(words)

    def put(self, text: str) -> str:
        words = text.split(" ")
        words.insert(self.random.randint(0, len(words)), self.random.choice(PIECES))
        return " ".join(words)

    def swap(self, text: str) -> str:
        words = text.split(" ")
        one, two = (self.random.randrange(len(words)) for _ in range(2))
        words[one], words[two] = words[two], words[one]
        return " ".join(words)

    def double(self, text: str) -> str:
        words = text.split(" ")
        low, high = sorted(self.random.randint(0, len(words)) for _ in range(2))
        return " ".join([*words[:high], *words[low:]])

    def tear(self, text: str) -> str:
        low, high = sorted(self.random.randint(0, len(text)) for _ in range(2))
        return text[:low] + text[high:]

    def character(self, text: str) -> str:
        place = self.random.randint(0, len(text))
        strange = self.random.choice(["'", '"', "(", ")", "\x00", "\n", "\\", ";", "\ud800", "\U0001f600"])
        put = self.random.choice([strange, chr(self.random.randrange(32, 0xD7FF))])
        return text[:place] + put + text[place:]

    def pile(self, text: str) -> str:
        piece = self.random.choice([*PIECES, "NOT", "-", "NOT (", "- (", "TRUE =", "FALSE <>"])
        times = self.random.choice([2, 5, 29, 31, 200, 1000])
        return f"{f'{piece} ' * times}{text}{')' * (piece.count('(') * times)}"

    def splice(self, text: str) -> str:
        other = self.random.choice(self.whole)
        return text[: self.random.randint(0, len(text))] + other[self.random.randint(0, len(other)) :]


@dataclass
class Found:
    """What went wrong and what was tried."""

    wrong: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    slowest: float = 0.0

    def count(self, what: str, more: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + more

    def tell(self, number: int, what: str, text: str, why: str) -> None:
        """Keep a finding and say it at once."""
        self.wrong.append({"round": number, "what": what, "text": text, "why": why})
        print(f"round {number}: {what}: {text!r}: {why}", file=sys.stderr, flush=True)


def attempt(found: Found, number: int, what: str, text: str, work: Callable[[], Any]) -> Any:
    """What `work` gives; a finding and None where it ends with an error."""
    try:
        return work()
    except Exception as error:  # any error at all is what is looked for
        found.tell(number, what, text, f"{type(error).__name__}: {error}"[:500])
        return None


def read(found: Found, number: int, text: str) -> str | None:
    """A text as it stands in a rulebook, if it is a condition; None where it was refused."""
    began = time.process_time()
    try:
        node, kind = parse_expression(text, SCOPE)
    except ExpressionError as error:
        if error.line < 1 or error.column < 1 or not error.message or not error.mend:
            found.tell(number, "a refusal without its place or mend", text, str(error))
        found.count("refused")
        return None
    except Exception as error:
        found.tell(number, "reading ends with an error", text, f"{type(error).__name__}: {error}"[:500])
        return None
    finally:
        spent = time.process_time() - began
        found.slowest = max(found.slowest, spent)
        if spent > SLOW:
            found.tell(number, "reading takes too long", text, f"{spent:.1f} s")
    found.count("read")
    for strange in beyond(node):
        found.tell(number, "beyond the language", text, strange)
    again = attempt(found, number, "its own text cannot be read again", text, lambda: once_more(text))
    if again is not None and shape(again) != shape(node):
        found.tell(number, "its own text means something else", text, canonical(text))
    return text if kind == TRUTH else None


def once_more(text: str) -> tree.Node:
    """The tree of the canonical text."""
    return parse_expression(canonical(text), SCOPE)[0]


def shape(node: tree.Node) -> Any:
    """A tree without its places in the text."""
    own = {
        name: value for name, value in vars(node).items() if isinstance(value, str | bool | Fraction | int)
    }
    own.pop("start"), own.pop("end")
    values = getattr(node, "values", ())
    return type(node).__name__, sorted(own.items(), key=str), values, [shape(one) for one in node.children()]


def beyond(node: tree.Node) -> Iterator[str]:
    """What of a tree is no node of ours, or names what neither the dictionary nor the scope has."""
    names = {*DICTIONARY, *PARAMETERS, *DERIVED, *CONDITIONS}
    for part in tree.walk(node):
        if type(part).__module__ != tree.__name__:
            yield f"a {type(part)} in the tree"
        name = getattr(part, "name", None)
        if name is not None and name not in names:
            yield f"the name {name!r}"
        values = getattr(part, "values", None) or [getattr(part, "value", None)]
        for value in values:
            if isinstance(value, str) and value not in DICTIONARY[part.name].values:  # type: ignore[attr-defined]
                yield f"the value {value!r}"


def book_of(texts: list[str]) -> Rulebook:
    """A rulebook that asks each of the texts."""
    return read_rulebook(
        {
            "id": "fuzz",
            "currency": "CNY",
            "parameters": {
                "line": {"by": ["province"], "maximum": 100000, "rows": [{"key": "CN-NM", "value": 8300}]},
            },
            "derived": {"net": {"expression": "0.5 * income_wage_12m - cost_business_12m + line"}},
            "counted": {"expression": "shares_budget AND (on_register OR lives_with)", "label": "counted"},
            "conditions": {"poor": {"label": "poor", "expression": "per_person(net) <= line"}},
            "classes": [{"id": "poor", "when": "poor"}],
            "clues": [{"id": f"e{index}", "when": text} for index, text in enumerate(texts)],
        }
    )


def fits(found: Found, number: int, text: str) -> bool:
    """Whether a rulebook takes a condition that was read; it may still be too large for 64 bits."""
    try:
        book = book_of([text])
    except RulebookError:
        found.count("too large")
        return False
    except Exception as error:
        found.tell(number, "a rulebook ends with an error", text, f"{type(error).__name__}: {error}"[:500])
        return False
    expression = book.clues[0].expression
    for language in LANGUAGES:
        for said in (say, say_not):
            attempt(
                found,
                number,
                "cannot be said",
                text,
                lambda said=said, language=language: said(expression, book, language),
            )
    return True


def escapes(sql: str) -> list[str]:
    """What in compiled SQL is more than one query over our own tables."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(50_000)  # it is read here for the check alone
    try:
        found = sqlglot.parse(sql, read="duckdb")
    finally:
        sys.setrecursionlimit(limit)
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        return [f"{len(found)} statements, the first a {type(found[0]).__name__}"]
    known = {one.alias for one in found[0].find_all(exp.CTE)} | {"h", "m"}  # the households and their members
    return [
        f"the table {one.sql()}"
        for one in found[0].find_all(exp.Table)
        if not isinstance(one.this, exp.Identifier) or one.name not in known
    ]


def compare(found: Found, number: int, texts: list[str]) -> None:
    """Ask random households by SQL and by the oracle. Where they differ the text that does it is looked for."""
    book, tables = book_of(texts), Extremes(number)
    households, members = tables.households(book, HOUSEHOLDS), tables.members(book, HOUSEHOLDS)
    sql = attempt(found, number, "cannot be compiled", " | ".join(texts), lambda: statement(book))
    for strange in escapes(sql) if sql else ():
        found.tell(number, "the SQL escapes", " | ".join(texts), strange)
    if differs(book, households, members) is None:
        found.count("compared", len(texts))
        found.count("answers", len(texts) * HOUSEHOLDS)
        return
    for text in texts:
        why = differs(book_of([text]), households, members)
        if why:
            found.tell(number, "SQL and oracle", text, why)
            return
    found.tell(number, "SQL and oracle, only together", " | ".join(texts), "see the round")


def differs(book: Rulebook, households: list[dict[str, Any]], members: list[dict[str, Any]]) -> str | None:
    """Where SQL and oracle differ, or what error ended the screening; None where they agree."""
    try:
        result = screen(book, households=households, members=members, as_of=AS_OF)
        pairs = zip(by_sql(result), by_oracle(result), strict=True)
        return next((f"SQL {one}; oracle {two}"[:900] for one, two in pairs if one != two), None)
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:500]


def one_round(found: Found, number: int, whole: list[str]) -> None:
    """Write, mangle, read, compile and compare."""
    written, mangler = Expressions(number), Mangler(number, whole)
    own = [written.truth(3) for _ in range(PER_ROUND // 2)]
    mangled = [mangler.text(mangler.random.choice([*own, *whole])) for _ in range(10 * PER_ROUND)]
    kept = [text for text in (read(found, number, one) for one in own) if text]
    if len(kept) < len(own):
        found.tell(number, "a sound condition is refused", str(set(own) - set(kept)), "")
    kept += [text for text in dict.fromkeys(read(found, number, one) for one in mangled) if text]
    found.count("texts", len(own) + len(mangled))
    asked = [text for text in kept if fits(found, number, text)]
    for start in range(0, len(asked), PER_ROUND):
        compare(found, number, asked[start : start + PER_ROUND])


def main() -> None:
    """Go on until the time is over; tell what was found."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=1.0)
    options.add_argument("--first", type=int, default=1, help="the number of the first round")
    options.add_argument("--round", type=int, help="this round alone")
    told = options.parse_args()
    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # it warns of each text that it does not know
    whole = [one.text for book in list_rulebooks() for one in expressions(book).values()]
    found, began, number = Found(), time.monotonic(), told.round or told.first
    bench = Bench("fuzz", minutes=told.minutes, first=number, load=os.getloadavg()[0])
    with bench.part("fuzz"):
        while True:
            one_round(found, number, whole)
            number += 1
            if told.round or time.monotonic() - began > 60 * told.minutes:
                break
    bench.add("fuzz", rounds=number - (told.round or told.first), **found.counts)
    bench.add("fuzz", slowest_seconds=round(found.slowest, 2), found=len(found.wrong))
    bench.finish(found=found.wrong)
    sys.exit(1 if found.wrong else 0)


if __name__ == "__main__":
    main()
