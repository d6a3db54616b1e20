"""Families: ages, sexes and relations fit each other in every household."""

import numpy as np
import pytest

from highground.methods.world.chance import stream
from highground.methods.world.families import (
    CHILD,
    FEMALE,
    GRANDCHILD,
    HEAD,
    LARGE,
    OTHER,
    PARENT,
    SHAPES,
    SIBLING,
    SPOUSE,
    Families,
    make_families,
)
from highground.methods.world.livelihood import (
    IN_SCHOOL,
    NO_LABOUR,
    ORDINARY,
    SEVERE,
    Bodies,
    make_bodies,
    make_livelihood,
)

HOUSEHOLDS, TODAY, LINE = 30_000, 20_780, 8_300


@pytest.fixture(scope="module", params=[SHAPES, (*SHAPES, LARGE)], ids=["county", "nation"])
def families(request: pytest.FixtureRequest) -> Families:
    return make_families(stream(3, "families"), HOUSEHOLDS, TODAY, request.param)


@pytest.fixture(scope="module")
def bodies(families: Families) -> Bodies:
    return make_bodies(stream(3, "bodies"), families)


def extreme(families: Families, relation: int, *, youngest: bool) -> np.ndarray:
    """Age of the youngest (or oldest) of one relation per household; not a number where there is none."""
    ages = np.full(families.households, np.inf if youngest else -np.inf)
    mine = families.relation == relation
    (np.minimum if youngest else np.maximum).at(ages, families.household[mine], families.age[mine])
    return np.where(np.isfinite(ages), ages, np.nan)


def gaps(older: np.ndarray, younger: np.ndarray) -> np.ndarray:
    found = older - younger
    return found[~np.isnan(found)]


def test_each_household_has_one_head_first_and_at_most_one_spouse_of_the_other_sex(
    families: Families,
) -> None:
    assert (families.count(families.relation == HEAD) == 1).all()
    assert (families.relation[families.first] == HEAD).all()
    spouse = families.relation == SPOUSE
    assert families.count(spouse).max() == 1
    assert (families.sex[spouse] != families.sex[families.first[families.household[spouse]]]).all()


def test_sizes_are_one_to_eight_and_add_up_or_nine_in_a_nation(
    families: Families, request: pytest.FixtureRequest
) -> None:
    assert families.size.min() == 1
    assert families.size.max() == (9 if "nation" in request.node.callspec.id else 8)
    assert families.size.sum() == len(families.household)
    assert 3.0 < families.size.mean() < 3.6
    assert np.array_equal(families.count(families.age >= 0), families.size)


def test_no_parent_is_younger_than_a_child_could_have(families: Families) -> None:
    head = families.age[families.first]
    spouse = extreme(families, SPOUSE, youngest=True)
    child = extreme(families, CHILD, youngest=False)
    grandchild = extreme(families, GRANDCHILD, youngest=False)
    for older, younger in (
        (head, child),
        (spouse, child),
        (extreme(families, PARENT, youngest=True), head),
        (extreme(families, CHILD, youngest=False), grandchild),  # the eldest is the one with children
        (extreme(families, OTHER, youngest=True), grandchild),
    ):
        assert len(gaps(older, younger)) > 500
        assert gaps(older, younger).min() >= 18
    assert gaps(head, grandchild).min() >= 36
    assert np.abs(gaps(head, spouse)).max() <= 8
    assert np.abs(gaps(head, extreme(families, SIBLING, youngest=True))).max() <= 13


def test_nobody_is_born_after_today_and_heads_are_grown(families: Families) -> None:
    assert families.born.max() <= TODAY
    assert families.age.min() > 0
    assert families.age.max() <= 100
    assert families.age[families.first].min() >= 25
    assert families.age[families.relation == SPOUSE].min() >= 20
    assert set(np.unique(families.sex)) == {FEMALE, 1 - FEMALE}


def test_work_and_school_fit_age_and_health(families: Families, bodies: Bodies) -> None:
    able = bodies.labour <= ORDINARY
    assert families.age[able].min() >= 16
    assert not (able & (bodies.school == IN_SCHOOL)).any()
    assert not (able & (bodies.health == SEVERE)).any()
    assert (bodies.labour[families.age < 16] == NO_LABOUR).all()
    assert (bodies.school[(families.age >= 6) & (families.age < 16)] == IN_SCHOOL).all()
    assert bodies.months_away[~able].max() == 0
    assert bodies.months_away[bodies.months_away > 0].min() >= 6
    old, young = families.age >= 70, families.age < 30
    assert (bodies.health[old] > 0).mean() > 5 * (bodies.health[young] > 0).mean()
    for counted in (bodies.on_register, bodies.lives_with, bodies.shares_budget):
        assert counted[families.first].all()
        assert 0.9 < counted.mean() < 1


def test_parts_of_income_add_up_and_none_is_negative(families: Families, bodies: Bodies) -> None:
    village = np.arange(HOUSEHOLDS) // 200
    base = make_livelihood(
        stream(3, "livelihood"), families, bodies, village, np.zeros(HOUSEHOLDS, dtype=bool), LINE
    )
    for amounts in (base.wage, base.business, base.cost, base.owned, base.transfer, base.out_of_pocket):
        assert amounts.min() >= 0
        assert (amounts % 10 == 0).all()
    assert np.array_equal(base.net, base.wage + base.business - base.cost + base.owned + base.transfer)
    assert (base.wage[families.count(bodies.labour <= ORDINARY) == 0] == 0).all()
    assert (base.persons >= 1).all()
    assert (base.persons <= families.size).all()


def test_welfare_is_spread_as_in_one_county_of_rural_china(families: Families, bodies: Bodies) -> None:
    village = np.arange(HOUSEHOLDS) // 200
    base = make_livelihood(
        stream(3, "livelihood"), families, bodies, village, np.zeros(HOUSEHOLDS, dtype=bool), LINE
    )
    person = np.sort(np.repeat(base.net / base.persons, base.persons))
    rank = (np.arange(len(person)) + 0.5) / len(person)
    gini = 2 * (rank * person).mean() / person.mean() - 1
    assert 0.22 < gini < 0.317  # rural China as a whole: .317 in 2022
    assert 0.01 < (person <= LINE).mean() < 0.06
    assert person[len(person) // 2] > 2 * LINE
    lifted = base.lifted_out
    assert 0.15 < lifted.mean() < 0.28
    assert base.net[lifted].mean() < 0.8 * base.net[~lifted].mean()
