"""What the clerk must know of a run, in plain values: another Python can be handed it."""

from __future__ import annotations

import marshal
import os
import sys

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.watch.model import Job

    # Of git's directories that were there: content of HEAD; (file, line) that a rebase would run; links. Whether the
    # project's directory was a repository itself.
    Before = tuple[dict[str, bytes | None], dict[str, tuple[tuple[str, str], ...]], tuple[str, ...], bool]

SIZE_BYTES = 4
NOTHING: Before = ({}, {}, (), False)


@record
class Brief:
    """What the clerk must know. apart: see `Quarantine`. before: how git's directories were. The rest: see `Job`."""

    state: str
    run: str
    since: float
    layered: str
    project: str
    writable: tuple[str, ...]
    apart: bool
    before: Before

    def packed(self) -> bytes:
        """Return it as bytes."""
        return marshal.dumps(tuple(getattr(self, name) for name in self.__match_args__))


def sized(data: bytes) -> bytes:
    """Return bytes with their number before them, as native/clerk.c writes it."""
    return len(data).to_bytes(SIZE_BYTES, sys.byteorder) + data


def parts(data: bytes) -> list[bytes]:
    """Return what was written one behind the other, each with its size before it."""
    found = []
    while data:
        end = SIZE_BYTES + int.from_bytes(data[:SIZE_BYTES], sys.byteorder)
        found.append(data[SIZE_BYTES:end])
        data = data[end:]
    return found


def unpacked(data: bytes) -> Brief:
    """Return what was packed."""
    return Brief(*marshal.loads(data))  # noqa: S302  # our own process's words


def brief_of(job: Job) -> Brief:
    """Return what the clerk of a run must know, as it is now: before the command has started."""
    policy, before = job.policy, NOTHING
    known = git_directories(job)
    if known or os.path.lexists(f"{policy.project}/HEAD"):
        from aigate.watch.repositories import as_found

        before = as_found(known, policy.project)
    return Brief(job.state, job.run, job.since, job.layered, policy.project, policy.writable, is_seen(job), before)


def is_seen(job: Job) -> bool:
    """Tell whether a directory that is moved to where aigate keeps things stays in what the sandbox can write to."""
    return any(f"{job.state}/".startswith(f"{place.rstrip('/')}/") for place in job.policy.writable)


def git_directories(job: Job) -> tuple[str, ...]:
    """Return git's directories that were there when the run began, whether their settings are protected or not."""
    above = {os.path.dirname(item.path) for item in job.policy.protected if not item.placeholder}
    return tuple(sorted(place for place in above.union(job.policy.repositories) if os.path.lexists(f"{place}/HEAD")))
