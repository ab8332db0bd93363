#!/usr/bin/env bash
# Belief:   The skip-worktree bit only hides local changes: `git status` skips the file, and `git checkout -f` or `git reset
#           --hard` to a commit with another version overwrite it all the same, force being force.
# Happens:  For an entry with the bit whose file does not match the index, even `checkout -f` and `reset --hard` refuse as a
#           whole ("Entry ... not uptodate. Cannot merge.", status 128), though `status` calls the tree clean, and without the bit
#           both overwrite the file. `reset --hard` to the same version leaves the changed file as it is. With
#           core.sparseCheckout on, the bit of a file that is present is gone after any command that writes the index.
# Versions: git 2.39.5.
# Matters:  The bit is a guard that holds against force and keeps checkouts whole, which assume-unchanged is not; a script
#           that ends in `reset --hard` to be sure of its tree is not sure of it where somebody set the bit.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME=$place GIT_AUTHOR_NAME=n GIT_AUTHOR_EMAIL=e GIT_COMMITTER_NAME=n GIT_COMMITTER_EMAIL=e
git --version
git init -q -b main "$place/w"
cd "$place/w"
echo one >kept; echo one >free; git add -A; git commit -qm one
git checkout -q -b other; echo two >kept; echo two >free; git commit -qam two; git checkout -q main
git update-index --skip-worktree kept
echo mine, and longer >kept
[ -z "$(git status --porcelain)" ] && echo "status: clean"
for words in "checkout -q -f other" "reset -q --hard other"; do
    echo "+ git $words"
    if git $words; then echo changed; exit 1; else echo "status $?"; fi
    [ "$(cat kept) $(cat free)" = "mine, and longer one" ] || { echo changed; exit 1; }
done
git reset -q --hard main
[ "$(cat kept)" = "mine, and longer" ] && echo "reset --hard to the same version: still mine"
git -c core.sparseCheckout=true -c core.sparseCheckoutCone=false add free
git ls-files -v kept
git -c core.sparseCheckout=true update-index --force-write-index
[ "$(git ls-files -v kept)" = "H kept" ] || { echo changed; exit 1; }
git update-index --no-skip-worktree kept
git checkout -q -f other
[ "$(cat kept)" = two ] && echo "without the bit: overwritten"
