"""`aigate layer diff` tells all that `apply` would do, of whatever kind, and `apply` does all of it or nothing."""

from __future__ import annotations

import os
import stat

import pytest
from sandbox import Sandbox

MANY = 14_000  # lines


@pytest.fixture
def layered(sandbox: Sandbox) -> Sandbox:
    sandbox.config("home: layer\nproject: layer\n")
    for name in ("1", "2", "old/3"):
        sandbox.write(f"docs/{name}", f"{name}\n")
    return sandbox


def told(sandbox: Sandbox, *words: str) -> list[str]:
    done = sandbox.aigate("layer", "diff", *words)
    assert done.returncode == 0, done.stderr
    home = f"{os.path.relpath(sandbox.project, sandbox.home)}/"
    return [line.replace(f"~/{home}", "").replace(f"{sandbox.project}/", "") for line in done.stdout.splitlines()]


@pytest.mark.everywhere
def test_what_a_directory_in_the_place_of_another_removes(layered: Sandbox) -> None:
    layered.shell("rm -r docs; mkdir -p docs/old docs/new; echo 1 >docs/1; echo x >docs/old/x; echo x >docs/new/x")
    layered.write("docs/thesis", "mine\n")
    lines = told(layered, "--names")
    for line in ("M docs/", "M docs/1", "A docs/new/", "A docs/new/x", "A docs/old/x"):
        assert line in lines
    assert [line for line in lines if line.startswith("D")] == ["D docs/2", "D docs/old/3", "D docs/thesis"]
    assert layered.aigate("layer", "apply", str(layered.project / "docs")).returncode == 0
    assert sorted(path.name for path in (layered.project / "docs").rglob("*")) == ["1", "new", "old", "x", "x"]
    assert told(layered) == []


@pytest.mark.parametrize("made", ["echo x >docs", "ln -s /nowhere docs"])
def test_what_a_file_in_the_place_of_a_directory_removes(layered: Sandbox, made: str) -> None:
    layered.shell(f"rm -r docs; {made}")
    assert told(layered, "--names") == ["M docs", "D docs/1", "D docs/2", "D docs/old/"]
    assert layered.aigate("layer", "apply", str(layered.project / "docs")).returncode == 0
    assert not (layered.project / "docs").is_dir()


def test_nothing_is_removed_for_what_cannot_be_brought(layered: Sandbox) -> None:
    layered.shell("rm -r docs; mkdir -p docs; echo 1 >docs/a; mkfifo docs/z")
    done = layered.aigate("layer", "apply", str(layered.project / "docs"))
    assert (done.returncode, "z is neither a file, a link nor a directory" in done.stderr) == (1, True), done.stderr
    deep = "/".join(["d"] * 80)
    layered.shell(f"rm docs/z; mkdir -p docs/{deep}")
    done = layered.aigate("layer", "apply", str(layered.project / "docs"))
    assert (done.returncode, "one in the other" in done.stderr) == (1, True), done.stderr
    assert sorted(os.listdir(layered.project / "docs")) == ["1", "2", "old"]


def test_what_is_no_line_of_text(layered: Sandbox) -> None:
    for name in ("binary", "large", "mode", "link", "dangling"):
        layered.write(name, "before\n")
    script = """printf 'a\\0b' >binary; head -c 1100000 /dev/zero | tr '\\0' x >large; chmod 777 mode
    ln -sf /etc/hostname link; rm dangling; ln -s "$(printf 'x\\033[31m')" dangling; mkfifo fifo"""
    layered.shell(script)
    lines = told(layered)
    for name, wanted in (
        ("M binary", "no lines to show: it is no text (7 bytes -> 3 bytes)"),
        ("M large", "no lines to show: it is larger than 1,048,576 bytes (7 bytes -> 1100000 bytes)"),
        ("M mode", "mode -rw-r--r-- -> -rwxrwxrwx"),
        ("M link", "+link to /etc/hostname"),
        ("M dangling", "+link to x\\x1b[31m"),
        ("A fifo", "+FIFO"),
    ):
        start = lines.index(name)
        said = [line.strip() for line in lines[start + 1 :]]
        until = next((at for at, line in enumerate(said) if line[:2] in ("A ", "M ", "D ")), len(said))
        assert wanted in said[:until], (name, said)


def test_a_tree_that_is_nested_deep_hides_nothing_else(layered: Sandbox) -> None:
    layered.shell('python3 -c \'import os\nfor _ in range(3000): os.mkdir("d"); os.chdir("d")\'; echo x >docs/1')
    lines = told(layered, "--names")
    assert "M docs/1" in lines
    assert len([line for line in lines if line.startswith("A d/")]) > 60
    assert layered.aigate("layer", "status").returncode == 0
    assert layered.aigate("layer", "discard", str(layered.project / "d")).returncode == 0
    layered.outside("rm", "-rf", str(layered.home / ".aigate/layers"))  # so deep that Python cannot


def test_lines_that_repeat_take_no_longer_than_others(layered: Sandbox) -> None:
    """Which difflib takes for hours; the limit of this test's time is the assertion."""
    layered.write("lock", "".join(f"line {number % 99}\n" for number in range(MANY)))
    script = f'python3 -c \'print(*(f"line {{n * 7 % 97}}" for n in range({MANY})), sep="\\n")\' >lock'
    layered.shell(script)
    assert len(told(layered)) > MANY // 2


def test_a_file_that_its_maker_closed_is_brought(layered: Sandbox) -> None:
    layered.shell("mkdir shut; echo x >shut/f; chmod 0 shut/f; chmod 0 shut")
    assert layered.aigate("layer", "apply", str(layered.project / "shut")).returncode == 0
    (layered.project / "shut").chmod(0o700)
    assert stat.S_IMODE((layered.project / "shut/f").stat().st_mode) == 0
