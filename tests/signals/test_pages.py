"""What the pages of signals say, to whom, and what they cost."""

import csv
import datetime
import io
import itertools
import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from highground.accounts.enums import Role
from highground.audit.models import AccessLog
from highground.signals.actions import screen_register
from highground.signals.models import Clue, Run
from tests.support.pages import check_source
from tests.support.places import add_person
from tests.support.register import BILLS, BOOK, FAMILY, TODAY, learn

pytestmark = pytest.mark.django_db
NEXT = TODAY + datetime.timedelta(days=30)


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch) -> None:
    """Pages are read on the day of the screening."""
    from django.utils import timezone

    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)


def signed_in(username: str, role: Role, area) -> Client:
    client = Client()
    client.force_login(add_person(username, role, area))
    return client


@pytest.fixture
def officer(register) -> Client:
    return signed_in("weilan", Role.COUNTY_OFFICER, register.areas["LONGHE"])


def clue_of(number: str, rule: str) -> Clue:
    return Clue.objects.everywhere(reason="test").get(household__number=number, rule=rule)


def text_of(response) -> str:
    assert response.status_code == 200
    check_source(response)
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", plain.replace("&#x27;", "'"))


def names_in(response) -> list[str]:
    return [clue.household.number for clue in response.context["page"].rows]


def test_the_worklist_counts_sorts_and_says_why(officer, run) -> None:
    response = officer.get("/clues/")
    text = text_of(response)
    assert "4 clues to follow" in text
    assert "Net income per person of 10,000 yuan is above the monitoring line of 8,300 yuan" in text
    assert "possible: household in sudden severe difficulty" in text
    assert names_in(response) == ["2231", "1410", "2231", "0874"]
    assert "9001" not in text


def test_a_class_is_only_ever_said_to_be_possible(officer, run) -> None:
    """Wherever a class is named, "possible" stands before it; the rule's own page of reasons aside."""
    clue = clue_of("2231", "sudden_severe")
    for url in ("/clues/", f"/clues/{clue.pk}/", f"/households/{clue.household.key}/"):
        text = text_of(officer.get(url)).lower()
        for found in re.finditer("household in sudden severe difficulty", text):
            before = text[max(0, found.start() - 12) : found.start()]
            menu = re.match(r".{0,40} \d", text[found.start() : found.end() + 6])
            assert "possible:" in before or menu, (url, text[found.start() - 60 : found.end() + 20])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("show=overdue", []),
        ("show=week", ["2231", "1410", "2231"]),
        ("show=new", ["2231", "1410", "2231", "0874"]),
        ("show=cleared", []),
        ("rule=demo-cn:dwelling_unsafe", ["1410"]),
        ("area=HEPING", ["1410"]),
        ("area=ANTANG", ["2231", "1410", "2231", "0874"]),
        ("sort=household", ["0874", "1410", "2231", "2231"]),
        ("sort=-household", ["2231", "2231", "1410", "0874"]),
        ("sort=evidence", ["2231", "1410", "2231", "0874"]),
    ],
)
def test_filters_and_orders(officer, run, query: str, found: list[str]) -> None:
    assert names_in(officer.get(f"/clues/?{query}")) == found


def test_the_pills_count_what_they_show(officer, run, register) -> None:
    learn({"1410": FAMILY}, register.areas, day=NEXT)
    screen_register(rulebook=BOOK, as_of=NEXT, by="test", today=NEXT)
    response = officer.get("/clues/")
    counts = {"all": 4, "overdue": 0, "week": 3, "new": 0, "cleared": 1}
    assert response.context["counts"] == counts
    assert names_in(officer.get("/clues/?show=cleared")) == ["1410"]


