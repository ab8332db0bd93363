"""Sandboxes within put empty files where they mount something; what may not appear is taken once it holds more."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
PLACES = (".mcp.json", ".envrc", ".vscode", ".git/config.worktree", ".claude")
WAIT = "while test -e .envrc; do read x < .git/HEAD; done; echo gone"
BY_AIO = """
import ctypes, os, struct
libc = ctypes.CDLL(None, use_errno=True)
context = ctypes.c_ulong()
assert libc.syscall(206, 1, ctypes.byref(context)) == 0
text = ctypes.create_string_buffer(b"evil")
file = os.open(".envrc", os.O_WRONLY)
fields = struct.pack("<QIiHhIQQq", 0, 0, 0, 1, 0, file, ctypes.addressof(text), 4, 0)
block = ctypes.create_string_buffer(fields + bytes(16))
print(libc.syscall(209, context, ctypes.c_long(1), ctypes.byref(ctypes.c_void_p(ctypes.addressof(block)))), flush=True)
while os.path.exists(".envrc"):
    pass
print("gone")
"""


@pytest.mark.only("user")
def test_a_sandbox_within_mounts_on_what_is_missing(sandbox: Sandbox) -> None:
    files = " ".join(f"--ro-bind /dev/null $PWD/{name}" for name in PLACES[:-1])
    inner = f"bwrap --dev-bind / / {files} --tmpfs $PWD/{PLACES[-1]} --unshare-pid --proc /proc echo here"
    done = sandbox.shell(f"for i in 1 2 3; do {inner} || exit; rm -r {' '.join(PLACES)} || exit; done")
    assert (done.returncode, done.stdout, done.stderr) == (0, "here\n" * 3, "")


@pytest.mark.parametrize("writes", ["echo evil >> .envrc", "truncate -s 5 .envrc", "ln .envrc x; echo evil >> x"])
def test_what_is_written_later_is_moved_away(sandbox: Sandbox, writes: str) -> None:
    done = sandbox.shell(f": > .envrc; {writes}; {WAIT}", timeout=100)
    assert done.stdout == "gone\n"
    assert ".envrc: may not be made by an agent and was moved away" in done.stderr


def test_what_the_kernel_does_not_tell_of_is_seen_as_well(sandbox: Sandbox) -> None:
    done = sandbox.shell(f": > .envrc; exec python3 -c '{BY_AIO}'", timeout=100)
    assert done.stdout == "1\ngone\n", done.stderr


def test_what_stays_empty_goes_at_the_end(sandbox: Sandbox) -> None:
    done = sandbox.shell(": > .envrc; : > .mcp.json; rm .mcp.json; mkdir .vscode; : > .vscode/tasks.json")
    assert not sandbox.path(".envrc").exists()
    assert not sandbox.path(".vscode/tasks.json").exists()
    assert "may not be made by an agent" in done.stderr
    assert ".mcp.json" not in done.stderr


def test_an_empty_directory_does_not_keep_its_name_and_one_with_something_protected_does(sandbox: Sandbox) -> None:
    sandbox.write(".vscode/tasks.json", "{}\n")
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@t")
    for words in (
        ("commit", "-q", "--allow-empty", "-m", "one"),
        ("branch", "old"),
        ("add", "."),
        ("commit", "-qm", "two"),
    ):
        assert sandbox.outside(*git, *words).returncode == 0
    newer = sandbox.outside("git", "symbolic-ref", "--short", "HEAD").stdout.strip()
    assert sandbox.outside("git", "checkout", "-q", "old").returncode == 0
    done = meanwhile(
        sandbox,
        lambda _: sandbox.outside("git", "checkout", "-q", newer),
        "mv .vscode away 2>/dev/null || echo kept; cat .vscode/tasks.json",
        until=(("stays", ".vscode/tasks.json"),),
        before="mkdir .vscode; mv .vscode v; rmdir v; echo free",
    )
    assert done.stdout == "free\nkept\n{}\n", done.stderr
