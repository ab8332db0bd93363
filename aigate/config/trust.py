"""What the user agreed to: ~/.aigate/trusted, one line for each project file, with the hash of its content.

A line is the SHA-256 of the bytes in hex, a blank, and the file's path with backslash and line end escaped. Another
content under the same path, or the same content under another path, is not trusted.
In the same form ~/.aigate/written holds what the user's own edits have made of project files: so the watch of a run
knows such a file from one that an agent has made.
"""

from __future__ import annotations

import os

from aigate.config import files

TRUSTED, WRITTEN = "trusted", "written"


def trusted_path(home: str, name: str = TRUSTED) -> str:
    """Return the path of a record."""
    return os.path.join(home, files.DIRECTORY, name)


def is_trusted(path: str, digest: str, *, home: str | None, name: str = TRUSTED) -> bool:
    """Tell whether the user agreed to this content of this project file. name: of the record.

    Raises ConfigError when the record is there and cannot be relied on: unreadable, or writable by anyone.
    """
    record_path = trusted_path(home, name) if home else None
    if record_path is None or not os.path.lexists(record_path):
        return False
    return _line(path, digest) in files.read(record_path).split(b"\n")


def record(path: str, digest: str, *, home: str, name: str = TRUSTED) -> None:
    """Remember that the user agreed; replaces what was agreed to for this path before. name: of the record.

    Raises ConfigError when the record cannot be written.
    """
    from aigate.config import rewrite

    line = _line(path, digest)
    rewrite.rewrite(trusted_path(home, name), lambda old: _lines([*_others(old, path), line]), create=True)


def revoke(path: str, *, home: str) -> bool:
    """Forget what was agreed to for this path; False when there was nothing. Raises ConfigError as `record` does."""
    from aigate.config import rewrite

    if not os.path.lexists(trusted_path(home)):
        return False
    return rewrite.rewrite(trusted_path(home), lambda old: _lines(_others(old, path)), create=False)


def _line(path: str, digest: str) -> bytes:
    return digest.encode() + b" " + os.fsencode(os.path.realpath(path).replace("\\", "\\\\").replace("\n", "\\n"))


def _others(old: bytes | None, path: str) -> list[bytes]:
    suffix = _line(path, "")
    return [line for line in (old or b"").split(b"\n") if line and line[line.find(b" ") :] != suffix]


def _lines(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\n" for line in lines)
