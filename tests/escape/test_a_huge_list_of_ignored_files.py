"""A list of ignored files that is too long to be read stops nothing."""

from __future__ import annotations

from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")


def test_a_huge_list_of_ignored_files(sandbox: Sandbox) -> None:
    with (sandbox.project / ".git/info/exclude").open("wb") as file:
        file.truncate(1 << 40)
    assert sandbox.run("true").returncode == 0
