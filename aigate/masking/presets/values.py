"""The preset key_value: names that say secret, and literal values beside them. Owns the names and ways of writing.

What is a literal value, and not code, native/masker/literal.cpp says.
"""

from __future__ import annotations

from aigate.masking.presets.preset import preset

_NAME = (
    r"(?i:(?:password|passwd|passphrase|pwd|secret|token|credential|(?:api|private|access|secret|deploy|sign(?:ing)?"
    r"|encrypt(?:ion)?|master|account|storage|session|jwt)[_-]?key)"
    r"(?:s|[0-9]{1,2}|[_-]?(?:string|value)|[_-](?:key(?:[_-]base)?|live|prod(?:uction)?|dev|test|staging|[0-9]{1,2}))?)"
)
# Names that say less: what they stand beside must be random.
_KEY = r"(?:[_-](?:key|KEY)|[a-z]Key|\b(?:[Aa]uth|AUTH))"
# Beside `=` and `:`, what make (`?=`, `::=`), PHP (`.=`) and shells (`+=`) assign with.
_IS = r"(?:\\*[\"'])?(?:\[?\])?[ \t]*(?:=>|:{0,3}=|[?.+|]{1,2}=|:)[ \t]*"
_ENTITY = "&(?:quot|apos|#3[49]);"
_VALUE = (
    r"(?:\\+[\"'][^\"'\\]*|\"(?:[^\"\\]|\\.)*|'[^']*(?:'\\''[^']*)*"
    r"|`[^`\s]*|[^\s\"'`\\0-9]\S*|[0-9]+(?:[^\s\"'\\0-9.,;:)}\]]|:[A-Za-z0-9_-]{20})\S*)"
)
_SECRET = f"(?P<secret>{_VALUE})"
_ARGUMENTS = r"\s[^|;&]{0,120}?"
_OPTIONS = r"\s(?:[^|;&]{0,120}?\s)?"  # what follows is a word of its own
_CURL = rf"curl{_OPTIONS}(?:-[A-Za-z]{{0,6}}[uU]|--(?:proxy-)?user)"
_WORD = r"[\"']?[^\s|\"'$-][^\s|\"'$]*"
_TYPE = r"(?:std::)?(?:&(?:'static )?)?(?:[Ss]tring|str)(?: ?\| ?[A-Za-z]+)?"
# The value of a field that is quoted, and so may a name be.
_FIELD = r"\\*[\"'][^\"'\\]*"
_MARK = r"\\*[\"']"

