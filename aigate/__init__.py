"""aigate: an OS-level sandbox for AI coding agents, and a streaming redactor of secrets."""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate._masker import Display, Masker, Stream
    from aigate.library import Finished, Policy, explain, run
    from aigate.masking.rule import Rule

__all__ = ["Display", "Finished", "Masker", "Policy", "Rule", "Stream", "__version__", "explain", "run"]


def __getattr__(name: str) -> object:
    """Import a thing when it is first asked for: commands need not load RE2, nor a program that masks the rest."""
    if name in ("Display", "Masker", "Stream"):
        from aigate import _masker

        return getattr(_masker, name)
    if name in ("Finished", "Policy", "explain", "run"):
        from aigate import library

        return getattr(library, name)
    if name == "Rule":
        from aigate.masking.rule import Rule

        return Rule
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
