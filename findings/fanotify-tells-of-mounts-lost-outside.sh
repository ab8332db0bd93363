#!/usr/bin/env bash
# Belief: the marks for mounts that fanotify has since Linux 6.14 (FAN_REPORT_MNT, FAN_MARK_MNTNS) need root and tell what
#   mount(2) and umount(2) do; a mount that goes because somebody in another namespace renamed a file over its mount point,
#   or removed that directory, is told by nobody, so a watcher has to read mountinfo or watch the directory. A mount that is
#   moved is told as gone and come.
# What happens (Linux 6.18.44): an ordinary user in a user namespace of his own marks its mount namespace without any right
#   outside, and each mount that is lost so arrives as FAN_MNT_DETACH, with the mount's unique number. A moved mount is one
#   event with both bits, so comparing the mask with one of them misses it. A change of flags (read-only) tells nothing. The
#   pid of events is 0 there, whoever did it.
# Why it matters: a cover that the host's editor has undone can be noticed at once, without a watch on any directory.
set -euo pipefail
place=$(mktemp -d /tmp/mounts-XXXXXX)
trap 'rm -rf "$place"' EXIT
uname -r
cat >"$place/marks.py" <<'P'
import ctypes, os, select, struct, subprocess, sys
REPORT_MNT, NONBLOCK, ADD, MNTNS, ATTACH, DETACH = 0x4000, 2, 1, 0x110, 0x01000000, 0x02000000  # linux/fanotify.h
libc = ctypes.CDLL(None, use_errno=True)
group = libc.fanotify_init(REPORT_MNT | NONBLOCK, 0)
namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY)
if group < 0 or libc.fanotify_mark(group, ADD | MNTNS, ctypes.c_uint64(ATTACH | DETACH), namespace, None):
    sys.exit(f"no mark: {os.strerror(ctypes.get_errno())}")
numbers = {}
def told(what, script):
    subprocess.run(["sh", "-ec", script], check=True)
    events = []
    while select.select([group], [], [], 0.2)[0]:
        data = os.read(group, 65536)
        while data:
            size, _, _, head, mask, _, pid = struct.unpack_from("=IBBHQii", data)
            number = struct.unpack_from("=Q", data, head + 8)[0]  # fanotify_event_info_mnt
            name = numbers.setdefault(number, f"mount{len(numbers)}")
            events.append("+".join([word for bit, word in ((ATTACH, "attach"), (DETACH, "detach")) if mask & bit]) + f" {name} pid {pid}")
            data = data[size:]
    print(f"{what}: {', '.join(events) or 'nothing'}", flush=True)
os.chdir(sys.argv[1])
elsewhere = "unshare --mount --propagation private sh -ec"
told("mount over a file", "echo text >file; mount --bind /dev/null file")
told("renamed over elsewhere", f"{elsewhere} 'umount $PWD/file; echo new >new; mv new file'; test \"$(cat file)\" = new")
told("mount on a directory", "mkdir one two; mount -t tmpfs none one")
told("made read-only", "mount -o remount,ro,bind one")
told("moved", "mount -n --move one two")
told("removed elsewhere", f"{elsewhere} 'umount $PWD/two; rmdir two'; test ! -e two")
told("mount in a namespace below", f"{elsewhere} 'mount -t tmpfs none one'")
P
mkdir "$place/top"
user=(); [ "$(id -u)" != 0 ] || { chown -R nobody:nogroup "$place"; user=(setpriv --reuid nobody --regid nogroup --clear-groups); }
said=$("${user[@]}" unshare --user --map-root-user --mount --propagation private sh -ec \
    'mount -t tmpfs none "$1/top"; exec python3 "$1/marks.py" "$1/top"' - "$place")
echo "$said"
diff - <(echo "$said") <<'T'
mount over a file: attach mount0 pid 0
renamed over elsewhere: detach mount0 pid 0
mount on a directory: attach mount1 pid 0
made read-only: nothing
moved: attach+detach mount1 pid 0
removed elsewhere: detach mount1 pid 0
mount in a namespace below: nothing
T
