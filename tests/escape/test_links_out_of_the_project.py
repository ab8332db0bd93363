"""What a link leads to outside of the project is denied, or the run does not start."""

from __future__ import annotations

from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")


def test_a_directory_link_out_of_the_project(sandbox: Sandbox) -> None:
    sandbox.write("~/elsewhere/deep/.env")
    (sandbox.project / "link").symlink_to(sandbox.home / "elsewhere")
    assert SECRET not in sandbox.run("cat", "link/deep/.env").stdout


def test_a_denied_name_that_links_to_the_whole_home_stops_the_run(sandbox: Sandbox) -> None:
    (sandbox.project / ".env").symlink_to("..")
    done = sandbox.run("true")
    assert done.returncode == 1
    assert "lies inside" in done.stderr
