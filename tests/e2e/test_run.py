"""`aigate run` on real directories with the real bubblewrap, as root and as an ordinary user."""

from __future__ import annotations

import json
import os
import stat

import pytest
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
KEY = "sk-" + "ant-api03-" + "Ab9_" * 20 + "AA"


DENIED = (".env", "packages/api/.env", ".env.production", "server.pem", "deep/er/tls.key", "store.p12",
          "terraform.tfstate", "live/prod.tfvars", "secrets/db.txt", "secrets/nested/db.txt", "app/credentials/x.json",
          "~/.ssh/id_ed25519", "~/.aws/credentials", "~/.config/gcloud/x.db", "~/.kube/config", "~/.docker/config.json",
          "~/.npmrc", "~/.pypirc", "~/.netrc", "~/.git-credentials", "we ird/\n*[x]/.env")  # fmt: skip
OTHERS = (".env.example", ".env.sample", "x/cacert.pem", "README.md", "environment.py")


@pytest.mark.everywhere
def test_denied_files_cannot_be_opened(sandbox: Sandbox) -> None:
    files = [str(sandbox.write(path)) for path in DENIED]
    assert sandbox.outside("cat", *files).stdout.count(SECRET) == len(DENIED)
    done = sandbox.run("cat", *files)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("Permission denied") == len(DENIED), done.stderr


@pytest.mark.everywhere
def test_exceptions_and_other_files_stay_readable(sandbox: Sandbox) -> None:
    for path in OTHERS:
        sandbox.write(path)
    assert sandbox.run("cat", *OTHERS).stdout == f"{SECRET}\n" * len(OTHERS)


def test_a_hard_link_to_a_denied_file_is_denied(sandbox: Sandbox) -> None:
    file = sandbox.write(".env")
    os.link(file, sandbox.project / "innocent.txt")
    assert SECRET not in sandbox.run("cat", "innocent.txt").stdout


def test_a_symlinked_target_is_denied(sandbox: Sandbox) -> None:
    sandbox.write("~/shared/prod-settings", SECRET)
    (sandbox.project / ".env").symlink_to(sandbox.home / "shared/prod-settings")
    done = sandbox.shell(f"cat .env; cat {sandbox.home}/shared/prod-settings")
    assert done.stdout == ""
    assert done.stderr.count("Permission denied") == 2


def test_a_symlink_to_a_denied_file(sandbox: Sandbox) -> None:
    sandbox.write(".env")
    (sandbox.project / "link").symlink_to(".env")
    assert sandbox.run("cat", "link").stderr == "cat: link: Permission denied\n"


@pytest.mark.parametrize("script", ["rm -f .env", "mv .env x", "echo y > .env", "chmod 600 .env", "ln .env y"])
def test_a_denied_file_cannot_be_changed(sandbox: Sandbox, script: str) -> None:
    file = sandbox.write(".env")
    assert sandbox.shell(script).returncode != 0
    assert file.read_text() == f"{SECRET}\n"


# fmt: off
OUTLIVING = ("~/.bashrc", "~/.profile", "~/.bash_profile", "~/.zshenv", "~/.gitconfig", ".git/hooks/pre-commit",
             ".git/config", ".aigate.yaml", "~/.config/autostart/x.desktop", "~/.config/systemd/user/x.service")
# fmt: on


@pytest.mark.everywhere
@pytest.mark.parametrize("exists", [True, False])
def test_what_would_outlive_the_run_cannot_be_written(sandbox: Sandbox, exists: bool) -> None:
    places = [sandbox.path(path) for path in OUTLIVING]
    for path, place in zip(OUTLIVING, places, strict=True):
        if exists and not place.exists():
            sandbox.write(path, "{}\n" if path.endswith("yaml") else "# mine\n")
    before = [place.read_bytes() if place.exists() else None for place in places]
    done = sandbox.shell("for path; do mkdir -p ${path%/*}; echo evil >> $path && echo $path; done", *map(str, places))
    in_project = [str(place) for path, place in zip(OUTLIVING, places, strict=True) if path[0] != "~"]
    in_project.remove(str(sandbox.path(".git/config")))  # git saves a copy of it inside, whose lines are judged
    if exists:  # in the home it stays in the layer, and what may not appear is moved away
        assert not set(in_project) & set(done.stdout.splitlines())
    assert [place.read_bytes() if place.exists() else None for place in places] == before


def test_nothing_of_ours_is_there_during_a_run_or_afterwards(sandbox: Sandbox) -> None:
    def tree() -> list[str]:
        return sorted(str(p) for p in sandbox.home.rglob("*") if ".aigate/" not in str(p))

    before = tree()
    during = sandbox.shell("find ~ -path ~/.aigate -prune -o -print | tail -n +2").stdout.split("\n")[:-1]
    assert sorted([*during, f"{sandbox.home}/.aigate"]) == before
    assert tree() == before


