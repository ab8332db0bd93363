"""Attacks through the kernel's side doors: terminals, keyrings, io_uring, sockets, processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

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
    "x32": ("libc.syscall(0x40000000 + 39)", 38),
}


@pytest.mark.parametrize("name", CALLS)
def test_refused_system_calls(sandbox: Sandbox, name: str) -> None:
    call, errno = CALLS[name]
    program = f"import ctypes; libc = ctypes.CDLL(None, use_errno=True); r = {call}; print(r, ctypes.get_errno())"
    assert sandbox.run("python3", "-c", program).stdout.split() == ["-1", str(errno)]


@pytest.mark.parametrize(
    ("config", "error"),
    [("allow_net: []\n", "Connection refused"), ("deny_read: [.env]\n", "Operation not permitted")],
    ids=["own network", "the host's network"],
)
def test_an_abstract_socket_of_the_host(sandbox: Sandbox, config: str, error: str) -> None:
    sandbox.config(config)
    name = f"\0aigate-test-{sandbox.uid}"
    program = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(name)
        server.listen()
        assert sandbox.outside("python3", "-c", program).returncode == 0
        done = sandbox.run("python3", "-c", program, options=())
    assert error in done.stderr or "not active: landlock: the host's abstract sockets" in done.stderr


@pytest.mark.parametrize("exposed", [False, True])
def test_a_socket_of_the_host_in_an_odd_place(sandbox: Sandbox, exposed: bool) -> None:
    path = sandbox.home / "service" / "socket"
    path.parent.mkdir()
    os.chown(path.parent, sandbox.uid, sandbox.gid)
    if exposed:
        sandbox.config(f"allow_sockets: [{path}]\n")
    program = f"import socket; socket.socket(socket.AF_UNIX).connect({str(path)!r})"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        path.chmod(0o777)
        server.listen()
        assert sandbox.outside("python3", "-c", program).returncode == 0
        done = sandbox.run("python3", "-c", program)
    assert (done.returncode == 0) == exposed, done.stderr


def test_a_process_of_the_host_cannot_be_seen_or_signalled(sandbox: Sandbox) -> None:
    victim = subprocess.Popen(["sleep", "30"], **sandbox.identity())
    try:
        assert sandbox.shell(f"kill -9 {victim.pid}").returncode != 0
        assert victim.poll() is None
    finally:
        victim.kill()
        victim.wait()


def test_nothing_lives_on_after_the_command(sandbox: Sandbox) -> None:
    done = sandbox.shell("setsid sh -c 'sleep 3; touch late' >/dev/null 2>&1 & sleep 0.2; exit 0")
    assert done.returncode == 0
    subprocess.run([sys.executable, "-c", "import time; time.sleep(3.5)"], check=True)
    assert not (sandbox.project / "late").exists()


@pytest.mark.parametrize(
    "path", ["/proc/sys/kernel/core_pattern", "/proc/sys/kernel/hostname", "/sys/kernel/mm/ksm/run", "/etc/passwd"]
)
def test_the_machines_own_switches(sandbox: Sandbox, path: str) -> None:
    """Opening for writing is enough to know; nothing is written, should the protection fail."""
    done = sandbox.shell(f"exec 9>> {path}")
    assert done.returncode != 0
    assert "cannot create" in done.stderr


MOUNT_ELSEWHERE = """
import ctypes
libc = ctypes.CDLL(None)
if libc.unshare({namespaces}) == 0 and libc.mount(b"x", b"/mnt", {kind}, 0, {options}) == 0:
    print("mounted")
if libc.mount(b"x", b"/mnt", b"tmpfs", 0, None) == 0:
    print("tried")
"""


@pytest.mark.parametrize(("kind", "options"), [(b"cgroup", b"none,name=systemd"), (b"cgroup2", None)])
@pytest.mark.parametrize("namespaces", ["CLONE_NEWUSER|NEWNS", "CLONE_NEWUSER|NEWNS|NEWCGROUP"])
def test_the_control_groups_in_a_namespace_of_its_own(
    sandbox: Sandbox, namespaces: str, kind: bytes, options: bytes | None
) -> None:
    """Mounted there they can be written to by whom they belong to: root, or a user whom systemd gave some."""
    flags = 0x10020000 | (0x02000000 if "NEWCGROUP" in namespaces else 0)
    program = MOUNT_ELSEWHERE.format(namespaces=flags, kind=kind, options=options)
    assert "mounted" not in sandbox.run("python3", "-c", program).stdout
    simple = MOUNT_ELSEWHERE.format(namespaces=0x10020000, kind=b"nonsense", options=None)
    assert sandbox.run("python3", "-c", simple).stdout == "tried\n", "namespaces of the command's own still work"


def test_devices_are_not_there(sandbox: Sandbox) -> None:
    names = set(sandbox.run("ls", "/dev").stdout.split())
    assert names <= {
        "console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty",
        "urandom", "zero",
    }  # fmt: skip


def test_no_new_privileges(sandbox: Sandbox) -> None:
    assert sandbox.run("grep", "NoNewPrivs", "/proc/self/status").stdout.split() == ["NoNewPrivs:", "1"]
    assert sandbox.run("grep", "Seccomp:", "/proc/self/status").stdout.split() == ["Seccomp:", "2"]
