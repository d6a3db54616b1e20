"""Papers made from facts: every blank that is known is filled, the look is logged, the queries stay the same."""

from __future__ import annotations

import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from highground.accounts.enums import Role
from highground.audit.models import AccessLog
from highground.cases.actions.applying import record_application
from highground.cases.actions.comparing import Answer, record_comparison
from highground.cases.actions.needs import record_need
from highground.cases.models import Case
from highground.people.models import Observation, Source
from tests.cases.test_notice_pages import SECRETS, add_member, name_in_vault
from tests.support.pages import check_source
from tests.support.places import add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db
KINDS = ("application", "assessment", "file")


@pytest.fixture(autouse=True)
def on_the_day(office, monkeypatch) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *_: office.today)


def desk(office, name: str) -> Client:
    client = Client()
    client.force_login(office.staff[name])
    return client


def text_of(office, case: Case, kind: str, *, reader: str = "contact") -> str:
    response = desk(office, reader).get(f"/cases/{case.pk}/papers/{kind}/")
    assert response.status_code == 200
    check_source(response)
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", plain.replace("&#x27;", "'"))


@pytest.fixture
def case(office) -> Case:
    """A household with a head and a child in the vault, visited, that applied through a helper."""
    found = office.open("2231")
    household = found.household
    head = add_member(household, "1", relation="head", birth_date="1980-05-01", medical_insurance="true")
    child = add_member(household, "2", relation="child", birth_date="2014-05-01")
    add_member(household, "s", relation="spouse")
    add_member(household, "p", relation="parent")
    name_in_vault(household, head, "name", "Zhao Head")
    name_in_vault(household, child, "name", "Zhao Child")
    for kind in ("identity_number", "phone", "bank_account"):
        name_in_vault(household, head, kind, SECRETS[kind])
    office.assign(found)
    office.visit(found)
    record_need(household, words="我们先卖了牛", language="zh", by=office.staff["contact"], day=office.today,
                today=office.today)  # fmt: skip
    return found


def test_the_application_is_filled_with_what_is_known_and_ready_to_be_signed(office, case) -> None:
    text = text_of(office, case, "application")
    for filled in ("Zhao Head", SECRETS["identity_number"], SECRETS["phone"], SECRETS["bank_account"], "Zhao Child",
                   "1 May 2014", "我们先卖了牛", "Illness", "Household 2231", "We can withdraw this at any time",
                   "companies and shops", "Signature or thumbprint of the family"):  # fmt: skip
        assert filled in text, filled
    assert "Signed by" not in text


def test_the_application_says_who_signed_who_wrote_it_and_that_it_was_read_back(office, case) -> None:
    record_application(case, outcome="applied", by=office.staff["contact"], day=office.today, today=office.today,
                       how="thumbprint", helper="Huang Helper", read_back=True)  # fmt: skip
    text = text_of(office, case, "application")
    for filled in ("Signed by Zhao Head", "thumbprint", "10 March 2026", "Written for the family by Huang Helper",
                   "Whoever wrote it read it back before it was signed."):  # fmt: skip
        assert filled in text, filled


def test_the_assessment_has_each_fact_with_day_and_source_and_the_verdict_as_a_possibility(
    office, case
) -> None:
    text = text_of(office, case, "assessment")
    assert "Possible: household in sudden severe difficulty" in text
    assert "What the rulebook says is a possibility." in text
    assert "Wage income +30,000" in text
    assert "Out-of-pocket spending −31,400" in text
    assert "Reference income (6,150 each) 24,600" in text
    assert "The monitoring line 8,300 × 4 = 33,200" in text
    assert "1 February 2026 Yearly check" in text
    assert "Zhao Head" in text
    assert "Contact" in text, "who visited"


def test_the_assessment_shows_vetoes_with_what_excepts_them(office, case) -> None:
    office.apply(case)
    record_comparison(
        case, by=office.staff["county2"], day=office.today, today=office.today,
        answers=[Answer("vehicles", "hit", veto="owns_car", excepted_by=("illness",), note="A car of 2012")],
    )  # fmt: skip
    for kind in ("assessment", "file"):
        text = text_of(office, case, kind)
        assert "A car of 2012" in text
        assert "excepted by" in text


