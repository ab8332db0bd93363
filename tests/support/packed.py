"""Wheels packed by hand, so that tests can install them with pip and without a network."""

from __future__ import annotations

import base64
import hashlib
import os
import pathlib
import subprocess
import sys
import zipfile

from sandbox import LAUNCHER, SCRIPT

import aigate

PACKAGE = pathlib.Path(aigate.__file__).parent
EXECUTABLE, PLAIN = 0o100755, 0o100644


def pack(directory: pathlib.Path, name: str, version: str, files: dict[str, tuple[bytes, int]]) -> pathlib.Path:
    """Make a wheel of files (their bytes and modes, by their names in it) and return its path."""
    information = f"{name.replace('-', '_')}-{version}.dist-info"
    files |= {
        f"{information}/METADATA": (f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(), PLAIN),
        f"{information}/WHEEL": (
            b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
            PLAIN,
        ),
    }
    path = directory / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    record = f"{information}/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as archive:
        for member, (content, mode) in files.items():
            info = zipfile.ZipInfo(member)
            info.external_attr = mode << 16
            archive.writestr(info, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record += f"{member},sha256={digest},{len(content)}\n"
        archive.writestr(f"{information}/RECORD", record)
    return path


def pack_own(directory: pathlib.Path) -> pathlib.Path:
    """Pack what is built here as the build does (`make wheel` tries the real one), without its dependencies."""
    name = f"aigate_sandbox-{aigate.__version__}"
    files = {f"aigate/{item.relative_to(PACKAGE)}": item for item in PACKAGE.rglob("*") if item.is_file()}
    programs = {"aigate": LAUNCHER, "aigate-python": SCRIPT, "aigate-mask": LAUNCHER.with_name("aigate-mask")}
    files |= {f"{name}.data/scripts/{program}": file for program, file in programs.items()}
    modes = {
        name: EXECUTABLE if ".data/" in name or file.stat().st_mode & 0o100 else PLAIN for name, file in files.items()
    }
    return pack(
        directory,
        "aigate-sandbox",
        aigate.__version__,
        {name: (file.read_bytes(), modes[name]) for name, file in files.items()},
    )


def install(wheel: pathlib.Path, *options: str, python: str = sys.executable, **variables: str) -> None:
    """Install a wheel with this environment's pip, for whichever Python; with the option `--compile`, compiled."""
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index", "--no-deps"]
    command += [] if "--compile" in options else ["--no-compile"]  # that takes longer than all the rest
    done = subprocess.run(
        [*command, *options, str(wheel)], capture_output=True, text=True, env={**os.environ, **variables}
    )
    assert done.returncode == 0, done.stderr
