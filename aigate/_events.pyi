"""What a run's watch asks the kernel. Each function raises OSError with the kernel's errno."""

def inotify_open() -> int:
    """Return a descriptor that file events are read from, non-blocking and closed on exec (inotify(7))."""

def inotify_watch(descriptor: int, path: bytes, mask: int) -> int:
    """Watch what a path leads to for the events of a mask (IN_*), and return the watch's number.

    ENOSPC where the user has as many watches as he may have.
    """

def inotify_forget(descriptor: int, watch: int) -> None:
    """Watch it no longer."""

def inotify_events(descriptor: int) -> list[tuple[int, int, int, bytes]]:
    """Return the next events as (watch, mask, cookie, name); BlockingIOError when there is none."""

def is_mount_root(place: int) -> bool:
    """Tell whether something is mounted at the place that a descriptor was opened at (statx(2), Linux 5.8)."""
