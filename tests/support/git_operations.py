"""The git operations that are tried, each a shell script that starts in a repository, and what that repository is.

`touch` is a branch that changes what may be hidden or protected: key.pem, secrets/a, guard.txt and .env; `free` is one
that does not. origin is a bare repository beside; its branches are main, other and touch.
A module's name has a number in it: of directories of one name the watch cannot tell which one somebody outside has just
made, and other tests run beside.
"""

from __future__ import annotations

TEMPLATE = r"""
mkdir -p ../bare/hooks ../bare/info; export GIT_TEMPLATE_DIR=$PWD/../bare; touch ../bare/info/exclude # no samples
git init -q --bare -b main origin.git
git init -q -b main $INIT repo
cd repo
git config user.name name; git config user.email name@example.invalid
git config filter.rot.clean 'tr a-y b-z'; git config filter.rot.smudge 'tr b-z a-y'
git config alias.co checkout
git remote add origin ../origin.git
mkdir secrets src
echo key1 >key.pem; echo secret1 >secrets/a; echo m1 >src/m; echo n1 >src/n; echo '*.big filter=rot' >.gitattributes
[ "$MISSING" ] || echo guard1 >guard.txt
git add -A; git commit -qm one; git tag one
echo m2 >src/m; git commit -qam two
git checkout -qb free; echo free >free; git add -A; git commit -qm free
echo n2 >src/n; git commit -qam free2
git checkout -qb touch main
echo key2 >key.pem; echo secret2 >secrets/a; echo guard2 >guard.txt; echo m3 >src/m; echo e >.env
echo aaa >aaa; echo zzz >zzz
git add -f -A; git commit -qm touch
git checkout -qb past main; echo key3 >key.pem; echo guard3 >guard.txt; git add -A; git commit -qm past
git revert --no-edit HEAD >/dev/null 2>&1
git checkout -qb other main; echo other >other; git add -A; git commit -qm other
git push -q origin main other touch
git checkout -q main; git branch -qD other
git clone -q --bare . ../library.git 2>/dev/null
git checkout -qb module main; git submodule --quiet add ../library.git lib$$; git commit -qm module
git checkout -q main; rm -rf lib$$
for each in . ../origin.git ../library.git; do git -C $each repack -adq; git -C $each pack-refs --all; done
[ ! "$UNTRACKED" ] || echo hidden >.env
"""

