"""Who may go where, and how well one person fits one village: the pairs that a plan chooses from.

What concerns one person and one village alone is settled here. A rule that forbids leaves no pair, and says which rule it
was; everything else is points, by the weights of the norms. Ethnic group is no column here: a language counts where somebody
speaks it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from highground.methods.allocate.arrays import Bools, Floats, Ints
from highground.methods.allocate.norms import Norms
from highground.methods.allocate.tables import list_rows, place_in

AT_ONCE = 2_000_000
MOST_VILLAGES = 60
SAID = {"not_sent": "occupation"}
"""What a rule of the norms is called as a reason."""


@dataclass(frozen=True)
class Pairs:
    """`table`: person, village, points. `barred`: people who may go nowhere, and the rule; `forbidden`: pairs by rule.

    Rules that only cost points (`Norms.soft`) are in the points.
    """

    table: pa.Table
    barred: dict[str, str]
    forbidden: Counter[str]


def make_pairs(people: pa.Table, villages: pa.Table, units: pa.Table, norms: Norms, *, year: int) -> Pairs:
    """The pairs of these people and villages under the norms; of each person at most 60, those with the most points.

    The people of a unit that is paired with a village gain many points there: they fill other seats only where these would
    stay empty or gain more. Without pairings everybody stands in one pool.

    Beside the columns of `tables.COLUMNS`, `people` has `born` (a year or null), `occupation`, `frail`, `limit` (kilometres
    from home, or null) and `kin` (a list of villages where kin hold office). Of both tables `x` and `y` may be null: a
    distance that is not known counts as none gained, and keeps nobody away.
    """
    barred = barred_by(people, norms, year)
    able = np.array([one not in barred for one in people.column("person").to_pylist()], dtype=np.bool_)
    rows = np.flatnonzero(able)
    fit = Fit(people, villages, units, norms, year=year)
    forbidden: Counter[str] = Counter()
    parts: list[tuple[Ints, Ints, Ints]] = []
    step = max(1, AT_ONCE // max(1, len(villages)))
    for start in range(0, len(rows), step):
        some = rows[start : start + step]
        points, rules = fit.of(some)
        allowed = np.ones(points.shape, dtype=np.bool_)
        for rule, broken in rules.items():
            forbidden[rule] += int((broken & allowed).sum())
            allowed &= ~broken
        parts.append(_best(some, points, allowed))
    person, village, points = (
        np.concatenate([part[one] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
        for one in range(3)
    )
    table = pa.table(
        {
            "person": people.column("person").take(pa.array(person)),
            "village": villages.column("village").take(pa.array(village)),
            "points": pa.array(points, pa.int32()),
        }
    )
    return Pairs(table, barred, +forbidden)


def why_forbidden(
    people: pa.Table,
    villages: pa.Table,
    units: pa.Table,
    norms: Norms,
    person: str,
    village: str,
    *,
    year: int,
) -> str | None:
    """The rule that keeps a person from a village, None where none does."""
    one = people.filter(pc.equal(people.column("person"), person))
    if barred := barred_by(one, norms, year).get(person):
        return barred
    place = villages.filter(pc.equal(villages.column("village"), village))
    _, rules = Fit(one, place, units, norms, year=year).of(np.arange(len(one)))
    return next((rule for rule, broken in rules.items() if broken.any()), None)


def barred_by(people: pa.Table, norms: Norms, year: int) -> dict[str, str]:
    """Who may be sent nowhere, and the rule."""
    ids = people.column("person").to_pylist()
    found: dict[str, str] = {}
    for rule, breaks in reversed(_own_rules(people, norms, year).items()):
        if rule not in norms.soft:
            found |= {ids[row]: SAID.get(rule, rule) for row in np.flatnonzero(breaks).tolist()}
    return found


def _own_rules(people: pa.Table, norms: Norms, year: int) -> dict[str, Bools]:
    """For each rule on a person alone, who breaks it."""
    born = people.column("born").cast(pa.float64()).to_numpy(zero_copy_only=False)
    occupation = people.column("occupation").to_numpy(zero_copy_only=False)
    return {"not_sent": np.isin(occupation, norms.not_sent), "age": year - born > norms.age}


class Fit:
    """The points and the rules of people and villages, some people at a time. The tables are those of `make_pairs`."""

    def __init__(
        self, people: pa.Table, villages: pa.Table, units: pa.Table, norms: Norms, *, year: int
    ) -> None:
        self._points, self._soft, self._too_remote = norms.points, norms.soft, norms.too_remote
        self._own = np.zeros(len(people), dtype=np.int64)
        for rule, breaks in _own_rules(people, norms, year).items():
            self._own += norms.soft.get(rule, 0) * breaks
        ids = villages.column("village")
        self._at = _places(people), _places(villages)
        self._home = place_in(people.column("home_village"), ids)
        self._kin = _matrix(people.column("kin"), ids.combine_chunks())
        self._limit = people.column("limit").cast(pa.float64()).to_numpy(zero_copy_only=False)
        self._frail = people.column("frail").to_numpy(zero_copy_only=False).astype(np.bool_)
        self._remote = villages.column("remoteness").cast(pa.float64()).to_numpy(zero_copy_only=False)
        self._needs = _matrix(
            villages.column("needs"), known := pc.unique(list_rows(villages.column("needs"))[1])
        )
        self._skills = _matrix(people.column("skills"), known)
        spoken = villages.column("language")
        languages = pc.drop_null(pc.unique(spoken))
        self._language = place_in(spoken, languages)
        self._speaks = _matrix(people.column("languages"), languages)
        self._paired = self._paired_with(people, units, ids)

    @staticmethod
    def _paired_with(people: pa.Table, units: pa.Table, ids: pa.ChunkedArray) -> Ints:
        row, village = list_rows(units.column("paired_villages"))
        of_unit = np.full(len(units) + 1, -1, dtype=np.int64)
        of_unit[row] = place_in(village, ids)
        found: Ints = of_unit[place_in(people.column("unit"), units.column("unit"))]
        return found

    def allowed(self, people: Ints) -> tuple[Ints, Bools]:
        """The points of each of these people (rows of the table) in each village, and where no rule forbids it."""
        points, rules = self.of(people)
        allowed = np.ones(points.shape, dtype=np.bool_)
        for broken in rules.values():
            allowed &= ~broken
        return points, allowed

    def of(self, people: Ints) -> tuple[Ints, dict[str, Bools]]:
        """The points of each of these people in each village, and for each rule that forbids where it does."""
        weight, count = self._points, len(self._remote)
        (px, py), (vx, vy) = self._at
        far = np.hypot(vx[None, :] - px[people, None], vy[None, :] - py[people, None])
        met = self._skills[people] @ self._needs.T
        speaks = np.zeros((len(people), count), dtype=np.bool_)
        some = self._language >= 0
        speaks[:, some] = self._speaks[people][:, self._language[some]] > 0
        paired = self._paired[people, None] == np.arange(count)[None, :]
        near = np.where(np.isnan(far), 0.0, np.exp(-far / weight["near_kilometres"]))
        worth = (
            weight["base"] + weight["each_need"] * met + weight["language"] * speaks + weight["paired"] * paired
            + weight["near"] * near - weight["remote"] * np.nan_to_num(self._remote)[None, :]
        )  # fmt: skip
        rules = {
            "home": self._home[people, None] == np.arange(count)[None, :],
            "kin": self._kin[people] > 0,
            "distance": far > self._limit[people, None],
            "health": self._frail[people, None] & (self._remote[None, :] > self._too_remote),
        }
        points = np.rint(worth).astype(np.int64) - self._own[people, None]
        for rule, minus in self._soft.items():
            if rule in rules:
                points -= minus * rules.pop(rule)
        return points, rules


def _places(table: pa.Table) -> tuple[Floats, Floats]:
    x, y = (table.column(one).cast(pa.float64()).to_numpy(zero_copy_only=False) for one in ("x", "y"))
    return x, y


def _matrix(lists: pa.ChunkedArray, known: pa.Array) -> Ints:
    """One row for each list, one column for each known word: 1 where the list holds it."""
    row, word = list_rows(lists)
    found = np.zeros((len(lists), len(known)), dtype=np.int64)
    place = place_in(word, known) if len(known) else np.full(len(word), -1)
    found[row[place >= 0], place[place >= 0]] = 1
    return found


def _best(people: Ints, points: Ints, allowed: Bools) -> tuple[Ints, Ints, Ints]:
    """The pairs of each person with the most points; of equals the first villages."""
    order = np.argsort(np.where(allowed, -points, np.iinfo(np.int64).max), axis=1, kind="stable")[
        :, :MOST_VILLAGES
    ]
    kept = np.take_along_axis(allowed, order, axis=1)
    row, column = np.nonzero(kept)
    village = order[row, column]
    return people[row], village, points[row, village]
