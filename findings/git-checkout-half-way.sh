#!/usr/bin/env bash
# Belief:   A `git checkout BRANCH` that cannot replace a file of the work tree fails, and one that cannot write .git/config
#           does not claim to have set up tracking.
# Happens:  With a file that is a mount point (EBUSY on unlink), git prints "error: unable to unlink old", goes on, says
#           "Switched to branch" and ends with status 0. The file has the old branch's content under the new branch, so the
#           next `commit -a` reverts it. `checkout -b new origin/other` with .git/config mounted read-only prints two errors,
#           then "branch 'new' set up to track", status 0, and nothing is set up. `git branch -m`, though, has renamed the
#           branch when it ends with 128.
# Versions: git 2.39.5, Linux 6.18.
# Matters:  Sandboxes and containers that mount single files read-only into a work tree cannot rely on git's status; a
#           script that checks it commits a revert nobody asked for.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME=$place GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=e GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=e
git --version
git init -q -b main "$place/w"
cd "$place/w"
echo one >fixed; echo one >free; git add -A; git commit -qm one
git checkout -q -b other; echo two >fixed; echo two >free; git commit -qam two; git checkout -q main
git remote add origin .; git fetch -q
cat >"$place/inside" <<'INSIDE'
mount --bind fixed fixed; mount -o remount,bind,ro fixed
mount --bind .git .git; mount --bind .git/config .git/config; mount -o remount,bind,ro .git/config
echo "+ git checkout other"; git checkout other && echo "status $?"
echo "fixed: $(cat fixed), free: $(cat free), on $(git symbolic-ref --short HEAD)"
[ "$(cat fixed)$(cat free)" = onetwo ] || { echo changed; exit 1; }
echo "+ git checkout -b new origin/other"; git checkout -b new origin/other >said 2>&1 && echo "status $?"; cat said
grep -q "set up to track" said || { echo changed; exit 1; }
! git config branch.new.merge || { echo changed; exit 1; }
echo "+ git branch -m new newer"; git branch -m new newer || echo "status $?"
git rev-parse -q --verify refs/heads/newer >/dev/null || { echo changed; exit 1; }
INSIDE
unshare --user --map-root-user --mount sh -e "$place/inside" 2>&1
