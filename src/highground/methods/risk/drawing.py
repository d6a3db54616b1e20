"""The draw of the audit: which of the households that nothing flags are visited all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import duckdb
import numpy as np
import pyarrow as pa

from highground.methods.risk.tables import InputError, Ints, codes, ids, need_columns, need_names, texts


@dataclass(frozen=True)
class Draw:
    """A sample that anybody can draw again from the same frame.

    `sample`: one row for each household drawn, in the order of stratum and household: `household` (text), `stratum`
    (its row in `strata`), the stratum columns, `probability` (of being drawn, above 0, at most 1).
    `strata`: one row for each stratum: the stratum columns, `population` and `drawn` (households), `probability`.
    `seed`: what the draw was made with; it stands in the metadata of `sample` too, so that a Parquet file keeps it.
    """

    sample: pa.Table
    strata: pa.Table
    seed: int


def draw_audit(
    frame: pa.Table,
    *,
    strata: Sequence[str],
    seed: int,
    share: float = 0.05,
    size: int | None = None,
    minimum: int = 2,
) -> Draw:
    """A stratified random sample without replacement of the households in `frame`.

    `frame` has one row for each household that nothing flags: `household` (an id) and the columns named in `strata`,
    such as the county and whether any feed covers the household; an empty cell is a value of its own. From every
    stratum comes `share` of it, rounded up, or, with `size`, this number of households over all strata, in proportion
    (largest remainders); but at least `minimum` from each, or all of it where it holds no more, because no variance
    can be told from one household. The probability of a household is `drawn / population` of its stratum.

    Within a stratum the households with the smallest SHA-256 of "SEED/HOUSEHOLD" are drawn: the seed and the ids
    alone decide, not the order of the rows, and a household that joins moves others by one place at most. (Ordering
    by random numbers is the usual way to a simple random sample: Sunter 1977, Applied Statistics 26(3); numbers kept
    with the units, "permanent random numbers": Ohlsson 1995, in Business Survey Methods.)

    Raises InputError for a missing column, a household without an id or there twice, an empty frame, and settings
    out of range.
    """
    names = need_names(strata, "strata")
    need_columns(frame, "frame", ["household", *names])
    _check_settings(frame, names, seed, share, size, minimum)
    households = ids(frame, "frame")
    columns = [texts(frame, "frame", name) for name in names]
    (stratum,), count = codes([columns]) if columns else ([np.zeros(len(frame), dtype=np.int64)], 1)
    population = np.bincount(stratum, minlength=count)
    drawn = _allocate(population, share, size, minimum)
    rows = _draw(households, stratum, drawn, seed)
    first = np.unique(stratum, return_index=True)[1]
    probability = drawn / population
    sample = {"household": households.take(rows), "stratum": pa.array(stratum[rows])}
    sample |= {name: frame.column(name).take(rows) for name in names}
    sample["probability"] = pa.array(probability[stratum[rows]])
    told = {name: frame.column(name).take(first) for name in names}
    told |= {
        "population": pa.array(population),
        "drawn": pa.array(drawn),
        "probability": pa.array(probability),
    }
    return Draw(pa.table(sample).replace_schema_metadata({"seed": str(seed)}), pa.table(told), seed)


def _check_settings(
    frame: pa.Table, names: Sequence[str], seed: int, share: float, size: int | None, minimum: int
) -> None:
    if "household" in names or "stratum" in names or "probability" in names:
        raise InputError(
            "strata: 'household', 'stratum' and 'probability' name no stratum; rename the column"
        )
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise InputError(f"seed: {seed!r} is no seed; give a whole number from 0 up, and keep it")
    if not 0 < share <= 1:
        raise InputError(f"share: {share} is no share; give one above 0 and at most 1, such as 0.05")
    if minimum < 1:
        raise InputError(
            f"minimum: {minimum} is too small; give 1 or more (2, so that a variance can be told)"
        )
    if len(frame) == 0:
        raise InputError("frame: there is no household in it; nothing can be drawn")
    if size is not None and not 0 < size <= len(frame):
        raise InputError(f"size: {size} cannot be drawn from {len(frame)} households; give 1 to {len(frame)}")


def _allocate(population: Ints, share: float, size: int | None, minimum: int) -> Ints:
    """How many come from each stratum."""
    least = np.minimum(population, minimum)
    if size is None:
        exact = Fraction(
            str(share)
        )  # as written: 0.07 of 100 is 7, which in floating point would be rounded up to 8
        wanted = [-(-int(one) * exact.numerator // exact.denominator) for one in population]
        return np.maximum(least, np.array(wanted, dtype=np.int64))
    if size < least.sum():
        raise InputError(
            f"size: {size} is too few for {len(population)} strata with at least {minimum} each;"
            f" give {least.sum()} or more, or fewer strata"
        )
    drawn: Ints = least.copy()
    # In proportion; where that is less than the minimum the minimum stays, and the others share what is left.
    free = np.ones(len(population), dtype=bool)
    while True:
        left, over = size - int(least[~free].sum()), int(population[free].sum())
        short = free & (population * left < least * over)
        if not short.any():
            break
        free &= ~short
    parts, total = np.flatnonzero(free), int(population[free].sum())
    whole = [int(population[part]) * left // total for part in parts]
    rest = [int(population[part]) * left % total for part in parts]
    drawn[parts] = whole
    by_rest = sorted(range(len(parts)), key=lambda place: (-rest[place], place))
    drawn[parts[by_rest[: left - sum(whole)]]] += 1
    return drawn


def _draw(households: pa.Array, stratum: Ints, drawn: Ints, seed: int) -> Ints:
    """The rows that are drawn, in the order of stratum and household."""
    given = pa.table(
        {"household": households, "stratum": pa.array(stratum), "row": pa.array(np.arange(len(stratum)))}
    )
    sizes = pa.table({"stratum": pa.array(np.arange(len(drawn))), "drawn": pa.array(drawn)})
    with duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    ) as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.register("given", given)
        connection.register("sizes", sizes)
        chosen = connection.execute(
            "SELECT row FROM (SELECT household, stratum, row, ROW_NUMBER() OVER (PARTITION BY stratum"
            f" ORDER BY sha256('{seed}/' || household), household) AS place FROM given)"
            " JOIN sizes USING (stratum) WHERE place <= drawn ORDER BY stratum, household"
        ).fetchnumpy()["row"]
    return np.asarray(chosen, dtype=np.int64)
