#!/usr/bin/env bash
# Belief: in a user namespace, a file of one's own with an ACL entry for a user that the namespace does not map is copied
#   like any other: `cp -p` keeps the ACL, or leaves that entry out, or copies the mode alone.
# What happens (coreutils 9.1, acl 2.3.1, tar 1.34, Linux 6.18): the entry reads as user 4294967295, and what was read cannot
#   be written back: EINVAL. cp -p and cp -a end with status 1; the copy is there, without an ACL, and its group may do what
#   the ACL's mask allowed (here: write, which group::r-- had denied). mv to another file system tells the same, loses the ACL
#   likewise and ends with status 0, as does tar --acls. Python's shutil.copy2 says nothing.
# Why it matters: sandboxes of ordinary users map one user. A tree that was shared with a second account by an ACL, its
#   default entry inherited by each new file, makes builds fail inside that copy with -p, and opens the copies to the group.
set -euo pipefail
place=$(mktemp -d /dev/shm/acl-XXXXXX)
other=$(mktemp -d /var/tmp/acl-XXXXXX)
trap 'rm -rf "$place" "$other"' EXIT
cd "$place"
cp --version | head -n 1; setfacl --version; tar --version | head -n 1; uname -r
umask 022
echo text >file
setfacl -m u:1:rw file
cp file moved; setfacl -m u:1:rw moved
getfacl -n file | tee before
grep -q '^user:1:rw-$' before
grep -q '^group::r--$' before
cat >inside.sh <<'I'
getfacl -n file
cp -p file copy; echo "cp -p: status $?"
mv moved "$1/moved"; echo "mv: status $?"; test ! -e moved && test -e "$1/moved" && echo "mv: has moved"
tar --acls -cf file.tar file && mkdir out && tar --acls -C out -xf file.tar; echo "tar: status $?"
python3 -c 'import os, shutil; shutil.copy2("file", "copy2"); print("copy2:", os.listxattr("copy2"))'
I
user=(); [ "$(id -u)" != 0 ] || { chown -R nobody:nogroup "$place" "$other"; user=(setpriv --reuid nobody --regid nogroup --clear-groups); }
"${user[@]}" unshare --user --map-root-user sh inside.sh "$other" 2>&1 | tee said
getfacl -n copy | tee after
grep -q '^user:4294967295:rw-$' said
grep -q '^cp: preserving permissions .*Invalid argument$' said
grep -q '^cp -p: status 1$' said
grep -q '^mv: status 0$' said
grep -q '^mv: has moved$' said
grep -q '^tar: status 0$' said
grep -q '^copy2: \[\]$' said
grep -q '^group::rw-$' after
! grep -q '^user:1:' after
