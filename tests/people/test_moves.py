"""Splits, merges and moves keep the history, and the row says what the latest statement says."""

import datetime

import pytest

from highground.accounts.scoping import touching
from highground.areas.models import Area
from highground.audit.actions import verify
from highground.audit.models import Event
from highground.people.actions import RegisterError
from highground.people.enums import HouseholdStatus, LinkKind
from highground.people.models import Household, HouseholdLink, Member, ProtectedValue
from highground.people.moves import merge_households, move_household, move_member, split_household
from highground.people.queries import facts_as_of, members_as_of, residence_as_of
from tests.people.conftest import TODAY, Fill

pytestmark = pytest.mark.django_db
BEGIN = datetime.date(2020, 1, 1)
DAY = datetime.date(2024, 5, 1)
BEFORE = DAY - datetime.timedelta(days=1)


@pytest.fixture
def pair(fill: Fill) -> tuple[Household, Household]:
    fill(
        [("1", "V1", BEGIN), ("2", "V2", BEGIN)],
        members=[(f"{h}/{m}", h, BEGIN) for h in "12" for m in "ab"],
        observations=[("1", None, "income_wage_12m", "10", BEGIN), ("1", "1/a", "sex", "female", BEGIN)],
        protected=[("1", "1/a", "name", "韦某")],
    )
    first, second = Household.objects.everywhere(reason="test").order_by("number")
    return first, second


def member(number: str) -> Member:
    return Member.objects.everywhere(reason="test").get(number=number)


def numbers(household: Household, as_of: datetime.date) -> list[str]:
    return sorted(members_as_of(household, as_of=as_of).values_list("number", flat=True))


def test_a_household_moves_and_moves_away(pair: tuple, areas: dict[str, Area]) -> None:
    first, _ = pair
    move_household(first, to=areas["V3"], day=DAY, by="9", today=TODAY)
    first.refresh_from_db()
    assert (first.area.code, first.status) == ("V3", HouseholdStatus.ACTIVE)
    assert residence_as_of(first, as_of=BEFORE).area.code == "V1"
    move_household(first, to=None, day=TODAY, by="9", today=TODAY)
    first.refresh_from_db()
    assert (first.area.code, first.status) == ("V3", HouseholdStatus.MOVED)
    assert residence_as_of(first, as_of=TODAY).area is None
    move_household(first, to=areas["V1"], day=TODAY, by="9", today=TODAY)
    first.refresh_from_db()
    assert (first.area.code, first.status) == ("V1", HouseholdStatus.ACTIVE)


def test_a_move_that_is_recorded_late_does_not_overrule_a_later_one(
    pair: tuple, areas: dict[str, Area]
) -> None:
    first, _ = pair
    move_household(first, to=areas["V3"], day=DAY, by="9", today=TODAY)
    move_household(first, to=areas["V2"], day=BEFORE, by="9", today=TODAY)
    first.refresh_from_db()
    assert first.area.code == "V3"
    assert residence_as_of(first, as_of=BEFORE).area.code == "V2"


def test_a_split(pair: tuple, areas: dict[str, Area]) -> None:
    first, _ = pair
    new = split_household(
        first, members=[member("1/a")], number="1a", area=areas["V2"], day=DAY, by="9", today=TODAY
    )
    assert (new.area.code, new.register, new.key != first.key) == ("V2", "main", True)
    assert (numbers(first, BEFORE), numbers(new, BEFORE)) == (["1/a", "1/b"], [])
    assert (numbers(first, DAY), numbers(new, DAY)) == (["1/b"], ["1/a"])
    # The member's facts go along; nobody has asked the new household about its income.
    assert [(known.household, known.fact) for known in facts_as_of([first, new], as_of=DAY)] == [
        (first.pk, "income_wage_12m"),
        (new.pk, "sex"),
    ]
    link = HouseholdLink.objects.everywhere(reason="test").get()
    assert (link.kind, link.earlier, link.later, link.day) == (LinkKind.SPLIT, first, new, DAY)
    assert ProtectedValue.objects.everywhere(reason="test").get().household == new
    first.refresh_from_db()
    assert first.status == HouseholdStatus.ACTIVE
    split_household(first, members=[member("1/b")], number="1b", day=TODAY, by="9", today=TODAY)
    first.refresh_from_db()
    assert first.status == HouseholdStatus.SPLIT
    assert residence_as_of(first, as_of=TODAY).area is None


