"""Fills a release's owner and hash into the files that others want them written out in: the formula and the PKGBUILD.

Usage: python packaging/fill.py OWNER SHA256SUMS DIRECTORY. Writes them into DIRECTORY, and nothing where one of them
would still have a placeholder, or SHA256SUMS names another version's source distribution or none.
"""

from __future__ import annotations

import pathlib
import re
import sys

from notes import ROOT, version

FILES = ("aur/PKGBUILD", "homebrew/aigate.rb")
OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")  # as GitHub allows them
PLACEHOLDERS = re.compile(r"\bOWNER\b|\bSKIP\b|\b0{64}\b")


def hash_of(sums: str, name: str) -> str:
    """Return a file's hash from the text that sha256sum(1) wrote."""
    found = re.search(rf"^([0-9a-f]{{64}}) [ *](?:\S*/)?{re.escape(name)}$", sums, re.MULTILINE)
    if not found:
        sys.exit(f"fill: SHA256SUMS has no line for {name}")
    return found.group(1)


def filled(text: str, owner: str, digest: str) -> str:
    """Return a file's text with owner and hash in it, and without the line that says that they are filled in."""
    lines = [line for line in text.splitlines() if not (line.startswith("#") and "OWNER" in line)]
    done = "\n".join(lines).replace("OWNER", owner).replace("0" * 64, digest)
    return done.replace("sha256sums=(SKIP)", f"sha256sums=({digest})") + "\n"


def main(arguments: list[str]) -> int:
    """Write the files."""
    if len(arguments) != 3:  # noqa: PLR2004 -- see the usage
        sys.exit(__doc__)
    owner, sums, target = arguments[0], pathlib.Path(arguments[1]), pathlib.Path(arguments[2])
    if not OWNER.fullmatch(owner):
        sys.exit(f"fill: {owner} is no owner of a repository")
    digest = hash_of(sums.read_text(encoding="ascii"), f"aigate_sandbox-{version()}.tar.gz")
    texts = {name: filled((ROOT / "packaging" / name).read_text(encoding="utf-8"), owner, digest) for name in FILES}
    for name, text in texts.items():
        if left := PLACEHOLDERS.search(text):
            sys.exit(f"fill: {name} still has {left.group()}")
    for name, text in texts.items():
        (target / pathlib.Path(name).name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
