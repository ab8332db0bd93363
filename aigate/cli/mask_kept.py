"""What `aigate mask` has found out of a config, kept for native/filter/, which masks by it without a Python.

Owns how that is written down. The entry holds the very bytes of the config that it counts for, and what tells one table
of presets from another, in the user's cache, which is hidden in the sandbox; where a project's file has a say, or known
values, there is none.
"""

from __future__ import annotations

from binascii import crc32

from aigate import __version__
from aigate.config import cache
from aigate.masking.rules import table

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.config.model import MaskStdout

NAME = "mask"
MAGIC = b"aigate mask 1\n"
SCHEME = 1  # change it whenever the same config comes to something else
WORD = 4  # bytes of a number, the lowest first


def keep(directory: str, config: bytes, mask: MaskStdout | None, presets: tuple[str, ...]) -> None:
    """Keep what a config says of masking, where that is possible. directory: the user's ~/.aigate.

    presets: the names of those that it comes to. The rules have been checked.
    """
    fields: list[str | bytes] = [identity(), config, "\n".join(presets)]
    for pattern in mask.patterns if mask else ():
        fields += [pattern.regex, str(pattern.show_prefix), "i" if pattern.case_insensitive else ""]
    body = b"".join(_field(field) for field in fields)
    cache.put_bytes(directory, NAME, MAGIC + _number(crc32(body)) + body)


def identity() -> str:
    """Return what tells this aigate, and its table of presets, from any other; setup.py compiles it in."""
    groups, presets = table()
    return f"{__version__} {SCHEME} {cache.digest(repr((groups, presets)).encode())}"


def _field(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _number(len(data)) + data


def _number(value: int) -> bytes:
    return value.to_bytes(WORD, "little")
