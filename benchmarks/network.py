"""What the filtered network costs: a 200 MB download against bare slirp4netns, and a hundred starts in a row.

`python benchmarks/network.py [--rounds N] [--starts N] [--write FILE]`, as root: it builds the test suite's network in
namespaces of its own. A download begins half a second after its command, when the warden has imported what it needs;
its bytes are counted, and every start must reach an allowed host and miss a denied one.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import machine

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests/support"))

from netlab import ALLOWED, Lab

SIZE = 200_000_000
LEAST_RATIO = 0.9
SLIRP = ["slirp4netns", "--configure", "--mtu=65520", "--disable-host-loopback"]
READ = """
import socket, sys, time
time.sleep(0.5)
c = socket.create_connection((sys.argv[1], 80))
c.sendall(b'GET /bytes?n=%d HTTP/1.0\\r\\n\\r\\n' % int(sys.argv[2]))
buffer, got, start = bytearray(1 << 20), 0, time.monotonic()
while count := c.recv_into(buffer):
    got += count
print(got, time.monotonic() - start)
"""
REACH = """
import socket
socket.create_connection(('allowed.test', 7), timeout=5).close()
try:
    socket.create_connection(('203.0.113.20', 7), timeout=5)
except ConnectionRefusedError:
    print('filtered')
"""


def speed(done: subprocess.CompletedProcess[bytes]) -> float:
    """Return megabytes a second of a download, having counted its bytes."""
    assert done.returncode == 0, done.stderr
    got, seconds = done.stdout.split()
    assert SIZE < int(got) < SIZE + 1000, got
    return SIZE / 1e6 / float(seconds)


def bare_slirp(lab: Lab, read: list[str]) -> float:
    """Download through slirp4netns and nothing else."""
    held = [*lab.prefix(lab.host), "unshare", "--user", "--map-root-user", "--net", "sh", "-c", "echo; exec sleep 600"]
    with subprocess.Popen(held, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        reader, writer = os.pipe()
        command = [*lab.prefix(lab.host), *SLIRP, f"--ready-fd={writer}", str(holder.pid), "tap0"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, pass_fds=[writer], **quiet) as slirp:
            os.close(writer)
            assert os.read(reader, 1) == b"1"
            os.close(reader)
            enter = ["nsenter", f"--target={holder.pid}", "--user", "--net", "--preserve-credentials"]
            result = speed(subprocess.run([*enter, *read], check=False, capture_output=True))
            slirp.kill()
        holder.kill()
    return result


def aigate(lab: Lab, mode: str, read: list[str]) -> float:
    """Download inside of aigate's sandbox."""
    return speed(subprocess.run(lab.command([ALLOWED], read, user="root", mode=mode), check=False, capture_output=True))


def downloads(lab: Lab, rounds: int) -> list[str]:
    """Return the table of downloads; the rivals take turns."""
    read = ["/usr/bin/python3", "-c", READ, ALLOWED, str(SIZE)]
    found: dict[str, list[float]] = {"bare slirp4netns": [], "aigate, slirp": [], "aigate, gateway": []}
    for _ in range(rounds):
        found["bare slirp4netns"].append(bare_slirp(lab, read))
        found["aigate, slirp"].append(aigate(lab, "slirp", read))
        found["aigate, gateway"].append(aigate(lab, "gateway", read))
    medians = {name: statistics.median(values) for name, values in found.items()}
    first = medians["bare slirp4netns"]
    for name in list(medians)[1:]:
        assert medians[name] >= LEAST_RATIO * first, medians
    return [f"| {name} | {median:.0f} | {median / first:.2f} |" for name, median in medians.items()]


def starts(lab: Lab, count: int) -> list[str]:
    """Start sandboxes in a row, half of them as root, half as an ordinary user; each must filter."""
    rows = []
    for mode in ("slirp", "gateway"):
        times = []
        for number in range(count):
            user = ("root", "user")[number % 2]
            command = lab.command(["allowed.test"], ["/usr/bin/python3", "-c", REACH], user=user, mode=mode)
            start = time.monotonic()
            done = subprocess.run(command, check=False, capture_output=True)
            times.append(time.monotonic() - start)
            assert (done.returncode, done.stdout) == (0, b"filtered\n"), (number, done)
        rows.append(f"| {mode} | {count} | 0 | {statistics.median(times) * 1000:.0f} | {max(times) * 1000:.0f} |")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--starts", type=int, default=100)
    parser.add_argument("--write", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aigate-lab-", dir="/opt") as directory:
        lab = Lab(pathlib.Path(directory))
        try:
            lines = [machine.describe(), "", f"A download of {SIZE // 10**6} MB:", ""]
            lines += ["| way | MB/s, median | ratio |", "|---|---|---|", *downloads(lab, options.rounds), ""]
            lines += ["Starts that reach an allowed host and miss a denied one, in a row:", ""]
            lines += ["| way | starts | failures | ms, median | ms, longest |", "|---|---|---|---|---|"]
            lines += starts(lab, options.starts)
        finally:
            lab.close()
    text = "\n".join([*lines, ""])
    print(text)
    if options.write:
        options.write.write_text(text)


if __name__ == "__main__":
    main()
