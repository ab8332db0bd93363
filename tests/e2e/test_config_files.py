"""Config files in the way of real processes: broken ones stop everything, concurrent and killed edits lose nothing."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import yaml
from choice import SEED, budget
from config_cases import BROKEN
from config_home import Home, read, texts

import aigate
from aigate.config.load import default_bytes

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = os.path.dirname(os.path.dirname(aigate.__file__))
SECRET = b"token sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def start(home: Home, *words: str) -> subprocess.Popen[bytes]:
    pipe = subprocess.PIPE
    environment = {"HOME": home.home, "PATH": os.environ["PATH"], "PYTHONPATH": SOURCE}
    command = [sys.executable, "-m", "aigate", *words]
    return subprocess.Popen(command, cwd=home.project, env=environment, stdin=pipe, stdout=pipe, stderr=pipe)


def refused(home: Home, *words: str) -> str:
    process = start(home, *words)
    out, error = process.communicate(SECRET, timeout=240)
    assert process.returncode == 1
    assert out == b""
    first, *hints = error.decode().splitlines()
    assert len(hints) <= 1
    assert all(line.startswith("  hint: ") for line in hints)
    return first


# All of them, without a process each, are in tests/unit/test_config_broken.py.
EDITS = budget(12, 50, 50)
CASES = BROKEN[SEED % budget(8, 2, 1) :: budget(8, 2, 1)]


@pytest.mark.parametrize(("data", "line"), [case[1:3] for case in CASES], ids=[case[0] for case in CASES])
def test_broken_config_stops_everything(home: Home, data: bytes, line: int) -> None:
    with open(home.config, "wb") as file:
        file.write(data)
    expected = f"aigate: {home.config}:{line}: "
    assert refused(home, "run", "--", "touch", "it-ran").startswith(expected)
    assert refused(home, "mask").startswith(expected)
    assert os.listdir(home.project) == []


@pytest.mark.parametrize("name", ["unknown key", "tab", "empty", "python object", "billion laughs", "not UTF-8"])
def test_broken_project_file_stops_everything(home: Home, name: str) -> None:
    data, line = next(case[1:3] for case in BROKEN if case[0] == name)
    home.write("deny_read: []\n")
    path = os.path.join(home.project, ".aigate.yaml")
    with open(path, "wb") as file:
        file.write(data)
    for words in (("run", "--", "touch", "it-ran"), ("mask",), ("status",)):
        assert refused(home, *words).startswith(f"aigate: {path}:{line}: ")
    assert os.listdir(home.project) == [".aigate.yaml"]


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("mask_stdout:\n  patterns:\n    - regex: '(a'\n", 3, "missing )"),
        ("mask_stdout:\n  patterns:\n    - regex: '(?=a)'\n", 3, "(?="),
        ("mask_stdout:\n  presets: [opnai]\n", 2, "openai"),
    ],
)
def test_rules_that_cannot_be_used_stop_everything(home: Home, text: str, line: int, part: str) -> None:
    home.write(text)
    for words in (("run", "--", "touch", "it-ran"), ("mask",)):
        process = start(home, *words)
        out, error = process.communicate(SECRET, timeout=240)
        assert (process.returncode, out) == (1, b"")
        assert f"{home.config}:{line}" in error.decode()
        assert part in error.decode()
    assert os.listdir(home.project) == []


@pytest.mark.parametrize("where", ["global", "project"])
def test_many_edits_at_once_lose_nothing(home: Home, where: str) -> None:
    home.write(default_bytes().decode())
    options = ["--project"] if where == "project" else []
    processes = [start(home, "deny", "read", f"x{number}", *options) for number in range(EDITS)]
    for process in processes:
        _, error = process.communicate(timeout=240)
        assert process.returncode == 0, error
    found = texts(home.load().deny_read) or []
    assert {f"x{number}" for number in range(EDITS)} <= set(found)
    assert len(found) == len(set(found))
    folder = home.state if where == "global" else home.project
    assert [name for name in os.listdir(folder) if "new" in name] == []


SLOW = """
import os, sys
sys.argv[0] = "aigate"
for name in ("write", "fsync", "rename", "replace", "link", "unlink"):
    def slow(*words, real=getattr(os, name), name=name, **options):
        os.utime(sys.argv[1])
        import time; time.sleep(0.01)
        result = real(*words, **options)
        time.sleep(0.01)
        return result
    setattr(os, name, slow)
from aigate.cli import main
sys.exit(main(sys.argv[2:]))
"""


def test_kill_during_an_edit_leaves_the_old_file_or_the_new_one(home: Home, tmp_path: Path) -> None:
    """Each step of the edit is slowed down, so that kills fall between all of them."""
    old = default_bytes().decode()
    seen = set()
    mark = tmp_path / "mark"
    chance = random.Random(7)  # noqa: S311
    for number in range(500):
        if number >= 20 and len(seen) > 1:
            break
        home.write(old)
        mark.write_text("")
        os.utime(mark, (0, 0))
        command = [sys.executable, "-c", SLOW, str(mark), "deny", "read", "killed"]
        process = subprocess.Popen(command, cwd=home.project, env={"HOME": home.home, "PYTHONPATH": SOURCE})
        while not os.stat(mark).st_mtime and process.poll() is None:
            time.sleep(0.001)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0, 0.02 * number))
        process.kill()
        process.wait()
        found = read(home.config)
        assert yaml.safe_load(found)["group"] == "ai-agents"
        assert found.replace("  - killed\n", "") == old
        seen.add("killed" in yaml.safe_load(found)["deny_read"])
    assert seen == {False, True}, "some kills came before the change and some after"
    process = start(home, "deny", "read", "later")
    process.communicate(timeout=240)
    assert process.returncode == 0
    assert "later" in (texts(home.load().deny_read) or [])
    assert not any(name.endswith(".new") for name in os.listdir(home.state))
