#!/usr/bin/env bash
# Belief:   A file that appears in an overlay's lower directory while the overlay is mounted shows in it at the next
#           look: "undefined" in the kernel's documentation is about files that were opened or copied, and names are
#           looked up below each time.
# Happens:  Only a name that nobody has asked for. One that a program had looked for in vain is listed by readdir(3),
#           and open(2) and stat(2) of it go on with ENOENT, for as long as the kernel keeps that answer: until the
#           memory is wanted for something else, at a moment of its own choice. A remount that changes nothing (`mount
#           -o remount`, also unprivileged in the user namespace that made the overlay) makes it forget, and the file
#           is there.
# Versions: Linux 6.18, util-linux 2.38, in an unprivileged user and mount namespace.
# Matters:  Whoever covers what appears below an overlay finds no place for a cover on a name that was asked for
#           before, and takes it for a file that is gone; it is seen, uncovered, as soon as the kernel forgets.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
uname -r
mkdir lower upper work merged
echo x > lower/other
mkfifo ready go
unshare --user --map-root-user --mount sh -c '
    mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work,userxattr overlay merged
    [ -e merged/asked ] || echo "asked: missing"
    echo > ready; read -r x < go
    echo "listed: $(ls merged | tr "\n" " ")"
    for name in asked never; do [ -e merged/$name ] && echo "$name: there" || echo "$name: missing"; done
    mount -o remount merged
    [ -e merged/asked ] && echo "asked, after a remount: there"' > seen &
read -r _ < ready
echo new > lower/asked
echo new > lower/never
echo > go
wait
cat seen
[ "$(cat seen)" = "asked: missing
listed: asked never other 
asked: missing
never: there
asked, after a remount: there" ]
