"""Files and descriptors through a masker. Owns opening and telling which side failed; masking itself is compiled."""

from __future__ import annotations

import fcntl
import os
import stat

from aigate.errors import AigateError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from aigate._masker import Masker

STDIN, STDOUT = 0, 1


class OutputClosed(Exception):  # noqa: N818 - it ends the work, it is not a mistake
    """The reader of the output has gone: there is nothing left to do."""


def mask_files(masker: Masker, paths: tuple[str, ...], fd_out: int = STDOUT) -> None:
    """Write the masked content of each file, one after the other; `-` is standard input.

    Raises AigateError when a file cannot be read or the output cannot be written, OutputClosed when its reader left.
    What was read before is masked and written by then.
    """
    for path in paths:
        if path == "-":
            _pump(masker, STDIN, fd_out, "standard input")
            continue
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            raise unreadable(path, error) from None
        try:
            _pump(masker, descriptor, fd_out, path)
        finally:
            os.close(descriptor)


def _pump(masker: Masker, fd_in: int, fd_out: int, name: str) -> None:
    if feeds_itself(fd_in, fd_out):
        raise onto_itself(name)
    try:
        masker.pump(fd_in, fd_out)
    except BrokenPipeError:
        raise OutputClosed from None
    except OSError as error:
        if error.filename == fd_in:
            raise unreadable(name, error) from None
        raise AigateError(f"cannot write the output: {error.strerror}") from None


def feeds_itself(fd_in: int, fd_out: int) -> bool:
    """Tell whether what is written would be read again, without end: the same file, with something left to read."""
    try:
        source, target = os.fstat(fd_in), os.fstat(fd_out)
        if (source.st_dev, source.st_ino) != (target.st_dev, target.st_ino) or not stat.S_ISREG(source.st_mode):
            return False
        at = os.lseek(fd_in, 0, os.SEEK_CUR)
        appends = fcntl.fcntl(fd_out, fcntl.F_GETFL) & os.O_APPEND
        return at < source.st_size and bool(appends or os.lseek(fd_out, 0, os.SEEK_CUR) >= at)
    except OSError:
        return False  # a pipe, or a descriptor that is closed: reading or writing tells


def onto_itself(name: str) -> AigateError:
    """Return the error for an input that is the output."""
    return AigateError(f"{name}: input file is output file", hint="write to another file, and rename that one")


def unreadable(name: str, error: Exception) -> AigateError:
    """Return the error for a file that cannot be read."""
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return AigateError(f"cannot read {name}: {reason}")
