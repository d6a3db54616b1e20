"""`highground projects`: assistance projects from files."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils import timezone

from highground.works.actions.projects import load_project
from highground.works.project_files import read_project, shipped_projects

BY = "command:projects-load"


@click.group()
def projects() -> None:
    """Assistance projects: what was published of them, each figure with its source and date."""


@projects.command("load")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--builtin", is_flag=True, help="The projects in six villages of Cambodia, Laos and Myanmar.")
def load(files: tuple[Path, ...], builtin: bool) -> None:
    """Bring projects in from FILES, or the ones that come with Highground; the same file twice adds nothing."""
    if builtin == bool(files):
        raise click.UsageError("give FILES, or --builtin")
    for told in shipped_projects() if builtin else map(read_project, files):
        done = load_project(told, by=BY, today=timezone.localdate())
        sites = sum(place.site for place in told.places)
        click.echo(
            f"{done.project.code}: {sites} villages, {done.figures} of {len(told.figures)} figures are new, "
            f"{len(told.gaps)} things are not known"
        )
