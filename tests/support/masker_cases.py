"""One table of masker cases, run through every way in: `mask`, `stream`, `pump`, the command, and the reference.

A case is a name, the rules (names of presets, or rules), the input and what must come out.
"""

from __future__ import annotations

import functools

from aigate import Masker
from aigate.masking.rule import Rule
from aigate.masking.rules import preset_rules
from aigate.record import record


@record
class Case:
    """See the module's docstring. max_line: None for the default."""

    name: str
    rules: tuple[Rule, ...]
    data: bytes
    masked: bytes
    max_line: int | None = None

    def masker(self) -> Masker:
        """Return a masker of its rules, which other cases use as well: all presets at once take long to get ready."""
        return _masker(self.rules, self.max_line)


@functools.cache
def _masker(rules: tuple[Rule, ...], max_line: int | None) -> Masker:
    return Masker(rules) if max_line is None else Masker(rules, max_line=max_line)


ALNUM = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
A20, A24, A36, A40 = ALNUM[:20], ALNUM[:24], ALNUM[:36], ALNUM[:40]
HEX32 = "0123456789abcdef" * 2
UPPER16 = "ABCDEFGHIJKLMNOP"
BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _table(group: str, rules: tuple[Rule, ...], *rows: tuple[str | bytes, str | bytes]) -> list[Case]:
    return [Case(f"{group}: {data[:40]!r}", rules, _bytes(data), _bytes(masked)) for data, masked in rows]


def _all(group: str, *rows: tuple[str | bytes, str | bytes]) -> list[Case]:
    return _table(group, preset_rules("all"), *rows)


def _same(group: str, *texts: str | bytes) -> list[Case]:
    return _all(group, *((text, text) for text in texts))


def _rule(regex: str, show_prefix: int = 0, *, fold: bool = False, name: str = "r") -> Rule:
    return Rule(name, regex, show_prefix, fold)


def _one(regex: str, show_prefix: int, *rows: tuple[str | bytes, str | bytes], fold: bool = False) -> list[Case]:
    return _table(f"/{regex}/", (_rule(regex, show_prefix, fold=fold),), *rows)


PASSWORD = _rule(
    r"(?:api_key|secret|password|passwd|token|credential)s?[\"']?\s*[=:]\s*(?:\"[^\"]*\"|'[^']*'|\S+)", 0, fold=True
)

