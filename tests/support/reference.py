"""The masker's contract, written to be read: line by line, rule by rule, with no thought of speed.

Serves as the oracle. It shares no code with aigate, not even RE2: pyre2 brings an older one of its own. Lines are
never too long for it, so it says nothing about windows.
"""

from __future__ import annotations

import base64
import re
from functools import lru_cache

import re2
from literal import end_of, stands_apart, value_in
from payload import carried, decoded, is_carrier
from written import written

re2.set_fallback_notification(re2.FALLBACK_EXCEPTION)

SEQUENCE_MAX = 4096
SEQUENCE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    rb"|\x1b\]66;[^;\x07\x18\x1a\x1b]*;"  # OSC 66, but for the text that it shows
    rb"|\x1b\][^\x07\x18\x1a\x1b]*(?:\x07|\x1b\\)"  # OSC
    rb"|\x1b[PX^_][^\x18\x1a\x1b]*\x1b\\"  # DCS, SOS, PM, APC
    rb"|\x1b[ -/]+[0-~]|\x1b(?![\[\]PX^_])[0-~]"  # the short ones
)
# pyre2 gives these their Unicode meaning; in RE2 they are ASCII.
OUTSIDE = {"d": "[0-9]", "w": "[0-9A-Za-z_]", "s": r"[\t\n\f\r ]"}
OUTSIDE |= {name.upper(): f"[^{text[1:]}" for name, text in OUTSIDE.items()}
INSIDE = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r ", "D": "[:^digit:]", "W": "[:^word:]"}
# What moves the cursor.
MOVE = re.compile(rb"\x1b(?:\[(?![<=>?])[0-?]*[ -/]*[A-IZ`adef]|[8DEM])", re.DOTALL)
# What may stand in front of a token.
BEFORE_TOKEN = re.compile(
    rb"(?:^|[^0-9A-Za-z_]|\\[abfnrtv0]|%[0-9A-Fa-f]{2}|\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}|\\[0-7]{3}|\[[0-9;]{0,10}m)\Z",
    re.DOTALL,
)
NOT_SPACE = r"\x00-\x08\x0b\x0e-\x1f!-"


def mask(rules, data: bytes, values=()):
    """Return the masked bytes and how many matches each rule hid, in the order of the rules; last, known values."""
    counts = [0] * (len(rules) + bool(values))
    values = {spelling for value in values for spelling in written(value)}
    return _masked(rules, values, data, counts), counts


def _masked(rules, values, data: bytes, counts) -> bytes:
    above = armor, names = Armor(), Names()
    out = []
    for line, end in _lines(data):
        out.append(_masked_line(rules, values, line, counts, above) + end)
        armor.after_return = names.after_return = end == b"\r"
    return b"".join(out)


def _sequence(rules, values, sequence: bytes, counts) -> bytes:
    """Return a sequence with the texts that it carries masked, each by itself."""
    if not is_carrier(sequence):
        return sequence
    out, at = [], 0
    for begin, end, in_base64 in carried(sequence):
        out.append(sequence[at:begin])
        out.append(_carried(rules, values, sequence[begin:end], counts, in_base64=in_base64))
        at = end
    return b"".join([*out, sequence[at:]])


def _carried(rules, values, text: bytes, counts, *, in_base64: bool) -> bytes:
    if in_base64:
        plain = decoded(text)
        masked = _masked(rules, values, plain, counts)
        if masked != plain:
            return base64.b64encode(masked)
    return _masked(rules, values, text, counts)


def _lines(data: bytes):
    parts = re.split(rb"([\r\n])", data)
    return zip(parts[::2], [*parts[1::2], b""], strict=True)


def _masked_line(rules, values, line: bytes, counts, above) -> bytes:
    armor, names = above
    tokens = _tokens(line)
    text = b"".join(piece for piece, is_text in tokens if is_text)
    hidden = [False] * len(text)
    moves = _moves(tokens)
    armor.take(text, hidden, counts)
    names.take(rules, text, hidden, counts)
    for number, rule in enumerate(rules):
        if rule.armored:
            armor.look(rule, number, text)
        elif rule.below:
            names.look(rule, number, text)
        else:
            counts[number] += _hide_matches(rule, text, hidden, moves)
    names.end_line()
    if values:
        counts[-1] += _hide_values(values, text, hidden)
    shown = [(piece if is_text else _sequence(rules, values, piece, counts), is_text) for piece, is_text in tokens]
    return _written(shown, hidden)


