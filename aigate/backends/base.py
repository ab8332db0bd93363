"""What a backend returns: everything needed to start one sandbox, as data."""

from __future__ import annotations

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.backends.layout import Layout, Step


@record
class Plan:
    """How to start a sandbox.

    backend: `bwrap`, `unshare` or `seatbelt`. tool: path of the launcher; "" where aigate makes the sandbox itself.
    options: the launcher's options; a number stands for a descriptor on that one of `blobs`.
    blobs: contents that the launcher reads from descriptors (stub files, the seccomp filter).
    init: the program inside that is process 1 and starts the command (aigate/native/init.c). command: what it starts.
    environment: of the command alone, where there is an init that gives it; else of the launcher, too.
    init: empty where the launcher starts the command itself.
    shown: number of the blob that is the sandbox's rules as text, for --dry-run, or None.
    steps: mounts that aigate makes by itself, in a namespace that the launcher starts in; none: the launcher does it.
    own: what only the unshare backend needs, since there is no launcher that does it.
    tree: the file tree that all this comes to, on Linux. divides_groups: cgroup namespaces may be made inside.
    privileged: the launcher is set-id and needs to be, so nothing may be put in force before it that forbids that.
    """

    backend: str
    tool: str
    options: tuple[str | int, ...]
    blobs: tuple[bytes, ...]
    init: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    shown: int | None = None
    steps: tuple[Step, ...] = ()
    own: OwnLaunch | None = None
    tree: Layout | None = None
    divides_groups: bool = False
    privileged: bool = False

    def printed(self) -> str:
        """Return the plan as text, one step, or one option with its values, a line, for --dry-run."""
        lines = [f"mount {_shown(step)}" for step in self.steps]
        lines.append(self.tool or "aigate itself")
        if self.own is not None:
            lines += self.own.printed()
        for word in self.options:
            text = f"<{len(self.blobs[word])} bytes>" if isinstance(word, int) else _escaped(word)
            if text.startswith("--"):
                lines.append(f"  {text}")
            else:
                lines[-1] += f" {text or repr(text)}"
        started = " ".join((*((self.init,) if self.init else ()), *self.command))
        text = "" if self.shown is None else self.blobs[self.shown].decode("utf-8", "backslashreplace")
        return "\n".join([*lines, f"  -- {started}", text])


@record
class OwnLaunch:
    """What the unshare backend does besides the mounts of the plan.

    uid, gid: who the command is inside. cwd: where it starts. network: a network namespace with nothing but loopback
    is made. processes: mounts that need the process namespace. seccomp: the filter (seccomp(2)), or None.
    """

    uid: int
    gid: int
    cwd: str
    network: bool
    processes: tuple[Step, ...]
    seccomp: bytes | None

    def printed(self) -> list[str]:
        """Return it as lines of text."""
        return [
            f"  namespaces user mount pid ipc uts cgroup{' net' if self.network else ''}",
            *(f"  mount {_shown(step)}" for step in self.processes),
            "  namespaces user mount",
            f"  uid {self.uid} gid {self.gid}",
            f"  directory {_escaped(self.cwd)}",
            "  capabilities none",
            f"  seccomp {f'<{len(self.seccomp)} bytes>' if self.seccomp else 'none'}",
        ]


def _shown(step: Step) -> str:
    """Return a step as words: its kind, its path, and what else it says."""
    words = [type(step).__name__.lower()]
    for name in type(step).__match_args__:
        value = getattr(step, name)
        if isinstance(value, bytes):
            words.append(f"<{len(value)} bytes>")
        elif isinstance(value, bool):
            words += [name] if value else []
        elif name == "size":
            words += [f"size {value}"] if value else []
        elif isinstance(value, int):
            words.append(f"{value:04o}")
        elif isinstance(value, str) and (name != "source" or value != getattr(step, "path", "")):
            words.append(_escaped(value))
    return " ".join(words)


def _escaped(text: str) -> str:
    return text.encode("unicode_escape").decode()
