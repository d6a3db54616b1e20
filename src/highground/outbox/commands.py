"""`highground outbox send`: send the letters that were released."""

from __future__ import annotations

import click


@click.group()
def outbox() -> None:
    """Letters that were looked at and wait to be sent."""


@outbox.command()
def send() -> None:
    """Send what is due; run it every minute. What does not go is tried again, and given up after six tries."""
    from django.conf import settings
    from django.utils import timezone

    from highground.outbox.actions import send_due

    if not settings.EMAIL_HOST:
        raise click.ClickException("no mail server: set HIGHGROUND_MAIL_HOST; the letters wait")
    sent, failed = send_due(now=timezone.now())
    click.echo(f"sent {sent}, not sent {failed}")
