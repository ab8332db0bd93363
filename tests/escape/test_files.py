"""Attacks on what is denied to be read or changed, each as an agent would try it."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest
from sandbox import SECRET, Sandbox

FIND_IT = r"grep -rslF s3cr3t-content-that-must /proc/[0-9]*/root{p} /proc/[0-9]*/cwd /proc/self/fd 2>/dev/null"


@pytest.mark.parametrize(
    "attack",
    [
        "umount .env",
        "umount -l .env",
        "unshare -Ur umount .env",
        "unshare -Urm umount .env",
        "unshare -Urm umount -l .env",
        "unshare -Urm sh -c 'umount -R . ; cat .env'",
        "unshare -Urm mount -o remount,rw,bind .env",
        "unshare -Urm sh -c 'mount --bind / /mnt && cat /mnt$PWD/.env'",
        "unshare -Urm sh -c 'mount --move .env /mnt/x'",
        "unshare -Urm chroot /proc/1/root cat $PWD/.env",
        "mount -o remount,rw .env",
        "cat /proc/1/root$PWD/.env",
        "cat /proc/self/root$PWD/.env",
        "cat /proc/1/cwd/.env",
        "nsenter -t 1 -m cat $PWD/.env",
        "cd .. && mv project p2 && cat p2/.env",
        "mv packages p2; cat p2/api/.env",
        "cat < .env",
        "cp .env x && cat x",
        "ln .env x && cat x",
        "tar cf - .env | tar xOf -",
        "dd if=.env",
        "python3 -c \"print(open('.env').read())\"",
        "cat ./../project/.env",
        "cat $(printf .e; printf nv)",
    ],
)
def test_reading_a_denied_file(sandbox: Sandbox, attack: str) -> None:
    sandbox.write(".env")
    sandbox.write("packages/api/.env")
    done = sandbox.shell(f"{attack}; cat .env packages/api/.env")
    assert SECRET not in done.stdout + done.stderr
    assert (sandbox.project / ".env").read_text() == f"{SECRET}\n"


def test_another_mount_of_the_same_tree(sandbox: Sandbox) -> None:
    file = sandbox.write(".env")
    again = sandbox.home / "again"
    again.mkdir()
    inner = " ".join(sandbox.prefix)
    script = f"mount --bind {sandbox.project} {again} && {inner} run -q -- cat {again}/.env {file}"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert done.stdout.count("denied by policy") == 2
    assert SECRET not in done.stdout


def test_a_directory_that_the_agent_closed_before(sandbox: Sandbox) -> None:
    sandbox.write("vault/.env")
    (sandbox.project / "vault").chmod(0)
    done = sandbox.shell("chmod 700 vault; cat vault/.env")
    assert SECRET not in done.stdout
    (sandbox.project / "vault").chmod(0o755)


@pytest.mark.parametrize("mode", ["000", "444", "311", "644"])
@pytest.mark.parametrize(("file", "closed"), [
    ("vault/.env", "vault"),
    ("vault/deep/er/.env", "vault"),
    ("vault/deep/er/.env", "vault/deep"),
    ("~/.kube/config", "~/.kube"),
    ("~/.config/gcloud/x", "~/.config"),
    (".env", "."),
])  # fmt: skip
def test_directories_closed_by_one_run_and_opened_by_the_next(
    sandbox: Sandbox, file: str, closed: str, mode: str
) -> None:
    sandbox.write(file)
    assert SECRET not in sandbox.shell(f"chmod {mode} {closed}").stdout
    done = sandbox.shell(f"chmod -R u+rwx {closed}; cat {file}")
    assert SECRET not in done.stdout
    assert "walk.py" not in done.stderr
    sandbox.outside("chmod", "-R", "u+rwx", str(sandbox.path(closed)))


def test_a_link_into_a_directory_that_was_closed(sandbox: Sandbox) -> None:
    real = sandbox.write("~/elsewhere/real")
    (sandbox.project / ".env").symlink_to(real)
    sandbox.shell("chmod 000 ~/elsewhere")
    assert SECRET not in sandbox.shell("chmod 700 ~/elsewhere; cat ~/elsewhere/real").stdout
    real.parent.chmod(0o755)


@pytest.mark.parametrize(
    ("file", "attack", "moved"),
    [
        ("~/.kube/config", "mv ~/.kube ~/k", "~/k/config"),
        ("~/.config/gcloud/x", "mv ~/.config ~/c", "~/c/gcloud/x"),
        ("conf/prod/key.txt", "mv conf c", "c/prod/key.txt"),
        ("conf/prod/key.txt", "mv conf/prod conf/p", "conf/p/key.txt"),
    ],
)
def test_a_directory_renamed_for_the_next_run(sandbox: Sandbox, file: str, attack: str, moved: str) -> None:
    sandbox.write(".aigate.yaml", "deny_read: [conf/prod/key.txt]\n")
    sandbox.write(file)
    sandbox.shell(attack)
    assert SECRET not in sandbox.shell(f"cat {moved} {file}").stdout


def test_a_denied_file_moved_deeper_than_a_path_can_be(sandbox: Sandbox) -> None:
    sandbox.write("a/.env")
    dig = "import os\nfor i in range(25): os.mkdir('d' * 200); os.chdir('d' * 200)\n"
    dig += "os.rename('/'.join(['..'] * 25 + ['a']), 'a')"
    sandbox.run("python3", "-c", dig)
    read = "import os\nfor i in range(25): os.chdir('d' * 200)\nprint(open('a/.env').read())"
    done = sandbox.run("python3", "-c", read)
    assert SECRET not in done.stdout
    assert "aigate" not in done.stderr, done.stderr


def test_a_directory_link_out_of_the_project(sandbox: Sandbox) -> None:
    sandbox.write("~/elsewhere/deep/.env")
    (sandbox.project / "link").symlink_to(sandbox.home / "elsewhere")
    assert SECRET not in sandbox.run("cat", "link/deep/.env").stdout


@pytest.mark.parametrize("bait", ["mkdir sub/.git", "echo '{}' > sub/.aigate.yaml"])
def test_a_project_root_made_up_for_the_next_run(sandbox: Sandbox, bait: str) -> None:
    sandbox.write(".env")
    sandbox.write("sub/file")
    sandbox.shell(bait)
    done = sandbox.run("cat", "../.env", cwd=sandbox.project / "sub")
    assert "denied by policy" in done.stdout


def test_a_denied_name_that_links_to_the_whole_home_stops_the_run(sandbox: Sandbox) -> None:
    (sandbox.project / ".env").symlink_to("..")
    done = sandbox.run("true")
    assert done.returncode == 1
    assert "lies inside" in done.stderr


@pytest.mark.parametrize(
    "attack",
    [
        "echo evil >> .git/hooks/pre-commit",
        "mv .git .git2 && cp -r .git2 .git && echo evil > .git/hooks/pre-commit",
        "rm -rf .git && git init && echo evil > .git/hooks/pre-commit",
        "git config core.fsmonitor evil",
        "git config core.hooksPath .",
        "git config --global core.pager evil",
        "unshare -Urm sh -c 'umount -R .git/hooks; echo evil > .git/hooks/pre-commit'",
        "rm -f .git/config && printf evil > .git/config",
    ],
)
def test_git_runs_nothing_of_the_agents_afterwards(sandbox: Sandbox, attack: str) -> None:
    sandbox.shell(attack)
    assert not (sandbox.project / ".git/hooks/pre-commit").exists()
    assert "evil" not in (sandbox.project / ".git/config").read_text()
    assert "hooksPath" not in (sandbox.project / ".git/config").read_text()
    assert not (sandbox.home / ".gitconfig").exists()


def test_a_project_config_for_the_next_run(sandbox: Sandbox) -> None:
    done = sandbox.shell("echo 'allow_net: [evil.example]' > .aigate.yaml; rm -f .aigate.yaml; mv .aigate.yaml x")
    assert done.returncode != 0
    assert not (sandbox.project / ".aigate.yaml").exists()


def test_placeholders_do_not_show_in_git(sandbox: Sandbox) -> None:
    assert sandbox.run("git", "status", "--porcelain", "--untracked-files=all").stdout == ""


def test_aigates_own_code_cannot_be_changed(sandbox: Sandbox) -> None:
    done = sandbox.run(*sandbox.prefix[:-2], "-c", "import aigate; print(aigate.__file__)")
    place = done.stdout.strip()
    assert place.endswith("aigate/__init__.py"), done.stderr
    done = sandbox.shell(f"echo evil >> {place}; touch {place.rsplit('/', 1)[0]}/evil.py")
    assert done.returncode != 0
    assert "evil" not in pathlib.Path(place).read_text()


def test_many_denied_files(sandbox: Sandbox) -> None:
    for number in range(1200):
        (sandbox.project / f"k{number}.pem").write_text(SECRET)
    done = sandbox.shell("cat *.pem | sort | uniq -c", timeout=120)
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout
    assert done.stdout.split()[0] == "1200"


def test_more_denied_files_than_descriptors(sandbox: Sandbox) -> None:
    for number in range(400):
        (sandbox.project / f"k{number}.pem").write_text(SECRET)
    inner = " ".join(sandbox.prefix)
    done = sandbox.execute(["sh", "-c", f"ulimit -n 300; {inner} run -q -- sh -c 'cat *.pem; touch ran'"])
    assert done.returncode == 1
    assert "hard limit is 300" in done.stderr
    assert not (sandbox.project / "ran").exists()


def test_names_with_odd_characters(sandbox: Sandbox) -> None:
    names = ["a b", "new\nline", "-rf", "*", "[x]", "{0}", "%s", "ü", "\udcff", "'q'", '"d"', "$(x)", "tab\t"]
    for name in names:
        sandbox.write(f"{name}/.env")
    done = sandbox.shell("cat ./*/.env")
    assert SECRET not in done.stdout
    assert done.stdout.count("denied by policy") == len(names)


@pytest.fixture(autouse=True)
def _nothing_is_mounted_afterwards() -> None:
    before = pathlib.Path("/proc/self/mountinfo").read_text()
    yield
    assert pathlib.Path("/proc/self/mountinfo").read_text() == before


def test_the_tools_these_attacks_need_are_there() -> None:
    for tool in ("unshare", "nsenter", "mount", "umount", "chroot", "python3", "tar"):
        assert shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin"), tool
    assert subprocess.run(["unshare", "-Ur", "true"]).returncode == 0
