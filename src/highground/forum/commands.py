"""`highground forum`: open a forum, add those that are known, write the public pages into a folder."""

from __future__ import annotations

import datetime
from pathlib import Path

import click


@click.group()
def forum() -> None:
    """Open forums, add known ones, take the public pages along."""


@forum.command("open")
@click.argument("code")
@click.option("--name", required=True, help="what it is called, in English")
@click.option("--name-zh", default="", help="what it is called in Chinese")
@click.option("--place", required=True, help="the town")
@click.option("--country", required=True, help="ISO code of the country, such as CN")
@click.option(
    "--area",
    "area_code",
    default="",
    help="code of the area that hosts it; without, organisers of all areas run it",
)
@click.option("--time-zone", default="Asia/Shanghai", show_default=True, help="as in the IANA database")
@click.option("--first-day", required=True, type=click.DateTime(["%Y-%m-%d"]), help="YYYY-MM-DD")
@click.option("--days", default=2, show_default=True, type=click.IntRange(1, 14), help="how many days")
@click.option("--call-opens", type=click.DateTime(["%Y-%m-%d"]), help="YYYY-MM-DD, at midnight of the place")
@click.option(
    "--call-closes",
    type=click.DateTime(["%Y-%m-%d"]),
    help="YYYY-MM-DD, the last day on which entries are taken",
)
def open_forum(
    code: str,
    name: str,
    name_zh: str,
    place: str,
    country: str,
    area_code: str,
    time_zone: str,
    first_day: datetime.datetime,
    days: int,
    call_opens: datetime.datetime | None,
    call_closes: datetime.datetime | None,
) -> None:
    """Open a forum for registration."""
    from django.utils import timezone

    from highground.areas.models import Area
    from highground.forum.actions import opening
    from highground.forum.ground import ForumError

    area = Area.objects.filter(code=area_code).first() if area_code else None
    if area_code and area is None:
        raise click.ClickException(f"no area has the code {area_code}; `highground import areas` adds areas")
    try:
        opening.open_forum(
            code=code,
            names={"en": name, "zh-hans": name_zh},
            place=place,
            country=country,
            area=area,
            time_zone=time_zone,
            first_day=first_day.date(),
            days=days,
            call_opens=call_opens and call_opens.date(),
            call_closes=call_closes and call_closes.date(),
            today=timezone.localdate(),
        )
    except ForumError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Opened: /forum/{code}/")


@forum.command("known")
def known() -> None:
    """Add the forums that really took place, with their sources."""
    from highground.forum.known import add_known_forums

    click.echo(f"Added: {add_known_forums()}")


@forum.command("take-along")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--language", default="", help="in which language, such as zh-hans; otherwise that of the installation"
)
def take_along(folder: Path, language: str) -> None:
    """Write the public pages of all forums into a folder that works without a server."""
    from django.conf import settings
    from django.utils import translation

    from highground.forum.leaving import write_site

    if language and language not in dict(settings.LANGUAGES):
        known = ", ".join(dict(settings.LANGUAGES))
        raise click.ClickException(f"the pages do not speak {language}; they speak {known}")
    try:
        with translation.override(language or settings.LANGUAGE_CODE):
            written = write_site(folder)
        click.echo(f"Written: {written} files; open {folder / 'index.html'}")
    except FileExistsError as error:
        raise click.ClickException(str(error)) from error
