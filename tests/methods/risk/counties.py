"""Counties of which the truth is known, and audits of them, in NumPy alone: nothing here comes from what is tested."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

SEXES = np.array(["female", "male"])
OUTCOMES = np.array(["yes", "no", "cannot_tell", None], dtype=object)


@dataclass(frozen=True)
class Counties:
    """One place for each stratum: its county and number; households by sex of head (2) and difficulty (yes, no)."""

    county: np.ndarray
    stratum: np.ndarray
    households: np.ndarray  # strata x sexes x (in difficulty, not)
    found: np.ndarray  # strata x sexes
    answering: np.ndarray  # the share that gives an answer
    prevalence: np.ndarray  # of each county, as it was meant

    @property
    def size(self) -> np.ndarray:
        """Households of each stratum."""
        return self.households.sum(axis=(1, 2))

    def missed(self, sex: int | None = None) -> np.ndarray:
        """The households in difficulty of each county, of one sex of head or of both."""
        yes = self.households[:, :, 0]
        return np.bincount(self.county, weights=yes.sum(axis=1) if sex is None else yes[:, sex]).astype(int)

    def totals(self) -> pa.Table:
        """What `missed` asks for."""
        count = len(self.county)
        sex = np.tile(SEXES, count)
        county = np.repeat(self.county, 2)
        return pa.table(
            {
                "county": names(county),
                "part": pa.array(np.repeat(self.stratum, 2)),
                "sex": pa.array(sex),
                "county_sex": pa.array([f"{one:04} {two}" for one, two in zip(county, sex, strict=True)]),
                "unflagged": pa.array(self.households.sum(axis=2).ravel()),
                "found": pa.array(self.found.ravel()),
            }
        )


def names(county: np.ndarray) -> pa.Array:
    """The counties' names, in the order of their numbers."""
    return pa.array(np.char.zfill(county.astype(str), 4))


def make_counties(
    chance: np.random.Generator,
    count: int,
    sizes: tuple[int, int] = (2_000, 60_000),
    prevalences: tuple[float, float] = (0.002, 0.1),
) -> Counties:
    """Counties whose sizes and prevalences are spread evenly over their orders of magnitude.

    Each has 2 to 6 strata, the smallest of a few households, with prevalences that differ as exp(0.8 z); difficulty
    is up to three times as common where a woman heads the household. 60 % to 100 % of a stratum gives an answer. The
    mechanism finds, by stratum, a tenth to nine tenths of all in difficulty.
    """
    size = np.exp(chance.uniform(*np.log(sizes), count))
    prevalence = np.exp(chance.uniform(*np.log(prevalences), count))
    strata = chance.integers(2, 7, count)
    county = np.repeat(np.arange(count), strata)
    stratum = np.concatenate([np.arange(one) for one in strata])
    part = chance.exponential(size=len(county))
    part /= np.bincount(county, weights=part)[county]
    households = np.maximum(2, np.round(size[county] * part)).astype(int)
    women = chance.binomial(households, chance.uniform(0.1, 0.4, len(county)))
    by_sex = np.stack([women, households - women], axis=1)
    often = np.exp(chance.normal(0, 0.8, len(county)))[:, None] * np.array([chance.uniform(1, 3), 1.0])
    mean = np.bincount(county, weights=(often * by_sex).sum(axis=1)) / np.bincount(county, weights=households)
    rate = np.minimum(often * (prevalence / mean)[county][:, None], 0.6)
    yes = chance.binomial(by_sex, rate)
    seen = chance.uniform(0.1, 0.9, len(county))[:, None]
    found = chance.binomial(by_sex, np.minimum(rate * seen / (1 - seen), 0.6))
    counts = np.stack([yes, by_sex - yes], axis=2)
    return Counties(county, stratum, counts, found, chance.uniform(0.6, 1, len(county)), prevalence)


def deal(chance: np.random.Generator, counts: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """A sample without replacement of `drawn` from each row of `counts` (rows x kinds): how many of each kind."""
    left, from_ = drawn.copy(), counts.sum(axis=1)
    taken = np.zeros_like(counts)
    for kind in range(counts.shape[1]):
        from_ = from_ - counts[:, kind]
        taken[:, kind] = chance.hypergeometric(counts[:, kind], from_, left)
        left = left - taken[:, kind]
    return taken


def audit(chance: np.random.Generator, counties: Counties, share: float = 0.05) -> pa.Table:
    """An audit by a sample of the stated share, at least two of each stratum, some of them without an answer."""
    size = counties.size
    drawn = np.minimum(size, np.maximum(2, np.ceil(share * size))).astype(int)
    kinds = deal(chance, counties.households.reshape(len(size), 4), drawn)
    answered = deal(chance, kinds, chance.binomial(drawn, counties.answering))
    rest = (kinds - answered).reshape(len(size), 2, 2).sum(axis=2)
    cannot = chance.binomial(rest, 0.5)
    # strata x sexes x (yes, no, cannot tell, not visited)
    answered = answered.reshape(len(size), 2, 2)
    tally = np.concatenate([answered, cannot[:, :, None], (rest - cannot)[:, :, None]], axis=2).ravel()
    row = np.repeat(np.arange(len(tally)), tally)
    stratum, sex, outcome = row // 8, row // 4 % 2, row % 4
    both = np.array([[f"{one:04} {two}" for two in SEXES] for one in counties.county])
    return pa.table(
        {
            "household": pa.array(np.arange(len(row))),
            "county": names(counties.county).take(pa.array(stratum)),
            "part": pa.array(counties.stratum[stratum]),
            "sex": pa.array(SEXES).take(pa.array(sex)),
            "county_sex": pa.array(both.ravel()).take(pa.array(stratum * 2 + sex)),
            "outcome": pa.array(OUTCOMES).take(pa.array(outcome)),
            "probability": pa.array((drawn / size)[stratum]),
        }
    )
