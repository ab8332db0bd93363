"""A hyperlink whose text is one address and whose target another loses its target; all others stay as they are."""

from __future__ import annotations

import pytest

from aigate import Masker

HONEST = [
    ("here", "https://host.example/a"),
    ("https://host.example/a", "https://host.example/a"),
    ("host.example", "https://host.example/a"),
    ("HTTPS://Host.Example/a", "https://host.example/a"),
    ("see https://host.example/a.", "https://host.example/a"),
    ("https://host.example/…", "https://host.example/a/b"),
    ("https://host.example/a...", "https://host.example/abc"),
    ("https://host.example\r\n/a", "https://host.example/a"),
    ("README.md", "https://host.example/x/README.md"),
    ("src/main.py:12", "file:///home/me/src/main.py"),
    ("main.py", "file://box/home/me/main.py"),
    ("#12", "https://host.example/12"),
    ("me@host.example", "mailto:me@host.example"),
    ("v1.2.3", "https://host.example/v1.2.3"),
    ("\x1b[1mhere\x1b[m", "http://host.example"),
]
FALSE = [
    ("host.example", "https://evil.example/"),
    ("https://host.example/", "https://evil.example/"),
    ("host.example", "https://host.example.evil.example"),
    ("https://host.example", "https://host.example@evil.example/"),
    ("host.example", "https://evil.example/host.example"),
    ("https://host.example/a", "https://host.example/b"),
    ("https://host.example/a", "https://host.example/a-b"),
    ("https://host.example", "http://host.example"),
    ("www.host.example", "https://evil.example/www.host.example"),
    ("hоst.example", "https://evil.example"),
    ("ho\x1b[Cst.example", "https://st.example/"),
    ("host\x1b[C.example", "https://evil.example"),
    ("click", "javascript:alert(1)"),
    ("click", "ssh://host.example"),
    ("host.example", "file:///tmp/x.desktop"),
    ("you@host.example", "mailto:me@host.example"),
    ("ho\u200bst.example", "https://evil.example"),
    ("safe (host.example)", "https://evil.example/"),
    ("https://host.example", "https://host.example\\@evil.example"),
    ("ho\bst.example", "https://evil.example"),
]


def shown(text: str, target: str, size: int = 1 << 20) -> bytes:
    display = Masker().display(0, 0, without=("false_link",))
    data = f"a\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\b".encode()
    return b"".join(display.feed(data[at : at + size]) for at in range(0, len(data), size)) + display.flush()


@pytest.mark.parametrize(("text", "target"), HONEST)
def test_an_honest_link_stays(text: str, target: str) -> None:
    for size in (1, 1 << 20):
        assert shown(text, target, size) == f"a\x1b]8;;{target}\x1b\\{text}\x1b]8;;\x1b\\b".encode()


@pytest.mark.parametrize(("text", "target"), FALSE)
def test_a_false_one_does_not(text: str, target: str) -> None:
    for size in (1, 1 << 20):
        out = shown(text, target, size)
        assert target.encode() not in out
        assert text.encode() in out


def test_a_link_whose_text_takes_long_is_none() -> None:
    """Else its text could be put together after the judgement."""
    display = Masker().display(0, 0, without=("false_link",))
    assert display.feed(b"\x1b]8;;https://evil.example/\x1b\\host") == b""
    assert display.held
    assert b"evil" not in display.release() + display.feed(b".example\x1b]8;;\x1b\\") + display.flush()


def test_a_link_within_another_is_judged_by_itself() -> None:
    display = Masker().display(0, 0, without=("false_link",))
    first, second = "\x1b]8;;https://host.example/\x1b\\", "\x1b]8;;https://evil.example/\x1b\\"
    out = display.feed(f"{first}here{second}host.example\x1b]8;;\x1b\\".encode()) + display.flush()
    assert out.startswith(f"{first}here\x1b]8;;\x1b\\".encode())
    assert b"evil" not in out