def _hide_values(values, text: bytes, hidden) -> int:
    found = []
    for value in values:
        at = text.find(value)
        while at >= 0:
            found.append((at, at + len(value)))
            hidden[at : at + len(value)] = [True] * len(value)
            at = text.find(value, at + 1)
    count, last = 0, 0
    for begin, end in sorted(found, key=lambda span: (span[0], -span[1])):
        count += begin >= last
        last = max(last, end)
    return count


class Armor:
    """Which lines are a key's body: all of one length but the last, behind the margin of BEGIN."""

    def __init__(self) -> None:
        self.phase = "rests"
        self.after_return = False  # between the two bytes of a CR LF there is no line

    def look(self, rule, number: int, text: bytes) -> None:
        begins = list(compiled(rule.regex, rule.case_insensitive, utf8=False).finditer(text))
        if not begins:
            return
        found = begins[-1]
        before, behind = text[: found.start()], text[found.end() :]
        self.phase = "headers" if len(before) <= 80 and len(behind) <= 120 else "rests"
        self.number, self.behind, self.length = number, behind.translate(None, b" \t"), 0
        last = re.search(rb"[0-9]*\Z", before).group()
        margin = before[: len(before) - len(last)]
        parts = re.findall(rb"[0-9]+|[ \t]+|[^0-9 \t]", margin)
        kinds = [rb"[0-9]+" if p[:1].isdigit() else rb"[ \t]+" if p[:1] in b" \t" else re.escape(p) for p in parts]
        self.margin = re.compile(b"".join(kinds) + b"[0-9]" * len(last))
        self.loose = re.search(rb"[A-Za-z]|[\"'`]\Z", before) is not None

    def take(self, text: bytes, hidden, counts) -> None:
        if self.phase == "rests" or (self.after_return and not text):
            return
        margin = self.margin.match(text) or (self.loose and re.compile(rb"[ \t]*").match(text))
        rest = text[margin.end() :] if margin else text
        if self.phase == "headers" and margin and re.match(rb"[A-Za-z0-9-]+: ", rest):
            return
        if self.phase == "headers" and not rest.strip(b" \t"):
            self.phase = "blank"
            return
        body = re.match(rb"[A-Za-z0-9+/]*={0,2}", rest).group() if margin else b""
        fits = 0 < len(body) <= self.length if self.length else len(body) >= 40
        if not fits or rest[len(body) :][:121].translate(None, b" \t") != self.behind:
            self.phase = "rests"
            return
        hidden[margin.end() : margin.end() + len(body)] = [True] * len(body)
        counts[self.number] += not self.length
        self.phase = "rests" if self.length and len(body) < self.length else "body"
        self.length = self.length or len(body)


class Names:
    """Which names at the ends of lines above still wait for their value."""

    def __init__(self) -> None:
        self.waiting, self.named = {}, []
        self.after_return = False

    def look(self, rule, number: int, text: bytes) -> None:
        known = _fits_latin1(rule.regex, rule.case_insensitive)
        if known and compiled(rule.regex, rule.case_insensitive, utf8=False).search(text, max(0, len(text) - 256)):
            self.named.append(number)

    def take(self, rules, text: bytes, hidden, counts) -> None:
        """Hide what names above this line wait for. Those that it has itself wait from the next line on."""
        if self.after_return and not text:
            return
        for number, left in list(self.waiting.items()):
            rule = rules[number]
            known = len(text) <= 4096 and _fits_latin1(rule.below, rule.case_insensitive)
            match = compiled(rule.below, rule.case_insensitive, utf8=False).match(text) if known else None
            self.waiting[number] -= 1
            if match and match.span("secret")[0] < 0 and left > 1:
                continue
            del self.waiting[number]
            secret = match.span("secret") if match else (-1, -1)
            value = value_in(rule.check, text, *secret) if rule.check and secret[0] >= 0 else secret
            if value is not None and value[1] > value[0] >= 0:
                hidden[value[0] : value[1]] = [True] * (value[1] - value[0])
                counts[number] += 1

    def end_line(self) -> None:
        self.waiting |= dict.fromkeys(self.named, 5)
        self.named = []


def _tokens(line: bytes):
    """Cut a line into bytes of text and escape sequences."""
    tokens, at = [], 0
    while at < len(line):
        found = SEQUENCE.match(line, at) if line[at] == 0x1B else None
        if found and found.end() - at <= SEQUENCE_MAX:
            tokens.append((found[0], False))
            at = found.end()
        else:
            tokens.append((line[at : at + 1], True))
            at += 1
    return tokens


def _moves(tokens):
    """Return where in the text the cursor is moved: a token can begin there, whatever stands in front."""
    found, at = [], 0
    for piece, is_text in tokens:
        at += is_text
        if not is_text and MOVE.fullmatch(piece):
            found.append(at)
    return sorted(set(found))


