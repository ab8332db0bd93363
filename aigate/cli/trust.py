"""`aigate trust`: say yes to what a project's file widens, for exactly its present content."""

from __future__ import annotations

import click

from aigate.cli.edits import global_layer
from aigate.cli.wording import plain
from aigate.config import files, load, merge, trust
from aigate.config.model import ProjectFile
from aigate.errors import ConfigError
from aigate.policy.resolve import home_directory


@click.command()
@click.argument("directory", metavar="[DIRECTORY]", default=".")
@click.option("--show", is_flag=True, help="Say what it widens and whether you agreed; change nothing.")
@click.option("--revoke", is_flag=True, help="Take your word back.")
def command(directory: str, show: bool, revoke: bool) -> None:
    """Put into force what a project's .aigate.yaml widens: hosts, exceptions, higher limits, sockets.

    Your word holds for the file as it is now. Once anything in it changes, it is left out again until you repeat this.
    What the file forbids applies in any case.
    """
    home = home_directory()
    paths = files.project_files(directory, home)
    if not paths:
        raise ConfigError(f"there is no {files.PROJECT_NAME} here", path=files.shown(directory))
    for path in paths:
        if revoke:
            gone = trust.revoke(path, home=home)
            click.echo(f"{files.shown(path)}: {'no longer trusted' if gone else 'was not trusted'}")
        else:
            _agree(load.project_of(path, None), home, show=show)


def _agree(project: ProjectFile, home: str, *, show: bool) -> None:
    wide = merge.widenings(global_layer(), project)
    for line in wide:
        click.echo(plain(line))
    shown = files.shown(project.path)
    if show:
        trusted = trust.is_trusted(project.path, project.digest, home=home)
        click.echo(f"{shown}: {_verdict(trusted=trusted, wide=bool(wide))}")
        return
    trust.record(project.path, project.digest, home=home)
    click.echo(f"{shown}: trusted as it is now{'' if wide else ', though it widens nothing'}")


def _verdict(*, trusted: bool, wide: bool) -> str:
    if trusted:
        return "trusted"
    return "not trusted: the above is left out" if wide else "not trusted, and widens nothing that would need it"
