"""Tiny countries in files, every plan tried from the files alone: rules, objective, bound, vacancies and repairs.

The oracle reads what `docs/reference/teams.md` says of the files, and nothing of the program.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner

from highground.methods.allocate.commands import teams

TEXTS = pa.list_(pa.string())
Posted = dict[str, str]


def write_country(chance: random.Random, folder: Path) -> dict[str, Any]:
    """Up to six people and three villages with limits that overlap, couples across units, locks, villages without seats."""
    (folder / "in").mkdir(parents=True)
    people, villages = [f"p{one}" for one in range(chance.randint(2, 6))], ["v0", "v1", "v2"]
    mixed = chance.sample(people, len(people))
    spouse = {}
    for one, other in zip(mixed[::2], mixed[1::2], strict=False):
        if chance.random() < 0.5:
            spouse |= {one: other, other: one}

    def some(words: str, share: float) -> list[str]:
        return [one for one in words if chance.random() < share]

    pairs = [(one, place, chance.choice([chance.randint(-300, 300), chance.randint(0, 800), -5000]))
             for one in people for place in villages if chance.random() < 0.7]  # fmt: skip
    previous = [(one, place, chance.random() < 0.5) for one, place, _ in pairs if chance.random() < 0.2]
    many, none = len(people), pa.array([None] * len(people), pa.string())
    tables = {
        "people": {
            "person": people, "unit": [f"u{chance.randrange(3)}" for _ in people], "level": ["county"] * many,
            "home_village": none, "county": none, "x": [0.0] * many, "y": [0.0] * many,
            "skills": pa.array([some("ab", 0.4) for _ in people], TEXTS),
            "languages": pa.array([some("lm", 0.4) for _ in people], TEXTS),
            "woman": [chance.random() < 0.4 for _ in people],
            "first_secretary_ok": [chance.random() < 0.5 for _ in people],
            "served_from": none, "spouse": pa.array([spouse.get(one) for one in people], pa.string()),
        },
        "units": {"unit": ["u0", "u1"], "cap": [chance.choice([0, 1, 2]) for _ in range(2)],
                  "paired_villages": pa.array([[], []], TEXTS)},
        "villages": {
            "village": villages, "county": ["c"] * 3, "province": [chance.choice("AB") for _ in range(3)], "x": [0.0] * 3,
            "y": [0.0] * 3, "needs": pa.array([some("abz", 0.4) for _ in range(3)], TEXTS),
            "language": pa.array([chance.choice([None, "l", "n"]) for _ in range(3)], pa.string()),
            "remoteness": [0.0] * 3, "leads": [chance.choice([0, 1, 1]) for _ in range(3)],
            "members": [chance.choice([0, 1, 1, 2]) for _ in range(3)], "at_risk_people": [1] * 3,
        },
        "pairs": {"person": [one[0] for one in pairs], "village": [one[1] for one in pairs],
                  "points": pa.array([one[2] for one in pairs], pa.int64())},
        "previous": {"person": pa.array([one[0] for one in previous], pa.string()),
                     "village": pa.array([one[1] for one in previous], pa.string()),
                     "locked": pa.array([one[2] for one in previous], pa.bool_())},
    }  # fmt: skip
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / "in" / f"{name}.parquet")
    policy = {
        "missing_skill": chance.choice([150, 0, "required"]), "missing_language": chance.choice([200, 0, "required"]),
        "no_woman": chance.choice([60, "required"]), "keep_bonus": chance.choice([10, 0, 200]),
        "unit_caps": chance.random() < 0.8, "couples": chance.random() < 0.8,
    }  # fmt: skip
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy))
    return policy


class Oracle:
    """What the files say of plans, each rule in its plainest form."""

    def __init__(self, folder: Path, policy: dict[str, Any], gone: set[str]) -> None:
        def rows(name: str) -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
            return found

        self.people = {one["person"]: one for one in rows("people")}
        self.villages = {one["village"]: one for one in rows("villages")}
        self.caps = {one["unit"]: one["cap"] for one in rows("units")} if policy["unit_caps"] else {}
        self.couples = policy["couples"]
        self.weight = {key: 2000 if value == "required" else value for key, value in policy.items()}
        self.points = {(one["person"], one["village"]): one["points"] for one in rows("pairs")}
        self.before: dict[str, dict[str, Any]] = {}
        for one in rows("previous"):
            self.before.setdefault(one["person"], one)
        self.locks: Posted = {}
        for who, one in self.before.items():
            more = {**self.locks, who: one["village"]}
            if one["locked"] and self.holds(more):
                self.locks = more
        self.locks = {who: place for who, place in self.locks.items() if who not in gone}
        self.points = {pair: points for pair, points in self.points.items() if pair[0] not in gone}

    def team(self, plan: Posted, place: str) -> list[dict[str, Any]]:
        return [self.people[who] for who, where in plan.items() if where == place]

    def leads(self, plan: Posted, place: str) -> int:
        may = any(one["first_secretary_ok"] for one in self.team(plan, place))
        return min(self.villages[place]["leads"], int(may))

    def holds(self, plan: Posted) -> bool:
        units = [self.people[who]["unit"] for who in plan]
        return (
            all(pair in self.points for pair in plan.items())
            and all(
                len(self.team(plan, place)) <= one["members"] + self.leads(plan, place)
                for place, one in self.villages.items()
            )
            and all(units.count(unit) <= cap for unit, cap in self.caps.items())
            and not (self.couples and any(self.people[who]["spouse"] in plan for who in plan))
        )

    def score(self, plan: Posted) -> int:
        total = sum(self.points[pair] for pair in plan.items())
        for who, place in plan.items():
            total += self.weight["keep_bonus"] * (who in self.before and self.before[who]["village"] == place)
        for place, one in self.villages.items():
            team = self.team(plan, place)
            skills = {skill for each in team for skill in each["skills"]}
            total -= self.weight["missing_skill"] * len(set(one["needs"]) - skills)
            speaks = any(one["language"] in each["languages"] for each in team)
            total -= self.weight["missing_language"] * (one["language"] is not None and not speaks)
            total -= self.weight["no_woman"] * (not any(each["woman"] for each in team))
        return total

    def plans(self) -> Iterator[Posted]:
        choices = [
            [self.locks[who]]
            if who in self.locks
            else [None, *(p for p in self.villages if (who, p) in self.points)]
            for who in self.people
        ]
        for places in product(*choices):
            plan = {who: place for who, place in zip(self.people, places, strict=True) if place}
            if self.holds(plan):
                yield plan

    def vacancies(self, plan: Posted, every: list[Posted]) -> tuple[int, int]:
        """How many seats are vacant, and how many of them some plan fills that keeps every filled seat filled."""
        now = {place: (self.leads(plan, place), len(self.team(plan, place))) for place in self.villages}
        kept = [one for one in every if all(
            self.leads(one, place) >= lead and len(self.team(one, place)) >= size for place, (lead, size) in now.items()
        )]  # fmt: skip
        vacant = avoidable = 0
        for place, one in self.villages.items():
            lead, size = now[place]
            larger = [other for other in kept if len(self.team(other, place)) > size]
            for seats, could in (
                (one["members"] - size + lead, bool(larger)),
                (one["leads"] - lead, any(self.leads(other, place) for other in larger)),
            ):
                vacant += seats
                avoidable += seats * could
        return vacant, avoidable


def judged(
    folder: Path, country: Path, policy: dict[str, Any], gone: set[str]
) -> tuple[Posted, Oracle, list[Posted]]:
    """A plan's folder beside every plan."""
    oracle = Oracle(country, policy, gone)
    rows = pq.read_table(folder / "plan.parquet").to_pylist()
    plan = {row["person"]: row["village"] for row in rows}
    assert len(plan) == len(rows) and oracle.holds(plan) and not gone & set(plan)
    assert {row["person"]: row["village"] for row in rows if row["locked"]} == oracle.locks
    told = CliRunner().invoke(teams, ["certify", str(folder), "--in", str(country), "--json"])
    assert told.exit_code == 0, told.output
    shown = json.loads(told.output)
    every = list(oracle.plans())
    assert shown["objective"] == oracle.score(plan)
    assert shown["bound"] >= max(oracle.score(one) for one in every if len(one) >= len(plan))
    assert (shown["vacancies"], shown["avoidable_vacancies"]) == oracle.vacancies(plan, every)
    return plan, oracle, every


