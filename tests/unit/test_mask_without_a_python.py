"""`aigate mask` where it needs no Python: what it hides, when Python takes over, and what it says when it fails."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest
from sandbox import LAUNCHER

from aigate import Masker
from aigate.cli import mask_kept
from aigate.cli.mask import PACKED
from aigate.config import files
from aigate.masking.presets import GROUPS, PRESETS
from aigate.masking.rules import preset_rules

TOKEN = "ghp_" + "a1B2" * 9
LINE = f"token {TOKEN} kelvin order-1234\n".encode()
HANDED_OVER = b"this is python"
CONFIG = "mask_stdout:\n  presets: [github]\n  patterns:\n    - {regex: 'order-[0-9]+', show_prefix: 6}\n"


class Home:
    """A home directory, and two commands `aigate`: the real one, and one whose Python says that it was started."""

    def __init__(self, place: pathlib.Path) -> None:
        self.path = place / "home"
        self.config = self.path / ".aigate/config.yaml"
        self.kept = self.path / ".aigate/cache/mask"
        self.directory = place / "project/inner"
        self.directory.mkdir(parents=True)
        self.config.parent.mkdir(parents=True, mode=0o700)
        programs = place / "bin"
        programs.mkdir()
        for name in ("aigate", "aigate-mask"):
            shutil.copy(LAUNCHER.with_name(name), programs / name)
        python = programs / "python"
        python.write_text(f"#!/bin/sh\necho {HANDED_OVER.decode()}\n")
        python.chmod(0o755)
        (programs / "aigate-python").write_text(f"#!{python}\n")
        self.alone = programs / "aigate"

    def start(self, program: pathlib.Path, *words: str, **options) -> subprocess.CompletedProcess[bytes]:
        environment = {"HOME": str(self.path), "PATH": "/usr/bin:/bin", **options.pop("more", {})}
        options = {"input": LINE, "capture_output": True, "cwd": self.directory, "timeout": 60, **options}
        return subprocess.run([program, *words], env=environment, check=False, **options)

    def alone_on(self, data: bytes, *words: str, **options) -> bytes:
        """What comes out where there is no Python, or HANDED_OVER."""
        done = self.start(self.alone, "mask", *words, input=data, **options)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout.rstrip(b"\n") if done.stdout.startswith(HANDED_OVER) else done.stdout

    def keep(self, config: str = CONFIG) -> None:
        """Write a config, and have a start with Python keep what it says."""
        self.config.write_text(config)
        self.config.chmod(0o600)
        assert self.start(LAUNCHER, "mask").returncode == 0


@pytest.fixture
def home(tmp_path: pathlib.Path) -> Home:
    return Home(tmp_path)


def by_rules(*names: str) -> bytes:
    return Masker([rule for name in names for rule in preset_rules(name)]).mask(LINE)


def test_without_a_config_it_hides_what_every_preset_knows(home: Home) -> None:
    text = "\n".join(preset.example for preset in PRESETS.values()).encode()
    assert home.alone_on(text) == Masker(preset_rules("all")).mask(text)
    assert home.alone_on(text) != text


def test_each_preset_and_group_is_what_python_makes_of_it(home: Home) -> None:
    examples = {name: preset.example.encode() for name, preset in PRESETS.items()}
    text = b"\n".join(examples.values())
    for name in (*PRESETS, *GROUPS):
        assert home.alone_on(text, "--preset", name) == Masker(preset_rules(name)).mask(text), name


def test_presets_add_up(home: Home) -> None:
    assert home.alone_on(LINE, "--preset", "openai", "--preset=github") == by_rules("openai", "github") != LINE
    assert home.alone_on(LINE, "--preset=openai") == LINE


@pytest.mark.parametrize(
    "words",
    [
        ["--preset", "nobody"],
        ["--preset"],
        ["--preset="],
        ["--preset", "all", "--preset", "!github"],
        ["--preset", "github", "--pattern", "x"],
        ["--", "file"],
        ["--preset", "github", "--check"],
        ["--presets", "github"],
        ["missing"],
        ["file", "missing"],
        ["file", "directory"],
        ["file", "pipe"],
        ["file", "closed.gz"],
        ["file", "--in-place"],
        ["file", "od\u0323d"],
        ["--help"],
        ["--pattern", "x"],
    ],
    ids=" ".join,
)
def test_any_other_command_line_is_left_to_python(home: Home, words: list[str]) -> None:
    for name in ("file", "closed.gz", "od\u0323d"):
        (home.directory / name).write_bytes(LINE)
    (home.directory / "directory").mkdir()
    os.mkfifo(home.directory / "pipe")
    assert home.alone_on(LINE, *words) == HANDED_OVER


def test_every_kind_of_packed_file_is_left_to_python(home: Home) -> None:
    for end in PACKED:
        (home.directory / f"log{end}").write_bytes(LINE)
        assert home.alone_on(LINE, f"log{end}") == HANDED_OVER, end


def test_files_come_one_after_the_other(home: Home) -> None:
    for name in ("a", "b c"):
        (home.directory / name).write_bytes(name.encode() + b" " + LINE)
    done = home.alone_on(LINE, "a", "--preset=github", "-", "b c", "a")
    masked = by_rules("github")
    assert done == b"a " + masked + masked + b"b c " + masked + b"a " + masked
    assert (
        home.start(LAUNCHER, "mask", "a", "--preset=github", "-", "b c", "a", more={"AIGATE_LOG_LEVEL": "info"}).stdout
        == done
    )
    home.keep()
    assert home.alone_on(b"", "a") == home.start(LAUNCHER, "mask", "a", more={"AIGATE_LOG_LEVEL": "info"}).stdout


def test_one_large_line_in_each_of_two_files_is_one_line_each(home: Home) -> None:
    for name, text in (("a", b"x" * 3_000_000 + b" ghp_" + b"a1" * 9), ("b", b"a1" * 9 + b" end")):
        (home.directory / name).write_bytes(text)
    assert home.alone_on(b"", "a", "b").endswith(b" ghp_" + b"a1" * 9 + b"a1" * 9 + b" end")  # a key in neither


@pytest.mark.parametrize("more", [{"AIGATE_LOG_LEVEL": "debug"}, {"AIGATE_SANDBOX": "bwrap"}], ids=str)
def test_what_a_variable_changes_is_left_to_python(home: Home, more: dict[str, str]) -> None:
    assert home.alone_on(LINE, more=more) == HANDED_OVER


def test_without_a_home_it_needs_no_config(home: Home) -> None:
    assert home.alone_on(LINE, more={"HOME": ""}) == by_rules("all")


def test_a_config_is_left_to_python_once(home: Home) -> None:
    home.config.write_text(CONFIG)
    assert home.alone_on(LINE) == HANDED_OVER
    first = home.start(LAUNCHER, "mask").stdout
    assert first == LINE.replace(TOKEN.encode(), b"ghp_***").replace(b"order-1234", b"order-***")
    assert home.alone_on(LINE) == first
    assert home.start(LAUNCHER, "mask").stdout == first
    assert home.kept.stat().st_mode & 0o777 == 0o600


def test_a_pattern_that_ignores_case_does_so(home: Home) -> None:
    home.keep("mask_stdout:\n  patterns:\n    - {regex: 'KELVIN', case_insensitive: true}\n")
    assert home.alone_on("a kelvin \u212aELVIN\n".encode()) == b"a *** ***\n"
    assert home.alone_on(LINE) == LINE.replace(b"kelvin", b"***")


def test_a_config_that_says_nothing_of_masking_is_kept_as_well(home: Home) -> None:
    home.keep("deny_read: [.env]\n")
    assert home.alone_on(LINE) == by_rules("all")


def test_a_config_that_wants_nothing_hidden_is_kept_as_well(home: Home) -> None:
    home.keep("mask_stdout: {presets: []}\n")
    assert home.alone_on(LINE) == home.start(LAUNCHER, "mask").stdout == LINE


def test_a_changed_config_counts_at_once(home: Home) -> None:
    home.keep()
    for change in (CONFIG + "\n", CONFIG.replace("github", "openai"), CONFIG.replace("order", "Order")):
        home.config.write_text(change)
        assert home.alone_on(LINE) == HANDED_OVER


def test_a_config_that_cannot_be_relied_on_is_left_to_python(home: Home) -> None:
    home.keep()
    home.config.chmod(0o606)
    assert home.alone_on(LINE) == HANDED_OVER
    assert b"can be written by anyone" in home.start(LAUNCHER, "mask").stderr


@pytest.mark.parametrize("place", ["inner", "."])
@pytest.mark.parametrize("kind", ["file", "dangling link", "directory"])
def test_a_projects_file_has_a_say(home: Home, place: str, kind: str) -> None:
    home.keep()
    assert home.alone_on(LINE) != HANDED_OVER
    path = home.directory.parent / place / files.PROJECT_NAME
    if kind == "file":
        path.write_text("mask_stdout:\n  presets: [openai]\n")
    elif kind == "directory":
        path.mkdir()
    else:
        path.symlink_to("nowhere")
    assert home.alone_on(LINE) == HANDED_OVER
    before = home.kept.stat().st_ino
    home.start(LAUNCHER, "mask")
    assert home.kept.stat().st_ino == before, "what a project says is not kept"


def test_a_file_in_the_home_is_no_projects(home: Home) -> None:
    home.keep()
    (home.path / files.PROJECT_NAME).write_text("mask_stdout:\n  presets: [openai]\n")
    inside = home.path / "work"
    inside.mkdir()
    assert home.alone_on(LINE, cwd=inside) != HANDED_OVER
    link = home.path.parent / "link"
    link.symlink_to(home.path)
    assert home.alone_on(LINE, cwd=inside, more={"HOME": str(link)}) != HANDED_OVER


def test_known_values_are_never_kept(home: Home) -> None:
    (home.path / "values.env").write_text("PASSWORD=correct-horse-battery\n")
    home.keep("mask_stdout:\n  presets: [github]\n  values: ['file:~/values.env']\n")
    assert not home.kept.exists()
    assert home.alone_on(LINE) == HANDED_OVER


def test_what_is_typed_is_never_kept(home: Home) -> None:
    home.config.write_text(CONFIG)
    assert home.start(LAUNCHER, "mask", "--pattern", "kelvin").returncode == 0
    assert not home.kept.exists()


def test_what_is_kept_counts_only_as_it_was_written(home: Home) -> None:
    home.keep()
    whole = home.kept.read_bytes()
    assert home.alone_on(LINE) != HANDED_OVER
    for size in range(0, len(whole), 7):
        home.kept.write_bytes(whole[:size])
        assert home.alone_on(LINE) == HANDED_OVER, size
    for at in range(0, len(whole), 5):
        home.kept.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        assert home.alone_on(LINE) == HANDED_OVER, at
    home.kept.write_bytes(whole + b"\0")
    assert home.alone_on(LINE) == HANDED_OVER
    home.kept.write_bytes(whole)
    assert home.alone_on(LINE) != HANDED_OVER


def test_what_others_could_have_written_does_not_count(home: Home) -> None:
    home.keep()
    home.kept.chmod(0o620)
    assert home.alone_on(LINE) == HANDED_OVER
    home.kept.chmod(0o600)
    moved = home.kept.with_name("moved")
    home.kept.rename(moved)
    home.kept.symlink_to(moved)
    assert home.alone_on(LINE) == HANDED_OVER
    home.kept.unlink()
    os.mkfifo(home.kept)
    assert home.alone_on(LINE) == HANDED_OVER


def test_what_another_version_has_kept_does_not_count(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    home.keep()
    mask_kept.keep(str(home.config.parent), home.config.read_bytes(), None, ("github",))
    assert home.alone_on(LINE) == by_rules("github")
    changed = [("__version__", "0.0.1"), ("SCHEME", 0), ("table", lambda: ({}, {"github": ()}))]
    for name, value in changed:
        with monkeypatch.context() as patch:
            patch.setattr(mask_kept, name, value)
            mask_kept.keep(str(home.config.parent), home.config.read_bytes(), None, ("github",))
        assert home.alone_on(LINE) == HANDED_OVER, name
    mask_kept.keep(str(home.config.parent), home.config.read_bytes(), None, ("github",))
    assert home.alone_on(LINE) == by_rules("github")


def test_a_file_onto_itself_is_left_to_python(home: Home) -> None:
    path = home.path / "log"
    path.write_bytes(LINE)
    with path.open("rb") as read, path.open("ab") as written:
        done = home.start(LAUNCHER, "mask", input=None, stdin=read, stdout=written, capture_output=False, stderr=-1)
    assert (done.returncode, done.stderr.splitlines()[0]) == (1, b"aigate: standard input: input file is output file")
    assert path.read_bytes() == LINE


@pytest.mark.parametrize("stream", ["<&-", "2>&-"])
def test_a_closed_stream_is_left_to_python(home: Home, stream: str) -> None:
    done = home.start(pathlib.Path("/bin/sh"), "-c", f"{home.alone} mask {stream}")
    assert done.stdout.strip() == HANDED_OVER


@pytest.mark.parametrize("words", [[], ["--preset", "all"]], ids=["no word", "a preset"])
def test_what_cannot_be_written_or_read_it_says_as_python_does(home: Home, words: list[str]) -> None:
    for name, flags in (("/dev/full", os.O_WRONLY), (str(home.path / "log"), os.O_RDWR | os.O_CREAT)):
        full = os.open(name, flags)
        closed = os.open("/dev/null", os.O_WRONLY)
        stdin = {"input": LINE} if name == "/dev/full" else {"input": None, "stdin": closed}
        said = []
        for program in (home.alone, LAUNCHER):
            more = {"AIGATE_LOG_LEVEL": "info"} if program == LAUNCHER else {}  # which Python sees to
            done = home.start(program, "mask", *words, capture_output=False, stdout=full, stderr=-1, more=more, **stdin)
            said.append((done.returncode, done.stderr))
        assert said[0] == said[1]
        assert said[0][0] == 1
        os.close(full)
        os.close(closed)


def test_a_reader_that_has_gone_is_no_error(home: Home) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = home.start(home.alone, "mask", input=LINE * 1000, capture_output=False, stdout=writer, stderr=-1)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(("ignored", "status"), [(False, 130), (True, 0)], ids=["heard", "ignored"])
def test_an_interrupt_ends_it_unless_the_caller_ignores_it(home: Home, ignored: bool, status: int) -> None:
    script = f"{'trap' if ignored else ':'} '' INT; exec {home.alone} mask"
    environment = {"HOME": str(home.path)}
    process = subprocess.Popen(["/bin/sh", "-c", script], stdin=-1, stdout=-1, env=environment, cwd=home.directory)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(LINE)
    process.stdin.flush()
    assert process.stdout.read(5) == b"token"  # from here on it takes signals
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    process.stdin.close()
    assert process.wait(60) == status
    process.stdout.close()


def test_the_program_says_what_it_belongs_to() -> None:
    for words in ([], ["mask"], ["x"] * 9):
        done = subprocess.run([LAUNCHER.with_name("aigate-mask"), *words], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (1, b"aigate: this is a part of `aigate mask`\n")


def test_what_follows_is_passed_on_as_it_is(home: Home) -> None:
    python = home.alone.with_name("python")
    python.write_text(f"#!{sys.executable} -IS\nimport json, sys\nprint(json.dumps(sys.argv))\n")
    done = home.start(home.alone, "mask", "--preset", "a b", "")
    script = str(home.alone.with_name("aigate-python"))
    assert json.loads(done.stdout) == [str(python), "-I", "-S", script, "mask", "--preset", "a b", ""]
