#!/usr/bin/env bash
# Belief:   Nothing can be mounted on a symbolic link: mount(2) follows it, and so a link can be pinned only by making its
#           whole directory read-only. Were it possible, the link would be covered, and lead nowhere any more.
# Happens:  open_tree(2) clones a mount of the link itself from a descriptor (O_PATH, O_NOFOLLOW), and move_mount(2) attaches
#           it to that same descriptor. Afterwards the link is followed as before, lstat and readlink show a link, git sees no
#           change; but it is a mount point, so unlink, rename and `ln -f` over it fail with EBUSY, and umount(8), which
#           follows it, says that it is not mounted.
# Versions: Linux 6.18 (open_tree, move_mount since 5.2), git 2.39, in an unprivileged user namespace.
# Matters:  A sandbox can keep single links (dotfiles of stow, .env -> ../vault/env) from being replaced, without making
#           anything beside them read-only and without copying what they lead to.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
uname -r
git --version
echo target > target
ln -s target link
git init -q .
git add .
git -c user.name=x -c user.email=x@y commit -q -m x
unshare --user --map-root-user --mount python3 - <<'PYTHON'
import ctypes, os, subprocess, sys

libc = ctypes.CDLL(None, use_errno=True)
OPEN_TREE, MOVE_MOUNT = 428, 429
AT_EMPTY_PATH, OPEN_TREE_CLONE, FROM_EMPTY, TO_EMPTY = 0x1000, 1, 0x4, 0x40

def call(number, *words):
    done = libc.syscall(number, *words)
    if done < 0:
        sys.exit(f"changed: {os.strerror(ctypes.get_errno())}")
    return done

link = os.open("link", os.O_PATH | os.O_NOFOLLOW)
mount = call(OPEN_TREE, link, b"", AT_EMPTY_PATH | OPEN_TREE_CLONE)
call(MOVE_MOUNT, mount, b"", link, b"", FROM_EMPTY | TO_EMPTY)
seen = {
    "followed": open("link").read() == "target\n",
    "readlink": os.readlink("link") == "target",
    "git status": subprocess.check_output(["git", "status", "--porcelain"]) == b"",
}
for name, act in (("unlink", lambda: os.unlink("link")), ("rename", lambda: os.rename("link", "x")),
                  ("replace", lambda: os.rename("target", "link"))):
    try:
        act()
        seen[name] = False
    except OSError as error:
        seen[f"{name}: {error.strerror}"] = error.errno == 16
print(*(f"{name}: {'yes' if true else 'NO'}" for name, true in seen.items()), sep="\n")
sys.exit(0 if all(seen.values()) else "changed")
PYTHON
