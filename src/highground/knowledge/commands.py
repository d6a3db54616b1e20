"""`highground practices`: bring practices in, and keep the index of what is searched."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils import timezone

from highground.knowledge.actions.practices import add_practices
from highground.knowledge.builtin import builtin_files
from highground.knowledge.indexing import build, embedder
from highground.knowledge.reading import Read, read_practices
from highground.methods.search.embedding import NO_EMBEDDER

BY = "command:practices-import"


@click.group()
def practices() -> None:
    """Practices from many countries: bring them in, and keep what is searched up to date."""


@practices.command("import")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--builtin", is_flag=True, help="The practices that come with Highground.")
@click.option("--publish", is_flag=True, help="Publish them at once; else they wait for a curator.")
@click.option("--check", is_flag=True, help="Only say what is wrong with the files.")
@click.pass_context
def import_(ctx: click.Context, paths: tuple[Path, ...], builtin: bool, publish: bool, check: bool) -> None:
    """Read practices from YAML files or tables (CSV, XLSX, Parquet)."""
    wanted = [*paths, *(builtin_files() if builtin else [])]
    if not wanted:
        raise click.UsageError("name a file, or give --builtin")
    whole = Read()
    for path in wanted:
        read = read_practices(path)
        for one in read.rejects:
            click.echo(f"{path}, row {one.row}, {one.column}: {one.reason}; {one.mend}", err=True)
        whole.records += read.records
        whole.rejects += read.rejects
    if not check:
        done = add_practices(whole.records, by=BY, today=timezone.localdate(), published=publish or builtin)
        click.echo(
            f"{done.new} new, {done.changed} changed, {done.same} as before, {len(whole.rejects)} left out"
        )
    else:
        click.echo(f"{len(whole.records)} can be used, {len(whole.rejects)} can not")
    if whole.rejects:
        ctx.exit(1)


@practices.command("index")
@click.option("--afresh", is_flag=True, help="Write everything anew.")
def index(afresh: bool) -> None:
    """Write what is missing in the index: words at once, vectors where the extra [search] is installed.

    It may be interrupted: the next call goes on where it ended, and search by words works meanwhile.
    """
    if embedder() is None:
        click.echo(NO_EMBEDDER, err=True)
    found = build(
        afresh=afresh,
        say=lambda done, whole: click.echo(f"\r{done:,} new of {whole:,} vectors", nl=False, err=True),
    )
    click.echo(f"{found['passages']:,} passages by words, {found['vectors']:,} by meaning")
