"""The index of persons: who on the register a department means, without a name or a number in it.

`persons/CN-GX.parquet`, a row for each person with an identity number or something to be recognised by:
`digest` the first 128 bits of the keyed hash of the number; `household`, `member`, `county`, `area`, `province`;
`birth_date`, `sex`; `surname`, `full_name` 64 bits of keyed hashes of a name's parts. A number that stands with
several persons is `ambiguous` and leads to none of them. `persons/CN-GX.households.parquet` has the households.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from highground.methods.facts.literals import name, text
from highground.methods.facts.literals import path as path_literal
from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.hashing import (
    IDENTITY_NUMBER,
    digest_of,
    hash_of,
    keep_secret,
    normalise_column,
)
from highground.methods.store.engine import Limits, connect, first_row
from highground.methods.store.files import PARQUET, briefly, csv_header, csv_reader, is_parquet, tables_in
from highground.methods.store.layout import Store, checked_name
from highground.methods.store.publishing import whole_file

FULL_NAME, SURNAME = "full_name", "surname"
LINKED = {"birth_date": "DATE", "sex": "VARCHAR", "name": "VARCHAR"}


def index_of(store: Store, province: str) -> Path:
    """The index of the persons of a province."""
    return store.root / "persons" / f"{checked_name(province)}.parquet"


def households_of(store: Store, province: str) -> Path:
    """The households of a province with their counties."""
    return store.root / "persons" / f"{checked_name(province)}.households.parquet"


def indexed_provinces(store: Store) -> list[str]:
    """The provinces whose persons have been indexed."""
    found = (store.root / "persons").glob("*.households.parquet")
    return sorted(path.name.removesuffix(".households.parquet") for path in found)


def write_persons(
    store: Store,
    province: str,
    *,
    households: Path | pa.Table,
    members: Path | pa.Table,
    key: bytes,
    limits: Limits | None = None,
) -> dict[str, int]:
    """Index the persons of a province from the tables of its register, in files as they came or in memory.

    `members` needs the columns household and member, and has identity_number, name, birth_date and sex where they
    are known; `households` needs household and county, and may have area. `key` is the lookup key of the home
    folder. Returns counts: households, persons, without_number, ambiguous. Raises FeedError for tables without
    these columns.
    """
    with connect(limits) as connection:
        keep_secret(connection, key)
        _load(connection, "given_households", households, ("household", "county"), ("area",))
        _load(connection, "given_members", members, ("household", "member"), (IDENTITY_NUMBER, *LINKED))
        connection.execute(
            "CREATE TEMP TABLE h AS SELECT DISTINCT ON (household) household, county, area FROM given_households"
        )
        _hash_names(connection)
        number = normalise_column(connection, "given_members", IDENTITY_NUMBER, "unusual_numbers")
        connection.execute(
            f"CREATE TEMP TABLE people AS SELECT CASE WHEN {IDENTITY_NUMBER} IS NOT NULL"
            f" THEN {digest_of(IDENTITY_NUMBER, number)} END AS digest, household, member,"
            " TRY_CAST(birth_date AS DATE) AS birth_date, sex, name"
            " FROM given_members CROSS JOIN secret"
        )
        connection.execute(
            "CREATE TEMP TABLE twice AS SELECT digest FROM people WHERE digest IS NOT NULL GROUP BY digest"
            " HAVING COUNT(*) > 1"
        )
        _write(
            connection,
            index_of(store, province),
            f"SELECT p.digest, p.household, p.member, h.county, h.area, {text(province)} AS province, p.birth_date,"
            " p.sex, n.surname, n.full_name,"
            " p.digest IS NOT NULL AND p.digest IN (SELECT digest FROM twice) AS ambiguous"
            " FROM people AS p JOIN h ON h.household = p.household LEFT JOIN names AS n ON n.name = p.name"
            " ORDER BY h.county, p.household, p.member",
        )
        _write(
            connection,
            households_of(store, province),
            f"SELECT household, county, area, {text(province)} AS province FROM h ORDER BY county, household",
        )
        counts = first_row(
            connection,
            "SELECT (SELECT COUNT(*) FROM h), COUNT(*), COUNT(*) FILTER (digest IS NULL),"
            " COUNT(*) FILTER (digest IN (SELECT digest FROM twice)) FROM people",
        )
    assert counts is not None
    return dict(zip(("households", "persons", "without_number", "ambiguous"), counts, strict=True))


def index_folder(
    store: Store, source: Path, *, key: bytes, limits: Limits | None = None
) -> Iterator[tuple[str, dict[str, int]]]:
    """Index every province of a register that lies in a folder: `CN-GX/households.parquet` and `members`, or .csv.

    Each province with its counts. Raises FeedError for a folder without any.
    """
    found = [(one, one.members) for one in tables_in(source) if one.members is not None]
    if not found:
        raise FeedError(f"{source}: holds no files such as CN-GX/members.parquet; check the folder")
    for one, members in found:
        told = write_persons(
            store, one.province, households=one.households, members=members, key=key, limits=limits
        )
        yield one.province, told


def name_hashes(column: str) -> dict[str, str]:
    """SQL of the keyed hashes of a name's parts, 64 bits each; `secret` must be among the tables read.

    The surname is what stands before the first blank, else the first character: in Chinese names it is, but for the
    few surnames of two characters, where it is their first.
    """
    whole = f"lower(nfc_normalize(regexp_replace({column}, '[\\s·•]', '', 'g')))"
    first = (
        f"lower(nfc_normalize(CASE WHEN contains(trim({column}), ' ') THEN split_part(trim({column}), ' ', 1)"
        f" ELSE left(trim({column}), 1) END))"
    )
    return {
        SURNAME: f"CAST('0x' || LEFT({hash_of(SURNAME, first)}, 16) AS UBIGINT)",
        FULL_NAME: f"CAST('0x' || LEFT({hash_of(FULL_NAME, whole)}, 16) AS UBIGINT)",
    }


def _hash_names(connection: duckdb.DuckDBPyConnection) -> None:
    """The table `names`: each name once, with the hashes of its parts."""
    parts = ", ".join(f"{expression} AS {part}" for part, expression in name_hashes("name").items())
    connection.execute(
        f"CREATE TEMP TABLE names AS SELECT name, {parts} FROM"
        " (SELECT DISTINCT name FROM given_members WHERE name IS NOT NULL) CROSS JOIN secret"
    )


def _load(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    path: Path | pa.Table,
    needed: tuple[str, ...],
    optional: tuple[str, ...],
) -> None:
    """A view of a file with these columns as text; those that it lacks are empty."""
    try:
        if isinstance(path, pa.Table):
            reader = f"{table}_in_memory"
            connection.register(reader, path)
        elif is_parquet(path):
            reader = f"read_parquet({path_literal(path)})"
        else:
            reader = csv_reader(path, *csv_header(path, needed))
        described = connection.execute(f"DESCRIBE SELECT * FROM {reader}").fetchall()
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise FeedError(f"{path}: cannot be read: {briefly(error)}") from error
    there = {str(row[0]) for row in described}
    for one in needed:
        if one not in there:
            raise FeedError(f"{path}: there is no column '{one}'; name the column that holds it")
    columns = [
        f"NULLIF(TRIM(CAST({name(one)} AS VARCHAR)), '') AS {one}"
        if one in there
        else f"CAST(NULL AS VARCHAR) AS {one}"
        for one in (*needed, *optional)
    ]
    connection.execute(f"CREATE TEMP VIEW {table} AS SELECT {', '.join(columns)} FROM {reader}")


def _write(connection: duckdb.DuckDBPyConnection, path: Path, query: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole_file(path) as beside:
        connection.execute(f"COPY ({query}) TO {path_literal(beside)} ({PARQUET})")
