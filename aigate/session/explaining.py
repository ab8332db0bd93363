"""What a run would let a command do with one path, one command or one host, and which entry of which file decides.

It asks the run itself: the policy, the file tree and the network that `session/linux.py` would start a command with,
and the watch's own ruling about what is not there yet. Starts nothing, and prints nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

from aigate.backends.layout import below
from aigate.backends.seen import CLOSED, COPY, LAYER, OWN, TEXT, is_there, led_to, seen_at
from aigate.policy.commands import is_denied
from aigate.record import record
from aigate.session.permissions import permits
from aigate.session.remedies import Remedies
from aigate.session.request import files_named
from aigate.watch.places import LATE, Places

if TYPE_CHECKING:
    from aigate.backends.layout import Layout
    from aigate.backends.seen import Sight
    from aigate.config.model import Config, Entry
    from aigate.policy.model import DeniedProgram, Hidden, Policy, Protected
    from aigate.session.request import Prepared

EACCES, EROFS, ENOENT = "Permission denied", "Read-only file system", "No such file or directory"
UNMAPPED = "Value too large for defined data type"
REFUSED = "aigate: … is denied by policy (deny_exec), and exit status 126"
READABLE = {OWN: "it is the sandbox's own", TEXT: "aigate's own text stands there", COPY: "it is a copy"}
WRITABLE = {
    OWN: "it is the sandbox's own, and gone at the end",
    COPY: "a copy: new remotes and what branches track are brought out, key by key",
}
HOMES = {
    "layer": "its change is kept apart, in the project's layer; your own file stays as it is (aigate layer)",
    "memory": "its change lies in memory and is gone at the end",
}


@record
class Answer:
    """Whether one thing can be done. reason: why, in a few words. key, entry: what of the config decides, if it does.

    sees: what a program inside gets to see; "" where it may. change: the command, or the words, that change it.
    """

    allowed: bool
    reason: str
    key: str = ""
    entry: Entry | None = None
    sees: str = ""
    change: str = ""


@record
class OfPath:
    """What can be done with a path. real: what it leads to. exists: whether that is there, inside."""

    path: str
    real: str
    exists: bool
    read: Answer
    write: Answer
    run: Answer


@record
class OfCommand:
    """Whether a command line runs. file: the program that it starts; "" for none."""

    command: tuple[str, ...]
    file: str
    run: Answer


class Explaining:
    """Answers about one run that is prepared and never started. config_file: an explicit one, or None."""

    def __init__(self, config: Config, prepared: Prepared, config_file: str | None = None) -> None:
        self.config, self.prepared = config, prepared
        self.policy = prepared.policy
        self._tree = cast("Layout", prepared.plan.tree)  # on Linux there always is one
        self._places = Places(self.policy, ())
        self.remedies = Remedies(config, self.policy, config_file)

    def path(self, text: str) -> OfPath:
        """Return what can be done with a path, as it is written on a command line."""
        path = os.path.normpath(os.path.join(self.policy.cwd, os.path.expanduser(text)))
        real = led_to(self._tree, path)
        sight = seen_at(self._tree, real)
        hidden = self._hidden(sight)
        exists = is_there(real, sight)
        if hidden is not None and (sight.kind == CLOSED or sight.step.path == real):
            answer = self._is_hidden(hidden, real)
            return OfPath(path, real, exists, answer, answer, answer)
        if not exists:
            answer = self._not_there(real, sight, hidden)
            return OfPath(path, real, exists, answer, self._create(real, sight), answer)
        return OfPath(path, real, exists, self._read(sight), self._write(real, sight), self._run(path, real, sight))

    def command(self, words: tuple[str, ...]) -> OfCommand:
        """Return whether a command line runs, as the first one of a run and as one that is started inside."""
        files = files_named(words[0], self.policy)
        denied = is_denied(words, self.policy.denied_commands)
        if denied is not None:
            entry = self.policy.denials[self.policy.denied_commands.index(denied)]
            return OfCommand(words, files[0] if files else "", self._denied(entry, " ".join(denied)))
        if not files:
            return OfCommand(words, "", Answer(False, "there is no such command", sees="command not found"))
        return OfCommand(words, files[0], self.path(files[0]).run)

    def _read(self, sight: Sight) -> Answer:
        if sight.kind in READABLE:
            return Answer(True, READABLE[sight.kind])
        if not permits(sight.source, os.R_OK, self.policy):
            return Answer(False, "the file's own permissions", sees=EACCES, change="chmod, by its owner")
        return Answer(True, "nothing denies it")

    def _is_hidden(self, item: Hidden, real: str) -> Answer:
        change = self.remedies.of_hidden(item, real)
        if item.entry is None:
            return Answer(False, item.reason, sees=EACCES, change=change)
        return Answer(False, self._because("hidden", item, real), "deny_read", item.entry, EACCES, change)

    def _because(self, what: str, item: Hidden | Protected, real: str) -> str:
        return f"it is {what}" if item.path == real else f"{item.path} is {what}, and it lies in that"

    def _not_there(self, real: str, sight: Sight, hidden: Hidden | None) -> Answer:
        if hidden is not None:
            return Answer(False, f"{hidden.path} is replaced: {hidden.reason}", sees=ENOENT)
        if sight.kind == OWN:
            return Answer(
                False, f"{sight.step.path} is the sandbox's own", sees=ENOENT, change="copy it into the project"
            )
        verdict, _, entry = self._places.ruling(real, directory=False)
        if verdict == LATE and entry is not None:
            late = self.config.late == "hide"
            told = "is hidden as soon as it is there (late: hide)" if late else "is read, and told (late: tell)"
            return Answer(False, f"it is not there; what appears {told}", "deny_read", entry, ENOENT)
        return Answer(False, "it is not there", sees=ENOENT)

    def _hidden(self, sight: Sight) -> Hidden | None:
        """Return what is hidden by the mount that decides about a path."""
        place = sight.step.path
        return next((item for item in self.policy.hidden if item.path == place), None)

    def _write(self, real: str, sight: Sight) -> Answer:
        if sight.kind == TEXT:
            return Answer(False, "aigate's own text stands there", sees=EROFS)
        if not sight.writable:
            return self._read_only(real, sight)
        if sight.kind in WRITABLE:
            return Answer(True, WRITABLE[sight.kind])
        if not permits(sight.source, os.W_OK, self.policy):
            return Answer(False, "the file's own permissions", sees=EACCES, change="chmod, by its owner")
        if sight.kind == LAYER:
            return self._layered(real, sight)
        return Answer(True, "it is your own")

    def _layered(self, real: str, sight: Sight) -> Answer:
        key, entry = self._setting("project" if sight.step.path == self.policy.project else "home")
        foreign = foreign_on(real, sight, self.policy)
        if foreign:
            reason = f"{foreign} is another user's or group's, which a layer cannot take over; it can be replaced"
            return Answer(False, reason, key, entry, UNMAPPED, f"chown, or chgrp, of {foreign}")
        return Answer(True, HOMES["layer" if getattr(sight.step, "directory", "") else "memory"], key, entry)

    def _setting(self, key: str) -> tuple[str, Entry | None]:
        return key, dict(self.config.settled).get(key)

    def _read_only(self, real: str, sight: Sight) -> Answer:
        item = next((item for item in self.policy.protected if real == item.path or below(real, item.path)), None)
        if sight.kind == OWN:
            return Answer(False, f"{sight.step.path} shows what the kernel and aigate put there", sees=EROFS)
        if item is not None and not item.placeholder and sight.step.path == item.path:
            change = self.remedies.of_protected(item, real)
            if item.entry is None:
                return Answer(False, item.reason, sees=EROFS, change=change)
            reason = item.reason or self._because("read-only", item, real)
            return Answer(False, reason, "deny_write", item.entry, EROFS, change)
        if below(real, self.policy.home):
            key, entry = self._setting("home")
            return Answer(False, f"the home is {self.policy.view.kind}", key, entry, EROFS, "set home: layer")
        return Answer(False, "all but the home, the project and /tmp is read-only", sees=EROFS)

    def _create(self, real: str, sight: Sight) -> Answer:
        """Return whether what is not there can be made."""
        if sight.source and os.path.islink(sight.source):
            return Answer(False, "it is a link in a circle", sees="Too many levels of symbolic links")
        directory = os.path.dirname(real)
        above = seen_at(self._tree, directory)
        verdict, why, entry = self._places.ruling(real, directory=False)
        if verdict and verdict != LATE and above.writable:
            change = self.remedies.of_unwanted(entry, real)
            reason = "it may not appear: what is made there is moved away (aigate quarantine)"
            key = why.partition(":")[0] if entry is not None and why.startswith("deny_") else "deny_write"
            return Answer(False, reason, key if entry else "", entry, "it is gone after a moment", change)
        if not is_there(directory, above) or (above.source and not os.path.isdir(above.source)):
            return Answer(False, f"{directory} is not there", sees=ENOENT)
        return self._write(directory, above)

    def _run(self, path: str, real: str, sight: Sight) -> Answer:
        program = next((item for item in self.policy.programs if item.path == real), None)
        if program is not None and sight.kind == TEXT:
            return self._of_program(program, os.path.basename(path))
        if sight.kind in (OWN, COPY):
            return Answer(False, "it is no program", sees=EACCES)
        if sight.kind == TEXT:
            return Answer(True, "it is started by a script of aigate's")
        if os.path.isdir(sight.source) or not permits(sight.source, os.X_OK, self.policy):
            return Answer(False, "it is not executable", sees=EACCES)
        return Answer(True, "nothing denies it")

    def _of_program(self, program: DeniedProgram, name: str) -> Answer:
        """Return whether a program of which something is denied runs under a name."""
        if not permits(program.path, os.X_OK, self.policy):
            return Answer(False, "it is not executable", sees=EACCES)
        if name in program.innocent and name not in program.names:
            parts = [f"{own} {' '.join(words)}" for own, words in program.subcommands]
            if not parts:
                return Answer(True, f"under this name; as {', '.join(program.names)} it does not run")
            entry = self._denial((parts[0].split()[0],), parts[0])
            return Answer(True, f"all of it but {', '.join(parts)}", "deny_exec", entry)
        names = (name, program.path, *program.names)
        entry = self._denial(names)
        if entry is None:
            return Answer(False, "it is another name of a denied program", sees=REFUSED)
        return self._denied(entry, entry.text)

    def _denial(self, names: tuple[str, ...], line: str = "") -> Entry | None:
        """Return the entry that denies a program by one of these names, or a command line."""
        for name in names:
            for words, entry in zip(self.policy.denied_commands, self.policy.denials, strict=True):
                if (words[0] == name and len(words) == 1 and not line) or (line and " ".join(words) == line):
                    return entry
        return None

    def _denied(self, entry: Entry, what: str) -> Answer:
        change = self.remedies.of_command(entry)
        return Answer(False, f"{what} is denied", "deny_exec", entry, REFUSED, change)


def foreign_on(real: str, sight: Sight, policy: Policy) -> str:
    """Return what of a path in a layer would have to be copied up and belongs to somebody else, or ""."""
    if sight.source != real:
        return ""  # it was copied up already
    place = real
    while below(place, sight.step.path):
        status = os.lstat(place)
        if status.st_uid != policy.uid or status.st_gid != policy.gid:
            return place
        place = os.path.dirname(place)
    return ""
