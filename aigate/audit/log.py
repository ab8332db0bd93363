"""The audit log: one JSON object a line, appended by the trusted side only. Holds no secret: commands arrive masked.

The file is `~/.aigate/audit.jsonl`, mode 0600, opened for appending, written in one write(2) a line; inside the sandbox
it is hidden. Each line is chained to the one before (`audit/chain.py`), and the chain's head is kept in `audit.head`.
Who writes holds a lock on that file, so runs side by side make one chain. A full file is kept under a number.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from _json import encode_basestring_ascii as _quoted  # json itself imports re: 7 ms of every start
from errno import EDQUOT, ENOSPC

from aigate.audit.chain import (
    DROPPED,
    FILE,
    HEAD,
    LENGTH,
    LOST,
    OWN,
    Head,
    in_order,
    kept_name,
    kept_number,
    place_after,
    place_in_chain,
    read_head,
)
from aigate.audit.lock import locked, unlock
from aigate.errors import EnforcementError, remedy
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]

ENXIO, EISDIR, ELOOP = 6, 21, 62 if sys.platform == "darwin" else 40
SPACE = "check the file and free space"
MOVE = "move it away; aigate makes a new one"
FULL_BYTES = 16 << 20  # a file that has become as large is kept, and a new one is begun
MOST_KEPT = 15
TAIL = 1 << 20  # bytes from the end in which the last record is looked for, where the head is lost


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
        self._opened: list[int] = []
        try:
            self._state = self._keep_open(os.open(state, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
            self._head = self._keep_open(self._open(HEAD))
            self._descriptor = self._keep_open(self._open(FILE))
        except OSError as error:
            self.close()
            raise self._failure(error) from None
        except EnforcementError:
            self.close()
            raise
        self.run = os.urandom(8).hex()

    def write(self, event: str, **fields: Value) -> None:
        """Append one event; every line has the time (UTC, RFC 3339), the run's random id and the process id."""
        self.write_fields(event, fields)

    def write_fields(self, event: str, fields: Mapping[str, Value]) -> None:
        """Append one event whose fields come as a mapping. Raises EnforcementError."""
        held = locked(self._head, self.path)
        try:
            head = self._append(self._settled(), event, fields)
            if head.size >= FULL_BYTES:
                self._begin_another(head)
        except OSError as error:
            raise self._failure(error) from None
        finally:
            unlock(held, self._head)

    def head(self) -> Head:
        """Return where the chain ends by now. Raises EnforcementError."""
        try:
            return read_head(os.pread(self._head, LENGTH, 0)) or Head()
        except OSError as error:
            raise self._failure(error) from None

    @property
    def descriptors(self) -> tuple[int, ...]:
        """The descriptors of a process that is to keep on writing."""
        return tuple(self._opened)

    def close(self) -> None:
        """Close the files."""
        while self._opened:
            os.close(self._opened.pop())

    def _keep_open(self, descriptor: int) -> int:
        self._opened.append(descriptor)
        return descriptor

    def _settled(self) -> Head:
        """Return the head that the next record follows, and have the log's present file open."""
        head = read_head(os.pread(self._head, LENGTH + 1, 0))
        status = os.fstat(self._descriptor)
        if head and status.st_nlink and (head.file, head.size) == (status.st_ino, status.st_size):
            return head
        self._open_again()
        return self._begun() if head is None else self._with_those_after(head)

    def _begun(self) -> Head:
        """Return the head of a log that has none: at its beginning, or where it was lost, which is written down."""
        status = os.fstat(self._descriptor)
        head = self._last_record()
        head = Head(head.number, head.digest, status.st_size, status.st_ino)
        self._write_head(head)
        return self._append(head, OWN, {"kind": LOST}) if head.number else head

    def _with_those_after(self, head: Head) -> Head:
        """Return the head with the records that follow it already: a run was killed between the two writes."""
        status = os.fstat(self._descriptor)
        place = head.size if head.file == status.st_ino else 0
        for line in _lines(self._descriptor, place, status.st_size):
            named = place_in_chain(line)
            if named is None or not head.is_followed_by(*named):
                break
            head = head.after(line, status.st_size, status.st_ino)
        return head

    def _last_record(self) -> Head:
        """Return the last record that the log's files hold, as a head; an empty one where there is none."""
        for name in reversed(in_order(os.listdir(self._state))):
            descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._state)
            try:
                size = os.fstat(descriptor).st_size
                for line in reversed(_lines(descriptor, max(0, size - TAIL), size)):
                    named = place_in_chain(line)
                    if named is not None:
                        return Head(named[0] - 1).after(line, 0, 0)
            finally:
                os.close(descriptor)
        return Head()

    def _append(self, head: Head, event: str, fields: Mapping[str, Value]) -> Head:
        """Write one record after a head, and return the new one."""
        now = time.time()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + f".{int(now % 1 * 1000):03d}Z"
        own: dict[str, Value] = {"time": stamp, "run": self.run, "pid": os.getpid(), "event": event}
        line = to_json({**own, **fields, **place_after(head)}).encode("ascii")
        size = self._write_line(line + b"\n")
        head = head.after(line, size, os.fstat(self._descriptor).st_ino)
        self._write_head(head)
        return head

    def _write_line(self, line: bytes) -> int:
        """Write a line whole, on a line of its own. What a full disk took is cut back. Returns where it ends."""
        size = os.fstat(self._descriptor).st_size
        if size and os.pread(self._descriptor, 1, size - 1) != b"\n":  # a run died, or could not cut back
            line = b"\n" + line
        written = os.write(self._descriptor, line)
        if written != len(line):
            self._cut_back(line[:written])
            raise EnforcementError(
                f"the audit log {self.path} cannot be written: the disk took a part of a line", hint=SPACE
            )
        return os.lseek(self._descriptor, 0, os.SEEK_CUR)

    def _write_head(self, head: Head) -> None:
        if os.pwrite(self._head, head.written(), 0) != LENGTH:
            raise EnforcementError(
                f"the audit log's head beside {self.path} cannot be written: the disk took a part of it", hint=SPACE
            )

    def _cut_back(self, part: bytes) -> None:
        """Take the beginning of a line away again, unless somebody else's follows it by now."""
        with suppress(OSError):
            start = os.fstat(self._descriptor).st_size - len(part)
            if os.pread(self._descriptor, len(part), start) == part:
                os.ftruncate(self._descriptor, start)

    def _begin_another(self, head: Head) -> None:
        """Keep the full file under its last record's number. Where that fails, it grows on until the next try."""
        with suppress(OSError):
            named = os.stat(FILE, dir_fd=self._state, follow_symlinks=False)
            if named.st_ino != os.fstat(self._descriptor).st_ino:
                return
            head = Head(head.number, head.digest)
            self._write_head(head)
            os.rename(FILE, kept_name(head.number), src_dir_fd=self._state, dst_dir_fd=self._state)
            self._open_again()
            self._drop_the_oldest(head)

    def _drop_the_oldest(self, head: Head) -> None:
        """Remove what is more than is kept, after writing down that it is gone on purpose."""
        kept = [name for name in in_order(os.listdir(self._state)) if name != FILE]
        for name in kept[:-MOST_KEPT]:
            head = self._append(head, OWN, {"kind": DROPPED, "up_to": kept_number(name)})
            os.unlink(name, dir_fd=self._state)

    def _open_again(self) -> None:
        """Open the log's present file by its name, under the same descriptor."""
        new = self._open(FILE)
        try:
            os.dup2(new, self._descriptor, inheritable=False)
        finally:
            os.close(new)

    def _open(self, name: str) -> int:
        """Open a file of the log, made if need be. Raises EnforcementError unless it is one."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        flags |= os.O_APPEND if name == FILE else 0
        try:
            descriptor = os.open(name, flags, 0o600, dir_fd=self._state)
        except OSError as error:
            raise self._unusable(error, f"{os.path.dirname(self.path)}/{name}") from None
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        raise EnforcementError(f"the audit log {os.path.dirname(self.path)}/{name} is not a regular file", hint=MOVE)

    def _unusable(self, error: OSError, path: str) -> EnforcementError:
        if error.errno == ELOOP:
            return EnforcementError(f"the audit log {path} is a link, which could be replaced", hint=MOVE)
        if error.errno in (ENXIO, EISDIR):  # a FIFO that nobody reads, a directory
            return EnforcementError(f"the audit log {path} is not a regular file", hint=MOVE)
        return self._failure(error, path)

    def _failure(self, error: OSError, path: str = "") -> EnforcementError:
        message = f"the audit log {path or self.path} cannot be written: {error.strerror}"
        return EnforcementError(message, hint=SPACE if error.errno in (ENOSPC, EDQUOT) else remedy(error) or SPACE)


def _lines(descriptor: int, start: int, end: int) -> list[bytes]:
    """Return the whole lines of a part of a file, without their ends."""
    text = b""
    while len(text) < end - start and (block := os.pread(descriptor, end - start - len(text), start + len(text))):
        text += block
    return text.split(b"\n")[:-1]
