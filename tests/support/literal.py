"""Whether what stands behind a name is a literal value or code: what native/masker/literal.cpp says, in Python."""

from __future__ import annotations

import itertools
import re

SHORTEST = {"placeholder": 1, "literal": 6, "random": 16, "apart": 16}
PLACEHOLDERS = b"password passwd passphrase pwd secret token pass mypassword user:pass".split()
MARKS = rb"[!@#$%^&*+=~?]"
STAND_INS = [
    b"changeme", b"change-me", b"change_me", b"placeholder", b"redacted", b"your", b"xxxx", b"****", b"...", b"${",
    b"$(", b"{{", b"%(", b"#{", b"(?:", b"][", b"<",
]  # fmt: skip
NAMES = [b"password", b"passwd", b"secret", b"token", b"apikey", b"_key", b"-key", b"credential", b"auth"]
ALGORITHMS = (
    b"sha1 sha2 sha3 sha5 md5 aes rsa hs256 rs256 es256 base64 utf8 utf-8 25519 x509 oauth2 pbkdf2 pkcs p256 secp "
    b"argon2 8859 ipv4 ipv6 http2"
).split()


HARMLESS = (
    b"next page tinuation gination starting request client potency change lock output input action backward forward "
    b"update creation publickey"
).split()
FINDING = (b"foreign primary partition cache sort public lookup object routing potency unique dedup restore").split()
# How tokens of vendors begin: this much of a value stays readable.
BEGINNINGS = (
    b"AGE-SECRET-KEY- AIza AKIA APP_USR- ASIA AVNS_ BBDC- CCDB1_ CFPAT- CLOJARS_ GOCSPX- HRKU- KGAT_ Mid-server- PMAK- "
    b"PMAT- RGAPI- SWMKEY-1- SWMTKN-1- akab- api_org_ apify_api_ bb_live_ bedrock-api-key- cfk_ cosmo_ cpk_ csk- "
    b"ctx7sk- cxtp_ cxup_ dapi dbtc_ dbtu_ dckr_oat_ dckr_pat_ ddapp_ ddo_ ddp_ dnkey- doo_v1_ dop_v1_ dor_v1_ dos_v1_ "
    b"dtn_ dvc_server_ e2b_ esecret_ essu_ fio-u- fo1_ gcntfy- gho_ ghp_ ghr_ ghs_ ghu_ github_pat_ glagent- glc_ "
    b"glcbt- gldt- glft- glimt- gloas- glpat- glptt- glrt- glsa_ glsoat- gsk_ hf_ jca_ jina_ jsrp_ kpat_ lin_api_ "
    b"lin_oauth_ llx- mdb_sa_sk_ mergify_application_key_ napi_ nbp_ nfb_ nfc_ nfo_ nfp_ nfu_ npm_ ntn_ nvapi- ory_ "
    b"ovsxat_ p8e- packagist_ packagist_ack_ pcsk_ phx_ plane_api_ pnb_ pnu_ pplx- pscale_ pylf_ pypi- r8_ ramp_sec_ "
    b"rdme_ rk_live_ rk_test_ rnd_ rootly_ rpa_ rqsty-sk- rubygems_ samsara_api_ sb_secret_ sbp_ scp-live- sgamp_user_ "
    b"sgp_ shpat_ shpca_ shppa_ shpss_ sk- sk-ant- sk_car_ sk_live_ sk_org_ sk_test_ sktsec_ slk_ sm_aat_ sm_sat_ "
    b"sntrys_ sntryu_ spat_ sqa_ sqp_ squ_ tfp_ tgp_v1_ tk-us- tpuf_ tskey- tss_ tvly- ucat_ unkey_ vca_ vcc_ vci_ "
    b"vck_ vcp_ vcr_ vtwn_ waka_ wandb_v1_ whsec_ xaat- xai- xapp- xapt- xau_ xoxa- xoxb- xoxd- xoxe- xoxp- xoxr- "
    b"xoxs- xwfp- zpka_ zut_ zwt_"
).split()
ENTITY = re.compile(rb"&(?:quot|apos|#34|#39);")


