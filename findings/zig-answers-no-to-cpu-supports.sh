#!/usr/bin/env bash
# Belief: with a compiler that takes __builtin_cpu_supports("ssse3") and links it, the program is told what the processor has,
# as with gcc and clang; at worst __builtin_cpu_init() has to be called first.
# What happens: with `zig cc` (its own compiler runtime in libgcc's place) it compiles, links and answers 0 to everything, before
# and after __builtin_cpu_init(), for glibc, for musl and for the native target; gcc on the same machine answers 1.
# Why it matters: zig is the handy way to build wheels for an old glibc from the index alone. Code that chooses its vector path at
# run time by that builtin takes the scalar one, everywhere, and nothing but a benchmark tells. CPUID and XGETBV asked directly
# answer right.
# Versions: ziglang 0.17.1 from the index, gcc 12.2, x86-64.
set -euo pipefail
[ "$(uname -m)" = x86_64 ] && grep -qw ssse3 /proc/cpuinfo || { echo "needs an x86-64 with SSSE3"; exit 1; }
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check ziglang==0.17.1
cat >"$place/ask.c" <<'C'
#include <cpuid.h>
#include <stdio.h>
int main(void) {
    unsigned a, b, c, d;
    int before = !!__builtin_cpu_supports("ssse3");
    __builtin_cpu_init();
    int after = !!__builtin_cpu_supports("ssse3");
    int asked = __get_cpuid(1, &a, &b, &c, &d) && (c >> 9 & 1);
    printf("before init %d, after init %d, CPUID %d\n", before, after, asked);
}
C
zig() { "$place/venv/bin/python" -m ziglang cc "$@" "$place/ask.c" -o "$place/ask" && "$place/ask"; }
gcc --version | head -n 1
gcc "$place/ask.c" -o "$place/ask"
right=$("$place/ask")
echo "gcc: $right"
[ "$right" = "before init 1, after init 1, CPUID 1" ]
"$place/venv/bin/python" -m ziglang version
for target in "-O2" "-O2 -target x86_64-linux-gnu.2.28" "-O2 -target x86_64-linux-musl"; do
    # shellcheck disable=SC2086 # the options are words
    said=$(zig $target)
    echo "zig cc $target: $said"
    [ "$said" = "before init 0, after init 0, CPUID 1" ]
done
