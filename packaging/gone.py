"""What a .deb or an .rpm leaves behind once it was installed, used, installed again and removed. Needs root.

`python packaging/gone.py bookworm|trixie FILE.deb|FILE.rpm` makes an empty Debian with all that the package asks for
and recommends, and takes the package in and out: installed; the smoke suite as root and as an ordinary user, and each
command's help by root, for what Python compiles; installed over itself; removed. A .deb a second time, purged. Each
time the system's files (kind, owner, content) are compared with those before. An .rpm goes in by rpm on Debian, without
a look at its dependencies. Ends with 1 where anything is left or was changed.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import shutil
import stat
import sys
import tempfile

from archive import mirror
from roots import USER, Root

PYTHONS = {"bookworm": "python3.11", "trixie": "python3.13"}
BESIDE = "bubblewrap,slirp4netns,iptables,acl"  # what the packages recommend
# The records of those who install, what no disk has, and what is people's own: `aigate reset` is for that.
NOT_COMPARED = {"var/lib/dpkg", "var/lib/rpm", "var/lib/apt", "var/cache/apt", "var/cache/debconf", "var/log"}
NOT_COMPARED |= {"tmp", "proc", "dev", "mnt", "home", "root"}
INSTALL = {
    ".deb": "apt-get install --yes --quiet --reinstall /{name}",
    ".rpm": "rpm --upgrade --replacepkgs --nodeps /{name}",
}
REMOVE = {
    ".deb": ["apt-get remove --yes --quiet aigate-sandbox", "apt-get purge --yes --quiet aigate-sandbox"],
    ".rpm": ["rpm --erase --nodeps aigate-sandbox"],
}
USED = r"""
for command in $(aigate --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p'); do aigate "$command" --help >/dev/null; done
"""
Files = dict[str, tuple[object, ...]]


def files(root: pathlib.Path) -> Files:
    """Return what each file of a system is."""
    found: Files = {}
    for folder, folders, names in os.walk(root):
        here = pathlib.Path(folder)
        folders[:] = [name for name in folders if str((here / name).relative_to(root)) not in NOT_COMPARED]
        for path in (here / name for name in (*folders, *names)):
            known, content = path.lstat(), ""
            if stat.S_ISLNK(known.st_mode):
                content = str(path.readlink())
            elif stat.S_ISREG(known.st_mode):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(root))] = (known.st_mode, known.st_uid, known.st_gid, content)
    return found


def differing(before: Files, after: Files) -> list[str]:
    """Name what is there more, what is missing, and what is another."""
    left = [f"left behind: {name}" for name in sorted(after.keys() - before.keys())]
    gone = [f"taken along: {name}" for name in sorted(before.keys() - after.keys())]
    return (
        left + gone + [f"changed: {name}" for name in sorted(before) if after.get(name, before[name]) != before[name]]
    )


def more(before: Files, root: pathlib.Path) -> int:
    """Count what a system has more."""
    return len(files(root).keys() - before.keys())


def main(suite: str, package: pathlib.Path) -> int:
    """Make the system, walk the steps, and return 1 where something is not as it was."""
    kind, status = package.suffix, 0
    with tempfile.TemporaryDirectory(prefix="aigate-gone-") as name:
        place = pathlib.Path(name) / "root"
        place.parent.chmod(0o755)  # for the ordinary user in it
        packages = f"{PYTHONS[suite]},{BESIDE}{',rpm' * (kind == '.rpm')}"
        root = Root(place, suite, "", mirror(), packages=packages)
        shutil.copy(package, place / package.name)
        install = INSTALL[kind].format(name=package.name)
        root.run("true")  # entering leaves a directory of mount(8)'s
        before = files(place)
        for remove in REMOVE[kind]:
            root.run("sh", "-c", install)
            print(f"installed: {more(before, place)} files and directories more", flush=True)
            for user in (0, USER):
                print(root.run("sh", "/smoke.sh", user=user).splitlines()[-1], flush=True)
            root.run("sh", "-c", USED)
            print(f"used: {more(before, place)} more", flush=True)
            root.run("sh", "-c", install)
            print(f"installed again: {more(before, place)} more", flush=True)
            root.run("sh", "-c", f"{USED}\n{remove}")
            wrong = differing(before, files(place))
            print(
                f"{remove}:",
                "nothing left, nothing else changed" if not wrong else "\n  ".join(["", *wrong]),
                flush=True,
            )
            status = status or int(bool(wrong))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], pathlib.Path(sys.argv[2]).resolve()))
