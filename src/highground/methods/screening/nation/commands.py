"""The analyst's verbs for a whole country: land its register, run a rulebook over it, list, show, verify, replay, explain."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.keyfile import lookup_key
from highground.methods.feeds.persons import write_persons
from highground.methods.feeds.uses import fed_facts, kept_uses
from highground.methods.rules import Rulebook, load_rulebook
from highground.methods.rules.masks import names_of
from highground.methods.screening.nation.checking import replay_run, verify_run
from highground.methods.screening.nation.explaining import explain_household
from highground.methods.screening.nation.landing import land_register
from highground.methods.screening.nation.plan import make_plan
from highground.methods.screening.nation.running import CHANGES, list_runs, screen_country
from highground.methods.screening.nation.snapshot import county_snapshot
from highground.methods.screening.nation.stored import store_facts
from highground.methods.screening.notices import counted
from highground.methods.store.files import tables_in
from highground.methods.store.home import home_folder
from highground.methods.store.layout import MANIFEST, Store
from highground.methods.store.options import STORE
from highground.methods.store.publishing import read_json

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def register() -> None:
    """The register of a country, month by month, in its store."""


@register.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, file_okay=False), metavar="FOLDER")
@click.option("--month", required=True, metavar="YYYY-MM", help="The month that the register is of.")
@click.option(
    "--as-of",
    "day",
    required=True,
    type=DAY,
    metavar="DATE",
    help="The day for which values without a day of their own hold.",
)
@click.option("--rulebook", "rulebooks", multiple=True, help="Rulebooks in use, if not those of the store.")
@click.option("--persons/--no-persons", default=True, help="Index the persons whom department feeds name.")
@STORE
def land(
    source: Path, month: str, day: datetime, rulebooks: tuple[str, ...], persons: bool, root: Path
) -> None:
    """Land FOLDER/PROVINCE/households and members (.parquet or .csv) as the register of a month."""
    store = Store(root)
    known, uses = kept_uses(store) if not rulebooks else ({}, {})
    books = [load_rulebook(name) for name in rulebooks or known]
    fed = fed_facts(load_feeds(), uses) if uses else set()
    as_of = day.date()
    with told("provinces") as progress:
        manifest = land_register(
            store, source, month=month, as_of=as_of, books=books, fed=fed, progress=progress
        )
    if persons:
        key = lookup_key(home_folder())
        for one in tables_in(source):
            if one.members is not None:
                write_persons(store, one.province, households=one.households, members=one.members, key=key)
    for book in books:
        store_facts(make_plan(store, book, as_of, previous=None, month=month))
    households = sum(one["households"]["rows"] for one in manifest["provinces"].values())
    click.echo(
        f"{month}: {counted(households, 'household')} in {counted(len(manifest['provinces']), 'province')} landed"
    )
    notices = Counter(
        notice["message"] for one in manifest["provinces"].values() for notice in one["notices"]
    )
    for message, times in notices.items():
        click.echo(f"  note: {message}" + (f" (in {times} provinces)" if times > 1 else ""))


@register.command("list")
@STORE
def list_months(root: Path) -> None:
    """List the months whose register has been landed."""
    store = Store(root)
    for month in store.register_months():
        manifest = read_json(store.register(month) / MANIFEST)
        households = sum(one["households"]["rows"] for one in manifest["provinces"].values())
        click.echo(f"{month}  as of {manifest['as_of']}  {counted(households, 'household')}")


@click.group()
def run() -> None:
    """Runs of a rulebook over a whole country: each is kept whole and never changes."""


@run.command()
@click.option("--rulebook", required=True, metavar="ID|FILE", help="A shipped rulebook or a YAML file.")
@click.option(
    "--as-of", "day", required=True, type=DAY, metavar="DATE", help="The day for which the rules are asked."
)
@click.option(
    "--previous",
    default="latest",
    show_default=True,
    metavar="ID|latest|none",
    help="The run to compare with.",
)
@click.option(
    "--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", help="Both give the same run."
)
@click.option(
    "--parameters", type=click.Path(path_type=Path), help="Rows to add to the rulebook's parameter tables."
)
@JSON
@STORE
def start(
    rulebook: str,
    day: datetime,
    previous: str,
    engine: str,
    parameters: Path | None,
    as_json: bool,
    root: Path,
) -> None:
    """Screen every household of the store; a run that was stopped goes on where it stopped."""
    store, book = Store(root), load_rulebook(rulebook, parameters)
    before = None if previous == "none" else previous
    with told("households") as progress:
        manifest = screen_country(
            store,
            book,
            day.date(),
            previous=before,
            engine=engine,
            progress=progress,
        )
    summary = summary_of(manifest)
    if as_json:
        click.echo(json.dumps(summary, ensure_ascii=False))
    else:
        tell(summary, book)


@run.command("list")
@STORE
def list_(root: Path) -> None:
    """List the runs of the store, oldest day first."""
    for one in list_runs(Store(root)):
        click.echo(
            f"{one['id']}  {counted(one['households'], 'household')}, {one['flagged']:,} flagged; "
            f"{one['engine']}, made {one['made_at']}"
        )


@run.command()
@click.argument("name", metavar="ID")
@click.option("--household", metavar="KEY", help="Why the verdict on one household is what it is.")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", help="Language of the words.")
@JSON
@STORE
def show(name: str, household: str | None, language: str, as_json: bool, root: Path) -> None:
    """Show what a run found, or why it says what it says of one household."""
    store = Store(root)
    if household:
        explanation = explain_household(store, name, household)
        text = json.dumps(explanation.as_dict(), ensure_ascii=False, default=str)
        click.echo(text if as_json else explanation.text(language))
        return
    manifest = read_json(store.run(name) / MANIFEST)
    summary = summary_of(manifest)
    click.echo(json.dumps(summary, ensure_ascii=False, indent=1))


@run.command()
@click.argument("name", metavar="ID")
@STORE
def verify(name: str, root: Path) -> None:
    """Hash everything that a run wrote and read. Ends with 1 where something does not hold."""
    found = verify_run(Store(root), name)
    for sentence in found.wrong:
        click.echo(sentence)
    if found.gone:
        click.echo(
            f"{counted(len(found.gone), 'input')} no longer kept (past retention): {', '.join(found.gone[:5])}"
            + (", ..." if len(found.gone) > 5 else "")
        )
    click.echo(
        f"{name}: {'holds' if found.holds else 'does not hold'}; {counted(found.files, 'file')} checked"
    )
    raise click.exceptions.Exit(0 if found.holds else 1)


@run.command()
@click.argument("name", metavar="ID")
@click.option(
    "--engine", type=click.Choice(["duckdb", "spark"]), default="duckdb", help="Make it again on which."
)
@STORE
def replay(name: str, engine: str, root: Path) -> None:
    """Make a run again from its manifest and compare the content. Ends with 1 where it differs."""
    with told("households") as progress:
        found = replay_run(Store(root), name, engine=engine, progress=progress)
    if found.same:
        click.echo(f"{name}: the same content, {found.content_hash}")
        return
    click.echo(f"{name}: differs in {', '.join(found.differing) or 'who is gone'}")
    click.echo(f"  then {found.content_hash}\n  now  {found.again}")
    raise click.exceptions.Exit(1)


@run.command()
@click.argument("name", metavar="ID")
@click.option("--county", required=True, metavar="CODE", help="The county, by its code in the register.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder.")
@STORE
def snapshot(name: str, county: str, out: Path, root: Path) -> None:
    """Write a county of a run for its office, which takes it in with `highground screen --snapshot`."""
    counts = county_snapshot(Store(root), name, county, out)
    click.echo(f"{out}: {counted(counts['households'], 'household')}, {counted(counts['members'], 'member')}")


def summary_of(manifest: dict[str, Any]) -> dict[str, Any]:
    """Counts by name from the bits of a run."""
    bits = manifest["bits"]
    rules, classes = bits["rules"], bits["classes"]
    yes: Counter[str] = Counter()
    unclear: Counter[str] = Counter()
    verdicts: Counter[str] = Counter()
    mask = (1 << classes) - 1
    for entry in manifest["provinces"].values():
        for pair, households in entry["counts"]["bits"].items():
            sure, maybe = (int(part) for part in pair.split(":"))
            verdicts["yes" if sure & mask else "cannot_tell" if maybe & mask else "no"] += households
            for name in names_of(sure, rules):
                yes[name] += households
            for name in names_of(maybe, rules):
                unclear[name] += households
    changes = {
        change: sum(
            households * int(mask).bit_count()
            for entry in manifest["provinces"].values()
            for mask, households in (
                (int(key), value) for key, value in entry["counts"]["changes"][change].items()
            )
        )
        for change in CHANGES
    }
    return {
        "run": manifest["id"],
        "rulebook": manifest["rulebook"],
        "as_of": manifest["as_of"],
        "register": manifest["register"],
        "previous": manifest["previous"],
        "engine": manifest["engine"],
        "seconds": manifest["seconds"],
        "households": manifest["households"],
        "flagged": manifest["flagged"],
        "verdicts": {name: verdicts[name] for name in ("yes", "no", "cannot_tell")},
        "yes": {name: yes[name] for name in rules},
        "cannot_tell": {name: unclear[name] for name in rules},
        "changes": changes,
        "gone": manifest["gone"]["households"],
        "notices": [notice["message"] for notice in manifest["notices"]],
        "content_hash": manifest["content_hash"],
    }


def tell(summary: dict[str, Any], book: Rulebook) -> None:
    """A summary in words."""
    verdicts, changes = summary["verdicts"], summary["changes"]
    labels = {rule.id: rule.label["en"] for rule in [*book.classes, *book.clues]}
    click.echo(f"{counted(summary['households'], 'household')}, {book.id} as of {summary['as_of']}")
    click.echo(f"  yes {verdicts['yes']:,}   no {verdicts['no']:,}   cannot tell {verdicts['cannot_tell']:,}")
    for name, households in summary["yes"].items():
        click.echo(f"  {labels[name]}: {households:,} (cannot tell: {summary['cannot_tell'][name]:,})")
    if summary["previous"]:
        click.echo("  " + "   ".join(f"{name} {count:,}" for name, count in changes.items()))
        if summary["gone"]:
            click.echo(
                f"  {counted(summary['gone'], 'household')} with a clue no longer on the register, not cleared"
            )
    notices: list[str] = summary["notices"]
    for notice in notices[:10]:
        click.echo(f"  note: {notice}")
    if len(notices) > 10:
        click.echo(f"  and {len(notices) - 10} notes more")
    click.echo(f"Kept as {summary['run']}")


@contextmanager
def told(what: str) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on standard error, with its rate and the time left; silent where nobody looks."""
    with ExitStack() as opened:
        bars: list[Any] = []
        began: list[tuple[float, int]] = []

        def progress(province: str, done: int, total: int) -> None:
            now = time.monotonic()
            if not bars:
                hidden = not sys.stderr.isatty()
                bar: Any = click.progressbar(
                    length=total,
                    label=what,
                    show_pos=True,
                    file=sys.stderr,
                    hidden=hidden,
                    item_show_func=str,
                )
                bars.append(opened.enter_context(bar))
                # What a run that goes on had done before is no work of this one.
                began.append((now, done))
            since, before = began[0]
            rate = (done - before) / (now - since) if now > since else 0
            speed = f", {rate:,.{0 if rate >= 10 else 1}f} {what} a second" if rate else ""
            bars[0].update(done - bars[0].pos, f"{province}{speed}")

        yield progress
