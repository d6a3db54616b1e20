"""`highground rounds draw`: the random audit of the households that nothing flags."""

from __future__ import annotations

from collections import Counter

import click
from django.utils import timezone

from highground.areas.queries import find
from highground.rounds.actions import RoundsError, draw
from highground.rounds.models import AuditDraw, AuditVisit

BY = "command:rounds-draw"


@click.group()
def rounds() -> None:
    """Who is visited although nothing flags them."""


@rounds.command("draw")
@click.option("--area", "code", required=True, metavar="CODE", help="Only the households of this area.")
@click.option(
    "--rulebook", required=True, metavar="ID", help="Whose cases count as found, and are opened by a yes."
)
@click.option("--seed", required=True, type=click.IntRange(min=0), help="Any whole number; it is kept.")
@click.option("--share", default=0.05, show_default=True, help="How much of every stratum is visited.")
def draw_command(code: str, rulebook: str, seed: int, share: float) -> None:
    """Draw households by lot; the same seed and the same register draw the same ones."""
    area = find(code)
    if area is None:
        raise RoundsError(f"there is no area {code!r}; see `highground import areas`")
    made = draw(area, rulebook=rulebook, seed=seed, share=share, by=BY, today=timezone.localdate())
    click.echo(
        f"draw {made.pk}: {made.drawn:,} of {made.population:,} households of {area.code} that nothing flags, "
        f"seed {made.seed}"
    )
    _table(made)


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
