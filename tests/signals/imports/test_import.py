"""Importing households: good rows kept, bad rows handed back with the mend, the same file twice without change."""

import csv
import datetime
import functools
from pathlib import Path

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from highground.areas.actions import AreaRow, import_areas
from highground.areas.countries import builtin_rows
from highground.areas.mapping import load_area_mapping, read_areas
from highground.audit.models import Event
from highground.files.mapping import MappingError
from highground.files.tables import TableError
from highground.people.identity import check_character
from highground.people.models import Household, Member, Observation, ProtectedValue, Residence, Source
from highground.people.queries import facts_as_of, names_of
from highground.signals.imports import actions
from highground.signals.imports.actions import Outcome, import_households
from highground.signals.imports.mapping import load_household_mapping

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 3, 1)
EXAMPLES = Path(__file__).parents[3] / "examples"
MODELS = (Household, Member, Residence, Observation, ProtectedValue)

MAPPING = """
source: {name: Survey, day: 2024-02-01}
area: {column: village, scheme: nbs}
household: {key: number}
date: {column: seen}
missing: [NA]
facts:
  income_wage_12m: {column: wage, multiply: 1000}
  household_size: people
  owns_car: {column: car, values: {有车: true, 没车: false}}
  household_type: {column: kind, values: {脱贫户: lifted_out, 一般户: ordinary}}
  risks: {column: risks, values: {因病: illness, 因学: schooling, 无: "[]"}}
protected: {phone: tel}
members:
  household: {key: number}
  member: {key: line}
  date: 2023-12-31
  facts:
    sex: {column: gender, values: {男: male, 女: female}}
    birth_date: {column: born, form: "%Y%m%d"}
    work_months_away: away
  protected: {name: name}
"""
HEADING = "number,village,seen,wage,people,car,kind,risks,tel"
GOOD = "7,0101,2023-12-31,12.3456,4,有车,脱贫户,因学、因病,139"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    settings.HIGHGROUND_HOME = tmp_path / "home"
    return tmp_path / "home"


@pytest.fixture(autouse=True)
def areas(db: None) -> None:
    rows = [
        AreaRow(1, "CN", "country"),
        AreaRow(2, "V1", "village", "CN", codes={"nbs": "0101"}),
        AreaRow(3, "V2", "village", "CN", codes={"nbs": "0102"}, valid_to=datetime.date(2020, 1, 1)),
    ]
    import_areas(rows, by="command:test", today=TODAY)


def bring_in(
    folder: Path,
    rows: str,
    *,
    members: str | None = None,
    mapping: str = MAPPING,
    encoding: str = "utf-8",
    **options,
) -> Outcome:
    (folder / "map.yaml").write_text(mapping, encoding="utf-8")
    (folder / "h.csv").write_bytes(f"{HEADING}\n{rows}\n".encode(encoding))
    members_file = None
    if members is not None:
        members_file = folder / "m.csv"
        members_file.write_text(members, encoding="utf-8")
    return import_households(
        folder / "h.csv",
        load_household_mapping(folder / "map.yaml", today=TODAY),
        members_file=members_file,
        by="command:test",
        today=TODAY,
        **options,
    )


def contents() -> list:
    return [list(model.objects.everywhere(reason="test").order_by("pk").values()) for model in MODELS]


def rejects(outcome: Outcome, table: int = 0) -> list[dict[str, str]]:
    path = outcome.tables[table].rejects
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def facts(number: str = "7") -> dict[str, str]:
    household = Household.objects.everywhere(reason="test").get(number=number)
    return {known.fact: known.value for known in facts_as_of([household], as_of=TODAY)}


def test_values_become_facts(tmp_path: Path) -> None:
    outcome = bring_in(tmp_path, GOOD + "\n8,0101,2023-12-31,0,,NA,,无,")
    assert (outcome.tables[0].used, outcome.tables[0].rejected, outcome.tables[0].rounded) == (2, 0, 0)
    assert facts() == {
        "income_wage_12m": "12345.6",
        "household_size": "4",
        "owns_car": "true",
        "household_type": "lifted_out",
        "risks": "illness;schooling",
    }
    # An empty cell is missing and never zero; a stated zero is a value; a stated "none" is the empty list.
    assert facts("8") == {"income_wage_12m": "0", "risks": "[]"}
    household = Household.objects.everywhere(reason="test").get(number="7")
    assert household.area.code == "V1"
    assert names_of(ProtectedValue.objects.everywhere(reason="test")) == {(None, "phone"): "139"}
    source = Source.objects.get()
    assert (source.name, source.kind, source.day) == ("Survey", "import", datetime.date(2024, 2, 1))


