"""`highground import households`."""

import sys
from pathlib import Path

import click
from django.utils import timezone

from highground.signals.imports.actions import Outcome, import_households
from highground.signals.imports.mapping import load_household_mapping


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--members", type=click.Path(path_type=Path), help="The file of the households' members.")
@click.option(
    "--mapping", type=click.Path(path_type=Path), required=True, help="What the columns mean (YAML)."
)
@click.option("--dry-run", is_flag=True, help="Check everything; write nothing but the rejects.")
def households(file: Path, members: Path | None, mapping: Path, dry_run: bool) -> None:
    """Bring household records from FILE onto the register.

    CSV, XLSX, Parquet and Stata files. Good rows are kept; bad rows come back in a file with the reason and
    the mend. The same file twice changes nothing. Exit code 1 when every row was rejected.
    """
    today = timezone.localdate()
    watched = sys.stderr.isatty()

    def progress(rows: int) -> None:
        if watched:
            click.echo(f"\r{rows:,} rows", nl=False, err=True)

    outcome = import_households(
        file,
        load_household_mapping(mapping, today=today),
        members_file=members,
        by="command:import-households",
        today=today,
        dry_run=dry_run,
        progress=progress,
    )
    if watched:
        click.echo("\r", nl=False, err=True)
    _report(outcome)
    if any(table.rejected and not table.used for table in outcome.tables):
        sys.exit(1)


def _report(outcome: Outcome) -> None:
    for table in outcome.tables:
        rows = table.used + table.rejected
        click.echo(f"{table.entity}s: {rows:,} rows read, {table.used:,} used, {table.rejected:,} rejected")
        if table.rounded:
            click.echo(f"  {table.rounded:,} amounts rounded half up to two decimals")
        if table.rejected:
            click.echo(f"  rejected rows: {table.rejects}")
    if outcome.dry_run:
        click.echo("dry run: nothing was recorded")
        return
    click.echo(
        f"register: {outcome.new_households:,} new households, {outcome.new_members:,} new members, "
        f"{outcome.stored:,} observations stored, {outcome.observations - outcome.stored:,} known before"
    )
    if outcome.protected:
        click.echo(f"  {outcome.protected:,} protected values sealed")
