"""Ranks: the value up to which a household is among the lowest of its area, exact and by area."""

import math
import random
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from highground.methods.rules import RulebookError, read_rulebook
from highground.methods.rules.rulebook import Rulebook
from highground.methods.screening import load_result, screen
from tests.methods.screening.test_agreement import by_oracle, by_sql


def book(**rank: Any) -> Rulebook:
    entry = {"of": "net", "per_person": True, "within": "province", "lowest": {"percent": 10}, **rank}
    return read_rulebook(
        {
            "id": "ranked",
            "currency": "CNY",
            "derived": {"net": {"expression": "income_wage_12m - cost_business_12m"}},
            "ranks": {"poorest": entry},
            "classes": [{"id": "low", "when": "per_person(net) <= poorest AND NOT owns_car"}],
            "clues": [{"id": "just_above", "when": "per_person(net) <= 1.5 * poorest"}],
        }
    )


def tables(seed: int, count: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    chance = random.Random(seed)
    households, members = [], []
    for index in range(count):
        key = f"H{index}"
        households.append(
            {
                "household": key,
                "province": chance.choice(["CN-A", "CN-B", None]),
                "income_wage_12m": chance.choice([None, 0, 900, 1000, 5000, chance.randrange(20_000)]),
                "cost_business_12m": chance.choice([0, 0, 700, 30_000]),
                "owns_car": chance.choice([True, False, None]),
                "household_size": chance.randrange(1, 7),
            }
        )
        if chance.random() < 0.7:
            for member in range(chance.randrange(1, 5)):
                members.append(
                    {"household": key, "member": f"{key}-{member}", "shares_budget": chance.random() < 0.9}
                )
    return households, members


def expected(
    found: list[dict[str, Any]], people: Mapping[str, int], percent: int | None, lowest: int | None
) -> dict[str, int]:
    """Brute force: the score of the last one among the lowest, sorted one by one."""
    scores = defaultdict(list)
    for row in found:
        if row["income_wage_12m"] is not None and row["province"] is not None:
            fen = (row["income_wage_12m"] - row["cost_business_12m"]) * 100
            scores[row["province"]].append(math.floor(fen / people[row["household"]] / 100))
    values = {}
    for area, listed in scores.items():
        listed.sort()
        last = math.ceil(len(listed) * percent / 100) if percent else min(lowest or 0, len(listed))
        values[area] = listed[last - 1] * 100 + 99
    return values


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("lowest", [{"percent": 10}, {"percent": 100}, {"households": 7}])
def test_the_value_is_that_of_the_last_among_the_lowest(seed: int, lowest: dict[str, int]) -> None:
    households, members = tables(seed, 300)
    people: dict[str, int] = defaultdict(int)
    for row in members:
        people[row["household"]] += row["shares_budget"]
    for row in households:  # where no member is counted, the stated size stands
        people[row["household"]] = people[row["household"]] or row["household_size"]
    result = screen(book(lowest=lowest), households=households, members=members, as_of="2026-06-30")
    wanted = expected(households, people, lowest.get("percent"), lowest.get("households"))
    assert result.book.rank_values("poorest") == wanted
    assert by_sql(result) == by_oracle(result)


def household(
    key: str, income: int | None, *, cost: int = 0, size: int = 1, province: str | None = "CN-A"
) -> Any:
    return {
        "household": key,
        "province": province,
        "income_wage_12m": income,
        "cost_business_12m": cost,
        "owns_car": False,
        "household_size": size,
    }


def test_who_stands_level_stays_together() -> None:
    rows = [household(f"H{i}", 1000 if i < 5 else 9000) for i in range(10)]
    result = screen(book(lowest={"households": 1}), households=rows, as_of="2026-06-30")
    assert result.summary()["classes"] == {"low": 5}


def test_who_is_not_certain_is_not_ranked_and_cannot_be_told() -> None:
    rows = [household("known", 500), household("open", None), household("nowhere", 1, province=None)]
    result = screen(book(), households=rows, as_of="2026-06-30")
    verdicts = {row["household"]: row["class_verdict"] for row in result.verdicts.to_pylist()}
    assert verdicts == {"known": "yes", "open": "cannot_tell", "nowhere": "cannot_tell"}
    assert result.book.rank_values("poorest") == {"CN-A": 50_099}


def test_negative_amounts_are_rounded_down() -> None:
    result = screen(book(), households=[household("one", 0, cost=1, size=3)], as_of="2026-06-30")
    assert result.book.rank_values("poorest") == {
        "CN-A": -1
    }  # -100 fen among three is -33.3: within the yuan up to -0.01
    assert result.summary()["classes"] == {"low": 1}


def test_a_rank_over_the_whole_register(tmp_path: Path) -> None:
    households, _ = tables(1, 200)
    whole = book()
    whole = read_rulebook({**whole.content, "ranks": {"poorest": {"of": "net", "lowest": {"percent": 20}}}})
    result = screen(whole, households=households, as_of="2026-06-30")
    nets = sorted(
        row["income_wage_12m"] - row["cost_business_12m"]
        for row in households
        if row["income_wage_12m"] is not None
    )
    assert result.book.rank_values("poorest") == {"*": nets[math.ceil(len(nets) * 0.2) - 1] * 100 + 99}
    kept = load_result(result.save(tmp_path / "run"))
    assert kept.book.rank_values("poorest") == result.book.rank_values("poorest")
    name = households[0]["household"]
    assert str(kept.explain(name)) == str(result.explain(name))
    assert kept.book.hash == whole.hash  # the rulebook is the same; what it computes is the run's


@pytest.mark.parametrize(
    ("rank", "said"),
    [
        ({"within": "village"}, "within: is one of"),
        ({"lowest": {"percent": 0}}, "lowest.percent: is a whole number from 1 to 100"),
        ({"lowest": {"percent": 10, "households": 5}}, "lowest: write"),
        ({"lowest": {"households": True}}, "is a whole number"),
        ({"per_person": "yes"}, "per_person: is true or false"),
        ({"of": "owns_car"}, "a number is needed"),
        ({"of": "net + poorest"}, "circle"),
        ({"often": 1}, "unknown key"),
    ],
)
def test_what_is_no_rank_is_refused(rank: dict[str, Any], said: str) -> None:
    with pytest.raises(RulebookError, match=said):
        book(**rank)


def test_a_rank_of_a_rank_is_refused() -> None:
    content = dict(book().content)
    content["derived"] = {**content["derived"], "further": {"expression": "net + poorest"}}
    content["ranks"] = {**content["ranks"], "again": {"of": "further", "lowest": {"percent": 5}}}
    with pytest.raises(RulebookError, match="cannot hang on a rank"):
        read_rulebook(content)