def test_a_merge(pair: tuple) -> None:
    first, second = pair
    merge_households(first, [second], day=DAY, by="9", today=TODAY)
    assert numbers(first, DAY) == ["1/a", "1/b", "2/a", "2/b"]
    assert numbers(second, BEFORE) == ["2/a", "2/b"]
    second.refresh_from_db()
    assert second.status == HouseholdStatus.MERGED
    for act in (
        lambda: move_household(second, to=first.area, day=TODAY, by="9", today=TODAY),
        lambda: merge_households(second, [first], day=TODAY, by="9", today=TODAY),
        lambda: move_member(member("1/a"), to=second, day=TODAY, by="9", today=TODAY),
        lambda: split_household(second, members=[member("2/a")], number="x", day=TODAY, by="9", today=TODAY),
    ):
        with pytest.raises(RegisterError, match=f"household {second.key} has ended"):
            act()


def test_a_member_leaves(pair: tuple) -> None:
    first, _ = pair
    move_member(member("1/a"), to=None, day=DAY, by="9", today=TODAY)
    gone = member("1/a")
    assert (gone.present, gone.household) == (False, first)
    assert (numbers(first, BEFORE), numbers(first, DAY)) == (["1/a", "1/b"], ["1/b"])
    with pytest.raises(RegisterError, match=r"not a member .* today cannot leave it"):
        split_household(first, members=[gone], number="x", day=TODAY, by="9", today=TODAY)


def test_nothing_is_recorded_ahead(pair: tuple, areas: dict[str, Area]) -> None:
    tomorrow = TODAY + datetime.timedelta(days=1)
    with pytest.raises(RegisterError, match=r"2026-03-02 lies after 2026-03-01"):
        move_household(pair[0], to=areas["V2"], day=tomorrow, by="9", today=TODAY)


def test_every_change_is_one_event_without_names(pair: tuple, areas: dict[str, Area]) -> None:
    first, second = pair
    start = Event.objects.count()
    move_household(first, to=areas["V2"], day=DAY, by="9", today=TODAY)
    move_member(member("2/a"), to=first, day=DAY, by="9", today=TODAY)
    split_household(first, members=[member("1/a")], number="1a", day=DAY, by="9", today=TODAY)
    merge_households(first, [second], day=DAY, by="9", today=TODAY)
    kinds = [event.kind.removeprefix("people.") for event in Event.objects.order_by("sequence")[start:]]
    assert kinds == ["move_household", "move_member", "split_household", "merge_households"]
    assert all(event.subject_id.startswith("H") for event in Event.objects.order_by("sequence")[start:])


def seen_by_the_auditor_of(area: Area) -> list[tuple[str, str]]:
    """Kind and household of each event about a household."""
    events = Event.objects.filter(touching([area.path]), subject_kind="household").order_by("sequence")
    return list(events.values_list("kind", "subject_id"))


def test_the_auditors_of_both_areas_see_what_crosses_between_them(
    pair: tuple, areas: dict[str, Area]
) -> None:
    """One event each, which both V1 and V3 (in another country) keep; V2 has nothing to do with most of them."""
    first, second = pair
    move_household(first, to=areas["V3"], day=DAY, by="9", today=TODAY)
    moved = [("people.move_household", first.key)]
    assert Event.objects.filter(kind="people.move_household").count() == 1
    assert [seen_by_the_auditor_of(areas[code]) for code in ("V1", "V3", "V2", "COUNTY", "LA")] == [
        moved, moved, [], moved, moved,
    ]  # fmt: skip
    # Recorded late: where it lives now stays, but the village that it passed through learns of it, too.
    move_household(first, to=areas["V2"], day=BEFORE, by="9", today=TODAY)
    assert seen_by_the_auditor_of(areas["V2"]) == moved
    assert seen_by_the_auditor_of(areas["V3"]) == [*moved, *moved]
    move_member(member("1/a"), to=second, day=DAY, by="9", today=TODAY)
    assert seen_by_the_auditor_of(areas["V2"])[1:] == [("people.move_member", first.key)]
    new = split_household(
        second, members=[member("2/a")], number="2a", area=areas["V1"], day=DAY, by="9", today=TODAY
    )
    assert seen_by_the_auditor_of(areas["V1"])[1:] == [("people.split_household", second.key)]
    merge_households(first, [new], day=TODAY, by="9", today=TODAY)
    assert seen_by_the_auditor_of(areas["V1"])[2:] == [("people.merge_households", first.key)]
    assert seen_by_the_auditor_of(areas["V3"])[3:] == [("people.merge_households", first.key)]
    assert verify().sound
