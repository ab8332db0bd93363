"""The built-in masking rules. Owns patterns and examples; the formats come from the vendors' own documentation.

Each preset names the page that its format was taken from. The presets do not hide one another's prefixes: where one
format begins like another (`sk-ant-` and `sk-`), the shorter one leaves the longer one out. Examples are made up;
none of them ever was a secret.
"""

from __future__ import annotations

from aigate.masking.rules import BUILT_IN, Rule
from aigate.record import record


@record
class Preset:
    """One built-in kind of secret.

    about: one line for listings. source: where the vendor describes the format. example: text that contains one, made
    up. rules: what finds it.
    """

    about: str
    source: str
    example: str
    rules: tuple[Rule, ...]


def _preset(name: str, about: str, source: str, example: str, *rules: tuple[str, int]) -> tuple[str, Preset]:
    """Build one entry. rules: pattern and how many bytes of a match, or of its group `secret`, stay readable."""
    made = tuple(Rule(name, regex, show, source=BUILT_IN) for regex, show in rules)
    return name, Preset(about, source, example, made)


# What follows `sk-` in a key that is not Anthropic's (`sk-ant-`), from its first differing character on.
_KEY = "[A-Za-z0-9_-]"
_NOT_ANT = (
    f"(?:[B-Zb-zA0-9_-]{_KEY}{{19,}}|a[A-Za-mo-z0-9_-]{_KEY}{{18,}}"
    f"|an[A-Za-su-z0-9_-]{_KEY}{{17,}}|ant[A-Za-z0-9_]{_KEY}{{16,}})"
)
# b64token of RFC 6750. Prose says "bearer authentication", so a short token needs a digit.
_TOKEN = "[A-Za-z0-9._~+/=-]"  # noqa: S105 - a character class
_IS = r"[\"']?\s*[=:]\s*[\"']?"  # between a name and its value in shell, YAML, TOML and JSON
# Likewise, and in the prompts of `aws configure`, in XML and in tables; and with blanks alone. Written so that the next
# byte always decides: RE2 finds the group several times as fast then.
_BESIDE = r"[\"']?\s*(?:[=:]\s*[\"']?|\[[^\]\n]{0,24}\]:\s*|[>|]\s*)"
_BEHIND = r"[\"']?(?:\s+(?:[=:]\s*)?|[=:]\s*)[\"']?"
_PRIVATE_KEY = "[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
# A Discord token begins with the bot's id, a decimal number, in base64: three digits make four characters, and the
# first digit is not 0.
_USER_ID = "(?:M[Tjz]|N[DTjz]|O[DT])[AEIMQUYcgk][w-z0-5]"
_DATABASES = "postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver|clickhouse"

