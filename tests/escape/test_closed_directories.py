"""A directory that one run closes does not blind the next one, which opens it."""

from __future__ import annotations

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")


def test_a_directory_that_the_agent_closed_before(sandbox: Sandbox) -> None:
    sandbox.write("vault/.env")
    (sandbox.project / "vault").chmod(0)
    done = sandbox.shell("chmod 700 vault; cat vault/.env")
    assert SECRET not in done.stdout
    (sandbox.project / "vault").chmod(0o755)


CLOSED = {
    "vault": "vault/.env",
    "outer": "outer/deep/er/.env",
    "upper/deep": "upper/deep/er/.env",
    "~/.kube": "~/.kube/config",
    "~/.config": "~/.config/gcloud/x",
}


@pytest.mark.parametrize("mode", ["000", "444", "311", "644"])
@pytest.mark.parametrize("closed", [tuple(CLOSED), (".",)], ids=["parts", "the project"])
def test_directories_closed_by_one_run_and_opened_by_the_next(
    sandbox: Sandbox, closed: tuple[str, ...], mode: str
) -> None:
    files = {str(sandbox.write(CLOSED.get(place, ".env"))): str(sandbox.path(place)) for place in closed}
    assert SECRET not in sandbox.shell(f"chmod {mode} $*", *files.values()).stdout
    done = sandbox.shell('chmod -R u+rwx "$@"; cat $FILES'.replace("$FILES", " ".join(files)), *files.values())
    assert SECRET not in done.stdout
    assert "walk.py" not in done.stderr
    sandbox.outside("chmod", "-R", "u+rwx", *files.values())


def test_a_link_into_a_directory_that_was_closed(sandbox: Sandbox) -> None:
    real = sandbox.write("~/elsewhere/real")
    (sandbox.project / ".env").symlink_to(real)
    sandbox.shell("chmod 000 ~/elsewhere")
    assert SECRET not in sandbox.shell("chmod 700 ~/elsewhere; cat ~/elsewhere/real").stdout
    real.parent.chmod(0o755)
