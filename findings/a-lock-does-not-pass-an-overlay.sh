#!/usr/bin/env bash
# Belief: a file that an overlay shows from below and that nobody has written to is the file below: who locks one of them
#   locks the other, until it is copied up; and copying up loses the lock.
# What happens (Linux 6.18.44): flock(2) and fcntl(2) locks belong to the overlay's own inode, for readers of an untouched file
#   as well. A lock outside keeps nobody out inside, and the other way round; within the overlay it holds, and outlives copying up.
# Why it matters: a tool that guards a cache or a database by a lock file excludes itself on one side of a sandbox's layer, and
#   not on both. What both sides are to write must be a bind mount.
set -euo pipefail
place=$(mktemp -d /var/tmp/locks-XXXXXX)
trap 'rm -rf "$place"' EXIT
chmod 755 "$place"
mkdir "$place"/{low,up,work,seen}
echo text >"$place/low/file"
cat >"$place/inside.sh" <<'I'
cd "$1"
mount -t overlay none -o lowerdir=low,upperdir=up,workdir=work,userxattr seen
try() { flock --nonblock "$2" flock --nonblock "$3" true && echo "$1: both" || echo "$1: one"; }
try "below, then in the overlay" low/file seen/file
try "in the overlay, then below" seen/file low/file
try "in the overlay twice" seen/file seen/file
python3 - <<'P'
import fcntl
reader = open("seen/file")
fcntl.flock(reader, fcntl.LOCK_EX)
writer = open("seen/file", "r+")  # which copies it up
try:
    fcntl.flock(writer, fcntl.LOCK_EX | fcntl.LOCK_NB)
    print("after copying up: both")
except BlockingIOError:
    print("after copying up: one")
P
I
uname -r
user=(); [ "$(id -u)" != 0 ] || { chown -R nobody:nogroup "$place"; user=(setpriv --reuid nobody --regid nogroup --clear-groups); }
said=$("${user[@]}" unshare --user --map-root-user --mount bash "$place/inside.sh" "$place")
echo "$said"
diff - <(echo "$said") <<'T'
below, then in the overlay: both
in the overlay, then below: both
in the overlay twice: one
after copying up: one
T