def test_the_pager_knows_how_many_rows_there_are(officer, run, register) -> None:
    """The total is added up from the counts beside the list; the rows themselves are the oracle."""
    learn({"1410": FAMILY}, register.areas, day=NEXT)
    screen_register(rulebook=BOOK, as_of=NEXT, by="test", today=NEXT)
    Clue.objects.everywhere(reason="test").filter(household__number="0874").update(
        due_on=TODAY - datetime.timedelta(days=1)
    )
    kinds = ("", "overdue", "week", "new", "cleared", "nonsense")
    rules = ("", "demo-cn:medical_spending", "demo-cn:dwelling_unsafe", "other:marginal")
    totals = set()
    for show, rule, area in itertools.product(kinds, rules, ("", "NALONG", "HEPING", "BAIYUN", "ANTANG-1")):
        page = officer.get("/clues/", {"show": show, "rule": rule, "area": area}).context["page"]
        assert page.total == len(page.rows), (show, rule, area)
        totals.add(page.total)
    assert totals == {0, 1, 2, 3, 4}


def test_the_queues_of_a_part_count_and_lead_to_that_part(officer, run) -> None:
    """The village lies two steps below the area in view: the list is of the village, the navigation is not."""
    for address in ("/clues/", "/clues/cannot-tell/", "/clues/no-data/"):
        response = officer.get(address, {"area": "BAIYUN"})
        tabs = {queue.url: (queue.count, queue.current) for queue in response.context["queues"]}
        assert tabs == {
            "/clues/?area=BAIYUN": (2, address == "/clues/"),
            "/clues/cannot-tell/?area=BAIYUN": (1, address == "/clues/cannot-tell/"),
            "/clues/no-data/?area=BAIYUN": (0, address == "/clues/no-data/"),
        }
        assert response.context["page"].total == len(response.context["page"].rows)
        (entry,) = (entry for entry in response.context["navigation"] if entry["key"] == "clues")
        assert entry["count"] == 4


def test_a_place_filters_the_list_even_where_the_menu_leaves_it_out(officer, run, monkeypatch) -> None:
    monkeypatch.setattr("highground.signals.places.MOST_PLACES", 1)
    response = officer.get("/clues/?area=HEPING")
    assert response.context["places"] == []
    assert names_in(response) == ["1410"]
    assert response.context["page"].total == 1


def test_the_export_is_exactly_what_is_filtered(officer, run) -> None:
    response = officer.get("/clues/?rule=demo-cn:dwelling_unsafe&format=csv")
    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    assert rows[0][:3] == ["Clue", "Household", "Pseudonym"]
    assert [row[1] for row in rows[1:]] == ["1410"]
    assert rows[1][9] == "2026-03-13"


def test_empty_lists_say_what_to_do(register, run) -> None:
    village = signed_in("nobody", Role.VILLAGE_WORKER, register.areas["HEPING-1"])
    assert "No clue fits these filters" in text_of(village.get("/clues/?show=overdue"))
    assert "Nothing that matters is missing here" in text_of(village.get("/clues/cannot-tell/"))


def test_the_queues_say_what_to_ask_and_whom_to_see(officer, run) -> None:
    text = text_of(officer.get("/clues/cannot-tell/"))
    assert "1 household to ask about" in text
    assert "Household 3096" in text
    assert "out-of-pocket spending" in text
    text = text_of(officer.get("/clues/no-data/"))
    assert "1 household to go and see" in text
    assert "Household 2718" in text
    exported = b"".join(officer.get("/clues/cannot-tell/?format=csv")).decode()
    assert "3096" in exported
    assert "9003" not in exported


def test_a_clue_shows_how_the_figure_is_made_up_and_on_what(officer, run) -> None:
    text = text_of(officer.get(f"/clues/{clue_of('2231', 'sudden_severe').pk}/"))
    for piece in (
        "Possible: household in sudden severe difficulty",
        "Reference income (6,150 each)",
        "the monitoring line 8,300 × 4 = 33,200",
        "24,600 ≤ 8,300 × 4 = 33,200",
        "Yearly check",
        "31,400 yuan",
        "more than 8,600 yuan more",
        "Visit the family by 13 March 2026",
        "not verified",
    ):
        assert piece in text, piece


def test_a_clue_of_a_plain_comparison_is_drawn_against_its_line(officer, run) -> None:
    text = text_of(officer.get(f"/clues/{clue_of('2231', 'medical_spending').pk}/"))
    assert "To look into: high medical spending of one's own" in text
    assert "62,800 &gt; 40,000" in text


