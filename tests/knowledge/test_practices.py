"""Practices from files: those that come along, those of users, and everything that may be wrong with them."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from highground.audit.models import Event
from highground.knowledge.actions.practices import add_practices, set_practice_standing
from highground.knowledge.builtin import builtin_files
from highground.knowledge.enums import Standing
from highground.knowledge.ground import KnowledgeError
from highground.knowledge.models import Practice
from highground.knowledge.reading import read_practices
from highground.methods.search.glossary import load_glossary
from tests.support.register import TODAY

RECORD = """
practices:
  - code: my-own
    country: LA
    fields: [health]
    causes: [illness]
    evidence: monitored
    source: A report
    source_date: 2019-07
    texts:
      en: {title: A clinic, problem: Far away, done: It was built}
"""


DOCS = Path(__file__).parents[2] / "docs" / "how-to"


def file_of(tmp_path, text: str, name: str = "own.yaml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_every_practice_that_comes_along_can_be_used_and_names_its_source() -> None:
    read = [read_practices(path) for path in builtin_files()]
    assert [reject for one in read for reject in one.rejects] == []
    records = [record for one in read for record in one.records]
    codes = [record.values["code"] for record in records]
    assert len(codes) == len(set(codes)) == 60
    for record in records:
        assert record.values["source"] and record.values["source_date"]
        assert not record.values.get("verified") or record.values["url"].startswith("http")
        assert any(text["status"] == "original" for text in record.texts.values())
    known = {"CN", "KH", "LA", "MM", "TH", "VN", "ID", "MY", "PH", "SG", "BN"}
    assert known <= {record.values["country"] for record in records}
    # What the documentation says of them is what there is.
    checked = sum(bool(record.values.get("verified")) for record in records)
    texts = [(language, text["status"]) for record in records for language, text in record.texts.items()]
    drafts = [status for language, status in texts if language != "en"]
    assert set(drafts) == {"draft"} and len(texts) - len(drafts) == len(records)
    page = " ".join((DOCS / "share-knowledge.md").read_text(encoding="utf-8").split())
    countries = {record.values["country"] for record in records}
    for said in (
        f"{len(records)} from {len(countries)} countries",
        f"{checked} of them were compared with the page that they name",
        f"{len(drafts)} texts in other languages, which are machine drafts",
    ):
        assert said in page, said


@pytest.mark.parametrize(
    ("was", "now", "column"),
    [
        ("country: LA", "country: Laos", "country"),
        ("fields: [health]", "fields: [cooking]", "fields"),
        ("causes: [illness]", "causes: [fate]", "causes"),
        ("evidence: monitored", "evidence: sure", "evidence"),
        ("source: A report", "", "source"),
        ("source_date: 2019-07", "source_date: last year", "source_date"),
        ("code: my-own", "code: My Own!", "code"),
        ("source: A report", "source: A report\n    verified: true", "verified"),
        ("source: A report", "source: A report\n    cost: 12", "cost"),
        ("source: A report", "source: A report\n    cost: -1\n    currency: USD", "cost"),
        ("source: A report", "source: A report\n    url: javascript:alert(1)", "url"),
        ("source: A report", "source: A report\n    since: 2010\n    until: 2009", "until"),
        ("source: A report", "source: A report\n    colour: red", "colour"),
        ("en: {title", "tlh: {title", "language"),
        ("title: A clinic, ", "", "texts.en.title"),
        ("problem: Far away", "problem: " + "far " * 600, "texts.en.problem"),
        ("source: A report", "source: A report\n    rubric: {beautiful: 3}", "rubric"),
    ],
)
def test_what_cannot_be_used_is_told_with_row_column_and_mend(tmp_path, was, now, column) -> None:
    read = read_practices(file_of(tmp_path, RECORD.replace(was, now)))
    assert read.records == []
    (reject,) = read.rejects
    assert (reject.row, reject.column) == (3, column)
    assert reject.reason and reject.mend


def test_burmese_in_the_zawgyi_encoding_is_kept_in_unicode(tmp_path) -> None:
    text = RECORD.replace("en: {title", "my: {title").replace(
        "problem: Far away", "problem: ျမန္မာႏိုင္ငံ ေနေကာင္းလား"
    )
    (record,) = read_practices(file_of(tmp_path, text)).records
    assert record.texts["my"]["problem"] == "မြန်မာနိုင်ငံ နေကောင်းလား"


def test_one_bad_record_leaves_the_others(tmp_path) -> None:
    second = RECORD.replace("practices:\n", "").replace("my-own", "other").replace("LA", "XX")
    third = RECORD.replace("practices:\n", "")
    read = read_practices(file_of(tmp_path, RECORD + second + third))
    assert [one.values["code"] for one in read.records] == ["my-own"]
    assert [(one.column, one.row) for one in read.rejects] == [("country", 13), ("code", 23)]


@pytest.mark.parametrize(
    ("text", "said"),
    [("practices: [", "line [12]"), ("- a", "under `practices:`"), ("practices: 3", "under `practices:`")],
)
def test_a_file_that_is_no_list_of_practices_is_refused(tmp_path, text, said) -> None:
    with pytest.raises(KnowledgeError, match=said):
        read_practices(file_of(tmp_path, text))


def test_a_table_has_one_language_in_each_row(tmp_path) -> None:
    rows = "code,country,fields,evidence,source,source_date,language,status,title,problem,done\n"
    rows += "t-1,VN,health;jobs,told,A,2019,en,original,A,B,C\n"
    rows += "t-2,VN,health;jobs,anecdotal,A,2019,en,original,A,B,C\n"
    rows += "t-2,VN,health;jobs,anecdotal,A,2019,vi,draft,Một,Hai,Ba\n"
    read = read_practices(file_of(tmp_path, rows, "own.csv"))
    assert [(one.row, one.column) for one in read.rejects] == [(2, "evidence")]
    (record,) = read.records
    assert set(record.texts) == {"en", "vi"} and record.values["fields"] == ["health", "jobs"]


@pytest.mark.django_db
def test_importing_again_changes_only_what_differs(tmp_path, django_assert_max_num_queries) -> None:
    read = read_practices(file_of(tmp_path, RECORD))
    assert add_practices(read.records, by="test", today=TODAY).new == 1
    practice = Practice.objects.get()
    assert practice.standing == Standing.WAITING and "health" not in practice.concepts
    assert add_practices(read.records, by="test", today=TODAY).same == 1
    changed = read_practices(file_of(tmp_path, RECORD.replace("It was built", "Health insurance was paid")))
    with django_assert_max_num_queries(20):
        assert add_practices(changed.records, by="test", today=TODAY + datetime.timedelta(1)).changed == 1
    practice.refresh_from_db()
    assert (
        practice.concepts == ["health-insurance"] and practice.texts.get().done == "Health insurance was paid"
    )
    assert Event.objects.filter(kind="knowledge.import").count() == 2


@pytest.mark.django_db
def test_an_import_costs_the_same_for_sixty_practices_as_for_one(
    practices, django_assert_max_num_queries
) -> None:
    records = [record for path in builtin_files() for record in read_practices(path).records]
    with django_assert_max_num_queries(12):
        assert add_practices(records, by="test", today=TODAY).same == 60
    known = set(load_glossary().concepts)
    assert all(set(one.concepts) <= known and one.concepts for one in Practice.objects.all())


@pytest.mark.django_db
def test_a_practice_waits_for_a_curator_who_did_not_bring_it(office, tmp_path) -> None:
    first, second = office.curators
    add_practices(read_practices(file_of(tmp_path, RECORD)).records, by=str(first.pk), today=TODAY)
    practice = Practice.objects.get()
    for who, said in ((office.officer, "by a curator"), (first, "another curator")):
        with pytest.raises(KnowledgeError, match=said):
            set_practice_standing(practice, Standing.PUBLISHED, by=who, today=TODAY)
    set_practice_standing(practice, Standing.PUBLISHED, by=second, today=TODAY)
    with pytest.raises(KnowledgeError, match="Say why"):
        set_practice_standing(practice, Standing.WITHDRAWN, by=second, today=TODAY)
    set_practice_standing(practice, Standing.WITHDRAWN, by=second, today=TODAY, reason="The source is gone.")
    assert Practice.objects.get().standing == Standing.WITHDRAWN


def test_the_example_in_the_documentation_can_be_imported(tmp_path) -> None:
    page = (DOCS / "share-knowledge.md").read_text(encoding="utf-8")
    example = page.split("```yaml\n")[1].split("```")[0]
    read = read_practices(file_of(tmp_path, example))
    assert read.rejects == [] and read.records[0].values["cost"] == 4100