KEY_VALUE = preset(
    "key_value",
    "literal values beside names that say secret, in config files, code, commands and diffs",
    "shells, YAML, TOML, JSON, INI, XML, HTTP, SQL; netrc(5); the PostgreSQL and MySQL manuals; curl(1), sshpass(1)",
    "DB_PASSWORD=EXAMPLEexample0123456789",
    (rf"{_NAME}(?:{_IS}|>){_SECRET}", "literal"),
    (rf"{_NAME}{_IS}\"[^\"]*\"[ \t]?->\s*{_SECRET}", "literal"),
    (rf"{_NAME}(?:{_ENTITY}[ \t]*[=:][ \t]*{_ENTITY}|%3[DAda])(?P<secret>[^\s\"'&%]+)", "literal"),
    (rf"{_NAME}(?:\??:[ \t]*|[ \t]+){_TYPE}[ \t]*=[ \t]*(?P<secret>{_FIELD})", "literal"),
    (rf"{_NAME}{_MARK}[ \t]*,[ \t]*{_MARK}(?P<secret>[^\s\"'\\.:]{{12,}}){_MARK}", "random"),
    (rf"{_NAME}{_IS}@(?P<secret>{_FIELD})", "literal"),
    (rf"{_NAME}[ \t]+(?P<secret>{_FIELD}){_MARK};", "random"),
    (rf"{_NAME}[ \t]+(?:is|was):?[ \t]+(?P<secret>{_FIELD}){_MARK}", "literal"),
    (r"NetworkCredential\([ \t]*\"[^\"]*\"[ \t]*,[ \t]*(?P<secret>\"[^\"]+)", "placeholder"),
    (r"DirectoryEntry\([ \t]*(?:\"[^\"]*\"[ \t]*,[ \t]*){2}(?P<secret>\"[^\"]+)", "placeholder"),
    (rf"[Vv]alue{_MARK}[ \t]*[=:][ \t]*(?P<secret>{_FIELD}){_MARK}[^<>{{}}]{{0,40}}?{_NAME}{_MARK}", "literal"),
    (rf"{_NAME}{_MARK}[^<>{{}}]{{0,40}}?[Vv]alue(?:{_MARK})?\s*[=:]\s*(?P<secret>{_FIELD})", "literal"),
    (rf"{_NAME}[ \t]+[Vv]alue=(?P<secret>{_FIELD})", "literal"),
    (rf"{_KEY}{_IS}{_SECRET}", "random"),
    (rf"--(?:[A-Za-z0-9_][A-Za-z0-9_-]{{0,23}}?)?{_NAME}[ \t]+{_SECRET}", "literal"),
    (rf"define\([ \t]*[\"'][A-Za-z0-9_.]*?{_NAME}[\"'][ \t]*,[ \t]*{_SECRET}", "literal"),
    (rf"define\([ \t]*[\"'][A-Za-z0-9_.]*?[Aa]uth[\"'][ \t]*,[ \t]*{_SECRET}", "random"),
    (rf"\b[Aa]uth{_MARK}[^<>{{}}]{{0,40}}?[Vv]alue(?:{_MARK})?\s*[=:]\s*(?P<secret>{_FIELD})", "random"),
    (rf"(?:ENV|ARG|setx|setenv)[ \t]+[A-Za-z0-9_.]*?{_NAME}[ \t]+{_SECRET}", "literal"),
    (rf"sshpass[ \t]+-p[ \t]*{_SECRET}", "placeholder"),
    (rf"mysql[a-z]*{_ARGUMENTS}-p(?P<secret>[^\s-]\S+)", "literal"),
    (
        rf"(?:{_CURL}|https?{_OPTIONS}(?:-a|--auth))[ =]{{0,3}}[\"']?[^\s:\"'$]*[\"']?:[\"']?(?P<secret>[^\s\"']+)",
        "placeholder",
    ),
    (rf"--oauth2-bearer[ \t=]+{_SECRET}", "placeholder"),
    (rf"redis-cli{_OPTIONS}(?:-a|--pass)[ \t]+{_SECRET}", "placeholder"),
    (rf"docker[ \t]+login{_ARGUMENTS}-p[ \t]+{_SECRET}", "placeholder"),
    (r"-u[ \t]*[^\s-]\S*[ \t]+-p[ \t]*(?P<secret>[\"']?[^\s0-9\"'-][^\s\"']*)", "literal"),
    (rf"ldap[a-z]{{3,6}}{_ARGUMENTS}-w[ \t]+{_SECRET}", "placeholder"),
    (rf"smbclient{_ARGUMENTS}-U[ \t]*[^\s%]+%(?P<secret>\S+)", "placeholder"),
    (rf"{_NAME}`?[ \t]+\|[ \t]+`?{_SECRET}", "literal"),
    (
        rf"echo[ \t]+(?:-n[ \t]+)?(?P<secret>{_WORD})[\"']?[ \t]*\|[^|]{{0,80}}?(?:--password-stdin|sudo -S)",
        "placeholder",
    ),
    (r"\blogin[ \t]+\S+[ \t]+password[ \t]+(?P<secret>\S+)", "placeholder"),
    (r"(?i)(?:identified[ \t]+by|password)[ \t]+(?P<secret>'[^']+)", "literal"),
    (r"(?:PASSWORD|password)\((?P<secret>'[^']+)", "literal"),
    (rf"CURLOPT_(?:XOAUTH2_BEARER|(?:PROXY)?(?:PASSWORD|USERPWD))[ \t]*,[ \t]*{_SECRET}", "placeholder"),
    (rf"ConvertTo-SecureString[ \t]+(?:-(?:String|AsPlainText|Force)[ \t]+)*{_SECRET}", "placeholder"),
    (r"-pass(?:in|out)?[ \t]+pass:(?P<secret>\S+)", "placeholder"),
    (r":(?:5432|5433|6432|6543|\*):[A-Za-z0-9_*.-]+:[A-Za-z0-9_.@-]+:(?P<secret>[^\s:]+)$", "literal"),
)
