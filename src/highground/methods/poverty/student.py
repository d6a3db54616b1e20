"""Student's t distribution, in NumPy alone."""

from __future__ import annotations

from functools import cache

import numpy as np

from highground.methods.risk.intervals import beta_quantile


@cache
def student_quantile(probability: float, df: int) -> float:
    """The value below which Student's t with `df` degrees of freedom lies with `probability` (above one half).

    By the beta distribution: df / (df + t^2) has the parameters df/2 and 1/2.
    """
    x = float(beta_quantile(2 * (1 - probability), np.array([df / 2]), np.array([0.5]))[0])
    return float(np.sqrt(df * (1 / x - 1)))
