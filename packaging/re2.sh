#!/bin/sh
# Builds RE2 as a static library whose names nobody sees from outside, for wheels. The last release without Abseil: it is a tenth
# of the size. Usage: packaging/re2.sh PREFIX [SOURCE]; without SOURCE (an unpacked release) it is fetched by its hash.
set -eu
prefix=$1
source=${2:-}
commit=5723bb8950318135ed9cf4fc76bed988a087f536 # tag 2022-06-01
if [ -z "$source" ]; then
    source=$(mktemp -d)/re2
    git init --quiet "$source"
    git -C "$source" fetch --quiet --depth 1 https://github.com/google/re2 "$commit"
    git -C "$source" checkout --quiet FETCH_HEAD
fi
objects=$(mktemp -d)
for file in "$source"/re2/*.cc "$source"/util/rune.cc "$source"/util/strutil.cc; do
    ${CXX:-c++} -O3 -std=c++17 -fPIC -fvisibility=hidden -DNDEBUG -pthread -I"$source" -c "$file" -o "$objects/$(basename "$file" .cc).o"
done
mkdir -p "$prefix/lib" "$prefix/include/re2"
${AR:-ar} rcs "$prefix/lib/libre2.a" "$objects"/*.o
cp "$source"/re2/re2.h "$source"/re2/set.h "$source"/re2/filtered_re2.h "$source"/re2/stringpiece.h "$prefix/include/re2/"
rm -rf "$objects"
