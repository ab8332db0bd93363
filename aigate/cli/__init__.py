"""The command line: one module per command, and the only place that prints and exits.

`run` and `mask` start in milliseconds, so they bring their own small option parser (`aigate.cli.options`) and import
nothing else; every other command is a click command in `aigate.cli.group`.
"""

from __future__ import annotations

import gc
import os
import sys

from aigate import isolation
from aigate.errors import AigateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main(argv: list[str] | None = None) -> int:
    """Run one command line (without the program's name) and return the exit status."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        if arguments[:1] == ["run"]:
            from aigate.cli.run import main as run

            return run(arguments[1:])
        if arguments[:1] == ["mask"]:
            from aigate.cli.mask import main as mask

            return mask(arguments[1:])
        from aigate.cli.group import main as group

        return group(arguments)
    except AigateError as error:
        complain(error)
        return error.exit_status
    except KeyboardInterrupt:
        return 130


def start(script: str = "") -> NoReturn:
    """Run this process's command line and end the process. script: path of aigate-python, where that was run.

    What starts fast also ends fast: it has written everything itself, and taking Python apart takes milliseconds.
    """
    isolation.begin(script)
    fast = sys.argv[1:2] in (["run"], ["mask"])
    if fast:
        gc.disable()  # until the work has begun: nothing is garbage yet
    status = main()
    if fast:
        os._exit(status)
    sys.exit(status)


def complain(error: AigateError) -> None:
    """Write an error as one line on standard error, and its hint as a second one."""
    from aigate.config.files import shown

    text = f"aigate: {shown(error.message)}\n"
    if error.hint:
        text += f"  hint: {shown(error.hint)}\n"
    os.write(2, text.encode("utf-8", "backslashreplace"))