PRESETS: dict[str, Preset] = dict(
    [
        _preset(
            "openai",
            "OpenAI API keys",
            "OpenAI, API reference: Authentication",
            "sk-proj-EXAMPLEexample0123456789EXAMPLE",
            (rf"sk-(?:(?:proj|svcacct|admin|None)-{_KEY}{{20,}}|[A-Za-z0-9]{{32}}{_KEY}*)|\bsk-{_NOT_ANT}", 3),
        ),
        _preset(
            "anthropic",
            "Anthropic API keys",
            "Anthropic, API overview: Authentication",
            "sk-ant-api03-EXAMPLEexample0123456789EXAMPLE",
            (rf"sk-ant-{_KEY}{{10,}}", 7),
        ),
        _preset(
            "aws_key",
            "AWS access key ids",
            "AWS IAM User Guide: IAM identifiers, unique ID prefixes",
            "AKIAIOSFODNN7EXAMPLE",
            ("(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}", 4),
        ),
        _preset(
            "aws_secret",
            "AWS secret access keys, session tokens and Bedrock keys, by the name or the key id in front of them",
            "AWS IAM User Guide: Manage access keys; AWS CLI, configure; Amazon Bedrock User Guide: API keys",
            "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            (rf"(?i)secret[_ ]?access[_ ]?key{_BESIDE}(?P<secret>[A-Za-z0-9/+]{{40}})", 0),
            (r"A(?:KI|SI)A[A-Z0-9]{16}[,;:\s\"']+(?P<secret>[A-Za-z0-9/+]{40})(?:[^A-Za-z0-9/+=]|$)", 0),
            (rf"(?i)session_?token{_BESIDE}(?P<secret>[A-Za-z0-9/+=]{{100,}})", 0),
            (rf"(?i)aws_bearer_token_[a-z]+(?:[\"']?\])?{_BEHIND}(?P<secret>[A-Za-z0-9+/=_-]{{20,}})", 0),
        ),
        _preset(
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
        _preset(
            "bearer",
            "bearer tokens in HTTP headers",
            "RFC 6750, section 2.1",
            "Authorization: Bearer EXAMPLEexample0123456789",
            (rf"(?i)bearer\s+(?:{_TOKEN}{{20,}}|[A-Za-z._~+/=-]{{0,19}}[0-9]{_TOKEN}{{6,}})", 7),
            (rf"(?i)authorization{_IS}bearer\s+(?P<secret>[^\s\"',;]+)", 0),
        ),
        _preset(
            "slack",
            "Slack tokens and webhooks",
            "Slack, Token types; Sending messages using incoming webhooks",
            "xoxb-0123456789-EXAMPLEexample",
            (r"xox[abceoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,}", 5),
            ("xapp-[0-9]-[A-Za-z0-9-]{10,}", 5),
            ("xwfp-[A-Za-z0-9-]{10,}", 5),
            ("hooks[.]slack(?:-gov)?[.]com/(?:services|workflows|triggers)/(?P<secret>[A-Za-z0-9/_-]{20,})", 0),
        ),
        _preset(
            "stripe",
            "Stripe secret, restricted and organization keys, webhook secrets",
            "Stripe, API keys; Organization API keys; Check the webhook signatures",
            "sk_test_EXAMPLEexample0123456789",
            ("[sr]k_(?:live|test)_[A-Za-z0-9]{10,}", 8),
            ("sk_org_(?:(?:live|test)_)?[A-Za-z0-9]{10,}", 7),
            ("whsec_[A-Za-z0-9+/]{24,}=*", 6),
        ),
        _preset(
            "gitlab",
            "GitLab tokens",
            "GitLab Docs: GitLab token overview, token prefixes",
            "glpat-EXAMPLEexample012345",
            ("gl(?:pat|oas|ptt|cbt|imt)-[A-Za-z0-9_.-]{19,}[A-Za-z0-9_-]", 6),
            ("gl(?:dt|rt|ft|wt)-[A-Za-z0-9_.-]{19,}[A-Za-z0-9_-]", 5),
            ("gl(?:rtr|soat|agent|ffct)-[A-Za-z0-9_.-]{19,}[A-Za-z0-9_-]", 6),
            ("_gitlab_session=(?P<secret>[A-Za-z0-9%_-]{20,})", 0),
        ),
        _preset(
            "npm",
            "npm access tokens",
            "npm Docs: About access tokens; .npmrc",
            "npm_EXAMPLEexample0123456789EXAMPLEexamp",
            ("npm_[A-Za-z0-9]{36,}", 4),
            (rf"_authToken ?= ?[\"']?(?P<secret>{_TOKEN}{{16,}})", 0),
            (r":_(?:auth|password) ?= ?[\"']?(?P<secret>[A-Za-z0-9+/]{6,}=*)", 0),
        ),
        _preset(
            "pypi",
            "PyPI API tokens",
            "PyPI help: How can I use API tokens to authenticate? (macaroons, as pypitoken describes them)",
            "pypi-AgEIcHlwaS5vcmcEXAMPLEexample0123456789EXAMPLEexample0123456789",
            ("pypi-AgE[A-Za-z0-9_-]{40,}", 5),
        ),
        _preset(
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
        _preset(
            "gcp_service_account",
            "private keys in Google service account files",
            "Google Cloud: Create and delete service account keys",
            r'"private_key": "-----BEGIN PRIVATE KEY-----\nEXAMPLE\n-----END PRIVATE KEY-----\n"',
            (r'"private_key"\s*:\s*"(?P<secret>[^"]{8,})', 0),
            (r'"private_key_id"\s*:\s*"(?P<secret>[0-9a-f]{16,})', 0),
        ),
        _preset(
            "azure",
            "Azure storage, service bus and client secrets",
            "Microsoft Learn: Configure Azure Storage connection strings; Service Bus SAS; Entra client secrets",
            "AccountKey=EXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample01==",
            ("AccountKey=[A-Za-z0-9+/]{80,}=*", 11),
            ("SharedAccessKey=[A-Za-z0-9+/]{40,}=*", 16),
            ("(?:[?&6]|SharedAccessSignature )sig=(?P<secret>[A-Za-z0-9%+/]{40,}=*)", 0),  # & is \u0026 in JSON
            (r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{30,}", 0),
        ),
        _preset(
            "jwt",
            "JSON web tokens, signed and encrypted",
            "RFC 7519; RFC 7515, section 3.1; RFC 7516, section 3.1",
            "eyJFWEFNUExFIjoxfQ.eyJleGFtcGxlIjoxfQ.EXAMPLEexample0123456789",
            (r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*", 3),
            (r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22,}", 3),
        ),
        _preset(
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
        _preset(
            "sendgrid",
            "SendGrid API keys",
            "Twilio SendGrid Docs: API keys",
            "SG.EXAMPLEexample01234567.EXAMPLEexample0123456789EXAMPLEexample0123",
            (r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}", 3),
        ),
        _preset(
            "twilio",
            "Twilio API keys and auth tokens",
            "Twilio Docs: API keys overview; Auth tokens and how to change them",
            "SK0123456789abcdef0123456789abcdef",
            (r"\bSK[0-9a-fA-F]{32}\b", 2),
            (rf"(?i)twilio[a-z_]{{0,20}}(?:token|secret){_IS}(?P<secret>[0-9a-z]{{32}})", 0),
        ),
        _preset(
            "digitalocean",
            "DigitalOcean tokens",
            "DigitalOcean Docs: How to create a personal access token",
            "dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            ("do[opr]_v1_[0-9a-f]{64}", 7),
        ),
        _preset(
            "databricks",
            "Databricks personal access tokens",
            "Databricks Docs: Authenticate with personal access tokens",
            "dapi0123456789abcdef0123456789abcdef",
            (r"dapi[0-9a-f]{32}(?:-[0-9]+)?", 4),
        ),
        _preset(
            "telegram",
            "Telegram bot tokens",
            "Telegram Bot API: Authorizing your bot",
            "123456789:AAEXAMPLEexample0123456789EXAMPLEexa",
            (r"(?:bot|\b)(?P<secret>[0-9]{6,16}:AA[A-Za-z0-9_-]{32,})", 0),
            ("/bot(?P<secret>[0-9]{6,16}:[A-Za-z0-9_-]{30,})", 0),
        ),
        _preset(
            "discord",
            "Discord bot tokens and webhooks",
            "Discord Developer Docs: Reference, authentication; Webhook resource",
            "MTExMTExMTExMTExMTExMTEx.EXAMPL.EXAMPLEexample0123456789abc",
            (rf"\b{_USER_ID}[A-Za-z0-9_-]{{20,24}}\.[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,}}", 0),
            ("discord(?:app)?[.]com/api/webhooks/[0-9]+/(?P<secret>[A-Za-z0-9_-]{20,})", 0),
            # With a version in the path. Looking for `/api/v` would slow every log of a web server down.
            ("webhooks/[0-9]{15,}/(?P<secret>[A-Za-z0-9_-]{60,})", 0),
        ),
        _preset(
            "shopify",
            "Shopify access tokens",
            "Shopify.dev: Access tokens for custom apps, token prefixes",
            "shpat_0123456789abcdef0123456789abcdef",
            ("shp(?:at|ca|pa|ss|ua|tka)_[0-9a-fA-F]{32}", 6),
        ),
        _preset(
            "vault",
            "HashiCorp Vault tokens",
            "Vault Documentation: Tokens, token prefixes",
            "hvs.EXAMPLEexample0123456789",
            (r"hv[sbr]\.[A-Za-z0-9_-]{20,}", 4),
            (rf"(?i)(?:token{_BEHIND}|vault\s+login\s+)(?P<secret>[sbr]\.[A-Za-z0-9]{{24}})\b", 0),
        ),
        _preset(
            "age",
            "age secret keys",
            "The age file encryption format, C2SP",
            "AGE-SECRET-KEY-1EXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLE0123456789",
            ("AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}", 15),
        ),
        (
            "private_key",
            Preset(
                "PEM and OpenPGP private keys, over many lines",
                "RFC 7468, section 2; RFC 4880, section 6.2",
                "-----BEGIN PRIVATE KEY-----\nEXAMPLE\n-----END PRIVATE KEY-----",
                (
                    Rule(
                        "private_key",
                        f"-----BEGIN {_PRIVATE_KEY}",
                        source=BUILT_IN,
                        until=f"-----END {_PRIVATE_KEY}",
                    ),
                ),
            ),
        ),
        _preset(
            "basic_auth",
            "passwords in URLs",
            "RFC 3986, section 3.2.1",
            "https://user:EXAMPLE@example.org/",
            (r"://[^/\s:@\"'<>]*:(?P<secret>[^/\s@\"'<>]+)@", 0),
        ),
        _preset(
            "database_url",
            "passwords in database and broker URLs, slashes in them included",
            "PostgreSQL documentation: Connection URIs; MongoDB Docs: Connection strings; AMQP URI specification",
            "postgresql://user:EXAMPLE@db.example.org/name",
            (
                rf"(?:{_DATABASES})(?:\+[a-z0-9]+)?://[^/\s:@\"'<>]*:(?P<secret>[^\s@\"'<>]+)@",
                0,
            ),
            (rf"(?:{_DATABASES})(?:\+[a-z0-9]+)?://[^\s\"'<>]*[?&]password=(?P<secret>[^&\s\"'<>]+)", 0),
        ),
    ]
)
