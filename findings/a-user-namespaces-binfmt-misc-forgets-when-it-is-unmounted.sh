#!/usr/bin/env bash
# Belief:   A handler that was registered with binfmt_misc stays until somebody removes it: its file system is only the way
#           to register one, and with the flag F the interpreter is even held open.
# Happens:  On the host, yes. In a user namespace (Linux 6.7 and later), where anybody may mount a binfmt_misc of their own,
#           the handlers belong to that mount: when its last mount is gone, all of them are, F or not, and programs that
#           ran a moment before end with "Exec format error". Who enters a root by pivot_root and lets go of the old one,
#           in which it was mounted, has just done that. Another mount of it, made before, keeps them.
# Versions: Linux 6.18, util-linux 2.38, in an unprivileged user and mount namespace.
# Matters:  Whoever runs another processor's programs in a root (qemu-user, registered without root) mounts binfmt_misc
#           within that root too, before the old root goes; else the very first program there fails.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
uname -r
printf 'some text\n' >program.one
chmod +x program.one
# A shell would read the file itself where execve(2) does not want it.
cat >start.py <<'P'
import os, sys
try:
    os.execv(sys.argv[1], sys.argv[1:])
except OSError as error:
    print("without a mount:", error.strerror)
P
unshare --user --map-root-user --mount --pid --fork sh -c '
    misc=/proc/sys/fs/binfmt_misc
    mount -t proc proc /proc
    mount -t binfmt_misc none $misc
    echo ":one:E::one::/bin/cat:F" >$misc/register
    echo "registered: $(./program.one)"
    mkdir other
    mount -t binfmt_misc none other
    umount $misc
    echo "mounted elsewhere: $(./program.one)"
    umount other
    python3 start.py ./program.one
    mount -t binfmt_misc none $misc
    echo "mounted again: $(ls $misc | tr "\n" " ")"' >seen
cat seen
[ "$(cat seen)" = "registered: some text
mounted elsewhere: some text
without a mount: Exec format error
mounted again: register status " ]
