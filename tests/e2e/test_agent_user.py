"""`run --as-agent-user` with a real account: the kernel keeps it out, and nothing of root is left. Root only."""

from __future__ import annotations

import grp
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

import pytest
from meanwhile import descendants, wait_until
from pseudo import PATIENCE, Pseudo
from sandbox import SECRET, Sandbox, change_accounts, open_to_all

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="becoming another user needs root; the suite runs as root in CI"
)
GROUP, EXTRA, USER = (f"aigt-{kind}{os.getpid()}" for kind in ("ag", "ax", "au"))
CONFIG = f"group: {GROUP}\nuser: {USER}\nmask_stdout: {{presets: [all]}}\n"
OPTIONS = ("--quiet", "--as-agent-user")
# Each test is for the one caller that it is about: root becomes the agents' user, and nobody else may.
by_root = pytest.mark.parametrize("sandbox", ["root", ("root", "unshare")], ids=["root", "root-unshare"], indirect=True)
by_user = pytest.mark.parametrize("sandbox", ["user"], indirect=True)


@pytest.fixture(scope="module", autouse=True)
def account() -> Iterator[pwd.struct_passwd]:
    """Make the agents' group and user, as setup does, and a second group that the user is in."""
    try:
        change_accounts("/usr/sbin/groupadd", "--system", GROUP)
        change_accounts("/usr/sbin/groupadd", "--system", EXTRA)
        words = ["--gid", GROUP, "--groups", EXTRA, "--no-create-home", "--home-dir", "/nonexistent"]
        change_accounts("/usr/sbin/useradd", "--system", *words, USER)
        yield pwd.getpwnam(USER)
    finally:
        subprocess.run(["userdel", USER], check=False, capture_output=True)
        for group in (GROUP, EXTRA):
            subprocess.run(["groupdel", group], check=False, capture_output=True)


@pytest.fixture
def opened(sandbox):
    """Give a sandbox whose project the agents' user can work in, with an installation that everyone can read."""
    sandbox.config(CONFIG)
    for place in (sandbox.home.parent, sandbox.home):
        place.chmod(0o711)
    subprocess.run(["setfacl", "-R", "-m", f"u:{USER}:rwX", sandbox.project], check=True)
    return sandbox


