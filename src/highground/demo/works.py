"""Villages of the demonstration: services, a work, an enterprise, an idle asset, a study; and the six villages.

Everything in the invented county is invented. The projects in the six villages are real: what is shown of them was published.
"""

from __future__ import annotations

import csv
import datetime
import random
import tempfile
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from highground.accounts.actions import grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.areas.enums import Level
from highground.areas.models import Area
from highground.cases.models import Case
from highground.works.actions.industry import (
    add_asset,
    add_enterprise,
    link_household,
    set_state,
    write_earning,
)
from highground.works.actions.projects import load_project
from highground.works.actions.readings import take_readings
from highground.works.actions.services import (
    advance,
    check_work,
    import_services,
    propose_work,
    spend,
)
from highground.works.actions.studies import (
    add_indicator,
    add_villages,
    freeze_plan,
    set_assumptions,
    set_cost,
    set_theory,
    start_study,
    write_criterion,
)
from highground.works.enums import WorkStage
from highground.works.held import PROJECT
from highground.works.models import Study
from highground.works.project_files import shipped_projects

BY = "demo"
SEED = 8
YEAR = datetime.timedelta(days=365)
BLOCKS, VILLAGES = 3, 4
"""Townships of the study, and villages of each: two treated, two compared with."""

HOUSEHOLDS, RISE = 12, 900
"""Households of the study in each village, and what the project adds to their income (yuan a year)."""


def add_works(today: datetime.date, users: Mapping[str, User]) -> None:
    """Fill villages, industry, assets, projects and a study, each by its own action."""
    by, colleague = users["weilan"], users["zhaomin"]
    county = Area.objects.get(names__en="Longhe county", synthetic=True)
    villages = list(Area.objects.filter(path__startswith=county.path, level=Level.VILLAGE).order_by("path"))
    chance = random.Random(SEED)  # noqa: S311  (an invented country, not a secret)
    _services(villages, county, chance, by, today)
    baiyun = next(one for one in villages if one.names.get("en") == "Baiyun")
    _build(baiyun, by, colleague, today)
    _earn(baiyun, by, today)
    for told in shipped_projects():
        load_project(told, by=BY, today=today)
        # It opens the project and its villages, and no area.
        grant_role(
            users["somchai"], role=Role.ANALYST, target=(PROJECT, told.code), valid_from=today - YEAR, by=BY
        )
    _study(county, villages, chance, by, today)


def _write(folder: Path, name: str, columns: Sequence[str], rows: list[Sequence[object]]) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    return path


def _services(
    villages: list[Area], county: Area, chance: random.Random, by: User, today: datetime.date
) -> None:
    """Readings of two years for some services of every village; of others nobody has looked."""
    rows: list[Sequence[object]] = []
    for village in villages:
        for service in ("road", "water", "power", "network", "housing"):
            value = chance.randint(55, 92)
            for years in (2, 0):
                day = today - years * YEAR - datetime.timedelta(days=20)
                unit = "% of households within 2 km" if service == "road" else "% of households"
                rows.append((village.code, service, min(100, value), unit, day.isoformat(), "yearly check"))
                value += chance.randint(0, 20)
    with tempfile.TemporaryDirectory() as folder:
        columns = ("village", "service", "value", "unit", "date", "source")
        import_services(_write(Path(folder), "services.csv", columns, rows), area=county, by=by, today=today)


def _build(village: Area, by: User, colleague: User, today: datetime.date) -> None:
    well = propose_work(
        village, title="Water pipe to the upper group", service="water", budget=Decimal(180_000), currency="CNY",
        due=today - 6 * YEAR, keeper="water group of the village", day=today - 8 * YEAR, by=by, today=today,
    )  # fmt: skip
    for years, stage in (
        (7, WorkStage.APPROVED),
        (7, WorkStage.BUILDING),
        (6, WorkStage.COMPLETED),
        (6, WorkStage.HANDED_OVER),
    ):
        advance(well, stage=stage, day=today - years * YEAR, by=colleague, today=today)
    spend(
        well, amount=Decimal(171_500), currency="CNY", day=today - 6 * YEAR, note="pipe, tank and labour", by=by,
        today=today,
    )  # fmt: skip
    check_work(well, found="works", day=today - 4 * YEAR, by=by, today=today)
    propose_work(
        village, title="Road to the lower group", service="road", budget=Decimal(420_000), currency="CNY",
        due=today + YEAR / 2, by=by, today=today,
    )  # fmt: skip


