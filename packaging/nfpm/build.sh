#!/bin/sh
# Makes a .deb and an .rpm in dist/ from a wheel. Needs nfpm, and a pip for what aigate depends on.
# Usage: packaging/nfpm/build.sh WHEEL [DIRECTORY]; NFPM, PYTHON, STRIP: the programs, where others than on PATH are meant
set -eu
wheel=$1
target=${2:-dist}
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
tags=$(basename "$wheel" .whl)
platforms=$(echo "${tags##*-}" | tr . ' ') # a wheel may have several names for what it runs on
processor=$(echo "$platforms" | sed -E 's/.*_(x86_64|aarch64)$/\1/')
python=$(echo "$tags" | sed -E 's/.*-cp3([0-9]+)-.*/3.\1/')
version=$(echo "$tags" | cut -d- -f2)
libc=$(echo "$platforms" | tr ' ' '\n' | sed -nE 's/^manylinux_([0-9]+)_([0-9]+)_.*/\1.\2/p' | sort -V | head -n 1)
[ -n "$libc" ] || { echo "nfpm: $platforms names no glibc" >&2 && exit 1; }
case $processor in x86_64) arch=amd64 ;; aarch64) arch=arm64 ;; *) echo "nfpm: $processor is not known" >&2 && exit 1 ;; esac
chmod 755 "$tree"
set -- "$wheel"
for one in $platforms "manylinux_2_28_$processor" "manylinux_2_17_$processor" "manylinux2014_$processor"; do set -- "$@" --platform "$one"; done
"${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target "$tree/aigate" --no-compile \
    --only-binary :all: --implementation cp --python-version "$python" "$@"
for script in aigate aigate-mask aigate-python; do
    [ -e "$tree/aigate/bin/$script" ] || { echo "nfpm: $script is not in the wheel" >&2 && exit 1; }
done
sed -i "1s|.*|#!/usr/bin/python$python|" "$tree/aigate/bin/aigate-python"
find "$tree/aigate/bin" -type f ! -name 'aigate*' -delete
# A file in it says which wheel it came from, and pip's direct_url.json also where that lay, which differs from machine to machine.
find "$tree/aigate" \( -name direct_url.json -o -name REQUESTED -o -name INSTALLER \) -delete
# Seven eighths of PyYAML's module are names for debuggers. A processor that strip(1) does not know: STRIP names one that does.
"${STRIP:-strip}" --strip-unneeded "$tree"/aigate/yaml/*.so || { echo "nfpm: PyYAML is not stripped: STRIP for $processor?" >&2 && exit 1; }
rm -rf "$tree/aigate/share" # the manual goes where man(1) looks
rm -rf "$tree/aigate/aigate/__pycache__" # nobody writes there below /usr/lib
find "$tree/aigate" -type d -exec chmod 755 {} +
for page in docs/man/*.[15]; do
    mkdir -p "$tree/man/man${page##*.}"
    gzip -9nc "$page" >"$tree/man/man${page##*.}/$(basename "$page").gz"
done
mkdir "$tree/doc"
gzip -9nc CHANGELOG.md >"$tree/doc/NEWS.gz"
date=$(git log -1 --format=%ct)
find "$tree" -exec touch --no-dereference --date="@$date" {} + # built again, the same bytes
for kind in deb rpm; do
    suffix=$kind
    [ "$kind" = rpm ] && suffix="$processor.rpm" || suffix="$arch.deb"
    AIGATE_VERSION=$version AIGATE_ARCH=$arch AIGATE_LIBC=$libc AIGATE_PYTHON=$python AIGATE_TREE=$tree \
        SOURCE_DATE_EPOCH=$date "${NFPM:-nfpm}" package --config "$(dirname "$0")/nfpm.yaml" --packager "$kind" \
        --target "$target/aigate-sandbox_$version+py${python}_$suffix"
done
