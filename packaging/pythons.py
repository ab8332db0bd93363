"""The Pythons that wheels are built for and tried with: Debian's, this machine's own, and one made here.

That is the free-threaded one, from Debian's source: no distribution near has it. All is below a given directory.
"""

from __future__ import annotations

import os
import pathlib
import shutil
from dataclasses import dataclass

from archive import Archive, run

SUITES = {"3.11": "bookworm", "3.13": "trixie", "3.14": "sid", "3.15": "sid"}  # Debian's, with that Python's headers
ELSEWHERE = ("3.12",)  # which no Debian has: taken where the machine has one by itself, for its own processor and glibc
FREE = "3.13t"  # without the lock that lets one thread run at a time
SOURCE = ("trixie", "python3.13")
QUICK = ["--disable-test-modules", "--without-doc-strings", "OPT=-O1 -DNDEBUG", "CFLAGS=-g0"]


@dataclass(frozen=True)
class Version:
    """How wheels name a Python: the interpreter and its way of calling, of "3.13" or "3.13t"."""

    name: str

    @property
    def interpreter(self) -> str:
        """The tag of the language's version."""
        return "cp" + self.name.removesuffix("t").replace(".", "")

    @property
    def abi(self) -> str:
        """The tag of the way of calling: another one without the lock."""
        return "cp" + self.name.replace(".", "")

    @property
    def plain(self) -> str:
        """The version alone, as pip asks for it."""
        return self.name.removesuffix("t")


def own_python(version: str) -> str | None:
    """Return this machine's own Python of a version, on PATH or where pyenv keeps it."""
    kept = pathlib.Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")
    found = next(kept, None) or shutil.which(f"python{version}")
    return str(found) if found else None


class Made:
    """The Python that is made here, once."""

    def __init__(self, place: pathlib.Path, archive: Archive) -> None:
        self.place, self.archive = place, archive

    def free(self) -> pathlib.Path:
        """Return the free-threaded one, with the system's libraries: pip unpacks nothing without zlib."""
        prefix, tree = self.place / "python-free", self.place / "python-free-build"
        if not prefix.exists():
            tree.mkdir()
            configure = self.archive.source(*SOURCE) / "configure"
            run(configure, "--quiet", f"--prefix={prefix}", "--disable-gil", *QUICK, cwd=tree)
            run("make", "--silent", f"-j{os.cpu_count()}", cwd=tree)
            run("make", "--silent", "install", cwd=tree)
        return prefix / "bin/python3.13t"
