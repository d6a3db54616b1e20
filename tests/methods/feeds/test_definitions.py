"""The feeds that ship hold together, and a malformed definition or mapping says where and how to mend it."""

from __future__ import annotations

import copy
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from highground.methods.facts import load_dictionary
from highground.methods.feeds.definitions import load_feeds, read_feeds
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.mapping import load_feed_mapping, plain_mapping, read_feed_mapping

CONTENT = yaml.safe_load((files("highground") / "data" / "feeds" / "cn.yaml").read_text(encoding="utf-8"))
NAMES = "medical insurance school employment disaster inspection subsistence microcredit vehicles".split()
FACTS = """out_of_pocket_12m medical_bills_12m claims_12m children_out_of_school job_losses_12m members_out_of_work job_lost_on
disaster_loss_12m disasters_6m dwelling_unsafe water_unsafe subsistence_allowance loan_overdue loan_due_3m owns_car""".split()


def test_the_feeds_that_ship() -> None:
    feeds = load_feeds()
    assert list(feeds) == NAMES and len(feeds) == len(NAMES)
    assert [fact for feed in feeds.values() for fact in feed.facts] == FACTS
    dictionary = load_dictionary()
    for feed in feeds.values():
        assert all(dictionary[fact].entity == "household" for fact in feed.facts)
        texts = [feed.label, feed.department, feed.basis.purpose, feed.basis.authority, feed.basis.refusal]
        for text in texts + [field.label for field in feed.fields.values()]:
            assert set(text) == {"en", "zh"} and all(text.values())
        assert feed.basis.retention_months >= max(fact.months for fact in feed.facts.values())
        assert not feed.basis.verified, "what was never checked against a law does not claim to be"
    assert [feed.name for feed in feeds.values() if feed.basis.authorisation] == ["vehicles"]
    with pytest.raises(FeedError, match="there is no feed 'bank'; known are medical"):
        feeds.named("bank")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("per", "village", "`per` must be one of person, household"),
        ("month", "own_paid", "`month` must name a field of type date"),
        ("colour", 1, "`colour` is unknown"),
        ("label", {"en": "x"}, "`label` needs a text in each of en, zh"),
        ("basis.retention_months", 0, "`basis.retention_months` must be a whole number of months"),
        ("basis.retention_months", 6, "looks back 12 months, and rows are kept 6"),
        ("basis.verified", True, "what was verified needs its source"),
        ("basis.authorisation", "no", "`basis.authorisation` must be true or false"),
        ("basis.purpose", None, "`basis.purpose` needs a text"),
        ("fields", {}, "name at least one field"),
        ("fields.own_paid.type", "number", "`type` must be one of"),
        ("fields.own_paid.minimum", None, "give `minimum` and `maximum`"),
        ("fields.own_paid.at_most", "day", "must name a number of the same type"),
        ("fields.own_paid.optional", 1, "must be true or false"),
        ("facts.out_of_pocket_12m.how", "mean", "must be one of sum, count, any, last"),
        ("facts.out_of_pocket_12m.how", "count", "count does not give a money"),
        ("facts.out_of_pocket_12m.how", "last", "last needs a boolean or a category"),
        ("facts.out_of_pocket_12m.field", "record", "sum needs a field that is not plain text"),
        ("facts.out_of_pocket_12m.field", "nothing", "'nothing' is no field of this feed"),
        ("facts.out_of_pocket_12m.months", 99, "1 to 60"),
        ("facts.out_of_pocket_12m.absent", "none", "must be one of zero, unknown"),
        ("facts.out_of_pocket_12m.where", {"day": "x"}, "'x' is not one of the values of a category field"),
        ("facts.out_of_pocket_12m.open", "x", "`facts.out_of_pocket_12m.open` needs `per: person`"),
        ("facts.sex", {"how": "count", "months": 1, "absent": "zero"}, "is not a fact of households"),
    ],
)
def test_a_malformed_feed_says_where(path: str, value: Any, said: str) -> None:
    content = {"feeds": {"medical": copy.deepcopy(CONTENT["feeds"]["medical"])}}
    *above, last = path.split(".")
    at = content["feeds"]["medical"]
    for key in above:
        at = at[key]
    at[last] = value
    with pytest.raises(FeedError, match="feeds: feed 'medical'") as error:
        read_feeds(content)
    assert said in str(error.value)