def test_a_parent_of_protected_paths_cannot_be_renamed_away(sandbox: Sandbox) -> None:
    done = sandbox.shell("mv .git .git2 && cp -r .git2 .git && echo evil > .git/hooks/pre-commit")
    assert done.returncode != 0
    assert not (sandbox.project / ".git/hooks/pre-commit").exists()


@pytest.mark.parametrize("name", ["curl", "tar", "tmux"])
def test_denied_commands_do_not_run(sandbox: Sandbox, name: str) -> None:
    sandbox.aigate("deny", "exec", "tar", "tmux")
    refused = sandbox.run(name, "--version")
    assert refused.returncode == 1
    assert f"{name} is denied by policy" in refused.stderr
    inside = sandbox.shell(f"{name} --version; echo $?; cp $(command -v {name}) ./copy; ./copy --version; echo $?")
    assert inside.stdout == "126\n126\n"


def test_subcommands_are_denied_and_the_rest_of_the_program_works(sandbox: Sandbox) -> None:
    sandbox.aigate("deny", "exec", "git push")
    done = sandbox.shell("git push; echo $?; git -C . push; echo $?; git --version; git status -s >/dev/null; echo $?")
    lines = done.stdout.splitlines()
    assert lines[:2] == ["126", "126"]
    assert lines[2].startswith("git version")
    assert lines[3] == "0"
    assert sandbox.run("git", "push").returncode == 1


def test_busybox_loses_only_its_denied_applets(sandbox: Sandbox) -> None:
    applets = sandbox.home / "applets"
    applets.mkdir()
    for name in ("wget", "echo"):
        (applets / name).symlink_to("/usr/bin/busybox")
    sandbox.extra["PATH"] = f"{applets}:/usr/bin:/bin"
    done = sandbox.shell(f"{applets}/wget; echo $?; {applets}/echo fine; busybox wget; echo $?; busybox echo good")
    assert done.stdout.splitlines() == ["126", "fine", "126", "good"]


