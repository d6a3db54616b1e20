"""Which village each sending unit is paired with, where nothing is settled yet.

A unit is paired with one village and a village with one unit, as the national practice has it. As many units as can be are
paired; among these pairings the one is chosen in which the people whom the units nominate fit best.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from highground.methods.allocate.arrays import Bools, Ints
from highground.methods.allocate.norms import Norms
from highground.methods.allocate.pairing import Fit, barred_by
from highground.methods.allocate.tables import list_rows, place_in

MOST_CHOICES = 60
"""A unit may be paired with one of so many villages: those that its people fit best."""


def pair_units(
    people: pa.Table, villages: pa.Table, units: pa.Table, norms: Norms, *, year: int
) -> dict[str, str]:
    """Pairings of units that have none with villages that have none: unit to village.

    The tables are those of `make_pairs`. What a pairing is worth is the sum of the points of the unit's best people there, as
    many as its cap and the team of the village have room for. A unit none of whose people may go anywhere stays unpaired.
    Deterministic. Needs OR-tools.
    """
    codes = units.column("unit").combine_chunks()
    row, paired = list_rows(units.column("paired_villages"))
    free_units = np.setdiff1d(np.arange(len(units)), row)
    ids = villages.column("village")
    free_villages = np.setdiff1d(np.arange(len(villages)), place_in(paired, ids))
    if not len(free_units) or not len(free_villages):
        return {}
    some = villages.take(pa.array(free_villages))
    seats = np.asarray(some.column("leads").to_numpy() + some.column("members").to_numpy(), dtype=np.int64)
    caps = np.asarray(units.column("cap").to_numpy(), dtype=np.int64)
    of_unit = place_in(people.column("unit"), codes)
    barred = barred_by(people, norms, year)
    able = np.array([one not in barred for one in people.column("person").to_pylist()], dtype=np.bool_)
    fit = Fit(people, some, units, norms, year=year)
    found: list[tuple[Ints, Ints, Ints]] = []
    for unit in free_units:
        rows = np.flatnonzero((of_unit == unit) & able)
        if len(rows):
            points, allowed = fit.allowed(rows)
            found.append(_choices(int(unit), points, allowed, np.minimum(seats, caps[unit])))
    none = np.zeros(0, dtype=np.int64)
    unit, village, worth = (np.concatenate([none, *(one[part] for one in found)]) for part in range(3))
    if not len(worth):
        return {}
    chosen = _assign(unit, village, worth)
    names, places = codes.to_pylist(), some.column("village").to_pylist()
    return {names[unit[one]]: places[village[one]] for one in chosen}


def _choices(unit: int, points: Ints, allowed: Bools, room: Ints) -> tuple[Ints, Ints, Ints]:
    """The villages that one unit could be paired with, and what each pairing is worth; the best `MOST_CHOICES`."""
    held = np.where(allowed, points, 0)
    ordered = -np.sort(-held, axis=0)
    summed = np.cumsum(ordered, axis=0)
    last = np.minimum(np.minimum(room, allowed.sum(axis=0)), len(points)) - 1
    some = np.flatnonzero(last >= 0)
    worth = summed[last[some], some]
    best = np.argsort(-worth, kind="stable")[:MOST_CHOICES]
    return np.full(len(best), unit, dtype=np.int64), some[best], worth[best]


def _assign(unit: Ints, village: Ints, worth: Ints) -> list[int]:
    """The rows of the chosen pairings: as many as can be, then worth the most."""
    from ortools.graph.python import min_cost_flow

    units, from_unit = np.unique(unit, return_inverse=True)
    villages, to_village = np.unique(village, return_inverse=True)
    source, sink = len(units) + len(villages), len(units) + len(villages) + 1
    flow = min_cost_flow.SimpleMinCostFlow()
    pairs = flow.add_arcs_with_capacity_and_unit_cost(
        from_unit, len(units) + to_village, np.ones(len(unit), dtype=np.int64), worth.max() - worth
    )
    for nodes, tail in ((np.arange(len(units)), True), (len(units) + np.arange(len(villages)), False)):
        ends = np.full(len(nodes), source if tail else sink)
        ones, free = np.ones(len(nodes), dtype=np.int64), np.zeros(len(nodes), dtype=np.int64)
        flow.add_arcs_with_capacity_and_unit_cost(
            ends if tail else nodes, nodes if tail else ends, ones, free
        )
    flow.set_node_supply(source, len(units))
    flow.set_node_supply(sink, -len(units))
    if flow.solve_max_flow_with_min_cost() != flow.OPTIMAL:
        raise RuntimeError("the pairings of units were not solved")
    return [int(one) for one in np.flatnonzero(flow.flows(pairs))]
