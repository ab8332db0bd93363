"""Whose a socket is that has appeared: of the run's own processes, of nobody, or of somebody else.

The kernel lists the sockets of a network namespace with the files that they are bound to (sock_diag(7)), by whatever
name, so a socket is told by device and inode number. What is in a namespace of the run's is its own; where the host's
is shared, what its processes hold. Looks, and covers nothing. Paths are taken from the working directory, the host's
root.
"""

from __future__ import annotations

import os
import stat
import time
from _socket import AF_NETLINK, AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM, SOCK_RAW
from _socket import socket as Socket  # noqa: N812
from _struct import pack, unpack_from

from aigate import _linux
from aigate.reading import read_from
from aigate.suppress import suppress
from aigate.watch.descent import below, children, namespace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from aigate.policy.model import Identity

OWN, NOBODYS, FOREIGN = "own", "nobody's", "foreign"
# linux/netlink.h, linux/sock_diag.h, linux/unix_diag.h
NETLINK_SOCK_DIAG, SOCK_DIAG_BY_FAMILY, REQUEST_DUMP = 4, 20, 0x301
NLMSG_ERROR, NLMSG_DONE = 2, 3
UDIAG_SHOW_VFS, UNIX_DIAG_VFS = 2, 1
ALL, ANY_COOKIE = 0xFFFFFFFF, 0xFFFFFFFF
MESSAGE, HEAD, FIELD = 16, 16, 4  # bytes: a message's head, what is said of each socket, an attribute's head
MOST_ANSWER = 1 << 17
MINOR_BITS = 20  # of a device in the kernel's own form
LOW = 0xFFFFFFFF  # the kernel tells so much of an inode number
PLACE = os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC
READ = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
ATTEMPTS, PAUSE_SECONDS = 3, 0.002  # processes come and go while it is asked whose a socket is


class Sockets:
    """The sockets of one run. pins: identities that the config names, which stay as they are.

    For a process that is still in the host's namespaces, and whose root is the host's.
    """

    def __init__(self, pins: frozenset[Identity]) -> None:
        self._pins = pins
        self._launcher = 0
        self._host = namespace("self", "net")
        self._mounts = os.open("proc/self/mountinfo", os.O_RDONLY | os.O_CLOEXEC)  # stays that of the host
        self._on_host = Socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)
        self._superblocks: dict[int, int] = {}
        self._doubtful: dict[str, tuple[int, float]] = {}  # how often it was asked about, and when it is to be again

    def follow(self, launcher: int) -> None:
        """Take note of the process that everything of the run descends from."""
        self._launcher = launcher

    def add(self, path: str) -> None:
        """Take note of something that has appeared, if it is a socket."""
        try:
            if stat.S_ISSOCK(os.lstat(path.lstrip("/")).st_mode):
                self._doubtful[path] = (1, 0.0)
        except OSError:
            return  # it has gone

    @property
    def pause(self) -> int | None:
        """How many milliseconds it is until somebody is to be asked about again; None for nobody."""
        if not self._doubtful:
            return None
        left = min(when for _, when in self._doubtful.values()) - time.monotonic()
        return int(1000 * left) + 1 if left > 0 else 0

    def foreign(self) -> Iterator[str]:
        """Yield what has appeared and is somebody else's, each once."""
        now = time.monotonic()
        for path, (times, when) in list(self._doubtful.items()):
            if when > now:
                continue
            del self._doubtful[path]
            answer = self.whose(path)
            if answer in (FOREIGN, NOBODYS) and times < ATTEMPTS:
                self._doubtful[path] = (times + 1, now + PAUSE_SECONDS)
            elif answer == FOREIGN:
                yield path

    def whose(self, path: str) -> str:
        """Tell whose a socket is; "" where there is none. Not final: processes come and go while it is asked."""
        try:
            place = _linux.open_in(-100, os.fsencode(path).strip(b"/"), PLACE)  # AT_FDCWD
        except OSError:
            return ""
        try:
            found = os.fstat(place)
            if not stat.S_ISSOCK(found.st_mode):
                return ""
            if (found.st_dev, found.st_ino) in self._pins:
                return OWN
            _let_bind_end(os.path.dirname(path))
            if self._is_own(found.st_ino & LOW, {found.st_dev, self._superblock(place, found.st_dev)}):
                return OWN
            return NOBODYS if _is_nobodys(place) else FOREIGN
        finally:
            os.close(place)

    def _is_own(self, inode: int, devices: set[int]) -> bool:
        started = children(self._launcher)
        seen: set[int] = set()
        for process in below(started):
            number = namespace(process, "net")
            if not number or number in seen:
                continue
            seen.add(number)
            with suppress(OSError):  # it has ended
                if number == self._host:
                    bound = [socket for socket, *file in _bound(self._on_host) if _is_file(file, inode, devices)]
                    if bound and any(_holds(each, f"socket:[{bound[0]}]") for each in reversed(list(below(started)))):
                        return True
                elif any(_is_file(file, inode, devices) for _, *file in self._in_namespace(process)):
                    return True
        return False

    def _in_namespace(self, process: int) -> list[tuple[int, int, int]]:
        """Return the bound sockets of a process's network namespace, in which this process is from then on."""
        there = os.open(f"proc/{process}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        try:
            _linux.setns(there)
        finally:
            os.close(there)
        asking = Socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG)
        try:
            return list(_bound(asking))
        finally:
            asking.close()

    def _superblock(self, place: int, device: int) -> int:
        """Return the device that the kernel knows a file system by: btrfs shows another for each subvolume."""
        if device not in self._superblocks:
            with open(f"proc/self/fdinfo/{place}", "rb") as file:
                number = read_from(file).partition(b"mnt_id:")[2].split()[0]
            os.lseek(self._mounts, 0, os.SEEK_SET)
            with open(self._mounts, "rb", closefd=False) as file:
                lines = [line.split(b" ", 3) for line in file]
            for line in lines:
                if line[0] == number:
                    major, _, minor = line[2].partition(b":")
                    self._superblocks[device] = os.makedev(int(major), int(minor))
        return self._superblocks.get(device, device)


