"""The option with which commands are told where the store is."""

from __future__ import annotations

import os
from pathlib import Path

import click


def default_root() -> Path:
    """`store` in the folder of the installation (`HIGHGROUND_HOME`)."""
    return Path(os.environ.get("HIGHGROUND_HOME") or ".highground").expanduser() / "store"


STORE = click.option(
    "--store",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=default_root,
    help="Folder of the store; HIGHGROUND_HOME/store if not given.",
)
