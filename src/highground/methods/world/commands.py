"""The verbs of the synthetic world."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from highground.methods.world.nation import make_nation, make_plan
from highground.methods.world.nation.plan import MOST_MONTHS


@click.group()
def world() -> None:
    """A synthetic country, for benchmarks and for trying rules out: nobody in it exists."""


@world.command()
@click.option("--households", type=click.IntRange(min=1), required=True, help="How many households.")
@click.option(
    "--months", type=click.IntRange(1, MOST_MONTHS), default=13, show_default=True, help="Months of feeds."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="A new folder, or one that was stopped half-way.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Another seed, another country."
)
def generate(households: int, months: int, out: Path, seed: int) -> None:
    """Write a synthetic country of 31 provinces: two months of the register, and feeds month by month.

    The same seed and sizes write the same country. Stopped half-way, the same command goes on at the province
    where it stopped. The last line is the folder.
    """
    plan = make_plan(households, months, seed)
    started, done = time.monotonic(), 0

    def rate(_: int | None) -> str:
        return f"{done / (time.monotonic() - started):,.0f} a second"

    with click.progressbar(
        length=households,
        label="Households",
        item_show_func=rate,
        file=sys.stderr,
        hidden=not sys.stderr.isatty(),
    ) as bar:

        def advance(count: int) -> None:
            nonlocal done
            done += count
            bar.update(count)

        made = make_nation(plan, out, advance)
    for kind, count in made["rows"].items():
        click.echo(f"{count:>14,}  {kind}")
    click.echo(str(out))
