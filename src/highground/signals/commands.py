"""`highground screen` on the register, and `highground clue show`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import click
from django.utils import timezone

from highground.areas.queries import find
from highground.methods.rules import load_rulebook
from highground.methods.rules.rulebook import HouseholdClass
from highground.signals.actions import ScreeningError, screen_register
from highground.signals.kept import explain_again
from highground.signals.models import Clue, Run

BY = "command:screen"


@click.command()
@click.option("--rulebook", required=True, metavar="ID|FILE", help="A shipped rulebook or a YAML file.")
@click.option(
    "--as-of",
    required=True,
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="The day for which the rules are asked.",
)
@click.option(
    "--area",
    "code",
    metavar="CODE",
    help="Only the households of this area (default: the rulebook's country).",
)
@click.option(
    "--snapshot",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A register snapshot to screen (default: one is written now).",
)
@click.option(
    "--parameters",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Rows to add to the rulebook's parameter tables.",
)
def screen(
    rulebook: str, as_of: datetime.datetime, code: str | None, snapshot: Path | None, parameters: Path | None
) -> None:
    """Screen the register: keeps the run and opens clues for what is new; the last line is the run."""
    area = find(code) if code else None
    if code and area is None:
        raise ScreeningError(f"there is no area {code!r}; see `highground import areas`")
    run = screen_register(
        rulebook=rulebook,
        as_of=as_of.date(),
        snapshot=snapshot,
        area=area,
        parameters=parameters,
        by=BY,
        today=timezone.localdate(),
    )
    _report(run, load_rulebook(rulebook).classes)


def _report(run: Run, classes: Sequence[HouseholdClass]) -> None:
    counts = run.counts
    click.echo(
        f"{counts['households']:,} households of {run.area.code}, {run.rulebook} as of {run.as_of}, {run.seconds:.0f} s"
    )
    for one in classes:
        click.echo(f"  possible {one.label['en']}: {counts['classes'][one.id]:,}")
    for name, count in counts["fired"].items():
        click.echo(f"  {name}: {count:,} (cannot tell: {counts['undecided'][name]:,})")
    click.echo(f"  cannot tell: {counts['in_cannot_tell']:,}   in no data at all: {counts['in_no_data']:,}")
    click.echo(
        f"  clues: {counts['opened']:,} new, {counts['continuing']:,} continuing, {counts['cleared']:,} cleared"
    )
    for notice in run.manifest["notices"]:
        click.echo(f"  note: {notice['message']}")
    click.echo(f"run {run.pk}: {run.folder}")


@click.group()
def clue() -> None:
    """Clues: the reasons to knock that screenings have found."""


@clue.command()
@click.argument("number", type=int)
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", help="Language of the words.")
def show(number: int, language: str) -> None:
    """Print why clue NUMBER was opened: the sentence, the figures, every value with its source, what would clear it."""
    found = (
        Clue.objects.everywhere(reason="a command on the machine itself")
        .select_related("household", "run_last__rulebook_version")
        .filter(pk=number)
        .first()
    )
    if found is None:
        raise ScreeningError(f"there is no clue {number}; the clues are listed at /clues/")
    click.echo(found.evidence["why"][language])
    click.echo(explain_again(found.run_last, found.household.key).text(language))
