"""Village work teams of the demonstration county: offices, candidates, needs, a plan in force and one to be approved."""

from __future__ import annotations

import csv
import datetime
import importlib.util
import random
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from highground.accounts.models import User
from highground.areas.models import Area
from highground.methods.facts.months import later
from highground.teams.actions import approve, publish, start_plan, write_days
from highground.teams.enums import PlanStatus, VillageType
from highground.teams.importing import import_table
from highground.teams.models import Plan, Post
from highground.teams.planning import work

SEED = 7
VILLAGES = 24
"""So many villages of the county have asked for a team: enough for a picture, few enough for seconds."""

BEGAN = 23
"""Months since the teams began: their term ends soon, and who goes next is to be approved."""

NORMS = "cn-2021"
OFFICES = ("农业农村局 Agriculture", "水利局 Water", "教育局 Education", "卫生健康局 Health", "交通运输局 Transport",
           "自然资源局 Land", "供电公司 Power company", "农商银行 Rural bank")  # fmt: skip
SKILLS = ("agronomy", "livestock", "health", "finance", "e-commerce", "water")
FAMILY_NAMES = (
    ("韦", "Wei"),
    ("黄", "Huang"),
    ("覃", "Qin"),
    ("陆", "Lu"),
    ("莫", "Mo"),
    ("梁", "Liang"),
    ("谭", "Tan"),
)
GIVEN_NAMES = (("芳", "Fang"), ("强", "Qiang"), ("静", "Jing"), ("波", "Bo"), ("丽", "Li"), ("涛", "Tao"), ("敏", "Min"),
               ("勇", "Yong"), ("燕", "Yan"), ("军", "Jun"), ("慧", "Hui"))  # fmt: skip
LANGUAGE = "Zhuang"


def add_teams(today: datetime.date, users: Mapping[str, User]) -> None:
    """Take the files in, work a plan out, publish it as of last year, and leave the next one to be approved.

    Without the planner's library (extra `[solve]`) there are only the candidates and the needs.
    """
    county = Area.objects.get(names__en="Longhe county", synthetic=True)
    officer, colleague = users["weilan"], users["zhaomin"]
    baiyun = Area.objects.get(names__en="Baiyun", level="village", synthetic=True)
    every = Area.objects.filter(path__startswith=county.path, level="village").order_by("code")
    # The township of the demonstration's village comes first.
    villages = sorted(every, key=lambda one: one.parent_id != baiyun.parent_id)[:VILLAGES]
    with tempfile.TemporaryDirectory(prefix="highground-demo-") as folder:
        for kind, rows in _files(county, villages).items():
            path = _write(Path(folder) / f"{kind}.csv", rows)
            import_table(kind, path, None, area=county, by=officer, today=today)
    if importlib.util.find_spec("ortools") is None:
        return
    plan = _worked_out(county, officer, today)
    approve(plan, by=colleague, today=today)
    publish(plan, since=later(today, -BEGAN).replace(day=1), by=officer, today=today)
    _write_days(users, today)
    _worked_out(county, officer, today, parent=plan)


def _files(county: Area, villages: Sequence[Area]) -> dict[str, list[dict[str, Any]]]:
    """Units, candidates and needs, as a county would send them."""
    chance = random.Random(SEED)  # noqa: S311
    people = round(3.2 * len(villages))
    units = [
        {"code": f"{county.code}-U{number}", "name": name, "area": county.code, "level": "county",
         "cap": people // len(OFFICES) + 2, "paired": villages[number].code}
        for number, name in enumerate(OFFICES)
    ]  # fmt: skip
    names = [
        (f"{last} {first} {family}{given}") for family, last in FAMILY_NAMES for given, first in GIVEN_NAMES
    ]
    candidates = [
        {"code": f"{county.code}-P{number:03}", "name": names[number % len(names)],
         "unit": units[number % len(units)]["code"],
         "home": chance.choice(villages).code if chance.random() < 0.2 else "",
         "woman": "yes" if chance.random() < 0.3 else "no", "born": chance.randrange(1972, 2000),
         "occupation": "", "may_lead": "yes" if chance.random() < 0.4 else "no",
         "skills": ";".join(chance.sample(SKILLS, chance.choice((1, 1, 2)))),
         "languages": LANGUAGE if chance.random() < 0.12 else "",
         "frail": "yes" if chance.random() < 0.05 else "no"}
        for number in range(people)
    ]  # fmt: skip
    needs = [
        {"village": village.code, "types": chance.choice(list(VillageType)).value, "members": 2,
         "needs": ";".join(chance.sample(SKILLS, 2)), "language": LANGUAGE if chance.random() < 0.5 else "",
         "remoteness": round(chance.random(), 2), "at_risk": chance.randrange(4, 190)}
        for village in villages
    ]  # fmt: skip
    return {"units": units, "people": candidates, "villages": needs}


def _write(path: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _worked_out(county: Area, by: User, today: datetime.date, parent: Plan | None = None) -> Plan:
    """A plan, when the planner is through with it: here, or in the thread that a server starts for every plan."""
    plan = start_plan(county, norms=NORMS, parent=parent, by=by, today=today)
    work(plan.pk)
    plan.refresh_from_db()
    while plan.status in (PlanStatus.WAITING, PlanStatus.RUNNING):
        time.sleep(0.2)
        plan.refresh_from_db()
    return plan


def _write_days(users: Mapping[str, User], today: datetime.date) -> None:
    """Three months of days in the village; in the last of them some teams were seldom there."""
    chance = random.Random(SEED)  # noqa: S311
    officer = users["weilan"]
    month = today.replace(day=1)
    for back in range(1, 4):
        month = (month - datetime.timedelta(days=1)).replace(day=1)
        for post in Post.objects.visible_to(officer, today).order_by("pk"):
            seldom = back == 1 and chance.random() < 0.15
            days = chance.randrange(6, 14) if seldom else chance.randrange(20, 25)
            write_days(post, month=month, days=days, by=officer, today=today)
