"""`highground import areas`: the tree of areas from a file, or the first-level divisions that are shipped."""

import sys
from pathlib import Path

import click
from django.conf import settings
from django.utils import timezone

from highground.areas.actions import AreaRow, Imported
from highground.areas.actions import import_areas as bring_in
from highground.areas.countries import builtin_rows
from highground.areas.mapping import load_area_mapping, read_areas
from highground.files.rejects import Reject, RejectsFile


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--mapping", type=click.Path(path_type=Path), help="What the columns of FILE mean (YAML).")
@click.option("--builtin", is_flag=True, help="The provinces of China, ten ASEAN countries and Timor-Leste.")
@click.option(
    "--move", is_flag=True, help="Move known areas to the parents that FILE names, with all below them."
)
def import_areas(file: Path | None, mapping: Path | None, builtin: bool, move: bool) -> None:
    """Bring areas from FILE into the tree; the same file twice changes nothing.

    Exit code 1 when every row was rejected.
    """
    if builtin == (file is not None):
        raise click.UsageError("give a FILE with --mapping, or --builtin")
    by, today = "command:import-areas", timezone.localdate()
    if builtin:
        _report(bring_in(builtin_rows(), by=by, today=today))
        return
    if mapping is None or file is None:
        raise click.UsageError("a FILE needs --mapping, which says what its columns mean")
    unreadable: list[Reject] = []
    rows: list[AreaRow] = list(read_areas(file, load_area_mapping(mapping), unreadable.append))
    done = bring_in(rows, by=by, today=today, move=move)
    target = Path(settings.HIGHGROUND_HOME) / "rejects" / f"{file.stem}.areas.csv"
    with RejectsFile(target) as bad:
        bad.headings([])
        bad.add(sorted([*unreadable, *done.rejects], key=lambda reject: reject.row))
    _report(done)
    if bad.count:
        click.echo(f"{bad.rows} rows rejected: {target}")
    if bad.count and not done.added + done.changed + done.unchanged:
        sys.exit(1)


def _report(done: Imported) -> None:
    click.echo(f"areas: {done.added} added, {done.changed} changed, {done.unchanged} as before")
    if done.moved:
        lie = "lies" if done.moved == 1 else "lie"
        below = "it" if done.moved == 1 else "them"
        click.echo(f"{done.moved} of the changed {lie} in another area now, with everything below {below}")
