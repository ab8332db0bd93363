"""What a run leaves in the audit log, alike on every system, and which errors its end turns into."""

from __future__ import annotations

import time

from aigate.config.merge import limit_text
from aigate.errors import EnforcementError, KilledError, told

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate.session.opening import Opening
    from aigate.session.request import Prepared
    from aigate.streams.relay import Relay


class Events:
    """The log of one run, from `started` to `ended`."""

    def __init__(self, opening: Opening, prepared: Prepared) -> None:
        self._opening, self._prepared = opening, prepared
        self._since = time.monotonic()
        self.began = False

    def started(self) -> None:
        """Write down that the run starts. Raises AigateError."""
        self.began = True
        prepared = self._prepared
        command, directory = self._opening.all_masked(" ".join(prepared.plan.command), prepared.policy.cwd)
        self._opening.log.write(
            "started",
            command=command,
            directory=directory,
            hidden=len(prepared.policy.hidden),
            protected=len(prepared.policy.protected),
            denied_commands=len(prepared.policy.denied_commands),
            rules=len(prepared.rules),
            network=prepared.network.way,
            **({"user": prepared.agent} if prepared.agent else {}),
        )

    def ended(self, status: int, masked: dict[str, int], taken: dict[str, int]) -> None:
        """Write down that it ended.

        masked: how many matches each rule hid; those that hid nothing are left out. taken: likewise how many sequences
        of each kind the terminal did not get.
        """
        seconds = round(time.monotonic() - self._since, 3)
        hidden = {name: count for name, count in masked.items() if count}
        kept = {"terminal": taken} if taken else {}
        self._opening.log.write("ended", status=status, seconds=seconds, masked=hidden, **kept)

    def revealed(self) -> None:
        """Write down that the user had the last masked text shown. Raises EnforcementError: then it is not."""
        self._opening.log.write("revealed")

    def asked(self, host: str, port: int, answer: str) -> None:
        """Write down what the user has answered about a host."""
        self._opening.log.write("asked", subject=host, port=port, answer=answer)

    def limited(self, refused: int, *, killed: bool) -> None:
        """Write down what the control group did. refused: processes that were not started. killed: for its memory."""
        if refused:
            self._opening.log.write("limited", limit="max_pids", times=refused)
        if killed:
            self._opening.log.write("killed", limit="max_memory")

    def tell_head(self) -> None:
        """Tell where the log ends, if the run has left anything in it. Raises AigateError."""
        if self.began and self._opening.talk.logged is not None:
            self._opening.talk.logged(self._opening.log.run, self._opening.log.head())

    def killed(self) -> KilledError:
        """Return the error that a command ends with which was killed for its memory."""
        most = self._prepared.policy.limits.max_memory or 0
        return KilledError(f"killed: over max_memory {limit_text('max_memory', most)}")


def check_output(relay: Relay) -> None:
    """Raise EnforcementError where output could not be written."""
    if relay.failure:
        reason = relay.failure.strerror if isinstance(relay.failure, OSError) else told(relay.failure)
        raise EnforcementError(f"output cannot be written: {reason}") from relay.failure
