"""Where agents run, tried: what `packaging/` has for containers, built with a wheel in empty Debians. Needs root.

`python packaging/places.py FILE.whl` runs the installer of the dev container's feature, which brings Python itself, and
builds the image of packaging/docker with buildah (of Debian's packages), on a Debian in place of the one that its FROM
names; in both the smoke suite must then go well as an ordinary user, with the `aigate` that is on PATH there. apt asks
the archive near; pip gets the wheel and what it depends on from a directory in place of the index.
"""

from __future__ import annotations

import pathlib
import re
import shutil
import sys
import tempfile

from archive import mirror
from contact import NEAR
from pythons import SUITES, download
from roots import HERE, USER, Root, check, enter

INDEX = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}


def empty(place: pathlib.Path, suite: str, version: str) -> Root:
    """Return an empty Debian whose apt reaches the archive near."""
    root = Root(place, suite, version, mirror(), packages="ca-certificates")
    for name in filter(lambda name: pathlib.Path(name).exists() and "pip" not in name, NEAR):
        shutil.copy(name, root.place / name.lstrip("/"))
    return root


def feature(suite: str, wheels: pathlib.Path, place: pathlib.Path) -> str:
    """Install the feature in a container without Python, as its makers' tool does: by its script, as root."""
    root = empty(place / "feature", suite, "")
    shutil.copytree(wheels, root.place / "wheels")
    shutil.copy(HERE / "devcontainer/src/aigate/install.sh", root.place)
    given = [f"{name}={value}" for name, value in INDEX.items()]
    root.run("env", "VERSION=latest", *given, "sh", "/install.sh")
    return said(root.run("sh", "/smoke.sh", "aigate", user=USER))


def image(suite: str, python: str, wheels: pathlib.Path, place: pathlib.Path) -> str:
    """Build the image, and run its command, where its root file system is the only one."""
    file = HERE / "docker/Dockerfile"
    base = re.findall(r"^FROM (\S+)$", file.read_text(), re.MULTILINE)[0]
    buildah = ["buildah", f"--root={place}/store", f"--runroot={place}/running", "--storage-driver=vfs"]
    root = empty(place / "base", suite, python)
    (root.place / "usr/bin/python").symlink_to(root.python)
    made = check(*buildah, "from", "scratch").strip()
    check(*buildah, "add", made, root.place, "/")
    check(*buildah, "config", "--env", "PIP_NO_INDEX=1", made)
    check(*buildah, "commit", made, f"docker.io/library/{base}")
    alone = ["unshare", "--mount", "--propagation", "private"]
    build = ["bud", "--isolation=chroot", "--pull-never", f"--file={file}", "--tag=aigate"]
    check(*alone, *buildah, *build, wheels)
    running = check(*buildah, "from", "--pull-never", "localhost/aigate").strip()
    mounted = pathlib.Path(check(*buildah, "mount", running).strip())
    shutil.copy(HERE / "smoke.sh", mounted)
    return said(enter(mounted, "sh", "/smoke.sh", "aigate", user=USER))


def said(text: str) -> str:
    """Return what the smoke suite said in the end."""
    return text.splitlines()[-1]


def main() -> None:
    """Try both, and print what the smoke suite said there."""
    wheel = pathlib.Path(sys.argv[1]).resolve()
    found = re.search(r"-cp3(\d+)-", wheel.name)
    python = f"3.{found[1]}" if found else sys.exit(f"places: {wheel.name} names no Python")
    if python not in SUITES:
        sys.exit(f"places: no Debian has Python {python}")
    with tempfile.TemporaryDirectory(prefix="aigate-places-") as name:
        place = pathlib.Path(name)
        place.chmod(0o755)
        wheels = place / "wheels"
        download(sys.executable, python, "gnu", wheels, wheel)
        print(f"dev container's feature, {SUITES[python]}: {feature(SUITES[python], wheels, place)}", flush=True)
        print(f"image, {SUITES[python]}: {image(SUITES[python], python, wheels, place)}", flush=True)


if __name__ == "__main__":
    main()
