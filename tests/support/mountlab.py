"""Mounts made by `Mounting` in a process of its own, as the sandbox's user."""

from __future__ import annotations

import ctypes
import os
import pathlib
from collections.abc import Callable

from sandbox import Sandbox

from aigate.backends.layout import Bind, Temporary
from aigate.errors import EnforcementError
from aigate.host.nesting import CLONE_NEWNS, enter_user_namespace

BASE = (Bind("/", "/", writable=False), Temporary("/tmp", 0o1777))


def in_namespaces(sandbox: Sandbox, attempt: Callable[[], str]) -> str:
    """Call something in a process of its own, as the sandbox's user in new namespaces; return its text or the error."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            if os.getuid() != sandbox.uid:
                os.setgroups([])
                os.setresgid(sandbox.gid, sandbox.gid, sandbox.gid)
                os.setresuid(sandbox.uid, sandbox.uid, sandbox.uid)
                ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE: /proc/self is this user's again
            enter_user_namespace(CLONE_NEWNS)
            said = attempt()
        except EnforcementError as error:
            said = error.message
        finally:
            os.write(writer, said.encode())
            os._exit(0)
    os.close(writer)
    os.waitpid(child, 0)
    with os.fdopen(reader) as answer:
        return answer.read()


def identity(path: pathlib.Path) -> tuple[int, int]:
    status = path.lstat()
    return status.st_dev, status.st_ino
