"""The option with which commands are told where the store is."""

from __future__ import annotations

from pathlib import Path

import click

from highground.methods.store.home import home_folder

STORE = click.option(
    "--store",
    "root",
    type=click.Path(file_okay=False, path_type=Path),
    default=lambda: home_folder() / "store",
    help="Folder of the store; HIGHGROUND_HOME/store if not given.",
)
