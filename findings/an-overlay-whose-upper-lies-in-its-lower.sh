#!/usr/bin/env bash
# Belief:   overlayfs refuses an upper directory that lies below its own lower directory ("overlapping layers", ELOOP), so
#           a layer above somebody's home cannot be kept in that home.
# Happens:  Only a lower directory inside another layer is refused (ELOOP). An upper one inside the lower is mounted without
#           a word and works, whiteouts and copy-up included; it is hidden from itself: stat of the upper and the work
#           directory through the overlay says ELOOP ("Too many levels of symbolic links"), while readdir still lists them.
#           So a program that walks the merged home meets two names that it can list and not stat, and no link is there.
# Versions: Linux 6.18, util-linux 2.38, in an unprivileged user and mount namespace with `userxattr`.
# Matters:  State can lie beside what it is a change of, on the same file system, which renames need; whoever walks such a
#           tree (backup, search, `ls -l`) has to take ELOOP for "skip", not for a link in a circle.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
uname -r
mkdir -p "$place/home/.state/upper" "$place/home/.state/work"
echo lower >"$place/home/file"
unshare --user --map-root-user --mount sh -eu -c '
cd "$1"
mount -t overlay overlay -o lowerdir=home,upperdir=home/.state/upper,workdir=home/.state/work,userxattr home
cd home
echo changed >file
listed=$(ls .state | tr "\n" " ")
said=$(LC_ALL=C stat .state/upper 2>&1) && { echo "the upper directory can be seen: it has changed"; exit 1; }
echo "listed: $listed"
echo "stat: $said"
case $said in (*"Too many levels of symbolic links"*) ;; (*) exit 1;; esac
case $listed in ("upper work ") ;; (*) exit 1;; esac
' sh "$place"
cat "$place/home/file" "$place/home/.state/upper/file"
[ "$(cat "$place/home/file")" = lower ]
[ "$(cat "$place/home/.state/upper/file")" = changed ]
chmod -R u+rwX "$place"