# What comes before THEN is done outside, also in the repository that the sandbox works on.
THEN = "\n: then\n"
NAMED = "git config user.name n; git config user.email e"
NEW = "echo x >x; git add x; git commit -qm x"
# A filter that keeps contents beside the objects and commits pointers to them, as Git LFS does.
STORE = r"""git config filter.store.required true
git config filter.store.clean 'd=$(git rev-parse --git-common-dir)/lfs; mkdir -p $d; cat >$d/t
  n=$(git hash-object $d/t); mv $d/t $d/$n; echo $n'
git config filter.store.smudge 'read n; cat "$(git rev-parse --git-common-dir)/lfs/$n"'
echo '*.bin filter=store' >>.gitattributes; git commit -qam attributes"""
INCLUDED = 'echo "[user] name = included" >../included; git config includeIf.onbranch:free.path "$PWD/../included"'
OPERATIONS = {
    "init": f"git init -q sub; cd sub; {NAMED}; echo x >y; git add -A; git commit -qm x",
    "clone": "git clone -q . copy; git -C copy log --oneline",
    "clone-into": "mkdir empty; cd empty; git clone -q ../../origin.git .",
    "add-all": "echo x >new; git add -A; git commit -qm new",
    "add-dot": "echo x >src/new; cd src; git add .; git commit -qm new",
    "add-paths": "echo x >new; git add new src; git commit -qm new",
    "stage": "echo x >src/m; git stage -u; git commit -qm new",
    "commit-all": "echo x >>src/m; git commit -qam new",
    "commit-path": "echo x >>src/m; echo x >>src/n; git commit -qm new src/n",
    "commit-amend": "git commit -q --amend -m new",
    "checkout": "git checkout -q free",
    "checkout-touching": "git checkout -q touch",
    "checkout-force": f"echo x >src/m{THEN}git checkout -qf touch",
    "checkout-path": "echo x >src/m; git checkout -q -- src",
    "checkout-dot": "echo x >src/m; git checkout -q .",
    "checkout-from": "git checkout -q touch -- .",
    "checkout-detached": "git checkout -q --detach free; git checkout -q -",
    "checkout-alias": "git co -q touch",
    "checkout-option": "cd src; git -C .. checkout -q touch",
    "switch-new": "git switch -qc new; echo x >x; git add x; git commit -qm x",
    "switch-touching": "git switch -q touch",
    "switch-orphan": "git switch -q --orphan new",
    "stash": "echo x >>src/m; git stash -q",
    "stash-pop": "echo x >>src/m; git stash -q; git stash pop -q",
    "stash-untracked": "echo x >new; git stash -qu; git stash pop -q",
    "stash-branch": "echo x >>src/m; git stash -q; git stash branch new -q || git stash branch new",
    "reset-hard": "echo x >src/m; git reset -q --hard",
    "reset-hard-back": "git reset -q --hard HEAD~1",
    "reset-hard-touching": "git reset -q --hard touch",
    "reset-keep": "git reset -q --keep touch",
    "reset-mixed": "git reset -q HEAD~1; git commit -qam again",
    "reset-mixed-touching": "git reset -q touch; git commit -qam again",
    "reset-soft": "git reset -q --soft HEAD~1; git commit -qm again",
    "reset-path": "echo x >src/m; git add src; git reset -q -- src",
    "rebase": f"git checkout -q free; {NEW}; git rebase -q main; git rebase -q --onto one main",
    "rebase-onto-touching": f"git checkout -q free{THEN}git rebase -q touch",
    "rebase-touching": f"git checkout -q past{THEN}git rebase -qf one",
    "rebase-exec": "git checkout -q free; git rebase -q -x 'test -f src/m' main",
    "merge": f"{NEW}; git merge -q --no-edit free",
    "merge-forward": "git merge -q free",
    "merge-touching": "git merge -q touch",
    "merge-touching-both": f"{NEW}{THEN}git merge -q --no-edit touch",
    "merge-conflict": "echo x >src/n; git commit -qam x; git merge -q free; git merge --abort",
    "cherry-pick": "git cherry-pick free >/dev/null",
    "cherry-pick-range": "git cherry-pick main..free >/dev/null",
    "cherry-pick-touching": "git cherry-pick touch >/dev/null",
    "revert": "git revert --no-edit HEAD >/dev/null",
    "revert-touching": "git revert --no-edit past >/dev/null",
    "worktree-add": "git worktree add -q ../linked free; cd ../linked; echo x >x; git add -A; git commit -qm x",
    "worktree-add-new": "git worktree add -q -b new ../linked; git worktree remove ../linked",
    "submodule-update": f"git checkout -q module{THEN}git submodule --quiet update --init",
    "submodule-add": "git submodule --quiet add ../library.git other",
    "gc": "git gc -q --prune=now",
    "push": f"{NEW}; git push -q origin HEAD",
    "push-upstream": f"git checkout -qb new{THEN}git push -qu origin new",
    "push-upstream-cluster": f"git checkout -qb new{THEN}git push -uf origin new",
    "remote-add": "git remote add second ../library.git",
    "remote-set-url": "git remote set-url origin ../library.git",
    "remote-show": "git remote -v; git remote update >/dev/null",
    "config": "git config core.fsmonitor ./x",
    "config-read": 'test "$(git config --get user.name)" = name; git config user.email; git config -l >/dev/null',
    "checkout-upstream": "git checkout -q -b new origin/other",
    "checkout-track": "git checkout -q --track origin/other",
    "checkout-guess": "git checkout -q other",
    "switch-upstream": "git switch -q -c new --track origin/other",
    "switch-guess": "git switch -q other",
    "branch-upstream": "git branch -q new origin/other",
    "branch-set-upstream": "git branch -q -u origin/main",
    "branch-rename": "git branch -m free renamed",
    "branch-delete": "git branch -qD free",
    "branch": "git branch new; git branch --list >/dev/null; git branch -f new free",
    "bisect": "git bisect start -q free one >/dev/null; git bisect good >/dev/null; git bisect reset >/dev/null",
    "bisect-run": "git bisect start free one >/dev/null; git bisect run test ! -f free >/dev/null; git bisect reset -q",
    "bisect-touching": "git bisect start past one >/dev/null; git bisect reset >/dev/null",
    "apply": "git diff main free | git apply",
    "apply-file": "git diff main free >../p; git apply --index ../p",
    "apply-touching": "git diff main touch -- . ':!.env' | git apply",
    "apply-touching-subdirectory": "git diff main touch -- . ':!.env' >../p; cd src; git apply ../../p",
    "am": "git format-patch -q --stdout main..free | git am -q",
    "am-touching": "git format-patch -q --stdout main..touch | git am -q",
    "filter": "echo abc >x.big; git add .; git commit -qm x; rm x.big; git checkout x.big; cat x.big",
    "filter-store": f"{STORE}{THEN}echo abc >x.bin; git add .; git commit -qm x; rm x.bin; git checkout -q x.bin"
    "; cat x.bin; git cat-file -s HEAD:x.bin",
    "filter-store-branches": f"{STORE}{THEN}git checkout -qb b; echo abc >x.bin; git add x.bin; git commit -qm x"
    "; git checkout -q -; git stash list; git checkout -q b; cat x.bin",
    "include-if": f"{INCLUDED}{THEN}git checkout -q free; {NEW}; git log -1 --format=%an",
    "bisect-skip": "git bisect start -q free one >/dev/null; git bisect skip >/dev/null; git bisect reset >/dev/null",
    "tag": "git tag -a -m tag new; git describe >/dev/null",
    "notes": "git notes add -m note",
    "fetch": "git fetch -q; git fetch -q --all",
    "pull": "git pull -q --no-rebase origin other",
    "pull-rebase": f"{NEW}; git pull -q --rebase origin other",
    "pull-touching": "git pull -q --no-rebase origin touch",
    "mv": "git mv src/m m; git commit -qm x",
    "mv-touching": f"mkdir into{THEN}git mv $(ls -d key.pem guard.txt secrets 2>/dev/null) into",
    "rm": "git rm -q src/m; git commit -qm x",
    "rm-touching": "git rm -qr .",
    "rm-cached": "git rm -q --cached key.pem",
    "restore": "echo x >src/m; git restore .",
    "restore-staged": "echo x >src/m; git add src; git restore --staged .",
    "restore-touching": "git restore --source touch .",
    "restore-staged-touching": "git restore --staged --source touch .",
    "clean": "echo x >x; git clean -qf x",
    "clean-all": f"echo x >x{THEN}git clean -qfdx",
    "sparse-checkout": "git sparse-checkout set src",
    "archive": "git archive free | tar -t >/dev/null",
    "diff": "echo x >>src/m; git diff --stat; git diff HEAD --name-only",
    "status": "echo x >>src/m; git status -uno --short",
    "log": "git log --stat --oneline; git blame src/m >/dev/null; git grep -q m2 HEAD -- src",
    "reflog": "git reflog expire --expire=now --all; git fsck --no-dangling 2>&1",
}
