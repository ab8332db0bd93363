"""Presets: the keys of AI providers. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import preset

# What follows `sk-` in a key that is not Anthropic's (`sk-ant-`), from its first differing character on.
_KEY = "[A-Za-z0-9_-]"
_NOT_ANT = (
    f"(?:[B-Zb-zA0-9_-]{_KEY}{{19,}}|a[A-Za-mo-z0-9_-]{_KEY}{{18,}}"
    f"|an[A-Za-su-z0-9_-]{_KEY}{{17,}}|ant[A-Za-z0-9_]{_KEY}{{16,}})"
)

AI = (
    preset(
        "openai",
        "OpenAI API keys",
        "OpenAI, API reference: Authentication",
        "sk-proj-EXAMPLEexample0123456789EXAMPLE",
        (rf"sk-(?:(?:proj|svcacct|admin|None)-{_KEY}{{20,}}|[A-Za-z0-9]{{32}}{_KEY}*)|\bsk-{_NOT_ANT}", 3),
    ),
    preset(
        "anthropic",
        "Anthropic API keys",
        "Anthropic, API overview: Authentication",
        "sk-ant-api03-EXAMPLEexample0123456789EXAMPLE",
        (rf"sk-ant-{_KEY}{{10,}}", 7),
    ),
    preset(
        "huggingface",
        "Hugging Face tokens",
        "Hugging Face Hub: User access tokens; Trusted publishers",
        "hf_EXAMPLEexampleEXAMPLEexampleEXAMPL",
        (
            r"hf_(?:[A-Za-z0-9]{30,}|(?:oauth|jwt)_eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*|(?:oauth|jwt)_[A-Za-z0-9]{30,})",
            3,
        ),
        ("api_org_[A-Za-z0-9]{30,}", 8),
    ),
)
