"""Before, during and after a run the user's files are what they were: nothing was made among them, nor removed again.

Directories tell by their times what has ever been made in them. Temporary directories are private to the test.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest
from sandbox import TIMEOUT, Sandbox

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root mounts something for others")
BACKENDS = ("bwrap", "unshare")
ROOT = pathlib.Path(__file__).parents[2]
FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")
RUN = """
import json, os, subprocess, sys, time
argv, places, kill = json.loads(sys.argv[1])

def listed():
    found = {}
    for place in places:
        for directory, names, files in os.walk(place):
            if directory == os.path.expanduser("~"):
                names.remove(".aigate")
            names[:] = [name for name in names if not os.path.ismount(os.path.join(directory, name))]
            for name in ["", *names, *files]:
                path = os.path.join(directory, name)
                status = os.lstat(path)
                found[path] = [status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
    return found

def ours(name):
    try:
        return name.isdigit() and int(name) != os.getpid() and b"aigate" in open(f"/proc/{name}/cmdline", "rb").read()
    except OSError:
        return False

pipe = subprocess.PIPE
before = listed()
run = subprocess.Popen(argv, stdin=pipe, stdout=pipe, text=True)
assert run.stdout.readline() == "ready\\n"
during = listed()
if kill:
    run.kill()
said = run.communicate("\\n")[0]
# What stood by ends with the sandbox; it lets go of the layer last.
layers = os.path.expanduser("~/.aigate/layers")
end = time.monotonic() + 60
while kill and time.monotonic() < end:
    if not any(map(ours, os.listdir("/proc"))):
        break
    time.sleep(0.05)
print(json.dumps([before, during, listed(), said]))
"""
COMMAND = """echo x >~/made; rm ~/.bashrc; mkdir -p ~/.config/new; echo x >/tmp/x; cat .env
echo ready; read line; echo x >~/.later; echo end"""


@pytest.mark.parametrize("killed", [False, True], ids=["ends", "is killed"])
def test_nothing_of_ours_on_the_disk(sandbox: Sandbox, killed: bool) -> None:
    for path in (".env", "conf/secrets/key", "src/file", "~/.bashrc", "~/.netrc", "~/.config/tool"):
        sandbox.write(path, "mine\n")
    argv = [*sandbox.prefix, "run", "--quiet", "--", "sh", "-c", COMMAND]
    words = json.dumps([argv, [str(sandbox.home), *FOLDERS], killed])
    user = ["setpriv", f"--reuid={sandbox.uid}", f"--regid={sandbox.gid}", "--clear-groups"]
    mounts = "\n".join(f"mount -t tmpfs -o mode=1777 tmpfs {folder}" for folder in FOLDERS)
    if any(ROOT.is_relative_to(folder) for folder in FOLDERS):  # aigate itself stays there
        mounts = f"mount --bind {ROOT} /mnt\n{mounts}\nmkdir -p {ROOT}\nmount --move /mnt {ROOT}"
    python = [os.path.realpath(sys.executable), "-I", "-c", RUN, words]
    script = f'mount -t proc proc /proc\n{mounts}\nexec "$@"'
    done = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "sh", "-ec", script, "sh", *user, *python],
        cwd=sandbox.project, env=sandbox.environment, capture_output=True, text=True, timeout=TIMEOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    before, during, after, said = json.loads(done.stdout)
    assert said == ("" if killed else "end\n"), done.stderr
    assert len(before) > 20
    assert during == before
    assert after == before
