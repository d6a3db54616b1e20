"""The verbs of whoever runs an installation: migrate, serve, doctor, files, backup, restore."""

from pathlib import Path

import click

from highground.operate.doctor import examine


@click.command()
def migrate() -> None:
    """Make or update the tables of the database. Safe to repeat."""
    from django.core.management import call_command

    call_command("migrate", interactive=False, verbosity=1)


@click.command()
@click.option(
    "--bind", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT", help="Where to listen."
)
def serve(bind: str) -> None:
    """Answer to browsers until Ctrl-C."""
    from highground.operate.serving import serve as run_server

    run_server(bind)


@click.command()
@click.pass_context
def doctor(ctx: click.Context) -> None:
    """Say what is missing on this machine or in this installation, and how to mend it.

    Ends with 1 when something essential is missing.
    """
    findings = examine()
    for finding in findings:
        click.echo(f"{finding.mark:8} {finding.name}: {finding.says}")
        if finding.mend:
            click.echo(f"{'':8} mend: {finding.mend}")
    missing = [finding for finding in findings if finding.mark == "missing"]
    click.echo(f"{len(missing)} essential part(s) missing" if missing else "nothing essential is missing")
    ctx.exit(1 if missing else 0)


@click.group()
def files() -> None:
    """What people uploaded."""


@files.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
def sweep(dry_run: bool) -> None:
    """Delete stored files that nothing names any more; run it once a week.

    They belonged to entries that were withdrawn, or to papers that were replaced or taken out. A file younger than a day stays,
    because the action that it was stored for may still be under way. Refused while a backup is being written.
    """
    from highground.operate.sweeping import sweep_store

    found = sweep_store(dry_run=dry_run)
    done = "would be deleted" if dry_run else "deleted"
    click.echo(f"{done}: {found.files} files that nothing names, {found.size / 2**20:.1f} MiB")
    if found.stopped:
        click.echo("stopped half-way, because the files are in use; give the same command again later")
    if found.young:
        click.echo(f"too young to be sure: {found.young}; they stay until the next time")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write the database and the stored files to FILE, a checksummed tar. The keys stay out of it."""
    from highground.operate.backup import back_up

    written = back_up(file)
    click.echo(f"{file}: {written.files} files, {written.size / 2**20:.1f} MiB, checksummed")
    click.echo(
        f"The keys are NOT in it. Copy {written.keys} once to a place apart from the backups: without it the "
        "names and numbers in this backup can't be read, with it and a stolen backup anyone can.",
        err=True,
    )


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--replace", is_flag=True, help="Put the backup in the place of what this installation holds now."
)
def restore(file: Path, replace: bool) -> None:
    """Put the backup FILE back. Stop the server first.

    Everything is unpacked and checked beside the home folder before anything there changes. With --replace
    the files of before are kept in a folder beside it.
    """
    from highground.operate.restore import restore as put_back

    done = put_back(file, replace=replace)
    click.echo(f"{done.home}: restored {done.files} files and the database as of {done.made_at}")
    if done.kept:
        click.echo(f"what was there before is in {done.kept}; delete it when all is well")
    for warning in done.warnings:
        click.echo(f"note: {warning}", err=True)
