"""A bare repository that was there keeps its settings, whatever they are, and gets none of the agent's."""

from __future__ import annotations

import subprocess

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
UNUSUAL = "\n[receive]\n\tdenyCurrentBranch = warn\n[alias]\n\tlg = log\n"


@pytest.fixture
def bare(sandbox: Sandbox) -> Sandbox:
    for place in ("fixtures/repo.git", "nested"):
        sandbox.outside("git", "init", "-q", *(["--bare"] if place.endswith(".git") else []), place)
    for config in ("fixtures/repo.git/config", "nested/.git/config"):
        with sandbox.path(config).open("a") as file:
            file.write(UNUSUAL)
    return sandbox


def test_its_settings_stay_when_its_head_is_written_anew(bare: Sandbox) -> None:
    done = bare.shell("for each in fixtures/repo.git nested; do git -C $each symbolic-ref HEAD refs/heads/other; done")
    assert done.stderr == ""
    for place in ("fixtures/repo.git", "nested/.git"):
        assert bare.path(f"{place}/HEAD").read_text() == "ref: refs/heads/other\n"
        assert bare.path(f"{place}/config").read_text().endswith(UNUSUAL)
    assert bare.aigate("quarantine").stdout == "nothing was moved away\n"


def test_also_where_nothing_is_protected(bare: Sandbox) -> None:
    bare.config("deny_write: []\n")
    bare.shell("for each in fixtures/repo.git nested; do git -C $each symbolic-ref HEAD refs/heads/other; done")
    for config in ("fixtures/repo.git/config", "nested/.git/config"):
        assert bare.path(config).read_text().endswith(UNUSUAL)


def test_an_agent_adds_nothing_that_runs(bare: Sandbox) -> None:
    before = bare.path("fixtures/repo.git/config").read_text()
    bare.shell("""
        cd fixtures/repo.git
        git config core.pager "touch $HOME/project/ran"
        echo 'touch ran' > hooks/post-update; chmod +x hooks/post-update
        echo /elsewhere > commondir
    """)
    assert bare.path("fixtures/repo.git/config").read_text() == before
    assert not bare.path("fixtures/repo.git/hooks/post-update").exists()
    assert not bare.path("fixtures/repo.git/commondir").exists()


def test_also_while_another_of_its_name_is_made_elsewhere(bare: Sandbox) -> None:
    """What an agent wrote into one that was there counted as the user's, who made another one just then."""
    program = bare.write("~/git-slowly", "#!/bin/sh\necho\nread end\n", 0o755)
    words = [str(program), "init", "--bare", "/elsewhere/repo.git"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **bare.identity()) as maker:  # type: ignore[call-overload]
        assert maker.stdout.read(1) == b"\n"
        bare.shell("echo /elsewhere > fixtures/repo.git/commondir; sleep 0.2")
        maker.communicate(b"\n")
    assert not bare.path("fixtures/repo.git/commondir").exists()


def test_an_agent_pushes_to_it(bare: Sandbox) -> None:
    done = bare.shell("""
        export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b
        git commit -qm one --allow-empty && git push -q fixtures/repo.git HEAD:refs/heads/main
    """)
    assert done.returncode == 0, done.stderr
    assert bare.outside("git", "-C", "fixtures/repo.git", "log", "--format=%s", "main").stdout == "one\n"