PRESET_CASES = [
    *_all(
        "presets",
        (f"key sk-{A20} end", "key sk-*** end"),
        (f"sk-proj-{A40}_-x.", "sk-***."),
        (f"sk-svcacct-{A40}", "sk-***"),
        (f"glued_sk-proj-{A24}", f"glued_sk-proj-{A24}"),
        (f"a\\nsk-proj-{A24}", "a\\nsk-***"),
        (f"a%3Dsk-proj-{A24}", "a%3Dsk-***"),
        (f"sk-ant-api03-{A40}-AA", "sk-ant-***"),
        (f"sk-{A40}, sk-ant-{A20};", "sk-***, sk-ant-***;"),
        (f"AKIA{UPPER16}", "AKIA***"),
        (f"ASIA{UPPER16}Q", f"ASIA{UPPER16}Q"),
        (f"export AWS_SECRET_ACCESS_KEY={A40}", "export AWS_SECRET_ACCESS_KEY=***"),
        (f"aws_secret_access_key = {A40}", "aws_secret_access_key = ***"),
        (f'"SecretAccessKey": "{A40}",', '"SecretAccessKey": "***",'),
        (f"AKIA{UPPER16},{A40}", "AKIA***,***"),
        (f"AKIA{UPPER16}\t{A40[:39]}/\n", "AKIA***\t***\n"),
        (f"AWS Secret Access Key [None]: {A40}", "AWS Secret Access Key [None]: ***"),
        (f"<SecretAccessKey>{A40}</SecretAccessKey>", "<SecretAccessKey>***</SecretAccessKey>"),
        (f"aws_session_token = {A40}{A40}{A40}==", "aws_session_token = ***"),
        (f'setx AWS_BEARER_TOKEN_BEDROCK "ABSK{A24}"', 'setx AWS_BEARER_TOKEN_BEDROCK "***"'),
        (f"os.environ['AWS_BEARER_TOKEN_BEDROCK'] = '{A24}'", "os.environ['AWS_BEARER_TOKEN_BEDROCK'] = '***'"),
        (f"ghp_{A36}", "ghp_***"),
        (f"https://ghs_{A36}@github.com", "https://ghs_***@github.com"),
        (f"ghs_123456_eyJ{A20}.eyJ{A20}.{A24}-_0", "ghs_***"),
        (f"github_pat_{A24}_{A40}", "github_pat_***"),
        (f"Authorization: Bearer {A24}", "Authorization: Bearer ***"),
        ("authorization: bearer x", "authorization: bearer ***"),
        ('"Authorization": "Bearer abc"', '"Authorization": "Bearer ***"'),
        ("BEARER abc123def456", "BEARER ***"),
        (f"Bearer   {A24}", "Bearer ***"),
        (f"xoxb-{A24}", "xoxb-***"),
        (f"xoxe.xoxp-1-{A24}", "xoxe.***"),
        (f"xapp-1-{A24}", "xapp-***"),
        (f"xwfp-{A24}", "xwfp-***"),
        ("https://hooks.slack.com/services/T0/B0/abcdefghijklmnopqrst", "https://hooks.slack.com/services/***"),
        (f"sk_live_{A24} rk_test_{A24}", "sk_live_*** rk_test_***"),
        (f"sk_org_{A24} sk_org_live_{A24} sk_org_test_{A24}", "sk_org_*** sk_org_*** sk_org_***"),
        (f"whsec_{A24}=", "whsec_***"),
        (f"glpat-{A20} gldt-{A20} glrtr-{A20}", "glpat-*** gldt-*** glrtr-***"),
        (f"glpat-{A20} _gitlab_session={HEX32}; path=/", "glpat-*** _gitlab_session=***; path=/"),
        (f"npm_{A36} npm_{A40}", "npm_*** npm_***"),
        (f"_authToken={A24}", "_authToken=***"),
        (f'//registry.example.org/:_authToken="{A24}.{A24}"', '//registry.example.org/:_authToken="***"'),
        ("//registry.example.org/:_auth=ZXhhbXBsZTpFWEFNUExF", "//registry.example.org/:_auth=***"),
        (f"pypi-AgE{A40}", "pypi-***"),
        (f"AIza{A36[:35]}", "AIza***"),
        (f"GOCSPX-{A24} ya29.{A24}", "GOCSPX-*** ya29.***"),
        (f"ya29.c.{A24} 1//0{A40}", "ya29.*** 1//***"),
        (f"GEMINI_API_KEY=AQ.{A40}-x", "GEMINI_API_KEY=AQ.***"),
        (rf'{{"private_key": "{BEGIN}\nMIIE\n{END}\n", "x": 1}}', '{"private_key": "***", "x": 1}'),
        (f"AccountKey={A40}{A40}ABCDEF==;Suffix", "AccountKey=***;Suffix"),
        (f"?sv=1&sig={A40}abc%3D", "?sv=1&sig=***"),
        (f"?sv=1\\u0026sig={A40}abc%3D", "?sv=1\\u0026sig=***"),
        (f"SharedAccessSignature sig={A40}%3D&se=1", "SharedAccessSignature sig=***&se=1"),
        (f"abc8Q~{A36[:34]}", "***"),
        (f"eyJ{A20}.eyJ{A20}.{A24}", "eyJ***"),
        (f"eyJ{A20}..{A20}.{A24}.{A24}", "eyJ***"),
        (f"hf_{A36}", "hf_***"),
        (f"hf_oauth_{A36} hf_jwt_eyJ{A20}.{A20}.{A20}", "hf_*** hf_***"),
        (f"SG.{A24[:22]}.{A40}", "SG.***"),
        (f"SK{HEX32} SK{HEX32.upper()}", "SK*** SK***"),
        (f"TWILIO_AUTH_TOKEN={HEX32}", "TWILIO_AUTH_TOKEN=***"),
        (f"dop_v1_{HEX32}{HEX32}", "dop_v1_***"),
        (f"dapi{HEX32}-2", "dapi***"),
        (f"https://api.telegram.org/bot123456789:AA{A36[:33]}", "https://api.telegram.org/bot***"),
        (f"/123456789:AA{A36[:33]}/getMe", "/***/getMe"),
        (f"/bot123456:ABC-{A36[:30]}/getMe", "/bot***/getMe"),
        (f"48395748123:AA{A36[:33]}", "***"),
        (f"MTAw{A24[:21]}.abcdef.{A36}", "***"),
        (f"https://discord.com/api/webhooks/123/{A40}", "https://discord.com/api/webhooks/123/***"),
        (
            f"https://discord.com/api/v10/webhooks/{10**17}/{A36}{A36}",
            f"https://discord.com/api/v10/webhooks/{10**17}/***",
        ),
        (f"shpat_{HEX32}", "shpat_***"),
        (f"hvs.{A24}", "hvs.***"),
        (f"X-Vault-Token: s.{A24}, vault login s.{A24}", "X-Vault-Token: ***, vault login ***"),
        (f"AGE-SECRET-KEY-1{'Q' * 58}", "AGE-SECRET-KEY-***"),
        ("https://user:p4ss@host/x", "https://user:***@host/x"),
        ("postgres://u:p/w@db:5432/x", "postgres://u:***@db:5432/x"),
        ("redis://:pw@localhost", "redis://:***@localhost"),
        ("postgres://joe:S3cret@x9@db.example.com/x", "postgres://joe:***@db.example.com/x"),
        ("https://joe:p1@s@s@example.com/a@b mail c@d", "https://joe:***@example.com/a@b mail c@d"),
        ("https://joe:p1;w,x=9&y@example.com/", "https://joe:***@example.com/"),
        ("https://joe:p1ss@example.com?mail=a@b.c", "https://joe:***@example.com?mail=a@b.c"),
        ("jdbc:postgresql://h/d?user=u&password=pw&ssl=true", "jdbc:postgresql://h/d?user=u&password=***&ssl=true"),
    ),
    *_same(
        "near misses",
        "",
        "nothing to see here\n",
        "sk-short",
        "sk-ant-short",
        "task-management-for-slow-disks-and-others",
        "https://user:pass@host/x",
        "AKIA" + UPPER16[:-1],
        "akia" + UPPER16.lower(),
        f"ghx_{A36}",
        f"ghp_{A24}",
        "bearer authentication is required",
        "Bearer of bad news",
        "https://example.org:8080/path@2x.png",
        "git@example.org:team/project.git",
        "ssh://git@example.org:22/x",
        "eyJhbGciOiJub25lIn0",
        f"SK{HEX32}f",
        "password prompt: ",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n",
        "-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----\n",
    ),
]

