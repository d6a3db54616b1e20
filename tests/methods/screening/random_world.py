"""Random expressions and random tables, for tests that hold the SQL against the oracle."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from highground.methods.facts import Dictionary, load_dictionary
from highground.methods.rules.rulebook import Rulebook

AS_OF = date(2024, 6, 30)
PROVINCES = ["CN-NM", "CN-GX", "CN-ZZ", None]
HOUSEHOLD_MONEY = [
    "income_wage_12m",
    "income_business_12m",
    "cost_business_12m",
    "claims_12m",
    "out_of_pocket_12m",
]
FLAGS = ["relocated", "monitored", "dwelling_unsafe", "water_unsafe", "owns_car", "urban_registration"]
DATES = ["recognised_on", "first_recognised_on", "exited_on"]
OPERATORS = ["=", "<>", "<", "<=", ">", ">="]


class Expressions:
    """Well-typed expressions as text, of a wanted depth."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def truth(self, depth: int) -> str:
        """A condition on a household."""
        if depth <= 0:
            leaves = [self.flag, self.category, self.list, self.dates, lambda: self.comparison(0)]
            return self.random.choice(leaves)()
        return self.random.choice(
            [
                lambda: f"({self.truth(depth - 1)} AND {self.truth(depth - 1)})",
                lambda: f"({self.truth(depth - 1)} OR {self.truth(depth - 1)} OR {self.truth(depth - 2)})",
                lambda: f"NOT {self.truth(depth - 1)}",
                lambda: self.comparison(depth - 1),
                lambda: self.per_person(depth - 1),
                lambda: f"any_member({self.member(depth - 1)})",
                lambda: f"all_members({self.member(depth - 1)})",
                lambda: (
                    f"count_members({self.member(depth - 1)}) {self.operator()} {self.random.randint(0, 4)}"
                ),
                lambda: f"share_members({self.member(depth - 1)}) {self.operator()} {self.share()}",
                lambda: (
                    f"sum_members({self.member_number()}) {self.operator()} {self.random.randint(-20, 60)}"
                ),
                lambda: f"{self.count(depth - 1)} {self.operator()} {self.random.randint(0, 4)}",
                lambda: f"persons {self.operator()} {self.random.randint(1, 5)}",
            ]
        )()

    def operator(self) -> str:
        return self.random.choice(OPERATORS)

    def share(self) -> str:
        return self.random.choice(["0", "0.25", "0.5", "0.333", "1"])

    def flag(self) -> str:
        return self.random.choice(FLAGS)

    def category(self) -> str:
        return self.random.choice(
            [
                "stratum = 'rural'",
                "household_type <> 'lifted_out'",
                "household_type IN ('ordinary', 'lifted_out')",
            ]
        )

    def list(self) -> str:
        return self.random.choice(
            [
                "has(risks, 'illness')",
                "is_empty(risks)",
                "NOT has(risks, 'disaster')",
                "has_any(measures_delivered, 'health', 'social_assistance', 'industry')",
            ]
        )

    def dates(self) -> str:
        """A comparison of how long ago something is, or how far two days are apart."""
        one, two = self.random.sample(DATES, 2)
        left = self.random.choice(
            [
                f"months_since({one})",
                f"days_since({one})",
                f"months_from({one}, {two})",
                f"months_since({one}) - 2 * months_since({two})",
            ]
        )
        return f"{left} {self.operator()} {self.random.choice(['0', '1', '6', '29', '-2', f'days_since({two})'])}"

    def count(self, depth: int) -> str:
        return f"count_true({', '.join(self.truth(depth - 1) for _ in range(3))})"

    def money(self, depth: int) -> str:
        """An amount."""
        if depth <= 0:
            return self.random.choice([*HOUSEHOLD_MONEY, "income_total_12m", "line"])
        return self.random.choice(
            [
                lambda: f"({self.money(depth - 1)} + {self.money(depth - 1)})",
                lambda: f"({self.money(depth - 1)} - {self.money(depth - 1)})",
                lambda: f"{self.random.choice(['2', '0.5', '1.25', '-3'])} * {self.money(depth - 1)}",
                lambda: f"-{self.money(0)}",
                lambda: "net",
            ]
        )()

    def comparison(self, depth: int) -> str:
        if self.random.random() < 0.3:
            return f"{self.money(depth)} {self.operator()} {self.random.choice(['0', '5000', '8300.5', '20000'])}"
        if self.random.random() < 0.15:
            return f"{self.money(0)} BETWEEN {self.random.randint(0, 5000)} AND {self.random.randint(5000, 30000)}"
        return f"{self.money(depth)} {self.operator()} {self.money(depth - 1)}"

    def per_person(self, depth: int) -> str:
        left, right = f"per_person({self.money(depth)})", self.random.choice(["line", "3000", "1.5 * line"])
        if self.random.random() < 0.2:
            right = f"2 * per_person({self.money(0)})"
        sides = [left, right]
        self.random.shuffle(sides)
        return f"{sides[0]} {self.operator()} {sides[1]}"

    def member_number(self) -> str:
        return self.random.choice(
            ["work_months_away", "2 * work_months_away - age", "age", "1.5 * months_since(birth_date) - age"]
        )

    def member(self, depth: int) -> str:
        """A condition on a member."""
        if depth <= 0:
            return self.random.choice(
                [
                    "medical_insurance",
                    "age >= 16",
                    "age BETWEEN 6 AND 15",
                    "days_since(birth_date) < 6000",
                    "months_since(birth_date) - 12 * age > 5",
                    "sex = 'female'",
                    "work_months_away > 6",
                    "health_status IN ('severe', 'disabled')",
                    "school_status <> 'in_school'",
                ]
            )
        return self.random.choice(
            [
                lambda: f"({self.member(depth - 1)} AND {self.member(depth - 1)})",
                lambda: f"({self.member(depth - 1)} OR {self.member(depth - 1)})",
                lambda: f"NOT {self.member(depth - 1)}",
                lambda: f"count_true({self.member(0)}, {self.member(0)}) {self.operator()} 1",
            ]
        )()


