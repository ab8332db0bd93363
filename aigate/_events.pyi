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

def listen_to_calls(program: bytes) -> int:
    """Filter this process's system calls by a program that hands some of them over, and return where they come from.

    SECCOMP_FILTER_FLAG_NEW_LISTENER, seccomp(2); EBUSY where somebody listens already. Needs no_new_privs or the right.
    """

def next_call(listener: int) -> tuple[int, int, int, int]:
    """Return the next call that waits for an answer: its id, the process, the call's number and its second argument.

    Waits for one. ENOENT when it was given up meanwhile (seccomp_unotify(2)).
    """

def answer_call(listener: int, id: int, error: int) -> None:
    """Let a call go on (0), or fail with an errno. ENOENT when it was given up."""
