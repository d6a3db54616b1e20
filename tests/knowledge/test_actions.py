"""Profiles and questions: who may do what, what happens twice, and what is kept."""

from __future__ import annotations

import datetime

import pytest

from highground.audit.actions import verify
from highground.audit.models import Event
from highground.knowledge.actions import asking
from highground.knowledge.actions.experts import (
    add_expert,
    change_profile,
    claim,
    clean_profile,
    erase,
    invite,
    mixed_scripts,
    vet,
    withdraw,
)
from highground.knowledge.actions.merging import (
    keep_apart,
    kept_apart_lately,
    likely_pairs,
    merge,
    merged_lately,
    undo_merge,
)
from highground.knowledge.enums import Progress, Standing
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.models import Claim, Expert, Line, Merge, Referral
from highground.knowledge.queries import asked_of, due_months, exposure, figures_of, referral_for
from tests.knowledge.conftest import PROFILE
from tests.support.places import add_person
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db


def profile(office, **values) -> Expert:
    return add_expert({**PROFILE, **values}, by=str(office.curators[0].pk), today=TODAY, basis="test")


def test_a_profile_is_claimed_once(office) -> None:
    expert, first, second = profile(office, name="Lin Mei"), add_person("first"), add_person("second")
    token = invite(expert, by=office.curators[0], today=TODAY)
    claim(token, by=first, today=TODAY)
    with pytest.raises(KnowledgeError, match="has been used"):
        claim(token, by=second, today=TODAY)
    expert.refresh_from_db()
    assert expert.owner == first
    with pytest.raises(KnowledgeError, match="claimed already"):
        invite(expert, by=office.curators[0], today=TODAY)
    assert token not in str(list(Event.objects.values_list("data", flat=True)))


def test_an_invitation_ends_with_its_month_and_with_the_next_one(office) -> None:
    expert, person = profile(office, name="Lin Mei"), add_person("person")
    old = invite(expert, by=office.curators[0], today=TODAY)
    new = invite(expert, by=office.curators[1], today=TODAY)
    late = TODAY + datetime.timedelta(days=31)
    for token, day in ((old, TODAY), (new, late), ("nothing", TODAY)):
        with pytest.raises(KnowledgeError, match="has been used, or its time is over"):
            claim(token, by=person, today=day)
    with pytest.raises(KnowledgeError, match="a profile already"):
        claim(new, by=office.dara, today=TODAY)
    assert Claim.objects.get(expert=expert).used_on is None


def test_a_profile_is_published_by_two_curators_and_neither_is_its_owner(office) -> None:
    first, second = office.curators
    expert = profile(office, name="Lin Mei")
    claim(invite(expert, by=first, today=TODAY), by=second, today=TODAY)
    with pytest.raises(KnowledgeError, match="by a curator"):
        vet(expert, by=office.officer, today=TODAY)
    expert.refresh_from_db()
    with pytest.raises(KnowledgeError, match="their own profile"):
        vet(expert, by=second, today=TODAY)
    assert not vet(expert, by=first, today=TODAY)
    with pytest.raises(KnowledgeError, match="agreed already"):
        vet(expert, by=first, today=TODAY)
    third = add_person("third", "curator")
    assert vet(expert, by=third, today=TODAY)
    expert.refresh_from_db()
    withdraw(expert, by=first, today=TODAY, reason="doubts")
    with pytest.raises(KnowledgeError, match="withdrawn"):
        vet(expert, by=first, today=TODAY)


