"""The tree of docs/architecture.md, made from what each file says of itself.

`python tests/support/tree.py` writes it into the page; the architecture test compares.
"""

from __future__ import annotations

import ast
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).parents[2]
PAGE = ROOT / "docs/architecture.md"
HEADING = "## The tree\n\n"
WIDTH = 34
LONGEST = 84
NOT_LISTED = ("__init__.py", "py.typed", ".pyi")


def tree() -> str:
    """Return a fenced block with one line for each file that git knows, or would know, below aigate/."""
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "aigate"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    files = sorted(name for name in names if not name.endswith(NOT_LISTED) and (ROOT / name).exists())
    return "```\n" + "".join(f"{name:<{WIDTH}} {first_sentence(ROOT / name)}".rstrip() + "\n" for name in files) + "```"


def first_sentence(path: pathlib.Path) -> str:
    """Return the first sentence of a module's docstring, or of a file's first comment."""
    text = path.read_text()
    if path.suffix == ".py":
        comment = ast.get_docstring(ast.parse(text)) or ""
    else:
        kinds = (r'^"""(.*?)"""', r"^/\*(.*?)\*/", r"((?:^(?://|#) [^\n]*\n)+)")
        found = [match for kind in kinds if (match := re.search(kind, text, re.DOTALL | re.MULTILINE))]
        comment = found[0].group(1) if found else ""
        comment = re.sub(r"^\s*(//|#|\*)\s?", "", comment, flags=re.MULTILINE)
    sentence = " ".join(comment.split())
    first = re.split(r"(?<=[a-z`)\]])[.;](?: |$)", sentence)[0].rstrip(".")
    return first if len(first) <= LONGEST else first[: first.rindex(" ", 0, LONGEST)] + " ..."


def page_with(block: str) -> str:
    """Return the page with its tree replaced."""
    before, _, after = PAGE.read_text().partition(HEADING)
    return before + HEADING + block + "\n\n" + after[after.index("## One run") :]


if __name__ == "__main__":
    PAGE.write_text(page_with(tree()))
