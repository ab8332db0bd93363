#!/usr/bin/env bash
# Belief:   In RE2 a part that does not mind case matches both cases of a letter of ASCII, whatever stands beside it and in either
#           of its encodings: `[a-k]|(?i:k)` matches K as `(?i:k)|[a-k]` does.
# Happens:  RE2 of 2022 joins a class and the letter behind it into one class. In Latin-1 that goes wrong for k, of whose three
#           cases one (U+212A) is no character there: `[a-k]|(?i:k)` matches k and no longer K. In UTF-8 it does, the other order
#           does, and so does any other letter. RE2 of 2023 has it right.
# Versions: google-re2 1.0 (RE2 of 2022; Debian 12's libre2 20220601 does the same) and 1.1.
# Matters:  Latin-1 is what bytes are matched by that are no UTF-8: logs, dumps, protocols. A rule that was put together from
#           parts passes a key there that it finds in text, and no test in UTF-8 shows it. aigate's own automaton takes K.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
for version in 1.0 1.1; do
  python3 -m venv "$place/$version"
  "$place/$version/bin/pip" --quiet --disable-pip-version-check install "google-re2==$version"
  "$place/$version/bin/python" - <<'P'
import importlib.metadata

import re2

latin = re2.Options()
latin.encoding = re2.Options.Encoding.LATIN1
print("google-re2", importlib.metadata.version("google-re2"))
for regex in ("[a-k]|(?i:k)", "(?i:k)|[a-k]"):
    both = re2.fullmatch(regex.encode(), b"K", latin), re2.fullmatch(regex, "K")
    print(regex, "Latin-1:", bool(both[0]), "UTF-8:", bool(both[1]))
P
done | tee "$place/seen"
diff "$place/seen" - <<'S'
google-re2 1.0
[a-k]|(?i:k) Latin-1: False UTF-8: True
(?i:k)|[a-k] Latin-1: True UTF-8: True
google-re2 1.1
[a-k]|(?i:k) Latin-1: True UTF-8: True
(?i:k)|[a-k] Latin-1: True UTF-8: True
S
