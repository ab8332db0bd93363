"""A home and a project to run aigate in, as root and as an ordinary user that the suite made."""

from __future__ import annotations

import compileall
import errno
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from dataclasses import dataclass, field

import aigate

BUSY = (1, 10)  # cannot update the table of users, of groups
INIT = "config.yaml"
PREFIX = "AIGATE_TEST_PREFIX"  # a JSON list: how to start the aigate that is tested, in place of the one here
LAUNCHER = pathlib.Path(sysconfig.get_paths()["scripts"]) / "aigate"  # as it is installed where the tests run
SCRIPT = pathlib.Path(aigate.__file__).parent / "scripts/aigate-python"
SECRET = "s3cr3t-content-that-must-not-appear"
TIMEOUT = int(os.environ.get("AIGATE_TEST_TIMEOUT", "240"))  # seconds, beside whatever load


@dataclass
class Sandbox:
    """Where tests run aigate: `run(...)` is `aigate run -- ...`, `aigate(...)` any command line."""

    home: pathlib.Path
    project: pathlib.Path
    uid: int
    gid: int
    prefix: list[str]
    backend: str = "bwrap"
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            **self.extra,
        }

    def aigate(self, *words: str, cwd: pathlib.Path | None = None, **options) -> subprocess.CompletedProcess[str]:
        """Run one aigate command line and return what it printed."""
        return self.execute([*self.prefix, *words], cwd=cwd, **options)

    def run(self, *command: str, options: tuple[str, ...] = ("--quiet",), **kwargs) -> subprocess.CompletedProcess[str]:
        """Run a command in the sandbox."""
        return self.aigate("run", *options, "--", *command, **kwargs)

    def shell(self, script: str, *words: str, **kwargs) -> subprocess.CompletedProcess[str]:
        """Run a shell script in the sandbox, with its arguments."""
        return self.run("sh", "-c", script, "sh", *words, **kwargs)

    def outside(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command as the same user, outside of the sandbox."""
        return self.execute(list(command))

    def execute(self, argv: list[str], cwd: pathlib.Path | None = None, **options) -> subprocess.CompletedProcess[str]:
        """Run a command outside, as this user: by setpriv(1), since Python forks itself, which is large, for that."""
        environment = self.environment
        if self.uid != os.getuid():  # what the loader obeys is for the command alone
            user = ["--reuid", str(self.uid), "--regid", str(self.gid), "--clear-groups"]
            variables = [f"{name}={value}" for name, value in environment.items()]
            argv = ["/usr/bin/setpriv", *user, "--", "/usr/bin/env", "-i", "--", *variables, *argv]
            environment = {}
        return subprocess.run(
            argv,
            cwd=cwd or self.project,
            env=environment,
            capture_output=True,
            text=True,
            errors="surrogateescape",
            timeout=options.pop("timeout", TIMEOUT),
            **{"stdin": subprocess.DEVNULL, **options} if "input" not in options else options,
        )

    def identity(self) -> dict[str, object]:
        """Return the subprocess options that make a process this user's."""
        if self.uid == os.getuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def write(self, path: str, text: str | bytes = f"{SECRET}\n", mode: int = 0o644) -> pathlib.Path:
        """Create a file (below the project, or the home with `~/`) with its directories, as this user's."""
        place = self.path(path)
        missing = [parent for parent in place.parents if not parent.exists()]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
        place.chmod(mode)
        for item in (place, *missing):
            os.chown(item, self.uid, self.gid)
        return place

    def path(self, path: str) -> pathlib.Path:
        return self.home / path[2:] if path.startswith("~/") else self.project / path

    def config(self, text: str) -> None:
        """Write the global config, with this sandbox's backend in it unless it names one."""
        lines = [line for line in text.splitlines(keepends=True) if line != "backend: auto\n"]
        named = any(line.startswith("backend:") for line in lines)
        own = "" if named or self.backend == "bwrap" else f"backend: {self.backend}\n"
        self.write("~/.aigate/config.yaml", "".join([*lines, own]), 0o600)

    def without_limits(self) -> None:
        """Take the limits out of the config: systemd gives no group to who is root in a namespace alone."""
        head, _, rest = (self.home / ".aigate/config.yaml").read_text().partition("\nresource_limits:\n")
        lines = rest.splitlines(keepends=True)
        while lines and lines[0].startswith("  "):
            del lines[0]
        assert lines, "the config had no limits"
        self.config("".join([head, "\n", *lines]))


def install_for_others(target: pathlib.Path) -> list[str]:
    """Copy aigate and what it imports to a place that every user can read; return how to start it there."""
    if given := os.environ.get(PREFIX):
        return list(json.loads(given))
    site = pathlib.Path(sysconfig.get_paths()["purelib"])
    for name in ("click", "yaml", "dns", "h11", "hpack"):
        shutil.copytree(site / name, target / name, dirs_exist_ok=True)
    unneeded = shutil.ignore_patterns("*.cpp", "*.hpp", "*.o")
    shutil.copytree(pathlib.Path(aigate.__file__).parent, target / "aigate", ignore=unneeded, dirs_exist_ok=True)
    compileall.compile_dir(target / "aigate", quiet=1)  # nobody else may write there, so nobody would do it later
    return [str(install_programs(target / "bin"))]


def installed(command: list[str]) -> pathlib.Path:
    """Return where `install_for_others` has put what a command line starts."""
    return pathlib.Path(command[-1]).parents[1]


def python_with_aigate(command: list[str]) -> list[str]:
    """Return how to start a Python that can import the aigate of a command line, for tests of its parts."""
    place = installed(command)
    if not (place / "aigate").exists():
        return [sys.executable]
    return ["/usr/bin/env", f"PYTHONPATH={place}", os.path.realpath(sys.executable), "-s"]


def install_programs(target: pathlib.Path, python: str = os.path.realpath(sys.executable)) -> pathlib.Path:
    """Put the command `aigate` and what belongs beside it into a directory, for a Python; return the command's path."""
    target.mkdir(exist_ok=True)
    script = target / SCRIPT.name
    script.write_text(SCRIPT.read_text().replace("#!python", f"#!{python}", 1))
    script.chmod(0o755)
    shutil.copy(LAUNCHER.with_name("aigate-mask"), target)
    return pathlib.Path(shutil.copy(LAUNCHER, target / "aigate"))


def open_to_all(folder: pathlib.Path) -> None:
    """Let every user into one of pytest's temporary folders, which it keeps to itself."""
    while folder != pathlib.Path(tempfile.gettempdir()):
        folder.chmod(0o755)
        folder = folder.parent


def remove(folder: pathlib.Path) -> None:
    """Remove a home, whose last guard may still be at work: a test may have killed what it guarded."""
    end = time.monotonic() + TIMEOUT
    while folder.exists():
        if os.getuid() != 0:  # a layer has a directory of the kernel's, which nobody but root may enter
            subprocess.run(["chmod", "-R", "u+rwX", str(folder)], capture_output=True)
        try:
            shutil.rmtree(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.ENOENT) or time.monotonic() > end:
                raise


def make_user(name: str) -> pwd.struct_passwd:
    """Create an ordinary user with a home (useradd(8))."""
    change_accounts("/usr/sbin/useradd", "--create-home", "--shell", "/bin/sh", name)
    return pwd.getpwnam(name)


def remove_user(name: str) -> None:
    """Remove the user and the home (userdel(8))."""
    change_accounts("/usr/sbin/userdel", "--remove", name)


def change_accounts(*words: str) -> None:
    """Run a command, again while another process has the tables of accounts: useradd(8), groupadd(8), EXIT VALUES."""
    end = time.monotonic() + TIMEOUT
    while (done := subprocess.run(words, capture_output=True, check=False)).returncode in BUSY:
        assert time.monotonic() < end, done.stderr
        time.sleep(0.1)
    assert done.returncode == 0, done.stderr