def test_a_veto_is_weighed_and_changes_nothing(register, run) -> None:
    neighbour = signed_in("antang", Role.COUNTY_OFFICER, register.areas["PINGNAN"])
    text = text_of(neighbour.get(f"/clues/{clue_of('9001', 'sudden_severe').pk}/"))
    assert "To weigh against it" in text
    assert "not counted, because of a sudden illness" in text


def test_a_clue_whose_run_is_gone_still_says_why(officer, run, settings, tmp_path) -> None:
    settings.HIGHGROUND_HOME = tmp_path / "elsewhere"
    text = text_of(officer.get(f"/clues/{clue_of('2231', 'sudden_severe').pk}/"))
    assert "reference income per person of 6,150 yuan" in text
    assert "restore them from a backup" in text


def test_what_cleared_says_so_and_why(officer, run, register) -> None:
    learn({"2231": FAMILY}, register.areas, day=NEXT)
    screen_register(rulebook=BOOK, as_of=NEXT, by="test", today=NEXT)
    text = text_of(officer.get(f"/clues/{clue_of('2231', 'sudden_severe').pk}/"))
    assert "No longer so by the run of 9 April 2026" in text
    assert "The clue stays open until people close it" in text


def test_a_household_shows_facts_members_and_what_happened(officer, run) -> None:
    household = clue_of("2231", "sudden_severe").household
    text = text_of(officer.get(f"/households/{household.key}/"))
    assert "Visit household 2231: 3 days left" in text
    assert "31,400 yuan" in text
    assert "1 February 2026" in text
    assert "Yearly check" in text
    assert "Lives in Baiyun village" in text


def test_a_fact_past_its_time_is_marked(officer, run, register) -> None:
    learn({"0122": {"income_wage_12m": "20000"}}, register.areas, day=datetime.date(2023, 1, 5))
    learn({"0122": {"income_wage_12m": None}}, register.areas, day=datetime.date(2022, 1, 5))
    learn({"2718": {"claims_12m": "700"}}, register.areas, day=datetime.date(2023, 1, 5))
    key = register.households["2718"].key
    text = text_of(officer.get(f"/households/{key}/"))
    assert re.search(r"Claims paid 700 yuan 5 January 2023 Yearly check too old", text)


def test_whoever_opens_a_household_or_a_clue_is_noted(officer, run) -> None:
    clue = clue_of("2231", "sudden_severe")
    officer.get(f"/households/{clue.household.key}/")
    officer.get(f"/clues/{clue.pk}/")
    noted = [(row.page, row.subject_id) for row in AccessLog.objects.order_by("pk")]
    assert noted == [("signals.household", clue.household.key), ("signals.clue", clue.household.key)]


def test_a_neighbour_is_answered_as_if_nothing_were_there(register, run) -> None:
    neighbour = signed_in("antang", Role.COUNTY_OFFICER, register.areas["PINGNAN"])
    clue = clue_of("2231", "sudden_severe")
    there = [f"/clues/{clue.pk}/", f"/households/{clue.household.key}/"]
    absent = ["/clues/999999/", "/households/H000-0000/"]
    for url, other in zip(there, absent, strict=True):
        found, missing = neighbour.get(url), neighbour.get(other)
        assert (found.status_code, missing.status_code) == (404, 404)
        assert text_404(found) == text_404(missing)
    assert not AccessLog.objects.exists()
    assert "2231" not in text_of(neighbour.get("/clues/"))
    assert "2231" not in b"".join(neighbour.get("/clues/?format=csv")).decode()


def text_404(response) -> str:
    main = re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)
    assert main
    return main.group()


def test_an_analyst_sees_runs_and_rules_and_no_household(register, run) -> None:
    analyst = signed_in("lujing", Role.ANALYST, register.areas["LONGHE"])
    clue = clue_of("2231", "sudden_severe")
    for url in ("/clues/", "/clues/cannot-tell/", "/clues/no-data/", f"/clues/{clue.pk}/"):
        assert analyst.get(url).status_code == 403
    assert analyst.get(f"/households/{clue.household.key}/").status_code == 403
    for url in ("/runs/", f"/runs/{run.pk}/"):
        text = text_of(analyst.get(url))
        assert clue.household.key not in text
        assert "2231" not in text


