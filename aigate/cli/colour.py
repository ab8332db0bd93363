"""Colours in what commands print: on a terminal alone, and never where NO_COLOR asks for none (no-color.org)."""

from __future__ import annotations

import os

import click

from aigate.isolation import callers_environment

STDOUT = 1
GOOD, BAD = "green", "red"
OF_DIFF = {"+": GOOD, "-": BAD, "@": "cyan"}


def is_coloured() -> bool:
    """Tell whether standard output shows colours, and its user wants some."""
    variables = callers_environment()
    return not variables.get("NO_COLOR") and variables.get("TERM") != "dumb" and os.isatty(STDOUT)


def painted(text: str, colour: str | None = None, *, bold: bool = False) -> str:
    """Return text in a colour, or as it is where there are none."""
    return click.style(text, fg=colour, bold=bold or None) if (colour or bold) and is_coloured() else text


def of_diff(line: str) -> str:
    """Return one line of a unified diff in the colour that such lines have."""
    return painted(line, OF_DIFF.get(line[:1]))
