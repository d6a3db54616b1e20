"""Which measure each household gets under the budgets of the counties."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from highground.methods.allocate.arrays import InputError, Ints
from highground.methods.allocate.choose import Choice, Options, choose
from highground.methods.allocate.policy import Finding
from highground.methods.allocate.tables import place_in


def choose_measures(options: pa.Table, budgets: pa.Table) -> tuple[pa.Table, Choice, list[Finding]]:
    """At most one measure (or package of measures) for each household, within every county's budget.

    `options`: household, measure, county, value (points), cost (minor units of the currency). `budgets`: county, budget.
    Returns the chosen rows; the choice, whose price for each row of `budgets` is what one more minor unit would be worth in
    points; and findings for counties without a budget. Raises InputError for a missing column or a cost below 0.
    """
    _need(options, "options", ["household", "measure", "county", "value", "cost"], ["value", "cost"])
    _need(budgets, "budgets", ["county", "budget"], ["budget"])
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


def _need(table: pa.Table, name: str, columns: list[str], whole: list[str]) -> None:
    for column in columns:
        if column not in table.column_names:
            raise InputError(
                f"{name}: there is no column '{column}'; add it (columns: {', '.join(table.column_names)})"
            )
        if table.column(column).null_count:
            row = pc.index(pc.is_null(table.column(column)), True).as_py() + 1
            raise InputError(f"{name}: column '{column}': row {row} is empty; fill it in or take the row out")
    for column in whole:
        if not pa.types.is_integer(table.column(column).type):
            raise InputError(
                f"{name}: column '{column}' is {table.column(column).type}; it must hold whole numbers"
            )
        if column != "value" and len(table) and pc.min(table.column(column)).as_py() < 0:
            row = int(np.argmax(table.column(column).to_numpy() < 0)) + 1
            raise InputError(f"{name}: column '{column}': row {row} is below 0; write 0 or more")
