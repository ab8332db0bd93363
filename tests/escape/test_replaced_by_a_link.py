"""A link that a host program puts in the place of something hidden, or on the way there, opens nothing inside."""

from __future__ import annotations

import pytest
from meanwhile import meanwhile, wait_until
from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")
NEW = f"echo {SECRET} >"
# What happens outside, what is hidden then besides, and where it is read inside.
CASES = {
    "a link": (f"{NEW} real; ln -sfn real .env", "real", ".env real"),
    "a link to a link": (f"{NEW} real; ln -s real hop; ln -s hop new; mv new .env", "real", ".env hop real"),
    "a link to nothing yet": (f"ln -sfn real .env; {NEW} real", "real", ".env real"),
    "a directory's": (f"mkdir n; {NEW} n/key; rm -r conf/secrets; ln -s ../n conf/secrets", "n", "conf/secrets/key"),
    "the way's": (f"mkdir -p n/secrets; {NEW} n/secrets/key; mv n ../; rm -r conf; ln -s ../n conf",
                  "../n/secrets", "conf/secrets/key"),
    "another end of one that was there": (f"{NEW} other; ln -sfn other linked.pem", "other", "linked.pem other"),
    "a file in the place of a link": (f"{NEW} new; mv new linked.pem", "linked.pem", "linked.pem"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_link_in_the_place_of_what_is_hidden(sandbox: Sandbox, case: str) -> None:
    act, hidden, read = CASES[case]
    for path in (".env", "conf/secrets/key", "at-the-start"):
        sandbox.write(path, "first\n")
    assert sandbox.outside("ln", "-s", "at-the-start", "linked.pem").returncode == 0

    def happen(_: object) -> None:
        done = sandbox.outside("sh", "-ec", act)
        assert done.returncode == 0, done.stderr

    told = meanwhile(sandbox, happen, f"cat {read}; echo end", until=(("led", hidden.replace("../", "~/")),))
    assert told.stdout == "end\n", told.stderr
    assert "is what a link in the place of something hidden leads to" in told.stderr


def test_a_file_where_such_a_link_leads(sandbox: Sandbox) -> None:
    """What is saved there by rename is hidden again. Events come in order, so the last one is waited for."""
    sandbox.write(".env", "first\n")
    sandbox.write("last.pem", "first\n")
    log = sandbox.path("~/.aigate/audit.jsonl")

    def happen(_: object) -> None:
        sandbox.outside("sh", "-ec", f"{NEW} real; ln -sfn real .env")
        wait_until(lambda: str(sandbox.path("real")) in log.read_text())
        sandbox.outside("sh", "-ec", f"{NEW} new; mv new real; echo x >last; ln -sfn last last.pem")

    told = meanwhile(sandbox, happen, "cat .env real; echo end", until=(("led", "last"),))
    assert told.stdout == "end\n", told.stderr


def test_a_link_that_comes_to_match(sandbox: Sandbox) -> None:
    sandbox.config("deny_read: ['*.pem']\nlate: hide\n")
    sandbox.write("real", f"{SECRET}\n")
    told = meanwhile(
        sandbox,
        lambda _: sandbox.outside("ln", "-s", "real", "new.pem"),
        "cat new.pem; echo end",
        until=(("led", "real"),),
    )
    assert told.stdout == "end\n", told.stderr


def test_a_link_to_what_holds_the_project(sandbox: Sandbox) -> None:
    """It would end the run to hide that; the file that was hidden is there no longer."""
    sandbox.write(".env")
    script = "cat .env/project/kept .env; echo end"
    sandbox.write("kept", "kept\n")
    sandbox.write("other/.env")

    def happen(_: object) -> None:
        sandbox.outside("sh", "-ec", f"ln -sfn .. .env; {NEW} new; mv new other/.env")

    told = meanwhile(sandbox, happen, script, until=(("renewed", "other/.env"),))
    assert told.stdout == "kept\nend\n", told.stderr