@by_root
def test_it_is_the_agents_user_with_its_groups(opened, account) -> None:
    done = opened.run("cat", "/proc/self/status", options=OPTIONS)
    assert done.returncode == 0, done.stderr
    facts = dict(line.split(":\t") for line in done.stdout.splitlines() if ":\t" in line)
    assert facts["Uid"].split() == [str(account.pw_uid)] * 4
    assert facts["Gid"].split() == [str(account.pw_gid)] * 4
    # In its own user namespace the kernel shows a group that is not mapped there as the overflow one.
    overflow = pathlib.Path("/proc/sys/kernel/overflowgid").read_text().strip()
    assert set(facts["Groups"].split()) == {str(account.pw_gid), overflow}
    assert {facts[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {"0" * 16}
    assert facts["NoNewPrivs"] == "1"


@by_root
def test_limits_that_root_may_not_set_are_named(opened) -> None:
    """A container's root often lacks CAP_SYS_RESOURCE, and so may not limit another user's processes."""
    opened.config(f"{CONFIG}resource_limits: {{max_pids: 100}}\n")
    without = ["setpriv", "--bounding-set=-sys_resource", "--inh-caps=-sys_resource"]
    done = opened.execute([*without, *opened.prefix, "run", "--as-agent-user", "--", "id", "-un"])
    assert (done.returncode, done.stdout) == (0, f"{USER}\n"), done.stderr
    groups = "max_pids" not in done.stderr  # of version 2, which limit whomever
    assert groups or "not active: limits: max_pids is not enforced" in done.stderr


@by_root
def test_seen_from_outside_it_is_that_user_too(opened, account) -> None:
    """The kernel's own view, without a namespace in between."""
    with subprocess.Popen(
        [*opened.prefix, "run", *OPTIONS, "--", "sh", "-c", "echo ready; exec sleep 41.7"],
        cwd=opened.project,
        env=opened.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout.readline() == "ready\n"
        until = time.monotonic() + PATIENCE
        while not (found := [entry for entry in os.listdir("/proc") if _command(entry) == "sleep\x0041.7\x00"]):
            assert time.monotonic() < until
        status = pathlib.Path(f"/proc/{found[0]}/status").read_text()
        running.terminate()
    facts = dict(line.split(":\t") for line in status.splitlines() if ":\t" in line)
    assert facts["Uid"].split() == [str(account.pw_uid)] * 4
    assert facts["Gid"].split() == [str(account.pw_gid)] * 4
    assert set(map(int, facts["Groups"].split())) == {account.pw_gid, grp.getgrnam(EXTRA).gr_gid}


def _command(process: str) -> str:
    try:
        return pathlib.Path(f"/proc/{process}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


@by_root
@pytest.mark.parametrize("group", [GROUP, EXTRA], ids=["group", "second group"])
def test_the_kernel_keeps_it_out_by_access_list(opened, group: str) -> None:
    """Nothing hides this file but its permanent access list; without the entry the same command reads it."""
    path = opened.write("closed.txt")
    plain = opened.run("cat", "closed.txt", options=OPTIONS)
    assert plain.stdout == f"{SECRET}\n", plain.stderr
    subprocess.run(["setfacl", "-b", path], check=True)
    subprocess.run(["setfacl", "-m", f"g:{group}:---", path], check=True)
    done = opened.run("cat", "closed.txt", options=OPTIONS)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Permission denied" in done.stderr
    assert opened.run("cat", "closed.txt").stdout == f"{SECRET}\n", "root itself is not held back by it"


@by_root
def test_deny_read_sets_what_bites_here(opened) -> None:
    opened.write("token.txt")
    assert opened.aigate("deny", "read", "token.txt").returncode == 0
    acls = subprocess.run(["getfacl", "-cp", opened.project / "token.txt"], capture_output=True, text=True).stdout
    assert f"group:{GROUP}:---" in acls
    opened.config(CONFIG)  # the pattern is gone, the list is not
    done = opened.run("cat", "token.txt", options=OPTIONS)
    assert "Permission denied" in done.stderr
    assert SECRET not in done.stdout


@by_root
def test_what_is_denied_is_hidden_as_well(opened) -> None:
    opened.write(".env")
    opened.config(f"{CONFIG}deny_read: [.env]\ndeny_exec: [wget]\n")
    assert opened.run("cat", ".env", options=OPTIONS).stderr == "cat: .env: Permission denied\n"


@by_root
def test_it_cannot_write_where_it_may_not(opened) -> None:
    opened.write("~/notes.txt", "mine\n", 0o666)
    done = opened.shell("echo x >> ~/own && cat ~/own; echo x >> ../notes.txt; echo y > made", options=OPTIONS)
    assert done.stdout == "x\n"
    assert "Read-only" in done.stderr
    assert (opened.home / "notes.txt").read_text() == "mine\n"
    assert not (opened.home / "own").exists()
    assert (opened.project / "made").stat().st_uid == pwd.getpwnam(USER).pw_uid


@by_root
def test_its_home_is_empty_and_gone_afterwards(opened) -> None:
    opened.extra = {"XDG_CONFIG_HOME": "/root/.config", "SUDO_COMMAND": "x"}
    script = 'echo "$HOME $USER $LOGNAME ${XDG_CONFIG_HOME-none} ${SUDO_COMMAND-none}"; touch ~/left; ls ~'
    done = opened.shell(script, options=OPTIONS)
    assert done.stdout == f"/tmp {USER} {USER} none none\nleft\n"
    assert not os.path.exists("/tmp/left")


@by_root
def test_on_a_terminal(opened) -> None:
    argv = [*opened.prefix, "run", *OPTIONS, "--", "sh", "-c", "echo tty >/dev/tty; echo again >$(tty); stty size"]
    with Pseudo(argv, cwd=opened.project, env={**opened.environment, "TERM": "xterm"}, rows=31, columns=99) as terminal:
        assert terminal.wait() == 0
        assert terminal.seen.split() == [b"tty", b"again", b"31", b"99"]


@by_root
def test_exit_status_and_signals(opened) -> None:
    assert opened.shell("exit 7", options=OPTIONS).returncode == 7
    assert opened.shell("kill -TERM $$", options=OPTIONS).returncode == 143
    assert opened.run("no-such-command-7", options=OPTIONS).returncode == 127


@by_root
@pytest.mark.parametrize("network", ["auto", "gateway"])
def test_with_filtered_hosts(opened, network: str) -> None:
    opened.config(f"{CONFIG}allow_net: [192.0.2.1]\nnetwork: {network}\n")
    program = "import socket; s = socket.socket(); s.settimeout(3); print(s.connect_ex(('198.51.100.7', 80)) != 0)"
    done = opened.run("/usr/bin/python3", "-c", program, options=OPTIONS)
    assert done.stdout == "True\n", done.stderr
    assert "198.51.100.7" in done.stderr, "it was the filter that refused"


@by_root
def test_the_audit_log_names_the_user(opened) -> None:
    opened.run("true", options=OPTIONS)
    lines = [json.loads(line) for line in (opened.home / ".aigate/audit.jsonl").read_text().splitlines()]
    assert [line["user"] for line in lines if line["event"] == "started"] == [USER]
    done = opened.aigate("run", "--as-agent-user", "true")
    assert f"{opened.backend} as {USER} · " in done.stderr


# ---- who may, and what is refused ----


def refused(done, *parts: str) -> None:
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 2, done.stderr
    assert all(part in done.stderr for part in parts), done.stderr


@by_user
def test_an_ordinary_user_is_refused(sandbox) -> None:
    sandbox.config(CONFIG)
    refused(sandbox.run("true", options=OPTIONS), "only root can", "sudo aigate run --as-agent-user")


@by_root
def test_a_user_that_is_missing(opened) -> None:
    opened.config("user: no-such-user-7\n")
    refused(opened.run("true", options=OPTIONS), "there is no user no-such-user-7", "sudo aigate setup")


@by_root
def test_root_is_no_agent(opened) -> None:
    opened.config("user: root\n")
    refused(opened.run("true", options=OPTIONS), "root")


@by_root
def test_a_project_that_is_closed_to_it(opened) -> None:
    opened.home.chmod(0o700)
    refused(opened.run("true", options=OPTIONS), f"{USER} cannot enter", "setfacl")


# ---- sudo's caller ----


@pytest.fixture
def sudo(ordinary_user, readable_install) -> Iterator[Sandbox]:
    """Give what runs aigate as root on behalf of an ordinary user, as sudo does."""
    base = pathlib.Path(tempfile.mkdtemp(prefix="s-", dir=ordinary_user.pw_dir))
    project = base / "project"
    project.mkdir()
    user = Sandbox(
        pathlib.Path(ordinary_user.pw_dir), project, ordinary_user.pw_uid, ordinary_user.pw_gid, readable_install
    )
    for place in (base, project):
        os.chown(place, user.uid, user.gid)
    before = user.home.stat().st_mode
    for place in (user.home, base):
        place.chmod(0o711)
    subprocess.run(["setfacl", "-m", f"u:{USER}:rwx", project], check=True)
    user.config(CONFIG)
    os.chown(user.home / ".aigate", user.uid, user.gid)
    try:
        yield user
    finally:
        user.home.chmod(before)
        shutil.rmtree(base)
        shutil.rmtree(user.home / ".aigate")


def run_through_sudo(user, *command: str, options=OPTIONS) -> subprocess.CompletedProcess[str]:
    environment = {**user.environment, "HOME": "/root", "SUDO_UID": str(user.uid), "SUDO_GID": str(user.gid)}
    return subprocess.run(
        [*user.prefix, "run", *options, "--", *command],
        cwd=user.project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_config_and_state_are_those_of_who_called_sudo(sudo) -> None:
    done = run_through_sudo(sudo, "sh", "-c", "id -un; touch made")
    assert (done.returncode, done.stdout) == (0, f"{USER}\n"), done.stderr
    state = sudo.home / ".aigate"
    owners = {path.name: path.stat().st_uid for path in (state, *state.rglob("*"))}
    assert {"audit.jsonl"} <= set(owners)
    assert set(owners.values()) == {sudo.uid}
    assert sudo.run("true").returncode == 0, "the user's own runs go on working"


def test_nothing_is_left_after_a_kill(sudo) -> None:
    environment = {**sudo.environment, "HOME": "/root", "SUDO_UID": str(sudo.uid), "SUDO_GID": str(sudo.gid)}
    with subprocess.Popen(
        [*sudo.prefix, "run", *OPTIONS, "--", "sh", "-c", "echo ready; exec sleep 42.9"],
        cwd=sudo.project,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout.readline() == "ready\n"
        started = descendants(running.pid)
        running.kill()
    wait_until(lambda: not any(os.path.exists(f"/proc/{process}") for process in started))
    assert not any(_command(entry).startswith("sleep\x0042.9") for entry in os.listdir("/proc"))


def test_a_link_in_the_state_leads_root_nowhere(sudo, tmp_path) -> None:
    """Who calls sudo could name a file of root's; it is opened as that user."""
    target = tmp_path / "roots"
    target.write_text("before\n")
    target.chmod(0o600)
    open_to_all(tmp_path)
    (sudo.home / ".aigate/audit.jsonl").unlink(missing_ok=True)
    os.symlink(target, sudo.home / ".aigate/audit.jsonl")
    sudo.write("~/.aigate/config.yaml", f"{CONFIG}deny_write: [Makefile]\n", 0o600)
    done = run_through_sudo(sudo, "true")
    assert done.returncode != 0
    assert target.read_text() == "before\n"


def test_state_of_somebody_else_is_refused(sudo) -> None:
    os.chown(sudo.home / ".aigate", 0, 0)
    (sudo.home / ".aigate").chmod(0o755)
    os.chmod(sudo.home / ".aigate/config.yaml", 0o644)
    refused(run_through_sudo(sudo, "true"), "belongs to someone else")


@pytest.mark.parametrize("mode", ["700", "0077", "000", "711"])
def test_a_directory_closed_by_one_run_and_opened_by_the_next(sudo, mode: str) -> None:
    """By the agents' user, to whom it belongs: to the caller, to itself, to both, or so that it cannot be listed."""
    sudo.config(f"{CONFIG}deny_read: [.env]\n")
    sudo.write("sub/.env")
    subprocess.run(["setfacl", "-R", "-m", f"u:{USER}:rwX", sudo.project], check=True)
    done = run_through_sudo(sudo, "sh", "-c", f"cat sub/.env; mkdir d && mv sub d/ && chmod {mode} d && echo moved")
    assert done.stdout.endswith("moved\n"), done.stderr
    assert SECRET not in done.stdout
    done = run_through_sudo(sudo, "sh", "-c", "chmod 755 d; cat d/sub/.env; echo done")
    assert done.stdout.endswith("done\n"), done.stderr
    assert SECRET not in done.stdout


def test_what_is_missing_in_the_project_is_said_with_the_command(sudo) -> None:
    """And is not, when the command was obeyed: who called can change what the agents' user has made."""
    subprocess.run(["setfacl", "-b", sudo.project], check=True)
    sudo.project.chmod(0o755)
    told = run_through_sudo(sudo, "true", options=("--as-agent-user",)).stderr
    assert f"not active: writing: {USER} cannot write here: setfacl -R -m u:{USER}:rwX {sudo.project}" in told
    subprocess.run(["setfacl", "-R", "-m", f"u:{USER}:rwX", sudo.project], check=True)
    told = run_through_sudo(sudo, "true", options=("--as-agent-user",)).stderr
    assert "not active: writing" not in told
    command = told.partition("not active: sharing: ")[2].splitlines()[0].partition("has ended: ")[2]
    assert command == f"setfacl -R -d -m u:{pwd.getpwuid(sudo.uid).pw_name}:rwX {sudo.project}"
    subprocess.run(command.split(), check=True)
    done = run_through_sudo(sudo, "sh", "-c", "mkdir d && echo x > d/f", options=("--as-agent-user",))
    assert (done.returncode, "not active: sharing" in done.stderr) == (0, False), done.stderr
    assert sudo.outside("sh", "-c", "echo y >> d/f && cat d/f && rm -r d").stdout == "x\ny\n"


def test_what_it_made_for_nobody_else_is_handed_over(sudo, account) -> None:
    """To who called alone, with a list for new files and without one; what a link leads to is left as it was."""
    other = sudo.project.parent / "other"
    other.mkdir()
    (other / "kept").write_text("x\n")
    os.chown(other / "kept", account.pw_uid, account.pw_gid)
    before = [(other / "kept").stat().st_ctime_ns, os.listxattr(other / "kept")]
    for lists in ((), (f"d:u:{USER}:rwX,d:u:{sudo.uid}:rwX,d:g:{EXTRA}:r-X",)):
        for entries in lists:
            subprocess.run(["setfacl", "-R", "-m", entries, sudo.project], check=True)
        command = (
            f"umask 077; rm -rf d; mkdir -p d/e && echo x >d/e/f && ln -s {other} d/link && ln -s {other}/kept d/file"
            "; mkfifo d/fifo; echo x >d/e/only; chmod 400 d/e/only; chmod 600 d/e/f; chmod 700 d/e"
        )
        done = run_through_sudo(sudo, "sh", "-c", command)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        assert sudo.outside("sh", "-c", "echo y >>d/e/f && cat d/e/f d/e/only && rm d/e/only").stdout == "x\ny\nx\n"
        for file in ("d/e/f", "d/e"):
            other_user = ["setpriv", "--reuid=65534", f"--regid={EXTRA}", "--clear-groups", "find", file, "-readable"]
            assert subprocess.run(other_user, cwd=sudo.project, capture_output=True).stdout == b"", (
                "closed to others still"
            )
        assert [(other / "kept").stat().st_ctime_ns, os.listxattr(other / "kept")] == before
        assert run_through_sudo(sudo, "sh", "-c", "cat d/e/f && rm -r d").stdout == "x\ny\n", "and open to the maker"


def test_git_works_in_a_repository_of_who_called(sudo) -> None:
    git = "git -c user.email=a@b -c user.name=n"
    assert sudo.outside("sh", "-c", f"git init -q && echo a > a && git add a && {git} commit -qm x").returncode == 0
    for entries in (f"u:{USER}:rwX", f"d:u:{USER}:rwX,d:u:{sudo.uid}:rwX"):
        subprocess.run(["setfacl", "-R", "-m", entries, sudo.project], check=True)
    done = run_through_sudo(sudo, "sh", "-c", f"echo b >> a && {git} commit -qam y && git log --oneline | wc -l")
    assert done.stdout == "2\n", done.stderr
    assert sudo.outside("sh", "-c", f"echo c >> a && {git} commit -qam z && git status --short").stdout == ""
