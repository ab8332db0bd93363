"""Attacks on what is denied to be read or changed, each as an agent would try it."""

from __future__ import annotations

import pathlib
import shutil
import subprocess

import pytest
from sandbox import SECRET, Sandbox

from aigate.errors import EnforcementError
from aigate.host.placeholders import Placeholders

BACKENDS = ("bwrap", "unshare")
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
    sandbox.without_limits()
    file = sandbox.write(".env")
    again = sandbox.home / "again"
    again.mkdir()
    inner = " ".join(sandbox.prefix)
    script = f"mount --bind {sandbox.project} {again} && {inner} run -q -- cat {again}/.env {file}"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert done.stdout.count("denied by policy") == 2
    assert SECRET not in done.stdout


@pytest.mark.parametrize(
    ("mounted", "attack"),
    [
        ("~/.ssh/keys", "cat ~/again/file"),
        ("~/.ssh/keys/file", "cat ~/again"),
        ("~/.local/lib/x", "echo evil > ~/again/evil.pth; cat ~/.local/lib/x/evil.pth"),
    ],
)
def test_a_mount_of_a_part_of_it(sandbox: Sandbox, mounted: str, attack: str) -> None:
    sandbox.without_limits()
    file = sandbox.write(mounted if mounted.endswith("file") else f"{mounted}/file")
    again = sandbox.home / "again"
    again.touch() if mounted.endswith("file") else again.mkdir()
    inner = " ".join(sandbox.prefix)
    script = f"mount --bind {sandbox.path(mounted)} {again} && {inner} run -q -- sh -c '{attack}'"
    done = sandbox.execute(["unshare", "--map-root-user", "--mount", "sh", "-c", script])
    assert SECRET not in done.stdout
    assert "could not" not in done.stderr
    assert "cannot be enforced" not in done.stderr
    assert not (file.parent / "evil.pth").exists()


def test_the_kernels_switches_in_a_chroot_below_the_home(sandbox: Sandbox) -> None:
    """Opening for writing is enough to know."""
    if sandbox.uid != 0:
        pytest.skip("only root may write there")
    for name in ("proc", "sys"):
        (sandbox.home / name).mkdir()
    inner = " ".join(sandbox.prefix)
    attack = "exec 9>> ~/proc/sys/kernel/core_pattern"
    other = "exec 9>> ~/sys/kernel/mm/ksm/run"
    script = f"""cd {sandbox.project} && mount -t proc proc ../proc && mount -t sysfs sysfs ../sys && unshare -m sh -c '
        {inner} run -q -- sh -c "{attack}" || {inner} run -q -- sh -c "{other}" || echo held'"""
    done = sandbox.execute(["unshare", "--mount", "sh", "-c", script])
    assert done.stdout == "held\n", done.stderr


@pytest.mark.parametrize("place", ["/tmp", "/var/tmp"])
def test_a_temporary_directory_is_no_project(sandbox: Sandbox, place: str) -> None:
    before = set(pathlib.Path(place).iterdir())
    done = sandbox.run("true", cwd=pathlib.Path(place))
    assert done.returncode == 1
    assert "directory of its own" in done.stderr
    assert not {path for path in set(pathlib.Path(place).iterdir()) - before if path.name.startswith(".aigate")}


def test_a_huge_list_of_ignored_files(sandbox: Sandbox) -> None:
    with (sandbox.project / ".git/info/exclude").open("wb") as file:
        file.truncate(1 << 40)
    assert sandbox.run("true").returncode == 0


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


@pytest.mark.parametrize(
    ("deny", "attack", "moved"),
    [
        ('["*.pem", "!/public/*.pem"]', "mv certs public", "public/roots.pem"),
        ('["*.pem", "!public/**"]', "mkdir public; mv certs public", "public/certs/roots.pem"),
        ('["*.pem", "!**/open/*.pem"]', "mv certs open", "open/roots.pem"),
        ("default", "mkdir -p grpc/_cython; mv certs grpc/_cython/_credentials", "grpc/_cython/_credentials/roots.pem"),
    ],
)
def test_a_directory_moved_to_where_a_pattern_takes_back(sandbox: Sandbox, deny: str, attack: str, moved: str) -> None:
    if deny != "default":
        sandbox.config(f"deny_read: {deny}\n")
    sandbox.write("certs/roots.pem")
    sandbox.shell(attack)
    assert SECRET not in sandbox.shell(f"cat {moved} certs/roots.pem").stdout


