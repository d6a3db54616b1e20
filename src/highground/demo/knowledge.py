"""The knowledge of the demonstration: the real practices that come with Highground, and invented experts with questions."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

import yaml

from highground.accounts.models import User
from highground.areas.models import Area
from highground.knowledge.actions import asking
from highground.knowledge.actions.experts import Suggested, add_expert, add_lines, claim, invite
from highground.knowledge.actions.practices import add_practices
from highground.knowledge.builtin import builtin_files
from highground.knowledge.enums import LineKind, LineStatus, Standing
from highground.knowledge.indexing import build
from highground.knowledge.languages import written_in
from highground.knowledge.models import Expert, Practice
from highground.knowledge.reading import read_practices
from highground.methods.facts.months import later

BY = "command:demo"
ANSWERED_AFTER = datetime.timedelta(days=4)
WAITING = ("Ei Phyu", "Farah Yusof")
"""Profiles that two curators have yet to agree to."""


@dataclass(frozen=True)
class Asked:
    """A question to Sok Dara so many days ago, how it went on, and what came of it."""

    age: int
    by: str
    place: str
    cause: str
    practice: str
    text: str
    language: str
    answer: str = ""
    outcomes: Mapping[int, tuple[str, str]] | None = None


ASKED = (
    Asked(355, "weilan", "Longhe county", "illness", "kh-health-equity-fund", "医疗公平基金由谁来识别贫困患者？", "zh",
          "គណៈកម្មការភូមិជាអ្នកកំណត់។ The village committee names them once a year, and the hospital asks for the card.",
          {3: ("partly", "两个乡镇试行，识别名单每季度核一次。"), 12: ("works", "一年后仍在运行。")}),
    Asked(120, "noy", "Namsai district", "illness", "kh-health-equity-fund", "ໃຜເປັນຜູ້ຈ່າຍຄ່າເດີນທາງຂອງຄົນເຈັບ?", "lo",
          "The fund pays the way for patients who stay in hospital."),
    Asked(100, "zhaomin", "Longhe county", "lack_of_labour", "kh-rice-bank-battambang", "粮食银行借出去还不回来怎么办？", "zh",
          "Lend first to few families, and let the committee of the village ask before the harvest.",
          {3: ("failed", "第一年收成不好，一半没有还，村里停了。")}),
    Asked(3, "weilan", "Longhe county", "illness", "", "慢性病家庭每月的药费怎么办？", "zh"),
)  # fmt: skip
"""Invented, like everything in the demonstration but the practices."""


def add_knowledge(today: datetime.date, users: Mapping[str, User]) -> None:
    """Publish the practices, add the experts, give one of them to `dara`, and let questions be asked and answered."""
    records = [record for path in builtin_files() for record in read_practices(path).records]
    add_practices(records, by=BY, today=today, published=True)
    practices = {one.code: one for one in Practice.objects.all()}
    experts = _add_experts(today, practices)
    claim(invite(experts["Sok Dara"], by=users["meiyin"], today=today), by=users["dara"], today=today)
    areas = {area.names["en"]: area for area in Area.objects.filter(synthetic=True)}
    for asked in ASKED:
        _ask(asked, today, users, areas, experts, practices)
    build()


def _add_experts(today: datetime.date, practices: Mapping[str, Practice]) -> dict[str, Expert]:
    source = files("highground") / "data" / "demo" / "experts.yaml"
    found = {}
    for row in yaml.safe_load(source.read_text(encoding="utf-8"))["experts"]:
        lines = row.pop("lines")
        expert = add_expert(
            {"shown": ["place", "institution", "about", "gender"], "about_language": "en", **row},
            by=BY, today=today, synthetic=True, basis="invented for the demonstration",
            standing=Standing.WAITING if row["name"] in WAITING else Standing.PUBLISHED,
        )  # fmt: skip
        suggested = [
            Suggested(
                LineKind(kind), text, f"demo/{place}", year=year, source="demo", practice=practices.get((*code, "")[0]),
                language="zh" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "en",
            )
            for place, (kind, year, text, *code) in enumerate(lines)
        ]  # fmt: skip
        add_lines(expert, suggested, by=BY, today=today, status=LineStatus.CONFIRMED)
        found[expert.name] = expert
    return found


def _ask(
    asked: Asked,
    today: datetime.date,
    users: Mapping[str, User],
    areas: Mapping[str, Area],
    experts: Mapping[str, Expert],
    practices: Mapping[str, Practice],
) -> None:
    day = today - datetime.timedelta(days=asked.age)
    referral = asking.ask(
        experts["Sok Dara"], area=areas[asked.place], text=asked.text, language=asked.language, by=users[asked.by], today=day,
        cause=asked.cause, practice=practices.get(asked.practice),
    )  # fmt: skip
    if not asked.answer:
        return
    asking.advise(
        referral,
        text=asked.answer,
        language=written_in(asked.answer, "en"),
        by=users["dara"],
        today=day + ANSWERED_AFTER,
    )
    for months, (outcome, told) in (asked.outcomes or {}).items():
        asking.say_outcome(
            referral,
            months=months,
            outcome=outcome,
            told=told,
            by=users[asked.by],
            today=min(later(day, months), today),
        )
