"""Which villages are exposed to which shocks on a day, and which households live there: set-wise, on the register."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import pyarrow as pa

from highground.methods.facts.literals import path
from highground.methods.shocks.recording import ShockError, read_shocks
from highground.methods.store.engine import arrow_table, connect
from highground.methods.store.layout import Store

EXPOSED = pa.schema(
    [("area", pa.string()), ("kind", pa.string()), ("since", pa.date32()), ("event", pa.string())]
)
TOWNSHIP = 9
"""Characters of a village's code that are its township's, where the code has twelve digits (GB/T 10114)."""
CODES = f"[province, city, county, CASE WHEN regexp_full_match(area, '[0-9]{{12}}') THEN area[:{TOWNSHIP}] END, area]"
"""The codes under which a village may be named."""


def exposed(
    store: Store, as_of: date, *, month: str | None = None, known_on: datetime | None = None
) -> pa.Table:
    """The exposed villages: `area`, `kind`, `since` (first day of the shock), `event` (its id), ordered by all.

    Villages are those of the register of `month`, else of the newest one. With `known_on`, shocks and ends that were
    recorded later are left out, as for a run that is played again. Raises ShockError where a shock exposes
    somebody and there is no register. Areas in which no household lives expose nobody (`empty_areas`).
    """
    shocks = read_shocks(store)
    if known_on is not None:
        shocks = [known for shock in shocks if (known := shock.as_known(known_on)) is not None]
    rows = [
        {"area": code, "kind": shock.kind, "since": shock.began, "event": shock.id}
        for shock in shocks
        if shock.exposes(as_of)
        for code in shock.areas
    ]
    if not rows:
        return EXPOSED.empty_table()
    with connect() as connection:
        connection.register("struck", pa.Table.from_pylist(rows, schema=EXPOSED))
        found = arrow_table(
            connection,
            "SELECT DISTINCT v.area, kind, since, event"
            f" FROM ({_villages(store, month)}) v JOIN struck s ON s.area = v.code ORDER BY ALL",
        )
    return found.cast(EXPOSED)


def empty_areas(store: Store, areas: Sequence[str], *, month: str | None = None) -> list[str]:
    """Those of the codes in which no household of the register lives: most likely mistyped. Raises ShockError."""
    with connect() as connection:
        connection.register("struck", pa.table({"area": pa.array(areas, pa.string())}))
        found = arrow_table(connection, f"SELECT DISTINCT code FROM ({_villages(store, month)})")
    lived_in = set(found["code"].to_pylist())
    return [code for code in areas if code not in lived_in]


def villages_exposed(exposure: pa.Table) -> pa.Table:
    """One row for each exposed village: `area`, `exposed_to` (kinds), `since` (first day), `events` (ids).

    A run joins this to its households by `area`; a household without a row is exposed to nothing.
    """
    with connect() as connection:
        connection.register("exposure", exposure)
        return arrow_table(
            connection,
            "SELECT area, list(DISTINCT kind ORDER BY kind) AS exposed_to, min(since) AS since,"
            " list(DISTINCT event ORDER BY event) AS events FROM exposure GROUP BY area ORDER BY area",
        )


def exposed_households(store: Store, exposure: pa.Table, *, month: str | None = None) -> pa.Table:
    """Households per county and event: `event`, `county`, `villages`, `households`, ordered by event and county."""
    with connect() as connection:
        connection.register("exposure", exposure)
        return arrow_table(
            connection,
            "SELECT event, county, count(DISTINCT area) AS villages, count(*) AS households"
            f" FROM {_register(store, month)} JOIN exposure USING (area) GROUP BY ALL ORDER BY ALL",
        )


def clues_after(exposure: pa.Table, clues: pa.Table) -> pa.Table:
    """The clues that followed a shock in the villages it exposed: `event` beside all columns of `clues`.

    `clues` has a row for each clue with at least `area` and `opened` (date). A clue stands once for each shock that
    began on its day or before.
    """
    with connect() as connection:
        connection.register("exposure", exposure)
        connection.register("clues", clues)
        return arrow_table(
            connection,
            "SELECT event, c.* FROM clues c JOIN exposure e ON e.area = c.area AND e.since <= c.opened"
            " ORDER BY ALL",
        )


def _register(store: Store, month: str | None) -> str:
    """SQL of the households of a month's register, of the newest if none is given."""
    months = store.register_months()
    if month is not None and month not in months:
        raise ShockError(f"{store.root}: has no register of {month}; it has {', '.join(months) or 'none'}")
    if not months:
        raise ShockError(f"{store.root}: has no register yet, so nobody knows which villages lie in an area")
    folder = path(store.register(month or months[-1]))
    return f"read_parquet({folder} || '/*/households.parquet')"


def _villages(store: Store, month: str | None) -> str:
    """SQL: each village that somebody struck may lie in, once for each code under which it may be named."""
    return (
        f"SELECT DISTINCT area, code FROM (SELECT area, unnest({CODES}) AS code FROM"
        f" (SELECT DISTINCT province, city, county, area FROM {_register(store, month)}))"
        " WHERE code IN (SELECT area FROM struck)"
    )
