"""Presets: identity, and what has no vendor. Owns their formats, and nothing else."""

from __future__ import annotations

from aigate.masking.presets.preset import B64TOKEN, BEHIND, IS, QUOTE_IN_WORD, UUID, preset

# Between the name of a header and its value, in code, too.
_HEADER = r"[\"']?\s*(?:=>|[=:,])\s*[\"']?"
_PRIVATE_KEY = "[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
# Likewise in one string, perhaps of a URL. Then how a character of base64 may be written, an end of a line, and what
# stands between two strings of a list.
_BLANK = r"(?: |\+|%20)"
_LABEL = rf"{_BLANK}(?:[A-Z0-9 +]|%20){{0,40}}PRIVATE{_BLANK}KEY(?:{_BLANK}BLOCK)?-----"
_ESCAPED = r"%[0-9A-Fa-f]{2}|\\+(?:/|u00[0-9A-Fa-f]{2})"
_GAP = rf"{_ESCAPED}|\\+[nr]|[ \t]|&#[Xx]?[0-9A-Fa-f]{{1,3}};|<[Bb][Rr] ?/?>"
_BODY = "[A-Za-z0-9+/=]"
_JOIN = r"\\*[\"'],?[ \t]*\\*[\"']"
# How PEM begins in base64.
_BEGIN_BASE64 = "LS0tLS1CRUdJTi(?:BSU0EgUFJJVkFUR|BFQyBQUklWQVRF|BQUklWQVRF|BPUEVOU1NI|BFTkNSWVBURU)"

