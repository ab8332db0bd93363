"""A home with a volume in it is layered, too: piece by piece, with the changes where those of a whole one lie."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest
from sandbox import SECRET, TIMEOUT, Sandbox

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root mounts something for others")
BACKENDS = ("bwrap", "unshare")
FILES = {"~/.profile": "p\n", "~/.config/tool/c": "c\n", "~/a/c/f": "f\n", "~/a/file": "a\n", "~/gone/x": "x\n"}
WRITTEN = ".profile .config/tool/c a/c/f a/file volume/v a/b/volume/w new a/c/new volume/new"
WRITE = f"cd; for f in {WRITTEN}; do echo y >>$f; done"
CHANGED = ["M ~/.profile", "A ~/a/b/volume/w", "A ~/a/c/new", "M ~/a/c/f", "M ~/a/file", "A ~/new", "A ~/volume/new"]


def with_volumes(sandbox: Sandbox, *steps: str, volumes: tuple[str, ...] = ("~/volume", "~/a/b/volume")) -> str:
    """Do shell steps as the sandbox's user where something is mounted in the home: in a namespace of our own."""
    mounts = []
    for volume in volumes:
        sandbox.write(f"{volume}/below", "not seen\n")
        mounts.append(f"mount -t tmpfs -o uid={sandbox.uid},gid={sandbox.gid} tmpfs {sandbox.path(volume)}")
    inner = shlex.quote("; ".join(steps))
    user = f"setpriv --reuid={sandbox.uid} --regid={sandbox.gid} --clear-groups"
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-ec", "\n".join([*mounts, f"exec {user} sh -c {inner}"])],
        cwd=sandbox.project, env=sandbox.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=TIMEOUT, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def aigate(sandbox: Sandbox, *words: str) -> str:
    return shlex.join([*sandbox.prefix, *words])


def inside(sandbox: Sandbox, script: str, *options: str) -> str:
    return aigate(sandbox, "run", "--quiet", *options, "--", "sh", "-c", script)


@pytest.fixture
def home(sandbox: Sandbox) -> Sandbox:
    for path, text in FILES.items():
        sandbox.write(path, text)
    return sandbox


def test_changes_are_kept_apart_and_there_again(home: Sandbox) -> None:
    said = with_volumes(
        home,
        "echo v >~/volume/v",
        inside(home, WRITE),
        inside(home, "cd; cat .config/tool/c a/c/f volume/v new a/b/volume/w"),
        "cat ~/volume/v; ls ~/volume",
        aigate(home, "layer", "diff", "--names"),
        aigate(home, "layer", "apply", str(home.path("~/volume/new"))),
        "cat ~/volume/new",
    )
    assert said.splitlines()[:9] == ["c", "y", "f", "y", "v", "y", "y", "y", "v"], said
    assert set(CHANGED) - {"M ~/.profile"} <= set(said.splitlines()), said
    assert said.count("applied: ~/volume/new\ny\n") == 1
    for path, text in FILES.items():
        assert home.path(path).read_text() == text
    assert not home.path("~/new").exists()


def test_nothing_is_lost_when_the_volume_comes_and_goes(home: Sandbox) -> None:
    """The changes lie where they would without it, those that were made before it was there, too."""
    assert home.shell("cd; rm -r gone; echo one >.config/tool/c; rm a/file; echo x >a/file").returncode == 0
    said = with_volumes(home, inside(home, "cd; ls -d gone; cat .config/tool/c a/file; echo two >.config/tool/c"))
    assert "one\nx\n" in said, said
    assert "No such file" in said
    assert home.shell("cat ~/.config/tool/c ~/a/file").stdout == "two\nx\n"
    assert home.path("~/.config/tool/c").read_text() == "c\n"


def test_what_is_hidden_stays_hidden(home: Sandbox) -> None:
    home.write("~/.netrc")
    home.config("deny_read: [~/.netrc, ~/volume/key, ~/a/c/f]\n")
    said = with_volumes(home, f"echo {SECRET} >~/volume/key", inside(home, "cd; cat .netrc volume/key a/c/f; echo end"))
    assert said.endswith("Permission denied\n"), said
    assert SECRET not in said
    assert said.count("Permission denied") == 3


def test_runs_side_by_side(home: Sandbox) -> None:
    first = inside(home, "echo 1 >~/a/c/f; echo 1 >~/volume/v; echo up; until [ -e ~/a/c/go ]; do sleep 0.02; done")
    second = inside(home, "cat ~/a/c/f ~/volume/v; cat ~/.config/tool/c; touch ~/a/c/go")
    said = with_volumes(home, "mkfifo ~/project/up", f"{first} >~/project/up & read x <~/project/up; {second}; wait")
    assert said == "1\n1\nc\n"


def test_a_volume_in_a_layered_project(home: Sandbox) -> None:
    home.write("src/file", "mine\n")
    said = with_volumes(
        home,
        "echo v >~/project/deps/v",
        inside(home, "cat deps/v src/file; echo x >deps/new; echo x >src/file; cat src/file deps/new", "--layer"),
        "cat src/file; ls deps",
        volumes=("deps",),
    )
    assert said == "v\nmine\nx\nx\nmine\nv\n"


def test_what_cannot_be_layered_is_told(home: Sandbox) -> None:
    home.write("~/large.iso", b"0" * (2 << 20))
    script = "stat -c %s ~/large.iso; echo x >>~/large.iso"
    said = with_volumes(home, aigate(home, "run", "--", "sh", "-c", script))
    assert "aigate: not active: home: parts of it are read-only: something is mounted in the home" in said, said
    assert f"{home.home}/large.iso cannot be layered" in said
    assert f"{2 << 20}\n" in said
    assert "Read-only file system" in said
    refused = with_volumes(home, aigate(home, "run", "--require", "home", "--", "true"))
    assert "home is required" in refused
