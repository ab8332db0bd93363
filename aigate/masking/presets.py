"""The built-in masking rules. Owns patterns and examples; the formats come from the vendors' own documentation.

The presets do not hide one another's prefixes: where one format begins like another (`sk-ant-` and `sk-`), the
shorter one leaves the longer one out. Examples are made up; none of them ever was a secret.
"""

from __future__ import annotations

from aigate.masking.rules import Rule
from aigate.record import record


@record
class Preset:
    """One built-in kind of secret. example: text that contains one, made up; about: one line for listings."""

    about: str
    example: str
    rules: tuple[Rule, ...]


# What follows `sk-` in a key that is not Anthropic's (`sk-ant-`), from its first differing character on.
_KEY = "[A-Za-z0-9_-]"
_NOT_ANT = (
    f"(?:[B-Zb-zA0-9_-]{_KEY}{{19,}}|a[A-Za-mo-z0-9_-]{_KEY}{{18,}}"
    f"|an[A-Za-su-z0-9_-]{_KEY}{{17,}}|ant[A-Za-z0-9_]{_KEY}{{16,}})"
)

# RFC 6750, section 2.1: b64token. Prose says "bearer authentication", so a short token needs a digit.
_TOKEN = "[A-Za-z0-9._~+/=-]"  # noqa: S105 - a character class

PRESETS: dict[str, Preset] = {
    "openai": Preset(
        "OpenAI API keys",
        "sk-proj-EXAMPLEexample0123456789EXAMPLE",
        (
            Rule(
                "openai",
                rf"sk-(?:(?:proj|svcacct|admin|None)-{_KEY}{{20,}}|[A-Za-z0-9]{{32}}{_KEY}*)|\bsk-{_NOT_ANT}",
                3,
            ),
        ),
    ),
    "anthropic": Preset(
        "Anthropic API keys",
        "sk-ant-api03-EXAMPLEexample0123456789EXAMPLE",
        (Rule("anthropic", rf"sk-ant-{_KEY}{{10,}}", 7),),
    ),
    "aws_key": Preset(
        "AWS access key ids",
        "AKIAIOSFODNN7EXAMPLE",
        (Rule("aws_key", "(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}", 4),),
    ),
    "aws_secret": Preset(
        "AWS secret access keys, by the name in front of them",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        (
            # What is shown is the name and one character more, which is never the secret's.
            Rule("aws_secret", r"(?i)secret_access_key[\"']?\s*[=:]\s*[\"']?[A-Za-z0-9/+]{40}", 18),
            Rule("aws_secret", r"(?i)secretaccesskey[\"']?\s*[=:]\s*[\"']?[A-Za-z0-9/+]{40}", 16),
            Rule("aws_secret", r"AKIA[A-Z0-9]{16}[,;:\s\"']+[A-Za-z0-9/+]{40}\b", 4),
        ),
    ),
    "github": Preset(
        "GitHub tokens",
        "ghp_EXAMPLEexample0123456789EXAMPLEexamp",
        (
            Rule("github", r"gh[pousr]_[A-Za-z0-9]{30,}[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*", 4),
            Rule("github", "github_pat_[A-Za-z0-9_]{22,}", 11),
        ),
    ),
    "bearer": Preset(
        "bearer tokens in HTTP headers",
        "Authorization: Bearer EXAMPLEexample0123456789",
        (
            Rule("bearer", rf"(?i)bearer\s+(?:{_TOKEN}{{20,}}|[A-Za-z._~+/=-]{{0,19}}[0-9]{_TOKEN}{{6,}})", 7),
            Rule("bearer", r"(?i)authorization: bearer [^\s\"']+", 22),
        ),
    ),
    "private_key": Preset(
        "PEM and OpenPGP private keys, over many lines",
        "-----BEGIN PRIVATE KEY-----\nEXAMPLE\n-----END PRIVATE KEY-----",
        (
            Rule(
                "private_key",
                "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----",
                until="-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----",
            ),
        ),
    ),
}
