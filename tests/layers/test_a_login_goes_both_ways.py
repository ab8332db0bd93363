"""A login made outside works inside, one that is refreshed inside works outside, and nothing else comes out."""

from __future__ import annotations

import json
import pathlib

import pytest
from sandbox import Sandbox

from aigate.layers.share import Remembered, exchange, meet, remember

KEYS = ("login", "account")


@pytest.fixture
def sides(tmp_path: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path, pathlib.Path]:
    for name in ("home", "upper", "known"):
        (tmp_path / name).mkdir()
    return tmp_path / "home/state.json", tmp_path / "upper/state.json", tmp_path / "known"


def turn(sides: tuple[pathlib.Path, ...], *, inwards: bool, keys: tuple[str, ...] = KEYS) -> None:
    outer, inner, known = sides
    exchange([(str(outer), keys)], str(inner.parent), str(outer.parent), str(known), inwards=inwards)
    if inwards:
        remember([(str(outer), keys)], str(known))


def write(path: pathlib.Path, **values: object) -> None:
    path.write_text(json.dumps(values))


def test_what_was_changed_inside_comes_out_key_by_key(sides: tuple[pathlib.Path, ...]) -> None:
    outer, inner, _ = sides
    write(outer, login=1, servers=["mine"])
    turn(sides, inwards=True)
    write(inner, login=2, account=3, servers=["evil"], hooks="evil")
    turn(sides, inwards=False)
    assert json.loads(outer.read_text()) == {"login": 2, "account": 3, "servers": ["mine"]}


def test_a_first_login_just_before_the_end_comes_out(sides: tuple[pathlib.Path, ...]) -> None:
    """Nothing was exchanged before, so there is no place yet for what both sides had."""
    outer, inner, known = sides
    known.rmdir()
    write(inner, login=1, servers=["evil"])
    turn(sides, inwards=False)
    assert json.loads(outer.read_text()) == {"login": 1}


def test_what_was_changed_outside_goes_in_although_the_other_file_is_newer(sides: tuple[pathlib.Path, ...]) -> None:
    outer, inner, _ = sides
    write(outer, login=1)
    turn(sides, inwards=True)
    write(inner, login=1, other="settings")
    turn(sides, inwards=False)
    write(outer, login=5)
    write(inner, login=1, other="newer settings")
    turn(sides, inwards=False)
    assert json.loads(outer.read_text()) == {"login": 5}
    turn(sides, inwards=True)
    assert json.loads(inner.read_text()) == {"login": 5, "other": "newer settings"}


@pytest.mark.parametrize("content", ["[1]", "{", "", '{"login": {"type": "wellknown"}}', "\\udcff", "[" * 5000])
def test_what_is_no_login_stays_inside(sides: tuple[pathlib.Path, ...], content: str) -> None:
    outer, inner, _ = sides
    write(outer, login=1)
    turn(sides, inwards=True)
    inner.write_text(content)
    turn(sides, inwards=False)
    assert json.loads(outer.read_text()) == {"login": 1}


def test_no_link_is_followed(sides: tuple[pathlib.Path, ...], tmp_path: pathlib.Path) -> None:
    outer, inner, _ = sides
    secret = tmp_path / "secret"
    write(secret, login="secret")
    inner.symlink_to(secret)
    turn(sides, inwards=False)
    assert not outer.exists()


def test_what_the_user_has_deleted_is_gone_inside(sides: tuple[pathlib.Path, ...]) -> None:
    outer, inner, _ = sides
    write(outer, login=1)
    turn(sides, inwards=True)
    write(inner, login=1, other="settings")
    outer.unlink()
    turn(sides, inwards=True)
    assert json.loads(inner.read_text()) == {"other": "settings"}


@pytest.mark.parametrize("missing", [0, 1])
def test_what_is_not_there_in_mid_run_is_gone_on_no_side(sides: tuple[pathlib.Path, ...], missing: int) -> None:
    """A program that saves may remove the old file first."""
    places = sides[1], sides[0]
    for place in places:
        write(place, login=1)
    places[missing].unlink()
    last = Remembered(str(sides[2]))
    last.note("state", {"login": 1})
    assert meet(str(places[0]), str(places[1]), KEYS, last, "state", inwards=True) == {"login": 1}
    assert [place.exists() for place in places] == [missing != 0, missing != 1]
    write(places[missing], login=2)
    assert meet(str(places[0]), str(places[1]), KEYS, last, "state", inwards=True) == {"login": 2}
    assert [json.loads(place.read_text()) for place in places] == [{"login": 2}] * 2


def test_claude(sandbox: Sandbox) -> None:
    """The profile of the command's name."""
    tool = sandbox.home.parent / "bin/claude"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\\neval "$1"\\n'.replace("\\n", "\n"))
    tool.chmod(0o755)
    sandbox.extra["PATH"] = f"{tool.parent}:/usr/bin:/bin"
    sandbox.write("~/.claude/.credentials.json", '{"claudeAiOauth": {"expiresAt": 1}, "mcpOAuth": {}}')
    own = "~/.claude/projects/" + "".join(c if c.isalnum() else "-" for c in str(sandbox.project))
    sandbox.write(f"{own}/x", "old\n")
    sandbox.write("~/.claude/projects/-other/x", "other\n")
    script = (
        f"cd {own}; cat x; echo new > x; echo planted > ../-other/x; echo x > ~/.claude/CLAUDE.md"
        """
    echo '{"claudeAiOauth": {"expiresAt": 2}, "mcpOAuth": {"evil": 1}}' > ~/.claude/.credentials.json"""
    )
    done = sandbox.run("claude", script, options=())
    assert done.stdout == "old\n"
    assert " · claude · " in done.stderr
    assert json.loads(sandbox.path("~/.claude/.credentials.json").read_text()) == {
        "claudeAiOauth": {"expiresAt": 2}, "mcpOAuth": {},
    }  # fmt: skip
    assert sandbox.path(f"{own}/x").read_text() == "new\n"
    assert sandbox.path("~/.claude/projects/-other/x").read_text() == "other\n"
    assert not sandbox.path("~/.claude/CLAUDE.md").exists()


def test_a_program_of_the_projects_gets_no_profile(sandbox: Sandbox) -> None:
    sandbox.write("claude", "#!/bin/sh\n", 0o755)
    assert " · claude · " not in sandbox.run("./claude", options=()).stderr
