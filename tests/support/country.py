"""Synthetic countries on disk, with their register and their feeds landed in a store."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from highground.methods.feeds.definitions import load_feeds
from highground.methods.feeds.folder import land_folder
from highground.methods.feeds.persons import write_persons
from highground.methods.feeds.uses import fed_facts, keep_uses
from highground.methods.rules import load_rulebook
from highground.methods.screening.feed_commands import uses_of
from highground.methods.screening.nation.landing import land_register
from highground.methods.store import Store
from highground.methods.store.files import tables_in
from highground.methods.world.nation import make_nation, make_plan

BOOK = "demo-nation"
KEY = bytes(range(32))
DAYS = (date(2026, 10, 31), date(2026, 11, 30))
"""The days of the two months whose register a synthetic country has."""


def landed_country(
    root: Path,
    *,
    households: int,
    months: int = 13,
    seed: int = 1,
    provinces: int | None = None,
    say: Callable[[str], None] = lambda text: None,
) -> Store:
    """A store below `root` with two months of the register and all feeds of a synthetic country.

    With `provinces` it has only the first of them, with about as many `households` together: each file of a feed
    has its fixed cost.
    """
    plan = make_plan(households, months, seed)
    if provinces is not None:
        part = sum(one.households for one in plan.provinces[:provinces])
        plan = make_plan(households * households // part, months, seed)
        plan = replace(plan, provinces=plan.provinces[:provinces])
    say(f"making {plan.households:,} households")
    make_nation(plan, root / "country")
    store, feeds, book = Store(root / "store"), load_feeds(), load_rulebook(BOOK)
    uses = uses_of([book])
    keep_uses(store, {book.id: book.hash}, uses)
    for as_of in DAYS:
        month = as_of.isoformat()[:7]
        say(f"landing the register of {month}")
        source = root / "country" / "register" / month
        land_register(store, source, month=month, as_of=as_of, books=[book], fed=fed_facts(feeds, uses))
        for one in tables_in(source):
            if one.members is not None:
                write_persons(store, one.province, households=one.households, members=one.members, key=KEY)
    say("landing the feeds")
    told = land_folder(
        store,
        root / "country" / "feeds",
        feeds,
        uses,
        key=KEY,
        today=DAYS[-1],
        rulebooks={book.id: book.hash},
    )
    if told["refused"]:
        raise ValueError(f"{len(told['refused'])} files of the country were refused: {told['refused']}")
    return store


def same_inputs(source: Store, name: str) -> Store:
    """A store beside another, with what was landed there and no runs; what had the name before is gone."""
    store = Store(source.root.with_name(name))
    shutil.rmtree(store.root, ignore_errors=True)
    store.root.mkdir()
    for path in source.root.iterdir():
        if path.name not in ("runs", "derived"):
            (store.root / path.name).symlink_to(path)
    return store
