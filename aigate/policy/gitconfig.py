"""Which other paths git's settings lead to: included files, directories with hooks (git-config(1)). Changes nothing."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_BYTES = 1 << 18
MOST_FILES = 50
INCLUDES = ("include", "includeif")
SIGNING = ("commit.gpgsign", "tag.gpgsign")
TRUE = ("true", "yes", "on", "1")


def led_to(configs: list[str], worktree: str, home: str) -> list[tuple[str, bool]]:
    """Return the paths that git reads settings from, or runs hooks from, by what files say; and which are directories.

    worktree: where relative paths of hooks count from. Conditions of includes are not judged: all of them count.
    """
    found: dict[str, bool] = {}
    pending = list(configs)
    while pending and len(found) < MOST_FILES:
        config = pending.pop(0)
        for section, key, value in _settings(config):
            if section in INCLUDES and key == "path":
                path = _absolute(value, os.path.dirname(os.path.realpath(config)), home)
                if path not in found:
                    pending.append(path)
            elif (section, key) == ("core", "hookspath"):
                path = _absolute(value, worktree, home)
            else:
                continue
            found[path] = section == "core"
    return list(found.items())


def signs(configs: list[str], home: str) -> tuple[str, ...]:
    """Return which of git's settings have it sign commits and tags, by what files say; the last one decides.

    Conditions of includes are not judged: what is included under one counts where it has git sign.
    """
    values: dict[str, str] = {}
    left = [MOST_FILES]
    for config in configs:
        found = _with_included(config, home, left, conditional=False)
        values |= {name: value for name, value, conditional in found if not conditional or value in TRUE}
    return tuple(name for name in SIGNING if values.get(name) in TRUE)


def _with_included(config: str, home: str, left: list[int], *, conditional: bool) -> Iterator[tuple[str, str, bool]]:
    """Yield the settings of a file, and of those that it includes, in git's order; and whether under a condition."""
    if not left[0]:
        return
    left[0] -= 1
    for section, key, value in _settings(config):
        yield f"{section}.{key}", value.lower(), conditional
        if section in INCLUDES and key == "path":
            path = _absolute(value, os.path.dirname(os.path.realpath(config)), home)
            yield from _with_included(path, home, left, conditional=conditional or section == "includeif")


def _absolute(path: str, base: str, home: str) -> str:
    return os.path.normpath(f"{home}/{path[2:]}" if path.startswith("~/") else os.path.join(base, path))


def _settings(config: str) -> list[tuple[str, str, str]]:
    """Return a file's settings as section, key and value, names in lower case; nothing of one that cannot be read."""
    found = []
    section = ""
    for line in _lines(config):
        text = line.strip()
        while text.startswith("["):
            header, _, text = text[1:].partition("]")
            section = header.split(" ")[0].split(".")[0].strip().lower()
            text = text.strip()
        key, equals, value = text.partition("=")
        if key.strip() and not key.startswith(("#", ";")):
            found.append((section, key.strip().lower(), _unquoted(value.strip()) if equals else TRUE[0]))
    return found


def _lines(config: str) -> list[str]:
    try:
        descriptor = os.open(config, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return []
    try:
        return os.fsdecode(os.read(descriptor, MOST_BYTES)).replace("\\\n", "").split("\n")
    except OSError:
        return []
    finally:
        os.close(descriptor)


def _unquoted(value: str) -> str:
    """Return a value without quotes, escapes and comments."""
    text, quoted, escaped = "", False, False
    for character in value:
        if escaped:
            text, escaped = text + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character in "#;" and not quoted:
            break
        else:
            text += character
    return text if quoted else text.rstrip()
