"""What logs of builds and tests hold, and base64 in them: nothing is hidden; what it was taken for is."""

from __future__ import annotations

import pytest

from aigate import Masker
from aigate.masking.rules import preset_rules

MASKER = Masker(preset_rules("all"))
NONE = [
    "npm http cache wrap-ansi@https://registry.example.org/wrap-ansi/-/wrap-ansi-7.0.0.tgz 0ms (cache hit)",
    "npm http cache es-object-atoms@https://registry.example.org/es-object-atoms/-/es-object-atoms-1.1.2.tgz 0ms",
    "EAAAAAAAJAAAAAAAAABKUgAAEgAQAEBzEQAAAAAAhQAAAAAAAABYVQAAEgAQAGAbCQAAAAAAnQEA",
    "EAAAAAAAZwAAAAAAAACKOgAAEgAQAJCeBwAAAAAAZAAAAAAAAAB3YAAAIgAQADB8+AAAAAAAnQEA",
    "nb///w///EAAEgAQAFBTEgAAAAAALgAAAAAAAAAycQAAIgAQAMA0EAAAAAAAEQAAAAAAAAAwTgAAEgAQAPCOCQAAAAAAAQEAAAAAAADzdgAAIgAQ",
    "gekAAQAASIH6AAEAAA+Hbv///w+u+GLRfEgRYP5i0XxIEWj",
    "templates/spotlight-beam.svg,sha256=-BSAgu51-R5Z3nFTk8qISnl4lewj3C3L3stNaxyQ-s8,289",
    "numpy/typing/ufunclike.pyi,sha256=sk_HDVLeOoNeF4VOGHDI0iUT8YHeeOJjxyZTO4q0ddE,1346",
    "x/error_codes_pb2.pyi,sha256=glc_FZMyib4OhW7RQ42vav9er5-jeLUo8K4wfDaFsu8,1208",
    "256 SHA256:fk-1XYbS0hN5V4hTq7fSgWwDn0o1Zr8b2JqkZpT9mEs dev@host (ED25519)",
    '"integrity": "sha512-sk_HDVLeOoNeF4VOGHDI0iUT8YHeeOJjxyZTO4q0ddE"',
    "redis-cli-a pass.log, the httpd-a user:list of names",
    "Downloading x-4.0-cp39-abi3-manylinux_2_28_x86_64.whl (4.2 MB), sha256:7e1ce50266f4f70bf41a2c6dc4358afadae90e2a",
    "collected 4 items: test_login[user-secret-None] PASSED, test_token_refresh[expired] PASSED",
]
HIDDEN = [
    ("http -a deploy:hunter22 https://example.org", "http -a deploy:*** https://example.org"),
    ("https --verify=no --auth=deploy:hunter22 example.org", "https --verify=no --auth=deploy:*** example.org"),
    ("curl -su deploy:hunter22 https://example.org", "curl -su deploy:*** https://example.org"),
    ("redis-cli -h db -a hunter22 ping", "redis-cli -h db -a *** ping"),
    ("x=sk_HDVLeOoNeF4VOGHDI0iUT8YHeeOJjxyZTO4q0ddE, sha=1", "x=sk_***, sha=1"),
    ("x=EAAAl" + "eX4mPl3" * 8 + "eX4 ok", "EAAA*** ok"),
    ("x=EAA" + "eX4mPl3" * 14 + ", then", "x=EAA***, then"),
    ("define('api_auth', 'e4Bg+SSDAbTz97Pf4fNHXSenwDv1jFxo');", "define('api_auth', '***');"),
    ('<add key="auth" value="0g31kldrg0wXymKB4Li5udZwg4NriDHW"/>', '<add key="auth" value="***"/>'),
    ("ENV db.password tK9H9YLb4uVVG8m9", "ENV db.password ***"),
]


@pytest.mark.parametrize("line", NONE)
def test_nothing_is_hidden(line: str) -> None:
    assert MASKER.mask(line.encode()).decode() == line


@pytest.mark.parametrize(("line", "masked"), HIDDEN)
def test_and_what_it_was_taken_for_is(line: str, masked: str) -> None:
    assert MASKER.mask(line.encode()).decode().endswith(masked)