def test_a_directory_with_a_denied_file_can_be_renamed(sandbox: Sandbox) -> None:
    """Where its name decides nothing."""
    sandbox.config('deny_read: [.env, "!/public/*.pem"]\n')
    sandbox.write("sub/.env")
    assert sandbox.shell("mv sub other").returncode == 0
    assert SECRET not in sandbox.shell("cat other/.env").stdout


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


GIT = "git -c user.name=x -c user.email=x@y"


def evil_settings(path: str) -> str:
    return f'printf "[core]\n fsmonitor = touch $HOME/EVIL\n" >> {path}'


@pytest.mark.parametrize(
    "attack",
    [
        f"cp -r .git evil && {evil_settings('evil/config')} && echo ../evil > .git/commondir",
        f"git config extensions.worktreeConfig true; {evil_settings('.git/config.worktree')}",
        f"cd nested && cp -r .git evil && {evil_settings('evil/config')} && echo ../evil > .git/commondir",
    ],
)
@pytest.mark.parametrize("extension", ["false", "true"])
def test_git_settings_by_another_way(sandbox: Sandbox, attack: str, extension: str) -> None:
    sandbox.outside("git", "init", "-q", "nested")
    sandbox.outside("git", "config", "extensions.worktreeConfig", extension)
    sandbox.shell(attack)
    for place in (sandbox.project, sandbox.project / "nested"):
        assert sandbox.outside("git", "-C", str(place), "status").returncode == 0
    assert not (sandbox.home / "EVIL").exists()
    assert not (sandbox.project / ".git/commondir").exists()


@pytest.mark.parametrize(
    "attack",
    [
        f"cp -r ../project/.git evil && {evil_settings('evil/config')}; echo 'gitdir: ./evil' > .git; mv evil .git",
        "git config core.fsmonitor 'touch $HOME/EVIL'",
        evil_settings("../project/.git/config"),
        evil_settings("../project/.git/config.worktree"),
        "printf 'touch $HOME/EVIL' > ../project/.git/hooks/post-index-change; chmod +x ../project/.git/hooks/*",
        f"cp -r ../project/.git e && {evil_settings('e/config')}; echo $PWD/e > ../project/.git/worktrees/wt/commondir",
        f"cp -r ../project/.git e && {evil_settings('e/config')}; echo $PWD/e > ../project/.git/commondir",
    ],
)
def test_git_settings_of_a_worktree(sandbox: Sandbox, attack: str) -> None:
    sandbox.outside("git", "config", "extensions.worktreeConfig", "true")
    sandbox.outside(*GIT.split(), "commit", "-q", "--allow-empty", "-m", "x")
    worktree = sandbox.home / "wt"
    assert sandbox.outside("git", "worktree", "add", "-q", str(worktree)).returncode == 0
    assert sandbox.run("git", "status", cwd=worktree).returncode == 0
    sandbox.shell(attack, cwd=worktree)
    for place in (sandbox.project, worktree):
        sandbox.outside("git", "-C", str(place), "status")
    assert not (sandbox.home / "EVIL").exists()
    assert (worktree / ".git").is_file()


def test_git_works_as_ever_inside(sandbox: Sandbox) -> None:
    done = sandbox.shell(
        f"set -e; echo x > f; git add f; {GIT} commit -q -m x; git checkout -q -b other; git worktree add -q ../wt;"
        "git worktree list; git gc -q; git fsck; git stash list; git clone -q . ../copy; git status --porcelain"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "path",
    ["~/.bash_aliases", "~/.zlogin", "~/.xsessionrc", "~/.inputrc", "~/.ssh/rc", "~/.ssh/authorized_keys",
     "~/.aws/config", "~/.kube/config", "~/.npmrc", "~/.docker/config.json"],
)  # fmt: skip
def test_start_files_that_were_not_there(sandbox: Sandbox, path: str) -> None:
    sandbox.shell(f"mkdir -p $(dirname {path}); echo evil > {path}")
    assert not sandbox.path(path).exists()


def test_a_home_closed_so_that_nothing_can_be_put_there(sandbox: Sandbox) -> None:
    sandbox.shell("chmod 555 ~")
    sandbox.shell("chmod 755 ~; echo evil > ~/.bash_profile")
    sandbox.home.chmod(0o755)
    sandbox.run("true")
    assert not (sandbox.home / ".bash_profile").exists()
    assert {path.name for path in sandbox.home.iterdir()} <= {".aigate", "project"}


