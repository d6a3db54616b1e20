"""The wild cluster bootstrap: whole villages change the sign of their residuals (Cameron, Gelbach and Miller 2008)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from highground.methods.impact.regression import Floats, codes_of, least_squares

ROUNDING = 1e-9
"""By so much may a t statistic be smaller and still be the same: that of the signs as they were seen is among the draws."""


def wild_bootstrap(
    y: Sequence[float] | Floats,
    columns: Mapping[str, Sequence[float] | Floats],
    name: str,
    clusters: Sequence[Any],
    *,
    weights: Sequence[float] | Floats | None = None,
    draws: int = 9_999,
    seed: int = 0,
) -> float:
    """The two-sided p value of the column `name`, by bootstrapped t statistics with the null hypothesis imposed.

    Rademacher signs by cluster, errors clustered (CR1) in each draw. Few clusters have no more signs than `draws`: then all
    are gone through, and the p value is exact. Raises as `least_squares`, KeyError for `name`.
    """
    seen = least_squares(y, columns, weights=weights, clusters=clusters)
    observed = abs(seen.t(name))
    outcome = np.asarray(y, np.float64)
    w = np.ones(len(outcome)) if weights is None else np.asarray(weights, np.float64)
    under = least_squares(y, {one: values for one, values in columns.items() if one != name}, weights=weights)
    names = list(columns)
    matrix = np.column_stack(
        [np.ones(len(outcome)), *(np.asarray(columns[one], np.float64) for one in names)]
    )
    kept = [0, *(place + 1 for place, one in enumerate(names) if one != name)]
    fitted = matrix[:, kept] @ under.coefficients
    residuals = outcome - fitted
    codes, count = codes_of(clusters, len(outcome))
    weighted = matrix * w[:, None]
    inverse = np.linalg.inv(weighted.T @ matrix)
    place = names.index(name) + 1
    row = inverse[place] @ weighted.T  # what each outcome adds to the coefficient
    # Everything is linear in the signs: the products within clusters are made once.
    effects = np.bincount(codes, weights=row * residuals, minlength=count)
    scores = np.zeros((count, matrix.shape[1], count))
    for cluster in range(count):
        inside = codes == cluster
        part = residuals * inside
        left = part - matrix @ (inverse @ (weighted.T @ part))
        for column in range(matrix.shape[1]):
            scores[:, column, cluster] = np.bincount(
                codes, weights=weighted[:, column] * left, minlength=count
            )
    influence = np.einsum("k,gkc->gc", inverse[place], scores)
    n, k = matrix.shape
    factor = count / (count - 1) * (n - 1) / (n - k)
    larger = 0
    for signs in _signs(count, draws, seed):
        errors = np.sqrt(((signs @ influence.T) ** 2).sum(axis=1) * factor)
        larger += int((np.abs(signs @ effects) >= observed * errors * (1 - ROUNDING)).sum())
    return larger / 2**count if 2**count <= draws else (larger + 1) / (draws + 1)


def _signs(count: int, draws: int, seed: int) -> Iterator[Floats]:
    """The signs of the clusters, one draw in each row: all that there are, or `draws` of them."""
    if 2**count <= draws:
        turned = np.arange(2**count)[:, None] >> np.arange(count) & 1
        yield (1 - 2 * turned).astype(np.float64)
        return
    chance = np.random.default_rng(seed)
    for start in range(0, draws, 1_000):
        yield chance.choice((-1.0, 1.0), (min(1_000, draws - start), count))
