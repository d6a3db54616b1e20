"""Verbs for resident village work teams on files: make a synthetic country, plan, prove, repair."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from math import isnan
from pathlib import Path

import click
import numpy as np
import pyarrow as pa

from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.building import Task, build
from highground.methods.allocate.certificate import Certificate
from highground.methods.allocate.certificate import certify as certificate_of
from highground.methods.allocate.folder import (
    check_withdrawn,
    course_of,
    differences,
    postings_of,
    prices_from,
    read_plan,
    read_withdrawn,
    write_plan,
)
from highground.methods.allocate.generating import generate as make_country
from highground.methods.allocate.policy import Policy, read_policy
from highground.methods.allocate.problem import feasible
from highground.methods.allocate.tables import read_tables

FOLDER = click.Path(path_type=Path)
IN = click.option(
    "--in", "folder", type=FOLDER, required=True, help="The folder of people, units, villages and pairs."
)


@click.group()
def teams() -> None:
    """Resident village work teams: who goes to which village, and how good that is."""


@teams.command()
@click.option("--villages", type=click.IntRange(min=1), required=True, help="How many villages.")
@click.option("--seed", type=click.IntRange(min=0), required=True, help="The same seed gives the same files.")
@click.option("--out", type=FOLDER, required=True, help="A new folder.")
def generate(villages: int, seed: int, out: Path) -> None:
    """Write a synthetic country: villages, candidates, their units and the pairs that may be."""
    click.echo(make_country(villages, seed, out))


@teams.command()
@IN
@click.option(
    "--policy", "policy_file", type=FOLDER, help="Weights and rules (YAML; default: the shipped ones)."
)
@click.option("--out", type=FOLDER, required=True, help="A new folder for the plan.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Kept with the plan.", show_default=True)
@click.option("--workers", type=click.IntRange(min=1), help="Processes (default: one for each processor).")
@click.option(
    "--progress", is_flag=True, help="Say on stderr, line by line, which share of the work is done."
)
def plan(
    folder: Path, policy_file: Path | None, out: Path, seed: int, workers: int | None, progress: bool
) -> None:
    """Plan who goes where, and print the certificate. Ends with 0 even where some rules can't hold together."""
    from highground.methods.allocate.planning import plan as make_plan

    policy, findings = read_policy(policy_file) if policy_file else (Policy(), [])
    task = build(read_tables(folder), policy, findings=tuple(findings))

    def told(share: float) -> None:
        if progress:
            click.echo(f"{share:.3f}", err=True)

    made = make_plan(task.problem, workers=workers or os.cpu_count() or 1, told=told)
    write_plan(out, folder, task, made.pairs, made.prices, seed=seed, course=course_of(made))
    _tell(task, certificate_of(task, postings_of(task, made.pairs), made.prices))


@teams.command()
@click.argument("plan_folder", metavar="PLAN", type=FOLDER)
@IN
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def certify(plan_folder: Path, folder: Path, as_json: bool) -> None:
    """Check PLAN against every hard rule and print how much better another plan could be.

    Ends with 1 if a hash, a rule or the claimed objective does not hold.
    """
    kept = read_plan(plan_folder)
    task = kept.task(folder)
    shown = certificate_of(task, kept.postings, prices_from(task, kept.prices))
    wrong = [f"{name}: not what the manifest names" for name in differences(kept, plan_folder, folder)]
    wrong += shown.broken
    for name, found in (("objective", shown.objective), ("filled", shown.filled)):
        if found != kept.manifest.get(name):
            wrong.append(f"{name}: {found:,}, but the manifest claims {kept.manifest.get(name)}")
    if as_json:
        click.echo(json.dumps({**_figures(shown), "wrong": wrong}))
    else:
        _tell(task, shown)
        for line in wrong:
            click.echo(f"WRONG {line}")
    if wrong:
        raise click.exceptions.Exit(1)


@teams.command()
@click.argument("plan_folder", metavar="PLAN", type=FOLDER)
@IN
@click.option("--withdrawn", type=FOLDER, required=True, help="CSV with the column person.")
@click.option("--out", type=FOLDER, required=True, help="A new folder for the plan.")
@click.option("--mode", type=click.Choice(["local", "resolve"]), default="local", show_default=True,
              help="local moves nobody else; resolve may move others, and keeps most where they are.")  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), help="Processes (default: one for each processor).")
