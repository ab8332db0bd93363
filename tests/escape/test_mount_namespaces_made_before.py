"""Whoever made a mount namespace of his own first gains nothing: what is covered later is covered there, and stays so.

As root nobody inside can become user 0 of a user namespace, so this is about ordinary users.
"""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
# Each waits until it may look, in a namespace that was made before: private, or a slave with the tree in it once more.
PRIVATE = "mount --make-rprivate /; : > is-private; until [ -e look ]; do sleep 0.02; done; "
SLAVE = "mount --rbind / /mnt; : > is-slave; until [ -e look ]; do sleep 0.02; done; "
ATTACK = (
    "cat .env; umount .env; umount -l .env; cat .env; cat /mnt$PWD/.env; mkdir /tmp/x; mount --bind . /tmp/x; "
    "cat /tmp/x/.env; mount --move .env /tmp/x; cat .env; echo evil >> .envrc; echo over"
)


@pytest.mark.everywhere
@pytest.mark.only("user")
def test_mount_namespaces_made_before(sandbox: Sandbox) -> None:
    sandbox.write(".env", "first\n")
    sandbox.write(".envrc", "mine\n")
    before = " ".join(
        f"unshare --map-root-user --mount --propagation slave sh -c '{own}{ATTACK}' &" for own in (PRIVATE, SLAVE)
    )

    def save(_: object) -> None:
        for name, text in ((".env", SECRET), (".envrc", "changed")):
            sandbox.write(f"{name}.new", f"{text}\n")
            sandbox.outside("mv", f"{name}.new", name)

    told = meanwhile(
        sandbox,
        save,
        ": > look; wait",
        before=f"{before} until [ -e is-private ] && [ -e is-slave ]; do sleep 0.02; done",
        until=(("renewed", ".env"), ("renewed", ".envrc")),
    )
    assert told.stdout == "over\nover\n", told.stderr
    assert SECRET not in told.stderr
    assert (sandbox.project / ".envrc").read_text() == "changed\n"


@pytest.mark.only("user")
def test_a_sandbox_within_works_before_and_after(sandbox: Sandbox) -> None:
    sandbox.write(".env", "first\n")
    inner = "bwrap --dev-bind / / --tmpfs /mnt --unshare-pid sh -c 'touch /mnt/x && echo works; cat .env'"

    def save(_: object) -> None:
        sandbox.write("new", f"{SECRET}\n")
        sandbox.outside("mv", "new", ".env")

    told = meanwhile(sandbox, save, inner, before=inner, until=(("renewed", ".env"),))
    assert told.stdout == "works\nworks\n", told.stderr
