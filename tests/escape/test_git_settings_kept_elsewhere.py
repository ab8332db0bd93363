"""A repository below the project whose `.git` is a file: its settings are read-only, and not taken for an agent's."""

from __future__ import annotations

BACKENDS = ("bwrap", "unshare")


def test_settings_of_a_separate_git_directory_stay_as_they_are(sandbox):
    made = sandbox.outside("git", "init", "-q", "--separate-git-dir=store", "part")
    assert made.returncode == 0, made.stderr
    sandbox.outside("git", "-C", "part", "config", "filter.x.clean", "cat")
    config = sandbox.project / "store/config"
    before = config.read_bytes()
    done = sandbox.shell("echo x >>store/config; cd part && git symbolic-ref HEAD refs/heads/other && echo done")
    assert "done" in done.stdout, done.stderr
    assert config.read_bytes() == before
