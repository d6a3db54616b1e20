"""The analyst's verbs: rulebooks and screening on files, without a server and without a database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from highground.methods.rules import list_rulebooks, load_rulebook
from highground.methods.rules.describing import describe
from highground.methods.rules.reading import shipped
from highground.methods.screening.examples import check_examples
from highground.methods.screening.notices import counted
from highground.methods.screening.price import MINUTES, SAMPLE, found_without
from highground.methods.screening.price import price as price_of
from highground.methods.screening.result import load_result
from highground.methods.screening.screen import screen as screen_tables

LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "zh"]), default="en", help="Language of the words."
)


@click.group()
def rulebook() -> None:
    """Rulebooks: which there are, whether they hold, what they say."""


@rulebook.command("list")
@LANGUAGE
def list_(language: str) -> None:
    """List the rulebooks that ship with Highground."""
    for book in list_rulebooks():
        first, last = book.assessed
        marked = " (synthetic)" if book.synthetic else ""
        click.echo(f"{book.id:10} {first} to {last}  {book.title[language]}{marked}")


@rulebook.command()
@click.argument("name", required=False)
def check(name: str | None) -> None:
    """Check one rulebook (an id or a file), or all that ship: expressions, bounds, circles, and its examples."""
    failed = False
    for one in [name] if name else list(shipped()):
        book = load_rulebook(one)
        failures = list(check_examples(book))
        failed = failed or bool(failures)
        failing = len({one.example for one in failures})
        state = f"{failing} of {len(book.examples)} examples fail" if failing else "holds"
        click.echo(
            f"{book.id} {book.version}: {state}; {counted(len(book.examples), 'example')}, hash {book.hash[:12]}"
        )
        for failure in failures:
            click.echo(f"  {failure}")
        for warning in book.warnings:
            click.echo(f"  note: {warning}")
    if failed:
        raise click.exceptions.Exit(1)


@rulebook.command()
@click.argument("name")
@LANGUAGE
def show(name: str, language: str) -> None:
    """Say what a rulebook asks, in words, with its sources."""
    click.echo(describe(load_rulebook(name), language))


@rulebook.command()
@click.argument("name")
@click.option("--households", type=click.Path(path_type=Path), required=True, help="Parquet or CSV file.")
@click.option("--members", type=click.Path(path_type=Path), help="Parquet or CSV file of member rows.")
@click.option("--as-of", required=True, metavar="DATE", help="The day for which the rules are asked.")
@click.option("--sample", default=SAMPLE, show_default=True, help="Households that are looked at.")
@click.option("--minutes", default=MINUTES, show_default=True, help="How long a question takes.")
@click.option(
    "--without", multiple=True, metavar="FACT", help="What if this were never asked? May be repeated."
)
@LANGUAGE
def price(
    name: str,
    households: Path,
    members: Path | None,
    as_of: str,
    sample: int,
    minutes: float,
    without: tuple[str, ...],
    language: str,
) -> None:
    """Say what the questions of a rulebook cost on these households, before it is used: how many, for what, how long."""
    book = load_rulebook(name)
    tables: dict[str, Any] = {"households": households, "members": members, "as_of": as_of}
    told = price_of(book, **tables, sample=sample, minutes=minutes)
    click.echo(f"{book.id} as of {told.as_of}, {told.sample:,} of {counted(told.households, 'household')}")
    click.echo(
        f"per 1,000 visits: {told.questions:,.0f} questions, {told.minutes:,.0f} minutes; {told.settled:,.0f} ask nothing"
    )
    for one in told.facts:
        label = book.dictionary[one.fact].label[language]
        click.echo(f"  {one.asked:6,.0f}  {label} ({one.fact}), for {', '.join(one.needed_by)}")
        for pair, count in one.flips.items():
            click.echo(f"          {pair}: {count:,}")
    if without:
        lost = found_without(book, without, **tables)
        share = "" if lost.share is None else f", {lost.share:.1%}"
        click.echo(f"without {', '.join(without)}: {lost.lost:,} of {lost.found:,} would not be found{share}")


@click.command()
@click.option("--households", type=click.Path(path_type=Path), required=True, help="Parquet or CSV file.")
@click.option("--members", type=click.Path(path_type=Path), help="Parquet or CSV file of member rows.")
@click.option(
    "--rulebook", "book", required=True, metavar="ID|FILE", help="A shipped rulebook or a YAML file."
)
@click.option("--as-of", required=True, metavar="DATE", help="The day for which the rules are asked.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder for the run.")
@click.option(
    "--previous", type=click.Path(path_type=Path), help="The folder of an earlier run to compare with."
)
@click.option(
    "--parameters", type=click.Path(path_type=Path), help="Rows to add to the rulebook's parameter tables."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def screen(
    households: Path,
    members: Path | None,
    book: str,
    as_of: str,
    out: Path,
    previous: Path | None,
    parameters: Path | None,
    as_json: bool,
) -> None:
    """Screen a file of households: verdicts, changes and notices into a folder, counts on the screen."""
    result = screen_tables(
        book,
        households=households,
        members=members,
        as_of=as_of,
        previous=None if previous is None else load_result(previous),
        parameters=parameters,
    )
    folder = result.save(out)
    summary = result.summary()
    if as_json:
        click.echo(json.dumps({**summary, "folder": str(folder)}, ensure_ascii=False))
        return
    verdicts, classes = summary["verdicts"], {one.id: one.label["en"] for one in result.book.classes}
    click.echo(f"{counted(summary['households'], 'household')}, {result.book.id} as of {summary['as_of']}")
    click.echo(f"  yes {verdicts['yes']:,}   no {verdicts['no']:,}   cannot tell {verdicts['cannot_tell']:,}")
    for name, count in summary["classes"].items():
        click.echo(f"  possible {classes[name]}: {count:,}")
    for name, count in summary["fired"].items():
        click.echo(f"  {name}: {count:,} (cannot tell: {summary['undecided'][name]:,})")
    if previous is not None:
        click.echo("  " + "   ".join(f"{name} {count:,}" for name, count in summary["changes"].items()))
    for notice in summary["notices"]:
        click.echo(f"  note: {notice}")
    click.echo(f"Kept in {folder}")
