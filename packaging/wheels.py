"""`make wheels`: the wheels that one Linux machine can build, and a try of each where nothing else is installed.

zig, from the index, compiles for every C library and processor; Debian's archive gives the headers of other Pythons,
and the sources of RE2 and of those Pythons that are made here (pythons.py). Each wheel is built from the unpacked
source distribution; that and the first wheel are built twice, which must give the same bytes. A last wheel comes from
that alone, isolated, by Debian's own compiler. Nothing of the machine is changed but zig's cache; all is below a
temporary directory, and dist/ at the end. The roots in which wheels are tried need root.

Usage: python packaging/wheels.py [--python 3.11]... [--target x86_64-gnu]... [--once]
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import sys
import tempfile
import time
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from archive import Archive, run
from pythons import ELSEWHERE, FREE, SUITES, WITH_MUSL, Made, Version, download, own_python
from roots import Root

ROOT = pathlib.Path(__file__).resolve().parents[1]
NEEDED = ["ziglang==0.17.1", "Cython>=3.1", "setuptools>=77", "wheel>=0.45", "auditwheel>=6", "build"]
BUILT_WITH = "g++,make,pkg-config,libre2-dev,python3-dev,python3-venv,bubblewrap"  # from the source, in README's words
GLIBC, MUSL = "2.17", "1_2"  # zig has no older glibc
UNLOCKED = """
import aigate, aigate._events, aigate._linux, aigate._walk, sys
assert not sys._is_gil_enabled(), "a module wants the lock"
print("without the lock, all modules loaded")
"""
FLAGS = "-O2 -DNDEBUG -fwrapv -D_FORTIFY_SOURCE=2 -fstack-protector-strong"


@dataclass(frozen=True)
class Target:
    """What a wheel is for: a processor and a C library, by the names that zig, Debian and wheels have for them."""

    zig: str
    machine: str
    debian: str
    tag: str
    suffix: str


# Of what is tried, by its target.
TARGETS = {
    "x86_64-gnu": Target(f"x86_64-linux-gnu.{GLIBC}", "x86_64", "amd64", "manylinux_2_17_x86_64", "x86_64-linux-gnu"),
    "aarch64-gnu": Target(
        f"aarch64-linux-gnu.{GLIBC}", "aarch64", "arm64", "manylinux_2_17_aarch64", "aarch64-linux-gnu"
    ),
    "x86_64-musl": Target("x86_64-linux-musl", "x86_64", "amd64", f"musllinux_{MUSL}_x86_64", "x86_64-linux-musl"),
    "aarch64-musl": Target("aarch64-linux-musl", "aarch64", "arm64", f"musllinux_{MUSL}_aarch64", "aarch64-linux-musl"),
}


def make_tables(place: pathlib.Path, data: pathlib.Path) -> None:
    """Write RE2's tables by its own programs, from Debian's Unicode data: its source comes without them."""
    reader = place / "unicode.py"
    text = re.sub(r"^_UNICODE_DIR = .*$", f"_UNICODE_DIR = {str(data)!r}", reader.read_text(), flags=re.MULTILINE)
    reader.write_text(text.replace("from six.moves import urllib", "import urllib.request"))
    for name in ("unicode_casefold", "unicode_groups"):
        (place / f"{name}.cc").write_text(run(sys.executable, f"make_{name}.py", cwd=place))
    (place / "perl_groups.cc").write_text(run("perl", "make_perl_groups.pl", cwd=place))


class Builder:
    """Builds wheels for targets, with zig."""

    def __init__(self, place: pathlib.Path, archive: Archive) -> None:
        self.place, self.archive, self.made = place, archive, Made(place, archive)
        self.python = place / "tools/bin/python"
        run(sys.executable, "-m", "venv", place / "tools")
        run(self.python, "-m", "pip", "install", "--quiet", *NEEDED)
        self.zig = run(self.python, "-c", "import ziglang; print(ziglang.__path__[0] + '/zig')").strip()
        self.date = run("git", "log", "-1", "--format=%ct", cwd=ROOT).strip()
        self.sdist, self.tree = self.source()
        self.re2_source = archive.source("bookworm", "re2")  # the last one without Abseil, which makes it small
        make_tables(self.re2_source / "re2", archive.unpack("bookworm", "unicode-data") / "usr/share/unicode")
        self.shown = place / "shown.map"
        self.shown.write_text("{ global: PyInit_*; local: *; };\n")

    def source(self) -> tuple[pathlib.Path, pathlib.Path]:
        """Return the source distribution, made of what git knows or would know, and the tree in it."""
        copy = self.place / "copy"
        for name in filter(None, run("git", "ls-files", "-zco", "--exclude-standard", cwd=ROOT).split("\0")):
            if (ROOT / name).is_file():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, copy / name)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": self.date, "AIGATE_RE2_CFLAGS": "", "AIGATE_RE2_LIBS": ""}
        for out in (self.place, again := self.place / "again"):
            run(self.python, "-m", "build", "--sdist", "--no-isolation", "--outdir", out, copy, env=environment)
            for file in filter(pathlib.Path.is_file, copy.rglob("*")):
                file.touch()
        sdist = next(self.place.glob("*.tar.gz"))
        if sdist.read_bytes() != (again / sdist.name).read_bytes():
            sys.exit(f"wheels: {sdist.name} came out differently the second time")
        run("tar", "-xzf", sdist, "-C", self.place)
        return sdist, self.place / sdist.name.removesuffix(".tar.gz")

    def compilers(self, key: str, headers: pathlib.Path | None = None) -> dict[str, str]:
        """Return the variables that name the compilers for a target."""
        bin_ = self.place / f"bin-{key}{'-' + headers.name if headers else ''}"
        bin_.mkdir(exist_ok=True)
        # Only for what Cython has written, so that zig knows all other objects again from Python to Python.
        include = f'case "$*" in *" aigate/_"*) set -- -I{headers} "$@" ;; esac\n' if headers else ""
        # What has no C library needs the kernel's headers all the same, which zig then leaves out.
        kernel = self.zig.removesuffix("zig") + "lib/libc/include"
        machine = TARGETS[key].machine.replace("x86_64", "x86")
        freestanding = f"-isystem {kernel}/{machine}-linux-any -isystem {kernel}/any-linux-any"
        include += f'case "$*" in *-ffreestanding*) set -- {freestanding} "$@" ;; esac\n'
        for name in ("cc", "c++"):
            command = f"exec {self.zig} {name} -target {TARGETS[key].zig} -fno-sanitize=undefined -g0"
            (bin_ / name).write_text(f'#!/bin/sh\n{include}{command} "$@"\n')
            (bin_ / name).chmod(0o755)
        (bin_ / "ar").write_text(f'#!/bin/sh\nexec {self.zig} ar "$@"\n')
        (bin_ / "ar").chmod(0o755)
        return {
            "CC": f"{bin_}/cc",
            "CXX": f"{bin_}/c++",
            "AR": f"{bin_}/ar",
            "LDSHARED": f"{bin_}/cc -shared -s -Wl,--version-script={self.shown}",
            "LDCXXSHARED": f"{bin_}/c++ -shared -s -Wl,--version-script={self.shown}",
        }

    def re2(self, key: str) -> pathlib.Path:
        """Return RE2 as a static library for a target, none of its names seen from outside."""
        target = self.place / f"re2-{key}"
        if not target.exists():
            target.mkdir()
            tools = self.compilers(key)
            wanted = [
                *self.re2_source.glob("re2/*.cc"),
                *(self.re2_source / "util" / f"{n}.cc" for n in ("rune", "strutil")),
            ]
            flags = [
                "-O3",
                "-std=c++17",
                "-fPIC",
                "-fvisibility=hidden",
                "-DNDEBUG",
                "-pthread",
                f"-I{self.re2_source}",
            ]
            with ThreadPoolExecutor(os.cpu_count()) as workers:
                objects = {source: target / f"{source.stem}.o" for source in wanted}
                made = [workers.submit(run, tools["CXX"], *flags, "-c", one, "-o", objects[one]) for one in wanted]
                for each in made:
                    each.result()
            run(tools["AR"], "rcsD", target / "libre2.a", *sorted(target.glob("*.o")))
        return target / "libre2.a"

    def headers(self, version: str, key: str) -> pathlib.Path:
        """Return a Python's headers, with the one that differs between processors in the place of Debian's switch."""
        target = self.place / f"headers-{version}-{TARGETS[key].debian}"
        if version in (*ELSEWHERE, FREE):
            asked = "import sysconfig; print(sysconfig.get_paths()['include'])"
            shutil.copytree(run(self.own(version) or "", "-c", asked).strip(), target, dirs_exist_ok=True)
        elif not target.exists():
            package = f"libpython{version}-dev:{TARGETS[key].debian}"
            unpacked = self.archive.unpack(SUITES[version], package) / "usr/include"
            shutil.copytree(unpacked / f"python{version}", target)
            shutil.copy(next(unpacked.glob(f"*-linux-gnu/python{version}/pyconfig.h")), target / "pyconfig.h")
        return target

    def own(self, version: str) -> pathlib.Path | None:
        """Return the Python outside of Debian's packages that a wheel is for, None where Debian has one."""
        if version == FREE:
            return self.made.free()
        return pathlib.Path(own_python(version) or "") if version in ELSEWHERE else None

    def build(self, version: str, key: str, *, again: bool = False) -> pathlib.Path:
        """Build one wheel, named for what it is for, and return its path; again: in other directories."""
        target, tags = TARGETS[key], Version(version)
        library, headers = self.re2(key), self.headers(version, key)
        environment = {
            **os.environ,
            **self.compilers(key, headers),
            "AIGATE_RE2_CFLAGS": f"-I{self.re2_source}",
            "AIGATE_RE2_LIBS": f"{library} -pthread",
            **dict.fromkeys(("CFLAGS", "CXXFLAGS"), FLAGS),  # setuptools gives each language its own
            "SETUPTOOLS_EXT_SUFFIX": f".{tags.abi.replace('cp', 'cpython-')}-{target.suffix}.so",
            "SOURCE_DATE_EPOCH": self.date,
        }
        out = self.place / f"out{'-again' * again}-{version}-{key}"
        # One for all Pythons of a target: zig knows objects again by where they were compiled, too.
        tree = self.place / f"tree{'-again' * again}-{key}"
        if not tree.exists():
            shutil.copytree(self.tree, tree, symlinks=True)
        shutil.rmtree(tree / "build", ignore_errors=True)
        run(self.python, "setup.py", "--quiet", "bdist_wheel", "--dist-dir", out, cwd=tree, env=environment)
        named = ["--python-tag", tags.interpreter, "--abi-tag", tags.abi, "--platform-tag", target.tag]
        run(self.python, "-m", "wheel", "tags", "--remove", *named, next(out.glob("*.whl")), env=environment)
        return next(out.glob("*.whl"))


