"""aigate for programs that start agents: `run`, `explain`, and the `Policy` that both take. See docs/library.md."""

from aigate.library.answers import Answer, OfCommand, OfHost, OfPath, explain
from aigate.library.policy import Policy
from aigate.library.runs import Finished, run

__all__ = ["Answer", "Finished", "OfCommand", "OfHost", "OfPath", "Policy", "explain", "run"]
