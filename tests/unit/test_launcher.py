"""The command's own part: which Python it finds, with which arguments and variables that is started."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

import pytest
from sandbox import LAUNCHER

from aigate.isolation import CALLERS, HELD, own_environment

PYTHON = (
    f"#!{os.path.realpath(sys.executable)} -IS\nimport json, os, sys\nprint(json.dumps([sys.argv, dict(os.environ)]))\n"
)
GIVEN = {
    "HOME": "/home/x",
    "PATH": "p:",
    "LANG": "C.UTF-8",
    "LC_ALL": "../x",
    "TERM": "xterm",
    "COLUMNS": "80",
    "LD_PRELOAD": "lib.so",
    "PYTHONPATH": "src",
    "AIGATE_CALLER_HOME": "/y",
    "SUDO_UID": "7",
    "LANGUAGE": "de",
    "EMPTY": "",
    "AIGATE_LOG_LEVEL": "debug",
    "HOMEX": "z",
    "AIGATE_SANDBOX": "bwrap",
    "odd name": "a=b",
}
FIRST_LINES = {
    "one line": "#!{python}\n",
    "spaces at the end": "#!{python} \r\n",
    "options": "#!{python} -E -s\n",
    "no line after it": "#!{python}",
    "sh, plain": "#!/bin/sh\n'''exec' {python} \"$0\" \"$@\"\n' '''\n",
    "sh, in quotes": "#!/bin/sh\n'''exec' '{python}' \"$0\" \"$@\"\n' '''\n",
    "sh, in double quotes": "#!/bin/sh\n'''exec' \"{python}\" \"$0\" \"$@\"\n' '''\n",
    "sh, beside it": "#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python' \"$0\" \"$@\"\n' '''\n",
}
BROKEN = {
    "#!python\n": "names no Python on its first line",
    "": "names no Python on its first line",
    "import sys\n": "names no Python on its first line",
    "#!/bin/sh\nexec python\n": "names no Python on its first line",
    "#!/nowhere/python\n": "/nowhere/python cannot be started",
    None: "is missing; it belongs beside this program",
}


def start(place: pathlib.Path, lines: str | None, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the launcher in a directory, beside a script with these lines, if any."""
    place.mkdir()
    shutil.copy(LAUNCHER, place / "aigate")
    (place / "python").write_text(PYTHON)
    (place / "python").chmod(0o755)
    if lines is not None:
        (place / "aigate-python").write_text(lines.replace("{python}", str(place / "python")))
    return subprocess.run([place / "aigate", *words], capture_output=True, text=True, env=GIVEN)


@pytest.mark.parametrize("lines", FIRST_LINES.values(), ids=FIRST_LINES)
def test_it_finds_the_python_that_installers_name(tmp_path: pathlib.Path, lines: str) -> None:
    place = tmp_path / ("bin" if "exec' {python}" in lines else "with - space")  # which installers quote there
    done = start(place, lines, "mask", "", "a b")
    words, _ = json.loads(done.stdout)
    assert words == [str(place / "python"), "-I", "-S", str(place / "aigate-python"), "mask", "", "a b"]


def test_it_gives_that_python_the_variables_that_the_module_lists(tmp_path: pathlib.Path) -> None:
    done = start(tmp_path / "bin", FIRST_LINES["one line"])
    assert json.loads(done.stdout)[1] == {**own_environment(GIVEN), CALLERS: HELD}


@pytest.mark.parametrize(("lines", "said"), BROKEN.items())
def test_what_it_cannot_start_it_says_in_one_line(tmp_path: pathlib.Path, lines: str | None, said: str) -> None:
    done = start(tmp_path / "bin", lines)
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert done.stderr.startswith("aigate: ")
    assert done.stderr.endswith("\n  hint: install aigate again\n")
    assert done.stderr.count("\n") == 2


def test_it_is_static_and_small() -> None:
    program = LAUNCHER.read_bytes()
    assert program[:4] == b"\x7fELF"
    assert b".so" not in program
    assert len(program) < 20000
    assert os.access(LAUNCHER, os.X_OK)
