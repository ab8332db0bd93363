"""Setup, access lists and reset on a Mac, as root: named so that it is run by name alone, for it makes accounts."""

from __future__ import annotations

import os
import subprocess

from macplace import Place

GROUP, USER = f"aigt-g{os.getpid()}", f"aigt-u{os.getpid()}"


def test_accounts_and_access_lists(place: Place) -> None:
    assert os.geteuid() == 0
    for path in (place.home.parent, place.home, place.project):
        path.chmod(0o755)
    place.config(f"group: {GROUP}\nuser: {USER}\ndeny_read: [token]\n")
    file = place.write("token")
    file.chmod(0o644)
    try:
        done = place.aigate("setup")
        assert done.returncode == 0, done.stderr
        assert subprocess.run(["id", "-gn", USER], capture_output=True, text=True, check=True).stdout == f"{GROUP}\n"
        assert f"group:{GROUP} deny read" in place.outside("/bin/ls", "-le", str(file)).stdout
        as_agent = ["sudo", "-u", USER, "/bin/cat", str(file)]
        assert subprocess.run(as_agent, capture_output=True, check=False).returncode != 0
        assert place.aigate("allow", "read", "token").returncode == 0
        assert f"group:{GROUP}" not in place.outside("/bin/ls", "-le", str(file)).stdout
        assert subprocess.run(as_agent, capture_output=True, check=False).returncode == 0
    finally:
        done = place.aigate("reset", "--force")
    assert done.returncode == 0, done.stderr
    assert subprocess.run(["id", USER], capture_output=True, check=False).returncode != 0
