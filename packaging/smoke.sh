#!/bin/sh
# What an installed aigate must do where nothing else is installed. Run by `make wheels` in empty roots, as root and as an
# ordinary user, and by the workflow that builds the wheels. Usage: packaging/smoke.sh [AIGATE]
set -eu
aigate=${1:-aigate}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME="$place/home" # of nobody else's config
mkdir -p "$HOME/project"
fail() { echo "smoke: $*" >&2; exit 1; }

for input in '' -; do # without a Python, and with one
    said=$(echo 'key sk-ant-api03-EXAMPLEexample0123456789EXAMPLE' | "$aigate" mask $input)
    [ "$said" = 'key sk-ant-***' ] || fail "a key was not masked: $said"
done
printf 'a\0b\377c' | "$aigate" mask | cmp - "$(printf 'a\0b\377c' >"$place/bytes"; echo "$place/bytes")" || fail "bytes were changed"
[ "$("$aigate" mask --list-presets | wc -l)" -gt 100 ] || fail "presets are missing"
[ "$(uname -s)" = Linux ] || { "$aigate" version; exit 0; }
[ "$(head -c 4 "$(command -v "$aigate")" | tail -c 3)" = ELF ] || fail "the command is not the launcher"

cd "$HOME/project"
echo secret-text >.env
echo old >"$HOME/.bashrc"
"$aigate" init >/dev/null
run() { "$aigate" run --quiet -- "$@"; }
run true || fail "nothing runs in the sandbox"
status=0
run sh -c 'exit 7' || status=$?
[ "$status" = 7 ] || fail "the status was $status, not 7"
! run cat .env >"$place/said" 2>&1 || fail "a denied file was read"
! grep -q secret-text "$place/said" || fail "a denied file was shown"
run sh -c 'echo new >>~/.bashrc; echo "done" >result' || fail "nothing can be written inside"
[ "$(cat "$HOME/.bashrc")" = old ] || fail "a start file was changed"
[ "$(cat result)" = 'done' ] || fail "the project was not written"
said=$(run printf '%s\n' 'sk-ant-api03-EXAMPLEexample0123456789EXAMPLE')
[ "$said" = 'sk-ant-***' ] || fail "the command's output was not masked: $said"
echo "smoke: all well, $("$aigate" version), $(id -un)"