def _trimmed(text: bytes, begin: int, end: int) -> tuple[int, int, bool]:
    """Return where what may be a value lies, and whether it is quoted."""
    if text.startswith(b"<![CDATA[", begin, end - 1):
        begin += 9
    quote = re.compile(rb"\\*(?:\$(?='))?[\"'`]").match(text, begin, end)
    return (quote.end(), end, True) if quote else (begin, _end_of_bare(text, begin, end), False)


def end_of(text: bytes, begin: int, end: int) -> int:
    """Return where what may be a value ends."""
    return _trimmed(text, begin, end)[1]


def value_in(check: str, text: bytes, begin: int, end: int) -> tuple[int, int] | None:
    """Return where the value in text[begin:end] lies, or None when it is none."""
    first, stop = begin, end
    begin, end, quote = _trimmed(text, begin, end)
    value = text[begin:end]
    if len(value) < SHORTEST[check] or _is_placeholder(value):
        return None
    if check == "placeholder":
        return begin, end
    if _is_code(value, quoted=quote) or _is_harmless(text, first):
        return None
    if not quote and (_is_expression(value) or _is_numbered_name(value, text, begin, end, stop)):
        return None
    good = _is_random(value) if check in ("random", "apart") else _is_literal(value)
    return (begin + beginning_of(value), end) if good else None


def stands_apart(text: bytes, begin: int, end: int) -> bool:
    """Tell whether text[begin:end] is no piece of a longer text in base64, and no digest."""
    if re.search(rb"(?i:sha)[0-9]+[=:-]\Z", text[:begin]):
        return False
    return text[max(0, begin - 1) : begin] not in (b"+", b"/") and not re.match(
        rb"[A-Za-z0-9_+/=-]", text[end : end + 1]
    )


def beginning_of(value: bytes) -> int:
    """Return how many bytes of a value say whose token it is."""
    size = max((len(text) for text in BEGINNINGS if value.startswith(text)), default=0)
    return size if size and re.fullmatch(rb"[A-Za-z0-9_.-]{16,}", value[size:]) else 0


def _end_of_bare(text: bytes, begin: int, end: int) -> int:
    value = text[begin:end]
    if re.search(rb"://[A-Za-z0-9_.:-]{1,48}\Z", text[:begin]):
        password = re.match(rb"([^/?#]*)@", text[begin : end + 1])
        if password:
            return begin + len(password[1])
    word = re.match(rb"(?:'(?:\\'|\"'\")'|(?<=..[A-Za-z0-9])'(?=[A-Za-z0-9])|[^\\\"'`;])*", value)[0]
    value = word + (b";" if value[len(word) : len(word) + 1] == b";" else b"")
    value = value[:1] + value[1:].split(b"<")[0]
    at = 0
    while at < len(value):
        named = value[at] in b",&|" and re.match(rb"[A-Za-z0-9_.-]+[=:]", value[at + 1 :])
        if named or ENTITY.match(value, at):
            value = value[:at]
        at += 1
    return begin + len(value.rstrip(b",;)]}>'\"`.:"))


def _is_placeholder(value: bytes) -> bool:
    lower = value.lower()
    if value[:1] in b"$%<{*@":
        return value[:1] != b"$" or len(value) < 2 or re.match(rb"[A-Za-z{(_]", value[1:]) is not None
    return len(set(value)) == 1 or lower in PLACEHOLDERS or any(word in lower for word in STAND_INS)


def _is_code(value: bytes, *, quoted: bool) -> bool:
    return (
        (quoted and re.fullmatch(rb"\[.*\]|\+.*\+|\+", value, re.DOTALL) is not None)
        or re.search(rb"[{}]" if quoted else rb"[(\[{}]", value) is not None
        or b"://" in value
        or value.startswith((b"arn:", b"ENC(", b"ENC["))
        or (value.startswith((b"/", b"~", b"./", b"../")) and not (len(value) >= 24 and re.search(rb"[+=]", value)))
        or re.fullmatch(rb"#[0-9A-Fa-f]{,8}", value) is not None
        or (
            re.fullmatch(rb"[0-9._,:+eExXTZv^~<>= -]*", value) is not None and len(re.findall(rb"[A-Za-z]", value)) <= 2
        )
        or (_is_dotted(value) and not (quoted and len(re.findall(rb"[0-9]", value)) > 2))
        or (b"|" in value and re.fullmatch(rb"[a-z][a-z0-9_.:,-]*(\|[a-z][a-z0-9_.:,-]*)*", value) is not None)
    )


