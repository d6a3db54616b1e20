"""How the households of the invented province live: health, work, schooling, income and its parts, dwelling.

What is here is the truth before any shock. Welfare is log-normal: village, lasting and passing parts with
standard deviations of .10, .36 and .20, chosen so that inequality within a county is a little below that of
all rural China (Gini .32 in 2022); shares of illness, migration and assets are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from highground.methods.world.chance import Bools, Floats, Ints
from highground.methods.world.families import CHILD, HEAD, OTHER, Families

SCHOOL = ("not_school_age", "in_school", "out_of_school", "completed")
NOT_SCHOOL_AGE, IN_SCHOOL, OUT_OF_SCHOOL, COMPLETED = range(4)
HEALTH = ("healthy", "chronic", "severe", "disabled")
HEALTHY, CHRONIC, SEVERE, DISABLED = range(4)
LABOUR = ("skilled", "ordinary", "weak", "none")
SKILLED, ORDINARY, WEAK, NO_LABOUR = range(4)

MEDIAN_IN_LINES = 2.45
"""Median income per person, in units of the monitoring line."""
SPREAD_VILLAGE, SPREAD_LASTING, SPREAD_PASSING = 0.10, 0.36, 0.20


@dataclass(frozen=True)
class Bodies:
    """Per member: schooling, health, ability to work, months worked away, and the three questions of counting."""

    school: Ints
    health: Ints
    labour: Ints
    months_away: Ints
    on_register: Bools
    lives_with: Bools
    shares_budget: Bools


@dataclass(frozen=True)
class Livelihood:
    """Per household, in whole units of currency over twelve months where it is money.

    `lasting` is the lasting part of log welfare, in standard deviations. `persons` are those who share the
    budget; `business` is gross, `owned` what property brings.
    """

    lasting: Floats
    persons: Ints
    lifted_out: Bools
    relocated: Bools
    urban: Bools
    urban_registration: Bools
    monitored: Bools
    owns_car: Bools
    wage: Ints
    business: Ints
    cost: Ints
    owned: Ints
    transfer: Ints
    out_of_pocket: Ints

    @property
    def net(self) -> Ints:
        """Net income of the household, as the rulebooks of China add it up."""
        return self.wage + self.business - self.cost + self.owned + self.transfer


def make_bodies(chance: np.random.Generator, families: Families) -> Bodies:
    """Draw health, work and schooling so that they fit age, relation and each other."""
    age, members = families.age, len(families.age)
    school = _schooling(chance, age)
    health = _health(chance, age)
    labour = _labour(chance, age, school, health)
    able = (labour <= ORDINARY) & (age < 58)
    away = able & (chance.random(members) < np.where(families.relation == HEAD, 0.25, 0.38))
    months = np.where(away, chance.integers(6, 11, size=members, endpoint=True), 0)
    grown_child = (families.relation == CHILD) & (age > 28)
    head = families.relation == HEAD
    in_law = families.relation == OTHER
    return Bodies(
        school=school,
        health=health,
        labour=labour,
        months_away=months,
        on_register=head | ~in_law | (chance.random(members) < 0.9),
        lives_with=head | (months < 10) | (chance.random(members) < 0.7),
        shares_budget=head | ~(grown_child | in_law) | (chance.random(members) < 0.94),
    )


def _schooling(chance: np.random.Generator, age: Floats) -> Ints:
    draw = chance.random(len(age))
    school = np.full(len(age), COMPLETED)
    school[(age < 22) & (draw < 0.45)] = IN_SCHOOL
    school[(age < 18) & (draw < 0.88)] = IN_SCHOOL
    school[age < 16] = IN_SCHOOL
    school[age < 6] = NOT_SCHOOL_AGE
    return school


def _health(chance: np.random.Generator, age: Floats) -> Ints:
    ages = [0, 18, 40, 60, 75, 120]
    healthy = np.interp(age, ages, [0.985, 0.98, 0.93, 0.80, 0.55, 0.30])
    chronic = healthy + np.interp(age, ages, [0.005, 0.008, 0.045, 0.16, 0.38, 0.55])
    severe = chronic + np.interp(age, ages, [0.002, 0.002, 0.005, 0.012, 0.02, 0.05])
    draw = chance.random(len(age))
    return (draw > healthy).astype(np.int64) + (draw > chronic) + (draw > severe)


def _labour(chance: np.random.Generator, age: Floats, school: Ints, health: Ints) -> Ints:
    draw = chance.random(len(age))
    labour = np.where(draw < 0.2, SKILLED, ORDINARY)
    labour = np.where((age >= 60) & (draw < 0.6), WEAK, labour)
    labour = np.where((health == CHRONIC) & (draw < 0.5), WEAK, labour)
    labour = np.where((health == DISABLED) & (draw > 0.4), WEAK, labour)
    nothing = (age < 16) | (age >= 74) | (school == IN_SCHOOL)
    nothing |= (health == SEVERE) | ((health == DISABLED) & (draw <= 0.4))
    return np.where(nothing, NO_LABOUR, labour).astype(np.int64)


def make_livelihood(
    chance: np.random.Generator, families: Families, bodies: Bodies, village: Ints, urban: Bools, line: int
) -> Livelihood:
    """Draw incomes and standing per household; `village` numbers their villages, `line` is per person and year."""
    households = families.households
    persons = families.count(bodies.shares_budget)
    workers = families.count(bodies.labour <= ORDINARY)
    lasting = chance.normal(0.0, 1.0, households)
    lasting += 0.8 * (workers / families.size - 0.45) - 0.3 * (families.count(bodies.health >= SEVERE) > 0)
    welfare = np.log(MEDIAN_IN_LINES * line) + SPREAD_LASTING * lasting
    welfare += SPREAD_VILLAGE * chance.normal(0.0, 1.0, int(village.max()) + 1)[village]
    welfare += SPREAD_PASSING * chance.normal(0.0, 1.0, households)
    lifted_out = chance.random(households) < 1 / (1 + np.exp(1.5 + 1.3 * lasting))
    relocated = lifted_out & (chance.random(households) < 0.12)
    away = families.count(bodies.months_away > 0) > 0
    parts = _parts(chance, np.exp(welfare) * persons, workers, away)
    return Livelihood(
        lasting=lasting,
        persons=persons,
        lifted_out=lifted_out,
        relocated=relocated,
        urban=urban,
        urban_registration=chance.random(households) < np.where(urban, 0.5, np.where(relocated, 0.25, 0.01)),
        monitored=chance.random(households) < 0.03 / (1 + np.exp(1.5 * lasting)),
        owns_car=chance.random(households) < 0.3 / (1 + np.exp(-1.5 * (lasting - 0.5))),
        wage=parts[0],
        business=parts[1],
        cost=parts[2],
        owned=parts[3],
        transfer=parts[4],
        out_of_pocket=_out_of_pocket(chance, families, bodies, line),
    )


def in_tens(amounts: Floats) -> Ints:
    """Amounts as people say them: whole tens, never negative."""
    tens: Ints = np.maximum(np.rint(amounts / 10) * 10, 0).astype(np.int64)
    return tens


def _parts(
    chance: np.random.Generator, net: Floats, workers: Ints, away: Bools
) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Split net income into wage, gross business income, its costs, property and transfers."""
    households = len(net)
    wage = np.where(away, chance.uniform(0.45, 0.75, households), chance.uniform(0.1, 0.35, households))
    wage = np.where(workers > 0, wage, 0.0)
    land = np.where(workers > 0, chance.uniform(0.3, 0.9, households), chance.uniform(0.0, 0.3, households))
    business = (1 - wage) * land
    owned = np.where(chance.random(households) < 0.3, chance.uniform(0, 0.05, households), 0.0)
    owned = np.minimum(owned, 1 - wage - business)
    earned = in_tens(net * business)
    cost = in_tens(earned * chance.uniform(0.25, 0.9, households))
    return (
        in_tens(net * wage),
        earned + cost,
        cost,
        in_tens(net * owned),
        in_tens(net * (1 - wage - business - owned)),
    )


def _out_of_pocket(chance: np.random.Generator, families: Families, bodies: Bodies, line: int) -> Ints:
    """What an ordinary year of doctors and medicines leaves to the family; more with the ill."""
    ill = 0.5 * families.count(bodies.health == CHRONIC) + 1.5 * families.count(bodies.health >= SEVERE)
    return in_tens(line * 0.06 * np.exp(chance.normal(0.0, 0.8, families.households)) * (1 + ill))
