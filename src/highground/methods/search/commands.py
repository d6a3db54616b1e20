"""The verbs of search."""

from __future__ import annotations

import json
from pathlib import Path

import click

from highground.methods.search.embedding import NO_EMBEDDER, find_embedder
from highground.methods.search.errors import SearchError
from highground.methods.search.evaluating.running import ALL_ARMS, Figures, evaluate
from highground.methods.search.index import ARMS, LEXICAL


@click.group()
def search() -> None:
    """Search in many languages: how well it finds what is known to be right."""


@search.command("eval")
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="The folder of the test sets.",
)
@click.option("--arms", help=f"Which of {', '.join(ALL_ARMS)}, with commas between; all if not given.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object as the last line.")
def eval_(folder: Path, arms: str | None, as_json: bool) -> None:
    """Measure every arm of search on the test sets in a folder.

    Read are udhr/*.json, xquad/xquad.LANG.json and expert-*/expert-*.json. Arms that need the extra [search] are left
    out where it is not installed.
    """
    chosen = [arm.strip() for arm in arms.split(",")] if arms else list(ALL_ARMS)
    if unknown := [arm for arm in chosen if arm not in ALL_ARMS]:
        raise SearchError(f"--arms: there is no arm '{unknown[0]}'; choose from {', '.join(ALL_ARMS)}")
    needing = [arm for arm in ARMS if arm in chosen and arm != LEXICAL]
    embedder = find_embedder() if needing else None
    if needing and embedder is None:
        _say(f"left out: {', '.join(needing)}: {NO_EMBEDDER}")
    figures = evaluate(folder, chosen, embedder=embedder, say=_say)
    if as_json:
        click.echo(json.dumps(figures, ensure_ascii=False))
    else:
        _print(figures)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _print(figures: Figures) -> None:
    """A table for each set and measure: a line for each arm."""
    for name, by_arm in figures.items():
        for measure in dict.fromkeys(measure for measures in by_arm.values() for measure in measures):
            rows = {arm: measures[measure] for arm, measures in by_arm.items() if measure in measures}
            keys = list(next(iter(rows.values())))
            click.echo(f"\n{name}, {measure}")
            click.echo(" " * 13 + "".join(f"{key:>{max(7, len(key) + 1)}}" for key in keys))
            for arm, values in rows.items():
                cells = (f"{values[key]:>{max(7, len(key) + 1)}.3f}" for key in keys)
                click.echo(f"{arm:<13}" + "".join(cells))
