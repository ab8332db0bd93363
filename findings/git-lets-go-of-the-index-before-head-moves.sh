#!/usr/bin/env bash
# Belief:   `git checkout BRANCH` holds .git/index.lock until it is complete, so whoever watches the work tree may wait for
#           the lock to go and then compare the files with HEAD.
# Happens:  The lock becomes the index before HEAD is even locked. In between every file is the new branch's, nothing is
#           locked, and HEAD names the old branch: each new file looks as if nobody had committed it.
# Versions: git 2.39.5, Linux 6.18 (inotify keeps the order of events).
# Matters:  A program that tells the user's own checkout from files that somebody else has put there must wait a little
#           longer than the lock, or it takes the user's files for foreign ones.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
export HOME=$place GIT_CONFIG_NOSYSTEM=1
git --version
git init -q -b one .
git config user.name x
git config user.email x@y
git commit -q --allow-empty -m one
git checkout -q -b two
echo new > file
git add file
git commit -q -m two
git checkout -q one
python3 - <<'PYTHON'
import ctypes, os, struct, subprocess, sys

libc = ctypes.CDLL(None, use_errno=True)
IN_MOVED_TO, IN_CREATE = 0x80, 0x100
events = libc.inotify_init()
libc.inotify_add_watch(events, b".git", IN_MOVED_TO | IN_CREATE)
subprocess.run(["git", "checkout", "-q", "two"], check=True)
data, names = os.read(events, 1 << 16), []
while data:
    _, _, _, size = struct.unpack("iIII", data[:16])
    names.append(data[16 : 16 + size].rstrip(b"\0").decode())
    data = data[16 + size :]
print("in .git, in this order:", *names)
wanted = ["index.lock", "index", "HEAD.lock", "HEAD"]
sys.exit(0 if [name for name in names if name in wanted] == wanted else "changed")
PYTHON
