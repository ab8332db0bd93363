"""What `set -x` prints of a word with a quote in it goes on behind that quote: so does the secret in it.

The lines are printed by the shells themselves: bash and zsh write `'a'\\''b'`, busybox `'a'"'"'b'`, dash `a'b`.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pytest
import reference

from aigate import Masker
from aigate.masking.rules import preset_rules

RULES = preset_rules("all")
ALL = Masker(RULES)
SHELLS = {"bash": ["bash"], "dash": ["dash"], "zsh": ["zsh", "-f"], "busybox": ["busybox", "sh"]}
SECRET = "abc12Xyz9'\\''rest7Of"
COMMANDS = (
    "curl -H 'X-Api-Key: {}' https://h.example",
    "curl -H 'X-Vault-Token: {}' https://h.example",
    "curl -u 'joe:{}' https://h.example",
    "curl --user 'joe:{}' https://h.example",
    "http -a 'joe:{}' h.example",
    "mysql -u root '-p{}' shop",
    "mysql --password='{}' shop",
    "sshpass -p '{}' ssh h.example",
    "sshpass '-p{}' ssh h.example",
    "redis-cli -a '{}' ping",
    "docker login -u joe -p '{}' h.example",
    "psql 'postgres://joe:{}@db.example/shop'",
    "git clone 'https://joe:{}@h.example/shop'",
    "tool --password '{}' shop",
    "tool '--password={}' shop",
    "env 'DB_PASSWORD={}' tool",
    "ldapsearch -w '{}' -x",
)


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A directory in which the commands stand that do nothing."""
    made = tmp_path_factory.mktemp("programs")
    for command in COMMANDS:
        place = made / command.split()[0]
        place.unlink(missing_ok=True)
        place.symlink_to(shutil.which("true") or "/bin/true")
    return made


def traced(shell: str, programs: pathlib.Path, command: str) -> bytes:
    """Return what a shell prints of a command before it runs it."""
    argv = [*SHELLS[shell], "-xc", command]
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(programs)}
    done = subprocess.run(argv, capture_output=True, check=True, timeout=60, env=environment)
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_of_it_is_shown(shell: str, command: str, programs: pathlib.Path) -> None:
    line = traced(shell, programs, command.replace("{}", SECRET))
    assert b"abc12Xyz9" in line
    assert b"rest7Of" in line
    masked = ALL.mask(line)
    assert b"abc" not in masked
    assert b"rest" not in masked
    assert masked.count(b"***") == 1
    behind = command.partition("{}")[2].split(" ")[1:]
    assert [word.decode() for word in masked.split()[-len(behind) :]] == behind or not behind
    assert masked == reference.mask(RULES, line)[0]


def test_nor_of_one_with_a_tab() -> None:
    """Which bash and zsh write so."""
    line = b"+ tool --password $'abc12\\tXyz9\\'rest7Of' shop"
    assert ALL.mask(line) == b"+ tool --password $'***' shop" == reference.mask(RULES, line)[0]


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        (b"+ PASSWORD='abc12Xyz9'\\''rest' USER='x'", b"+ PASSWORD='***' USER='x'"),
        (b"password: 'abc12Xyz9', user: 'x'", b"password: '***', user: 'x'"),
        (b"{'a': 'password=abc12Xyz9', 'b': 'x'}", b"{'a': 'password=***', 'b': 'x'}"),
        (b"curl -u 'joe:abc12Xyz9' 'https://h.example'", b"curl -u 'joe:***' 'https://h.example'"),
    ],
)
def test_what_stands_behind_the_word_is(line: bytes, masked: bytes) -> None:
    assert ALL.mask(line) == masked == reference.mask(RULES, line)[0]
