#!/usr/bin/env bash
# Belief:   RE2 refuses an expression with two groups of one name, as Python's re does ("redefinition of group name"), from
#           which it has that syntax: a set of rules that is checked by compiling it holds no such rule.
# Happens:  RE2 in C++ takes it, and counts both groups. Its table of names has the name once, for the first of them: what
#           the second one matched can be had by its number alone. In `(?P<n>a)|(?P<n>b)` a match of b has no group n.
# Versions: google-re2 1.1.20251105 (RE2 of that day), Python 3.11's re.
# Matters:  Whoever hides, rewrites or logs a group by its name shows what the second one holds, and hears of nothing. Rules
#           that an editor or a generator has put together from parts have names twice soon; aigate refuses them.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/pip" --quiet --disable-pip-version-check install google-re2==1.1.20251105
"$place/venv/bin/python" - <<'P' | tee "$place/seen"
import importlib.metadata
import re

import re2

print("google-re2", importlib.metadata.version("google-re2"))
both = r"(?P<n>a+)-(?P<n>b+)"
try:
    re.compile(both)
except re.error as error:
    print("re:", error.msg.split(" as ")[0])
found = re2.compile(both).search("aa-bb")
print("re2:", found.groups(), found.groupdict())
print("re2, the second alternative:", re2.compile(r"(?P<n>a)|(?P<n>b)").search("b").groupdict())
P
diff "$place/seen" - <<'S'
google-re2 1.1.20251105
re: redefinition of group name 'n'
re2: ('aa', 'bb') {'n': 'aa'}
re2, the second alternative: {'n': None}
S
