"""`make wheels`: the wheels that one Linux machine can build, and a try of each where nothing else is installed.

zig, from the index, compiles for every C library and processor; Debian's archive gives the headers of other Pythons,
and RE2's source. Each wheel is built from the unpacked source distribution, the first one twice, which must give the
same bytes, and a last one from nothing but that, isolated, by Debian's own compiler. Nothing of the machine is changed
but zig's cache; all is below a temporary directory, and dist/ at the end.
The roots in which wheels are tried need root.

Usage: python packaging/wheels.py [--python 3.11]... [--target x86_64-gnu]... [--once]
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from roots import Root

ROOT = pathlib.Path(__file__).resolve().parents[1]
NEEDED = ["ziglang==0.17.1", "Cython>=3.1", "setuptools>=77", "wheel>=0.45", "auditwheel>=6", "build"]
SUITES = {"3.11": "bookworm", "3.13": "trixie", "3.14": "sid", "3.15": "sid"}  # Debian's, with that Python's headers
ELSEWHERE = ("3.12",)  # which no Debian has: built where the machine has one by itself, for its own processor and glibc
BUILT_WITH = "g++,make,pkg-config,libre2-dev,python3-dev,python3-venv,bubblewrap"  # from the source, in README's words
SOURCES = ("/etc/apt/sources.list.d/debian.sources", "/etc/apt/sources.list")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
GLIBC, MUSL = "2.28", "1_2"  # statx(2) by its name is in glibc from 2.28
CFLAGS = "-O2 -DNDEBUG -fwrapv -D_FORTIFY_SOURCE=2 -fstack-protector-strong"


@dataclass(frozen=True)
class Target:
    """What a wheel is for: a processor and a C library, by the names that zig, Debian and wheels have for them."""

    zig: str
    machine: str
    debian: str
    tag: str
    suffix: str


TARGETS = {
    "x86_64-gnu": Target(f"x86_64-linux-gnu.{GLIBC}", "x86_64", "amd64", "manylinux_2_28_x86_64", "x86_64-linux-gnu"),
    "aarch64-gnu": Target(
        f"aarch64-linux-gnu.{GLIBC}", "aarch64", "arm64", "manylinux_2_28_aarch64", "aarch64-linux-gnu"
    ),
    "x86_64-musl": Target("x86_64-linux-musl", "x86_64", "amd64", f"musllinux_{MUSL}_x86_64", "x86_64-linux-musl"),
    "aarch64-musl": Target("aarch64-linux-musl", "aarch64", "arm64", f"musllinux_{MUSL}_aarch64", "aarch64-linux-musl"),
}


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
        sys.exit(f"wheels: {' '.join(map(str, words))} ended with {done.returncode}\n{done.stdout}")
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
        target.mkdir()
        run("apt-get", *self.options(suite, "deb-src"), "source", "--download-only", package, cwd=target)
        run("tar", "-xf", next(target.glob("*.orig.tar.*")), cwd=target)
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
    sys.exit("wheels: this machine names no Debian archive, from which the headers of other Pythons come")


def own_python(version: str) -> str | None:
    """Return this machine's own Python of a version, on PATH or where pyenv keeps it."""
    kept = pathlib.Path.home().glob(f".pyenv/versions/{version}.*/bin/python{version}")
    found = next(kept, None) or shutil.which(f"python{version}")
    return str(found) if found else None


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
        self.place, self.archive = place, archive
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
        run(self.python, "-m", "build", "--sdist", "--no-isolation", "--outdir", self.place, copy, env=environment)
        sdist = next(self.place.glob("*.tar.gz"))
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
        if version in ELSEWHERE:
            asked = "import sysconfig; print(sysconfig.get_paths()['include'])"
            shutil.copytree(run(own_python(version) or "", "-c", asked).strip(), target, dirs_exist_ok=True)
        elif not target.exists():
            package = f"libpython{version}-dev:{TARGETS[key].debian}"
            unpacked = self.archive.unpack(SUITES[version], package) / "usr/include"
            shutil.copytree(unpacked / f"python{version}", target)
            shutil.copy(next(unpacked.glob(f"*-linux-gnu/python{version}/pyconfig.h")), target / "pyconfig.h")
        return target

    def build(self, version: str, key: str, *, again: bool = False) -> pathlib.Path:
        """Build one wheel, named for what it is for, and return its path; again: in other directories."""
        target, plain = TARGETS[key], "cp" + version.replace(".", "")
        library, headers = self.re2(key), self.headers(version, key)
        environment = {
            **os.environ,
            **self.compilers(key, headers),
            "AIGATE_RE2_CFLAGS": f"-I{self.re2_source}",
            "AIGATE_RE2_LIBS": f"{library} -pthread",
            "CFLAGS": CFLAGS,
            "SETUPTOOLS_EXT_SUFFIX": f".{plain.replace('cp', 'cpython-')}-{target.suffix}.so",
            "SOURCE_DATE_EPOCH": self.date,
        }
        out = self.place / f"out{'-again' * again}-{version}-{key}"
        # One for all Pythons of a target: zig knows objects again by where they were compiled, too.
        tree = self.place / f"tree{'-again' * again}-{key}"
        if not tree.exists():
            shutil.copytree(self.tree, tree, symlinks=True)
        shutil.rmtree(tree / "build", ignore_errors=True)
        run(self.python, "setup.py", "--quiet", "bdist_wheel", "--dist-dir", out, cwd=tree, env=environment)
        tags = ["--python-tag", plain, "--abi-tag", plain, "--platform-tag", target.tag]
        run(self.python, "-m", "wheel", "tags", "--remove", *tags, next(out.glob("*.whl")), env=environment)
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


