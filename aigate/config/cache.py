"""Checked config files, kept so that starting does not parse YAML again. Owns ~/.aigate/cache; decides nothing.

An entry's name is the hash of the very bytes that were read and of everything that says how to read them, so an entry
is right or it is not found. The folder is hidden in the sandbox, as all of ~/.aigate is. What cannot be read, is not
ours, or was cut short is as good as absent, and what cannot be written is not written: the cache never fails a run.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys

from aigate import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import sha256
    from typing import Any
else:
    try:
        from _sha2 import sha256  # Python 3.12 on; importing hashlib costs 2 ms, for OpenSSL
    except ImportError:
        try:
            from _sha256 import sha256
        except ImportError:
            from hashlib import sha256

CACHE = "cache"
DIGEST = 32
MAX_ENTRY = 4 << 20
MAX_ENTRIES = 64


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes, in hex."""
    return sha256(data).hexdigest()


def key_of(data: bytes, kind: str) -> str:
    """Return the name of the entry for a file with these bytes, read as `kind`."""
    how = f"{__version__} {kind} {sys.implementation.cache_tag} {marshal.version}\n"
    return digest(how.encode() + data)


def get(directory: str | None, key: str) -> Any:
    """Return what was put under `key`, or None. directory: the user's ~/.aigate, None where there is no home."""
    if directory is None:
        return None
    try:
        entry = _read(os.path.join(directory, CACHE, key))
    except OSError:
        return None
    body = entry[DIGEST:]
    # The key goes into the check: an entry under another's name is as wrong as a damaged one.
    if sha256(key.encode() + body).digest() != entry[:DIGEST]:
        return None
    try:
        return marshal.loads(body)  # noqa: S302 - our own file, hashed above
    except (EOFError, ValueError, TypeError):
        return None


def put(directory: str | None, key: str, value: Any) -> None:
    """Keep `value` (tuples, dicts, strings, numbers) under `key`, where that is possible."""
    if directory is not None:
        body = marshal.dumps(value)
        put_bytes(directory, key, sha256(key.encode() + body).digest() + body)


def put_bytes(directory: str, name: str, data: bytes) -> None:
    """Keep a file of one's own beside the entries, where that is possible."""
    folder = os.path.join(directory, CACHE)
    temporary = os.path.join(folder, f".{os.urandom(8).hex()}")
    try:
        # Only in a folder that is ours: under sudo with the user's HOME, root's files would be in the user's way.
        if os.stat(directory).st_uid != os.geteuid():
            return
        _make(folder)
        _write(temporary, os.path.join(folder, name), data)
        _prune(folder)
    except OSError:
        return


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(fd)
        ours = status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
        if not ours or not stat.S_ISREG(status.st_mode):
            return b""
        return os.read(fd, MAX_ENTRY)
    finally:
        os.close(fd)


def _make(folder: str) -> None:
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        status = os.lstat(folder)
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise
        if stat.S_IMODE(status.st_mode) != 0o700:  # noqa: PLR2004
            os.chmod(folder, 0o700)


def _write(temporary: str, path: str, data: bytes) -> None:
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        while data:
            data = data[os.write(fd, data) :]
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
    finally:
        os.close(fd)


def _prune(folder: str) -> None:
    names = os.listdir(folder)
    if len(names) > MAX_ENTRIES:
        paths = sorted((os.path.join(folder, name) for name in names), key=lambda path: os.lstat(path).st_mtime)
        for path in paths[: len(names) - MAX_ENTRIES // 2]:
            os.unlink(path)
