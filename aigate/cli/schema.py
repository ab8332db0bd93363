"""`aigate schema`: the JSON Schema with which editors complete and check config files."""

from __future__ import annotations

import json

import click

from aigate.config.editor import json_schema


@click.command()
@click.option("--project", is_flag=True, help="Of a project's .aigate.yaml instead of your own config.")
def command(project: bool) -> None:
    """Print the JSON Schema of the config. Editors with a YAML language server complete and check the file by it.

    aigate init puts it beside the config, which names it. For projects' files: aigate schema --project > FILE, and tell
    the editor that .aigate.yaml has that schema.
    """
    click.echo(text(project=project), nl=False)


def text(*, project: bool) -> str:
    """Return the schema as a file holds it."""
    from aigate.masking.presets import GROUPS, PRESETS
    from aigate.masking.rules import ALL

    found = json_schema([ALL, *GROUPS, *PRESETS], project=project)
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"