def tried(builder: Builder, wheel: pathlib.Path, version: str) -> str:
    """Install a wheel where there is a Python and nothing else, and run the smoke suite there."""
    wheels = builder.place / f"needs-{version}"
    platforms = [f"--platform=manylinux_{glibc}_x86_64" for glibc in ("2_28", "2_17")] + [
        "--platform=manylinux2014_x86_64"
    ]
    only = ["--only-binary=:all:", "--implementation=cp", f"--python-version={version}", *platforms]
    run(builder.python, "-m", "pip", "download", "--quiet", *only, "--dest", wheels, wheel)
    suite = SUITES.get(version, "bookworm")
    root = Root(
        builder.place / f"root-{version}",
        suite,
        version,
        builder.archive.uri,
        own=own_python(version) if version in ELSEWHERE else None,
    )
    root.install(wheels, wheel.name)
    said = root.try_it()
    text = f"{suite}: {'; '.join(said)}; `aigate mask` in {root.start_up()} ms"
    shutil.rmtree(root.place)
    return text


def isolated(builder: Builder) -> str:
    """Build a wheel from the source distribution where there is nothing but what README names, and try it there."""
    wheels = builder.place / "needs-source"
    run(builder.python, "-m", "pip", "wheel", "--quiet", "--wheel-dir", wheels, "setuptools>=77", "Cython>=3.1")
    known = tomllib.loads((builder.tree / "pyproject.toml").read_text())["project"]["dependencies"]
    only = ["--only-binary=:all:", "--implementation=cp", "--python-version=3.11", "--platform=manylinux_2_28_x86_64"]
    run(
        builder.python,
        "-m",
        "pip",
        "download",
        "--quiet",
        *only,
        "--platform=manylinux2014_x86_64",
        "-d",
        wheels,
        *known,
    )
    root = Root(builder.place / "root-source", "bookworm", "3.11", builder.archive.uri, packages=BUILT_WITH)
    shutil.copy(builder.sdist, wheels)
    root.install(wheels, builder.sdist.name)
    said = root.try_it()
    shutil.rmtree(root.place)
    return f"bookworm: {'; '.join(said)}"


def main() -> None:
    """Build, look at and try what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    known = sorted([*SUITES, *filter(own_python, ELSEWHERE)], key=lambda one: int(one[2:]))
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
                if version in ELSEWHERE and key != "x86_64-gnu":
                    continue
                started = time.monotonic()
                wheel = builder.build(version, key)
                looked_at(builder, wheel, TARGETS[key])
                if not compared and builder.build(version, key, again=True).read_bytes() != wheel.read_bytes():
                    sys.exit(f"wheels: {wheel.name} came out differently the second time")
                compared = True
                shutil.copy(wheel, dist)
                took = f"{wheel.stat().st_size / 1e6:.2f} MB, {time.monotonic() - started:.0f} s"
                is_tried = key == "x86_64-gnu" and os.getuid() == 0
                print(
                    f"{wheel.name}: {took}, {tried(builder, wheel, version) if is_tried else 'not tried'}", flush=True
                )
        print(f"{builder.sdist.name}: {isolated(builder) if os.getuid() == 0 else 'not tried'}", flush=True)


if __name__ == "__main__":
    main()
