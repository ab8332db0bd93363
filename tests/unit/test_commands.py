"""Which command lines are denied, and that the stubs in the sandbox judge them alike."""

from __future__ import annotations

import os
import pathlib
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigate.backends.stubs import REFUSED, program_stub
from aigate.config.model import Entry
from aigate.errors import ConfigError
from aigate.policy.commands import find_programs, has_subcommand, is_denied, parse_commands
from aigate.policy.links import links_to
from aigate.policy.model import DeniedProgram


def entries(*texts: str) -> list[Entry]:
    return [Entry(text, "config.yaml", number) for number, text in enumerate(texts, 1)]


DENIED = parse_commands(entries("curl", "kubectl delete", "git push", "docker compose up", "/opt/x/tool"))


@pytest.mark.parametrize(
    ("line", "entry"),
    [
        ("curl -s x", "curl"),
        ("/usr/bin/curl", "curl"),
        ("./curl", "curl"),
        ("curlx", None),
        ("env curl", "curl"),
        ("env -i A=b nice -n 5 curl x", "curl"),
        ("timeout 5s curl", "curl"),
        ("kubectl delete pod", "kubectl delete"),
        ("kubectl -n prod delete pod", "kubectl delete"),
        ("kubectl --namespace=prod delete pod", "kubectl delete"),
        ("kubectl get delete", None),
        ("kubectl get pods", None),
        ("kubectl", None),
        ("git commit -m push", None),
        ("git -C dir push", "git push"),
        ("git -c a.b=c -C dir push", "git push"),
        ("git --no-pager push", "git push"),
        ("git log push", None),
        ("docker compose up", "docker compose up"),
        ("docker compose -f x.yaml up", "docker compose up"),
        ("docker --context y compose up", "docker compose up"),
        ("docker compose down", None),
        ("/opt/x/tool", "/opt/x/tool"),
        ("tool", None),
    ],
)
def test_table(line: str, entry: str | None) -> None:
    found = is_denied(line.split(), DENIED)
    assert (" ".join(found) if found else None) == entry


@pytest.mark.parametrize("text", ["", " ", "-x", "a/b", "!", "./curl"])
def test_entries_that_name_no_command_are_errors(text: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml:1"):
        parse_commands(entries(text))


def test_an_exclamation_mark_takes_back() -> None:
    assert tuple(parse_commands(entries("curl", "wget", "!curl"))) == (("wget",),)


def test_programs_are_found_through_links(tmp_path: pathlib.Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for directory in (one, two):
        directory.mkdir()
    (one / "curl").write_text("1")
    (two / "curl").write_text("2")
    (one / "nc.real").write_text("3")
    (two / "nc").symlink_to(one / "nc.real")
    (one / "box").write_text("4")
    for name in ("wget", "ls"):
        (two / name).symlink_to(one / "box")
    (one / "perl").write_text("5")
    (two / "perl5").hardlink_to(one / "perl")
    found = find_programs(parse_commands(entries("curl", "nc", "wget", "perl")), [str(one), str(two)])
    by_path = {program.path: program for program in found}
    assert not by_path[f"{one}/curl"].innocent
    assert not by_path[f"{two}/curl"].innocent
    assert by_path[f"{one}/nc.real"].names == ("nc", "nc.real")
    assert by_path[f"{one}/box"] == DeniedProgram(f"{one}/box", ("wget",), (), ("box", "ls"))
    assert not by_path[f"{two}/perl5"].innocent
    assert len(found) == 6


def test_links_are_remembered_until_a_directory_changes(tmp_path: pathlib.Path) -> None:
    state, programs = tmp_path / "state", tmp_path / "programs"
    state.mkdir()
    programs.mkdir()
    (programs / "box").write_text("1")
    (programs / "ls").symlink_to(programs / "box")
    (programs / "gone").symlink_to(tmp_path / "nowhere")
    status = (programs / "box").stat()
    inode = (status.st_dev, status.st_ino)
    assert links_to(inode, [str(programs)], str(state)) == {"ls"}
    assert len(list((state / "cache").iterdir())) == 1
    assert links_to(inode, [str(programs)], str(state)) == {"ls"}
    (programs / "wget").symlink_to(programs / "box")
    os.utime(programs, ns=(0, 1))  # whatever the clock's grain is
    assert links_to(inode, [str(programs)], str(state)) == {"ls", "wget"}
    assert links_to(inode, [str(programs), str(tmp_path / "missing")], None) == {"ls", "wget"}


def test_a_link_that_leads_elsewhere_by_now_is_denied_all_the_same(tmp_path: pathlib.Path) -> None:
    """As when an alternative is set: the directory of programs stays as it was, and what is remembered of it too."""
    state, programs, choice = tmp_path / "state", tmp_path / "programs", tmp_path / "alternatives"
    for directory in (state, programs, choice):
        directory.mkdir()
    for name in ("nc.one", "nc.two"):
        (programs / name).write_text(name)
    (choice / "nc").symlink_to(programs / "nc.one")
    (programs / "nc").symlink_to(choice / "nc")
    for name in ("nc.one", "nc.two"):
        found = find_programs(parse_commands(entries("nc")), [str(programs)], str(state))
        assert found == (DeniedProgram(f"{programs}/{name}", ("nc", name)),)
        (choice / "nc").unlink()
        (choice / "nc").symlink_to(programs / "nc.two")


WORDS = st.lists(st.sampled_from(["push", "pull", "-C", "--x=y", "-v", "--", "dir", "compose", "up", "-"]), max_size=6)


@given(WORDS, st.sampled_from([("push",), ("compose", "up")]))
def test_the_stub_judges_like_the_pre_flight_check(arguments: list[str], subcommand: tuple[str, ...]) -> None:
    program = DeniedProgram("/x/tool", (), (("tool", subcommand),), ("tool",))
    script = program_stub(program, "/nowhere").decode().replace("name=${0##*/}", "name=tool")
    done = subprocess.run(["sh", "-c", script, "tool", *arguments], capture_output=True, text=True)
    assert (done.returncode == REFUSED and "denied" in done.stderr) == has_subcommand(arguments, subcommand)


def test_a_wholly_denied_program_has_no_way_to_start() -> None:
    script = program_stub(DeniedProgram("/usr/bin/curl", ("curl",)), None)
    assert b"exec" not in script.replace(b"deny_exec", b"")
