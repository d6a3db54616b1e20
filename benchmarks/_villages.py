"""A country of many households for benchmarks of pages: some really screened, the rest copied after them.

A few hundred households are received, and screened twice, by the office's own actions. All others are received too,
and get the facts, clues, verdicts and sightings of one of those few, copied inside the database by set-wise statements.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pyarrow as pa
from django.db import connection, transaction

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import Role
from highground.areas.actions import AreaRow, import_areas
from highground.areas.models import Area
from highground.files.staging import execute, staged
from highground.people import bulk as people_bulk
from highground.people.actions import receive, source_of
from highground.people.models import Household
from highground.signals import bulk as signals_bulk
from highground.signals.actions import screen_register
from highground.signals.models import AreaTally, Clue
from tests.support.register import BILLS, BOOK, FAMILY

COUNTIES, TOWNSHIPS, VILLAGES = 8, 12, 150
"""Counties in the country; townships and villages in each county."""

SCREENED = 300
MEMBERS = 2
BY = "bench"
LONG_AGO = datetime.date(2020, 1, 1)

_SHARES: tuple[tuple[int, Mapping[str, str]], ...] = (
    (30, BILLS),
    (45, {**FAMILY, "dwelling_unsafe": "true"}),
    (60, {**FAMILY, "household_type": "lifted_out", "income_wage_12m": "10000", "risks": "illness"}),
    (85, {name: value for name, value in BILLS.items() if name != "out_of_pocket_12m"}),
    (91, {}),
    (SCREENED, FAMILY),
)
"""What is known of the screened households, up to each number of every `SCREENED`."""


def fill(households: int, today: datetime.date) -> None:
    """Areas, people who sign in, and `households` with members, clues, verdicts, runs and tallies."""
    import_areas(_area_rows(), by=BY, today=LONG_AGO)
    areas = dict(Area.objects.values_list("code", "pk"))
    for name, role, code in (
        ("county", Role.COUNTY_OFFICER, "C0"),
        ("national", Role.PROVINCE_OFFICER, "CN"),
    ):
        user = add_user(name, password=None, by=BY)
        grant_role(user, role=role, area=Area.objects.get(code=code), valid_from=LONG_AGO, by=BY)
    known = today - datetime.timedelta(days=60)
    _receive(range(SCREENED), areas, known)
    for days in (30, 2):
        day = today - datetime.timedelta(days=days)
        screen_register(rulebook=BOOK, as_of=day, by=BY, today=day)
        _change(day + datetime.timedelta(days=1))
    _spread_deadlines(today)
    # PostgreSQL keeps its plans for checking foreign keys while a session lasts: those made while the tables were
    # small would read a whole table for each of the new rows.
    connection.close()
    _receive(range(SCREENED, households), areas, known)
    _copy()
    people_bulk.refresh_plans()  # as after each import
    signals_bulk.refresh_plans()  # as after each run


def _area_rows() -> list[AreaRow]:
    rows = [
        AreaRow(1, "CN", "country", names={"en": "Testland"}),
        AreaRow(2, "CN-ZZ", "province", "CN", iso="CN-ZZ", names={"en": "Yunjiang province"}),
        AreaRow(3, "CN-9901", "city", "CN-ZZ", names={"en": "Longhe city"}),
    ]
    for county in range(COUNTIES):
        rows.append(AreaRow(0, f"C{county}", "county", "CN-9901", names={"en": f"County {county}"}))
        for township in range(TOWNSHIPS):
            code = f"T{county}-{township}"
            rows.append(AreaRow(0, code, "township", f"C{county}", names={"en": f"Township {township}"}))
        for village in range(VILLAGES):
            above = f"T{county}-{village % TOWNSHIPS}"
            rows.append(
                AreaRow(0, f"V{county}-{village}", "village", above, names={"en": f"Village {village}"})
            )
    return rows


def _village_of(number: int) -> str:
    return f"V{number % COUNTIES}-{number // COUNTIES % VILLAGES}"


def _receive(numbers: range, areas: dict[str, int], day: datetime.date) -> None:
    """Households with their members; facts for those that will be screened."""
    text, date = pa.string(), pa.date32()
    names = pa.array([str(number) for number in numbers], text)
    people = [(f"{number}-{member}", str(number)) for number in numbers for member in range(MEMBERS)]
    facts = [
        (str(number), fact, value)
        for number in numbers
        if number < SCREENED
        for fact, value in next(known for until, known in _SHARES if number < until).items()
    ]
    receive(
        register="main",
        households=pa.table(
            {
                "number": names,
                "area": pa.array([areas[_village_of(number)] for number in numbers], pa.int64()),
                "day": pa.array([LONG_AGO] * len(names), date),
            }
        ),
        members=None
        if numbers.start == 0
        else pa.table(
            {
                "number": pa.array([person for person, _ in people], text),
                "household": pa.array([home for _, home in people], text),
                "day": pa.array([LONG_AGO] * len(people), date),
            }
        ),
        observations=pa.table(
            {
                "household": pa.array([fact[0] for fact in facts], text),
                "fact": pa.array([fact[1] for fact in facts], text),
                "value": pa.array([fact[2] for fact in facts], text),
                "valid_from": pa.array([day] * len(facts), date),
            }
        ),
        source=source_of(kind="synthetic", name="Benchmark", day=day),
        by=BY,
        today=day,
        synthetic=True,
    )


def _change(day: datetime.date) -> None:
    """Some of the screened get well and some houses become unsafe, for the next run to find."""
    text = pa.string()
    said = [(number, "out_of_pocket_12m", "0") for number in range(8)]
    said += [(number, "dwelling_unsafe", "true") for number in range(200, 212)]
    receive(
        register="main",
        observations=pa.table(
            {
                "household": pa.array([str(number) for number, _, _ in said], text),
                "fact": pa.array([fact for _, fact, _ in said], text),
                "value": pa.array([value for _, _, value in said], text),
                "valid_from": pa.array([day] * len(said), pa.date32()),
            }
        ),
        source=source_of(kind="visit", name="Visit", day=day),
        by=BY,
        today=day,
    )


def _spread_deadlines(today: datetime.date) -> None:
    """Deadlines from three weeks ago to three weeks ahead, as in an office that is always at work."""
    clues = list(Clue.objects.everywhere(reason="benchmark").order_by("pk"))
    for place, clue in enumerate(clues):
        clue.due_on = today + datetime.timedelta(days=place * 17 % 43 - 21)
    Clue.objects.everywhere(reason="benchmark").bulk_update(clues, ["due_on"])


@transaction.atomic
def _copy() -> None:
    """Give each household that was not screened what was found of one that was."""
    known = dict(Household.objects.everywhere(reason="benchmark").values_list("number", "pk"))
    rest = [number for number in known if int(number) >= SCREENED]
    pairs = pa.table(
        {
            "household": pa.array([known[number] for number in rest], pa.int64()),
            # a step that shares no factor with the counties, so that every county gets every kind
            "model": pa.array(
                [known[str(int(number) // COUNTIES % SCREENED)] for number in rest], pa.int64()
            ),
        }
    )
    clue = (
        "rulebook, rule, kind, severity, status, opened_on, due_on, run_opened_id, run_last_id, cleared_by_id, "
        "stale, evidence"
    )
    verdict = "rulebook, run_id, class_id, class_verdict, queue, fired, undecided, unknown, missing, stale"
    observation = 'fact, value, valid_from, valid_to, recorded_at, source_id, "by"'
    with staged(pairs) as rows:
        for table, columns in (("signals_clue", clue), ("signals_householdverdict", verdict)):
            execute(
                f"INSERT INTO {table} (household_id, {columns}) SELECT p.household, {columns} "
                f"FROM {rows} p JOIN {table} t ON t.household_id = p.model ORDER BY p.household"
            )
        execute(
            f"INSERT INTO people_observation (household_id, {observation}) SELECT p.household, {observation} "
            f"FROM {rows} p JOIN people_observation t ON t.household_id = p.model AND t.member_id IS NULL"
        )
        execute(
            "INSERT INTO signals_sighting (clue_id, run_id, change, stale) SELECT n.id, s.run_id, s.change, s.stale "
            f"FROM {rows} p JOIN signals_clue n ON n.household_id = p.household "
            "JOIN signals_clue t ON t.household_id = p.model AND t.rulebook = n.rulebook AND t.rule = n.rule "
            "JOIN signals_sighting s ON s.clue_id = t.id"
        )
    AreaTally.objects.everywhere(reason="benchmark").delete()
    execute(
        "INSERT INTO signals_areatally (area_id, rulebook, run_id, households, possible, cannot_tell, unseen) "
        "SELECT h.area_id, v.rulebook, max(v.run_id), count(*), sum(CASE WHEN v.class_verdict = 'yes' THEN 1 ELSE 0 END), "
        "sum(CASE WHEN v.queue = 'cannot_tell' THEN 1 ELSE 0 END), sum(CASE WHEN v.queue = 'unseen' THEN 1 ELSE 0 END) "
        "FROM signals_householdverdict v JOIN people_household h ON h.id = v.household_id GROUP BY h.area_id, v.rulebook"
    )
