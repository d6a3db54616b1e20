"""Meetings on their pages: who waits, calling, deciding one by one, closing once; what is refused and where it is said."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.accounts.enums import Role
from highground.cases.models import Case, Meeting
from tests.cases.test_notice_pages import add_member, name_in_vault
from tests.support.case_lists import many
from tests.support.pages import check_source
from tests.support.places import add_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(office, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: office.today)


def desk(office, name: str) -> Client:
    client = Client()
    client.force_login(office.staff[name])
    return client


def ready(office, *numbers: str) -> list[Case]:
    """Cases that wait for the meeting."""
    cases = []
    for number in numbers:
        case = office.open(number)
        office.assign(case)
        office.visit(case)
        office.apply(case)
        cases.append(case)
    return cases


def called(office, *numbers: str) -> Meeting:
    cases = ready(office, *numbers)
    client = desk(office, "secretary")
    address = "/cases/meetings/call/?village=BAIYUN&rulebook=demo-cn&step=appraise"
    sent = {"day": office.today.isoformat(), "entitled": "31", "cases": [case.pk for case in cases]}
    response = client.post(address, sent)
    assert response.status_code == 302, response.content.decode()
    return Meeting.objects.everywhere(reason="test").latest("pk")


def written(meeting: Meeting, *, outcome: str = "include", votes: int = 21, **more: str) -> dict[str, str]:
    """What the form of a meeting sends: the same for every household."""
    sent = {}
    for item in meeting.items.all():
        prefix = f"household-{item.pk}"
        sent |= {
            f"{prefix}-outcome": outcome,
            f"{prefix}-in_favour": str(votes),
            f"{prefix}-abstained": "2",
            f"{prefix}-reason": "So the meeting says.",
        }
    return {**sent, "present": "23", "minutes": "Read out, nobody spoke against it.", **more}


def test_the_list_says_who_waits_in_which_village_and_who_may_call(office) -> None:
    ready(office, "2231", "3096")
    response = desk(office, "secretary").get("/cases/meetings/")
    check_source(response)
    page = response.content.decode()
    assert "2 households wait for a meeting" in page
    ((group, url),) = response.context["groups"]
    assert (group.village.code, group.step.id, group.count, group.mine) == ("BAIYUN", "appraise", 2, True)
    assert url == "/cases/meetings/call/?village=BAIYUN&rulebook=demo-cn&step=appraise"
    assert "Call a meeting" in page
    county = desk(office, "county").get("/cases/meetings/")
    assert "Call a meeting" not in county.content.decode()
    assert "the village takes this step" in county.content.decode()
    assert desk(office, "neighbour").get("/cases/meetings/").context["groups"] == []


def test_calling_a_meeting_puts_the_ticked_households_on_its_list(office) -> None:
    first, second = ready(office, "2231", "3096")
    client = desk(office, "secretary")
    address = "/cases/meetings/call/?village=BAIYUN&rulebook=demo-cn&step=appraise"
    page = client.get(address)
    check_source(page)
    assert page.content.decode().count(" checked>") == 2, "all that wait are ticked"
    why = page.context["rows"][0][1]
    assert "31,400 yuan" in why.sentences[0]
    assert why.sentences[1] == "Risks: illness"
    assert why.tag == ("possible: household in sudden severe difficulty", "clay")
    refused = client.post(address, {"day": "", "entitled": "0"})
    assert refused.status_code == 422
    for said in ("Give the day.", "At least one person is entitled", "Tick at least one household"):
        assert said in refused.content.decode()
    client.post(address, {"day": office.today.isoformat(), "entitled": "31", "cases": [first.pk]})
    meeting = Meeting.objects.everywhere(reason="test").get()
    assert [item.case_id for item in meeting.items.all()] == [first.pk]
    waiting = client.get("/cases/meetings/").context["groups"]
    assert [(group.count) for group, _url in waiting] == [1], "who stands on a list waits no longer"
    assert client.get(address).context["rows"][0][0].pk == second.pk


def test_a_row_is_saved_alone_and_takes_effect_when_the_meeting_is_closed(office) -> None:
    meeting = called(office, "2231", "3096")
    item = meeting.items.order_by("pk").first()
    client = desk(office, "secretary")
    response = client.get(f"/cases/meetings/{meeting.pk}/")
    check_source(response)
    assert "0 of 2 households are decided" in response.content.decode()
    client.post(f"/cases/meetings/{meeting.pk}/", {**written(meeting), "save": str(item.pk)})
    item.refresh_from_db()
    assert (item.outcome, item.in_favour, item.abstained) == ("include", 21, 2)
    other = meeting.items.exclude(pk=item.pk).get()
    assert other.outcome == ""
    assert item.case.steps.filter(step="appraise").count() == 0
    assert "1 of 2 households are decided" in client.get(f"/cases/meetings/{meeting.pk}/").content.decode()


def test_everything_is_saved_at_once_with_the_minutes_so_far(office) -> None:
    meeting = called(office, "2231", "3096")
    client = desk(office, "secretary")
    client.post(f"/cases/meetings/{meeting.pk}/", {**written(meeting), "save": "all"})
    meeting.refresh_from_db()
    assert {item.outcome for item in meeting.items.all()} == {"include"}
    assert (meeting.present, meeting.minutes, meeting.status) == (
        23,
        "Read out, nobody spoke against it.",
        "open",
    )


def test_closing_moves_every_household_on(office) -> None:
    meeting = called(office, "2231", "3096")
    client = desk(office, "secretary")
    response = client.post(
        f"/cases/meetings/{meeting.pk}/", {**written(meeting), "save": "close"}, follow=True
    )
    page = response.content.decode()
    assert "The meeting decided about 2 households" in page
    assert "23 of 31 were there." in page
    assert "21 for, 0 against, 2 abstained" in page
    for item in meeting.items.select_related("case"):
        assert item.case.steps.filter(step="appraise", outcome="include").count() == 1
    held = client.get("/cases/meetings/?show=held")
    assert [(row.households, label) for row, label in held.context["rows"]] == [(2, "democratic appraisal")]


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"present": "15"}, "present", "15 of 31 were there; it takes 16."),
        ({"present": "32"}, "present", "Only 31 people are entitled to attend."),
        ({"present": ""}, "present", "Say how many were there."),
        ({"minutes": " "}, "minutes", "Write the minutes."),
        ({"present": "20"}, "in_favour", "23 votes, but only 20 people can have voted."),
        ({"outcome": "exclude", "reason": ""}, "reason", "say why, in the words of the meeting."),
        ({"votes": 40}, "in_favour", "42 votes, but only 31 people can have voted."),
        ({"votes": "x"}, "in_favour", "Write digits alone"),
    ],
)
def test_what_does_not_hold_is_said_beside_its_field_and_nothing_is_stored(
    office, change, field, said
) -> None:
    meeting = called(office, "2231")
    item = meeting.items.get()
    sent = written(meeting)
    for name, value in change.items():
        key = (
            name
            if name in ("present", "minutes")
            else f"household-{item.pk}-{name.replace('votes', 'in_favour')}"
        )
        sent[key] = str(value)
    response = desk(office, "secretary").post(f"/cases/meetings/{meeting.pk}/", {**sent, "save": "close"})
    assert response.status_code == 422
    (form,) = [
        one for one in (response.context["minutes"], response.context["rows"][0][1]) if field in one.fields
    ]
    assert said in " ".join(form.errors[field])
    assert (
        "There is a problem" in response.content.decode()
        or "govuk-error-summary" in response.content.decode()
    )
    meeting.refresh_from_db()
    assert meeting.status == "open"
    assert item.case.steps.filter(step="appraise").count() == 0


def test_a_meeting_does_not_close_with_a_household_undecided(office) -> None:
    meeting = called(office, "2231", "3096")
    item = meeting.items.order_by("pk").first()
    sent = {
        name: value
        for name, value in written(meeting).items()
        if not name.startswith(f"household-{item.pk}-")
    }
    response = desk(office, "secretary").post(f"/cases/meetings/{meeting.pk}/", {**sent, "save": "close"})
    assert response.status_code == 422
    number = item.case.household.number
    assert f"Household {number} is undecided." in response.content.decode()
    meeting.refresh_from_db()
    assert meeting.status == "open"


def test_a_meeting_below_its_quorum_is_called_off_with_a_reason_and_the_households_wait_again(office) -> None:
    meeting = called(office, "2231")
    client = desk(office, "secretary")
    refused = client.post(f"/cases/meetings/{meeting.pk}/", {"save": "off", "why-reason": ""})
    assert refused.status_code == 422
    assert "Say why." in refused.content.decode()
    client.post(f"/cases/meetings/{meeting.pk}/", {"save": "off", "why-reason": "Only nine came."})
    meeting.refresh_from_db()
    assert (meeting.status, meeting.minutes) == ("cancelled", "Only nine came.")
    assert "Only nine came." in client.get("/cases/meetings/?show=off").content.decode()
    assert client.get("/cases/meetings/").context["waiting"] == 1


def test_who_does_not_take_the_step_reads_and_changes_nothing(office) -> None:
    meeting = called(office, "2231")
    client = desk(office, "township")
    page = client.get(f"/cases/meetings/{meeting.pk}/").content.decode()
    assert "Close the meeting" not in page
    assert "This meeting is written up by: first secretary, village worker" in page
    client.post(f"/cases/meetings/{meeting.pk}/", {**written(meeting), "save": "close"})
    meeting.refresh_from_db()
    assert meeting.status == "open"


def test_the_other_county_finds_nothing(office) -> None:
    meeting = called(office, "2231")
    neighbour = desk(office, "neighbour")
    assert neighbour.get(f"/cases/meetings/{meeting.pk}/").status_code == 404
    ready(office, "3096")
    address = "/cases/meetings/call/?village=BAIYUN&rulebook=demo-cn&step=appraise"
    assert neighbour.get(address).status_code == 404
    assert desk(office, "analyst").get("/cases/meetings/").status_code == 403


def test_who_watches_over_the_province_reads_no_names(office) -> None:
    meeting = called(office, "2231")
    household = meeting.items.get().case.household
    name_in_vault(household, add_member(household, "1", relation="head"), "name", "Zhao Head")
    office.staff["province"] = add_person("province", Role.PROVINCE_OFFICER, office.register.areas["CN-ZZ"])
    address = f"/cases/meetings/{meeting.pk}/"
    assert "Zhao Head" in desk(office, "secretary").get(address).content.decode()
    page = desk(office, "province").get(address).content.decode()
    assert "Household 2231" in page
    assert "Zhao Head" not in page


def test_an_address_with_nonsense_is_not_found(office) -> None:
    ready(office, "2231")
    client = desk(office, "secretary")
    for query in ("", "?village=BAIYUN", "?village=X&rulebook=demo-cn&step=appraise",
                  "?village=BAIYUN&rulebook=demo-cn&step=visit", "?village=DATANG&rulebook=demo-cn&step=appraise"):  # fmt: skip
        assert client.get(f"/cases/meetings/call/{query}").status_code == 404, query


def test_the_exit_is_appraised_on_the_same_page(office) -> None:
    (case,) = many(office, 1, to="exit_appraise")
    client = desk(office, "secretary")
    ((group, url),) = client.get("/cases/meetings/").context["groups"]
    assert group.step.id == "exit_appraise"
    assert "The family&#x27;s answer: signed" in client.get(url).content.decode()
    client.post(url, {"day": office.today.isoformat(), "entitled": "31", "cases": [case.pk]})
    meeting = Meeting.objects.everywhere(reason="test").get()
    sent = written(meeting, outcome="exclude")
    client.post(f"/cases/meetings/{meeting.pk}/", {**sent, "save": "close"})
    case.refresh_from_db()
    assert case.status == "monitored"
    assert case.steps.get(step="exit_appraise").outcome == "exclude"


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_the_number_of_queries_does_not_grow_with_the_households(office) -> None:
    client = desk(office, "secretary")
    counts = []
    for number, start in ((1, 0), (49, 1)):
        many(office, number, to="appraise", start=start)
        call = client.get("/cases/meetings/").context["groups"][0][1]
        meeting = Meeting.objects.everywhere(reason="test").order_by("-pk").first()
        if meeting is None:
            cases = list(Case.objects.everywhere(reason="test"))
        else:
            cases = list(Case.objects.everywhere(reason="test").exclude(meeting_items__meeting=meeting))
        counts.append([queries(client, "/cases/meetings/"), queries(client, call)])
        with CaptureQueriesContext(connection) as calling:
            sent = {"day": office.today.isoformat(), "entitled": "31", "cases": [case.pk for case in cases]}
            assert client.post(call, sent).status_code == 302
        meeting = Meeting.objects.everywhere(reason="test").latest("pk")
        assert meeting.items.count() == number
        counts[-1] += [len(calling), queries(client, f"/cases/meetings/{meeting.pk}/")]
    assert counts[0] == counts[1]
