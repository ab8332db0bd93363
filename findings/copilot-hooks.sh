#!/usr/bin/env bash
# Belief: GitHub's Copilot CLI treats a hook that breaks alike wherever it stands, and what `postToolUse` answers is ignored:
# its reference says that no output is processed there, and github/copilot-cli#3361 that `modifiedResult` does not reach the model.
#
# What really happens (@github/copilot 1.0.102, Debian 12, November 2026), with a stand-in for a provider of one's own:
# - `modifiedResult` replaces what the model reads, for commands that fail, too, and so does `{"decision": "block"}`, with
#   the reason; the session's events.jsonl keeps the original all the same, twice;
# - a `postToolUse` hook that dies of a signal, or exits with 2, lets the original pass, where a `preToolUse` hook that does
#   the same denies the call;
# - it waits until nobody holds the hook's standard output any more, also when the hook itself has ended.
#
# Why it matters: a redacting hook is possible, and one that breaks redacts nothing, unless another command stands behind it.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --prefix tools @github/copilot@1.0.102 >/dev/null
mkdir -p home/.copilot/hooks project
echo quartz-lamp >project/notes
cat >hook.sh <<'SH'
#!/bin/sh
cat >/dev/null
case $(cat "$PLACE/kind") in
replace) echo '{"modifiedResult": {"textResultForLlm": "replaced", "resultType": "success"}}' ;;
block) echo '{"decision": "block", "reason": "replaced"}' ;;
two) echo replaced >&2; exit 2 ;;
killed) kill -9 $$ ;;
held) sleep 5 & ;;
esac
SH
chmod +x hook.sh
cat >api.py <<'PY'
import http.server, json, os, subprocess, sys, threading
asked = []
class Api(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_POST(self):
        asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        done = any(message["role"] == "tool" for message in asked[-1]["messages"])
        call = {"name": "bash", "arguments": '{"command": "cat notes", "description": "d"}'}
        delta = {"content": "done"} if done else {"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": call}]}
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for part, why in ((delta, None), ({}, "stop" if done else "tool_calls")):
            choice = {"index": 0, "delta": {"role": "assistant", **part}, "finish_reason": why}
            chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
os.environ["COPILOT_PROVIDER_BASE_URL"] = f"http://127.0.0.1:{server.server_address[1]}/v1"
words = ["../tools/node_modules/.bin/copilot", "--allow-all-tools", "-p", "go"]
done = subprocess.run(words, cwd="project", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(done.returncode, [message["content"] for message in asked[-1]["messages"] if message["role"] == "tool"])
PY
export PLACE=$place HOME=$place/home COPILOT_OFFLINE=true COPILOT_PROVIDER_API_KEY=none COPILOT_MODEL=m
unset COPILOT_HOME
status=0
ask() { # ask KIND EVENT WANTED: what the model read
    echo "$1" >kind
    printf '{"version":1,"hooks":{"%s":[{"type":"command","bash":"%s/hook.sh"}]}}' "$2" "$place" >home/.copilot/hooks/a.json
    local read
    read=$(python3 api.py)
    echo "$1 $2: $read"
    case $read in "0 "*"$3"*) ;; *) status=1 ;; esac
}
echo "copilot $(tools/node_modules/.bin/copilot --version | head -n 1)"
ask replace postToolUse replaced
grep -c quartz-lamp home/.copilot/session-state/*/events.jsonl || status=1
ask block postToolUse replaced
ask two postToolUse quartz-lamp
ask killed postToolUse quartz-lamp
ask killed preToolUse Denied
before=$SECONDS
ask held postToolUse quartz-lamp
echo "held for $((SECONDS - before)) s"
[ $((SECONDS - before)) -ge 5 ] || status=1
exit $status