B64 = (A40 + A24) * 2
WRAPPED = "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQp" + B64[:33]  # a line of PEM in base64
ROW, REST = B64[:64], B64[:22] + "=="
BEGIN_PGP = "-----BEGIN PGP PRIVATE KEY BLOCK-----"
ARMOR_CASES = _all(
    "armored keys",
    (f"{BEGIN}\n{ROW}\n{ROW}\n{REST}\n{END}\nafter\n", f"{BEGIN}\n***\n***\n***\n{END}\nafter\n"),
    (f"{BEGIN}\r\n{ROW}\r\n{END}\r\n{ROW}", f"{BEGIN}\r\n***\r\n{END}\r\n{ROW}"),
    (f"  {BEGIN}\n  {ROW}\n  {REST}\n  {END}", f"  {BEGIN}\n  ***\n  ***\n  {END}"),
    (f"+{BEGIN}\n+{ROW}\n+{END}", f"+{BEGIN}\n+***\n+{END}"),
    (f"+{BEGIN}\n-{ROW}\n", f"+{BEGIN}\n-{ROW}\n"),
    (f"  9 {BEGIN}\n 10 {ROW}\n 11 {REST}\n", f"  9 {BEGIN}\n 10 ***\n 11 ***\n"),
    (f"12:01:59 [x] {BEGIN}\n12:02:00 [x] {ROW}\n", f"12:01:59 [x] {BEGIN}\n12:02:00 [x] ***\n"),
    (f"x = '''{BEGIN}  \n{ROW}\n{REST}\n{END}''' y", f"x = '''{BEGIN}  \n***\n***\n{END}''' y"),
    (f'  "{BEGIN}\\n" +\n  "{ROW}\\n" +\n  "{END}"', f'  "{BEGIN}\\n" +\n  "***\\n" +\n  "{END}"'),
    (
        f"{BEGIN_PGP}\nVersion: 1\nComment: a b\n\n{ROW}\n{REST}\n=AbCd\n-----END",
        f"{BEGIN_PGP}\nVersion: 1\nComment: a b\n\n***\n***\n=AbCd\n-----END",
    ),
    (f"{BEGIN}\n\n\n{ROW}\n", f"{BEGIN}\n\n\n{ROW}\n"),
    (f"{BEGIN}\n{ROW}\n\n{ROW}\n", f"{BEGIN}\n***\n\n{ROW}\n"),
    (f"{BEGIN}\n{ROW}\n{ROW}a\n{ROW}\n", f"{BEGIN}\n***\n{ROW}a\n{ROW}\n"),
    (f"{BEGIN}\n{ROW}\n{REST}\n{ROW}\n", f"{BEGIN}\n***\n***\n{ROW}\n"),
    (f"{BEGIN}\nnever ends\n\nat all", f"{BEGIN}\nnever ends\n\nat all"),
    (f'if line == "{BEGIN}":\n    return {ROW}\n', f'if line == "{BEGIN}":\n    return {ROW}\n'),
    (f"{BEGIN}\n\x1b[31m{ROW}\x1b[0m\n{END}\n", f"{BEGIN}\n\x1b[31m***\x1b[0m\n{END}\n"),
    (f"-----BEGIN\x1b[1m RSA PRIVATE KEY-----\n{ROW}\n", "-----BEGIN\x1b[1m RSA PRIVATE KEY-----\n***\n"),
    (f"{END}\n{ROW}\n", f"{END}\n{ROW}\n"),
    (f"{BEGIN}\n{ROW}\n{END} AKIA{UPPER16}", f"{BEGIN}\n***\n{END} AKIA***"),
    (f"k: {BEGIN}\\n{ROW}\\n{REST}\\n{END}\\n", f"k: {BEGIN}***{END}\\n"),
    (f'"{BEGIN}\\r\\n{ROW}" x', f'"{BEGIN}***" x'),
    (f"{BEGIN} {ROW} {REST} {END} after", f"{BEGIN}***{END} after"),
    (f"{BEGIN}\\nProc-Type: 4,ENCRYPTED\\n\\n{ROW}\\n{END}", f"{BEGIN}***{END}"),
    # In a box, of which the last line of the body fills less.
    (
        f"| {BEGIN}                                      |\n| {ROW} |\n| {REST}     |\n| {END} |",
        f"| {BEGIN}                                      |\n| *** |\n| ***     |\n| {END} |",
    ),
    (f"| {BEGIN}{' ' * 120}|\n| {ROW} |\n", f"| {BEGIN}{' ' * 120}|\n| {ROW} |\n"),
    # PEM in base64, over lines; PuTTY's keys.
    (f"{WRAPPED}\n{ROW}\n{REST}\nafter", "LS0tLS1CRUdJTi***\n***\n***\nafter"),
    (f"Private-Lines: 2\n{ROW}\n{REST}\nPrivate-MAC: x", "Private-Lines: 2\n***\n***\nPrivate-MAC: x"),
    (f"Private-Lines: 2\nand {ROW}\n", f"Private-Lines: 2\nand {ROW}\n"),
    # In one string, as URLs, HTML and JSON write line ends, pluses and slashes; and as a list of strings.
    (f"k={BEGIN.replace(' ', '%20')}%0A{ROW}%0A{REST}%0A{END}", f"k={BEGIN.replace(' ', '%20')}***{END}"),
    (f"k={BEGIN.replace(' ', '+')}%0d%0aMII%2Bab%2F{ROW}%0a&x=1", f"k={BEGIN.replace(' ', '+')}***&x=1"),
    (f"<b>{BEGIN}<br>{ROW}<br />{REST}<br/>{END}</b>", f"<b>{BEGIN}***{END}</b>"),
    (f"<b>{BEGIN}&#10;{ROW}&#xA;{REST}&#13;&#10;{END}</b>", f"<b>{BEGIN}***{END}</b>"),
    (f'"{BEGIN}\\u000aMII\\/ab\\u002b{ROW}\\/{ROW}\\u000a{END}" x', f'"{BEGIN}***{END}" x'),
    (f"['{BEGIN}', '{ROW}', '{REST}', '{END}']", f"['{BEGIN}', '***', '{END}']"),
    (f'["{BEGIN}","{ROW}","{REST}"]', f'["{BEGIN}","***"]'),
    (f'x = ("{BEGIN}", "{END}", "{A36}")', f'x = ("{BEGIN}", "{END}", "{A36}")'),
    (f"{BEGIN}%s{END}", f"{BEGIN}%s{END}"),
    (f"{BEGIN.encode().hex()}0a{(ROW + REST).encode().hex()} x", f"{BEGIN.encode().hex()}*** x"),
)

