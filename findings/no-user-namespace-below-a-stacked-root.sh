#!/usr/bin/env bash
# Belief:   In a mount namespace of one's own, with every capability there, another user namespace can always be made: the
#           EPERM of "chroot environment" in clone(2) is about chroot(2).
# Happens:  It is about where the process's root lies, not about how it came there. A mount attached over "/" (move_mount(2),
#           before pivot_root(2)) puts another root on top of the namespace's, the process still has the lower one, and
#           unshare(CLONE_NEWUSER) fails with EPERM. The moment before, and after pivot_root, it works.
# Versions: Linux 6.18, in an unprivileged user namespace.
# Matters:  Id-mapped mounts need a user namespace for their map. Who builds a new root mount by mount must make that
#           namespace first; one that treats EPERM as "this kernel cannot" falls back silently, on every kernel.
set -euo pipefail
uname -r
unshare --user --map-root-user --mount --propagation private python3 - <<'PYTHON'
import ctypes, os, sys

libc = ctypes.CDLL(None, use_errno=True)
OPEN_TREE, MOVE_MOUNT, CLONE_NEWUSER = 428, 429, 0x10000000

def can_make():
    child = os.fork()
    if child == 0:
        os._exit(0 if libc.unshare(CLONE_NEWUSER) == 0 else ctypes.get_errno())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

before = can_make()
root = os.open("/", os.O_PATH)
copy = libc.syscall(OPEN_TREE, root, b"", 0x1000 | 1 | 0x8000)  # AT_EMPTY_PATH, OPEN_TREE_CLONE, AT_RECURSIVE
if copy < 0 or libc.syscall(MOVE_MOUNT, copy, b"", root, b"", 0x4 | 0x40) < 0:
    sys.exit(f"changed: {os.strerror(ctypes.get_errno())}")
stacked = can_make()
os.fchdir(copy)
pivoted = libc.syscall(155 if os.uname().machine == "x86_64" else 41, b".", b".")
let_go = libc.umount2(b".", 2)  # MNT_DETACH: the old root, which lies over the new one now
os.chdir("/")
after = can_make() if pivoted == let_go == 0 else -1
print(f"before: {before}, with a mount over /: {stacked} ({os.strerror(stacked)}), after pivot_root: {after}")
sys.exit(0 if (before, stacked, after) == (0, 1, 0) else "changed")
PYTHON
