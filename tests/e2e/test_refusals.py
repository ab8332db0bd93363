"""What cannot be enforced stops the run, with one clear line and a hint."""

from __future__ import annotations

import os
import subprocess

import pytest
from sandbox import Sandbox

BREAKS = {
    "user namespaces switched off": ("echo 0 > /proc/sys/user/max_user_namespaces", "user.max_user_namespaces"),
    "/proc masked as in a container": ("mount -t tmpfs none /proc/irq", "container"),
}
NO_BWRAP = "mount -t tmpfs none /usr/local && mount --bind /dev/null /usr/bin/bwrap"
BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("name", BREAKS)
def test_a_machine_on_which_no_sandbox_can_be_made(sandbox: Sandbox, name: str) -> None:
    how, hint = BREAKS[name]
    inner = " ".join(sandbox.prefix)
    script = f"{how} && exec {inner} run -q -- touch ran"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[-2].startswith("aigate: ")
    assert lines[-1].startswith("  hint: ")
    assert hint in lines[-1]
    assert not (sandbox.project / "ran").exists()


@pytest.mark.parametrize("wanted", ["auto", "bwrap"])
def test_without_bwrap(sandbox: Sandbox, wanted: str) -> None:
    """Whoever names it gets it or nothing; otherwise aigate makes the sandbox itself, and says so."""
    sandbox.write(".env")
    sandbox.config(f"backend: {wanted}\ndeny_read: [.env]\n")
    inner = " ".join(sandbox.prefix)
    script = f"{NO_BWRAP} && exec {inner} run -- sh -c 'cat .env; touch ran'"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    if wanted == "auto":
        assert "cat: .env: Permission denied" in done.stderr
        assert done.stderr.startswith("aigate: unshare · home in a layer · ")
    else:
        assert (done.returncode, done.stdout) == (1, "")
        assert (
            "backend: bwrap needs bwrap, which is not installed\n  hint: install the package bubblewrap" in done.stderr
        )
        assert not (sandbox.project / "ran").exists()


def test_where_only_bwrap_may_make_namespaces(sandbox: Sandbox) -> None:
    """A setuid bwrap says so; it then makes the mounts itself, and with backend: unshare nothing is run."""
    if os.getuid() != 0:
        pytest.skip("only root can make a setuid bwrap")
    sandbox.write(".env")
    inner = " ".join(sandbox.prefix)
    script = (
        "mount -t tmpfs none /mnt && cp /usr/bin/bwrap /mnt/bwrap && chmod 4755 /mnt/bwrap && "
        f"mount --bind /mnt/bwrap /usr/bin/bwrap && exec setpriv --reuid {sandbox.uid} --regid {sandbox.gid} "
        f"--clear-groups {inner} run -q -- sh -c 'cat .env; touch ran'"
    )
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", script],
        cwd=sandbox.project,
        env=sandbox.environment,
        capture_output=True,
        text=True,
    )
    if sandbox.backend == "unshare":
        assert (done.returncode, done.stdout) == (1, "")
        assert "backend: unshare cannot be had: bwrap is setuid here" in done.stderr
    else:
        assert done.stderr == "cat: .env: Permission denied\n"
        assert (sandbox.project / "ran").exists()
