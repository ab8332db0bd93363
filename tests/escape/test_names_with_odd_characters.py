"""A file is denied whatever characters its path has."""

from __future__ import annotations

from sandbox import SECRET, Sandbox

BACKENDS = ("bwrap", "unshare")


def test_names_with_odd_characters(sandbox: Sandbox) -> None:
    names = ["a b", "new\nline", "-rf", "*", "[x]", "{0}", "%s", "ü", "\udcff", "'q'", '"d"', "$(x)", "tab\t"]
    for name in names:
        sandbox.write(f"{name}/.env")
    done = sandbox.shell("cat ./*/.env")
    assert SECRET not in done.stdout
    assert done.stderr.count("Permission denied") == len(names)
