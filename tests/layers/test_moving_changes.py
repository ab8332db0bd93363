"""`aigate layer` shows what an agent changed, brings single things out, and takes others out of the layer."""

from __future__ import annotations

from sandbox import Sandbox

CHANGES = (
    "cd; echo two >> both; rm gone; mkdir -p new/deep; echo d > new/deep/file; chmod 755 new/deep/file; ln -s both l"
)


def made(sandbox: Sandbox) -> None:
    sandbox.write("~/both", "one\n")
    sandbox.write("~/gone")
    assert sandbox.shell(CHANGES).stderr == ""


def test_showing(sandbox: Sandbox) -> None:
    made(sandbox)
    lines = sandbox.aigate("layer", "diff").stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "M ~/both", "D ~/gone", "A ~/l", "A ~/new/", "A ~/new/deep/", "A ~/new/deep/file",
    ]  # fmt: skip
    assert "  +two" in lines


def test_applying(sandbox: Sandbox) -> None:
    made(sandbox)
    done = sandbox.aigate("layer", "apply", *(f"{sandbox.home}/{name}" for name in ("both", "gone", "new", "l")))
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.path("~/both").read_text() == "one\ntwo\n"
    assert not sandbox.path("~/gone").exists()
    file = sandbox.path("~/new/deep/file")
    assert (file.read_text(), file.stat().st_mode & 0o7777, file.stat().st_uid) == ("d\n", 0o755, sandbox.uid)
    assert sandbox.path("~/l").readlink().name == "both"
    assert sandbox.aigate("layer", "diff").stdout == ""


def test_nobody_else_may_write_to_what_was_applied(sandbox: Sandbox) -> None:
    sandbox.write("~/group", "one\n", mode=0o664)
    sandbox.shell(
        "cd; umask 0; echo two >> group; echo x > open; chmod 777 open; mkdir wide; echo x > wide/file; echo > script"
    )
    done = sandbox.aigate("layer", "apply", *(f"{sandbox.home}/{name}" for name in ("group", "open", "wide", "script")))
    assert (done.returncode, done.stderr) == (0, "")
    modes = {
        name: sandbox.path(f"~/{name}").stat().st_mode & 0o7777
        for name in ("group", "open", "wide", "wide/file", "script")
    }
    assert modes == {"group": 0o664, "open": 0o755, "wide": 0o755, "wide/file": 0o644, "script": 0o644}


def test_discarding(sandbox: Sandbox) -> None:
    made(sandbox)
    assert sandbox.aigate("layer", "discard", "--all").returncode == 0
    assert sandbox.aigate("layer", "diff").stdout == ""
    assert sandbox.shell("cd; cat both; ls gone").stdout == "one\ngone\n"


def test_a_link_of_the_agents_leads_nowhere(sandbox: Sandbox) -> None:
    """Neither one in the layer, nor one that it would be applied through."""
    target = sandbox.write("~/target/kept", "mine\n")
    sandbox.write("~/dir/x", "x\n")
    sandbox.shell("cd; rm -rf dir; ln -s target dir; mkdir d2; echo evil > d2/kept")
    assert sandbox.aigate("layer", "apply", f"{sandbox.home}/dir/kept").returncode == 1
    sandbox.path("~/d2").symlink_to("target")
    assert sandbox.aigate("layer", "apply", f"{sandbox.home}/d2/kept").returncode == 1
    assert target.read_text() == "mine\n"


def test_what_is_not_there(sandbox: Sandbox) -> None:
    made(sandbox)
    for words in (
        ("apply", "nothing"),
        ("discard", f"{sandbox.home}/project/x"),
        ("apply", "/etc/passwd"),
        ("discard",),
    ):
        done = sandbox.aigate("layer", *words)
        assert (done.returncode, done.stderr.count("\n")) == (1, 2) or "name what" in done.stderr, words