IDENTITY = (
    preset(
        "vault",
        "HashiCorp Vault tokens",
        "Vault Documentation: Tokens, token prefixes",
        "hvs.EXAMPLEexample0123456789",
        (r"hv[sbr]\.[A-Za-z0-9_-]{20,}", 4),
        rf"(?i)(?:(?:vault|root)[_ -]token{BEHIND}|vault\s+login\s+)(?P<secret>[sbr]\.[A-Za-z0-9]{{24}})\b",
        r"(?:Unseal|Recovery) Key [0-9]{1,2}:[ \t]+(?P<secret>[A-Za-z0-9+/]{20,}=*)",
    ),
    preset(
        "age",
        "age secret keys",
        "The age file encryption format, C2SP",
        "AGE-SECRET-KEY-1EXAMPLE0123456789EXAMPLE0123456789EXAMPLE012345678",
        ("AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{50,}", 15),
    ),
    preset(
        "onepassword",
        "1Password service account tokens and secret keys",
        "1Password Developer: Service accounts; About your Secret Key",
        "ops_eyJEXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample0123456789EXAMPLEexample0123456789EXAM",
        ("ops_eyJ[A-Za-z0-9+/_-]{100,}=*", 7),
        (r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})-[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{5}\b", 3),
    ),
    preset(
        "doppler",
        "Doppler tokens",
        "Doppler Docs: Token formats",
        "dp.pt.EXAMPLEexample0123456789EXAMPLEexample01",
        (r"dp\.(?:pt|st|ct|sa|scim|audit|sait)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}\b", 6),
    ),
    preset(
        "okta",
        "Okta API tokens",
        "Okta Developer: Create an API token",
        "SSWS 00EXAMPLEexample0123456789EXAMPLEexample",
        r"SSWS\s+(?P<secret>00[A-Za-z0-9_-]{38,42})",
        rf"(?i)okta[A-Za-z0-9_.-]{{0,20}}{IS}(?P<secret>00[A-Za-z0-9_=-]{{38,42}})",
    ),
    preset(
        "jumpcloud",
        "JumpCloud keys",
        "JumpCloud: API keys",
        "jca_EXAMPLEexample0123456789EXAMPLEexamp",
        (r"jca_[A-Za-z0-9]{36}\b", 4),
    ),
    preset(
        "openshift",
        "OpenShift tokens",
        "Red Hat Documentation: OpenShift OAuth tokens",
        "sha256~EXAMPLEexample0123456789EXAMPLEexample01234",
        ("sha256~[A-Za-z0-9_-]{43}", 7),
    ),
    preset(
        "kubernetes",
        "private keys in base64, as in kubeconfig files and secrets, over many lines, too",
        "Kubernetes Documentation: Organizing cluster access, kubeconfig",
        "LS0tLS1CRUdJTiBSU0EgUFJJVkFUREXAMPLEexample0123456789EXAMPLEexample01",
        (f"{_BEGIN_BASE64}[A-Za-z0-9+/]{{40,}}=*", 14),
        armored=f"{_BEGIN_BASE64}[A-Za-z0-9+/]*",
    ),
    preset(
        "rancher",
        "Rancher tokens",
        "Rancher Docs: API keys",
        "token-examp:le0123456789example0123456789example0123456789example0",
        (r"token-[a-z0-9]{5}:[a-z0-9]{54}\b", 12),
    ),
    preset(
        "password_hash",
        "password hashes of bcrypt, crypt(5), LDAP and Argon2",
        "crypt(5); the PHC string format; RFC 2307, section 5.3; passlib's documentation",
        "$2x$01$23456789EXAMPLEexample0123456789EXAMPLEexample0123456",
        r"\$2[abxy]\$[0-9]{2}\$(?P<secret>[./A-Za-z0-9]{53})",
        r"\$(?:5|6|y|gy|7)\$(?:rounds=[0-9]+\$)?(?:[./A-Za-z0-9]{1,40}\$){1,2}(?P<secret>[./A-Za-z0-9]{43,86})",
        r"\$(?:1|apr1)\$[./A-Za-z0-9]{1,8}\$(?P<secret>[./A-Za-z0-9]{22})\b",
        r"\$argon2(?:id|i|d)\$v=[0-9]+\$[a-z0-9=,]+\$[A-Za-z0-9+/]+\$(?P<secret>[A-Za-z0-9+/]{20,})",
        r"\$(?:scrypt|pbkdf2(?:-[a-z0-9]{1,8})?)\$[A-Za-z0-9=,]{1,40}\$[A-Za-z0-9+/.]{4,}\$(?P<secret>[A-Za-z0-9+/.]{20,})",
        r"\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2[A-Z0-9-]{0,8}|ARGON2)\}(?P<secret>[A-Za-z0-9+/=$.,_-]{24,})",
    ),
    preset(
        "notify",
        "keys of GOV.UK Notify and its kin",
        "GOV.UK Notify Docs: API keys; GC Notify",
        "gcntfy-example-0123abcd-4567-89ef-0123-456789abcdef-0123abcd-4567-89ef-0123-456789abcdef",
        ("gcntfy-[A-Za-z0-9_-]{1,60}(?:-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}){2}", 7),
    ),
    preset(
        "onfido",
        "Onfido tokens",
        "Onfido Documentation: API tokens",
        "api_live_us.eX4mPl3eX4mPl3eX4mPl3eX4mPl3",
        (r"api_(?:live|sandbox)(?:_(?:ca|us|eu))?\.(?P<secret>[A-Za-z0-9_-]{20,})", 0, "random"),
    ),
    preset(
        "persona",
        "Persona keys",
        "Persona Docs: API keys",
        "persona_production_0123abcd-4567-89ef",
        ("persona_(?:production|sandbox)_[A-Za-z0-9_-]{16,}", 19, "random"),
    ),
    preset(
        "proof",
        "Proof keys",
        "Proof Developers: API keys",
        "prf_cli_eX4mPl3eX4mPl3eX4mPl3eX4mPl3",
        ("prf_(?:cli_)?[A-Za-z0-9_-]{20,}", 4, "random"),
    ),
    preset(
        "ntlm",
        "NTLM authentications",
        "MS-NLMP, section 2.2.1",
        "TlRMTVNTUAADAAAAGAAYAEXAMPLEexample0123456789EXAMPLEexample01",
        ("TlRMTVNTUAAD[A-Za-z0-9+/]{40,}=*", 12),
    ),
    preset(
        "mapbox",
        "Mapbox secret and temporary tokens",
        "Mapbox Docs: Access tokens",
        "sk.eyJ1IjoiEXAMPLEexample0123456789EXAMPLEexample0123.EXAMPLEexample01234567",
        (r"[st]k\.eyJ1[A-Za-z0-9_-]{40,}\.[A-Za-z0-9_-]{22}", 3),
    ),
    preset(
        "ory",
        "Ory keys and tokens",
        "Ory Docs: API keys; OAuth 2.0 tokens",
        "ory_pat_EXAMPLEexample0123456789EXAMPLEe",
        ("ory_(?:pat|wak|apikey|st|at|rt|ac)_[A-Za-z0-9_.-]{30,}", 4),
    ),
    preset(
        "kong",
        "Kong Konnect tokens",
        "Kong Konnect Docs: personal and system account access tokens",
        "kpat_EXAMPLEexample0123456789EXAMPLEexample0123456789E",
        ("[ks]pat_[A-Za-z0-9]{40,}", 5),
    ),
    preset(
        "infisical",
        "Infisical service tokens",
        "Infisical Docs: service tokens",
        "st.0123456789abcdef01234567.0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef",
        (rf"st\.(?:[0-9a-f]{{24}}|{UUID})\.[0-9a-f]{{32}}\.[0-9a-f]{{32}}\b", 3),
    ),
    preset(
        "bitwarden",
        "Bitwarden Secrets Manager access tokens",
        "Bitwarden Help: access tokens",
        "0.0123abcd-4567-89ef-0123-456789abcdef.EXAMPLEexample0123456789EXAMPL:EXAMPLEexample01234567==",
        (rf"0\.{UUID}\.[A-Za-z0-9]{{30}}:[A-Za-z0-9+/]{{22}}==", 2),
    ),
)

