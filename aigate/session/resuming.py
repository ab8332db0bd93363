"""What native/clerk.c becomes: a Python with the audit log of a run that has begun, and the clerk of its watch.

Owns how that is started; what the clerk does is `aigate.watch.clerk`'s.
"""

from __future__ import annotations

from aigate.audit.log import AuditLog
from aigate.watch.clerk import resume

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

    from aigate.watch.model import OnEvent


def go_on(so_far: str) -> NoReturn:
    """Be the clerk from now on. so_far: see native/clerk.c."""
    resume(so_far, _events_of)


def _events_of(state: str, run: str) -> OnEvent:
    """Return what writes a run's events down. Raises EnforcementError."""
    log = AuditLog(state)
    log.run = run
    return log.write_fields
