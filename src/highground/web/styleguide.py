"""Every piece on one page, with the texts that break layouts: long names, seven scripts, nothing at all.

Reachable at /styleguide/ with DEBUG on, and in the tests that photograph it.
"""

import datetime
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from highground.web.lists import order_of, page_of, pill
from highground.web.pictures import Bar, Mark, Square, SquareGroup, Step

TODAY = datetime.date(2024, 6, 18)

LONG = "Household 2231-Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
SCRIPTS = [
    ("th", "ครัวเรือนที่เสี่ยงกลับสู่ความยากจนหลังน้ำท่วมใหญ่และค่ารักษาพยาบาลที่สูง"),
    ("lo", "ຄົວເຮືອນທີ່ມີຄວາມສ່ຽງກັບຄືນສູ່ຄວາມທຸກຍາກຫຼັງຈາກໄພນໍ້າຖ້ວມໃຫຍ່"),
    ("km", "គ្រួសារដែលប្រឈមនឹងការធ្លាក់ចូលក្នុងភាពក្រីក្រវិញក្រោយទឹកជំនន់ធំ"),
    ("my", "ရေကြီးပြီးနောက် ဆင်းရဲမွဲတေမှုသို့ ပြန်လည်ကျရောက်နိုင်သော အိမ်ထောင်စုများ"),
    ("vi", "Hộ gia đình có nguy cơ tái nghèo sau trận lũ lớn và chi phí y tế cao"),
    ("ta", "வெள்ளத்திற்குப் பிறகு மீண்டும் வறுமைக்குள் விழும் அபாயத்தில் உள்ள குடும்பம்"),
    ("zh-hans", "大水过后因医疗支出过大而有返贫风险的脱贫不稳定户"),
]


class ExampleForm(forms.Form):
    """A form with every kind of field."""

    reason = forms.CharField(label="Why not?", help_text="In your own words.", widget=forms.Textarea)
    day = forms.DateField(label="Day of the visit", widget=forms.DateInput(attrs={"type": "date"}))
    township = forms.ChoiceField(label="Township", choices=[("a", "Nalong"), ("b", "Heping")])
    kind = forms.ChoiceField(
        label="Kind", choices=[("a", "Illness"), ("b", "Disaster")], widget=forms.RadioSelect
    )
    seen = forms.BooleanField(label="Somebody was at home", required=False)


def _groups() -> list[SquareGroup]:
    names = ["Heping", "Antang", "Nalong", "Guanyin", "Baisha", "那坡镇", "ເມືອງຊຽງເງິນ", "Pingzhai"]
    groups = []
    for number, name in enumerate(names):
        squares = [
            Square(
                f"{name} {place}", None if place == 7 else (place * (number + 3)) % 15, "#", "20 households"
            )
            for place in range(1, 8 + number)
        ]
        groups.append(SquareGroup(name, squares, "#"))
    return [*groups, SquareGroup("Empty township", [])]


def _steps() -> list[Step]:
    return [
        Step("Wages", 30_000),
        Step("Farm and business", 12_000),
        Step("Costs", -5_000),
        Step("Property, transfers", 3_000),
        Step("Net income", total=True),
        Step("Medical, own pocket", -31_400),
        Step("Accident claim paid", 16_000, colour="water"),
        Step("Remittances from a son in Guangdong", None),
        Step("Reference income", total=True),
    ]


@login_not_required
def styleguide(request: HttpRequest) -> HttpResponse:
    """All pieces."""
    sort, _fields = order_of(request, {"household": ["key"], "due": ["due_on"]}, "due")
    form = ExampleForm({"reason": "", "day": "2024-13-40", "township": "a"})
    context: dict[str, Any] = {
        "today": TODAY,
        "long": LONG,
        "scripts": SCRIPTS,
        "sort": sort,
        "page": page_of(request, range(1, 39)),
        "form": form,
        "pills": [
            pill(request, "All", count=38, kind=None),
            pill(request, "Overdue", count=4, kind="overdue"),
            pill(request, "Due this week", count=13, kind="week"),
            pill(request, "Cannot tell", count=17, kind="cannot_tell"),
            pill(request, "Self-reported", count=5, kind="self"),
        ],
        "townships": [pill(request, name, count=3, township=name) for name in ("Nalong", "Heping", LONG)],
        "trail": [("Clues", "#"), ("Nalong", ""), ("Baiyun village", ""), ("Household 2231", "")],
        "title_tags": [("new this month", "clay"), ("visit due tomorrow", "gold")],
        "colours": ["clay", "gold", "plum", "water", "green", "grey"],
        "due": [TODAY + datetime.timedelta(days=days) for days in (-4, 0, 1, 6, 9)],
        "opened": TODAY - datetime.timedelta(days=12),
        "events": [
            {
                "day": datetime.date(2024, 6, 1),
                "title": "Clue",
                "text": "reference income 6,150 a person, line 8,300",
            },
            {"day": datetime.date(2024, 6, 4), "title": "Visited", "text": SCRIPTS[2][1]},
            {"day": "due 18 June", "title": "Your decision", "text": "working day 11 of 20", "state": "now"},
            {"title": "Support plan", "text": "within 5 days of the decision", "state": "next"},
        ],
        "rows": [
            ("Rulebook", "China, 2021 to 2025 · version 2021.3"),
            ("Counted", "four people who share the budget"),
            ("Missing, stale", "nothing"),
            ("Long", LONG),
        ],
        "groups": _groups(),
        "steps": _steps(),
        "mark": Mark("line 8,300 × 4 = 33,200", 33_200),
        "losses": [Step("Sales", 4_000), Step("Costs", -11_000), Step("Net", total=True)],
        "bars": [
            Bar("Clue", 38, "clay", "#"),
            Bar("Visit", 21, "gold"),
            Bar("Appraisal", 9),
            Bar("Public notice", 6),
            Bar("Decision", None),
            Bar("Monitored", 112, "green"),
            Bar(SCRIPTS[2][1], 14, "brand"),
        ],
    }
    return render(request, "web/styleguide.html", context)
