"""XLSForms as workbooks, made in a test: sheets by name, each a list of rows, the first with the headings."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl

Sheet = Sequence[Sequence[Any]]


def workbook(**sheets: Sheet) -> bytes:
    """The content of an XLSX file."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


LANGUAGES = ("English (en)", "ខ្មែរ (km)", "中文 (zh)")


def water_form(*, version: str = "2026-1", extra: Sheet = ()) -> bytes:
    """A survey of water and school in three languages: a group, a repeat of members, an entity update, mapped to facts."""
    heading = ["type", "name", *(f"label::{one}" for one in LANGUAGES), "highground::fact", "relevant", "constraint",
               *(f"constraint_message::{one}" for one in LANGUAGES), "required", "choice_filter", "save_to"]  # fmt: skip

    def row(kind: str, name: str = "", labels: Sequence[str] = ("", "", ""), **more: str) -> list[str]:
        given = {
            "type": kind,
            "name": name,
            **{f"label::{k}": v for k, v in zip(LANGUAGES, labels, strict=True)},
        }
        messages = more.pop("messages", "")
        given |= {f"constraint_message::{one}": messages for one in LANGUAGES if messages}
        given |= {"highground::fact": more.pop("fact", ""), **more}
        return [given.get(name, "") for name in heading]

    survey = [
        heading,
        row("csv-external", "household_members"),
        row("select_one_from_file households.csv", "home", ("Household", "គ្រួសារ", "户"), fact="household", required="yes"),
        row("begin_group", "water", ("Water", "ទឹក", "饮水")),
        row("select_one yn", "unsafe", ("Is the water unsafe?", "ទឹកមិនស្អាត?", "饮水不安全吗？"), fact="water_unsafe"),
        row("decimal", "wage", ("Wages in a year", "ប្រាក់ឈ្នួល", "一年工资"), constraint=". >= 0 and . < 1000000",
            messages="Between 0 and a million.", save_to="income_wage_12m"),
        row("text", "well", ("Which well?", "អណ្តូង?", "哪口井？"), relevant="${unsafe} = 'yes'"),
        row("end_group"),
        row("begin_repeat", "pupil", ("A child", "កុមារ", "孩子")),
        row("select_one_from_file household_members.csv", "who", ("Who?", "នរណា?", "谁？"), fact="member",
            choice_filter="household = ${home}"),
        row("select_one school", "school", ("School", "សាលា", "上学情况"), fact="school_status"),
        row("end_repeat"),
        row("image", "picture", ("A picture of the well", "រូបភាព", "水井照片")),
        row("text", "said", ("What was said", "អ្វីដែលបាននិយាយ", "说了什么"), fact="note"),
        *extra,
    ]  # fmt: skip
    choices = [
        ["list_name", "name", *(f"label::{one}" for one in LANGUAGES)],
        ["yn", "yes", "Yes", "បាទ", "是"],
        ["yn", "no", "No", "ទេ", "否"],
        ["school", "out_of_school", "Out of school", "ឈប់រៀន", "辍学"],
        ["school", "in_school", "In school", "រៀន", "在校"],
    ]
    return workbook(
        survey=survey,
        choices=choices,
        settings=[
            ["form_id", "form_title", "version", "default_language"],
            ["water", "Water and school", version, LANGUAGES[0]],
        ],
        entities=[["list_name", "entity_id"], ["households", "${home}"]],
    )
