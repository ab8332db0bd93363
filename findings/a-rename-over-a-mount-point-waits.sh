#!/bin/bash
# Belief: a file that is a mount point in somebody else's mount namespace is replaced by rename(2) as fast as any other;
# since Linux 3.18 the mount there just goes away.
# What happens: it goes away inside of the rename, which waits for an RCU grace period: ten times as long here, and some
# milliseconds on a busy machine with the mount in several namespaces, for the program outside that knows of no mount.
# Whoever measures how fast such a mount is put back must not count that in: it was nine tenths of what we had measured.
# Linux 6.18.44; util-linux 2.38. It matters to every sandbox that mounts over single files of a tree in which others work.
set -eu
folder=$(mktemp -d)
trap 'touch "$folder/stop"; rm -rf "$folder"' EXIT
cat >"$folder/save.py" <<'P'
import os, statistics, subprocess, sys, time
os.chdir(sys.argv[1])
def saved():
    open("new", "w").close()
    began = time.perf_counter()
    os.rename("new", "file")
    return time.perf_counter() - began
open("file", "w").close()
plain = statistics.median(saved() for _ in range(20))
SCRIPT = 'while read line; do mount --bind file file && echo there; done'
inside = subprocess.Popen(["unshare", "--user", "--map-root-user", "--mount", "--propagation", "private", "sh", "-c", SCRIPT],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
def covered():
    inside.stdin.write("\n"); inside.stdin.flush()
    assert inside.stdout.readline() == "there\n"
    return saved()
mounted = statistics.median(covered() for _ in range(20))
inside.stdin.close(); inside.wait()
print(f"plain {1e6 * plain:.0f} us, over a mount point {1e6 * mounted:.0f} us: {mounted / plain:.0f} x")
sys.exit(mounted < 5 * plain)
P
uname -r
unshare --version
python3 "$folder/save.py" "$folder"
