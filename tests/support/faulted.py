"""Starts aigate with one system call that fails, and tells what came of it.

Owns what is to be seen afterwards; which calls fail is said elsewhere. Knows nothing of how aigate works.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from queue import Queue

from faults import Fault, places, without
from sandbox import Sandbox

STATUS = 7  # of the probe
LIMIT_SECONDS = 120
MARK = "AIGATE_FAULT"  # a variable by which every process of a start is found again
RECORDS = ("git", "placeholders")  # below ~/.aigate: what is still to be undone
SMALL = 1 << 16  # bytes
FILTERS = r"Seccomp_filters=\d+"
NAMESPACES = ("net", "mnt", "pid", "user", "ipc", "uts", "cgroup")
GRAVE = ("other protections", "lives on", "left for good", "the next run does not work", "crash", "status 0")
PYTHONS_OWN = ("path configuration", "can't open file", "SyntaxError", "shared libraries", "Fatal Python error")
BEFORE_AIGATE = "|".join((*PYTHONS_OWN, "Exception ignored error evaluating path"))  # where it cannot be started


@dataclass(frozen=True)
class Outcome:
    """What a start with a fault came to. wrong: nothing, where it is as it has to be. met: the call came."""

    status: int
    output: str
    errors: str
    wrong: tuple[str, ...]
    met: bool = True

    @property
    def grave(self) -> tuple[str, ...]:
        """Return what of it is more than a line too many, one too few, or a wait: what is lost, or stays."""
        return tuple(text for text in self.wrong if text.startswith(GRAVE))


def beside(sandbox: Sandbox, count: int) -> list[Sandbox]:
    """Return as many homes that are alike, in which aigate can be started at the same time."""
    made = []
    for number in range(count):
        home = sandbox.home.parent / f"place-{number}" / "home"
        shutil.copytree(sandbox.home, home, symlinks=True)
        for path in (home.parent, home, *home.rglob("*")):
            os.chown(path, sandbox.uid, sandbox.gid, follow_symlinks=False)
        made.append(replace(sandbox, home=home, project=home / sandbox.project.name))
    return made


def met(benches: list[Bench], faults: list[Fault]) -> list[tuple[Fault, Outcome]]:
    """Return what came of each fault, as many at a time as there are benches."""
    free: Queue[Bench] = Queue()
    for bench in benches:
        free.put(bench)

    def one(fault: Fault) -> Outcome:
        bench = free.get()
        try:
            return bench.meet(fault)
        finally:
            free.put(bench)

    with ThreadPoolExecutor(len(benches)) as pool:
        return list(zip(faults, pool.map(one, faults), strict=True))


class Bench:
    """A place in which aigate is started again and again, and what a start without a fault shows."""

    def __init__(self, sandbox: Sandbox, programs: pathlib.Path) -> None:
        """Prepare the project: a tracked file that is hidden, one that is protected."""
        self.sandbox = sandbox
        self._fault = str(programs / "fault")
        self._met = sandbox.home.parent / "met"
        sandbox.write("probe", (programs / "probe").read_bytes(), 0o755)
        sandbox.write(".env", "TOKEN=hidden\n")
        sandbox.write(".envrc", "use flake\n")
        for words in (("add", "-f", ".env"), ("-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "all")):
            assert sandbox.outside("git", *words).returncode == 0
        hosts = [f"@/proc/self/ns/{name}={os.readlink(f'/proc/self/ns/{name}')}" for name in NAMESPACES]
        self._words = ["run", "--quiet", "--", "./probe", "-.env", "+.envrc", *hosts]
        first = sandbox.aigate(*self._words)
        assert first.returncode == STATUS, first.stderr
        self._plain = sandbox.aigate(*self._words).stdout
        assert "closed" in self._plain
        assert not {"OPEN", "HOSTS"} & set(self._plain.split()), self._plain
        self._mounted = {_place(line) for line in _mounts()}
        self._before = self._left()
        self._log = self._log_size()
        self.expected = self._start(without()).stdout  # the same but for the filter that makes a call fail
        assert re.sub(FILTERS, "", self.expected) == re.sub(FILTERS, "", self._plain)
        self._good = self._state()

    def faults(self, seed: int) -> list[Fault]:
        """Return every fault, in an order that takes all calls alike."""
        trace = self.sandbox.home.parent / "trace"
        words = ["strace", "-f", "--quiet=all", "--pidns-translation", "--output", str(trace), "--trace=all"]
        self._run([*words, *self.sandbox.prefix, *self._words])
        self._log = self._log_size()
        return places(trace.read_text(errors="replace"), seed)

    def meet(self, fault: Fault) -> Outcome:
        """Start aigate with a fault, and once more without where the first has left anything else than a good one."""
        self._met.unlink(missing_ok=True)
        try:
            done = self._start(fault)
        except subprocess.TimeoutExpired as error:
            return Outcome(-1, _text(error.stdout), _text(error.stderr), ("hangs", *self._ended()))
        wrong = [*self._judged(done), *self._ended(), *self._logged()]
        left = self._left() - self._before
        if left or self._state() != self._good:
            again = self.sandbox.aigate(*self._words)
            if (again.returncode, again.stdout) != (STATUS, self._plain):
                wrong.append(f"the next run does not work: {again.stderr}")
            self._log = self._log_size()
            self._good = self._state()
        if left and not re.search(r"^aigate: ", done.stderr, re.MULTILINE):
            wrong.append(f"left in silence: {sorted(left)}")
        if still := self._left() - self._before:
            wrong.append(f"left for good: {sorted(still)}")
            self._before |= still  # told once
        return Outcome(done.returncode, done.stdout, done.stderr, tuple(wrong), self._met.exists())

    def _judged(self, done: subprocess.CompletedProcess[str]) -> Iterator[str]:
        said = re.findall(r"^aigate: .*", done.stderr, re.MULTILINE)
        early = "Failed checking if argv[0]" in done.stderr  # Python's own start again
        ours = "Traceback" in done.stderr and re.search(r'^ +File ".*/aigate', done.stderr, re.MULTILINE) and not early
        if ours or "Exception ignored in" in done.stderr:
            yield "traceback"
        if re.search(r"(?i)terminate called|segmentation|assert", done.stderr):
            yield "crash"
        if done.stdout not in ("", self.expected):
            yield f"other protections: {done.stdout}"
        if done.returncode == STATUS and not done.stdout and not any("output cannot be" in line for line in said):
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

    def _start(self, fault: Fault) -> subprocess.CompletedProcess[str]:
        return self._run([self._fault, *fault.words, str(self._met), *self.sandbox.prefix, *self._words])

    def _run(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        box = self.sandbox
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
        home = self.sandbox.home
        state = home / ".aigate"
        found = {str(path) for path in home.rglob("*") if state not in path.parents}
        found |= {str(path) for name in RECORDS for path in (state / name).glob("*")}
        found |= {line for line in _mounts() if str(home.parent) in line or _place(line) in self._mounted}
        return found | {f"index {hashlib.sha256((self.sandbox.project / '.git/index').read_bytes()).hexdigest()}"}

    def _state(self) -> set[tuple[str, int, bytes]]:
        """Return what the next run finds: files, their modes, and what is in small ones that runs do not add to."""
        found = set()
        for path in self.sandbox.home.rglob("*"):
            status = path.lstat()
            fixed = stat.S_ISREG(status.st_mode) and not path.name.startswith("audit") and path.parent.name != "cache"
            found.add((str(path), status.st_mode, path.read_bytes() if fixed and status.st_size < SMALL else b""))
        return found

    def _log_size(self) -> int:
        return (self.sandbox.home / ".aigate/audit.jsonl").stat().st_size

    def _logged(self) -> Iterator[str]:
        """Return what is wrong with what came to the audit log: each line is a record."""
        with (self.sandbox.home / ".aigate/audit.jsonl").open("rb") as file:
            file.seek(self._log)
            lines = file.read().split(b"\n")
        self._log = self._log_size()
        for line in lines[:-1]:
            try:
                json.loads(line)
            except ValueError:
                yield f"a broken record: {line!r}"
        if lines[-1]:
            yield f"a record without an end: {lines[-1]!r}"


def _mounts() -> list[str]:
    return pathlib.Path("/proc/self/mountinfo").read_text(errors="replace").splitlines()


def _place(mount: str) -> str:
    """Return where a mount stands (proc_pid_mountinfo(5)): the fifth field. Others mount elsewhere meanwhile."""
    return mount.split(" ", 5)[4]


def _text(value: str | bytes | None) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value or ""
