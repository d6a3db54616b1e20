"""Poverty lines that are reckoned from the survey itself, and what each row does to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from highground.methods.poverty.design import Floats, PovertyError

ROUNDING = 1e-12


@dataclass(frozen=True)
class Relative:
    """`share` of the mean, or of a quantile, of everybody in the survey."""

    share: float
    of: str
    quantile: float | None

    def __str__(self) -> str:
        return f"{self.share:g} of the {self.of}"


def relative(share: float, of: str = "median") -> Relative:
    """A line relative to the `median`, the `mean` or a quantile (`q25`) of the whole survey.

    Its own sampling variance goes into that of the measures. Raises PovertyError for another word or a share that is
    not above zero.
    """
    if not share > 0:
        raise PovertyError(f"a line is a share above zero, not {share}")
    if of == "mean":
        return Relative(share, of, None)
    if of == "median":
        return Relative(share, of, 0.5)
    if of.startswith("q") and of[1:].isdigit() and 0 < int(of[1:]) < 100:
        return Relative(share, of, int(of[1:]) / 100)
    raise PovertyError(f"a line is relative to 'median', 'mean' or a quantile such as 'q25', not {of!r}")


def quantile(y: Floats, w: Floats, share: float) -> float:
    """The smallest value that at least `share` of the weight does not exceed."""
    order = np.argsort(y, kind="stable")
    cumulated = np.cumsum(w[order])
    reached = share * (1 - ROUNDING)  # weights such as 0.1 add up to a little more or less than they are
    place = int(np.searchsorted(cumulated / cumulated[-1], reached, side="left"))
    return float(y[order[min(place, len(y) - 1)]])


def density(y: Floats, w: Floats, at: float, value: Floats | None = None) -> float:
    """The density of the population at a value by a Gaussian kernel, or that of a total of `value`.

    The width is the weighted standard deviation times N to the power of -1/5, N the sum of weights. NaN where everybody
    has the same amount.
    """
    if y.min() == y.max():
        return float("nan")
    total = w.sum()
    mean = (w * y).sum() / total
    width = np.sqrt((w * (y - mean) ** 2).sum() / total) * total**-0.2
    kernel = np.exp(-0.5 * ((at - y) / width) ** 2) / np.sqrt(2 * np.pi)
    weights = w if value is None else w * value
    return float((weights * kernel).sum() / (width * (total if value is None else 1.0)))


def line_of(relative_line: Relative, y: Floats, w: Floats) -> tuple[float, Floats]:
    """The line, and the influence of each row on it. `y` has no missing values."""
    total = w.sum()
    if relative_line.quantile is None:
        mean = float((w * y).sum() / total)
        return relative_line.share * mean, relative_line.share * (y - mean) / total
    level = relative_line.quantile
    at = quantile(y, w, level)
    influence = -((y <= at) - level) / (total * density(y, w, at))
    return relative_line.share * at, relative_line.share * influence
