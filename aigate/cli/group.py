"""The click commands, each imported only when it is used."""

from __future__ import annotations

import importlib
import sys

import click

from aigate import __version__
from aigate.cli.nearest import NearestGroup
from aigate.errors import AigateError, EnforcementError, UsageError

COMMANDS = {
    "allow": ("aigate.cli.allow", "Take a prohibition back."),
    "completion": ("aigate.cli.completion", "Print what completes command lines in bash, zsh and fish."),
    "deny": ("aigate.cli.deny", "Forbid something: read, write, exec, env, net."),
    "doctor": ("aigate.cli.doctor", "Try what protects here, and say how to get the rest."),
    "explain": ("aigate.cli.explain", "Say what can be read, written, run and reached, and what decides."),
    "help-ai": ("aigate.cli.help_ai", "Print what an agent should know of its sandbox, as for AGENTS.md."),
    "hook": ("aigate.cli.hook", "Mask what an agent's tools return, before the model reads it."),
    "init": ("aigate.cli.init", "Write the default config."),
    "layer": ("aigate.cli.layer", "Show what agents changed in the home; undo it, or make it yours."),
    "learn": ("aigate.cli.learn", "Allow what the last runs were refused, by ticking it."),
    "log": ("aigate.cli.log", "Show what happened in the last runs."),
    "profiles": ("aigate.cli.profiles", "List what agents and toolchains need, or show one."),
    "quarantine": ("aigate.cli.quarantine", "Show and put back what agents may not make."),
    "reset": ("aigate.cli.reset", "Remove what aigate left on this machine."),
    "schema": ("aigate.cli.schema", "Print the JSON Schema with which editors complete the config."),
    "scrub": ("aigate.cli.scrub", "Overwrite secrets in the transcripts that an agent keeps."),
    "serve": ("aigate.cli.serve", "Show what happened as a page in your browser."),
    "setup": ("aigate.cli.setup", "Make the agents' group and user."),
    "status": ("aigate.cli.status", "Say what is in force here."),
    "trust": ("aigate.cli.trust", "Put into force what a project's file widens."),
    "version": ("aigate.cli.version", "Print the version."),
}
SECTIONS = {  # of the help: what one looks for, and the commands for it
    "To begin": ("init", "run", "doctor", "status", "profiles"),
    "Why not, and how to change it": ("explain", "learn", "allow", "deny", "trust"),
    "What agents did": ("log", "layer", "quarantine"),
    "Secrets": ("mask", "hook", "scrub"),
    "For shells, editors and agents": ("completion", "schema", "help-ai"),
}
INTERRUPTED = 130
ON_LINUX = ("doctor", "explain", "hook", "layer", "learn", "quarantine")
FAST_COMMANDS = {
    "mask": "Take secrets out of a stream: aigate mask < log.txt.",
    "run": "Run a command in the sandbox.",
}


class LazyGroup(NearestGroup):
    """A group that knows its commands' names and first lines without importing them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return every command's name, sorted."""
        return sorted([*COMMANDS, *FAST_COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command's module and return its `command`."""
        if cmd_name in FAST_COMMANDS:
            return _described(cmd_name)
        if cmd_name not in COMMANDS:
            return None
        if cmd_name in ON_LINUX and sys.platform != "linux":
            raise EnforcementError(
                f"aigate {cmd_name} is Linux's",
                hint="aigate run --dry-run -- true shows what would be enforced here",
            )
        command: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        command.short_help = COMMANDS[cmd_name][1]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands by what one looks for, without importing them."""
        texts = {name: text for name, (_, text) in COMMANDS.items()} | FAST_COMMANDS
        named = {name for names in SECTIONS.values() for name in names}
        others = tuple(name for name in sorted(texts) if name not in named)
        for title, names in (SECTIONS | {"Others": others}).items():
            with formatter.section(title):
                formatter.write_dl([(name, texts[name]) for name in names])


def _described(name: str) -> click.Command:
    """Return one of the fast commands as click would have it: for help, completion and manual pages alone."""
    module = importlib.import_module(f"aigate.cli.{name}")
    options = (option for option in module.OPTIONS if "--help" not in option.names)
    params: list[click.Parameter] = [
        click.Option(
            list(option.names), help=option.help, metavar=option.metavar, is_flag=option.metavar is None, multiple=True
        )
        if option.metavar
        else click.Option(list(option.names), help=option.help, is_flag=True)
        for option in options
    ]
    words = module.USAGE.split(" ", 2)[2]
    params.append(click.Argument(["words"], nargs=-1, metavar=words))
    return click.Command(name, params=params, help=module.SUMMARY, short_help=FAST_COMMANDS[name])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="aigate")
def group() -> None:
    """Run AI coding agents in a sandbox that the kernel enforces, with secrets taken out of what they print."""


def main(arguments: list[str]) -> int:
    """Run one click command and return the exit status; wrong usage is aigate's UsageError (exit 1).

    Raises AigateError also when the output cannot be written, BrokenPipeError when its reader has gone.
    """
    if sys.stdout is None:
        raise AigateError("cannot write the output: standard output is closed")
    try:
        result = group.main(arguments, prog_name="aigate", standalone_mode=False)
    except click.UsageError as error:
        if not arguments:  # click 8.2 on tells bare `aigate` as an error whose message is the help
            click.echo(error.format_message())
            return 0
        where = error.ctx.command_path if error.ctx else _named(arguments)
        raise UsageError(error.format_message().rstrip("."), hint=f"see {where} --help") from None
    except click.Abort:
        return INTERRUPTED
    except SystemExit:  # click's answer to a pipe that nobody reads
        raise BrokenPipeError from None
    except OSError as error:
        raise _output_failure(error) or error from None
    return result if isinstance(result, int) else 0


def _named(arguments: list[str]) -> str:
    """Return the command that the words name, as it is typed."""
    command: click.Command | None = group
    path = "aigate"
    for word in arguments:
        command = command.get_command(click.Context(command), word) if isinstance(command, click.Group) else None
        if command is None:
            break
        path += f" {word}"
    return path


def _output_failure(error: OSError) -> AigateError | None:
    """Return what an error is where click met it, which opens nothing and only writes; None elsewhere."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    if place is None or not str(place.tb_frame.f_globals.get("__name__")).startswith("click."):
        return None
    return AigateError(f"cannot write the output: {error.strerror}")
