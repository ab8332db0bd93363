"""The preset key_value: names that say secret, and literal values beside them. Owns the names and ways of writing.

What is a literal value, and not code, native/masker/literal.cpp says.
"""

from __future__ import annotations

from aigate.masking.presets.preset import preset

_NAME = (
    r"(?i:(?:password|passwd|passphrase|pwd|secret|token|credential|(?:api|private|access|secret|deploy|sign(?:ing)?"
    r"|encrypt(?:ion)?|master|account|storage|session|jwt)[_-]?key)"
    r"(?:s|[0-9]{1,2}|[_-](?:key(?:[_-]base)?|live|prod(?:uction)?|dev|test|staging|value|[0-9]{1,2}))?)"
)
# Names that say less: what they stand beside must be random.
_KEY = r"(?:[_-](?:key|KEY)|[a-z]Key|\b(?:[Aa]uth|AUTH))"
_IS = r"(?:\\*[\"'])?\]?[ \t]*(?::=|=>|[=:])[ \t]*"
_VALUE = (
    r"(?:\\+[\"'][^\"'\\]*|\"(?:[^\"\\]|\\.)*|'[^']*(?:'\\''[^']*)*"
    r"|[^\s\"'\\0-9]\S*|[0-9]+[^\s\"'\\0-9.,;:)}\]]\S*)"
)
_SECRET = f"(?P<secret>{_VALUE})"
_ARGUMENTS = r"\s[^|;&]{0,120}?"

KEY_VALUE = preset(
    "key_value",
    "literal values beside names that say secret, in config files, code, commands and diffs",
    "shells, YAML, TOML, JSON, INI, XML, HTTP, SQL; netrc(5); the PostgreSQL and MySQL manuals; curl(1), sshpass(1)",
    "DB_PASSWORD=EXAMPLEexample0123456789",
    (rf"{_NAME}(?:{_IS}|>){_SECRET}", "literal"),
    (rf"{_NAME}{_IS}\"[^\"]*\"[ \t]?->\s*{_SECRET}", "literal"),
    (rf"{_NAME}(?:\\*[\"'])[^<>{{}}]{{0,40}}?value(?:\\*[\"'])?\s*[=:]\s*(?P<secret>\\*[\"'][^\"'\\]*)", "literal"),
    (rf"{_KEY}{_IS}{_SECRET}", "random"),
    (rf"--(?:[A-Za-z0-9_][A-Za-z0-9_-]{{0,23}}?)?{_NAME}[ \t]+{_SECRET}", "literal"),
    (rf"define\([ \t]*[\"'][A-Za-z0-9_.]*?{_NAME}[\"'][ \t]*,[ \t]*{_SECRET}", "literal"),
    (rf"(?:ENV|ARG|setx|setenv)[ \t]+[A-Za-z0-9_]*?{_NAME}[ \t]+{_SECRET}", "literal"),
    (rf"sshpass[ \t]+-p[ \t]*{_SECRET}", "placeholder"),
    (rf"mysql[a-z]*{_ARGUMENTS}-p(?P<secret>[^\s-]\S+)", "literal"),
    (rf"curl{_ARGUMENTS}(?:-u|--user)[ =]?[\"']?[^\s:\"'$]+:(?P<secret>[^\s\"']+)", "placeholder"),
    (rf"redis-cli{_ARGUMENTS}-a[ \t]+{_SECRET}", "placeholder"),
    (rf"docker[ \t]+login{_ARGUMENTS}-p[ \t]+{_SECRET}", "placeholder"),
    (r"\blogin[ \t]+\S+[ \t]+password[ \t]+(?P<secret>\S+)", "placeholder"),
    (r"(?i)(?:identified[ \t]+by|password)[ \t]+(?P<secret>'[^']+)", "literal"),
    (r"-pass(?:in|out)?[ \t]+pass:(?P<secret>\S+)", "placeholder"),
    (r":(?:5432|5433|6432|6543|\*):[A-Za-z0-9_*.-]+:[A-Za-z0-9_.@-]+:(?P<secret>[^\s:]+)$", "literal"),
)
