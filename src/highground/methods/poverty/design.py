"""A survey: its rows, their weights, and how they were drawn.

The variance of an estimate is that of a weighted sum of influences (Deville 1999): with the estimate's influence `u` of
each row, the totals of `w u` in each cluster vary around the mean of their stratum,

    V = sum over strata of  n / (n - 1) * sum over clusters of (total - mean)^2

as drawn with replacement in the first stage. Rows outside a domain count with an influence of zero, so that all
clusters of the design stay in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
LONELY = ("refuse", "certainty", "average")


class PovertyError(ValueError):
    """A survey or a question that cannot be answered; the message names the column and the mend."""


@dataclass(frozen=True)
class Variance:
    """The variance of an estimate, and the degrees of freedom behind it."""

    value: float
    psus: int
    df: int


class Design:
    """Rows of a survey with their weights, strata and clusters.

    `table`: pandas, Polars or Arrow tables, a DuckDB relation, a dict of columns, or a path to Parquet or CSV.
    `weight`, `strata`, `psu`: column names; without `weight` each row counts one, without `psu` each row is drawn by
    itself. Clusters are told apart within their stratum. `lonely` says what a stratum with a single cluster does:
    `refuse` (the default), `certainty` (no variance), or `average` (it varies around the mean of all clusters: R's survey
    calls that `adjust`, Stata `centered`).

    Raises PovertyError for columns that are not there, weights that are missing, negative or all zero, rows without
    stratum or cluster, and single clusters under `refuse`.
    """

    def __init__(
        self,
        table: Any,
        *,
        weight: str | None = None,
        strata: str | None = None,
        psu: str | None = None,
        lonely: str = "refuse",
    ) -> None:
        if lonely not in LONELY:
            raise PovertyError(f"lonely is one of {', '.join(LONELY)}, not {lonely!r}")
        self.table = _arrow(table)
        self.n = len(self.table)
        if not self.n:
            raise PovertyError("the survey has no rows")
        self.weights = self._weights(weight)
        stratum, _ = _codes(self.column(strata), strata) if strata else (np.zeros(self.n, np.int64), 1)
        if psu:
            within, count = _codes(self.column(psu), psu)
            pairs = stratum * count + within
            _, self.clusters = _dense(pairs)
        else:
            self.clusters = np.arange(self.n, dtype=np.int64)
        self.psus = int(self.clusters.max()) + 1
        self.stratum_of = np.zeros(self.psus, np.int64)
        self.stratum_of[self.clusters] = stratum
        self.in_stratum = np.bincount(self.stratum_of)
        self.lonely = lonely
        single = int((self.in_stratum == 1).sum())
        if single and lonely == "refuse":
            raise PovertyError(
                f"{single} of {len(self.in_stratum)} strata ({strata or 'all rows'}) have a single cluster, and one"
                " cluster does not vary: merge strata, or give lonely='certainty' or lonely='average'"
            )

    def column(self, name: str) -> pa.ChunkedArray:
        """A column of the table."""
        if name not in self.table.column_names:
            known = ", ".join(self.table.column_names[:12])
            raise PovertyError(f"there is no column {name!r}; the survey has {known}")
        return self.table[name]

    def numbers(self, name: str) -> Floats:
        """A numeric column; NaN where it is missing."""
        column = self.column(name)
        if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_decimal(column.type)
                or pa.types.is_boolean(column.type)):  # fmt: skip
            raise PovertyError(f"column {name!r} is {column.type}; give numbers")
        values = np.asarray(pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False), np.float64)
        if np.isinf(values).any():
            raise PovertyError(f"column {name!r} has infinite values; give numbers")
        return values

    def domains(self, by: Sequence[str]) -> list[tuple[tuple[Any, ...], NDArray[np.bool_]]]:
        """The cells of some columns, in their order, each with its rows. A missing value is a cell of its own."""
        if not by:
            return [((), np.ones(self.n, bool))]
        coded = [_cells(self.column(name)) for name in by]
        joint = np.zeros(self.n, np.int64)
        for codes, values in coded:
            joint = joint * len(values) + codes
        found = []
        for cell in np.unique(joint):
            rows = joint == cell
            first = int(np.argmax(rows))
            found.append((tuple(values[codes[first]] for codes, values in coded), rows))
        return sorted(found, key=lambda one: [_place(value) for value in one[0]])

    def clusters_in(self, rows: NDArray[np.bool_]) -> int:
        """How many clusters have such rows."""
        seen = np.zeros(self.psus, bool)
        seen[self.clusters if rows.all() else self.clusters[rows]] = True
        return int(seen.sum())

    def variance(
        self, influence: Floats, rows: NDArray[np.bool_] | None = None, beyond: Floats | None = None
    ) -> Variance:
        """The variance of an estimate: `influence` is that of the `rows` of its domain, `beyond` that of every row."""
        whole = rows is None or rows.all()
        clusters, weights = (
            (self.clusters, self.weights) if whole else (self.clusters[rows], self.weights[rows])
        )
        totals = np.bincount(clusters, weights=weights * influence, minlength=self.psus)
        if beyond is not None:
            totals = totals + np.bincount(self.clusters, weights=self.weights * beyond, minlength=self.psus)
        strata = len(self.in_stratum)
        means = np.bincount(self.stratum_of, weights=totals, minlength=strata) / self.in_stratum
        alone = self.in_stratum == 1
        if self.lonely == "average":
            means[alone] = totals.mean()
        squares = np.bincount(
            self.stratum_of, weights=(totals - means[self.stratum_of]) ** 2, minlength=strata
        )
        with np.errstate(divide="ignore"):
            factor = np.where(alone, 1.0, self.in_stratum / (self.in_stratum - 1.0))
        return Variance(float((factor * squares).sum()), self.psus, max(self.psus - strata, 0))

    def _weights(self, name: str | None) -> Floats:
        if name is None:
            return np.ones(self.n)
        weights = self.numbers(name)
        for wrong, what in ((np.isnan(weights), "missing"), (weights < 0, "negative")):
            if wrong.any():
                rows = int(wrong.sum())
                raise PovertyError(
                    f"{rows} of {self.n} rows have a {what} weight in {name!r}; mend or drop them"
                )
        if not weights.any():
            raise PovertyError(f"all weights in {name!r} are zero")
        return weights


def _arrow(table: Any) -> pa.Table:
    if isinstance(table, str | Path):
        path = Path(table)
        if not path.is_file():
            raise PovertyError(f"{path}: there is no such file")
        return pq.read_table(path) if path.suffix == ".parquet" else pyarrow.csv.read_csv(path)
    if isinstance(table, pa.Table):
        return table
    if hasattr(table, "to_arrow_table"):  # a DuckDB relation
        return table.to_arrow_table()
    if hasattr(table, "__arrow_c_stream__") or isinstance(table, dict):
        return pa.table(table)
    if type(table).__module__.startswith("pandas."):
        return pa.Table.from_pandas(table, preserve_index=False)
    raise PovertyError(f"a survey is a table or a path, not {type(table).__name__}")


def _place(value: Any) -> tuple[bool, bool, float, str]:
    """Where a cell stands among the others: numbers by their size, words by theirs, a missing value last."""
    number = isinstance(value, int | float)
    return value is None, not number, float(value) if number else 0.0, str(value)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column with its words written out, and what is not a number missing."""
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    return column


def _cells(column: pa.ChunkedArray) -> tuple[Codes, list[Any]]:
    """Codes of the values of a column, a missing value among them."""
    coded = _plain(column).combine_chunks().dictionary_encode(null_encoding="encode")
    if isinstance(coded, pa.ChunkedArray):
        coded = coded.chunk(0)
    return np.asarray(coded.indices.to_numpy(zero_copy_only=False), np.int64), coded.dictionary.to_pylist()


def _codes(column: pa.ChunkedArray, name: str) -> tuple[Codes, int]:
    missing = _plain(column).null_count
    if missing:
        raise PovertyError(f"{missing} rows have no {name!r}; mend or drop them")
    codes, values = _cells(column)
    return codes, len(values)


def _dense(values: Codes) -> tuple[int, Codes]:
    """The values as codes from 0 on."""
    coded = pa.array(values).dictionary_encode()
    return len(coded.dictionary), np.asarray(coded.indices.to_numpy(zero_copy_only=False), np.int64)