def test_a_folder_closed_so_that_nothing_can_be_put_there(sandbox: Sandbox) -> None:
    sandbox.write("~/.config/x")
    sandbox.shell("chmod 555 ~/.config")
    sandbox.shell("chmod 755 ~/.config; mkdir -p ~/.config/fish; echo evil > ~/.config/fish/config.fish")
    assert not (sandbox.home / ".config/fish/config.fish").exists()
    (sandbox.home / ".config").chmod(0o755)


def test_placeholders_that_another_runs_agent_leads_astray(sandbox: Sandbox) -> None:
    """It may write in other projects of the home; what is removed at the end is not what a link of its leads to."""
    victim = sandbox.write("~/victim/settings.json", "{}\n")
    sandbox.write("~/other/file")
    inner = " ".join(sandbox.prefix)
    attack = "cd ~/project && mv .claude x && ln -s ../victim .claude && echo moved"
    done = sandbox.outside(
        "sh",
        "-c",
        f"""mkfifo ready go
        {inner} run -q -- sh -c 'echo > ready; read x < go' & read x < ready
        (cd ../other && {inner} run -q -- sh -c '{attack}'); echo > go; wait; ls -a""",
    )
    assert done.stdout.startswith("moved\n"), done.stderr
    assert victim.read_text() == "{}\n"


def test_a_link_where_placeholders_are_to_be_made(sandbox: Sandbox) -> None:
    """Put there between the policy and the start."""
    (sandbox.home / "victim").mkdir()
    (sandbox.home / "place").symlink_to(sandbox.home / "victim")
    with Placeholders(str(sandbox.home / ".aigate")) as placeholders:
        for path, directory in ((sandbox.home / "place/file", False), (sandbox.home / "place/more/directory", True)):
            with pytest.raises(EnforcementError, match="cannot be kept from appearing"):
                placeholders.create([(str(path), directory, b"")])
    assert not list((sandbox.home / "victim").iterdir())


def test_a_directory_on_path_that_was_not_there(sandbox: Sandbox) -> None:
    sandbox.extra["PATH"] = f"{sandbox.home}/.tool/bin:/usr/bin:/bin"
    sandbox.shell("mkdir -p ~/.tool/bin; echo evil > ~/.tool/bin/ls")
    assert not (sandbox.home / ".tool").exists()


@pytest.mark.parametrize("place", ["~/.local/bin/tool", "~/.config/fish/config.fish"])
def test_what_links_in_protected_folders_lead_to(sandbox: Sandbox, place: str) -> None:
    real = sandbox.write("~/dots/real", "good\n")
    link = sandbox.write(place)
    link.unlink()
    link.symlink_to(real)
    sandbox.shell("echo evil > ~/dots/real; mv ~/dots ~/d; mkdir ~/dots; echo evil > ~/dots/real")
    assert link.read_text() == "good\n"


def test_a_link_as_the_folder_of_a_placeholder(sandbox: Sandbox) -> None:
    outside = sandbox.home.parent / "outside"
    outside.mkdir(mode=0o777)
    outside.chmod(0o777)
    (sandbox.project / "x").symlink_to("../../outside")
    (sandbox.project / ".claude").symlink_to(sandbox.home / ".real")
    sandbox.write(".aigate.yaml", "deny_write: [x/nologin]\n")
    done = sandbox.shell("ls x; echo evil > .claude/settings.json")
    assert done.stdout == ""
    assert "settings.json" in done.stderr
    assert not (sandbox.home / ".real").exists()


@pytest.mark.parametrize("link", ["~/.aigate", "~/.aigate/config.yaml"])
def test_aigates_config_behind_a_link(sandbox: Sandbox, link: str) -> None:
    sandbox.write(".env")
    real = sandbox.home / "dots"
    sandbox.path(link).rename(real)
    sandbox.path(link).symlink_to(real)
    sandbox.shell("rm -f ~/.aigate; mkdir ~/.aigate; echo '{}' > ~/dots; echo '{}' > ~/.aigate/config.yaml")
    assert SECRET not in sandbox.run("cat", ".env").stdout


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
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout
    assert (sandbox.project / "ran").exists()


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
