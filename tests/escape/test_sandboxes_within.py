"""Sandboxes of agents and their tools work inside, and what they need for it opens nothing."""

from __future__ import annotations

import pytest
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
WITH_PROC = "bwrap --ro-bind / / --dev /dev --unshare-pid --proc /proc"
SETTINGS = """
import os, re
own = re.compile("/sys/(kernel/(shm|msg|sem|auto_msgmni|pid_max|ns_last_pid)|fs/mqueue/)")  # of own namespaces
for top in ("/proc", "/tmp/.aigate-proc"):
    for above, _, names in os.walk(top + "/sys"):
        for path in (above + "/" + name for name in names):
            try:
                os.close(os.open(path, os.O_WRONLY))
            except OSError:
                continue
            if not own.search(path):
                print(path)
for name in ("kcore", "sysrq-trigger", "kmsg", "kpagecount", "irq/default_smp_affinity"):
    for flags in (os.O_RDWR, os.O_WRONLY):
        try:
            os.open("/tmp/.aigate-proc/" + name, flags)
        except OSError:
            continue
        print(name)
"""


@pytest.mark.only("user")
def test_one_that_mounts_proc(sandbox: Sandbox) -> None:
    done = sandbox.shell(f"{WITH_PROC} sh -c 'echo here; ls -d /proc/[0-9]* | wc -l'")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("here\n")
    assert int(done.stdout.split()[1]) < 6  # its own processes, and nobody else's


@pytest.mark.only("user")
def test_one_with_a_network_of_its_own(sandbox: Sandbox) -> None:
    done = sandbox.shell(f"{WITH_PROC} --unshare-net --unshare-ipc --unshare-uts --new-session true")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.only("user")
@pytest.mark.parametrize("words", ["bwrap --ro-bind / / --unshare-all --proc /proc true", "unshare -UrmpfC true"])
def test_one_with_control_groups_of_its_own(sandbox: Sandbox, words: str) -> None:
    done = sandbox.shell(words)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.only("user")
def test_the_whole_proc_lets_nothing_be_set(sandbox: Sandbox) -> None:
    """Opening is enough to know; nothing is written, should the protection fail."""
    done = sandbox.run("python3", "-c", SETTINGS)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    within = sandbox.shell(f"{WITH_PROC} python3 -c '{SETTINGS}'")
    assert (within.returncode, within.stdout) == (0, ""), within.stderr


@pytest.mark.only("user")
def test_what_is_hidden_stays_so_in_one(sandbox: Sandbox) -> None:
    secret = sandbox.write(".env")
    reading = f"cat {secret}; for root in /proc/[0-9]*/root /tmp/.aigate-proc/[0-9]*/root; do cat $root{secret}; done"
    done = sandbox.shell(f"{reading}; {WITH_PROC} sh -c '{reading}'; umount /tmp/.aigate-proc /proc")
    assert "s3cr3t" not in done.stdout


@pytest.mark.only("user")
def test_a_hidden_part_of_proc_leaves_none_whole(sandbox: Sandbox) -> None:
    config = (sandbox.home / ".aigate/config.yaml").read_text()
    sandbox.config(config.replace("deny_read:\n", "deny_read:\n  - /proc/version\n", 1))
    done = sandbox.shell("cat /proc/version /tmp/.aigate-proc/version; ls /tmp/.aigate-proc")
    assert done.stdout == ""
