"""First contact, measured: from an empty Debian to the first command in the sandbox. Needs root.

`python packaging/contact.py bookworm|trixie FILE.deb` makes the smallest Debian, installs the package there as a user
would, says yes to the question of the first `aigate run` on a terminal, and prints each command's seconds, what was
fetched and what the disk holds more. `--lean` after the file: apt keeps its lists packed and fetches no translations,
as Debian's container images have it; this machine's own settings of that kind are not taken along.
`python packaging/contact.py SUITE FILE.whl` does it with pipx, which Debian brings. The archive and the index are this
machine's, as near as they are.
"""

from __future__ import annotations

import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

from archive import mirror
from roots import Root, check

INSTALL = {
    ".deb": ["apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends /{name}"],
    ".whl": [
        "apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends pipx",
        "pipx install --quiet /{name} && ln -s /root/.local/bin/aigate /usr/local/bin/aigate",
    ],
}
LEAN = "apt-get update -o Acquire::GzipIndexes=true -o Acquire::Languages=none"
FIRST = """
import os, pty, select, sys, time
child, terminal = pty.fork()
if child == 0:
    os.chdir("/home")
    os.execvp("aigate", ["aigate", "run", "--", "echo", "in the sandbox"])
said, until = b"", time.monotonic() + 60
while select.select([terminal], [], [], max(0, until - time.monotonic()))[0]:
    try:
        part = os.read(terminal, 4096)
    except OSError:
        break
    if b"?" in part or b"[Y" in part:
        os.write(terminal, b"y\\n")
    said += part
sys.stdout.write(said.decode("utf-8", "replace"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) or b"in the sandbox" not in said)
"""
NEAR = ("/etc/resolv.conf", "/etc/hosts", "/etc/pip.conf")


def megabytes(place: pathlib.Path) -> float:
    """Return what a directory takes on the disk."""
    return int(check("du", "-sxB", "1", place).split()[0]) / 1e6


def timed(root: Root, *words: str) -> tuple[float, float]:
    """Run a command and return its seconds, and those of a processor: what counts where others use the machine too."""
    used, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    root.run(*words)
    took, now = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, now.ru_utime - used.ru_utime + now.ru_stime - used.ru_stime


def main(suite: str, package: pathlib.Path, *, lean: bool = False) -> None:
    """Make the system, run the commands, print what they took."""
    with tempfile.TemporaryDirectory(prefix="aigate-contact-") as name:
        place = pathlib.Path(name) / "root"
        place.parent.chmod(0o755)
        root = Root(place, suite, "", mirror())
        for path in map(pathlib.Path, NEAR):
            if path.exists():
                shutil.copy(path, place / str(path).lstrip("/"))
        for path in pathlib.Path("/etc/apt/apt.conf.d").glob("*"):
            if not path.name.startswith("docker-"):
                shutil.copy(path, place / "etc/apt/apt.conf.d")
        shutil.copy(package, place / package.name)
        (place / "first.py").write_text(FIRST)
        before, total, worked = megabytes(place), 0.0, 0.0
        commands = [command.format(name=package.name) for command in INSTALL[package.suffix]]
        if lean:
            commands = [command.replace("apt-get update", LEAN) for command in commands]
        python = "/root/.local/bin/../share/pipx/venvs/aigate-sandbox/bin/python" if package.suffix == ".whl" else ""
        for command in [*commands, "aigate run -- echo 'in the sandbox'"]:
            if command.startswith("aigate"):
                interpreter = python or root.run("sh", "-c", "ls /usr/bin/python3.1?").split()[0]
                took, busy = timed(root, interpreter, "/first.py")
            else:
                took, busy = timed(root, "sh", "-c", command)
            total, worked = total + took, worked + busy
            more = megabytes(place) - before
            print(f"{took:6.1f} s, {busy:5.1f} of a processor, {more:6.1f} MB  {command}", flush=True)
        fetched = megabytes(place / "var/cache/apt/archives")
        print(f"{suite}: {len(commands) + 1} commands, {total:.1f} s, {worked:.1f} of a processor")
        print(f"{fetched:.1f} MB of packages fetched by apt, and still there")
        check("unshare", "--mount", "chroot", place, "apt-get", "clean")
        lists = megabytes(place / "var/lib/apt/lists")
        print(f"{megabytes(place) - before:.1f} MB more on the disk after apt-get clean, {lists:.1f} of it apt's lists")
        largest = sorted(((megabytes(one), one) for one in place.glob("usr/*/*") if one.is_dir()), reverse=True)[:9]
        print("largest below usr:", *(f"{size:.1f} {one.relative_to(place)}" for size, one in largest), sep="\n  ")


if __name__ == "__main__":
    try:
        main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve(), lean="--lean" in sys.argv[3:])
    except subprocess.CalledProcessError as error:
        sys.exit(f"contact: {error}")
