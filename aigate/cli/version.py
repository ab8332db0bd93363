"""`aigate version`."""

from __future__ import annotations

import click

from aigate import __version__


@click.command()
def command() -> None:
    """Print the version."""
    click.echo(f"aigate {__version__}")
