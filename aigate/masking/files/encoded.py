"""Contents in UTF-16 and UTF-32, as UTF-8 for the masker and back. Which one it is says the mark in front (U+FEFF)."""

from __future__ import annotations

import codecs

from aigate.masking.files.packed import DamagedError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# The longer marks first: one of them begins like a shorter one.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
LONE = "surrogatepass"  # halves of a pair stand alone in real files, and stay


def encoding(beginning: bytes) -> str | None:
    """Return the encoding that a content's first bytes tell; None for those that the masker reads as they are."""
    return next((name for mark, name in MARKS if beginning.startswith(mark)), None)


def decoded(content: Iterable[bytes], name: str | None) -> Iterator[bytes]:
    """Yield the content in UTF-8, its mark too. Raises DamagedError for what is not in that encoding."""
    return _recoded(content, name, "utf-8") if name else iter(content)


def encoded(content: Iterable[bytes], name: str | None) -> Iterator[bytes]:
    """Yield what `decoded` gave, or what was made of it, in the encoding again."""
    return _recoded(content, "utf-8", name) if name else iter(content)


def _recoded(content: Iterable[bytes], source: str, target: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(source)(LONE)
    try:
        for block in content:
            yield decoder.decode(block).encode(target, LONE)
        yield decoder.decode(b"", final=True).encode(target, LONE)
    except UnicodeError as error:
        raise DamagedError(f"is damaged {source.upper()} ({error.args[-1]})") from None
