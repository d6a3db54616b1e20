"""`highground account`: the first people of a new installation, added by whoever runs it."""

import datetime

import click
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from highground.accounts.actions import add_user, grant_role
from highground.accounts.enums import WITHOUT_AREA, Role
from highground.areas.models import Area


@click.group()
def account() -> None:
    """People who may sign in."""


@account.command()
@click.argument("username")
@click.option("--name", "display_name", default="", help="The name shown to others.")
@click.option("--role", type=click.Choice(Role.values), required=True, help="What they are.")
@click.option("--area", "code", help="The code of the area they look after.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day of the role.")
@click.password_option(help="Asked for when not given.")
def add(
    username: str,
    display_name: str,
    role: str,
    code: str | None,
    until: datetime.datetime | None,
    password: str,
) -> None:
    """Add a person with one role, in one area, from today."""
    area = Area.objects.filter(code=code).first() if code else None
    if code and area is None:
        raise click.BadParameter(f"there is no area with the code {code}", param_hint="--area")
    if area is None and Role(role) not in WITHOUT_AREA:
        raise click.BadParameter(f"a {Role(role).label} needs an area: give its code", param_hint="--area")
    try:
        with transaction.atomic():
            user = add_user(username, password=password, display_name=display_name, by="command:account")
            grant_role(
                user,
                role=Role(role),
                area=area,
                valid_from=timezone.localdate(),
                valid_to=until.date() if until else None,
                by="command:account",
            )
    except ValidationError as error:
        raise click.ClickException(" ".join(error.messages)) from error
    click.echo(f"{user.username}: {Role(role).label}{f' in {area}' if area else ''}")
