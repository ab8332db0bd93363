"""Where layers lie: `~/.aigate/layers/NAME-DIGEST/`, one for each project, with a directory for each thing layered.

path          the project's path, as text
home/upper    what was changed of the home, or of the project that holds it
home/work     overlayfs's own                   home/below     the path of what lies below
project/...   likewise of the project, where that is layered by itself
cache/        caches of a home that is read-only
aside/        what was taken out of a layer and not thrown away
shared/       what the user and the layer had last of the keys that they share: see `layers/share.py`
accepted      what the user has agreed to keep: see `layers/review.py`
lock, runs/   who uses it right now: see `layers/hold.py`
"""

from __future__ import annotations

import os
import stat

from aigate.config.cache import digest
from aigate.errors import EnforcementError, remedy
from aigate.reading import content_of
from aigate.record import record

LAYERS = "layers"
HOME, PROJECT, CACHE, ASIDE, SHARED = "home", "project", "cache", "aside", "shared"
UPPER, WORK, BELOW = "upper", "work", "below"
LONGEST_NAME, DIGITS = 40, 12
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


@record
class Layer:
    """A project's layer. directory: where it lies. project: the project's real path."""

    directory: str
    project: str

    @property
    def name(self) -> str:
        """Return the name of its directory."""
        return os.path.basename(self.directory)

    def upper(self, part: str) -> str:
        """Return where what was changed of a part lies. part: HOME or PROJECT."""
        return f"{self.directory}/{part}/{UPPER}"


def layer_of(state: str, project: str) -> Layer:
    """Return a project's layer, which need not exist. state: `~/.aigate`."""
    base = "".join(letter if letter in PLAIN else "_" for letter in os.path.basename(project))[:LONGEST_NAME]
    return Layer(f"{state}/{LAYERS}/{base or 'root'}-{digest(os.fsencode(project))[:DIGITS]}", project)


def make(layer: Layer, parts: dict[str, str]) -> None:
    """Make the directories of a layer. parts: HOME or PROJECT to the directory that lies below it.

    The top of an upper directory stands for the one below it and gets its permissions. Raises EnforcementError.
    """
    try:
        os.makedirs(layer.directory, 0o700, exist_ok=True)
        _write_once(f"{layer.directory}/path", os.fsencode(layer.project))
        for part, below in parts.items():
            os.makedirs(f"{layer.directory}/{part}/{WORK}", 0o700, exist_ok=True)
            _write_once(f"{layer.directory}/{part}/{BELOW}", os.fsencode(below))
            upper = layer.upper(part)
            if _make_once(upper):
                os.chmod(upper, stat.S_IMODE(os.stat(below).st_mode))
    except OSError as error:
        raise EnforcementError(
            f"{error.filename or layer.directory} cannot be made: {error.strerror}",
            hint=remedy(error) or "check ~/.aigate/layers",
        ) from None


def parts_of(layer: Layer) -> dict[str, str]:
    """Return the parts that a layer has, each with the directory that lies below it."""
    found = ((part, _text(f"{layer.directory}/{part}/{BELOW}")) for part in (PROJECT, HOME))
    return {part: below for part, below in found if below}


def all_layers(state: str) -> list[Layer]:
    """Return the layers that exist, by the projects' paths."""
    try:
        names = os.listdir(f"{state}/{LAYERS}")
    except FileNotFoundError:
        return []
    found = (Layer(f"{state}/{LAYERS}/{name}", _text(f"{state}/{LAYERS}/{name}/path")) for name in names)
    return sorted((layer for layer in found if layer.project), key=lambda layer: layer.project)


def _text(path: str) -> str:
    try:
        return os.fsdecode(content_of(path))
    except OSError:
        return ""


def _make_once(path: str) -> bool:
    """Make a directory unless it is there, and tell whether it was made: another run may be at it, too."""
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        if os.path.isdir(path):
            return False
        raise
    return True


def _write_once(path: str, content: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    with open(descriptor, "wb") as file:
        file.write(content)
