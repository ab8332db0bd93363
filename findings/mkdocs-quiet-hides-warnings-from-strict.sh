#!/usr/bin/env bash
# Belief: `mkdocs build --strict` fails where a page links to one that is not there, whatever is printed: `--quiet` is about what one
#   sees, so `mkdocs build --quiet --strict` is the way to have a build that says nothing but fails on a warning.
# What happens: strict mode counts warnings in a handler of the logger, and --quiet sets the logger's level to ERROR before that. The
#   warnings never get as far as the counter: nothing is printed, the site is written, and the exit status is 0.
# Versions: mkdocs 1.6.1 on Python 3.11.
# Why it matters: a CI step "fail on warnings, quietly" is green with every link broken.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet 'mkdocs==1.6.1'
cd "$folder"
mkdir docs
echo 'site_name: shown' >mkdocs.yml
printf '# Page\n\n[a page that is not there](missing.md)\n' >docs/index.md
"$folder/venv/bin/mkdocs" --version
strict=0
"$folder/venv/bin/mkdocs" build --strict >strict.log 2>&1 || strict=$?
quiet=0
"$folder/venv/bin/mkdocs" build --quiet --strict >quiet.log 2>&1 || quiet=$?
echo "--strict:         exit status $strict, $(grep -c WARNING strict.log) warning"
echo "--quiet --strict: exit status $quiet, $(wc -c <quiet.log) bytes printed, site written: $([ -e site/index.html ] && echo yes || echo no)"
[ "$strict" = 1 ] && [ "$quiet" = 0 ] && [ ! -s quiet.log ] && [ -e site/index.html ]
