"""macOS played on Linux: aigate believes to be there, has none of Linux's calls, and a stand-in for sandbox-exec.

The stand-in enforces nothing: it takes apart its command line as sandbox-exec does, keeps a copy of what it was given,
and becomes the command. So everything around the sandbox is real: terminal, pipes, signals, exit statuses, the proxy.
"""

from __future__ import annotations

import json
import os
import pathlib
import stat
import sys

from sandbox import Sandbox

STAND_IN = r"""#!/usr/bin/python3 -IS
import json, os, sys
words, profile, parameters = sys.argv[1:], None, {}
while words and words[0] != "--":
    option = words.pop(0)
    if option == "-f":
        with open(words.pop(0)) as file:
            profile = file.read()
    elif option == "-D":
        name, _, value = words.pop(0).partition("=")
        parameters[name] = value
    else:
        sys.exit(f"sandbox-exec: unknown option {option}")
if words[:1] != ["--"] or len(words) < 2 or profile is None:
    sys.exit("usage: sandbox-exec -f profile [-D name=value] -- command")
if os.environ.get("STAND_IN_REFUSES"):
    sys.exit("sandbox-exec: profile:1: unbound variable: foo")
with open(KEPT, "a") as file:
    json.dump({"profile": profile, "parameters": parameters, "command": words[1:]}, file)
    file.write("\n")
try:
    os.execvp(words[1], words[1:])
except OSError as error:
    sys.exit(f"sandbox-exec: execvp() of '{words[1]}' failed: {error.strerror}")
"""

DRIVER = r"""
import sys
sys.platform = "darwin"
import fcntl, os, select, _socket, socket
for module, names in (
    (os, "pipe2 eventfd eventfd_write memfd_create splice pidfd_open setresuid setresgid getresuid getxattr"),
    (select, "epoll EPOLLIN"),
    (socket, "SOCK_NONBLOCK SOCK_CLOEXEC"), (_socket, "SOCK_NONBLOCK SOCK_CLOEXEC"), (fcntl, "F_SETPIPE_SZ"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
sys.modules["aigate._linux"] = sys.modules["aigate._events"] = None
sys.path.insert(0, PACKAGE)
from aigate.backends import seatbelt
seatbelt.TOOL = STAND_IN
from aigate.cli import main
sys.exit(main(sys.argv[1:]))
"""


class Mac:
    """A place in which aigate runs as on macOS. kept: what the stand-in was given."""

    def __init__(self, sandbox: Sandbox, place: pathlib.Path) -> None:
        self.kept = place / "kept.jsonl"
        self.kept.touch(0o666)
        self.kept.chmod(0o666)
        stand_in = place / "sandbox-exec"
        stand_in.write_text(STAND_IN.replace("KEPT", repr(str(self.kept))))
        stand_in.chmod(0o755 | stat.S_IRUSR)
        installed = pathlib.Path(sandbox.prefix[0]).parents[1]
        package = str(installed if (installed / "aigate").exists() else pathlib.Path(__file__).parents[2])
        driver = place / "driver.py"
        driver.write_text(DRIVER.replace("PACKAGE", repr(package)).replace("STAND_IN", repr(str(stand_in))))
        driver.chmod(0o644)
        python = [sys.executable] if sandbox.uid == os.getuid() else [os.path.realpath(sys.executable)]
        self.prefix = [*python, "-s", str(driver)]
        self.sandbox = Sandbox(
            sandbox.home, sandbox.project, sandbox.uid, sandbox.gid, self.prefix, extra=dict(sandbox.extra)
        )

    def given(self) -> list[dict]:
        """Return what the stand-in was called with; the first call of a run only tries the profile."""
        return [json.loads(line) for line in self.kept.read_text().splitlines()]
