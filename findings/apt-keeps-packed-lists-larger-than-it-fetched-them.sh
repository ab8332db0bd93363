#!/usr/bin/env bash
# Belief:   With `Acquire::GzipIndexes`, which Debian's container images set, apt keeps an archive's lists packed as they came:
#           what is fetched is what lies on the disk.
# Happens:  A list that came as .xz is unpacked and packed again with lz4, quickly and loosely, and is twice as large as what
#           was fetched or more. A list of Debian 12: 8.9 MB fetched, 19 kept (51 without the setting).
# Versions: apt 2.6.1.
# Matters:  Whoever measures what an installation takes on a disk measures apt's settings: 21 MB of lists in a container
#           image, 92 on a plain Debian 13, translations among them.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
mkdir -p archive/dists/one/main/binary-amd64 lists/partial cache
for number in $(seq 6000); do
    printf 'Package: a-package-%s\nVersion: %s\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.invalid>\n' "$number" "$number"
    printf 'Filename: pool/%s.deb\nSize: %s\nSHA256: %s\n\n' "$number" "$number" "$(printf '%064x' $((number * 7919 * 104729)))"
done > Packages
xz -k Packages
mv Packages.xz archive/dists/one/main/binary-amd64/
packed=archive/dists/one/main/binary-amd64/Packages.xz
cat > archive/dists/one/Release <<END
Suite: one
Codename: one
Date: $(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S UTC')
Architectures: amd64
Components: main
SHA256:
 $(sha256sum $packed | cut -d' ' -f1) $(stat -c %s $packed) main/binary-amd64/Packages.xz
 $(sha256sum Packages | cut -d' ' -f1) $(stat -c %s Packages) main/binary-amd64/Packages
END
echo "deb [trusted=yes arch=amd64] copy:$place/archive one main" > sources.list
apt-get --version | sed -n 1p
apt-get update -qq -o Dir::Etc::sourcelist="$place/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$place/lists" \
    -o Dir::Cache="$place/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::GzipIndexes=true -o Acquire::Languages=none
kept=$(ls lists/*Packages*)
echo "fetched: $(stat -c %s $packed) bytes of ${packed##*/}; kept: $(stat -c %s "$kept") of ${kept##*_}; unpacked: $(stat -c %s Packages)"
[ "${kept##*.}" = lz4 ]
[ "$(stat -c %s "$kept")" -gt $((2 * $(stat -c %s $packed))) ]
