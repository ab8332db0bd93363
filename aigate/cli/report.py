"""How a run ended, told to the program that started it: one JSON object on a descriptor that it has given.

    {"status": 0, "run": "…", "head": [42, "…"], "error": null}

status: null where aigate itself failed; `error` then has its kind, message, hint and exit status. run, head: null where
nothing is in the audit log. The descriptor is the command's in no case.
"""

from __future__ import annotations

import os

from aigate.audit.log import to_json
from aigate.errors import AigateError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self

    from aigate.audit.chain import Head

LONGEST = 6


class Report:
    """The report of one run, written when its context ends. Raises UsageError for what is no open descriptor."""

    def __init__(self, number: str) -> None:
        """Look whether a descriptor is one, and keep it from every process that is started from now on."""
        self.status: int | None = None
        self._run: str | None = None
        self._head: tuple[int, str] | None = None
        try:
            if not (number.isascii() and number.isdigit() and len(number) < LONGEST):
                raise ValueError(number)  # noqa: TRY301 -- told as the other one is
            self._descriptor = int(number)
            os.set_inheritable(self._descriptor, False)
        except (OSError, ValueError):
            raise UsageError(f"--report-fd: {number} is no open descriptor") from None

    def logged(self, number: str, head: Head) -> None:
        """Take in a run's id, and where the audit log ends."""
        self._run, self._head = number, (head.number, head.digest)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Write it down."""
        failed = None
        if isinstance(error, AigateError):
            kind = type(error).__name__
            status = error.exit_status
            failed = {"kind": kind, "message": error.message, "hint": error.hint, "exit_status": status}
        elif error is not None:
            return
        text = to_json({"status": self.status, "run": self._run, "head": self._head, "error": failed})
        os.write(self._descriptor, text.encode("ascii"))
