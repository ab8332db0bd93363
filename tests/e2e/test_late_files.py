"""A file that comes to match deny_read while a run lasts is told, or hidden: `late`."""

from __future__ import annotations

from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")


def test_tell(sandbox: Sandbox) -> None:
    done = sandbox.shell("echo x > made.pem; cat made.pem; echo y > gone.pem; rm gone.pem")
    assert done.stdout == "x\n"
    assert "made.pem: appeared and matches deny_read, but was not hidden (late: tell)\n" in done.stderr


def test_hide(sandbox: Sandbox) -> None:
    config = (sandbox.home / ".aigate/config.yaml").read_text()
    sandbox.config(config.replace("late: tell", "late: hide"))
    until = (("hidden", "late.pem"), ("hidden", "sub/secrets"))

    def appear(_: object) -> None:
        sandbox.write("late.pem")
        sandbox.write("sub/secrets/key")

    told = meanwhile(sandbox, appear, "cat late.pem sub/secrets/key; ls -A sub/secrets; echo end", until=until)
    assert told.stdout.endswith("end\n")
    assert SECRET not in told.stdout
    assert (sandbox.project / "late.pem").read_text() == f"{SECRET}\n"


def test_require(sandbox: Sandbox) -> None:
    refused = sandbox.run("true", options=("--require", "late"))
    assert (refused.returncode, "late is required" in refused.stderr) == (1, True)
    assert sandbox.run("true", options=("--require", "watch")).returncode == 0
