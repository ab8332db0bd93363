#!/usr/bin/env bash
# Belief: Node.js that is told to follow the proxy's variables (NODE_USE_ENV_PROXY=1) does what other clients do: a refused
#   tunnel is an error that tells the proxy's status; ws:// asks for a tunnel as RFC 6455, section 4.1, demands; and
#   loopback is left out by itself, as in Go and in browsers.
# What happens (node 26.10.0): fetch() to https:// fails with a cause of code 0 that says "Request was cancelled."; the
#   status stands one cause deeper, in an error of code UND_ERR_ABORTED, so programs that tell a user's own abort from a
#   failure by its code take it for one. http and https name it at once (ERR_PROXY_TUNNEL, with the proxy's status line).
#   WebSocket to ws:// sends a GET with an absolute URI and "connection: upgrade", no CONNECT: a proxy that drops fields of
#   one hop, as RFC 9110, section 7.6.1, demands, breaks it. A request to 127.0.0.1 goes to the proxy.
# Why it matters: a filtering proxy's reason is not seen where fetch is used; it must let such a request switch; and without
#   NO_PROXY an agent's own development server is asked of the proxy.
set -euo pipefail
place=$(mktemp -d)
trap 'kill "$proxy" 2>/dev/null || true; rm -rf "$place"' EXIT
proxy=0
cd "$place"
npm install --silent --no-fund --no-audit --prefix . node@26.10.0 >/dev/null
node=$place/node_modules/.bin/node
"$node" --version
cat >proxy.py <<'P'
import socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    head = b""
    while b"\r\n\r\n" not in head:
        head += client.recv(4096)
    lines = head.decode("latin-1").split("\r\n")
    print(lines[0], *(line for line in lines if line.lower().startswith("connection:")), flush=True)
    client.sendall(b"HTTP/1.1 403 Not here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    client.close()
P
python3 proxy.py >seen &
proxy=$!
until [ -s seen ]; do sleep 0.1; done
address=http://127.0.0.1:$(head -n 1 seen)
ask() { env -u NO_PROXY -u no_proxy HTTP_PROXY="$address" HTTPS_PROXY="$address" http_proxy="$address" https_proxy="$address" \
    NODE_USE_ENV_PROXY=1 "$node" -e "$1"; }
ask 'fetch("https://example.invalid/").catch(e => console.log("fetch:", e.message, "|", e.cause.code, e.cause.message, "|",
    e.cause.cause.code, e.cause.cause.message))' | tee said
ask 'require("https").get("https://example.invalid/").on("error", e => console.log("https:", e.code, e.message))' | tee -a said
ask 'new WebSocket("ws://example.invalid/socket").onerror = () => {}'
ask 'fetch("http://127.0.0.1:4999/").then(r => console.log("127.0.0.1:", r.status))' | tee -a said
echo "the proxy saw:"
tail -n +2 seen
grep -q '^fetch: fetch failed | 0 Request was cancelled. | UND_ERR_ABORTED .*(403)' said
grep -q '^https: ERR_PROXY_TUNNEL .*403 Not here' said
grep -q '^127.0.0.1: 403$' said
grep -q '^GET http://example.invalid/socket HTTP/1.1 connection: upgrade$' seen
grep -q '^GET http://127.0.0.1:4999/ ' seen
