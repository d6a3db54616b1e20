"""A small office with a register that can be screened by `demo-cn`: two counties side by side, one of them with
every kind of household, the other with what could leak."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from highground.areas.actions import AreaRow, import_areas
from highground.areas.models import Area
from highground.people.actions import receive, source_of
from highground.people.models import Household

TODAY = datetime.date(2026, 3, 10)
KNOWN = datetime.date(2026, 2, 1)
LONG_AGO = datetime.date(2020, 1, 1)
BOOK = "demo-cn"

FAMILY: Mapping[str, str] = {
    "household_type": "ordinary",
    "stratum": "rural",
    "urban_registration": "false",
    "relocated": "false",
    "monitored": "false",
    "household_size": "4",
    "income_wage_12m": "30000",
    "income_business_12m": "12000",
    "cost_business_12m": "5000",
    "income_property_12m": "1000",
    "income_transfer_12m": "2000",
    "out_of_pocket_12m": "0",
    "claims_12m": "0",
    "dwelling_unsafe": "false",
    "water_unsafe": "false",
    "risks": "[]",
    "owns_car": "false",
}
"""A family of four far above the line: 10,000 yuan a person, the line is 8,300."""

BILLS = {**FAMILY, "out_of_pocket_12m": "31400", "claims_12m": "16000", "risks": "illness"}
"""The same family with a hospital bill: reference income 6,150 a person."""

HOUSEHOLDS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "2231": ("BAIYUN", BILLS),
    "0874": (
        "DATANG",
        {**FAMILY, "household_type": "lifted_out", "income_wage_12m": "10000", "risks": "illness;other"},
    ),
    "1410": ("HEPING-1", {**FAMILY, "dwelling_unsafe": "true"}),
    "3096": ("BAIYUN", {name: value for name, value in BILLS.items() if name != "out_of_pocket_12m"}),
    "0122": ("DATANG", FAMILY),
    "2718": ("HEPING-1", {}),
    "9001": ("ANTANG-1", {**BILLS, "owns_car": "true"}),
    "9002": ("ANTANG-1", {}),
    "9003": ("ANTANG-1", {"household_type": "ordinary"}),
}
"""Number -> village and facts: three clues, one to ask about, one that is well, one in no data; and the neighbours."""


@dataclass(frozen=True)
class Register:
    """The areas by code and the households by number."""

    areas: dict[str, Area]
    households: dict[str, Household]


def add_register(households: Mapping[str, tuple[str, Mapping[str, str]]] = HOUSEHOLDS) -> Register:
    """Lay out the areas and receive the households with their members and facts."""
    import_areas(
        [
            AreaRow(1, "CN", "country", names={"en": "Testland", "zh": "试验国"}),
            AreaRow(
                2, "CN-ZZ", "province", "CN", iso="CN-ZZ", names={"en": "Yunjiang province", "zh": "云江省"}
            ),
            AreaRow(3, "CN-9901", "city", "CN-ZZ", names={"en": "Longhe city", "zh": "龙河市"}),
            AreaRow(4, "LONGHE", "county", "CN-9901", names={"en": "Longhe county", "zh": "龙河县"}),
            AreaRow(5, "NALONG", "township", "LONGHE", names={"en": "Nalong", "zh": "那龙镇"}),
            AreaRow(6, "BAIYUN", "village", "NALONG", names={"en": "Baiyun village", "zh": "白云村"}),
            AreaRow(7, "DATANG", "village", "NALONG", names={"en": "Datang village", "zh": "大塘村"}),
            AreaRow(8, "HEPING", "township", "LONGHE", names={"en": "Heping", "zh": "和平镇"}),
            AreaRow(9, "HEPING-1", "village", "HEPING", names={"en": "Heping village 1", "zh": "和平一村"}),
            AreaRow(10, "PINGNAN", "county", "CN-9901", names={"en": "Pingnan county", "zh": "平南县"}),
            AreaRow(11, "ANTANG", "township", "PINGNAN", names={"en": "Antang", "zh": "安塘镇"}),
            AreaRow(12, "ANTANG-1", "village", "ANTANG", names={"en": "Antang village", "zh": "安塘村"}),
        ],
        by="test",
        today=LONG_AGO,
    )
    areas = {area.code: area for area in Area.objects.all()}
    learn({number: facts for number, (_, facts) in households.items()}, areas, households)
    found = Household.objects.everywhere(reason="test").select_related("area")
    return Register(areas, {household.number: household for household in found})


def learn(
    facts: Mapping[str, Mapping[str, str | None]],
    areas: Mapping[str, Area],
    places: Mapping[str, tuple[str, Any]] = HOUSEHOLDS,
    *,
    day: datetime.date = KNOWN,
) -> None:
    """Receive facts of households by number, which live where `places` says."""
    text, date = pa.string(), pa.date32()
    rows = [(number, name, value, day) for number, known in facts.items() for name, value in known.items()]
    receive(
        register="main",
        households=pa.table(
            {
                "number": pa.array(list(facts), text),
                "area": pa.array([areas[places[number][0]].pk for number in facts], pa.int64()),
                "day": pa.array([LONG_AGO] * len(facts), date),
            }
        ),
        members=None,
        observations=pa.table(
            [
                pa.array([row[place] for row in rows], kind)
                for place, kind in enumerate((text, text, text, date))
            ],
            names=["household", "fact", "value", "valid_from"],
        ),
        protected=None,
        source=source_of(kind="visit", name="Yearly check", day=day),
        by="test",
        today=day,
    )
