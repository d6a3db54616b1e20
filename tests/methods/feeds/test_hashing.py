"""The engine's keyed hash is Python's, whatever is written; the index finds persons by it and holds no name or number."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.hashing import (
    IDENTITY_NUMBER,
    digest_of,
    hash_of,
    keep_secret,
    keyed_hash,
    normalise,
    normalise_column,
)
from highground.methods.feeds.keyfile import KEY_FILE, derived, lookup_key, new_entry, open_keys, write_keys
from highground.methods.feeds.persons import households_of, index_of, write_persons
from highground.methods.store import Store
from tests.methods.feeds.conftest import GX, KEY, NAMES, PERSONS

ODD = [
    "99 00-01X",
    "９９０００１Ｘ",
    "İstanbul",
    "ﬁ",
    "ß",
    "a\tb\x1cc",
    "王小明",
    "ΑΣ",
    "",
    "x" * 300,
    "‐–.",
    "\\x41",
    "'",
]
WRITTEN = st.characters(exclude_categories=["Cs"], exclude_characters="\0")


def in_the_engine(texts: list[str], key: bytes) -> list[str]:
    """The hash of each text by DuckDB."""
    with duckdb.connect() as connection:
        keep_secret(connection, key)
        connection.register(
            "given", pa.table({"place": range(len(texts)), "who": pa.array(texts, pa.string())})
        )
        number = normalise_column(connection, "given", "who", "unusual")
        query = f"SELECT {hash_of(IDENTITY_NUMBER, number)} FROM given CROSS JOIN secret ORDER BY place"
        return [row[0] for row in connection.execute(query).fetchall()]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.sampled_from(ODD)
        ),
        min_size=1,
    ),
    st.binary(min_size=1, max_size=100),
)
def test_the_engine_hashes_as_python_does(texts: list[str], key: bytes) -> None:
    expected = [
        hmac.new(key, b"identity_number:" + normalise(text).encode(), hashlib.sha256).hexdigest()
        for text in texts
    ]
    assert [keyed_hash(key, IDENTITY_NUMBER, text) for text in texts] == expected
    assert in_the_engine(texts, key) == expected


def test_a_digest_is_the_beginning_of_the_hash() -> None:
    with duckdb.connect() as connection:
        keep_secret(connection, KEY)
        row = connection.execute(
            f"SELECT {digest_of(IDENTITY_NUMBER, chr(39) + '990x' + chr(39))} FROM secret"
        ).fetchone()
    assert row and row[0].hex == keyed_hash(KEY, IDENTITY_NUMBER, "990-X")[:32]


def test_the_index_finds_persons_and_holds_no_name_and_no_number(store: Store) -> None:
    rows = pq.read_table(index_of(store, GX)).to_pylist()
    by_member = {row["member"]: row for row in rows}
    for person in PERSONS:
        row = by_member[person.member]
        assert row["digest"].hex == keyed_hash(KEY, IDENTITY_NUMBER, person.number)[:32]
        assert (row["household"], row["county"], row["province"]) == (person.household, person.county, GX)
        assert row["ambiguous"] == (person.number == PERSONS[-1].number)
    assert by_member["P001-0001"]["full_name"] == by_member["P001-0005"]["full_name"]
    assert by_member["P001-0001"]["surname"] != by_member["P001-0006"]["surname"]
    everything = index_of(store, GX).read_bytes() + households_of(store, GX).read_bytes()
    for text in (*NAMES, *(person.number for person in PERSONS)):
        assert text.encode() not in everything
    assert oct(index_of(store, GX).parent.stat().st_mode)[-2:] == "00"


def test_an_index_is_made_of_csv_and_counts_what_it_lacks(tmp_path: Path) -> None:
    households, members = tmp_path / "h.csv", tmp_path / "m.csv"
    households.write_text("household,county\nA,1\nB,2\n")
    members.write_text("household,member,identity_number\nA,a,1\nA,b,\nB,c,2\nB,d,2\nZ,z,9\n")
    told = write_persons(Store(tmp_path / "s"), GX, households=households, members=members, key=KEY)
    assert told == {"households": 2, "persons": 5, "without_number": 1, "ambiguous": 2}
    assert len(pq.read_table(index_of(Store(tmp_path / "s"), GX))) == 4
    members.write_text("household,person\nA,a\n")
    with pytest.raises(FeedError, match="there is no column 'member'"):
        write_persons(Store(tmp_path / "s"), GX, households=households, members=members, key=KEY)
    with pytest.raises(FeedError, match="cannot be read"):
        write_persons(
            Store(tmp_path / "s"), GX, households=tmp_path / "none.parquet", members=members, key=KEY
        )


def test_the_key_is_made_on_first_use_and_stays(tmp_path: Path) -> None:
    first = lookup_key(tmp_path)
    assert lookup_key(tmp_path) == first and len(first) == 32
    current, keys = open_keys(tmp_path / KEY_FILE)
    assert derived(keys[current], "lookup") == first != derived(keys[current], "seal")
    assert oct((tmp_path / KEY_FILE).stat().st_mode)[-3:] == "600"
    write_keys(tmp_path / KEY_FILE, [new_entry()], replace=False)
    assert lookup_key(tmp_path) == first
