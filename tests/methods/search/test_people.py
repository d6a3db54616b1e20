"""People are found the same whether their documents came at once or one by one, and while others are taken in."""

from __future__ import annotations

import random
import threading

import pytest

from highground.methods.search.experts import FEW, Document, ExpertFinder

WORDS = [f"word{number}" for number in range(60)]


def documents(count: int, seed: int = 1) -> dict[str, Document[str]]:
    drawn = random.Random(seed)
    weights = [1 / rank for rank in range(1, len(WORDS) + 1)]
    return {
        f"d{number}": Document(
            drawn.choices(WORDS, weights, k=12), drawn.sample([f"p{person}" for person in range(20)], 2)
        )
        for number in range(count)
    }


def told(finder: ExpertFinder[str], question: str = "word3 word20 word41") -> list[tuple[str, float]]:
    return [(each.person, round(each.score, 9)) for each in finder.by_normalised_relevance(question, "en")]


def test_what_came_one_by_one_is_ranked_as_what_came_at_once() -> None:
    held = documents(120)
    whole: ExpertFinder[str] = ExpertFinder()
    whole.update(held)
    slowly: ExpertFinder[str] = ExpertFinder()
    for name, document in held.items():
        slowly.update({name: Document(["other"], ["p1"])})
        slowly.update({name: document})
    assert len(slowly) == len(whole) == 120
    assert told(slowly) == told(whole)
    loaded: ExpertFinder[str] = ExpertFinder()
    loaded.load(iter(held.items()))
    assert told(loaded) == told(whole)
    slowly.update({}, gone=[f"d{number}" for number in range(60, 120)])
    half: ExpertFinder[str] = ExpertFinder()
    half.update({name: held[name] for name in list(held)[:60]})
    assert told(slowly) == told(half)
    assert [(each.person, each.score) for each in slowly.by_output()] == [
        (each.person, each.score) for each in half.by_output()
    ]


def test_a_small_change_to_many_documents_counts_at_once_without_counting_all_anew() -> None:
    held = documents(2_000)
    new = {"new": Document(["word41", "word20", "unheard"], ["newcomer"]), "d7": Document(["word1"], ["p1"])}
    finder: ExpertFinder[str] = ExpertFinder()
    finder.update(held)
    rows = finder._state.main.rows
    finder.update(new, gone=["d8"])
    assert finder._state.main.rows is rows
    assert len(finder) == 2_000
    found = {each.person: each.documents for each in finder.by_normalised_relevance("word20 word41", "en")}
    assert found["newcomer"] == ("new",)
    assert "newcomer" not in dict(told(finder, "unheard"))  # until the words are counted anew
    anew: ExpertFinder[str] = ExpertFinder()
    anew.update({name: one for name, one in (held | new).items() if name != "d8"})
    few = {person for person, _ in told(finder)[:5]}
    assert len(few & {person for person, _ in told(anew)[:5]}) >= 4
    finder.update(documents(FEW + 1, seed=2))
    assert finder._state.main.rows is not rows


def test_only_the_best_are_told_where_few_are_asked_for() -> None:
    finder: ExpertFinder[str] = ExpertFinder()
    finder.update(documents(300))
    every = finder.by_relevance("word3 word20", "en")
    assert finder.by_relevance("word3 word20", "en", limit=4) == every[:4]
    assert finder.by_relevance("word3 word20", "en", without=[every[0].documents[0]]) != every
    assert ExpertFinder().by_relevance("word3", "en") == []


def test_nobody_who_searches_sees_half_of_a_change() -> None:
    finder: ExpertFinder[str] = ExpertFinder()
    finder.update(documents(500))
    problems: list[Exception] = []

    def ask() -> None:
        try:
            for _ in range(40):
                finder.by_normalised_relevance("word3 word20", "en", limit=5)
        except Exception as problem:
            problems.append(problem)

    askers = [threading.Thread(target=ask) for _ in range(3)]
    for asker in askers:
        asker.start()
    for number in range(60):
        finder.update({f"more{number}": Document(["word3", f"new{number}"], [f"person{number}"])})
    for asker in askers:
        asker.join()
    if problems:
        pytest.fail(str(problems[0]))