GENERIC = (
    preset(
        "bearer",
        "bearer tokens and basic credentials in HTTP headers",
        "RFC 6750, section 2.1; RFC 7617",
        "Authorization: Bearer EXAMPLEexample0123456789",
        (rf"(?i)bearer\s+(?:{B64TOKEN}{{20,}}|[A-Za-z._~+/=-]{{0,19}}[0-9]{B64TOKEN}{{6,}})", 7),
        rf"(?i)authorization{_HEADER}bearer\s+(?P<secret>[A-Za-z0-9._~+/-]+=*)",
        rf"(?i)bearer%20(?P<secret>{B64TOKEN}{{20,}})",
        r"(?i)\bdigest[ \t][^\r\n]{0,400}?\bresponse=[\"']?(?P<secret>[0-9a-f]{32,128})",
        rf"(?i)authorization{_HEADER}basic\s+(?P<secret>[A-Za-z0-9+/]{{8,}}=*)",
        (rf"(?i)authorization{_HEADER}(?:token|api-?key)\s+(?:token=)?(?P<secret>[\"']?{B64TOKEN}{{8,}})", "literal"),
        (rf"(?i)authorization{_HEADER}(?:[a-z][a-z0-9-]{{1,20}}\s+)?(?P<secret>[A-Za-z0-9._~+-]{{24,}})", "random"),
    ),
    preset(
        "docker_auth",
        "credentials in Docker's config.json",
        "Docker Docs: docker login, credential stores",
        '"auth": "RVhBTVBMRTpleGFtcGxlMDEyMw=="',
        r'"auth"\s*:\s*"(?P<secret>[A-Za-z0-9+/]{16,}=*)"',
        r"\.docker(?:configjson|cfg)[\"']?\s*:\s*[\"']?(?P<secret>[A-Za-z0-9+/]{20,}=*)",
        r'"identitytoken"\s*:\s*"(?P<secret>[^"\s]{16,})"',
    ),
    preset(
        "jwt",
        "JSON web tokens, signed and encrypted",
        "RFC 7519; RFC 7515, section 3.1; RFC 7516, section 3.1",
        "eyJFWEFNUExFIjoxfQ.eyJleGFtcGxlIjoxfQ.EXAMPLEexample0123456789",
        (r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*", 3),
        (r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{22,}", 3),
    ),
    preset(
        "private_key",
        "PEM, OpenPGP and PuTTY private keys, over many lines or in one string",
        "RFC 7468, section 2; RFC 4880, section 6.2; PuTTY: PPK file format",
        "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wEXAMPLEexample0123456789"
        "\n-----END PRIVATE KEY-----",
        # In one string: lines are ends of lines as JSON, shells, URLs and HTML write them, or strings of a list.
        rf"-----BEGIN{_LABEL}(?P<secret>(?:{_GAP})*(?:[A-Za-z-]+: [^\\\"'-]*(?:{_GAP})+)*"
        rf"(?:[A-Za-z0-9+/=]|{_ESCAPED}){{16}}(?:[A-Za-z0-9+/=]|{_GAP})*)",
        rf"-----BEGIN{_LABEL}{_JOIN}(?P<secret>{_BODY}{{40,80}}(?:{_JOIN}{_BODY}{{4,80}})*)",
        "(?:2[Dd]){5}424547494[Ee]20(?:[0-9A-Fa-f]{2}){0,40}50524956415445204[Bb]4559(?:2[Dd]){5}(?P<secret>[0-9A-Fa-f]{32,})",
        # Without BEGIN and END: how PKCS #8 and PKCS #1 begin for RSA and for curves, in base64.
        ("MI[IG][A-Za-z0-9+/]{3,5}(?:IBADANBgkqhkiG9w0B|AgEAMBMGByqGSM49|IBAAKC)[A-Za-z0-9+/]{40,}=*", 3),
        ("MHcCAQEEI[A-Za-z0-9+/]{60,}=*", 3),
        armored=(f"-----BEGIN {_PRIVATE_KEY}", "Private-Lines: [0-9]{1,3}"),
    ),
    preset(
        "jwk",
        "private and symmetric JSON web keys",
        "RFC 7517; RFC 7518, section 6",
        '"d": "eX4mPl3eX4mPl3eX4mPl3eX4mPl3eX4mPl3eX4mPl3e"',
        (r"\"(?:[dpqk]|d[pq]|qi)\\{0,3}\"\s*:\s*\\{0,3}\"(?P<secret>[A-Za-z0-9_-]{43,})", "random"),
    ),
    preset(
        "basic_auth",
        "passwords in URLs",
        "RFC 3986, section 3.2.1",
        "https://user:EXAMPLE@example.org/",
        (rf"://[^/\s:@\"'<>]*:(?P<secret>[^/\s\"'<>]+(?:{QUOTE_IN_WORD}[^/\s\"'<>]*)*)@", "placeholder"),
        r"://(?P<secret>[A-Za-z0-9]{32,})@",
    ),
)
