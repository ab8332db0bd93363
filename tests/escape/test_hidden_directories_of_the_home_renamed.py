"""What somebody outside renames below the layer of the home, and puts another one in its place, shows nothing inside.

The kernel moves an overlay's entry, and the cover on it, as soon as the new name is looked up: also by an agent.
"""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
EXCHANGE = "import ctypes, sys; sys.exit(ctypes.CDLL(None).renameat2(-100, b'../.aws', -100, b'../new', 2))"
NEW = f"mkdir -p ../new/gh; echo {SECRET} > ../new/credentials; echo {SECRET} > ../new/gh/hosts.yml"
CASES = {
    "exchanged": (("/usr/bin/python3", "-c", EXCHANGE), ".aws", "new", "credentials"),
    "moved away": (("sh", "-ec", "mv ../.aws ../deep/down/old; mv ../new ../.aws"), ".aws", "deep/down/old",
                   "credentials"),
    "the one above": (("sh", "-ec", "mv ../.config ../deep/old; mv ../new ../.config"), ".config", "deep/old",
                      "gh/hosts.yml"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_shown(sandbox: Sandbox, case: str) -> None:
    act, place, other, name = CASES[case]
    for path in ("~/.aws/credentials", "~/.config/gh/hosts.yml", "~/deep/down/x"):
        sandbox.write(path, "first\n")

    def happen(_: object) -> None:
        assert sandbox.outside("sh", "-ec", NEW).returncode == 0
        done = sandbox.outside(*act)
        assert done.returncode == 0, done.stderr

    first, second = f"~/{other}/{name}", f"~/{place}/{name}"
    look = f"cat {first}; until ! cat {second}; do sleep 0.05; done; cat {first} {second}"
    told = meanwhile(sandbox, happen, f"({look}) >seen 2>&1; tail -n 2 seen")
    assert told.stdout.count("Permission denied") == 2, told
