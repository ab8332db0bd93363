"""A home with a project on a Mac, and aigate run in it with the real sandbox-exec."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
from dataclasses import dataclass

SECRET = "s3cr3t-content-that-must-not-appear"


@dataclass
class Place:
    """Where an attack takes place: `shell(...)` runs a script in the sandbox, `outside(...)` without one."""

    home: pathlib.Path
    project: pathlib.Path

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LANG", "SSH_AUTH_SOCK") if name in os.environ}
        return {**kept, "HOME": str(self.home)}

    def aigate(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self.outside(sys.executable, "-m", "aigate", *words)

    def shell(self, script: str) -> subprocess.CompletedProcess[str]:
        return self.aigate("run", "--quiet", "--", "/bin/sh", "-c", script)

    def outside(self, *argv: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv, cwd=self.project, env=self.environment, capture_output=True, text=True, timeout=240, check=False
        )

    def write(self, path: str, text: str = f"{SECRET}\n") -> pathlib.Path:
        """Create a file below the project, or the home with `~/`."""
        place = self.home / path[2:] if path.startswith("~/") else self.project / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
        return place

    def config(self, text: str) -> None:
        self.write("~/.aigate/config.yaml", text)
