"""The index of persons made from the register: whom departments mean in their files, found by keyed hashes alone.

`highground feed persons` makes it from the tables of a register as they came. An office that has its register in its
database makes it here; names and numbers are opened in memory only, and written nowhere in the clear.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from highground.audit.actions import record
from highground.methods.feeds.keyfile import lookup_key
from highground.methods.feeds.persons import write_persons
from highground.methods.store import Store
from highground.people.models import Member, ProtectedValue
from highground.people.queries import names_of
from highground.people.snapshot import Snapshot

OPENED = ("name", "identity_number")


@dataclass(frozen=True)
class Indexed:
    """What was indexed by province, and how many households lie in none."""

    provinces: dict[str, dict[str, int]]
    without_province: int


def index_persons(snapshot: Snapshot, store: Store, *, by: str) -> Indexed:
    """Index the persons of a snapshot of this register in a store, province by province; one event."""
    homes = pq.read_table(
        snapshot.folder / "households.parquet", columns=["household", "area", "province", "county"]
    )
    members = _named(snapshot.folder / "members.parquet")
    key, told = lookup_key(settings.HIGHGROUND_HOME), {}
    for province in sorted(set(homes["province"].to_pylist()) - {None}):
        there = homes.filter(pc.equal(homes["province"], province))
        here = members.filter(pc.is_in(members["household"], value_set=there["household"].combine_chunks()))
        told[province] = write_persons(store, province, households=there, members=here, key=key)
    with transaction.atomic():
        record(
            "people.index_persons",
            by=by,
            subject_kind="snapshot",
            subject_id=snapshot.manifest["id"],
            data={"persons": sum(one["persons"] for one in told.values()), "provinces": sorted(told)},
        )
    return Indexed(told, homes["province"].null_count)


def _named(path: Path) -> pa.Table:
    """The members of a snapshot with their names and numbers, in memory."""
    there = pq.read_schema(path).names
    members = pq.read_table(
        path, columns=[one for one in ("household", "member", "birth_date", "sex") if one in there]
    )
    everybody = ProtectedValue.objects.everywhere(reason="persons are indexed, from the command line")
    opened = names_of(everybody.filter(kind__in=OPENED, member__isnull=False).iterator(chunk_size=5_000))
    ids = dict(
        Member.objects.everywhere(reason="persons are indexed, from the command line").values_list(
            "key", "pk"
        )
    )
    for kind in OPENED:
        values = [opened.get((ids[one], kind)) for one in members["member"].to_pylist()]
        members = members.append_column(kind, pa.array(values, pa.string()))
    return members
