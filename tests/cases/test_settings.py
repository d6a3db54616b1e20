"""What a county sets for its procedure: packs for cases opened from a day on, lists of holidays, who may, what is refused."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.audit.actions import verify
from highground.audit.models import Event
from highground.cases.actions.settings import choose_packs, set_holidays
from highground.cases.flow import CaseError
from highground.cases.holidays import BadDays, Days, read_days
from highground.cases.models import Case, Deadline, HolidayList, ProcedureChoice
from highground.methods.rules.procedure.path import NotAllowed
from tests.support.case_lists import many
from tests.support.pages import check_source
from tests.support.register import BOOK, TODAY

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
LIST = Days([datetime.date(2026, 3, 12), datetime.date(2026, 3, 13)], [datetime.date(2026, 3, 14)])


@pytest.fixture(autouse=True)
def on_the_day(office, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: office.today)


def choose(office, *packs: str, since: datetime.date = TODAY, by: str = "county") -> ProcedureChoice:
    return choose_packs(
        area=office.register.areas["LONGHE"], rulebook=BOOK, packs=packs, since=since, by=office.staff[by],
        today=office.today,
    )  # fmt: skip


def desk(office, name: str) -> Client:
    client = Client()
    client.force_login(office.staff[name])
    return client


def deadline(case: Case, step: str) -> Deadline:
    return Deadline.objects.everywhere(reason="test").get(case=case, step=step, met_on=None, dropped_on=None)


# --- Packs ---


def test_cases_opened_from_the_day_on_run_by_the_packs_and_open_cases_keep_theirs(office) -> None:
    before = office.open("2231")
    choose(office, "anhui", since=TODAY + DAY)
    still = office.open("0874")
    office.today = TODAY + DAY
    after = office.open("1410")
    assert [before.packs, still.packs, after.packs] == [["qinan"], ["qinan"], ["anhui"]]
    assert (deadline(before, "decide").unit, deadline(after, "decide").unit) == ("calendar", "working")


def test_the_choice_is_an_event_of_the_county_and_the_chain_verifies(office) -> None:
    choose(office, "anhui", "two-visitors")
    event = Event.objects.get(kind="cases.choose_packs")
    assert event.data["packs"] == ["anhui", "two-visitors"]
    assert event.data["since"] == TODAY.isoformat()
    assert event.area_path == office.register.areas["LONGHE"].path
    assert verify().sound


def test_a_second_choice_for_the_same_day_takes_the_place_of_the_first(office) -> None:
    choose(office, "anhui")
    choose(office, "pingjiang")
    assert [one.packs for one in ProcedureChoice.objects.everywhere(reason="test")] == [["pingjiang"]]
    assert Event.objects.filter(kind="cases.choose_packs").count() == 2


@pytest.mark.parametrize("by", ["township", "secretary", "neighbour", "analyst"])
def test_only_the_county_officer_of_this_county_sets_it(office, by) -> None:
    with pytest.raises(NotAllowed) as refused:
        choose(office, "anhui", by=by)
    assert refused.value.why == "role"
    with pytest.raises(NotAllowed):
        keep(office, by=by)


def test_packs_are_refused_for_the_past_for_no_county_and_where_they_are_unknown(office) -> None:
    with pytest.raises(CaseError, match="has gone by"):
        choose(office, "anhui", since=TODAY - DAY)
    with pytest.raises(CaseError, match="there is no pack 'quick'; known are qinan"):
        choose(office, "quick")
    with pytest.raises(CaseError, match="is no county"):
        choose_packs(area=office.register.areas["NALONG"], rulebook=BOOK, packs=[], since=TODAY,
                     by=office.staff["county"], today=TODAY)  # fmt: skip
    with pytest.raises(CaseError, match="was never used here"):
        choose_packs(area=office.register.areas["LONGHE"], rulebook="vn-2022", packs=[], since=TODAY,
                     by=office.staff["county"], today=TODAY)  # fmt: skip
    assert not ProcedureChoice.objects.everywhere(reason="test").exists()


# --- Holidays ---


def keep(
    office, days: Days = LIST, *, year: int = 2026, source: str = "County notice 3", by: str = "county"
) -> HolidayList:
    return set_holidays(
        area=office.register.areas["LONGHE"], year=year, days=days, source=source, by=office.staff[by],
        today=office.today,
    )  # fmt: skip


def test_a_list_moves_the_deadlines_in_working_days_that_are_running_and_no_others(office) -> None:
    choose(office, "anhui")
    case = office.open("2231")
    assert (deadline(case, "visit").unit, deadline(case, "visit").due_on) == (
        "working",
        datetime.date(2026, 3, 12),
    )
    choose(office, "qinan")
    calendar = office.open("0874")
    before = deadline(calendar, "visit").due_on
    # Tuesday 10 March: the 11th counts, the 12th and 13th are off, Saturday the 14th is worked.
    keep(office)
    case.refresh_from_db()
    assert deadline(case, "visit").due_on == datetime.date(2026, 3, 14)
    assert case.due_on == datetime.date(2026, 3, 14)
    assert deadline(calendar, "visit").due_on == before
    event = Event.objects.get(kind="cases.set_holidays")
    assert (event.data["year"], event.data["off"], event.data["worked"], event.data["cases"]) == (
        2026,
        2,
        1,
        1,
    )


def test_a_year_without_a_list_is_named_until_one_is_kept(office) -> None:
    choose(office, "anhui")
    office.today = datetime.date(2035, 3, 6)
    case = office.open("0122")
    assert deadline(case, "visit").unlisted == [2035]
    assert deadline(case, "visit").due_on == datetime.date(2035, 3, 8)
    keep(office, Days([datetime.date(2035, 3, 7)], []), year=2035)
    assert deadline(case, "visit").unlisted == []
    assert deadline(case, "visit").due_on == datetime.date(2035, 3, 9)


def test_a_list_needs_a_source_and_days_of_its_year(office) -> None:
    with pytest.raises(CaseError, match="where the list comes from"):
        keep(office, source=" ")
    with pytest.raises(CaseError, match="all of them in 2027"):
        keep(office, year=2027)
    with pytest.raises(CaseError, match="names days off"):
        keep(office, Days([], []))
    keep(office)
    keep(office, Days([datetime.date(2026, 5, 1)], []))
    assert HolidayList.objects.everywhere(reason="test").get().off == ["2026-05-01"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2026-10-01;off", "Row 1: “2026-10-01;off” is no date; write for example 2026-10-01."),
        ("2026-10-01", "Row 1: say “off” or “worked” after the day."),
        ("2026-10-01,off\n2026-10-01,off", "Row 2: 2026-10-01 is listed twice."),
        ("2025-10-01,off", "Row 1: 2025-10-01 does not lie in 2026."),
        (
            "2026-10-05,worked",
            "Row 1: 2026-10-05 is no weekend day; only a Saturday or Sunday can be worked.",
        ),
        ("2026-10-10,worked", "No day off is listed. Write one day per line, for example 2026-10-01,off."),
        ("", "No day off is listed. Write one day per line, for example 2026-10-01,off."),
    ],
)
def test_each_fault_of_a_list_names_its_row(text, fault) -> None:
    with pytest.raises(BadDays) as bad:
        read_days(text, 2026)
    assert bad.value.faults == [fault]


def test_a_list_may_have_headings_blank_lines_and_chinese_words() -> None:
    text = "\ufeffday,kind\n2026-10-02,OFF\n\n2026-10-01, 休\n2026-10-10,班\n"
    assert read_days(text, 2026) == Days(
        [datetime.date(2026, 10, 1), datetime.date(2026, 10, 2)], [datetime.date(2026, 10, 10)]
    )


# --- The page ---


def test_the_page_shows_what_each_pack_changes_with_its_source(office) -> None:
    response = desk(office, "county").get("/cases/procedure/")
    check_source(response)
    page = response.content.decode()
    assert "How Longhe county proceeds" in page
    assert "Not chosen here; in force by default:" in page
    assert "County decision: within 20 working days of discovery" in page
    assert "People Weekly 2022 on Anhui" in page
    assert "not verified" in page
    assert "<svg" in page
    village = desk(office, "secretary").get("/cases/procedure/").content.decode()
    assert "Choose these packs" not in village
    assert "Packs that a county officer may choose" in village


def test_a_county_officer_chooses_packs_on_the_page(office) -> None:
    client = desk(office, "county")
    sent = {
        "do": f"packs-{BOOK}",
        f"packs-{BOOK}-packs": ["anhui"],
        f"packs-{BOOK}-since": (TODAY - DAY).isoformat(),
    }
    refused = client.post("/cases/procedure/", sent)
    assert refused.status_code == 422
    assert "This day has gone by" in refused.content.decode()
    sent[f"packs-{BOOK}-since"] = TODAY.isoformat()
    page = client.post("/cases/procedure/", sent, follow=True).content.decode()
    assert "The packs are chosen." in page
    assert "Chosen:" in page
    assert "within 20 working days of discovery" in page.split("<svg")[1], "the picture shows it"
    assert office.open("2231").packs == ["anhui"]
    desk(office, "secretary").post("/cases/procedure/", {**sent, f"packs-{BOOK}-packs": ["pingjiang"]})
    assert ProcedureChoice.objects.everywhere(reason="test").get().packs == ["anhui"]


def test_a_list_is_typed_in_or_uploaded(office) -> None:
    client = desk(office, "county")
    sent = {"do": "holidays", "holidays-year": "2026", "holidays-source": "County notice 3"}
    assert "Write the days, or choose a file." in client.post("/cases/procedure/", sent).content.decode()
    bad = client.post("/cases/procedure/", {**sent, "holidays-days": "2026-10-01,off\n1 October,off"})
    assert bad.status_code == 422
    assert "Row 2: “1 October” is no date" in bad.content.decode()
    client.post("/cases/procedure/", {**sent, "holidays-days": "2026-10-01,off"})
    assert HolidayList.objects.everywhere(reason="test").get().off == ["2026-10-01"]
    file = SimpleUploadedFile("days.csv", b"day,kind\n2026-10-02,off\n")
    page = client.post("/cases/procedure/", {**sent, "holidays-file": file}, follow=True).content.decode()
    assert HolidayList.objects.everywhere(reason="test").get().off == ["2026-10-02"]
    assert "County notice 3" in page
    for content, fault in ((b"\xff\xfe\x00", "This is no text file in UTF-8"), (b"x" * 70_000, "too large")):
        refused = client.post(
            "/cases/procedure/", {**sent, "holidays-file": SimpleUploadedFile("x.csv", content)}
        )
        assert fault in refused.content.decode()


def test_a_year_without_a_list_is_said_on_the_page(office, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: datetime.date(2035, 3, 6))
    page = desk(office, "county").get("/cases/procedure/").content.decode()
    assert "no list is known" in page
    assert "counted by weekends alone" in page


def test_another_county_is_not_seen_and_nobody_without_a_case_comes_in(office) -> None:
    choose(office, "anhui")
    page = desk(office, "neighbour").get("/cases/procedure/?area=LONGHE").content.decode()
    assert "How Pingnan county proceeds" in page
    assert "Not chosen here" in page
    assert desk(office, "analyst").get("/cases/procedure/").status_code == 403


def test_the_number_of_queries_does_not_grow_with_choices_or_cases(office) -> None:
    client, counts = desk(office, "county"), []
    for number, start in ((1, 0), (49, 1)):
        many(office, number, to="visit", start=start)
        for place in range(start, start + number):
            choose(office, "anhui", since=TODAY + place * DAY)
        client.get("/cases/procedure/")
        with CaptureQueriesContext(connection) as caught:
            client.get("/cases/procedure/")
        counts.append(len(caught))
    assert counts[0] == counts[1]
