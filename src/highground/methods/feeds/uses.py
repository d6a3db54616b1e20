"""What may be landed: the facts that rulebooks in use read, and so the fields behind them.

A store names its rulebooks in `active.json` (`highground feed use`). A feed none of whose facts a rule reads is
not landed at all; of the others only the fields behind those facts are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from highground.methods.feeds.definitions import FedFact, Feed, Feeds
from highground.methods.feeds.errors import FeedError
from highground.methods.store.layout import Store
from highground.methods.store.publishing import read_json, write_json

ACTIVE = "active.json"
Uses = Mapping[str, Sequence[str]]
"""Fact to the rules that read it, such as `demo-nation: classes.sudden_severe`."""


@dataclass(frozen=True)
class Wanted:
    """What of a feed is kept: the facts that rules read, and the fields behind them in the order of the feed."""

    feed: Feed
    facts: tuple[FedFact, ...]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are landed; the day only where it matters within the month."""
        needed = {name for fact in self.facts for name in fact.fields}
        if any(fact.needs_day for fact in self.facts):
            needed.add(self.feed.month)
        return tuple(name for name in self.feed.fields if name in needed)

    @property
    def persons(self) -> bool:
        """Whether it matters which member of the household a row is about."""
        return any(fact.open is not None for fact in self.facts)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a landed file beside the row's keys."""
        return ("household", *(["member"] if self.persons else []), "county", *self.fields)


def wanted(feed: Feed, uses: Uses) -> Wanted:
    """What of a feed may be kept. Raises FeedError where no rule in use reads a fact of it."""
    facts = tuple(fact for name, fact in feed.facts.items() if uses.get(name))
    if not facts:
        raise FeedError(
            f"no rule in use reads a fact of the feed '{feed.name}' ({', '.join(feed.facts)}), so nothing of it may be"
            " kept; name the rulebooks in use with: highground feed use RULEBOOK"
        )
    return Wanted(feed, facts)


def fed_facts(feeds: Feeds, uses: Uses) -> set[str]:
    """The facts that feeds give and rules in use read."""
    return {name for feed in feeds.values() for name in feed.facts if uses.get(name)}


def keep_uses(store: Store, rulebooks: Mapping[str, str], uses: Uses) -> None:
    """Keep which rulebooks (id to hash) are in use and what they read."""
    store.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    facts = {name: sorted(rules) for name, rules in sorted(uses.items())}
    write_json(store.root / ACTIVE, {"rulebooks": dict(rulebooks), "facts": facts})


def kept_uses(store: Store) -> tuple[dict[str, str], Uses]:
    """The rulebooks in use (id to hash) and what they read. Raises FeedError where none has been named."""
    path = store.root / ACTIVE
    if not path.is_file():
        raise FeedError(f"{store.root}: no rulebook is in use; name them with: highground feed use RULEBOOK")
    content = read_json(path)
    return content["rulebooks"], content["facts"]
