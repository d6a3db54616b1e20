"""Who lives in a block: households with their villages, members with names and identity numbers, how they live."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from highground.methods.world.chance import Bools, Ints, key_numbers, key_texts
from highground.methods.world.families import LARGE, MALE, OTHER, SHAPES, SPOUSE, Families, make_families
from highground.methods.world.livelihood import Bodies, Livelihood, make_bodies, make_livelihood
from highground.methods.world.nation.plan import LAST_MONTH, Block, Plan, Province, nation_words

LINE = 7_400
"""Yuan per person and year: the median income of a province is `MEDIAN_IN_LINES` of it, times its `welfare`.

With it, one to two households of a hundred have a reference income within 8,300 yuan and a risk."""
URBAN_EVERY = 12
"""Every twelfth village is a town."""
MEMBERS_PER_KEY = 16
"""Room for members in the numbering of member keys; a family has at most twelve."""

REGION = 99
"""Two digits with which no identity number of anybody begins."""
REGIONS = 10_000
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = np.frombuffer(b"10X98765432", dtype=np.uint8)
_ZERO = np.uint8(ord("0"))
_FIRST_DAY = -int(np.timedelta64(np.datetime64("1970-01-01") - np.datetime64("1900-01-01"), "D").astype(int))

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class People:
    """The people of a block on the last day of the nation.

    Over households: `keys` (numbers behind the pseudonyms, rising within each county), `county` and `village`
    (positions in the block), `urban`. Over members: `number` within the household from 1, `identity` (18 bytes
    each), `names`. `last_day` is in days since 1970-01-01.
    """

    block: Block
    last_day: int
    keys: npt.NDArray[np.uint64]
    county: Ints
    village: Ints
    families: Families
    bodies: Bodies
    base: Livelihood
    number: Ints
    member_keys: npt.NDArray[np.uint64]
    identity: Bytes
    names: pa.StringArray

    @property
    def households(self) -> int:
        return len(self.keys)

    @property
    def members(self) -> int:
        return len(self.number)

    def household_texts(self) -> pa.StringArray:
        """The pseudonyms of the households."""
        return key_texts(self.keys)

    def areas(self) -> pa.StringArray:
        """The village codes of the households."""
        return pa.array(self.block.village_codes).take(pa.array(self.village))


def last_day_of(month: str) -> int:
    """The last day of a month such as `2026-11`, in days since 1970-01-01."""
    return int((np.datetime64(month, "M") + 1).astype("datetime64[D]").astype(np.int64)) - 1


def make_people(plan: Plan, province: Province, block: Block) -> People:
    """Draw the people of a block."""
    seed, last_day = plan.seed, last_day_of(LAST_MONTH)
    county = np.repeat(np.arange(len(block.size)), block.size)
    positions = np.arange(block.first, block.first + block.households, dtype=np.uint64)
    village = _villages(block.chance(seed, "village"), block, county)
    families = make_families(block.chance(seed, "families"), block.households, last_day, (*SHAPES, LARGE))
    bodies = make_bodies(block.chance(seed, "bodies"), families)
    number = np.arange(1, len(families.household) + 1) - families.first[families.household]
    member_positions = positions[families.household] * np.uint64(MEMBERS_PER_KEY) + number.astype(np.uint64)
    base = make_livelihood(
        block.chance(seed, "livelihood"),
        families,
        bodies,
        village,
        village % URBAN_EVERY == URBAN_EVERY - 1,
        round(LINE * province.welfare),
    )
    return People(
        block=block,
        last_day=last_day,
        keys=_sorted_within(county, key_numbers(seed, positions)),
        county=county,
        village=village,
        families=families,
        bodies=bodies,
        base=_said(block.chance(seed, "said"), base),
        number=number,
        member_keys=key_numbers(seed + 1, member_positions),
        identity=identity_numbers(
            block.number[county[families.household]], families.born, families.sex, plan.counties
        ),
        names=_names(block.chance(seed, "names"), families),
    )


def _villages(chance: np.random.Generator, block: Block, county: Ints) -> Ints:
    """The village of each household, drawn with the shares of the villages in its county."""
    upper = np.cumsum(block.village_share)
    drawn = np.searchsorted(upper, county + chance.random(len(county)), side="right")
    first = np.searchsorted(block.village_county, county, side="left")
    last = np.searchsorted(block.village_county, county, side="right") - 1
    return np.clip(drawn, first, last)


def _sorted_within(county: Ints, keys: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """The keys in rising order within each county; `county` rises."""
    bits = np.uint64(40)
    return np.sort(county.astype(np.uint64) << bits | keys) & np.uint64((1 << 40) - 1)


def heaped(chance: np.random.Generator, amounts: Ints) -> Ints:
    """Amounts as people say them: most in hundreds or thousands, small ones in tens; what is small stays exact."""
    grain = np.array([10, 100, 1_000, 5_000])[
        np.searchsorted([0.25, 0.70, 0.96], chance.random(len(amounts)), side="right")
    ]
    grain = np.where(amounts >= 5 * grain, grain, 10)
    return np.asarray((amounts + grain // 2) // grain * grain)


def _said(chance: np.random.Generator, base: Livelihood) -> Livelihood:
    """A heavy upper tail (one of a hundred has a business of another size), and amounts as they are said."""
    rich = chance.random(len(base.wage)) < 0.01
    times = np.where(rich, np.minimum(1 + chance.pareto(1.6, len(rich)), 200), 1.0)
    business = np.rint(base.business * times).astype(np.int64)
    cost = np.rint(base.cost * times).astype(np.int64)
    return replace(
        base,
        wage=heaped(chance, base.wage),
        business=heaped(chance, business),
        cost=heaped(chance, cost),
        owned=heaped(chance, base.owned),
        transfer=heaped(chance, base.transfer),
    )


def identity_numbers(county: Ints, born: Ints, sex: Ints, counties: int) -> Bytes:
    """Identity numbers of 18 characters with a right check digit (GB 11643), nobody's: the region begins with 99.

    `county` is the position of the county in the nation of `counties`, rising; `born` in days since 1970-01-01.
    Persons of one county, day of birth and sex are numbered in order, so that no number stands twice.
    """
    order = _rank_within(county, born, sex)
    shared = -(-counties // REGIONS)
    order = order * shared + county // REGIONS
    if len(order) and int(order.max()) >= 500:
        raise ValueError("more than 500 persons of one sex, region and day of birth have no number left")
    serial = 2 * order + (sex == MALE)
    region = county % REGIONS
    digits = np.empty((18, len(county)), dtype=np.uint8)
    digits[0], digits[1] = divmod(REGION, 10)
    for place in range(4):
        digits[2 + place] = region // 10 ** (3 - place) % 10
    digits[6:14] = _birthdays()[:, born - _FIRST_DAY]
    for place in range(3):
        digits[14 + place] = serial // 10 ** (2 - place) % 10
    total = np.zeros(len(county), dtype=np.uint16)
    for weight, digit in zip(_WEIGHTS, digits[:17], strict=True):
        total += digit * np.uint16(weight)
    digits[:17] += _ZERO
    digits[17] = _CHECKS[total % 11]
    return np.ascontiguousarray(digits.T)


def _rank_within(county: Ints, born: Ints, sex: Ints) -> Ints:
    """For each person, how many of the same county, day of birth and sex stand before."""
    key = ((county - county.min(initial=0)) << 20 | (born - _FIRST_DAY)) << 1 | sex
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    place = np.arange(len(key))
    starts = np.append(True, ordered[1:] != ordered[:-1])[: len(key)]
    rank = np.empty(len(key), dtype=np.int64)
    rank[order] = place - np.maximum.accumulate(np.where(starts, place, 0))
    return rank


@cache
def _birthdays() -> Bytes:
    """The eight digits of every day from 1900 to 2099, one column each."""
    days = np.arange(np.datetime64("1900-01-01"), np.datetime64("2100-01-01"))
    months = days.astype("datetime64[M]").astype(np.int64)
    number = (1970 + months // 12) * 10_000 + (1 + months % 12) * 100
    number += (days - days.astype("datetime64[M]")).astype(np.int64) + 1
    return np.stack([number // 10 ** (7 - place) % 10 for place in range(8)]).astype(np.uint8)


@cache
def _vocabulary() -> tuple[pa.StringArray, int]:
    """All names, and how many given names belong to each family name; the first of both are the commonest."""
    words = nation_words()
    given = [*words["given_names"], *(a + b for a in words["given_names"] for b in words["given_names"])]
    return pa.array([family + one for family in words["family_names"] for one in given]), len(given)


def _names(chance: np.random.Generator, families: Families) -> pa.StringArray:
    """A name for each member; who did not marry into the family carries its name."""
    vocabulary, given = _vocabulary()
    family_names = len(vocabulary) // given
    members, married_in = len(families.household), np.isin(families.relation, (SPOUSE, OTHER))
    own = _common_first(chance, family_names, members)
    shared = _common_first(chance, family_names, families.households)[families.household]
    family: Ints = np.where(married_in, own, shared)
    return vocabulary.take(pa.array(family * given + _common_first(chance, given, members)))


def _common_first(chance: np.random.Generator, choices: int, size: int) -> Ints:
    """Positions of which the first come up most often."""
    drawn = chance.random(size)
    return np.minimum((drawn * drawn * choices).astype(np.int64), choices - 1)


def stays(people: People, chance: np.random.Generator, share: float) -> Bools:
    """True for members, false for a random `share` of them, the head never."""
    return np.asarray((people.number == 1) | (chance.random(people.members) >= share))
