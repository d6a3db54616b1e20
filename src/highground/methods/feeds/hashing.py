"""The keyed hash under which a person is found: the same in Python and in the engine, useless without the key.

It is HMAC-SHA256 (RFC 2104) of the kind and the normalised text. The engine has SHA-256 but no HMAC, so the two
padded keys stand in a table `secret` of one row, and no statement and no error message holds them.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

import duckdb
import pyarrow as pa

from highground.methods.facts.literals import text

IDENTITY_NUMBER = "identity_number"
_BLOCK = 64
_DROPPED = "-‐–."
_PLAIN_DROPPED = " \t\n\r\f\v\x1c\x1d\x1e\x1f-."


def normalise(value: str) -> str:
    """One form for what people write in several: full-width digits, blanks, hyphens and case do not matter."""
    folded = unicodedata.normalize("NFKC", value).casefold()
    return "".join(character for character in folded if not character.isspace() and character not in _DROPPED)


def keyed_hash(key: bytes, kind: str, value: str) -> str:
    """The keyed hash of a value of one kind, in hexadecimal."""
    return hmac.new(key, f"{kind}:{normalise(value)}".encode(), hashlib.sha256).hexdigest()


def keep_secret(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Make the table `secret` that `hash_of` reads."""
    padded = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    pads = [bytes(byte ^ pad for byte in padded) for pad in (0x36, 0x5C)]
    connection.execute("CREATE OR REPLACE TEMP TABLE secret (inner_pad BLOB, outer_pad BLOB)")
    connection.execute("INSERT INTO secret VALUES (?, ?)", pads)


def hash_of(kind: str, normalised: str) -> str:
    """SQL: the keyed hash in hexadecimal of a text that is normalised; `secret` must be among the tables read."""
    message = f"encode({text(kind + ':')} || {normalised})"
    return f"sha256(secret.outer_pad || unhex(sha256(secret.inner_pad || {message})))"


def digest_of(kind: str, normalised: str) -> str:
    """SQL: the first 128 bits of the keyed hash, in the type that joins fastest."""
    return f"CAST(LEFT({hash_of(kind, normalised)}, 32) AS UUID)"


def normalise_column(connection: duckdb.DuckDBPyConnection, relation: str, column: str, table: str) -> str:
    """SQL that normalises a text column of `relation` as `normalise` does; `column` must stand in it as written here.

    Plain characters are folded by the engine. What else there is (full-width digits, other scripts) is normalised in
    Python, each text once, into `table`, which the expression reads.
    """
    folded = f"translate(lower({column}), {text(_PLAIN_DROPPED)}, '')"
    unusual = connection.execute(
        f"SELECT DISTINCT {column} FROM {relation} WHERE strlen({column}) <> length({column})"
    ).fetchall()
    if not unusual:
        return folded
    written = [value for (value,) in unusual]
    both = pa.table({"written": written, "normalised": [normalise(value) for value in written]})
    connection.register(f"{table}_arrow", both)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT * FROM {table}_arrow")
    connection.unregister(f"{table}_arrow")
    other = f"(SELECT normalised FROM {table} WHERE written = {column})"
    return f"CASE WHEN strlen({column}) = length({column}) THEN {folded} ELSE {other} END"
