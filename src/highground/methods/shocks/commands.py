"""The verbs of shocks."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path

import click

from highground.methods.facts import load_dictionary
from highground.methods.shocks.exposure import empty_areas, exposed, exposed_households
from highground.methods.shocks.recording import (
    FACT,
    Shock,
    ShockError,
    add_shock,
    end_shock,
    exposed_for,
    kinds,
    read_shock,
    read_shocks,
)
from highground.methods.store.layout import Store
from highground.methods.store.options import STORE

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def shock() -> None:
    """Floods, droughts, epidemics, price falls, closed borders: which villages they expose."""


@shock.command()
@click.option("--kind", type=click.Choice(kinds()), required=True, help="What happened.")
@click.option(
    "--area",
    "areas",
    multiple=True,
    required=True,
    help="Code of a province, city, county, township or village; may be given again.",
)
@click.option("--from", "began", type=DAY, required=True, help="First day.")
@click.option("--until", "ended", type=DAY, help="Last day, if it is over.")
@click.option("--source", required=True, help="Who reported it.")
@click.option("--note", default="", help="Anything else.")
@click.option("--id", "name", help="A name of its own; else made of kind, day and area.")
@STORE
def add(
    kind: str,
    areas: tuple[str, ...],
    began: datetime,
    ended: datetime | None,
    source: str,
    note: str,
    name: str | None,
    root: Path,
) -> None:
    """Record a shock; the last line is its id."""
    store = Store(root)
    if store.register_months() and (empty := empty_areas(store, areas)):
        raise ShockError(f"no household of the register lives in {', '.join(empty)}; check the codes")
    made = add_shock(
        store,
        kind=kind,
        areas=areas,
        began=began.date(),
        ended=ended.date() if ended else None,
        source=source,
        note=note,
        name=name,
        by=getpass.getuser(),
        now=datetime.now().astimezone(),
    )
    click.echo(made.id)


@shock.command()
@click.argument("name", metavar="ID")
@click.option("--on", "day", type=DAY, required=True, help="Last day.")
@STORE
def end(name: str, day: datetime, root: Path) -> None:
    """Record the last day of the shock ID."""
    now = datetime.now().astimezone()
    made = end_shock(Store(root), name, on=day.date(), by=getpass.getuser(), now=now)
    click.echo(_line(made))


@shock.command("list")
@STORE
def list_(root: Path) -> None:
    """List the shocks of a store, oldest first."""
    for each in read_shocks(Store(root)):
        click.echo(_line(each))


@shock.command()
@click.argument("name", metavar="ID")
@click.option("--as-of", type=DAY, help="Day for which it is asked; today if not given.")
@STORE
def show(name: str, as_of: datetime | None, root: Path) -> None:
    """Show the shock ID, and the villages and households that it exposes, county by county."""
    store = Store(root)
    made = read_shock(store, name)
    day = as_of.date() if as_of else datetime.now().astimezone().date()
    click.echo(_line(made))
    click.echo(f"  areas: {', '.join(made.areas)}")
    click.echo(f"  source: {made.source}")
    if made.note:
        click.echo(f"  note: {made.note}")
    for what, who, when in (
        ("recorded", made.recorded_by, made.recorded_at),
        ("end recorded", made.end_recorded_by, made.end_recorded_at),
    ):
        if when is not None:
            click.echo(f"  {what}: {who}, {when.astimezone(UTC):%Y-%m-%d %H:%M} UTC")
    if not made.exposes(day):
        click.echo(
            f"  exposes nobody on {day}; {made.kind} counts for {exposed_for(made.kind)} days after its end"
        )
        return
    villages = exposed(store, day)
    mine = villages.filter([event == made.id for event in villages["event"].to_pylist()])
    for row in exposed_households(store, mine).to_pylist():
        click.echo(f"  {row['county']}: {row['villages']:,} villages, {row['households']:,} households")


def _line(made: Shock) -> str:
    label = load_dictionary()[FACT].values[made.kind]["en"]
    return f"{made.id}  {label}, {made.began} to {made.ended or 'now'}"
