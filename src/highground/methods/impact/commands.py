"""`highground impact`: published studies computed again, and a synthetic comparison of one's own."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from highground.methods.impact.published import published as published_of
from highground.methods.impact.regression import ImpactError
from highground.methods.impact.synthetic import METHODS, synthetic

AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object.")


@click.group()
def impact() -> None:
    """Studies of whether a project worked: published results again, and one's own panel."""


@impact.command()
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of the published data; without it only the tobacco programme, which comes with the extra [models].",
)
@click.option(
    "--tables",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of published tables of surveys.",
)
@AS_JSON
def published(folder: Path | None, tables: Path | None, as_json: bool) -> None:
    """Compute published results again: the Handbook on Impact Evaluation, California's tobacco programme, Progresa, and the
    tables of EU-SILC and of eSwatini's MICS.

    Exit code 1 where a figure is not the published one, or nothing could be computed.
    """  # fmt: skip
    rows, left_out = published_of(folder, tables)
    if as_json:
        told = [{**asdict(row), "agrees": row.agrees} for row in rows]
        click.echo(json.dumps({"figures": told, "left_out": left_out}, ensure_ascii=False))
    else:
        wide = max((len(row.what) for row in rows), default=0)
        for source in dict.fromkeys(row.source for row in rows):
            click.echo(source)
            for row in (one for one in rows if one.source == source):
                agrees = "agrees" if row.agrees else f"DIFFERS by more than {row.within:g}"
                click.echo(f"  {row.what:<{wide}}  {row.published:>10.5g}  {row.found:>10.5g}  {agrees}")
    for one in left_out:
        click.echo(f"left out: {one}", err=True)
    if not rows or not all(row.agrees for row in rows):
        raise SystemExit(1)


@impact.command("synthetic")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--outcome", required=True, help="The column of the outcome.")
@click.option("--unit", required=True, help="The column that names the unit, such as a village.")
@click.option("--time", required=True, help="The column of the time, such as a year.")
@click.option(
    "--treated", required=True, help="The column that is 1 for a treated unit from the treatment on, else 0."
)
@click.option("--method", type=click.Choice(list(METHODS)), default="sdid", show_default=True)
@click.option(
    "--placebos", is_flag=True, help="Take every other unit for the treated one in turn, for a p value."
)
@AS_JSON
def synthetic_(
    file: Path, outcome: str, unit: str, time: str, treated: str, method: str, placebos: bool, as_json: bool
) -> None:
    """Compare one treated unit, or a few, with a weighted mean of the others. Needs the extra [models].

    FILE is a table (CSV or Parquet) with one row for each unit and time. Methods: synthetic difference in
    differences (sdid), synthetic control (sc), difference in differences (did).
    """
    found = synthetic(
        **_columns(file, {"outcome": outcome, "units": unit, "times": time, "treated": treated}),
        method=method,
        placebos=placebos,
    )
    if as_json:
        click.echo(json.dumps(asdict(found), ensure_ascii=False, default=str))
        return
    click.echo(f"{found.method}: {found.effect:.4f}")
    click.echo(
        f"{found.treated_units} of {found.units} units treated, {found.before} times before, {found.after} after"
    )
    for name, weights in (("units", found.weights), ("times", found.time_weights)):
        shown = ", ".join(f"{one} {weight:.3f}" for one, weight in list(weights.items())[:8])
        click.echo(f"weights of {name}: {shown or 'none'}{', ...' if len(weights) > 8 else ''}")
    if found.p is not None:
        click.echo(f"p = {found.p:.3f} by placebos; the smallest that it could be is {found.smallest_p:.3f}")


def _columns(file: Path, wanted: dict[str, str]) -> dict[str, Any]:
    """Columns of a file by the names of `synthetic`; outcomes and treatment as numbers."""
    try:
        table = pq.read_table(file) if file.suffix.lower() == ".parquet" else pyarrow.csv.read_csv(file)
    except pa.ArrowInvalid as error:
        raise ImpactError(f"{file}: {str(error).splitlines()[0]}; give a CSV or Parquet file") from error
    found: dict[str, Any] = {}
    for name, column in wanted.items():
        if column not in table.column_names:
            raise ImpactError(f"{file} has no column {column!r}; it has {', '.join(table.column_names)}")
        values = table[column]
        if name in ("units", "times"):
            if values.null_count:
                raise ImpactError(f"{file}, column {column}: row {_first_null(values)} is empty; fill it in")
            found[name] = values.to_numpy()
            continue
        kind = values.type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
            raise ImpactError(f"{file}, column {column}: this is {kind}; give numbers")
        found[name] = values.cast(pa.float64()).to_numpy()
        if name == "treated" and values.null_count:
            raise ImpactError(f"{file}, column {column}: row {_first_null(values)} is empty; give 0 or 1")
    return found


def _first_null(values: pa.ChunkedArray) -> int:
    """The row of a file, its heading counted, that has nothing in a column."""
    return int(np.flatnonzero(values.is_null().to_numpy())[0]) + 2
