"""Every concept has a name in every language, names lead back to it, and a query by concept needs no model."""

from __future__ import annotations

from pathlib import Path

import pytest

from highground.methods.search.errors import SearchError
from highground.methods.search.glossary import COLUMNS, DRAFT, LANGUAGES, load_glossary, read_glossary
from highground.methods.search.index import Index
from highground.methods.search.lexical import LexicalIndex, Passage

HEAD = ",".join(COLUMNS)


def test_every_concept_has_a_name_in_every_language_that_leads_back_to_it() -> None:
    glossary = load_glossary()
    assert len(glossary.concepts) >= 150
    for concept in glossary.concepts:
        for language in LANGUAGES:
            label = glossary.label(concept, language)
            assert label is not None, (concept, language)
            for name in label.names:
                assert glossary.concepts_in(name, language) == [concept], (language, name)
    assert set(glossary.coverage()) == set(LANGUAGES)
    for counts in glossary.coverage().values():
        assert sum(counts.values()) == len(glossary.concepts)


@pytest.mark.parametrize(
    ("text", "language", "concepts"),
    [
        ("How do we live after a Flood, and with what microcredit?", "en", ["flood", "microcredit"]),
        ("洪水后小额信贷养羊", "zh", ["flood", "microcredit", "goats"]),
        ("អាហារនៅសាលា និងទឹកជំនន់", "km", ["school-meals", "flood"]),
        ("mga binhi at tagtuyot", "tl", ["seeds", "drought"]),
        ("the price of flooding", "en", []),  # neither rice nor flood is a word of it
        ("poverty line", "en", ["poverty-line"]),  # and not poverty
        ("", "en", []),
    ],
)
def test_the_concepts_of_a_text(text: str, language: str, concepts: list[str]) -> None:
    assert load_glossary().concepts_in(text, language) == concepts


def test_a_practice_in_another_language_is_found_and_the_reader_told_why() -> None:
    lexical = LexicalIndex()
    lexical.add(
        [
            Passage("km", "km", "បន្ទាប់ពីទឹកជំនន់ គ្រួសារទាំងអស់ទទួលបានគ្រាប់ពូជ"),
            Passage("tl", "tl", "Pagkatapos ng baha ay itinayo muli ang tulay."),
            Passage("other", "km", "ក្រុមសន្សំប្រាក់នៅក្នុងភូមិ"),
        ]
    )
    index = Index(lexical, glossary=load_glossary())
    answer = index.answer("洪水", "zh")
    assert set(answer.keys) == {"km", "tl"}
    assert {(label.language, label.label) for label in answer.also_searched} == {
        ("km", "ទឹកជំនន់"),
        ("fil", "baha"),
    }
    assert {label.status for label in answer.also_searched} == {DRAFT}
    assert "highground[search]" in answer.notice
    assert index.answer("洪水", "zh", among=["km"]).keys == ["km"]
    assert Index(lexical).answer("洪水", "zh").keys == []
    with_model = Index(lexical, glossary=load_glossary()).answer("no concept at all", "en")
    assert (with_model.keys, with_model.also_searched) == ([], [])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("concept,label\n", "columns must be"),
        (f"{HEAD}\nflood,en,flood,,checked\n", "row 2: status is"),
        (f"{HEAD}\nflood,en,,,reviewed\n", "row 2: the label is empty"),
        (f"{HEAD}\nflood,en,flood,,reviewed\nriver,en,river,Flood,reviewed\n", "row 3: en has 'flood' already, for flood"),
    ],
)  # fmt: skip
def test_a_glossary_of_another_form(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "glossary.csv"
    path.write_text(content)
    with pytest.raises(SearchError, match=said):
        read_glossary(path)
