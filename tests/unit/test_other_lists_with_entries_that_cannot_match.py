"""Names of variables, commands and sockets that can never match are errors that say what to write, as patterns are."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from aigate.config.model import Entry
from aigate.errors import ConfigError
from aigate.policy.commands import parse_commands
from aigate.policy.sockets import pinned
from aigate.policy.variables import removed

LISTS: dict[str, Callable[[Entry], object]] = {
    "deny_env": lambda entry: removed([entry], []),
    "deny_exec": lambda entry: parse_commands([entry]),
    "allow_sockets": lambda entry: pinned([entry], "/home/me", ()),
}


@pytest.mark.parametrize(
    ("key", "text", "what", "hint"),
    [
        ("deny_env", "$TOKEN", "begins with $", "write TOKEN"),
        ("deny_env", "!$TOKEN", "begins with $", "write TOKEN"),
        ("deny_env", "${TOKEN}", "begins with $", "write TOKEN"),
        ("deny_env", "%TOKEN%", "begins with %", "write TOKEN"),
        ("deny_env", "TOKEN=x", "a value behind the name", "write TOKEN"),
        ("deny_env", "{A,B}_KEY", "braces", "write entries of their own: A_KEY and B_KEY"),
        ("deny_env", "~/.env", "is a path", "deny_read"),
        ("deny_env", "A[", "bracket", "[AB]"),
        ("deny_env", '"TOKEN"', "in quotes", "write TOKEN"),
        ("deny_exec", "{curl,wget}", "braces", "write entries of their own: curl and wget"),
        ("deny_exec", "!{curl,wget}", "braces", "write entries of their own: curl and wget"),
        ("deny_exec", "git {push,pull}", "braces", "git push and git pull"),
        ("deny_exec", "C:\\x.exe", "a drive letter", "paths begin with /"),
        ("deny_exec", "~root/bin/x", "the home of root", "/root/bin/x"),
        ("deny_exec", "$HOME/bin/x", "the variable HOME", "write ~/bin/x"),
        ("allow_sockets", "$XDG_RUNTIME_DIR/x", "the variable XDG_RUNTIME_DIR", "write its value"),
        ("allow_sockets", "~root/x", "the home of root", "/root/x"),
    ],
)
def test_it_is_an_error(key: str, text: str, what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        LISTS[key](Entry(text, "config.yaml", 7))
    assert caught.value.message.startswith(f"config.yaml:7: {key}")
    assert what in caught.value.message
    assert (caught.value.hint or "").startswith(hint) or hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("key", "text"),
    [
        *(
            ("deny_env", text)
            for text in ("AWS_*", "!GH_TOKEN", "*", "?X", "[AB]_KEY", "npm_config_//r.test/:_auth*", "A.B")
        ),
        *(("deny_exec", text) for text in ("curl", "git push --force", "/usr/bin/x", "x{y}", "find -exec", "!nc")),
        *(("allow_sockets", text) for text in ("~/x", "/run/x$1", "rel/sock")),
    ],
)
def test_what_can_match_is_taken(key: str, text: str) -> None:
    LISTS[key](Entry(text, "config.yaml", 7))
