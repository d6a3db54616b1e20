"""The visit form of a rulebook as an XLSForm: the facts that its rules read, each asked only of a household that it
could change something for.

Which questions those are stands in the entity list (`openrosa/lists.py`): the column `ask` of the household or the
member. What is known but too old is confirmed by one tap, or asked anew. The instance has the elements that the phone's
own page sends, so that one reader (`instance.py`) takes both in; what only leads through the form lies in groups called
`asked`, which the reader passes over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import get_language_info, gettext, override
from django.utils.translation import gettext_noop as _
from pyxform.xls2xform import convert

from highground.cases.forms.questions import RISKS
from highground.cases.needs.forms import languages
from highground.field.cards import look_outcomes
from highground.field.forms.names import COMPANIONS, HOUSEHOLDS, MEMBERS, VISIT
from highground.methods.facts import Fact, load_dictionary
from highground.methods.rules import Rulebook
from highground.methods.rules.procedure.graph import Effect, Phase, Step, Through
from highground.methods.rules.statement import EXITED, facts_needed
from highground.signals.rulebooks import book_of, said

LOOK = "look"
"""What stands for the step of a visit that no case called for."""

SMALL = {"parameters": "max-pixels=1600"}
"""Collect makes pictures no larger than this: a village line carries them."""

ROWS = "root/item"
"""The rows of a list, from its instance on."""

Row = dict[str, Any]


@dataclass(frozen=True)
class MadeForm:
    """A form that Highground makes itself: what a device lists, and the XForm."""

    form_id: str
    version: str
    title: str
    xml: str


def form_id_of(rulebook: str) -> str:
    """The id of the visit form of a rulebook."""
    return f"{VISIT}-{rulebook}"


@lru_cache(maxsize=16)
def visit_form(content_hash: str) -> MadeForm:
    """The visit form of the rulebook with this content, in every language of the office. One query, the first time.

    Its version is a hash of its content: a device fetches it again when a question or a word changes.
    """
    book = book_of(content_hash)
    sheets = visit_sheets(book)
    version = hashlib.sha256(json.dumps(sheets, sort_keys=True).encode()).hexdigest()[:12]
    sheets["settings"][0]["version"] = version
    title = sheets["settings"][0]["form_title"]
    return MadeForm(form_id_of(book.id), version, title, convert(flat(sheets)).xform)


def asked_facts(book: Rulebook) -> list[Fact]:
    """The facts that the form of this rulebook can ask, in the dictionary's order."""
    names = facts_needed(book, EXITED) - {RISKS, "monitored"}
    return [fact for fact in book.dictionary.values() if fact.name in names]


def visit_sheets(book: Rulebook) -> dict[str, list[Row]]:
    """The sheets of the XLSForm, as pyxform takes them."""
    return {
        "survey": list(_survey(book)),
        "choices": list(_choices(book)),
        "settings": [
            {
                "form_title": gettext("Visit: %(rulebook)s") % {"rulebook": said(book.title)},
                "form_id": form_id_of(book.id),
                "default_language": _language_name(settings.LANGUAGE_CODE),
                "allow_choice_duplicates": "yes",
            }
        ],
    }


