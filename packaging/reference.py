"""Writes what is made from the commands and the config: manual pages, docs/commands.md, docs/config.md, the schemas.

`python packaging/reference.py`; a test compares what it would write with what is there.
"""

from __future__ import annotations

import inspect
import pathlib
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import click

from aigate import __version__
from aigate.backends.stubs import SUMMARY_PATH
from aigate.cli import schema
from aigate.cli.group import COMMANDS, FAST_COMMANDS, LazyGroup, group
from aigate.config import editor
from aigate.config.load import default_layer

ROOT = pathlib.Path(__file__).resolve().parents[1]
WIDTH = 100
OVERVIEW = """aigate runs an AI coding agent in a sandbox that the kernel enforces, and takes the secrets out of
everything that the agent prints. What is denied cannot be read, run or reached; what cannot be enforced is said before
the agent starts. aigate init writes a config whose every key is explained, aigate run -- COMMAND starts a command in
the sandbox, and aigate explain says why something is as it is."""
FILES = (
    ("~/.aigate/config.yaml", "the config, see aigate-config(5)"),
    (".aigate.yaml", "a project's own: forbids at once, widens after aigate trust"),
    ("~/.aigate/profiles/", "profiles of agents and toolchains of your own"),
    ("~/.aigate/layers/", "what agents changed in the home, see aigate-layer(1)"),
    ("~/.aigate/quarantine/", "what agents made where they may not, see aigate-quarantine(1)"),
    ("~/.aigate/audit.jsonl", "what happened, see aigate-log(1)"),
    (SUMMARY_PATH, "inside: the whole policy in plain words"),
)
VARIABLES = (
    ("AIGATE_SANDBOX", "is set inside"),
    ("AIGATE_LOG_LEVEL", "debug tells more on standard error"),
    ("NO_COLOR", "if set and not empty, nothing is coloured"),
)
STATUSES = (
    ("0", "all went well; of run: the command's own status, 128+n when signal n ended it"),
    ("1", "an error of aigate's own: one line, and mostly a hint"),
    ("3, 4", "of mask: something would be hidden (--check); something was left alone and named"),
    ("126, 127", "of run: the command cannot be executed or is denied; it does not exist"),
    ("130", "ended by Ctrl-C before the command started"),
    ("137", "of run: over the limit of memory, or killed"),
    ("141", "nobody reads the output any more"),
)

CALLS = rf"aigate (?:{'|'.join(sorted([*COMMANDS, *FAST_COMMANDS], key=len, reverse=True))})\b(?: --?[a-z-]+| [A-Z]+)*"
CODE = re.compile(rf"(?<!\w)(?:{CALLS}|~/\S*[\w/]|\*\.\S*[\w*]|\[\]|\*\*?|--[a-z-]+)")


def main() -> None:
    """Write everything."""
    for path, text in wanted().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for stale in set((ROOT / "docs/man").iterdir()) - set(wanted()):
        stale.unlink()


def wanted() -> dict[pathlib.Path, str]:
    """Return what each generated file has to hold."""
    docs = ROOT / "docs"
    pages = {docs / f"man/{name}": text for name, text in manual_pages()}
    return pages | {
        docs / "commands.md": commands_page(),
        docs / "config.md": config_page(),
        docs / "config.schema.json": schema.text(project=False),
        docs / "project.schema.json": schema.text(project=True),
    }


