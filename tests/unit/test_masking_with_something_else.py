"""`--mask-with`: a text, or a keyed hash by which equal secrets are told, the same however the input is cut."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from mask_run import KEY, LINE, mask

from aigate import Masker, Rule
from aigate.masking.files.edit import masked
from aigate.masking.files.replacement import Replacement

if TYPE_CHECKING:
    from pathlib import Path


def key_of(tmp_path: Path) -> Path:
    key = tmp_path / "key"
    key.write_text("0123456789abcdef0123456789abcdef\n")
    key.chmod(0o600)
    return key


def test_equal_secrets_are_equal_and_masking_again_changes_nothing(tmp_path: Path) -> None:
    other = LINE.replace("0123456789", "9876543210")
    (tmp_path / "a").write_text(LINE + other + LINE)
    done = mask("--mask-with", "hash", "--hash-key", key_of(tmp_path), tmp_path / "a")
    one, two, three = done.stdout.splitlines()
    assert one == three != two
    assert KEY[8:] not in done.stdout
    (tmp_path / "b").write_text(done.stdout)
    again = mask("--mask-with", "hash", "--hash-key", key_of(tmp_path), tmp_path / "b")
    assert again.stdout == done.stdout


@pytest.mark.parametrize("replacement", [Replacement(), Replacement(b"[gone]"), Replacement(key=b"k" * 16)])
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_any_cut_gives_the_same(replacement: Replacement, size: int) -> None:
    masker = Masker([Rule("x", "x+y")], max_line=64)
    data = b"a xx\x1b[1mxxy b xy\x1b[0m\nxy" + b"-xxy" * 60 + b"\nxy\x1b[1m" + b"x" * 300 + b"\nlast xy"
    whole = b"".join(masked([data], masker, replacement))
    assert b"".join(masked((data[at : at + size] for at in range(0, len(data), size)), masker, replacement)) == whole
    if replacement.key is None:
        assert whole == masker.mask(data).replace(b"***", replacement.text)


def test_keys_that_are_none(tmp_path: Path) -> None:
    key = key_of(tmp_path)
    key.chmod(0o644)
    assert "others can read this key" in mask("--mask-with", "hash", "--hash-key", key).stderr
    key.chmod(0o600)
    os.truncate(key, 5)
    assert "a key has at least 16 bytes" in mask("--mask-with", "hash", "--hash-key", key).stderr
    assert "cannot read the key" in mask("--mask-with", "hash", "--hash-key", tmp_path / "none").stderr
    for words in (["--mask-with", "hash"], ["--hash-key", str(key)], ["--mask-with", "a\nb"]):
        assert mask(*words).returncode == 1
