"""`highground forms`: taking in forms that others wrote."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils import timezone

from highground.areas.queries import find
from highground.field.forms.mapping import FormError
from highground.field.forms.taking import read_table, take_in

BY = "command:forms-take-in"


@click.group()
def forms() -> None:
    """The forms that phones show besides the visit."""


@forms.command("take-in")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--area", "code", required=True, metavar="CODE", help="Whose people are shown the form.")
@click.option(
    "--table", "tables", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A CSV file that the form reads; may be given again.",
)  # fmt: skip
def take_in_command(file: Path, code: str, tables: tuple[Path, ...]) -> None:
    """Take in an XLSForm (.xlsx); a fault is said with its sheet, row and column."""
    area = find(code)
    if area is None:
        raise FormError(why=f"there is no area {code!r}", mend="see `highground import areas`")
    try:
        taken = take_in(
            file.read_bytes(),
            area=area,
            by=BY,
            today=timezone.localdate(),
            tables={one.stem: read_table(one.name, one.read_bytes()) for one in tables},
        )
    except FormError as error:
        raise FormError(why=f"{file.name}: {error}") from error
    facts = len(taken.mapping)
    click.echo(
        f"{taken.form_id} {taken.version}: taken in for {area.code}; {facts} of its questions land in the register"
    )
    for sentence in taken.beyond:
        click.echo(f"only in ODK Collect: {sentence}")
