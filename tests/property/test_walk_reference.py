"""The native search finds what the slow one finds, in random trees, by random patterns."""

from __future__ import annotations

import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from walk_reference import Reference, inside

from aigate.config.model import Entry
from aigate.errors import PolicyError
from aigate.policy.patterns import parse_patterns
from aigate.policy.walk import find_paths

PLACE = "AIGATE_TREES"  # the variable that says where the trees are made
NAMES = ["a", "b", "ab", ".env", "x.pem", ".git", "HEAD", "objects", "refs", "ä", "\udcff", "p"]
PLACES = ["home/p", "home/p/a", "home/p/a/b", "home/p/b", "home/a", "home/b/a", "home", "out", "out/a", "out/b"]
SEGMENTS = [*NAMES, "*", "**", "a*", "*.pem", "?", "[ab]", "[!a]*", ".*", "*b*"]

place = st.sampled_from(PLACES)
name = st.sampled_from(NAMES)
path = st.builds(lambda where, what: f"{where}/{what}", place, name)
item = st.one_of(
    st.tuples(st.just("file"), path),
    st.tuples(st.just("directory"), path),
    st.tuples(st.just("link"), path, st.one_of(path, place)),
    st.tuples(st.just("relative"), path, st.sampled_from(["..", "../b", "a", "../../a", "../../../out", "nothing"])),
    st.tuples(st.just("hard"), path, path),
    st.tuples(st.just("socket"), path),
)
pattern = st.builds(
    lambda bang, head, segments, tail: bang + head + "/".join(segments) + tail,
    st.sampled_from(["", "", "", "!"]),
    st.sampled_from(["", "", "/", "~/", "BASE/", "BASE/home/", "BASE/out/"]),
    st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3),
    st.sampled_from(["", "", "/"]),
)
# A glob right behind the first slash would be looked for on the whole machine.
pattern = pattern.filter(lambda text: text.lstrip("!")[:1] != "/" or text.lstrip("!/").split("/")[0] in NAMES)
patterns = st.lists(pattern, max_size=4)


def make(base: str, items: list[tuple[str, ...]]) -> None:
    for where in PLACES:
        os.makedirs(f"{base}/{where}", exist_ok=True)
    for kind, path, *rest in items:
        full = f"{base}/{path}"
        if os.path.lexists(full):
            continue
        if kind == "file":
            pathlib.Path(full).touch()
        elif kind == "directory":
            os.mkdir(full)
        elif kind == "link":
            os.symlink(f"{base}/{rest[0]}", full)
        elif kind == "relative":
            os.symlink(rest[0], full)
        elif kind == "hard" and os.path.isfile(f"{base}/{rest[0]}"):
            os.link(f"{base}/{rest[0]}", full, follow_symlinks=False)
        elif kind == "socket":
            os.mknod(full, stat.S_IFSOCK | 0o644)  # as bind(2) leaves it, which takes no path this long


def ends_of_links(path: str) -> Iterator[str]:
    """Yield what links in a directory lead to."""
    for directory, directories, files in os.walk(path):
        for name in (*directories, *files):
            if os.path.islink(f"{directory}/{name}"):
                yield os.path.realpath(f"{directory}/{name}")


def check(base: str, items: list[tuple[str, ...]], hiding: list[str], protecting: list[str]) -> None:
    make(base, items)
    home, project = f"{base}/home", f"{base}/home/p"
    read, write = (
        parse_patterns([Entry(text.replace("BASE", base), "f", n) for n, text in enumerate(texts)], home)
        for texts in (hiding, protecting)
    )
    expected = Reference(read, write, project)
    expected.run()
    if expected.impossible:
        with pytest.raises(PolicyError, match="lies inside it"):
            find_paths(read, write, project)
        return
    found = find_paths(read, write, project)
    assert [item.path for item in found.hidden] == list(expected.hidden)
    for item in found.hidden:
        what = expected.hidden[item.path]
        assert (item.directory, item.identity, item.anchored) == (what.directory, what.identity, what.anchored), item
        assert item.reason in what.reasons
    # What is hidden needs no protection besides, nor does what lies in a directory that is protected as a whole.
    hidden = list(expected.hidden)
    open_to_change = {path for path in expected.protected if not any(inside(path, other) for other in hidden)}
    protected = {item.path for item in found.protected}
    assert all(any(inside(path, other) for other in protected) for path in open_to_change)
    # Of what lies there, a link may have been met on the way to something else, and what it leads to is protected, too.
    led = [end for path in expected.protected for end in ends_of_links(path)]
    assert all(any(inside(path, other) for other in (*hidden, *expected.protected, *led)) for path in protected)
    assert set(found.sockets) == expected.sockets
    assert {(item.path, item.kind) for item in found.repositories} == expected.repositories
    assert {(item.path, item.target) for item in found.links} == expected.links


@given(st.lists(item, max_size=25), patterns, patterns)
@example(items=[], hiding=[], protecting=["~/**/**"])
@example(items=[("relative", "out/b/a", "..")], hiding=[], protecting=["BASE/out/**", "BASE/out/b/b"])
@example(items=[], hiding=[], protecting=["~/b/a/a", "~/**"])
@example(items=[], hiding=["a", "~/b/a"], protecting=["a", "~/**"])
@example(items=[], hiding=[], protecting=["~/**", "BASE/*"])
@example(items=[], hiding=[], protecting=["~/a", "BASE/**"])
@example(items=[("relative", "home/p/a/a", "a"), ("relative", "home/p/a/.git", "a")], hiding=[], protecting=["b"])
def test_both_find_the_same(items: list[tuple[str, ...]], hiding: list[str], protecting: list[str]) -> None:
    base = os.path.realpath(tempfile.mkdtemp(dir=os.environ.get(PLACE)))
    try:
        check(base, items, hiding, protecting)
    finally:
        shutil.rmtree(base)


@pytest.mark.skipif(PLACE in os.environ, reason="this is the one inside")
@pytest.mark.parametrize("kind", ["tmpfs", "overlay"])
def test_on_other_file_systems(tmp_path: pathlib.Path, kind: str) -> None:
    """Inode numbers in an overlay's directories are not those of the files."""
    script = f"cd {tmp_path} && mount -t tmpfs none . && cd . && mkdir lower upper work tmpfs overlay && "
    script += "mount -t overlay none -o lowerdir=lower,upperdir=upper,workdir=work overlay && "
    script += f'{PLACE}={tmp_path}/{kind} AIGATE_TESTS=quick exec "$@"'
    again = [sys.executable, "-m", "pytest", "-q", __file__]
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", script, "sh", *again],
        cwd=pathlib.Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
