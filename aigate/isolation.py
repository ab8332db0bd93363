"""What keeps aigate's own process apart from what a project can plant: the variables it has, where modules come from.

Owns the caller's environment, which is for the command in the sandbox and for what is found out about it. No program
of aigate's own is ever given it: the loader, the C library, Python and tools obey variables that may name an agent's
files.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

CALLERS = "AIGATE_CALLER_"  # stands before the names of the caller's variables; alone, it says that there are some
HELD = "held"  # among the words of that one where SIGINT waits
PIPE, FILE_SIZE = "pipe", "xfsz"  # where the caller ignores SIGPIPE, and SIGXFSZ: Python itself ignores them as well
KEPT = ("LANG", "LC_ALL", "LC_CTYPE", "TERM", "COLUMNS", "LINES", "SUDO_UID", "AIGATE_LOG_LEVEL")  # and HOME
OWNERS = 0o077  # a umask that takes nothing from the owner
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = ("aigate", "aigate-mask")  # beside the script; the second one only where it was built
SITES = ("/site-packages", "/dist-packages")
MIXED = "{}/aigate is mixed with another project of that name"
APART = "install aigate-sandbox again, in an environment of its own: pipx, uv tool, python -m venv"
RESTART = """import sys
sys.prefix = sys.exec_prefix = sys.argv.pop(1)
for _ in range(int(sys.argv.pop(1))):
    sys.path.append(sys.argv.pop(1))
from aigate.cli import start
start()
"""

_callers: list[dict[str, str]] = []
_programs: list[str] = []
_held: list[str] = []
_ignored: list[str] = []
_umask: list[int] = []


def begin(script: str = "") -> None:
    """Take the caller's variables out of this process's own. script: path of aigate-python, where that was run.

    What aigate makes can be used by its owner, whatever the caller's umask takes from files; the command gets it back.
    """
    _umask[:] = [os.umask(OWNERS)]
    os.umask(_umask[0] & OWNERS)
    if script:
        _programs[:] = [script, *(os.path.join(os.path.dirname(script), name) for name in PROGRAMS)]
    if CALLERS in os.environ:
        names = [name for name in os.environ if name.startswith(CALLERS)]
        given = {name.removeprefix(CALLERS): os.environ.pop(name) for name in names}
        words = given.pop("").split()
        _held[:] = [word for word in words if word == HELD]
        _ignored[:] = [word for word in words if word != HELD]
        _callers[:] = [given]


def let_interrupts_in() -> None:
    """Take SIGINT from now on, which has waited since the command `aigate` started this Python."""
    if HELD in _held:
        from _signal import SIG_UNBLOCK, SIGINT, pthread_sigmask  # type: ignore[import-not-found]

        _held.clear()
        pthread_sigmask(SIG_UNBLOCK, (SIGINT,))


def ignored_by_caller() -> tuple[int, ...]:
    """Return which of the signals that Python ignores the caller of the command `aigate` ignored, too."""
    from _signal import SIGPIPE, SIGXFSZ

    return tuple(number for word, number in ((PIPE, SIGPIPE), (FILE_SIZE, SIGXFSZ)) if word in _ignored)


def is_interrupt_waiting() -> bool:
    """Tell whether a SIGINT waits: then whatever failed may have failed because helpers were sent it as well."""
    from _signal import SIGINT, sigpending

    return SIGINT in sigpending()


class InterruptsHeld:
    """While it lasts SIGINT waits: what was begun with processes of its own is ended first, and these ask nobody."""

    def __enter__(self) -> None:
        from _signal import SIG_BLOCK, SIGINT, pthread_sigmask

        self._before = pthread_sigmask(SIG_BLOCK, (SIGINT,))

    def __exit__(self, *_: object) -> None:
        from _signal import SIG_SETMASK, pthread_sigmask

        pthread_sigmask(SIG_SETMASK, self._before)


def callers_environment() -> dict[str, str]:
    """Return the variables that aigate was called with; this process's own where it was not started isolated."""
    return dict(_callers[0] if _callers else os.environ)


def bring_umask_back() -> None:
    """Give this process the umask that aigate was called with."""
    if _umask:
        os.umask(_umask[0])


def programs() -> tuple[str, ...]:
    """Return the paths of the files that the command `aigate` consists of, besides the package."""
    return tuple(_programs)


def is_isolated() -> bool:
    """Tell whether this process's Python was started so that it takes modules from nowhere but where aigate is."""
    return bool(sys.flags.isolated and sys.flags.no_site)


def home() -> str:
    """Return the directory that the package lies in."""
    return os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def is_mixed(place: str) -> bool:
    """Tell whether the distribution `aigate` is installed where this package is, which belongs to aigate-sandbox.

    Each overwrites files of the other, and takes them along when it is removed. Names alone are looked at: Python reads
    that directory anyway, so this costs no more than a few microseconds.
    """
    return any(name.startswith("aigate-") and name.endswith((".dist-info", ".egg-info")) for name in os.listdir(place))


def restart() -> NoReturn:
    """Start this process again, as `aigate` would: isolated, and with the variables that are kept.

    What its own Python and loader have obeyed by now, they have obeyed: only the command `aigate` comes before that.
    """
    if is_mixed(home()):
        sys.exit(f"aigate: {MIXED.format(home())}\n  hint: {APART}")
    os.execve(sys.executable, command_line(sys.argv[1:]), own_environment(os.environ))


def command_line(words: list[str]) -> list[str]:
    """Return how this Python runs a command line of aigate's, isolated. words: without the program's name."""
    places = dict.fromkeys((home(), *(path for path in sys.path if path.endswith(SITES))))
    return [sys.executable, "-I", "-S", "-c", RESTART, sys.prefix, str(len(places)), *places, *words]


def own_environment(callers: os._Environ[str] | dict[str, str]) -> dict[str, str]:
    """Return what native/launcher.c makes of a caller's environment."""
    kept = {name: callers[name] for name in KEPT if name in callers and "/" not in callers[name]}
    home = {"HOME": callers["HOME"]} if "HOME" in callers else {}
    return {"PATH": PATH, CALLERS: "", **home, **kept, **{f"{CALLERS}{name}": callers[name] for name in callers}}
