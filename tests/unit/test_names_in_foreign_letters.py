"""What a project asks for is shown as programs will read it: hosts as A-labels, nothing that moves a terminal."""

from __future__ import annotations

import pytest

from aigate.cli.wording import counted, plain


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("/p/.aigate.yaml:2: allow_net api.example.com", "/p/.aigate.yaml:2: allow_net api.example.com"),
        (
            "/p/.aigate.yaml:2: allow_net \u0430pi.example.com:443",
            "/p/.aigate.yaml:2: allow_net xn--pi-6kc.example.com:443  (warning: not written in plain letters: U+0430)",
        ),
        (
            "/p/.aigate.yaml:2: allow_net *.b\u00fccher.example",
            "/p/.aigate.yaml:2: allow_net *.xn--bcher-kva.example  (warning: not written in plain letters: U+00FC)",
        ),
        ("/p/.aigate.yaml:2: deny_read !\x1b[2Jx", "/p/.aigate.yaml:2: deny_read !\\x1b[2Jx"),
        ("/p/.aigate.yaml:2: deny_read !\u202egpj", "/p/.aigate.yaml:2: deny_read !\\u202egpj"),
        ("/p/.aigate.yaml:2: deny_read !\u00fcbung", "/p/.aigate.yaml:2: deny_read !\u00fcbung"),
    ],
)
def test_a_widening_as_it_is_shown(line: str, shown: str) -> None:
    assert plain(line) == shown


def test_one_is_not_many() -> None:
    assert [counted(number, "host") for number in (0, 1, 2)] == ["0 hosts", "1 host", "2 hosts"]
