"""`highground snapshot`, `highground authorisations` and `highground keys`."""

import datetime
from pathlib import Path

import click
from django.utils import timezone

from highground.areas.queries import find
from highground.methods.store import Store
from highground.methods.store.options import STORE
from highground.people.actions import RegisterError, rotate_keys
from highground.people.authorisations import write_authorisations
from highground.people.indexing import index_persons
from highground.people.snapshot import Snapshot, write_snapshot

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.command()
@click.option("--area", "code", help="Only the households of this area (its code).")
@click.option("--as-of", type=DAY, help="What holds on this day (default: today).")
@click.option("--known-on", type=DAY, help="Only what was recorded up to this day.")
@click.option("--persons", is_flag=True, help="Also index whom departments mean in their files.")
@STORE
def snapshot(
    code: str | None,
    as_of: datetime.datetime | None,
    known_on: datetime.datetime | None,
    persons: bool,
    root: Path,
) -> None:
    """Write the register as Parquet; the last line is the folder."""
    today = timezone.localdate()
    area = find(code) if code else None
    if code and area is None:
        raise RegisterError(f"there is no area {code!r}; see `highground import areas`")
    made = write_snapshot(
        as_of=as_of.date() if as_of else today,
        known_on=known_on.date() if known_on else None,
        area=area,
        by="command:snapshot",
        today=today,
    )
    click.echo(f"{made.manifest['households']:,} households, {made.manifest['members']:,} members")
    if persons:
        _index(made, Store(root))
    click.echo(str(made.folder))


def _index(made: Snapshot, store: Store) -> None:
    told = index_persons(made, store, by="command:snapshot")
    for province, counts in told.provinces.items():
        click.echo(
            f"{province}: {counts['persons']:,} persons indexed; {counts['without_number']:,} without a number,"
            f" {counts['ambiguous']:,} who share one"
        )
    if told.without_province:
        click.echo(f"{told.without_province:,} households lie in no province and were not indexed")


@click.command()
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def authorisations(path: Path) -> None:
    """Write who signed that other registers may be asked, as `highground feed authorise` takes it in."""
    count = write_authorisations(path, by="command:authorisations")
    click.echo(f"{count:,} authorisations")


@click.group()
def keys() -> None:
    """The keys that protect names, numbers, phones and accounts."""


@keys.command()
def rotate() -> None:
    """Make a new key and seal every protected value under it; old keys stay for older backups."""
    count = rotate_keys(by="command:keys-rotate", today=timezone.localdate())
    click.echo(f"{count:,} protected values sealed under a new key")
