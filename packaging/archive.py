"""Debian's archive as this machine reaches it: packages and sources of any suite, beside the machine's own lists."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

SOURCES = ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def run(*words: str | pathlib.Path, **options: object) -> str:
    """Run a program to its end and return what it printed; show that and end where it fails."""
    done = subprocess.run(
        [str(word) for word in words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        **options,
    )  # type: ignore[call-overload]
    if done.returncode != 0:
        sys.exit(f"packaging: {' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout}")
    return str(done.stdout)


class Archive:
    """Debian's archive as this machine reaches it, for any suite and architecture, beside the machine's own lists."""

    def __init__(self, place: pathlib.Path) -> None:
        self.place = place
        self.uri = mirror()

    def options(self, suite: str, kind: str = "deb") -> list[str]:
        """Return apt's options for one suite; its list is fetched the first time."""
        place = self.place / f"{suite}-{kind}"
        options = [
            *("-o", f"Dir::Etc::sourcelist={place}/sources.list", "-o", "Dir::Etc::sourceparts=-"),
            *(
                "-o",
                f"Dir::State::lists={place}/lists",
                "-o",
                "Dir::Cache::pkgcache=",
                "-o",
                "Dir::Cache::srcpkgcache=",
            ),
            *(
                "-o",
                "APT::Architectures=amd64,arm64",
                "-o",
                "APT::Sandbox::User=root",
                "-o",
                "Dir::State::status=/dev/null",
            ),
        ]
        if not place.exists():
            (place / "lists/partial").mkdir(parents=True)
            (place / "sources.list").write_text(f"{kind} [signed-by={KEYRING}] {self.uri} {suite} main\n")
            run("apt-get", *options, "update")
        return options

    def unpack(self, suite: str, package: str) -> pathlib.Path:
        """Return the directory that holds one package's files."""
        target = self.place / package.replace(":", "-")
        if not target.exists():
            target.mkdir()
            run("apt-get", *self.options(suite), "download", package, cwd=target)
            run("dpkg", "-x", next(target.glob("*.deb")), target)
        return target

    def source(self, suite: str, package: str) -> pathlib.Path:
        """Return the unpacked source of one package, as its makers published it."""
        target = self.place / f"source-{package}"
        if not target.exists():
            target.mkdir()
            run("apt-get", *self.options(suite, "deb-src"), "source", "--download-only", package, cwd=target)
            packed = next(path for path in target.glob("*.orig.tar.*") if path.suffix != ".asc")  # one may be signed
            run("tar", "-xf", packed, cwd=target)
        return next(item for item in target.iterdir() if item.is_dir())


def mirror() -> str:
    """Return where this machine takes Debian's packages from."""
    for name in SOURCES:
        path = pathlib.Path(name)
        found = (
            re.search(r"^(?:URIs:|deb(?: \[[^]]*\])?) (\S+)", path.read_text(), re.MULTILINE) if path.exists() else None
        )
        if found:
            return found.group(1)
    sys.exit("packaging: this machine names no Debian archive, from which the headers of other Pythons come")
