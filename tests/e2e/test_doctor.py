"""`aigate doctor` on this machine, and where no sandbox can be made."""

from __future__ import annotations

import json
import shutil

from sandbox import Sandbox

WITHOUT_NAMESPACES = ("bwrap", "--unshare-user", "--disable-userns", "--bind", "/", "/", "--dev-bind", "/dev", "/dev")
BACKENDS = ("bwrap", "unshare")
PLAIN = "allow_net: []\nmask_stdout: {presets: [all]}\n"


def doctor(sandbox: Sandbox, *words: str) -> tuple[int, dict]:
    done = sandbox.outside(*words, *sandbox.prefix, "doctor", "--json")
    return done.returncode, json.loads(done.stdout)


def test_everything_that_the_config_asks_for_is_tried(sandbox: Sandbox) -> None:
    sandbox.config(PLAIN)
    status, report = doctor(sandbox)
    states = {check["name"]: check["state"] for check in report["checks"]}
    assert {name for name, state in states.items() if state == "active"} >= {
        "filesystem",
        "seccomp",
        "terminal",
        "mask",
        "net",
    }
    assert (status, report["complete"]) == (0, True)
    assert report["mode"] == f"{sandbox.backend} without network (full isolation)"
    assert {tool["name"] for tool in report["tools"]} >= {"bwrap", "slirp4netns"}


def test_the_filtered_network_is_tried(sandbox: Sandbox) -> None:
    sandbox.config("allow_net: [example.org]\n")
    status, report = doctor(sandbox)
    assert status == 0, report
    ways = [f"{sandbox.backend} + {carrier} (full isolation)" for carrier in ("slirp4netns", "gateway")]
    assert report["mode"] in ways


def test_it_leaves_nothing_behind(sandbox: Sandbox) -> None:
    sandbox.config(PLAIN)
    before = sorted(path.name for path in sandbox.home.iterdir())
    assert f"Isolation mode: {sandbox.backend}" in sandbox.aigate("doctor").stdout
    assert sorted(path.name for path in sandbox.home.iterdir()) == before


def test_a_broken_config_is_told(sandbox: Sandbox) -> None:
    sandbox.config("deny_reed: []\n")
    done = sandbox.aigate("doctor")
    assert done.returncode == 1
    assert "deny_reed" in done.stdout


def test_without_user_namespaces_the_reason_is_told(sandbox: Sandbox) -> None:
    assert shutil.which("bwrap")
    sandbox.config(PLAIN)
    status, report = doctor(sandbox, *WITHOUT_NAMESPACES)
    assert status == 1
    assert report["mode"] == "none (nothing can be enforced)"
    check = next(check for check in report["checks"] if check["name"] == "filesystem")
    assert "user namespaces" in check["remedy"]
    assert "sysctl user.max_user_namespaces" in check["remedy"]


def test_where_namespaces_can_be_made_there_is_nothing_to_mend(sandbox: Sandbox) -> None:
    done = sandbox.aigate("doctor", "--fix")
    assert (done.returncode, done.stdout) == (0, "nothing to mend: AppArmor leaves user namespaces to aigate here\n")
