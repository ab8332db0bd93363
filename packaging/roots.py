"""Empty systems to try a wheel in: Debian's smallest, with a Python and nothing else. Needs root.

A root is entered by pivot_root in namespaces of its own, since nobody can make a sandbox in a chroot.
"""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
USER = 1000
LIBRARIES = "libssl3,libffi8,zlib1g,libbz2-1.0,liblzma5,libreadline8,libsqlite3-0,libexpat1,libuuid1"  # Python's own
ENTER = """
set -eu
root=$1 user=$2
shift 2
mount --make-rprivate /
mount --rbind "$root" "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
cd "$root"
pivot_root . mnt
umount -l /mnt
cd /
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \\
    setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
"""


class Root:
    """One empty system. version: of the Python that it has, "" for none.

    own: a Python outside of Debian's packages, which is taken along. packages: more than that.
    """

    def __init__(
        self,
        place: pathlib.Path,
        suite: str,
        version: str,
        mirror: str,
        *,
        own: pathlib.Path | None = None,
        packages: str = "",
    ) -> None:
        self.place = place
        self.python = f"python{version}"
        if own or version:
            python = LIBRARIES if own else f"{self.python},{self.python}-venv"
            packages = ",".join(filter(None, (python, packages)))
        included = [f"--include={packages}"] if packages else []
        # What is mounted while it works goes with its namespace, also when it fails.
        alone = ["unshare", "--mount", "--propagation", "private"]
        # The archive near may be a snapshot, whose signed lists are past their date; the signatures count all the same.
        old = '--aptopt=Acquire::Check-Valid-Until "false"'
        check(*alone, "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", old, *included, suite, place, mirror)
        if own:
            self.python = str(own.resolve())
            prefix = pathlib.Path(self.python).parents[1]
            shutil.copytree(prefix, place / str(prefix).lstrip("/"), symlinks=True)
            (place / "root").chmod(0o755)  # where pyenv's lie: an ordinary user is to reach them
        shutil.copy(HERE / "smoke.sh", place / "smoke.sh")

    def run(self, *words: str, user: int = 0) -> str:
        """Run a command in it and return what it printed; end where it fails."""
        return enter(self.place, *words, user=user)

    def install(self, wheels: pathlib.Path, name: str) -> None:
        """Install a wheel, with what it depends on from the same directory and from nowhere else."""
        shutil.copytree(wheels, self.place / "wheels", dirs_exist_ok=True)
        self.run(self.python, "-m", "venv", "/aigate")
        self.run("/aigate/bin/pip", "install", "--quiet", "--no-index", "--find-links", "/wheels", f"/wheels/{name}")

    def try_it(self) -> list[str]:
        """Run the smoke suite as root and as an ordinary user; return what it said."""
        return [self.run("sh", "/smoke.sh", "/aigate/bin/aigate", user=user).splitlines()[-1] for user in (0, USER)]

    def start_up(self, times: int = 20) -> float:
        """Return the milliseconds that `aigate mask` of nothing takes, at the median."""
        return float(self.run(self.python, "-c", CLOCK, str(times)))


CLOCK = """
import statistics, subprocess, sys, time
def once():
    started = time.perf_counter()
    subprocess.run(["/aigate/bin/aigate", "mask"], stdin=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started
print(round(1000 * statistics.median(once() for _ in range(int(sys.argv[1]))), 1))
"""


def enter(place: pathlib.Path, *words: str, user: int = 0) -> str:
    """Run a command in the system below a directory and return what it printed; end where it fails."""
    options = ["--mount", "--pid", "--fork", "--kill-child", "--ipc", "--uts"]
    return check("unshare", *options, "sh", "-c", ENTER, "sh", place, str(user), *words)


def check(*words: str | pathlib.Path) -> str:
    """Run a program to its end and return its output; show both outputs and end where it fails."""
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"roots: {' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