def commands_in(parent: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield each command that is to be seen, with its place."""
    context = click.Context(parent, info_name="aigate")
    for name in parent.list_commands(context):
        command = parent.get_command(context, name)
        if command is None or command.hidden:
            continue
        yield (*path, name), command
        if isinstance(command, click.Group):
            yield from commands_in(command, (*path, name))


def usage(path: tuple[str, ...], command: click.Command) -> str:
    """Return how a command is called, without its options."""
    pieces = command.collect_usage_pieces(click.Context(command, info_name=path[-1]))
    return " ".join(("aigate", *path, *(piece for piece in pieces if piece)))


def rows(path: tuple[str, ...], command: click.Command) -> list[tuple[str, str]]:
    """Return a command's options: how they are written, what they do."""
    context = click.Context(command, info_name=path[-1])
    options = (one for one in command.get_params(context) if isinstance(one, click.Option))
    found = (option.get_help_record(context) for option in options)
    return [(names, text) for names, text in filter(None, found) if "--help" not in names]


def paragraphs(text: str) -> list[tuple[bool, str]]:
    """Return the paragraphs of a help text, and of each whether its lines stay as they are."""
    found = []
    for part in inspect.cleandoc(text).split("\n\n"):
        kept = part.startswith("\b\n")
        lines = part.removeprefix("\b\n").splitlines()
        found.append((kept, "\n".join(line.strip() if not kept else line for line in lines)))
    return found


# ---- manual pages, man(7)


def manual_pages() -> Iterator[tuple[str, str]]:
    """Yield each page's file name and text."""
    top = [(path, command) for path, command in commands_in(group) if len(path) == 1]
    yield "aigate.1", overview(top)
    for path, command in top:
        inner = list(commands_in(command, path)) if isinstance(command, click.Group) else []
        yield f"aigate-{path[0]}.1", command_page(path, command, inner)
    yield "aigate-config.5", config_manual()


def overview(top: list[tuple[tuple[str, ...], click.Command]]) -> str:
    """Return aigate(1)."""
    lines = [heading("aigate", 1), *name_lines("aigate", "a sandbox for AI coding agents")]
    lines += [".SH SYNOPSIS", ".B aigate", ".I COMMAND", "[...]", ".SH DESCRIPTION", roff(OVERVIEW), ".SH COMMANDS"]
    for path, command in top:
        lines += [".TP", rf"\fBaigate\-{roff(path[0])}\fR(1)", roff(command.get_short_help_str(WIDTH))]
    for title, pairs in (("FILES", FILES), ("ENVIRONMENT", VARIABLES), ("EXIT STATUS", STATUSES)):
        lines += [f".SH {title}", *listed(pairs)]
    return ended(lines, [r"\fBaigate\-config\fR(5)"])


def command_page(
    path: tuple[str, ...], command: click.Command, inner: list[tuple[tuple[str, ...], click.Command]]
) -> str:
    """Return the page of one command, with those below it."""
    name = f"aigate-{path[0]}"
    lines = [heading(name, 1), *name_lines(name, command.get_short_help_str(WIDTH).rstrip("."))]
    lines += [".SH SYNOPSIS", rf".B {roff(usage(path, command))}", ".SH DESCRIPTION", *text_lines(command.help or "")]
    if found := rows(path, command):
        lines += [".SH OPTIONS", *listed(found)]
    if inner:
        lines.append(".SH COMMANDS")
    for place, one in inner:
        lines += [rf".SS {roff(usage(place, one))}", *text_lines(one.help or ""), *listed(rows(place, one))]
    return ended(lines, [r"\fBaigate\fR(1)", r"\fBaigate\-config\fR(5)"])


def config_manual() -> str:
    """Return aigate-config(5)."""
    lines = [heading("aigate-config", 5), *name_lines("aigate-config", "what agents may read, write, run and reach")]
    lines += [".SH SYNOPSIS", ".I ~/.aigate/config.yaml", ".br", ".I .aigate.yaml", ".SH DESCRIPTION"]
    lines += [roff("YAML. aigate init writes the first file with every key explained; a project can bring the second.")]
    lines += [roff("What a project forbids always applies; what it widens waits for aigate trust."), ".SH KEYS"]
    for key, text in editor.descriptions().items():
        lines += [".TP", rf"\fB{roff(key)}\fR", roff(text)]
        inner = editor.json_schema([], project=False)["properties"][key].get("properties", {})
        if inner:
            lines += [".RS", *listed([(name, one["description"]) for name, one in inner.items()]), ".RE"]
    return ended(lines, [r"\fBaigate\fR(1)", r"\fBgitignore\fR(5)"])


def heading(name: str, section: int) -> str:
    """Return a page's first line."""
    return f'.TH {roff(name.upper())} {section} "" "aigate {__version__}" "aigate"'


def name_lines(name: str, text: str) -> list[str]:
    """Return a page's NAME section."""
    return [".SH NAME", rf"{roff(name)} \- {roff(text[:1].lower() + text[1:])}"]


def text_lines(text: str) -> list[str]:
    """Return a help text as paragraphs."""
    lines = []
    for kept, part in paragraphs(text):
        lines += [".PP", *([".nf", roff(part), ".fi"] if kept else [roff(part)])]
    return lines


def listed(pairs: Any) -> list[str]:
    """Return terms with what they mean."""
    return [line for term, text in pairs for line in (".TP", rf"\fB{roff(term)}\fR", roff(text))]


def ended(lines: list[str], others: list[str]) -> str:
    """Return a page with its last section."""
    return "\n".join([*lines, ".SH SEE ALSO", ",\n".join(others), ""])


def roff(text: str) -> str:
    """Return text as roff takes it: nothing of it is an instruction."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
    return re.sub(r"^(?=[.'])", r"\\&", text, flags=re.MULTILINE)


# ---- pages of the site


def commands_page() -> str:
    """Return docs/commands.md."""
    lines = ["# Commands", "", markdown(OVERVIEW), ""]
    lines += ["Made by `packaging/reference.py` from what the commands say of themselves; the same stands in the"]
    lines += ["manual pages (`man aigate-run`) and in `aigate COMMAND --help`.", ""]
    for path, command in commands_in(group):
        lines += [f"{'#' * (len(path) + 1)} aigate {' '.join(path)}", "", f"    {usage(path, command)}", ""]
        for kept, part in paragraphs(command.help or ""):
            lines += [textwrap.indent(part, "    ") if kept else markdown(part), ""]
        if found := rows(path, command):
            lines += ["| option | does |", "|---|---|"]
            lines += [f"| `{names.replace('|', chr(92) + '|')}` | {markdown(text)} |" for names, text in found]
            lines.append("")
    lines += ["## Exit status", "", "| status | means |", "|---|---|"]
    lines += [f"| {status} | {text} |" for status, text in STATUSES]
    return "\n".join(lines) + "\n"


def config_page() -> str:
    """Return docs/config.md."""
    properties = editor.json_schema([], project=False)["properties"]
    lines = ["# The config, key by key", ""]
    lines += ["`aigate init` writes `~/.aigate/config.yaml` with these words above each key; a project can bring a"]
    lines += ["`.aigate.yaml`. This page is made from the same source by `packaging/reference.py`. Absent and empty"]
    lines += ["differ, key by key. Editors with a YAML language server complete the file: `aigate init` puts the JSON"]
    lines += ["Schema beside it, `aigate schema --project` prints that of a project's file.", ""]
    for key, text in editor.descriptions().items():
        lines += [f"## {key}", "", *described(text), ""]
        if key in editor.USERS_ALONE:
            lines += ["A project's file cannot set it.", ""]
        if isinstance(entries := getattr(default_layer(None), key), tuple) and entries and key != "terminal":
            shown = [f"`{entry.text}`" for entry in entries[:5]]
            more = f" and {len(entries) - 5} more" if len(entries) > 5 else ""  # noqa: PLR2004
            lines += [f"`aigate init` writes {len(entries)}: {', '.join(shown)}{more}.", ""]
        for name, one in properties[key].get("properties", {}).items():
            lines += [f"- `{name}`: {markdown(one['description'])}"]
            inner = one.get("items", {}).get("properties", {})
            lines += [f"    - `{part}`: {markdown(two['description'])}" for part, two in inner.items()]
        if properties[key].get("properties"):
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def described(text: str) -> list[str]:
    """Return a comment as Markdown: its indented lines are a list of choices."""
    lines: list[str] = []
    for line in text.splitlines():
        choice = re.match(r"  (\w+) {2,}(.*)", line)
        if choice:
            lines += [] if lines and lines[-1].startswith(("-", "  ")) else [""]
            lines.append(f"- `{choice[1]}`: {plain(choice[2])}")
        else:
            lines.append(f"  {plain(line.strip())}" if line.startswith("  ") else plain(line))
    return lines


def plain(text: str) -> str:
    """Return a line of a longer text as Markdown."""
    return markdown(text, example=False)


def markdown(text: str, *, example: bool = True) -> str:
    """Return text in which nothing is Markdown. example: what follows a colon may be a command line."""
    found = re.fullmatch(r"(.*: )(aigate .*)", text)
    if example and found and "`" not in text:
        return f"{found[1]}`{found[2]}`"
    parts = text.split("`")
    for place in range(0, len(parts), 2):
        parts[place] = CODE.sub(r"`\g<0>`", parts[place])
    return "`".join(parts).replace("|", r"\|")


if __name__ == "__main__":
    assert isinstance(group, LazyGroup)  # noqa: S101 -- a script
    main()
