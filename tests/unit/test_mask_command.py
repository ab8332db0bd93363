"""`aigate mask` as a command: which rules, which files, exit status, and failures that show nothing unmasked."""

import json
import os
import pathlib
import pty
import subprocess
import sys
import threading

import pytest

from aigate import Masker
from aigate.masking.cost import sample
from aigate.masking.presets import PRESETS
from aigate.masking.rules import preset_rules

KEY = "sk-ant-api03-abcdefghij0123456789"
LINE = f"key {KEY} foo\n".encode()
MASKED = b"key sk-ant-*** foo\n"


@pytest.fixture
def environment(tmp_path: pathlib.Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}


def run(
    arguments: list[str], environment: dict[str, str], data: bytes = b"", **options: object
) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "aigate", "mask", *arguments]
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("cwd", environment.get("HOME", "/"))
    return subprocess.run(command, env=environment, input=data, stderr=subprocess.PIPE, check=False, **options)  # type: ignore[call-overload,no-any-return]


def one_line(done: subprocess.CompletedProcess[bytes], status: int = 1) -> str:
    """Check that the command failed with one line, and a hint at most; return it."""
    text = done.stderr.decode()
    assert done.returncode == status, text
    lines = text.splitlines()
    assert lines, "no message"
    assert all(line.startswith("  hint: ") for line in lines[1:]), text
    assert "Traceback" not in text
    return text


def test_all_presets_without_a_config(environment: dict[str, str]) -> None:
    done = run([], environment, LINE + b"AKIAABCDEFGHIJKLMNOP")
    assert (done.returncode, done.stdout, done.stderr) == (0, MASKED + b"AKIA***", b"")


@pytest.mark.parametrize("without", ["HOME", "PATH"])
def test_needs_no_home(environment: dict[str, str], without: str) -> None:
    del environment[without]
    assert run([], environment, LINE, cwd="/").stdout == MASKED


def test_options_choose_the_rules(environment: dict[str, str]) -> None:
    text = LINE + b"AKIAABCDEFGHIJKLMNOP\n"
    assert run(["--preset", "aws_key"], environment, text).stdout == LINE + b"AKIA***\n"
    assert (
        run(["--pattern", "fo+"], environment, text).stdout == LINE.replace(b"foo", b"***") + b"AKIAABCDEFGHIJKLMNOP\n"
    )
    both = run(["--preset=anthropic", "--preset=aws_key", "--preset=all"], environment, text)
    assert both.stdout == MASKED + b"AKIA***\n"


def test_prefix_and_case_belong_to_the_pattern_before(environment: dict[str, str]) -> None:
    options = ["--pattern", "fo+", "--show-prefix", "1", "-i", "--pattern", "ba+", "--show-prefix=2"]
    assert run(options, environment, b"FOO BAA baa ba foo").stdout == b"F*** BAA ba*** *** f***"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["-i"], "--ignore-case belongs to a --pattern before it"),
        (["--show-prefix", "1", "--pattern", "x"], "--show-prefix belongs to a --pattern before it"),
        (["--pattern", "x", "--show-prefix", "-1"], "must be a number of bytes"),
        (["--pattern", "x", "--show-prefix", "1.5"], "must be a number of bytes"),
        (["--pattern", "("], "missing"),
        (["--pattern", "x*"], "can match the empty string"),
        (["--preset", "antropic"], "did you mean anthropic?"),
        (["--perset", "x"], "did you mean --preset?"),
        (["--pattern"], "--pattern needs a value"),
        (["--config", "/nowhere.yaml"], "/nowhere.yaml"),
    ],
)
def test_wrong_usage_shows_nothing(environment: dict[str, str], arguments: list[str], complaint: str) -> None:
    done = run(arguments, environment, LINE)
    assert complaint in one_line(done)
    assert done.stdout == b""


