"""The texts that the sandbox holds: in place of denied programs, and the policy in plain words. Pure."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from aigate.policy.model import DeniedProgram, Policy

SUMMARY_PATH = "/tmp/.aigate-policy"  # noqa: S108 -- inside the sandbox, on a file system of its own
TRIED = "/tmp/.aigate-tried-"  # noqa: S108 -- likewise
REFUSED = 126
REFUSED_HOSTS = (
    "Of any other one, programs say what they make of a refusal: aigate's own words, or 403 (curl and git: CONNECT",
    "tunnel failed, response 403), or that the name is not known.",
)


def program_stub(
    program: DeniedProgram, original: str | None, told: str = SUMMARY_PATH, tried: str | None = None
) -> bytes:
    """Return the script that stands in place of a denied program.

    original: directory inside the sandbox where the real file can be started under its innocent names; None when no
    name and no subcommand of it is allowed. The words of a command line are judged as in `policy.commands`. told: where
    the policy can be read. tried: a file that is opened whenever it refuses.
    """
    head = SCRIPT_HEAD.replace(SUMMARY_PATH, told)
    if tried is not None:
        head = head.replace("    exit", f"    : <{_quote(tried)}\n    exit")
    if original is None:  # each has a text of its own, and so is a file of its own
        return f'{head}# In place of {_one_line(program.path)}\nrefuse "$name"\n'.encode("utf-8", "surrogateescape")
    own = program.path.rsplit("/", 1)[-1]
    tests = [(name, " ".join(words)) for name, words in program.subcommands]
    if own in program.innocent:
        tests += [(own, applet) for applet in program.names]  # busybox wget
    lines = [f'case $name in ({_quote(name)}) refuse "$name";; esac' for name in program.names]
    lines += [f'case $name in ({_quote(name)}) check {_quote(words)} "$@";; esac' for name, words in tests]
    lines += [
        f'case $name in ({_quote(name)}) exec {_quote(f"{original}/{name}")} "$@";; esac' for name in program.innocent
    ]
    return (head + SCRIPT_CHECK + "\n".join([*lines, 'refuse "$name"', ""])).encode("utf-8", "surrogateescape")


def tried_at(policy: Policy) -> dict[DeniedProgram, str]:
    """Return for each denied program the file that is opened inside when it refuses: its own, if it always does."""
    programs = enumerate(policy.programs)
    return {program: f"{TRIED}{number}" if program.innocent else program.path for number, program in programs}


def git_guard(script: bytes, real: str, path: str, listed: str) -> bytes:
    """Return the script that stands in front of one program file of git. listed: where `git_list` can be read."""
    for mark, word in ((b"@REAL@", real), (b"@SELF@", path), (b"@LIST@", listed)):
        script = script.replace(mark, _quote(word).encode("utf-8", "surrogateescape"))
    return script


def git_list(policy: Policy) -> bytes:
    """Return what that script looks up: what is hidden, protected or to stay away, and what is a copy, one a line.

    A path with a line end in it has no place there; git then says itself that it cannot change the file.
    """
    lines = [("hidden", item.path) for item in policy.hidden] + [("protected", item.path) for item in policy.protected]
    lines += [("copied", path) for path in policy.settings]
    return "".join(f"{kind} {path}\n" for kind, path in lines if "\n" not in path).encode("utf-8", "surrogateescape")


SCRIPT_HEAD = f"""#!/bin/sh
# Placed here by aigate: see {SUMMARY_PATH}
name=${{0##*/}}
refuse() {{
    echo "aigate: $1 is denied by policy (deny_exec)" >&2
    exit {REFUSED}
}}
"""
SCRIPT_CHECK = """check() {
    wanted=$1 all=$1 doubt=no
    shift
    for word do
        case $word in
            (--|-*=*) doubt=no; continue;;
            (-?*) doubt=yes; continue;;
        esac
        if [ "$word" = "${wanted%% *}" ]; then
            [ "$wanted" != "${wanted#* }" ] || refuse "$name $all"
            wanted=${wanted#* } doubt=no
            continue
        fi
        [ $doubt = yes ] || return 0
        doubt=no
    done
}
"""


def _quote(word: str) -> str:
    """Quote a word for sh(1)."""
    return "'" + word.replace("'", "'\\''") + "'"


def _one_line(text: str) -> str:
    return text.replace("\n", "\\n").replace("\r", "\\r")


def summary(policy: Policy, masked: tuple[str, ...], hidden: str = "permission denied") -> bytes:
    """Return the text that an agent finds at SUMMARY_PATH: what is denied, in plain words. hidden: how files are."""
    hosts = "any" if policy.hosts is None else ", ".join(rule.entry.text for rule in policy.hosts) or "none"
    ports = ", ".join(map(str, policy.ports))
    lines = [
        "You run inside aigate, a sandbox that the kernel enforces. What is listed here was denied by the user;",
        "trying again another way will not help. Ask the user if you need something.",
        "",
        '"Read-only file system", "Device or resource busy" and "Permission denied", as git, npm, rm and others say',
        "of a path that is listed here or lies below one, come from this. Do not work around it. Tell your user the",
        "path, what it is needed for, and what allows it, to be typed outside and to count from the next run on:",
        "  aigate allow read PATH, aigate allow write PATH, aigate allow exec COMMAND, aigate allow net HOST",
        "",
        f"Files that cannot be read ({hidden}):",
        *_listed(item.path for item in policy.hidden),
        "Files and directories that cannot be changed:",
        *_listed(item.path for item in policy.protected),
        "Commands that do not run:",
        *_listed(" ".join(words) for words in policy.denied_commands),
        f"Hosts that can be reached: {hosts}",
        *(REFUSED_HOSTS if policy.hosts else ()),
        *((f"Ports of your servers that the user can reach on localhost: {ports}",) if ports else ()),
        f"Taken out of your output: {', '.join(masked) or 'nothing'}",
        "",
    ]
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def _listed(items: Iterable[str]) -> list[str]:
    return [f"  {_one_line(item)}" for item in items] or ["  none"]