def looked_at(builder: Builder, wheel: pathlib.Path, target: Target) -> None:
    """End where a wheel asks for a newer C library than its name says, or shows names that Python does not look for."""
    said = " ".join(run(builder.python, "-m", "auditwheel", "show", wheel).split())
    found = re.search(r'platform tag: "(\w+?_(\d+)_(\d+)_\w+)"', said)
    promised = re.search(r"_(\d+)_(\d+)_", target.tag)
    if "musl" in target.tag:  # auditwheel knows that C library only where it runs: nothing else may be needed
        fits = bool(re.search(r'required by the wheel: \{ "libc\.so": null \}', said))
    else:
        fits = bool(found and promised and tuple(map(int, found.groups()[1:])) <= tuple(map(int, promised.groups())))
    if not fits:
        sys.exit(f"wheels: {wheel.name} is not what its name says: {said}")
    with zipfile.ZipFile(wheel) as archive, tempfile.TemporaryDirectory() as place:
        for name in archive.namelist():
            if name.endswith(".so"):
                names = run("nm", "-D", "--defined-only", "--format=just-symbols", archive.extract(name, place)).split()
                if shown := [one for one in names if not one.startswith("PyInit_")]:
                    sys.exit(f"wheels: {name} shows {', '.join(shown[:9])}")


