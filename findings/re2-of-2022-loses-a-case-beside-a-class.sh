#!/usr/bin/env bash
# Belief:   In RE2 a part that does not mind case matches both cases of a letter of ASCII, whatever stands beside it and in either
#           of its encodings: `[ab]|(?i:b)` matches B as `(?i:b)|[ab]` does.
# Happens:  RE2 of 2022 joins a class and the letter behind it into one class, and where that has the letter already it does not
#           add its other case: `[ab]|(?i:b)` matches b and not B. `[ax]|(?i:b)` and the other order do. For k, of whose three
#           cases one is U+212A, `[a-k]|(?i:k)` loses K in Latin-1 alone. RE2 of 2023 has all of it right.
# Versions: google-re2 1.0 (RE2 of 2022; Debian 12's libre2 20220601 does the same) and 1.1.
# Matters:  A rule that was put together from parts passes a key that it was written for, and whoever tries it with another RE2
#           sees nothing of that. For k it shows itself only in bytes that are no UTF-8.
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
for regex, text in (("[ab]|(?i:b)", "B"), ("[ax]|(?i:b)", "B"), ("(?i:b)|[ab]", "B"), ("[a-k]|(?i:k)", "K")):
    both = re2.fullmatch(regex.encode(), text.encode(), latin), re2.fullmatch(regex, text)
    print(regex, text, "Latin-1:", bool(both[0]), "UTF-8:", bool(both[1]))
P
done | tee "$place/seen"
diff "$place/seen" - <<'S'
google-re2 1.0
[ab]|(?i:b) B Latin-1: False UTF-8: False
[ax]|(?i:b) B Latin-1: True UTF-8: True
(?i:b)|[ab] B Latin-1: True UTF-8: True
[a-k]|(?i:k) K Latin-1: False UTF-8: True
google-re2 1.1
[ab]|(?i:b) B Latin-1: True UTF-8: True
[ax]|(?i:b) B Latin-1: True UTF-8: True
(?i:b)|[ab] B Latin-1: True UTF-8: True
[a-k]|(?i:k) K Latin-1: True UTF-8: True
S
