#!/bin/bash
# Belief: what a proxy answers to a CONNECT that it refuses is between it and the client's HTTP library; npm would report
#   a failed tunnel ("tunneling socket could not be established, statusCode=403"), as curl, git and pip do.
# What happens: npm takes the proxy's answer for the registry's own, over https as well: it shows the status line's reason
#   and, where the body is a JSON object, its member `error`. No word tells that a proxy has spoken, and its own advice
#   speaks of a package "forbidden by your security policy".
# Versions: see the output; tried with npm 11.19.1 on Node.js 20.20.2.
# Why it matters: a proxy that wants its reason read by npm's users has to say it as a registry would, in JSON, even
#   where it answers no request of HTTP but a CONNECT; and its text/plain body is never seen.
set -eu
work=$(mktemp -d)
trap 'kill "${proxy:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
printf 'npm %s, node %s\n' "$(npm --version)" "$(node --version)"
cat > "$work/proxy.py" <<'PYTHON'
import http.server, json, sys


class Proxy(http.server.BaseHTTPRequestHandler):
    def do_CONNECT(self):
        kind = "application/json" if self.path.startswith("json.") else "text/plain"
        body = json.dumps({"error": "words of the body"}) if kind != "text/plain" else "words of the body"
        self.send_response(403, "words of the status line")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), Proxy)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
python3 "$work/proxy.py" > "$work/port" &
proxy=$!
until [ -s "$work/port" ]; do sleep 0.1; done
port=$(cat "$work/port")
status=0
for kind in json text; do
    said=$(HOME=$work npm_config_cache=$work/cache env -u NO_PROXY -u no_proxy npm view x --registry "https://$kind.test/" \
        --https-proxy "http://127.0.0.1:$port" --fetch-retries=0 --update-notifier=false 2>&1 || true)
    printf '%s:\n%s\n' "$kind" "$(printf '%s' "$said" | grep -i 'words\|policy' || true)"
    printf '%s' "$said" | grep -q '403 words of the status line - GET https://' || status=1
    if printf '%s' "$said" | grep -q 'words of the body'; then shown=json; else shown=text; fi
    [ "$shown" = "$kind" ] || status=1
done
exit $status
