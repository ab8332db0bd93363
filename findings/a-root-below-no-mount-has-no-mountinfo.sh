#!/bin/bash
# Belief: /proc/PID/mountinfo has a line at least, that of the root, in every process.
# What happens: who has changed his root to a directory that is no mount point, with nothing mounted below it, is shown a file
# without any line, and so is everybody else who reads that process's mountinfo. His namespace has all its mounts, and
# a descriptor that he has opened before leads to each of them. Entering the namespace (setns(2)) shows them all again.
# Linux 6.18.44; util-linux 2.38. It matters to whoever takes a process's mountinfo for its mount namespace's, or its first line for there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/root"
cat >"$folder/look.py" <<'P'
import os, sys
here = os.open(".", os.O_RDONLY)
before = len(open("/proc/self/mountinfo").readlines())
table = os.open("/proc/self", os.O_RDONLY)
os.chroot(sys.argv[1])
os.chdir("/")
opened = os.open("mountinfo", os.O_RDONLY, dir_fd=table)
after = os.read(opened, 1 << 16)
print(f"{before} lines before, {len(after.splitlines())} afterwards; a file of the old root: {os.stat('look.py', dir_fd=here).st_size} bytes")
sys.exit(bool(after) or before == 0)
P
uname -r
cd "$folder"
unshare --user --map-root-user --mount python3 look.py "$folder/root"
