"""Limits on a system with control groups of version 2 and systemd, as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from sandbox import Sandbox

GROUPS = pathlib.Path("/sys/fs/cgroup")
BOMB = "import sys; kept = []\nwhile True: kept.append(bytearray(1 << 20)); print(len(kept), flush=True)"
BOMB_BELOW = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BOMB!r}]); print('outlived')"
FORKS = """
import os, time
count = 0
try:
    while True:
        if os.fork() == 0: time.sleep(20); os._exit(0)
        count += 1
except OSError:
    print("forks", count, flush=True)
    os.kill(0, 9)
"""
BUSY = """
import os, time
end = time.monotonic() + 5
while time.monotonic() < end: pass
print("used", sum(os.times()[:2]))
"""


@pytest.fixture(params=["root", "tester"])
def box(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Give a project with the default config: root's, and that of a user with a lingering manager."""
    account = pwd.getpwnam(request.param)
    home = pathlib.Path("/root/box" if account.pw_uid == 0 else "/home/tester/box")
    project = home / "project"
    project.mkdir(parents=True)
    for path in (home, project):
        os.chown(path, account.pw_uid, account.pw_gid)
    made = Sandbox(home, project, account.pw_uid, account.pw_gid, [sys.executable, "-m", "aigate"])
    try:
        yield made
    finally:
        shutil.rmtree(home)


def groups() -> list[pathlib.Path]:
    return [path for path in directories() if "aigate-" in path.name and path.name != "aigate-tests.service"]


def directories() -> list[pathlib.Path]:
    """Return every group; os.walk does not mind those that go meanwhile."""
    return [pathlib.Path(path) for path, _, _ in os.walk(GROUPS)]


def nothing_is_left() -> bool:
    """Tell whether every group of aigate's is gone within a few seconds."""
    for _ in range(100):
        if not groups():
            return True
        time.sleep(0.1)
    return False


def events(box: Sandbox) -> list[dict[str, object]]:
    return [json.loads(line) for line in (box.home / ".aigate/audit.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("program", [BOMB, BOMB_BELOW], ids=["itself", "child"])
def test_a_memory_bomb_is_told_as_such(box: Sandbox, program: str) -> None:
    box.config("resource_limits: {max_memory: 64M}\n")
    done = box.run("python3", "-c", program)
    assert done.returncode == 137
    assert done.stderr.endswith("aigate: killed: over max_memory 64M\n")
    assert 20 < int(done.stdout.split()[-1]) <= 64
    assert [event["event"] for event in events(box)][-2:] == ["killed", "ended"]
    assert nothing_is_left()


def test_a_fork_bomb_stays_within_max_pids(box: Sandbox) -> None:
    box.config("resource_limits: {max_pids: 40}\n")
    done = box.run("python3", "-c", FORKS)
    assert done.returncode == 137
    assert done.stdout == "forks 39\n"
    assert "killed" not in done.stderr
    assert [event["event"] for event in events(box)][-2:] == ["limited", "ended"]
    assert nothing_is_left()


def test_the_processor_share_holds(box: Sandbox) -> None:
    box.config("resource_limits: {max_cpu_percent: 20}\n")
    done = box.run("python3", "-c", BUSY)
    assert done.returncode == 0, done.stderr
    # Of 5 s, which all are used without the limit; a machine that stands still meanwhile counts that as used.
    assert float(done.stdout.split()[1]) < 3.5


def test_everything_is_in_force_before_the_command_starts(box: Sandbox) -> None:
    box.config("resource_limits: {max_memory: 128M, max_pids: 50, max_cpu_percent: 50}\n")
    with box_process(box, "sh", "-c", "echo started; sleep 60") as process:
        assert process.stdout.readline() == b"started\n"
        inner = [path for path in directories() if path.name == "command"]
        assert len(inner) == 1, inner
        values = {name: (inner[0] / name).read_text().strip() for name in ("memory.max", "pids.max", "cpu.max")}
        assert values == {"memory.max": str(128 << 20), "pids.max": "52", "cpu.max": "50000 100000"}
        assert not (inner[0] / "inside/memory.max").exists()  # nothing to be lifted, whoever mounts it
        assert len((inner[0] / "inside/cgroup.procs").read_text().split()) in (3, 4)
        process.kill()
        process.wait()
    assert nothing_is_left()


def test_the_command_cannot_lift_its_limits(box: Sandbox) -> None:
    box.config("resource_limits: {max_memory: 128M, max_pids: 50}\n")
    done = box.shell(
        "for f in $(find /sys/fs/cgroup -name memory.max -o -name pids.max -o -name cgroup.procs);"
        " do (echo max > $f) 2>/dev/null && echo wrote $f; done; echo tried"
    )
    assert done.stdout == "tried\n"


def test_the_banner_and_require(box: Sandbox) -> None:
    limits = "resource_limits: {max_memory: 1G, max_cpu_percent: 80, max_pids: 100}\n"
    box.config(f"{limits}allow_net: []\n")  # or abstract sockets are named as reachable, on a kernel without scopes
    done = box.run("true", options=("--verbose", "--require", "limits"))
    assert done.returncode == 0, done.stderr
    assert "limits memory 1G, cpu 80 %, 100 processes" in done.stderr
    assert "not active" not in done.stderr


def test_landlock_can_be_required_and_is_missing_here(box: Sandbox) -> None:
    box.config("deny_read: []\n")
    done = box.run("true", options=("--require", "landlock"))
    assert done.returncode == 1
    assert "landlock is required" in done.stderr


def test_a_user_without_a_manager_has_rlimits() -> None:
    subprocess.run(["useradd", "--create-home", "plain"], check=True)
    account = pwd.getpwnam("plain")
    home = pathlib.Path("/home/plain")
    box = Sandbox(home, home, account.pw_uid, account.pw_gid, [sys.executable, "-m", "aigate"])
    box.config("resource_limits: {max_memory: 1G, max_pids: 30}\n")
    done = box.run("python3", "-c", FORKS, options=())
    assert "not active: limits: max_memory is not enforced: systemd's user manager cannot be asked" in done.stderr
    assert done.stdout.startswith("forks ")
    assert int(done.stdout.split()[1]) < 30


# ---- without systemd, as in a container ----

CONTAINER = """
mkdir /sys/fs/cgroup/box
echo $$ > /sys/fs/cgroup/box/cgroup.procs
exec unshare --mount --cgroup sh -c '
mount -t tmpfs none /run/systemd
umount /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
sleep 30 &
python3 -m aigate run --require limits -- python3 -c "$1"; first=$?
python3 -m aigate run --require limits -- python3 -c "$1"; echo statuses $first $?
find /sys/fs/cgroup -name "aigate-*"
kill %1' sh "$1"
"""


def test_in_a_container_whose_tree_can_be_written_to(tmp_path: pathlib.Path) -> None:
    subprocess.run(["sh", "-c", "echo +memory +pids +cpu > /sys/fs/cgroup/cgroup.subtree_control"], check=True)
    box = Sandbox(tmp_path, tmp_path, 0, 0, [sys.executable, "-m", "aigate"])
    box.config("resource_limits: {max_memory: 64M, max_pids: 40}\n")
    done = box.outside("sh", "-c", CONTAINER, "sh", BOMB)
    assert "statuses 137 137" in done.stdout, done.stderr
    assert done.stderr.count("aigate: killed: over max_memory 64M\n") == 2
    assert done.stdout.endswith("/sys/fs/cgroup/aigate-aside\n")


def box_process(box: Sandbox, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*box.prefix, "run", "--quiet", "--", *command],
        cwd=box.project,
        env=box.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        **box.identity(),
    )
