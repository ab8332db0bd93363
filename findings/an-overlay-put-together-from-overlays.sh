#!/usr/bin/env bash
# Belief:   A directory in which something is mounted cannot have one writable layer for an ordinary user: overlayfs refuses the
#           lower directory (EINVAL), and one upper directory cannot be shared by several overlays, nor may one lie in another
#           ("overlapping upperdir", EBUSY or ELOOP), so each piece needs a tree of changes of its own.
# Happens:  The refusal is right. But overlays whose upper directories lie in one another do mount, with a line in the kernel's log
#           (EBUSY comes with `index=on` alone). Where the inner one is mounted over exactly the directory whose changes it
#           holds, nobody gets there through the outer one, so the tree of changes stays what one overlay would have written:
#           the plain overlay, mounted later without the volume, shows every change, whiteouts included.
# Versions: Linux 6.18, util-linux 2.38, in an unprivileged user and mount namespace with `userxattr`, `index` off (the default).
# Matters:  A home with a volume in it (most development containers) can be layered, and what reads the changes (diff, apply,
#           the next run without the volume) need not know how it was mounted.
set -euo pipefail
place=$(mktemp -d)
trap 'chmod -R u+rwX "$place"; rm -rf "$place"' EXIT
uname -r
cd "$place"
mkdir -p home/volume home/config copy/volume copy/config upper/volume upper/config work works/1 works/2
echo lower >home/config/file
echo lower >home/config/gone
unshare --user --map-root-user --mount sh -eu -c '
mount -t tmpfs tmpfs home/volume
echo volume >home/volume/file
exec unshare --user --map-root-user --mount sh -eu -c "
mkdir merged
layer() { mount -t overlay overlay -o lowerdir=\$1,upperdir=\$2,workdir=\$3,userxattr \$4; }
if (layer home upper work merged) 2>/dev/null; then echo \"a whole layer can be had: it has changed\"; exit 1; fi
layer copy upper work merged
layer home/config upper/config works/1 merged/config
layer home/volume upper/volume works/2 merged/volume
echo changed >merged/config/file
rm merged/config/gone
echo new >merged/new
echo changed >merged/volume/file
"'
unshare --user --map-root-user --mount sh -eu -c '
mount -t overlay overlay -o lowerdir=home,upperdir=upper,workdir=work,userxattr merged
echo "without the volume: $(cat merged/config/file merged/new merged/volume/file | tr "\n" " ")$(ls merged/config)"
[ "$(cat merged/config/file merged/new merged/volume/file | tr "\n" " ")$(ls merged/config)" = "changed new changed file" ]
'
[ "$(cat home/config/file home/config/gone | tr "\n" " ")" = "lower lower " ]
echo "one tree of changes, whichever way it was mounted"
