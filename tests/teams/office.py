"""Files of a county to plan teams from: units, candidates and needs, drawn by a seed. All of it is invented."""

from __future__ import annotations

import csv
import random
from pathlib import Path

SKILLS = ["agronomy", "livestock", "health", "finance"]
SURNAMES = ["Huang", "Wei", "Qin", "Lu", "Tan", "Mo", "Liang", "Nong", "Pan", "Lan"]
GIVEN = ["Mei", "Hao", "Jing", "Fang", "Qiang", "Lin", "Tao", "Ning", "Yan", "Bo", "Hui", "Xin"]
VILLAGES = ["BAIYUN", "DATANG", "HEPING-1"]


def write_files(
    folder: Path, *, area: str = "LONGHE", villages: list[str] = VILLAGES, people: int = 16
) -> dict[str, Path]:
    """The three files by kind."""
    chance = random.Random(5)
    units = [
        {"code": f"{area}-U{number}", "name": f"County office {number + 1}", "area": area, "level": "county",
         "cap": people, "paired": villages[number] if number < len(villages) else ""}
        for number in range(4)
    ]  # fmt: skip
    rows = [
        {"code": f"{area}-P{number:03}", "name": f"{SURNAMES[number % 10]} {GIVEN[number % 12]}",
         "unit": f"{area}-U{number % 4}", "home": villages[0] if number == 0 else "", "woman": "yes" if number % 2 else "no",
         "born": 1985 + number % 12, "occupation": "", "may_lead": "yes" if number % 3 else "no",
         "skills": ";".join(chance.sample(SKILLS, 2)), "languages": "Zhuang" if number % 4 == 0 else ""}
        for number in range(people)
    ]  # fmt: skip
    needs = [
        {"village": code, "types": "lifted_out", "members": 2, "needs": ";".join(chance.sample(SKILLS, 2)),
         "language": "Zhuang" if number == 0 else "", "remoteness": 0.2 * number, "at_risk": 20 + 90 * number}
        for number, code in enumerate(villages)
    ]  # fmt: skip
    return {name: _write(folder / f"{name}.csv", some) for name, some in
            (("units", units), ("people", rows), ("villages", needs))}  # fmt: skip


def _write(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