def needs(builder: Builder, wheel: pathlib.Path, version: str, key: str) -> pathlib.Path:
    """Return a directory with a wheel and all that it depends on, for a Python that does not run here."""
    wheels = builder.place / f"needs-{version}-{key}"
    if version == FREE:
        plain = {**os.environ, "PYYAML_FORCE_LIBYAML": "0"}  # as an installer makes it: the index has none
        run(builder.python, "-m", "pip", "wheel", "-q", "-w", wheels, "--no-binary=PyYAML", "PyYAML", env=plain)
    download(builder.python, version, key.rpartition("-")[2], wheels, wheel)
    return wheels


def can_try(version: str, key: str) -> bool:
    """Tell whether there is a system for a wheel here."""
    return os.getuid() == 0 and (key == "x86_64-gnu" or (key == "x86_64-musl" and version == WITH_MUSL))


def tried(builder: Builder, wheel: pathlib.Path, version: str, key: str) -> str:
    """Install a wheel where there is a Python and nothing else, and run the smoke suite there."""
    wheels, suite = needs(builder, wheel, version, key), SUITES.get(version, "bookworm")
    own, packages = builder.own(version), ""
    if key == "x86_64-musl":  # the oldest that there is: Debian 12 has 1.2.3
        suite, own, packages = "bookworm", builder.made.musl(), "musl"
    root = Root(builder.place / "root", suite, version, builder.archive.uri, own=own, packages=packages)
    root.install(wheels, wheel.name)
    said = root.try_it()
    if version == FREE:
        said.append(root.run("/aigate/bin/python", "-c", UNLOCKED).strip())
    text = f"{suite}: {'; '.join(said)}; `aigate mask` in {root.start_up()} ms"
    shutil.rmtree(root.place)
    return text


