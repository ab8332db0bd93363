"""aigate: an OS-level sandbox for AI coding agents, and a streaming redactor of secrets."""

__version__ = "0.1.0"

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate._masker import Display, Masker, Stream
    from aigate.masking.rule import Rule

__all__ = ["Display", "Masker", "Rule", "Stream", "__version__"]


def __getattr__(name: str) -> object:
    """Import the masker when it is first asked for: the other commands need not load RE2."""
    if name in ("Display", "Masker", "Stream"):
        from aigate import _masker

        return getattr(_masker, name)
    if name == "Rule":
        from aigate.masking.rule import Rule

        return Rule
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
