"""Verbs that choose under limits, on files: measures under budgets, and who visits whom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.choose import Choice
from highground.methods.allocate.policy import Finding

FILE = click.Path(path_type=Path)
OUT = click.option("--out", type=FILE, required=True, help="A new folder for chosen.csv and prices.csv.")


@click.group()
def choose() -> None:
    """Choose one thing for each under limits, and say how close to the best that is."""


@choose.command()
@click.argument("options", type=FILE)
@click.argument("budgets", type=FILE)
@OUT
def measures(options: Path, budgets: Path, out: Path) -> None:
    """Choose at most one package of measures for each household within the budget of its county.

    OPTIONS has the columns household, measure, county, value (points) and cost (minor units of the currency); BUDGETS has
    county and budget. Both are CSV or Parquet.
    """
    from highground.methods.allocate.measures import choose_measures

    given = read(options, ["household", "measure", "county"]), read(budgets, ["county"])
    with _said_of(options=options, budgets=budgets):
        chosen, made, findings = choose_measures(*given)
    spent = chosen.group_by("county").aggregate([("cost", "sum"), ([], "count_all")])
    told = given[1].append_column("price", pa.array(made.prices)).join(spent, "county").sort_by("county")
    told = told.rename_columns(["county", "budget", "price", "spent", "households"])
    for column in ("spent", "households"):
        place = told.column_names.index(column)
        told = told.set_column(place, column, pc.fill_null(told.column(column), 0))
    write(out, chosen, told)
    _tell(f"{len(chosen):,} households", made, findings)


@choose.command()
@click.argument("visits", type=FILE)
@click.argument("ways", type=FILE)
@click.argument("days", type=FILE)
@OUT
def visitors(visits: Path, ways: Path, days: Path, out: Path) -> None:
    """Choose who makes each visit on which day: deadlines first, then most visits, then the shortest ways.

    VISITS has the columns visit, due (a date, may be empty) and rank (0 to 9, the lower first); WAYS has visit, visitor and
    minutes; DAYS has visitor, day (a date) and capacity (visits). All are CSV or Parquet.
    """
    from highground.methods.allocate.visits import choose_visits

    given = read(visits, ["visit"]), read(ways, ["visit", "visitor"]), read(days, ["visitor"])
    with _said_of(visits=visits, ways=ways, days=days):
        chosen, made, findings = choose_visits(*given)
    write(out, chosen, given[2].append_column("price", pa.array(made.prices)))
    late = pc.sum(pc.fill_null(pc.invert(chosen.column("in_time")), False)).as_py() or 0
    _tell(f"{len(chosen):,} of {len(given[0]):,} visits, {late:,} of them too late", made, findings)


def read(path: Path, ids: Sequence[str]) -> pa.Table:
    """A CSV or Parquet file; ids stay as they are written. Raises InputError naming the file, and the line where known."""
    try:
        if path.suffix == ".parquet":
            return pq.read_table(path)
        kinds = {one: pa.string() for one in ids}
        return pa.csv.read_csv(path, convert_options=pa.csv.ConvertOptions(column_types=kinds))
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path}: can't be read ({str(error).splitlines()[0]})") from error


def write(out: Path, chosen: pa.Table, prices: pa.Table) -> None:
    """Both files into a new folder. Raises InputError where the folder already holds files."""
    if out.exists() and any(out.iterdir()):
        raise InputError(f"{out}: this folder already holds files; name a new one")
    out.mkdir(parents=True, exist_ok=True)
    for name, table in (("chosen", chosen), ("prices", prices)):
        pa.csv.write_csv(table, out / f"{name}.csv")


@contextmanager
def _said_of(**files: Path) -> Iterator[None]:
    """What is said of a table is said of its file."""
    try:
        yield
    except InputError as error:
        table, _, rest = str(error).partition(": ")
        raise InputError(f"{files[table]}: {rest}" if table in files else str(error)) from error


def _tell(what: str, made: Choice, findings: Sequence[Finding]) -> None:
    gap = f"{made.gap:.4%}" if made.objective > 0 else "unknown"
    click.echo(f"{what}   objective {made.objective:,}   bound {made.bound:,.2f}   gap {gap}")
    for one in findings:
        click.echo(f"note: {one}")