def test_config_file(environment: dict[str, str], tmp_path: pathlib.Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("mask_stdout:\n  patterns:\n    - regex: fo+\n      show_prefix: 1\n")
    assert run(["--config", str(config)], environment, LINE).stdout == LINE.replace(b"foo", b"f***")
    config.write_text("mask_stdout:\n  presets: [nope]\n")
    assert f"{config}:2: " in one_line(run(["--config", str(config)], environment, LINE))
    config.write_text("mask_stdout:\n  patterns:\n    - regex: 'a('\n")
    message = one_line(run(["--config", str(config)], environment, LINE))
    assert f"{config}:3: " in message
    assert "missing" in message


def test_the_config_that_run_would_use(environment: dict[str, str]) -> None:
    folder = pathlib.Path(environment["HOME"]) / ".aigate"
    folder.mkdir(mode=0o700)
    (folder / "config.yaml").write_text("mask_stdout:\n  presets: [aws_key]\n")
    assert run([], environment, LINE + b"AKIAABCDEFGHIJKLMNOP").stdout == LINE + b"AKIA***"
    (folder / "config.yaml").write_text("deny_read: []\n")
    assert run([], environment, LINE).stdout == MASKED


def test_values_of_a_file_beside_rules_and_alone(environment: dict[str, str], tmp_path: pathlib.Path) -> None:
    values = tmp_path / "values.json"
    values.write_text('{"shop": {"password": "Tr0ub4dor&3", "host": "db.example.org"}}')
    text = b"Tr0ub4dor&3 at db.example.org, Tr0ub4dor%263, AKIAABCDEFGHIJKLMNOP\n"
    shown = run(["--values", str(values)], environment, text).stdout
    assert shown == b"*** at db.example.org, ***, AKIA***\n"
    shown = run(["--pattern", "AK", "--values", str(values)], environment, text).stdout
    assert shown == b"*** at db.example.org, ***, ***IAABCDEFGHIJKLMNOP\n"


def test_values_that_the_config_names(environment: dict[str, str], tmp_path: pathlib.Path) -> None:
    config = tmp_path / "c.yaml"
    config.write_text("mask_stdout:\n  values: [denied, $MY_PIN, $CI_*]\n")
    known = environment | {"MY_PIN": "4711x", "CI_TOKEN": "Kp9-zTw2Lm", "CI_NAME": "builder-one"}
    done = run(["--config", str(config)], known, b"4711x Kp9-zTw2Lm builder-one\n")
    assert done.stdout == b"*** *** builder-one\n"
    assert "the value of MY_PIN is too short" in one_line(run(["--config", str(config)], known | {"MY_PIN": "1"}, b""))


def test_values_are_looked_for_in_files_and_reported(environment: dict[str, str], tmp_path: pathlib.Path) -> None:
    (tmp_path / "v.env").write_text("TOKEN=Kp9-zTw2Lm\n")
    log = tmp_path / "log"
    log.write_text("one\nis Kp9-zTw2Lm\n")
    done = run(["--check", "--values", str(tmp_path / "v.env"), str(log)], environment)
    assert (done.returncode, done.stdout) == (3, f"{log}:2:4: value\n".encode())


def test_a_file_that_holds_no_secret_masks_nothing_and_says_so(
    environment: dict[str, str], tmp_path: pathlib.Path
) -> None:
    (tmp_path / "v.env").write_text("APP_NAME=shop\n")
    for path in ("v.env", "missing.env"):
        done = run(["--values", str(tmp_path / path)], environment, LINE)
        assert str(tmp_path / path) in one_line(done)
        assert done.stdout == b""


def test_files_in_order_and_standard_input_among_them(environment: dict[str, str], tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").write_bytes(LINE)
    (tmp_path / "b").write_bytes(b"last " + LINE.strip())
    done = run([str(tmp_path / "a"), "-", str(tmp_path / "b")], environment, b"stdin\n")
    assert done.stdout == MASKED + b"stdin\nlast " + MASKED.strip()


def test_an_unreadable_file_comes_after_what_was_before_it(environment: dict[str, str], tmp_path: pathlib.Path) -> None:
    (tmp_path / "a").write_bytes(LINE)
    for unreadable in (str(tmp_path / "missing"), str(tmp_path)):
        done = run([str(tmp_path / "a"), unreadable, str(tmp_path / "a")], environment)
        assert f"cannot read {unreadable}: " in one_line(done)
        assert done.stdout == MASKED


def test_a_full_disk(environment: dict[str, str]) -> None:
    with open("/dev/full", "wb") as full:
        assert "cannot write the output: No space left on device" in one_line(run([], environment, LINE, stdout=full))
        for option in ("--help", "--list-presets"):
            assert "cannot write" in one_line(run([option], environment, stdout=full))


def test_a_closed_pipe_ends_quietly(environment: dict[str, str]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = run([], environment, LINE * 100_000, stdout=write_end)
    os.close(write_end)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_piped_line_comes_out_when_it_is_complete(environment: dict[str, str]) -> None:
    command = [sys.executable, "-m", "aigate", "mask"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(3):
            process.stdin.write(LINE + b"next ")
            process.stdin.flush()
            assert process.stdout.readline().endswith(MASKED)
        process.stdin.close()
        assert process.stdout.read() == b"next "


def test_interrupt(environment: dict[str, str]) -> None:
    primary, secondary = pty.openpty()
    command = [sys.executable, "-m", "aigate", "mask"]
    with subprocess.Popen(
        command,
        env=environment,
        stdin=secondary,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        os.close(secondary)
        os.write(primary, LINE)
        assert process.stdout.readline() == MASKED
        timer = threading.Timer(10, process.kill)
        timer.start()
        process.send_signal(2)
        assert process.wait() == 130
        assert process.stderr.read() == b""
        timer.cancel()
    os.close(primary)


def test_listing_and_help(environment: dict[str, str]) -> None:
    listing = run(["--list-presets"], environment).stdout.decode()
    for name, preset in PRESETS.items():
        assert name in listing
        assert preset.example.split("\n")[0] in listing
    rows = json.loads(run(["--list-presets", "--json"], environment).stdout)
    assert [(row["name"], row["example"]) for row in rows] == [(name, one.example) for name, one in PRESETS.items()]
    refused = run(["--json"], environment)
    assert refused.returncode == 1
    assert b"--report FILE" in refused.stderr
    text = run(["--help"], environment).stdout.decode()
    assert text.startswith("Usage: aigate mask")
    assert "--show-prefix" in text


def test_what_rules_cost(environment: dict[str, str], tmp_path: pathlib.Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rules]]\nid = "own"\nregex = "own_[0-9a-f]{20}"\n')
    words = ["--explain-rules", "--rules", str(rules), "--pattern", "[a-z]+z"]
    rows = json.loads(run([*words, "--json"], environment).stdout)
    assert [row["name"] for row in rows][-1] == "all together"
    assert {row["name"] for row in rows} == {"own", "pattern-1", "all together"}
    assert [row["rate"] for row in rows[:-1]] == sorted(row["rate"] for row in rows[:-1])
    assert all(row["rate"] > 0 and row["preparing"] >= 0 and row["slow"] is (row["rate"] < 100e6) for row in rows)
    head, *lines = run(words, environment).stdout.decode().splitlines()
    assert head.split() == ["rule", "MB/s", "alone", "ms", "to", "prepare"]
    assert len(lines) == 3


def test_the_sample_holds_no_secret() -> None:
    assert Masker(preset_rules("all")).mask(sample()) == sample()


def test_nothing_heavy_is_imported(environment: dict[str, str]) -> None:
    command = [sys.executable, "-S", "-E", "-X", "importtime", "-c"]
    program = f"import sys; sys.path[:0] = {sys.path!r}; from aigate.cli import main; sys.exit(main(['mask']))"
    done = subprocess.run(
        [*command, program], env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True
    )
    imported = {line.split("|")[-1].strip() for line in done.stderr.decode().splitlines()}
    heavy = {"re", "enum", "typing", "json", "click", "subprocess", "pathlib", "functools", "contextlib", "dataclasses"}
    assert not imported & heavy
