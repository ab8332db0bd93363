"""The audit log: one JSON object a line, appended by the trusted side only. Holds no secret: commands arrive masked.

The file is `~/.aigate/audit.jsonl`, mode 0600, opened for appending, written in one write(2) a line, so that runs side
by side do not tear each other's lines (open(2), O_APPEND). Inside the sandbox it is hidden.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from _json import encode_basestring_ascii as _quoted  # json itself imports re: 7 ms of every start

from aigate.errors import EnforcementError
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]

FILE = "audit.jsonl"
ENXIO, EISDIR, ELOOP = 6, 21, 62 if sys.platform == "darwin" else 40
SPACE = "check the file and free space"
MOVE = "move it away; aigate makes a new one"


def to_json(value: Value) -> str:
    """Return JSON text (RFC 8259), ASCII only. Lone surrogates, which undecodable file names hold, are escaped."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return str(_quoted(value))
    if isinstance(value, (int, float)):
        return repr(value)
    if hasattr(value, "items"):
        return "{" + ", ".join(f"{_quoted(k)}: {to_json(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(to_json(item) for item in value) + "]"


class AuditLog:
    """The open log of one run. Raises EnforcementError when it cannot be written: no trace, no run."""

    def __init__(self, state: str) -> None:
        self.path = f"{state}/{FILE}"
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            self._descriptor = os.open(self.path, flags, 0o600)
        except OSError as error:
            raise self._unusable(error) from None
        self._check()
        self.run = os.urandom(8).hex()

    def write(self, event: str, **fields: Value) -> None:
        """Append one event; every line has the time (UTC, RFC 3339), the run's random id and the process id."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
        line = to_json({"time": stamp, "run": self.run, "pid": os.getpid(), "event": event, **fields}) + "\n"
        self._append(line.encode("ascii"))

    def write_fields(self, event: str, fields: Mapping[str, Value]) -> None:
        """Append one event whose fields come as a mapping."""
        self.write(event, **fields)

    @property
    def descriptor(self) -> int:
        """The file's descriptor, for a process that is to keep it."""
        return self._descriptor

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)

    def _append(self, line: bytes) -> None:
        """Write a line whole, on a line of its own. What a full disk took is cut back. Raises EnforcementError."""
        try:
            size = os.fstat(self._descriptor).st_size
            if size and os.pread(self._descriptor, 1, size - 1) != b"\n":  # a run died, or could not cut back
                line = b"\n" + line
            written = os.write(self._descriptor, line)
        except OSError as error:
            raise self._failure(error) from None
        if written != len(line):
            self._cut_back(line[:written])
            raise EnforcementError(
                f"the audit log {self.path} cannot be written: the disk took a part of a line", hint=SPACE
            )

    def _cut_back(self, part: bytes) -> None:
        """Take the beginning of a line away again, unless somebody else's follows it by now."""
        with suppress(OSError):
            start = os.fstat(self._descriptor).st_size - len(part)
            if os.pread(self._descriptor, len(part), start) == part:
                os.ftruncate(self._descriptor, start)

    def _check(self) -> None:
        """Raise EnforcementError unless what was opened is a file, and nothing that blocks or forgets."""
        if stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            return
        os.close(self._descriptor)
        raise EnforcementError(f"the audit log {self.path} is not a regular file", hint=MOVE)

    def _unusable(self, error: OSError) -> EnforcementError:
        if error.errno == ELOOP:
            return EnforcementError(f"the audit log {self.path} is a link, which could be replaced", hint=MOVE)
        if error.errno in (ENXIO, EISDIR):  # a FIFO that nobody reads, a directory
            return EnforcementError(f"the audit log {self.path} is not a regular file", hint=MOVE)
        return self._failure(error)

    def _failure(self, error: OSError) -> EnforcementError:
        return EnforcementError(f"the audit log {self.path} cannot be written: {error.strerror}", hint=SPACE)
