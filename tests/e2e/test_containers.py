"""Where no sandbox can be made, as in many containers: nothing runs, the reason is told, and masking works."""

from __future__ import annotations

import contextlib
import os
import struct
from collections.abc import Iterator

import pytest
from sandbox import Sandbox

ALLOW, REFUSE, MISSING = 0x7FFF0000, 0x00050001, 0x00050026  # SECCOMP_RET_ALLOW, _ERRNO with EPERM, with ENOSYS
CLONE_NEWUSER = 0x10000000
CALLS = {"x86_64": (272, 56, 435), "aarch64": (97, 220, 435)}  # unshare, clone, clone3
NO_NAMESPACES = ("bwrap", "--unshare-user", "--disable-userns", "--dev-bind", "/", "/")
CHROOT = (
    "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
    'mount --rbind / /mnt && exec /usr/sbin/chroot /mnt sh -c \'cd "$0" && exec "$@"\' "$0" "$@"',
)  # fmt: skip


def refusing_filter() -> bytes:
    """Return what docker's default filter comes to: no new user namespace, by whatever call."""
    unshare, clone, clone3 = CALLS[os.uname().machine]
    program = [
        (0x20, 0, 0, 0),  # the call's number
        (0x15, 0, 1, clone3),
        (0x06, 0, 0, MISSING),
        (0x15, 1, 0, unshare),
        (0x15, 0, 3, clone),
        (0x20, 0, 0, 16),  # the low half of the first argument
        (0x45, 0, 1, CLONE_NEWUSER),
        (0x06, 0, 0, REFUSE),
        (0x06, 0, 0, ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in program)


@contextlib.contextmanager
def surroundings(kind: str, sandbox: Sandbox) -> Iterator[tuple[list[str], dict[str, object]]]:
    """Give the words to put before a command, and options for starting it, so that it cannot make user namespaces."""
    if kind == "seccomp":
        descriptor = os.memfd_create("filter")
        os.write(descriptor, refusing_filter())
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            yield ["bwrap", "--dev-bind", "/", "/", "--seccomp", str(descriptor)], {"pass_fds": (descriptor,)}
        finally:
            os.close(descriptor)
    elif kind == "chroot":
        yield [*CHROOT, str(sandbox.project)], {}
    else:
        yield list(NO_NAMESPACES), {}


REASONS = {"seccomp": "seccomp filter", "limit": "sysctl user.max_user_namespaces", "chroot": "chroot"}


@pytest.mark.parametrize("network", ["allow_net: []\n", "allow_net: [example.org]\n"], ids=["none", "filtered"])
@pytest.mark.parametrize("kind", REASONS)
def test_nothing_runs_and_the_reason_is_told(sandbox: Sandbox, kind: str, network: str) -> None:
    sandbox.config(network)
    with surroundings(kind, sandbox) as (before, options):
        done = sandbox.execute([*before, *sandbox.prefix, "run", "--", "touch", "ran"], **options)
    assert done.returncode == 1
    assert REASONS[kind] in done.stderr
    assert not (sandbox.project / "ran").exists()


@pytest.mark.parametrize("kind", REASONS)
def test_masking_works_all_the_same(sandbox: Sandbox, kind: str) -> None:
    sandbox.config("mask_stdout: {patterns: [{regex: 'secret[0-9]+'}]}\n")
    with surroundings(kind, sandbox) as (before, options):
        done = sandbox.execute([*before, *sandbox.prefix, "mask"], input="a secret123 b\n", **options)
    assert done.returncode == 0, done.stderr
    assert "secret123" not in done.stdout


@pytest.mark.parametrize("kind", REASONS)
def test_doctor_tells_the_reason(sandbox: Sandbox, kind: str) -> None:
    sandbox.config("allow_net: []\n")
    with surroundings(kind, sandbox) as (before, options):
        done = sandbox.execute([*before, *sandbox.prefix, "doctor"], **options)
    assert done.returncode == 1
    assert done.stdout.startswith("Isolation mode: none (nothing can be enforced)\n")
    assert REASONS[kind] in done.stdout
