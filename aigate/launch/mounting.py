"""Makes a sandbox's mounts by system calls, in a mount namespace of its own. Decides nothing: the steps are planned.

The host's tree stays as it is while a copy of it is changed: what is bound comes from the one, where it goes to is a
place in the other. Both are opened below their root without following links (openat2(2)), so that a path means what it
meant when the policy was made, or the run ends. At the end the copy becomes the root and the host's tree is let go.
Each mount costs the same however many there are: bwrap(1) reads the table of all mounts for every one.
"""

from __future__ import annotations

import os
import stat

from aigate import _linux
from aigate.backends.layout import (
    DEVICE_NAMES,
    Bind,
    Closed,
    Copy,
    Devices,
    Directory,
    File,
    Fixed,
    Layer,
    Link,
    Processes,
    ReadOnly,
    Redirect,
    Temporary,
)
from aigate.errors import EnforcementError
from aigate.launch.masks import NO_DEV, NO_EXEC, NO_SUID, PLACE, READ_ONLY, Masks, make_masks, somebody_else
from aigate.launch.overlays import new_layer
from aigate.launch.places import check, copy, in_the_way, is_gone, link_name, relative, sized, write_new
from aigate.suppress import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from aigate.backends.layout import Step
    from aigate.policy.model import Identity

MS_PRIVATE, MS_SHARED = 1 << 18, 1 << 20  # sys/mount.h
EPERM, EACCES = 1, 13
STORE_MOUNTED_AT = "/tmp"  # noqa: S108 -- covered by the sandbox's own /tmp afterwards
DEVICE_LINKS = (
    *((name, f"/proc/self/fd/{number}") for number, name in enumerate(("stdin", "stdout", "stderr"))),
    ("fd", "/proc/self/fd"),
    ("core", "/proc/kcore"),
    ("ptmx", "pts/ptmx"),
)