def flat(sheets: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """The sheets as they stand in a workbook: a column for each language, and the row of headings for each sheet."""
    found: dict[str, list[Row]] = {}
    for sheet, rows in sheets.items():
        found[sheet] = [dict(_cells(row)) for row in rows]
        found[f"{sheet}_header"] = [dict.fromkeys(name for row in found[sheet] for name in row)]
    return found


def _cells(row: Row) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from ((f"{name}::{language}", text) for language, text in value.items())
        else:
            yield name, str(value)


# --- Words in every language ---


def _language_name(code: str) -> str:
    return f"{get_language_info(code)['name_local']} ({code.partition('-')[0]})"


def words(message: str, **values: Any) -> dict[str, str]:
    """A text of the office in each of its languages, as the translated column of an XLSForm."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            shown = {name: value() if callable(value) else value for name, value in values.items()}
            found[_language_name(code)] = gettext(message) % shown if shown else gettext(message)
    return found


def _said(texts: Any) -> dict[str, str]:
    """A text of the rulebook or the dictionary in each language of the office."""
    return words("%(text)s", text=lambda: capfirst(said(texts)))


# --- The questions ---


def _survey(book: Rulebook) -> Iterator[Row]:
    facts = asked_facts(book)
    yield {"type": "start", "name": "started"}
    yield {"type": "end", "name": "finished"}
    yield {"type": "csv-external", "name": MEMBERS}
    yield {
        "type": f"select_one_from_file {HOUSEHOLDS}.csv",
        "name": "household",
        "label": words(_("Which household?")),
        "required": "yes",
        "choice_filter": f"rulebook = '{book.id}'",
        "appearance": "autocomplete",
    }
    for name in ("base", "kind", "case", "step"):
        yield _calculate(name, _of_household("__version" if name == "base" else name))
    yield {
        "type": "date",
        "name": "day",
        "label": words(_("On which day?")),
        "default": "today()",
        "required": "yes",
        "constraint": ". <= today()",
        "constraint_message": words(_("This day is still to come.")),
    }
    yield from _asked_of_household([one for one in facts if one.entity == "household"])
    yield from _asked_of_members([one for one in facts if one.entity == "member"])
    yield _calculate("confirmed", _confirmed([one for one in facts if one.entity == "household"]))
    yield from _ending(book)


def _asked_of_household(facts: list[Fact]) -> Iterator[Row]:
    yield {"type": "begin_group", "name": "asked", "label": words(_("What is asked"))}
    yield _calculate("step_key", f"if(${{step}} = '', '{LOOK}', ${{step}})")
    yield _calculate("ask", _of_household("ask"))
    yield _calculate("why", _of_household("why"))
    yield {
        "type": "note",
        "name": "why_shown",
        "label": words(_("Why this visit: %(why)s"), why="${why}"),
        "relevant": "${why} != ''",
    }
    for fact in facts:
        yield from _question(fact, "ask", _of_household)
    yield {"type": "end_group"}
    yield {"type": "begin_group", "name": "facts"}
    for fact in facts:
        yield _answer(fact, fact.name)
    yield {"type": "end_group"}


def _asked_of_members(facts: list[Fact]) -> Iterator[Row]:
    here = f"instance('{MEMBERS}')/{ROWS}[household = ${{household}}"
    yield _calculate("members_asked", f"count({here} and nth != ''])")
    yield {
        "type": "begin_repeat",
        "name": "members",
        "label": words(_("Members of the household")),
        "repeat_count": "${members_asked}",
    }
    yield _calculate("member", f"{here} and nth = ${{place}}]/name")

    def of_member(column: str) -> str:
        return f"instance('{MEMBERS}')/{ROWS}[name = ${{member}}]/{column}"

    yield {"type": "begin_group", "name": "member_asked"}
    yield _calculate("place", "position(../..)")
    yield _calculate("member_ask", of_member("ask"))
    yield _calculate("member_name", of_member("label"))
    yield {"type": "note", "name": "member_shown", "label": words(_("About %(who)s"), who="${member_name}")}
    for fact in facts:
        yield from _question(fact, "member_ask", of_member)
    still_right = (
        f"if(${{still_{one.name}}} = 'yes', concat('{one.name}@', ${{member}}, ' '), '')" for one in facts
    )
    yield _calculate("still_right", f"concat({', '.join(still_right)})")
    yield {"type": "end_group"}
    for fact in facts:
        yield _answer(fact, fact.name)
    yield {"type": "end_repeat"}


def _question(fact: Fact, ask: str, column: Any) -> Iterator[Row]:
    """A fact: confirm what is known but too old, else say how it is."""
    wanted = f"selected(${{{ask}}}, '{fact.name}')"
    known, still, text = f"known_{fact.name}", f"still_{fact.name}", f"text_{fact.name}"
    yield _calculate(known, column(known))
    yield _calculate(text, column(text))
    yield {
        "type": "select_one still",
        "name": still,
        "label": words(
            _("%(fact)s: we have %(value)s. Is that still right?"),
            fact=lambda: capfirst(said(fact.label)),
            value=f"${{{text}}}",
        ),
        "relevant": f"{wanted} and ${{{known}}} != ''",
    }
    yield {
        "type": _type(fact),
        "name": f"new_{fact.name}",
        "label": _said(fact.label),
        "hint": _said(fact.meaning),
        "relevant": f"{wanted} and (${{{known}}} = '' or ${{{still}}} = 'no')",
        **_bounds(fact),
    }


def _answer(fact: Fact, name: str) -> Row:
    still, known, new = f"${{still_{fact.name}}}", f"${{known_{fact.name}}}", f"${{new_{fact.name}}}"
    return _calculate(name, f"if({still} = 'yes', {known}, {new})")


def _confirmed(facts: list[Fact]) -> str:
    """The facts that were found still right, as the phone's own page names them."""
    named = [f"if(${{still_{one.name}}} = 'yes', '{one.name} ', '')" for one in facts]
    return f"concat({', '.join([*named, '${still_right}'])})"


def _type(fact: Fact) -> str:
    return {
        "money": "decimal",
        "integer": "integer",
        "date": "date",
        "boolean": "select_one yes_no",
        "category": f"select_one of_{fact.name}",
        "list": f"select_multiple of_{fact.name}",
    }[fact.type]


def _bounds(fact: Fact) -> Row:
    if fact.type == "date":
        return {
            "constraint": ". <= today()",
            "constraint_message": words(_("This day is still to come.")),
        }
    if fact.minimum is None:
        return {}
    return {
        "constraint": f". >= {fact.minimum} and . <= {fact.maximum}",
        "constraint_message": words(
            _("Between %(least)s and %(most)s."), least=fact.minimum, most=fact.maximum
        ),
    }


def _ending(book: Rulebook) -> Iterator[Row]:
    """What came of it, who went, what the family asks for, and pictures."""
    yield {
        "type": f"select_multiple_from_file {COMPANIONS}.csv",
        "name": "visitors",
        "label": words(_("Who came along?")),
    }
    yield {
        "type": "select_one outcome",
        "name": "outcome",
        "label": words(_("What comes of it?")),
        "choice_filter": "step = ${step_key}",
        "relevant": "${kind} != 'follow_up'",
    }
    classed = _when(one for one in _outcomes(book) if one.classed)
    if classed:
        yield {
            "type": "select_one class",
            "name": "class_id",
            "label": words(_("Which class is proposed?")),
            "relevant": classed,
        }
        yield {
            "type": "select_multiple risk",
            "name": "risks",
            "label": words(_("Which risks are there?")),
            "relevant": classed,
        }
    if reasoned := _when(one for one in _outcomes(book) if one.reasoned):
        yield {
            "type": "text",
            "name": "reason",
            "label": words(_("Why?")),
            "relevant": reasoned,
            "required": "yes",
        }
    for name, label in (
        ("note", _("What was seen")),
        ("need_words", _("What the family asks for, in its own words")),
    ):
        yield {"type": "text", "name": name, "label": words(label), "appearance": "multiline"}
    yield {"type": "audio", "name": "need_audio", "label": words(_("Or its words as a recording"))}
    yield {
        "type": "select_one language",
        "name": "need_language",
        "label": words(_("In which language?")),
        "relevant": "${need_words} != '' or ${need_audio} != ''",
    }
    yield {
        "type": "image",
        "name": "signature",
        "label": words(_("Signature")),
        "appearance": "signature",
        **SMALL,
    }
    yield {"type": "begin_repeat", "name": "photos", "label": words(_("Photos"))}
    yield {"type": "image", "name": "photo", "label": words(_("Photo")), **SMALL}
    yield {"type": "end_repeat"}
    yield {
        "type": "text",
        "name": "someone_else",
        "label": words(_("Does somebody else need a visit? Who, and why?")),
    }


@dataclass(frozen=True)
class _Outcome:
    step: str
    id: str
    label: dict[str, str]
    reasoned: bool = False
    classed: bool = False


def _outcomes(book: Rulebook) -> Iterator[_Outcome]:
    """How the visits of this rulebook can end, and a look that no case called for."""
    steps: list[Step] = list(book.procedure.steps.values()) if book.procedure else []
    for step in steps:
        if step.through != Through.VISIT:
            continue
        for one in step.outcomes.values():
            classed = step.phase == Phase.RECOGNITION and one.effect == Effect.NEXT
            yield _Outcome(step.id, one.id, _said(one.label), one.reason, classed)
    for place, look in enumerate(look_outcomes()):
        labels = words("%(text)s", text=lambda place=place: look_outcomes()[place]["label"])
        yield _Outcome(LOOK, look["id"], labels)


def _when(outcomes: Iterator[_Outcome]) -> str:
    return " or ".join(f"(${{step_key}} = '{one.step}' and ${{outcome}} = '{one.id}')" for one in outcomes)


def _choices(book: Rulebook) -> Iterator[Row]:
    for name, label in (("yes", _("Still right")), ("no", _("It has changed"))):
        yield {"list_name": "still", "name": name, "label": words(label)}
    for name, label in (("true", _("Yes")), ("false", _("No"))):
        yield {"list_name": "yes_no", "name": name, "label": words(label)}
    for fact in asked_facts(book):
        for name, text in fact.values.items():
            yield {"list_name": f"of_{fact.name}", "name": name, "label": _said(text)}
    for one in _outcomes(book):
        yield {"list_name": "outcome", "name": one.id, "label": one.label, "step": one.step}
    for each in book.classes:
        yield {"list_name": "class", "name": each.id, "label": _said(each.label)}
    for code, name in languages():
        if code:
            yield {"list_name": "language", "name": code, "label": words("%(text)s", text=name)}
    for name, text in load_dictionary()[RISKS].values.items():
        yield {"list_name": "risk", "name": name, "label": _said(text)}


def _calculate(name: str, expression: str) -> Row:
    return {"type": "calculate", "name": name, "calculation": expression}


def _of_household(column: str) -> str:
    return f"instance('{HOUSEHOLDS}')/{ROWS}[name = ${{household}}]/{column}"
