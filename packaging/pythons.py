"""The Pythons that wheels are built for and tried with: Debian's, this machine's own, and two made here.

Those are the free-threaded one and one for musl, from Debian's source: no distribution near has them. All is below a
given directory.
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
WITH_MUSL = "3.13"  # what is tried with musl
SOURCE = ("trixie", "python3.13")
ZLIB = ("bookworm", "zlib")  # pip unpacks nothing without it
# What pip takes for a system, by C library; the oldest ones as projects still name them.
PLATFORMS = {
    "gnu": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    "musl": ("musllinux_1_2_x86_64",),
}
# gcc for musl names Debian's own C library where Python's configure asks for its name.
MUSL_COMPILER = """#!/bin/sh
case "$*" in *print-multiarch*) echo x86_64-linux-musl ;; *) exec musl-gcc "$@" ;; esac
"""
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


def download(
    python: str | pathlib.Path, version: str, library: str, place: pathlib.Path, *what: str | pathlib.Path
) -> None:
    """Put wheels of projects, or of a wheel and what it depends on, into a directory, for another Python than pip has.

    python: which has pip. version, library: of the Python that they are for, and of its C library, a key of PLATFORMS.
    """
    tags = Version(version)
    only = ["--only-binary=:all:", "--implementation=cp", f"--python-version={tags.plain}"]
    only += [f"--platform={one}" for one in PLATFORMS[library]]
    only += [f"--abi={tags.abi}", "--abi=none"] if version == FREE else []
    run(python, "-m", "pip", "download", "--quiet", *only, "--find-links", place, "--dest", place, *what)


def own_python(version: str) -> str | None:
    """Return this machine's own Python of a version, on PATH or where pyenv keeps it."""
    kept = pathlib.Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")
    found = next(kept, None) or shutil.which(f"python{version}")
    return str(found) if found else None


class Made:
    """The Pythons that are made here, each once."""

    def __init__(self, place: pathlib.Path, archive: Archive) -> None:
        self.place, self.archive = place, archive

    def free(self) -> pathlib.Path:
        """Return the free-threaded one, with the system's libraries."""
        return self.made("python-free", "--disable-gil") / "bin/python3.13t"

    def musl(self) -> pathlib.Path:
        """Return one for musl and this processor, with zlib in it and no other library."""
        compiler, zlib = self.place / "musl-cc", self.place / "musl-zlib"
        environment = {**os.environ, "CC": str(compiler), "CFLAGS": "-O2 -fPIC"}
        if not zlib.exists():
            compiler.write_text(MUSL_COMPILER)
            compiler.chmod(0o755)
            tree = self.archive.source(*ZLIB)
            run("./configure", "--static", f"--prefix={zlib}", cwd=tree, env=environment)
            run("make", "--silent", "install", cwd=tree)
            # What the kernel tells is all that is taken from beside another C library's own.
            for name in ("linux", "asm-generic"):
                (zlib / "include" / name).symlink_to(f"/usr/include/{name}")
            (zlib / "include/asm").symlink_to("/usr/include/x86_64-linux-gnu/asm")
        found = {"CPPFLAGS": f"-I{zlib}/include", "LDFLAGS": f"-L{zlib}/lib", "PKG_CONFIG_LIBDIR": "/nonexistent"}
        return self.made("python-musl", environment=environment | found) / "bin/python3.13"

    def made(self, name: str, *options: str, environment: dict[str, str] | None = None) -> pathlib.Path:
        """Return where a Python is installed that is configured in this way."""
        prefix, tree = self.place / name, self.place / f"{name}-build"
        if not prefix.exists():
            tree.mkdir()
            configure = self.archive.source(*SOURCE) / "configure"
            run(configure, "--quiet", f"--prefix={prefix}", *options, *QUICK, cwd=tree, env=environment)
            run("make", "--silent", f"-j{os.cpu_count()}", cwd=tree)
            run("make", "--silent", "install", cwd=tree)
        return prefix
