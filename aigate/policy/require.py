"""What `require:` and --require mean: protections without which nothing runs, asked for in the config or not. Pure."""

from __future__ import annotations

from aigate.config.model import PROTECTIONS
from aigate.errors import EnforcementError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def check(required: Iterable[str], lacking: Mapping[str, str]) -> None:
    """Raise EnforcementError for the first required protection that is lacking. lacking: name to reason."""
    for name in required:
        if name in lacking:
            raise EnforcementError(
                f"{name} is required, and {lacking[name]}", hint=f"aigate doctor tells what {name} needs here"
            )


def parse(text: str) -> tuple[str, ...]:
    """Return the protections in a list with commas. Raises UsageError for what is none."""
    names = tuple(name for name in text.split(",") if name)
    for name in names:
        if name not in PROTECTIONS:
            from aigate.config.meant import meant

            hint = meant(name, PROTECTIONS, f"choose of {', '.join(PROTECTIONS)}")
            raise UsageError(f"--require: there is no protection {name!r}", hint=hint)
    return names
