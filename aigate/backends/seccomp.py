"""The system call filter, as a classic BPF program. Pure.

It closes what namespaces and mounts leave open: typing into a terminal that is shared with the host (TIOCSTI,
TIOCLINUX), the kernel's keyrings, io_uring (its requests are not seen by seccomp), virtual machine sockets, foreign
instruction sets, whose call numbers differ, snapshots that show what mounts cover, files that run as their owner
outside, files that are opened by handle (from Linux 6.12 on whoever has a mount namespace may, past mounts that are not
locked), and samples of processes that are not the sandbox's own. Formats: seccomp(2), linux/filter.h, linux/seccomp.h;
call numbers from the kernel's tables for each architecture.
"""

from __future__ import annotations

import struct

from aigate.record import record

ALLOW = 0x7FFF0000
ASK = 0x7FC00000  # SECCOMP_RET_USER_NOTIF
ERRNO = 0x00050000
EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
AF_VSOCK = 40
TIOCSTI, TIOCLINUX = 0x5412, 0x541C
X32_BIT = 0x40000000
SET_USER, SET_GROUP = 0o4000, 0o2000  # S_ISUID, S_ISGID, inode(7)
CREATES = 0o100 | 0o20000000  # O_CREAT, and of O_TMPFILE the bit that is no O_DIRECTORY; the same on both architectures

# Type and number of ioctl(2) requests, whose upper half (size and direction) changed with versions. btrfs: SNAP_CREATE,
# SNAP_CREATE_V2 (a subvolume's owner needs no right for a snapshot, which has no mounts over it), SNAP_DESTROY and its
# V2 (which heed no mount either); linux/btrfs.h. bcachefs: SUBVOLUME_CREATE and _DESTROY, by which snapshots are made
# too, and their second versions; bcachefs_ioctl.h. An empty subvolume of btrfs shows nothing, so SUBVOL_CREATE stays.
SNAPSHOTS = (0x9401, 0x9417, 0x940F, 0x943F, 0xBC10, 0xBC11, 0xBC1D, 0xBC1E)
REQUEST = 0xFFFF

LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
AND = 0x54  # BPF_ALU | BPF_AND | BPF_K
EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
HAS_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
RETURN = 0x06  # BPF_RET | BPF_K
NUMBER, ARCHITECTURE = 0, 4  # offsets in struct seccomp_data, little-endian
# The low 32 bits of arguments: all that is looked at here.
FIRST_LOW, SECOND_LOW, THIRD_LOW, FOURTH_LOW, FIFTH_LOW = 16, 24, 32, 40, 48


@record
class CallNumbers:
    """What one architecture calls things. arch: AUDIT_ARCH_* of linux/audit.h. None: it has no such call.

    mounting: mount, umount2, pivot_root, setns.
    """

    arch: int
    mounting: tuple[int, ...]
    ioctl: int
    socket: int
    add_key: int
    request_key: int
    keyctl: int
    open_by_handle_at: int
    perf_event_open: int
    fchmod: int
    fchmodat: int
    mknodat: int
    openat: int
    chmod: int | None = None
    mknod: int | None = None
    creat: int | None = None
    open: int | None = None


MACHINES = {
    "x86_64": CallNumbers(
        0xC000003E, mounting=(165, 166, 155, 308), ioctl=16, socket=41, add_key=248, request_key=249, keyctl=250,
        open_by_handle_at=304, perf_event_open=298,
        fchmod=91, fchmodat=268, mknodat=259,
        openat=257, chmod=90, mknod=133, creat=85, open=2,
    ),
    "aarch64": CallNumbers(
        0xC00000B7, mounting=(40, 39, 41, 268), ioctl=29, socket=198, add_key=217, request_key=218, keyctl=219,
        open_by_handle_at=265, perf_event_open=241,
        fchmod=52, fchmodat=53, mknodat=33,
        openat=56,
    ),
}  # fmt: skip
EVERYBODY, PERF_FLAG_PID_CGROUP = 0xFFFFFFFF, 4  # perf_event_open(2): its pid of -1, and a pid that is a control group
IO_URING = (425, 426, 427)  # setup, enter, register: these, and the next two, are the same on every architecture
OPENAT2, FCHMODAT2 = 437, 452
# open_tree, move_mount, fsopen, fsconfig, fsmount, fspick, mount_setattr, open_tree_attr: likewise. An overlay shows a
# directory without what was mounted in it, and fsmount(2) gives it to who never attaches it.
MOUNTING = (428, 429, 430, 431, 432, 433, 442, 467)


