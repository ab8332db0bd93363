#!/usr/bin/env bash
# Belief:   `?` and `[...]` in a .gitignore stand for one character, as gitignore(5) says and as they do in a shell with
#           UTF-8; so do libraries that read .gitignore files, and all of them agree about `é.txt`.
# Happens:  git matches bytes, whatever the locale: `?.txt` does not ignore `é.txt` and `??.txt` does; `[é].txt` can never
#           match it, since a set stands for one byte, but matches the half of a letter (the single byte 0xC3). pathspec
#           and the shell take `é` for one character, so a tool built on pathspec leaves out what git tracks, and the reverse.
# Versions: git 2.39.5, pathspec 0.12.1 (GitIgnoreSpec), Python 3.11, bash 5.2.
# Matters:  Who decides by such patterns which files are packed, searched or hidden gives another answer than git for every
#           name outside ASCII that a `?` or a set has to match: a backup, an index or a deny list with a hole in it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet pathspec==0.12.1 2>/dev/null
git init -q "$place/tree"
cd "$place/tree"
touch é.txt
by_git() { # by_git PATTERN NAME
    printf '%s\n' "$1" >.gitignore
    if git check-ignore -q --no-index -- "$2"; then echo yes; else echo no; fi
}
by_pathspec() {
    "$place/venv/bin/python" -c 'import pathspec, sys
print("yes" if pathspec.GitIgnoreSpec.from_lines([sys.argv[1]]).match_file(sys.argv[2]) else "no")' "$1" "$2"
}
by_shell() {
    # shellcheck disable=SC2254 # the pattern is meant as one
    case $2 in $1) echo yes ;; *) echo no ;; esac
}
git --version
bash --version | head -n 1
"$place/venv/bin/pip" list 2>/dev/null | grep pathspec
failed=0
show() { # show PATTERN NAME GIT PATHSPEC SHELL
    answers="$(by_git "$1" "$2") $(by_pathspec "$1" "$2") $(by_shell "$1" "$2")"
    printf '%-10s %-10q git, pathspec, shell: %s\n' "$1" "$2" "$answers"
    [ "$answers" = "$3 $4 $5" ] || { echo "expected $3 $4 $5" >&2; failed=1; }
}
show '?.txt' e.txt yes yes yes
show '?.txt' é.txt no yes yes
show '??.txt' é.txt yes no no
show '[é].txt' é.txt no yes yes
[ "$(by_git '[é].txt' $'\303.txt')" = yes ] || { echo "git no longer matches half a letter" >&2; failed=1; }
exit "$failed"
