"""What a watch is given, and what it has to say at the end. Pure data."""

from __future__ import annotations

from aigate.record import record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from aigate.policy.model import Policy

    OnEvent = Callable[[str, dict[str, str | int]], None]

    class Covers(Protocol):
        """What stands over the places of one sandbox, and how it is put there again (aigate.launch.renewing)."""

        paths: frozenset[str]

        def attach(self, descriptors: tuple[int, ...]) -> None:
            """Begin, in the outer mount namespace."""

        def renew(self, path: str) -> bool:
            """Cover a path again where nothing stands over it any more; tell whether that was so."""
            ...

        def below(self, path: str) -> list[str]:
            """Return what something stood over below a directory."""
            ...

        def hide(self, path: str) -> bool:
            """Cover something that nothing was planned for, so that it cannot be read."""
            ...

        def cover_in(self, process: int, covers: dict[str, bool]) -> None:
            """Cover paths in another process's mount namespace too. covers: whether each is hidden, else protected."""

        def cover_from(self, directory: int, path: str, *, hidden: bool) -> bool:
            """Cover a path below an opened directory, wherever that is by now; tell whether it was bare."""
            ...

        def stands(self, path: str) -> bool:
            """Tell whether something stands over a path."""
            ...

        def pin(self, path: str) -> bool:
            """Let a directory that nothing was planned for not be renamed."""
            ...

        def protect(self, path: str) -> bool:
            """Let something that nothing was planned for not be changed."""
            ...

    class Logins(Protocol):
        """The files that the user and the agent both have (aigate.layers.logins)."""

        descriptor: int
        due: bool

        def begin(self, top: int) -> None:
            """Begin, with a descriptor of the layer as the sandbox sees it. Raises OSError."""

        def look(self) -> None:
            """Take note of what has happened."""

        def exchange(self, is_over: Callable[[], bool], note: Callable[[str, str, str], None]) -> None:
            """Exchange what is due, unless it is over."""

        def end(self, note: Callable[[str, str, str], None]) -> None:
            """Bring out what was changed last."""


@record
class Job:
    """One run to be watched.

    state: aigate's own directory. run: the run's random id. since: when it began (seconds since 1970), before anything
    was looked for. late: `tell` or `hide`. required: the run is to end as soon as something is not watched.
    layered: the directory in which the files lie that the user and the agent both have, or "".
    """

    policy: Policy
    state: str
    run: str
    since: float
    late: str = "tell"
    required: bool = False
    layered: str = ""


@record
class Notice:
    """One thing that happened. kind: see `KINDS` of notices.py. path: what it happened to. text: what more there is."""

    kind: str
    path: str
    text: str = ""


@record
class WatchReport:
    """What a run's watch saw. failed: it ended too early.

    unwatched: how many directories could not be watched. missed: the first of them, or "".
    """

    notices: tuple[Notice, ...] = ()
    unwatched: int = 0
    missed: str = ""
    failed: bool = False