def filter_program(machine: str) -> bytes | None:
    """Return the filter for a machine as `uname -m` names it, or None for one whose call numbers are not known here."""
    calls = MACHINES.get(machine)
    if calls is None:
        return None
    return b"".join((
        _instruction(LOAD, ARCHITECTURE),
        _instruction(EQUAL, calls.arch, 1, 0),
        _instruction(RETURN, ERRNO | ENOSYS),
        _instruction(LOAD, NUMBER),
        _instruction(AT_LEAST, X32_BIT, 0, 1),
        _instruction(RETURN, ERRNO | ENOSYS),
        # The flags and the mode of openat2(2) lie in memory, where no filter can look; without it openat(2) is used.
        *[_call(number, _refused(ENOSYS)) for number in (*IO_URING, OPENAT2)],
        *[_call(number, _refused(EPERM)) for number in (calls.add_key, calls.request_key, calls.keyctl)],
        _call(calls.open_by_handle_at, _refused(EPERM)),
        _call(calls.perf_event_open, _one_of(SECOND_LOW, (EVERYBODY,)) + _bits(FIFTH_LOW, PERF_FLAG_PID_CGROUP)),
        _call(calls.ioctl, _one_of(SECOND_LOW, (TIOCSTI, TIOCLINUX)) + _one_of(SECOND_LOW, SNAPSHOTS, REQUEST)),
        _call(calls.socket, _one_of(FIRST_LOW, (AF_VSOCK,), error=EAFNOSUPPORT)),
        _set_id(calls),
        _instruction(RETURN, ALLOW),
    ))  # fmt: skip


def mount_program(machine: str) -> bytes | None:
    """Return the filter that hands what changes mounts to whoever listens; None for a machine not known here.

    And what sets the group's bit, so that it is known whether anything has.
    """
    calls = MACHINES.get(machine)
    if calls is None:
        return None
    asked = _instruction(RETURN, ASK)
    return b"".join((
        _instruction(LOAD, ARCHITECTURE),
        _instruction(EQUAL, calls.arch, 1, 0),
        _instruction(RETURN, ALLOW),
        _instruction(LOAD, NUMBER),
        *[_call(number, asked) for number in (*calls.mounting, *MOUNTING)],
        *[_call(number, _asked_with(mode, SET_GROUP)) for number, mode in _changing_modes(calls)],
        _instruction(RETURN, ALLOW),
    ))  # fmt: skip


def setns_number(machine: str) -> int:
    """Return the number of setns(2), or -1."""
    calls = MACHINES.get(machine)
    return calls.mounting[-1] if calls else -1


def _set_id(calls: CallNumbers) -> bytes:
    """Keep files from getting set-id bits: who executes such a file outside becomes who ran the agent.

    Directories need the group's bit, so chmod(2) and its like may set that one.
    """
    made = ((calls.creat, SECOND_LOW), (calls.mknod, SECOND_LOW), (calls.mknodat, THIRD_LOW))
    opened = ((calls.open, SECOND_LOW, THIRD_LOW), (calls.openat, THIRD_LOW, FOURTH_LOW))
    any_id = SET_USER | SET_GROUP
    return b"".join((
        *[_call(number, _bits(mode, SET_USER)) for number, mode in _changing_modes(calls)],
        *[_call(number, _bits(mode, any_id)) for number, mode in made if number is not None],
        *[_call(number, _creating(flags, _bits(mode, any_id))) for number, flags, mode in opened if number is not None],
    ))  # fmt: skip


def _changing_modes(calls: CallNumbers) -> tuple[tuple[int, int], ...]:
    """Return the calls that change a mode, and where it is among their arguments."""
    modes = ((calls.chmod, SECOND_LOW), (calls.fchmod, SECOND_LOW), (calls.fchmodat, THIRD_LOW), (FCHMODAT2, THIRD_LOW))
    return tuple((number, mode) for number, mode in modes if number is not None)


def mode_numbers(machine: str) -> frozenset[int]:
    """Return the numbers of the calls that change a mode."""
    calls = MACHINES.get(machine)
    return frozenset(number for number, _ in _changing_modes(calls)) if calls else frozenset()


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Pack one struct sock_filter."""
    return struct.pack("<HBBI", code, if_true, if_false, value)


def _call(number: int, verdict: bytes) -> bytes:
    """Judge one call; the number is loaded, and is so still for the calls that come after it."""
    judged = verdict + _instruction(RETURN, ALLOW)
    return _instruction(EQUAL, number, 0, len(judged) // 8) + judged


def _refused(error: int) -> bytes:
    return _instruction(RETURN, ERRNO | error)


def _one_of(argument: int, values: tuple[int, ...], mask: int = 0, error: int = EPERM) -> bytes:
    """Refuse a call when an argument, or what a mask leaves of it, is among the values."""
    load = _instruction(LOAD, argument) + (_instruction(AND, mask) if mask else b"")
    return load + b"".join(_instruction(EQUAL, value, 0, 1) + _refused(error) for value in values)


def _bits(argument: int, bits: int) -> bytes:
    """Refuse a call when an argument has any of the bits."""
    return _instruction(LOAD, argument) + _instruction(HAS_BIT, bits, 0, 1) + _refused(EPERM)


def _asked_with(argument: int, bits: int) -> bytes:
    """Ask whoever listens about a call when an argument has any of the bits."""
    return _instruction(LOAD, argument) + _instruction(HAS_BIT, bits, 0, 1) + _instruction(RETURN, ASK)


def _creating(flags: int, verdict: bytes) -> bytes:
    """Judge a call only where its flags say that a file may be made: otherwise its mode is not looked at."""
    return _instruction(LOAD, flags) + _instruction(HAS_BIT, CREATES, 0, len(verdict) // 8) + verdict
