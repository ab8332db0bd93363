"""Builds aigate's compiled modules (the masker against the system's RE2, the walk, system calls) and its programs.

RE2 is found in this order: AIGATE_RE2_CFLAGS / AIGATE_RE2_LIBS, pkg-config, else an error that names the package.
"""

import glob
import gzip
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from concurrent.futures import ThreadPoolExecutor

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

from distutils.command.build_scripts import build_scripts  # isort: skip -- setuptools brings it, once imported

HOW = """RE2 was not found: install its development package and try again.
    Debian, Ubuntu   apt install libre2-dev pkg-config
    Fedora           dnf install re2-devel pkgconf
    Arch             pacman -S re2 pkgconf
    Alpine           apk add re2-dev pkgconf
    macOS            brew install re2 pkgconf
or set AIGATE_RE2_CFLAGS and AIGATE_RE2_LIBS."""

SANITIZE = [
    *("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g1", "-O1"),
    "-DAIGATE_ASK_RE2_AS_WELL",  # whatever is found in its place
]


def re2_flags(kind: str) -> list[str]:
    """Return compiler (`cflags`) or linker (`libs`) flags for RE2."""
    override = os.environ.get(f"AIGATE_RE2_{kind.upper()}")
    if override is not None:
        return shlex.split(override)
    pkg_config = os.environ.get("PKG_CONFIG", "pkg-config")
    try:
        found = subprocess.run([pkg_config, f"--{kind}", "re2"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        sys.exit(HOW)
    return shlex.split(found.stdout)


def extensions() -> list[Extension]:
    """Return the modules to build on this system."""
    checks = SANITIZE if os.environ.get("AIGATE_SANITIZE") else []

    def both(pattern: str) -> list[str]:
        return sorted(glob.glob(f"aigate/native/masker/{pattern}") + glob.glob(f"aigate/native/screen/{pattern}"))

    masker = Extension(
        "aigate._masker",
        ["aigate/_masker.pyx", *both("*.cpp")],
        depends=["aigate/_rules.pxi", "aigate/_column.pxi", *both("*.h")],
        language="c++",
        extra_compile_args=["-std=c++17", "-g0", "-O3", "-fvisibility=hidden", *re2_flags("cflags"), *checks],
        extra_link_args=[*re2_flags("libs"), *checks],
    )
    walk = Extension(
        "aigate._walk",
        ["aigate/_walk.pyx", *sorted(glob.glob("aigate/native/walk/*.cpp"))],
        depends=sorted(glob.glob("aigate/native/walk/*.h")),
        language="c++",
        extra_compile_args=["-std=c++17", "-g0", "-O2", "-fvisibility=hidden", *checks],
        extra_link_args=["-pthread", *checks],
    )
    linux = Extension("aigate._linux", ["aigate/_linux.pyx"], depends=["aigate/native/linux.h"])
    events = Extension("aigate._events", ["aigate/_events.pyx"])
    return [masker, walk, linux, events] if sys.platform == "linux" else [masker, walk]


# What to build of which source. One program has two names: by which it is called is what it does.
PROGRAMS = (
    {"init": "init", "guard": "guard", "waiter": "waiter", "clerk": "clerk", "hook": "hook", "shell": "hook"}
    if sys.platform == "linux"
    else {}
)
LAUNCHER, SCRIPT, FILTER = "aigate", "aigate-python", "aigate-mask"
FREESTANDING = [
    *("-Os", "-std=c11", "-Wall", "-Wextra"),
    *("-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-fno-asynchronous-unwind-tables"),
    *("-nostdlib", "-static", "-fno-pie", "-no-pie", "-s", "-Wl,--build-id=none", "-Wl,-z,noexecstack"),
]
PROTECTED = ["-DNDEBUG", "-fPIE", "-fstack-protector-strong"]
HARDENED = ["-pie", "-s", "-Wl,--build-id=none", *(f"-Wl,-z,{word}" for word in ("relro", "now", "noexecstack"))]
INSIDE = ["-static-libstdc++", "-static-libgcc", "-Wl,--gc-sections"]
RESTRICTED = ["-Os", "-std=c11", "-Wall", "-Wextra", "-Wl,-sectcreate,__RESTRICT,__restrict,/dev/null"]  # dyld(1)


def build_program(source: str, target: str) -> None:
    """Compile one of the programs in aigate/native/, which use no C library where the system allows that."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC"))
    flags = FREESTANDING if sys.platform == "linux" else RESTRICTED
    subprocess.run([*compiler, *flags, "-o", target, f"aigate/native/{source}.c"], check=True)


def as_text(text: str | None) -> str:
    """Return a text as C++ has it: letters and digits as they are, other bytes by their number."""
    if text is None:
        return "nullptr"
    shown = (chr(byte) if bytes([byte]).isalnum() else f"\\{byte:03o}" for byte in text.encode())
    return '"' + "".join(shown) + '"'


def preset_table() -> tuple[str, bytes]:
    """Return the source of what native/filter/presets.h declares, from the presets as they stand in this tree.

    And what a program has in it that was built of just these.
    """
    sys.path.insert(0, os.getcwd())
    from aigate.cli.mask_kept import identity
    from aigate.masking.presets import GROUPS

    rows = [
        f"    {{{as_text(preset.name)}, {as_text(group)}, {as_text(rule.regex)}, {as_text(rule.below)}, "
        f"{rule.show_prefix}, {rule.case_insensitive:d}, {rule.token:d}, {rule.armored:d}, "
        f"Check::{(rule.check or 'none').title()}}},"
        for group, presets in GROUPS.items()
        for preset in presets
        for rule in preset.rules
    ]
    beginning = '#include "presets.h"\n\nnamespace aigate {\n\nconst PresetRule kPresetRules[] = {\n'
    ending = f"const size_t kPresetRuleCount = {len(rows)};\nconst char kIdentity[] = {as_text(identity())};"
    return beginning + "\n".join(rows) + f"\n}};\n{ending}\n\n}}  // namespace aigate\n", identity().encode()


def is_newer(target: pathlib.Path | str, sources: list[str]) -> bool:
    """Tell whether a file is there, and was made after all of these."""
    return os.path.exists(target) and all(os.stat(target).st_mtime > os.stat(one).st_mtime for one in sources)


def keep_place(directory: str) -> None:
    """Put an empty file where aigate/bundle.py will keep what starts need: what uninstalls knows it then."""
    suffix = os.environ.get("SETUPTOOLS_EXT_SUFFIX") or sysconfig.get_config_var("EXT_SUFFIX")
    tag = "-".join(suffix.removeprefix(".").split("-")[:2]).removesuffix(".so")  # of .cpython-311-x86_64-linux-gnu.so
    tag = tag.removesuffix(
        "t"
    )  # which a free-threaded Python has in that name alone, not in sys.implementation.cache_tag
    os.makedirs(directory, exist_ok=True)
    pathlib.Path(directory, f"start-{tag}.bundle").write_bytes(b"")


class BuildNative(build_ext):
    """Builds the extensions, and the programs that are part of the package."""

    def run(self) -> None:
        """Compile and link everything."""
        super().run()
        target = "." if self.inplace or getattr(self, "editable_mode", False) else self.build_lib
        os.makedirs(f"{target}/aigate/native", exist_ok=True)
        for name, source in PROGRAMS.items():
            build_program(source, f"{target}/aigate/native/{name}")
        if target != ".":
            keep_place(f"{target}/aigate/__pycache__")

    def build_extensions(self) -> None:
        """Compile the sources of each extension side by side, on as many processors as there are."""
        one = self.compiler.compile

        def compile_all(sources: list[str], **options: object) -> list[str]:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                return [made for found in pool.map(lambda source: one([source], **options), sources) for made in found]

        self.compiler.compile = compile_all
        super().build_extensions()
        if sys.platform == "linux":
            self.build_filter(next(one for one in self.extensions if one.name == "aigate._masker"))

    def build_filter(self, masker: Extension) -> None:
        """Compile and link the program that masks without a Python, of the same objects as the module."""
        target = pathlib.Path(self.build_temp, FILTER)
        shared = [one for one in masker.sources if one.startswith("aigate/native/")]
        own = glob.glob("aigate/native/filter/*")
        text, identity = preset_table()
        if is_newer(target, [*shared, *own, *masker.depends, "setup.py"]) and identity in target.read_bytes():
            return
        table = target.with_name("presets.cpp")
        table.write_text(text)
        compiler = shlex.split(os.environ.get("CXX") or sysconfig.get_config_var("CXX"))
        flags = [*shlex.split(os.environ.get("CXXFLAGS", "")), *PROTECTED, *masker.extra_compile_args]

        def compiled(source: str) -> str:
            made = str(target.with_name(f"filter-{pathlib.Path(source).stem}.o"))
            subprocess.run([*compiler, *flags, "-Iaigate/native/filter", "-c", source, "-o", made], check=True)
            return made

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            objects = list(pool.map(compiled, [*sorted(one for one in own if one.endswith(".cpp")), str(table)]))
        known = dict(zip(shared, self.compiler.object_filenames(shared, output_dir=self.build_temp), strict=True))
        old = [source for source, made in known.items() if not is_newer(made, [source, *masker.depends])]
        if old:  # where the module was there already
            self.compiler.compile(old, output_dir=self.build_temp, extra_postargs=masker.extra_compile_args)
        command = [*compiler, *objects, *known.values(), *shlex.split(os.environ.get("LDFLAGS", "")), *HARDENED]
        chosen = "AIGATE_RE2_LIBS" in os.environ  # then it is known where RE2 lies, and which kind of library it is
        whole = ["-l:libre2.a" if one == "-lre2" and not chosen else one for one in masker.extra_link_args]
        # With all of it inside it starts sooner, and fits into a wheel as it is. Not every system has RE2 so.
        if subprocess.run([*command, *whole, *INSIDE, "-o", str(target)], capture_output=True, check=False).returncode:
            sys.stderr.write(f"{FILTER} is linked with shared libraries: auditwheel will put a Python in front of it\n")
            subprocess.run([*command, *masker.extra_link_args, "-o", str(target)], check=True)


class BuildScripts(build_scripts):
    """Builds the command `aigate`, and puts beside it the script that names its Python, and what masks without one."""

    editable_mode = False  # setuptools sets it

    def run(self) -> None:
        """Copy the script, with the source tree in it where that is to be used, and compile the launcher."""
        super().run()
        if self.editable_mode:
            script = pathlib.Path(self.build_dir, SCRIPT)
            script.write_text(script.read_text().replace('SOURCES = ""', f"SOURCES = {os.getcwd()!r}"))
        build_program("launcher", f"{self.build_dir}/{LAUNCHER}")
        if sys.platform == "linux":
            self.run_command("build_ext")
            shutil.copy2(f"{self.get_finalized_command('build_ext').build_temp}/{FILTER}", self.build_dir)


class Sdist(sdist):
    """Writes the source distribution, with the same bytes each time where SOURCE_DATE_EPOCH says how old it is.

    See the specification of SOURCE_DATE_EPOCH by reproducible-builds.org.
    """

    def make_archive(self, name: str, kind: str, *, base_dir: str, **more: object) -> str:
        """Return the path of an archive of a folder: `name` and what such an archive's name ends with."""
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        if epoch is None or kind != "gztar":
            return super().make_archive(name, kind, base_dir=base_dir, **more)

        def alike(member: tarfile.TarInfo) -> tarfile.TarInfo:
            member.mtime = int(epoch)
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if member.mode & 0o100 else 0o644
            return member

        path = f"{name}.tar.gz"
        with (
            open(path, "wb") as file,
            gzip.GzipFile("", "wb", fileobj=file, mtime=int(epoch)) as packed,
            tarfile.open(path, "w", fileobj=packed) as archive,
        ):
            archive.add(base_dir, filter=alike)
        return path


setup(
    ext_modules=cythonize(extensions(), language_level=3),
    scripts=[f"aigate/scripts/{SCRIPT}"],
    data_files=[(f"share/man/man{section}", sorted(glob.glob(f"docs/man/*.{section}"))) for section in (1, 5)],
    cmdclass={"build_ext": BuildNative, "build_scripts": BuildScripts, "sdist": Sdist},
)
