#!/usr/bin/env bash
# Belief:   pyre2 and google-re2 wrap the same library, and RE2 promises what Perl would match: an expression finds the same text
#           by either, and `*` finds no more than `+` and nothing do.
# Happens:  Where what is repeated can be nothing and prefers that, they part: of `baa`, `b(?:|a)*` matches `baa` by pyre2's RE2
#           and `b` by google-re2's, by Python's re and by the one that Debian 12 has. `b(?:|a)+` matches `b` by all of them, so
#           with pyre2 the star matches more than the plus.
# Versions: pyre2 0.3.14 (with a libre2.so.0 of its own), google-re2 1.1.20251105, Python 3.11's re.
# Matters:  Two parts of a system with "RE2" disagree over what is a secret, a route or a blocked address: what was tested by
#           one wheel is shown by the other. Whoever has a matcher of his own beside RE2's has to leave such loops to the one he
#           links, whichever that is; aigate does.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
for package in pyre2==0.3.14 google-re2==1.1.20251105; do
  python3 -m venv "$place/$package"
  "$place/$package/bin/pip" --quiet --disable-pip-version-check install "$package"
  "$place/$package/bin/python" - "${package%%=*}" <<'P'
import importlib.metadata
import re
import sys

import re2

print(sys.argv[1], importlib.metadata.version(sys.argv[1]))
for regex in ("b(?:|a)*", "b(?:|a)+", "b(?:a|)*"):
    print(regex, re2.search(regex, "baa").group(), "re:", re.search(regex, "baa").group())
P
done | tee "$place/seen"
diff "$place/seen" - <<'S'
pyre2 0.3.14
b(?:|a)* baa re: b
b(?:|a)+ b re: b
b(?:a|)* baa re: baa
google-re2 1.1.20251105
b(?:|a)* b re: b
b(?:|a)+ b re: b
b(?:a|)* baa re: baa
S
