#!/usr/bin/env bash
# Belief:   An ordinary process cannot have itself scheduled sooner: a lower nice value and real-time classes need a right, and
#           sched_runtime of sched_setattr(2) is for SCHED_DEADLINE alone.
# Happens:  For SCHED_OTHER, too, it is taken from anybody, as the length of EEVDF's slice (0.1 to 100 ms): a shorter one has an
#           earlier deadline, so who wakes comes sooner, with the same share and the same nice value. It is inherited by
#           fork and kept over exec, so a benchmark that takes one gives it to all that it starts, and compares nothing.
# Versions: Linux 6.18 (since 6.12; before, the value is taken and reads back as 0), Python 3.11.
# Matters:  A watcher of an ordinary user gets its turn after a fraction of the time beside busy processors; and whoever
#           measures must give the slice back, or set SCHED_FLAG_RESET_ON_FORK.
set -euo pipefail
PATH=/usr/bin:/bin  # a Python that everybody may start
uname -r
user=$([ "$(id -u)" = 0 ] && echo "setpriv --reuid=65534 --regid=65534 --clear-groups" || true)
# shellcheck disable=SC2086
$user python3 -I - <<'PYTHON'
import ctypes, os, struct, subprocess, sys

SET, GET = {"x86_64": (314, 315), "aarch64": (274, 275)}[os.uname().machine]
FORMAT = "=IIQiIQQQ"  # size, policy, flags, nice, priority, runtime, deadline, period
libc = ctypes.CDLL(None, use_errno=True)

def attributes():
    data = ctypes.create_string_buffer(48)
    assert libc.syscall(GET, 0, data, 48, 0) == 0
    return list(struct.unpack(FORMAT, data.raw))

wanted = attributes()
print("uid", os.getuid(), "policy", wanted[1], "nice", wanted[3], "slice before", wanted[5])
wanted[5] = 100_000
assert libc.syscall(SET, 0, struct.pack(FORMAT, *wanted), 0) == 0, os.strerror(ctypes.get_errno())
own = attributes()
print("slice now", own[5], "nice", own[3])
program = f"""
import ctypes, struct
data = ctypes.create_string_buffer(48)
ctypes.CDLL(None).syscall({GET}, 0, data, 48, 0)
print(struct.unpack({FORMAT!r}, data.raw)[5])
"""
child = int(subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=True).stdout)
print("slice of a child after exec", child)
sys.exit(0 if own[1] == 0 and own[5] == child == 100_000 else 1)
PYTHON
