"""`aigate help-ai`: what an agent should know of its sandbox."""

from __future__ import annotations

import os

import click

from aigate.backends.stubs import SUMMARY_PATH
from aigate.config import rewrite
from aigate.config.files import shown
from aigate.errors import AigateError
from aigate.isolation import callers_environment
from aigate.reading import read_from

TEXT = os.path.join(os.path.dirname(__file__), "agents.md")
BEGIN, END = b"<!-- aigate: begin -->\n", b"<!-- aigate: end -->\n"
MOST_BYTES = 1 << 20


@click.command("help-ai")
@click.option("--into", "path", metavar="FILE", help="Put it into this file, such as AGENTS.md, or renew it there.")
def command(path: str | None) -> None:
    """Print what an agent should know of its sandbox, as Markdown: for AGENTS.md, CLAUDE.md and their like.

    --into keeps everything else in the file as it is.
    """
    if path is not None:
        _put_into(path)
        return
    click.echo(_text().decode(), nl=False)
    if "AIGATE_SANDBOX" in callers_environment():
        click.echo(f"\nYou are inside now. What is denied here: {SUMMARY_PATH}")


def _text() -> bytes:
    with open(TEXT, "rb") as file:
        return read_from(file)


def _put_into(path: str) -> None:
    said = ""

    def change(data: bytes | None) -> bytes:
        nonlocal said
        before, found, rest = (data or b"").partition(BEGIN)
        _, ended, after = rest.partition(END)
        if found and not ended:
            raise AigateError(f"{shown(path)}: the end of aigate's part is missing", hint=f"add {END.decode().strip()}")
        said = "renewed in" if found else "added to"
        gap = b"" if found or not before else b"\n" if before.endswith(b"\n") else b"\n\n"
        return before + gap + BEGIN + _text() + END + after

    rewrite.rewrite(path, change, create=True, mode=0o666, shared=True)
    click.echo(f"{said} {shown(path)}")
