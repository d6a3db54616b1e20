"""The invented areas, households and facts brought into the register by the rooms' own actions.

What came in over three years is recorded month by month, so that "as known on a day" answers as it would in
an office that had been at work all the time.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from highground.areas.actions import AreaRow, import_areas
from highground.areas.models import Area
from highground.files.staging import refresh_statistics
from highground.methods.world import Country
from highground.people.actions import receive, record_observations, source_of
from highground.people.models import Household, Member, Observation

BY = "demo"
LANGUAGES = ("en", "zh", "lo")
REGISTERS = {"CN": "longhe", "LA": "namsai"}
"""The numbering of each part's households."""


def add_areas(country: Country) -> None:
    """Add all areas to the tree."""
    rows = [
        AreaRow(
            row=number,
            code=area["code"],
            level=area["level"],
            parent=area["parent"] or "",
            names={language: area[language] for language in LANGUAGES if area[language]},
            iso=area["iso"] or "",
            synthetic=area["synthetic"],
        )
        for number, area in enumerate(country.areas.to_pylist(), start=1)
    ]
    import_areas(rows, by=BY, today=country.today)


def add_households(country: Country) -> None:
    """Add households and members under their own numbers; who was born later comes in the month of birth."""
    areas = dict(Area.objects.values_list("code", "pk"))
    households, members = _numbered_households(country), _numbered_members(country)
    for register in REGISTERS.values():
        mine = households.filter(pc.equal(households["register"], register))
        homes = pa.table(
            {
                "number": mine["number"],
                "area": pa.array([areas[code] for code in mine["area"].to_pylist()], pa.int64()),
                "day": pa.repeat(pa.scalar(_registered_on(country), pa.date32()), mine.num_rows),
            }
        )
        theirs = members.filter(pc.equal(members["register"], register))
        for place, (day, rows) in enumerate(_deliveries(theirs, theirs["day"], country)):
            named = pc.is_in(homes["number"], rows["household"].combine_chunks())
            receive(
                register=register,
                # the first delivery also names the households of which nothing else will ever be known
                households=homes.filter(named) if place else homes,
                members=rows.select(["number", "household", "day"]),
                source=source_of(kind="import", name=f"Household registration, {register}", day=day),
                by=BY,
                today=day,
                synthetic=True,
            )


def record_facts(country: Country) -> Iterator[float]:
    """Record the facts of every source, month by month; yields each time the share that was done."""
    facts = country.facts
    home = pc.index_in(facts["household"], country.households["household"].combine_chunks())
    who = pc.index_in(facts["member"], country.members["member"].combine_chunks())
    table = pa.table(
        {
            "household": _ids(Household, _numbered_households(country)).take(home),
            "member": _ids(Member, _numbered_members(country)).take(who),
            **{name: facts[name] for name in ("fact", "value", "valid_from", "source")},
        }
    )
    sources = country.sources.to_pylist()
    deliveries = _deliveries(table, facts["valid_from"], country, facts["source"])
    for place, (day, rows) in enumerate(deliveries):
        known = sources[rows["source"][0].as_py()]
        source = source_of(kind=known["kind"], name=known["name"], day=known["day"])
        record_observations(rows.drop_columns("source"), by=BY, source=source, today=day)
        if place == 0 and connection.vendor == "postgresql":
            # Until it knows how large the table has become, PostgreSQL would scan it for every row that follows.
            refresh_statistics(Observation)
        yield rows.num_rows / facts.num_rows


def _registered_on(country: Country) -> datetime.date:
    day: datetime.date = country.sources["day"][0].as_py()
    return day


def _deliveries(
    table: pa.Table, days: pa.ChunkedArray, country: Country, source: pa.ChunkedArray | None = None
) -> Iterator[tuple[datetime.date, pa.Table]]:
    """The rows by source and month, with the last day in each; the day of the first run divides its month."""
    number = days.cast(pa.int32()).to_numpy().astype(np.int64)
    month = number.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first_run = (country.first_run - datetime.date(1970, 1, 1)).days
    group: npt.NDArray[np.int64] = month * 2 + (number > first_run)
    if source is not None:
        group += source.to_numpy().astype(np.int64) * 10_000
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
        rows = order[start:end]
        yield (
            datetime.date(1970, 1, 1) + datetime.timedelta(days=int(number[rows].max())),
            table.take(pa.array(rows)),
        )


def _numbered_households(country: Country) -> pa.Table:
    """Households as the registers number them: register, number, area."""
    households = country.households
    register = pc.if_else(pc.starts_with(households["area"], "CN"), REGISTERS["CN"], REGISTERS["LA"])
    return pa.table({"register": register, "number": households["number"], "area": households["area"]})


def _numbered_members(country: Country) -> pa.Table:
    """Members as the registers number them: register, household (its number), number, day."""
    members = country.members
    home = pc.index_in(members["household"], country.households["household"].combine_chunks())
    homes = _numbered_households(country).take(home)
    number = pc.binary_join_element_wise(homes["number"], members["number"].cast(pa.string()), "-")
    return pa.table(
        {
            "register": homes["register"],
            "household": homes["number"],
            "number": number,
            "day": members["since"],
        }
    )


def _ids(model: type[Household] | type[Member], numbered: pa.Table) -> pa.Array:
    """The database's ids for rows of register and number."""
    rows = model.objects.everywhere(reason="filling the demonstration").values_list(
        "register", "number", "pk"
    )
    known = {(register, number): pk for register, number, pk in rows.iterator(chunk_size=20_000)}
    pairs = zip(numbered["register"].to_pylist(), numbered["number"].to_pylist(), strict=True)
    return pa.array([known[pair] for pair in pairs], pa.int64())