def repair(
    plan_folder: Path, folder: Path, withdrawn: Path, out: Path, mode: str, workers: int | None
) -> None:
    """Fill the seats of people who have withdrawn from PLAN."""
    from highground.methods.allocate.repairing import repair as mend

    kept = read_plan(plan_folder)
    tables = read_tables(folder)
    gone = read_withdrawn(withdrawn)
    check_withdrawn(withdrawn, gone, tables, kept)
    if kept.withdrawn is not None:
        gone = pa.array(sorted({*gone.to_pylist(), *kept.withdrawn.to_pylist()}), pa.string())
    task = build(tables, kept.policy, withdrawn=gone, findings=kept.findings)
    pairs = task.pairs_of(kept.postings.column("person"), kept.postings.column("village"))
    chosen = pairs[pairs >= 0]
    if not feasible(replace(task.problem, locked=chosen[:0]), chosen):
        raise InputError(
            f"{plan_folder}: breaks a rule of this input, so it can't be repaired; certify says which"
        )
    if mode == "local" and not np.isin(task.problem.locked, chosen).all():
        raise InputError(
            f"{folder / 'previous.parquet'}: locks a posting that the plan does not have, and a local repair moves nobody;"
            " use --mode resolve"
        )
    mended = mend(task, chosen, prices_from(task, kept.prices), local=mode == "local",
                  workers=workers or os.cpu_count() or 1)  # fmt: skip
    made = mended.plan
    write_plan(out, folder, task, made.pairs, made.prices, seed=kept.manifest["seed"], withdrawn=gone)
    _tell(task, certificate_of(task, postings_of(task, made.pairs), made.prices))
    lost = int((pairs < 0).sum())
    click.echo(
        f"withdrawn from their posts {lost:,}; others moved {mended.moved:,}; seats open {mended.open:,}"
    )
    if mended.could_be_filled:
        click.echo(
            f"{mended.could_be_filled:,} of the open seats could be filled by moving others: use --mode resolve"
        )


@teams.command()
@click.argument("plan_folder", metavar="PLAN", type=FOLDER)
@IN
@click.option("--workers", type=click.IntRange(min=1), help="Processes (default: one for each processor).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def weigh(plan_folder: Path, folder: Path, workers: int | None, as_json: bool) -> None:
    """Say how evenly PLAN treats counties, what lifting the weakest would cost, and what hangs on the weights.

    Of each weight: how many postings stay the same when it is a fifth lower or higher.
    """
    from highground.methods.allocate.fairness import fairness, lift, stability

    many = workers or os.cpu_count() or 1
    kept = read_plan(plan_folder)
    task = kept.task(folder)
    pairs = task.pairs_of(kept.postings.column("person"), kept.postings.column("village"))
    chosen = pairs[pairs >= 0]
    spread = fairness(task, chosen)
    same = stability(task, chosen, workers=many, withdrawn=kept.withdrawn)
    lifted = lift(task, chosen, workers=many) if len(spread.counties) > 1 else None
    given_up = lifted.cost / max(task.problem.score(chosen), 1) if lifted else 0.0
    figures = {name: getattr(spread, name) for name in ("mean", "spread", "worst", "gini", "women", "remote")}
    if as_json:
        told = {
            "same": [asdict(one) for one in same],
            "counties": spread.counties.to_pylist(),
            "before": fairness(task, task.previous).counties.to_pylist() if len(task.previous) else [],
            "lifted": lifted and {"worst": lifted.worst_after, "cost": lifted.cost, "share": given_up},
        }
        click.echo(json.dumps({**told, **figures}))
        return
    click.echo("   ".join(f"{name} {value:.3f}" for name, value in figures.items()))
    if lifted:
        click.echo(
            f"the weakest counties lifted from {lifted.worst_before:.1f} to {lifted.worst_after:.1f}: "
            f"{lifted.cost:,} points, {given_up:.3%}"
        )
    for one in same:
        click.echo(f"{one.weight} x {one.factor}: {one.share:.2%} of postings stay the same")


def _figures(shown: Certificate) -> dict[str, object]:
    return {
        "objective": shown.objective,
        "bound": None if isnan(shown.bound) else shown.bound,
        "gap": None if isnan(shown.gap) else shown.gap,
        "seats": shown.seats,
        "vacancies": shown.vacancies,
        "avoidable_vacancies": shown.avoidable,
        **{f"{name}_share": share for name, share in shown.shares.items()},
        "notes": [str(one) for one in shown.notes],
    }


def _tell(task: Task, shown: Certificate) -> None:
    """The certificate for people, and what in the input could not hold."""
    click.echo(f"objective {shown.objective:,}   bound {shown.bound:,.2f}   gap {shown.gap:.4%}")
    click.echo(
        f"seats {shown.seats:,}   vacancies {shown.vacancies:,}, of them avoidable {shown.avoidable:,}"
    )
    click.echo(
        "teams that have what they want: "
        + "   ".join(f"{name} {share:.2%}" for name, share in shown.shares.items())
    )
    for finding in (*task.findings, *shown.notes):
        click.echo(f"note: {finding}")
