"""Presets: where code lies and is built: code hosts, registries, CI. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import B64TOKEN, preset

CODE = (
    preset(
        "github",
        "GitHub tokens",
        "GitHub Docs: About authentication to GitHub, GitHub's token formats",
        "ghp_EXAMPLEexample0123456789EXAMPLEexamp",
        (
            r"gh[pousr]_(?:[A-Za-z0-9]{1,24}_eyJ[A-Za-z0-9_-]{8,}|[A-Za-z0-9]{30,}[A-Za-z0-9_-]*)(?:\.[A-Za-z0-9_-]+)*",
            4,
        ),
        ("github_pat_[A-Za-z0-9_]{22,}", 11),
    ),
    preset(
        "gitlab",
        "GitLab tokens",
        "GitLab Docs: GitLab token overview, token prefixes",
        "glpat-EXAMPLEexample012345",
        (r"gl(?:pat|oas|ptt|cbt|imt|dt|rt|ft|wt|rtr|soat|agent|ffct)-(?P<secret>[A-Za-z0-9_.-]{19,}[A-Za-z0-9_-])", 0),
        ("_gitlab_session=(?P<secret>[A-Za-z0-9%_-]{20,})", 0),
    ),
)

REGISTRIES = (
    preset(
        "npm",
        "npm access tokens",
        "npm Docs: About access tokens; .npmrc",
        "npm_EXAMPLEexample0123456789EXAMPLEexamp",
        ("npm_[A-Za-z0-9]{36,}", 4),
        (rf"_authToken ?= ?[\"']?(?P<secret>{B64TOKEN}{{16,}})", 0),
        (r":_(?:auth|password) ?= ?[\"']?(?P<secret>[A-Za-z0-9+/]{6,}=*)", 0),
    ),
    preset(
        "pypi",
        "PyPI API tokens",
        "PyPI help: How can I use API tokens to authenticate? (macaroons, as pypitoken describes them)",
        "pypi-AgEIcHlwaS5vcmcEXAMPLEexample0123456789EXAMPLEexample0123456789",
        ("pypi-AgE[A-Za-z0-9_-]{40,}", 5),
    ),
)
