"""Presets: package registries and CI. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import B64TOKEN, preset

REGISTRIES = (
    preset(
        "pypi",
        "PyPI API tokens",
        "PyPI help: How can I use API tokens to authenticate? (macaroons, as pypitoken describes them)",
        "pypi-AgEEXAMPLEexample0123456789EXAMPLEexample01",
        ("pypi-AgE[A-Za-z0-9_-]{40,}", 5),
    ),
    preset(
        "rubygems",
        "RubyGems keys",
        "RubyGems Guides: API key scopes",
        "rubygems_eae0123456789eae0123456789eae0123456789eae012345",
        (r"rubygems_[0-9a-f]{48}\b", 9),
    ),
    preset(
        "clojars",
        "Clojars tokens",
        "Clojars wiki: Deploy tokens",
        "CLOJARS_example0123456789example0123456789example0123456789example01",
        (r"CLOJARS_[0-9a-z]{60}\b", 8),
    ),
    preset(
        "packagist",
        "Packagist tokens",
        "Private Packagist Docs: API tokens",
        "packagist_ort_eae0123456789eae0123456789eae0123456789eae0123456789eae01234",
        ("packagist_[ou][ru]t_[0-9a-f]{60,}", 10),
    ),
    preset(
        "cloudsmith",
        "Cloudsmith keys",
        "Cloudsmith Docs: API keys",
        "csa_EXAMPLEexample0123456789EXAMPL",
        ("csa_[A-Za-z0-9]{30,}", 4),
    ),
    preset(
        "deno",
        "Deno Deploy tokens",
        "Deno Docs: Deploy access tokens",
        "ddp_le0123456789EXAMPLEexample01234567",
        ("dd[op]_[A-Za-z0-9]{34,}", 4),
    ),
    preset(
        "crates",
        "crates.io tokens",
        "The Cargo Book: cargo login; crates.io token format",
        "cioEXAMPLEexample0123456789EXAMPLEe",
        (r"cio[A-Za-z0-9]{32}\b", 3),
    ),
    preset(
        "nuget",
        "NuGet keys",
        "Microsoft Learn: NuGet scoped API keys",
        "oy2example0123456789example0123456789example01",
        (r"oy2[a-z0-9]{43}\b", 3),
    ),
    preset(
        "dockerhub",
        "Docker Hub tokens",
        "Docker Docs: Personal access tokens; organization access tokens",
        "dckr_pat_le0123456789EXAMPLEexample0",
        ("dckr_[po]at_[A-Za-z0-9_-]{27,}", 9),
    ),
    preset(
        "artifactory",
        "JFrog Artifactory keys and reference tokens",
        "JFrog Help Center: API key; reference tokens",
        "AKCpEXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexamp",
        ("AKCp[A-Za-z0-9]{60,}", 4),
        ("cmVmdGtuOj[A-Za-z0-9]{50,}", 10),
    ),
    preset(
        "npm",
        "npm access tokens",
        "npm Docs: About access tokens; .npmrc",
        "npm_EXAMPLEexample0123456789EXAMPLEexamp",
        ("npm_[A-Za-z0-9]{36,}", 4),
        rf"(?::_authToken ?= ?|_authToken=)[\"']?(?P<secret>{B64TOKEN}{{16,}})",
        r":_(?:auth|password) ?= ?[\"']?(?P<secret>[A-Za-z0-9+/]{6,}=*)",
    ),
)

CI = (
    preset(
        "buildkite",
        "Buildkite tokens",
        "Buildkite Docs: Token security, prefixes",
        "bkua_EXAMPLEexample0123456789EXAMPLEexample01",
        ("bk(?:ua|aa|aj|ar|ct|pt|pat|ps)_[A-Za-z0-9_-]{40,}", 5),
    ),
    preset(
        "octopus",
        "Octopus Deploy keys",
        "Octopus Docs: How to create an API key",
        "API-EXAMPLE0123456789EXAMPLE0",
        (r"API-[A-Z0-9]{25,32}\b", 4),
    ),
    preset(
        "prefect",
        "Prefect keys",
        "Prefect Docs: API keys",
        "pnb_EXAMPLEexample0123456789EXAMPLEexamp",
        (r"pn[ub]_[A-Za-z0-9]{36}\b", 4),
    ),
    preset(
        "infracost",
        "Infracost keys",
        "Infracost Docs: API keys",
        "ico-EXAMPLEexample0123456789EXAMPLEe",
        (r"ico-[A-Za-z0-9]{32}\b", 4),
    ),
    preset(
        "mergify",
        "Mergify keys",
        "Mergify Docs: API authentication",
        "mergify_application_key_EXAMPLEexample0123456789EXAMPLEexample0123456789EX",
        ("mergify_application_key_[A-Za-z0-9_-]{50,}", 24),
    ),
    preset(
        "circleci",
        "CircleCI tokens",
        "CircleCI Docs: Managing API tokens",
        "CCIPAT_EXAMPLEexample01234567_89eae0123456789eae0123456789eae012345678",
        (r"CCI(?:PAT|PRJ)_[A-Za-z0-9]{22}_[0-9a-f]{40}\b", 7),
    ),
    preset(
        "harness",
        "Harness tokens",
        "Harness Developer Hub: Manage API keys",
        "pat.EXAMPLEexample01234567.89eae0123456789eae012345.6789EXAMPLEexample01",
        (r"(?:pat|sat)\.[A-Za-z0-9_-]{22}\.[0-9a-f]{24}\.[A-Za-z0-9]{20}\b", 4),
    ),
    preset(
        "scalingo",
        "Scalingo tokens",
        "Scalingo Documentation: Tokens",
        "tk-us-EXAMPLEexample0123456789EXAMPLEexample0123456789",
        (r"tk-us-[A-Za-z0-9_-]{48}", 6),
    ),
    preset(
        "snyk",
        "Snyk tokens",
        "Snyk Docs: API tokens, personal and service account tokens",
        "snyk_uat.eae01234.56789EXAMPLEexample0",
        (r"snyk_(?:uat|sat)\.[0-9a-f]{8}\.[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]+)*", 9),
    ),
)