def _earn(village: Area, by: User, today: datetime.date) -> None:
    tea = add_enterprise(
        village, name="Cloud Tea cooperative", kind="cooperative", owner="84 members", since=today - 4 * YEAR, by=by,
        today=today,
    )  # fmt: skip
    for years, revenue in ((2, 310_000), (1, 365_000)):
        write_earning(
            tea, year=today.year - years, revenue=Decimal(revenue), to_households=Decimal(revenue * 2 // 5),
            currency="CNY", by=by, today=today,
        )  # fmt: skip
    monitored = Case.objects.visible_to(by, today).filter(household__area=village, status="monitored")
    for case in monitored.select_related("household").order_by("pk")[:2]:
        link_household(
            tea, number=case.household.number, kind="order", since=today - YEAR, by=by, today=today
        )
    shed = add_asset(
        village, code="LH-2021-014", name="Drying shed", kind="operating", funds="bridging fund of the county, 2021",
        cost=Decimal(260_000), currency="CNY", owner="the village's economic cooperative", keeper="Cloud Tea cooperative",
        since=today - 4 * YEAR, by=by, today=today,
    )  # fmt: skip
    set_state(
        shed, state="idle", why="the buyer's contract ended and nobody uses it since", by=by, today=today
    )


def _study(county: Area, villages: list[Area], chance: random.Random, by: User, today: datetime.date) -> None:
    by_township: dict[str, list[Area]] = {}
    for village in villages:
        by_township.setdefault(village.path[:-4], []).append(village)
    blocks = [inside[:VILLAGES] for inside in by_township.values() if len(inside) >= VILLAGES][:BLOCKS]
    if len(blocks) < BLOCKS:
        return
    study = start_study(
        county, title="Producer groups in six villages",
        question="Has the income of households risen because of the producer groups?", by=by, today=today,
    )  # fmt: skip
    for number, block in enumerate(blocks, start=1):
        half = VILLAGES // 2
        add_villages(study, block[:half], treated=True, block=f"{number}", by=by, today=today)
        add_villages(study, block[half:], treated=False, block=f"{number}", by=by, today=today)
    add_indicator(
        study, code="income", label="Income of a household in a year", unit="CNY", source="survey of 144 households",
        stage="outcomes", main=True, by=by, today=today,
    )  # fmt: skip
    set_theory(
        study,
        stages={
            "inputs": "240,000 yuan, two trainers", "activities": "groups founded, members trained",
            "outputs": "12 groups at work", "outcomes": "more sold, income risen", "impact": "fewer families fall back",
        },
        arrows={"outputs": {"indicator": "income", "assumes": "buyers come to the village"}},
        by=by,
        today=today,
    )  # fmt: skip
    set_assumptions(
        study, sides="greater", level=Decimal("0.05"), spread=450.0, spread_source="yearly check of three years ago",
        attrition=8, drawn=False, by=by, today=today,
    )  # fmt: skip
    freeze_plan(study, by=by, today=today - YEAR)  # before the endline was read
    _read(study, blocks, chance, by, today)
    set_cost(
        study, cost=Decimal(240_000), currency="CNY", cost_source="the county's accounts of the project",
        reached=72, by=by, today=today,
    )  # fmt: skip
    write_criterion(
        study, criterion="relevance", text="Groups of this kind stand in the county's plan.",
        source="the county's plan; two meetings of villagers", by=by, today=today,
    )  # fmt: skip


def _read(
    study: Study, blocks: list[list[Area]], chance: random.Random, by: User, today: datetime.date
) -> None:
    columns = ("village", "household", "wave", "indicator", "value", "unit", "date")
    with tempfile.TemporaryDirectory() as folder:
        for wave, day in (("baseline", today - 2 * YEAR), ("endline", today - YEAR / 12)):
            rows: list[Sequence[object]] = []
            for block in blocks:
                for place, village in enumerate(block):
                    shared = chance.gauss(0, 150)
                    for number in range(HOUSEHOLDS):
                        value = 21_000 + 250 * number + shared + chance.gauss(0, 300)
                        if wave == "endline":
                            value += 1_200 + RISE * (place < VILLAGES // 2)
                        rows.append(
                            (village.code, number, wave, "income", round(value), "CNY", day.isoformat())
                        )
            take_readings(study, _write(Path(folder), f"{wave}.csv", columns, rows), by=by, today=today)
