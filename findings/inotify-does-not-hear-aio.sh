#!/bin/bash
# Belief: whoever watches a file with inotify(7) for IN_MODIFY is told of each write(2)-like call that changes it; only
# memory maps are known to be silent.
# What happens: a write that is submitted by io_submit(2) (libaio, which databases use) raises no IN_MODIFY at all. The
# file's size and content have changed, and only the close of its descriptor (IN_CLOSE_WRITE) is told. The same bytes by
# pwrite(2), copy_file_range(2), fallocate(2) and ftruncate(2) are told at once.
# Versions: Linux 6.x as shown below, x86_64, Python 3.11 as a caller of the system calls.
# Why it matters: a watcher that decides on IN_MODIFY (a reloader, a log follower, a guard over names) misses a writer that
# keeps its descriptor open. It has to look at the size itself now and then.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
uname -srm
cd "$folder"
python3 - <<'END'
import ctypes, os, platform, struct, sys

assert platform.machine() == "x86_64", "the numbers of system calls below are x86_64's"
libc = ctypes.CDLL(None, use_errno=True)
IN_MODIFY, IN_CLOSE_WRITE = 0x2, 0x8


def told(change):
    """Return the masks that a change of a watched file brings."""
    with open("file", "wb"):
        pass
    file = os.open("file", os.O_RDWR)
    watch = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(watch, b"file", IN_MODIFY | IN_CLOSE_WRITE)
    change(file)
    before = masks(watch)
    size = os.fstat(file).st_size
    os.close(file)
    after = masks(watch)
    os.close(watch)
    return size, before, after


def masks(watch):
    try:
        data = os.read(watch, 4096)
    except BlockingIOError:
        return []
    return [struct.unpack_from("iIII", data, place)[1] for place in range(0, len(data), 16)]


def by_aio(file):
    context = ctypes.c_ulong()
    assert libc.syscall(206, 1, ctypes.byref(context)) == 0
    text = ctypes.create_string_buffer(b"text")
    fields = struct.pack("<QIiHhIQQq", 0, 0, 0, 1, 0, file, ctypes.addressof(text), 4, 0)
    block = ctypes.create_string_buffer(fields + bytes(16))
    one = ctypes.c_void_p(ctypes.addressof(block))
    assert libc.syscall(209, context, ctypes.c_long(1), ctypes.byref(one)) == 1
    events = ctypes.create_string_buffer(32)
    assert libc.syscall(208, context, ctypes.c_long(1), ctypes.c_long(1), events, None) == 1


found = {
    "pwrite": told(lambda file: os.pwrite(file, b"text", 0)),
    "ftruncate": told(lambda file: os.ftruncate(file, 4)),
    "fallocate": told(lambda file: os.posix_fallocate(file, 0, 4)),
    "io_submit": told(by_aio),
}
for name, (size, before, after) in found.items():
    print(f"{name:10} size {size}, told before the close: {before}, after it: {after}")
assert all(IN_MODIFY in before for name, (_, before, _) in found.items() if name != "io_submit")
sys.exit(0 if found["io_submit"][:2] == (4, []) else 1)
END
