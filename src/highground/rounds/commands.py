"""`highground rounds`: the random audit of the households that nothing flags, and the plan of the coming visits."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click
from django.utils import timezone

from highground.areas.models import Area
from highground.areas.queries import find
from highground.rounds.actions import RoundsError, draw
from highground.rounds.models import AuditDraw, AuditVisit
from highground.rounds.planning import AHEAD, DayPlan, plan_of, units_of

BY = "command:rounds-draw"


@click.group()
def rounds() -> None:
    """Who is visited when and by whom, and who is visited although nothing flags them."""


@rounds.command("draw")
@click.option("--area", "code", required=True, metavar="CODE", help="Only the households of this area.")
@click.option(
    "--rulebook", required=True, metavar="ID", help="Whose cases count as found, and are opened by a yes."
)
@click.option("--seed", required=True, type=click.IntRange(min=0), help="Any whole number; it is kept.")
@click.option("--share", default=0.05, show_default=True, help="How much of every stratum is visited.")
def draw_command(code: str, rulebook: str, seed: int, share: float) -> None:
    """Draw households by lot; the same seed and the same register draw the same ones."""
    area = _area(code)
    made = draw(area, rulebook=rulebook, seed=seed, share=share, by=BY, today=timezone.localdate())
    click.echo(
        f"draw {made.pk}: {made.drawn:,} of {made.population:,} households of {area.code} that nothing flags, "
        f"seed {made.seed}"
    )
    _table(made)


@rounds.command("plan")
@click.option("--area", "code", required=True, metavar="CODE", help="The visits in this area.")
@click.option(
    "--days", default=AHEAD, show_default=True, type=click.IntRange(0, 60), help="How many days ahead."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each visit, one on a line.")
def plan_command(code: str, days: int, as_json: bool) -> None:
    """Who goes to which household on which day, why, and what cannot be reached in time."""
    area, today = _area(code), timezone.localdate()
    for unit in units_of(area):
        rows = list(_visits(plan_of(unit, today, ahead=days), area))
        if as_json:
            for row in rows:
                click.echo(json.dumps(row))
            continue
        made = [row for row in rows if row["day"]]
        late = sum(row["not_in_time"] is not None for row in made)
        click.echo(
            f"{unit.code}, {today} and {days} days: {len(made):,} visits, {late:,} of them too late,"
            f" {len(rows) - len(made):,} find no place"
        )
        for row in rows:
            click.echo(
                f"{row['day'] or '-':<12} {row['visitor'] or '-':<16} {row['household']:<14} {row['area']:<14}"
                f" {row['calls']:<10} {row['due'] or '-':<12} {row['because'] or '-':<11} {row['not_in_time'] or ''}".rstrip()
            )


def _visits(found: DayPlan, area: Area) -> Iterator[dict[str, Any]]:
    """The visits of a plan in an area, in words for programs."""
    codes = dict(Area.objects.filter(path__startswith=area.path).values_list("path", "code"))
    for one in found.rounds:
        if not one.call.path.startswith(area.path):
            continue
        call, planned = one.call, one.planned
        late = planned.late if planned else one.left.why if one.left else None
        yield {
            "day": planned.day.isoformat() if planned else None,
            "visitor": found.people[planned.visitor].user.username if planned else None,
            "because": str(planned.why) if planned else None,
            "household": call.key,
            "area": codes[call.path],
            "calls": str(call.kind),
            "task": call.task,
            "due": call.due.isoformat() if call.due else None,
            "not_in_time": str(late) if late else None,
        }


def _area(code: str) -> Area:
    area = find(code)
    if area is None:
        raise RoundsError(f"there is no area {code!r}; see `highground import areas`")
    return area


def _table(made: AuditDraw) -> None:
    population: Counter[str] = Counter()
    for cell in made.cells:
        population[f"{cell['county'] or '-'} / {cell['fed']}"] += cell["unflagged"]
    visits = AuditVisit.objects.everywhere(reason="the draw that the command has just made").filter(draw=made)
    drawn = Counter(visits.values_list("stratum", flat=True))
    click.echo(f"{'county / in any feed':<32} {'households':>12} {'drawn':>8} {'probability':>12}")
    for stratum, count in sorted(population.items()):
        if count:
            share = drawn[stratum] / count
            click.echo(f"{stratum:<32} {count:>12,} {drawn[stratum]:>8,} {share:>12.4f}")
