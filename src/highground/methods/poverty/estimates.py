"""Estimates with their standard errors, as a table that says what each number is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from highground.methods.poverty.design import Design, Floats, PovertyError
from highground.methods.poverty.influences import (
    POSITIVE,
    UNDEFINED,
    UNDER_LINE,
    WITHOUT_LINE,
    Domain,
    Measured,
    gini_small_sample,
    mean_of,
)
from highground.methods.poverty.lines import Relative, line_of, relative
from highground.methods.poverty.student import student_quantile

Rows = NDArray[np.bool_]
LEVEL = 0.95
CONVENTIONS = ("population", "sample")
WORDS, NUMBERS, COUNTS = (
    ("line", "convention"),
    ("estimate", "se", "ci_low", "ci_high", "deff"),
    ("n", "n_psu", "df"),
)
TYPES = {
    "measure": pa.string(),
    **dict.fromkeys(WORDS, pa.string()),
    **dict.fromkeys(NUMBERS, pa.float64()),
    **dict.fromkeys(COUNTS, pa.int64()),
}
"""The columns of every answer, but those that are asked for by `by`."""


@dataclass(frozen=True)
class Estimates:
    """Estimates as a table, and what a reader must know beside them.

    Columns of `table`: `measure`, the `by` columns, `line`, `convention`, `estimate`, `se`, `ci_low`, `ci_high` (95 %,
    Student's t), `deff` (the variance over that of a simple random sample of as many rows), `n` (rows), `n_psu`
    (clusters with such rows) and `df` (clusters less strata of the design).
    """

    table: pa.Table
    notices: tuple[str, ...] = ()

    def to_pandas(self) -> Any:
        """The table for pandas."""
        return self.table.to_pandas()

    def rows(self) -> list[dict[str, Any]]:
        """The table row by row."""
        found: list[dict[str, Any]] = self.table.to_pylist()
        return found

    def __len__(self) -> int:
        return len(self.table)


class _Collected:
    """Estimates as they are found."""

    def __init__(self, design: Design, by: Sequence[str]) -> None:
        self.design = design
        self.by = list(by)
        if taken := [name for name in self.by if name in TYPES]:
            raise PovertyError(f"the answer has a column {taken[0]!r} of its own; rename that of the survey")
        self.cells = design.domains(self.by)
        self.rows: list[dict[str, Any]] = []
        self.notices: list[str] = []

    def add(
        self,
        measure: str,
        cell: tuple[Any, ...],
        rows: Rows,
        line: str,
        convention: str,
        found: Measured,
        beyond: Floats | None = None,
    ) -> None:
        """Keep an estimate. Its influences are those of `rows`, its domain; `beyond` is what every row adds to them."""
        design, (estimate, influence) = self.design, found
        varies = design.variance(influence, rows, beyond)
        se = float(np.sqrt(varies.value))
        self._say(measure, cell, estimate, se)
        reach = student_quantile(0.5 + LEVEL / 2, varies.df) * se if varies.df else float("nan")
        seen = influence if beyond is None else influence + beyond[rows]
        self.rows.append(
            {
                "measure": measure,
                **dict(zip(self.by, cell, strict=True)),
                "line": line,
                "convention": convention,
                "estimate": estimate,
                "se": se,
                "ci_low": estimate - reach,
                "ci_high": estimate + reach,
                "deff": _design_effect(varies.value, seen, design.weights[rows]),
                "n": int(rows.sum()),
                "n_psu": design.clusters_in(rows),
                "df": varies.df,
            }
        )

    def left_out(self, measure: str, cell: tuple[Any, ...], why: str) -> None:
        """Say that a measure is not told of a cell."""
        self.notices.append(f"{measure}{self._where(cell)}: {why}")

    def done(self) -> Estimates:
        asked = {name: pa.array([row[name] for row in self.rows]) for name in self.by}
        told = {name: pa.array([row[name] for row in self.rows], kind) for name, kind in TYPES.items()}
        table = pa.table({"measure": told.pop("measure"), **asked, **told})
        return Estimates(table, tuple(dict.fromkeys(self.notices)))

    def _say(self, measure: str, cell: tuple[Any, ...], estimate: float, se: float) -> None:
        if np.isnan(estimate):
            self.left_out(measure, cell, f"not told, since {UNDEFINED[measure.partition(' ')[0]]}")
        elif np.isnan(se):
            why = "without a standard error, since everybody has the same amount and a line that moves has no density"
            self.left_out(measure, cell, why)

    def _where(self, cell: tuple[Any, ...]) -> str:
        pairs = zip(self.by, cell, strict=True)
        said = ", ".join(f"{name} {'missing' if value is None else value}" for name, value in pairs)
        return f" ({said})" if said else ""


def _design_effect(variance: float, influence: Floats, weights: Floats) -> float:
    """The variance over that of as many rows drawn one by one with equal chances from the same people."""
    n, total = len(influence), weights.sum()
    mean = (weights * influence).sum() / total
    spread = (weights * (influence - mean) ** 2).sum() / total * n / max(n - 1, 1)
    simple = total**2 * spread / n
    return float(variance / simple) if simple > 0 else float("nan")


def poverty(
    design: Design,
    amount: str,
    *,
    line: float | str | Relative | None = None,
    measures: Sequence[str] | str = ("fgt0", "fgt1", "fgt2"),
    by: Sequence[str] | str = (),
) -> Estimates:
    """Poverty measures of a column of amounts: `fgt0 fgt1 fgt2 watts`, `arpr` and `arpt`.

    `line`: a number, a column with a line for each row, or `relative(0.6, "median")`, which is that of the whole survey
    whatever the domain, and whose own variance counts. Poor is amount <= line. `arpr` is the headcount under 60 % of the
    median, `arpt` that line itself; they need no `line`. `by`: columns whose cells are estimated apart.

    Rows without an amount are left out of the domain and said in the notices; so are amounts of zero and below for
    `watts`. Raises PovertyError for what cannot be asked.
    """
    collected = _Collected(design, _listed(by))
    y, known = _amounts(design, amount, collected)
    for measure in _listed(measures):
        if measure in ("arpr", "arpt"):
            _under(collected, y, known, measure, relative(0.6, "median"))
        elif measure in UNDER_LINE:
            if line is None:
                raise PovertyError(f"{measure} needs a line: a number, a column, or relative(0.6, 'median')")
            _under(collected, y, known, measure, line)
        else:
            raise PovertyError(
                f"there is no poverty measure {measure!r}; there are {', '.join([*UNDER_LINE, 'arpr', 'arpt'])}"
            )
    return collected.done()


def inequality(
    design: Design,
    amount: str,
    measures: Sequence[str] | str = ("gini",),
    *,
    by: Sequence[str] | str = (),
    convention: str = "population",
) -> Estimates:
    """Inequality measures of a column of amounts: `gini ge0 ge1 ge2 qsr`.

    `convention` is for the Gini index: `population` counts each row's whole weight in its rank, `sample` half of it.
    Left out and refused as in `poverty`.
    """
    if convention not in CONVENTIONS:
        raise PovertyError(f"the convention is one of {', '.join(CONVENTIONS)}, not {convention!r}")
    collected = _Collected(design, _listed(by))
    y, known = _amounts(design, amount, collected)
    for measure in _listed(measures):
        if measure not in WITHOUT_LINE:
            raise PovertyError(
                f"there is no inequality measure {measure!r}; there are {', '.join(WITHOUT_LINE)}"
            )
        value = WITHOUT_LINE[measure]
        named = ""
        if measure == "gini":
            named, value = convention, gini_small_sample if convention == "sample" else value
        for cell, inside in collected.cells:
            rows = _usable(collected, measure, cell, y, inside & known)
            if rows is not None:
                found = value(Domain(y[rows], design.weights[rows]))
                collected.add(measure, cell, rows, "", named, found)
    return collected.done()


def mpi(
    design: Design,
    weights: Mapping[str, float],
    *,
    k: float,
    by: Sequence[str] | str = (),
) -> Estimates:
    """Multidimensional poverty after Alkire and Foster (2011): `weights` by deprivation column, which hold 0 or 1.

    Who is deprived in at least `k` of the weights is poor (to 1e-9, so that 1/6 + 1/6 reaches 1/3). Measures: `H` the
    share of the poor, `A` their intensity, `M0` = H A, and for each deprivation `uncensored NAME` (everybody deprived),
    `censored NAME` (the poor among them), `contribution NAME` (to M0). A row with a missing deprivation is left out and
    said. Raises PovertyError for columns with other values, for weights that do not sum to one, and for k outside 0 to 1.
    """
    if abs(sum(weights.values()) - 1) > 1e-9 or min(weights.values(), default=0) <= 0:
        raise PovertyError("the weights of the deprivations are above zero and sum to one")
    if not 0 < k <= 1:
        raise PovertyError(f"k is a share above 0 and at most 1, not {k}")
    collected = _Collected(design, _listed(by))
    deprived = {name: design.numbers(name) for name in weights}
    for name, values in deprived.items():
        if not np.isin(values[~np.isnan(values)], (0.0, 1.0)).all():
            raise PovertyError(f"column {name!r} says who is deprived: 0 or 1, nothing else")
    known = ~np.isnan(np.sum(list(deprived.values()), axis=0))
    if not known.all():
        collected.notices.append(f"{int((~known).sum())} rows lack a deprivation and are left out")
    score = sum(weight * np.nan_to_num(deprived[name]) for name, weight in weights.items())
    poor = (score >= k - 1e-9) & known
    for cell, rows in collected.cells:
        rows = rows & known & (design.weights > 0)
        if not rows.any():
            collected.left_out("H, A and M0", cell, "not told, since no row is left")
        else:
            _mpi_of(collected, cell, rows, weights, deprived, np.asarray(score), poor, f"k={k:g}")
    return collected.done()


def _mpi_of(
    collected: _Collected,
    cell: tuple[Any, ...],
    rows: Rows,
    weights: Mapping[str, float],
    deprived: Mapping[str, Floats],
    score: Floats,
    poor: Rows,
    line: str,
) -> None:
    domain = Domain(score[rows], collected.design.weights[rows])

    def add(measure: str, found: Measured) -> None:
        collected.add(measure, cell, rows, line, "", found)

    headcount, adjusted = mean_of(domain, poor[rows].astype(float)), mean_of(domain, (score * poor)[rows])
    add("H", headcount)
    add("A", _ratio(adjusted, headcount))
    add("M0", adjusted)
    for name, weight in weights.items():
        censored = mean_of(domain, (deprived[name] * poor)[rows])
        add(f"uncensored {name}", mean_of(domain, deprived[name][rows]))
        add(f"censored {name}", censored)
        share, influence = _ratio(censored, adjusted)
        add(f"contribution {name}", (weight * share, weight * influence))


def _ratio(above: Measured, below: Measured) -> Measured:
    if below[0] == 0:
        return float("nan"), np.full_like(below[1], np.nan)
    ratio = above[0] / below[0]
    return ratio, (above[1] - ratio * below[1]) / below[0]


def _under(collected: _Collected, y: Floats, known: Rows, measure: str, line: float | str | Relative) -> None:
    """A measure under a line, in every domain."""
    design = collected.design
    moves: Floats | None = None
    each: Floats
    if isinstance(line, Relative):
        at, moved = line_of(line, y[known], design.weights[known])
        moves, each, said = _spread(moved, known), np.full(design.n, at), f"{at!r} ({line})"
        if measure == "arpt":
            collected.add(measure, (None,) * len(collected.by), known, said, "", (at, moved))
            return
    elif isinstance(line, str):
        each, said = design.numbers(line), f"column {line}"
        if np.isnan(each[known]).any():
            raise PovertyError(f"column {line!r} has no line for some rows; give one for each")
    else:
        each, said = np.full(design.n, float(line)), repr(float(line))
    if not ((each[known] > 0) & np.isfinite(each[known])).all():
        raise PovertyError(f"a poverty line is a number above zero; here the line is {said}")
    kind = UNDER_LINE["fgt0" if measure == "arpr" else measure]
    for cell, inside in collected.cells:
        rows = _usable(collected, measure, cell, y, inside & known)
        if rows is None:
            continue
        domain = Domain(y[rows], design.weights[rows])
        found = kind.value(domain, each[rows])
        beyond = None if moves is None else kind.by_line(domain, float(each[0])) * moves
        collected.add(measure, cell, rows, said, "y <= line", found, beyond)


def _spread(influence: Floats, rows: Rows) -> Floats:
    """The influence over all rows of the design: none outside of `rows`."""
    if rows.all():
        return influence
    whole = np.zeros(len(rows))
    whole[rows] = influence
    return whole


def _amounts(design: Design, name: str, collected: _Collected) -> tuple[Floats, Rows]:
    y = design.numbers(name)
    known = ~np.isnan(y)
    missing = int((~known).sum())
    if missing:
        collected.notices.append(f"{missing} of {design.n} rows have no {name} and are left out")
    if not known.any():
        raise PovertyError(f"no row has an amount in {name!r}")
    return y, known


def _usable(collected: _Collected, measure: str, cell: tuple[Any, ...], y: Floats, rows: Rows) -> Rows | None:
    """The rows of a domain that the measure is defined for; None, and said, where nobody is left."""
    if measure in POSITIVE:
        positive = rows & (np.nan_to_num(y) > 0)
        out = int(rows.sum() - positive.sum())
        if out:
            collected.notices.append(f"{measure}: {out} rows with an amount of zero or below are left out")
        rows = positive
    rows = rows & (collected.design.weights > 0)
    if not rows.any():
        collected.left_out(measure, cell, "not told, since no row is left")
        return None
    return rows


def _listed(by: Sequence[str] | str) -> list[str]:
    return [by] if isinstance(by, str) else list(by)
