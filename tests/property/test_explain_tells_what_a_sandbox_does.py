"""What `aigate explain` says of a path is what a command meets there: random policies over random trees, each tried."""

from __future__ import annotations

import json
import os
import random

import pytest
from choice import SEED, budget
from sandbox import Sandbox

BACKENDS = ("bwrap", "unshare")
CASES = budget(6, 8, 40)
NAMES = ("a", "b", "ab", ".env", "x.pem", "tool", ".envrc", "config")
PLACES = ("", "a", "a/b", "b", "~/", "~/a", "~/a/b", "~/bin", "~/.config", "~/other")
OUTSIDE = (
    *("/etc/passwd", "/etc", "/usr/bin/env", "/tmp", "/tmp/a"),
    *("/proc/version", "/dev/null", "/dev/kmsg", "/run", "/run/a"),
)
# What each path answers to an attempt: to be read, to be written (a directory: something made in it), to be run.
TRYING = """
import contextlib, json, os, sys
def tried(act):
    try:
        act()
    except OSError:
        return False
    return True
def read(path):
    os.listdir(path) if os.path.isdir(path) else os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
def write(path):
    directory = os.path.isdir(path)
    place = f"{path}/made-by-the-test" if directory else path
    made = directory or not os.path.exists(path)
    os.close(os.open(place, os.O_WRONLY | os.O_NONBLOCK | (os.O_CREAT if made else 0)))
    if made:
        with contextlib.suppress(FileNotFoundError):  # moved away, maybe
            os.unlink(os.path.realpath(place))
def run(path):
    if os.path.isdir(path):
        raise OSError
    quiet = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in (0, 1, 2)]
    process = os.posix_spawn(path, [path], os.environ, file_actions=quiet)
    if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 126:
        raise OSError
for path in json.load(sys.stdin):
    print(json.dumps([tried(lambda: act(path)) for act in (read, run, write)]))
"""


def tree(sandbox: Sandbox, dice: random.Random) -> list[str]:
    """Make files, directories and links; return them, and places where nothing is."""
    made = []
    for place in PLACES:
        sandbox.write(f"{place.rstrip('/')}/keep".lstrip("/") if place != "~/" else "~/keep", "")
    for _ in range(25):
        place = dice.choice(PLACES).rstrip("/")
        path = sandbox.path(f"{place}/{dice.choice(NAMES)}".lstrip("/"))
        kind = dice.choice(("file", "file", "program", "link", "hard", "directory"))
        if os.path.lexists(path):
            continue
        if kind in ("file", "program"):
            mode = dice.choice((0o644, 0o600, 0o444, 0o000)) if kind == "file" else 0o755
            sandbox.write(str(path), "#!/bin/sh\nexit 0\n", mode)
        elif kind == "directory":
            path.mkdir()
            path.chmod(dice.choice((0o755, 0o755, 0o555, 0o711)))
        elif kind == "link":
            path.symlink_to(dice.choice(made) if made and dice.random() < 0.7 else f"../{dice.choice(NAMES)}")
        elif made and os.path.isfile(made[-1]) and not os.path.islink(made[-1]):
            os.link(made[-1], path)
        os.chown(path, sandbox.uid, sandbox.gid, follow_symlinks=False) if os.path.lexists(path) else None
        made.append(str(path))
    return made


def policy(dice: random.Random) -> str:
    """Return a random config. No pattern takes in a name that the attempts themselves make."""

    def pattern() -> str:
        head = dice.choice(("", "", "/", "~/", "~/a/", "~/other/", "**/", "a/"))
        bang = dice.choice(("", "", "", "!"))
        return bang + head + dice.choice((*NAMES, "*.pem", "[ab]", "?", ".e*", "a/b")) + dice.choice(("", "", "/"))

    keys = ("deny_read", "deny_write")
    lines = [f"{key}: {json.dumps([pattern() for _ in range(dice.randint(0, 4))])}" for key in keys]
    lines.append(f"home: {dice.choice(('layer', 'layer', 'readonly', 'closed', 'writable'))}")
    lines.append(f"deny_exec: {json.dumps(dice.sample(['tool', 'ab', 'a b', 'env'], dice.randint(0, 2)))}")
    return "\n".join([*lines, "deny_env: []", ""])


@pytest.mark.parametrize("number", range(CASES))
def test_both_say_the_same(sandbox: Sandbox, number: int) -> None:
    dice = random.Random(f"{SEED} {number}")  # noqa: S311
    made = tree(sandbox, dice)
    text = policy(dice)
    sandbox.config(text)
    sandbox.extra["PATH"] = f"{sandbox.home}/bin:/usr/local/bin:/usr/bin:/bin"
    missing = (f"{place.rstrip('/')}/{name}".lstrip("/") for place in PLACES for name in NAMES[:4])
    paths = [*made, *OUTSIDE, *(str(sandbox.path(path)) for path in missing), str(sandbox.home), str(sandbox.project)]
    paths = list(dict.fromkeys(paths))
    told = sandbox.aigate("explain", "--json", *paths)
    before = listed(sandbox)
    done = sandbox.run("/usr/bin/python3", "-c", TRYING, input=json.dumps(paths))
    if told.returncode:
        assert (done.returncode, done.stderr) == (told.returncode, told.stderr)
        return
    assert done.returncode == 0, "\n".join([done.stderr, text, *before])
    wrong = []
    for path, answer, line in zip(paths, json.loads(told.stdout), done.stdout.splitlines(), strict=True):
        met = dict(zip(("read", "run", "write"), json.loads(line), strict=True))
        for kind, allowed in met.items():
            if kind == "write" and answer["write"]["sees"].startswith("it is gone"):
                continue  # it can be made, and does not stay
            if kind == "run" and not allowed and answer["run"]["allowed"] and not answer["read"]["allowed"]:
                continue  # the interpreter of a script has to read it
            if answer[kind]["allowed"] != allowed:
                wrong.append(f"{path} {kind}: met {allowed}, told {answer[kind]}")
    assert not wrong, "\n".join([text, *before, *wrong])


def listed(sandbox: Sandbox) -> list[str]:
    found = []
    for place in sorted(sandbox.home.rglob("*")):
        if ".git/" in f"{place}/" or ".aigate" in place.parts:
            continue
        target = f" -> {os.readlink(place)}" if place.is_symlink() else ""
        found.append(f"{os.lstat(place).st_mode:o} {place.relative_to(sandbox.home)}{target}")
    return found
