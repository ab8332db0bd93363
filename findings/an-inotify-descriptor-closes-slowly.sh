#!/usr/bin/env bash
# Belief: close(2) of an inotify descriptor costs microseconds, like that of a pipe or an epoll; if it costs more, then by the
#   number of its watches, and taking those away first makes it cheap.
# What happens (Linux 6.18.44, HZ 250): a descriptor that has had one watch takes some 8 ms to close, asleep in the kernel, which
#   waits until nobody can look at the marks any more; a hundred watches take no longer, and inotify_rm_watch(2) before spares
#   nothing. One without any watch closes at once. A process that ends pays it for each of its descriptors, one after the other,
#   before its parent's wait(2) returns.
# Why it matters: whoever waits for a watcher's end waits for tens of milliseconds of no processor time; so does every test that
#   makes a watch. Watch with one descriptor, and let nobody wait for the end.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
uname -r
cat >"$place/close.py" <<'P'
import ctypes, os, statistics, sys, time

libc = ctypes.CDLL(None, use_errno=True)
IN_CREATE = 0x100

def opened(watches):
    descriptor = libc.inotify_init1(0)
    numbers = [libc.inotify_add_watch(descriptor, os.fsencode(f"{sys.argv[1]}/{n}"), IN_CREATE) for n in range(watches)]
    return descriptor, numbers

def milliseconds(call):
    begin = time.perf_counter()
    call()
    return (time.perf_counter() - begin) * 1000

def close_of(watches, removed=False):
    descriptor, numbers = opened(watches)
    for number in numbers if removed else ():
        libc.inotify_rm_watch(descriptor, number)
    return milliseconds(lambda: os.close(descriptor))

def end_of(descriptors):
    child = os.fork()
    if child == 0:
        for _ in range(descriptors):
            opened(1)
        os.kill(os.getpid(), 9)
    return milliseconds(lambda: os.waitpid(child, 0))

for number in range(100):
    os.mkdir(f"{sys.argv[1]}/{number}")
median = lambda call: statistics.median(call() for _ in range(15))
none, one, many, bare = (median(lambda: close_of(*how)) for how in ((0,), (1,), (100,), (1, True)))
ends = [median(lambda: end_of(count)) for count in (0, 3)]
print(f"close: {none:.3f} ms without a watch, {one:.1f} with one, {many:.1f} with 100, {bare:.1f} with one taken away")
print(f"a process's end: {ends[0]:.1f} ms without, {ends[1]:.1f} with three descriptors")
sys.exit(not (none * 20 < min(one, many, bare) and many < one * 5 and ends[1] > ends[0] + one))
P
python3 "$place/close.py" "$place"
