"""One index of passages that is searched by words, by meaning, or by both."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from highground.methods.search.embedding import NO_EMBEDDER, Embedder
from highground.methods.search.errors import SearchError
from highground.methods.search.fusing import fuse
from highground.methods.search.glossary import SAME, Glossary, Label
from highground.methods.search.lexical import LexicalIndex
from highground.methods.search.vectors import NearestPassages

LEXICAL, DENSE, FUSED = "lexical", "dense", "fused"
ARMS = (LEXICAL, DENSE, FUSED)

DEPTH = 50
"""How many hits of each arm are fused."""
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


class Index:
    """Passages by their words and, where there is an embedder, by what they mean."""

    def __init__(
        self,
        lexical: LexicalIndex,
        embedder: Embedder | None = None,
        nearest: NearestPassages | None = None,
        glossary: Glossary | None = None,
    ) -> None:
        self.lexical = lexical
        self.glossary = glossary
        self.embedder = embedder
        self._nearest = nearest

    @property
    def arms(self) -> tuple[str, ...]:
        """The arms that can run."""
        return ARMS if self.embedder is not None and self._nearest is not None else (LEXICAL,)

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
        return self._fused(rankings, language)[:limit]

    def answer(
        self,
        query: str,
        language: str,
        *,
        limit: int = 10,
        among: Collection[str] | None = None,
        like: bool = False,
    ) -> Answer:
        """What a reader gets: words, meaning and the glossary together, as far as they are there, and what was done.

        `among` holds the languages that are looked at; with `like` the query is itself a passage.
        """
        depth = max(limit, DEPTH)
        rankings = self._by_words(query, language, depth, among)
        if DENSE in self.arms:
            rankings["meaning"] = self._dense(query, language, depth, among, like)
        labels = self._expanded(query, language, among)
        for each in dict.fromkeys(label.language for label in labels):
            names = [name for label in labels if label.language == each for name in label.names]
            codes = {code for code in (each, *SAME) if SAME.get(code, code) == each}
            looked_at = codes if among is None else codes & set(among)
            rankings[f"glossary {each}"] = self.lexical.naming(names, each, limit=depth, among=looked_at)
        keys = self._fused(rankings, language)[:limit]
        return Answer(keys, labels, "" if DENSE in self.arms else NO_EMBEDDER)

    def _expanded(self, query: str, language: str, among: Collection[str] | None) -> list[Label]:
        if self.glossary is None:
            return []
        asked = self.lexical.languages() if among is None else sorted(among)
        return self.glossary.expand(
            query, language, list(dict.fromkeys(SAME.get(each, each) for each in asked))
        )

    def _by_words(
        self, query: str, language: str, depth: int, among: Collection[str] | None
    ) -> dict[str, list[str]]:
        keys, exact = self.lexical.search_telling_exact(query, language, limit=depth, among=among)
        return {"words": keys, "exact": keys[:exact]}

    def _fused(self, rankings: dict[str, list[str]], language: str) -> list[str]:
        held = self.lexical.text(rankings["words"])

        def weigh(name: str, key: str) -> float:
            if name.startswith("glossary"):
                return GLOSSARY
            if name in ("words", "exact") and held[key].language != language:
                return FOREIGN_WORDS
            return EXACT if name == "exact" else 1.0

        return [key for key, _ in fuse(rankings, weigh=weigh)]

    def _dense(
        self, query: str, language: str, limit: int, among: Collection[str] | None, like: bool
    ) -> list[str]:
        if self.embedder is None or self._nearest is None:
            raise SearchError("search by meaning needs an embedder and vectors")
        (vector,) = self.embedder.embed([query], "passage" if like else "query")
        return self._nearest.search(vector, language, limit=limit, among=among)