BELOW = Rule("below", "name: [a-z]*pass$", check="literal", below=r"[ \t]*(?:value: (?P<secret>\S+)|type: )")
BELOW_CASES = _table(
    "a name and its value below",
    (BELOW, _rule("zz"), Rule("again", "zz$", below="(?P<secret>.+)")),
    ("name: pass\nvalue: hunter2\nvalue: hunter2", "name: pass\nvalue: ***\nvalue: hunter2"),
    ("name: dbpass\r\n  value: hunter2\r\n", "name: dbpass\r\n  value: ***\r\n"),
    ("name: pass\rvalue: hunter2", "name: pass\rvalue: ***"),
    ("name: pass\n\nvalue: hunter2", "name: pass\n\nvalue: hunter2"),
    ("name: pass\ntype: x\ntype: y\nvalue: hunter2", "name: pass\ntype: x\ntype: y\nvalue: ***"),
    ("name: pass\n" + "type: x\n" * 4 + "value: hunter2", "name: pass\n" + "type: x\n" * 4 + "value: ***"),
    ("name: pass\n" + "type: x\n" * 5 + "value: hunter2", "name: pass\n" + "type: x\n" * 5 + "value: hunter2"),
    ("name: pass\nname: pass\nvalue: hunter2", "name: pass\nname: pass\nvalue: ***"),
    ("name: pass\nvalue: true\nvalue: hunter2", "name: pass\nvalue: true\nvalue: hunter2"),
    ("name: pass, x\nvalue: hunter2", "name: pass, x\nvalue: hunter2"),
    ("\x1b[1mname: pass\x1b[0m\nval\x1b[31mue: hun\x1b[0mter2", "\x1b[1mname: pass\x1b[0m\nval\x1b[31mue: ***\x1b[0m"),
    ("na" * 200 + " name: pass\nvalue: hunter2\xff", "na" * 200 + " name: pass\nvalue: ***"),
    ("name: " + "a" * 300 + "pass\nvalue: hunter2", "name: " + "a" * 300 + "pass\nvalue: hunter2"),
    ("name: pass\n  value: hunter2 zz\nall", "name: pass\n  value: *** ***\n***"),
    ("zz\nzz\nab\nab", "***\n***\n***\nab"),
    ("x zz y\nab", "x *** y\nab"),
)

