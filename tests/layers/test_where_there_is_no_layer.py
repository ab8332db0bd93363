"""Where no layer can be had on disk it lies in memory, and where there is none the home is read-only; both are told."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

pytestmark = pytest.mark.only("root")
# An overlay for a home, as in most containers, and a volume that is mounted in the home: in a namespace of our own.
ON_OVERLAY = """mount -t tmpfs tmpfs {base}; mkdir {base}/lower {base}/upper {base}/work
cp -a {home} {base}/lower/home; cd {base}
mount -t overlay overlay -o lowerdir=lower/home,upperdir=upper,workdir=work {home}
"""
WITH_VOLUME = "mkdir {home}/volume; mount -t tmpfs tmpfs {home}/volume; (cd {home}; seq 401 | xargs mkdir)\n"


def run(sandbox: Sandbox, prepare: str, script: str) -> str:
    base = sandbox.home.parent / "base"
    base.mkdir()
    words = " ".join([*sandbox.prefix, "run", "--", "sh", "-c", f"'{script}'"])
    made = prepare.format(home=sandbox.home, base=base)
    done = sandbox.outside(
        "unshare", "--mount", "sh", "-ec", f"{made}cd {sandbox.project}; {words}; ls -A {sandbox.home}"
    )
    return done.stdout + done.stderr


def test_in_memory(sandbox: Sandbox) -> None:
    said = run(sandbox, ON_OVERLAY, "echo x > ~/made; cat ~/made")
    assert "home in memory" in said
    assert "aigate: not active: home: its layer lies in memory and is gone at the end" in said
    assert said.split()[-3:].count("made") == 0
    assert "\nx\n" in f"\n{said}"


def test_read_only(sandbox: Sandbox) -> None:
    said = run(sandbox, WITH_VOLUME, "echo x > ~/made; echo $?")
    assert "home read-only" in said
    assert f"something is mounted in the home: {sandbox.home}/volume, beside too many directories" in said
    assert "Read-only file system" in said
