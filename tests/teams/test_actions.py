"""From files to posts: a plan worked out by the planner, locks, withdrawals, approval, publication, days."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from highground.accounts.models import User
from highground.audit.models import Event
from highground.teams import planning
from highground.teams.actions import approve, mend_after, publish, set_lock, start_plan, write_days
from highground.teams.enums import Became, PlanStatus
from highground.teams.ground import TeamsError
from highground.teams.models import Candidate, DaysThere, Plan, Post, SendingUnit
from highground.teams.planning import folder_of, waiting, work
from highground.teams.queries import (
    became_of,
    moves_between,
    needs_of,
    pairings_of,
    rotation,
    teams_of_plan,
    with_their_unit,
)
from highground.teams.words import steadiness_of
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db
SINCE = datetime.date(2026, 4, 1)
DAY = datetime.timedelta(days=1)


def made(plan: Plan) -> Plan:
    """The plan once the planner is through with it; `db` never commits, so nothing was started yet."""
    assert work(plan.pk)
    plan.refresh_from_db()
    assert plan.status == PlanStatus.DRAFT, plan.problem
    return plan


def posted(plan: Plan) -> dict[str, str]:
    return dict(plan.postings.values_list("candidate__code", "village__code"))


def test_from_a_plan_to_the_villages(imported, monkeypatch) -> None:
    """One way through, for each plan costs two processes: plan, lock, plan again, withdraw, mend, approve, publish, days."""
    weilan, mofang = imported.staff["weilan"], imported.staff["mofang"]
    first = start_plan(imported.register.areas["LONGHE"], norms="cn-2021", by=weilan, today=TODAY)
    _cut_off(first)
    made(first)
    assert not (folder_of(first) / "half").exists()
    _check_plan(first, weilan)
    monkeypatch.setattr(planning, "WEIGHED_UP_TO", 0)

    held = list(first.postings.select_related("plan__area", "candidate", "village").order_by("pk")[:2])
    for one in held:
        set_lock(one, locked=True, by=weilan, today=TODAY)
    again = made(
        start_plan(
            first.area,
            norms="cn-2021",
            parent=first,
            weights={"no_woman": 0, "missing_skill": 0},
            by=weilan,
            today=TODAY,
        )
    )
    for one in held:
        kept = again.postings.get(candidate=one.candidate)
        assert kept.locked and kept.village == one.village
    assert again.certificate["wrong"] == []

    was = posted(again)
    gone = [one for one in sorted(was) if one not in {held[0].candidate.code, held[1].candidate.code}][:3]
    mended = made(mend_after(again, gone, may_move_others=False, by=weilan, today=TODAY))
    _check_mended(again, mended, gone)
    became = became_of(mended, list(needs_of(mended, weilan, TODAY)))
    hit = {was[one] for one in gone}
    assert {area.code: what for area, what in became} == {
        one: Became.FILLED if one in hit else Became.SAME for one in ("BAIYUN", "DATANG", "HEPING-1")
    }

    client = Client()
    client.force_login(weilan)
    page = client.get(f"/teams/plans/{mended.pk}/").content.decode()
    assert "What the withdrawals changed" in page and page.count("replay__sign--filled") == 1 + len(hit)

    with pytest.raises(TeamsError, match="does not approve"):
        approve(mended, by=weilan, today=TODAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Plan.objects.everywhere(reason="test").filter(pk=mended.pk).update(approved_by=mended.by)
    with pytest.raises(TeamsError, match="Only an approved plan"):
        publish(mended, since=SINCE, by=weilan, today=TODAY)
    for plan, since in ((again, SINCE), (mended, SINCE + 30 * DAY)):
        approve(plan, by=mofang, today=TODAY)
        with pytest.raises(TeamsError, match="Only a draft"):
            approve(plan, by=mofang, today=TODAY)
        begin = publish(plan, since=since, by=weilan, today=TODAY)
        assert begin == 9 if plan == again else begin == 3 + _roles_changed(again, mended)
    posts = Post.objects.everywhere(reason="test")
    assert {one.until for one in posts.filter(candidate__code__in=gone)} == {SINCE + 30 * DAY}
    assert posts.filter(until__isnull=True).count() == 9
    assert rotation(weilan, datetime.date(2028, 6, 1), mended.area) == (9, 9)
    _check_days(imported, posts)


def _cut_off(plan: Plan) -> None:
    """The process that worked it out died an hour ago, and left half a folder."""
    every = Plan.objects.everywhere(reason="test").filter(pk=plan.pk)
    every.update(status=PlanStatus.RUNNING, heard_at=timezone.now())
    assert waiting() == [] and work(plan.pk) is False
    every.update(heard_at=timezone.now() - datetime.timedelta(hours=1))
    folder_of(plan).mkdir(parents=True)
    (folder_of(plan) / "half").touch()
    assert waiting() == [plan.pk]


def _check_plan(plan: Plan, by: User) -> None:
    shown = plan.certificate
    assert (shown["seats"], shown["vacancies"], shown["wrong"], shown["villages"]) == (9, 0, [], 3)
    assert 0 <= shown["gap"] < 0.01
    assert plan.course[-1][0] == pytest.approx(shown["objective"])
    assert len(posted(plan)) == 9 and waiting() == []
    assert {one["weight"] for one in plan.weighed["same"]} == {
        "missing_skill",
        "missing_language",
        "no_woman",
    }
    assert 0 < plan.weighed["worst"] <= plan.weighed["mean"] and "At least" in steadiness_of(plan)
    assert work(plan.pk) is False
    teams = teams_of_plan(plan, list(needs_of(plan, by, TODAY)))
    assert [len(one.people) for one in teams] == [3, 3, 3]
    assert all("lead" in one.has for one in teams)
    # Nobody is sent home, and the folder is there to be checked again.
    assert posted(plan).get("LONGHE-P000") != "BAIYUN"
    assert (folder_of(plan) / "plan" / "manifest.json").is_file()
    event = Event.objects.filter(kind="teams.plan").last()
    assert event.data["postings"] == 9 and event.by == str(by.pk)


def _check_mended(before: Plan, after: Plan, gone: list[str]) -> None:
    """Nobody else has moved, and every seat is filled again."""
    was, now = posted(before), posted(after)
    assert not set(gone) & set(now)
    assert {one: now.get(one) for one in was if one not in gone} == {
        one: place for one, place in was.items() if one not in gone
    }
    assert len(now) == 9 and after.certificate["avoidable_vacancies"] == 0
    moves, count = moves_between(before, after, 1)
    assert (moves.same, count, len(moves.moved)) == (6, 6, 1)
    every = Candidate.objects.everywhere(reason="test")
    assert set(every.filter(withdrawn_on=TODAY).values_list("code", flat=True)) == set(gone)
    assert after.postings.filter(locked=True).count() == 2


def _roles_changed(before: Plan, after: Plan) -> int:
    was, now = (dict(one.postings.values_list("candidate", "role")) for one in (before, after))
    return sum(one in now and now[one] != role for one, role in was.items())


def _check_days(office, posts) -> None:
    """Days are written down once a month, and by who works there."""
    post = posts.select_related("village").filter(village__code="BAIYUN", until__isnull=True).first()
    write = {"by": office.staff["weisheng"], "today": datetime.date(2026, 6, 10)}
    write_days(post, month=datetime.date(2026, 5, 14), days=20, **write)
    write_days(post, month=datetime.date(2026, 5, 1), days=18, **write)
    assert list(DaysThere.objects.everywhere(reason="test").values_list("month", "days")) == [
        (datetime.date(2026, 5, 1), 18)
    ]
    for month, days, words in (
        (5, 32, "31 days"),
        (7, 1, "has begun"),
        (3, 1, "has begun"),
        (5, -1, "31 days"),
    ):
        with pytest.raises(TeamsError, match=words):
            write_days(post, month=datetime.date(2026, month, 1), days=days, **write)
    with pytest.raises(TeamsError, match="officer"):
        write_days(post, month=datetime.date(2026, 5, 1), days=3, by=office.staff["antang"], today=SINCE)


def test_units_without_a_village_are_paired_and_a_pool_pairs_nobody(imported, monkeypatch) -> None:
    weilan, mofang = imported.staff["weilan"], imported.staff["mofang"]
    monkeypatch.setattr(planning, "WEIGHED_UP_TO", 0)
    units = SendingUnit.objects.everywhere(reason="test")
    units.exclude(code="LONGHE-U0").update(paired=None)
    area = imported.register.areas["LONGHE"]
    pool = made(start_plan(area, norms="cn-2021", pool=True, by=weilan, today=TODAY))
    assert pool.pairings == []
    plan = made(start_plan(area, norms="cn-2021", by=weilan, today=TODAY))
    # Three units have no village and two villages have no unit; Baiyun keeps the one that it has.
    assert len(plan.pairings) == 2 and {village for _unit, village in plan.pairings} == {"DATANG", "HEPING-1"}
    of = dict(plan.postings.values_list("candidate__code", "candidate__unit__code"))
    home = {"LONGHE-U0": "BAIYUN", **dict(plan.pairings)}
    kept = sum(home.get(of[who]) == village for who, village in posted(plan).items())
    assert with_their_unit(plan) == kept >= 7 > with_their_unit(pool)
    again = made(start_plan(area, norms="cn-2021", parent=plan, by=weilan, today=TODAY))
    assert again.pairings == plan.pairings
    approve(again, by=mofang, today=TODAY)
    publish(again, since=SINCE, by=weilan, today=TODAY)
    told = dict(units.exclude(paired=None).values_list("code", "paired__code"))
    assert told == home
    shown, count = pairings_of(again, 1)
    assert count == 2 and [(one.code, village.code) for one, village in shown] == [tuple(again.pairings[0])]


def test_who_is_posted_in_another_county_stays_there_and_counts_for_their_unit(imported, monkeypatch) -> None:
    weilan, mofang = imported.staff["weilan"], imported.staff["mofang"]
    monkeypatch.setattr(planning, "WEIGHED_UP_TO", 0)
    area = imported.register.areas["LONGHE"]
    before = made(start_plan(area, norms="cn-2021", by=weilan, today=TODAY))
    one = before.postings.select_related("candidate__unit").order_by("candidate__code").first().candidate
    Post.objects.create(
        candidate=one,
        village=imported.register.areas["ANTANG-1"],
        role="member",
        since=TODAY,
        norms="cn-2021",
    )
    approve(before, by=mofang, today=TODAY)
    with pytest.raises(TeamsError, match=f"{one.name} has been posted outside Longhe county"):
        publish(before, since=SINCE, by=weilan, today=TODAY)
    SendingUnit.objects.everywhere(reason="test").filter(pk=one.unit_id).update(cap=1)
    plan = made(start_plan(area, norms="cn-2021", by=weilan, today=TODAY))
    of = dict(plan.postings.values_list("candidate__code", "candidate__unit"))
    assert one.code not in of and one.unit_id not in of.values()


def test_whom_a_plan_cannot_mend(office) -> None:
    weilan: User = office.staff["weilan"]
    plan = Plan.objects.create(
        area=office.register.areas["LONGHE"], number=1, norms="cn-2021", by=str(weilan.pk), made_on=TODAY,
        status=PlanStatus.DRAFT,
    )  # fmt: skip
    with pytest.raises(TeamsError, match="Choose who"):
        mend_after(plan, [], may_move_others=False, by=weilan, today=TODAY)
    with pytest.raises(TeamsError, match="NOBODY has no post"):
        mend_after(plan, ["NOBODY"], may_move_others=False, by=weilan, today=TODAY)


def test_without_anything_to_plan_from_it_says_what_to_import(office) -> None:
    weilan: User = office.staff["weilan"]
    with pytest.raises(TeamsError, match="No village of Longhe county has stated"):
        start_plan(office.register.areas["LONGHE"], norms="cn-2021", by=weilan, today=TODAY)
    with pytest.raises(TeamsError, match="county officer"):
        start_plan(office.register.areas["PINGNAN"], norms="cn-2021", by=weilan, today=TODAY)
    with pytest.raises(TeamsError, match="from 0 to 2000"):
        start_plan(
            office.register.areas["LONGHE"], norms="cn-2021", weights={"no_woman": -1}, by=weilan, today=TODAY
        )


def test_a_planner_that_fails_says_why(imported, monkeypatch) -> None:
    plan = start_plan(
        imported.register.areas["LONGHE"], norms="cn-2021", by=imported.staff["weilan"], today=TODAY
    )
    Plan.objects.everywhere(reason="test").filter(pk=plan.pk).update(weights={"missing_skill": 5000})
    assert work(plan.pk)
    plan.refresh_from_db()
    assert plan.status == PlanStatus.FAILED
    assert "missing_skill is 5000; a weight is at most 2000 points" in plan.problem
