"""A layered project stays one wherever it lies: in a directory that is shared, in a writable home, in a cache."""

from __future__ import annotations

import dataclasses

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
SCRIPT = """echo evil >main.py; rm docs/1; echo evil >.envrc; echo evil >>.git/config; cat .env
mv ../.. ../../../moved; mv . ../moved; echo made >../beside; cat main.py"""


def placed(sandbox: Sandbox, place: str, *keys: str) -> Sandbox:
    """Return a sandbox with a layered project at a place in the home, and other keys in its config."""
    moved = dataclasses.replace(sandbox, project=sandbox.write(f"~/{place}/main.py", "mine\n").parent)
    moved.outside("git", "init", "-q", ".")
    moved.write("docs/1", "mine\n")
    moved.write(".env", f"{SECRET}\n")
    text = (sandbox.home / ".aigate/config.yaml").read_text()
    given = [key.partition(":")[0] for key in ("project:", *keys)]
    kept = [line for line in text.splitlines() if line.partition(":")[0] not in given]
    moved.config("\n".join([*kept, "project: layer", *keys, ""]))
    return moved


@pytest.mark.parametrize(
    ("keys", "shared"),
    [
        (("home: writable",), True),
        (("home: layer", "share: [~/ws/]"), True),
        (("home: readonly", "share: [~/ws/]"), True),
        (("home: closed", "share: [~/ws/]"), True),
        (("home: layer", "share: [~/ws/team/]"), True),
        (("home: layer",), False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_it_stays_one(sandbox: Sandbox, keys: tuple[str, ...], shared: bool) -> None:
    moved = placed(sandbox, "ws/team/proj", *keys)
    config = (moved.project / ".git/config").read_text()
    done = moved.shell(SCRIPT)
    assert done.stdout == "evil\n", done.stderr
    assert SECRET not in done.stdout
    assert (moved.project / "main.py").read_text() == "mine\n"
    assert (moved.project / "docs/1").exists()
    assert not (moved.project / ".envrc").exists()
    assert (moved.project / ".git/config").read_text() == config
    assert (moved.project.parent / "beside").exists() is shared
    diff = moved.aigate("layer", "diff", "--names").stdout
    assert {"D ~/ws/team/proj/docs/1", "M ~/ws/team/proj/main.py"} <= set(diff.splitlines())


def test_in_a_cache_of_a_home_that_is_read_only(sandbox: Sandbox) -> None:
    moved = placed(sandbox, ".cache/proj", "home: readonly")
    done = moved.shell("echo evil >main.py; cat main.py; echo made >~/.cache/made && cat ~/.cache/made")
    assert done.stdout == "evil\nmade\n", done.stderr
    assert (moved.project / "main.py").read_text() == "mine\n"
    assert not (moved.home / ".cache/made").exists()


def test_a_project_that_is_shared_and_layered_is_refused(sandbox: Sandbox) -> None:
    moved = placed(sandbox, "ws/team/proj", "share: [~/ws/team/proj/]")
    done = moved.run("true")
    assert done.returncode == 1
    assert f"share names {moved.project}, whose changes are to stay in a layer" in done.stderr
