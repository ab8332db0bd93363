"""Makes one system call of a start fail (strace's fault injection), and tells what came of it.

Owns the choice of calls and errors and what is to be seen afterwards; knows nothing of how aigate works.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import random
import re
import select
import signal
import subprocess
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox import Sandbox

STATUS = 7  # of the probe
LIMIT_SECONDS = 60
MARK = "AIGATE_FAULT"  # a variable by which every process of a start is found again
RECORDS = ("git", "placeholders")  # below ~/.aigate: what is still to be undone
NAMESPACES = ("net", "mnt", "pid", "user", "ipc", "uts", "cgroup")
NEVER = frozenset(  # cannot fail in this way, or not without the process's own end
    {"exit", "exit_group", "rt_sigreturn", "restart_syscall", "brk", "munmap", "arch_prctl", "set_tid_address"}
    | {"set_robust_list", "rseq", "getpid", "getuid", "geteuid", "getgid", "getegid", "gettid", "getppid"}
    | {"sched_yield", "umask", "futex", "getrandom", "close"}
)
FILES = ("ENOSPC", "EMFILE", "EIO", "ENFILE")
PROCESSES = ("EAGAIN", "ENOMEM")
FIT = {
    **dict.fromkeys(("open", "openat", "openat2", "creat"), FILES),
    **dict.fromkeys(("fork", "vfork", "clone", "clone3"), PROCESSES),
    **dict.fromkeys(("write", "pwrite64", "writev"), ("ENOSPC", "EIO", "EDQUOT")),
    **dict.fromkeys(
        ("mkdir", "mkdirat", "link", "linkat", "symlinkat", "rename", "renameat", "renameat2"), ("ENOSPC", "EDQUOT")
    ),
    **dict.fromkeys(
        ("pipe", "pipe2", "socket", "socketpair", "memfd_create", "dup", "dup2", "dup3"), ("EMFILE", "ENFILE")
    ),
    **dict.fromkeys(
        ("eventfd2", "signalfd4", "epoll_create1", "inotify_init1", "pidfd_open", "timerfd_create"), ("EMFILE",)
    ),
    **dict.fromkeys(("epoll_ctl", "inotify_add_watch"), ("ENOSPC", "ENOMEM")),
    **dict.fromkeys(("mmap", "mprotect", "mremap", "execve", "poll", "pselect6", "select"), ("ENOMEM",)),
    **dict.fromkeys(("flock",), ("ENOLCK",)),
    **dict.fromkeys(("fcntl",), ("ENOLCK", "EINVAL")),
    **dict.fromkeys(("sendto", "sendmsg"), ("ENOBUFS", "ENOMEM")),
    **dict.fromkeys(("recvfrom", "recvmsg"), ("ENOMEM",)),
    **dict.fromkeys(
        ("mount", "mount_setattr", "move_mount", "open_tree", "fsopen", "fsmount", "fsconfig"), ("ENOMEM", "EPERM")
    ),
    **dict.fromkeys(("prctl", "seccomp", "setns", "unshare", "prlimit64", "capset", "kill"), ("EPERM", "EINVAL")),
    **dict.fromkeys(("landlock_create_ruleset", "landlock_restrict_self"), ("E2BIG", "ENOMEM", "EPERM")),
}
OTHERWISE = ("EIO",)
GRAVE = ("other protections", "lives on", "left for good", "the next run does not work", "crash", "status 0")
FIRST = {"mmap": 2}  # the first one is the loader's, of any program, and ends it by a signal
PYTHONS_OWN = ("path configuration", "can't open file", "SyntaxError", "shared libraries", "Fatal Python error")
BEFORE_AIGATE = "|".join((*PYTHONS_OWN, "Exception ignored error evaluating path"))  # where it cannot be started


@dataclass(frozen=True)
class Fault:
    """The `when`th such call of each process fails."""

    call: str
    when: int
    error: str

    def __str__(self) -> str:
        return f"{self.call}:{self.error}:{self.when}"

    @property
    def options(self) -> list[str]:
        """Return strace's words for it."""
        return [f"--trace={self.call}", f"--inject={self.call}:error={self.error}:when={self.when}"]


