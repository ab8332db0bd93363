"""Access lists: the group is kept out, nobody else notices, and what was there comes back."""

from __future__ import annotations

import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigate.host import acl, permanent
from aigate.host.acl import GROUP, GROUP_OBJ, MASK, NO_ID, OTHER, USER, USER_OBJ, Acl
from aigate.host.permanent import Target

if TYPE_CHECKING:
    from pathlib import Path

GID = 7001
RIGHTS = st.integers(0, 7)
NAMED = st.dictionaries(
    st.tuples(st.sampled_from([USER, GROUP]), st.sampled_from([GID, 7002, 7003])), RIGHTS, max_size=4
)


@st.composite
def lists(draw: st.DrawFn) -> tuple[acl.Entry, ...]:
    """Return a list as the kernel accepts it: with a mask as soon as there is a named entry."""
    entries = [(tag, NO_ID, draw(RIGHTS)) for tag in (USER_OBJ, GROUP_OBJ, OTHER)]
    named = draw(NAMED)
    entries += [(tag, qualifier, rights) for (tag, qualifier), rights in named.items()]
    if named or draw(st.booleans()):
        entries.append((MASK, NO_ID, draw(RIGHTS)))
    return tuple(sorted(entries))


def effective(entries: tuple[acl.Entry, ...]) -> dict[tuple[int, int], int]:
    """Return what each entry grants (acl(5), access check algorithm)."""
    mask = next((rights for tag, _, rights in entries if tag == MASK), 7)
    limited = {USER, GROUP, GROUP_OBJ}
    return {(tag, who): rights & mask if tag in limited else rights for tag, who, rights in entries if tag != MASK}


@given(lists(), st.booleans(), st.integers(0, 0o777))
def test_only_the_group_loses_rights(entries: tuple[acl.Entry, ...], directory: bool, umask: int) -> None:
    after = acl.denied(Acl(entries), GID, directory=directory, umask=umask)
    assert effective(after.access) == {**effective(entries), (GROUP, GID): 0}
    if directory:
        plain = effective(acl.from_mode(0o777 & ~umask))
        assert effective(after.default) == {**plain, (GROUP, GID): 0}
    else:
        assert after.default == ()


@given(lists(), lists() | st.just(()), st.booleans())
def test_what_nobody_touched_comes_back_exactly(
    access: tuple[acl.Entry, ...], default: tuple[acl.Entry, ...], directory: bool
) -> None:
    before = Acl(access, default if directory else ())
    after = acl.denied(before, GID, directory=directory, umask=0o022)
    assert acl.released(after, GID, before, after) == before
    assert acl.denied(after, GID, directory=directory, umask=0o022) == after


@given(lists(), st.integers(0, 7))
def test_what_was_changed_meanwhile_stays_changed(entries: tuple[acl.Entry, ...], mask: int) -> None:
    before = Acl(entries)
    after = acl.denied(before, GID, directory=False, umask=0o022)
    changed = Acl(tuple((tag, who, mask if tag == MASK else rights) for tag, who, rights in after.access))
    back = acl.released(changed, GID, before, after)
    if changed == after:
        return
    plain = not any(tag in (USER, GROUP) for tag, _, _ in back.access)
    expected = {key: rights for key, rights in effective(changed.access).items() if key != (GROUP, GID)}
    expected |= {(tag, who): rights & mask for tag, who, rights in entries if (tag, who) == (GROUP, GID)}
    if plain:
        expected[GROUP_OBJ, NO_ID] = mask
    assert effective(back.access) == expected
    assert plain != any(tag == MASK for tag, _, _ in back.access)


def getfacl(path: Path) -> str:
    done = subprocess.run(["getfacl", "-n", "-p", str(path)], capture_output=True, check=True)
    return os.fsdecode(done.stdout)


def setfacl(*words: str) -> None:
    subprocess.run(["setfacl", *words], check=True)


NAMES = [
    "plain",
    "with blank",
    "with\nline end",
    "-dash",
    "back\\slash",
    "tab\t",
    "\udcff",
    "é",
    "quote'\"",
    "#x",
    "\\012",
]


