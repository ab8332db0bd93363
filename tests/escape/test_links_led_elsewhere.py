"""A link by which something hidden was found at the start opens nothing when a host program leads it elsewhere."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
NEW = f"echo {SECRET} >"
MOUNTED = "mkdir c c/..1; ln -s ..1 c/..data; for n in a b; do echo x >c/..1/$n; ln -s ..data/$n c/$n.pem; done"
# What is there, what happens outside, what is hidden then, and where it is read inside.
CASES = {
    "the inner one of a chain": (
        "echo x >one; ln -s one inner; ln -s inner outer; ln -s outer c.pem",
        f"{NEW} two; ln -sfn two inner", ("two",), "c.pem outer inner two"),
    "of two, as secrets are mounted": (
        MOUNTED, f"mkdir c/..2; {NEW} c/..2/a; {NEW} c/..2/b; ln -s ..2 c/..new; mv -T c/..new c/..data",
        ("c/..2/a", "c/..2/b"), "c/a.pem c/b.pem c/..data/a c/..2/b"),
    "to a directory": ("mkdir one; echo x >one/k; ln -s one secrets", f"mkdir two; {NEW} two/k; ln -sfn two secrets",
                       ("two",), "secrets/k two/k"),
    "that leads out": ("mkdir ../one ../two; echo x >../one/k.pem; ln -s ../one out",
                       f"{NEW} ../two/k.pem; ln -sfn ../two out", ("~/two/k.pem",), "out/k.pem"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_link_led_elsewhere(sandbox: Sandbox, case: str) -> None:
    there, act, hidden, read = CASES[case]

    def happen(script: str) -> None:
        done = sandbox.outside("sh", "-ec", script)
        assert done.returncode == 0, done.stderr

    happen(there)
    until = tuple(("led", path) for path in hidden)
    told = meanwhile(sandbox, lambda _: happen(act), f"cat {read}; echo end", until=until)
    assert told.stdout == "end\n", told.stderr
