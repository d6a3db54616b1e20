"""Search by words where there are very many passages: the same index as `lexical.py`, kept by the package `tantivy`.

SQLite scores every passage that holds a word before it knows the best; tantivy passes over those that can't be among
them (block-max WAND), and needs a hundredth of the time where a word is frequent. It is worth a package from some 50,000
passages on.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from highground.methods.search.errors import SearchError
from highground.methods.search.lexical import LexicalIndex
from highground.methods.search.segmenting import SEGMENTER, grams, letters, words
from highground.methods.search.steps import BATCH, Among, Passage, WordIndex, same
from highground.methods.search.text import normalise

MANY = 50_000
"""Passages above which SQLite makes readers wait."""
BETWEEN_COMMITS = 20_000
HEAP = 120_000_000
"""Bytes that a writer collects before it writes a part of the index."""
PATIENCE = 300.0
"""Seconds that one who writes waits for another."""
MARK = "segmenter"
_FORM = 2
"""Of the fields below: a folder of another form is built anew."""
_MARKED = f"{SEGMENTER}/{_FORM}"
K1, B = 1.2, 0.75
"""As tantivy and SQLite weigh (Robertson and Zaragoza 2009)."""
AGAIN, MOST_READ = 8, 2_000
"""How many times more passages than are wanted are read for a run of letters, and how many at most."""


def is_installed() -> bool:
    """True where the package is there."""
    return importlib.util.find_spec("tantivy") is not None


class LargeIndex(WordIndex[str]):
    """Passages in a folder of files. A place is the key of a passage.

    Raises SearchError for a folder of another version of the normaliser or of ICU, and where tantivy is not installed.
    """

    def __init__(self, folder: Path) -> None:
        if not is_installed():
            raise SearchError(f"{folder}: an index of this size needs: pip install 'highground[search]'")
        import tantivy

        self._made: Any = tantivy
        builder = tantivy.SchemaBuilder()
        for name in ("key", "language", "facet"):
            builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("text", stored=True)
        builder.add_text_field("words", tokenizer_name="whitespace", index_option="position")
        # Where in a passage the runs of letters stand, and how often, would be a third of the index.
        builder.add_text_field("grams", tokenizer_name="whitespace", index_option="basic")
        self._schema = builder.build()
        folder.mkdir(parents=True, exist_ok=True)
        mark = folder / MARK
        if mark.exists() and mark.read_text() != _MARKED:
            raise SearchError(
                f"{folder}: this index was built with segmenter {mark.read_text()}, and this is {_MARKED}; build it anew"
            )
        self._index = tantivy.Index(self._schema, path=str(folder))
        mark.write_text(_MARKED)
        self._renew()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def close(self) -> None:
        """Let the files go."""
        del self._searcher, self._index

    def refresh(self) -> None:
        """Look at what others have written."""
        self._renew()

    def add(self, passages: Iterable[Passage], *, on_batch: Callable[[int], None] | None = None) -> int:
        """Take passages in, each in place of an older one with the same key; how many there were."""
        flow, taken, waiting = iter(passages), 0, 0
        with self._writing() as writer:
            while batch := list(islice(flow, BATCH)):
                latest = {passage.key: passage for passage in batch}
                held = self.text(latest) if len(self) else {}
                new = [passage for key, passage in latest.items() if not same(held.get(key), passage)]
                for passage in new:
                    # Also what this writer itself has written since the last commit is replaced.
                    writer.delete_documents_by_term("key", passage.key)
                    writer.add_document(self._document(passage))
                taken, waiting = taken + len(batch), waiting + len(new)
                if waiting >= BETWEEN_COMMITS:
                    writer.commit()
                    self._renew()
                    waiting = 0
                if on_batch:
                    on_batch(taken)
            writer.commit()
        return taken

    def remove(self, keys: Collection[str]) -> None:
        """Take passages out; keys that are not there are passed over."""
        with self._writing() as writer:
            for key in keys:
                writer.delete_documents_by_term("key", key)
            writer.commit()

    def text(self, keys: Collection[str]) -> dict[str, Passage]:
        """The passages of these keys, with their texts normalised."""
        if not keys:
            return {}
        found = self._search(self._made.Query.term_set_query(self._schema, "key", list(keys)), len(keys))
        passages = (_passage(self._searcher.doc(address)) for _, address in found)
        return {passage.key: passage for passage in passages}

    def languages(self) -> list[str]:
        """The languages of the passages."""
        return sorted(term for term, _count in self._searcher.terms_with_prefix("language", ""))

    def keys_with(self, facets: Collection[str]) -> Iterator[str]:
        """The keys of all passages with all of the facets."""
        query = self._narrowed(self._made.Query.all_query(), Among(None, tuple(facets)))
        for _, address in self._search(query, max(len(self), 1)):
            yield self._searcher.doc(address)["key"][0]

    def count_with(self, facets: Collection[str]) -> int:
        """How many `keys_with` gives."""
        query = self._narrowed(self._made.Query.all_query(), Among(None, tuple(facets)))
        found: Any = self._searcher.search(query, 1, count=True)
        return int(found.count)

    def _with_all(self, terms: Sequence[str], limit: int, among: Among) -> list[str]:
        must = self._made.Occur.Must
        return self._matches([(must, self._term("words", term)) for term in terms], limit, among)

    def _with_any(self, phrases: Sequence[Sequence[str]], limit: int, among: Among) -> list[str]:
        should = self._made.Occur.Should
        return self._matches([(should, self._phrase(each)) for each in phrases], limit, among)

    def _with_grams(self, run: Sequence[str], limit: int, among: Among) -> list[str]:
        """Passages with all of the runs are read, the shortest first, for whether and how often these follow one another; beyond
        MOST_READ one may be missed."""
        must, bare = self._made.Occur.Must, run[0] + "".join(each[-1] for each in run[1:])
        parts = [(must, self._term("grams", each)) for each in dict.fromkeys(run)]
        for read in dict.fromkeys((min(AGAIN * limit, MOST_READ), MOST_READ)):
            found = self._found(parts, read, among)
            texts = [letters(passage.text) for passage in found]
            counts = [text.count(bare) for text in texts]
            if sum(map(bool, counts)) >= limit or len(found) < read:
                break
        scores = _bm25(counts, [len(text) for text in texts])
        kept = [(-score, passage.key) for score, passage in zip(scores, found, strict=True) if score]
        return [key for _, key in sorted(kept)[:limit]]

    def _with_beginning(self, beginning: str, limit: int, among: Among) -> list[str]:
        query = self._made.Query.phrase_prefix_query(self._schema, "grams", [beginning])
        return self._matches([(self._made.Occur.Must, query)], limit, among)

    def _count(self, term: str) -> int:
        return int(self._searcher.doc_freq("words", term))

    def _keys(self, places: Sequence[str]) -> list[str]:
        return list(places)

    def _term(self, field: str, token: str) -> Any:
        option = "basic" if field == "grams" else "freq"
        return self._made.Query.term_query(self._schema, field, token, index_option=option)

    def _phrase(self, tokens: Sequence[str]) -> Any:
        if len(tokens) == 1:
            return self._term("words", tokens[0])
        return self._made.Query.phrase_query(self._schema, "words", list(tokens))

    def _matches(self, parts: Sequence[tuple[Any, Any]], limit: int, among: Among) -> list[str]:
        return [passage.key for passage in self._found(parts, limit, among)]

    def _found(self, parts: Sequence[tuple[Any, Any]], limit: int, among: Among) -> list[Passage]:
        """The best passages, best first; of equals the one whose key comes first."""
        query = parts[0][1] if len(parts) == 1 else self._made.Query.boolean_query(list(parts))
        found = self._search(self._narrowed(query, among), limit)
        scored = [(score, _passage(self._searcher.doc(address))) for score, address in found]
        return [passage for _, passage in sorted(scored, key=lambda each: (-each[0], each[1].key))]

    def _narrowed(self, query: Any, among: Among) -> Any:
        """The query among the passages that are looked at; what narrows it adds nothing to a score."""
        make, conditions = self._made.Query, []
        if among.languages is not None:
            conditions.append(make.term_set_query(self._schema, "language", list(among.languages)))
        conditions += [
            make.term_query(self._schema, "facet", facet, index_option="basic") for facet in among.facets
        ]
        if not conditions:
            return query
        must = self._made.Occur.Must
        unscored = [(must, make.const_score_query(condition, 0.0)) for condition in conditions]
        return make.boolean_query([(must, query), *unscored])

    def _search(self, query: Any, limit: int) -> list[tuple[float, Any]]:
        return list(self._searcher.search(query, limit, count=False).hits)

    def _document(self, passage: Passage) -> Any:
        text = normalise(passage.text)
        document = self._made.Document(
            key=passage.key,
            language=passage.language,
            words=" ".join(words(text, passage.language)),
            grams=" ".join(grams(text, tails=True)),
        )
        document.add_bytes("text", text.encode())
        for facet in passage.facets:
            document.add_text("facet", facet)
        return document

    def _renew(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        """The only writer; another process or thread that wants to write waits."""
        writer, began = None, time.monotonic()
        while writer is None:
            try:
                writer = self._index.writer(HEAP, num_threads=1)
            except ValueError as error:
                if "Lock" not in str(error) or time.monotonic() - began > PATIENCE:
                    raise SearchError(f"the index cannot be written: {error}") from error
                time.sleep(0.05)
        try:
            yield writer
            writer.wait_merging_threads()
        except BaseException:
            del writer
            raise
        self._renew()


def _passage(document: Any) -> Passage:
    return Passage(
        document["key"][0],
        document["language"][0],
        bytes(document["text"][0]).decode(),
        frozenset(document["facet"]),
    )


def _bm25(counts: Sequence[int], lengths: Sequence[int]) -> list[float]:
    """What tantivy's score would be, without the part that is the same for all: of texts with so many of what is asked for."""
    mean = sum(lengths) / max(len(lengths), 1) or 1.0
    return [
        count * (K1 + 1) / (count + K1 * (1 - B + B * length / mean))
        for count, length in zip(counts, lengths, strict=True)
    ]


def is_large(passages: int) -> bool:
    """True where so many passages are better kept by tantivy, and it is there."""
    return passages > MANY and is_installed()


def open_words(folder: Path, expected: int = 0) -> WordIndex[Any]:
    """The index in a folder: the large one where it was built, or where none is there and so many are expected.

    Raises SearchError as the indexes do.
    """
    large, small = folder / "words.tantivy", folder / "words.sqlite"
    if large.exists() or (not small.exists() and is_large(expected)):
        return LargeIndex(large)
    return LexicalIndex(small)
