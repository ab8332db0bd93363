"""Whether what stands behind a name is a literal value or code: what native/masker/literal.cpp says, in Python."""

from __future__ import annotations

import itertools
import re

SHORTEST = {"placeholder": 1, "literal": 6, "random": 16}
PLACEHOLDERS = [b"password", b"passwd", b"passphrase", b"pwd", b"secret", b"token", b"user:pass"]
STAND_INS = [
    b"changeme", b"change-me", b"change_me", b"placeholder", b"redacted", b"your", b"xxxx", b"****", b"...", b"${",
    b"$(", b"{{", b"%(", b"#{", b"<",
]  # fmt: skip
NAMES = [b"password", b"passwd", b"secret", b"token", b"apikey", b"_key", b"-key", b"credential", b"auth"]
ALGORITHMS = (
    b"sha1 sha2 sha3 sha5 md5 aes rsa hs256 rs256 es256 base64 utf8 utf-8 25519 x509 oauth2 pbkdf2 pkcs p256 secp "
    b"argon2 8859 ipv4 ipv6 http2"
).split()


def value_in(check: str, text: bytes, begin: int, end: int) -> tuple[int, int] | None:
    """Return where the value in text[begin:end] lies, or None when it is none."""
    quote = re.compile(rb"\\*[\"'`]").match(text, begin, end)
    if quote:
        begin = quote.end()
    else:
        end = _end_of_bare(text, begin, end)
    value = text[begin:end]
    if len(value) < SHORTEST[check] or _is_placeholder(value):
        return None
    if check == "placeholder":
        return begin, end
    if _is_code(value, quoted=bool(quote)):
        return None
    good = _is_random(value) if check == "random" else _is_literal(value)
    return (begin, end) if good else None


def _end_of_bare(text: bytes, begin: int, end: int) -> int:
    value = text[begin:end]
    value = re.split(rb"[\\\"'`;]", value)[0]
    value = value[:1] + value[1:].split(b"<")[0]
    at = 0
    while at < len(value):
        if value[at] in b",&|" and re.match(rb"[A-Za-z0-9_.-]+[=:]", value[at + 1 :]):
            value = value[:at]
        at += 1
    return begin + len(value.rstrip(b",;)]}>'\"`.:"))


def _is_placeholder(value: bytes) -> bool:
    lower = value.lower()
    if value[:1] in b"$%<{*@":
        return value[:1] != b"$" or len(value) < 2 or re.match(rb"[A-Za-z{(_]", value[1:]) is not None
    return len(set(value)) == 1 or lower in PLACEHOLDERS or any(word in lower for word in STAND_INS)


def _is_code(value: bytes, *, quoted: bool) -> bool:
    return (
        re.search(rb"[{}]" if quoted else rb"[(\[{}]", value) is not None
        or b"://" in value
        or (value.startswith((b"/", b"~", b"./", b"../")) and not (len(value) >= 24 and re.search(rb"[+=]", value)))
        or re.fullmatch(rb"#[0-9A-Fa-f]{,8}", value) is not None
        or (
            re.fullmatch(rb"[0-9._,:+eExXTZv^~<>= -]*", value) is not None and len(re.findall(rb"[A-Za-z]", value)) <= 2
        )
        or (_is_dotted(value) and not (quoted and len(re.findall(rb"[0-9]", value)) > 2))
    )


def _is_dotted(value: bytes) -> bool:
    names = re.fullmatch(rb"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+", value)
    return len(value) < 40 and names is not None


def _is_literal(value: bytes) -> bool:
    lower, digits = value.lower(), len(re.findall(rb"[0-9]", value))
    words, marks = 1 + value.count(b" "), re.search(rb"[!@#$%^&*+=~?]", value) is not None
    if not re.search(rb"[A-Za-z]", value) or words > 4:
        return False
    if not digits:
        return marks and len(value) >= 8 and words == 1
    if digits <= 2 and any(name in lower for name in NAMES):
        return False
    return len(value) >= 24 or not any(name in lower for name in ALGORITHMS)


def _is_random(value: bytes) -> bool:
    letters, digits = len(re.findall(rb"[A-Za-z]", value)), len(re.findall(rb"[0-9]", value))
    if len(value) < 24 and any(name in value.lower() for name in ALGORITHMS):
        return False
    return letters > 1 and digits > 1 and b" " not in value and _changes(value) * 6 >= len(value)


def _changes(value: bytes) -> int:
    kinds = [_kind(byte) for byte in value]
    return sum(a != b for a, b in itertools.pairwise(kinds))


def _kind(byte: int) -> int:
    letter = bytes([byte])
    return 0 if letter in b"0123456789" else 1 if b"a" <= letter <= b"z" else 2 if b"A" <= letter <= b"Z" else 3
