"""What `run` says while it searches for long: where it is, and how a folder is left out. Pure."""

from __future__ import annotations

from aigate.config.files import shown

BETWEEN = 10  # seconds from one word to the next
HINT = """\
  hint: run in a smaller directory; or, where a pattern like ~/**/.env looks through your home, end deny_read and
  deny_write with "!~/FOLDER/**" for a folder that holds nothing to deny
"""


def words(second: int, place: str, entries: int) -> str:
    """Return what is said in this second of a search, counted from 0, that is at a place and saw so many files."""
    if second % BETWEEN:
        return ""
    text = f"aigate: looking for what is denied, {entries:,} files so far, now in {shown(place)}\n"
    return text if second else text + HINT
