#!/usr/bin/env bash
# Belief: terminals that reflow (xterm.js, tmux) keep what was printed when the window is made narrower: a long line takes more
#   rows, and made wide again it is as before.
# What happens (@xterm/headless 6.0.0; tmux 3.3a beside it): xterm.js reflows every line but the one that the cursor is on. Of
#   that one each row is cut at the new width, for good, and the rows still count as one line: what is selected, copied or
#   searched is a text that no program has written. tmux reflows it as any other.
# Why it matters: in VS Code's terminal an agent's input line, or a token that was printed without a newline, loses its middle
#   with a resize, and the cursor's row is not where a model that reflows has it.
set -euo pipefail
place=$(mktemp -d)
name=finding-$$
trap 'tmux -L "$name" kill-server 2>/dev/null || true; rm -rf "$place"' EXIT
cd "$place"
npm install --silent --no-fund --no-audit --prefix . @xterm/headless@6.0.0 >/dev/null
cat >resize.mjs <<'M'
import headless from "@xterm/headless";
for (const [name, text] of [["below", "abcdefghijklmnopqrstuvwxy\r\n$ "], ["on it", "abcdefghijklmnopqrstuvwxy"]]) {
    const terminal = new headless.Terminal({ cols: 10, rows: 6, allowProposedApi: true });
    await new Promise((done) => terminal.write(text, done));
    for (const columns of [5, 10]) {
        terminal.resize(columns, 6);
        let line = "";
        for (let row = 0; row === 0 || terminal.buffer.active.getLine(row)?.isWrapped; row++)
            line += terminal.buffer.active.getLine(row).translateToString(true);
        console.log(`xterm.js, the cursor ${name}, ${columns} columns: ${line}`);
    }
}
M
said=$(node resize.mjs)
tmux -L "$name" -f /dev/null new-session -d -s s -x 10 -y 7 'printf abcdefghijklmnopqrstuvwxy; exec sleep 60' \; set -g status off
for _ in $(seq 100); do [ "$(tmux -L "$name" capture-pane -pJ -t s | head -n 1)" != abcdefghijklmnopqrstuvwxy ] || break; sleep 0.1; done
for columns in 5 10; do
    tmux -L "$name" resize-window -t s -x "$columns" -y 6
    said+=$'\n'"tmux, the cursor on it, $columns columns: $(tmux -L "$name" capture-pane -pJ -t s -S - | head -n 1)"
done
tmux -V
echo "$said"
diff - <(echo "$said") <<'T'
xterm.js, the cursor below, 5 columns: abcdefghijklmnopqrstuvwxy
xterm.js, the cursor below, 10 columns: abcdefghijklmnopqrstuvwxy
xterm.js, the cursor on it, 5 columns: abcdeklmnouvwxy
xterm.js, the cursor on it, 10 columns: abcdeklmnouvwxy
tmux, the cursor on it, 5 columns: abcdefghijklmnopqrstuvwxy
tmux, the cursor on it, 10 columns: abcdefghijklmnopqrstuvwxy
T