CUT_CASES = [
    *_one("abc", 0, ("abc", "***"), ("xabcx", "x***x"), ("abcabc", "***"), ("abc abc", "*** ***")),
    *_one("abc", 2, ("abc", "ab***"), ("abcabc", "ab***ab***")),
    *_one("abc", 3, ("abc", "***")),
    *_one("abc", 4, ("abc", "***")),
    *_one("ab+", 1, ("ab", "a***"), ("abbbb", "a***"), ("a", "a"), ("ababab", "a***a***a***")),
    *_one("é+", 1, ("é", "***"), ("éé", "***"), ("xé", "x***")),
    *_one("éé", 2, ("éé", "é***")),
    *_one("éé", 3, ("éé", "é***")),
    *_one("日本語", 4, ("日本語", "日***")),
    *_one("日本語", 6, ("日本語", "日本***")),
    *_one("😀x", 3, ("😀x", "***")),
    *_one("😀x", 4, ("😀x", "😀***")),
]

OVERLAP_RULES = (_rule("abcd", 2, name="one"), _rule("cdef", 1, name="two"), _rule("b", 0, name="three"))
OVERLAP_CASES = [
    *_table(
        "overlaps", OVERLAP_RULES, ("abcdef", "a***"), ("abcd", "a***"), ("cdef", "c***"), ("b", "***"), ("ab", "a***")
    ),
    *_table("rule order", OVERLAP_RULES[::-1], ("abcdef", "a***"), ("abcd", "a***"), ("cdef", "c***")),
    *_table(
        "no rule sees another's stars", (_rule("secret"), _rule(r"\*+", 1)), ("secret *", "*** ***"), ("*secret", "***")
    ),
    *_table(
        "touching runs are one", (_rule("ab"), _rule("cd")), ("abcd", "***"), ("ab cd", "*** ***"), ("cdab", "***")
    ),
    *_table("a shown byte is shown by every rule", (_rule("abcdef", 4), _rule("bc", 1)), ("abcdef", "ab***d***")),
    *_table("the same rule twice", (_rule("ab", 1), _rule("ab", 1)), ("ab", "a***")),
    *_table("no rules", (), ("sk-anything\n\x1b[0m\xff", "sk-anything\n\x1b[0m\xff"), ("", "")),
]

