#!/usr/bin/env bash
# Belief:   musllinux_1_2 is for musl what manylinux_2_17 is for glibc: what was linked for it, with nothing but the C
#           library asked for, loads on every musl 1.2, and a tool that cross-compiles for both keeps to both.
# Happens:  musl adds functions in patch releases and has no versions of symbols, so nothing can tell. zig links a call of
#           statx(2) by its name for musl without a word (its own is newer), and musl 1.2.3, which Debian 12 has, ends at
#           loading: "statx: symbol not found". For glibc 2.17 the same zig refuses to compile the same source.
# Versions: ziglang 0.17.1, Debian's musl 1.2.3-1; PEP 656 has no patch level in its tags.
# Matters:  Whoever cross-compiles for musl calls what is newer than the oldest patch release by its number, or tries the
#           result there: no tool says so.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
python3 -m venv tools
tools/bin/pip install --quiet ziglang==0.17.1
apt-get download musl=1.2.3-1 >/dev/null 2>&1
dpkg -x musl_*.deb musl
loader=musl/lib/ld-musl-x86_64.so.1
[ -e "$loader" ] || loader=musl/usr/lib/x86_64-linux-musl/libc.so
cat >one.c <<'C'
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
int size_of(const char *path) {
    struct statx found;
    return statx(AT_FDCWD, path, 0, STATX_SIZE, &found) ? -1 : (int)found.stx_size;
}
C
cat >main.c <<'C'
int size_of(const char *path);
int main(void) { return size_of("main.c") < 0; }
C
zig() { tools/bin/python -m ziglang "$@"; }
mkdir one
zig cc -target x86_64-linux-musl -shared -fPIC one.c -o one/libone.so
zig cc -target x86_64-linux-musl -dynamic main.c -Lone -lone -o main
tools/bin/python -m ziglang version
loaded=$("$loader" --library-path one ./main 2>&1 || true)
echo "musl 1.2.3: $loaded"
old=$(zig cc -target x86_64-linux-gnu.2.17 -shared -fPIC one.c -o old.so 2>&1 || true)
echo "glibc 2.17: $(echo "$old" | grep -m 1 -E 'error' || echo compiled)"
case $loaded in *"statx: symbol not found"*) ;; *) exit 1 ;; esac
case $old in *error*) ;; *) exit 1 ;; esac
