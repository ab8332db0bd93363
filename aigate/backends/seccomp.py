"""The system call filter, as a classic BPF program. Pure.

It closes what namespaces leave open: typing into a terminal that is shared with the host (TIOCSTI, TIOCLINUX), the
kernel's keyrings, io_uring (its requests are not seen by seccomp), virtual machine sockets, and foreign instruction
sets, whose call numbers differ. Formats: seccomp(2), linux/filter.h, linux/seccomp.h; call numbers from the kernel's
tables for each architecture.
"""

from __future__ import annotations

import struct

from aigate.record import record

ALLOW = 0x7FFF0000
ERRNO = 0x00050000
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
AF_VSOCK = 40
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
X32_BIT = 0x40000000

LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
RETURN = 0x06  # BPF_RET | BPF_K
NUMBER, ARCHITECTURE, FIRST_LOW, SECOND_LOW = 0, 4, 16, 24  # offsets in struct seccomp_data, little-endian


@record
class CallNumbers:
    """What one architecture calls things. arch: AUDIT_ARCH_* of linux/audit.h."""

    arch: int
    ioctl: int
    socket: int
    add_key: int
    request_key: int
    keyctl: int


MACHINES = {
    "x86_64": CallNumbers(0xC000003E, ioctl=16, socket=41, add_key=248, request_key=249, keyctl=250),
    "aarch64": CallNumbers(0xC00000B7, ioctl=29, socket=198, add_key=217, request_key=218, keyctl=219),
}
IO_URING = (425, 426, 427)  # setup, enter, register: the same on every architecture


def filter_program(machine: str) -> bytes | None:
    """Return the filter for a machine as `uname -m` names it, or None for one whose call numbers are not known here."""
    calls = MACHINES.get(machine)
    if calls is None:
        return None
    program = [
        _jump_unless(ARCHITECTURE, EQUAL, calls.arch, ERRNO | ENOSYS),
        _jump_if(NUMBER, AT_LEAST, X32_BIT, ERRNO | ENOSYS),
        *[_jump_if(NUMBER, EQUAL, number, ERRNO | ENOSYS) for number in IO_URING],
        *[
            _jump_if(NUMBER, EQUAL, number, ERRNO | EPERM)
            for number in (calls.add_key, calls.request_key, calls.keyctl)
        ],
        _call_with(calls.ioctl, SECOND_LOW, (TIOCSTI, TIOCLINUX), ERRNO | EPERM),
        _call_with(calls.socket, FIRST_LOW, (AF_VSOCK,), ERRNO | EAFNOSUPPORT),
        _instruction(RETURN, 0, 0, ALLOW),
    ]
    return b"".join(program)


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    """Pack one struct sock_filter."""
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _jump_if(offset: int, test: int, value: int, action: int) -> bytes:
    load = _instruction(LOAD, 0, 0, offset)
    return load + _instruction(test, 0, 1, value) + _instruction(RETURN, 0, 0, action)


def _jump_unless(offset: int, test: int, value: int, action: int) -> bytes:
    load = _instruction(LOAD, 0, 0, offset)
    return load + _instruction(test, 1, 0, value) + _instruction(RETURN, 0, 0, action)


def _call_with(number: int, argument: int, values: tuple[int, ...], action: int) -> bytes:
    """Refuse a call when one of its arguments (low 32 bits, which is what the kernel looks at here) is in `values`."""
    tests = b"".join(_jump_if(argument, EQUAL, value, action) for value in values)
    count = len(tests) // 8
    return _instruction(LOAD, 0, 0, NUMBER) + _instruction(EQUAL, 0, count, number) + tests
