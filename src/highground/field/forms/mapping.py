"""Which question of an XLSForm answers what: the column `highground::fact` of its survey sheet.

A cell names a fact of the register, or a part of the visit (`PARTS`). A fact of a member needs a question `member` beside it
or around it, and any fact needs a question `household`, or the entity of the form in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from highground.methods.facts import Fact

COLUMN = "highground::fact"

PARTS = {
    "household": gettext_lazy("which household was visited"),
    "member": gettext_lazy("of which member the answers beside it are"),
    "day": gettext_lazy("the day of the visit"),
    "note": gettext_lazy("what was seen"),
    "need_words": gettext_lazy("what the family asks for, in its own words"),
    "need_language": gettext_lazy("the language of these words"),
    "need_audio": gettext_lazy("these words as a recording"),
    "signature": gettext_lazy("a signature"),
    "someone_else": gettext_lazy("who else needs a visit"),
}
"""What a question may answer besides facts."""

TYPES = {
    "money": ("decimal", "integer", "calculate"),
    "integer": ("integer", "calculate"),
    "date": ("date", "today", "calculate"),
    "boolean": ("select_one", "select_one_from_file", "calculate"),
    "category": ("select_one", "select_one_from_file", "calculate"),
    "list": ("select_multiple", "select_multiple_from_file", "calculate"),
}
"""The types of questions that can answer each type of fact."""

Row = Mapping[str, str]


class FormError(ValueError):
    """What is wrong in a workbook: the sheet, the row, the column, why, and the mend."""

    def __init__(
        self, sheet: str = "", row: int | None = None, column: str = "", why: str = "", mend: str = ""
    ) -> None:
        self.sheet, self.row, self.column, self.why, self.mend = sheet, row, column, why, mend
        place = [
            sheet,
            _("row %(row)s") % {"row": row} if row else "",
            _("column %(column)s") % {"column": column} if column else "",
        ]
        where = ", ".join(part for part in place if part)
        super().__init__(": ".join(part for part in (where, why) if part) + (f"; {mend}" if mend else ""))


@dataclass(frozen=True)
class _Named:
    """A question with its place in the sheet and in the form."""

    place: int
    path: str
    type: str
    list: str
    answers: str


def mapping_of(
    survey: Sequence[Row], choices: Sequence[Row], dictionary: Mapping[str, Fact], *, root: str
) -> dict[str, str]:
    """What each mapped question answers, by its path. Raises FormError."""
    found: dict[str, str] = {}
    for one in _questions(survey, root):
        if not one.answers:
            continue
        if one.answers not in PARTS and one.answers not in dictionary:
            raise FormError(
                "survey", one.place, COLUMN,
                _("'%(name)s' is neither a fact of the register nor a part of a visit") % {"name": one.answers},
                _("write a fact of the dictionary, or one of %(known)s") % {"known": ", ".join(PARTS)},
            )  # fmt: skip
        if one.answers in dictionary:
            _check_type(one, dictionary[one.answers])
            _check_choices(one, dictionary[one.answers], choices)
        found[one.path] = one.answers
    return found


def _questions(survey: Sequence[Row], root: str) -> Iterator[_Named]:
    above: list[str] = [f"/{root}"]
    for place, row in enumerate(survey, start=2):
        kind, _blank, rest = (
            row.get("type", "").replace("begin ", "begin_").replace("end ", "end_").partition(" ")
        )
        kind = {"select1": "select_one", "select": "select_multiple"}.get(kind.lower(), kind.lower())
        path = f"{above[-1]}/{row.get('name', '')}"
        if kind in ("begin_group", "begin_repeat"):
            above.append(path)
        elif kind in ("end_group", "end_repeat") and len(above) > 1:
            above.pop()
        elif row.get("name"):
            answers = next((value for name, value in row.items() if name.lower() == COLUMN), "")
            yield _Named(place, path, kind, rest.strip().partition(" ")[0], answers.strip())


def _check_type(one: _Named, fact: Fact) -> None:
    if one.type not in TYPES[fact.type]:
        raise FormError(
            "survey", one.place, "type",
            _("a question of the type %(type)s cannot answer %(fact)s, which is of the type %(wanted)s")
            % {"type": one.type, "fact": fact.name, "wanted": fact.type},
            _("make it one of %(known)s") % {"known": ", ".join(TYPES[fact.type])},
        )  # fmt: skip


def _check_choices(one: _Named, fact: Fact, choices: Sequence[Row]) -> None:
    allowed = {"true", "false", "yes", "no", "1", "0"} if fact.type == "boolean" else set(fact.values)
    if not allowed or not re.fullmatch(r"select_(one|multiple)", one.type):
        return
    for place, row in enumerate(choices, start=2):
        if (row.get("list_name") or row.get("list name")) == one.list and row.get("name") not in allowed:
            raise FormError(
                "choices", place, "name",
                _("'%(name)s' is no value of %(fact)s") % {"name": row.get("name"), "fact": fact.name},
                _("write one of %(known)s") % {"known": ", ".join(sorted(allowed))},
            )  # fmt: skip
