"""`highground projects`: assistance projects from files."""

from __future__ import annotations

import datetime
from pathlib import Path

import click
from django.core.exceptions import ValidationError
from django.utils import timezone

from highground.accounts.actions import grant_role
from highground.accounts.enums import Role
from highground.accounts.models import User
from highground.works.actions.projects import load_project
from highground.works.ground import PROJECT_ROLES
from highground.works.held import PROJECT
from highground.works.models import Project
from highground.works.project_files import read_project, shipped_projects
from highground.works.queries.projects import paths_of

BY = "command:projects-load"
ROLES = "whether a project is there, for whoever runs the installation"


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


@projects.command("role")
@click.argument("code")
@click.argument("username")
@click.option(
    "--role",
    type=click.Choice([one.value for one in PROJECT_ROLES]),
    default=Role.ANALYST.value,
    show_default=True,
    help="What they are in the project.",
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the role.")
def give_role(code: str, username: str, role: str, until: datetime.datetime | None) -> None:
    """Give USERNAME a role for the project CODE alone: it opens the project, its villages and studies, and no area."""
    project = Project.objects.everywhere(reason=ROLES).filter(code=code).first()
    if project is None:
        raise click.BadParameter(f"there is no project with the code {code}", param_hint="CODE")
    user = User.objects.filter(username=username).first()
    if user is None:
        raise click.BadParameter(
            f"nobody is called {username}; add them first (highground account add)", param_hint="USERNAME"
        )
    try:
        grant_role(
            user, role=Role(role), target=(PROJECT, code), valid_from=timezone.localdate(),
            valid_to=until.date() if until else None, by="command:projects-role",
            seen_in=paths_of(project),
        )  # fmt: skip
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    click.echo(f"{username}: {Role(role).label} of {code}")
