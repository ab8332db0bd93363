"""A reader of Seatbelt profiles: parses the text, and says what a profile answers to an operation. The last rule wins.

It knows the part of the language that aigate writes, and refuses everything else, so that a typing mistake in a profile
is a failing test here and not a surprise on a Mac. Operations and filters are those that profiles of macOS itself and
of other sandboxes use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

OPERATIONS = {
    "file-read-data", "file-read-metadata", "file-read-xattr", "file-write-data", "file-write-create",
    "file-write-unlink", "file-write-mode", "file-write-owner", "file-write-flags", "file-write-times",
    "file-write-xattr", "file-write-setugid", "file-link", "file-clone", "file-ioctl", "process-fork", "process-exec",
    "process-exec-interpreter", "process-info-pidinfo", "process-info-listpids", "signal", "sysctl-read",
    "sysctl-write", "mach-lookup", "mach-register", "mach-priv-task-port",
    "mach-task-name", "network-outbound", "network-bind",
    "network-inbound", "system-socket", "ipc-posix-sem", "ipc-posix-shm-read-data", "ipc-posix-shm-write-create",
    "pseudo-tty", "iokit-get-properties", "iokit-open", "nvram-get", "nvram-set", "appleevent-send", "lsopen",
    "job-creation", "user-preference-write",
}  # fmt: skip
TOKEN = re.compile(
    r'\s+|;[^\n]*|(?P<open>\()|(?P<close>\))|"(?P<string>(?:[^"\\]|\\.)*)"|(?P<atom>[^\s()";]+)', re.DOTALL
)


class Atom(str):
    """A symbol; plain strings are string literals."""

    __slots__ = ()


@dataclass(frozen=True)
class Operation:
    """What a process asks the kernel for.

    path: of a file, a program or a unix socket, links resolved. kind: vnode type. host, port: of the other end.
    socket: `unix` or `ip`. target: whom a signal is for. name: of a service or a sysctl.
    """

    operation: str
    path: str = ""
    kind: str = "REGULAR-FILE"
    host: str = ""
    port: int = 0
    socket: str = ""
    target: str = ""
    name: str = ""
    domain: str = ""
    extensions: tuple[str, ...] = ()


@dataclass
class Profile:
    """A parsed profile with the values of its parameters."""

    rules: list[tuple[str, list[str], list[object]]] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    default: str = ""

    def allows(self, asked: Operation) -> bool:
        """Tell what the kernel would answer."""
        assert asked.operation in OPERATIONS, asked.operation
        verdict = self.default
        for decision, operations, filters in self.rules:
            if not any(covers(pattern, asked.operation) for pattern in operations):
                continue
            if not filters or any(self.holds(item, asked) for item in filters):
                verdict = decision
        return verdict == "allow"

    def holds(self, item: object, asked: Operation) -> bool:  # noqa: C901, PLR0911, PLR0912 -- one case a filter
        """Tell whether a filter lets an operation through."""
        assert isinstance(item, list), item
        head, *rest = item
        match head:
            case "require-all":
                return all(self.holds(part, asked) for part in rest)
            case "require-any":
                return any(self.holds(part, asked) for part in rest)
            case "require-not":
                (part,) = rest
                return not self.holds(part, asked)
            case "literal":
                return asked.path == self.text(rest)
            case "subpath":
                place = self.text(rest)
                return asked.path == place or asked.path.startswith(place.rstrip("/") + "/")
            case "regex":
                return bool(asked.path) and re.search(self.text(rest), asked.path, re.DOTALL) is not None
            case "vnode-type":
                assert rest[0] in ("DIRECTORY", "REGULAR-FILE", "CHARACTER-DEVICE"), rest
                return asked.kind == rest[0]
            case "extension":
                return self.text(rest) in asked.extensions
            case "global-name" | "sysctl-name":
                return asked.name == self.text(rest)
            case "sysctl-name-prefix":
                return asked.name.startswith(self.text(rest))
            case "target":
                assert rest[0] in ("self", "same-sandbox", "others"), rest
                return asked.target == rest[0]
            case "socket-domain":
                return asked.domain == rest[0]
            case "remote" | "local":
                return self.ends(head, rest, asked)
        raise AssertionError(f"unknown filter: {item}")

    def ends(self, head: str, rest: list[object], asked: Operation) -> bool:
        """Tell whether a network filter holds. A host may be `*` or `localhost`, which sandbox-exec insists on."""
        kind, *more = rest
        assert kind in ("ip", "unix-socket"), rest
        if (asked.operation == "network-outbound") != (head == "remote"):
            return False
        if kind == "unix-socket":
            return asked.socket == "unix" and (not more or self.holds(more[0], asked))
        host, _, port = self.text(more).rpartition(":")
        assert host in ("*", "localhost"), more
        return (
            asked.socket == "ip"
            and (host == "*" or asked.host in ("127.0.0.1", "::1"))
            and port in ("*", str(asked.port))
        )

    def text(self, parts: list[object]) -> str:
        """Return the text of a filter's argument, `(param "X")` looked up."""
        (part,) = parts
        if isinstance(part, list):
            name, key = part
            assert name == "param", part
            return self.parameters[key]
        assert isinstance(part, str), part
        assert not isinstance(part, Atom), part
        return part