def _hide_matches(rule, text: bytes, hidden, moves) -> int:
    matches = _matches(rule, text, moves, utf8=True)
    if not _is_utf8(text) and _fits_latin1(rule.regex, rule.case_insensitive):
        matches += _matches(rule, text, moves, utf8=False)
    count, last = 0, 0
    for (begin, end), (first, stop) in sorted(matches):
        cut = first
        if stop - first > rule.show_prefix:
            cut = first + rule.show_prefix
            while cut > first and text[cut] & 0xC0 == 0x80:
                cut -= 1
        for at in range(cut, stop):
            hidden[at] = True
        count += begin >= last
        last = max(last, end)
    return count


def _written(tokens, hidden) -> bytes:
    out, at, in_run = [], 0, False
    for piece, is_text in tokens:
        if not is_text:
            out.append(piece)
            continue
        if not hidden[at]:
            out.append(piece)
        elif not in_run:
            out.append(b"***")
        in_run = hidden[at]
        at += 1
    return b"".join(out)


def _matches(rule, text: bytes, moves, *, utf8: bool):
    expression, found, at = compiled(rule.regex, rule.case_insensitive, utf8=utf8), [], 0
    while at < len(text):
        match = _token(expression, text, at) if rule.token else expression.search(text, at)
        if match is None:
            break
        secret = match.span("secret") if "secret" in expression.groupindex else (-1, -1)
        (begin, at), secret = match.span(), secret if secret[0] >= 0 else match.span()
        if rule.check:
            apart = rule.check != "apart" or stands_apart(text, begin, at)
            value = value_in(rule.check, text, *secret) if apart else None
            if value is None:
                stop = end_of(text, *secret) if apart else secret[1]
                behind = at if stop == secret[1] else stop
                at = max(behind if stop - secret[0] > 64 else secret[0], begin + 1)
                continue
            at = at if value[1] == secret[1] else value[1]
            secret = value
        found.append(((begin, at), secret))
    for place in moves if rule.token else ():
        match = None if BEFORE_TOKEN.search(text, 0, place) else expression.match(text, place)
        if match is None:
            continue
        secret = match.span("secret") if "secret" in expression.groupindex else (-1, -1)
        (begin, at), secret = match.span(), secret if secret[0] >= 0 else match.span()
        if rule.check == "apart" and not stands_apart(text, begin, at):
            continue
        value = value_in(rule.check, text, *secret) if rule.check else secret
        if value is not None:
            found.append(((begin, at if value[1] == secret[1] else value[1]), value))
    return found


def _token(expression, text: bytes, at: int):
    """Return the first match that begins where a token can."""
    first = expression.search(text, at)
    for place in range(first.start() if first else len(text), len(text)):
        if BEFORE_TOKEN.search(text, 0, place):
            match = expression.match(text, place)
            if match:
                return match
    return None


def _fits_latin1(regex: str, fold: bool) -> bool:
    """Tell whether the expression means anything for single bytes: `\\x{100}` does not."""
    try:
        compiled(regex, fold, utf8=False)
    except re2.error:
        return False
    return True


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(maxsize=4096)
def compiled(regex: str, fold: bool, *, utf8: bool):
    """Return pyre2's expression over bytes."""
    flags = (re2.UNICODE if utf8 else 0) | (re2.IGNORECASE if fold else 0)
    return re2.compile(_ascii_classes(regex, r"\x{10FFFF}" if utf8 else r"\xff").encode(), flags)


def _ascii_classes(regex: str, highest: str) -> str:
    out, at, bracket = [], 0, -1
    while at < len(regex):
        piece = regex[at : at + 2] if regex[at] == "\\" else regex[at]
        if bracket < 0 and piece == "[":
            bracket = at + (2 if regex[at + 1 : at + 2] == "^" else 1)
        elif bracket >= 0 and regex.startswith("[:", at):
            piece = regex[at : regex.index(":]", at) + 2]
        elif bracket >= 0 and piece == "]" and at > bracket:
            bracket = -1
        name = piece[1] if piece[0] == "\\" and len(piece) == 2 else ""
        known = INSIDE | {"S": NOT_SPACE + highest} if bracket >= 0 else OUTSIDE
        out.append(known.get(name, piece))
        at += len(piece)
    return "".join(out)


def speaks(rule) -> bool:
    """Tell whether pyre2 takes the rule: its RE2 of 2016 refuses some that are too large for it."""
    try:
        compiled(rule.regex, rule.case_insensitive, utf8=True)
        if rule.below:
            compiled(rule.below, rule.case_insensitive, utf8=True)
    except re2.error:
        return False
    return True
