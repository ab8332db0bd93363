"""Presets: clouds and what runs in them. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import BEHIND, BESIDE, preset

CLOUDS = (
    preset(
        "aws_key",
        "AWS access key ids",
        "AWS IAM User Guide: IAM identifiers, unique ID prefixes",
        "AKIAIOSFODNN7EXAMPLE",
        ("(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}", 4),
    ),
    preset(
        "aws_secret",
        "AWS secret access keys, session tokens and Bedrock keys, by the name or the key id in front of them",
        "AWS IAM User Guide: Manage access keys; AWS CLI, configure; Amazon Bedrock User Guide: API keys",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        (rf"(?i)secret[_ ]?access[_ ]?key{BESIDE}(?P<secret>[A-Za-z0-9/+]{{40}})", 0),
        (r"A(?:KI|SI)A[A-Z0-9]{16}[,;:\s\"']+(?P<secret>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)", 0),
        (rf"(?i)session_?token{BESIDE}(?P<secret>[A-Za-z0-9/+=]{{100,}})", 0),
        (rf"(?i)aws_bearer_token_[a-z]+(?:[\"']?\])?{BEHIND}(?P<secret>[A-Za-z0-9+/=_-]{{20,}})", 0),
    ),
    preset(
        "google_api",
        "Google API and Gemini keys, OAuth client secrets, access and refresh tokens",
        "Google Cloud: Manage API keys; Gemini API: API keys; Using OAuth 2.0 to access Google APIs",
        "AIzaEXAMPLEexample0123456789EXAMPLEexam",
        ("AIza[A-Za-z0-9_-]{35}", 4),
        ("GOCSPX-[A-Za-z0-9_-]{20,}", 7),
        (r"\bAQ\.[A-Za-z0-9_-]{40,}", 3),
        (r"ya29\.(?:[A-Za-z0-9_-]{1,3}\.)?[A-Za-z0-9_-]{20,}(?:\.[A-Za-z0-9_-]+)*", 5),
        (r"\b1//[A-Za-z0-9_-]{40,}", 3),
    ),
    preset(
        "gcp_service_account",
        "private keys in Google service account files",
        "Google Cloud: Create and delete service account keys",
        r'"private_key": "-----BEGIN PRIVATE KEY-----\nEXAMPLE\n-----END PRIVATE KEY-----\n"',
        (r'"private_key"\s*:\s*"(?P<secret>[^"]{8,})', 0),
        (r'"private_key_id"\s*:\s*"(?P<secret>[0-9a-f]{16,})', 0),
    ),
    preset(
        "azure",
        "Azure storage, service bus and client secrets",
        "Microsoft Learn: Configure Azure Storage connection strings; Service Bus SAS; Entra client secrets",
        "AccountKey=EXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample01==",
        ("AccountKey=[A-Za-z0-9+/]{80,}=*", 11),
        ("SharedAccessKey=[A-Za-z0-9+/]{40,}=*", 16),
        ("(?:[?&6]|SharedAccessSignature )sig=(?P<secret>[A-Za-z0-9%+/]{40,}=*)", 0),  # & is \u0026 in JSON
        (r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{30,}", 0),
    ),
    preset(
        "digitalocean",
        "DigitalOcean tokens",
        "DigitalOcean Docs: How to create a personal access token",
        "dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ("do[opr]_v1_[0-9a-f]{64}", 7),
    ),
)