def _is_dotted(value: bytes) -> bool:
    names = re.fullmatch(rb"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+", value)
    return len(value) < 48 and names is not None


def _is_literal(value: bytes) -> bool:
    lower, digits = value.lower(), len(re.findall(rb"[0-9]", value))
    words = 1 + value.count(b" ")
    if not re.search(rb"[A-Za-z]", value) or words > 4:
        return False
    if not digits:
        edges = (value[-1:] in b"*?=") + (value[:1] == b"?")
        return len(re.findall(MARKS, value)) > edges and len(value) >= 8 and words == 1
    if digits <= 2 and any(name in lower for name in NAMES):
        return False
    return len(value) >= 24 or not any(name in lower for name in ALGORITHMS)


def _is_expression(value: bytes) -> bool:
    return (
        re.fullmatch(rb"[0-9]{,2}\*[A-Za-z]*", value) is not None
        or value.startswith((b"!!", b":"))
        or b"==" in value[:-2]
        or b"===" in value
        or b"??" in value
        or 0 <= value.find(b",") <= 2
        or (b"|" in value and re.fullmatch(rb"[A-Za-z0-9_.| -]*", value) is not None)
        or (re.search(rb"\?.*:", value) is not None and re.fullmatch(rb"[A-Za-z0-9_.$?:!-]*", value) is not None)
        or (
            b"=" in value
            and _is_dotted(value.split(b"=")[0])
            and re.fullmatch(rb"[A-Za-z0-9_.=$-]*", value) is not None
        )
        or (value.endswith(b"!") and _is_dotted(value[:-1]))
        or (b"$" in value and re.fullmatch(rb"[A-Za-z_$]*", value) is not None)
    )


def _is_numbered_name(value: bytes, text: bytes, begin: int, end: int, stop: int) -> bool:
    in_code = text[max(0, begin - 2) : begin] == b": " and end < stop and text[end : end + 1] in b",;"
    name = re.fullmatch(rb"([A-Za-z_]+)[0-9]{1,4}", value)
    return in_code and name is not None and re.search(rb"[a-z][A-Z]", name[1]) is not None


def _is_harmless(text: bytes, begin: int) -> bool:
    at = begin
    while at and begin - at < 8 and text[at - 1] in b"\"'` \t:=>\\":
        at -= 1
    end = at
    while at and end - at < 15 and re.match(rb"[A-Za-z_-]", text[at - 1 : at]):
        at -= 1
    if text[at:end] == b"secret" and at and text[at - 1 : at] == b":" and text[begin - 1 : begin] == b":":
        return True
    name = re.sub(rb"[^A-Za-z]", b"", text[at:end]).lower()
    if name.endswith(b"key"):
        return name[:-3].endswith(tuple(FINDING))
    return name.endswith(b"token") and name[:-5].endswith(tuple(HARMLESS))


def _is_random(value: bytes) -> bool:
    letters, digits = len(re.findall(rb"[A-Za-z]", value)), len(re.findall(rb"[0-9]", value))
    if len(value) < 24 and any(name in value.lower() for name in ALGORITHMS):
        return False
    if letters <= 1 or b" " in value:
        return False
    return _changes(value) * 6 >= len(value) if digits > 1 else _changes(value) * 2 >= len(value)


def _changes(value: bytes) -> int:
    kinds = [_kind(byte) for byte in value]
    return sum(a != b for a, b in itertools.pairwise(kinds))


def _kind(byte: int) -> int:
    letter = bytes([byte])
    return 0 if letter in b"0123456789" else 1 if b"a" <= letter <= b"z" else 2 if b"A" <= letter <= b"Z" else 3
