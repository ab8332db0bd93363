"""What cannot be enforced stops the run, with one clear line and a hint."""

from __future__ import annotations

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


def test_what_forbids_layers_is_told_and_not_remembered(sandbox: Sandbox) -> None:
    """The home is read-only for want of namespaces, not of overlays; once a switch is turned, it is in a layer."""
    sandbox.path("~/.aigate/layers/tried").unlink()  # what another home's first run has found out
    script = f"{BREAKS['user namespaces switched off'][0]} && exec {' '.join(sandbox.prefix)} run -- true"
    done = sandbox.execute(["unshare", "--map-root-user", "sh", "-c", script])
    assert "aigate: not active: home: it is read-only: user namespaces are switched off\n" in done.stderr
    assert "aigate: no sandbox can be made here: user namespaces are switched off\n" in done.stderr
    assert " · home in a layer · " in sandbox.run("true", options=()).stderr


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
