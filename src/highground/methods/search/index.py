"""One index of passages that is searched by words, by meaning, or by both."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from highground.methods.search.embedding import Embedder
from highground.methods.search.errors import SearchError
from highground.methods.search.fusing import fuse
from highground.methods.search.lexical import LexicalIndex
from highground.methods.search.vectors import NearestPassages

LEXICAL, DENSE, FUSED = "lexical", "dense", "fused"
ARMS = (LEXICAL, DENSE, FUSED)

DEPTH = 50
"""How many hits of each arm are fused."""
FOREIGN_WORDS = 0.2
"""What a hit by words weighs beside one by meaning where it is in another language than the query: what the two
share are figures, names and chance."""


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
        self, lexical: LexicalIndex, embedder: Embedder | None = None, nearest: NearestPassages | None = None
    ) -> None:
        self.lexical = lexical
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
        by_words = self.lexical.search(query, language, limit=depth, among=among)
        by_meaning = self._dense(query, language, depth, among, like)
        held = self.lexical.text(by_words)
        rankings = {"words": by_words, "meaning": by_meaning}
        fused = fuse(
            rankings,
            weigh=lambda name, key: (
                FOREIGN_WORDS if name == "words" and held[key].language != language else 1.0
            ),
        )
        return [key for key, _ in fused[:limit]]

    def _dense(
        self, query: str, language: str, limit: int, among: Collection[str] | None, like: bool
    ) -> list[str]:
        if self.embedder is None or self._nearest is None:
            raise SearchError("search by meaning needs an embedder and vectors")
        (vector,) = self.embedder.embed([query], "passage" if like else "query")
        return self._nearest.search(vector, language, limit=limit, among=among)
