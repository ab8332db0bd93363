"""What a masking rule is. Owns the record; reads no config, compiles and matches nothing."""

from __future__ import annotations

from aigate.record import record

BUILT_IN = "aigate's own rules"  # the source of rules that the tests have compiled: start-up need not do it again


@record
class Rule:
    r"""One masking rule.

    name: what the counts call it; rules that share a name are counted together.
    regex: RE2 syntax. A group named `secret` limits what is hidden to that group.
    show_prefix: bytes of a match (or of that group) that stay readable.
    source: `file:line` where it was written, for messages.
    token: a match begins where a token can: not behind a letter, a digit or an underscore, unless these end an escape
        of JSON, C or URLs (`\n`, `\u0026`, `%3D`) or a colour that has lost its ESC (`[31m`).
    armored: what matches is the BEGIN of a key, and stays readable; the lines behind it are hidden that are its body
        (`native/masker/armor.h`). `show_prefix` has no meaning then.
    below: what matches is a name at the end of a line (in its last 256 bytes), and stays readable; this expression
        matches the line that holds the value, its group `secret`, from its beginning on, or without that group a line
        that may stand in between, four at most (`native/masker/below.h`).
    check: what the text to be hidden must be, else there is no match (`native/masker/literal.h`): `placeholder`, it
        does not stand for a value; `literal`, it is a value and not code; `random`, that and random; `apart`, that and
        no piece of a text in base64. It may begin with a quote, which stays readable.
    """

    name: str
    regex: str
    show_prefix: int = 0
    case_insensitive: bool = False
    source: str | None = None
    token: bool = False
    armored: bool = False
    check: str | None = None
    below: str | None = None
