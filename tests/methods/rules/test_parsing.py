"""What the language takes and what it refuses, with the position and the mend."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highground.methods.facts import load_dictionary
from highground.methods.rules import RulebookError, read_rulebook, tree
from highground.methods.rules.bounds import Limits, measure
from highground.methods.rules.parsing import ExpressionError, Scope, canonical, parse_expression

SCOPE = Scope(
    load_dictionary(), 2, {"line": "money", "heads": "count"}, {"net": "money"}, frozenset({"poor_enough"})
)
REFUSED = {
    # text: (column, part of the message, part of the mend)
    "relocated; DROP TABLE x": (1, "exactly one expression", "without semicolons"),
    "(SELECT 1) = 1": (9, "no 'subquery'", "no sub-queries"),
    "relocated AND EXISTS (SELECT 1)": (30, "", "use one of"),
    "household_size IN (SELECT 1)": (1, "IN needs a list", "IN ('a', 'b')"),
    "read_csv('x') = 1": (1, "there is no function", "use one of"),
    "getenv('HOME') = 'x'": (8, "", ""),
    "COLUMNS('x')": (1, "", ""),
    "CAST(household_size AS INT) = 1": (6, "no 'cast'", "no casts"),
    "household_size::INT = 1": (1, "no 'cast'", "no casts"),
    "household_size = ?": (1, "no 'placeholder'", "no placeholders"),
    "household_size = $1": (1, "", ""),
    "stratum COLLATE nocase = 'rural'": (1, "", "no collations"),
    "h.relocated": (1, "'h.relocated' names a table", "write the fact's name alone"),
    '"relocated"': (1, "double quotes", "names stand bare"),
    "relocatd": (1, "'relocatd' is not known", "did you mean relocated"),
    "CASE WHEN relocated THEN monitored END": (11, "no 'case'", "named conditions"),
    "relocated IS NULL": (1, "no 'is'", "cannot ask whether a fact is missing"),
    "household_size / 2 > 1": (1, "no 'div'", "no division"),
    "household_size % 2 = 1": (1, "no 'mod'", "no remainder"),
    "stratum LIKE 'r%'": (1, "no 'like'", "no text matching"),
    "stratum || 'x' = 'rural'": (1, "no 'dpipe'", "no joining of texts"),
    "*": (1, "", ""),
    "relocated AS x": (1, "no 'alias'", "no alias"),
    "household_size <=> 1": (1, "no 'nullsafeeq'", "use = or <>"),
    "household_size": (1, "", ""),
    "net": (1, "", ""),
    "relocated + 1 > 2": (1, "yes or no stands where a number", "count_true"),
    "NOT household_size": (5, "a count stands where yes or no", "compare it"),
    "income_wage_12m > household_size": (
        1,
        "a money and a count do not go together",
        "compare like with like",
    ),
    "income_wage_12m * household_size > 1": (1, "only a plain number may multiply", "constant"),
    "stratum = 'Rural'": (11, "no value 'Rural'", "use one of rural, urban"),
    "stratum < 'rural'": (1, "texts have no order", "use = or <>"),
    "stratum": (1, "is a category", "compare it with one of"),
    "risks = 'illness'": (1, "'risks' is a list", "has(risks"),
    "has(risks, 'flood')": (12, "no value 'flood'", "use one of illness"),
    "has(stratum, 'rural')": (1, "'stratum' is no list", "compare it with ="),
    "is_empty(risks, risks)": (1, "is_empty is not written so", "is_empty(risks)"),
    "birth_date > 3": (1, "is a fact of members", "use any_member"),
    "any_member(birth_date)": (12, "is a date", "use age"),
    "age > 3": (1, "'age' is a member's", "within any_member"),
    "any_member(relocated)": (12, "is a fact of the household", "move it out"),
    "any_member(ethnicity = 'han')": (12, "may be read by no rule", "to see who is missed"),
    "any_member(line > 1)": (12, "'line' is not known here", "only member facts"),
    "any_member(any_member(medical_insurance))": (12, "cannot stand within members", "move it out"),
    "any_member()": (1, "takes one argument", "it has 0"),
    "share_members(medical_insurance) >= 2": (1, "a share is compared with a number from 0 to 1", ""),
    "share_members(medical_insurance) + 1 > 2": (1, "cannot be added", ""),
    "per_person(relocated) > 1": (12, "yes or no stands where a number", ""),
    "per_person(net) + 1 > 2": (1, "cannot be added", "add first"),
    "per_person(3) > 2": (1, "means nothing", ""),
    "sum_members(medical_insurance) > 1": (1, "sum_members of a truth means nothing", ""),
    "count_true() > 1": (1, "counts nothing", ""),
    "household_size > 1e30": (18, "not a plain number", ""),
    "household_size > 'x'": (1, "", ""),
    "relocated AND": (13, "cannot be read", "check brackets"),
    "((relocated)": (12, "cannot be read", "check brackets"),
    "(" * 40 + "relocated" + ")" * 40: (31, "nested more than 30 deep", "named conditions"),
    "relocated OR " * 400 + "relocated": (1, "characters; at most", "named conditions"),
    "stratum IN ('rural', 'rural')": (1, "stands twice", "each value once"),
    "household_size BETWEEN SYMMETRIC 3 AND 1": (1, "", ""),
    "PRAGMA database_list": (1, "", ""),
    "ATTACH 'x'": (1, "", ""),
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:40] or "empty")
def test_what_the_language_does_not_have_is_refused(text: str) -> None:
    column, message, mend = REFUSED[text]
    with pytest.raises(RulebookError) as error:
        read_rulebook({"id": "x", "currency": "CNY", "parameters": {"line": {}, "heads": {"type": "integer"}},
                       "derived": {"net": {"expression": "income_wage_12m"}},
                       "classes": [{"id": "c", "when": text}]}, origin="mine.yaml")  # fmt: skip
    said = str(error.value)
    assert said.startswith("mine.yaml: classes.c"), said
    assert message in said and mend in said, said
    if message:
        assert re.search(rf"column {column}\b", said) or not text, said


def test_there_are_many_more_than_twenty_kinds() -> None:
    assert len(REFUSED) > 50


@pytest.mark.parametrize("text", ["", "  ", "-- nothing"])
def test_an_empty_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="the expression is empty; write one condition"):
        parse_expression(text, SCOPE)


def test_semicolons_around_one_expression_do_no_harm() -> None:
    for text in ("; ;relocated", "relocated;", ";relocated;"):
        assert parse_expression(text, SCOPE)[1] == "truth" and canonical(text) == "relocated"


def test_a_position_counts_lines() -> None:
    with pytest.raises(ExpressionError) as error:
        parse_expression("relocated\n  AND nowhere", SCOPE)
    assert (error.value.line, error.value.column) == (2, 7)


def test_comments_are_dropped() -> None:
    text = "relocated -- not for long\n AND /* really */ monitored"
    assert canonical(text) == canonical("relocated AND monitored") == "relocated AND monitored"
    node, kind = parse_expression(text, SCOPE)
    assert kind == "truth" and [type(part) for part in tree.walk(node)] == [
        tree.And,
        tree.BooleanFact,
        tree.BooleanFact,
    ]


def test_a_literal_beside_money_is_in_minor_units() -> None:
    node, _ = parse_expression("income_wage_12m < 3500.5", SCOPE)
    assert isinstance(node, tree.Compare) and isinstance(node.right, tree.Number)
    assert (node.right.value, node.right.money) == (Fraction(350050), True)
    plain, _ = parse_expression("household_size < 3", SCOPE)
    assert isinstance(plain, tree.Compare) and plain.right == tree.Number(17, 18, Fraction(3))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("relocated = TRUE", "relocated"),
        ("relocated <> FALSE", "relocated"),
        ("relocated = FALSE", "NOT relocated"),
        ("TRUE <> poor_enough", "NOT poor_enough"),
    ],
)
def test_a_condition_may_be_compared_with_true_and_false(text: str, same: str) -> None:
    found, wanted = (list(tree.walk(parse_expression(one, SCOPE)[0])) for one in (text, same))
    assert [(type(part), getattr(part, "name", None)) for part in found] == [
        (type(part), getattr(part, "name", None)) for part in wanted
    ]


def test_constants_go_into_per_person() -> None:
    node, _ = parse_expression("per_person(net) * 2 < 3 * line", SCOPE)
    assert isinstance(node, tree.Compare) and isinstance(node.left, tree.PerPerson)
    assert isinstance(node.left.operand, tree.Scale) and node.left.operand.factor == 2


def test_a_share_may_stand_on_either_side() -> None:
    node, _ = parse_expression("0.25 <= share_members(medical_insurance)", SCOPE)
    assert isinstance(node, tree.Compare)
    assert (type(node.left), node.operator) == (tree.ShareMembers, ">=")


def test_names_keep_their_place_in_the_text() -> None:
    text = "NOT (relocated AND count_true(monitored, owns_car) >= 1)"
    node, _ = parse_expression(text, SCOPE)
    found = {type(part).__name__: text[part.start : part.end] for part in tree.walk(node)}
    assert found["Compare"] == "count_true(monitored, owns_car) >= 1"
    assert found["CountTrue"] == "count_true(monitored, owns_car)"


LIMITS = Limits(load_dictionary(), 2, {"line": (0, 10**8), "heads": (0, 10)}, {})


@pytest.mark.parametrize(
    "text",
    [
        "1000000 * income_wage_12m > 0",
        "per_person(1000 * income_wage_12m) <= 1000 * 1000 * line",
        "income_wage_12m > 100000000000000000",
        "sum_members(10000000000000000 * work_months_away) > 0",
    ],
)
def test_an_expression_that_could_pass_64_bits_is_refused(text: str) -> None:
    node, _ = parse_expression(text, SCOPE)
    with pytest.raises(ExpressionError, match="past what 64 bits hold"):
        measure(node, LIMITS, text)


def test_sums_of_the_largest_amounts_still_fit() -> None:
    text = "per_person(income_wage_12m + income_business_12m) <= 1.5 * line"
    node, _ = parse_expression(text, SCOPE)
    measure(node, LIMITS, text)


@pytest.mark.parametrize(
    "text", [". 0.5", "$1 $1 school_status = 'in_school' AND work\n_months_away UNION 0"]
)
def test_what_an_hour_of_fuzzing_found_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text, SCOPE)
    assert caught.value.line >= 1 and caught.value.column >= 1 and caught.value.mend


PIECES = st.sampled_from(
    "relocated stratum 'rural' income_wage_12m 1 0.5 ( ) , AND OR NOT = <> < >= + - * / % IN BETWEEN IS NULL has risks "
    "'illness' any_member age per_person count_true share_members ; -- /* */ SELECT CASE WHEN THEN END :: INT ? $1 [ ] "
    "{ } . \" ' x -> lambda : || ~ COLLATE INTERVAL DATE CAST AS EXISTS * \\ \x00 工资 ' ; DROP TABLE".split(
        " "
    )
)


@settings(max_examples=600, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=14).map(" ".join))
def test_nothing_but_a_tree_or_a_clear_refusal_comes_out(text: str) -> None:
    """Pieces of SQL in any order are read as a tree of ours, or refused with a position in the text."""
    try:
        node, _ = parse_expression(text, SCOPE)
    except ExpressionError as error:
        assert error.line >= 1 and error.column >= 1 and error.message and error.mend
    else:
        assert all(type(part).__module__ == tree.__name__ for part in tree.walk(node))


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    try:
        parse_expression(text, SCOPE)
    except ExpressionError as error:
        assert str(error)
