"""How programs write a value, by Python's own libraries and by hand: what the masker must know, written once more."""

from __future__ import annotations

import base64
import html
import json
import re
import urllib.parse

CONTROL = re.compile(r"[\x00-\x1f]")


def written(value: bytes) -> set[bytes]:
    """Return every way that is promised."""
    found = {value, value.hex().encode(), value.hex().upper().encode()}
    for before in range(3):
        whole = base64.b64encode(bytes(before) + value).rstrip(b"=")
        own = whole[-(-8 * before // 6) : 8 * (before + len(value)) // 6]
        found |= {own, own.translate(bytes.maketrans(b"+/", b"-_"))}
    return found | {as_bytes(text) for text in escaped(value.decode("utf-8", "surrogateescape"))}


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def escaped(text: str):
    yield from in_json(text)
    yield text.replace("'", "'\\''")
    yield text.replace("'", "'\"'\"'")
    yield re.sub(r"([ \t'\"\\|&;()<>!{}*\[\]?^$`,]|^[#~])", r"\\\1", text)
    yield re.sub(r'(["\\$`])', r"\\\1", text)
    yield re.sub(r"([\\'])", r"\\\1", text)
    yield from in_url(text)
    yield from in_html(text)


def in_json(text: str):
    minimal, ascii_only = dumps(text, ascii_only=False), dumps(text, ascii_only=True)
    yield from (minimal, ascii_only, ascii_only.replace("/", "\\/"))
    yield numbered(minimal, "<>&", "04x")
    yield numbered(minimal, "<>&='", "04x")
    yield capitals(ascii_only)
    yield numbered(capitals(ascii_only).replace('\\"', "\\u0022"), "<>&'+`", "04X")


def dumps(text: str, *, ascii_only: bool) -> str:
    """Return what stands between the quotes; bytes that are no UTF-8 stay."""
    parts = re.split("([\udc80-\udcff])", text)
    return "".join(part if odd else json.dumps(part, ensure_ascii=ascii_only)[1:-1] for odd, part in odds(parts))


def odds(parts):
    return ((number % 2, part) for number, part in enumerate(parts))


def numbered(text: str, letters: str, digits: str) -> str:
    return "".join(f"\\u{ord(letter):{digits}}" if letter in letters else letter for letter in text)


def capitals(text: str) -> str:
    return re.sub(r"(\\\\)|\\u([0-9a-f]{4})", lambda found: found[1] or f"\\u{found[2].upper()}", text)


def in_url(text: str):
    for kept in ("-._~", "-._~!'()*", "-._~/", "-._~!'()*;/?:@&=+$,#"):
        yield from both(urllib.parse.quote(text, safe=kept, errors="surrogateescape"))
    for kept in ("-._*", "-._"):
        yield from both(urllib.parse.quote_plus(text, safe=kept, errors="surrogateescape").replace("~", "%7E"))


def both(text: str):
    yield text
    yield re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def in_html(text: str):
    plain = html.escape(text, quote=False)
    yield plain
    yield plain.replace('"', "&quot;")
    for apostrophe in ("&#39;", "&#039;", "&#x27;", "&apos;"):
        yield plain.replace('"', "&quot;").replace("'", apostrophe)
    go = plain.replace('"', "&#34;").replace("'", "&#39;")
    yield from (go, go.replace("+", "&#43;"))