@pytest.fixture
def group(monkeypatch: pytest.MonkeyPatch) -> str:
    """Pretend that there is a group; the kernel takes any number."""

    class Group:
        gr_gid = GID

    monkeypatch.setattr("grp.getgrnam", lambda _: Group)
    return "g"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_any_name(tmp_path: Path, group: str, name: str, kind: str) -> None:
    path = tmp_path / name
    path.mkdir(0o750) if kind == "folder" else path.touch(0o640)
    mode = path.stat().st_mode
    before = getfacl(path)
    state = str(tmp_path / "state")
    report = permanent.deny([Target(str(path), kind == "folder", "x")], group, state)
    assert report == permanent.Report((str(path),), ())
    assert f"group:{GID}:---" in getfacl(path)
    assert (f"default:group:{GID}:---" in getfacl(path)) == (kind == "folder")
    assert path.stat().st_mode == mode
    assert permanent.allow(lambda *_: True, state).changed == (str(path),)
    assert getfacl(path) == before
    assert permanent.recorded(state) == {}


def test_many_files_take_one_call(tmp_path: Path, group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = subprocess.run

    def counted(*words: object, **options: object) -> object:
        calls.append(words)
        return real(*words, **options)  # type: ignore[call-overload]

    paths = [tmp_path / f"f{number}" for number in range(3000)]
    for path in paths:
        path.touch()
    monkeypatch.setattr(subprocess, "run", counted)
    report = permanent.deny([Target(str(path), False, "x") for path in paths], group, str(tmp_path / "state"))
    assert len(report.changed) == 3000
    assert len(calls) == 1
    assert permanent.allow(lambda *_: True, str(tmp_path / "state")).warnings == ()
    assert len(calls) == 2
    assert all(os.listxattr(path) == [] for path in paths[::100])


def test_an_access_list_with_a_narrow_mask_stays_narrow(tmp_path: Path, group: str) -> None:
    path = tmp_path / "f"
    path.touch(0o600)
    setfacl("-n", "-m", "u:7005:rwx,g:7006:rw-,m::r--", str(path))
    before = getfacl(path)
    permanent.deny([Target(str(path), False, "x")], group, str(tmp_path / "state"))
    assert set(getfacl(path).splitlines()) - set(before.splitlines()) == {f"group:{GID}:---"}
    permanent.allow(lambda *_: True, str(tmp_path / "state"))
    assert getfacl(path) == before


def test_new_files_in_a_closed_folder(tmp_path: Path, group: str) -> None:
    folder = tmp_path / "d"
    folder.mkdir(0o777)
    old = os.umask(0o027)
    try:
        permanent.deny([Target(str(folder), True, "x")], group, str(tmp_path / "state"))
        (folder / "new").touch()
        (folder / "sub").mkdir()
        assert stat.S_IMODE((folder / "new").stat().st_mode) == 0o640
        assert stat.S_IMODE((folder / "sub").stat().st_mode) == 0o750
        assert f"group:{GID}:---" in getfacl(folder / "new")
        assert f"default:group:{GID}:---" in getfacl(folder / "sub")
    finally:
        os.umask(old)


def test_chmod_meanwhile_is_kept(tmp_path: Path, group: str) -> None:
    path = tmp_path / "f"
    path.touch(0o644)
    permanent.deny([Target(str(path), False, "x")], group, str(tmp_path / "state"))
    path.chmod(0o660)
    permanent.allow(lambda *_: True, str(tmp_path / "state"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    assert os.listxattr(path) == []


def test_denied_twice_comes_back_at_once(tmp_path: Path, group: str) -> None:
    path = tmp_path / "f"
    path.touch(0o644)
    setfacl("-m", "u:7005:r--", str(path))
    before = getfacl(path)
    for entry in ("a", "b"):
        permanent.deny([Target(str(path), False, entry)], group, str(tmp_path / "state"))
        setfacl("-m", "u:7005:r--", str(path))
    assert permanent.recorded(str(tmp_path / "state"))[str(path)]["entry"] == "b"
    permanent.allow(lambda *_: True, str(tmp_path / "state"))
    assert getfacl(path) == before


def test_files_that_went_are_forgotten(tmp_path: Path, group: str) -> None:
    path = tmp_path / "f"
    path.touch()
    permanent.deny([Target(str(path), False, "x")], group, str(tmp_path / "state"))
    path.unlink()
    assert permanent.allow(lambda *_: True, str(tmp_path / "state")) == permanent.Report()
    assert permanent.recorded(str(tmp_path / "state")) == {}


def test_a_link_is_not_followed(tmp_path: Path, group: str) -> None:
    (tmp_path / "real").touch()
    (tmp_path / "link").symlink_to("real")
    report = permanent.deny([Target(str(tmp_path / "link"), False, "x")], group, str(tmp_path / "state"))
    assert report.changed == ()
    assert len(report.warnings) == 1
    assert os.listxattr(tmp_path / "real") == []


def test_no_such_group(tmp_path: Path) -> None:
    report = permanent.deny([Target(str(tmp_path), True, "x")], "no-such-group-7", str(tmp_path / "state"))
    assert report.changed == ()
    assert report.warnings == (
        "no permanent access lists: the group no-such-group-7 does not exist; sudo aigate setup makes it",
    )
    assert not (tmp_path / "state").exists()


def test_no_setfacl(tmp_path: Path, group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permanent, "find_tool", lambda _: None)
    (tmp_path / "f").touch()
    report = permanent.deny([Target(str(tmp_path / "f"), False, "x")], group, str(tmp_path / "state"))
    assert report == permanent.Report(
        (), ("no permanent access lists: setfacl is not installed; install the package acl",)
    )


@pytest.mark.skipif(not os.path.exists("/proc/version"), reason="needs /proc, which keeps no access lists")
def test_file_system_without_access_lists(tmp_path: Path, group: str) -> None:
    (tmp_path / "f").touch()
    targets = [Target("/proc/version", False, "x"), Target(str(tmp_path / "f"), False, "x")]
    report = permanent.deny(targets, group, str(tmp_path / "state"))
    assert report.changed == (str(tmp_path / "f"),)
    (warning,) = report.warnings
    assert warning.startswith("/proc/version: no permanent access list, its file system keeps none")


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"/a": {}}', '{"/a": {"entry": "x", "gid": 1, "before": 3, "after": 4}}']
)
def test_damaged_record(tmp_path: Path, text: str) -> None:
    (tmp_path / "acls").write_text(text)
    with pytest.raises(permanent.AigateError, match="is damaged"):
        permanent.allow(lambda *_: True, str(tmp_path))


FILE = "group:g deny read,write,append,execute,readattr,readextattr,readsecurity"
FOLDER = (
    "group:g deny list,search,add_file,add_subdirectory,delete_child,read,write,append,execute,readattr,readextattr,"
    "readsecurity,file_inherit,directory_inherit"
)


@pytest.mark.parametrize(("add", "option"), [(True, "+a"), (False, "-a")])
def test_macos_commands(add: bool, option: str) -> None:
    paths = [("/a b", False), ("/d", True), ("/c", False)]
    assert acl.macos_commands(paths, "g", add=add) == (
        ("/bin/chmod", option, FILE, "/a b", "/c"),
        ("/bin/chmod", option, FOLDER, "/d"),
    )
    assert acl.macos_commands([], "g", add=add) == ()


@pytest.fixture
def chmod(monkeypatch: pytest.MonkeyPatch) -> Chmod:
    """Give macOS's chmod, played: it remembers its calls, and fails as it does for files in `fails`."""
    played = Chmod()
    monkeypatch.setattr(permanent.sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", played)
    return played


class Chmod:
    """Argument lists in `calls`; the message for each file that fails in `fails`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, ...]] = []
        self.fails: dict[str, str] = {}
        self.missing = False

    def __call__(self, words: tuple[str, ...], **options: object) -> object:
        assert options["env"] == {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        if self.missing:
            raise FileNotFoundError(2, "No such file or directory", words[0])
        self.calls.append(tuple(words))
        messages = [self.fails[file] for file in words[3:] if file in self.fails]
        return subprocess.CompletedProcess(words, int(bool(messages)), "", "".join(messages))


def files(tmp_path: Path, *names: str) -> list[str]:
    for name in names:
        (tmp_path / name).touch()
    return [str(tmp_path / name) for name in names]


def test_macos_one_file_of_many_fails(tmp_path: Path, group: str, chmod: Chmod) -> None:
    paths = files(tmp_path, "a", "b", "c")
    state = str(tmp_path / "state")
    chmod.fails = {paths[1]: f"chmod: Failed to set ACL on file {paths[1]}: Operation not supported\n"}
    report = permanent.deny([Target(path, False, "x") for path in paths], group, state)
    assert report.changed == (paths[0], paths[2])
    assert report.warnings == (
        f"{paths[1]}: no permanent access list, its file system keeps none; the sandbox hides it all the same",
    )
    assert set(permanent.recorded(state)) == {paths[0], paths[2]}, "what was not done is not on record"
    assert len(chmod.calls) == 4


@pytest.mark.parametrize(
    ("message", "part"),
    [
        (
            "chmod: Unable to change file mode on f: Operation not permitted",
            "belongs to someone else; run this as its owner",
        ),
        ("chmod: f: Permission denied", "belongs to someone else; run this as its owner"),
        ("chmod: f: Read-only file system", "Read-only file system"),
        ("chmod: something new", "unknown reason"),
    ],
)
def test_macos_says_why(tmp_path: Path, group: str, chmod: Chmod, message: str, part: str) -> None:
    (path,) = files(tmp_path, "f")
    chmod.fails = {path: message}
    report = permanent.deny([Target(path, False, "x")], group, str(tmp_path / "state"))
    assert report.changed == ()
    assert len(report.warnings) == 1
    assert part in report.warnings[0]


def test_macos_without_the_tool(tmp_path: Path, group: str, chmod: Chmod) -> None:
    (path,) = files(tmp_path, "f")
    chmod.missing = True
    report = permanent.deny([Target(path, False, "x")], group, str(tmp_path / "state"))
    assert (report.changed, len(report.warnings)) == ((), 1)
    assert permanent.recorded(str(tmp_path / "state")) == {}


def test_macos_what_cannot_be_released_stays_on_record(tmp_path: Path, group: str, chmod: Chmod) -> None:
    paths = files(tmp_path, "a", "b", "c")
    state = str(tmp_path / "state")
    permanent.deny([Target(path, False, "x") for path in paths], group, state)
    chmod.fails = {paths[0]: "chmod: a: Operation not permitted", paths[1]: f"chmod: No ACL present '{paths[1]}'"}
    report = permanent.allow(lambda *_: True, state)
    assert set(report.changed) == {paths[1], paths[2]}
    assert len(report.warnings) == 1
    assert set(permanent.recorded(state)) == {paths[0]}
    chmod.fails = {}
    assert permanent.allow(lambda *_: True, state).changed == (paths[0],)
    assert permanent.recorded(state) == {}


def test_macos_without_the_group(tmp_path: Path, chmod: Chmod) -> None:
    (path,) = files(tmp_path, "f")
    report = permanent.deny([Target(path, False, "x")], "no-such-group-7", str(tmp_path / "state"))
    assert report.warnings == (
        "no permanent access lists: the group no-such-group-7 does not exist; sudo aigate setup makes it",
    )
    assert chmod.calls == []


def test_macos_end_to_end(tmp_path: Path, group: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[str, ...]] = []

    class Done:
        returncode, stderr = 0, ""

    def recorded(words: tuple[str, ...], **_: object) -> type[Done]:
        calls.append(words)
        return Done

    monkeypatch.setattr(permanent.sys, "platform", "darwin")
    monkeypatch.setattr(subprocess, "run", recorded)
    (tmp_path / "f").touch()
    targets = [Target(str(tmp_path / "f"), False, "x"), Target(str(tmp_path), True, "x")]
    state = str(tmp_path / "state")
    assert permanent.deny(targets, group, state).changed == (str(tmp_path / "f"), str(tmp_path))
    assert permanent.deny(targets, group, state).changed == (), "a second entry would have to be taken out twice"
    permanent.allow(lambda *_: True, state)
    assert calls == [
        ("/bin/chmod", "+a", FILE, str(tmp_path / "f")), ("/bin/chmod", "+a", FOLDER, str(tmp_path)),
        ("/bin/chmod", "-a", FILE, str(tmp_path / "f")), ("/bin/chmod", "-a", FOLDER, str(tmp_path)),
    ]  # fmt: skip