def test_a_claimed_profile_is_changed_by_its_owner_alone(office) -> None:
    with pytest.raises(KnowledgeError, match="by its owner"):
        change_profile(office.expert, {"place": "X"}, by=office.curators[0], today=TODAY)
    change_profile(office.expert, {"place": "Siem Reap"}, by=office.dara, today=TODAY)
    assert Expert.objects.get().place == "Siem Reap"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": ""}, "1 to 120"),
        ({"name": "x" * 121}, "1 to 120"),
        ({"name": "Sоk Dara"}, "mixes Cyrillic, Latin"),
        ({"languages": ["xx"]}, "languages: not known: xx"),
        ({"declared": ["magic"]}, "declared: not known: magic"),
        ({"shown": ["owner"]}, "shown: not known: owner"),
        ({"kind": "guild"}, "kind of institution"),
        ({"about": "x" * 4001}, "at most 4000"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(values, said) -> None:
    with pytest.raises(KnowledgeError, match=said):
        clean_profile({**PROFILE, **values})


@pytest.mark.parametrize(
    "name",
    ["Qin Yue 覃越", "សុខ ដារ៉ា", "Nguyễn Thị Hoa", "O’Neill-García", "ဒေါ် အေးအေး", "நாயர் பிரியா", "山田タロウ"],
)
def test_honest_names_in_one_script_for_each_word_are_no_mixture(name) -> None:
    assert mixed_scripts(name) == []


def test_who_erases_a_profile_leaves_nothing_but_that_somebody_was_asked(office) -> None:
    asking.ask(
        office.expert, area=office.places.longhe, text="How?", language="en", by=office.officer, today=TODAY
    )
    with pytest.raises(KnowledgeError):
        erase(office.expert, by=office.officer, today=TODAY)
    erase(office.expert, by=office.dara, today=TODAY)
    left = Expert.objects.values().get()
    assert "Sok Dara" not in str(left) and "Battambang" not in str(left) and left["owner_id"] is None
    assert not Line.objects.exists() and not Claim.objects.exists()
    assert Referral.objects.everywhere(reason="test").count() == 1
    assert verify().sound


def test_two_profiles_of_one_person_are_merged_and_put_apart_again(office) -> None:
    twin = profile(office, name="Dara Sok")
    profile(office, name="Dara Sok", country="LA")
    Line.objects.create(expert=twin, kind="project", text="Another", key="p9")
    Line.objects.create(expert=twin, kind="project", text="The same", key="p1")
    (pair,) = likely_pairs()
    assert {pair.one, pair.other} == {office.expert, twin} and "same name" in pair.why
    with pytest.raises(KnowledgeError, match="has an owner"):
        merge(twin, office.expert, by=office.curators[0], today=TODAY)
    with pytest.raises(KnowledgeError, match="by a curator"):
        merge(office.expert, twin, by=office.officer, today=TODAY)
    made = merge(office.expert, twin, by=office.curators[0], today=TODAY)
    assert likely_pairs() == [] and list(merged_lately()) == [made]
    assert office.expert.lines.filter(key="p9").exists() and twin.lines.get().key == "p1"
    undo_merge(made, by=office.curators[1], today=TODAY)
    twin.refresh_from_db()
    assert (twin.standing, twin.merged_into, twin.lines.count()) == (Standing.WAITING, None, 2)
    # Whoever put them apart does not find them listed again.
    assert likely_pairs() == [] and list(kept_apart_lately()) == [made]
    with pytest.raises(KnowledgeError, match="undone already"):
        undo_merge(made, by=office.curators[1], today=TODAY)


def test_of_two_profiles_the_owned_one_stays_and_two_people_are_listed_once(office) -> None:
    older = Expert.objects.get(pk=office.expert.pk)
    twin = profile(office, name="Dara Sok")
    claim(invite(twin, by=office.curators[0], today=TODAY), by=add_person("twin"), today=TODAY)
    Expert.objects.filter(pk=older.pk).update(owner=None)
    (pair,) = likely_pairs()
    assert (pair.one, pair.other) == (twin, older)
    with pytest.raises(KnowledgeError, match="by a curator"):
        keep_apart(twin, older, by=office.officer, today=TODAY)
    with pytest.raises(KnowledgeError, match="two different"):
        keep_apart(twin, twin, by=office.curators[0], today=TODAY)
    keep_apart(twin, older, by=office.curators[0], today=TODAY)
    assert likely_pairs() == [] and [one.gone for one in kept_apart_lately()] == [older]
    assert not merged_lately() and verify().sound
    twin.refresh_from_db()
    older.refresh_from_db()
    merge(twin, older, by=office.curators[0], today=TODAY)
    assert not kept_apart_lately() and [one.gone for one in merged_lately()] == [older]


def test_who_erases_a_profile_erases_what_was_merged_into_it(office) -> None:
    twin = profile(office, name="Dara Sok", institution="Rice committee")
    merge(office.expert, twin, by=office.curators[0], today=TODAY)
    erase(Expert.objects.get(pk=office.expert.pk), by=office.dara, today=TODAY)
    left = str(list(Expert.objects.values()))
    assert "Dara" not in left and "Rice committee" not in left and not Merge.objects.exists()


def ask(office, **options) -> Referral:
    return asking.ask(
        office.expert, area=office.places.longhe, text="Who names the poor?", language="en", by=office.officer, today=TODAY,
        cause="illness", **options,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": "  "}, "what you want to know"),
        ({"text": "x" * 4001}, "at most 4000"),
        ({"cause": "fate"}, "not known: fate"),
        ({"area": "pingnan"}, "own area"),
        ({"by": "dara"}, "own area"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(office, change, said) -> None:
    options = {
        "area": office.places.longhe,
        "text": "How?",
        "language": "en",
        "by": office.officer,
        "today": TODAY,
    }
    options |= {name: getattr(office.places, value, getattr(office, value, value)) if name in ("area", "by") else value
                for name, value in change.items()}  # fmt: skip
    with pytest.raises(KnowledgeError, match=said):
        asking.ask(office.expert, **options)


def test_a_question_goes_from_asked_to_advised_and_its_outcome_becomes_evidence(office, practices) -> None:
    from highground.knowledge.models import Practice

    referral = ask(office, practice=Practice.objects.get(code="kh-health-equity-fund"))
    other = add_person("other", "county_officer", office.places.pingnan)
    assert referral_for(referral.pk, office.officer, TODAY) and referral_for(referral.pk, office.dara, TODAY)
    assert referral_for(referral.pk, other, TODAY) is None
    assert referral_for(referral.pk, office.curators[0], TODAY) is None
    with pytest.raises(KnowledgeError, match="somebody else"):
        asking.advise(referral, text="x", language="en", by=office.officer, today=TODAY)
    with pytest.raises(KnowledgeError, match="no advice yet"):
        asking.say_outcome(referral, months=3, outcome="works", told="", by=office.officer, today=TODAY)
    asking.accept(referral, by=office.dara, today=TODAY)
    asking.advise(referral, text="The village committee.", language="en", by=office.dara, today=TODAY)
    for again in (asking.accept, lambda *a, **k: asking.decline(*a, why="no_time", **k)):
        with pytest.raises(KnowledgeError, match="answered already"):
            again(referral, by=office.dara, today=TODAY)
    found = asked_of(office.expert).get()
    months = [due_months(found, TODAY + datetime.timedelta(days=days)) for days in (30, 95, 370)]
    assert months == [None, 3, 12]
    with pytest.raises(KnowledgeError, match="how it failed"):
        asking.say_outcome(referral, months=3, outcome="failed", told=" ", by=office.officer, today=TODAY)
    with pytest.raises(KnowledgeError, match="may ask for this area"):
        asking.say_outcome(referral, months=3, outcome="works", told="", by=other, today=TODAY)
    asking.say_outcome(referral, months=3, outcome="failed", told="No money.", by=office.officer, today=TODAY)
    assert not Line.objects.filter(kind="answer").exists()
    asking.say_outcome(referral, months=12, outcome="works", told="", by=office.officer, today=TODAY)
    line = Line.objects.get(kind="answer")
    assert line.text == "Advised an area on: A fund that pays the hospital for the poorest fifth"
    assert "Longhe" not in line.text and line.concepts
    figures = figures_of(office.expert)
    assert (figures.asked, figures.answered, figures.worked) == (1, 1, 1)
    said = " ".join(str(one) for one in Event.objects.values_list("data", flat=True))
    assert "committee" not in said and "names the poor" not in said and verify().sound


def test_declining_says_why_and_is_counted(office) -> None:
    referral = ask(office)
    with pytest.raises(KnowledgeError, match="why not"):
        asking.decline(referral, why="mood", by=office.dara, today=TODAY)
    asking.decline(referral, why="no_time", by=office.dara, today=TODAY)
    assert Referral.objects.everywhere(reason="test").get().progress == Progress.DECLINED
    assert figures_of(office.expert).declined == {"no time": 1}
    rows = exposure()
    assert [(row.label, row.experts, row.asked) for row in rows["country"]] == [("KH", 1, 1)]
    assert [row.label for row in rows["gender"]] == ["woman"]