MATCHING_CASES = [
    *_one("a|ab", 0, ("ab", "***b")),
    *_one("ab|a", 0, ("ab", "***")),
    *_one("a.*b", 0, ("axbxb", "***"), ("ax\nxb", "ax\nxb")),
    *_one("a.*?b", 0, ("axbxb", "***xb")),
    *_one("^ab", 0, ("ab ab", "*** ab"), ("x\nab", "x\n***"), ("\rab", "\r***")),
    *_one("ab$", 0, ("ab ab", "ab ***"), ("ab\n", "***\n"), ("ab\r\n", "***\r\n"), ("abx", "abx")),
    *_one(r"\bab\b", 0, ("ab", "***"), ("xab", "xab"), ("ab_", "ab_"), ("(ab)", "(***)"), ("ab\x1b[0mx", "ab\x1b[0mx")),
    *_one(r"\Aab\z", 0, ("ab\nab", "***\n***"), ("aab", "aab")),
    *_one("ks", 0, ("KS", "***"), ("\u212a\u017f", "***"), ("k\u017fx", "***x"), ("ks\xff", "***\xff"), fold=True),
    *_one("(?i)é", 0, ("É", "***")),
    *_one(r"x\S+", 0, ("xab cd", "*** cd"), (b"xab\xffcd ef", b"*** ef"), (b"x\xff", b"***"), (b"x\xc3", b"***")),
    *_one("s+", 0, ("ſ\xff".encode() + b"\xff", "***\xff".encode() + b"\xff"), fold=True),
    *_one("[^a]b", 0, ("ab", "ab"), ("éb", "***"), (b"\xffb", b"***"), ("\nb", "\nb")),
    *_one(".", 0, ("a\nb", "***\n***"), ("\0", "***"), (b"\x80", b"***")),
    *_one("a\\nb|c", 0, ("a\nb", "a\nb"), ("c", "***")),
    *_one("[0-9]{4}", 0, ("12345678", "***"), ("123", "123"), ("1 2345", "1 ***")),
    *_one(r"\d+", 0, ("a1b22c", "a***b***c"), ("٣", "٣")),
    *_one("(?P<secret>b+)c", 0, ("bbc", "***c"), ("abcb", "a***cb")),
    *_one("a(?P<secret>b*)c", 1, ("abbc", "ab***c"), ("abc", "a***c"), ("ac", "ac")),
    *_one("a(?:x(?P<secret>b)|y)", 0, ("axb", "ax***"), ("ay", "***")),
    *_one("(a|a)*b", 0, ("aaaab", "***"), ("aaaa", "aaaa")),
    *_table(
        "name and value",
        (PASSWORD,),
        ("password=hunter2", "***"),
        ("DB_PASSWORD: x y", "DB_*** y"),
        ('{"password": "x y", "a": 1}', '{"***, "a": 1}'),
        ("api_key = 'a b' c", "*** c"),
        ("the token is", "the token is"),
        ("Tokens: abc", "***"),
    ),
]

LINE_CASES = _table(
    "lines",
    (_rule("ab"),),
    ("a\nb", "a\nb"),
    ("a\rb", "a\rb"),
    ("ab\rab\nab\r\nab", "***\r***\n***\r\n***"),
    ("\n\n\r\r\n", "\n\n\r\r\n"),
    ("\n", "\n"),
    ("ab\n", "***\n"),
    ("ab", "***"),
    ("\0ab\0\n\0", "\0***\0\n\0"),
    ("a\vb\fab", "a\vb\f***"),
    ("a\x85b ab", "a\x85b ***"),
    ("a\u2028b ab", "a\u2028b ***"),
    (b"\xff\xfe\nab", b"\xff\xfe\n***"),
    ("*** ab", "*** ***"),
)

# What is replaced in these is not the hidden text, but base64 of what is around.
CLIPBOARD_CASES = _table(
    "clipboards",
    (_rule("abcd", 1),),
    ("\x1b]99;i=1:e=1;YWJjZCE=\x1b\\", "\x1b]99;i=1:e=1;YSoqKiE=\x1b\\"),
    ("\x1b]52;c;YWJjZA==\x07", "\x1b]52;c;YSoqKg==\x07"),
    ("\x1b]52;c;eApcYWJjZCAK\x1b\\", "\x1b]52;c;eApcYSoqKiAK\x1b\\"),
    ("\x1b]52;c;YWJjZA\x07", "\x1b]52;c;YSoqKg==\x07"),
    ("\x1b]52;c;G10wO2FiY2QH\x07", "\x1b]52;c;G10wO2EqKioH\x07"),
    ("\x1b]5522;type=wdata:mime=eA==;YWJjZA==\x1b\\", "\x1b]5522;type=wdata:mime=eA==;YSoqKg==\x1b\\"),
    ("\x1b]1337;Copy=:YWJjZA==\x07", "\x1b]1337;Copy=:YSoqKg==\x07"),
)