class Tables:
    """Random households and members, with missing, stale and edge values."""

    def __init__(self, seed: int, dictionary: Dictionary | None = None) -> None:
        self.random = random.Random(seed)
        self.dictionary = dictionary or load_dictionary()

    def value(self, name: str) -> Any:
        """A value of a fact, or None in one of six cases."""
        fact = self.dictionary[name]
        if self.random.random() < 1 / 6:
            return None
        match fact.type:
            case "boolean":
                return self.random.random() < 0.4
            case "category":
                return self.random.choice(list(fact.values))
            case "list":
                return self.random.sample(list(fact.values), self.random.choice([0, 0, 1, 2]))
            case "date" if fact.entity == "member":
                return AS_OF - timedelta(days=self.random.randint(0, 90 * 365))
            case "date":  # the last two years, and the days ahead
                return AS_OF - timedelta(days=self.random.randint(-40, 2 * 365))
            case "integer":
                return self.random.randint(fact.minimum or 0, min(fact.maximum or 12, 12))
            case _:
                edge = [0, 1, fact.maximum, 8300, 33200, 6000]
                amount = self.random.choice(
                    [*edge, self.random.randint(0, 60_000), self.random.randint(0, 60_000) / 100]
                )
                return float(amount or 0)

    def households(self, book: Rulebook, count: int, **fixed: Any) -> list[dict[str, Any]]:
        """Rows with a value for every household fact of the dictionary, some of them too old."""
        rows = []
        for index in range(count):
            row: dict[str, Any] = {
                "household": f"H{index:05}",
                "area": f"V{index % 7}",
                "county": f"C{index % 3}",
            }
            row["province"] = self.random.choice(PROVINCES)
            row["city"] = self.random.choice(["X1", None])
            for fact in book.dictionary.household:
                row[fact.name] = self.value(fact.name)
                if fact.fresh_for and self.random.random() < 0.1:
                    row[f"{fact.name}__date"] = AS_OF - timedelta(
                        days=fact.fresh_for + self.random.randint(-2, 2)
                    )
                else:
                    row.setdefault(f"{fact.name}__date", None)
            rows.append(row)
        return rows

    def members(self, book: Rulebook, count: int) -> list[dict[str, Any]]:
        """Rows for five households in six; who belongs is sometimes unknown."""
        rows = []
        for index in range(count):
            if self.random.random() < 1 / 6:
                continue
            for member in range(self.random.randint(1, 5)):
                row: dict[str, Any] = {"household": f"H{index:05}", "member": str(member)}
                for fact in book.dictionary.members:
                    row[fact.name] = self.value(fact.name)
                for name in ("on_register", "lives_with", "shares_budget"):
                    row[name] = self.random.choice([True, True, True, False, None])
                rows.append(row)
        return rows
