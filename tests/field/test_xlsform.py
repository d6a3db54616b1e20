"""Forms by others: taken in with every fault named, filled in with Collect, and brought into the register as far as mapped."""

from __future__ import annotations

import uuid
from string import Formatter
from xml.etree import ElementTree as ET

import pytest
from django.utils.translation import override
from pyxform.errors import ErrorCode, PyXFormError

from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.models import Visit
from highground.field.forms.answering import said_in
from highground.field.forms.faults import _code_of
from highground.field.forms.mapping import PARTS, FormError
from highground.field.forms.taking import read_workbook, take_in, withdraw
from highground.field.models import Conflict, Submission, SubmissionFile, TakenForm
from highground.methods.rules.procedure.path import NotAllowed
from highground.people.models import Observation
from highground.people.moves import merge_households, move_household
from tests.field.test_receiving import photo
from tests.support.collect import said
from tests.support.phone import everything
from tests.support.register import TODAY, learn
from tests.support.workbooks import water_form, workbook


def water(  # the instance that Collect sends of `water_form`
    household: str, *, version: str = "2026-1", base: str = "0", wage: str = "1200", unsafe: str = "yes", pupils=(),
    picture: str = "",
) -> str:  # fmt: skip
    inside = "".join(f"<pupil><who>{who}</who><school>{school}</school></pupil>" for who, school in pupils)
    return (
        f'<data id="water" version="{version}"><home>{household}</home><water><unsafe>{unsafe}</unsafe>'
        f"<wage>{wage}</wage><well>the old one</well></water>{inside}<picture>{picture}</picture>"
        "<said>The pump is broken.</said><meta>"
        f'<entity dataset="households" id="{household}" update="1" baseVersion="{base}" trunkVersion="{base}" branchId=""/>'
        f"<instanceID>uuid:{uuid.uuid4()}</instanceID></meta></data>"
    )


@pytest.fixture
def taken(village) -> TakenForm:
    return take_in(water_form(), area=village.register.areas["LONGHE"], by="test", today=TODAY)


def of_day(household) -> dict[str, str]:
    rows = everything(Observation).filter(household=household, valid_from=TODAY)
    return dict(rows.values_list("fact", "value"))


def test_three_languages_a_group_a_repeat_and_an_entity_update(taken, village, collect_of) -> None:
    collect, household = collect_of(), village.households["0122"]
    assert set(collect.forms()) == {"visit-demo-cn", "water"}
    xform = collect.get(collect.forms()["water"]["downloadUrl"]).content.decode()
    assert all(f'lang="{one}"' in xform for one in ("English (en)", "ខ្មែរ (km)", "中文 (zh)"))
    assert set(collect.files("water")) == {"households.csv", "household_members.csv"}
    row = collect.table("water", "households.csv")[household.key]
    member = household.members.create(key="M-PUPIL", number="0122-1")
    xml = water(
        household.key, base=row["__version"], pupils=[(member.key, "out_of_school")], picture="well.jpg"
    )
    assert said(collect.send(xml)) == "Taken in. Thank you. Still to come: well.jpg."
    assert said(collect.send(xml, **{"well.jpg": photo()})) == "Taken in. Thank you."
    assert of_day(household) == {
        "water_unsafe": "true", "income_wage_12m": "1200", "school_status": "out_of_school",
    }  # fmt: skip
    kept = everything(Visit).get()
    assert (kept.note, kept.asked) == ("The pump is broken.", 3)
    assert everything(Submission).get().taken_form == taken
    assert everything(SubmissionFile).exclude(hash="").count() == 1
    assert everything(Observation).filter(valid_from=TODAY).first().source.kind == "visit"
    assert dict(said_in(taken, xml.encode()))["Which well?"] == "the old one"
    assert verify().sound


def test_an_entity_that_changed_at_the_office_meanwhile_is_a_conflict(taken, village, collect_of) -> None:
    collect, household = collect_of(), village.households["0122"]
    base = collect.table("water", "households.csv")[household.key]["__version"]
    learn({"0122": {"income_wage_12m": "31000"}}, village.register.areas, day=TODAY)
    collect.send(water(household.key, base=base))
    assert everything(Conflict).get().at_the_door == "1200"