@pytest.mark.parametrize("seed", range(16))
def test_plans_and_repairs_beside_every_plan(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    policy, country, run = write_country(chance, tmp_path), tmp_path / "in", CliRunner()
    common = ["--in", str(country), "--workers", "1"]
    told = run.invoke(
        teams, ["plan", *common, "--policy", str(tmp_path / "policy.yaml"), "--out", str(tmp_path / "plan")]
    )
    assert told.exit_code == 0, told.output
    plan, _, every = judged(tmp_path / "plan", country, policy, set())
    assert len(plan) == max(map(len, every))
    gone = set(chance.sample(sorted(plan), min(2, len(plan))))
    (tmp_path / "gone.csv").write_text("\n".join(["person", *sorted(gone)]) + "\n")
    for mode in ("local", "resolve"):
        out = tmp_path / mode
        words = ["--withdrawn", str(tmp_path / "gone.csv"), "--mode", mode, "--out", str(out)]
        told = run.invoke(teams, ["repair", str(tmp_path / "plan"), *common, *words])
        assert told.exit_code == 0, told.output
        mended, _, every = judged(out, country, policy, gone)
        stayed = {who: place for who, place in plan.items() if who not in gone}
        assert (
            f"others moved {sum(mended.get(who) != place for who, place in stayed.items())};" in told.output
        )
        if mode == "local":
            assert stayed.items() <= mended.items()
            most = max(len(one) for one in every if stayed.items() <= one.items())
            assert len(mended) == most  # no seat stays open that somebody without a post could take
