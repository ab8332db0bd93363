"""aigate's errors: a message, a hint and an exit status each. Imports nothing else of it; `aigate.cli` prints them."""

import os
from errno import EAGAIN, EDQUOT, EFBIG, EMFILE, ENFILE, ENOMEM, ENOSPC

NO_MEMORY = "there is not enough memory"
REMEDIES = {
    EMFILE: "ulimit -n raises what may be open at once",
    ENFILE: "the whole machine has too much open: sysctl fs.file-max",
    EFBIG: "ulimit -f says how large a file may get",
    ENOSPC: "make room on that disk",
    EDQUOT: "make room: your quota of that disk is used up",
}


class AigateError(Exception):
    """Something that ends the program with one line for the user.

    message: what is wrong, one line, no trailing full stop.
    hint: what to do about it, or None.
    exit_status: what the process ends with (1 unless a subclass says otherwise).
    """

    exit_status = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def told(error: BaseException) -> str:
    """Return any error as words for the user, on one line. What is missing at the time is told as that."""
    if isinstance(error, AigateError):
        return error.message
    if isinstance(error, MemoryError):
        return NO_MEMORY
    if isinstance(error, ImportError):
        return f"a part of aigate cannot be loaded: {error}"
    if isinstance(error, OSError):
        return f"{error.filename or 'the system refused what aigate needs'}: {error.strerror or error}"
    if _was_loading(error):
        return "a part of aigate cannot be loaded: its file could not be read"
    return f"this is a mistake in aigate: {type(error).__name__}: {error}"


def remedy(error: BaseException) -> str | None:
    """Return what to do where a limit is what the system's refusal comes from; None for anything else."""
    if isinstance(error, MemoryError):
        return _scarce(ENOMEM)
    if isinstance(error, OSError):
        number = error.errno or 0
        waits = number == EAGAIN and error.strerror != os.strerror(EAGAIN)  # a file that holds nothing yet, see reading
        return None if waits else REMEDIES.get(number) or _scarce(number)
    if os.strerror(EMFILE) in str(error):  # the loader's words
        return REMEDIES[EMFILE]
    return remedy(error.__context__) if error.__context__ else None  # Python's own: what it was about when it failed


def remedy_of_words(message: str) -> str | None:
    """Return what to do where another process of ours told the system's refusal, at the end of a line."""
    for number in (*REMEDIES, EAGAIN, ENOMEM):
        if message.endswith(os.strerror(number)):
            return REMEDIES.get(number) or _scarce(number)
    return _scarce(ENOMEM) if message.endswith(NO_MEMORY) else None


def _scarce(number: int) -> str | None:
    """Return which limit was met, for an error that several of them end in."""
    if number not in (EAGAIN, ENOMEM):
        return None
    try:
        from aigate import scarce

        return scarce.processes() if number == EAGAIN else scarce.memory()
    except (MemoryError, ImportError, OSError):  # of which nothing is left for looking, either
        return None


def _was_loading(error: BaseException) -> bool:
    """Tell whether Python itself failed, with whatever error, while it loaded a module."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_code.co_filename.startswith("<frozen importlib")


class UsageError(AigateError):
    """The command line is wrong."""


class ConfigError(AigateError):
    """A config file is missing, unreadable or wrong. `path` and `line` (1-based) say where, when known."""

    def __init__(
        self, message: str, *, path: str | None = None, line: int | None = None, hint: str | None = None
    ) -> None:
        where = "" if path is None else f"{path}: " if line is None else f"{path}:{line}: "
        super().__init__(f"{where}{message}", hint=hint)
        self.path = path
        self.line = line


class MissingConfigError(ConfigError):
    """There is no `~/.aigate/config.yaml` yet. `aigate mask` can do without it; `aigate run` cannot."""


class RuleError(AigateError):
    """A masking rule that cannot be used: RE2 refused it, or it can match the empty string."""


class PolicyError(AigateError):
    """What was asked for is forbidden by the policy: nothing was run."""


class EnforcementError(AigateError):
    """What was asked for cannot be enforced on this machine: nothing was run."""


class KilledError(AigateError):
    """The command was killed because it went over a limit (128 + SIGKILL, as in POSIX shells)."""

    exit_status = 137


class CommandNotFoundError(AigateError):
    """The command to run does not exist (127, as in POSIX shells)."""

    exit_status = 127


class NotExecutableError(AigateError):
    """The command to run exists but cannot be executed (126, as in POSIX shells)."""

    exit_status = 126
