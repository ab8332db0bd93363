#!/usr/bin/env bash
# Belief:   When a program outside renames a file over another one, every mount on either name is gone in all other mount
#           namespaces: renaming a mount point detaches what is mounted there, as deleting it does.
# Happens:  Only what stood on the replaced entry is detached. What stands on the entry that is renamed travels with it and
#           shows at the new name at once. So a cover over `.env.new` becomes the cover over `.env` when it is saved by
#           rename, without any moment in which the new content can be read there.
# Versions: Linux 6.18, util-linux 2.38, in an unprivileged user and mount namespace.
# Matters:  A sandbox that hides by mounts closes the gap of a save by rename where it covers the temporary name as well;
#           and a table of covers by path is wrong after a rename, while the mount itself is right.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
uname -r
echo old > saved
echo new > temporary
echo cover-of-saved > one
echo cover-of-temporary > two
mkfifo ready go
unshare --user --map-root-user --mount sh -c '
    mount --bind one saved && mount --bind two temporary
    cat saved temporary; echo > ready; read x < go; echo "after the rename: $(cat saved)"' > seen &
read -r _ < ready
mv temporary saved
echo > go
wait
cat seen
[ "$(tail -n 1 seen)" = "after the rename: cover-of-temporary" ]