def test_a_rule_of_the_form_that_does_not_hold_is_flagged_and_nothing_is_thrown_away(
    taken, village, collect_of
) -> None:  # fmt: skip
    household = village.households["0122"]
    answer = collect_of().send(water(household.key, wage="1000000"))
    assert answer.status_code == 202
    assert "Wages in a year: '1000000' does not fit the form's rule. Between 0 and a million." in said(answer)
    assert of_day(household) == {"water_unsafe": "true", "income_wage_12m": "1000000"}
    assert everything(Visit).count() == 1


def test_a_new_version_while_drafts_of_the_old_one_exist(taken, village, collect_of) -> None:
    newer = take_in(water_form(version="2026-2"), area=taken.area, by="test", today=TODAY)
    collect = collect_of()
    assert collect.forms()["water"]["version"] == "2026-2"
    old, new = village.households["0122"].key, village.households["2231"].key
    assert (
        collect.send(water(old)).status_code == collect.send(water(new, version="2026-2")).status_code == 201
    )
    assert [one.taken_form for one in everything(Submission).order_by("pk")] == [taken, newer]
    unknown = collect.send(water(old, version="2025-9"))
    assert unknown.status_code == 202 and "not known here" in said(unknown)
    assert everything(Submission).count() == 3 and everything(Visit).count() == 2


def test_a_form_of_another_county_is_neither_listed_nor_taken_by_name(taken, village, collect_of) -> None:
    collect = collect_of("antang")
    assert "water" not in collect.forms()
    assert collect.client.get(f"{collect.server}/forms/water.xml").status_code == 404
    answer = collect.send(water(village.households["9001"].key))
    assert answer.status_code == 202 and of_day(village.households["9001"]) == {}


def test_a_household_that_moved_or_was_merged_changes_nothing(taken, village, collect_of) -> None:
    collect, moved, merged = collect_of(), village.households["0122"], village.households["2231"]
    move_household(moved, to=village.register.areas["ANTANG-1"], day=TODAY, by="test", today=TODAY)
    merge_households(village.households["3096"], [merged], day=TODAY, by="test", today=TODAY)
    for household in (moved, merged):
        answer = collect.send(water(household.key))
        assert answer.status_code == 202 and "any more" in said(answer)
    assert everything(Visit).count() == 0 and everything(Submission).count() == 2


def test_a_new_household_is_asked_of_the_register_first(taken, village, collect_of) -> None:
    xml = water(village.households["0122"].key).replace('update="1"', 'create="1"')
    assert "add it to the register first" in said(collect_of().send(xml))


def test_taking_in_is_one_event_and_the_same_workbook_changes_nothing(taken, village) -> None:
    assert take_in(water_form(), area=taken.area, by="test", today=TODAY) == taken
    assert Event.objects.filter(kind="field.take_in_form").count() == everything(TakenForm).count() == 1
    assert verify().sound


def test_a_form_is_withdrawn_by_those_who_may_and_drafts_still_come_in(taken, village, collect_of) -> None:
    with pytest.raises(NotAllowed):
        withdraw(taken, by=village.staff["huangmei"], today=TODAY)
    withdraw(taken, by=village.staff["weilan"], today=TODAY)
    collect = collect_of()
    assert "water" not in collect.forms()
    assert collect.send(water(village.households["0122"].key)).status_code == 201


# --- What is wrong in a workbook ---

