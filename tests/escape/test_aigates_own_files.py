"""aigate's config and code are out of the agent's reach, also behind links."""

from __future__ import annotations

import pathlib

import pytest
from sandbox import SECRET, Sandbox, python_with_aigate

BACKENDS = ("bwrap", "unshare")


@pytest.mark.parametrize("link", ["~/.aigate", "~/.aigate/config.yaml"])
def test_aigates_config_behind_a_link(sandbox: Sandbox, link: str) -> None:
    sandbox.write(".env")
    real = sandbox.home / "dots"
    sandbox.path(link).rename(real)
    sandbox.path(link).symlink_to(real)
    sandbox.shell("rm -f ~/.aigate; mkdir ~/.aigate; echo '{}' > ~/dots; echo '{}' > ~/.aigate/config.yaml")
    assert SECRET not in sandbox.run("cat", ".env").stdout


def test_aigates_own_code_cannot_be_changed(sandbox: Sandbox, readable_install: list[str]) -> None:
    sandbox.prefix = readable_install  # the clone itself may lie below /tmp, where nothing of it is to be seen inside
    done = sandbox.run(*python_with_aigate(sandbox.prefix), "-c", "import aigate; print(aigate.__file__)")
    place = done.stdout.strip()
    assert place.endswith("aigate/__init__.py"), done.stderr
    done = sandbox.shell(f"echo evil >> {place}; touch {place.rsplit('/', 1)[0]}/evil.py")
    assert done.returncode != 0
    assert "evil" not in pathlib.Path(place).read_text()
