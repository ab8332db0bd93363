"""The programs that aigate uses: where they are, which version, what is known against that version."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from typing import TYPE_CHECKING

from aigate.doctor.packages import install_command
from aigate.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

USES = {
    "bwrap": "the sandbox, which aigate makes alone without it",
    "slirp4netns": "the filtered network at full speed",
    "iptables-restore": "the network's filter",
    "ip6tables-restore": "the network's filter for IPv6",
    "busctl": "limits through systemd",
    "setfacl": "permanent access lists (aigate deny read)",
}
OLDEST_BWRAP = (0, 5)
BWRAP_FLAWS = (
    # before this version, flaw
    ((0, 1, 5), "CVE-2016-8659: another user's sandbox can be traced when bwrap is setuid"),
    ((0, 3, 3), "CVE-2019-12439: a directory in /tmp that others can make first"),
)
SETUID_FLAW = (0, 4, 0)  # CVE-2020-5291, in this version alone


@record
class Tool:
    """One program. path, version: None when it is not there. problem: what is wrong with it. remedy: a command."""

    name: str
    path: str | None
    version: str | None
    use: str
    problem: str = ""
    remedy: str = ""


def look_at_tools(find_tool: Callable[[str], str | None], manager: str | None) -> tuple[Tool, ...]:
    """Return every tool, found or not."""
    return tuple(look_at_tool(name, find_tool(name), manager) for name in USES)


def look_at_tool(name: str, path: str | None, manager: str | None) -> Tool:
    """Return what there is to say of one tool."""
    install = install_command(name, manager)
    if path is None:
        return Tool(name, None, None, USES[name], "not installed", install)
    version = ask_version(path)
    setuid = bool(os.stat(path).st_mode & stat.S_ISUID)
    problem = bwrap_problem(version, setuid=setuid) if name == "bwrap" else ""
    return Tool(name, path, version, USES[name], problem, install if problem else "")


def bwrap_problem(version: str | None, *, setuid: bool) -> str:
    """Return what is known against a version of bubblewrap, or ""."""
    if version is None:
        return "does not tell its version"
    numbers = tuple(map(int, version.split(".")))
    for fixed, flaw in BWRAP_FLAWS:
        if numbers < fixed:
            return flaw
    if setuid and numbers[:3] == SETUID_FLAW:
        return "CVE-2020-5291: root for every user when bwrap is setuid"
    return f"too old: aigate needs {'.'.join(map(str, OLDEST_BWRAP))}" if numbers < OLDEST_BWRAP else ""


def ask_version(path: str) -> str | None:
    """Return the version that a program tells, as digits and dots."""
    try:
        done = subprocess.run(
            [path, "--version"], capture_output=True, timeout=10, check=False, stdin=subprocess.DEVNULL, env={}
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(rb"\d+(?:\.\d+)+|\b\d{3}\b", done.stdout + done.stderr)
    return found[0].decode() if found else None
