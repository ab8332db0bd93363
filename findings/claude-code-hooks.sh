#!/usr/bin/env bash
# Belief: a PostToolUse hook of Claude Code that answers with `updatedToolOutput` decides what the model reads of a tool's
# result, so a hook that takes secrets out needs one place and may answer with a text.
#
# What really happens (@anthropic-ai/claude-code 2.1.197, Debian 12, November 2026), with a stand-in for the API:
# - a text in answer to the Bash tool is dropped without a word to the user, and the model reads the original; the same
#   content in the tool's own shape ({"stdout": ..., "stderr": ..., ...}) replaces it;
# - a command that exits with another status than 0 is no PostToolUse but a PostToolUseFailure, in which nothing is
#   replaced, whatever the hook answers: the model reads the original;
# - PostToolBatch, which comes for both, is the last place: `continue: false` there ends the turn before the request,
#   though the transcript keeps the original;
# - CLAUDE_CODE_SHELL_PREFIX reaches commands that fail, too; but it is put before the hooks' own commands as well.
#
# Why it matters: whoever tries a redacting hook with `echo` sees it work, and ships one that shows whatever a failing
# test prints. One needs the shape, the prefix and the batch, all three.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-audit --no-fund --prefix tools @anthropic-ai/claude-code@2.1.197 >/dev/null
mkdir project
cat >hook.py <<'PY'
import json, sys
kind = sys.argv[1]
event = json.load(sys.stdin)
name = event["hook_event_name"]
if kind == "batch" and name == "PostToolBatch":
    print(json.dumps({"continue": False, "stopReason": "stopped"}))
elif kind in ("text", "shape") and name != "PostToolBatch":
    shape = {**event["tool_response"], "stdout": "replaced"} if kind == "shape" and "tool_response" in event else "replaced"
    print(json.dumps({"hookSpecificOutput": {"hookEventName": name, "updatedToolOutput": shape}}))
PY
cat >prefix.sh <<'SH'
#!/bin/bash
case $1 in *hook.py*) echo hook >>"$PLACE/prefixed" ;; esac
/bin/bash -c "$1" 2>&1 | sed s/quartz-lamp/replaced/g
exit "${PIPESTATUS[0]}"
SH
chmod +x prefix.sh
cat >try.py <<'PY'
import http.server, json, os, subprocess, sys, threading
command, kind, prefix = sys.argv[1:]
place, requests = os.getcwd(), []
def stream(block, reason):
    start = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "stop_reason": None,
             "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1}}
    text = block["type"] == "text"
    empty = {"type": "text", "text": ""} if text else {**block, "input": {}}
    delta = ({"type": "text_delta", "text": block["text"]} if text
             else {"type": "input_json_delta", "partial_json": json.dumps(block["input"])})
    yield "message_start", {"message": start}
    yield "content_block_start", {"index": 0, "content_block": empty}
    yield "content_block_delta", {"index": 0, "delta": delta}
    yield "content_block_stop", {"index": 0}
    yield "message_delta", {"delta": {"stop_reason": reason, "stop_sequence": None}, "usage": {"output_tokens": 1}}
    yield "message_stop", {}
class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()
        if not asked.get("stream"):
            self.wfile.write(b"{}")
            return
        requests.append(json.dumps(asked))
        tools = any(tool.get("name") == "Bash" for tool in asked.get("tools", []))
        call = {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": command, "description": "x"}}
        first = tools and "tool_result" not in requests[-1]
        for name, fields in stream(call if first else {"type": "text", "text": "done"}, "tool_use" if first else "end_turn"):
            self.wfile.write(f"event: {name}\ndata: {json.dumps({'type': name, **fields})}\n\n".encode())
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
home = os.path.join(place, "home-" + kind + prefix + str(len(command)))
os.makedirs(home + "/.claude")
entry = [{"matcher": "*", "hooks": [{"type": "command", "command": f"python3 {place}/hook.py {kind}"}]}]
with open(home + "/.claude/settings.json", "w") as file:
    json.dump({"hooks": {name: entry for name in ("PostToolUse", "PostToolUseFailure", "PostToolBatch")}}, file)
key = "made-up-key-for-a-stand-in"
with open(home + "/.claude.json", "w") as file:
    json.dump({"hasCompletedOnboarding": True, "customApiKeyResponses": {"approved": [key[-20:]], "rejected": []}}, file)
environment = {"HOME": home, "PATH": os.environ["PATH"], "ANTHROPIC_API_KEY": key, "PLACE": place,
               "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{server.server_address[1]}",
               "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1", "DISABLE_AUTOUPDATER": "1"}
if prefix == "prefix":
    environment["CLAUDE_CODE_SHELL_PREFIX"] = place + "/prefix.sh"
subprocess.run([place + "/tools/node_modules/.bin/claude", "-p", "go", "--allowedTools", "Bash"], cwd="project",
               env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=120)
results = [one for one in requests if "tool_result" in one]
print("no request" if not results else "original" if "quartz-lamp" in results[-1] else "replaced")
PY
tools/node_modules/.bin/claude --version
fine='printf "quartz-%s" lamp'
fails='printf "quartz-%s" lamp; exit 3'
wrong=0
see() { # see WHAT EXPECTED COMMAND KIND PREFIX
    got=$(python3 try.py "$3" "$4" "$5")
    echo "$1: the model reads: $got"
    [ "$got" = "$2" ] || wrong=1
}
see "a text in answer to a command that succeeds" original "$fine" text none
see "the tool's shape in answer to one that succeeds" replaced "$fine" shape none
see "any answer to a command that fails" original "$fails" text none
see "continue: false in PostToolBatch, a command that fails" "no request" "$fails" batch none
see "a prefix for the shell, a command that fails" replaced "$fails" none prefix
echo "hook commands that were started by the prefix: $(wc -l <prefixed)"
[ -s prefixed ] || wrong=1
exit "$wrong"
