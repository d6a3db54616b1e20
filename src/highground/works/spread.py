"""The spread between villages, from the file of an earlier survey: what a design check takes the smallest effect from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from django.utils.translation import gettext as _

from highground.files.columns import Column, amount, one_of, rows_of, text
from highground.files.rejects import Reject
from highground.files.tables import open_table
from highground.methods.impact import ImpactError, village_changes
from highground.works.enums import Wave
from highground.works.ground import WorksError

LEAST = 3
COLUMNS = {
    "village": Column(text(80)),
    "wave": Column(one_of((Wave.BASELINE.value, Wave.ENDLINE.value))),
    "value": Column(amount()),
    "weight": Column(amount(above=0), 1),
}


@dataclass(frozen=True)
class Spread:
    """The standard deviation of the change between so many villages."""

    value: float
    villages: int


def spread_of(file: Path) -> Spread:
    """The spread of the change in village means in a file (columns village, wave, value and, if need be, weight).

    One row for a household or for a whole village. The villages need not be those of the study. Raises WorksError for rows
    that cannot be used, a village that lacks a wave, fewer than three villages and changes that do not differ, and
    TableError for a file that cannot be read.
    """
    rejects: list[Reject] = []
    rows = list(rows_of(open_table(file, on_reject=rejects.append), COLUMNS, rejects.append))
    if rejects:
        first = min(rejects, key=lambda one: one.row)
        raise WorksError(
            _("%(file)s, row %(row)s, %(column)s: %(reason)s; %(mend)s.")
            % {
                "file": file.name, "row": first.row, "column": first.column, "reason": first.reason, "mend": first.mend
            }
        )  # fmt: skip
    try:
        changes = village_changes(
            [float(row["value"]) for row in rows],
            [row["wave"] == Wave.ENDLINE for row in rows],
            [row["village"] for row in rows],
            weights=[float(row["weight"]) for row in rows],
        )
    except ImpactError as error:
        raise WorksError(str(error)) from error
    if len(changes) < LEAST:
        raise WorksError(
            _("%(count)s villages are too few to tell how much villages differ; three are needed.")
            % {"count": len(changes)}
        )
    spread = float(np.std(list(changes.values()), ddof=1))
    if spread == 0:
        raise WorksError(_("All villages changed alike in this file, so it tells no spread."))
    return Spread(spread, len(changes))
