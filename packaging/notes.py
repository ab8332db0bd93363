"""Prints a version's section of CHANGELOG.md as release notes; ends with 1 where version, changelog and tag disagree.

Usage: python packaging/notes.py VERSION, or Unreleased to see what the next ones would be.
"""

from __future__ import annotations

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
UNRELEASED = "Unreleased"


def version() -> str:
    """Return the one place's version, without importing the package."""
    text = (ROOT / "aigate/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"$', text, re.MULTILINE)
    if not found:
        sys.exit("notes: aigate/__init__.py names no version")
    return found.group(1)


def section(changelog: str, name: str) -> str:
    """Return what stands below a version's heading, which may have a date; empty where there is no such heading."""
    found = re.search(
        rf"^## \[{re.escape(name)}\](?: - \d{{4}}-\d\d-\d\d)?\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    return found.group(1).strip() if found else ""


def unwrapped(text: str) -> str:
    """Join the lines of each paragraph and item: where notes are shown, every line break counts."""
    return re.sub(r"\n +(?=[^\s*-])", " ", text)


def main(arguments: list[str]) -> int:
    """Print the notes."""
    if len(arguments) != 1:
        sys.exit(__doc__)
    name = arguments[0]
    if name not in (UNRELEASED, version()):
        sys.exit(f"notes: the tag says {name}, and aigate/__init__.py says {version()}")
    notes = section((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), name)
    if not notes:
        sys.exit(f"notes: CHANGELOG.md has nothing under [{name}]")
    print(unwrapped(notes))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
