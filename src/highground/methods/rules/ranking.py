"""Ranks in SQL: what a household is ranked by, and the value up to which it is among the lowest.

Exact on any engine: the scores are integers, the count of each score is a histogram, and the value is the smallest
score at which the count from below reaches the share. Nothing is sorted but the histogram; who stands level stays
together, whatever the order of the rows.
"""

from __future__ import annotations

from highground.methods.facts.literals import text
from highground.methods.rules import tree
from highground.methods.rules.compiling import ordered
from highground.methods.rules.rulebook import Rank, Rulebook
from highground.methods.rules.statement import Statement, facts_of

WHOLE = "*"
"""The area of a rank over the whole register."""


class RankStatement(Statement):
    """The scores of one rank over the tables `h` and `m`."""

    def __init__(self, book: Rulebook, rank: Rank) -> None:
        super().__init__(book)
        self.rank = rank

    def items(self) -> list[tuple[str, tree.Node]]:
        """The amounts behind what is ranked, and nothing else: the rest may hang on the rank."""
        return ranked_items(self.book, self.rank)

    def answers(self) -> str:
        """One row per household: its area, and its score, null where it is not certain."""
        by = self.book.parameters[self.rank.name].by
        area = by[0] if by else text(WHOLE)
        return f"{area} AS area, {score(self, self.rank)} AS score"


def ranked_items(book: Rulebook, rank: Rank) -> list[tuple[str, tree.Node]]:
    """The amounts behind what is ranked, each after those that it names."""
    behind = amounts_behind(book, rank.expression.tree)
    names = [name for name in ordered(book.derived, tree.DerivedAmount) if name in behind]
    return [(f"d_{name}", book.derived[name].expression.tree) for name in names]


def amounts_behind(book: Rulebook, node: tree.Node) -> set[str]:
    """Names of the derived amounts behind a node."""
    names: set[str] = set()
    for below in tree.walk(node):
        if isinstance(below, tree.DerivedAmount) and below.name not in names:
            names |= {below.name, *amounts_behind(book, book.derived[below.name].expression.tree)}
    return names


def facts_behind(book: Rulebook, rank: Rank) -> set[str]:
    """The household's facts that a rank is reckoned from, and those that key a parameter."""
    keys = {key for one in book.parameters.values() for key in one.by if key in book.dictionary}
    return keys | facts_of(book, rank.expression.tree)


def score(statement: Statement, rank: Rank) -> str:
    """The integer by which a household is ranked, null where it is not certain.

    Rounded down; money to whole major units, so that a country has thousands of scores and not millions. Engines
    round a division of negative numbers in two ways; what is divided here leaves no rest.
    """
    amount = statement.compiler.number(rank.expression.tree)
    unit = unit_of(statement.book, rank)
    certain = [f"{amount.lo} = {amount.hi}", *(f"p_{name}_ok" for name in sorted(amount.parameters))]
    by = f"CAST({amount.denominator * unit} AS BIGINT)"
    if rank.per_person:
        certain.append("persons_lo = persons_hi")
        by = f"({by} * persons_lo)"
    rest = f"((({amount.lo} % {by}) + {by}) % {by})"
    return f"CASE WHEN {' AND '.join(certain)} THEN ({amount.lo} - {rest}) // {by} END"


def unit_of(book: Rulebook, rank: Rank) -> int:
    """How many of the engine's units make one score."""
    return 10**book.minor_digits if book.parameters[rank.name].type == "money" else 1


def histogram_sql(rows: str) -> str:
    """How many households have each score, by area; `rows` has `area` and `score`."""
    return (
        f"SELECT area, score, COUNT(*) AS households FROM ({rows}) AS scored"
        " WHERE score IS NOT NULL AND area IS NOT NULL GROUP BY area, score"
    )


def value_sql(book: Rulebook, rank: Rank, histogram: str) -> str:
    """`area` and `value`: the largest amount that has the score of the last household among the lowest."""
    unit = unit_of(book, rank)
    if rank.percent is not None:
        reached = f"below * 100 >= total * {rank.percent}"
    else:
        reached = f"below >= LEAST(total, {rank.households})"
    return (
        f"SELECT area, CAST(MIN(score) * {unit} + {unit - 1} AS BIGINT) AS value FROM ("
        "SELECT area, score, SUM(households) OVER (PARTITION BY area ORDER BY score) AS below,"
        " SUM(households) OVER (PARTITION BY area) AS total"
        f" FROM ({histogram}) AS counted) AS summed WHERE {reached} GROUP BY area"
    )
