"""Keys by name, and how terminals spell them: `ctrl-f12`, `alt-m`, `ctrl-]`. Owns names and bytes; reads no terminal.

Sources: xterm's ctlseqs ("PC-Style Function Keys", modifyOtherKeys), kitty's keyboard protocol, ECMA-48. Nothing but a
finger on such a key makes a terminal send it: answers to queries are spelled as no key is, but for F3 with modifiers,
which reads as a report of the cursor's position (CPR).
"""

from __future__ import annotations

MODIFIERS = {"shift": 1, "alt": 2, "ctrl": 4}  # bits, plus one, in what terminals send
FUNCTION_KEYS = {"f1": "P", "f2": "Q", "f4": "S"}  # CSI 1 ; m P
NUMBERED_KEYS = {"f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24}  # CSI n ; m ~
TAKEN = {"ctrl-c", "ctrl-d", "ctrl-m", "ctrl-i", "ctrl-j", "ctrl-h", "ctrl-z", "ctrl-q", "ctrl-s", "ctrl-["}


def problem(name: str) -> str | None:
    """Return why a name is no key that can be had, or None."""
    *modifiers, key = _parts(name)
    if any(modifier not in MODIFIERS for modifier in modifiers) or len(set(modifiers)) != len(modifiers):
        return "what stands before the key is ctrl, alt or shift"
    if key == "f3":
        return "with F3 terminals tell where the cursor is, too"
    if key in FUNCTION_KEYS or key in NUMBERED_KEYS:
        return None if modifiers else "programs use that key by itself"
    return _problem_with_letter(key, modifiers) or ("every program needs that key" if name in TAKEN else None)


def _problem_with_letter(key: str, modifiers: list[str]) -> str | None:
    if len(key) != 1 or not "!" <= key <= "~" or key.isupper():
        return "there is no such key"
    if "alt" not in modifiers and "ctrl" not in modifiers:
        return "it is typed in every text"
    if "ctrl" not in modifiers and (not key.isalnum() or "shift" in modifiers):
        return "with alt alone it is a letter or a digit"
    if "ctrl" in modifiers and not (key.isalpha() or key in "]\\^_"):
        return "with ctrl it is a letter or one of ] \\ ^ _"
    return None


def spellings(name: str) -> tuple[bytes, ...]:
    """Return what terminals send for a key, without what lock keys and kinds of events add."""
    *modifiers, key = _parts(name)
    code = 1 + sum(MODIFIERS[modifier] for modifier in modifiers)
    if key in FUNCTION_KEYS:
        return (f"\x1b[1;{code}{FUNCTION_KEYS[key]}".encode(),)
    if key in NUMBERED_KEYS:
        return (f"\x1b[{NUMBERED_KEYS[key]};{code}~".encode(),)
    plain = chr(ord(key.upper()) & 0x1F) if "ctrl" in modifiers else key.upper() if "shift" in modifiers else key
    old = (("\x1b" if "alt" in modifiers else "") + plain).encode()
    return (old, f"\x1b[{ord(key)};{code}u".encode(), f"\x1b[27;{code};{ord(key)}~".encode())


def _parts(name: str) -> list[str]:
    modifiers, dash, key = name.rpartition("-")
    return [*modifiers.split("-"), key] if dash and key else [name]
