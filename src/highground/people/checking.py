"""What the numbers of a batch say of themselves, as facts: recorded when the numbers are sealed."""

from __future__ import annotations

import datetime

import pyarrow as pa
import pyarrow.compute as pc

from highground.files.staging import fetch, staged
from highground.methods.feeds.hashing import normalise
from highground.people.bulk import OBSERVATIONS
from highground.people.enums import Protected
from highground.people.identity import check_disability_card, check_identity

COUNTRY = "CN"
"""The country whose identity numbers are checked; others say nothing about theirs."""


def identity_facts(protected: pa.Table, day: datetime.date) -> pa.Table:
    """`identity_check` and `disability_card_check` of every member in `protected` with an identity number, or none.

    `protected` has household and member (ids), kind and value (plain; null where the source has none). A number
    that an earlier source gave is not missing. Rows as `bulk.OBSERVATIONS`; two statements, whatever the rows.
    """
    numbers = protected.filter(
        pc.and_(pc.equal(protected["kind"], Protected.IDENTITY_NUMBER), pc.is_valid(protected["member"]))
    )
    if not numbers.num_rows:
        return OBSERVATIONS.empty_table()
    with staged(numbers.select(["household", "member"])) as asked:
        checked = fetch(
            f"SELECT DISTINCT s.member FROM {asked} s JOIN people_household h ON h.id = s.household "
            "JOIN areas_area a ON a.id = h.area_id WHERE a.country = %s",
            (COUNTRY,),
            _MEMBER,
        )
        known = fetch(
            f"SELECT p.member_id FROM {asked} s JOIN people_protectedvalue p ON p.member_id = s.member AND p.kind = %s",
            (Protected.IDENTITY_NUMBER,),
            _MEMBER,
        )
    wanted, held = set(checked["member"].to_pylist()), set(known["member"].to_pylist())
    found: dict[tuple[int, str], dict[str, object]] = {}
    for row in numbers.to_pylist():
        number = normalise(row["value"] or "").upper()
        if row["member"] not in wanted or (not number and row["member"] in held):
            continue
        for fact, check in (
            ("identity_check", check_identity),
            ("disability_card_check", check_disability_card),
        ):
            found[row["member"], fact] = {
                "household": row["household"],
                "member": row["member"],
                "fact": fact,
                "value": str(check(number)),
                "valid_from": day,
                "valid_to": None,
            }
    return pa.Table.from_pylist(list(found.values()), schema=OBSERVATIONS)


_MEMBER = pa.schema([("member", pa.int64())])