SEQUENCE_CASES = _table(
    "sequences",
    (_rule("abcd", 1),),
    ("a\x1b[31mbcd", "a\x1b[31m***"),
    ("ab\x1b[0mc\x1b[1;4md!", "a***\x1b[0m\x1b[1;4m!"),
    ("\x1b[31mabcd\x1b[0m", "\x1b[31ma***\x1b[0m"),
    ("abc\x1b[38;2;1;2;3md", "a***\x1b[38;2;1;2;3m"),
    ("abc\x1b[?25ld", "a***\x1b[?25l"),
    ("abc\x1b[1 qd", "a***\x1b[1 q"),
    ("abc\x1b]0;title\x07d", "a***\x1b]0;title\x07"),
    ("abc\x1b]8;;http://x\x1b\\d", "a***\x1b]8;;http://x\x1b\\"),
    ("abc\x1bP1$r0m\x1b\\d", "a***\x1bP1$r0m\x1b\\"),
    ("\x1b]66;s=2;abcd\x1b\\", "\x1b]66;s=2;a***\x1b\\"),
    ("ab\x1b]66;;cd\x1b\\.", "a***\x1b]66;;\x1b\\."),
    ("\x1b]66;w=1;ab\x1b\\\x1b]66;w=1;cd\x1b\\", "\x1b]66;w=1;a***\x1b\\\x1b]66;w=1;\x1b\\"),
    ("\x1b]66;s=2;abcd\x07", "\x1b]66;s=2;a***\x07"),
    ("ab\x1b]66;x\x07cd", "a***\x1b]66;x\x07"),
    ("\x1b]66;abcd", "\x1b]66;a***"),
    ("abc\x1b_x\x1b\\d\x1b^y\x1b\\", "a***\x1b_x\x1b\\\x1b^y\x1b\\"),
    ("abc\x1bXz\x1b\\d", "a***\x1bXz\x1b\\"),
    ("abc\x1b7d\x1b8", "a***\x1b7\x1b8"),
    ("abc\x1b(Bd", "a***\x1b(B"),
    ("abc\x1b#8d", "a***\x1b#8"),
    ("abc\x1b=d", "a***\x1b="),
    ("abc\x1b\\d", "a***\x1b\\"),
    ("\x1b]0;abcd\x07 abcd", "\x1b]0;a***\x07 a***"),
    ("\x1b]0;abcd", "\x1b]0;a***"),
    ("\x1b]0;abcd\nabcd", "\x1b]0;a***\na***"),
    ("\x1b]0;abcd\x18abcd", "\x1b]0;a***\x18a***"),
    ("\x1b]0;ab\x1b[1mcd\x07", "\x1b]0;a***\x1b[1m\x07"),
    ("\x1bPabcd\x07", "\x1bPa***\x07"),
    ("abc\x1b\x1b[0md", "abc\x1b\x1b[0md"),
    ("abc\x1b", "abc\x1b"),
    ("abc\x1b\nd", "abc\x1b\nd"),
    ("abc\x1b[31\nabcd", "abc\x1b[31\na***"),
    ("abc\x1b[3\x01d abcd", "abc\x1b[3\x01d a***"),
    ("abc\x9b31md", "abc\x9b31md"),
    (b"abc\x9b31md abcd", b"abc\x9b31md a***"),
    ("ab\x1b]0;abcd\x07cd", "a***\x1b]0;a***\x07"),
    ("\x1b]2;ab\x1b\\cd \x1b]0;ab\x07\x1b]0;cd\x07", "\x1b]2;ab\x1b\\cd \x1b]0;ab\x07\x1b]0;cd\x07"),
    (
        "\x1b]8;id=abcd;http://h/?q=abcd&x\x1b\\y\x1b]8;;\x1b\\",
        "\x1b]8;id=a***;http://h/?q=a***&x\x1b\\y\x1b]8;;\x1b\\",
    ),
    ("\x1b]8;ab;cd\x07", "\x1b]8;ab;cd\x07"),
    ("\x1b]9;abcd abcd\x07", "\x1b]9;a*** a***\x07"),
    ("\x1b]9;4;1;50\x07", "\x1b]9;4;1;50\x07"),
    ("\x1b]99;i=1:d=0;abcd\x1b\\", "\x1b]99;i=1:d=0;a***\x1b\\"),
    ("\x1b]99;i=1:e=10;YWJjZCE=\x1b\\", "\x1b]99;i=1:e=10;YWJjZCE=\x1b\\"),
    ("\x1b]777;notify;abcd;x abcd.\x07", "\x1b]777;notify;a***;x a***.\x07"),
    ("\x1b]52;c;YWJjPz8-\x07", "\x1b]52;c;YWJjPz8-\x07"),
    ("\x1b]52;c;?\x07", "\x1b]52;c;?\x07"),
    ("\x1b]52;c;abcd\x07", "\x1b]52;c;a***\x07"),
    ("\x1b]1337;CurrentDir=/abcd\x07", "\x1b]1337;CurrentDir=/a***\x07"),
    ("\x1b]abcd\x07", "\x1b]a***\x07"),
    (
        "\x1bPabcd\x1b\\ \x1b_Gabcd\x1b\\ \x1b^abcd\x1b\\ \x1bXabcd\x1b\\",
        "\x1bPa***\x1b\\ \x1b_Ga***\x1b\\ \x1b^a***\x1b\\ \x1bXa***\x1b\\",
    ),
    (
        "\x1b]0;\x07\x1b]8;;\x07\x1b]\x07\x1b]52;\x07\x1b_\x1b\\",
        "\x1b]0;\x07\x1b]8;;\x07\x1b]\x07\x1b]52;\x07\x1b_\x1b\\",
    ),
    ("\x1b]" + "x" * 4093 + "\x07abcd", "\x1b]" + "x" * 4093 + "\x07a***"),
    ("\x1b]" + "x" * 4094 + "\x07abcd", "\x1b]" + "x" * 4094 + "\x07a***"),
    ("abc\x1b]" + "x" * 4093 + "\x07d", "a***\x1b]" + "x" * 4093 + "\x07"),
    ("abc\x1b]" + "x" * 4094 + "\x07d", "abc\x1b]" + "x" * 4094 + "\x07d"),
    ("abc\x1b[" + "0" * 4093 + "md", "a***\x1b[" + "0" * 4093 + "m"),
    ("abc\x1b[" + "0" * 4094 + "md", "abc\x1b[" + "0" * 4094 + "md"),
    ("\x1b[31m\x1b[0m\x1b[K", "\x1b[31m\x1b[0m\x1b[K"),
)


