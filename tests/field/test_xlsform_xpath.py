"""What expressions of forms come to, by the examples of the ODK XForms specification and by hand."""

from __future__ import annotations

import datetime
import math
from xml.etree import ElementTree as ET

import pytest

from highground.field.forms.parsing import parse
from highground.field.forms.xpath import BadExpression, Place, Value, World

FORM = """
<data><wage>1200</wage><cost>200.5</cost><risks>illness other</risks><empty/><born>2020-02-29</born>
<member><age>7</age></member><member><age>41</age></member><household>H2</household></data>
"""
LIST = """
<instance><root><item><name>H1</name><label>Huang</label></item>
<item><name>H2</name><label>Qin</label><nth>2</nth></item></root></instance>
"""
NOW = datetime.datetime(2026, 3, 10, 9, 30, tzinfo=datetime.UTC)


def value(source: str, at: str = ".") -> Value:
    root = ET.fromstring(FORM)
    world = World(root, {"households": ET.fromstring(LIST)}, NOW)
    node = root.find(at)
    assert node is not None
    found = parse(source.replace("ROWS", "root/item")).value(Place(node, world))
    return [world.text(one) for one in found] if isinstance(found, list) else found  # type: ignore[misc]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (" /data/wage  - /data/cost", 999.5),
        ("2 + 3 * 4 - 6 div 4", 12.5),
        ("-7 mod 3", -1.0),
        ("- (2 - 5)", 3.0),
        ("1 div 0", math.inf),
        ("/data/wage >= 1200 and not(/data/wage > 1200)", True),
        ("/data/empty = ''", True),
        ("/data/empty > 0", False),
        ("/data/empty < 1", False),
        ("/data/member/age > 40", True),
        ("/data/member/age > 41", False),
        ("/data/member/age", ["7", "41"]),
        ("/data/member[2]/age", ["41"]),
        ("count(/data/member[age < 18])", 1.0),
        ("sum(/data/member/age)", 48.0),
        ("max(/data/member/age, 90)", 90.0),
        ("selected(/data/risks, 'illness')", True),
        ("selected(/data/risks, 'ill')", False),
        ("count-selected(/data/risks)", 2.0),
        ("selected-at(/data/risks, 1)", "other"),
        ("if(/data/wage = 1200, 'as told', 'other')", "as told"),
        ("coalesce(/data/empty, 'x')", "x"),
        ("concat('a', /data/wage, 1 + 1)", "a12002"),
        ("join(', ', /data/member/age)", "7, 41"),
        ("/data/born < today()", True),
        ("today() - 10 = date('2026-02-28')", True),
        ("date(today() - 10)", "2026-02-28"),
        ("format-date(/data/born, '%e.%n.%Y')", "29.2.2020"),
        ("decimal-date-time('1970-01-02')", 1.0),
        ("int(-3.7)", -3.0),
        ("round(2.5)", 3.0),
        ("round(-2.5)", -3.0),
        ("round(1.255, 2)", 1.26),
        ("regex('12a', '[0-9]{2}a')", True),
        ("regex('12ab', '^[0-9]{2}a$')", False),
        ("substr('village', 2, 5)", "lla"),
        ("string-length('七里') = 2", True),
        ("instance('households')/ROWS[name = /data/household]/label", ["Qin"]),
        ("instance('households')/ROWS[name = 'H2' and nth = 2]/label", ["Qin"]),
        ("count(instance('households')/ROWS[nth != ''])", 1.0),
        ("boolean-from-string('true') and true()", True),
        ("'or' = 'or'", True),
    ],
)
def test_what_an_expression_comes_to(source: str, expected: Value) -> None:
    found = value(source)
    assert found == expected and type(found) is type(expected)


def test_relative_paths_and_the_place_itself() -> None:
    assert value("../age", "member/age") == ["7"]
    assert value(". > 5", "member/age") is True
    assert value("position(..)", "member/age") == 1.0
    assert value("instance('households')/ROWS[name = current()/../household]/label", "wage") == ["Qin"]
    assert value("once('first')", "empty") == "first" and value("once('first')", "wage") == "1200"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("pulldata('a', 'b', 'c', 'd')", "pulldata() is not one"),
        ("selected(/data/a)", "takes 2 arguments, not 1"),
        ("round(1, 2, 3)", "takes 1 to 2 arguments"),
        ("foo(1", "missing"),
        ("1 +", "missing at the end"),
        ("a b", "'b' is not expected"),
        ("/data/#", "cannot be read"),
        ("(" * 90 + "1" + ")" * 90, "too deeply"),
        ("", "missing at the end"),
        ("ancestor::x", "':"),
    ],
)
def test_what_cannot_be_reckoned_with_is_refused(source: str, says: str) -> None:
    with pytest.raises(BadExpression) as refused:
        parse(source)
    assert says in str(refused.value)
