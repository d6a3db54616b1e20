"""A study of twelve villages in three townships, and its files of readings. All of it is invented."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from highground.areas.models import Area
from highground.works.actions.studies import (
    add_indicator,
    add_villages,
    freeze_plan,
    set_assumptions,
    start_study,
)
from highground.works.models import Study
from tests.support.places import add_area
from tests.support.register import TODAY

BLOCKS = ("North", "Middle", "South")
COLUMNS = ("village", "household", "wave", "indicator", "value", "unit", "date", "recalled", "weight")


def add_blocks(county: Area) -> dict[str, list[Area]]:
    """Three townships of four villages, by the block's name."""
    found = {}
    for block in BLOCKS:
        township = add_area(f"{block} township", "township", county)
        found[block] = [add_area(f"{block} village {number}", "village", township) for number in range(1, 5)]
    return found


def design(office: Any, blocks: dict[str, list[Area]], *, project: Any = None, freeze: bool = True) -> Study:
    """A study in which the first two villages of each block are treated; its main outcome is income in yuan."""
    weilan = office.staff["weilan"]
    same = {"by": weilan, "today": TODAY}
    study = start_study(
        office.area("LONGHE"), title="Village groups", question="Has income risen?", project=project, **same
    )
    for block, villages in blocks.items():
        add_villages(study, villages[:2], treated=True, block=block, **same)
        add_villages(study, villages[2:], treated=False, block=block, **same)
    add_indicator(
        study,
        code="income",
        label="Income of a household",
        unit="yuan",
        source="survey",
        stage="outcomes",
        main=True,
        **same,
    )
    set_assumptions(
        study, sides="greater", level=Decimal("0.05"), spread=300.0, spread_source="a survey of 2022", attrition=5, drawn=False,
        **same,
    )  # fmt: skip
    if freeze:
        freeze_plan(study, **same)
    return study


def readings(
    blocks: dict[str, list[Area]], wave: str, *, rise: float = 0.0, households: int = 10, seed: int = 3
) -> list[dict[str, Any]]:
    """Incomes of households in a wave; `rise` is what the project adds to those of treated villages."""
    chance = random.Random(seed if wave == "baseline" else seed + 1)
    rows = []
    for villages in blocks.values():
        for place, village in enumerate(villages):
            for number in range(households):
                value = (
                    9000
                    + 40 * number
                    + chance.gauss(0, 80)
                    + (500 + rise * (place < 2)) * (wave != "baseline")
                )
                rows.append(
                    {
                        "village": village.code, "household": str(number), "wave": wave, "indicator": "income",
                        "value": f"{value:.2f}", "unit": "yuan", "date": "2025-01-10" if wave == "baseline" else "2026-01-10",
                        "recalled": "", "weight": "",
                    }
                )  # fmt: skip
    return rows


def write(path: Path, rows: Iterable[dict[str, Any]], columns: Iterable[str] = COLUMNS) -> Path:
    """A CSV file of rows."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path
