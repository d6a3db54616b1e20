"""Least squares with errors that respect how people were reached: by themselves, or by villages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class ImpactError(ValueError):
    """A study that cannot be analysed as asked; the message says why and names the mend."""


@dataclass(frozen=True)
class Fit:
    """A fitted line: coefficients with standard errors by name, and what they rest on.

    `errors` says how the standard errors came about: `classical`, `robust` (HC1) or `clustered` (CR1). `df` are the
    degrees of freedom of the t statistics: rows less columns, or clusters less one.
    """

    names: tuple[str, ...]
    coefficients: Floats
    standard_errors: Floats
    errors: str
    n: int
    clusters: int | None
    df: int

    def __getitem__(self, name: str) -> tuple[float, float]:
        """Coefficient and standard error of a column. Raises KeyError."""
        if name not in self.names:
            raise KeyError(name)
        place = self.names.index(name)
        return float(self.coefficients[place]), float(self.standard_errors[place])

    def t(self, name: str) -> float:
        """The t statistic of a column."""
        coefficient, error = self[name]
        return coefficient / error


def least_squares(
    y: Sequence[float] | Floats,
    columns: Mapping[str, Sequence[float] | Floats],
    *,
    weights: Sequence[float] | Floats | None = None,
    clusters: Sequence[Any] | NDArray[Any] | None = None,
    robust: bool = False,
    absorb: Sequence[Any] | NDArray[Any] | None = None,
) -> Fit:
    """Fit `y` by `columns` and a constant, weighted if asked.

    With `clusters` the errors are clustered (CR1: G / (G - 1) * (n - 1) / (n - k)), else classical, or HC1 with `robust`
    or with weights (sampling weights tell nothing of the spread of a row). `absorb` takes out a mean for each of its
    values (fixed effects); they count as columns in the degrees of freedom unless they lie within the clusters.

    Raises ImpactError for missing values, columns of different lengths, columns that say the same, and one cluster.
    """
    names = ("constant", *columns)
    outcome = _column("the outcome", y)
    matrix = np.column_stack(
        [np.ones(len(outcome)), *(_column(name, one, len(outcome)) for name, one in columns.items())]
    )
    w = np.ones(len(outcome)) if weights is None else _column("weights", weights, len(outcome))
    groups = 0
    if absorb is not None:
        codes, groups = codes_of(absorb, len(outcome))
        names, matrix = names[1:], _without_means(matrix[:, 1:], codes, groups, w)
        outcome = _without_means(outcome[:, None], codes, groups, w)[:, 0]
    if (w < 0).any() or not w.any():
        raise ImpactError("weights are zero or above, and not all of them zero")
    inverse = _inverse(matrix, w)
    coefficients = inverse @ ((matrix * w[:, None]).T @ outcome)
    scores = matrix * (w * (outcome - matrix @ coefficients))[:, None]
    n, k = len(outcome), matrix.shape[1]
    if clusters is not None:
        codes, count = codes_of(clusters, n)
        if count < 2:
            raise ImpactError("errors by cluster need at least two clusters")
        sums = np.zeros((count, k))
        np.add.at(sums, codes, scores)
        columns_lost = k if groups == 0 or _nested(absorb, clusters) else k + groups
        meat = sums.T @ sums * count / (count - 1) * (n - 1) / (n - columns_lost)
        return _fit(names, coefficients, inverse @ meat @ inverse, "clustered", n, count, count - 1)
    df = n - k - groups
    if df < 1:
        raise ImpactError("there are as many columns as rows; nothing is left to tell the error")
    if robust or weights is not None:
        return _fit(
            names, coefficients, inverse @ (scores.T @ scores * n / df) @ inverse, "robust", n, None, df
        )
    residuals = outcome - matrix @ coefficients
    return _fit(names, coefficients, inverse * float(residuals @ residuals) / df, "classical", n, None, df)


def _inverse(matrix: Floats, w: Floats) -> Floats:
    """The inverse of the columns' products, reckoned in units of each column: incomes stand beside shares and squares."""
    size = np.sqrt((w[:, None] * matrix**2).sum(axis=0))
    size[size == 0] = 1.0
    scaled = matrix / size
    if np.linalg.matrix_rank(scaled * np.sqrt(w)[:, None]) < matrix.shape[1]:
        raise ImpactError("some columns say the same as others; leave one of them out")
    found: Floats = np.linalg.inv((scaled * w[:, None]).T @ scaled) / np.outer(size, size)
    return found


def _fit(
    names: tuple[str, ...],
    coefficients: Floats,
    variance: Floats,
    errors: str,
    n: int,
    clusters: int | None,
    df: int,
) -> Fit:
    return Fit(names, coefficients, np.sqrt(np.diag(variance)), errors, n, clusters, df)


def _column(name: str, values: Sequence[float] | Floats, length: int | None = None) -> Floats:
    column = np.asarray(values, np.float64)
    if length is not None and len(column) != length:
        raise ImpactError(f"{name} has {len(column)} rows, the outcome {length}")
    missing = int(np.isnan(column).sum())
    if missing:
        raise ImpactError(f"{name} is missing in {missing} of {len(column)} rows; leave them out, and say so")
    endless = int(np.isinf(column).sum())
    if endless:
        raise ImpactError(f"{name} is infinite in {endless} of {len(column)} rows; give numbers")
    return column


def codes_of(values: Sequence[Any] | NDArray[Any], length: int) -> tuple[Codes, int]:
    """Values as codes from 0 on, and how many there are."""
    if len(values) != length:
        raise ImpactError(f"clusters have {len(values)} rows, the outcome {length}")
    unnamed = sum(one is None or one != one for one in values)
    if unnamed:
        raise ImpactError(
            f"{unnamed} of {length} rows have no cluster or block; name it, or leave them out and say so"
        )
    found, codes = np.unique(np.asarray(values), return_inverse=True)
    return codes.astype(np.int64), len(found)


def _without_means(matrix: Floats, codes: Codes, count: int, w: Floats) -> Floats:
    total = np.bincount(codes, weights=w, minlength=count)
    out = matrix.copy()
    for place in range(matrix.shape[1]):
        means = np.bincount(codes, weights=w * matrix[:, place], minlength=count) / total
        out[:, place] -= means[codes]
    return out


def _nested(inner: Any, outer: Any) -> bool:
    """Whether each value of `inner` lies within one of `outer`."""
    (codes, groups), (around, count) = (codes_of(one, len(one)) for one in (inner, outer))
    return len(np.unique(codes * count + around)) == groups
