"""The command line: one module per command, and the only place that prints and exits.

`run` and `mask` start in milliseconds, so they bring their own small option parser (`aigate.cli.options`) and import
nothing else; every other command is a click command in `aigate.cli.group`.
"""

from __future__ import annotations

import gc
import os
import sys

from aigate import bundle, debug, isolation
from aigate.errors import AigateError, remedy, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

INTERRUPTED, READER_GONE = 130, 141  # as a shell tells SIGINT and SIGPIPE
WHERE = "AIGATE_LOG_LEVEL=debug shows where"


def main(argv: list[str] | None = None) -> int:
    """Run one command line (without the program's name) and return the exit status."""
    if argv is None and not isolation.is_isolated():  # no start of ours: the script of another project of that name
        return _failed(AigateError(isolation.MIXED.format(isolation.home()), hint=isolation.APART))
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["help"]:
        arguments = [*arguments[1:], "--help"]
    try:
        return _command(arguments)
    except AigateError as error:
        return _failed(error)
    except OSError as error:
        return _refused(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- nobody is shown a traceback who has not asked for it
        return _unforeseen(error)


def start(script: str = "") -> NoReturn:
    """Run this process's command line and end the process. script: path of aigate-python, where that was run.

    Whatever was to be written is written by then, and taking Python apart takes milliseconds.
    """
    isolation.begin(script)
    if sys.argv[1:2] in (["run"], ["mask"]):
        gc.disable()  # until the work has begun: nothing is garbage yet
    try:
        isolation.let_interrupts_in()
        status = main()
    except KeyboardInterrupt:
        status = INTERRUPTED
    except Exception as error:  # noqa: BLE001 -- as above
        status = _unforeseen(error)
    bundle.keep()
    os._exit(status)


def complain(error: AigateError) -> None:
    """Write an error as one line on standard error, and its hint as a second one."""
    from aigate.cli.output import say
    from aigate.config.files import shown

    text = f"aigate: {shown(error.message)}\n"
    if error.hint:
        text += f"  hint: {shown(error.hint)}\n"
    say(text)


def _command(arguments: list[str]) -> int:
    if arguments[:1] == ["run"]:
        from aigate.cli.run import main as run

        return run(arguments[1:])
    if arguments[:1] == ["mask"]:
        from aigate.cli.mask import main as mask

        return mask(arguments[1:])
    from aigate.cli.group import main as group

    return group(arguments)


def _failed(error: AigateError) -> int:
    complain(error)
    return error.exit_status


def _unforeseen(error: Exception) -> int:
    """Tell in one line what nobody foresaw."""
    if debug.ENABLED:
        raise error
    hint = None if isinstance(error, MemoryError) else WHERE
    otherwise = "install aigate again" if isinstance(error, ImportError) else hint
    return _failed(AigateError(told(error), hint=remedy(error) or otherwise))


def _refused(error: OSError) -> int:
    """Tell what the system refused and nobody foresaw, in one line; a reader that has gone needs no word."""
    if isinstance(error, BrokenPipeError):
        return READER_GONE
    if debug.ENABLED:
        raise error
    return _failed(AigateError(told(error), hint=remedy(error) or WHERE))