def test_a_reckoning_that_lacks_a_part_says_so_instead_of_a_sum(office) -> None:
    case = office.open("3096")
    text = text_of(office, case, "assessment")
    assert "Out-of-pocket spending not known" in text
    assert "Reference income not known" in text


def test_the_case_file_tells_everything_with_its_reasons(office, case) -> None:
    office.apply(case)
    office.compare(case)
    office.appraise([case])
    office.notice([case])
    office.review(case)
    office.decide(case)
    text = text_of(office, case, "file", reader="county")
    for told in ("Clue", "Visit", "The visit proposed", "People recognised", "The rulebook said then",
                 "21 for, 0 against, 2 abstained", "“Weighed.”", "“So the meeting says.”", "Data comparison",
                 "我们先卖了牛", "Deadlines", "Vehicles"):  # fmt: skip
        assert told in text, told
    assert "Support plan" not in text.split("What happened")[1].split("Deadlines")[0], (
        "what is to come did not happen"
    )


def test_who_watches_over_the_county_reads_no_name_number_or_illness(office, case) -> None:
    record_application(case, outcome="applied", by=office.staff["contact"], day=office.today, today=office.today,
                       how="thumbprint", helper="Huang Helper", read_back=True)  # fmt: skip
    add_member(case.household, "3", relation="spouse", health_status="severe")
    assert "severely ill" in text_of(office, case, "assessment")
    office.staff["province"] = add_person("province", Role.PROVINCE_OFFICER, case.household.area.parent)
    for kind in KINDS:
        text = text_of(office, case, kind, reader="province")
        assert "Household 2231" in text
        for hidden in ("Zhao", "Huang Helper", "severely ill", "1 May 2014", *SECRETS.values()):
            assert hidden not in text, (kind, hidden)
    response = desk(office, "province").get(f"/cases/{case.pk}/")
    assert not any(hidden in response.content.decode() for hidden in ("Zhao", "severely ill"))


def test_each_look_is_logged(office, case) -> None:
    desk(office, "contact").get(f"/cases/{case.pk}/papers/")
    for kind in KINDS:
        text_of(office, case, kind)
    logged = (
        AccessLog.objects.filter(subject_id=case.household.key).order_by("pk").values_list("page", flat=True)
    )
    assert list(logged) == ["cases.papers", *(f"cases.paper_{kind}" for kind in KINDS)]


def test_the_other_county_and_other_kinds_are_not_found(office, case) -> None:
    for kind in ("", *(f"{kind}/" for kind in KINDS)):
        assert desk(office, "neighbour").get(f"/cases/{case.pk}/papers/{kind}").status_code == 404
        assert desk(office, "analyst").get(f"/cases/{case.pk}/papers/{kind}").status_code == 403
    assert desk(office, "contact").get(f"/cases/{case.pk}/papers/passport/").status_code == 404


def test_the_papers_are_printed_in_the_reader_s_language(office, case) -> None:
    client = desk(office, "contact")
    client.cookies["django_language"] = "zh-hans"
    page = client.get(f"/cases/{case.pk}/papers/application/").content.decode()
    assert '<html lang="zh-hans">' in page
    assert "和平" in page or "白云村" in page


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_of_queries_does_not_grow_with_members_or_facts(office, case, kind) -> None:
    client, counts = desk(office, "contact"), []
    source = Source.objects.get(name="Vault")
    for number, start in ((1, 0), (49, 1)):
        for place in range(start, start + number):
            member = add_member(case.household, f"q{place}", relation="other")
            name_in_vault(case.household, member, "name", f"Member {place}")
            Observation.objects.create(
                household=case.household, fact="income_wage_12m", value=str(30_000 + place),
                valid_from=TODAY - datetime.timedelta(days=place + 1), recorded_at=timezone.now(), source=source,
            )  # fmt: skip
            record_need(case.household, words=f"Need {place}", by=office.staff["contact"], day=office.today,
                        today=office.today)  # fmt: skip
        client.get(f"/cases/{case.pk}/papers/{kind}/")
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/cases/{case.pk}/papers/{kind}/")
        counts.append(len(caught))
    assert counts[0] == counts[1]
