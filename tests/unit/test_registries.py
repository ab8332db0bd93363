"""What package managers answer is taken for hosts only where it is an address of one."""

from __future__ import annotations

import pytest

from aigate.session.registries import _host


@pytest.mark.parametrize(
    ("word", "host"),
    [
        ("https://mirror.example/simple", "mirror.example"),
        ("https://user:secret@mirror.example:8443/x/", "mirror.example:8443"),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]:80"),
        ("HTTPS://Mirror.Example", "mirror.example"),
        ("file:///opt/packages", None),
        ("undefined", None),
        ("https://", None),
        ("https://x:notaport/", None),
        ("", None),
    ],
)
def test_an_answer(word: str, host: str | None) -> None:
    assert _host(word) == host