def test_a_run_over_more_than_one_s_area_shows_only_one_s_own_part(register, run) -> None:
    """The run looked at both counties: 6 new clues, 4 of them here. Totals of the whole would tell of the other."""
    officer = signed_in("weilan", Role.COUNTY_OFFICER, register.areas["LONGHE"])
    text = text_of(officer.get(f"/runs/{run.pk}/"))
    assert "4 new clues, 0 cleared" in text
    assert "This run looked at more than your area" in text
    assert "Households 9" not in text
    province = signed_in("lintao", Role.PROVINCE_OFFICER, register.areas["CN"])
    text = text_of(province.get(f"/runs/{run.pk}/"))
    assert "6 new clues, 0 cleared" in text
    assert "Households 9" in text


def test_a_run_of_the_neighbours_is_not_there(register, officer) -> None:
    run = screen_register(rulebook=BOOK, as_of=TODAY, area=register.areas["PINGNAN"], by="test", today=TODAY)
    assert officer.get(f"/runs/{run.pk}/").status_code == 404
    assert "No screening has been run over your area yet" in text_of(officer.get("/runs/"))


def test_a_rulebook_reads_as_text_with_its_sources(officer, run) -> None:
    text = text_of(officer.get("/rulebooks/demo-cn/"))
    for piece in (
        "possible: unstable lifted-out household",
        "net income plus claims paid minus out-of-pocket spending",
        "8,300",
        "Alxa, operating procedure of 14 August 2024",
        "Visit within 3 days",
    ):
        assert piece in text, piece
    for part in (
        "Before a risk is marked as eliminated",
        "Six calendar months have passed since the recognition",
        "Every income dated within 6 calendar months is above it, at least 2 incomes",
        "Where it is eliminated by itself, this is not asked: six calendar months",
        "An identity number fails its check digit",
        "Read the number off the identity card again",
    ):
        assert part in text, part
    assert officer.get("/rulebooks/no-such-book/").status_code == 404
    assert "in use here" in text_of(officer.get("/rulebooks/"))


def test_pages_speak_chinese(officer, run) -> None:
    officer.cookies["django_language"] = "zh-hans"
    text = text_of(officer.get(f"/clues/{clue_of('2231', 'sudden_severe').pk}/"))
    assert "疑似：突发严重困难户" in text
    assert "人均纳入参考收入6,150元" in text


def queries_of(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
        if response.streaming:
            b"".join(response)
    assert response.status_code == 200
    return len(captured)


LISTS = ("/clues/", "/clues/?format=csv", "/clues/cannot-tell/", "/clues/no-data/", "/runs/", "/rulebooks/")


@pytest.mark.parametrize("url", LISTS)
def test_fifty_rows_cost_as_many_queries_as_one(register, url: str) -> None:
    one = {"S1": ("BAIYUN", BILLS), "S2": ("BAIYUN", {"stratum": "rural"}), "S3": ("BAIYUN", {})}
    learn({number: facts for number, (_, facts) in one.items()}, register.areas, one)
    screen_register(rulebook=BOOK, as_of=TODAY, by="test", today=TODAY)
    client = signed_in("weilan", Role.COUNTY_OFFICER, register.areas["LONGHE"])
    national = signed_in("lintao", Role.PROVINCE_OFFICER, register.areas["CN"])
    client.get(url)
    few = queries_of(client, url)
    kinds = (("BAIYUN", BILLS), ("DATANG", {"stratum": "rural"}), ("HEPING-1", {}))
    more = {f"M{number}": kinds[number % 3] for number in range(150)}
    learn({number: facts for number, (_, facts) in more.items()}, register.areas, more, day=NEXT)
    screen_register(rulebook=BOOK, as_of=NEXT, by="test", today=NEXT)
    assert queries_of(client, url) == few
    assert queries_of(national, url) == few
    assert few <= 14


def test_the_tables_are_as_the_models_say(capsys) -> None:
    call_command("makemigrations", "signals", "home", check=True, dry_run=True, verbosity=0)
    assert Run._meta.default_manager.name == "unscoped_internal"