SETTINGS = [["form_id", "version"], ["x", "1"]]
HEADING = ["type", "name", "label", "highground::fact", "relevant"]
HOME = ["select_one_from_file households.csv", "home", "Household", "household", ""]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([["integr", "a", "A", "", ""]], "survey, row 3, column type: 'integr' is no type of question"),
        ([["integer", "a b", "A", "", ""]], "survey, row 3, column name"),
        ([["integer", "a", "A", "", "${b} > 1"]], "survey, row 3, column relevant"),
        ([["integer", "a", "A", "", "(1 + 2"]], "survey, row 3, column relevant: '(1 + 2': ')' is missing"),
        ([["begin_group", "a", "A", "", ""]], "survey, row 3"),
        ([["integer", "a", "A", "incme", ""]], "survey, row 3, column highground::fact: 'incme' is neither"),
        ([["text", "a", "A", "income_wage_12m", ""]], "survey, row 3, column type: a question of the type text cannot"),
        ([["select_one q", "a", "A", "school_status", ""]], "choices, row 2, column name: 'z' is no value of"),
        ([["select_one_from_file w.csv", "a", "A", "", ""]], "hand this table in with the form"),
        ([["select_one_from_file household_members.csv", "a", "A", "", ""], ["integer", "b", "B", "school_status", ""]],
         "survey, row 4"),
    ],
)  # fmt: skip
def test_a_fault_is_said_with_sheet_row_column_and_mend(village, rows, says) -> None:
    content = workbook(
        survey=[HEADING, HOME, *rows],
        choices=[["list_name", "name", "label"], ["q", "z", "Z"]],
        settings=SETTINGS,
    )
    with pytest.raises(FormError) as refused:
        take_in(content, area=village.register.areas["LONGHE"], by="test", today=TODAY)
    assert says in str(refused.value)
    assert everything(TakenForm).count() == 0


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ([["form_title"], ["x"]], "settings, row 2, column form_id: the form has no id"),
        ([["form_id", "version"], ["visit-x", "1"]], "Highground's own"),
        ([["form_id", "version"], ["a b", "1"]], "has blanks"),
    ],
)
def test_what_a_form_calls_itself(village, named, says) -> None:
    with pytest.raises(FormError) as refused:
        take_in(
            workbook(survey=[HEADING, HOME], settings=named), area=village.register.areas["LONGHE"], by="test",
            today=TODAY,
        )  # fmt: skip
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "content", [b"", b"PK\3\4 nonsense", b"a,b,c", workbook(nothing=[["x"]]), b"x" * 3_000_000]
)
def test_what_is_no_workbook_is_refused(village, content) -> None:
    with pytest.raises(FormError):
        read_workbook(content)


def test_facts_need_somebody_whose_they_are(village) -> None:
    area = village.register.areas["LONGHE"]
    for rows, says in (
        ([HEADING, ["integer", "a", "A", "household_size", ""]], "no question says of which household"),
        (
            [HEADING, HOME, ["select_one q", "a", "A", "school_status", ""]],
            "no question says of which member",
        ),
    ):
        content = workbook(
            survey=rows, choices=[["list_name", "name", "label"], ["q", "in_school", "In"]], settings=SETTINGS
        )
        with pytest.raises(FormError, match=says):
            take_in(content, area=area, by="test", today=TODAY)


def test_a_function_that_only_collect_knows_is_said_and_the_form_is_offered_to_collect(
    village, collect_of
) -> None:
    content = workbook(
        survey=[
            [*HEADING, "calculation"],
            [*HOME, ""],
            ["calculate", "hash", "", "", "", "digest(${home}, 'SHA-256')"],
            ["geotrace", "fence", "Fence", "", "", ""],
        ],
        settings=SETTINGS,
    )  # fmt: skip
    taken = take_in(content, area=village.register.areas["LONGHE"], by="test", today=TODAY)
    assert [one.partition(";")[0] for one in taken.beyond] == [
        "survey, row 3, column calculation: the function digest() is not one that can be reckoned with here",
        "survey, row 4, column type: questions of the kind geotrace are not shown on our page",
    ]
    assert "x" in collect_of().forms()