def covers(pattern: str, operation: str) -> bool:
    """Tell whether an operation in a rule stands for this one."""
    return operation == pattern or (pattern.endswith("*") and operation.startswith(pattern[:-1]))


def read(text: str, parameters: dict[str, str]) -> Profile:
    """Parse a profile. Raises AssertionError for whatever the language, or this reader, does not know."""
    forms = parse(text)
    assert forms[0] == ["version", "1"], forms[0]
    profile = Profile(parameters=parameters)
    for form in forms[1:]:
        decision, *rest = form
        assert decision in ("allow", "deny"), form
        if rest == ["default"]:
            assert not profile.default
            profile.default = str(decision)
            continue
        operations = [str(part) for part in rest if isinstance(part, Atom)]
        filters = [part for part in rest if not isinstance(part, Atom)]
        assert operations, form
        for name in operations:
            assert any(covers(name, known) for known in OPERATIONS), f"unknown operation: {name}"
        profile.rules.append((str(decision), operations, filters))
    assert profile.default == "deny"
    for _, operations, filters in profile.rules:
        for item in filters:
            check(profile, item)
            if isinstance(item, list) and item[:2] == ["local", "ip"]:  # true of every socket that is not bound
                assert not any(covers(name, "network-outbound") for name in operations), item
    return profile


def check(profile: Profile, item: object) -> None:
    """Ask every filter once, so that an unknown one is found even where no test gets to it."""
    for asked in (
        Operation("network-outbound", socket="ip", host="192.0.2.1", port=1, path="/nowhere"),
        Operation("network-bind", socket="unix", path="/nowhere"),
        Operation("file-read-data", "/nowhere"),
    ):
        profile.holds(item, asked)
    assert isinstance(item, list)
    for part in item[1:]:
        if isinstance(part, list) and part[0] != "param" and item[0].startswith("require"):
            check(profile, part)


def parse(text: str) -> list[list[object]]:
    """Return the forms of a text: lists, atoms and strings."""
    stack: list[list[object]] = [[]]
    position = 0
    while position < len(text):
        match = TOKEN.match(text, position)
        assert match, f"cannot be read: {text[position : position + 40]!r}"
        position = match.end()
        if match["open"]:
            stack.append([])
        elif match["close"]:
            done = stack.pop()
            stack[-1].append(done)
        elif match["string"] is not None:
            stack[-1].append(re.sub(r"\\(.)", r"\1", match["string"], flags=re.DOTALL))
        elif match["atom"]:
            stack[-1].append(Atom(match["atom"]))
    (forms,) = stack
    assert all(isinstance(form, list) for form in forms), forms
    return forms  # type: ignore[return-value]
