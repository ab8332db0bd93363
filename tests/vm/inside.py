"""Runs the tests inside of the machine that boot.py made, and switches it off. Uses the system's Python alone."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sysconfig

PROJECT = pathlib.Path("/opt/project")
COPY = "/opt/aigate-tree"
MARKER = "aigate-vm: tests ended with status "
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "AIGATE_TESTS": "full",  # what is run is chosen by name
}


def main() -> None:
    """Wait until the system has settled, install, run pytest, tell the status, power off."""
    status = 1
    try:
        subprocess.run(["/usr/bin/systemctl", "is-system-running", "--wait"], check=False, timeout=120)
        site = pathlib.Path(sysconfig.get_paths()["purelib"])
        site.mkdir(parents=True, exist_ok=True)
        for folder in (*(PROJECT / "site").iterdir(), PROJECT / "aigate"):
            subprocess.run(
                ["/usr/bin/cp", "-a", str(folder), str(site)],  # with the times that compiled files go by
                check=True,
            )
        programs = pathlib.Path(sysconfig.get_paths()["scripts"])
        for program in ("aigate", "aigate-mask"):
            shutil.copy(PROJECT / "programs" / program, programs / program)
        script = programs / "aigate-python"
        script.write_text(
            (PROJECT / "aigate/scripts/aigate-python").read_text().replace("#!python", "#!/usr/bin/python3")
        )
        script.chmod(0o755)
        shutil.copytree(PROJECT / "tests", f"{COPY}/tests")
        shutil.copy(PROJECT / "pyproject.toml", COPY)
        words = (PROJECT / "arguments").read_text().split("\n")
        command = ["/usr/bin/python3", "-m", "pytest", "-p", "pytest_timeout", "--color=no", *filter(None, words)]
        status = subprocess.run(command, cwd=COPY, env=ENVIRONMENT, check=False).returncode
    finally:
        print(f"\n{MARKER}{status}\n", flush=True)
        os.sync()
        subprocess.run(["/usr/bin/systemctl", "--force", "--force", "poweroff"], check=False)


if __name__ == "__main__":
    main()
