"""`aigate mask --in-place` and `--check` on files of every kind: other encodings, odd names, flags, what is packed."""

from __future__ import annotations

import bz2
import contextlib
import fcntl
import gzip
import json
import lzma
import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from mask_run import COMMAND, KEY, LINE, MASKED, mask

from aigate.masking.files import attributes
from aigate.masking.files.places import is_temporary, temporary

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

NODUMP = 0x40  # the letter d of chattr(1)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-8"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_with_a_mark_in_front(tmp_path: Path, encoding: str, end: str) -> None:
    text = f"\ufeff{LINE}\u00e9 \U0001f600 {LINE}x".replace("\n", end)
    (tmp_path / "a").write_bytes(text.encode(encoding))
    (tmp_path / "b.gz").write_bytes(gzip.compress(text.encode(encoding)))
    found = "a:1:12: anthropic\na:2:16: anthropic\n"
    assert mask("--check", "a", "b.gz", cwd=tmp_path).stdout == found + found.replace("a:", "b.gz:")
    assert mask("--in-place", "a", "b.gz", cwd=tmp_path).returncode == 0
    wanted = text.replace(KEY, "sk-ant-***").encode(encoding)
    assert (tmp_path / "a").read_bytes() == wanted
    assert gzip.decompress((tmp_path / "b.gz").read_bytes()) == wanted


def test_json_in_utf_16_stays_json(tmp_path: Path) -> None:
    text = '{"k": "' + KEY + '"}'
    (tmp_path / "a.json").write_text(text, "utf-16")
    done = mask("--in-place", "a.json", "--pattern", f'{KEY}"}}', cwd=tmp_path)
    assert "no longer be valid JSON" in done.stderr
    assert mask("--in-place", "a.json", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "a.json").read_text("utf-16")) == {"k": "sk-ant-***"}


def test_what_is_no_utf_16_after_all(tmp_path: Path) -> None:
    content = f"\ufeff{LINE}".encode("utf-16-le") + b"x"
    (tmp_path / "a").write_bytes(content)
    done = mask("--in-place", "a", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "a").read_bytes()) == (4, content)
    assert "a: left alone, it is damaged UTF-16-LE" in done.stderr


def test_zstandard_that_needs_much_memory_is_named(tmp_path: Path) -> None:
    import zstandard

    settings = zstandard.ZstdCompressionParameters.from_level(1, window_log=28, write_content_size=False)
    packer = zstandard.ZstdCompressor(compression_params=settings).compressobj()
    content = packer.compress(LINE.encode() * 3) + packer.flush()
    (tmp_path / "a.zst").write_bytes(content)
    done = mask("--in-place", "a.zst", cwd=tmp_path)
    assert (done.returncode, (tmp_path / "a.zst").read_bytes()) == (4, content)
    assert "needs more than 128 MiB to unpack (zstd --long)" in done.stderr


def test_what_is_packed_is_known_by_how_it_begins(tmp_path: Path) -> None:
    for name in ("a.tgz", "log.gz.1", "a"):
        (tmp_path / name).write_bytes(gzip.compress(LINE.encode()))
    assert mask("--in-place", ".", cwd=tmp_path).returncode == 0
    assert {gzip.decompress(path.read_bytes()).decode() for path in tmp_path.iterdir()} == {MASKED}


def test_a_frame_that_is_passed_over(tmp_path: Path) -> None:
    import zstandard

    (tmp_path / "a.zst").write_bytes(b"\x50\x2a\x4d\x18\x04\0\0\0meta" + zstandard.compress(LINE.encode()))
    assert mask("--in-place", "a.zst", cwd=tmp_path).returncode == 0
    made = zstandard.ZstdDecompressor().decompressobj().decompress((tmp_path / "a.zst").read_bytes())
    assert made.decode() == MASKED


@pytest.mark.parametrize("name", [b"a\nb", b"b\xff", "\u00e9".encode() * 127, b".plan.aigate-notes.txt", b" ", b"-x"])
def test_a_name_of_any_kind(tmp_path: Path, name: bytes) -> None:
    path = os.fsencode(tmp_path) + b"/" + name
    with open(path, "w") as file:
        file.write(LINE)
    assert mask("--in-place", ".", "--report", "../r.sarif", cwd=tmp_path).returncode == 0
    with open(path) as file:
        assert file.read() == MASKED
    assert os.listdir(os.fsencode(tmp_path)) == [name]


def test_names_of_files_that_are_being_written() -> None:
    for name in ("a", "\u00e9" * 127, os.fsdecode(b"\xff" * 255)):
        assert is_temporary(temporary(name))
        assert len(os.fsencode(temporary(name))) <= 255
    for name in (".a.aigate-notes", "a.aigate-0123456789ab", ".a.aigate-0123456789ag"):
        assert not is_temporary(name)