def test_amounts_are_rounded_half_up_and_counted(tmp_path: Path) -> None:
    rows = [
        f"{n},0101,2023-12-31,{wage},,,,,"
        for n, wage in enumerate(["0.012345", "0.012344", "0.0123", "1e3", "+5."])
    ]
    outcome = bring_in(tmp_path, "\n".join(rows))
    assert [facts(str(n))["income_wage_12m"] for n in range(5)] == [
        "12.35",
        "12.34",
        "12.3",
        "1000000",
        "5000",
    ]
    assert outcome.tables[0].rounded == 2


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_the_same_file_twice_changes_nothing(tmp_path: Path, encoding: str) -> None:
    mapping = f"file: {{encoding: {encoding.removesuffix('-sig')}}}" + MAPPING
    members = "number,line,gender,born,away,name\n7,1,女,19900228,3,覃小龙\n7,2,男,,,\n"
    first = bring_in(tmp_path, GOOD, members=members, mapping=mapping, encoding=encoding)
    assert (first.new_households, first.new_members, first.stored, first.protected) == (1, 2, 9, 2)
    before = contents(), Event.objects.count()
    again = bring_in(tmp_path, GOOD, members=members, mapping=mapping, encoding=encoding)
    assert (again.new_households, again.new_members, again.stored, again.protected) == (0, 0, 0, 0)
    assert again.observations == 9
    assert before == (contents(), Event.objects.count())


