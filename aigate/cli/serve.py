"""`aigate serve`: the audit log as a page in the user's browser, on loopback, until Ctrl-C. Changes nothing."""

from __future__ import annotations

import itertools
import os
import sys
import time
from typing import Any

import click

from aigate.audit.serving import ADDRESS, Server
from aigate.config.files import DIRECTORY
from aigate.errors import AigateError
from aigate.policy.resolve import home_directory

MOST_COUNTED = 1000  # changes of one layer
MOST_KEPT = 200
MOST_PORTS = 65535


@click.command()
@click.option("--port", type=click.IntRange(0, MOST_PORTS), default=0, help="Left out: any that is free.")
@click.option("--open", "opened", is_flag=True, help="Open the page in the browser, too.")
def command(port: int, opened: bool) -> None:
    """Show what happened as a page in your browser: runs, refusals, what was hidden, moved away and layered.

    Only who has the address that is printed can see it, on this machine alone. Ctrl-C ends it.
    """
    state = os.path.join(home_directory(), DIRECTORY)
    if not os.path.isdir(state):
        raise AigateError("there was no run yet", hint="aigate run -- COMMAND")
    try:
        server = Server(state, port, lambda: kept(state))
    except OSError as error:
        raise AigateError(f"aigate serve cannot begin: {error.strerror} ({ADDRESS}:{port}, {state})") from None
    with server:
        click.echo(f"{server.url}\nCtrl-C ends it")
        sys.stdout.flush()
        if opened:
            import webbrowser

            webbrowser.open(server.url)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def kept(state: str) -> dict[str, Any]:
    """Return what is in the quarantine and in the layers of a state directory, the latest first."""
    if sys.platform != "linux":
        return {"quarantine": [], "layers": []}
    from aigate.watch.quarantine import Quarantine

    moved = [{"path": one.path, "about": f"{_when(one.time)}, {one.why}"} for one in Quarantine(state).all()]
    return {"quarantine": moved[: -MOST_KEPT - 1 : -1], "layers": _layers(state)}


def _layers(state: str) -> list[dict[str, str]]:
    from aigate.layers import moves
    from aigate.layers.changes import changes_in
    from aigate.layers.place import ASIDE, all_layers, parts_of

    found = []
    for layer in all_layers(state)[:MOST_KEPT]:
        below = parts_of(layer)
        parts = [changes_in(layer.upper(name), path) for name, path in below.items()]
        aside = sum(len(moves.laid_aside(layer.upper(name), f"{layer.directory}/{ASIDE}")) for name in below)
        count = sum(1 for _ in itertools.islice(itertools.chain(*parts), MOST_COUNTED))
        many = (
            f"{MOST_COUNTED} changes or more" if count == MOST_COUNTED else f"{count} change{'' if count == 1 else 's'}"
        )
        about = f"{many} kept apart" if count else "nothing changed"
        found.append({"path": layer.project, "about": f"{about}, {aside} set aside" if aside else about})
    return found


def _when(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
