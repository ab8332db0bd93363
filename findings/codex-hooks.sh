#!/usr/bin/env bash
# Belief: a PostToolUse hook in ~/.codex/hooks.json runs once it stands there, and can only comment on what a tool has
# returned, since Codex refuses `updatedMCPToolOutput`.
#
# What really happens (@openai/codex 0.171.0, Debian 12, November 2026), with a stand-in for the Responses API:
# - hooks that nobody has agreed to are passed over: `codex exec` ends with 0 and says nothing of them;
# - `{"decision": "block", "reason": TEXT}` puts TEXT in the place of the result in the next request, for commands that
#   fail, too; the transcript (rollout) and thread_history_1.sqlite keep the original all the same;
# - a hook that dies of a signal, or exits with 1, lets the original pass; one that exits with 2 blocks, and its standard
#   error is the text.
#
# Why it matters: a redacting hook for Codex is possible, and one that was only copied into the file redacts nothing.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --prefix tools @openai/codex@0.171.0 >/dev/null
mkdir -p home/.codex project
echo quartz-lamp >project/notes
cat >hook.sh <<'SH'
#!/bin/sh
cat >/dev/null
case $(cat "$PLACE/kind") in
block) echo '{"decision": "block", "reason": "replaced"}' ;;
two) echo replaced >&2; exit 2 ;;
killed) kill -9 $$ ;;
esac
SH
chmod +x hook.sh
cat >api.py <<'PY'
import http.server, json, os, sys, threading
asked = []
class Api(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_POST(self):
        asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        done = [item for item in asked[-1]["input"] if item["type"].endswith("_output")]
        call = {"type": "function_call", "id": "f", "call_id": "c", "name": "exec_command", "arguments": '{"cmd": "cat notes"}'}
        text = {"type": "message", "id": "m", "role": "assistant", "content": [{"type": "output_text", "text": "done"}]}
        usage = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.end_headers()
        for kind, rest in (("output_item.done", {"output_index": 0, "item": text if done else call}),
                           ("completed", {"response": {"id": "r", "usage": usage}})):
            self.wfile.write(f"event: response.{kind}\ndata: {json.dumps({'type': f'response.{kind}', **rest})}\n\n".encode())
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open("home/.codex/config.toml", "w") as file:
    file.write(f'''model = "gpt-5.1-codex"
model_provider = "s"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.s]
name = "s"
base_url = "http://127.0.0.1:{server.server_address[1]}/v1"
env_key = "OPENAI_API_KEY"
wire_api = "responses"
''')
os.chdir("project")
status = os.spawnvp(os.P_WAIT, "sh", ["sh", "-c", 'exec "$0" exec --skip-git-repo-check "$@" go </dev/null >../out 2>&1',
                                      "../tools/node_modules/.bin/codex", *sys.argv[1:]])
print(status, [item["output"] for item in asked[-1]["input"] if item["type"].endswith("_output")])
PY
printf '{"hooks":{"PostToolUse":[{"matcher":"*","hooks":[{"type":"command","command":"%s/hook.sh"}]}]}}' "$place" >home/.codex/hooks.json
export PLACE=$place HOME=$place/home OPENAI_API_KEY=none
unset CODEX_HOME
status=0
ask() { # ask KIND WANTED OPTION...: what the model read
    echo "$1" >kind
    local read wanted=$2
    read=$(python3 api.py "${@:3}")
    echo "$1 $*: $read"
    case $read in "0 "*"$wanted"*) ;; *) status=1 ;; esac
}
echo "codex $(tools/node_modules/.bin/codex --version)"
ask block quartz-lamp
ask block replaced --dangerously-bypass-hook-trust
grep -rlq quartz-lamp home/.codex/sessions && grep -lq quartz-lamp home/.codex/thread_history_1.sqlite && echo "kept in both" || status=1
ask two replaced --dangerously-bypass-hook-trust
ask killed quartz-lamp --dangerously-bypass-hook-trust
exit $status
