#!/bin/sh
# Makes a .deb and an .rpm in dist/ from a wheel in dist/. Needs nfpm, and a pip for what aigate depends on.
# Usage: packaging/nfpm/build.sh dist/aigate_sandbox-...whl
set -eu
wheel=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
tags=$(basename "$wheel" .whl)
platform=${tags##*-}
python=$(echo "$tags" | sed -E 's/.*-cp3([0-9]+)-.*/3.\1/')
AIGATE_VERSION=$(echo "$tags" | cut -d- -f2)
case $platform in *x86_64) AIGATE_ARCH=amd64 ;; *aarch64) AIGATE_ARCH=arm64 ;; esac
chmod 755 "$tree"
"${PYTHON:-python3}" -m pip install --quiet --target "$tree" --no-compile --only-binary :all: --implementation cp \
    --python-version "$python" --platform "$platform" --platform "manylinux2014_${platform#*_*_*_}" "$wheel"
for script in aigate aigate-python; do [ -e "$tree/bin/$script" ] || { echo "nfpm: $script is not in the wheel" >&2; exit 1; }; done
sed -i "1s|.*|#!/usr/bin/python$python|" "$tree/bin/aigate-python"
find "$tree/bin" -type f ! -name 'aigate*' -delete
export AIGATE_VERSION AIGATE_ARCH AIGATE_PYTHON="$python" AIGATE_TREE="$tree"
for kind in deb rpm; do ${NFPM:-nfpm} package --config "$(dirname "$0")/nfpm.yaml" --packager "$kind" --target dist/; done
