#!/usr/bin/env bash
# Belief: after plain VT sequences that every terminal has had for decades (insert line, repeat, back from the other screen), the
# cursor of tmux's terminal and of xterm.js stands in the same place, so a program that keeps count needs not ask.
#
# What really happens (tmux 3.3a, @xterm/headless 5.5.0):
# - IL (CSI L) leaves the column in tmux and goes to the first column in xterm.js (and xterm). DL likewise.
# - REP (CSI n b) stops at the row's end in tmux; xterm.js goes on in the next row.
# - REP after anything but a letter, a colour change among it, repeats nothing in both, though xterm(1) remembers the letter.
# - CSI ? 1049 l without an h before moves the cursor home in xterm.js, and does nothing in tmux.
# Why it matters: whoever models a screen between program and terminal, or draws over what is there and goes back by relative
# moves, is one row or many columns off, on one terminal only. Go back by absolute columns (CHA), which agree.
set -euo pipefail
work=$(mktemp -d)
name=finding-$$
trap 'tmux -L "$name" kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
tmux -V
npm install --silent --no-audit --no-fund --prefix "$work" @xterm/headless@5.5.0
node -p '"xterm.js " + require(process.argv[1]).version' "$work/node_modules/@xterm/headless/package.json"

in_tmux() { # in_tmux BYTES
    printf '%b' "$1" >"$work/bytes"
    tmux -L "$name" -f /dev/null new-session -d -x 20 -y 5 "cat $work/bytes; tmux -L $name wait-for -S drawn; sleep 60"
    tmux -L "$name" wait-for drawn
    sleep 0.5
    tmux -L "$name" display-message -p '#{cursor_y} #{cursor_x}'
    tmux -L "$name" kill-server
}
in_xterm() {
    (cd "$work" && node -e '
        const { Terminal } = require("@xterm/headless");
        const terminal = new Terminal({ rows: 5, cols: 20, allowProposedApi: true });
        terminal.write(process.argv[1], () => console.log(terminal.buffer.active.cursorY, terminal.buffer.active.cursorX));
    ' "$(printf '%b' "$1")")
}
status=0
check() { # check WHAT BYTES TMUX XTERM
    local tmux xterm
    tmux=$(in_tmux "$2") xterm=$(in_xterm "$2")
    echo "$1: tmux at $tmux, xterm.js at $xterm (row, column)"
    [ "$tmux" = "$3" ] && [ "$xterm" = "$4" ] || status=1
}
check "insert line behind 'hello'" 'hello\033[L' "0 5" "0 0"
check "'x' repeated 25 times in a row of 20" 'x\033[25b' "0 20" "1 6"
check "'x', a colour, repeated 3 times" 'x\033[31m\033[3b' "0 1" "0 1"
check "back from the other screen, where nobody has been" 'hello\033[?1049l' "0 5" "0 0"
exit $status