BAD = {
    "an unknown area": ("8,9999,2023-12-31,1,,,,,", "village", "9999", "no area with this code"),
    "no area": ("8,,2023-12-31,1,,,,,", "village", "", "no area"),
    "an area that has ended": ("8,0102,2023-12-31,1,,,,,", "village", "0102", "does not exist on this day"),
    "a negative income": (
        "8,0101,2023-12-31,-1,,,,,",
        "wage",
        "-1",
        "income_wage_12m lies between 0 and 1000000000000",
    ),
    "an income of 10^18": (
        f"8,0101,2023-12-31,{10**18},,,,,",
        "wage",
        str(10**18),
        "income_wage_12m lies between 0 and",
    ),
    "an income of 10^60": (
        "8,0101,2023-12-31,1e60,,,,,",
        "wage",
        "1e60",
        "income_wage_12m lies between 0 and",
    ),
    "a tiny negative income": (
        "8,0101,2023-12-31,-0.0000001,,,,,",
        "wage",
        "-0.0000001",
        "income_wage_12m lies between",
    ),
    "words for a number": ("8,0101,2023-12-31,many,,,,,", "wage", "many", "not a number"),
    "infinity": ("8,0101,2023-12-31,inf,,,,,", "wage", "inf", "not a number"),
    "separated thousands": ('8,0101,2023-12-31,"1,200",,,,,', "wage", "1,200", "not a number"),
    "full-width digits": ("8,0101,2023-12-31,１２,,,,,", "wage", "１２", "not a number"),
    "half a person": ("8,0101,2023-12-31,1,2.5,,,,", "people", "2.5", "not a whole number"),
    "nobody": ("8,0101,2023-12-31,1,0,,,,", "people", "0", "household_size lies between 1 and 100 persons"),
    "neither true nor false": ("8,0101,2023-12-31,1,,maybe,,,", "car", "maybe", "neither true nor false"),
    "an unknown kind": ("8,0101,2023-12-31,1,,,富户,,", "kind", "富户", "not one of ordinary, lifted_out"),
    "an unknown risk": ("8,0101,2023-12-31,1,,,,因病、因懒,", "risks", "因病、因懒", "not one of illness"),
    "a date in the future": ("8,0101,2026-03-02,1,,,,,", "seen", "2026-03-02", "a date in the future"),
    "a date long ago": ("8,0101,0202-03-02,1,,,,,", "seen", "0202-03-02", "a date before 1850"),
    "no date": ("8,0101,,1,,,,,", "seen", "", "not a date"),
    "no such day": ("8,0101,2023-02-30,1,,,,,", "seen", "2023-02-30", "not a date"),
    "no number": (",0101,2023-12-31,1,,,,,", "number", "", "no number to know the row by"),
    "a number without end": (
        f"{'8' * 61},0101,2023-12-31,1,,,,,",
        "number",
        "8" * 61,
        "the number is too long",
    ),
    "a field too many": ("8,0101,2023-12-31,1,,,,,,", "", "10", "the row has 10 fields, the heading 9"),
    "the same household again": ("7,0101,2023-12-31,1,,,,,", "number", "7", "in row 2 for 2023-12-31"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_rows_come_back_and_good_rows_stay(tmp_path: Path, case: str) -> None:
    row, column, value, reason = BAD[case]
    outcome = bring_in(tmp_path, f"{GOOD}\n{row}\n9,0101,2023-12-31,1,,,,,")
    assert (outcome.tables[0].used, outcome.tables[0].rejected) == (2, 1)
    (reject,) = rejects(outcome)
    assert (reject["row"], reject["column"], reject["value"]) == ("3", column, value)
    assert reason in reject["reason"]
    assert reject["mend"]
    assert set(Household.objects.everywhere(reason="test").values_list("number", flat=True)) == {"7", "9"}
    assert facts()["income_wage_12m"] == "12345.6"
    # The original row comes back under its own headings, ready to be mended.
    assert reject["wage"] == next(csv.reader([row]))[3]


def test_everything_wrong_with_a_row_is_said_at_once(tmp_path: Path) -> None:
    outcome = bring_in(tmp_path, "8,9999,2026-03-02,-1,2.5,maybe,富户,因懒,")
    assert [reject["column"] for reject in rejects(outcome)] == [
        *("village", "seen", "wage", "people", "car", "kind", "risks")
    ]
    assert (outcome.tables[0].used, outcome.tables[0].rejected) == (0, 1)
    assert contents() == [[] for _ in MODELS] and not Source.objects.exists()


def test_one_household_on_two_dates_is_two_statements(tmp_path: Path) -> None:
    outcome = bring_in(tmp_path, f"{GOOD}\n7,0101,2024-12-31,1,,,,,")
    assert outcome.tables[0].used == 2
    household = Household.objects.everywhere(reason="test").get()
    wages = [
        next(
            k.value
            for k in facts_as_of([household], as_of=datetime.date(year, 12, 31))
            if k.fact == "income_wage_12m"
        )
        for year in (2023, 2024)
    ]
    assert wages == ["12345.6", "1000"]


def test_the_same_household_far_apart_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "open_table", small_batches(actions.open_table))
    rows = [GOOD, *(f"{n},0101,2023-12-31,1,,,,," for n in range(100, 110)), GOOD]
    outcome = bring_in(tmp_path, "\n".join(rows))
    assert [(reject["row"], reject["reason"]) for reject in rejects(outcome)] == [
        ("13", "the same household is in row 2 for 2023-12-31")
    ]
    assert Event.objects.filter(kind="people.receive").count() == 4


def small_batches(open_table):
    return lambda *arguments, **options: open_table(*arguments, **options, rows=3)


def test_a_column_of_old_values_split_into_dated_observations(tmp_path: Path) -> None:
    mapping = """
source: {name: Panel}
area: {code: V1}
household: {row_number: true, register: panel}
facts:
  income_wage_12m:
    - {column: wage, date: 1997-12-31}
    - {column: people, date: 1998-12-31}
"""
    outcome = bring_in(tmp_path, "7,,,5,6,,,,\n8,,,7,,,,,", mapping=mapping)
    assert outcome.stored == 3
    found = Observation.objects.everywhere(reason="test").order_by("household__number", "valid_from")
    assert list(found.values_list("household__number", "valid_from__year", "value")) == [
        ("2", 1997, "5"),
        ("2", 1998, "6"),
        ("3", 1997, "7"),
    ]


def test_two_columns_of_dates_that_meet(tmp_path: Path) -> None:
    mapping = """
source: {name: Panel}
area: {code: V1}
household: {key: number}
facts:
  income_wage_12m:
    - {column: wage, date: {column: seen}}
    - {column: people, date: {column: tel}}
"""
    outcome = bring_in(
        tmp_path, "7,,2023-01-01,5,6,,,,2023-01-01\n8,,2023-01-01,5,6,,,,2024-01-01", mapping=mapping
    )
    assert [(r["row"], r["column"], r["reason"]) for r in rejects(outcome)] == [
        ("2", "wage, people", "two values of income_wage_12m on one day")
    ]
    assert outcome.stored == 2


def test_households_without_facts_and_rows_without_values(tmp_path: Path) -> None:
    mapping = MAPPING[: MAPPING.index("facts:")] + MAPPING[MAPPING.index("protected: {phone") :]
    rows = "7,0101,2023-12-31,,,,,,139\n8,0101,,,,,,,\n9,0101,2023-12-31,,,,,,"
    outcome = bring_in(tmp_path, rows, mapping=mapping)
    assert [(r["row"], r["column"], r["reason"]) for r in rejects(outcome)] == [("3", "seen", "not a date")]
    assert (outcome.new_households, outcome.stored, outcome.protected) == (2, 0, 1)
    # The same with a mapping of facts that only date themselves.
    by_fact = MAPPING.replace("date: {column: seen}\n", "").replace(
        "{column: wage, multiply: 1000}", "{column: wage, date: {column: seen}}"
    )
    by_fact = by_fact.replace("  household_size: people\n", "").replace("multiply: 1000", "")
    by_fact = by_fact[: by_fact.index("  owns_car")] + by_fact[by_fact.index("protected: {phone") :]
    outcome = bring_in(tmp_path, "10,0101,,,,,,,\n11,0101,2023-12-31,,,,,,", mapping=by_fact)
    assert [(r["row"], r["column"], r["reason"]) for r in rejects(outcome)] == [("2", "seen", "not a date")]
    assert outcome.new_households == 1


def test_a_file_with_a_heading_alone(tmp_path: Path) -> None:
    (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "h.csv").write_text(HEADING + "\n", encoding="utf-8")
    mapping = load_household_mapping(tmp_path / "map.yaml", today=TODAY)
    outcome = import_households(tmp_path / "h.csv", mapping, by="command:test", today=TODAY)
    assert (outcome.tables[0].used, outcome.tables[0].rejected, rejects(outcome)) == (0, 0, [])


def test_members(tmp_path: Path) -> None:
    rows = [
        "7,1,女,19900228,13,覃小龙",
        "7,2,男,20260302,,",
        "99,1,男,,,",
        "7,3,男,,,韦某",
        "7,3,男,,,",
        "7,,男,,,",
    ]
    members = "\n".join(["number,line,gender,born,away,name", *rows])
    outcome = bring_in(tmp_path, GOOD, members=members)
    assert [(r["row"], r["column"], r["reason"].split(" (")[0]) for r in rejects(outcome, 1)] == [
        ("2", "away", "work_months_away lies between 0 and 12 months"),
        ("3", "born", "a date in the future"),
        ("4", "number", "the household is not on the register"),
        ("6", "number, line", "the same member is in row 5 for 2023-12-31"),
        ("7", "line", "no number to know the row by"),
    ]
    member = Member.objects.everywhere(reason="test").get()
    assert (member.number, member.household.number) == ("7/3", "7")
    assert names_of(member.protected_values.all()) == {(member.pk, "name"): "韦某"}


def test_identity_numbers_are_checked_and_a_missing_one_is_said(tmp_path: Path) -> None:
    mapping = MAPPING.replace("protected: {name: name}", "protected: {name: name, identity_number: id}")
    # Invented: there is no place with the code 000000.
    good, bad = (f"00000019800506001{check_character('00000019800506001')}", "000000198005060019")
    people = f"number,line,gender,born,away,name,id\n7,1,男,,,韦某,{good}\n7,2,女,,,,{bad}\n7,3,女,,,,\n"
    outcome = bring_in(tmp_path, GOOD, members=people, mapping=mapping)
    assert outcome.protected == 4
    known = facts_as_of(Household.objects.everywhere(reason="test"), as_of=TODAY)
    keys = dict(Member.objects.everywhere(reason="test").values_list("pk", "number"))
    found = {keys[one.member]: one.value for one in known if one.fact == "identity_check"}
    assert found == {"7/1": "ok", "7/2": "bad_checksum", "7/3": "missing"}


def test_a_dry_run_writes_nothing_but_the_rejects(tmp_path: Path) -> None:
    members = "number,line,gender,born,away,name\n7,1,女,,,\n99,1,男,,,\n"
    before = Event.objects.count()
    outcome = bring_in(tmp_path, f"{GOOD}\n8,0101,2023-12-31,-1,,,,,", members=members, dry_run=True)
    assert contents() == [[] for _ in MODELS]
    assert Event.objects.count() == before and not Source.objects.exists()
    assert [(table.used, table.rejected) for table in outcome.tables] == [(1, 1), (1, 1)]
    assert [len(rejects(outcome, table)) for table in (0, 1)] == [1, 1]


def test_rejects_are_for_their_owner_alone(tmp_path: Path, home: Path) -> None:
    outcome = bring_in(tmp_path, "8,0101,2023-12-31,-1,,,,,")
    assert outcome.tables[0].rejects.parent == home / "rejects"
    assert outcome.tables[0].rejects.stat().st_mode & 0o077 == 0
    # No spilled or half-written file stays behind.
    assert [path.name for path in home.iterdir()] == ["rejects"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "column: wage,",
            "column: wages,",
            r"line 8: `facts\.income_wage_12m\.column`: h\.csv has no column 'wages'; it has",
        ),
        ("{key: number}\ndate", "{key: nr}\ndate", r"`household`: h\.csv has no column 'nr'"),
        (
            "column: village, scheme: nbs",
            "column: hamlet, scheme: nbs",
            r"`area`: h\.csv has no column 'hamlet'",
        ),
        ("column: village, scheme: nbs", "code: XX", r"`area`: there is no area 'XX'; import it first"),
        ("scheme: nbs", "scheme: other", r"there are no codes of the scheme 'other' yet; import areas first"),
    ],
)
def test_a_mapping_that_does_not_fit_the_file(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in MAPPING
    with pytest.raises(MappingError, match=said):
        bring_in(tmp_path, GOOD, mapping=MAPPING.replace(old, new))
    assert contents() == [[] for _ in MODELS]


def test_a_truncated_workbook_and_mixed_encodings(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADING.split(","))
    for number in range(500):
        book.active.append(
            [number, "0101", datetime.date(2023, 12, 31), 1.5, 4, "有车", "脱贫户", "无", "139"]
        )
    book.save(tmp_path / "h.xlsx")
    (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
    mapping = load_household_mapping(tmp_path / "map.yaml", today=TODAY)
    whole = import_households(tmp_path / "h.xlsx", mapping, by="command:test", today=TODAY)
    assert (whole.tables[0].used, whole.new_households) == (500, 500)
    before = contents()
    (tmp_path / "h.xlsx").write_bytes((tmp_path / "h.xlsx").read_bytes()[:-4000])
    with pytest.raises(TableError, match=r"h\.xlsx: the workbook is damaged or cut off; open it"):
        import_households(tmp_path / "h.xlsx", mapping, by="command:test", today=TODAY)
    assert contents() == before
    mixed = (
        f"{HEADING}\n".encode()
        + GOOD.encode()
        + b"\n"
        + GOOD.replace("7,", "8,", 1).encode("gb18030")
        + b"\n"
    )
    (tmp_path / "h.csv").write_bytes(mixed)
    outcome = import_households(tmp_path / "h.csv", mapping, by="command:test", today=TODAY)
    assert [(r["row"], r["column"], r["reason"]) for r in rejects(outcome)] == [
        ("3", "car", "bytes that are not utf-8")
    ]


def test_a_file_of_members_needs_its_part_of_the_mapping(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="`members`: missing; a file of members needs this part"):
        bring_in(tmp_path, GOOD, members="number\n", mapping=MAPPING[: MAPPING.index("members:")])


def test_the_number_of_statements_does_not_depend_on_the_rows(tmp_path: Path) -> None:
    bring_in(tmp_path, GOOD)
    counts = []
    for rows in (1, 300):
        with CaptureQueriesContext(connection) as queries:
            bring_in(tmp_path, "\n".join(f"{rows}-{n},0101,2023-12-31,1,4,有车,,无,{n}" for n in range(rows)))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def planned(table: str) -> int | None:
    """The number of rows that the database plans with; None where it has never looked."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [table])
            (rows,) = cursor.fetchone()
            return None if rows < 0 else int(rows)
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone() is None:
            return None
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = %s", [table])
        found = cursor.fetchone()
        return int(found[0].split()[0]) if found else None


def test_after_an_import_the_database_plans_with_its_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once however many batches there were; not at all where nothing was recorded."""
    tables = ("people_household", "people_residence")
    assert [planned(table) for table in tables] != [300, 300]
    monkeypatch.setattr(actions, "open_table", functools.partial(actions.open_table, rows=100))
    rows = "\n".join(f"{n},0101,2023-12-31,1,4,有车,脱贫户,无," for n in range(300))

    def analysed(text: str, **options: bool) -> int:
        with CaptureQueriesContext(connection) as queries:
            bring_in(tmp_path, text, **options)
        return sum("ANALYZE" in query["sql"] and "people_household" in query["sql"] for query in queries)

    assert analysed(rows, dry_run=True) == 0
    assert analysed(rows) == 1
    assert Event.objects.filter(kind="people.receive").count() == 3
    assert [planned(table) for table in tables] == [300, 300]
    assert analysed(rows) == 0


def test_no_personal_value_is_logged_or_recorded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        bring_in(tmp_path, GOOD.replace(",139", ",13900004711"))
    said = caplog.text.replace("INSERT", "")
    assert "13900004711" not in str(list(Event.objects.values()))
    assert "13900004711" not in said and "12345.6" not in said


def test_bangladesh(shared_data: Path) -> None:
    import_areas([AreaRow(1, "BD", "country")], by="command:test", today=TODAY)
    mapping = load_household_mapping(EXAMPLES / "bangladesh" / "mapping.yaml", today=TODAY)
    outcome = import_households(
        shared_data / "bangladesh_hh_9198.dta", mapping, by="command:test", today=TODAY
    )
    assert (outcome.tables[0].used, outcome.tables[0].rejected, outcome.new_households) == (1652, 0, 826)
    assert outcome.stored == 2 * 1652
    # The counts that were published with the data, from what the register says on each day.
    households = list(Household.objects.everywhere(reason="test"))
    poor = [
        {
            known.household: float(known.value) < line
            for known in facts_as_of(households, as_of=day)
            if known.fact == "consumption_per_person_12m"
        }
        for day, line in ((datetime.date(1991, 12, 31), 3500), (datetime.date(1998, 12, 31), 5000))
    ]
    pairs = [(poor[0][household.pk], poor[1][household.pk]) for household in households]
    assert [pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))] == [
        *(275, 103, 222, 226)
    ]


