"""Lines of evidence from ORCID, OpenAlex and BibTeX, and files that are none of them."""

from __future__ import annotations

import json

import pytest

from highground.knowledge.actions.experts import add_lines, settle_lines
from highground.knowledge.enums import LineStatus
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.importing import bibtex_entries, read_works
from highground.knowledge.models import Expert, Line
from tests.support.register import TODAY

BIBTEX = """
@comment{made by hand}
@article{one, title = {Health {Equity} Funds in Cambodia}, author = {Sok, Dara and Lin, Mei}, year = 2015, doi = {10.1000/ABC}}
@article{broken, title = {It never ends, year = 2016
@book{two,
  title = "Debt and illness",
  year = "2018",
}
@misc{empty}
"""


def orcid(path: str = "0000-0002-1825-0097", name: str = "Dara", family: str = "Sok") -> bytes:
    works = [
        ("Health equity funds in Cambodia", "10.1000/abc", "2015"),
        ("", "", ""),
        ("Rice banks", "", "2012"),
    ]
    groups = [
        {
            "work-summary": [
                {
                    "title": {"title": {"value": title}},
                    "publication-date": {"year": {"value": year}},
                    "external-ids": {
                        "external-id": [{"external-id-type": "doi", "external-id-value": doi}] if doi else []
                    },
                }
            ]
        }
        for title, doi, year in works
    ]
    record = {
        "orcid-identifier": {"path": path},
        "person": {"name": {"given-names": {"value": name}, "family-name": {"value": family}}},
        "activities-summary": {"works": {"group": groups}},
    }
    return json.dumps(record).encode()


OPENALEX = json.dumps(
    {
        "results": [
            {"display_name": "Health equity funds in Cambodia", "doi": "https://doi.org/10.1000/abc", "publication_year": 2015,
             "language": "en", "authorships": [{"author": {"display_name": "Dara Sok"}}]},
            {"display_name": "Dark matter", "authorships": [{"author": {"display_name": "A. Nother"}}]},
        ]
    }
).encode()  # fmt: skip


@pytest.fixture
def expert() -> Expert:
    return Expert(name="Sok Dara", country="KH", orcid="")


def test_an_orcid_record_gives_its_works(expert) -> None:
    works = read_works(orcid(), expert)
    assert [(one.text, one.year) for one in works.lines] == [
        ("Health equity funds in Cambodia", 2015),
        ("Rice banks", 2012),
    ]
    assert works.problems == ["work 2: no title"] and works.warnings == []


def test_an_orcid_record_of_somebody_else_is_refused_or_told(expert) -> None:
    assert "Nobody Else" in read_works(orcid(name="Nobody", family="Else"), expert).warnings[0]
    expert.orcid = "0000-0001-0000-0000"
    with pytest.raises(KnowledgeError, match="belongs to 0000-0002-1825-0097"):
        read_works(orcid(), expert)


def test_works_of_openalex_by_others_are_left_out_and_counted(expert) -> None:
    works = read_works(OPENALEX, expert)
    assert [one.key for one in works.lines] == ["doi/10.1000/abc"]
    assert "1 work names no author like Sok Dara and was left out." in works.warnings[0]


def test_accents_of_tex_become_letters_and_pieces_one_value(expert) -> None:
    text = r"""@article{a, title = {Pobreza en M{\'e}xico, S\~ao Paulo, \v{S}koda, Gar\c{c}on,
    {\O}st, V{\"o}lker \& Stra\ss e 5\%},
  author = {Sok~Dara}, month = 1 # "~" # jan, year = 2011}
@article{b, title = "Rice " # {banks}, author={D{\'a}ra, Sok}, year = "2012"}"""
    works = read_works(text.encode(), expert)
    assert works.problems == [] and works.warnings == []
    assert [line.text for line in works.lines] == [
        "Pobreza en México, São Paulo, Škoda, Garçon, Øst, Völker & Straße 5%",
        "Rice banks",
    ]
    assert [line.year for line in works.lines] == [2011, 2012]


def test_a_broken_entry_of_bibtex_costs_itself_alone(expert) -> None:
    works = read_works(BIBTEX.encode(), expert)
    assert [(one.text, one.year) for one in works.lines] == [
        ("Health Equity Funds in Cambodia", 2015),
        ("Debt and illness", 2018),
    ]
    assert works.problems == ["line 4: the value of title is not closed", "line 9: the entry has no fields"]


@pytest.mark.parametrize(
    "text", ["@article{x, title = {", "@a{b, c", '@a{b, title = "x', "@@{}", "@article{k, title = {a}}}}"]
)
def test_bibtex_of_any_shape_is_read_without_a_crash(text) -> None:
    list(bibtex_entries(text))


@pytest.mark.parametrize(
    "content",
    [
        {"orcid-identifier": 3},
        {"orcid-identifier": {}, "activities-summary": {"works": {"group": {"a": 1}}}},
        {
            "orcid-identifier": {},
            "activities-summary": {"works": {"group": [{"work-summary": {"title": "x"}}, 7]}},
        },
        {"results": [{"display_name": "x", "authorships": 5, "language": []}, 3, None]},
        [[], {"display_name": ["x"]}],
    ],
)
def test_json_of_another_shape_is_read_without_a_crash(expert, content) -> None:
    for line in read_works(json.dumps(content).encode(), expert).lines:
        assert line.text and line.language == "en"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.7" + b"x" * 300_000, "a PDF"),
        (b"@" * (6 * 2**20), "Larger than 5 MB"),
        (b"\xff\xfe\x00", "Not UTF-8"),
        (b'{"orcid-identifier": ', "is none"),
        (b'{"a": 1}', "Neither"),
        (b"[" * 100_000, "is none"),
        (b"my works", "Neither"),
    ],
)
def test_a_file_that_is_none_of_them_is_refused_with_what_to_do(expert, content, said) -> None:
    with pytest.raises(KnowledgeError, match=said):
        read_works(content, expert)


@pytest.mark.django_db
def test_the_same_work_from_three_files_comes_once_and_waits_for_its_owner(office) -> None:
    expert = office.expert
    before = Line.objects.filter(expert=expert).count()
    for content in (orcid(), OPENALEX, BIBTEX.encode()):
        add_lines(expert, read_works(content, expert).lines, by="test", today=TODAY)
    suggested = Line.objects.filter(expert=expert, status=LineStatus.SUGGESTED)
    assert sorted(suggested.values_list("text", flat=True)) == [
        "Debt and illness",
        "Health equity funds in Cambodia",
        "Rice banks",
    ]
    first = suggested.get(text="Rice banks")
    with pytest.raises(KnowledgeError, match="by its owner"):
        settle_lines(expert, [first.pk], mine=True, by=office.curators[0], today=TODAY)
    assert settle_lines(expert, [first.pk], mine=True, by=office.dara, today=TODAY) == 1
    assert settle_lines(expert, [first.pk], mine=False, by=office.dara, today=TODAY) == 0
    assert Line.objects.filter(expert=expert, status=LineStatus.CONFIRMED).count() == before + 1
