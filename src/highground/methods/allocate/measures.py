"""Which measure each household gets under the budgets of the counties."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from highground.methods.allocate.arrays import Ints
from highground.methods.allocate.choose import Choice, Options, choose
from highground.methods.allocate.policy import Finding
from highground.methods.allocate.tables import need, place_in

MOST_MONEY = 1 << 50


def choose_measures(options: pa.Table, budgets: pa.Table) -> tuple[pa.Table, Choice, list[Finding]]:
    """At most one measure (or package of measures) for each household, within every county's budget.

    `options`: household, measure, county, value (points), cost (minor units of the currency). `budgets`: county, budget.
    Returns the chosen rows; the choice, whose price for each row of `budgets` is what one more minor unit would be worth in
    points; and findings for counties without a budget. Raises InputError for a missing column or a cost below 0.
    """
    columns = ["household", "measure", "county", "value", "cost"]
    need(options, "options", columns, {"value": None, "cost": MOST_MONEY})
    need(budgets, "budgets", ["county", "budget"], {"budget": MOST_MONEY})
    county = place_in(options.column("county"), budgets.column("county"))
    known = np.flatnonzero(county >= 0)
    findings = []
    if len(known) < len(county):
        row = int(np.argmax(county < 0))
        what = f"county '{options.column('county')[row]}' has no budget ({len(county) - len(known):,} rows)"
        findings.append(Finding("budgets", what, "add a row with its budget, 0 if there is none"))
    households = options.column("household").unique()
    household = place_in(options.column("household"), households)
    order = known[np.lexsort((options.column("cost").to_numpy()[known], household[known]))]
    made = choose(
        Options(
            item=household[order],
            value=_whole(options, "value")[order],
            cost=_whole(options, "cost")[order],
            resource=county[order],
            capacity=_whole(budgets, "budget"),
            items=len(households),
        )
    )
    return options.take(pa.array(np.sort(order[made.chosen]))), made, findings


def _whole(table: pa.Table, column: str) -> Ints:
    values: Ints = table.column(column).to_numpy().astype(np.int64)
    return values