def test_philippines(shared_data: Path) -> None:
    folder = EXAMPLES / "philippines"
    import_areas(builtin_rows(), by="command:test", today=TODAY)
    areas = read_areas(folder / "areas.csv", load_area_mapping(folder / "areas.yaml"), pytest.fail)
    import_areas(areas, by="command:test", today=TODAY)
    file = shared_data / "philippines_ilocos_1997_1998.csv"
    mapping = load_household_mapping(folder / "mapping.yaml", today=TODAY)
    outcome = import_households(file, mapping, by="command:test", today=TODAY)
    assert (outcome.tables[0].used, outcome.tables[0].rejected, outcome.stored) == (632, 0, 4 * 632)
    with file.open() as stream:
        rows = list(csv.DictReader(stream))
    found = Observation.objects.everywhere(reason="test").filter(fact="income_total_12m").order_by("pk")
    for year, column in ((1997, "income"), (1998, "AP.income")):
        known = dict(found.filter(valid_from__year=year).values_list("household__number", "value"))
        assert {number: float(value) for number, value in known.items()} == {
            str(number): float(row[column]) for number, row in enumerate(rows, start=2)
        }
    pangasinan = Household.objects.everywhere(reason="test").filter(area__code="PH-PAN").count()
    assert pangasinan == sum(row["province"] == "Pangasinan" for row in rows) == 383
