#!/bin/bash
# What becomes of a Python thread for whose first call there is no memory, and of whoever starts it.
#
# Belief: a thread's function that catches MemoryError tells of it; at the worst threading.excepthook is called, and
#   Thread.start() raises RuntimeError ("can't start new thread") or returns.
# What happens (CPython 3.11.2, Debian 12, x86_64): a Python function's first frame in a thread needs a chunk of the
#   thread's own data stack, 16 KiB by mmap(2). Where that fails, no line of the function runs, so none of its `try`
#   catches anything; the error goes to sys.unraisablehook, "Exception ignored in thread started by", and nobody is
#   told. Thread.start() then waits for ever: its own bootstrap, which would set the event it waits for, is such a
#   function. A body that is compiled (a builtin) needs no frame, and runs.
# Why it matters: "the body catches everything and hands it on" holds for compiled bodies alone; everything built on
#   threading.Thread (executors, too) can hang its starter when memory is short.
# Versions: python3 3.11 or newer, strace with -e inject (6.1 here). Exits with 1 if any of it has changed.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=${PYTHON:-/usr/bin/python3}
"$python" --version
strace --version | head -1

cat >"$folder/python_body.py" <<'CODE'
import _thread, time
def body():
    try:
        print("ran", flush=True)
    except MemoryError:
        print("caught", flush=True)
_thread.start_new_thread(body, ())
time.sleep(1)
CODE
cat >"$folder/builtin_body.py" <<'CODE'
import _thread, os, time
_thread.start_new_thread(os.write, (1, b"ran\n"))
time.sleep(1)
CODE
cat >"$folder/threading_start.py" <<'CODE'
import threading
thread = threading.Thread(target=print, args=("ran",), daemon=True)
thread.start()
print("started", flush=True)
CODE

# The second mmap(2) of each task fails: in the main one that is the loader's cache, which it does without; in a thread
# it is what comes after the C library's arena for it.
fails() { timeout 10 strace -f -qq -o /dev/null -e trace=mmap -e inject=mmap:error=ENOMEM:when=2 "$python" -I -S "$1" 2>&1; }

wrong=0
said=$(fails "$folder/python_body.py")
echo "a Python function as the body: $said"
grep -q "Exception ignored in thread started by" <<<"$said" || wrong=1
grep -qE "ran|caught" <<<"$said" && wrong=1

said=$(fails "$folder/builtin_body.py")
echo "a builtin as the body: $said"
[ "$said" = ran ] || wrong=1

said=$(fails "$folder/threading_start.py")
status=$?
echo "threading.Thread.start(): status $status (124: still waiting after 10 seconds): $said"
[ "$status" = 124 ] || wrong=1
grep -qx started <<<"$said" && wrong=1

exit $wrong
