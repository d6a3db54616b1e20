"""`highground quality`: the records of the register that are wrong, with what is wrong and the mend."""

from __future__ import annotations

import datetime
import json

import click
from django.utils import timezone

from highground.areas.queries import find
from highground.cases.quality import as_document, check_register
from highground.methods.rules import load_rulebook
from highground.methods.screening import CheckResult
from highground.methods.screening.notices import counted
from highground.signals.actions import ScreeningError, country_of

BY = "command:quality"


@click.command()
@click.option("--rulebook", required=True, metavar="ID|FILE", help="A shipped rulebook or a YAML file.")
@click.option(
    "--area",
    "code",
    metavar="CODE",
    help="Only the households of this area (default: the rulebook's country).",
)
@click.option(
    "--as-of",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    metavar="DATE",
    help="The day for which the records are checked (default: today).",
)
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", help="Language of the words.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
def quality(
    rulebook: str, code: str | None, as_of: datetime.datetime | None, language: str, as_json: bool
) -> None:
    """Check the records of the register: for each that is wrong the household, what is wrong, and the mend."""
    today = timezone.localdate()
    book = load_rulebook(rulebook)
    area = find(code) if code else country_of(book)
    if area is None:
        raise ScreeningError(f"there is no area {code!r}; see `highground import areas`")
    day = as_of.date() if as_of else today
    result = check_register(rulebook=book, as_of=day, area=area, by=BY, today=today)
    if as_json:
        click.echo(json.dumps(as_document(result, area), ensure_ascii=False, indent=1))
        return
    _report(result, area.code, language)


def _report(result: CheckResult, code: str, language: str) -> None:
    wrong = len(set(result.findings.column("household").to_pylist()))
    click.echo(
        f"{counted(result.findings.num_rows, 'finding')} in {wrong:,} of {counted(result.households, 'household')} "
        f"of {code}, {result.book.id} as of {result.as_of}"
    )
    for one in result.explained():
        marked = "" if one.check.verified else " [not verified]"
        click.echo(f"{one.household}  {one.area}  {one.check.severity}: {one.check.label[language]}{marked}")
        click.echo(f"  {one.why[language]}")
        click.echo(f"  -> {one.check.mend[language]}")
    unknown = {name: count for name, count in result.unknown.items() if count}
    if unknown:
        click.echo("Cannot be told, because facts are missing or stale:")
    for name, count in unknown.items():
        click.echo(f"  {name}: {counted(count, 'household')}")
    for notice in result.notices:
        click.echo(f"  note: {notice}")
