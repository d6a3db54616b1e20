"""ODK Web Forms as a referee: what somebody types there gives the same instance as Highground's own reckoning."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pytest

from highground.field.forms.filling import Filling, table
from highground.field.forms.model import read_form
from highground.field.forms.taking import read_workbook
from highground.field.forms.visit import flat, visit_sheets
from highground.field.instance import Answers, read_instance
from highground.methods.rules import load_rulebook
from tests.support.phone import form
from tests.support.web_forms import ZONE, WebForms, find_web_forms
from tests.support.workbooks import water_form, workbook

NOW = datetime.datetime.now(ZoneInfo(ZONE))
ITS_OWN = ("instanceID", "started", "finished")
"""What differs from one instance to the next."""

HOUSEHOLDS = """name,label,__version,rulebook,kind,case,step,why,ask,known_income_wage_12m,text_income_wage_12m
H1,Huang · 0122,41,demo-cn,look,,,A clue,income_wage_12m household_size,12000,"12,000 yuan, since 2020"
H2,Qin · 0874,7,other,look,,,,,,
"""
MEMBERS = """name,label,__version,household,nth,ask
M1,Mei,41,H1,1,school_status
M2,Mo,41,H1,,
M3,Wu,41,H1,2,labour
M4,Lan,7,H2,1,labour
"""
TABLES = {"households": HOUSEHOLDS, "household_members": MEMBERS, "companions": "name,label\n7,Qin Hao\n"}


def written(xml: str, answers: Mapping[str, str], then: Mapping[str, str] | None = None) -> ET.Element:
    """The instance that Highground makes of these answers, given one after another."""
    lists = {name: table(content) for name, content in TABLES.items()}
    filling = Filling(read_form(xml), lists, now=NOW, instance_id="uuid:1")
    for name, answer in [*answers.items(), *(then or {}).items()]:
        filling.put(name, answer)
        filling.settle()
    assert [one.name for one in filling.asked() if filling.wrong(one)] == []
    return ET.fromstring(filling.xml())


def compared(node: ET.Element) -> list[tuple[str, str, dict[str, str]]]:
    """Every node in order: its name, what stands in it, its attributes without those of name spaces."""
    return [
        (one.tag, "" if one.tag in ITS_OWN or len(one) else (one.text or ""),
         {name: value for name, value in one.attrib.items() if "}" not in name})
        for one in node.iter()
    ]  # fmt: skip


def said(answers: Answers) -> dict[str, Any]:
    """What the office reads in a form, whatever it is called and in which order it says it."""
    return {**vars(answers), "form": "", "values": sorted(answers.values)}


@pytest.fixture
def opened(browser):
    find_web_forms()
    kept: list[WebForms] = []

    def open_form(xml: str) -> WebForms:
        kept.append(WebForms(browser, xml, TABLES))
        return kept[-1]

    yield open_form
    for one in kept:
        one.close()


def test_the_visit_form_gives_the_same_instance_and_the_same_visit_as_the_phone(db, opened) -> None:
    from pyxform.xls2xform import convert

    xml = convert(flat(visit_sheets(load_rulebook("demo-cn")))).xform
    there = opened(xml)
    there.pick("Which household?", "Huang · 0122")
    there.tick("Wage income: we have 12,000 yuan, since 2020. Is that still right?", "yes")
    there.write("Household size", "4")
    there.tick("Schooling", "out_of_school")
    there.tick("Who came along?", "7")
    there.tick("What comes of it?", "worry")
    there.write("What was seen", 'Thin, <cold> & "tired".')
    there.write("What the family asks for, in its own words", "我们需要药")
    there.tick("In which language?", "za")
    sent = there.send()
    day = sent.findtext("day") or ""
    here = written(
        xml,
        {
            "/data/day": day,
            "/data/household": "H1",
            "/data/asked/still_income_wage_12m": "yes",
            "/data/asked/new_household_size": "4",
            "/data/members[1]/member_asked/new_school_status": "out_of_school",
            "/data/visitors": "7",
            "/data/outcome": "worry",
            "/data/note": 'Thin, <cold> & "tired".',
            "/data/need_words": "我们需要药",
            "/data/need_language": "za",
        },
    )
    assert compared(sent) == compared(here)
    phone = form(
        "H1", instance="uuid:1", base=41, kind="look", day=day, facts={"income_wage_12m": "12000", "household_size": "4"},
        members={"M1": {"school_status": "out_of_school"}}, confirmed="income_wage_12m", visitors="7", outcome="worry",
        note="Thin, <cold> & \"tired\".", need_words="我们需要药",
        need_language="za",
    )  # fmt: skip
    by_collect, by_phone = read_instance(ET.tostring(here)), read_instance(phone.encode())
    assert by_collect.form == "visit-demo-cn"
    assert said(by_collect) == said(by_phone)


def test_a_form_by_others_with_a_group_a_repeat_and_an_entity_gives_the_same_instance(db, opened) -> None:
    xml = read_workbook(water_form()).xml
    there = opened(xml)
    there.tick("Household", "H1")
    there.tick("Is the water unsafe?", "yes")
    there.write("Wages in a year", "18000.5")
    there.write("Which well?", "the old one")
    there.tick("Who?", "M1")
    there.tick("School", "in_school")
    there.page.get_by_role("button", name="Add").click()
    there.tick("Who?", "M3", 1)
    there.tick("School", "out_of_school", 1)
    there.write("What was said", "The pump is broken.")
    sent = there.send()
    here = written(
        xml,
        {
            "/data/home": "H1",
            "/data/water/unsafe": "yes",
            "/data/water/wage": "18000.5",
            "/data/water/well": "the old one",
            "/data/pupil[1]/who": "M1",
            "/data/pupil[1]/school": "in_school",
            "/data/pupil[2]/who": "M3",
            "/data/pupil[2]/school": "out_of_school",
            "/data/said": "The pump is broken.",
        },
    )
    assert compared(sent) == compared(here)
    entity = here.find("meta/entity")
    assert entity is not None and (entity.get("id"), entity.get("baseVersion")) == ("H1", "41")


def test_what_is_not_relevant_is_left_out_by_both(db, opened) -> None:
    xml = read_workbook(water_form()).xml
    there = opened(xml)
    there.tick("Household", "H2")
    there.tick("Is the water unsafe?", "yes")
    there.write("Which well?", "the old one")
    there.tick("Is the water unsafe?", "no")
    sent = there.send()
    here = written(
        xml,
        {"/data/home": "H2", "/data/water/unsafe": "yes", "/data/water/well": "the old one"},
        then={"/data/water/unsafe": "no"},
    )
    assert compared(sent) == compared(here) and here.find("water/well") is None


EXPRESSIONS = """
1 div 3
10 div 4
0.1 + 0.2
-7 mod 3
round(2.5)
round(-2.5)
round(1234.567, -2)
int(-3.7)
int('12abc')
number('')
number('12.50') * 2
1000000 * 1000000
${wage} - ${cost}
${wage} > '900'
${empty} = ''
${empty} + 1
${empty} < 5
string(1 = 1)
concat('a', 1, 2.5, true())
if(${wage} > 1000, 'much', 'little')
coalesce(${empty}, 'x')
selected('a b c', 'b')
selected('ab c', 'b')
count-selected('a b c')
selected-at('a b c', 1)
selected-at('a b c', 9)
string-length('七里村')
substr('village', 2, 5)
substr('village', 4)
contains('village', 'lag')
starts-with('village', 'vil')
ends-with('village', 'age')
normalize-space('  a   b ')
regex('12a', '[0-9]{2}a')
regex('x12a', '[0-9]{2}a')
not(${empty})
boolean-from-string('1')
date('2024-02-29')
date('2024-02-29') < date('2024-03-01')
${born} < '2021-01-01'
${born} = '2020-02-29'
format-date(${born}, '%Y/%m/%d')
format-date(${born}, '%e.%n.%y')
decimal-date-time('2020-03-01') - decimal-date-time('2020-02-29')
int((date('2026-03-10') - ${born}) div 365.25)
max(1, 7, 3)
min(4, 2)
count(instance('households')/ROWS)
count(instance('households')/ROWS[kind = 'look' and case = ''])
instance('households')/ROWS[name = 'H2']/label
instance('households')/ROWS[2]/label
instance('households')/ROWS[name = 'H9']/label
"""


def test_expressions_come_to_the_same(db, opened) -> None:
    sources = EXPRESSIONS.replace("ROWS", "root/item").strip().splitlines()
    survey = [
        ["type", "name", "label", "default", "calculation"],
        ["csv-external", "households", "", "", ""],
        ["decimal", "wage", "Wage", "1200", ""],
        ["decimal", "cost", "Cost", "200.5", ""],
        ["text", "empty", "Empty", "", ""],
        ["date", "born", "Born", "2020-02-29", ""],
        *(["calculate", f"r{place}", "", "", source] for place, source in enumerate(sources)),
    ]
    xml = read_workbook(workbook(survey=survey, settings=[["form_id", "version"], ["x", "1"]])).xml
    sent, here = opened(xml).send(), written(xml, {})
    differing = {
        source: (there_is, here_is)
        for place, source in enumerate(sources)
        # What is no number is left empty here, as in ODK Collect; Web Forms writes NaN.
        if (there_is := (sent.findtext(f"r{place}") or "").replace("NaN", ""))
        != (here_is := here.findtext(f"r{place}") or "")
    }
    assert differing == {}
