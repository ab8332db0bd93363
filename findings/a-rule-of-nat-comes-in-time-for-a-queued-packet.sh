#!/usr/bin/env bash
# Belief: where a packet goes is settled when its connection is first seen, so a DNAT rule that is loaded while NFQUEUE holds the
#   packet in mangle/OUTPUT comes too late for it: it would count for the next connection.
# What happens: the table nat is walked when the packet gets there, after the verdict. A rule loaded meanwhile decides on the very
#   packet that was held, the answer comes from the address that was asked, and the connection keeps that mapping when the rule goes.
# Tried with: Linux 6.18.44, iptables 1.8.9 (legacy and nft), Python 3.11, no package.
# Why it matters: a name can be resolved, and a user be asked, after a program has sent its first packet, in place of while its resolver
#   waits, which gives up after ten seconds.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cat >"$place/try.py" <<'PYTHON'
import os, socket, struct, subprocess, sys

TABLES = f"/usr/sbin/iptables-{sys.argv[1]}-restore"

def load(text):
    env = {"XTABLES_LOCKFILE": "/dev/null", "PATH": "/usr/sbin:/sbin"}
    subprocess.run([TABLES, "--noflush"], input=text.encode(), check=True, env=env)

def attribute(kind, content):
    return struct.pack("=HH", 4 + len(content), kind) + content + bytes(-len(content) % 4)

def message(kind, body):  # nfnetlink_queue.h
    body = struct.pack("!BBH", 0, 0, 0) + body
    return struct.pack("=IHHII", 16 + len(body), 3 << 8 | kind, 1, 0, 0) + body

subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
subprocess.run(["ip", "route", "add", "local", "198.18.0.0/15", "dev", "lo"], check=True)
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 7))
server.settimeout(5)
load("*mangle\n-A OUTPUT -d 198.18.1.1 -m conntrack --ctstate NEW -j NFQUEUE --queue-num 0\nCOMMIT\n*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n")
queue = socket.socket(16, socket.SOCK_RAW, 12)
queue.bind((0, 0))
queue.send(message(2, attribute(1, struct.pack("!BBH", 1, 0, 0))) + message(2, attribute(2, struct.pack("!IB", 0, 1))))
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(5)
client.connect(("198.18.1.1", 7))
client.send(b"first")
number = struct.unpack_from("!I", queue.recv(65536), 16 + 4 + 4)[0]  # the packet is held: its own number
rule = "OUTPUT -d 198.18.1.1 -j DNAT --to-destination 127.0.0.1"
load(f"*nat\n-A {rule}\nCOMMIT\n")
queue.send(message(1, attribute(2, struct.pack("!II", 1, number))))
data, sender = server.recvfrom(100)
server.sendto(b"answer", sender)
print("held packet after the rule:", data.decode(), "->", client.recv(100).decode(), "from", client.getpeername()[0])
load(f"*nat\n-D {rule}\nCOMMIT\n")
client.send(b"second")
print("after the rule has gone:", server.recvfrom(100)[0].decode())
PYTHON
echo "Linux $(uname -r), $(/usr/sbin/iptables --version)"
for kind in legacy nft; do
    said=$(unshare --user --map-root-user --net python3 "$place/try.py" "$kind")
    echo "$kind: $said"
    [ "$said" = $'held packet after the rule: first -> answer from 198.18.1.1\nafter the rule has gone: second' ]
done
