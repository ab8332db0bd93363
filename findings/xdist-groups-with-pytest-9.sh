#!/usr/bin/env bash
# Belief:   `pytest -n 2 --dist loadgroup` runs all tests that share a mark `xdist_group` in one worker.
# Happens:  With pytest 9.2 it does not, and says nothing: they are spread over the workers like all others.
#           xdist writes the group into each item's private `_nodeid`; pytest 9.2 takes `nodeid` from another attribute,
#           so the scheduler never sees a group. With pytest 8.4 the same pytest-xdist groups as documented.
# Versions: pytest 9.2.0 and 8.4.2, pytest-xdist 3.8.0, Python 3.11.
# Matters:  Groups are what keeps tests apart that share a port, an account or a database: they begin to fail now and
#           then after an update of pytest, or an expensive fixture is made once for each worker. A scheduler of one's
#           own (the hook pytest_xdist_make_scheduler) does not depend on it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cat >"$place/test_group.py" <<'TEST'
import os, time
import pytest

pytestmark = pytest.mark.xdist_group("one")

@pytest.mark.parametrize("number", range(20))
def test_who(number):
    time.sleep(0.05)
    with open(os.environ["SEEN"], "a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\n")
TEST
workers() { # workers PYTEST: how many workers ran the group
    python3 -m venv "$place/$1"
    "$place/$1/bin/pip" install --quiet "pytest==$1" pytest-xdist==3.8.0 2>/dev/null
    SEEN="$place/seen-$1" "$place/$1/bin/python" -m pytest -q -n 2 --dist loadgroup -p no:cacheprovider "$place/test_group.py" >/dev/null
    count=$(sort -u "$place/seen-$1" | wc -l)
    echo "pytest $1, pytest-xdist 3.8.0: a group of 20 tests ran in $count of 2 workers"
}
workers 8.4.2
[ "$count" = 1 ] || { echo "changed"; exit 1; }
workers 9.2.0
[ "$count" = 2 ] || { echo "changed"; exit 1; }
