#!/bin/bash
# Belief: a mount over a file keeps git from saving that file (rename gives EBUSY), whatever is mounted; and what is mounted over
#   a regular file is a file. To let git write somewhere else one needs its environment, or a wrapper.
# What happens: a symbolic link can be mounted over a regular file (open_tree(2) with AT_SYMLINK_NOFOLLOW, move_mount(2)). The
#   kernel follows it after crossing the mount, and lstat(2) says that it is a link. git resolves links before it locks, so
#   `git remote add` makes its lock beside the link's target and renames it there: the covered file stays as it was, while
#   unlink(2) and rename(2) of the name itself still give EBUSY.
# Versions: Linux 6.18, git 2.39.5, Python 3.11.
# Why it matters: one mount gives an unchanged program a private, writable copy of a file that it saves by rename, with no
#   wrapper, no overlay and nothing on the disk.
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
git init -q repo
mkdir own
cp repo/.git/config own/config
ln -s "$place/own/config" link
cat >mount.py <<'END'
import ctypes, os, subprocess, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(number, *words):
    got = libc.syscall(number, *words)
    if got < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return got
flags = 0x20000 if os.getuid() == 0 else 0x10020000  # CLONE_NEWNS, with CLONE_NEWUSER
if libc.unshare(flags):
    sys.exit("no mount namespace can be made here")
libc.mount(None, b"/", None, 1 << 18 | 1 << 14, None)  # private
tree = call(428, -100, b"link", 1 | 0x100)  # OPEN_TREE_CLONE, AT_SYMLINK_NOFOLLOW
call(429, tree, b"", -100, b"repo/.git/config", 4)  # MOVE_MOUNT_F_EMPTY_PATH
print("lstat says link:", os.path.islink("repo/.git/config"))
print("git remote add:", subprocess.run(["git", "-C", "repo", "remote", "add", "origin", "../x"]).returncode)
for what in (lambda: os.unlink("repo/.git/config"), lambda: os.rename("repo/.git/config", "away")):
    try:
        what()
        print("the name went away")
    except OSError as error:
        print(error.strerror)
END
uname -r
git --version
python3 mount.py | tee seen
echo "copy: $(grep -c origin own/config) line, covered file: $(grep -c origin repo/.git/config || true) lines"
printf 'lstat says link: True\ngit remote add: 0\nDevice or resource busy\nDevice or resource busy\n' | diff - seen
grep -q origin own/config
! grep -q origin repo/.git/config