def _is_file(file: list[int], inode: int, devices: set[int]) -> bool:
    return file[0] == inode and file[1] in devices


def _bound(asking: Socket) -> Iterator[tuple[int, int, int]]:
    """Yield the sockets that are bound to files: their own numbers, the files' inode numbers and devices."""
    about = pack("=BBHIIIII", AF_UNIX, 0, 0, ALL, 0, UDIAG_SHOW_VFS, ANY_COOKIE, ANY_COOKIE)
    asking.send(pack("=IHHII", MESSAGE + len(about), SOCK_DIAG_BY_FAMILY, REQUEST_DUMP, 1, 0) + about)
    while True:
        data = asking.recv(MOST_ANSWER)
        place = 0
        while place < len(data):
            size, kind = unpack_from("=IH", data, place)
            if kind == NLMSG_DONE:
                return
            if kind == NLMSG_ERROR:
                (number,) = unpack_from("=i", data, place + MESSAGE)
                raise OSError(-number, os.strerror(-number))
            yield from _file_of(data[place : place + size])
            place += size


def _file_of(message: bytes) -> Iterator[tuple[int, int, int]]:
    (socket,) = unpack_from("=I", message, MESSAGE + 4)
    place = MESSAGE + HEAD
    while place < len(message):
        size, kind = unpack_from("=HH", message, place)
        if kind == UNIX_DIAG_VFS:
            inode, device = unpack_from("=II", message, place + FIELD)
            yield socket, inode, os.makedev(device >> MINOR_BITS, device & ((1 << MINOR_BITS) - 1))
        place += (size + 3) & ~3


def _holds(process: int, what: str) -> bool:
    """Tell whether a process has something open."""
    with suppress(OSError):
        return any(_read_link(f"proc/{process}/fd/{name}") == what for name in os.listdir(f"proc/{process}/fd"))
    return False


def _read_link(path: str) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _let_bind_end(directory: str) -> None:
    """Wait until a bind(2) that has made a name there has also bound the socket: it holds the directory meanwhile."""
    with suppress(OSError):
        opened = _linux.open_in(-100, os.fsencode(directory).strip(b"/") or b".", READ)
        try:
            with os.scandir(opened) as entries:
                next(entries, None)
        finally:
            os.close(opened)


def _is_nobodys(place: int) -> bool:
    """Tell whether no socket is bound to a file, in no namespace, so that none ever will be.

    Asking connects to nothing: as long as there is a socket, it is of another kind, or takes what is sent, and nothing
    is sent.
    """
    asking = Socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC)
    try:
        asking.connect(f"proc/self/fd/{place}")
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    finally:
        asking.close()
    return False