def isolated(builder: Builder) -> str:
    """Build a wheel from the source distribution where there is nothing but what README names, and try it there."""
    wheels = builder.place / "needs-source"
    run(builder.python, "-m", "pip", "wheel", "--quiet", "--wheel-dir", wheels, "setuptools>=77", "Cython>=3.1")
    known = tomllib.loads((builder.tree / "pyproject.toml").read_text())["project"]["dependencies"]
    download(builder.python, "3.11", "gnu", wheels, *known)
    root = Root(builder.place / "root-source", "bookworm", "3.11", builder.archive.uri, packages=BUILT_WITH)
    shutil.copy(builder.sdist, wheels)
    root.install(wheels, builder.sdist.name)
    said = root.try_it()
    shutil.rmtree(root.place)
    return f"bookworm: {'; '.join(said)}"


def main() -> None:
    """Build, look at and try what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    known = [*sorted([*SUITES, *filter(own_python, ELSEWHERE)], key=lambda one: int(one[2:])), FREE]
    parser.add_argument("--python", action="append", choices=known)
    parser.add_argument("--target", action="append", choices=TARGETS)
    parser.add_argument("--once", action="store_true", help="do not build the first one a second time")
    asked = parser.parse_args()
    dist = ROOT / "dist"
    dist.mkdir(exist_ok=True)
    compared = asked.once
    with tempfile.TemporaryDirectory(prefix="aigate-wheels-") as name:
        place = pathlib.Path(name)
        place.chmod(0o755)  # for the ordinary user in a root
        (place / "archive").mkdir()
        builder = Builder(place, Archive(place / "archive"))
        shutil.copy(builder.sdist, dist)
        for key in asked.target or TARGETS:
            for version in asked.python or known:
                if version in (*ELSEWHERE, FREE) and key != "x86_64-gnu":
                    continue
                started = time.monotonic()
                wheel = builder.build(version, key)
                looked_at(builder, wheel, TARGETS[key])
                if not compared and builder.build(version, key, again=True).read_bytes() != wheel.read_bytes():
                    sys.exit(f"wheels: {wheel.name} came out differently the second time")
                compared = True
                shutil.copy(wheel, dist)
                took = f"{wheel.stat().st_size / 1e6:.2f} MB, {time.monotonic() - started:.0f} s"
                said = tried(builder, wheel, version, key) if can_try(version, key) else "not tried"
                print(f"{wheel.name}: {took}, {said}", flush=True)
        print(f"{builder.sdist.name}: {isolated(builder) if os.getuid() == 0 else 'not tried'}", flush=True)


if __name__ == "__main__":
    main()
