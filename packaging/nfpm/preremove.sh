#!/bin/sh
# Before the package's files go, or make room for newer ones: what Python has compiled where root ran aigate belongs to no package.
set -eu
[ ! -d /usr/lib/aigate ] || find /usr/lib/aigate -depth -type d -name __pycache__ -exec rm -r {} +
