"""`aigate init`: write the config that everything else reads."""

from __future__ import annotations

import os

import click

from aigate.config import files, load, rewrite
from aigate.policy.resolve import home_directory


@click.command()
@click.option("--force", is_flag=True, help="Replace a config that is there already.")
def command(force: bool) -> None:
    """Write ~/.aigate/config.yaml with defaults that suit most projects, each key explained."""
    path = files.global_path(home_directory())
    rewrite.create(path, load.default_bytes(), force=force)
    os.chmod(os.path.dirname(path), 0o700)
    click.echo(f"wrote {files.shown(path)}")
