"""`highground audit`: prove that no recorded event was changed."""

import re

import click

from highground.audit.actions import verify as verify_chain

_NOTED = re.compile(r"(\d+):([0-9a-f]{64})")


@click.group()
def audit() -> None:
    """The event log."""


@audit.command()
@click.option(
    "--noted",
    metavar="NUMBER:HASH",
    help="The head that an earlier run printed, kept outside this installation.",
)
@click.pass_context
def verify(context: click.Context, noted: str | None) -> None:
    """Recompute the chain of events and check its triggers. Ends with 1 if anything was changed.

    Write down the head that is printed: with --noted a later run also proves that the end of the log was
    neither cut off nor written anew.
    """
    known = None
    if noted:
        match = _NOTED.fullmatch(noted.strip())
        if not match:
            raise click.BadParameter("expected the head as it was printed, NUMBER:HASH", param_hint="--noted")
        known = (int(match[1]), match[2])
    found = verify_chain(known)
    for fault in found.faults:
        click.echo(f"FAULT {fault}")
    if found.sound:
        click.echo(f"{found.events} events, unbroken; head {found.head}")
    else:
        click.echo(f"{len(found.faults)} fault(s) in {found.events} events; restore a backup and compare")
    context.exit(0 if found.sound else 1)
