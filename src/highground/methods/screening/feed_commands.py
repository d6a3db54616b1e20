"""The analyst's verbs for department feeds: what is in use, landing, what is kept and why, decisions, retention."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from highground.methods.feeds.basis import basis_of
from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.folder import land_folder
from highground.methods.feeds.keeping import authorise, prune, retain
from highground.methods.feeds.keyfile import lookup_key
from highground.methods.feeds.landing import Landing
from highground.methods.feeds.manifests import Landed
from highground.methods.feeds.mapping import load_feed_mapping
from highground.methods.feeds.persons import index_folder
from highground.methods.feeds.reviewing import waiting
from highground.methods.feeds.uses import Uses, Wanted, keep_uses, kept_uses, wanted
from highground.methods.rules import load_rulebook
from highground.methods.rules.reading import expressions
from highground.methods.rules.rulebook import Rulebook
from highground.methods.rules.statement import facts_of
from highground.methods.screening.notices import counted
from highground.methods.store.home import home_folder
from highground.methods.store.layout import Store
from highground.methods.store.options import STORE

FEEDS = click.option(
    "--feeds",
    "definitions",
    type=click.Path(path_type=Path),
    envvar="HIGHGROUND_FEEDS",
    help="Feeds of your own, as YAML.",
)
TODAY = click.option("--today", metavar="DATE", help="The day of the landing, if not today.")
LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "zh"]), default="en", help="Language of the words."
)


@click.group()
def feed() -> None:
    """Department feeds: only what a rule in use needs is landed, and only for as long as it may be kept."""


@feed.command()
@click.argument("rulebooks", nargs=-1, required=True, metavar="RULEBOOK...")
@STORE
@FEEDS
def use(rulebooks: tuple[str, ...], root: Path, definitions: Path | None) -> None:
    """Name the rulebooks in use: what no rule of theirs reads is not landed."""
    store, feeds = Store(root), load_feeds(definitions)
    books = [load_rulebook(name) for name in rulebooks]
    uses = uses_of(books)
    keep_uses(store, {book.id: book.hash for book in books}, uses)
    for one in feeds.values():
        facts = [name for name in one.facts if uses.get(name)]
        click.echo(
            f"{one.name}: {', '.join(facts) if facts else 'no rule needs it, so nothing of it is kept'}"
        )


@feed.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="FOLDER")
@STORE
def persons(source: Path, root: Path) -> None:
    """Index whom departments may mean: FOLDER/PROVINCE/households and members, .parquet or .csv.

    Landing a register does this, too. After the keys have been changed it must be done again.
    """
    for province, told in index_folder(Store(root), source, key=lookup_key(home_folder())):
        click.echo(
            f"{province}: {counted(told['persons'], 'person')} in {counted(told['households'], 'household')};"
            f" {told['without_number']:,} without a number, {told['ambiguous']:,} who share one"
        )


@feed.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...|FOLDER")
@click.option("--feed", "name", help="Which feed the files are of; a folder says it itself.")
@click.option(
    "--mapping",
    type=click.Path(path_type=Path),
    help="What the columns mean; else they are named as the fields.",
)
@click.option(
    "--province", metavar="CODE", help="Where the people live; else they are looked for everywhere."
)
@click.option("--complete", metavar="MONTH", help="The file holds everything of this month for the province.")
@click.option("--rulebook", "rulebooks", multiple=True, help="Rulebooks in use, if not those of the store.")
@click.option("--json", "as_json", is_flag=True, help="Print the manifests as JSON, one on a line.")
@STORE
@FEEDS
@TODAY
def land(
    paths: tuple[Path, ...],
    name: str | None,
    mapping: Path | None,
    province: str | None,
    complete: str | None,
    rulebooks: tuple[str, ...],
    as_json: bool,
    root: Path,
    definitions: Path | None,
    today: str | None,
) -> None:
    """Land files of a department; or a folder with FEED/MONTH/PROVINCE.parquet, each whole for its month.

    The same file twice is landed once. Ends with 1 where a file of a folder could not be used.
    """
    store, feeds = Store(root), load_feeds(definitions)
    books, uses = _in_use(store, rulebooks)
    options: dict[str, Any] = {
        "key": lookup_key(home_folder()), "today": as_date(today), "rulebooks": books,
    }  # fmt: skip

    def tell(path: Path, manifest: dict[str, Any]) -> None:
        click.echo(json.dumps(manifest, ensure_ascii=False) if as_json else _in_words(path, manifest, store))

    if name is None:
        if len(paths) > 1 or not paths[0].is_dir():
            raise click.UsageError("name the feed with --feed, or give one folder")
        told = land_folder(
            store, paths[0], feeds, uses, progress=lambda one, found: tell(one.path, found), **options
        )
        _tell_folder(told)
        raise click.exceptions.Exit(1 if told["refused"] else 0)
    one = feeds.named(name)
    read = load_feed_mapping(mapping, one) if mapping else None
    with Landing(store, wanted(one, uses), digits=feeds.minor_digits, **options) as landing:
        for path in paths:
            tell(path, landing.land(path, read, province=province, complete=complete))


def _in_words(path: Path, manifest: dict[str, Any], store: Store) -> str:
    counts = manifest["counts"]
    if manifest["already"]:
        return f"{path.name}: already landed on {manifest['landed_on']}, {counts['landed']:,} rows; nothing was done"
    words = {
        "rejected": "cannot be used", "stranger": "not on the register", "ambiguous": "several persons",
        "nobody": "without a number", "duplicate": "twice", "changed": "came with other values before",
        "waiting": "wait for a decision", "unauthorised": "not authorised",
    }  # fmt: skip
    rest = ", ".join(f"{counts[what]:,} {said}" for what, said in words.items() if counts.get(what))
    line = f"{path.name}: {counts['landed']:,} of {counted(counts['rows'], 'row')} landed"
    if rest:
        line += f"; {rest}"
    rejects = manifest["rejects"]["file"]
    return f"{line}\n  what to mend: {store.feed(manifest['feed']) / rejects}" if rejects else line


def _tell_folder(told: dict[str, Any]) -> None:
    counts = told["counts"]
    click.echo(
        f"{counted(told['files'], 'file')}, {told['already']:,} landed before;"
        f" {counts.get('landed', 0):,} of {counted(counts.get('rows', 0), 'row')} landed"
    )
    for name in told["unused"]:
        click.echo(f"  {name}: no rule needs it, so nothing of it is kept")
    for path, reason in told["refused"].items():
        click.echo(f"  refused: {reason} ({path})", err=True)


@feed.command("list")
@click.option("--feed", "name", help="One feed alone.")
@STORE
@FEEDS
def list_(name: str | None, root: Path, definitions: Path | None) -> None:
    """List what has been landed: file by file, with what became of the rows."""
    store, feeds = Store(root), load_feeds(definitions)
    for one in [feeds.named(name)] if name else feeds.values():
        manifests = Landed(store, one.name).manifests
        for landing, manifest in sorted(manifests.items(), key=lambda pair: pair[1]["sequence"]):
            counts = manifest["counts"]
            gone = (
                "  gone"
                if manifest["parts"] and all(part.get("removed") for part in manifest["parts"])
                else ""
            )
            click.echo(
                f"{one.name:12} {manifest['landed_on']}  {landing[:12]}  {counts['landed']:>11,} of {counts['rows']:>11,}"
                f"  {manifest['file']}{gone}"
            )


@feed.command()
@click.argument("landing", metavar="HASH")
@STORE
@FEEDS
def show(landing: str, root: Path, definitions: Path | None) -> None:
    """Show the manifest of a landed file, by the beginning of its hash."""
    store = Store(root)
    found = [
        manifest
        for name in load_feeds(definitions)
        for key, manifest in Landed(store, name).manifests.items()
        if key.startswith(landing)
    ]
    if len(found) != 1:
        raise FeedError(
            f"{'no' if not found else 'more than one'} landed file has a hash that begins with '{landing}';"
            " highground feed list names them"
        )
    click.echo(json.dumps(found[0], ensure_ascii=False, indent=1))


@feed.command()
@STORE
@FEEDS
@LANGUAGE
def basis(root: Path, definitions: Path | None, language: str) -> None:
    """Print the register of legal bases: what each feed is for, what of it is kept and which rules need that."""
    store, feeds = Store(root), load_feeds(definitions)
    _, uses = kept_uses(store)
    click.echo(basis_of(feeds, uses, language))


@feed.command("retain")
@STORE
@FEEDS
@TODAY
def retain_(root: Path, definitions: Path | None, today: str | None) -> None:
    """Remove rows and sums that are past the retention of their feed; what goes stays in the manifests by its hash."""
    _keep(retain, "past retention", root, definitions, today)


@feed.command("prune")
@STORE
@FEEDS
@TODAY
def prune_(root: Path, definitions: Path | None, today: str | None) -> None:
    """Remove fields that no rule in use needs any more, and asset data of households that withdrew."""
    _keep(prune, "no longer needed", root, definitions, today)


def _keep(
    keeper: Callable[[Landing], dict[str, Any]],
    why: str,
    root: Path,
    definitions: Path | None,
    today: str | None,
) -> None:
    store, feeds = Store(root), load_feeds(definitions)
    _, uses = kept_uses(store)
    for one in feeds.values():
        if not store.feed(one.name).is_dir():
            continue
        needed = Wanted(one, tuple(fact for name, fact in one.facts.items() if uses.get(name)))
        with Landing(store, needed, key=lookup_key(home_folder()), today=as_date(today)) as landing:
            told = keeper(landing)
        fields = f", fields {', '.join(told['fields'])}" if told.get("fields") else ""
        months = f", months {', '.join(told['months'])}" if told["months"] else ""
        click.echo(f"{one.name}: {counted(told['rows'], 'row')} removed, {why}{fields}{months}")


@feed.command("authorise")
@click.argument("path", type=click.Path(path_type=Path), metavar="FILE")
@STORE
def authorise_(path: Path, root: Path) -> None:
    """Keep which households authorised that their assets are compared: a file with the column household."""
    click.echo(f"{counted(authorise(Store(root), path), 'household')} authorised")


@feed.group()
def review() -> None:
    """Rows without an identity number: a person decides, pair by pair, who they are about."""


@review.command("list")
@click.option("--feed", "name", help="One feed alone.")
@STORE
@FEEDS
def review_list(name: str | None, root: Path, definitions: Path | None) -> None:
    """List the rows that wait, each with the members it may be about, the likeliest first."""
    store, feeds = Store(root), load_feeds(definitions)
    for one in [feeds.named(name)] if name else feeds.values():
        for waits in waiting(store, one.name, Landed(store, one.name).manifests):
            click.echo(f"{waits.feed} {waits.id}: row {waits.row} of {waits.file}, {waits.month}")
            for pair in waits.pairs:
                agrees = ", ".join(pair.agrees).replace("_", " ")
                click.echo(
                    f"  {pair.member} of {pair.household}  {pair.score / 100:5.1f} bits  same {agrees}"
                )


@review.command()
@click.argument("review_id", metavar="ID")
@click.option("--feed", "name", required=True, help="The feed of the row.")
@click.option("--member", help="The member whom it is about.")
@click.option("--none", "nobody", is_flag=True, help="It is about none of them.")
@click.option("--by", required=True, help="Who decides.")
@click.option("--because", default="", help="How they know.")
@STORE
@FEEDS
@TODAY
def decide(
    review_id: str,
    name: str,
    member: str | None,
    nobody: bool,
    by: str,
    because: str,
    root: Path,
    definitions: Path | None,
    today: str | None,
) -> None:
    """Decide whom a row is about; it is landed at once, and who decided and when is kept."""
    if (member is None) != nobody:
        raise click.UsageError("give --member, or --none where it is about none of them")
    store, feeds = Store(root), load_feeds(definitions)
    one = feeds.named(name)
    books, uses = kept_uses(store)
    found = {waits.id: waits for waits in waiting(store, name, Landed(store, name).manifests)}
    if review_id not in found:
        raise FeedError(
            f"no row '{review_id}' of the feed '{name}' waits; highground feed review list names them"
        )
    day = as_date(today)
    with Landing(
        store, wanted(one, uses), key=lookup_key(home_folder()), today=day, rulebooks=books
    ) as landing:
        landing.decide(found[review_id], member=member, by=by, reason=because)
    click.echo(
        f"{review_id}: {f'about {member}, landed' if member else 'about none of them'}; decided by {by} on {day}"
    )


def uses_of(books: list[Rulebook]) -> Uses:
    """The facts that rulebooks read, each with the rules that read it."""
    found: dict[str, set[str]] = defaultdict(set)
    for book in books:
        for where, expression in expressions(book).items():
            for fact in facts_of(book, expression.tree):
                found[fact].add(f"{book.id}: {where}")
        for check in book.checks:
            for fact in (*check.blank, *([check.once_known] if check.once_known else [])):
                found[fact].add(f"{book.id}: checks.{check.id}")
    return {name: sorted(rules) for name, rules in found.items()}


def _in_use(store: Store, rulebooks: tuple[str, ...]) -> tuple[dict[str, str], Uses]:
    if not rulebooks:
        return kept_uses(store)
    books = [load_rulebook(name) for name in rulebooks]
    return {book.id: book.hash for book in books}, uses_of(books)


def as_date(written: str | None) -> date:
    """A day as it was written, else today. Raises FeedError."""
    if written is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise FeedError(f"'{written}' is no date; write for example 2026-11-26") from error
