"""What path patterns mean, held against git itself.

pathspec is no oracle here: it differs from git where a `!` pattern names a directory, and on `a/**/`.
"""

from __future__ import annotations

import pathlib
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigate.config.model import Entry
from aigate.errors import ConfigError
from aigate.policy.patterns import PatternSet, parse_patterns

HOME = "/home/me"


def decide(patterns: list[str], path: str, *, directory: bool = False, project: str = "/home/me/p") -> bool:
    """Tell whether a path of the project is denied, without looking at the directories above it."""
    chosen = PatternSet(parse_patterns([Entry(text, "f", 1) for text in patterns], HOME)).deciding(
        (*project.strip("/").split("/"), *path.split("/")), tuple(path.split("/")), directory
    )
    return chosen is not None and not chosen.negated


def denied_with_parents(patterns: list[str], path: str) -> bool:
    """Tell it as a walk does: a denied directory is never entered."""
    parts = path.split("/")
    above = any(decide(patterns, "/".join(parts[:n]), directory=True) for n in range(1, len(parts)))
    return above or decide(patterns, path)


@pytest.mark.parametrize(
    ("patterns", "path", "expected"),
    [
        ([".env"], ".env", True),
        ([".env"], "a/b/.env", True),
        ([".env"], ".env2", False),
        ([".env.*"], ".env.local", True),
        ([".env.*"], ".env", False),
        (["*.pem"], "x/y.pem", True),
        (["*.pem"], "pem", False),
        (["a*c"], "ac", True),
        (["ab*bc"], "abc", False),
        (["/x"], "x", True),
        (["/x"], "a/x", False),
        (["a/x"], "a/x", True),
        (["a/x"], "b/a/x", False),
        (["**/a/x"], "b/a/x", True),
        (["a/**"], "a/b/c", True),
        (["a/**/c"], "a/c", True),
        (["a/**/c"], "a/b/b/c", True),
        (["*.pem", "!ca.pem"], "ca.pem", False),
        (["!ca.pem", "*.pem"], "ca.pem", True),
        (["x[0-9]"], "x5", True),
        (["x[!0-9]"], "x5", False),
        (["x[^0-9]"], "xa", True),
        (["x?"], "xy", True),
        (["x?"], "x/", False),
        (["\\!x"], "!x", True),
        (["\\*"], "*", True),
        (["\\*"], "a", False),
        (["x[[:digit:]]"], "x7", True),
        (["x[]]"], "x]", True),
        (["x\\["], "x[", True),
        (["~/p/deep/x"], "deep/x", True),
        (["/home/me/p/y"], "y", True),
        (["*.pem", "!~/p/pub.pem"], "pub.pem", False),
    ],
)
def test_table(patterns: list[str], path: str, expected: bool) -> None:
    assert decide(patterns, path) is expected


def test_directories_only() -> None:
    assert decide(["secrets/"], "a/secrets", directory=True)
    assert not decide(["secrets/"], "a/secrets", directory=False)


@pytest.mark.parametrize("text", ["x[", "[/a]", "[a/b"])
def test_a_bracket_that_is_never_closed_is_an_error(text: str) -> None:
    """git lets it span the slash or match nothing at all: neither is what someone who denies means."""
    with pytest.raises(ConfigError, match="never closed"):
        parse_patterns([Entry(text, "f", 1)], HOME)


@pytest.mark.parametrize("text", ["/", "!", "a/../b", "..", "!/", "."])
def test_patterns_that_match_nothing_are_errors(text: str) -> None:
    with pytest.raises(ConfigError, match="f:1: pattern"):
        parse_patterns([Entry(text, "f", 1)], HOME)


NAMES = st.sampled_from(["a", "b", "ab", ".env", ".env.x", "x.pem", "ca.pem", "[", "a!b", "A"])
SEGMENTS = st.one_of(
    NAMES.filter(lambda name: name != "["),
    st.sampled_from(["*", "*.pem", ".env*", "a*", "?", "[ab]", "[!a]", "a[a-c]", "**", "*a*b*"]),
)
PATTERN = st.builds(
    lambda bang, head, segments, tail: bang + head + "/".join(segments) + tail,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(SEGMENTS, min_size=1, max_size=3).filter(lambda s: set(s) != {"**"}),
    st.sampled_from(["", "", "/"]),
)
# A leading slash is meant both ways here, and a glob behind it would match whatever holds the project.
PATTERN = PATTERN.filter(lambda text: not text.lstrip("!").startswith(("/*", "/?", "/[")))
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PATTERN, min_size=1, max_size=3), st.lists(PATHS, min_size=1, max_size=40))
def test_git_agrees(tmp_path: pathlib.Path, patterns: list[str], paths: list[str]) -> None:
    if not (tmp_path / ".git").exists():
        subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".git/info/exclude").write_text("\n".join(patterns) + "\n")
    asked = "\0".join(paths)
    done = subprocess.run(
        ["git", "check-ignore", "--no-index", "-z", "--stdin"],
        cwd=tmp_path,
        input=asked,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done.stderr
    ignored = set(done.stdout.split("\0")) - {""}
    assert {path for path in paths if denied_with_parents(patterns, path)} == ignored
