"""A rulebook's own facts: in by a mapping, on the register with what they mean, screened, and on the page."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from highground.accounts.enums import Role
from highground.areas.actions import AreaRow, import_areas
from highground.areas.models import Area
from highground.audit.models import Event
from highground.files.mapping import MappingError
from highground.people.actions import RegisterError
from highground.people.models import Household, OwnFact
from highground.people.queries import facts_as_of
from highground.signals.actions import screen_register
from highground.signals.imports.actions import Outcome, import_households
from highground.signals.imports.mapping import load_household_mapping
from highground.signals.models import Clue
from tests.support.places import add_person

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2024, 6, 30)

BOOK = """
id: our-county
version: "1"
country: CN
currency: CNY
facts:
  owns_buffalo:
    entity: household
    type: boolean
    label: {en: owns a buffalo, zh: 有水牛}
  rice_sold:
    entity: household
    type: money
    unit: CNY
    minimum: 0
    maximum: 1000000
    fresh_for: 400
    label: {en: rice sold, zh: 卖粮收入}
  grade:
    entity: member
    type: integer
    minimum: 0
    maximum: 12
    label: {en: school grade, zh: 年级}
classes:
  - {id: large, when: household_size > 5}
"""
CLUES = """
clues:
  - {id: buffalo, when: NOT owns_buffalo AND rice_sold < 100, severity: high}
  - {id: grade, when: any_member(grade < 3), severity: low}
"""
MAPPING = """
source: {name: Survey, day: 2024-02-01}
rulebook: ours.yaml
area: {code: V1}
household: {key: number}
date: {column: seen}
facts: {household_size: people, owns_buffalo: buffalo, rice_sold: {column: rice, multiply: 10}}
members:
  household: {key: number}
  member: {key: line}
  date: 2023-12-31
  facts: {grade: grade, sex: gender}
"""


@pytest.fixture(autouse=True)
def areas(db) -> None:
    import_areas([AreaRow(1, "CN", "country"), AreaRow(2, "V1", "village", "CN")], by="test", today=TODAY)


@pytest.fixture
def own_rulebook(tmp_path: Path) -> Path:
    (tmp_path / "ours.yaml").write_text(BOOK + CLUES, encoding="utf-8")
    return tmp_path / "ours.yaml"


def bring_in(folder: Path, rows: str, *, mapping: str = MAPPING, dry_run: bool = False) -> Outcome:
    (folder / "map.yaml").write_text(mapping, encoding="utf-8")
    (folder / "h.csv").write_text(f"number,seen,rice,people,buffalo\n{rows}\n", encoding="utf-8")
    members = "number,line,grade,gender\n1,a,2,male\n2,a,11,female\n2,b,13,male\n"
    (folder / "m.csv").write_text(members, encoding="utf-8")
    return import_households(
        folder / "h.csv",
        load_household_mapping(folder / "map.yaml", today=TODAY),
        members_file=folder / "m.csv",
        by="command:test",
        today=TODAY,
        dry_run=dry_run,
    )


def test_a_rulebooks_own_facts_come_in_and_are_screened(tmp_path: Path, own_rulebook: Path) -> None:
    rows = "1,2023-12-31,9.5,4,no\n2,2023-12-31,9.5,4,yes\n3,2023-12-31,-1,4,perhaps"
    outcome = bring_in(tmp_path, rows)
    assert [(table.used, table.rejected) for table in outcome.tables] == [(2, 1), (2, 1)]
    home = Household.objects.everywhere(reason="test").get(number="1")
    known = {one.fact: one.value for one in facts_as_of([home], as_of=TODAY) if one.member is None}
    assert known == {"household_size": "4", "owns_buffalo": "false", "rice_sold": "95"}
    assert {one.name: one.rulebook for one in OwnFact.objects.all()} == dict.fromkeys(
        ("owns_buffalo", "rice_sold", "grade"), "our-county"
    )
    run = screen_register(rulebook=own_rulebook, as_of=TODAY, by="command:test", today=TODAY)
    clues = Clue.objects.everywhere(reason="test").values_list("household__number", "rule")
    assert set(clues) == {("1", "buffalo"), ("1", "grade")}
    assert run.counts["in_no_data"] == 0
    # Another rulebook reads the same register and takes no notice of them.
    screen_register(rulebook="demo-cn", as_of=TODAY, by="command:test", today=TODAY)
    events = Event.objects.filter(kind="people.learn_facts")
    assert [event.data["new"] for event in events] == [["grade", "owns_buffalo", "rice_sold"]]
    again = bring_in(tmp_path, rows)
    assert (again.stored, events.count()) == (0, 1)


def test_an_own_fact_has_its_words_on_the_page(tmp_path: Path, own_rulebook: Path, client) -> None:
    bring_in(tmp_path, "1,2023-12-31,9.5,4,no")
    client.force_login(add_person("officer", Role.PROVINCE_OFFICER, Area.objects.get(code="CN")))
    home = Household.objects.everywhere(reason="test").get()
    assert "Owns a buffalo" in client.get(f"/households/{home.key}/").content.decode()
    # A later version of the rulebook may say it better.
    own_rulebook.write_text(BOOK.replace("owns a buffalo,", "keeps a buffalo,"), encoding="utf-8")
    bring_in(tmp_path, "1,2024-01-31,9.5,4,yes")
    assert "Keeps a buffalo" in client.get(f"/households/{home.key}/").content.decode()


MEMBER, NUMBER = "entity: member\n    type: integer", "entity: household\n    type: integer"


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize(
    ("before", "now", "columns"),
    [
        ("type: boolean", 'type: category\n    values: {"a": {en: a, zh: b}}', "buffalo"),
        ("maximum: 12", "maximum: 13", "buffalo"),
        (MEMBER, NUMBER, "buffalo, grade: people"),
    ],
)
def test_one_name_has_one_meaning(
    tmp_path: Path, own_rulebook: Path, before: str, now: str, columns: str, dry_run: bool
) -> None:
    rows = "1,2023-12-31,9.5,4,no"
    bring_in(tmp_path, rows)
    kept = Event.objects.count(), list(OwnFact.objects.values())
    other = BOOK.replace("id: our-county", "id: other").replace(before, now)
    assert now in other
    own_rulebook.write_text(other, encoding="utf-8")
    mapping = MAPPING.replace("owns_buffalo: buffalo", f"owns_buffalo: {columns}")
    if now == NUMBER:
        mapping = mapping.replace("grade: grade, ", "")
    with pytest.raises(RegisterError, match=r"other: its own fact '\w+' is not what the register knows"):
        bring_in(tmp_path, rows, mapping=mapping, dry_run=dry_run)
    assert kept == (Event.objects.count(), list(OwnFact.objects.values()))


def test_without_its_rulebook_an_own_fact_is_unknown(tmp_path: Path) -> None:
    mapping = MAPPING.replace("rulebook: ours.yaml\n", "")
    with pytest.raises(
        MappingError, match=r"`facts.owns_buffalo`: there is no such fact .* name the `rulebook`"
    ):
        bring_in(tmp_path, "1,2023-12-31,9.5,4,no", mapping=mapping)
    with pytest.raises(MappingError, match=r"line 3: `rulebook`: .*ours.yaml"):
        bring_in(tmp_path, "1,2023-12-31,9.5,4,no", mapping=MAPPING)