@dataclass(frozen=True)
class Outcome:
    """What a start with a fault came to. wrong: nothing, where it is as it has to be."""

    status: int
    output: str
    errors: str
    wrong: tuple[str, ...]

    @property
    def grave(self) -> tuple[str, ...]:
        """Return what of it is more than a line too many, one too few, or a wait: what is lost, or stays."""
        return tuple(text for text in self.wrong if text.startswith(GRAVE))


class Bench:
    """A place in which aigate is started again and again, and what a start without a fault shows."""

    def __init__(self, sandbox: Sandbox, probe: pathlib.Path) -> None:
        """Prepare the project: a tracked file that is hidden, one that is protected."""
        self.sandbox = sandbox
        sandbox.write("probe", probe.read_bytes(), 0o755)
        sandbox.write(".env", "TOKEN=hidden\n")
        sandbox.write(".envrc", "use flake\n")
        for words in (("add", "-f", ".env"), ("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "all")):
            assert sandbox.outside("git", *words).returncode == 0
        hosts = [f"@/proc/self/ns/{name}={os.readlink(f'/proc/self/ns/{name}')}" for name in NAMESPACES]
        self._words = ["run", "--quiet", "--", "./probe", "-.env", "+.envrc", *hosts]
        first = sandbox.aigate(*self._words)
        assert first.returncode == STATUS, first.stderr
        self.expected = sandbox.aigate(*self._words).stdout
        assert "closed" in self.expected
        assert not {"OPEN", "HOSTS"} & set(self.expected.split()), self.expected
        self._mounted = {_place(line) for line in _mounts()}
        self._before = self._left()

    def faults(self, seed: int) -> list[Fault]:
        """Return every fault, in an order that takes all calls alike, and for each of them all places alike."""
        trace = self.sandbox.home.parent / "trace"
        self._start(["--output", str(trace), "--trace=all"])
        most: Counter[str] = Counter()
        for name, count in _counted(trace).items():
            most[name[1]] = max(most[name[1]], count)
        chance = random.Random(seed)  # noqa: S311 -- cases to try, no secret
        queues: dict[str, list[Fault]] = defaultdict(list)
        for call, count in sorted(most.items()):
            if call not in NEVER:
                errors = FIT.get(call, OTHERWISE)
                queues[call] = [Fault(call, n, errors[n % len(errors)]) for n in range(FIRST.get(call, 1), count + 1)]
                chance.shuffle(queues[call])
        order = []
        while queues := {call: queue for call, queue in queues.items() if queue}:
            order += [queue.pop() for _, queue in sorted(queues.items())]
        return order

    def meet(self, fault: Fault) -> Outcome:
        """Start aigate with a fault, and once more without."""
        try:
            done = self._start(["--output", "/dev/null", *fault.options])
        except subprocess.TimeoutExpired as error:
            return Outcome(-1, _text(error.stdout), _text(error.stderr), ("hangs", *self._ended()))
        wrong = [*self._judged(done), *self._ended()]
        left = self._left() - self._before
        again = self.sandbox.aigate(*self._words)
        if (again.returncode, again.stdout) != (STATUS, self.expected):
            wrong.append(f"the next run does not work: {again.stderr}")
        if left and not re.search(r"^aigate: ", done.stderr, re.MULTILINE):
            wrong.append(f"left in silence: {sorted(left)}")
        if still := self._left() - self._before:
            wrong.append(f"left for good: {sorted(still)}")
            self._before |= still  # told once
        return Outcome(done.returncode, done.stdout, done.stderr, tuple(wrong))

    def _judged(self, done: subprocess.CompletedProcess[str]) -> Iterator[str]:
        said = re.findall(r"^aigate: .*", done.stderr, re.MULTILINE)
        early = "Failed checking if argv[0]" in done.stderr  # Python's own start again
        ours = "Traceback" in done.stderr and "/aigate" in done.stderr and not early
        if ours or "Exception ignored in" in done.stderr:
            yield "traceback"
        if re.search(r"(?i)terminate called|segmentation|assert", done.stderr):
            yield "crash"
        if done.stdout not in ("", self.expected):
            yield f"other protections: {done.stdout}"
        if done.returncode == STATUS and not done.stdout:
            yield "no output"
        own = re.search(BEFORE_AIGATE, done.stderr)
        if done.returncode not in (0, STATUS, 1, 126, 127, 137) and not own:
            yield f"status {done.returncode}"
        if done.returncode == 0:
            yield "status 0"
        if done.returncode not in (STATUS, 0) and not said and not own:
            yield f"status {done.returncode} without a word: {done.stderr}"
        if len(said) > 1:
            yield "more than one line"
        if re.search(r"mistake in aigate|NoneType|object is not", done.stderr):
            yield "not the first cause"

    def _start(self, options: list[str]) -> subprocess.CompletedProcess[str]:
        box = self.sandbox
        words = ["strace", "-f", "--quiet=all", *options, *box.prefix, *self._words]
        process = subprocess.Popen(
            words,
            cwd=box.project,
            env={**box.environment, "AIGATE_CALLER_X": MARK, MARK: "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            **box.identity(),
        )
        try:
            out, err = process.communicate(timeout=LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            for pid in self._processes():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            out, err = process.communicate()
            raise subprocess.TimeoutExpired(words, LIMIT_SECONDS, out, err) from None
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def _processes(self) -> list[int]:
        """Return the processes that work in this place."""
        found = []
        home = str(self.sandbox.home.parent).encode()
        for path in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                places = [
                    os.readlink(path / "cwd").encode(),
                    (path / "cmdline").read_bytes(),
                    (path / "environ").read_bytes(),
                ]
                if any(home in place for place in places):
                    found.append(int(path.name))
        return found

    def _ended(self) -> list[str]:
        """Return what is wrong where processes live on: none may, a moment later."""
        for _ in range(100):
            if not (alive := self._processes()):
                return []
            with contextlib.suppress(OSError):
                fd = os.pidfd_open(alive[0])
                try:
                    select.select([fd], [], [], 0.1)
                finally:
                    os.close(fd)
        names = [pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() for pid in alive if os.path.exists(f"/proc/{pid}")]
        for pid in alive:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return [f"lives on: {names}"]

    def _left(self) -> set[str]:
        """Return what runs may leave on the host, as lines."""
        box = self.sandbox
        state = box.home / ".aigate"
        found = {str(path) for path in box.home.rglob("*") if state not in path.parents}
        found |= {str(path) for name in RECORDS for path in (state / name).glob("*")}
        found |= {line for line in _mounts() if str(box.home.parent) in line or _place(line) in self._mounted}
        found |= {line for line in box.outside("git", "ls-files", "-v").stdout.splitlines() if not line.startswith("H")}
        return found


def _mounts() -> list[str]:
    return pathlib.Path("/proc/self/mountinfo").read_text(errors="replace").splitlines()


def _place(mount: str) -> str:
    """Return where a mount stands (proc_pid_mountinfo(5)): the fifth field. Others mount elsewhere meanwhile."""
    return mount.split(" ", 5)[4]


def _text(value: str | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""


def _counted(trace: pathlib.Path) -> Counter[tuple[str, str]]:
    """Return how often each process made each call, from strace's record."""
    found: Counter[tuple[str, str]] = Counter()
    for line in trace.read_text(errors="replace").splitlines():
        if match := re.match(r"(\d+) +(\w+)\(", line):
            found[match[1], match[2]] += 1
    return found
