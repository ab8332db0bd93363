"""What a backend returns: everything needed to start one sandbox, as data."""

from __future__ import annotations

from aigate.record import record


@record
class Plan:
    """How to start a sandbox.

    tool: path of the launcher. options: its options; a number stands for a descriptor on that one of `blobs`.
    blobs: contents that the launcher reads from descriptors (stub files, the seccomp filter).
    init: the program inside that is process 1 and starts the command (aigate/native/init.c). command: what it starts.
    environment: of the launcher and, through it, of the command.
    init: empty where the launcher starts the command itself.
    placeholders: paths that must exist while the sandbox runs, as (path, is a directory, content).
    shown: number of the blob that is the sandbox's rules as text, for --dry-run, or None.
    """

    tool: str
    options: tuple[str | int, ...]
    blobs: tuple[bytes, ...]
    init: str
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    placeholders: tuple[tuple[str, bool, bytes], ...]
    shown: int | None = None

    def printed(self) -> str:
        """Return the plan as text, one option with its values a line, for --dry-run."""
        lines = [self.tool]
        for word in self.options:
            text = (
                f"<{len(self.blobs[word])} bytes>" if isinstance(word, int) else word.encode("unicode_escape").decode()
            )
            if text.startswith("--"):
                lines.append(f"  {text}")
            else:
                lines[-1] += f" {text or repr(text)}"
        started = " ".join((*((self.init,) if self.init else ()), *self.command))
        text = "" if self.shown is None else self.blobs[self.shown].decode("utf-8", "backslashreplace")
        return "\n".join([*lines, f"  -- {started}", text])
