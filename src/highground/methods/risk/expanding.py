"""From the answers of a stratified sample to the population: totals, standard errors, effective sizes, intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from highground.methods.risk.intervals import count_interval
from highground.methods.risk.tables import Bools, Floats, Ints


@dataclass(frozen=True)
class Pairs:
    """Counts for each pair of a group and a stratum that it touches, as arrays with one place for each pair.

    `group` is below `groups`. Of the whole stratum: `households`, and `answers` from it. Of the group in it:
    `members`, `member_answers`, and `yes` among these.
    """

    group: Ints
    groups: int
    households: Ints
    answers: Ints
    members: Ints
    member_answers: Ints
    yes: Ints

    def by_group(self, values: Ints | Floats) -> Floats:
        """Added up for each group."""
        total: Floats = np.bincount(self.group, weights=values, minlength=self.groups).astype(np.float64)
        return total


@dataclass(frozen=True)
class Expanded:
    """Households for each group: the total, its standard error (not a number where none can be told), its interval."""

    total: Floats
    error: Floats
    low: Floats
    high: Floats


def expand(pairs: Pairs, confidence: float | None) -> Expanded:
    """How many households of each group would answer yes; not a number for a group without any answer.

    What is known for certain is taken as that: strata in which everybody answered are counted, not estimated, and no
    figure is below the number that said yes or above what those that said no leave. Without `confidence` the limits
    are left at these.
    """
    known = _known(pairs)
    open_ = ~known & (pairs.member_answers > 0)
    counted = pairs.by_group(np.where(known, pairs.yes, 0))
    rest = pairs.by_group(np.where(known, 0, pairs.members))
    weight = np.where(open_, pairs.households / np.maximum(pairs.answers, 1), 0.0)
    stands_for = pairs.by_group(weight * pairs.member_answers)
    share = _ratio(pairs.by_group(weight * pairs.yes), stands_for)
    silent = (rest > 0) & (stands_for == 0)
    scale = _ratio(rest, stands_for)
    # Where a stratum is silent the others stand for it too, and are a smaller part of what they stand for.
    heard = pairs.by_group(np.where(known | (pairs.answers == 0), 0, pairs.members))
    fraction = _ratio(pairs.answers, pairs.households) * _ratio(heard, rest)[pairs.group]
    variance = scale**2 * _variance(pairs, open_, weight, fraction, share)
    some = (rest > 0) & ~silent
    low, high = np.zeros(pairs.groups), np.where(some, rest, 0.0)
    if confidence is not None:
        effective = _effective(pairs, open_, weight, fraction, rest, stands_for)
        low[some], high[some] = count_interval(share[some], effective[some], rest[some], confidence)
    least = pairs.by_group(pairs.yes)
    most = pairs.by_group(pairs.members - (pairs.member_answers - pairs.yes))

    def whole(values: Floats) -> Floats:
        return np.where(silent, np.nan, np.clip(counted + values, least, most))

    error = np.where(silent, np.nan, np.sqrt(variance))
    return Expanded(whole(np.where(some, rest * share, 0.0)), error, whole(low), whole(high))


def _known(pairs: Pairs) -> Bools:
    """The pairs in whose stratum everybody answered, unless the rest of the group has no answer but theirs."""
    full: Bools = pairs.answers == pairs.households
    answers = pairs.by_group(np.where(full, 0, pairs.member_answers))
    rest = pairs.by_group(np.where(full, 0, pairs.members))
    covered: Bools = (answers > 0) | (rest == 0)
    known: Bools = full & covered[pairs.group]
    return known


def _ratio(part: Ints | Floats, whole: Ints | Floats) -> Floats:
    """`part / whole`, 0 where `whole` is 0."""
    found: Floats = np.zeros(len(part))
    np.divide(part, whole, out=found, where=whole > 0)
    return found


def _variance(pairs: Pairs, open_: Bools, weight: Floats, fraction: Floats, share: Floats) -> Floats:
    """The estimated variance of the weighted sum, from the residuals `yes - share` of the members in each stratum.

    Unbiased where the group is made of whole strata. Not a number where a stratum has one answer of several households.
    """
    mean = share[pairs.group]
    squares = pairs.yes * (1 - mean) ** 2 + (pairs.member_answers - pairs.yes) * mean**2
    total = pairs.yes - pairs.member_answers * mean
    spread = _ratio(squares - _ratio(total**2, pairs.answers), pairs.answers - 1)
    part = weight**2 * pairs.answers * (1 - fraction) * spread
    alone = open_ & (pairs.answers == 1) & (fraction < 1)
    part = np.where(alone, np.nan, np.where(open_, part, 0.0))
    return np.maximum(pairs.by_group(part), 0.0)


def _effective(
    pairs: Pairs, open_: Bools, weight: Floats, fraction: Floats, rest: Floats, stands_for: Floats
) -> Floats:
    """The size of the simple random sample without replacement that would tell as much; the same for one stratum.

    The variance behind it is worked out from shares in the strata to which one yes and one no more are added, spread
    like the answers: so it can be told where nothing was found, and hangs less on where the few that were found
    happen to live (Franco et al. 2019 call for a model here; from the answers alone the variance would be 0).
    """
    answers = pairs.by_group(np.where(open_, pairs.member_answers, 0))[pairs.group]
    added = _ratio(pairs.member_answers, answers)
    shrunk = np.where(open_, _ratio(pairs.yes + added, pairs.member_answers + 2 * added), 0.0)
    share = _ratio(pairs.by_group(weight * pairs.member_answers * shrunk), stands_for)
    mean = share[pairs.group]
    inside = _ratio(pairs.member_answers, pairs.answers)
    spread = inside * (shrunk * (1 - mean) ** 2 + (1 - shrunk) * mean**2) - (inside * (shrunk - mean)) ** 2
    finite = (1 - fraction) * _ratio(pairs.households, pairs.households - 1)
    part = np.where(open_, weight**2 * pairs.answers * finite * spread, 0.0)
    variance = _ratio(rest, stands_for) ** 2 * pairs.by_group(part)
    # Without replacement, a sample of n of N has variance N^2 p (1 - p) (1/n - 1/N) / (1 - 1/N): solved for n.
    one = _ratio(np.ones(pairs.groups), rest)
    return _ratio(np.ones(pairs.groups), one + _ratio(variance, share * (1 - share) * rest**2) * (1 - one))
