"""What pyxform finds wrong in a workbook, said in the reader's language first: pyxform itself speaks English alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from string import Formatter

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pyxform.errors import ErrorCode, PyXFormError

from highground.field.forms.mapping import FormError, Row

Told = tuple["str | Promise", "str | Promise"]
"""What is wrong, and how to mend it."""

SIGNS = gettext_lazy("begin with a letter or '_'; after it letters, digits, '_', '-' and '.'")
NO_NAME: Told = (
    gettext_lazy("a question, a group or a choice has no name"),
    gettext_lazy("write one in the column 'name'"),
)

BY_CODE: dict[ErrorCode, Told] = {
    ErrorCode.NAMES_001: (
        gettext_lazy("the name '%(value)s' stands twice in one place of the form"),
        gettext_lazy("give every question, group and repeat there a name of its own"),
    ),
    ErrorCode.NAMES_004: (
        gettext_lazy("two repeats are called '%(value)s'"),
        gettext_lazy("give each repeat of the form a name of its own"),
    ),
    ErrorCode.NAMES_006: NO_NAME,
    ErrorCode.NAMES_007: (
        gettext_lazy("two choices of one list have the same name"),
        gettext_lazy("give each choice of a list a name of its own"),
    ),
    ErrorCode.NAMES_008: (gettext_lazy("this is no name that a form can use"), SIGNS),
    ErrorCode.NAMES_009: (gettext_lazy("'%(name)s' is no name that a form can use"), SIGNS),
    ErrorCode.LABEL_001: (
        gettext_lazy("a choice has no label"),
        gettext_lazy("write what people shall read"),
    ),
    ErrorCode.PYREF_001: (
        gettext_lazy("a reference to another question cannot be read"),
        gettext_lazy("write it as ${name}"),
    ),
    ErrorCode.PYREF_003: (
        gettext_lazy("there is no question '%(q)s'"),
        gettext_lazy("write the name of a question of the sheet 'survey'"),
    ),
    ErrorCode.PYREF_004: (
        gettext_lazy("more than one question is called '%(q)s', so nobody can tell which is meant"),
        gettext_lazy("give each of them a name of its own"),
    ),
    ErrorCode.SURVEY_001: (
        gettext_lazy("a group or repeat ends here that did not begin"),
        gettext_lazy("write its begin_%(type)s above, or take this row out"),
    ),
    ErrorCode.SURVEY_002: (
        gettext_lazy("the group or repeat '%(name)s' does not end"),
        gettext_lazy("write end_%(type)s below its last question"),
    ),
    ErrorCode.HEADER_002: (
        gettext_lazy("'%(other)s' and '%(header)s' are two names of one column"),
        gettext_lazy("take one of them out"),
    ),
    ErrorCode.HEADER_003: (
        gettext_lazy("these columns are missing: %(missing)s"),
        gettext_lazy("write them in the first row of the sheet"),
    ),
}
"""The faults that people make most, by pyxform's own codes."""

BY_KIND: dict[str, str | Promise] = {
    "ENTITY": gettext_lazy("what the form says of its entities does not hold together"),
    "HEADER": gettext_lazy("the headings of a sheet are not those of an XLSForm"),
    "NAMES": gettext_lazy("a name cannot be used as it stands"),
    "PYREF": gettext_lazy("a reference to another question cannot be read"),
    "RANGE": gettext_lazy("the parameters of a range do not hold together"),
    "SURVEY": gettext_lazy("a row of the sheet 'survey' does not hold together"),
}
"""Any other fault, by the first part of its code."""

BY_TEXT: dict[str, Told] = {
    r"Question with no type": (
        gettext_lazy("a question has no type"),
        gettext_lazy("write for example text, integer, date or select_one LIST"),
    ),
    r"Question or group with no name": NO_NAME,
    r"List name not in choices sheet: (?P<list>\S+)": (
        gettext_lazy("there is no list of choices '%(list)s'"),
        gettext_lazy("write its choices in the sheet 'choices'"),
    ),
    r"There should be a choices sheet": (
        gettext_lazy("a question offers choices, and no sheet 'choices' has them"),
        gettext_lazy("add that sheet, with the columns list_name, name and label"),
    ),
    r"element named '(?P<name>[^']*)' has no label or hint": (
        gettext_lazy("the question '%(name)s' has no label"),
        gettext_lazy("write what people shall read"),
    ),
}
"""Faults to which pyxform gives no code of any kind."""

_ROW = re.compile(r"^\[row : \d+\]\s*")
_PLACE = re.compile(r"\[row : (\d+)\]\s*(?:On the '(\w+)' sheet, the '([^']+)' value)?")


def explained(error: PyXFormError, survey: Sequence[Row]) -> FormError:
    """What is wrong, with the sheet, the row, the column and the mend where they can be told; pyxform's own words last."""
    said = str(error).strip()
    if unknown := re.match(r"Unknown question type '(.*)'\.", said):
        row = next((n for n, one in enumerate(survey, start=2) if one.get("type") == unknown[1]), None)
        return FormError(
            "survey", row, "type", _("'%(name)s' is no type of question") % {"name": unknown[1]},
            _("write for example text, integer, date or select_one LIST"),
        )  # fmt: skip
    found = _PLACE.match(said)
    why, mend = _told(error, said)
    original = _("pyxform says: %(words)s") % {"words": " ".join(_ROW.sub("", said).split())}
    mend = f"{mend} ({original})" if mend else original
    if found is None:
        return FormError(why=why, mend=mend)
    return FormError(found[2] or "survey", int(found[1]), found[3] or "", why, mend)


def _told(error: PyXFormError, said: str) -> tuple[str, str]:
    """What is wrong and the mend, in the reader's language; the mend is empty where only pyxform's words tell it."""
    code, values = _code_of(error, said)
    if code in BY_CODE:
        why, mend = BY_CODE[code]
        return str(why) % values, str(mend) % values
    for pattern, (why, mend) in BY_TEXT.items():
        if match := re.search(pattern, said):
            return str(why) % match.groupdict(), str(mend)
    kind = code.name.partition("_")[0] if code else ""
    return str(BY_KIND.get(kind, _("this is no form that pyxform can read"))), ""


def _code_of(error: PyXFormError, said: str) -> tuple[ErrorCode | None, Mapping[str, str]]:
    """The code of a fault and what it is about. Where pyxform gives only the words of a code, they tell it."""
    if error.code:
        return error.code, defaultdict(str, {name: str(value) for name, value in error.context.items()})
    for code, pattern in _patterns().items():
        if match := pattern.fullmatch(said):
            return code, match.groupdict()
    return None, {}


@cache
def _patterns() -> Mapping[ErrorCode, re.Pattern[str]]:
    return {code: re.compile(_pattern_of(code.value.msg), re.S) for code in ErrorCode}


def _pattern_of(template: str) -> str:
    """A pattern for what a template of `str.format` comes to, with a group for each of its values."""
    found, seen = "", set[str]()
    for text, name, _spec, _conversion in Formatter().parse(template):
        found += re.escape(text)
        if name:
            found += f"(?P={name})" if name in seen else f"(?P<{name}>.*?)"
            seen.add(name)
    return found