def test_own_state_is_hidden(sandbox: Sandbox) -> None:
    done = sandbox.shell(
        "cat ~/.aigate/config.yaml ~/.aigate/audit.jsonl; echo x > ~/.aigate/config.yaml; ls -A ~/.aigate"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("Permission denied") == 4


def test_no_capability_is_left(sandbox: Sandbox) -> None:
    done = sandbox.run("grep", "^Cap", "/proc/self/status")
    assert {line.split()[1] for line in done.stdout.splitlines()} == {"0" * 16}


def test_processes_of_the_host_are_out_of_sight(sandbox: Sandbox) -> None:
    pids = sandbox.shell("ls -d /proc/[0-9]* | wc -l").stdout
    assert int(pids) < 8


def test_services_of_the_host_are_hidden(sandbox: Sandbox) -> None:
    agent = sandbox.write("~/agent.sock", "")
    sandbox.extra["SSH_AUTH_SOCK"] = str(agent)
    done = sandbox.shell(f"ls -A /run; echo =$SSH_AUTH_SOCK=; cat {agent}; ls -A /tmp")
    assert "dbus" not in done.stdout
    assert "==" in done.stdout
    assert f"cat: {agent}: Permission denied" in done.stderr


def test_credentials_do_not_reach_the_environment(sandbox: Sandbox) -> None:
    gone, kept = (
        ("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "LD_PRELOAD"),
        ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "EDITOR"),
    )
    sandbox.extra |= dict.fromkeys(("AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", *kept), SECRET) | {"LD_PRELOAD": ""}
    done = sandbox.shell("".join(f'echo "${{{name}+set}}";' for name in (*gone, *kept)))
    assert done.stdout.splitlines() == ["", "", "", "set", "set", "set"]


def test_missing_and_not_executable_commands(sandbox: Sandbox) -> None:
    sandbox.write("script", "#!/bin/sh\n")
    for command, status in (("no-such-command", 127), ("./no-such", 127), ("./script", 126), ("/usr", 126)):
        done = sandbox.run(command)
        assert done.returncode == status, command
        assert done.stderr.startswith(f"aigate: {command}: ")


def test_wrong_usage_and_a_missing_config_end_with_one_and_a_hint(sandbox: Sandbox) -> None:
    (sandbox.home / ".aigate/config.yaml").unlink()
    for words in (("run",), ("run", "--frob", "true"), ("run", "--", "true"), ("frob",)):
        done = sandbox.aigate(*words)
        assert done.returncode == 1, words
        assert done.stderr.startswith("aigate: ")
        assert "hint: " in done.stderr


def test_secrets_are_taken_out_of_both_streams(sandbox: Sandbox) -> None:
    done = sandbox.shell(f"echo {KEY}; echo {KEY} >&2; printf %s {KEY}")
    assert done.stdout == "sk-ant-***\nsk-ant-***"
    assert done.stderr == "sk-ant-***\n"


def test_output_arrives_whole_and_in_order(sandbox: Sandbox) -> None:
    done = sandbox.shell("seq 1 200000; seq 1 100000 >&2")
    assert done.stdout == "".join(f"{n}\n" for n in range(1, 200001))
    assert done.stderr == "".join(f"{n}\n" for n in range(1, 100001))


def test_input_reaches_the_command(sandbox: Sandbox) -> None:
    assert sandbox.run("cat", input="hello\n").stdout == "hello\n"


def test_the_audit_log_tells_what_ran_and_no_secret(sandbox: Sandbox) -> None:
    sandbox.shell(f"echo {KEY}; exit 3")
    sandbox.run("curl", "x")
    log = sandbox.home / ".aigate/audit.jsonl"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    text = log.read_text()
    assert KEY not in text
    events = [json.loads(line) for line in text.splitlines()]
    assert [event["event"] for event in events] == ["started", "ended", "refused"]
    started, ended, refused = events
    assert "sk-ant-***" in started["command"]
    assert started["directory"] == str(sandbox.project)
    assert started["rules"] > 0
    assert ended["status"] == 3
    assert ended["masked"]["anthropic"] == 1
    assert refused["entry"] == "curl"


def test_no_audit_no_run(sandbox: Sandbox) -> None:
    (sandbox.home / ".aigate/audit.jsonl").mkdir()
    done = sandbox.run("touch", "ran")
    assert done.returncode == 1
    assert "audit log" in done.stderr
    assert not (sandbox.project / "ran").exists()


def test_the_banner_and_the_summary(sandbox: Sandbox) -> None:
    sandbox.write(".env")
    done = sandbox.run("cat", "/tmp/.aigate-policy", options=())
    assert done.stderr.startswith(f"aigate: {sandbox.backend} · ")
    assert str(sandbox.project / ".env") in done.stdout
    assert "kubectl delete" in done.stdout
    assert sandbox.run("true").stderr == ""
    verbose = sandbox.run("true", options=("--verbose",)).stderr
    assert f"hidden: {sandbox.project}/.env" in verbose


def test_dry_run_shows_and_runs_nothing(sandbox: Sandbox) -> None:
    sandbox.write(".env")
    done = sandbox.run("touch", "ran", options=("--dry-run",))
    assert done.returncode == 0
    assert ("--cap-drop ALL" if sandbox.backend == "bwrap" else "capabilities none") in done.stdout
    assert f"{sandbox.project}/.env" in done.stdout
    assert not (sandbox.project / "ran").exists()


def test_a_project_inside_a_denied_directory_is_refused(sandbox: Sandbox) -> None:
    sandbox.write("secrets/x")
    sandbox.aigate("deny", "read", "~/project/")
    done = sandbox.run("true")
    assert done.returncode == 1
    assert "lies inside" in done.stderr


def test_descriptors_of_the_caller_stay_outside(sandbox: Sandbox) -> None:
    file = sandbox.write("~/.ssh/id")
    with file.open() as opened:
        os.set_inheritable(opened.fileno(), True)
        done = sandbox.shell("cat <&9", pass_fds=(opened.fileno(),))
        listed = sandbox.shell("ls /proc/self/fd", pass_fds=(opened.fileno(),)).stdout.split()
    assert SECRET not in done.stdout
    assert set(listed) <= {"0", "1", "2", "3"}


def test_what_is_listed_cannot_move_the_cursor(sandbox: Sandbox) -> None:
    """A name that wipes the line above would take it out of the list."""
    sandbox.write("a\x1b[1A\x1b[2K\n/.env")
    for option in ("--verbose", "--dry-run"):
        done = sandbox.run("true", options=(option,))
        assert "\\x1b[1A" in done.stderr + done.stdout
        assert "\x1b" not in done.stderr + done.stdout
    done = sandbox.run("a\x1b[1A")
    assert done.stderr == "aigate: a\\x1b[1A: command not found\n  hint: is it installed, and on PATH?\n"


def test_a_machine_whose_var_tmp_is_a_link(sandbox: Sandbox) -> None:
    sandbox.write(".env")
    inner = " ".join(sandbox.prefix)
    script = (
        f"mount -t tmpfs none /var && ln -s /tmp /var/tmp && exec {inner} run -q -- sh -c 'cat .env; touch /var/tmp/x'"
    )
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert (done.returncode, done.stderr) == (0, "cat: .env: Permission denied\n")