def _window(name: str, rule: tuple[str, int], data: bytes, masked: bytes, max_line: int | None = None) -> Case:
    return Case(f"windows: {name}", (_rule(*rule),), data, masked, max_line)


KIB = 1024
MIB = KIB * KIB
BIG = b"k" * (64 * KIB)  # the longest match that is found wherever it lies
WINDOW_CASES = [
    _window(
        "a short match at the edge of the stride",
        ("abcd", 1),
        b"." * 14 + b"abcd" + b"." * 40,
        b"." * 14 + b"a***" + b"." * 40,
        32,
    ),
    *(
        _window(f"64 KiB at {at}", ("k{3}k+", 0), b"." * at + BIG + b"." * MIB, b"." * at + b"***" + b"." * MIB)
        for at in (0, 960 * KIB - 1, 960 * KIB, 960 * KIB + 1, MIB - 64 * KIB - 1, MIB - 1, MIB)
    ),
    _window("open at the edge", ("ab+", 1), b"ab" + b"b" * 200 + b"." * 99 + b"\nab.", b"a***\na***.", 64),
    _window(
        "open only from the stride", ("ab+", 1), b"." * 50 + b"abbb" + b"." * 99, b"." * 50 + b"a***" + b"." * 99, 64
    ),
    _window("start of line", ("^k", 0), b"k" * 300, b"***" + b"k" * 299, 64),
    _window("end of line", ("k$", 0), b"k" * 300, b"k" * 299 + b"***", 64),
    _window("word boundary", (r"\bk", 0), b"k" * 300, b"***" + b"k" * 299, 64),
    _window("one character", ("é", 0), "é".encode() * 100, b"***", 33),
    _window(
        "a sequence across the edge",
        ("abcd", 0),
        b"." * 14 + b"ab\x1b[31;1mcd" + b"." * 40,
        b"." * 14 + b"***\x1b[31;1m" + b"." * 40,
        32,
    ),
    _window("only sequences", ("abcd", 0), b"\x1b[0m" * 300, b"\x1b[0m" * 300, 32),
    _window("max_line of one", ("a", 0), b"bab\nb", b"b***\nb", 1),
    Case(
        "windows: a key in a line that is too long",
        preset_rules("private_key"),
        f"{'-' * 40}{BEGIN}{'y' * 200}{END}{'z' * 200}\nafter".encode(),
        f"{'-' * 40}{BEGIN}***\nafter".encode(),
        160,
    ),
]

CASES = (
    *PRESET_CASES,
    *ARMOR_CASES,
    *BELOW_CASES,
    *CUT_CASES,
    *OVERLAP_CASES,
    *MATCHING_CASES,
    *LINE_CASES,
    *SEQUENCE_CASES,
    *CLIPBOARD_CASES,
    *WINDOW_CASES,
)
