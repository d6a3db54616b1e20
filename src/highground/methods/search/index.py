"""One index of passages that is searched by words, by meaning, or by both."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from highground.methods.search.embedding import NO_EMBEDDER, Embedder
from highground.methods.search.errors import SearchError
from highground.methods.search.fusing import fuse
from highground.methods.search.glossary import SAME, Glossary, Label
from highground.methods.search.nearest import NearestPassages
from highground.methods.search.steps import WordIndex

LEXICAL, DENSE, FUSED = "lexical", "dense", "fused"
ARMS = (LEXICAL, DENSE, FUSED)
ANSWER = "answer"
"""What a reader gets: both arms and the glossary."""

DEPTH = 50
"""How many hits of each arm are fused."""
HELD = 3
"""A hit by words weighs the share of the query that it holds, to this power: half of the words say an eighth. Chosen on XQuAD's
questions in one pool of both languages and on our own needs, where hits that share a chance word drowned what is meant."""
FOREIGN_WORDS = 0.02
"""What a hit by words weighs beside one by meaning where it is in another language than the query. What the two share
are figures, names and chance: enough to decide between neighbours in the ranking by meaning, and no more."""
EXACT = 2.0
"""What it weighs more that a passage holds a short query as it stands: it comes before all that only means the same."""
GLOSSARY = 0.5
"""What a hit by the glossary's words weighs: they say what the query is about, and not what it asks."""


@dataclass(frozen=True)
class Answer:
    """What a query found, and what the reader is told about how."""

    keys: list[str]
    """The passages, best first."""
    also_searched: list[Label]
    """Names of the query's concepts that were searched for as well."""
    notice: str
    """What kept the search from being better; empty where nothing did."""
    worded: frozenset[str] = frozenset()
    """Those of the passages, and others, that hold words of the query."""


class Searcher(Protocol):
    """What answers a query."""

    def search(
        self,
        query: str,
        language: str,
        *,
        arm: str = FUSED,
        limit: int = 10,
        among: Collection[str] | None = None,
        like: bool = False,
    ) -> list[str]:
        """The keys of the best passages, best first.

        `among` holds the languages that are looked at; with `like` the query is itself a passage.
        """
        ...


class Having:
    """The passages of an index that have all of some facets; looked up when they are needed, and once."""

    def __init__(self, lexical: WordIndex[Any], facets: Collection[str]) -> None:
        self._lexical, self._facets = lexical, frozenset(facets)

    def count(self) -> int:
        """How many there are."""
        return self._counted

    def keys(self) -> Collection[str]:
        """All of them."""
        return self._keys

    def keep(self, keys: Sequence[str]) -> set[str]:
        """Those of the keys that are among them."""
        return {key for key, passage in self._lexical.text(keys).items() if self._facets <= passage.facets}

    @cached_property
    def _counted(self) -> int:
        return self._lexical.count_with(self._facets)

    @cached_property
    def _keys(self) -> list[str]:
        return list(self._lexical.keys_with(self._facets))


class Index:
    """Passages by their words and, where there is an embedder, by what they mean."""

    def __init__(
        self,
        lexical: WordIndex[Any],
        embedder: Embedder | None = None,
        nearest: NearestPassages | None = None,
        glossary: Glossary | None = None,
    ) -> None:
        self.lexical = lexical
        self.glossary = glossary
        self.embedder = embedder
        self.nearest = nearest

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that can run."""
        return ARMS if self.embedder is not None and self.nearest is not None else (LEXICAL,)

    def search(
        self,
        query: str,
        language: str,
        *,
        arm: str = FUSED,
        limit: int = 10,
        among: Collection[str] | None = None,
        like: bool = False,
    ) -> list[str]:
        """The keys of the best passages, best first. Without an embedder `fused` is by words alone.

        `among` holds the languages that are looked at; with `like` the query is itself a passage.
        Raises SearchError where the arm `dense` is asked for and can't run.
        """
        if arm == FUSED and DENSE not in self.arms:
            arm = LEXICAL
        if arm == LEXICAL:
            return self.lexical.search(query, language, limit=limit, among=among)
        if arm == DENSE:
            return self._dense(query, language, limit, among, like)
        depth = max(limit, DEPTH)
        rankings = self._by_words(query, language, depth, among)
        rankings["meaning"] = self._dense(query, language, depth, among, like)
        return self._fused(rankings, query, language)[:limit]

    def answer(
        self,
        query: str,
        language: str,
        *,
        limit: int = 10,
        among: Collection[str] | None = None,
        having: Collection[str] = (),
        like: bool = False,
    ) -> Answer:
        """What a reader gets: words, meaning and the glossary together, as far as they are there, and what was done.

        `among` holds the languages that are looked at, `having` the facets that a passage must have; with `like` the
        query is itself a passage.
        """
        depth = max(limit, DEPTH)
        rankings = self._by_words(query, language, depth, among, having)
        if DENSE in self.arms:
            rankings["meaning"] = self._dense(query, language, depth, among, like, having)
        labels = self._expanded(query, language, among)
        for each in dict.fromkeys(label.language for label in labels):
            names = [name for label in labels if label.language == each for name in label.names]
            codes = {code for code in (each, *SAME) if SAME.get(code, code) == each}
            looked_at = codes if among is None else codes & set(among)
            rankings[f"glossary {each}"] = self.lexical.naming(
                names, each, limit=depth, among=looked_at, having=having
            )
        keys = self._fused(rankings, query, language)[:limit]
        notice = "" if DENSE in self.arms else NO_EMBEDDER
        return Answer(keys, labels, notice, frozenset(rankings["words"]))

    def _expanded(self, query: str, language: str, among: Collection[str] | None) -> list[Label]:
        if self.glossary is None:
            return []
        asked = self.lexical.languages() if among is None else sorted(among)
        return self.glossary.expand(
            query, language, list(dict.fromkeys(SAME.get(each, each) for each in asked))
        )

    def _by_words(
        self,
        query: str,
        language: str,
        depth: int,
        among: Collection[str] | None,
        having: Collection[str] = (),
    ) -> dict[str, list[str]]:
        keys, exact = self.lexical.search_telling_exact(
            query, language, limit=depth, among=among, having=having
        )
        return {"words": keys, "exact": keys[:exact]}

    def _fused(self, rankings: dict[str, list[str]], query: str, language: str) -> list[str]:
        held = self.lexical.text(rankings["words"])
        share = self.lexical.covered(query, language, held.values())

        def weigh(name: str, key: str) -> float:
            if name.startswith("glossary"):
                return GLOSSARY
            if name in ("words", "exact") and held[key].language != language:
                return FOREIGN_WORDS
            if name == "exact":
                return EXACT
            return share[key] ** HELD if name == "words" else 1.0

        return [key for key, _ in fuse(rankings, weigh=weigh)]

    def _dense(
        self,
        query: str,
        language: str,
        limit: int,
        among: Collection[str] | None,
        like: bool,
        having: Collection[str] = (),
    ) -> list[str]:
        if self.embedder is None or self.nearest is None:
            raise SearchError("search by meaning needs an embedder and vectors")
        (vector,) = self.embedder.embed([query], "passage" if like else "query")
        chosen = Having(self.lexical, having) if having else None
        return self.nearest.search(vector, language, limit=limit, among=among, chosen=chosen)
