"""What of the terminal a run may use: the config's words as kinds of sequences, and its key as bytes. Pure."""

from __future__ import annotations

from aigate.streams.permits import Permits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from aigate.config.model import TerminalReach

# By key of `terminal:` and word, what is taken out. `all` takes nothing out.
TAKEN: dict[str, dict[str, tuple[str, ...]]] = {
    "clipboard": {"none": ("clipboard", "clipboard_read"), "write": ("clipboard_read",)},
    "titles": {"none": ("title",)},
    "notifications": {"none": ("notification",)},
    "hyperlinks": {"none": ("link",), "honest": ("false_link",)},
    "queries": {"none": ("query", "text_query"), "safe": ("text_query",)},
    "window": {"none": ("window",)},
    "files": {"none": ("file",)},
    "other": {"none": ("other",)},
}


def permits_of(reach: TerminalReach, environment: Mapping[str, str]) -> Permits:
    """Return what the config allows. environment: the caller's; under CI nobody is there, and no key counts."""
    without = [kind for key, words in TAKEN.items() for kind in words.get(getattr(reach, key), ())]
    if reach.reveal == "none" or environment.get("CI"):
        return Permits(tuple(without))
    from aigate.config.chord import spellings

    return Permits(tuple(without), spellings(reach.reveal))