class Mounting:
    """The mounts of one sandbox, being made. For a process that is alone in a user and a mount namespace of its own.

    console: path of the command's terminal on the host, or None. Raises EnforcementError naming the path; the process
    must then end. What is made at once are the first steps, which depend on no file that somebody is just making.
    masks: what hides. They are made with a root; without one they are those of an earlier one, in the same namespace.
    borrowed: path of a layer to a descriptor of its mount, where another run has made it.
    """

    def __init__(
        self,
        console: str | None,
        steps: tuple[Step, ...],
        masks: Masks | None = None,
        borrowed: dict[str, int] | None = None,
    ) -> None:
        self._console = console
        self._borrowed = borrowed or {}
        self._steps = steps
        self._done = 0
        self._root = self._store = -1
        self._stored: dict[tuple[bytes, int], int] = {}
        self.masks = masks
        self._host = os.open("/", PLACE | os.O_DIRECTORY | os.O_CLOEXEC)
        if steps[0] == Bind("/", "/", writable=False):
            owners = somebody_else()
            try:
                self._begin()
                self._fill_store(owners)
            except OSError as error:
                raise EnforcementError(f"/ cannot be mounted: {_reason(error)}", hint=_hint(error)) from None
            self._act_while(lambda step: step.path == "/" or isinstance(step, Devices | Temporary))
        else:
            self._root = self._host

    def make(self) -> None:
        """Make the mounts in order and, with a root among them, change this process's root to what they show."""
        self._act_while(lambda _: True)
        if self._root != self._host:
            _linux.pivot(self._root)
            # What is mounted here later, by whoever keeps the covers up, shows in the namespaces made of this one.
            _linux.mount_attributes(self._root, propagation=MS_SHARED, everything=True)
            os.close(self._root)
        os.close(self._host)

    @property
    def held(self) -> tuple[int, ...]:
        """The descriptors by which somebody else in this namespace goes on: see `continued`."""
        return (self._store, self.masks.file, self.masks.directory) if self.masks else ()

    @classmethod
    def continued(cls, root: int, held: tuple[int, ...], steps: tuple[Step, ...]) -> Mounting:
        """Return the mounts of a sandbox that has been made, for single steps. root: the outer namespace's."""
        self = cls.__new__(cls)
        self._console, self._steps, self._done = None, steps, len(steps)
        self._root = self._host = root
        self._store, *masks = held
        self.masks = Masks(*masks)
        self._stored = _numbers(steps)
        return self

    def open_again(self, descriptor: int) -> int:
        """Open a file that is open for reading once more, at its present offset, through a mount that is read-only.

        Whoever has a descriptor can open the file anew through /proc/self/fd, for writing too, on the mount that it was
        opened on: the host's, where nothing is protected. To be called before `make`. Raises OSError where the file is
        not at its path any more, or this process may not open it there.
        """
        source = _linux.open_in(self._host, relative(os.readlink(f"/proc/self/fd/{descriptor}")), PLACE)
        there = os.fstat(descriptor)
        check(os.fstat(source), (there.st_dev, there.st_ino))
        mount = _linux.clone_mount(source)
        _linux.mount_attributes(mount, set=READ_ONLY | NO_SUID | NO_DEV)
        opened = os.open(f"/proc/self/fd/{mount}", os.O_RDONLY | os.O_CLOEXEC)
        os.lseek(opened, os.lseek(descriptor, 0, os.SEEK_CUR), os.SEEK_SET)
        _close(source, mount)
        return opened

    def _begin(self) -> None:
        """Copy the host's tree, read-only, beside itself.

        Nothing that is mounted in here reaches the host, nor the other way round: what the host mounts later would come
        writable and unsearched, and for root with the switches of a /proc. The host's own /proc stays as it was,
        underneath: only where all of a /proc can be seen may another one be mounted (mount_namespaces(7)).
        """
        _linux.mount_attributes(self._host, propagation=MS_PRIVATE, everything=True)
        self._root = _linux.clone_mount(self._host)
        _linux.mount_attributes(self._root, set=READ_ONLY | NO_SUID | NO_DEV, everything=True)
        _linux.attach_mount(self._root, self._host)
        _let_write(self._place("/proc"))

    def _fill_store(self, owners: int | None) -> None:
        """Write the files that cover others, each content once, into a file system that nobody else sees.

        owners: see `make_masks`.
        """
        self._store = _linux.new_file_system(b"tmpfs", ((b"mode", b"0700"),), NO_SUID | NO_DEV)
        place = self._place(STORE_MOUNTED_AT)
        _linux.attach_mount(self._store, place)
        os.close(place)
        self._stored = _numbers(self._steps)
        for (content, mode), number in self._stored.items():
            write_new(self._store, b"%d" % number, content, mode)
        for step in self._steps:
            if isinstance(step, Redirect):
                os.symlink(step.target, link_name(step.target), dir_fd=self._store)
        self.masks = make_masks(self._store, owners)
        _linux.mount_attributes(self._store, set=READ_ONLY)

    def _act_while(self, wanted: Callable[[Step], bool]) -> None:
        """Act on the next steps as long as they are wanted."""
        while self._done < len(self._steps) and wanted(self._steps[self._done]):
            self.act(self._steps[self._done])
            self._done += 1

    def act(self, step: Step) -> None:
        """Do one step. Raises EnforcementError."""
        try:
            if isinstance(step, Bind):
                self._bind(step)
            elif isinstance(step, Layer):
                self._layer(step)
            elif isinstance(step, File | Redirect):
                self._cover(step)
            elif isinstance(step, Closed):
                self._hide(step)
            elif isinstance(step, Fixed):
                self._fix(step)
            elif isinstance(step, Link | ReadOnly | Copy | Directory):
                self._fill(step)
            else:
                self._mount(step)
        except OSError as error:
            if is_gone(step, error.errno):
                return
            hint = in_the_way(step.path, self._steps, error.errno) or _hint(error)
            raise EnforcementError(f"{step.path} cannot be mounted: {_reason(error)}", hint=hint) from None

    def _mount(self, step: Temporary | Devices | Processes) -> None:
        """Mount a new file system."""
        match step:
            case Temporary(path, mode, made, identity, links, size):
                if made:
                    place = self._make_place(path, directory=True)
                elif links:
                    place = _linux.open_in(self._root, relative(path), PLACE, links=True)
                else:
                    place = self._place(path, identity)
                self._new(b"tmpfs", ((b"mode", b"%o" % mode), *sized(size)), place, NO_SUID | NO_DEV)
            case Devices(path, size):
                self._devices(path, size)
            case Processes(path, made):
                place = self._make_place(path, directory=True) if made else self._place(path)
                self._new(b"proc", (), place, NO_SUID | NO_DEV | NO_EXEC)

    def _fill(self, step: Link | ReadOnly | Copy | Directory) -> None:
        """Change a file system of the sandbox's own."""
        match step:
            case Link(path, target):
                self._inside(path, lambda above, name: os.symlink(os.fsencode(target), name, dir_fd=above))
            case Copy(path, source):
                self._inside(path, lambda above, name: copy(self._host, relative(source), above, name))
            case Directory(path, mode):
                place = self._make_place(path, directory=True)
                os.chmod(f"/proc/self/fd/{place}", mode)
                os.close(place)
            case ReadOnly(path):
                place = self._place(path)
                _linux.mount_attributes(place, set=READ_ONLY)
                os.close(place)

    def _bind(self, step: Bind) -> None:
        if step.path == "/":
            return  # where it began
        source = _linux.open_in(self._host, relative(step.source), PLACE)
        found = os.fstat(source)
        place = self._make_place(step.path, stat.S_ISDIR(found.st_mode)) if step.made else self._place(step.path)
        check(found, step.identity)
        if not step.made:
            check(os.fstat(place), (found.st_dev, found.st_ino))
        mount = _linux.clone_mount(source)
        _linux.mount_attributes(mount, set=NO_SUID | NO_DEV | (0 if step.writable else READ_ONLY), everything=True)
        _linux.attach_mount(mount, place)
        _close(source, place, mount)

    def _layer(self, step: Layer) -> None:
        """Mount a layer: one that another run has made already, or a new one."""
        mount = self._borrowed.get(step.path, -1)
        made = {path: self._borrowed[path] for path in step.pieces.layered if path in self._borrowed}
        if mount < 0:
            mount, made = self._new_layer(step)
        self._show_layer(step.path, mount)
        for path, piece in made.items():
            self._show_layer(path, piece)
        for path in step.pieces.fixed:
            with suppress(FileNotFoundError):  # removed in the layer
                os.close(self._place(path))
                self._bind(Bind(path, path, writable=False, made=True, optional=True))

    def _show_layer(self, path: str, mount: int) -> None:
        place = self._make_place(path, directory=True)  # where it lies below the machine's temporary directory
        # Private: what is mounted on it here is not to appear in the run that the mount was borrowed from.
        _linux.mount_attributes(mount, set=NO_SUID | NO_DEV, propagation=MS_PRIVATE)
        _linux.attach_mount(mount, place)
        _close(mount, place)

    def _new_layer(self, step: Layer) -> tuple[int, dict[str, int]]:
        above = _linux.open_in(self._host, relative(step.directory), PLACE) if step.directory else self._memory(step)
        hidden = _linux.open_in(self._host, relative(STORE_MOUNTED_AT), PLACE, links=True)
        try:
            return new_layer(self._host, step, above, hidden)
        finally:
            _close(above, hidden)

    def _memory(self, step: Layer) -> int:
        """Make a place in memory for a layer, and return its top. It is let go with the host's tree."""
        mount = _linux.new_file_system(b"tmpfs", ((b"mode", b"0700"), *sized(step.size)), NO_SUID | NO_DEV)
        place = _linux.open_in(self._host, relative(STORE_MOUNTED_AT), PLACE, links=True)
        _linux.attach_mount(mount, place)
        mode = stat.S_IMODE(os.stat(step.path).st_mode)
        for name in ("upper", "work"):
            os.mkdir(name, 0o700, dir_fd=mount)
        os.chmod("upper", mode, dir_fd=mount)
        os.close(place)
        return mount

    def _cover(self, step: File | Redirect) -> None:
        made = isinstance(step, File) and step.made
        place = self._make_place(step.path, directory=False) if made else self._place(step.path, step.identity)
        name = link_name(step.target) if isinstance(step, Redirect) else b"%d" % self._stored[step.content, step.mode]
        stored = _linux.open_in(self._store, name, PLACE | os.O_NOFOLLOW)
        mount = _linux.clone_mount(stored)  # read-only, as the store is
        _linux.attach_mount(mount, place)
        _close(place, stored, mount)

    def _hide(self, step: Closed) -> None:
        try:
            place = self._place(step.path, step.identity)
        except PermissionError as error:
            if error.errno != EACCES:
                raise
            return
        if self.masks is None:
            raise OSError(EPERM, "there is nothing to hide it with")
        kind = os.fstat(place).st_mode  # in a layer, what is there may be something else than outside
        self.masks.cover(place, stat.S_ISDIR(kind) if step.identity is None else step.directory)
        os.close(place)

    def _fix(self, step: Fixed) -> None:
        """Mount a link over itself: it is followed as before, and as a mount's place neither removed nor replaced."""
        link = _linux.open_in(self._root, relative(step.path), PLACE | os.O_NOFOLLOW)
        check(os.fstat(link), step.identity)
        mount = _linux.clone_mount(link)
        _linux.mount_attributes(mount, set=READ_ONLY | NO_SUID | NO_DEV)
        _linux.attach_mount(mount, link)
        _close(link, mount)

    def _new(self, kind: bytes, options: tuple[tuple[bytes, bytes | None], ...], place: int, attributes: int) -> None:
        mount = _linux.new_file_system(kind, options, attributes)
        _linux.attach_mount(mount, place)
        _close(place, mount)

    def _devices(self, path: str, size: int) -> None:
        self._new(b"tmpfs", ((b"mode", b"0755"), *sized(size)), self._place(path), NO_SUID)
        directory = self._place(path)
        for name in DEVICE_NAMES:
            self._device(f"/dev/{name}", f"{path}/{name}")
        for name, target in DEVICE_LINKS:
            os.symlink(target, name, dir_fd=directory)
        os.mkdir("shm", 0o755, dir_fd=directory)
        os.mkdir("pts", 0o755, dir_fd=directory)
        os.close(directory)
        options = ((b"newinstance", None), (b"ptmxmode", b"0666"), (b"mode", b"620"))
        self._new(b"devpts", options, self._place(f"{path}/pts"), NO_SUID | NO_EXEC)
        if self._console:
            self._device(self._console, f"{path}/console")

    def _device(self, source: str, path: str) -> None:
        device = _linux.open_in(self._host, relative(source), PLACE)
        place = self._make_place(path, directory=False)
        mount = _linux.clone_mount(device)
        _linux.mount_attributes(mount, set=NO_SUID | NO_EXEC)
        _linux.attach_mount(mount, place)
        _close(device, place, mount)

    def _place(self, path: str, identity: Identity | None = None) -> int:
        """Open a path in the sandbox's tree. identity: what must be there."""
        place = _linux.open_in(self._root, relative(path), PLACE)
        if identity is not None:
            check(os.fstat(place), identity)
        return place

    def _make_place(self, path: str, directory: bool) -> int:
        """Open a path in a file system of the sandbox's own, made if need be."""
        try:
            return self._place(path)
        except FileNotFoundError:
            if directory:
                self._inside(path, lambda above, name: os.mkdir(name, 0o755, dir_fd=above))
            else:
                self._inside(path, lambda above, name: write_new(above, name, b"", 0o444))
            return self._place(path)

    def _inside(self, path: str, act: Callable[[int, bytes], object]) -> None:
        """Do something with a directory, made if need be, and a name in it."""
        above, name = os.path.split(path)
        directory = self._make_place(above, directory=True)
        act(directory, os.fsencode(name))
        os.close(directory)


def _numbers(steps: tuple[Step, ...]) -> dict[tuple[bytes, int], int]:
    """Return the names in the store of what covers files."""
    files = {(step.content, step.mode): None for step in steps if isinstance(step, File)}
    return {each: number for number, each in enumerate(files)}


def _let_write(mount: int) -> None:
    """Take back that a mount is read-only, where the host did not make it so."""
    try:
        _linux.mount_attributes(mount, clear=READ_ONLY)
    except PermissionError:
        return
    finally:
        os.close(mount)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _hint(error: OSError) -> str:
    if error.errno == EPERM:
        from aigate.host.namespaces import why_no_mount

        return why_no_mount()
    return "nothing was run; if the path has just changed, start again"


def _reason(error: OSError) -> str:
    return error.strerror or str(error)
