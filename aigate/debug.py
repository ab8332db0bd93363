"""Debug messages on standard error, when AIGATE_LOG_LEVEL=debug asks for them. Never holds what a file or stream says.

`logging` is imported only then: it costs more than a run's own work.
"""

from __future__ import annotations

import os

ENABLED = os.environ.get("AIGATE_LOG_LEVEL", "").lower() == "debug"


def log(message: str) -> None:
    """Write one message, with the time since the process started logging."""
    if ENABLED:
        import logging

        logging.basicConfig(level=logging.DEBUG, format="aigate debug %(relativeCreated)6.1f ms: %(message)s")
        logging.getLogger("aigate").debug("%s", message)
