"""System calls that would help out of the sandbox are refused."""

from __future__ import annotations

import json

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
CALLS = {
    "io_uring_setup": ("libc.syscall(425, 8, ctypes.create_string_buffer(248))", 38),
    "add_key": ("libc.syscall(248, b'user', b'x', b'y', 1, -5)", 1),
    "keyctl": ("libc.syscall(250, 0, -3, 0)", 1),
    "TIOCSTI": ("libc.ioctl(0, 0x5412, b'x')", 1),
    "TIOCSTI with high bits": ("libc.ioctl(0, ctypes.c_ulong(0x100005412), b'x')", 1),
    "TIOCLINUX": ("libc.ioctl(0, 0x541C, b'x')", 1),
    "AF_VSOCK": ("libc.socket(40, 1, 0)", 97),
    "open_by_handle_at": ("libc.syscall(304, -100, None, 0)", 1),
    "perf_event_open of everybody": ("libc.syscall(298, ctypes.create_string_buffer(128), -1, 0, -1, 0)", 1),
    "perf_event_open of a group": ("libc.syscall(298, ctypes.create_string_buffer(128), 0, 0, -1, 4)", 1),
    "x32": ("libc.syscall(0x40000000 + 39)", 38),
}
PROGRAM = """
import ctypes, json
libc, said = ctypes.CDLL(None, use_errno=True), {}
for name, (call, _) in CALLS.items():
    ctypes.set_errno(0)
    said[name] = [eval(call), ctypes.get_errno()]
print(json.dumps(said))
"""


@pytest.mark.everywhere
def test_refused_system_calls(sandbox: Sandbox) -> None:
    done = sandbox.run("python3", "-c", PROGRAM.replace("CALLS", repr(CALLS)))
    assert json.loads(done.stdout) == {name: [-1, error] for name, (_, error) in CALLS.items()}, done.stderr
