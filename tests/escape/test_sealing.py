"""What protects is in force or the start ends: no step of it is lost in silence."""

from __future__ import annotations

import ctypes
import errno
import os

import pytest
from sandbox import Sandbox, python_with_aigate

from aigate import _linux
from aigate.backends.seccomp import (
    ALLOW,
    EQUAL,
    ERRNO,
    FIRST_LOW,
    LOAD,
    MACHINES,
    NUMBER,
    RETURN,
    SECOND_LOW,
    _instruction,
)
from aigate.host.nesting import enter_user_namespace

BACKENDS = ("bwrap", "unshare")
PRCTL = {0xC000003E: 157, 0xC00000B7: 167}[MACHINES[os.uname().machine].arch]
PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS = 23, 24, 39, 38
LAYERS = """
import os, sys
from aigate import _linux
for _ in range(int(sys.argv[1])):
    _linux.landlock_scope(2)
os.execv(sys.argv[2], sys.argv[2:])
"""

FILTERED = """
import ctypes, os, sys
from aigate import _linux
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
_linux.filter_calls(bytes.fromhex(sys.argv[1]))
os.execv(sys.argv[2], sys.argv[2:])
"""
SECCOMP = {0xC000003E: 317, 0xC00000B7: 277}[MACHINES[os.uname().machine].arch]
NEW_LISTENER = 8  # SECCOMP_FILTER_FLAG_NEW_LISTENER
JUDGED = "calls that change mounts cannot be judged"


@pytest.mark.parametrize(
    ("error", "options", "status"),
    [
        (errno.EINVAL, (), 1),
        (errno.ENOSYS, (), 1),
        (errno.EBUSY, (), 0),  # another watch judges already
        (errno.EBUSY, ("--require", "watch"), 1),
        (errno.EBUSY, ("--require", "late"), 1),
    ],
)
def test_a_kernel_that_lets_nobody_judge_mounts(
    sandbox: Sandbox, error: int, options: tuple[str, ...], status: int
) -> None:
    """Played by a filter that refuses listeners."""
    program = b"".join((
        _instruction(LOAD, NUMBER),
        _instruction(EQUAL, SECCOMP, 0, 3),
        _instruction(LOAD, SECOND_LOW),
        _instruction(EQUAL, NEW_LISTENER, 0, 1),
        _instruction(RETURN, ERRNO | error),
        _instruction(RETURN, ALLOW),
    ))  # fmt: skip
    sandbox.config("late: hide\n")
    words = [*sandbox.prefix, "run", "-q", *options, "--", "touch", "ran"]
    done = sandbox.execute([*python_with_aigate(sandbox.prefix), "-c", FILTERED, program.hex(), *words])
    assert done.returncode == status, done.stderr
    assert (JUDGED in done.stderr) == bool(status)
    assert done.stderr.count("aigate: ") == status
    assert (sandbox.project / "ran").exists() != bool(status)


@pytest.mark.parametrize("options", [("-q",), ("-q", "--require", "landlock")])
def test_below_the_most_layers_that_landlock_allows(sandbox: Sandbox, options: tuple[str, ...]) -> None:
    interpreter = python_with_aigate(sandbox.prefix)
    words = [*sandbox.prefix, "run", *options, "--", "touch", "ran"]
    for layers, status in ((16, 1), (15, 0)):
        done = sandbox.execute([*interpreter, "-c", LAYERS, str(layers), *words])
        assert done.returncode == status, done.stderr
        assert ("Landlock cannot be put in force" in done.stderr) == bool(status)
        assert (sandbox.project / "ran").exists() != bool(status)


@pytest.mark.parametrize("option", [PR_CAPBSET_READ, PR_CAPBSET_DROP, PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS])
@pytest.mark.parametrize("error", [1, 22])
def test_a_kernel_that_does_not_take_capabilities_away(option: int, error: int) -> None:
    """Played by a filter that lets one option of prctl(2) fail."""
    program = b"".join((
        _instruction(LOAD, NUMBER),
        _instruction(EQUAL, PRCTL, 0, 3),
        _instruction(LOAD, FIRST_LOW),
        _instruction(EQUAL, option, 0, 1),
        _instruction(RETURN, ERRNO | error),
        _instruction(RETURN, ALLOW),
    ))  # fmt: skip
    child = os.fork()
    if child == 0:
        status = 2
        try:
            enter_user_namespace(0)
            ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            _linux.filter_calls(program)
            _linux.drop_capabilities()
            status = 0
        except PermissionError:
            status = 1
        except OSError as failed:
            status = 1 if failed.errno == error else 3
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == (0 if (option, error) == (PR_CAPBSET_READ, 22) else 1)
