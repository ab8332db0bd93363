"""What stands in place of a hidden run. Owns the texts and the key; finds nothing."""

from __future__ import annotations

import os
import stat

from aigate.errors import AigateError, UsageError
from aigate.reading import read_from
from aigate.record import record

HASH = "hash"
USUAL = b"***"
SHORTEST_KEY = 16  # bytes
LONGEST = 64 * 1024  # bytes of a run that its hash is made of
DIGITS = 16


@record
class Replacement:
    """A text, or with a key the keyed hash (HMAC-SHA-256) of what is hidden, so that equal secrets stay comparable."""

    text: bytes = USUAL
    key: bytes | None = None

    @property
    def is_usual(self) -> bool:
        """Tell whether it is what the masker itself writes."""
        return self.key is None and self.text == USUAL

    def of(self, hidden: bytes) -> bytes:
        """Return what stands in place of these bytes."""
        if self.key is None:
            return self.text
        import hmac

        return b"***" + hmac.digest(self.key, hidden[:LONGEST], "sha256").hex()[:DIGITS].encode() + b"***"


def replacement(text: str | None, key_file: str | None) -> Replacement:
    """Return what the options ask for. Raises UsageError, and AigateError for a key that cannot be used."""
    if text != HASH:
        if key_file is not None:
            raise UsageError("mask: --hash-key belongs to --mask-with hash", hint="see aigate mask --help")
        return Replacement() if text is None else Replacement(_plain(text))
    if key_file is None:
        raise UsageError("mask: --mask-with hash needs a key", hint="--hash-key FILE names a file with a random key")
    return Replacement(key=_key(key_file))


def _plain(text: str) -> bytes:
    if "\n" in text or "\r" in text or "\0" in text:
        raise UsageError("mask: the text of --mask-with must be one line")
    return text.encode("utf-8", "surrogateescape")


def _key(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            open_to_others = os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO)
            key = read_from(file, 4096).strip()
    except OSError as error:
        raise AigateError(f"cannot read the key {path}: {error.strerror}") from None
    if open_to_others:
        raise AigateError(f"{path}: others can read this key", hint=f"chmod 600 {path}")
    if len(key) < SHORTEST_KEY:
        raise AigateError(f"{path}: a key has at least {SHORTEST_KEY} bytes", hint="openssl rand -hex 32 writes one")
    return key
