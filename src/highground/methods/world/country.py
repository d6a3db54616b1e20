"""Put the synthetic country together: areas, households, members, dated facts, sources, and the hidden truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

import numpy as np
import pyarrow as pa

from highground.methods.world.chance import Floats, Ints, make_keys, stream
from highground.methods.world.china import China, make_china, write_checkups, write_register, write_visits
from highground.methods.world.families import Families
from highground.methods.world.feeds import write_feeds
from highground.methods.world.lao import LAO_LINE, Lao, make_lao, write_lao
from highground.methods.world.ledger import Ledger
from highground.methods.world.places import Places, make_places
from highground.methods.world.risks import RiskReports, risk_texts, standing_risks

RUN_GAP_DAYS = 35
"""Days between the two screening runs that the shocks are dated for: one so long ago, one today."""


@dataclass(frozen=True)
class Country:
    """A synthetic country as Arrow tables. Every person and figure in it is invented.

    - `areas`: code, country, level, parent, iso, en, zh, lo, synthetic; parents before children.
    - `households`: household (pseudonym), number (of the source), area (village code), synthetic.
    - `members`: household, member (pseudonym), number (within the household), since (registration or birth).
    - `facts`: household, member (null for the household's own), fact, value (text), valid_from, source;
      ordered by household, member, fact and day, at most one value per fact and day.
    - `sources`: source, kind (import, visit, department), name, day.
    - `truth`: what no register knows; see `_truth`.
    """

    seed: int
    today: date
    areas: pa.Table
    households: pa.Table
    members: pa.Table
    facts: pa.Table
    sources: pa.Table
    truth: pa.Table

    @property
    def first_run(self) -> date:
        """The day of the earlier of the two screening runs."""
        return self.today - timedelta(days=RUN_GAP_DAYS)

    @property
    def digest(self) -> str:
        """A hash over all tables: the same for the same seed, day and sizes."""
        total = sha256()
        for table in (self.areas, self.households, self.members, self.facts, self.sources, self.truth):
            sink = pa.BufferOutputStream()
            with pa.ipc.new_stream(sink, table.schema) as writer:
                writer.write_table(table.combine_chunks())
            total.update(sink.getvalue())
        return total.hexdigest()


def make_country(
    seed: int,
    today: date,
    *,
    counties: int = 1,
    households: int = 20_000,
    lao_households: int = 800,
    line: int = 8_300,
) -> Country:
    """Make the country as it is known on `today`, the same for the same arguments.

    `households` are per county (150 villages each); `line` is the monitoring line of the invented province,
    in yuan per person and year, to which incomes are scaled. Raises ValueError for more counties than there
    are names, or fewer households than villages.
    """
    places = make_places(seed, counties)
    if households < len(places.chinese) // counties or lao_households < len(places.lao):
        raise ValueError("give at least one household per village")
    day = (today - date(1970, 1, 1)).days
    village = _villages_of(seed, "villages", households * counties, len(places.chinese))
    lao_village = _villages_of(seed, "lao villages", lao_households, len(places.lao))
    ledger = Ledger()
    china = make_china(ledger, seed, day, village, places.township, places.township_names, line)
    lao = make_lao(ledger, seed, day, lao_village, len(village), len(china.part.families.household))
    write_register(china)
    risks = RiskReports.joined([write_checkups(china), write_feeds(china)]).gathered()
    china.part.write(
        "risks", risk_texts(risks.bits), household=risks.household, day=risks.day, source=risks.source
    )
    write_visits(china)
    write_lao(lao)
    return _tables(seed, today, places, ledger, china, lao)


def _villages_of(seed: int, topic: str, households: int, villages: int) -> Ints:
    """The village of each household, in order; villages differ in size, none is empty."""
    chance = stream(seed, topic)
    weight = np.exp(chance.normal(0.0, 0.3, villages))
    size = 1 + np.floor((households - villages) * weight / weight.sum()).astype(np.int64)
    size[: households - size.sum()] += 1
    return np.repeat(np.arange(villages), size)


def _tables(seed: int, today: date, places: Places, ledger: Ledger, china: China, lao: Lao) -> Country:
    families = (china.part.families, lao.part.families)
    counts = [each.households for each in families]
    codes = pa.array([places.chinese[each] for each in china.part.village.tolist()])
    codes = pa.concat_arrays([codes, pa.array([places.lao[each] for each in lao.part.village.tolist()])])
    keys = pa.array(make_keys(seed, sum(counts)))
    member_keys = pa.array(make_keys(seed + 1, sum(len(each.household) for each in families)))
    number = np.concatenate([_number_within(each) for each in families])
    since = np.maximum(np.concatenate([each.born for each in families]), china.part.registered_on)
    seen = np.concatenate([china.part.seen[families[0].household], lao.part.seen[families[1].household]])
    house = np.concatenate([families[0].household, families[1].household + counts[0]])
    return Country(
        seed=seed,
        today=today,
        areas=places.areas,
        households=pa.table(
            {
                "household": keys,
                "number": [f"{each:05d}" for count in counts for each in range(1, count + 1)],
                "area": codes,
                "synthetic": pa.repeat(pa.scalar(True), sum(counts)),
            }
        ),
        members=pa.table(
            {
                "household": keys.take(pa.array(house)),
                "member": member_keys,
                "number": number,
                "since": pa.array(since.astype(np.int32)).cast(pa.date32()),
            }
        ).filter(pa.array(seen)),
        facts=ledger.table(keys, member_keys, number),
        sources=ledger.sources(),
        truth=_truth(keys, china, lao),
    )


def _number_within(families: Families) -> Ints:
    return np.arange(1, len(families.household) + 1) - families.first[families.household]


def _truth(keys: pa.Array, china: China, lao: Lao) -> pa.Table:
    """The hidden truth on the last day, one row per household of the world.

    `persons` share the budget; `income` and `reference` are per person (net income, and net income plus claims
    less out-of-pocket spending; yuan per year, in the Lao part kip per month, where both are the same); `line`
    is in the same units; `at_risk` is true where a shock struck or a standing risk weighs; `hardship` where the
    reference is within the line and the household is at risk; `unseen` where no data has the household.
    """
    part, history = china.part, china.history
    today = np.full(part.families.households, part.today)
    struck = np.zeros(part.families.households, dtype=np.bool_)
    for shock in (history.shocks.illness, history.shocks.job_loss, history.shocks.flood):
        struck[shock.household] = True
    persons: Ints = china.base.persons
    reference: Floats = history.reference(today) / persons
    at_risk = struck | (standing_risks(part.families, china.bodies) > 0)
    poor = lao.income <= LAO_LINE
    many = lao.deprived.sum(axis=1) >= 3
    return pa.table(
        {
            "household": keys,
            "persons": np.concatenate([persons, lao.part.families.count(lao.bodies.shares_budget)]),
            "income": np.concatenate([history.net(today) / persons, lao.income.astype(np.float64)]),
            "reference": np.concatenate([reference, lao.income.astype(np.float64)]),
            "line": np.repeat([china.line, LAO_LINE], [len(persons), len(poor)]),
            "struck": np.concatenate([struck, np.zeros(len(poor), dtype=np.bool_)]),
            "at_risk": np.concatenate([at_risk, many]),
            "hardship": np.concatenate([at_risk & (reference <= china.line), poor & many]),
            "unseen": np.concatenate([~part.seen, ~lao.part.seen]),
        }
    )