def test_another_form_of_the_same_name_and_another_content_of_the_same_version(taken, village) -> None:
    areas = village.register.areas
    with pytest.raises(FormError, match="taken in before with another content"):
        take_in(
            water_form(extra=[["text", "more", "More", "More", "More"]]),
            area=areas["LONGHE"],
            by="t",
            today=TODAY,
        )
    with pytest.raises(FormError, match="around or within"):
        take_in(water_form(), area=areas["NALONG"], by="test", today=TODAY)
    take_in(water_form(), area=areas["PINGNAN"], by="test", today=TODAY)


def test_a_table_comes_along_with_a_form(village, collect_of) -> None:
    content = workbook(
        survey=[HEADING, HOME, ["select_one_from_file wells.csv", "well", "Well", "", ""]], settings=SETTINGS
    )
    taken = take_in(
        content,
        area=village.register.areas["LONGHE"],
        by="test",
        today=TODAY,
        tables={"wells": "name,label\nw1,Old\n"},
    )
    collect = collect_of()
    assert collect.table("x", "wells.csv") == {"w1": {"name": "w1", "label": "Old"}}
    assert taken.beyond == []
    root = ET.fromstring(collect.get(collect.forms()["x"]["manifestUrl"]).content)
    assert len(root) == 2


def test_a_fault_is_said_in_the_language_of_the_office(village) -> None:
    with override("zh-hans"), pytest.raises(FormError) as refused:
        read_workbook(b"no workbook")
    assert "这不是能读取的工作簿" in str(refused.value)
    assert PARTS["day"] == "the day of the visit"
    with override("zh-hans"):
        assert PARTS["day"] == "走访日期"


@pytest.mark.parametrize(
    ("rows", "ours", "original"),
    [
        ([["text", "a", "A", "", ""]] * 2, "survey, 第4行, name列: 名称“a”在表单同一层出现了两次; 请给", "must be unique"),
        ([["text", "a b", "A", "", ""]], "survey, 第3行, name列: 表单不能用这样的名称", "Names must begin"),
        ([["text", "a", "A", "", "${b} = 1"]], "survey, 第3行, relevant列: 没有名为“b”的题目", "Could not find"),
        ([["begin_group", "a", "A", "", ""]], "题组或重复组“a”没有结尾; 请在其最后一题下面补上 end_group", "Unmatched"),
        ([["end_repeat", "", "", "", ""]], "没有开头; 请在上面补上 begin_repeat", "Unmatched"),
        ([["", "a", "A", "", ""]], "survey, 第3行: 有题目没有题型", "Question with no type"),
        ([["select_one z", "a", "A", "", ""]], "没有名为“z”的选项表; 请在“choices”表", "List name not in choices"),
        ([["select_one d", "a", "A", "", ""]], "choices, 第4行, name列: 同一选项表中有两个选项同名", "must be unique"),
        ([["text", "a", "", "", ""]], "题目“a”没有显示文字", "has no label"),
        # One of which only the kind is known here.
        ([["range", "a", "A", "", "", "start=x"]], "区间题的参数不一致; pyxform 原文：", "must be a number"),
    ],
)  # fmt: skip
def test_what_pyxform_finds_is_said_in_the_language_of_the_office_first(
    village, rows, ours, original
) -> None:
    twice = [["d", "y", "Y"], ["d", "y", "Z"]] if rows[0][0].endswith(" d") else []
    content = workbook(
        survey=[[*HEADING, "parameters"], [*HOME, ""], *rows],
        choices=[["list_name", "name", "label"], ["q", "y", "Y"], *twice],
        settings=SETTINGS,
    )
    with override("zh-hans"), pytest.raises(FormError) as refused:
        read_workbook(content)
    said, _between, theirs = str(refused.value).partition("pyxform 原文：")
    assert ours in f"{said}pyxform 原文：" and original in theirs


def test_every_fault_of_pyxform_is_told_by_its_words_alone() -> None:
    """Where pyxform raises the words of a code without the code, the code is found again by them."""
    for code in ErrorCode:
        values = {
            name: name.upper() for _text, name, _spec, _how in Formatter().parse(code.value.msg) if name
        }
        assert _code_of(PyXFormError(""), code.value.format(**values)) == (code, values)
