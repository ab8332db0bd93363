#!/usr/bin/env bash
# Belief: a runtime either follows HTTPS_PROXY or does not; Bun does, so a program on Bun works where a proxy is the only way out.
# What happens (bun 1.4.5): fetch() follows it, and names a refusal well (ERR_PROXY_TUNNEL with the proxy's status line). A
#   WebSocket and node:https look the name up and connect directly; node:https follows with NODE_USE_ENV_PROXY=1, a
#   variable of Node.js, and WebSocket never does. fetch() asks the proxy for 127.0.0.1 too, unless NO_PROXY names it.
# Why it matters: behind a proxy without a way around, an agent on Bun answers, and its live parts (sockets, telemetry, node
#   libraries) fail as if names could not be resolved; where there is a way around, they leave past the proxy.
set -euo pipefail
place=$(mktemp -d)
proxy=
trap '[ -z "$proxy" ] || kill "$proxy"; rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-fund --no-audit --prefix . bun@1.4.5 >/dev/null
bun=$place/node_modules/.bin/bun
cat >proxy.py <<'P'
import socket
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    client, _ = listener.accept()
    head = client.recv(65536).decode("latin-1")
    print(head.partition("\r\n")[0], flush=True)
    client.sendall(b"HTTP/1.1 403 Not here\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    client.close()
P
cat >ask.mjs <<'M'
import https from "node:https";
const tell = async (name, call) => {
    try { console.log(`${name}: ${await call()}`); } catch (error) { console.log(`${name}: ${error.code} ${error.message}`); }
};
await tell("fetch", async () => (await fetch("https://example.invalid/")).status);
await tell("fetch 127.0.0.1", async () => (await fetch("http://127.0.0.1:4999/")).status);
await tell("node:https", () => new Promise((done, failed) => {
    https.get("https://example.invalid/", (answer) => done(answer.statusCode)).on("error", failed);
}));
await tell("WebSocket", () => new Promise((done) => {
    const socket = new WebSocket("ws://example.invalid/");
    socket.onopen = () => done("open");
    socket.onerror = () => done("failed");
}));
process.exit(0);
M
python3 proxy.py >seen &
proxy=$!
until [ -s seen ]; do sleep 0.1; done
address=http://127.0.0.1:$(head -n 1 seen)
ask() { timeout 60 env -u NO_PROXY -u no_proxy HTTP_PROXY="$address" HTTPS_PROXY="$address" http_proxy="$address" \
    https_proxy="$address" "$@" "$bun" ask.mjs; }
said=$(echo "bun $("$bun" --version)"
    ask
    echo "with NODE_USE_ENV_PROXY:"
    ask NODE_USE_ENV_PROXY=1
    echo "the proxy saw:"; tail -n +2 seen)
said=${said//"$address"/PROXY}
echo "$said"
diff - <(echo "$said") <<'T'
bun 1.4.5
fetch: ERR_PROXY_TUNNEL Proxy refused to open a tunnel: 403 Not here
fetch 127.0.0.1: 403
node:https: ENOTFOUND getaddrinfo ENOTFOUND example.invalid
WebSocket: failed
with NODE_USE_ENV_PROXY:
fetch: ERR_PROXY_TUNNEL Proxy refused to open a tunnel: 403 Not here
fetch 127.0.0.1: 403
node:https: ERR_PROXY_TUNNEL Failed to establish tunnel to example.invalid:443 via PROXY: HTTP/1.1 403 Not here
WebSocket: failed
the proxy saw:
CONNECT example.invalid:443 HTTP/1.1
GET http://127.0.0.1:4999/ HTTP/1.1
CONNECT example.invalid:443 HTTP/1.1
GET http://127.0.0.1:4999/ HTTP/1.1
CONNECT example.invalid:443 HTTP/1.1
T
