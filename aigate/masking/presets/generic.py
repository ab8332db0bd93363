"""Presets: identity, and what has no vendor. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import B64TOKEN, BEHIND, IS, block, preset

_PRIVATE_KEY = "[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"

IDENTITY = (
    preset(
        "vault",
        "HashiCorp Vault tokens",
        "Vault Documentation: Tokens, token prefixes",
        "hvs.EXAMPLEexample0123456789",
        (r"hv[sbr]\.[A-Za-z0-9_-]{20,}", 4),
        (rf"(?i)(?:token{BEHIND}|vault\s+login\s+)(?P<secret>[sbr]\.[A-Za-z0-9]{{24}})\b", 0),
    ),
    preset(
        "age",
        "age secret keys",
        "The age file encryption format, C2SP",
        "AGE-SECRET-KEY-1EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE0123456789",
        ("AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}", 15),
    ),
)

GENERIC = (
    preset(
        "bearer",
        "bearer tokens in HTTP headers",
        "RFC 6750, section 2.1",
        "Authorization: Bearer EXAMPLEexample0123456789",
        (rf"(?i)bearer\s+(?:{B64TOKEN}{{20,}}|[A-Za-z._~+/=-]{{0,19}}[0-9]{B64TOKEN}{{6,}})", 7),
        (rf"(?i)authorization{IS}bearer\s+(?P<secret>[^\s\"',;]+)", 0),
    ),
    preset(
        "jwt",
        "JSON web tokens, signed and encrypted",
        "RFC 7519; RFC 7515, section 3.1; RFC 7516, section 3.1",
        "eyJFWEFNUExFIjoxfQ.eyJleGFtcGxlIjoxfQ.EXAMPLEexample0123456789",
        (r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*", 3),
        (r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22,}", 3),
    ),
    block(
        "private_key",
        "PEM and OpenPGP private keys, over many lines",
        "RFC 7468, section 2; RFC 4880, section 6.2",
        "-----BEGIN PRIVATE KEY-----\nEXAMPLE\n-----END PRIVATE KEY-----",
        begin=f"-----BEGIN {_PRIVATE_KEY}",
        end=f"-----END {_PRIVATE_KEY}",
    ),
    preset(
        "basic_auth",
        "passwords in URLs",
        "RFC 3986, section 3.2.1",
        "https://user:EXAMPLE@example.org/",
        (r"://[^/\s:@\"'<>]*:(?P<secret>[^/\s@\"'<>]+)@", 0),
    ),
)