def test_a_kill_leaves_no_file_of_any_other_name(tmp_path: Path) -> None:
    """What is written has no name until it is whole."""
    (tmp_path / "a").write_text(LINE * 200_000)
    with subprocess.Popen([*COMMAND, "--in-place", str(tmp_path)]) as process:
        until = time.monotonic() + 60
        while process.poll() is None and not writes(process.pid, tmp_path):
            assert time.monotonic() < until
        process.kill()
    assert os.listdir(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() in (LINE * 200_000, MASKED * 200_000)


def writes(process: int, directory: Path) -> bool:
    """Tell whether a process has a file without a name open there."""
    try:
        for number in os.listdir(f"/proc/{process}/fd"):
            target = os.readlink(f"/proc/{process}/fd/{number}")
            if target.startswith(f"{directory}/#") and target.endswith(" (deleted)"):
                return True
    except OSError:
        return False
    return False


def test_flags_stay(tmp_path: Path) -> None:
    file = tmp_path / "a"
    file.write_text(LINE)
    with file.open() as opened, contextlib.suppress(OSError):  # file systems without flags keep none
        wanted = (attributes._flags(opened.fileno()) or 0) | NODUMP
        fcntl.ioctl(opened, attributes.SET_FLAGS, attributes.NUMBER.pack(wanted))
    with file.open() as opened:
        before = attributes._flags(opened.fileno())
    assert mask("--in-place", file).returncode == 0
    with file.open() as opened:
        assert attributes._flags(opened.fileno()) == before
    assert file.read_text() == MASKED


def test_standard_input_is_checked(tmp_path: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--check", "-", "--report", tmp_path / "r.json"], input=f"x\n{LINE}", capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (3, "-:2:12: anthropic\n")
    assert json.loads((tmp_path / "r.json").read_text())["files"][0]["path"] == "-"
    assert subprocess.run([*COMMAND, "--check", "-"], input=b"fine").returncode == 0
    assert mask("--in-place", "-").returncode == 1


@pytest.mark.parametrize(
    ("words", "names", "status"),
    [
        ("--check", ["clean"], 0),
        ("--check", ["found"], 3),
        ("--check", ["found", "missing"], 3),
        ("--check", ["clean", "missing"], 4),
        ("--in-place", ["found", "binary"], 4),
        ("--in-place", ["found", "clean"], 0),
        ("--in-place", ["clean", "binary-but-clean"], 0),
        ("--in-place", ["link"], 4),
    ],
)
def test_the_exit_status(tmp_path: Path, words: str, names: list[str], status: int) -> None:
    (tmp_path / "found").write_text(LINE)
    (tmp_path / "clean").write_text(MASKED)
    (tmp_path / "binary").write_text(f"\0{LINE}")
    (tmp_path / "binary-but-clean").write_text(f"\0{MASKED}")
    (tmp_path / "link").symlink_to("found")
    assert mask(words, *names, cwd=tmp_path).returncode == status


def test_special_files_of_a_directory_are_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "a").write_text(LINE)
    assert mask("--in-place", ".", cwd=tmp_path).returncode == 0
    done = mask("--in-place", "fifo", cwd=tmp_path)
    assert (done.returncode, "left alone, it is no file" in done.stderr) == (4, True)


@pytest.mark.parametrize(("ending", "packer"), [("bz2", bz2), ("xz", lzma)])
def test_what_other_programs_pack(tmp_path: Path, ending: str, packer: ModuleType) -> None:
    streams = packer.compress(LINE.encode()) + packer.compress(LINE.encode() * 30_000)
    for name in (f"a.{ending}", "b"):
        (tmp_path / name).write_bytes(streams)
    (tmp_path / f"half.{ending}").write_bytes(streams[:-9])
    (tmp_path / "text").write_text(f"BZh9 {LINE}")
    found = subprocess.run(
        [*COMMAND, f"a.{ending}"], cwd=tmp_path, capture_output=True, env=dict(os.environ), check=True
    )
    assert packer.decompress(found.stdout) == MASKED.encode() * 30_001
    done = mask("--in-place", ".", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("left alone")) == (4, 1)
    assert f"half.{ending}: left alone, it cannot be used: damaged" in done.stderr
    for name in (f"a.{ending}", "b"):
        assert packer.decompress((tmp_path / name).read_bytes()) == MASKED.encode() * 30_001
    assert (tmp_path / f"half.{ending}").read_bytes() == streams[:-9]
    assert (tmp_path / "text").read_text() == f"BZh9 {MASKED}"
