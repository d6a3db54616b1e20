"""Who has done what a question is about: documents are found, and each counts for the people behind it.

The voting model of Macdonald and Ounis (CIKM 2006) over TF-IDF, with feedback: words that the best documents
share are asked for as well (Rocchio 1971). One ranking goes by relevance alone. Those who have written most
stand high in it whatever is asked; a second one divides by the root of how much a person has done.

What changes is taken in without counting all words anew: up to a hundredth of the documents, and a thousand, lie in a table
of their own beside the large one, weighed as that is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import islice
from math import log
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from highground.methods.search.segmenting import words
from highground.methods.search.text import normalise

Person = TypeVar("Person", bound=Hashable)
Floats = NDArray[np.float64]
Places = NDArray[np.int64]

FEEDBACK = 40
"""How many of the best documents say which words to ask for as well."""
SHARED = 100
"""How many words are asked for as well: those that weigh most in them."""
VOTERS, MOST_VOTERS = 0.2, 5_000
"""The share of the documents, the best, that count for their people, and how many at most."""
EVIDENCE = 3
READ = 20_000
FEW, SHARE = 1_000, 0.01
"""Changed documents up to which words are not counted anew, where they are no larger share of all."""


@dataclass(frozen=True)
class Evidence(Generic[Person]):
    """A person who was found, her score, and the documents that speak most for her."""

    person: Person
    score: float
    documents: tuple[str, ...]


@dataclass(frozen=True)
class Document(Generic[Person]):
    """The words of a document, as `segmenting.words` cuts them, and who stands behind it."""

    tokens: Sequence[str]
    people: Sequence[Person]


@dataclass(frozen=True)
class _Rows:
    """Documents as arrays: the words of each with 1 + log of how often they stand there, and its people."""

    names: list[str]
    lengths: Places
    ids: NDArray[np.int32]
    counts: NDArray[np.float32]
    people_lengths: Places
    people: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.names)

    def only(self, kept: NDArray[np.bool_]) -> _Rows:
        """Some of the documents."""
        return _Rows(
            [name for name, keep in zip(self.names, kept, strict=True) if keep],
            self.lengths[kept],
            self.ids[np.repeat(kept, self.lengths)],
            self.counts[np.repeat(kept, self.lengths)],
            self.people_lengths[kept],
            self.people[np.repeat(kept, self.people_lengths)],
        )

    def joined(self, other: _Rows) -> _Rows:
        """These and then others."""
        return _Rows.all([self, other])

    @staticmethod
    def all(every: Sequence[_Rows]) -> _Rows:
        """The documents of all, one after the other."""
        arrays = ("lengths", "ids", "counts", "people_lengths", "people")
        return _Rows(
            [name for rows in every for name in rows.names],
            *(np.concatenate([getattr(rows, name) for rows in every]) for name in arrays),
        )


class _Table:
    """Documents with the weights of their words, and for each word the documents that hold it."""

    def __init__(self, rows: _Rows, rarity: Floats) -> None:
        self.rows, self.places = rows, {name: place for place, name in enumerate(rows.names)}
        self.starts = np.concatenate([[0], np.cumsum(rows.lengths)])
        self._people_starts = np.concatenate([[0], np.cumsum(rows.people_lengths)])
        of = np.repeat(np.arange(len(rows)), rows.lengths)
        weights = rows.counts * rarity[rows.ids]
        self.norms = np.sqrt(np.bincount(of, weights * weights, minlength=len(rows))).clip(1e-12)
        weights /= self.norms[of]
        order = np.argsort(rows.ids, kind="stable")
        self._word_starts = np.searchsorted(rows.ids[order], np.arange(len(rarity) + 1))
        self._holding, self._weights = of[order].astype(np.int32), weights[order].astype(np.float32)

    def wider(self, words: int) -> _Table:
        """The same with room for words that came later, which it does not hold."""
        made = copy(self)
        more = words + 1 - len(self._word_starts)
        made._word_starts = np.concatenate([self._word_starts, np.full(more, self._word_starts[-1])])
        return made

    def scores(self, words: Places, weights: Floats) -> Floats:
        """How near each document is to some weighted words."""
        held = [slice(self._word_starts[word], self._word_starts[word + 1]) for word in words.tolist()]
        if not held:
            return np.zeros(len(self.rows))
        lengths = np.array([some.stop - some.start for some in held])
        worth = np.repeat(weights.astype(np.float32), lengths) * np.concatenate(
            [self._weights[some] for some in held]
        )
        holding = np.concatenate([self._holding[some] for some in held])
        return np.bincount(holding, worth, minlength=len(self.rows)).astype(np.float64)

    def votes(self, voters: Places) -> tuple[Places, Places]:
        """Of documents in order each with each of its people: two arrays side by side."""
        counts = self.rows.people_lengths[voters]
        offsets = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        people = self.rows.people[np.repeat(self._people_starts[voters], counts) + offsets]
        return np.repeat(voters, counts), people.astype(np.int64)

    def words_of(self, place: int, rarity: Floats) -> tuple[NDArray[np.int32], Floats]:
        """The words of a document and their weights."""
        some = slice(self.starts[place], self.starts[place + 1])
        ids = self.rows.ids[some]
        return ids, self.rows.counts[some] * rarity[ids] / self.norms[place]


@dataclass(frozen=True)
class _State:
    """What a search looks at: replaced as a whole, so that one under way sees no half of a change."""

    rarity: Floats
    """log((documents + 1) / documents with the word); 0 where one document at most holds it, because it joins nothing."""
    main: _Table
    late: _Table
    stands: NDArray[np.bool_]
    """False for those of the main table that are gone or stand in the late one."""
    output: Floats
    """How many documents each person stands behind."""

    def scores(self, words: Places, weights: Floats) -> Floats:
        """Of the documents of both tables, one after the other."""
        return np.concatenate(
            [self.main.scores(words, weights) * self.stands, self.late.scores(words, weights)]
        )

    def place(self, name: str) -> int | None:
        """Where a document stands in both."""
        if name in self.late.places:
            return len(self.main.rows) + self.late.places[name]
        place = self.main.places.get(name)
        return place if place is not None and self.stands[place] else None

    def votes(self, voters: Places) -> tuple[Places, Places]:
        """Of documents each with each of its people, those of the main table first: two arrays side by side."""
        held = len(self.main.rows)
        (first, people), (then, others) = (
            self.main.votes(voters[voters < held]),
            self.late.votes(voters[voters >= held] - held),
        )
        return np.concatenate([first, then + held]), np.concatenate([people, others])

    def name(self, place: int) -> str:
        """Which document stands there."""
        held = len(self.main.rows)
        return self.main.rows.names[place] if place < held else self.late.rows.names[place - held]

    def words_of(self, place: int) -> tuple[NDArray[np.int32], Floats]:
        """The words of a document and their weights."""
        held = len(self.main.rows)
        table = self.main if place < held else self.late
        return table.words_of(place if place < held else place - held, self.rarity)


class ExpertFinder(Generic[Person]):
    """People by their documents: `documents` holds the texts, `people` who stands behind each, `language` theirs."""

    def __init__(
        self,
        documents: Mapping[str, str] | None = None,
        people: Mapping[str, Collection[Person]] | None = None,
        *,
        languages: Mapping[str, str] | str = "en",
    ) -> None:
        self._vocabulary: dict[str, int] = {}
        self._codes: dict[Person, int] = {}
        self._known: list[Person] = []
        self._state = self._made(np.zeros(0), _Table(_none(), np.zeros(0)), _none(), np.ones(0, bool))
        self.update(
            {
                name: Document(
                    words(normalise(text), languages if isinstance(languages, str) else languages[name]),
                    list(dict.fromkeys((people or {}).get(name, ()))),
                )
                for name, text in (documents or {}).items()
            }
        )

    def __len__(self) -> int:
        return int(self._state.stands.sum()) + len(self._state.late.rows)

    def load(self, documents: Iterable[tuple[str, Document[Person]]]) -> None:
        """Take very many documents in at the start, some at a time, so that they need not all be held at once."""
        flow, rows = iter(documents), [self._state.main.rows]
        while some := dict(islice(flow, READ)):
            rows.append(self._rows(some))
        self._count_anew(_Rows.all(rows))

    def update(self, documents: Mapping[str, Document[Person]], gone: Collection[str] = ()) -> None:
        """Take documents in, each in place of one of the same name, and others out; searches under way are not disturbed."""
        state, out = self._state, {*documents, *gone}
        stands = state.stands.copy()
        stands[[place for name in out if (place := state.main.places.get(name)) is not None]] = False
        late = state.late.rows.only(np.array([name not in out for name in state.late.rows.names], dtype=bool))
        late = late.joined(self._rows(documents))
        changed = len(late) + int((~stands).sum())
        if changed <= min(FEW, SHARE * len(state.main.rows)):
            # A word that is new since the words were counted weighs nothing yet.
            rarity = np.concatenate([state.rarity, np.zeros(len(self._vocabulary) - len(state.rarity))])
            main = state.main
            if len(rarity) > len(state.rarity):
                main = state.main.wider(len(rarity))
            self._state = self._made(rarity, main, late, stands)
            return
        self._count_anew(state.main.rows.only(stands).joined(late))

    def _count_anew(self, rows: _Rows) -> None:
        held = np.bincount(rows.ids, minlength=len(self._vocabulary))
        rarity = np.where(held > 1, np.log((len(rows) + 1) / held.clip(1)), 0.0)
        self._state = self._made(rarity, _Table(rows, rarity), _none(), np.ones(len(rows), bool))

    def by_relevance(
        self, question: str, language: str, *, without: Collection[str] = (), limit: int | None = None
    ) -> list[Evidence[Person]]:
        """Everybody for whom a document speaks, best first; `without` names documents that don't count."""
        return self._ranked(question, language, without, limit, normalised=False)

    def by_normalised_relevance(
        self, question: str, language: str, *, without: Collection[str] = (), limit: int | None = None
    ) -> list[Evidence[Person]]:
        """The same, divided by the root of how many documents a person stands behind."""
        return self._ranked(question, language, without, limit, normalised=True)

    def by_output(self, *, without: Collection[str] = ()) -> list[Evidence[Person]]:
        """Everybody by the number of documents, whatever is asked: what a ranking must beat."""
        output = self._output(self._state, self._left_out(self._state, without))
        return [Evidence(person, score, ()) for person, score in self._best(output, None)]

    def _ranked(
        self, question: str, language: str, without: Collection[str], limit: int | None, *, normalised: bool
    ) -> list[Evidence[Person]]:
        state = self._state
        left_out = self._left_out(state, without)
        scores = self._scores(state, question, language, left_out)
        count = round(VOTERS * (int(state.stands.sum()) + len(state.late.rows)))
        place, person = state.votes(_highest(scores, min(max(1, count), MOST_VOTERS)))
        order = np.argsort(-scores[place], kind="stable")
        place, person = place[order], person[order]
        totals: Floats = np.bincount(person, scores[place], minlength=len(state.output)).astype(np.float64)
        if normalised:
            totals = totals / np.sqrt(self._output(state, left_out).clip(1))
        best = self._best(totals, limit)
        wanted = np.zeros(len(state.output), bool)
        wanted[[self._codes[each] for each, _ in best]] = True
        telling: dict[int, list[str]] = {}
        for where, code in zip(place[wanted[person]].tolist(), person[wanted[person]].tolist(), strict=True):
            held = telling.setdefault(code, [])
            if len(held) < EVIDENCE:
                held.append(state.name(where))
        return [Evidence(each, score, tuple(telling[self._codes[each]])) for each, score in best]

    def _best(self, totals: Floats, limit: int | None) -> list[tuple[Person, float]]:
        """The people with the highest totals above nothing; of equals the one whose name comes first."""
        some = np.flatnonzero(totals > 0)
        if limit is not None and len(some) > limit:
            least = np.partition(totals[some], -limit)[-limit]
            some = some[totals[some] >= least]
        scored = ((self._known[code], float(totals[code])) for code in some.tolist())
        return sorted(scored, key=lambda item: (-item[1], str(item[0])))[:limit]

    def _made(self, rarity: Floats, main: _Table, late: _Rows, stands: NDArray[np.bool_]) -> _State:
        (_, people), others = main.votes(np.flatnonzero(stands)), late.people
        output = np.bincount(np.concatenate([people, others]), minlength=len(self._known))
        return _State(rarity, main, _Table(late, rarity), stands, output.astype(np.float64))

    def _output(self, state: _State, left_out: Places) -> Floats:
        """How many documents each person stands behind, without some."""
        _, people = state.votes(left_out)
        return state.output - np.bincount(people, minlength=len(state.output))

    def _left_out(self, state: _State, without: Collection[str]) -> Places:
        places = (state.place(name) for name in without)
        return np.array([place for place in places if place is not None], dtype=np.int64)

    def _scores(self, state: _State, question: str, language: str, left_out: Places) -> Floats:
        """How near each document is to the question and to what the best documents share."""
        asked = np.zeros(len(state.rarity))
        for word, count in Counter(words(normalise(question), language)).items():
            if (place := self._vocabulary.get(word, len(asked))) < len(asked):
                asked[place] = (1 + log(count)) * state.rarity[place]
        asked = _unit(asked)
        scores = _compared(state, asked, left_out)
        shared = np.zeros(len(asked))
        for place in _highest(scores, FEEDBACK):
            ids, weights = state.words_of(int(place))
            shared[ids] += weights
        strongest = _highest(shared, SHARED)
        kept = np.zeros(len(asked))
        kept[strongest] = shared[strongest]
        return _compared(state, asked + _unit(kept), left_out)

    def _rows(self, documents: Mapping[str, Document[Person]]) -> _Rows:
        vocabulary, ids, counts, people = self._vocabulary, list[int](), list[int](), list[int]()
        lengths, people_lengths = [], []
        for document in documents.values():
            held = Counter(document.tokens)
            ids += [vocabulary.setdefault(word, len(vocabulary)) for word in held]
            counts += held.values()
            lengths.append(len(held))
            for person in document.people:
                if person not in self._codes:
                    self._codes[person] = len(self._known)
                    self._known.append(person)
            people += [self._codes[person] for person in document.people]
            people_lengths.append(len(document.people))
        return _Rows(
            list(documents),
            np.array(lengths, dtype=np.int64),
            np.array(ids, dtype=np.int32),
            (1 + np.log(np.array(counts, dtype=np.float64))).astype(np.float32),
            np.array(people_lengths, dtype=np.int64),
            np.array(people, dtype=np.int32),
        )


def _none() -> _Rows:
    whole, word = np.zeros(0, np.int64), np.zeros(0, np.int32)
    return _Rows([], whole, word, np.zeros(0, np.float32), whole, word)


def _compared(state: _State, asked: Floats, left_out: Places) -> Floats:
    words = np.flatnonzero(asked)
    scores = state.scores(words, asked[words])
    scores[left_out] = 0
    return scores


def _highest(scores: Floats, count: int) -> Places:
    """The places of the highest scores above 0, highest first; of equals the first."""
    some = np.flatnonzero(scores > 0)
    if len(some) > count:
        least = np.partition(scores[some], -count)[-count]
        some = some[scores[some] >= least]
    return some[np.argsort(-scores[some], kind="stable")][:count]


def _unit(vector: Floats) -> Floats:
    length = float((vector * vector).sum()) ** 0.5
    return vector / length if length else vector
