"""The commands that make and remove the agents' group and user, as argument lists, on every system."""

from __future__ import annotations

import pytest

from aigate.errors import EnforcementError
from aigate.host import accounts
from aigate.host.accounts import Existing

NOTHING = Existing(None, None)
SHADOW = {name: f"/usr/sbin/{name}" for name in ("groupadd", "useradd", "usermod", "userdel", "groupdel", "nologin")}
BUSYBOX = {"busybox": "/bin/busybox"}


def test_shadow() -> None:
    assert accounts.creation("g", "u", NOTHING, SHADOW.get) == (
        ("/usr/sbin/groupadd", "--system", "g"),
        (
            "/usr/sbin/useradd", "--system", "--gid", "g", "--no-create-home", "--home-dir", "/nonexistent",
            "--shell", "/usr/sbin/nologin", "--comment", "runs AI agents", "u",
        ),
    )  # fmt: skip
    assert accounts.removal("g", "u", SHADOW.get) == (("/usr/sbin/userdel", "u"), ("/usr/sbin/groupdel", "g"))


def test_busybox() -> None:
    assert accounts.creation("g", "u", NOTHING, BUSYBOX.get) == (
        ("/bin/busybox", "addgroup", "-S", "g"),
        (
            "/bin/busybox", "adduser", "-S", "-D", "-H", "-h", "/nonexistent", "-s", "/bin/false",
            "-g", "runs AI agents", "-G", "g", "u",
        ),
    )  # fmt: skip
    assert accounts.removal("g", "u", BUSYBOX.get) == (
        ("/bin/busybox", "deluser", "u"),
        ("/bin/busybox", "delgroup", "g"),
    )


@pytest.mark.parametrize("tools", [SHADOW, BUSYBOX])
def test_what_is_there_is_not_made_again(tools: dict[str, str]) -> None:
    assert accounts.creation("g", "u", Existing(900, 900, ("u",)), tools.get) == ()
    (command,) = accounts.creation("g", "u", Existing(900, 900, ()), tools.get)
    assert command in {("/usr/sbin/usermod", "--append", "--groups", "g", "u"), ("/bin/busybox", "addgroup", "u", "g")}
    (command,) = accounts.creation("g", "u", Existing(900, None), tools.get)
    assert "u" in command


@pytest.mark.parametrize("tools", [SHADOW, BUSYBOX])
def test_removal_of_one(tools: dict[str, str]) -> None:
    assert [command[-1] for command in accounts.removal("g", None, tools.get)] == ["g"]
    assert [command[-1] for command in accounts.removal(None, "u", tools.get)] == ["u"]


def test_no_tools() -> None:
    with pytest.raises(EnforcementError, match="neither groupadd nor busybox"):
        accounts.creation("g", "u", NOTHING, {}.get)
    with pytest.raises(EnforcementError, match="neither groupdel nor busybox"):
        accounts.removal("g", "u", {}.get)


def test_agents_are_never_root() -> None:
    with pytest.raises(EnforcementError, match="must not run as root"):
        accounts.creation("g", "root", Existing(None, 0), SHADOW.get)


D = ("/usr/bin/dscl", ".")


def test_macos() -> None:
    assert accounts.macos_creation("g", "u", NOTHING, {499, 300}) == (
        (*D, "-create", "/Groups/g"),
        (*D, "-create", "/Groups/g", "PrimaryGroupID", "498"),
        (*D, "-create", "/Users/u"),
        (*D, "-create", "/Users/u", "UniqueID", "497"),
        (*D, "-create", "/Users/u", "PrimaryGroupID", "498"),
        (*D, "-create", "/Users/u", "UserShell", "/usr/bin/false"),
        (*D, "-create", "/Users/u", "NFSHomeDirectory", "/var/empty"),
        (*D, "-create", "/Users/u", "RealName", "runs AI agents"),
        (*D, "-create", "/Users/u", "IsHidden", "1"),
        (*D, "-create", "/Users/u", "Password", "*"),
    )
    assert accounts.macos_removal("g", "u") == ((*D, "-delete", "/Users/u"), (*D, "-delete", "/Groups/g"))


def test_macos_with_parts_there() -> None:
    assert accounts.macos_creation("g", "u", Existing(350, 351, ("u",)), set()) == ()
    assert accounts.macos_creation("g", "u", Existing(350, 351), set()) == (
        (*D, "-append", "/Groups/g", "GroupMembership", "u"),
    )
    assert (*D, "-create", "/Users/u", "PrimaryGroupID", "350") in accounts.macos_creation(
        "g", "u", Existing(350, None), set()
    )


def test_macos_without_a_free_id() -> None:
    with pytest.raises(EnforcementError, match="is free"):
        accounts.macos_creation("g", "u", NOTHING, set(range(301, 500)))


def test_macos_ids() -> None:
    listing = "_amavisd                 83\nnobody                  -2\nroot                     0\nodd\n\n_x y  301\n"
    assert accounts.macos_ids(listing) == {83, -2, 0, 301}