def test_what_is_open_needs_persons_and_one_of_the_values() -> None:
    content = {"feeds": {"school": copy.deepcopy(CONTENT["feeds"]["school"])}}
    content["feeds"]["school"]["facts"]["children_out_of_school"]["open"] = "at_sea"
    with pytest.raises(FeedError, match="'at_sea' is not one of the values of 'status'"):
        read_feeds(content)
    content["feeds"]["school"]["facts"]["children_out_of_school"] |= {"open": "out_of_school", "how": "sum"}
    with pytest.raises(FeedError, match="count feeds an integer"):
        read_feeds(content)


def test_two_feeds_do_not_give_one_fact() -> None:
    medical = CONTENT["feeds"]["medical"]
    with pytest.raises(FeedError, match=r"fact '.*' is fed by medical and clinics"):
        read_feeds({"feeds": {"medical": medical, "clinics": medical}})


def test_a_file_of_feeds_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="check the path"):
        load_feeds(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("feeds: [")
    with pytest.raises(FeedError, match=r"bad\.yaml: is no YAML"):
        load_feeds(tmp_path / "bad.yaml")
    (tmp_path / "list.yaml").write_text("[]")
    with pytest.raises(FeedError, match=r"list\.yaml: begin with `feeds:`"):
        load_feeds(tmp_path / "list.yaml")


MAPPING: dict[str, Any] = {
    "number": "id",
    "fields": {"day": "d", "own_paid": {"column": "p", "multiply": "0.01"}},
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "`colour` is unknown"),
        ({"number": ""}, "`number` is missing; the feed is per person"),
        ({"file": {"encoding": "klingon"}}, "'klingon' is unknown"),
        ({"file": {"delimiter": "::"}}, "is one character, or tab"),
        ({"file": "x.csv"}, "`file` needs keys below it"),
        (
            {"fields": {"day": "d"}},
            "`fields.own_paid` is missing; name the column with the paid by the family",
        ),
        ({"fields": {"day": "d", "own_paid": "p", "x": "y"}}, "`fields.x` is unknown"),
        ({"fields": {"day": {"form": "%d"}, "own_paid": "p"}}, "`fields.day` needs the name of a column"),
        ({"fields": {"day": "d", "own_paid": {"column": "p", "form": "%d"}}}, "belongs to dates"),
        (
            {"fields": {"day": "d", "own_paid": {"column": "p", "multiply": "x"}}},
            "is a number, such as 100 or 0.01",
        ),
        (
            {"fields": {"day": "d", "own_paid": {"column": "p", "multiply": "0"}}},
            "is a number, such as 100 or 0.01",
        ),
        ({"fields": {"day": "d", "own_paid": {"column": "p", "multiply": "1e9"}}}, "is at most 1000000"),
        (
            {"fields": {"day": "d", "own_paid": {"column": "p", "values": {"a": "b"}}}},
            "'b' is no value of the field",
        ),
        ({"person": {"nickname": "n"}}, "`person.nickname` is unknown"),
    ],
)
def test_a_malformed_mapping_says_where(change: dict[str, Any], said: str) -> None:
    with pytest.raises(FeedError, match=r"map\.yaml") as error:
        read_feed_mapping({**MAPPING, **change}, load_feeds()["medical"], where="map.yaml")
    assert said in str(error.value)


def test_a_mapping_is_read_from_a_file(tmp_path: Path) -> None:
    feed, path = load_feeds()["medical"], tmp_path / "map.yaml"
    path.write_text("number: id\nmissing: no\nfields: {day: d, own_paid: {column: p, multiply: 0.01}}\n")
    read = load_feed_mapping(path, feed)
    assert (read.number, read.missing, read.fields["day"].name) == ("id", ("no",), "d")
    for content, said in ((b"\xff", "not UTF-8"), (b"a: [", "not YAML"), (b"- a", "made of keys and values")):
        path.write_bytes(content)
        with pytest.raises(FeedError, match=said):
            load_feed_mapping(path, feed)
    with pytest.raises(FeedError, match="check the path"):
        load_feed_mapping(tmp_path / "none.yaml", feed)


def test_without_a_mapping_columns_are_named_as_fields_are() -> None:
    plain = plain_mapping(load_feeds()["disaster"])
    assert (plain.household, plain.number, dict(plain.links)) == ("household", None, {})
    assert "record" in plain.optional and "loss" not in plain.optional
